//! `todoke serve`: the first start, signing in, the two hosts, the headers, and who may send.

use std::collections::BTreeSet;

use accounts::{Access, Route};
use todoke::routes::STAFF_ROUTES;
use web::headers::CONTENT_SECURITY_POLICY;

use crate::support::browser::Browser;
use crate::support::carrier::Carrier;
use crate::support::list::people;
use crate::support::place::Place;
use crate::support::serving::{PASSWORD, SentList, Serving, add_account};
use crate::support::until;
use crate::support::until_true;

const NO_CARRIER: &str = "携帯電話会社の接続先がない";

#[test]
fn the_first_start_gives_a_code_and_the_code_gives_the_first_account() {
    for place in Place::each() {
        let mut serving = Serving::start(place.serve().arg("--simulate"));
        let line = serving.process.line_with("初期設定コード");
        let code = line.rsplit(' ').next().unwrap();
        let mut browser = serving.browser();
        assert!(browser.get("/").leads_to().starts_with("/sign-in"));
        assert_eq!(browser.get("/sign-in").leads_to(), "/setup");
        let first = |code| {
            [
                ("code", code),
                ("organisation", "さいたま県"),
                ("offices", "朝霞保健所\n川口保健所"),
                ("name", "見本 花子"),
                ("login", "hanako"),
                ("password", PASSWORD),
                ("password_again", PASSWORD),
            ]
        };
        assert_eq!(
            browser
                .submit("/setup", "/setup", &first("AAAA-AAAA-AAAA"))
                .status,
            422
        );
        assert_eq!(
            browser.submit("/setup", "/setup", &first(code)).leads_to(),
            "/start"
        );
        // Set up for production, the organisation wants second factors until somebody at the server says otherwise.
        assert_eq!(browser.get("/").leads_to(), "/me/factors?done=required");
        browser
            .get("/me/factors?done=required")
            .shows("先に、2つ目の確認方法を登録してください");
        place.admin(&["second-factor", "off"]).run().exits(0);
        let home = browser.get("/");
        home.shows("今日の配信");
        home.shows("さいたま県");
        assert_eq!(Browser::new(serving.staff).get("/setup").leads_to(), "/sign-in");
        serving.process.signal("TERM");
        let ended = serving.process.wait().exits(0);
        assert!(!ended.stdout.contains(PASSWORD) && !ended.stderr.contains(PASSWORD));

        let mut again = Serving::start(place.serve());
        again.process.line_with(NO_CARRIER);
        again.process.signal("TERM");
        assert!(!again.process.wait().exits(0).stdout.contains("初期設定コード"));
    }
}

#[test]
fn an_account_from_the_command_line_signs_in_over_plain_http_on_loopback() {
    for place in Place::each() {
        place.admin(&["office-add", "朝霞保健所"]).run().exits(0);
        add_account(&place, "asaka", Some("朝霞保健所"));
        let serving = Serving::start(place.serve());
        let mut browser = serving.browser();
        let wrong = [("login", "asaka"), ("password", "まちがったパスワードです")];
        assert_eq!(browser.submit("/sign-in", "/sign-in", &wrong).status, 422);
        browser.sign_in("asaka", PASSWORD);
        browser.get("/").shows("朝霞保健所");
        assert_eq!(browser.submit("/", "/sign-out", &[]).status, 303);
        assert!(browser.get("/").leads_to().starts_with("/sign-in"));

        let other = "三匹の青い猫と傘とうどん";
        place
            .admin(&["account", "password", "asaka"])
            .input(other)
            .run()
            .exits(0);
        browser.sign_in("asaka", other);
    }
}

#[test]
fn admin_says_what_it_cannot_do() {
    let place = Place::sqlite();
    add_account(&place, "asaka", None);
    let add = |login: &str, password: &str, more: &[&str]| {
        place
            .admin(&["account", "add", login, "--name", "見本 花子"])
            .args(more)
            .input(password)
            .run()
    };
    add("asaka", PASSWORD, &[]).exits(1);
    add("kawaguchi", "短い", &[]).exits(64);
    add("x", PASSWORD, &[]).exits(64);
    add("kawaguchi", PASSWORD, &["--office", "火星保健所"])
        .exits(64)
        .says("火星保健所")
        .says("本庁");
    place
        .admin(&["account", "password", "nobody"])
        .input(PASSWORD)
        .run()
        .exits(1);
}

