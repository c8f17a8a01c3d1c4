//! What stops a list or waits for somebody to look at it, and that nothing gets around it.

use axum::http::StatusCode;
use base::id::StaffId;
use messaging::store::{self, TemplateDraft};
use messaging::template::{Content, Stage};

use super::host::{Browser, Host, ORG, Seen, TEXT, choose};

/// IDs in no order, as they stand in the source system.
fn id(n: usize) -> String {
    format!("{:06}", 100_000 + n * 7_919 % 90_000)
}

/// A list of so many people, each with the ID of the person so many rows above.
fn people(rows: usize, shift: usize) -> String {
    let row = |n: usize| {
        let whose = (n + rows - shift) % rows;
        format!("{},090{:08},見本 {}\n", id(whose), 11_000_000 + n * 31, person(n))
    };
    std::iter::once("ID,電話,氏名\n".to_owned())
        .chain((0..rows).map(row))
        .collect()
}

fn person(n: usize) -> String {
    let letters = ["太", "郎", "花", "子", "翔", "美", "健", "優"];
    format!("{}{}", letters[n % 8], letters[n / 8 % 8])
}

/// The same people as the source system writes them.
fn source(rows: usize) -> String {
    let row = |n: usize| {
        format!(
            "{},2000-01-01,{},見本　{}\n",
            11_000_000 + n * 31,
            id(n),
            person(n)
        )
    };
    let head = "連絡先,生年月日,患者番号,患者氏名\n".to_owned();
    std::iter::once(head)
        .chain((0..rows).map(|n| format!("090{}", row(n))))
        .collect()
}

async fn give_reference(browser: &mut Browser, list: &str, file: &str) -> Seen {
    let token = browser.token(list).await;
    let file = ("元.csv", file.as_bytes());
    browser
        .upload_to(&format!("{list}/reference"), &token, &[], file)
        .await
}

