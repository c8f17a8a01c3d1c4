//! What lies on the disk: no name, number or text; and no way in without the key that was made with it.

use std::path::PathBuf;
use std::process::Command;

use db::{DatabaseUrl, Sql};

use crate::support::carrier::Carrier;
use crate::support::list::{Person, people};
use crate::support::place::Place;
use crate::support::serving::{PASSWORD, Serving, add_account};
use crate::support::{runtime, until};

/// Everything that the database keeps, as bytes.
fn dump(place: &Place) -> Vec<u8> {
    match &place.database.options.url {
        DatabaseUrl::Sqlite(path) => {
            let beside = |end: &str| PathBuf::from(format!("{}{end}", path.display()));
            let files = [path.clone(), beside("-wal")];
            files
                .iter()
                .filter_map(|file| std::fs::read(file).ok())
                .flatten()
                .collect()
        }
        DatabaseUrl::Postgres(url) => {
            let dumped = Command::new("pg_dump")
                .arg(format!("--dbname={url}"))
                .output()
                .unwrap();
            assert!(
                dumped.status.success(),
                "{}",
                String::from_utf8_lossy(&dumped.stderr)
            );
            dumped.stdout
        }
    }
}

#[track_caller]
fn holds_none(dump: &[u8], secrets: &[String]) {
    assert!(dump.len() > 10_000, "{} bytes are no database", dump.len());
    for secret in secrets {
        let found = dump
            .windows(secret.len())
            .any(|window| window == secret.as_bytes());
        assert!(!found, "「{secret}」 lies open in the database");
    }
}

/// In every spelling that a careless column might hold.
fn secrets(person: &Person) -> Vec<String> {
    let digits = &person.phone[1..];
    let spaced = format!(
        "{}-{}-{}",
        &person.phone[..3],
        &person.phone[3..7],
        &person.phone[7..]
    );
    vec![
        person.id.clone(),
        digits.to_owned(),
        spaced,
        format!("見本 {}", person.id),
        "あなたの番号は".to_owned(),
    ]
}

#[test]
fn a_dump_of_the_database_holds_no_number_name_value_or_text() {
    for place in Place::each() {
        let answered = ("0000".to_owned(), "返事の見本さんは熱が出ました".to_owned());
        let carrier = Carrier::with(|config| config.replies = vec![answered]);
        let (sent, uploaded) = (people(0..5), people(5..8));
        let flags = [
            "--carrier",
            &carrier.url(),
            "--resend",
            "all",
            "--resend-reason",
            "見本さんの希望で",
        ];
        place
            .send(&place.list("朝霞の陽性者.csv", &sent))
            .args(&flags)
            .run()
            .exits(0);

        add_account(&place, "asaka", None);
        let serving = Serving::start(place.serve().args(&["--carrier", &carrier.url()]));
        let mut browser = serving.browser();
        browser.sign_in("asaka", PASSWORD);
        let list = crate::support::list::csv(&uploaded);
        let uploaded_list =
            browser.upload("/lists/new", "/lists", ("川口の陽性者.csv", list.as_bytes()), &[]);
        assert!(uploaded_list.leads_to().starts_with("/lists/"));
        // What somebody wrote back has come the whole way.
        until("the answer is in the inbox", || {
            let inbox = browser.get("/replies").body();
            inbox.contains("/replies/1").then_some(())
        });
        let shown = browser.submit("/replies/1", "/replies/1/reveal", &[]);
        assert!(shown.body().contains("返事の見本さんは熱が出ました"));
        let note = [("event", "handled"), ("note", "返事の見本さんに電話した")];
        browser.submit("/replies/1", "/replies/1/mark", &note).leads_to();
        serving.process.signal("TERM");
        serving.process.wait().exits(0);

        let mut all: Vec<String> = sent.iter().chain(&uploaded).flat_map(secrets).collect();
        all.extend(
            [
                "陽性者",
                "見本さん",
                "熱が出ました",
                "電話した",
                "見本 花子",
                PASSWORD,
            ]
            .map(String::from),
        );
        holds_none(&dump(&place), &all);
        let key = std::fs::read(&place.database.options.key_file).unwrap();
        holds_none(&dump(&place), &[String::from_utf8_lossy(&key).trim().to_owned()]);
    }
}

#[test]
fn another_key_or_none_is_refused_in_plain_words_and_no_key_is_made() {
    for place in Place::each() {
        let list = place.list("朝.csv", &people(0..2));
        place.send(&list).arg("--simulate").run().exits(0);
        let other = Place::sqlite();
        other.send(&list).arg("--simulate").run().exits(0);
        let other_key = other.database.options.key_file.display().to_string();
        let send = |key: &str| {
            let flags = ["--to", "電話番号", "--template", "x", "--simulate", "--json"];
            let database = place.database.address();
            crate::support::process::todoke()
                .arg("send")
                .arg(&list)
                .args(&flags)
                .args(&["--database", &database, "--key-file", key])
                .run()
                .exits(1)
        };
        send(&other_key).says("このデータベースの鍵ではありません");
        let nowhere = place.path("ない.key");
        send(&nowhere.display().to_string())
            .says("がありません")
            .says("鍵は新しく作れません");
        assert!(!nowhere.exists());
    }
}

#[test]
fn the_key_is_for_its_owner_only_and_lies_outside_the_database() {
    use std::os::unix::fs::PermissionsExt as _;
    let place = Place::sqlite();
    place
        .send(&place.list("朝.csv", &people(0..1)))
        .arg("--simulate")
        .run()
        .exits(0);
    let mode = std::fs::metadata(&place.database.options.key_file)
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o077, 0, "{mode:o}");
}

#[test]
fn a_newer_schema_is_refused_in_plain_words() {
    const NEWER: Sql = Sql("INSERT INTO schema_version (version, checksum, applied_at) VALUES (999, 'x', 0)");
    for place in Place::each() {
        runtime().block_on(async {
            let db = place.database.open().await.unwrap();
            db.write(|tx| Box::pin(tx.execute(NEWER, Vec::new())))
                .await
                .unwrap();
        });
        let list = place.list("朝.csv", &people(0..1));
        place
            .send(&list)
            .arg("--simulate")
            .run()
            .exits(1)
            .says("新しい版の届け")
            .says("スキーマ 999");
    }
}

#[test]
fn asvs_16_2_5_what_is_written_for_the_operator_holds_no_number_name_or_password() {
    let (place, carrier) = (
        Place::sqlite(),
        Carrier::with(|config| config.throttle_every = Some(3)),
    );
    let people = people(0..5);
    let list = place.list("朝.csv", &people);
    let ended = place
        .send(&list)
        .args(&["--verbose", "--carrier", &carrier.url()])
        .run()
        .exits(0);
    for secret in people.iter().flat_map(secrets).chain(["secret".to_owned()]) {
        assert!(!ended.stderr.contains(&secret), "「{secret}」: {}", ended.stderr);
    }
}