#[test]
fn an_address_that_others_reach_needs_https_before_it() {
    let place = Place::sqlite();
    for flag in ["--listen", "--resident-listen"] {
        let anywhere = [flag, "0.0.0.0:0"];
        let mut program = crate::support::process::todoke().arg("serve").args(&anywhere);
        program = place
            .database_flags()
            .iter()
            .fold(program, crate::support::process::Program::arg);
        program.run().exits(64).says("--public-url");
    }
    assert!(!place.path("todoke.db").exists());

    add_account(&place, "asaka", None);
    let serving = Serving::start(place.serve().args(&["--public-url", "https://sms.example.lg.jp"]));
    let seen = serving.browser().get("/sign-in");
    assert!(seen.header("strict-transport-security").is_some());
    let cookie = seen.header("set-cookie").unwrap();
    assert!(
        cookie.starts_with("__Host-") && cookie.contains("; Secure"),
        "{cookie}"
    );
}

#[test]
fn asvs_3_5_4_the_resident_host_is_a_host_of_its_own_without_any_staff_page() {
    let place = Place::sqlite();
    let serving = Serving::start(place.serve().arg("--simulate"));
    let mut resident = Browser::new(serving.resident);
    let about = resident.get("/");
    assert_eq!(about.status, 200);
    about.shows("<html lang=\"ja\"");
    assert_eq!(resident.get("/healthz").bytes, b"ok");
    let link = resident.get("/l/123456789ABC");
    assert_eq!(link.status, 404);
    link.shows("このリンクは使えません");
    assert_eq!(link.header("x-robots-tag"), Some("noindex, nofollow"));
    let staff_only = STAFF_ROUTES
        .iter()
        .filter(|route| !["/", "/healthz"].contains(&route.path));
    for Route { method, path, .. } in staff_only {
        let path = path
            .replace("{id}", "1")
            .replace("{line}", "2")
            .replace("{name}", "minato_12.csv");
        let seen = resident.ask(method, &path, crate::support::browser::Sent::default());
        assert_eq!(seen.status, 404, "{method} {path}");
        let page = String::from_utf8_lossy(&seen.bytes);
        assert!(
            !page.contains("今日の配信"),
            "{method} {path} speaks of the staff's pages"
        );
        assert!(seen.header("set-cookie").is_none(), "{method} {path}");
    }
    assert_eq!(serving.browser().get("/healthz").bytes, b"ok");
}

#[test]
fn asvs_3_4_1_every_answer_of_both_hosts_carries_the_headers() {
    let place = Place::sqlite();
    add_account(&place, "asaka", None);
    let serving = Serving::start(place.serve());
    let mut signed_in = serving.browser();
    signed_in.sign_in("asaka", PASSWORD);
    let look = |browser: &mut Browser, method: &str, path: &str| {
        let seen = browser.ask(method, path, crate::support::browser::Sent::default());
        let at = format!("{method} {path} ({})", seen.status);
        assert_eq!(
            seen.header("content-security-policy"),
            Some(CONTENT_SECURITY_POLICY),
            "{at}"
        );
        let fixed = [
            ("x-content-type-options", "nosniff"),
            ("x-frame-options", "DENY"),
            ("referrer-policy", "same-origin"),
            ("cross-origin-opener-policy", "same-origin"),
        ];
        for (name, value) in fixed {
            assert_eq!(seen.header(name), Some(value), "{at}: {name}");
        }
        let cached = seen.header("cache-control").unwrap_or_default();
        assert!(
            path.starts_with("/static/") || cached == "no-store",
            "{at}: {cached}"
        );
        assert!(seen.header("server").is_none(), "{at}");
    };
    for Route { method, path, .. } in STAFF_ROUTES {
        let path = path
            .replace("{id}", "1")
            .replace("{line}", "2")
            .replace("{name}", "x");
        look(&mut serving.browser(), method, &path);
        look(&mut signed_in, method, &path);
    }
    for path in ["/nowhere", "/static/nothing.css", "/lists/x", "/%00"] {
        look(&mut signed_in, "GET", path);
        look(&mut Browser::new(serving.resident), "GET", path);
    }
    look(&mut Browser::new(serving.resident), "GET", "/");
}

#[test]
fn a_second_process_on_one_file_serves_pages_but_binds_only_after_the_first_is_gone() {
    let place = Place::sqlite();
    let (first, second) = (Carrier::new(), Carrier::new());
    add_account(&place, "asaka", None);
    let owner = Serving::start(place.serve().args(&["--carrier", &first.url()]));
    until_true("the first is bound", || first.binds() == 1);
    let follower = Serving::start(place.serve().args(&["--carrier", &second.url()]));
    let mut browser = follower.browser();
    browser.sign_in("asaka", PASSWORD);
    browser.get("/").shows("今日の配信");

    // A command beside them stores its rows, and the owner sends them.
    let everybody = people(0..10);
    let list = place.list("朝.csv", &everybody);
    place
        .send(&list)
        .args(&["--carrier", &second.url()])
        .run()
        .exits(0)
        .report()
        .all("delivered", 10);
    first.took_each_once(&everybody);
    assert_eq!(second.binds(), 0);

    drop(owner);
    until_true("the second has taken over", || second.binds() == 1);
    browser.get("/").shows("今日の配信");
}