/// The seal of a confirmation page that stood open.
async fn seal(browser: &mut Browser, list: &str) -> String {
    let page = browser.get(&format!("{list}/confirm")).await;
    let (_, rest) = page.body.split_once(r#"name="seal" value=""#).unwrap();
    rest.split('"').next().unwrap().to_owned()
}

async fn send(browser: &mut Browser, list: &str, seal: &str) -> Seen {
    let fields = [("seal", seal), ("seen", "0")];
    browser
        .submit("/lists/new", &format!("{list}/send"), &fields)
        .await
}

async fn nothing_was_sent(host: &Host) {
    let sent = store::broadcasts_between(&host.db, ORG, 0, i64::MAX)
        .await
        .unwrap();
    assert!(sent.is_empty());
}

#[tokio::test]
async fn a_list_whose_column_slipped_is_stopped_and_no_old_page_sends_it() {
    for host in Host::each().await {
        let (mut browser, template) = host.desk().await;
        let list = browser.list(&template, &people(20, 1)).await;
        let before = browser.get(&list).await;
        assert!(
            before.has("20人の文面を確かめる") && before.has("元の名簿と比べる"),
            "{}",
            before.words()
        );
        let old = seal(&mut browser, &list).await;
        let seen = give_reference(&mut browser, &list, &source(20)).await;
        assert_eq!(seen.location, list, "{}", seen.words());
        let page = browser.get(&list).await;
        assert!(
            page.has("このリストは送れません") && page.has("列が上下にずれています"),
            "{}",
            page.words()
        );
        assert!(page.words().contains("「ID」の列が") && page.has("1行ずつ下にずれています"));
        assert!(
            page.has("このリスト</th>") && page.has("元の名簿</th>"),
            "rows stand side by side"
        );
        assert!(page.has("（元の名簿と違います）"), "{}", page.words());
        assert!(page.has("1行上へ</th><td class=\"number\"><b>"), "{}", page.body);
        assert!(!page.has("人の文面を確かめる") && !page.has("人に送れます"));
        for way in ["preview", "confirm"] {
            let away = browser.get(&format!("{list}/{way}")).await;
            assert_eq!(away.location, list, "{way}");
        }
        let refused = send(&mut browser, &list, &old).await;
        assert_eq!(refused.status, StatusCode::CONFLICT);
        assert!(refused.has("何も送っていません"), "{}", refused.words());
        nothing_was_sent(&host).await;
    }
}

#[tokio::test]
async fn a_list_that_agrees_with_its_source_says_so_and_goes_on() {
    for host in Host::each().await {
        let (mut browser, template) = host.desk().await;
        let list = browser.list(&template, &people(20, 0)).await;
        give_reference(&mut browser, &list, &source(24)).await;
        let page = browser.get(&list).await;
        assert!(
            page.has("20行中20行が、元の名簿と一致しました。"),
            "{}",
            page.words()
        );
        assert!(page.has("「元.csv」と比べました") && page.has("「ID」と、元の名簿の「患者番号」"));
        assert!(page.has("20人の文面を確かめる"));
    }
}

#[tokio::test]
async fn a_reference_that_cannot_be_used_says_why_and_can_be_taken_away() {
    for host in Host::each().await {
        let (mut browser, template) = host.desk().await;
        let list = browser.list(&template, &people(20, 0)).await;
        let unreadable = give_reference(&mut browser, &list, "%PDF-1.7\n").await;
        assert_eq!(unreadable.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(unreadable.has("PDF") && unreadable.has("元.csv") && unreadable.has(r#"type="file""#));
        assert!(
            browser.get(&list).await.has("20人の文面を確かめる"),
            "nothing changed"
        );
        give_reference(&mut browser, &list, "品名,数量\nはさみ,3\nのり,5\n").await;
        let page = browser.get(&list).await;
        assert!(
            page.has("元の名簿と比べられません") && !page.has("人の文面を確かめる"),
            "{}",
            page.words()
        );
        let seen = browser
            .submit(&list, &format!("{list}/reference/remove"), &[])
            .await;
        let page = browser.get(&seen.location).await;
        assert!(page.has("選ばれた元の名簿を外しました") && page.has("20人の文面を確かめる"));
    }
}

#[tokio::test]
async fn a_warning_about_the_whole_list_is_looked_at_before_it_goes_on() {
    for host in Host::each().await {
        let (mut browser, template) = host.desk().await;
        browser.list(&template, &people(12, 0)).await;
        host.db.clock().advance(60_000);
        let list = browser.list(&template, &people(12, 0)).await;
        let page = browser.get(&list).await;
        assert!(
            page.has("同じリストをもう一度選んでいませんか"),
            "{}",
            page.words()
        );
        assert!(!page.has("人の文面を確かめる"));
        let preview = browser.get(&format!("{list}/preview")).await;
        assert!(preview.has("送る前に確かめることが1件あります") && !preview.has("送信の確認に進む"));
        let away = browser.get(&format!("{list}/confirm")).await;
        assert_eq!(away.location, list);
        assert_eq!(send(&mut browser, &list, "").await.status, StatusCode::CONFLICT);
        let other = [("choice", "looked"), ("code", "integrity.shifted")];
        let seen = choose(&mut browser, &list, &other).await;
        assert_eq!(
            seen.status,
            StatusCode::BAD_REQUEST,
            "what stops a list is not waved through"
        );
        choose(
            &mut browser,
            &list,
            &[("choice", "looked"), ("code", "list.same_rows")],
        )
        .await;
        let page = browser.get(&list).await;
        assert!(page.has("12人の文面を確かめる"), "{}", page.words());
        assert!(page.has("田中 花子　「同じリストをもう一度選んでいませんか」を確認しました"));
        let confirm = browser.get(&format!("{list}/confirm")).await;
        assert!(confirm.has("12人に送信する"));
    }
}

#[tokio::test]
async fn a_text_that_may_not_be_sent_today_says_why_and_goes_nowhere() {
    for host in Host::each().await {
        let mut browser = host.staff("asaka", host.asaka).await;
        let (id, _) = host.template(TEXT).await;
        let content = Content {
            stage: Stage::Trial,
            ..Content::of(TEXT.to_owned())
        };
        let draft = TemplateDraft {
            name: "案内".to_owned(),
            folder: String::new(),
            content,
        };
        store::add_template_version(&host.db, ORG, id, draft, StaffId::new(1))
            .await
            .unwrap();
        let list = browser
            .list(&format!("{id}.2"), "ID,電話\n0123,090-1234-5678\n")
            .await;
        let page = browser.get(&list).await;
        assert!(
            page.has("この文面は、いまは送れません") && page.has("試験用です"),
            "{}",
            page.words()
        );
        assert!(!page.has("人の文面を確かめる"));
        assert_eq!(browser.get(&format!("{list}/confirm")).await.location, list);
        assert_eq!(send(&mut browser, &list, "").await.status, StatusCode::CONFLICT);
        nothing_was_sent(&host).await;
    }
}

#[tokio::test]
async fn nobody_decides_about_another_offices_list() {
    for host in Host::each().await {
        let (mut browser, template) = host.desk().await;
        let list = browser.list(&template, &people(12, 0)).await;
        let mut stranger = host.staff("soka", host.soka).await;
        let looked = [("choice", "household_once")];
        let seen = stranger
            .submit("/lists/new", &format!("{list}/choices"), &looked)
            .await;
        assert_eq!(seen.status, StatusCode::NOT_FOUND);
        let token = stranger.token("/lists/new").await;
        let file = ("a.csv", source(12));
        let file = (file.0, file.1.as_bytes());
        let seen = stranger
            .upload_to(&format!("{list}/reference"), &token, &[], file)
            .await;
        assert_eq!(seen.status, StatusCode::NOT_FOUND);
        let seen = stranger
            .submit("/lists/new", &format!("{list}/reference/remove"), &[])
            .await;
        assert_eq!(seen.status, StatusCode::NOT_FOUND);
        let bare = browser.post(&format!("{list}/choices"), &looked).await;
        assert_eq!(bare.status, StatusCode::FORBIDDEN, "a form needs its token");
        assert!(!browser.get(&list).await.has("と選びました"));
    }
}
