//! Nobody gets in: every route asked for by a stranger, by a forged form, and by another office.

use std::collections::BTreeSet;

use accounts::{Access, Role, Roles, Route};
use todoke::routes::{RESIDENT_ROUTES, STAFF_ROUTES};

use crate::support::browser::{Browser, Sent};
use crate::support::list::people;
use crate::support::place::Place;
use crate::support::process::todoke;
use crate::support::serving::{PASSWORD, SentList, Serving, add_account};
use crate::support::{repository, until};

/// The demo has every page that there is.
fn demo() -> Serving {
    Serving::demo(todoke().args(&["demo", "--empty", "--listen", "127.0.0.1:0", "--hold", "3600"]))
}

fn filled(path: &str) -> String {
    path.replace("{id}", "1")
        .replace("{token}", "AAAAAAAAAAAAAAAAAAAAAA")
        .replace("{broadcast}", "1")
        .replace("{line}", "2")
        .replace("{version}", "1")
        .replace("{twin}", "2")
        .replace("{photo}", "1")
        .replace("{list}", "1")
        .replace("{request}", "1")
        .replace("{desk}", "self_test")
        .replace("{name}", "minato_12.csv")
}

#[test]
fn a_stranger_is_led_to_the_sign_in_page_or_gets_401() {
    let demo = demo();
    for Route {
        method, path, access, ..
    } in STAFF_ROUTES
    {
        let (path, at) = (filled(path), format!("{method} {path}"));
        let mut stranger = Browser::new(demo.staff);
        let page = stranger.ask(
            method,
            &path,
            Sent {
                headers: &[("sec-fetch-mode", "navigate")],
                body: b"",
            },
        );
        let script = Browser::new(demo.staff).ask(method, &path, Sent::default());
        if *access == Access::Anybody {
            assert!(page.status < 500 && script.status < 500, "{at}");
        } else {
            assert!(page.leads_to().starts_with("/sign-in?next="), "{at}");
            assert_eq!((script.status, page.bytes.len()), (401, 0), "{at}");
        }
    }
}

