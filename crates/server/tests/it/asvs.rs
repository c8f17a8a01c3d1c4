//! Rows of docs/asvs.md about the product as a whole: what nobody is asked, what the log holds, and what happens when
//! something beside it fails.

use std::collections::{BTreeMap, BTreeSet};

use accounts::Role;
use base::clock::{HOUR, MINUTE};
use db::{Sql, params};
use todoke::actions::ACTIONS;
use todoke::routes::STAFF_ROUTES;
use web::time::JapanTime;

use crate::apart::{everything, number_after, one_of_each};
use crate::support::browser::Browser;
use crate::support::carrier::Carrier;
use crate::support::list::people;
use crate::support::place::Place;
use crate::support::serving::{PASSWORD, SentList, Serving, add_account};
use crate::support::tls::Authority;
use crate::support::{repository, runtime, until, until_true};
use crate::tidy::sources;

fn text(path: &str) -> String {
    std::fs::read_to_string(repository().join(path)).unwrap()
}

/// The names of the fields that a page of this slice asks for.
fn asked_by(page: &str) -> BTreeSet<String> {
    let source = text(&format!("crates/accounts/src/pages/{page}.rs"));
    let fields = source.split("Field::").skip(1);
    let named = fields.filter_map(|rest| rest.split_once("(\"")?.1.split('"').next());
    named.map(str::to_owned).collect()
}

#[test]
fn asvs_6_4_2_nobody_is_asked_for_a_hint_or_a_secret_question() {
    let pages = [
        "sign_in",
        "sign_in_second",
        "step_up",
        "setup",
        "organisation_set_up",
        "invitation_open",
        "password_change",
    ];
    let asked: BTreeSet<String> = pages.into_iter().flat_map(asked_by).collect();
    let known = [
        "agreed",
        "code",
        "login",
        "name",
        "offices",
        "old",
        "organisation",
        "password",
        "password_again",
    ];
    assert_eq!(asked, known.map(str::to_owned).into());
    // Nobody gets in by anything that is not among these.
    let strangers: Vec<&str> = STAFF_ROUTES
        .iter()
        .filter(|route| route.method == "POST" && route.access == accounts::Access::Anybody)
        .map(|route| route.path)
        .collect();
    let known = [
        "/sign-in",
        "/sign-in/second",
        "/sign-in/passkey",
        "/sign-in/passkey/question",
        "/sign-out",
        "/setup",
        "/invitation/{token}",
        "/setup/{token}",
    ];
    assert_eq!(strangers, known);
}

#[test]
fn asvs_6_5_3_every_random_byte_comes_from_the_operating_system() {
    // Put together here, so that this file does not hold what it looks for.
    let others = [
        "ra-nd::",
        "thread_-rng",
        "Small-Rng",
        "Std-Rng",
        "fast-rand",
        "Random-State",
    ];
    let others = others.map(|word| word.replace('-', ""));
    let mut makers = BTreeSet::new();
    for (path, source) in sources() {
        let product = source.split("#[cfg(test)]").next().unwrap();
        if !path.contains("/src/") || path.ends_with("tests.rs") {
            continue;
        }
        for other in &others {
            assert!(!product.contains(other.as_str()), "{path} uses {other}");
        }
        if product.contains("getrandom::fill(") {
            makers.insert(path);
        }
    }
    // Sessions, invitations, one-time secrets, recovery and set-up codes, questions to passkeys, form tokens, keys.
    for secret in [
        "accounts/src/session.rs",
        "accounts/src/invitation.rs",
        "accounts/src/factors/totp.rs",
        "accounts/src/code_letters.rs",
        "accounts/src/factors/passkey.rs",
        "web/src/csrf.rs",
        "db/src/key.rs",
        "db/src/vault.rs",
    ] {
        assert!(
            makers.contains(&format!("crates/{secret}")),
            "{secret} in {makers:?}"
        );
    }
    for name in ["accounts", "db", "desk", "messaging", "web"] {
        let manifest = text(&format!("crates/{name}/Cargo.toml"));
        let product = manifest.split("[dev-dependencies]").next().unwrap();
        assert!(!product.lines().any(|line| line.starts_with("rand")), "{name}");
    }
}

