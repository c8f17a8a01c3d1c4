//! From the first page to the thanks.

use axum::http::StatusCode;
use base::clock::DAY;
use base::id::MessageId;
use desk::form::Answer;
use desk::store;

use crate::host::{Browser, CENTRE, HELP, ORG, Residents, case, key};

/// Answers the observation from its first page on, with nothing alarming.
async fn observe(browser: &mut Browser, path: &str) {
    for (page, fields, next) in [
        ("emergency", vec![("emergency", "none")], "q/measured"),
        (
            "measured",
            vec![("temperature", "３６．８"), ("spo2-unknown", "yes")],
            "q/symptoms",
        ),
        (
            "symptoms",
            vec![("symptoms", "cough"), ("symptoms", "head")],
            "q/intake",
        ),
        ("intake", vec![("intake", "well")], "q/wish"),
        ("wish", vec![("call", "no"), ("note", "")], "check"),
    ] {
        let seen = browser.get(&format!("{path}/q/{page}")).await;
        assert_eq!(seen.status, StatusCode::OK, "{page}");
        let mut fields = fields;
        fields.push(("go", "next"));
        let seen = browser.post(&format!("{path}/q/{page}"), &fields).await;
        assert_eq!(seen.location(), format!("{path}/{next}"), "{page} {}", seen.body);
    }
}