#[test]
fn asvs_7_4_4_every_page_has_the_way_out_and_says_when_the_session_ends() {
    let demo = demo();
    let mut browser = demo.browser();
    browser.sign_in("honcho", "midori-no-kaze-17");
    let pages = STAFF_ROUTES
        .iter()
        .filter(|route| route.method == "GET" && route.access != Access::Anybody);
    let mut seen = 0;
    for route in pages {
        let page = browser.get(&filled(route.path));
        if page.status < 300 && page.body().starts_with("<!doctype html>") {
            assert!(page.body().contains(r#"action="/sign-out""#), "{}", route.path);
            assert!(page.body().contains("data-session-end="), "{}", route.path);
            seen += 1;
        }
    }
    assert!(seen > 10, "{seen} pages");
}

#[test]
fn a_made_up_session_is_a_stranger() {
    let demo = demo();
    let made_up = format!("todoke={}", "A".repeat(43));
    for Route { method, path, .. } in STAFF_ROUTES
        .iter()
        .filter(|route| route.access != Access::Anybody)
    {
        let sent = Sent {
            headers: &[("sec-fetch-mode", "cors"), ("cookie", &made_up)],
            body: b"",
        };
        assert_eq!(
            Browser::new(demo.staff).ask(method, &filled(path), sent).status,
            401,
            "{method} {path}"
        );
    }
}

#[test]
fn a_form_without_its_token_or_from_another_page_is_403_for_everybody() {
    let demo = demo();
    let mut browser = demo.browser();
    browser.sign_in("honcho", "midori-no-kaze-17");
    let token = browser.get("/templates/new").hidden("csrf");
    let forms = [
        ("application/x-www-form-urlencoded", ""),
        ("multipart/form-data; boundary=X", "--X--\r\n"),
    ];
    let sites = [
        ("sec-fetch-site", "same-origin"),
        ("sec-fetch-site", "cross-site"),
        ("origin", "https://evil.example"),
    ];
    // Whoever judges applications does nothing else; there it is 404 before anybody looks at the form.
    let own = [
        Role::Administrator,
        Role::Sender,
        Role::Approver,
        Role::TemplateEditor,
        Role::CaseWorker,
        Role::Auditor,
    ];
    let may = |access: Access| access.admits(|permission| Roles::of(own).may(permission));
    let forms_of_theirs = STAFF_ROUTES
        .iter()
        .filter(|route| route.method == "POST" && (route.access == Access::Anybody || may(route.access)));
    for Route { method, path, .. } in forms_of_theirs {
        let (kind, empty) = forms[usize::from(takes_a_file(path))];
        for site in sites {
            let sent = Sent {
                headers: &[site, ("content-type", kind)],
                body: empty.as_bytes(),
            };
            let seen = browser.ask(method, &filled(path), sent);
            assert_eq!(seen.status, 403, "{path} {site:?}: {}", seen.body());
        }
        // Our own token does not help a page of another site.
        let body = format!("csrf={token}");
        let forged = Sent {
            headers: &[sites[1], ("content-type", forms[0].0)],
            body: body.as_bytes(),
        };
        assert_eq!(browser.ask(method, &filled(path), forged).status, 403, "{path}");
    }
}

/// The pages that name what belongs to an office, filled with these numbers.
fn of_an_office(
    list: &str,
    broadcast: &str,
    message: &str,
    call: &str,
    cases: (&str, &str),
    desk: &str,
) -> Vec<(&'static str, String)> {
    let owned = |path: &str| {
        match path.split('/').nth(1) {
            Some("lists") => Some(list),
            Some("broadcasts") => Some(broadcast),
            Some("messages") => Some(message),
            Some("intake") => Some(cases.0),
            Some("cases") => Some(cases.1),
            Some("calls") => Some(call),
            Some("desks" | "outcomes") => Some(desk),
            _ => None,
        }
        .map(str::to_owned)
    };
    STAFF_ROUTES
        .iter()
        .filter(|route| route.path.contains("{id}"))
        .filter_map(|Route { method, path, .. }| {
            Some((
                *method,
                path.replace("{id}", &owned(path)?)
                    .replace("{line}", "2")
                    .replace("{version}", "1")
                    .replace("{twin}", "2"),
            ))
        })
        .collect()
}

#[test]
fn asvs_8_2_1_each_role_reaches_what_its_permissions_say_and_nothing_else() {
    let place = Place::sqlite();
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
    add_account(&place, "everything", None);
    let serving = Serving::start(place.serve().args(&["--simulate", "--hold", "0"]));
    let mut everything = serving.browser();
    everything.sign_in("everything", PASSWORD);
    let sent = SentList::of(&mut everything, "朝.csv", &people(0..3));
    let open: BTreeSet<&str> = ["/", "/lists/new", "/numbers", "/calls", "/templates", "/links"].into();
    for role in Role::ALL {
        let mut browser = serving.browser();
        browser.sign_in(role.code(), PASSWORD);
        let may = |access: Access| access.admits(|permission| Roles::from(role).may(permission));
        for Route {
            method, path, access, ..
        } in STAFF_ROUTES
            .iter()
            .filter(|route| route.access != Access::Anybody)
        {
            let real = match path.split('/').nth(1) {
                Some("lists") => number(&sent.list),
                Some("broadcasts") => number(&sent.broadcast),
                _ => "1",
            };
            let asked = filled(&path.replace("{id}", real));
            let at = format!("{role:?} {method} {path}");
            let headers = [("sec-fetch-site", "same-origin"), ("sec-fetch-mode", "navigate")];
            let status = browser
                .ask(
                    method,
                    &asked,
                    Sent {
                        headers: &headers,
                        body: b"",
                    },
                )
                .status;
            match (*method, may(*access)) {
                (_, false) => assert_eq!(status, 404, "{at}"),
                // Only the demo has phones that answer.
                ("POST", true) if *path == "/phones/reply" => assert_eq!(status, 404, "{at}"),
                // Past the guard, a form without its token, or no form at all, is refused whatever it is about.
                ("POST", true) => assert!([400, 403].contains(&status), "{at}: {status}"),
                _ if open.contains(path) => assert_eq!(status, 200, "{at}"),
                _ => assert!(status < 500, "{at}: {status}"),
            }
        }
    }
}

#[test]
fn asvs_8_2_2_what_belongs_to_another_office_is_not_there() {
    for place in Place::each() {
        for office in ["朝霞保健所", "川口保健所"] {
            place.admin(&["office-add", office]).run().exits(0);
        }
        add_account(&place, "asaka", Some("朝霞保健所"));
        add_account(&place, "kawaguchi", Some("川口保健所"));
        let serving = Serving::start(place.serve().args(&["--simulate", "--hold", "0"]));
        let mut asaka = serving.browser();
        asaka.sign_in("asaka", PASSWORD);
        let sent = SentList::of(&mut asaka, "朝.csv", &people(0..3));
        let message = until("a message has its page", || {
            let page = asaka.get(&format!("{}/messages", sent.broadcast)).body();
            let (_, rest) = page.split_once("/messages/")?;
            rest.split(|c: char| !c.is_ascii_digit())
                .next()
                .filter(|id| !id.is_empty())
                .map(str::to_owned)
        });
        assert_eq!(asaka.get(&format!("/messages/{message}")).status, 200);
        let called = asaka.submit(
            &format!("/messages/{message}"),
            &format!("/messages/{message}/call"),
            &[],
        );
        called.leads_to();
        let work = asaka.submit("/calls", "/calls/next", &[]).leads_to().to_owned();
        assert!(asaka.get(&work).body().contains("090-1000-"), "{work}");
        // Only now: whoever is to be telephoned goes on the call list by themselves, and before a message's person.
        let (intake, case) = take_in_cases(&mut asaka);
        assert_eq!(asaka.get(&format!("/cases/{case}")).status, 200);

        let manager = [
            "account",
            "add",
            "manager",
            "--name",
            "見本 花子",
            "--role",
            "office_manager",
        ];
        let flags: Vec<&str> = manager.into_iter().chain(["--office", "朝霞保健所"]).collect();
        place.admin(&flags).input(PASSWORD).run().exits(0);
        let mut manager = serving.browser();
        manager.sign_in("manager", PASSWORD);
        let desk = make_desk(&mut manager);
        assert_eq!(asaka.get(&format!("/outcomes/desks/{desk}")).status, 200);

        let mut kawaguchi = serving.browser();
        kawaguchi.sign_in("kawaguchi", PASSWORD);
        let token = kawaguchi.get("/templates/new").hidden("csrf");
        let routes = of_an_office(
            number(&sent.list),
            number(&sent.broadcast),
            &message,
            number(&work),
            (&intake, &case),
            &desk,
        );
        assert!(routes.len() > 15);
        for (method, path) in routes {
            let seen = match method {
                "GET" => kawaguchi.get(&path),
                _ if takes_a_file(&path) => {
                    kawaguchi.upload("/templates/new", &path, ("元.csv", b"ID\n1\n"), &[])
                }
                _ => kawaguchi.post(&path, &fields_of(&path, &token)),
            };
            assert_eq!(seen.status, 404, "{method} {path}: {}", seen.body());
            let body = seen.body();
            // Beginnings of numbers that are long enough: a form's random token may hold any four letters.
            for secret in ["朝.csv", "発生届.csv", "090-1000-", "0901000000"] {
                assert!(!body.contains(secret), "{method} {path}: {body}");
            }
        }
        let home = kawaguchi.get("/").body();
        assert!(!home.contains("朝.csv"), "{home}");
        let cases = kawaguchi.get("/cases").body();
        assert!(cases.contains("患者はまだ登録されていません"), "{cases}");
    }
}

/// Two notifications of one person, registered: the number of the list, and of the first case, which may be the same
/// person as the second.
pub(crate) fn take_in_cases(browser: &mut Browser) -> (String, String) {
    let list = "氏名,フリガナ,生年月日,電話番号\n見本 三郎,ミホン サブロウ,S60.4.3,090-1000-0077\n\
        見本 三郎,ミホン サブロウ,S60.4.3,090-1000-0077\n";
    let taken = browser.upload("/intake/new", "/intake", ("発生届.csv", list.as_bytes()), &[]);
    let list = number(taken.leads_to()).to_owned();
    let check = format!("/intake/{list}");
    let told = browser.submit(&check, &format!("{check}/register"), &[]);
    assert!(
        told.leads_to().contains("people=2&twins=1"),
        "{}",
        told.leads_to()
    );
    let found = browser.get("/cases").body();
    let (_, rest) = found.rsplit_once("\"/cases/").expect(&found);
    let case = rest.split('"').next().unwrap().to_owned();
    (list, case)
}

/// A desk of the person's office, from one that ships: its number.
pub(crate) fn make_desk(browser: &mut Browser) -> String {
    let fields = [
        ("model", "shipped-test_kits"),
        ("name", "秘密の案内"),
        ("key", ""),
    ];
    let made = browser.submit("/desks/new", "/desks", &fields);
    let mut words = made.leads_to().split('/').skip(2);
    words.next().expect("/desks/1/versions/1/edit").to_owned()
}

/// Whether the form behind this address sends a file.
pub(crate) fn takes_a_file(path: &str) -> bool {
    [
        "/lists",
        "/lists/references",
        "/offices/many",
        "/staff/many",
        "/intake",
    ]
    .contains(&path)
        || path.ends_with("/reference")
}

pub(crate) fn number(address: &str) -> &str {
    address.rsplit('/').next().unwrap()
}

/// What the form behind this address sends.
pub(crate) fn fields_of<'a>(path: &str, token: &'a str) -> Vec<(&'static str, &'a str)> {
    let more: &[(&str, &str)] = match path.rsplit('/').next().unwrap() {
        "settings" => &[("to", "電話番号"), ("template", "1.1")],
        "2" => &[("seen", "0"), ("row2-column0", "99999999")],
        "exclude" => &[("reason", "重複")],
        "choices" => &[("choice", "household_once")],
        "settle" => &[("outcome", "delivered")],
        "mark" => &[("result", "told")],
        "hand-over" => &[("office", "1")],
        "send" => &[("seal", "x"), ("seen", "0")],
        "mask" => &[("left", "1"), ("top", "1"), ("width", "9"), ("height", "9")],
        _ => &[],
    };
    [("csrf", token)]
        .into_iter()
        .chain(more.iter().copied())
        .collect()
}

#[test]
fn asvs_8_3_1_every_route_in_the_source_stands_in_the_table() {
    let mut found = BTreeSet::new();
    for file in rust_sources() {
        let text = std::fs::read_to_string(&file).unwrap();
        let product = text.split("#[cfg(test)]").next().unwrap();
        for after in product.split(".route(").skip(1) {
            let path = after
                .trim_start()
                .strip_prefix('"')
                .and_then(|rest| rest.split('"').next());
            found.insert(
                path.unwrap_or_else(|| panic!("{}: a route that is no literal", file.display()))
                    .to_owned(),
            );
        }
    }
    let listed: BTreeSet<String> = STAFF_ROUTES
        .iter()
        .map(|route| route.path)
        .chain(RESIDENT_ROUTES.iter().map(|(_, path)| *path))
        .map(str::to_owned)
        .collect();
    // Stylesheets and pictures, the same for everybody.
    found.remove("/static/{name}");
    assert_eq!(found, listed);
}

fn rust_sources() -> Vec<std::path::PathBuf> {
    let mut folders: Vec<_> = std::fs::read_dir(repository().join("crates"))
        .unwrap()
        .map(|entry| entry.unwrap().path().join("src"))
        .collect();
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|end| end == "rs") {
                files.push(path);
            }
        }
    }
    files
}