#[test]
fn asvs_6_6_1_no_factor_comes_by_sms() {
    let factors: BTreeSet<&str> = STAFF_ROUTES
        .iter()
        .filter_map(|route| route.path.strip_prefix("/me/factors/"))
        .map(|rest| rest.split('/').next().unwrap())
        .collect();
    assert_eq!(factors, ["codes", "passkeys", "totp"].into());
    // Whoever signs people in cannot send anything, and does not know anybody's number.
    let manifest = text("crates/accounts/Cargo.toml");
    for sender in ["messaging", "carrier", "smpp"] {
        assert!(!manifest.contains(sender), "{sender}");
    }
    for (path, source) in sources() {
        if path.starts_with("crates/accounts/src/") {
            assert!(!source.contains("staff_numbers"), "{path}");
        }
    }
    let place = Place::sqlite();
    add_account(&place, "asaka", None);
    let serving = Serving::start(place.serve());
    let mut browser = serving.browser();
    browser.sign_in("asaka", PASSWORD);
    let page = browser.get("/me/factors").body();
    let content = page.split("<main").nth(1).unwrap();
    assert!(
        content.contains("パスキー") && !content.contains("SMS"),
        "{content}"
    );
}

/// What is somebody's own on a page, and the ways in which it may be written.
const FIELDS: [(&str, &[&str]); 4] = [
    ("number", &["090-1000-0", "0901000"]),
    ("name", &["見本 三郎", "見本 1000", "ミホン サブロウ"]),
    (
        "birth date",
        &[
            "S60.4.3",
            "1985年4月3日",
            "昭和60年4月3日",
            "1985-04-03",
            "1985/4/3",
        ],
    ),
    ("ID", &["10000000", "10000001", "10000002"]),
];

/// Which page shows what of people in clear, and to which roles: the rows of docs/fields.md.
fn shown() -> BTreeSet<String> {
    let place = Place::sqlite();
    place.admin(&["office-add", "みなと保健所"]).run().exits(0);
    everything(&place, "first", "1");
    for role in Role::ALL {
        let flags = [
            "account",
            "add",
            role.code(),
            "--name",
            "見本 花子",
            "--role",
            role.code(),
        ];
        place.admin(&flags).input(PASSWORD).run().exits(0);
    }
    let flags = ["--simulate", "--hold", "0", "--link-hosts", "www.example.lg.jp"];
    let serving = Serving::start(place.serve().args(&flags));
    let mut first = serving.browser();
    first.sign_in("first", PASSWORD);
    let ids = one_of_each(&mut first);
    let mut seen: BTreeMap<(&str, &str), Vec<&str>> = BTreeMap::new();
    for role in Role::ALL {
        let mut browser = serving.browser();
        browser.sign_in(role.code(), PASSWORD);
        for route in STAFF_ROUTES.iter().filter(|route| route.method == "GET") {
            let kind = route.path.split('/').nth(1).unwrap();
            let path = route
                .path
                .replace("{id}", ids.get(kind).map_or("1", String::as_str))
                .replace("{line}", "2")
                .replace("{version}", "1")
                .replace("{desk}", "self_test")
                .replace("{twin}", "2")
                .replace("{photo}", "1")
                .replace("{broadcast}", &ids["broadcasts"]);
            let page = browser.get(&path);
            if page.status != 200 {
                continue;
            }
            let body = page.body();
            // The head of each page has the asking person's own name.
            let body = body.split("</header>").last().unwrap();
            for (field, spellings) in FIELDS {
                if spellings.iter().any(|spelling| body.contains(spelling)) {
                    seen.entry((route.path, field)).or_default().push(role.code());
                }
            }
        }
    }
    let row = |((path, field), roles): ((&str, &str), Vec<&str>)| {
        format!("| `{path}` | {field} | {} |", roles.join(", "))
    };
    seen.into_iter().map(row).collect()
}

#[test]
fn asvs_8_1_2_each_page_shows_each_role_the_fields_that_the_book_says() {
    let book = text("docs/fields.md");
    let rows: BTreeSet<String> = book
        .lines()
        .filter(|line| line.starts_with("| `"))
        .map(str::to_owned)
        .collect();
    let shown = shown();
    let unsaid: Vec<&String> = shown.difference(&rows).collect();
    let unseen: Vec<&String> = rows.difference(&shown).collect();
    assert!(
        unsaid.is_empty() && unseen.is_empty(),
        "shown, and not in docs/fields.md:\n{unsaid:#?}\nin docs/fields.md, and not shown:\n{unseen:#?}"
    );
}

