//! The resident host over a desk, and a browser in which somebody fills in an application, page by page.

use std::net::{IpAddr, Ipv4Addr};

use accounts::SourceAddress;
use axum::{Extension, Router};
use desk::document::{Again, Document, Field, Kit, SendBack, shipped};
use desk::form::Key;
use desk::pages::{ApplyDesk, apply_pages};

use crate::browser::{Browser, Seen};
use crate::house::House;

pub(crate) const HELP: &str = "みどり県 感染症対策課 電話 000-000-0000";

pub(crate) fn desk_of(house: &House) -> ApplyDesk {
    ApplyDesk {
        db: house.db.clone(),
        accounts: house.desk.accounts.clone(),
        desk: house.desk.clone(),
        help: HELP.to_owned(),
        https: true,
    }
}

pub(crate) fn host(house: &House) -> Router {
    let source = SourceAddress(IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1)));
    apply_pages(desk_of(house))
        .layer(Extension(source))
        .layer(axum::middleware::from_fn_with_state(true, web::headers::layer))
}

/// The desk for positive tests, without its pictures, with a product, for children too, and a name that may be asked
/// again.
pub(crate) fn self_test() -> Document {
    let mut desks = shipped().into_iter();
    let found = desks.find(|one| one.document.key().as_str() == "self_test_registration");
    let mut says = found.unwrap().document.document().clone();
    let pictures = |again: &[Again]| again.iter().any(|one| matches!(one, Again::Photo(_)));
    let telling = says.send_backs[0].telling.clone();
    says.photos.clear();
    says.reasons.retain(|one| !pictures(&one.again));
    says.send_backs = vec![SendBack {
        key: Key::parse("name_unclear").unwrap(),
        label: "氏名が読めない".to_owned(),
        again: vec![Again::Field(Field::Name)],
        telling,
    }];
    says.kits = vec![Kit {
        key: Key::parse("midori").unwrap(),
        name: "みどりクイック".to_owned(),
        maker: String::new(),
    }];
    says.fields.push(Field::Guardian);
    for rule in &mut says.ages {
        rule.from = 10;
    }
    says
}

/// What is answered on each page, by the beginning of its address.
pub(crate) const ANSWERS: &[(&str, &[(&str, &str)])] = &[
    ("consent", &[("agree", "yes")]),
    ("e/lives_here", &[("lives_here", "yes")]),
    ("e/treated", &[("treated", "no")]),
    ("e/route", &[("route", "kit")]),
    ("e/approved", &[("approved", "yes")]),
    ("e/symptoms", &[("symptoms", "yes")]),
    ("e/diseases", &[("diseases", "none")]),
    ("e/pregnant", &[("pregnant", "no")]),
    ("q/emergency", &[("emergency", "none")]),
    (
        "name",
        &[
            ("family", "手本"),
            ("given", "花子"),
            ("family-kana", "てほん"),
            ("given-kana", "ﾊﾅｺ"),
        ],
    ),
    (
        "birth",
        &[
            ("birth-era", "showa"),
            ("birth-year", "６０"),
            ("birth-month", "4"),
            ("birth-day", "3"),
        ],
    ),
    ("proxy", &[("by", "own")]),
    (
        "address",
        &[
            ("postcode", "〒０００−００００"),
            ("area", "みどり県あおば市"),
            ("rest", "1-2-3"),
        ],
    ),
    ("phone", &[("phone", "０９０-1234-5678")]),
    ("q/signs", &[("signs", "fever")]),
    ("q/onset", &[("onset", "yesterday")]),
    ("q/tested", &[("tested", "today")]),
    ("q/body", &[("height", "170"), ("weight", "60")]),
    ("q/vaccinated", &[("vaccinated", "2")]),
    ("q/notes", &[("notes", "")]),
    ("kit", &[("kit", "midori")]),
];

/// A browser that has begun an application, and where its pages begin.
pub(crate) async fn begun(house: &House) -> (Browser, String) {
    let mut browser = Browser::of(host(house));
    let path = format!("/d/{}/consent", house.row.key);
    let seen = browser.post(&path, &[("lang", "ja"), ("agree", "yes")]).await;
    let at = seen.location().strip_suffix("/next").unwrap().to_owned();
    (browser, at)
}

/// Goes on from page to page until the one of this name comes up; gives its address.
pub(crate) async fn fill_in(house: &House, browser: &mut Browser, at: &str, until: &str) -> String {
    for _ in 0..40 {
        let next = browser.get(&format!("{at}/next")).await.location().to_owned();
        let page = next.strip_prefix(&format!("{at}/")).unwrap_or(&next).to_owned();
        if page == until {
            return next;
        }
        answer(house, browser, at, &page).await;
    }
    panic!("{until} never came up");
}

/// Answers one page as everybody does.
pub(crate) async fn answer(house: &House, browser: &mut Browser, at: &str, page: &str) -> Seen {
    let shown = browser.get(&format!("{at}/{page}")).await;
    assert_eq!(shown.status, 200, "{page}: {}", shown.body);
    let (_, fields) = ANSWERS
        .iter()
        .find(|(name, _)| *name == page)
        .unwrap_or_else(|| panic!("no answer for {page}"));
    let seen = browser.post(&format!("{at}/{page}"), fields).await;
    assert_eq!(seen.status, 303, "{page}: {}", seen.body);
    if seen.location().ends_with("/code") {
        // It is the newest message, as the phone shows it.
        let code = house.newest_code().await;
        let typed = browser.post(&format!("{at}/code"), &[("code", &code)]).await;
        assert_eq!(typed.status, 303, "{}", typed.body);
        return typed;
    }
    seen
}
