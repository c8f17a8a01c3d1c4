#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
//! Choosing a file: what cannot be read is put right without choosing it again, what was read can be read in
//! another way, and the source system's own list may come beside it.

mod office;

use std::sync::Arc;

use axum::http::StatusCode;
use base::clock::{DAY, MINUTE};
use base::id::StaffId;
use base::phone::PhoneNumber;
use base::segment::Segmentation;
use lists::read::{ReadOptions, read};
use lists::store::contacts::overlaps;
use lists::store::files::file_of_list;
use lists::store::list_head;
use lists::store::remember::row_keys;
use messaging::broadcast::{self, Horizon, Lane, NewBroadcast, Origin, Outgoing};
use messaging::store::{self, TemplateDraft};
use messaging::template::{Content, Stage};
use office::{Host, ORG, each};
use rust_xlsxwriter::Workbook;

const TEXT: &str = "【みどり県】あなたのIDは{{ID}}です。";
const LIST: &str = "ID,電話番号\n0123,090-1234-5678\n0124,090-1234-5679\n";
/// A title that looks like headings stands above the headings.
const TITLED: &str = "電話,氏名,住所\n\nID,番号の欄,その他\n0123,090-1234-5678,x\n0124,090-1234-5679,y\n";

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
async fn of_several_sheets_one_is_chosen_without_choosing_the_file_again() {
    each(async |host| {
        let template = host.text("ご案内", TEXT).await;
        let mut browser = host.office("朝霞保健所", "asaka").await;
        let files: [(&str, &str, &[u8]); 1] = [("file", "朝霞.xlsx", &two_sheets())];
        let asked = browser.upload("/lists", &[("template", &template)], &files).await;
        assert_eq!(asked.status, StatusCode::UNPROCESSABLE_ENTITY);
        asked.shows(r#"<option value="午後""#);
        asked.shows("1時間だけ");
        let page = browser.get(&asked.shown_at).await;
        page.shows("データのあるシートが2枚あります");
        let mut other = host.office("草加保健所", "soka").await;
        assert_eq!(other.get(&asked.shown_at).await.status, StatusCode::NOT_FOUND);
        let seen = browser
            .submit(&asked.shown_at, &asked.shown_at, &[("sheet", "午後")])
            .await;
        browser
            .get(&format!("{}/preview", seen.location))
            .await
            .shows("<mark>0456</mark>");
        let again = browser.get(&asked.shown_at).await;
        assert_eq!(
            again.location,
            format!("/lists/{}", seen.list()),
            "it is a list now"
        );
    })
    .await;
}

#[tokio::test]
async fn a_file_alone_is_gone_after_an_hour_and_a_picture_is_never_kept() {
    each(async |host| {
        let mut browser = host.office("朝霞保健所", "asaka").await;
        let files: [(&str, &str, &[u8]); 1] = [("file", "朝霞.xlsx", &two_sheets())];
        let asked = browser.upload("/lists", &[], &files).await;
        for _ in 0..3 {
            host.db.clock().advance(20 * MINUTE);
            browser.get("/lists/new").await.shows("リストを選ぶ");
        }
        assert_eq!(browser.get(&asked.shown_at).await.status, StatusCode::NOT_FOUND);
        let picture = browser
            .upload("/lists", &[], &[("file", "a.pdf", b"%PDF-1.7\n")])
            .await;
        assert_eq!(
            (picture.status, picture.shown_at.as_str()),
            (StatusCode::UNPROCESSABLE_ENTITY, "")
        );
        picture.shows("まだ何も保存しておらず");
    })
    .await;
}

#[tokio::test]
async fn another_line_of_headings_makes_a_new_list_and_withdraws_the_old_one() {
    each(async |host| {
        let template = host.text("ご案内", TEXT).await;
        let mut browser = host.office("朝霞保健所", "asaka").await;
        let old = browser.list(&template, TITLED).await;
        let reading = format!("{}/reading", old.location);
        let page = browser.get(&reading).await;
        page.shows("UTF-8");
        page.shows("コンマ");
        page.shows("この行が見出し");
        page.shows(r#"value="1" checked"#);
        let same = browser.submit(&reading, &reading, &[("header", "1")]).await;
        assert_eq!(same.location, format!("{reading}?done=same"));
        browser
            .get(&same.location)
            .await
            .shows("読み取り方は変わりませんでした");
        let none = browser.submit(&reading, &reading, &[("header", "99")]).await;
        assert_eq!(none.status, StatusCode::UNPROCESSABLE_ENTITY);
        none.shows("見出しに選んだ99行目はありません");
        let seen = browser
            .submit(&reading, &reading, &[("header", "3"), ("encoding", "utf-8")])
            .await;
        assert_ne!(seen.list(), old.list(), "a list is never changed");
        let page = browser.get(&seen.location).await;
        page.shows("新しい読み取り方で検査し直しました");
        page.shows("2人の文面を確かめる");
        browser
            .get(&old.location)
            .await
            .shows("このリストは取り下げました");
        let page = browser.get(&format!("/lists/{}/reading", seen.list())).await;
        page.shows("3行目（人が選びました）");
        page.shows("UTF-8（人が選びました）");
        assert!(file_of_list(&host.db, ORG, old.list()).await.unwrap().is_none());
    })
    .await;
}

#[tokio::test]
async fn a_list_is_not_read_again_after_a_day_nor_once_it_is_being_sent() {
    each(async |host| {
        let template = host.text("ご案内", TEXT).await;
        let mut browser = host.office("朝霞保健所", "asaka").await;
        let list = browser.list(&template, LIST).await;
        send(&host, list.list()).await;
        let reading = format!("{}/reading", list.location);
        let page = browser.get(&reading).await;
        page.shows("送信を始めているため、読み取り方を変えられません");
        page.hides("この行が見出し");
        let late = browser.submit("/lists/new", &reading, &[("header", "2")]).await;
        assert_eq!(late.status, StatusCode::UNPROCESSABLE_ENTITY);
        late.shows("もう変えられません");
        let next = browser.list(&template, LIST).await;
        host.db.clock().advance(DAY);
        browser.sign_in("asaka").await;
        let page = browser.get(&format!("{}/reading", next.location)).await;
        page.shows("元のファイルは、もう残っていません");
    })
    .await;
}

async fn send(host: &Host, list: base::id::ListId) {
    let to = PhoneNumber::from_e164("+819012345678").unwrap();
    let row = Outgoing::to_number(2, to, "【みどり県】あなたのIDは0123です。".to_owned());
    let head = list_head(&host.db, ORG, list).await.unwrap().unwrap();
    let new = NewBroadcast {
        org: ORG,
        purpose: lists::contacts::Purpose::FirstTouch,
        office: head.office,
        list: Some(list),
        template: None,
        file_name: head.file_name,
        origin: Origin::CommandLine,
        stage: messaging::stage::BroadcastStage::Live,
        simulated: false,
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
}

#[tokio::test]
async fn texts_stand_in_their_folders_and_those_that_cannot_be_sent_say_why() {
    each(async |host| {
        let good = host.text("ご案内", TEXT).await;
        let draft = TemplateDraft {
            name: "ためし".to_owned(),
            folder: "試験".to_owned(),
            content: Content {
                stage: Stage::Trial,
                ..Content::of("【みどり県】ためしの{{氏名}}です。".to_owned())
            },
        };
        let by = StaffId::new(1);
        store::add_draft(&host.db, ORG, draft, by).await.unwrap();
        let mut browser = host.office("朝霞保健所", "asaka").await;
        let page = browser.get("/lists/new").await;
        page.shows("フォルダなし");
        page.shows("この文面は試験用です");
        assert_eq!(page.body.matches(r#"type="radio""#).count(), 2);
        assert_eq!(page.body.matches(" disabled>").count(), 1, "{}", page.body);
        page.shows(&format!(r#"value="{good}" checked"#));
        page.shows("1人目のID");
    })
    .await;
}

#[tokio::test]
async fn a_reference_comes_with_its_list_or_for_the_day_and_is_never_sent() {
    each(async |host| {
        let template = host.text("ご案内", TEXT).await;
        let mut browser = host.office("朝霞保健所", "asaka").await;
        let files = [
            ("file", "朝霞.csv", LIST.as_bytes()),
            ("reference", "元.csv", LIST.as_bytes()),
        ];
        let seen = browser.upload("/lists", &[("template", &template)], &files).await;
        let head = list_head(&host.db, ORG, seen.list()).await.unwrap().unwrap();
        let beside = head.reference.unwrap();
        let none = browser
            .upload("/lists/references", &[], &[("daily", "", b"")])
            .await;
        assert_eq!(none.status, StatusCode::UNPROCESSABLE_ENTITY);
        none.shows("照合用のリストのファイルを選んでください。");
        let kept = browser
            .upload(
                "/lists/references",
                &[],
                &[("daily", "今日の元.csv", LIST.as_bytes())],
            )
            .await;
        let page = browser.get(&kept.location).await;
        page.shows("照合用のリストを登録しました");
        page.shows("今日の元.csv");
        page.shows("元.csv");
        assert_eq!(
            browser.get(&format!("/lists/{beside}")).await.location,
            "/lists/new"
        );
        for path in ["preview", "confirm", "columns"] {
            let seen = browser.get(&format!("/lists/{beside}/{path}")).await;
            assert_eq!(seen.status, StatusCode::NOT_FOUND, "{path}");
        }
        let fields = [("to", "電話番号"), ("template", template.as_str())];
        let seen = browser
            .submit("/lists/new", &format!("/lists/{beside}/settings"), &fields)
            .await;
        assert_eq!(seen.status, StatusCode::NOT_FOUND);
        let mut other = host.office("草加保健所", "soka").await;
        other.get("/lists/new").await.hides("元.csv");
        let gone = browser
            .submit("/lists/new", &format!("/lists/{beside}/withdraw"), &[])
            .await;
        browser
            .get(&gone.location)
            .await
            .shows("照合用のリストを取り下げました");
    })
    .await;
}

#[tokio::test]
async fn a_reference_that_cannot_be_read_does_not_cost_the_list() {
    each(async |host| {
        let template = host.text("ご案内", TEXT).await;
        let mut browser = host.office("朝霞保健所", "asaka").await;
        let files: [(&str, &str, &[u8]); 2] = [
            ("file", "朝霞.csv", LIST.as_bytes()),
            ("reference", "元.pdf", b"%PDF-1.7\n"),
        ];
        let refused = browser.upload("/lists", &[("template", &template)], &files).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        refused.shows("照合用のリスト: ");
        refused.shows("照合用のリストなしで検査する");
        let (_, rest) = refused.body.split_once(r#"action="/lists/files/"#).unwrap();
        let action = format!("/lists/files/{}", rest.split('"').next().unwrap());
        let seen = browser.submit("/lists/new", &action, &[]).await;
        browser.get(&seen.location).await.shows("2人の文面を確かめる");
    })
    .await;
}

#[tokio::test]
async fn the_people_of_a_list_are_known_to_later_lists() {
    each(async |host| {
        let template = host.text("ご案内", TEXT).await;
        let mut browser = host.office("朝霞保健所", "asaka").await;
        let seen = browser.list(&template, LIST).await;
        let two = "ID,携帯,緊急連絡先\n0777,090-1234-5777,080-1234-5777\n";
        let asked = browser.list(&template, two).await;
        let fields = [("to", "携帯"), ("template", template.as_str())];
        browser
            .submit(&asked.location, &format!("{}/settings", asked.location), &fields)
            .await;
        let vault = host.db.vault(ORG).await.unwrap();
        for (list, text, to) in [(seen.list(), LIST, "電話番号"), (asked.list(), two, "携帯")] {
            let sheet = read("x.csv", text.as_bytes(), &ReadOptions::default()).unwrap();
            let keys = row_keys(&vault, &sheet, to);
            let found = overlaps(&host.db, ORG, None, 7, &keys).await.unwrap();
            assert_eq!(found.iter().map(|one| one.list).collect::<Vec<_>>(), [list]);
        }
    })
    .await;
}