/// What the product writes into its log: level and words.
fn log_lines() -> BTreeSet<(String, String)> {
    let mut found = BTreeSet::new();
    for (path, source) in sources() {
        // The simulated carrier is a tool of its own.
        if !path.contains("/src/") || path.contains("/smsc/") {
            continue;
        }
        let product = source.split("#[cfg(test)]").next().unwrap();
        for level in ["error", "warn", "info"] {
            for rest in product.split(&format!("tracing::{level}!(")).skip(1) {
                let call = rest.split([';', '\n']).next().unwrap();
                let words = call
                    .rsplit('"')
                    .nth(1)
                    .unwrap_or_else(|| panic!("{path}: {call}"));
                found.insert((level.to_owned(), words.to_owned()));
            }
        }
    }
    found
}

#[test]
fn asvs_16_1_1_the_book_lists_every_line_of_the_log_and_every_entry_of_the_trail() {
    let book = text("docs/logging.md");
    let mut missing = Vec::new();
    let lines = log_lines();
    assert!(lines.len() > 30, "{lines:?}");
    for (level, words) in &lines {
        let row = format!("| {level} | {words} |");
        if !book.contains(&row) {
            missing.push(row);
        }
    }
    let routes = STAFF_ROUTES.iter().filter_map(accounts::Route::action);
    let others = ACTIONS.iter().copied().flatten().copied();
    let actions: BTreeMap<&str, &str> = routes
        .chain(accounts::audit_actions::ALL)
        .chain(others)
        .map(|action| (action.code, action.label))
        .collect();
    for (code, label) in &actions {
        let row = format!("| `{code}` | {label} |");
        if !book.contains(&row) {
            missing.push(row);
        }
    }
    assert!(
        missing.is_empty(),
        "not in docs/logging.md:\n{}",
        missing.join("\n")
    );
    for row in book
        .lines()
        .filter(|line| line.starts_with("| ") && !line.starts_with("| ---"))
    {
        let cells: Vec<&str> = row.trim_matches('|').split(" | ").map(str::trim).collect();
        let known = match cells[..] {
            [code, _] if code.starts_with('`') => actions.contains_key(code.trim_matches('`')),
            [level @ ("error" | "warn" | "info"), words] => {
                lines.contains(&(level.to_owned(), words.to_owned()))
            }
            _ => true,
        };
        assert!(known, "docs/logging.md tells of what is not there: {row}");
    }
}

#[test]
fn asvs_16_2_2_times_are_utc_wherever_the_machine_stands() {
    const SIGNED_IN: Sql =
        Sql("SELECT MAX(at) FROM audit_entries WHERE org_id = $1 AND action = 'session.sign_in'");
    let place = Place::sqlite();
    add_account(&place, "asaka", None);
    let program = place.serve().env("TZ", "America/New_York").args(&["--simulate"]);
    let mut serving = Serving::start(program.args(&["--verbose"]));
    let before = runtime().block_on(async { place.database.open().await.unwrap().now() });
    serving.browser().sign_in("asaka", PASSWORD);
    let line = serving.process.error_with("signed in");
    // Colours may stand around it.
    let stamp = &line[line.find("20").unwrap()..];
    let stamp = &stamp[..=stamp.find('Z').unwrap()];
    assert_eq!(stamp.len(), "2026-11-28T00:00:00.000000Z".len(), "{line}");
    let (entry, after) = runtime().block_on(async {
        let db = place.database.open().await.unwrap();
        let row = db.query_opt(SIGNED_IN, params![1_i64]).await.unwrap().unwrap();
        (row.get::<i64>(0).unwrap(), db.now())
    });
    assert!((before..=after).contains(&entry), "{before} {entry} {after}");
    // The same clock in both: what the log and the trail tell can be laid side by side. The minute may just have passed.
    let in_utc = |at: i64| JapanTime::from_millis(at - 9 * HOUR).machine();
    let near = [entry - MINUTE, entry, entry + MINUTE].map(|at| in_utc(at)[..16].to_owned());
    assert!(
        near.iter().any(|near| stamp.starts_with(near.as_str())),
        "{line} {near:?}"
    );
}

fn run(place: &Place, sql: Sql) {
    runtime().block_on(async {
        let db = place.database.open().await.unwrap();
        db.write(move |tx| Box::pin(tx.execute(sql, Vec::new())))
            .await
            .unwrap();
    });
}

