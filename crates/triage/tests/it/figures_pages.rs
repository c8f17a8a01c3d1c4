//! The pages of figures as staff see them.

use axum::http::StatusCode;
use base::clock::DAY;
use base::id::OfficeId;
use triage::case::{CaseSource, NewCase};
use triage::decision::WithoutRules;
use triage::store::cases::add;

use crate::host::{Host, each_host};
use crate::people::{ORG, person};

async fn take_in(host: &Host, office: OfficeId, from: usize, count: usize) {
    let new = (from..from + count).map(|n| NewCase {
        office,
        source: CaseSource::Form,
        notification: person(&format!("見本 {n}"), "", "", &format!("090-1000-{n:04}")),
    });
    add(&host.db, ORG, 0, &WithoutRules, None, new.collect())
        .await
        .unwrap();
}

#[tokio::test]
async fn an_office_sees_itself_and_the_head_office_all() {
    each_host(async |host| {
        take_in(&host, host.asaka, 0, 3).await;
        take_in(&host, host.kawaguchi, 10, 4).await;
        let own = host.browser("asaka").await.get("/figures").await;
        own.shows("この期間は3人、前の期間は0人。");
        own.shows("朝霞保健所");
        own.hides("川口保健所");
        own.hides("公表用の統計");
        let mut browser = host.browser("honcho").await;
        let all = browser.get("/figures").await;
        all.shows("この期間は7人、前の期間は0人。");
        all.shows("川口保健所");
        let one = browser.get(&format!("/figures?office={}", host.kawaguchi)).await;
        one.shows("この期間は4人、前の期間は0人。");
        let asked = format!("/figures?office={}", host.kawaguchi);
        let other = host.browser("asaka").await.get(&asked).await;
        other.shows("この期間は3人、前の期間は0人。");
        let published = host.browser("asaka").await.get("/figures/published").await;
        assert_eq!(published.status, StatusCode::NOT_FOUND);
    })
    .await;
}

#[tokio::test]
async fn each_picture_has_words_and_a_table_with_its_numbers() {
    each_host(async |host| {
        take_in(&host, host.asaka, 0, 3).await;
        host.db.clock().advance(2 * DAY);
        take_in(&host, host.asaka, 10, 8).await;
        let page = host.browser("honcho").await.get("/figures?days=7").await;
        let pictures: Vec<&str> = page.body.split("<svg class=\"plot\"").skip(1).collect();
        assert!(pictures.len() >= 5, "{}", page.body);
        for picture in &pictures {
            let picture = picture.split("</svg>").next().unwrap();
            assert!(picture.contains("role=\"img\"") && picture.contains("<title ") && picture.contains("<desc "));
            assert!(!picture.contains("NaN") && !picture.contains("style="), "{picture}");
        }
        assert_eq!(page.body.matches("<details class=\"disclosure\"><summary>").count(), 7);
        page.shows("9月23日(水)</th><td class=\"number\">8</td>");
        page.shows("9月21日(月)</th><td class=\"number\">3</td>");
        page.shows("まだ増えます");
        // The heat map and its table say the same.
        page.shows("12時台</th><td class=\"number\">3</td><td class=\"number zero\">0</td><td class=\"number\">8</td>");
        page.shows("24時間を超えた人は3人です。");
        page.shows("最も多いのは水曜日の12時台の8人です。前の期間に届いた人はいません。");
        host.db.clock().advance(7 * DAY);
        let mut browser = host.browser("honcho").await;
        let week = "days=7&last=2026-09-29";
        let page = browser.get(&format!("/figures?{week}")).await;
        page.shows("最も多いのは水曜日の12時台の8人、前の期間は月曜日の12時台の3人です。");
        let file = format!("/figures/file?figure=hours&form=csv&{week}");
        browser.get(&file).await.shows("12時台,0,0,8,0,0,0,0,8,3\r\n");
    })
    .await;
}

