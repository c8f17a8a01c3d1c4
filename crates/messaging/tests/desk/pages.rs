//! A list on its way from the upload to the look at its texts, as a person meets it in the browser.

use std::sync::Arc;

use axum::http::StatusCode;
use base::clock::MINUTE;
use base::id::OfficeId;
use base::phone::PhoneNumber;
use base::segment::Segmentation;
use lists::contacts::Purpose;
use messaging::broadcast::{self, Horizon, Lane, NewBroadcast, Origin, Outgoing};
use rust_xlsxwriter::Workbook;

use super::host::{Host, ORG, TEXT};

const LIST: &str = "ID,電話,氏名\n0123,090-1234-5678,見本 一郎\n0124,048-123-4567,見本 花子\n\
    ,０９０１２３４５６７９,見本 翔太\n0126,9012345680,見本 次郎\n";

#[tokio::test]
async fn the_upload_page_shows_the_texts_and_how_a_list_should_look() {
    for host in Host::each().await {
        let mut browser = host.staff("asaka", host.asaka).await;
        let without = browser.get("/lists/new").await;
        assert!(without.has("送る文面がまだありません") && without.has("/templates/new"));
        host.template(TEXT).await;
        let page = browser.get("/lists/new").await;
        assert!(page.has("案内（第1版）") && page.has("【みどり県】あなたのIDは{{ID}}です。"));
        assert!(
            page.has("1人目のID"),
            "the example has the column that the text needs"
        );
    }
}