#[test]
fn asvs_16_3_4_unexpected_errors_and_failed_handshakes_are_in_the_log() {
    let place = Place::sqlite();
    add_account(&place, "asaka", None);
    let files = Authority::new().issue(&place, "host", "127.0.0.1");
    let program = place.serve().arg("--tls-certificate").arg(&files.certificate);
    let mut serving = Serving::start(program.arg("--tls-key").arg(&files.key));
    let _ = Browser::new(serving.staff).exchange(b"GET / HTTP/1.0\r\n\r\n");
    let line = serving.process.error_with("TLS handshakes failed");
    assert!(line.contains("ERROR") && line.contains("reason"), "{line}");
    drop(serving);

    let mut serving = Serving::start(place.serve());
    let mut browser = serving.browser();
    browser.sign_in("asaka", PASSWORD);
    run(&place, Sql("ALTER TABLE message_templates RENAME TO gone"));
    let page = browser.get("/templates");
    assert_eq!(page.status, 500, "{}", page.body());
    let line = serving.process.error_with("a page failed");
    // Its number is the first thing in quotes.
    let id = line.split('"').nth(1).unwrap_or_else(|| panic!("{line}"));
    page.shows(id);
    assert!(!page.body().contains("message_templates"), "{}", page.body());
}

#[test]
fn asvs_16_5_2_a_carrier_that_is_gone_stops_no_page_and_loses_no_message() {
    for place in Place::each() {
        add_account(&place, "asaka", None);
        // A port on which nobody listens.
        let closed = std::net::TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap();
        let dead = format!("smpp://todoke:secret@{closed}");
        let serving = Serving::start(place.serve().args(&["--hold", "0", "--carrier", &dead]));
        let mut browser = serving.browser();
        browser.sign_in("asaka", PASSWORD);
        let people = people(0..5);
        let sent = SentList::of(&mut browser, "朝.csv", &people);
        for path in [
            "/",
            &sent.broadcast,
            &sent.list,
            "/templates",
            "/numbers",
            "/healthz",
        ] {
            assert_eq!(browser.get(path).status, 200, "{path}");
        }
        serving.process.signal("TERM");
        serving.process.wait().exits(0);
        // The dead one beside a living one.
        let carrier = Carrier::new();
        let both = ["--hold", "0", "--carrier", &dead, "--carrier", &carrier.url()];
        let _serving = Serving::start(place.serve().args(&both));
        until_true("everybody is written to", || {
            carrier.submits() >= people.len() as u64
        });
        carrier.took_each_once(&people);
    }
}

#[test]
fn asvs_16_5_3_what_cannot_be_recorded_counted_or_decided_is_not_done() {
    for place in Place::each() {
        everything(&place, "first", "1");
        let serving = Serving::start(place.serve().args(&["--simulate", "--hold", "0"]));
        let mut browser = serving.browser();
        browser.sign_in("first", PASSWORD);
        let sent = SentList::of(&mut browser, "朝.csv", &people(0..3));
        let message = until("a message has its page", || {
            let page = browser.get(&format!("{}/messages", sent.broadcast)).body();
            number_after(&page, "\"/messages/")
        });
        let message = format!("/messages/{message}");
        browser.get(&message).shows("****");

        // Without the trail nothing of people is shown, and nothing changes.
        run(&place, Sql("ALTER TABLE audit_entries RENAME TO gone"));
        let page = browser.get(&message);
        assert!(
            page.status >= 500 && !page.body().contains("****"),
            "{}",
            page.body()
        );
        let form = [("name", "別のご案内"), ("body", "別の文面です。")];
        let page = browser.submit("/templates/new", "/templates", &form);
        assert!(page.status >= 500, "{}", page.status);
        run(&place, Sql("ALTER TABLE gone RENAME TO audit_entries"));
        assert_eq!(browser.get(&message).status, 200);
        assert!(!browser.get("/templates").body().contains("別のご案内"));

        // Without the counter of failures nobody signs in, with the right password either.
        run(&place, Sql("ALTER TABLE login_throttle RENAME TO gone"));
        let form = [("login", "first"), ("password", PASSWORD)];
        let mut other = serving.browser();
        let page = other.submit("/sign-in", "/sign-in", &form);
        assert!(page.status >= 500, "{}", page.status);
        run(&place, Sql("ALTER TABLE gone RENAME TO login_throttle"));

        // Without knowing who asks, nothing is anybody's.
        run(&place, Sql("ALTER TABLE login_sessions RENAME TO gone"));
        for path in ["/", &message, &sent.broadcast] {
            let page = browser.get(path);
            assert!(
                page.status >= 500 && !page.body().contains("****"),
                "{path}: {}",
                page.body()
            );
        }
    }
}
