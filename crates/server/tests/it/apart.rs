//! Organisations on one installation are strictly apart (ASVS 8.4.1, rows 49 and 50): every address that names
//! something is asked for by somebody who may do everything in another organisation.

use std::collections::BTreeMap;

use accounts::alarms::{Alarm, AlarmKind, raise_alone};
use accounts::{Role, Route};
use base::id::{OfficeId, OrgId, StaffId, TemplateId};
use messaging::release::Hours;
use todoke::routes::STAFF_ROUTES;
use triage::order::NewOrder;

use crate::denied::{fields_of, make_desk, number, take_in_cases, takes_a_file};
use crate::support::browser::Browser;
use crate::support::list::people;
use crate::support::place::Place;
use crate::support::serving::{PASSWORD, SentList, Serving};
use crate::support::{runtime, until};

/// Kinds whose numbers are the asking person's own, or that strangers ask for before they sign in.
const OWN: [&str; 2] = ["me", "sign-in"];

/// What nobody of another organisation may read.
const SECRETS: [&str; 7] = [
    "朝.csv",
    "発生届.csv",
    "090-1000-",
    "0901000000",
    "みなと保健所",
    "見本 花子",
    "秘密の案内",
];

pub(crate) fn everything(place: &Place, login: &str, organisation: &str) {
    let mut flags = vec!["--organisation", organisation, "account", "add", login];
    flags.extend(["--name", "見本 花子"]);
    for role in Role::ALL {
        flags.extend(["--role", role.code()]);
    }
    place.admin(&flags).input(PASSWORD).run().exits(0);
}

/// The first number that stands right after `before` in what a page says.
pub(crate) fn number_after(page: &str, before: &str) -> Option<String> {
    page.split(before).skip(1).find_map(|rest| {
        let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
        (!digits.is_empty()).then_some(digits)
    })
}

/// An alarm of the first organisation.
fn alarm(place: &Place) -> String {
    let alarm = Alarm {
        kind: AlarmKind::REVEALS,
        subject: None,
        detail: None,
    };
    let raised = async {
        let db = place.database.open().await.unwrap();
        raise_alone(&db, OrgId::FIRST, alarm).await.unwrap()
    };
    runtime().block_on(raised).to_string()
}

/// An order of the first organisation, by which its people are written to.
fn order(place: &Place) -> String {
    let made = async {
        let db = place.database.open().await.unwrap();
        let order = NewOrder {
            office: OfficeId::new(2),
            programme: 1,
            route: triage::decision::Route::CentreSms,
            version: (TemplateId::new(1), 1),
            per_release: 1,
            per_day: 1,
            hours: Hours::DAYTIME,
            by: StaffId::new(1),
        };
        let order = triage::store::orders::add(&db, OrgId::FIRST, order)
            .await
            .unwrap();
        order.unwrap().to_string()
    };
    runtime().block_on(made)
}

/// What somebody wrote back to the first organisation; its text and number are erased already.
fn reply(place: &Place) -> String {
    const REPLY: db::Sql = db::Sql(
        "INSERT INTO replies (org_id, reply_id, account_id, office_id, number_sealed, number_index, reference,
            part_count, received_at, state)
        VALUES (1, 1, 1, 1, 'erased', 0, 0, 1, 1, 'new')",
    );
    let made = async {
        let db = place.database.open().await.unwrap();
        db.write(|tx| Box::pin(tx.execute(REPLY, Vec::new())))
            .await
            .unwrap();
    };
    runtime().block_on(made);
    "1".to_owned()
}

/// An application with a photo at a desk of the first organisation.
fn application(place: &Place) -> String {
    let made = async {
        let db = place.database.open().await.unwrap();
        let document = desk::document::shipped().into_iter().map(|one| one.document);
        let document = document
            .into_iter()
            .find(|one| !one.document().photos.is_empty())
            .unwrap();
        let (office, author) = (OfficeId::new(2), StaffId::new(1));
        let day = base::date::CalendarDate::new(2026, 11, 1).unwrap();
        let desk = desk::store::add_desk(
            &db,
            OrgId::FIRST,
            office,
            ("版".to_owned(), day, &document),
            author,
        );
        let new = desk::store::NewApplication {
            desk: desk.await.unwrap().unwrap(),
            version: 1,
            office,
            language: web::Language::Japanese,
            content: desk::application::Content::default(),
        };
        let begun = desk::store::begin(&db, OrgId::FIRST, new).await.unwrap();
        let new = desk::store::NewPhoto {
            rule: document.document().photos[0].key.clone(),
            picture: photo::Picture {
                jpeg: b"a picture".to_vec(),
                preview: b"a picture".to_vec(),
                width: 1,
                height: 1,
                came_as: photo::hash(b"a picture"),
                print: None,
                hints: Vec::new(),
            },
            replaces: None,
            masked: false,
        };
        let added = desk::store::add_photo(&db, OrgId::FIRST, begun.id, &document, new).await;
        assert_eq!(
            added.unwrap(),
            desk::store::PhotoAdded::Added(base::id::PhotoId::new(1))
        );
        begun.id.to_string()
    };
    runtime().block_on(made)
}