#[tokio::test]
async fn bad_rows_stay_behind_and_good_ones_go_ahead() {
    let host = Host::new().await;
    let (mut browser, template) = host.desk().await;
    let list = browser.list(&template, LIST).await;
    let page = browser.get(&list).await;
    assert!(page.has("2行に直すところがあります"), "{}", page.words());
    assert!(page.has("2人の文面を確かめる"));
    assert!(page.has("SMSが届く番号に直すか、電話で連絡する: 1行") && page.has("差し込む値を書き足す: 1行"));
    assert!(
        page.has("UTF-8") && page.has("B列「電話」") && page.has("A列「ID」"),
        "what was understood"
    );
    let (_, cell) = page.body.split_once(r#"id="row3-column1-error""#).unwrap();
    assert!(cell.starts_with('>') && cell.contains("SMSが届かない番号です"));
    assert!(
        page.has(r#"value="048-123-4567""#),
        "the value stands below its error"
    );
    assert!(
        page.has("3行目") && page.has("4行目"),
        "the numbers that Excel shows"
    );
    assert!(
        page.has("9012345680") && page.has("090-1234-5680"),
        "a repair is shown with before and after"
    );
}

#[tokio::test]
async fn a_row_is_mended_in_place_and_its_history_kept() {
    let host = Host::new().await;
    let (mut browser, template) = host.desk().await;
    let list = browser.list(&template, LIST).await;
    let fields = [
        ("seen", "0"),
        ("page", "1"),
        ("row3-column0", "0124"),
        ("row3-column1", "080-1111-2222"),
    ];
    let seen = browser.submit(&list, &format!("{list}/rows/3"), &fields).await;
    assert_eq!(
        (seen.status, seen.location.as_str()),
        (StatusCode::SEE_OTHER, format!("{list}?done=mended").as_str())
    );
    let page = browser.get(&seen.location).await;
    assert!(page.has("直した内容で検査し直しました") && page.has("1行に直すところがあります"));
    assert!(page.has("3人の文面を確かめる"));
    assert!(page.has("電話を「048-123-4567」から「080-1111-2222」に直しました") && page.has("田中 花子"));
    let again = browser.submit(&list, &format!("{list}/rows/3"), &fields).await;
    assert_eq!(
        again.status,
        StatusCode::CONFLICT,
        "the form was shown before the change"
    );
    let other = [("seen", "1"), ("row4-column1", "080-3333-4444")];
    let seen = browser.submit(&list, &format!("{list}/rows/3"), &other).await;
    assert_eq!(
        seen.status,
        StatusCode::BAD_REQUEST,
        "a value never goes to another row"
    );
}

#[tokio::test]
async fn a_row_is_left_out_with_a_reason_and_taken_in_again() {
    let host = Host::new().await;
    let (mut browser, template) = host.desk().await;
    let list = browser.list(&template, LIST).await;
    let exclude = format!("{list}/rows/2/exclude");
    let without = browser.submit(&list, &exclude, &[("reason", "　")]).await;
    assert_eq!(without.status, StatusCode::UNPROCESSABLE_ENTITY);
    for _ in 0..2 {
        let seen = browser
            .submit(&list, &exclude, &[("reason", "電話で連絡する")])
            .await;
        assert_eq!(seen.status, StatusCode::SEE_OTHER, "pressing twice does no harm");
    }
    let page = browser.get(&list).await;
    assert!(page.has("1人の文面を確かめる") && page.has("除外した行（1行）"));
    assert!(page.has("除外しました（電話で連絡する）"));
    browser
        .submit(&list, &format!("{list}/rows/2/include"), &[])
        .await;
    let page = browser.get(&list).await;
    assert!(page.has("2人の文面を確かめる") && !page.has("除外した行（"));
}

#[tokio::test]
async fn what_is_not_of_the_office_is_not_there_except_for_the_head_office() {
    let host = Host::new().await;
    let (mut browser, template) = host.desk().await;
    let list = browser.list(&template, LIST).await;
    let mut stranger = host.staff("soka", host.soka).await;
    for path in [
        list.clone(),
        format!("{list}/preview"),
        "/lists/999".to_owned(),
        "/lists/x".to_owned(),
    ] {
        assert_eq!(stranger.get(&path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    let forms: [(&str, &[(&str, &str)]); 5] = [
        ("/rows/3", &[("seen", "0"), ("row3-column1", "080-1111-2222")]),
        ("/rows/3/exclude", &[("reason", "x")]),
        ("/rows/3/include", &[]),
        ("/settings", &[("to", "氏名"), ("template", "")]),
        ("/withdraw", &[]),
    ];
    for (form, fields) in forms {
        let seen = stranger
            .submit("/lists/new", &format!("{list}{form}"), fields)
            .await;
        assert_eq!(seen.status, StatusCode::NOT_FOUND, "{form}");
    }
    let mut head = host.staff("head", OfficeId::HEADQUARTERS).await;
    let page = head.get(&list).await;
    assert!(
        page.has("2行に直すところがあります"),
        "nothing was changed, and the head office sees it"
    );
}

#[tokio::test]
async fn forms_need_their_token_and_somebody_signed_in() {
    let host = Host::new().await;
    let (mut browser, template) = host.desk().await;
    let list = browser.list(&template, LIST).await;
    let fields = [("reason", "x")];
    for action in [
        "rows/3",
        "rows/3/exclude",
        "rows/3/include",
        "settings",
        "withdraw",
    ] {
        let seen = browser.post(&format!("{list}/{action}"), &fields).await;
        assert_eq!(seen.status, StatusCode::FORBIDDEN, "{action}");
    }
    let seen = browser.upload_with("", &[], "a.csv", LIST.as_bytes()).await;
    assert_eq!(seen.status, StatusCode::FORBIDDEN);
    browser.cookies.clear();
    let seen = browser.get(&list).await;
    assert!(seen.location.starts_with("/sign-in"), "{}", seen.location);
}

#[tokio::test]
async fn a_file_that_is_no_list_is_explained_with_the_form_to_go_on() {
    let host = Host::new().await;
    let (mut browser, template) = host.desk().await;
    let files: [(&[u8], &str); 3] = [
        (b"%PDF-1.7\n", "PDF"),
        (b"", "ファイルが空です"),
        ("ID,電話\n".as_bytes(), "その下にデータの行がありません"),
    ];
    for (file, words) in files {
        let seen = browser.upload(&template, file).await;
        assert_eq!(seen.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(seen.has(words), "{words}: {}", seen.words());
        assert!(seen.has(r#"type="file""#) && seen.has("朝霞.csv"));
        assert!(
            seen.has(&format!(r#"value="{template}" checked"#)),
            "the text stays chosen"
        );
    }
    let token = browser.token("/lists/new").await;
    let none = browser.upload_with(&token, &[], "", b"").await;
    assert_eq!(none.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(none.has("リストのファイルを選んでください。"));
}

#[tokio::test]
async fn a_file_too_large_is_refused_in_words() {
    let host = Host::new().await;
    let (mut browser, template) = host.desk().await;
    let file = vec![b'1'; base::limits::LIST_FILE_BYTES + 1];
    let seen = browser.upload(&template, &file).await;
    assert_eq!(seen.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(seen.has("ファイルが大きすぎます") && seen.has(r#"type="file""#));
}

fn two_sheets() -> Vec<u8> {
    let mut book = Workbook::new();
    for (name, id) in [("午前", "0123"), ("午後", "0456")] {
        let sheet = book.add_worksheet();
        sheet.set_name(name).unwrap();
        for (column, cell) in ["ID", "電話"].into_iter().enumerate() {
            sheet.write(0, u16::try_from(column).unwrap(), cell).unwrap();
        }
        sheet.write(1, 0, id).unwrap();
        sheet.write(1, 1, "090-1234-5678").unwrap();
    }
    book.save_to_buffer().unwrap()
}

#[tokio::test]
async fn of_several_sheets_one_is_chosen() {
    let host = Host::new().await;
    let (mut browser, template) = host.desk().await;
    let asked = browser.upload(&template, &two_sheets()).await;
    assert_eq!(asked.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(asked.has(r#"<option value="午後""#), "{}", asked.words());
    let token = browser.token("/lists/new").await;
    let fields = [("template", template.as_str()), ("sheet", "午後")];
    let seen = browser
        .upload_with(&token, &fields, "a.xlsx", &two_sheets())
        .await;
    let page = browser.get(&format!("{}/preview", seen.location)).await;
    assert!(
        page.words().contains("あなたのIDは0456です。"),
        "{}",
        page.words()
    );
}

#[tokio::test]
async fn the_column_of_numbers_is_asked_for_when_it_is_not_certain() {
    let host = Host::new().await;
    let (mut browser, template) = host.desk().await;
    let text = "ID,携帯,緊急連絡先\n0123,090-1234-5678,080-1111-2222\n0124,090-1234-5679,080-1111-3333\n";
    let list = browser.list(&template, text).await;
    let page = browser.get(&list).await;
    assert!(page.has("どの電話番号に送りますか") && page.has("B列 携帯（例: 090-1234-5678）"));
    let fields = [("to", "緊急連絡先"), ("template", template.as_str())];
    let seen = browser.submit(&list, &format!("{list}/settings"), &fields).await;
    let page = browser.get(&seen.location).await;
    assert!(page.has("2人の文面を確かめる") && page.has("C列「緊急連絡先」"));
}

#[tokio::test]
async fn a_list_without_a_text_asks_for_it_and_one_without_the_column_says_which() {
    let host = Host::new().await;
    let mut browser = host.staff("asaka", host.asaka).await;
    let list = browser.list("", LIST).await;
    let page = browser.get(&list).await;
    assert!(page.has("送る文面を選んでください"), "{}", page.words());
    let (_, template) = host.template("番号は{{HER-SYS ID}}です。").await;
    let fields = [("to", "電話"), ("template", template.as_str())];
    browser.submit(&list, &format!("{list}/settings"), &fields).await;
    let page = browser.get(&list).await;
    assert!(
        page.has("「HER-SYS ID」という列が見つかりません"),
        "{}",
        page.words()
    );
    assert!(page.has("この名簿の列は「ID」「電話」「氏名」です"));
    assert!(page.has(r#"type="file""#), "another list can be chosen");
    let away = browser.get(&format!("{list}/preview")).await;
    assert_eq!(away.location, list, "there is nothing to look at yet");
    let foreign = [("to", "電話"), ("template", "999.1")];
    browser.submit(&list, &format!("{list}/settings"), &foreign).await;
    assert!(browser.get(&list).await.has("送る文面を選んでください"));
}

#[tokio::test]
async fn what_was_sent_before_is_shown_and_left_out() {
    let host = Host::new().await;
    let (mut browser, template) = host.desk().await;
    let row = Outgoing::to_number(
        9,
        PhoneNumber::from_e164("+819012345678").unwrap(),
        "【みどり県】あなたのIDは0123です。".to_owned(),
    );
    let new = NewBroadcast {
        org: ORG,
        office: host.soka,
        list: None,
        template: None,
        file_name: "別の名簿.csv".to_owned(),
        origin: Origin::CommandLine,
        stage: messaging::stage::BroadcastStage::Live,
        simulated: false,
        purpose: Purpose::FirstTouch,
        lane: Lane::FirstTouch,
        sender: "0005000000".to_owned(),
        segmentation: Segmentation::Udh8,
        hold: 0,
        created_by: None,
        resend: None,
        judged: Horizon::now(&host.db).await.unwrap(),
        replaces: None,
        release: messaging::release::NewRelease::default(),
        rows: Arc::new(vec![row]),
    };
    broadcast::start(&host.db, new).await.unwrap();
    host.db.clock().advance(10 * MINUTE);
    let list = browser.list(&template, LIST).await;
    let page = browser.get(&list).await;
    assert!(page.has("すでに送信済みの行（1行）") && page.has("すでに送信済み（送信待ち）"));
    assert!(page.has("1人の文面を確かめる"));
    assert!(!page.has("別の名簿.csv"), "another office's list stays hidden");
    let preview = browser.get(&format!("{list}/preview?row=2")).await;
    assert!(preview.has("2行目には、すでに同じ文面を送ってあります。"));
    assert!(preview.has("1人への送信の確認に進む"));
}

fn long_list(rows: u32) -> String {
    let rows = (0..rows).map(|n| format!("{n:05},090{:08}\n", 11_000_000 + n));
    std::iter::once("ID,電話\n".to_owned()).chain(rows).collect()
}

#[tokio::test]
async fn of_a_long_list_three_texts_are_looked_at_before_it_goes_ahead() {
    let host = Host::new().await;
    let (mut browser, template) = host.desk().await;
    let list = browser.list(&template, &long_list(51)).await;
    let page = browser.get(&list).await;
    let (before, after) = page.body.split_once("51人の文面を確かめる").unwrap();
    assert_eq!(before.matches("message-text").count(), 3, "above the button");
    assert_eq!(before.matches("<mark>").count(), 3, "values are marked");
    assert!(!after.contains("message-text"));
    let short = browser.list(&template, &long_list(50)).await;
    assert!(!browser.get(&short).await.has("message-text"));
}

#[tokio::test]
async fn a_long_list_of_errors_is_leafed_through() {
    let host = Host::new().await;
    let (mut browser, template) = host.desk().await;
    let rows = "0123,048-123-4567\n".repeat(120);
    let list = browser.list(&template, &format!("ID,電話\n{rows}")).await;
    let first = browser.get(&list).await;
    assert_eq!(first.body.matches("id=\"mend-").count(), 50);
    assert!(first.has("今のところ、送れる行はありません。") && !first.has("人の文面を確かめる"));
    let third = browser.get(&format!("{list}?view=rows&page=3")).await;
    assert_eq!(third.body.matches("id=\"mend-").count(), 20);
    assert!(third.has("id=\"mend-121\"") && third.has("120行のうち 101〜120行目"));
    let fields = [("seen", "0"), ("page", "3"), ("row121-column1", "090-1234-5678")];
    let seen = browser.submit(&list, &format!("{list}/rows/121"), &fields).await;
    assert_eq!(
        seen.location,
        format!("{list}?view=rows&page=3&done=mended"),
        "one stays where one was"
    );
}

#[tokio::test]
async fn any_row_is_looked_at_as_on_a_phone() {
    let host = Host::new().await;
    let (mut browser, template) = host.desk().await;
    let text = "ID,電話\n1,09012345678\nとても長い識別番号,09012345679\n3,09012345680\n";
    let list = browser.list(&template, text).await;
    let worst = browser.get(&format!("{list}/preview")).await;
    assert!(
        worst.has("<mark>とても長い識別番号</mark>") && worst.has("3人のうち2人目"),
        "the longest text is looked at first"
    );
    let first = browser.get(&format!("{list}/preview?row=2")).await;
    assert!(first.words().contains("あなたのIDは1です。") && first.has("<mark>1</mark>"));
    assert!(
        first.has("3人のうち1人目（2行目） 090-****-5678"),
        "{}",
        first.words()
    );
    assert!(!first.has("rel=\"prev\"") && first.has("preview?row=3\""));
    assert!(
        first.has("0005000000") && first.has("17文字") && first.has("17〜25文字"),
        "{}",
        first.words()
    );
    assert!(first.has("3人への送信の確認に進む") && first.has(&format!("{list}/confirm")));
    let longest = browser.get(&format!("{list}/preview?row=３")).await;
    assert!(
        longest.has("<mark>とても長い識別番号</mark>"),
        "full-width digits are digits"
    );
    let missing = browser.get(&format!("{list}/preview?row=99")).await;
    assert!(missing.has("99行目は、このリストの送る行にありません。") && missing.has("<title>エラー: "));
    let random = browser.get(&format!("{list}/preview?row=random")).await;
    let rows = ["2", "3", "4"].map(|line| format!("{list}/preview?row={line}"));
    assert!(rows.contains(&random.location), "{}", random.location);
}

#[tokio::test]
async fn a_withdrawn_list_says_so_and_changes_no_more() {
    let host = Host::new().await;
    let (mut browser, template) = host.desk().await;
    let list = browser.list(&template, LIST).await;
    let seen = browser.submit(&list, &format!("{list}/withdraw"), &[]).await;
    assert!(
        browser
            .get(&seen.location)
            .await
            .has("このリストは取り下げました")
    );
    let late = browser
        .submit(
            "/lists/new",
            &format!("{list}/rows/3/exclude"),
            &[("reason", "x")],
        )
        .await;
    assert_eq!(late.status, StatusCode::CONFLICT);
    assert_eq!(
        browser.get(&format!("{list}/preview")).await.status,
        StatusCode::CONFLICT
    );
}

#[tokio::test]
async fn what_stands_in_a_list_never_becomes_markup() {
    let host = Host::new().await;
    let (mut browser, template) = host.desk().await;
    let text = "ID,電話,<b>氏名\n<script>,x<script>,<script>\n<script>1,090-1234-5678,<script>\n";
    let list = browser.list(&template, text).await;
    for path in [list.clone(), format!("{list}/preview")] {
        let page = browser.get(&path).await;
        assert_eq!(page.status, StatusCode::OK);
        assert!(!page.has("<script>") && !page.has("<b>"), "{path}");
    }
}
