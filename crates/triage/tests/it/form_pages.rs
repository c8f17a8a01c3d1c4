//! What residents are asked: written in the browser, approved by somebody else, asked from its first day on.

use axum::http::StatusCode;
use desk::form::{Form, Key};
use desk::store::{current_form, versions};
use triage::questions::form_key;
use web::Language;

use crate::programme_host::{Browser, Host, ORG, hosts};

const OBSERVATION: &str = "observation";

/// A new draft; gives the address of its version.
async fn draft(browser: &mut Browser) -> String {
    let made = browser.submit("/forms", "/forms", &[("form", OBSERVATION)]).await;
    made.leads_to().strip_suffix("/edit").unwrap().to_owned()
}

async fn title(host: &Host, language: Language) -> String {
    let form = current_form(&host.db, ORG, &form_key(OBSERVATION))
        .await
        .unwrap()
        .unwrap();
    form.document().title.shown(language).plain().to_owned()
}

/// The fields of the texts, as they stand, but for these.
fn texts<'a>(revision: &'a str, from: &'a str, changed: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let mut fields = vec![
        ("revision", revision),
        ("title-of-version", "題を変えた"),
        ("from", from),
    ];
    fields.extend(changed);
    fields
}

async fn approve(browser: &mut Browser, version: &str) -> StatusCode {
    let revision = browser.get(version).await.hidden("revision");
    let approved = browser
        .submit(
            version,
            &format!("{version}/approve"),
            &[("revision", revision.as_str())],
        )
        .await;
    approved.status
}

#[tokio::test]
async fn new_questions_are_asked_once_somebody_else_has_approved_them() {
    for host in hosts().await {
        let (mut head, mut approver) = (host.browser("honcho").await, host.browser("shonin").await);
        head.get("/forms").await.shows("プログラムに付いているもの");
        let version = draft(&mut head).await;
        let edit = format!("{version}/edit");
        let page = head.get(&edit).await;
        page.shows("今日の健康観察");
        page.shows("唇が紫色");
        let empty = texts("1", "2026/11/22", &[("language", "ja"), ("text-title", "")]);
        let refused = head.submit(&edit, &edit, &empty).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        let words = [("language", "ja"), ("text-title", "体の調子を教えてください")];
        let saved = head.submit(&edit, &edit, &texts("1", "2026/11/22", &words)).await;
        assert_eq!(saved.leads_to(), version);
        let late = head.submit(&edit, &edit, &texts("1", "2026/11/22", &words)).await;
        assert_eq!(late.status, StatusCode::CONFLICT, "from an older revision");
        late.shows("体の調子を教えてください");
        let words = [
            ("language", "en"),
            ("text-title", "How are you?"),
            ("reviewed", "yes"),
        ];
        head.submit(&edit, &edit, &texts("2", "2026/11/22", &words))
            .await
            .leads_to();
        head.get(&format!("{version}?language=en"))
            .await
            .shows("How are you?");
        assert_eq!(title(&host, Language::Japanese).await, "今日の健康観察");
        let own = head
            .submit(&version, &format!("{version}/approve"), &[("revision", "3")])
            .await;
        assert_ne!(own.status, StatusCode::SEE_OTHER, "by whoever wrote it");
        assert_eq!(approve(&mut approver, &version).await, StatusCode::SEE_OTHER);
        assert_eq!(title(&host, Language::Japanese).await, "体の調子を教えてください");
        assert_eq!(title(&host, Language::English).await, "How are you?");
        head.get("/forms").await.shows("いまの質問");
        let after = head
            .submit("/forms", &edit, &texts("3", "2026/11/22", &words))
            .await;
        assert_eq!(
            after.status,
            StatusCode::CONFLICT,
            "what was approved is not written any more"
        );
        let why = [("reason", "言葉を直すため")];
        let withdrawn = approver
            .submit(&version, &format!("{version}/withdraw"), &why)
            .await;
        assert_eq!(withdrawn.leads_to(), version);
        assert_eq!(title(&host, Language::Japanese).await, "今日の健康観察");
    }
}

#[tokio::test]
async fn a_version_for_later_waits_and_the_one_with_the_later_day_is_asked() {
    for host in hosts().await {
        let (mut head, mut approver) = (host.browser("honcho").await, host.browser("shonin").await);
        // The later day is approved first.
        for (day, words) in [("2026/12/1", "12月の題"), ("2026/11/22", "11月の題")] {
            let version = draft(&mut head).await;
            let edit = format!("{version}/edit");
            let fields = [("language", "ja"), ("text-title", words)];
            head.submit(&edit, &edit, &texts("1", day, &fields))
                .await
                .leads_to();
            assert_eq!(approve(&mut approver, &version).await, StatusCode::SEE_OTHER);
        }
        assert_eq!(title(&host, Language::Japanese).await, "11月の題");
        host.clock.advance(20 * base::clock::DAY);
        assert_eq!(title(&host, Language::Japanese).await, "12月の題");
        let kept = versions(&host.db, ORG, &form_key(OBSERVATION)).await.unwrap();
        assert_eq!(kept.iter().filter(|one| one.is_own).count(), 2);
    }
}

#[tokio::test]
async fn the_whole_document_is_checked_and_keeps_its_name() {
    for host in hosts().await {
        let mut head = host.browser("honcho").await;
        let version = draft(&mut head).await;
        let edit = format!("{version}/edit");
        let shipped = desk::form::Shipped::of(OBSERVATION).unwrap().document;
        let other = shipped.replacen("\"observation\"", "\"another\"", 1);
        for wrong in ["{}", &other] {
            let seen = head
                .submit(&edit, &edit, &texts("1", "2026/11/22", &[("document", wrong)]))
                .await;
            assert_eq!(seen.status, StatusCode::UNPROCESSABLE_ENTITY);
        }
        let whole = shipped.replace("今日の健康観察", "けさの体調");
        assert_eq!(
            Form::parse(&whole).unwrap().key(),
            &Key::parse(OBSERVATION).unwrap()
        );
        let saved = head
            .submit(&edit, &edit, &texts("1", "2026/11/22", &[("document", &whole)]))
            .await;
        assert_eq!(saved.leads_to(), version);
        head.get(&version).await.shows("けさの体調");
        let mut asaka = host.browser("asaka").await;
        asaka.get("/forms").await.hides("新しい版を作る");
        let foreign = asaka
            .submit("/me/password", &edit, &texts("2", "2026/11/22", &[]))
            .await;
        assert_eq!(foreign.status, StatusCode::NOT_FOUND, "the head office's alone");
    }
}
