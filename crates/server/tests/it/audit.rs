//! `todoke audit` as a command, and the look at the trail that `todoke serve` takes by itself.

use std::os::unix::fs::PermissionsExt as _;

use db::{DatabaseUrl, Sql};

use crate::apart::everything;
use crate::denied::take_in_cases;
use crate::support::place::Place;
use crate::support::process::{Ended, Program, todoke};
use crate::support::runtime;
use crate::support::serving::{PASSWORD, Serving};
use crate::support::until_true;

const WARNING: &str = "監査の記録が書き換えられています";
const OPEN_SQLITE: [Sql; 2] = [
    Sql("DROP TRIGGER audit_entries_no_update"),
    Sql("DROP TRIGGER audit_entries_no_delete"),
];
const OPEN_POSTGRES: [Sql; 2] = [
    Sql("DROP TRIGGER audit_entries_no_change ON audit_entries"),
    Sql("GRANT ALL ON audit_entries TO CURRENT_USER"),
];
/// What somebody would do who wants to hide that they signed in.
const HIDE: Sql = Sql("UPDATE audit_entries SET staff_id = 99 WHERE action = 'session.sign_in'");

fn audit(place: &Place, args: &[&str]) -> Ended {
    let (command, rest) = args.split_first().unwrap();
    let program = todoke().arg("audit");
    let flags = place.database_flags();
    let program = flags.iter().fold(program, Program::arg);
    let program = program.arg(command).args(rest);
    program.in_directory(place.database.directory.path()).run()
}

/// Somebody signed in and out of a program that then ended: entries, sealed and signed.
fn with_a_trail() -> Vec<Place> {
    let places = Place::each();
    for place in &places {
        everything(place, "first", "1");
        let serving = Serving::start(place.serve());
        serving.browser().sign_in("first", PASSWORD);
        serving.process.signal("TERM");
        serving.process.wait().exits(0);
    }
    places
}

/// As the owner of the database.
fn hide(place: &Place) {
    let open = match place.database.options.url {
        DatabaseUrl::Sqlite(_) => OPEN_SQLITE,
        DatabaseUrl::Postgres(_) => OPEN_POSTGRES,
    };
    runtime().block_on(async {
        let db = place.database.open().await.unwrap();
        for sql in open.into_iter().chain([HIDE]) {
            db.write(move |tx| Box::pin(tx.execute(sql, Vec::new())))
                .await
                .unwrap();
        }
    });
}

/// Whether the home page of whoever answers for it comes to say so while the program runs.
fn warns(place: &Place, words: &str) {
    let serving = Serving::start(place.serve().args(&["--audit-verify-after", "0"]));
    let mut browser = serving.browser();
    browser.sign_in("first", PASSWORD);
    until_true("the home page warns", || {
        let home = browser.get("/").body();
        home.contains(WARNING) && home.contains(words)
    });
}

#[test]
fn a_trail_as_it_was_written_is_verified_and_written_out_once() {
    for place in with_a_trail() {
        let whole = audit(&place, &["verify"]).exits(0);
        assert!(
            whole.stdout.contains("書かれたときのままです"),
            "{}",
            whole.stdout
        );
        let export = [
            "export",
            "--from",
            "2020-01-01",
            "--to",
            "2100-12-31",
            "trail.csv",
        ];
        let written = audit(&place, &export).exits(0);
        assert!(written.stdout.contains("trail.csv"), "{}", written.stdout);
        let file = place.path("trail.csv");
        let text = std::fs::read_to_string(&file).unwrap();
        let mut lines = text.strip_prefix('\u{feff}').unwrap().lines();
        assert!(lines.next().unwrap().starts_with("順,封印,前の封印,"), "{text}");
        assert!(
            lines.clone().any(|line| line.contains("session.sign_in")),
            "{text}"
        );
        assert!(lines.all(|line| line.split(',').count() >= 16), "{text}");
        let mode = std::fs::metadata(&file).unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "{mode:o}");
        audit(&place, &export).exits(1).says("を作れません");
        let backwards = [
            "export",
            "--from",
            "2026-02-01",
            "--to",
            "2026-01-01",
            "other.csv",
        ];
        audit(&place, &backwards).exits(64);
        assert!(!place.path("other.csv").exists());

        // That it was written out stands in the trail, and in the next file once it is sealed.
        let serving = Serving::start(place.serve());
        serving.process.signal("TERM");
        serving.process.wait().exits(0);
        let again = [
            "export",
            "--from",
            "2020-01-01",
            "--to",
            "2100-12-31",
            "again.csv",
        ];
        audit(&place, &again).exits(0);
        let text = std::fs::read_to_string(place.path("again.csv")).unwrap();
        assert_eq!(text.matches("admin.audit_export").count(), 1, "{text}");
    }
}

#[test]
fn an_entry_that_was_changed_is_named_by_the_command_and_warned_of_on_the_home_page() {
    for place in with_a_trail() {
        hide(&place);
        warns(&place, "が書き換えられています。");
        let broken = audit(&place, &["verify"]).exits(2);
        assert!(broken.stdout.contains("壊れています"), "{}", broken.stdout);
        // What the program found is not raised again by the command.
        assert!(!broken.stdout.contains("警告を出しました"), "{}", broken.stdout);
    }
}

#[test]
fn a_checkpoint_that_was_changed_is_named_by_the_command_and_warned_of_on_the_home_page() {
    for place in with_a_trail() {
        let file = format!("{}.checkpoints", place.database.options.key_file.display());
        let text = std::fs::read_to_string(&file).unwrap();
        let (words, end) = text.trim_end().rsplit_once(' ').unwrap();
        let other = if end.starts_with('0') { "1" } else { "0" };
        std::fs::write(&file, format!("{words} {other}{}\n", &end[1..])).unwrap();
        let forged = audit(&place, &["verify"]).exits(2);
        let said = &forged.stdout;
        assert!(
            said.contains("行目の署名が合いません") && said.contains("警告を出しました"),
            "{said}"
        );
        warns(&place, "署名が合いません");
    }
}

#[test]
fn whom_a_search_showed_and_who_saw_a_list_stands_in_the_trail() {
    for place in Place::each() {
        everything(&place, "first", "1");
        let serving = Serving::start(place.serve());
        let mut browser = serving.browser();
        browser.sign_in("first", PASSWORD);
        let (_, case) = take_in_cases(&mut browser);
        let about = format!("<a href=\"/cases/{case}\">患者 {case}</a>");
        let search = format!("/audit?action=case.search&kind=cases&number={case}");
        let nobody = browser.submit("/cases", "/cases/search", &[("words", "ソンザイシナイ")]);
        nobody.shows("見つかりませんでした");
        assert!(!browser.get(&search).body().contains(&about), "nobody was shown");
        let found = browser.submit("/cases", "/cases/search", &[("words", "ミホン サブロウ")]);
        found.shows(&format!("/cases/{case}\""));
        let trail = browser.get(&search);
        trail.shows(&about);
        assert!(!trail.body().contains("ミホン"), "what was typed is not kept");
        for (page, action) in [("/cases", "case.list"), ("/cases/twins", "case.twin_list")] {
            assert_eq!(browser.get(page).status, 200);
            browser.get(&format!("/audit?action={action}")).shows("127.0.0.1");
        }
    }
}
