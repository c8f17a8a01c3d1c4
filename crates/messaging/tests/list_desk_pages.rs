#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
//! What the check page does when a careful colleague would say stop, look, or choose.

mod desk;

use axum::http::StatusCode;
use base::id::{MessageId, OfficeId, StaffId};
use base::phone::PhoneNumber;
use lists::contacts::{NewContact, Occasion, PersonKeys, PersonValues, Purpose, record, remember_rows};
use lists::numbers::{NewWrong, WrongKind, report_wrong};
use lists::person::PersonColumns;
use lists::store::load_list;
use messaging::store::{self, TemplateDraft};
use messaging::template::{Content, Language, Stage};

use self::desk::{Browser, Host, ORG, Seen, TEXT};

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

async fn choose(browser: &mut Browser, list: &str, fields: &[(&str, &str)]) -> Seen {
    browser.submit(list, &format!("{list}/choices"), fields).await
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

/// Puts down which rows the list has, as whoever keeps a list does.
async fn remember(host: &Host, list: &str) {
    let id = list.rsplit('/').next().unwrap().parse().unwrap();
    let list = load_list(&host.db, ORG, id).await.unwrap().unwrap();
    let columns = PersonColumns::of(&list.sheet, 1);
    let rows = columns.all(&host.db.vault(ORG).await.unwrap(), &list.sheet);
    let at = list.head.uploaded_at;
    let kept = host.db.write(move |tx| {
        let rows = rows.clone();
        Box::pin(async move { remember_rows(tx, ORG, id, at, &rows).await })
    });
    kept.await.unwrap();
}

#[tokio::test]
async fn a_warning_about_the_whole_list_is_looked_at_before_it_goes_on() {
    for host in Host::each().await {
        let (mut browser, template) = host.desk().await;
        let earlier = browser.list(&template, &people(12, 0)).await;
        remember(&host, &earlier).await;
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

const FAMILY: &str = "ID,電話,氏名,生年月日\n100001,09011112222,見本 一郎,1985-01-05\n\
    100002,09011112222,見本 花子,1987-03-09\n100003,09033334444,手本 次郎,1990-07-20\n";

#[tokio::test]
async fn a_family_gets_each_its_own_or_one_for_all() {
    for host in Host::each().await {
        let (mut browser, template) = host.desk().await;
        let list = browser.list(&template, FAMILY).await;
        let page = browser.get(&list).await;
        assert!(
            page.has("同じ番号の人が1組（2人）います") && page.has("3人の文面を確かめる"),
            "{}",
            page.words()
        );
        choose(&mut browser, &list, &[("choice", "household_once")]).await;
        let page = browser.get(&list).await;
        assert!(
            page.has("2人の文面を確かめる") && page.has("ほかの1人の文面は送りません"),
            "{}",
            page.words()
        );
        let confirm = browser.get(&format!("{list}/confirm")).await;
        assert!(confirm.has("同じ番号のほかの人に送る行（番号ごとに1通と選ばれています）: 1行"));
        choose(&mut browser, &list, &[("choice", "household_each")]).await;
        let page = browser.get(&list).await;
        assert!(page.has("3人の文面を確かめる") && page.has("番号ごとに1通と選びました"));
    }
}

#[tokio::test]
async fn letters_that_a_carrier_refuses_are_replaced_only_when_somebody_says_so() {
    for host in Host::each().await {
        let mut browser = host.staff("asaka", host.asaka).await;
        let (_, template) = host.template("みどり県です。{{氏名}}様へ").await;
        let list = browser
            .list(
                &template,
                "氏名,電話\n髙橋 花子,09011112222\n見本 太郎,09011113333\n",
            )
            .await;
        let page = browser.get(&list).await;
        assert!(
            page.has("1行に直すところがあります") && page.has("「髙」を「高」にする（1人）"),
            "{}",
            page.words()
        );
        choose(&mut browser, &list, &[("choice", "letters_replace")]).await;
        let page = browser.get(&list).await;
        assert!(
            page.has("2人の文面を確かめる") && page.has("元の文字のままにする"),
            "{}",
            page.words()
        );
        let preview = browser.get(&format!("{list}/preview?row=2")).await;
        assert!(preview.has("<mark>高橋 花子</mark>"), "{}", preview.words());
        choose(&mut browser, &list, &[("choice", "letters_keep")]).await;
        assert!(browser.get(&list).await.has("1人の文面を確かめる"));
    }
}

#[tokio::test]
async fn letters_in_doubt_are_marked_on_the_phone() {
    let host = Host::new().await;
    let mut browser = host.staff("asaka", host.asaka).await;
    let long = "みどり県です。".repeat(12);
    let (_, template) = host.template(&format!("{long}{{{{氏名}}}}様へ\n")).await;
    let list = browser
        .list(&template, "氏名,電話\n髙橋 花子,09011112222\n")
        .await;
    let preview = browser.get(&format!("{list}/preview")).await;
    assert!(
        preview.has(r#"<mark class="doubt">髙</mark>"#),
        "{}",
        preview.words()
    );
    assert!(preview.has("「髙」はJIS第1・第2水準にない漢字です"));
}

/// What the first person of [`FAMILY`] is known by.
async fn ichiro(host: &Host) -> PersonKeys {
    let values = PersonValues {
        phone: PhoneNumber::from_e164("+819011112222"),
        name: Some("見本 一郎"),
        birth: Some("1985-01-05"),
        ..PersonValues::default()
    };
    PersonKeys::of(&host.db.vault(ORG).await.unwrap(), &values)
}

/// Somebody of that office wrote to the first person of [`FAMILY`] before.
async fn was_written_to(host: &Host, office: OfficeId) {
    let contact = NewContact {
        message: MessageId::new(77),
        keys: ichiro(host).await,
    };
    let occasion = Occasion {
        office,
        purpose: Purpose::FirstTouch,
        list: None,
        at: host.db.now(),
    };
    let written = host.db.write(move |tx| {
        let contact = [contact];
        Box::pin(async move { record(tx, ORG, &occasion, &contact).await })
    });
    written.await.unwrap();
    host.db.clock().advance(60_000);
}

#[tokio::test]
async fn somebody_written_to_before_is_left_out_until_a_reason_is_given() {
    for host in Host::each().await {
        let (mut browser, template) = host.desk().await;
        was_written_to(&host, host.soka).await;
        let list = browser.list(&template, FAMILY).await;
        let page = browser.get(&list).await;
        assert!(
            page.has("すでに連絡した人（1人）") && page.has("2人の文面を確かめる"),
            "{}",
            page.words()
        );
        assert!(page.has("草加保健所") && page.has("「初回連絡」") && page.has("090-****-2222"));
        let confirm = browser.get(&format!("{list}/confirm")).await;
        assert!(confirm.has("同じ目的ですでに連絡した人の行: 1行"));
        let bare = [("choice", "again"), ("line", "2"), ("reason", "　")];
        let seen = choose(&mut browser, &list, &bare).await;
        assert_eq!(seen.status, StatusCode::UNPROCESSABLE_ENTITY);
        let again = [
            ("choice", "again"),
            ("line", "2"),
            ("page", "1"),
            ("reason", "日時の訂正"),
        ];
        let seen = choose(&mut browser, &list, &again).await;
        let page = browser.get(&seen.location).await;
        assert!(
            page.has("3人の文面を確かめる") && page.has("理由: 日時の訂正"),
            "{}",
            page.words()
        );
        assert!(page.has("2行目: 連絡済みの人にもう一度送ると選びました（日時の訂正）"));
        choose(&mut browser, &list, &[("choice", "not_again"), ("line", "2")]).await;
        assert!(browser.get(&list).await.has("2人の文面を確かめる"));
        choose(
            &mut browser,
            &list,
            &[("choice", "again"), ("reason", "全員に訂正")],
        )
        .await;
        assert!(browser.get(&list).await.has("3人の文面を確かめる"));
        choose(&mut browser, &list, &[("choice", "not_again")]).await;
        assert!(browser.get(&list).await.has("2人の文面を確かめる"));
    }
}

#[tokio::test]
async fn of_two_numbers_one_is_chosen_and_a_wrong_number_mended_with_one_press() {
    for host in Host::each().await {
        let (mut browser, template) = host.desk().await;
        let number = |e164| PhoneNumber::from_e164(e164).unwrap();
        let wrong = NewWrong {
            phone: number("+819011112222"),
            kind: WrongKind::NotMe,
            person: ichiro(&host).await,
            corrected: Some(number("+819055556666")),
            reason: "本人から電話".to_owned(),
            message: None,
            office: host.soka,
            by: StaffId::new(1),
        };
        report_wrong(&host.db, ORG, wrong).await.unwrap();
        let text = "ID,電話,氏名,生年月日\n100001,09011112222,見本 一郎,1985-01-05\n\
            100002,090-3333-4444／080-7777-8888,手本 花子,1987-03-09\n";
        let list = browser.list(&template, text).await;
        let page = browser.get(&list).await;
        assert!(
            page.has("2行に直すところがあります") && page.has("人違い"),
            "{}",
            page.words()
        );
        assert!(
            page.has("090-5555-6666 に直す") && page.has("080-7777-8888 に送る"),
            "{}",
            page.words()
        );
        assert!(
            page.has(&format!("{list}/rows/3/call")),
            "the call list is another way"
        );
        for (line, chosen) in [(2, "090-5555-6666"), (3, "080-7777-8888")] {
            let field = format!("row{line}-column1");
            assert!(page.has(&format!(r#"name="{field}" value="{chosen}""#)));
            let fields = [("seen", "0"), ("page", "1"), (field.as_str(), chosen)];
            browser
                .submit(&list, &format!("{list}/rows/{line}"), &fields)
                .await;
        }
        assert!(browser.get(&list).await.has("2人の文面を確かめる"));
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
        let list = browser.list(&format!("{id}.2"), FAMILY).await;
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
async fn each_row_is_shown_in_its_language() {
    let host = Host::new().await;
    let mut browser = host.staff("asaka", host.asaka).await;
    let (id, _) = host.template(TEXT).await;
    let content = Content {
        translations: vec![(Language::English, "Midori Pref: your ID is {{ID}}.".to_owned())],
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
    let text = "ID,電話,言語\n100001,09011112222,英語\n100002,09033334444,\n100003,09055556666,日本語\n";
    let list = browser.list(&format!("{id}.2"), text).await;
    let preview = browser.get(&format!("{list}/preview?row=2")).await;
    assert!(
        preview.words().contains("your ID is 100001.") && preview.has("この行の言語"),
        "{}",
        preview.words()
    );
    let confirm = browser.get(&format!("{list}/confirm")).await;
    assert!(
        confirm.words().contains("English（英語） 1人") && confirm.words().contains("日本語 2人"),
        "{}",
        confirm.words()
    );
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