#[test]
fn a_taken_port_is_said_and_ends_the_start() {
    let place = Place::sqlite();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let mut program = crate::support::process::todoke().args(&["serve", "--listen", &address]);
    program = place
        .database_flags()
        .iter()
        .fold(program, crate::support::process::Program::arg);
    program.run().exits(1).says("で待ち受けられません");
}

#[test]
fn from_upload_to_result_in_the_browser() {
    for place in Place::each() {
        let carrier = Carrier::new();
        add_account(&place, "asaka", None);
        let serving = Serving::start(place.serve().args(&["--hold", "0", "--carrier", &carrier.url()]));
        let mut browser = serving.browser();
        browser.sign_in("asaka", PASSWORD);
        let everybody = people(0..12);
        let sent = SentList::of(&mut browser, "朝.csv", &everybody);
        // The second press of an impatient finger leads to the same place and sends nothing.
        assert!(sent.press(&mut browser).leads_to().starts_with(&sent.broadcast));
        let report = until("all are delivered", || {
            let export = format!("{}/export", sent.broadcast);
            let fields = [("form", "csv"), ("purpose", "確認")];
            let csv = browser.submit(&export, &export, &fields).body();
            (csv.matches("着信済").count() >= 12).then_some(csv)
        });
        assert!(report.starts_with('\u{feff}'));
        let export = format!("{}/export", sent.broadcast);
        let xlsx = browser.submit(&export, &export, &[("form", "xlsx"), ("purpose", "確認")]);
        assert!(xlsx.bytes.starts_with(b"PK"));
        carrier.took_each_once(&everybody);
        browser.get("/").shows("朝.csv");
    }
}

#[test]
fn who_may_ask_is_written_once_for_each_route() {
    let all: BTreeSet<_> = STAFF_ROUTES
        .iter()
        .map(|route| (route.method, route.path))
        .collect();
    assert_eq!(all.len(), STAFF_ROUTES.len(), "a route stands in the table twice");
    assert!(STAFF_ROUTES.iter().any(|route| route.access != Access::Anybody));
}

#[test]
fn residents_find_each_organisation_by_its_word() {
    for place in Place::each() {
        add_account(&place, "asaka", None);
        let word = |organisation: &str, word: &str| {
            place
                .admin(&["organisation", "word", word, "--organisation", organisation])
                .run()
        };
        let serving = Serving::start(place.serve());
        let mut resident = Browser::new(serving.resident);
        resident.get("/genuine").shows("送信元の番号");
        resident.get("/").shows("お送りする番号");
        place.admin(&["organisation", "add", "あおば市"]).run().exits(0);
        // Nobody is there yet, so nothing comes from there.
        resident.get("/genuine").shows("送信元の番号");
        let add = [
            "account",
            "add",
            "aoba",
            "--name",
            "青葉 一郎",
            "--organisation",
            "あおば市",
        ];
        place.admin(&add).input(PASSWORD).run().exits(0);
        let list = resident.get("/genuine");
        list.shows("あおば市");
        list.shows("/genuine/2");
        resident.get("/").shows("/genuine/2");
        word("あおば市", "aoba").exits(0);
        word("1", "aoba").exits(1).says("ほかの組織で使われています");
        word("1", "7").exits(64);
        resident.get("/genuine").shows("/genuine/aoba");
        for address in ["/genuine/aoba", "/genuine/AOBA"] {
            let page = resident.get(address);
            page.shows("あおば市からのSMSかどうか");
            page.shows("送信元の番号");
        }
        let unknown = resident.get("/genuine/aobe");
        assert_eq!(unknown.status, 404);
        unknown.shows("つづりを確かめる");

        // What is about nobody's message bears nobody's name, unless the address says whose it is.
        for (address, name) in [
            ("/wrong", "SMSによるお知らせ"),
            ("/wrong/aoba", "あおば市"),
            ("/wrong/AOBA", "あおば市"),
            ("/wrong/aobe", "SMSによるお知らせ"),
            ("/nowhere", "SMSによるお知らせ"),
            ("/l/nothing", "SMSによるお知らせ"),
            ("/f/nothing", "SMSによるお知らせ"),
        ] {
            let page = resident.get(address);
            page.shows(name);
            assert!(!page.body().contains("組織の名前が未設定"), "{address}");
        }
        let form = resident.get("/wrong/aoba");
        form.shows("action=\"/wrong/aoba\"");
        let reported = resident.post("/wrong/aoba", &[("code", "4KX-7Q2M-9T3A")]);
        assert_eq!(reported.status, 200);
        reported.shows("あおば市");
        assert_eq!(
            resident.post("/wrong/aoba", &[("code", " ")]).status,
            422,
            "a code is needed"
        );
    }
}