/// One of each kind in the first organisation, by the first word of its address.
pub(crate) fn one_of_each(browser: &mut Browser) -> BTreeMap<&'static str, String> {
    let sent = SentList::of(browser, "朝.csv", &people(0..3));
    let message = until("a message has its page", || {
        let page = browser.get(&format!("{}/messages", sent.broadcast)).body();
        number_after(&page, "\"/messages/")
    });
    let wrong = [
        ("number", "090-1000-0099"),
        ("kind", "unused"),
        ("corrected", ""),
        ("reason", "つながらない"),
    ];
    browser.submit("/numbers", "/numbers", &wrong).leads_to();
    let call = [
        ("person", "見本 三郎"),
        ("number", ""),
        ("reason", "chosen"),
        ("note", ""),
    ];
    browser.submit("/calls", "/calls", &call).leads_to();
    let link = [("name", "秘密の案内"), ("url", "https://www.example.lg.jp/a")];
    browser.submit("/links/new", "/links", &link).leads_to();
    let programme = [("name", "秘密の案内"), ("example", "")];
    browser
        .submit("/programmes/new", "/programmes", &programme)
        .leads_to();
    let form = browser
        .submit("/forms", "/forms", &[("form", "observation")])
        .leads_to()
        .to_owned();
    let report = format!("/messages/{message}/report");
    let incident = browser
        .submit(&report, &report, &[("note", "")])
        .leads_to()
        .to_owned();
    let sender = [
        ("kind", "own"),
        ("number", "048-000-1234"),
        ("carrier", "all"),
        ("office", ""),
        ("purpose", ""),
        ("from", ""),
        ("until", ""),
    ];
    browser
        .submit("/organisation/senders", "/organisation/senders", &sender)
        .leads_to();
    let export = format!("{}/export", sent.broadcast);
    let asked = [("purpose", "県の報告のため"), ("form", "csv")];
    browser
        .submit(&export, &format!("{export}/ask"), &asked)
        .leads_to();
    let (intake, case) = take_in_cases(browser);
    let desk = make_desk(browser);
    let on = |browser: &mut Browser, page: &str, before: &str| {
        let body = browser.get(page).body();
        number_after(&body, before).unwrap_or_else(|| panic!("no {before} on {page}: {body}"))
    };
    let found = [
        ("lists", number(&sent.list).to_owned()),
        ("broadcasts", number(&sent.broadcast).to_owned()),
        ("messages", message),
        ("numbers", on(browser, "/numbers", "\"/numbers/")),
        ("calls", on(browser, "/calls", "\"/calls/")),
        ("intake", intake),
        ("cases", case),
        ("templates", on(browser, "/templates", "\"/templates/")),
        ("links", on(browser, "/links", "\"/links/")),
        ("programmes", on(browser, "/programmes", "\"/programmes/")),
        ("forms", number_after(&form, "/forms/").expect(&form)),
        (
            "incidents",
            number_after(&incident, "/incidents/").expect(&incident),
        ),
        (
            "organisation",
            on(browser, "/organisation/senders", "\"/organisation/senders/"),
        ),
        ("outcomes", desk.clone()),
        ("desks", desk),
        ("exports", "1".to_owned()),
        ("staff", "1".to_owned()),
        // The head office is office 1 of each organisation; this one is the first's only.
        ("offices", "2".to_owned()),
    ];
    found.into_iter().collect()
}