#[tokio::test]
async fn an_observation_is_answered_looked_over_changed_and_sent_once() {
    for residents in Residents::each().await {
        let (mut browser, path) = residents.inside("observation").await;
        let begin = browser.get(&format!("{path}/begin")).await;
        begin.shows("保健所と、県から仕事を頼まれている担当者だけ");
        begin.shows(&format!(r#"href="{path}/q/emergency""#));
        begin.shows("119に電話してください");
        observe(&mut browser, &path).await;
        let check = browser.get(&format!("{path}/check")).await;
        check.shows("まだ送っていません");
        check.shows("36.8℃");
        check.shows("機械がない");
        check.shows("未回答");
        check.shows(&format!(
            r#"href="{path}/q/measured?back=check" aria-label="「今の体温」を変更""#
        ));
        let change = browser.get(&format!("{path}/q/measured?back=check")).await;
        change.shows(r#"value="36.8""#);
        change.shows(r#"name="back" value="check""#);
        let fields = [("back", "check"), ("temperature", "37.2"), ("spo2", "97")];
        let seen = browser.post(&format!("{path}/q/measured"), &fields).await;
        assert_eq!(seen.location(), format!("{path}/check"));
        browser.get(&format!("{path}/check")).await.shows("37.2℃");

        for _ in 0..2 {
            let sent = browser.post(&format!("{path}/check"), &[]).await;
            assert_eq!(sent.location(), format!("{path}/done"));
            residents.clock.advance(1_000);
        }
        let done = browser.get(&format!("{path}/done")).await;
        done.shows("お答えを受け取りました");
        done.shows("次のSMSで");
        done.shows(CENTRE);
        done.shows("2026-11-22 14:05");
        done.hides("37.2");
        done.hides("職員からお電話します");
        for closed in ["q/measured", "check", "begin", "stop?page=emergency"] {
            assert_eq!(
                browser.get(&format!("{path}/{closed}")).await.location(),
                format!("{path}/done")
            );
        }
        let late = browser.post(&format!("{path}/q/wish"), &[("call", "yes")]).await;
        assert_eq!(late.location(), format!("{path}/done"));

        let answered = store::answers_of(&residents.db, ORG, &case(7)).await.unwrap();
        assert_eq!(answered.len(), 1);
        assert_eq!(answered[0].submitted_at, crate::host::START);
        assert_eq!(answered[0].answers.len(), 6);
        assert!(matches!(answered[0].answers[&key("spo2")], Answer::Number(n) if n.to_string() == "97"));
        assert!(!answered[0].answers.contains_key(&key("note")));
        let ids = [MessageId::new(70), MessageId::new(71)];
        let contacts = store::contacts_of_messages(&residents.db, ORG, &ids)
            .await
            .unwrap();
        assert_eq!(contacts.len(), 1);
        assert!(contacts[&ids[0]].opened_at.is_some() && contacts[&ids[0]].answered_at.is_some());
    }
}

#[tokio::test]
async fn one_goes_on_another_day_with_the_same_link() {
    for residents in Residents::each().await {
        let (mut browser, path) = residents.inside("interview").await;
        browser
            .post(&format!("{path}/q/emergency"), &[("emergency", "none")])
            .await;
        browser.post(&format!("{path}/q/ill"), &[("ill", "yes")]).await;
        // What is wrong is not kept, what is right is.
        let fields = [
            ("onset", "day"),
            ("onset-month", "13"),
            ("onset-day", "1"),
            ("go", "later"),
        ];
        let seen = browser.post(&format!("{path}/q/onset"), &fields).await;
        assert_eq!(seen.location(), format!("{path}/later"));
        assert!(browser.jar.is_empty(), "the browser is let go");
        let later = browser.get(&format!("{path}/later")).await;
        later.shows("ここまでのお答えを保存しました");
        later.shows("2026年11月25日（令和8年）まで");
        residents.clock.advance(DAY);
        assert_eq!(browser.get(&format!("{path}/q/onset")).await.location(), path);
        browser.give_birth_date(&path, "1985", "4", "3").await;
        let begin = browser.get(&format!("{path}/begin")).await;
        begin.shows("前回の続きから");
        begin.shows(&format!(r#"href="{path}/q/onset""#));
        browser
            .get(&format!("{path}/q/ill"))
            .await
            .shows(r#"value="yes" checked"#);
        let waiting = store::unanswered(&residents.db, ORG, i64::MAX, None)
            .await
            .unwrap();
        assert!(waiting[0].answered_at.is_some() && waiting[0].opened_at.is_some());
        assert!(
            store::answers_of(&residents.db, ORG, &case(7))
                .await
                .unwrap()
                .is_empty()
        );
    }
}

#[tokio::test]
async fn nothing_is_sent_before_everything_is_answered() {
    for residents in Residents::each().await {
        let (mut browser, path) = residents.inside("observation").await;
        for method in ["get", "post"] {
            let address = format!("{path}/check");
            let seen = match method {
                "get" => browser.get(&address).await,
                _ => browser.post(&address, &[]).await,
            };
            assert_eq!(seen.location(), format!("{path}/q/emergency"), "{method}");
        }
        // The way may be taken in any order.
        browser.post(&format!("{path}/q/wish"), &[("call", "no")]).await;
        assert_eq!(
            browser.get(&format!("{path}/check")).await.location(),
            format!("{path}/q/emergency")
        );
        assert!(
            store::answers_of(&residents.db, ORG, &case(7))
                .await
                .unwrap()
                .is_empty()
        );
    }
}

#[tokio::test]
async fn an_emergency_stops_the_questions_and_staff_know_at_once() {
    for residents in Residents::each().await {
        let (mut browser, path) = residents.inside("observation").await;
        let page = format!("{path}/q/emergency");
        let fields = [("emergency", "lips"), ("emergency", "breath")];
        let seen = browser.post(&page, &fields).await;
        assert_eq!(seen.location(), format!("{path}/stop?page=emergency"));
        let flags = store::red_flags_since(&residents.db, ORG, 0).await.unwrap();
        assert_eq!(flags.len(), 1);
        assert_eq!(
            (flags[0].code.as_str(), flags[0].label.as_str()),
            ("emergency_signs", "緊急の症状がある")
        );
        assert_eq!(flags[0].subject, case(7));
        assert_eq!((flags[0].cleared_at, flags[0].submitted_at), (None, None));
        let stop = browser.get(&format!("{path}/stop?page=emergency")).await;
        stop.shows("すぐに119に電話してください");
        stop.shows(r#"href="tel:119""#);
        stop.shows(CENTRE);
        stop.shows(&format!(r#"href="{path}/q/measured""#));
        stop.shows(&format!(r#"href="{path}/q/emergency?""#));
        // In another language too, and back to the same page.
        let seen = browser
            .post(
                &format!("{path}/language"),
                &[("language", "en"), ("page", "stop?page=emergency&")],
            )
            .await;
        assert_eq!(seen.location(), format!("{path}/stop?page=emergency&"));
        browser.get(seen.location()).await.shows("Call 119 now");
        // A slip of the finger is taken back, and stays known.
        let seen = browser.post(&page, &[("emergency", "none")]).await;
        assert_eq!(seen.location(), format!("{path}/q/measured"));
        assert_eq!(residents.flags().await, [("emergency_signs".to_owned(), true)]);
        let seen = browser.get(&format!("{path}/stop?page=emergency")).await;
        assert_eq!(seen.location(), format!("{path}/q/measured"));
        let fields = [("temperature", "39"), ("spo2", "92")];
        let seen = browser.post(&format!("{path}/q/measured"), &fields).await;
        assert_eq!(seen.location(), format!("{path}/stop?page=measured"));
        let standing = residents.flags().await;
        assert_eq!(
            standing,
            [
                ("emergency_signs".to_owned(), true),
                ("spo2_very_low".to_owned(), false)
            ]
        );
    }
}

#[tokio::test]
async fn who_is_to_be_called_reads_so_at_the_end() {
    for residents in Residents::each().await {
        let (mut browser, path) = residents.inside("observation").await;
        observe(&mut browser, &path).await;
        browser
            .post(
                &format!("{path}/q/wish"),
                &[("back", "check"), ("call", "yes"), ("note", "質問")],
            )
            .await;
        browser.post(&format!("{path}/check"), &[]).await;
        let done = browser.get(&format!("{path}/done")).await;
        done.shows("職員からお電話します");
        done.shows(HELP);
        assert_eq!(residents.flags().await, [("wants_call".to_owned(), false)]);
        let left = browser.post(&format!("{path}/leave"), &[]).await;
        assert_eq!(left.location(), format!("{path}/left"));
        browser
            .get(&format!("{path}/left"))
            .await
            .shows("表示を終えました");
        assert_eq!(browser.get(&format!("{path}/done")).await.location(), path);
        // Behind the birth date it can be seen again that the answers are there.
        browser.get(&path).await.shows("生年月日");
        browser.give_birth_date(&path, "1985", "4", "3").await;
        let begin = browser.get(&format!("{path}/begin")).await;
        assert_eq!(begin.location(), format!("{path}/done"));
    }
}
