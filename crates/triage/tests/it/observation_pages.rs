//! The pages of questions and answers, as staff use them.

use axum::http::StatusCode;
use base::clock::DAY;
use base::date::CalendarDate;
use base::id::{CaseId, OfficeId};
use desk::form::{Answer as Said, Decimal, Key};
use desk::{FormToken, NewRequest, Subject};
use triage::jobs::take_over;
use triage::store::questions::to_review;

use crate::host::{Host, each_host};
use crate::observation::{BIRTH, Pages, answers, ill};
use crate::people::{ORG, take_in};

fn key(name: &str) -> Key {
    Key::parse(name).unwrap()
}

/// Somebody of an office who was asked about today.
async fn asked(host: &Host, office: OfficeId) -> (CaseId, FormToken) {
    let case = take_in(&host.db, office, vec![ill(7)]).await.cases[0];
    let (db, vault, now) = (host.db.clone(), host.db.vault(ORG).await.unwrap(), host.db.now());
    let new = NewRequest {
        form: key("observation"),
        subject: Subject {
            kind: key("case"),
            id: case.get(),
        },
        birth_date: CalendarDate::new(BIRTH.0, BIRTH.1, BIRTH.2).unwrap(),
        language: web::Language::Japanese,
        contact: None,
        valid_from: now,
        valid_until: now + DAY,
        message: None,
        asked_by: None,
    };
    let made = host.db.write(move |tx| {
        let (db, vault, new) = (db.clone(), vault.clone(), new.clone());
        Box::pin(async move { desk::store::ask(&db, tx, ORG, &vault, &new, now).await })
    });
    (case, made.await.unwrap().unwrap().token)
}

/// Low oxygen and a fever, sent.
fn bad() -> Pages {
    vec![
        (
            "emergency",
            vec![("emergency", Said::Several([key("none")].into()))],
        ),
        (
            "measured",
            vec![
                ("temperature", Said::Number(Decimal::read("38.9").unwrap())),
                ("spo2", Said::Number(Decimal::whole(91))),
            ],
        ),
        (
            "symptoms",
            vec![("symptoms", Said::Several([key("cough")].into()))],
        ),
        ("intake", vec![("intake", Said::Choice(key("little")))]),
        ("wish", vec![("call", Said::YesNo(false))]),
    ]
}

#[tokio::test]
async fn a_worker_sees_the_alarm_the_curve_and_the_answer_and_says_that_it_is_done() {
    each_host(async |host| {
        let (case, token) = asked(&host, host.asaka).await;
        answers(&host.db, &token, bad(), true).await;
        take_over(&host.db, ORG).await.unwrap();
        let mut browser = host.browser("asaka").await;
        let list = browser.get("/observation").await;
        list.shows("SpO2 が93%以下");
        list.shows(&format!("/cases/{case}#care"));
        let page = browser.get(&format!("/cases/{case}")).await;
        page.shows("対応が必要な回答 1件");
        page.shows("<svg");
        page.shows("38.9");
        page.shows("未確認");
        let address = format!("/cases/{case}");
        let request = page.hidden("request");
        let handled = [
            ("request", request.as_str()),
            ("code", "spo2_very_low"),
            ("note", "救急搬送"),
        ];
        let seen = browser
            .submit(&address, &format!("{address}/alerts"), &handled)
            .await;
        assert_eq!(seen.status, StatusCode::SEE_OTHER, "{}", seen.body);
        assert_eq!(seen.location, format!("{address}?done=handled"));
        let read = [("request", request.as_str()), ("note", "酸素が低い")];
        let seen = browser
            .submit(&address, &format!("{address}/reviews"), &read)
            .await;
        assert_eq!(seen.location, format!("{address}?done=reviewed"));
        assert!(to_review(&host.db, ORG, None).await.unwrap().is_empty());
        let page = browser.get(&address).await;
        page.hides("対応が必要な回答");
        page.shows("酸素が低い");
    })
    .await;
}

#[tokio::test]
async fn another_office_sees_and_changes_nothing() {
    each_host(async |host| {
        let (case, token) = asked(&host, host.asaka).await;
        answers(&host.db, &token, bad(), true).await;
        take_over(&host.db, ORG).await.unwrap();
        let mut browser = host.browser("kawaguchi").await;
        browser
            .get("/observation?view=alerts")
            .await
            .shows("対応を待つ人はいません");
        for page in ["", "/course"] {
            let seen = browser.get(&format!("/cases/{case}{page}")).await;
            assert_eq!(seen.status, StatusCode::NOT_FOUND);
        }
        for action in ["alerts", "reviews", "course"] {
            let fields = [("request", "1"), ("code", "spo2_very_low")];
            let seen = browser
                .submit("/cases", &format!("/cases/{case}/{action}"), &fields)
                .await;
            assert_eq!(seen.status, StatusCode::NOT_FOUND, "{action}");
        }
        let mut head = host.browser("honcho").await;
        head.get("/observation?view=alerts").await.shows("SpO2 が93%以下");
        let other = format!("/observation?view=alerts&office={}", host.kawaguchi);
        head.get(&other).await.shows("対応を待つ人はいません");
    })
    .await;
}

#[tokio::test]
async fn the_questions_are_read_in_every_language() {
    each_host(async |host| {
        let mut browser = host.browser("asaka").await;
        let page = browser.get("/observation/forms?form=observation").await;
        page.shows("今の体温");
        page.shows("{{リンク 質問票 健康観察}}");
        let page = browser
            .get("/observation/forms?form=observation&language=vi")
            .await;
        page.shows("Theo dõi sức khỏe hôm nay");
        page.shows("まだ確かめていません");
        browser
            .get("/observation/forms?form=interview")
            .await
            .shows("一緒に住んでいる人");
    })
    .await;
}