#[test]
fn asvs_8_4_1_what_belongs_to_another_organisation_is_not_there() {
    for place in Place::each() {
        place.admin(&["office-add", "みなと保健所"]).run().exits(0);
        everything(&place, "first", "1");
        let made = place.admin(&["organisation", "add", "かわべ市"]).run();
        made.exits(0);
        let ambiguous = place.admin(&["office", "list"]).run();
        ambiguous.exits(64);
        everything(&place, "other", "かわべ市");
        let serving = Serving::start(place.serve().args(&[
            "--simulate",
            "--hold",
            "0",
            "--link-hosts",
            "www.example.lg.jp",
        ]));
        let mut first = serving.browser();
        first.sign_in("first", PASSWORD);
        let mut theirs = one_of_each(&mut first);
        theirs.insert("alarms", alarm(&place));
        theirs.insert("reach", order(&place));
        theirs.insert("replies", reply(&place));
        theirs.insert("applications", application(&place));
        theirs.insert("review", theirs["applications"].clone());
        let mut other = serving.browser();
        other.sign_in("other", PASSWORD);
        let token = other.get("/templates/new").hidden("csrf");
        let (mut asked, mut wrong) = (0, Vec::new());
        for Route { method, path, .. } in STAFF_ROUTES.iter().filter(|route| route.path.contains("{id}")) {
            let kind = path.split('/').nth(1).unwrap();
            if OWN.contains(&kind) {
                continue;
            }
            let id = theirs
                .get(kind)
                .unwrap_or_else(|| panic!("{path}: one of its kind has to be made here"));
            let path = path
                .replace("{id}", id)
                .replace("{line}", "2")
                .replace("{version}", "1")
                .replace("{desk}", "self_test")
                .replace("{twin}", "2")
                .replace("{photo}", "1")
                .replace("{list}", "1")
                .replace("{request}", "1")
                .replace("{broadcast}", &theirs["broadcasts"]);
            let seen = match *method {
                "GET" => other.get(&path),
                _ if takes_a_file(&path) => {
                    other.upload("/templates/new", &path, ("元.csv", b"ID\n1\n"), &[])
                }
                _ => other.post(&path, &filled_in(&path, &token)),
            };
            asked += 1;
            let body = seen.body();
            let told = SECRETS.iter().any(|secret| {
                // The head of each page has the asking person's own name.
                body.split("</header>").last().unwrap().contains(secret)
            });
            if seen.status != 404 || told {
                wrong.push(format!("{method} {path}: {} {told} {body}", seen.status));
            }
        }
        assert!(wrong.is_empty(), "{wrong:#?}");
        assert!(asked > 50, "{asked}");
        for path in [
            "/",
            "/staff",
            "/offices",
            "/templates",
            "/links",
            "/programmes",
            "/forms",
            "/desks",
            "/outcomes",
            "/numbers",
            "/calls",
            "/incidents",
            "/cases",
            "/cases/twins",
        ] {
            let body = other.get(path).body();
            let page = body.split("</header>").last().unwrap();
            for secret in ["朝.csv", "みなと", "秘密の案内", ">first<", "見本 三郎"] {
                assert!(!page.contains(secret), "{path}: {secret}: {body}");
            }
        }
        // And theirs is all still there.
        assert!(first.get("/staff").body().contains(">first<"));
    }
}

/// What the form behind this address sends.
fn filled_in<'a>(path: &str, token: &'a str) -> Vec<(&'static str, &'a str)> {
    let words: Vec<&str> = path.split('/').skip(1).collect();
    let mut all = match words[0] {
        "offices" => vec![("csrf", token)],
        _ => fields_of(path, token),
    };
    let more: &[(&str, &str)] = match words[..] {
        ["staff", _, "roles"] => &[("office", "1"), ("role", "sender")],
        ["staff", _, "home"] => &[("home", "1")],
        ["offices", _] => &[("name", "別"), ("kind", "health_centre"), ("last_day", "")],
        ["links", _] => &[("url", "https://www.example.lg.jp/b"), ("version", "1")],
        ["applications", _, "check"] => &[
            ("changes", "1"),
            ("do", "pass"),
            ("priority", "0"),
            ("what", ""),
            ("note", ""),
        ],
        ["applications", _, "withdraw"] => &[("changes", "1"), ("why", "本人の申し出")],
        ["applications", _, "correct"] => &[("number", "1"), ("decision", "confirmed"), ("comment", "x")],
        ["applications", _, "uphold"] => &[("number", "1"), ("comment", "x")],
        ["review", _, "looks", _] => &[("number", "1"), ("comment", ""), ("act", "confirmed")],
        ["review", _, _, "act"] => &[("review", "1"), ("comment", ""), ("act", "confirmed")],
        ["review", _, _, "renew" | "leave"] => &[("review", "1"), ("comment", "")],
        ["review", _, _, "undo"] => &[("number", "1")],
        ["templates", _, "approve"] => &[("version", "1")],
        ["templates", _] => &[("name", "別"), ("body", "別"), ("version", "1")],
        _ => &[],
    };
    all.extend(more);
    all
}
