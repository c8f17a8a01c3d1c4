//! The link and the birth date: what looks at it, who gets in, and how it ends.

use axum::body::Body;
use axum::extract::Request;
use axum::http::StatusCode;
use base::clock::{DAY, MINUTE};
use desk::limits::{VISIT_ABSOLUTE, VISIT_IDLE};
use desk::{NewRequest, store};
use web::Language;

use crate::host::{CENTRE, HELP, ORG, Residents, case};

const NOWHERE: &str = "/f/1111111111111111111111";

#[tokio::test]
async fn looking_changes_nothing_and_shows_nothing_of_anybody() {
    for residents in Residents::each().await {
        let asked = residents.ask("observation").await;
        let path = asked.token.path();
        for _ in 0..50 {
            for method in ["GET", "HEAD"] {
                let request = Request::builder().method(method).uri(&path);
                let request = request.body(Body::empty()).unwrap();
                let seen = residents.browser().send(request).await;
                assert_eq!(seen.status, StatusCode::OK);
            }
        }
        let page = residents.browser().get(&path).await;
        page.shows("みどり県");
        page.shows(HELP);
        for part in ["bday-year", "bday-month", "bday-day"] {
            page.shows(&format!(r#"autocomplete="{part}" inputmode="numeric""#));
        }
        for hidden in ["健康観察", "1985", CENTRE, "og:", "http-equiv", "<img"] {
            page.hides(hidden);
        }
        assert_eq!(page.header("cache-control"), "no-store");
        assert_eq!(page.header("referrer-policy"), "same-origin");
        assert_eq!(page.header("x-robots-tag"), "noindex, nofollow");
        assert_eq!(page.header("set-cookie"), "");
        let unknown = residents.browser().get(NOWHERE).await;
        assert_eq!(unknown.status, StatusCode::OK);
        assert_eq!(unknown.body.replace(NOWHERE, &path), page.body);
        // A phone took the sentence along.
        let longer = residents.browser().get(&format!("{path}%E3%82%92")).await;
        assert_eq!(longer.body, page.body);
        for broken in ["/f/x", "/f/%E3", &path[..20]] {
            let seen = residents.browser().get(broken).await;
            assert_eq!(seen.status, StatusCode::NOT_FOUND, "{broken}");
            seen.shows("リンクが正しくありません");
        }
        let waiting = store::unanswered(&residents.db, ORG, i64::MAX, None)
            .await
            .unwrap();
        assert_eq!((waiting[0].opened_at, waiting[0].answered_at), (None, None));
    }
}

#[tokio::test]
async fn the_right_birth_date_opens_in_every_spelling() {
    for residents in Residents::each().await {
        let path = residents.ask("observation").await.token.path();
        for fields in [
            [
                ("birth-era", ""),
                ("birth-year", "1985"),
                ("birth-month", "4"),
                ("birth-day", "3"),
            ],
            [
                ("birth-era", "showa"),
                ("birth-year", "６０"),
                ("birth-month", "０４"),
                ("birth-day", "３日"),
            ],
            [
                ("birth-era", ""),
                ("birth-year", "昭和60"),
                ("birth-month", "4"),
                ("birth-day", "3"),
            ],
            [
                ("birth-era", ""),
                ("birth-year", "S60.4.3"),
                ("birth-month", ""),
                ("birth-day", ""),
            ],
        ] {
            let mut browser = residents.browser();
            let seen = browser.post(&path, &fields).await;
            assert_eq!(seen.location(), format!("{path}/begin"), "{fields:?}");
            let cookie = seen.header("set-cookie");
            assert!(cookie.starts_with("__Host-todoke-visit="), "{cookie}");
            assert!(
                cookie.ends_with("; Path=/; HttpOnly; SameSite=Strict; Secure"),
                "{cookie}"
            );
            browser
                .get(&format!("{path}/begin"))
                .await
                .shows("今日の健康観察");
            assert_eq!(browser.get(&path).await.location(), format!("{path}/begin"));
        }
        let mistaken = [
            ("birth-era", "heisei"),
            ("birth-year", "32"),
            ("birth-month", "4"),
            ("birth-day", "3"),
        ];
        let seen = residents.browser().post(&path, &mistaken).await;
        assert_eq!(seen.status, StatusCode::UNPROCESSABLE_ENTITY);
        seen.shows("「令和2年4月3日」のことではありませんか");
        seen.shows("<title>エラー: ");
        seen.shows(r##"<a href="#birth-year">"##);
    }
}

#[tokio::test]
async fn five_wrong_birth_dates_lock_the_link_also_for_the_right_one() {
    for residents in Residents::each().await {
        let path = residents.ask("observation").await.token.path();
        let mut browser = residents.browser();
        // What is no date is no attempt.
        for _ in 0..10 {
            let seen = browser.give_birth_date(&path, "1985", "13", "3").await;
            seen.shows("この日付は暦にありません");
        }
        for attempt in 1..=4 {
            let seen = browser.give_birth_date(&path, "1985", "4", "4").await;
            assert_eq!(seen.status, StatusCode::UNPROCESSABLE_ENTITY, "{attempt}");
            seen.shows("生年月日が、登録されているものと違います");
        }
        for (year, month, day) in [("1985", "4", "5"), ("1985", "4", "3"), ("1985", "4", "6")] {
            let seen = browser.give_birth_date(&path, year, month, day).await;
            assert_eq!(seen.status, StatusCode::FORBIDDEN);
            seen.shows("このリンクは開けなくなりました");
            seen.shows(HELP);
            assert!(browser.jar.is_empty());
        }
        let seen = browser.get(&path).await;
        seen.shows("このリンクは開けなくなりました");
        let waiting = store::unanswered(&residents.db, ORG, i64::MAX, None)
            .await
            .unwrap();
        assert!(waiting[0].locked_at.is_some());
    }
}

#[tokio::test]
async fn twenty_attempts_at_once_are_five() {
    for residents in Residents::each().await {
        let asked = residents.ask("observation").await;
        let mut all = Vec::new();
        for attempt in 0..20_u8 {
            let (mut browser, path) = (residents.browser(), asked.token.path());
            all.push(tokio::spawn(async move {
                let day = if attempt == 19 { 3 } else { attempt + 4 };
                browser
                    .give_birth_date(&path, "1985", "4", &day.to_string())
                    .await
                    .status
            }));
        }
        let mut refused = 0;
        for one in all {
            refused += usize::from(one.await.unwrap() == StatusCode::UNPROCESSABLE_ENTITY);
        }
        assert!(refused <= 4, "{refused} dates were looked at");
    }
}

#[tokio::test]
async fn links_that_do_not_exist_are_slow_to_search() {
    for residents in Residents::each().await {
        let mut browser = residents.browser();
        let mut statuses = Vec::new();
        for _ in 0..25 {
            statuses.push(browser.give_birth_date(NOWHERE, "1985", "4", "3").await.status);
        }
        assert_eq!(statuses[0], StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(statuses[24], StatusCode::TOO_MANY_REQUESTS);
        // A link that is one is not in their way.
        let path = residents.ask("observation").await.token.path();
        let seen = browser.give_birth_date(&path, "1985", "4", "3").await;
        assert_eq!(seen.status, StatusCode::SEE_OTHER);
    }
}

#[tokio::test]
async fn a_link_has_its_time() {
    for residents in Residents::each().await {
        let now = residents.clock.now();
        let new = NewRequest {
            valid_from: now + DAY,
            valid_until: now + 2 * DAY,
            ..residents.request("observation")
        };
        let path = residents.ask_with(new).await.token.path();
        let mut browser = residents.browser();
        browser.get(&path).await.shows("2026年11月23日（令和8年）から");
        let early = browser.give_birth_date(&path, "1985", "4", "3").await;
        early.shows("まだお答えいただけません");
        residents.clock.advance(DAY);
        let seen = browser.give_birth_date(&path, "1985", "4", "3").await;
        assert_eq!(seen.status, StatusCode::SEE_OTHER);
        residents.clock.advance(DAY);
        let over = browser.get(&path).await;
        assert_eq!(over.status, StatusCode::GONE);
        over.shows("このリンクの期限は過ぎました");
        let over = browser.give_birth_date(&path, "1985", "4", "3").await;
        assert_eq!(over.status, StatusCode::GONE);
    }
}

#[tokio::test]
async fn who_does_not_ask_any_more_takes_the_link_back() {
    for residents in Residents::each().await {
        let (mut browser, path) = residents.inside("observation").await;
        let now = residents.db.now();
        let withdrawn = residents
            .db
            .write(move |tx| Box::pin(async move { store::withdraw(tx, ORG, &case(7), now).await }));
        assert_eq!(withdrawn.await.unwrap(), 1);
        let seen = browser.get(&format!("{path}/q/emergency")).await;
        assert_eq!(seen.location(), path);
        let over = browser.get(&path).await;
        assert_eq!(over.status, StatusCode::GONE);
        let waiting = store::unanswered(&residents.db, ORG, i64::MAX, None)
            .await
            .unwrap();
        assert!(waiting.is_empty());
    }
}

#[tokio::test]
async fn a_visit_ends_by_itself_and_belongs_to_one_link() {
    for residents in Residents::each().await {
        let (mut browser, path) = residents.inside("observation").await;
        let page = format!("{path}/q/emergency");
        // As long as somebody answers, it goes on.
        for _ in 0..10 {
            residents.clock.advance(VISIT_IDLE - MINUTE);
            assert_eq!(browser.get(&page).await.status, StatusCode::OK);
        }
        residents.clock.advance(VISIT_IDLE);
        assert_eq!(browser.get(&page).await.location(), path);
        browser.get(&path).await.shows("時間がたったため");
        browser.give_birth_date(&path, "1985", "4", "3").await;
        for _ in 0..(VISIT_ABSOLUTE / (VISIT_IDLE - MINUTE)) {
            residents.clock.advance(VISIT_IDLE - MINUTE);
            browser.get(&page).await;
        }
        residents.clock.advance(VISIT_IDLE - MINUTE);
        assert_eq!(browser.get(&page).await.location(), path);

        let other = residents.ask("observation").await.token.path();
        let (mut browser, _) = residents.inside("observation").await;
        assert_eq!(
            browser.get(&format!("{other}/q/emergency")).await.location(),
            other
        );
        assert_eq!(browser.get(&other).await.status, StatusCode::OK);
    }
}

#[tokio::test]
async fn forms_of_other_sites_are_not_taken() {
    for residents in Residents::each().await {
        let (mut browser, path) = residents.inside("observation").await;
        let page = format!("{path}/q/emergency");
        for (address, fields) in [
            (page.as_str(), vec![("emergency", "lips")]),
            (
                path.as_str(),
                vec![("birth-year", "1985"), ("birth-month", "4"), ("birth-day", "3")],
            ),
            (&format!("{path}/check"), vec![]),
            (
                &format!("{path}/language"),
                vec![("language", "en"), ("page", "begin")],
            ),
            (&format!("{path}/leave"), vec![]),
        ] {
            let seen = browser.post_from_elsewhere(address, &fields).await;
            assert_eq!(seen.status, StatusCode::FORBIDDEN, "{address}");
            seen.shows("もう一度開いてください");
        }
        assert!(residents.flags().await.is_empty());
        assert_eq!(browser.get(&page).await.status, StatusCode::OK, "still inside");
    }
}

#[tokio::test]
async fn the_page_speaks_the_language_of_the_person_or_of_the_link() {
    for residents in Residents::each().await {
        let new = NewRequest {
            language: Language::Vietnamese,
            ..residents.request("observation")
        };
        let path = residents.ask_with(new).await.token.path();
        let mut browser = residents.browser();
        browser.get(&path).await.shows(r#"<html lang="vi">"#);
        let english = browser.get(&format!("{path}?lang=en")).await;
        english.shows(r#"<html lang="en">"#);
        english.shows("Date of birth");
        english.shows(r#"name="lang" value="en""#);
        let fields = [
            ("lang", "en"),
            ("birth-year", "1985"),
            ("birth-month", "4"),
            ("birth-day", "3"),
        ];
        browser.post(&path, &fields).await;
        let begin = browser.get(&format!("{path}/begin")).await;
        begin.shows("Today’s health check");
        begin.shows("have not yet been checked by an expert");
        browser.get(&format!("{path}?lang=xx")).await;
    }
}