#[tokio::test]
async fn without_anybody_the_page_says_what_will_be_there() {
    each_host(async |host| {
        let page = host
            .browser("honcho")
            .await
            .get("/figures?days=91&by=onset")
            .await;
        page.shows("この期間に発症日がある人はいません。");
        page.shows("まだ見込みを計算できません");
        page.shows("いま、連絡を待っている人はいません。");
        page.hides("<svg class=\"plot\"");
        for odd in [
            "days=0",
            "last=2999-01-01",
            "last=x&by=x&programme=x&office=x",
            "office=999",
        ] {
            let page = host.browser("honcho").await.get(&format!("/figures?{odd}")).await;
            assert_eq!(page.status, StatusCode::OK, "{odd}");
            page.shows("28日間");
        }
    })
    .await;
}

#[tokio::test]
async fn two_weeks_tell_what_today_will_bring() {
    each_host(async |host| {
        for day in 0..21 {
            take_in(&host, host.asaka, day * 20, 20).await;
            host.db.clock().advance(DAY);
        }
        let page = host.browser("asaka").await.get("/figures").await;
        page.shows("届く人（1日）</dt><dd class=\"big\">11〜29人</dd>");
        let other = host.browser("kawaguchi").await.get("/figures").await;
        other.shows("まだ見込みを計算できません");
    })
    .await;
}

#[tokio::test]
async fn files_hold_the_table_and_what_it_means() {
    each_host(async |host| {
        take_in(&host, host.asaka, 0, 3).await;
        let mut browser = host.browser("asaka").await;
        let csv = browser.get("/figures/file?figure=reach&form=csv&days=7").await;
        assert!(
            csv.body.starts_with("\u{feff}結果,人数,割合（%）,"),
            "{}",
            csv.body
        );
        csv.shows("連絡の途中,3,100.00,0,\r\n");
        csv.shows("数えるもの: 期間中に届いた人の、いまの状態。");
        csv.hides("見本");
        let book = browser.get("/figures/file?figure=first-contact&form=xlsx").await;
        assert!(book.body.starts_with("PK"), "a workbook");
        for figure in ["cases", "backlog", "calls", "hours", "work"] {
            let file = browser
                .get(&format!("/figures/file?figure={figure}&form=csv"))
                .await;
            assert_eq!(file.status, StatusCode::OK, "{figure}");
        }
        for wrong in ["figure=nothing&form=csv", "figure=reach&form=exe"] {
            let file = browser.get(&format!("/figures/file?{wrong}")).await;
            assert_eq!(file.status, StatusCode::NOT_FOUND, "{wrong}");
        }
    })
    .await;
}

#[tokio::test]
async fn what_is_published_hides_the_small() {
    each_host(async |host| {
        take_in(&host, host.asaka, 0, 3).await;
        take_in(&host, host.kawaguchi, 10, 30).await;
        host.db.clock().advance(DAY);
        take_in(&host, host.asaka, 100, 9).await;
        let monday = "2026-09-21";
        host.db.clock().advance(13 * DAY);
        let mut browser = host.browser("honcho").await;
        let page = browser.get(&format!("/figures/published?week={monday}")).await;
        page.shows("朝霞保健所</th><td class=\"number\">12</td>");
        page.shows("9月21日(月)</th><td class=\"number\">33</td>");
        take_in(&host, host.asaka, 200, 2).await;
        host.db.clock().advance(14 * DAY);
        let mut browser = host.browser("honcho").await;
        let small = browser.get("/figures/published?week=2026-10-05").await;
        small.shows("この週は公表できる数がありません");
        let none = browser
            .get("/figures/published/file?form=csv&week=2026-10-05")
            .await;
        assert_eq!(none.status, StatusCode::NOT_FOUND);
        let file = browser
            .get(&format!("/figures/published/file?form=csv&week={monday}"))
            .await;
        file.shows("「5未満」は1人から4人です。");
        file.shows("合計,42,");
    })
    .await;
}
