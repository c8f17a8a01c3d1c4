//! One page of questions: mistakes, rows, languages, and fields that nobody asked for.

use axum::http::StatusCode;
use desk::form::Shipped;
use web::Language;

use crate::host::Residents;

#[tokio::test]
async fn a_mistake_is_told_above_and_at_its_field_and_nothing_typed_is_lost() {
    for residents in Residents::each().await {
        let (mut browser, path) = residents.inside("observation").await;
        let page = format!("{path}/q/measured");
        let seen = browser
            .post(&page, &[("temperature", "あつい<b>"), ("spo2", "500")])
            .await;
        assert_eq!(seen.status, StatusCode::UNPROCESSABLE_ENTITY);
        seen.shows("<title>エラー: ");
        seen.shows(r##"<a href="#temperature">数字を入れてください。</a>"##);
        seen.shows(r##"<a href="#spo2">70から100までの数を入れてください。"##);
        seen.shows(r#"aria-describedby="temperature-help temperature-error" aria-invalid="true""#);
        seen.shows(r#"value="500""#);
        seen.hides("<b>");
        seen.shows(r#"inputmode="decimal""#);
        seen.shows(r#"inputmode="numeric""#);
        let empty = browser.post(&format!("{path}/q/intake"), &[]).await;
        empty.shows(r##"<a href="#intake">当てはまるものを選んでください。</a>"##);
        empty.shows(r#"id="intake""#);
        let both = [("symptoms", "none"), ("symptoms", "cough")];
        browser
            .post(&format!("{path}/q/symptoms"), &both)
            .await
            .shows("一緒に選べません");
    }
}

#[tokio::test]
async fn fields_that_are_not_of_the_page_are_refused() {
    for residents in Residents::each().await {
        let (mut browser, path) = residents.inside("observation").await;
        for (page, field) in [
            ("wish", ("temperature", "36")),
            ("wish", ("submitted_at", "1")),
            ("wish", ("language", "xx")),
            ("wish", ("remove", "x")),
            ("intake", ("intake-unknown", "yes")),
        ] {
            let fields = [("call", "yes"), field];
            let fields = if page == "wish" { &fields[..] } else { &fields[1..] };
            let seen = browser.post(&format!("{path}/q/{page}"), fields).await;
            assert_eq!(seen.status, StatusCode::BAD_REQUEST, "{field:?}");
        }
        assert!(residents.flags().await.is_empty());
        let seen = browser.get(&format!("{path}/q/nowhere")).await;
        assert_eq!(seen.location(), format!("{path}/q/emergency"));
    }
}

#[tokio::test]
async fn rows_come_and_go_without_javascript() {
    for residents in Residents::each().await {
        let (mut browser, path) = residents.inside("interview").await;
        let page = format!("{path}/q/household");
        let first = browser.get(&page).await;
        first.shows(r#"name="household-0-name""#);
        first.hides("household-1-name");
        first.hides(r#"name="remove""#);
        let fields = [
            ("household-0-name", "見本 花子"),
            ("household-0-age", "42"),
            ("add", "row"),
        ];
        let two = browser.post(&page, &fields).await;
        assert_eq!(two.status, StatusCode::OK);
        two.shows(r#"value="見本 花子""#);
        two.shows(r#"name="household-1-name""#);
        two.shows(r#"name="remove" value="household-1""#);
        let fields = [
            ("household-0-name", "見本 花子"),
            ("household-1-name", "手本 一郎"),
            ("remove", "household-0"),
        ];
        let one = browser.post(&page, &fields).await;
        one.shows(r#"id="household-0-name" name="household-0-name" value="手本 一郎""#);
        one.hides("見本 花子");
        let fields = [("household-0-name", "手本 一郎"), ("household-1-age", "3")];
        let lacking = browser.post(&page, &fields).await;
        lacking.shows(r##"<a href="#household-1-name">2件目の「名前」を入れてください。"##);
        let fields = [("household-0-name", "手本 一郎"), ("household-1-age", "")];
        let seen = browser.post(&page, &fields).await;
        assert_eq!(seen.status, StatusCode::SEE_OTHER, "{}", seen.body);
        browser.get(&page).await.shows("手本 一郎");
        // A list that is needed leads to its first field.
        browser.post(&format!("{path}/q/met"), &[("met", "yes")]).await;
        let seen = browser.post(&format!("{path}/q/contacts"), &[]).await;
        seen.shows(r##"<a href="#contacts-0-name">"##);
    }
}

#[tokio::test]
async fn another_language_keeps_what_was_typed() {
    for residents in Residents::each().await {
        let (mut browser, path) = residents.inside("observation").await;
        let page = format!("{path}/q/wish");
        let fields = [
            ("call", "yes"),
            ("note", "書きかけ"),
            ("back", "check"),
            ("language", "ne"),
        ];
        let seen = browser.post(&page, &fields).await;
        assert_eq!(seen.status, StatusCode::OK);
        seen.shows(r#"<html lang="ne">"#);
        seen.shows("書きかけ");
        seen.shows(r#"value="yes" checked"#);
        seen.shows(r#"name="back" value="check""#);
        seen.shows("विशेषज्ञले जाँचेका छैनन्");
        assert!(residents.flags().await.is_empty(), "it was not sent");
        browser.get(&page).await.shows(r#"<html lang="ne">"#);
        // The interview has no Nepali: it does not offer it, and shows what it has.
        let (mut browser, path) = residents.inside("interview").await;
        browser
            .post(
                &format!("{path}/language"),
                &[("language", "ne"), ("page", "begin")],
            )
            .await;
        let seen = browser.get(&format!("{path}/q/risk")).await;
        seen.shows(r#"<span lang="ja"><ruby>"#);
        seen.shows("सजिलो जापानीमा");
        seen.hides(r#"value="ko""#);
    }
}

#[tokio::test]
async fn every_page_of_every_form_is_made_in_every_language() {
    for residents in Residents::each().await {
        for form in Shipped::forms() {
            let (mut browser, path) = residents.inside(form.key().as_str()).await;
            browser.post(&format!("{path}/q/ill"), &[("ill", "yes")]).await;
            browser.post(&format!("{path}/q/met"), &[("met", "yes")]).await;
            browser
                .post(&format!("{path}/q/facility"), &[("facility", "yes")])
                .await;
            browser
                .post(&format!("{path}/q/work"), &[("work", "school")])
                .await;
            browser
                .post(&format!("{path}/q/wishes"), &[("wishes", "call")])
                .await;
            for language in Language::ALL {
                let fields = [("language", language.code()), ("page", "begin")];
                browser.post(&format!("{path}/language"), &fields).await;
                for page in form.pages() {
                    let seen = browser.get(&format!("{path}/q/{}", page.key)).await;
                    assert_eq!(seen.status, StatusCode::OK, "{} {:?}", page.key, language);
                    seen.shows(&format!(r#"<html lang="{}">"#, language.tag()));
                    assert_eq!(seen.body.matches("<h1").count(), 1, "{}", page.key);
                    seen.hides("{n}");
                    seen.hides("{day}");
                }
            }
        }
    }
}
