#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
//! Which column is meant by what: proposed, chosen by a person, remembered, and asked about when a list looks
//! different from the last one.

mod office;

use axum::http::StatusCode;
use base::clock::MINUTE;
use lists::store::list_head;
use office::{Browser, ORG, each};

const TEXT: &str = "【みどり県】あなたのHER-SYS IDは{{HER-SYS ID}}です。";
const BY_NAME: &str = "HER-SYS ID,電話番号\n05023601,090-1234-5601\n05023602,090-1234-5602\n";
const OTHER_WORDS: &str = "患者ID,本人携帯\n05023601,090-1234-5601\n05023602,090-1234-5602\n";
const TWO_NUMBERS: &str = "HER-SYS ID,携帯,緊急連絡先\n05023601,090-1234-5601,080-1111-2222\n05023602,090-1234-5602,080-1111-3333\n";

/// What the check page says when both rows can be sent; the way on may ask for a look at the whole list first.
const TWO_PEOPLE: &str = r#"<span class="big">2</span>人"#;

/// Answers the columns page of a list.
async fn choose(browser: &mut Browser, list: &str, fields: &[(&str, &str)]) {
    let seen = browser.submit(list, &format!("{list}/settings"), fields).await;
    assert_eq!(seen.status, StatusCode::SEE_OTHER, "{}", seen.body);
}

#[tokio::test]
async fn a_list_whose_headings_say_everything_is_checked_at_once() {
    each(async |host| {
        let template = host.text("ご案内", TEXT).await;
        let mut browser = host.office("朝霞保健所", "asaka").await;
        let seen = browser.list(&template, BY_NAME).await;
        browser.get(&seen.location).await.shows(TWO_PEOPLE);
        // In another order the same columns are found, and that is said without a question.
        let moved = "電話番号,HER-SYS ID\n090-1234-5601,05023601\n090-1234-5602,05023602\n";
        let seen = browser.list(&template, moved).await;
        let page = browser.get(&seen.location).await;
        page.shows("列の並びが前回と違います");
        page.shows(TWO_PEOPLE);
    })
    .await;
}

#[tokio::test]
async fn a_column_under_another_name_is_asked_for_once_and_then_remembered() {
    each(async |host| {
        let template = host.text("ご案内", TEXT).await;
        let mut browser = host.office("朝霞保健所", "asaka").await;
        let list = browser.list(&template, OTHER_WORDS).await.location;
        let page = browser.get(&list).await;
        page.shows("「HER-SYS ID」に差し込む列");
        page.shows("見出しの意味が近い。例: 05023601、05023602");
        page.shows(r#"<option value="患者ID" selected>"#);
        page.shows("この列で検査する（2行）");
        let fields = [
            ("to", "本人携帯"),
            ("template", template.as_str()),
            ("shown", template.as_str()),
            ("field-0", "患者ID"),
        ];
        choose(&mut browser, &list, &fields).await;
        browser.get(&list).await.shows(TWO_PEOPLE);
        let next = browser
            .list(&template, &OTHER_WORDS.replace("0502360", "0502370"))
            .await;
        let page = browser.get(&next.location).await;
        page.shows(TWO_PEOPLE);
        let columns = browser.get(&format!("{}/columns", next.location)).await;
        columns.shows("見本 花子さんが2026年11月22日(日) 14:05に選んだ列");
        columns.shows("今の選択。例: 05023701");
    })
    .await;
}

#[tokio::test]
async fn what_one_office_chose_is_proposed_to_another_and_said_so() {
    each(async |host| {
        let template = host.text("ご案内", TEXT).await;
        let mut asaka = host.office("朝霞保健所", "asaka").await;
        let list = asaka.list(&template, TWO_NUMBERS).await.location;
        let page = asaka.get(&list).await;
        page.shows("どの電話番号に送りますか");
        page.hides(r#"<option value="携帯" selected>"#);
        let fields = [
            ("to", "携帯"),
            ("template", template.as_str()),
            ("shown", template.as_str()),
            ("field-0", "HER-SYS ID"),
        ];
        choose(&mut asaka, &list, &fields).await;
        let mut soka = host.office("草加保健所", "soka").await;
        let list = soka.list(&template, TWO_NUMBERS).await.location;
        let page = soka.get(&format!("{list}/columns")).await;
        page.shows("この部署ではまだ選んでいません");
        page.shows("朝霞保健所の見本 花子さんが");
        page.shows(r#"<option value="携帯" selected>"#);
        soka.get(&list).await.shows(TWO_PEOPLE);
        // What this office chooses now counts for it, and the other one keeps its own.
        let fields = [("to", "緊急連絡先"), ("template", template.as_str())];
        choose(&mut soka, &list, &fields).await;
        let next = soka.list(&template, TWO_NUMBERS).await;
        let head = list_head(&host.db, ORG, next.list()).await.unwrap().unwrap();
        assert_eq!(head.settings.to.as_deref(), Some("緊急連絡先"));
        let next = asaka.list(&template, TWO_NUMBERS).await;
        let head = list_head(&host.db, ORG, next.list()).await.unwrap().unwrap();
        assert_eq!(head.settings.to.as_deref(), Some("携帯"));
    })
    .await;
}

#[tokio::test]
async fn a_layout_that_changed_asks_before_anything_else() {
    each(async |host| {
        let template = host.text("ご案内", TEXT).await;
        let mut browser = host.office("朝霞保健所", "asaka").await;
        browser.list(&template, BY_NAME).await;
        host.db.clock().advance(10 * MINUTE);
        let changed =
            "HER-SYS ID,連絡先電話番号,発病日\n05023611,090-1234-5611,11/20\n05023612,090-1234-5612,11/21\n";
        let list = browser.list(&template, changed).await.location;
        let page = browser.get(&list).await;
        page.shows("リストの列が前回と変わっています");
        page.shows("増えた列: 「発病日」");
        page.shows("名前が変わったと思われる列: 「電話番号」→「連絡先電話番号」");
        page.shows("この列で検査する（2行）");
        page.hides("2人の文面を確かめる");
        let away = browser.get(&format!("{list}/preview")).await;
        assert_eq!(away.location, list, "nothing goes ahead before the answer");
        let fields = [
            ("to", "連絡先電話番号"),
            ("template", template.as_str()),
            ("shown", template.as_str()),
            ("field-0", "HER-SYS ID"),
        ];
        choose(&mut browser, &list, &fields).await;
        browser.get(&list).await.shows(TWO_PEOPLE);
        let next = browser
            .list(&template, &changed.replace("0502361", "0502362"))
            .await;
        browser.get(&next.location).await.shows(TWO_PEOPLE);
    })
    .await;
}

#[tokio::test]
async fn lists_of_two_systems_in_turn_are_asked_about_once_each() {
    each(async |host| {
        let template = host.text("ご案内", TEXT).await;
        let mut browser = host.office("朝霞保健所", "asaka").await;
        let with_note = |day: u8| format!("HER-SYS ID,電話番号,備考\n050237{day:02},090-1234-57{day:02},\n");
        browser.list(&template, BY_NAME).await;
        let fields = [("to", "電話番号"), ("template", template.as_str())];
        for (minutes, list) in [(1, with_note(1)), (2, BY_NAME.replace("0502360", "0502380"))] {
            let list = browser.list(&template, &list).await.location;
            let page = browser.get(&list).await;
            page.shows("リストの列が前回と変わっています");
            choose(&mut browser, &list, &fields).await;
            browser.get(&list).await.hides("リストの列が前回と変わっています");
            host.db.clock().advance(minutes * MINUTE);
        }
        let seen = browser.list(&template, &with_note(3)).await;
        let page = browser.get(&seen.location).await;
        page.shows("前回とは列が違うリストです");
        page.shows(r#"<span class="big">1</span>人"#);
        // Another office has not been asked, and is.
        let mut soka = host.office("草加保健所", "soka").await;
        soka.list(&template, "HER-SYS ID,電話番号\n05023901,090-1234-5901\n")
            .await;
        let seen = soka.list(&template, &with_note(4)).await;
        soka.get(&seen.location)
            .await
            .shows("リストの列が前回と変わっています");
    })
    .await;
}

#[tokio::test]
async fn what_was_chosen_for_the_last_list_is_proposed_where_its_columns_are_still_there() {
    each(async |host| {
        let template = host.text("ご案内", TEXT).await;
        let mut browser = host.office("朝霞保健所", "asaka").await;
        let list = browser.list(&template, TWO_NUMBERS).await.location;
        let fields = [("to", "緊急連絡先"), ("template", template.as_str())];
        choose(&mut browser, &list, &fields).await;
        let wider = TWO_NUMBERS.replace("緊急連絡先\n", "緊急連絡先,備考\n");
        let list = browser.list(&template, &wider).await.location;
        let page = browser.get(&list).await;
        page.shows("増えた列: 「備考」");
        page.shows("前回のリストで、見本 花子さんが");
        page.shows(r#"<option value="緊急連絡先" selected>"#);
    })
    .await;
}

#[tokio::test]
async fn a_field_without_a_column_is_asked_for_and_taken_from_the_chosen_one() {
    each(async |host| {
        let template = host
            .text("ご案内", "【みどり県】{{担当}}です。番号は{{HER-SYS ID}}です。")
            .await;
        let mut browser = host.office("朝霞保健所", "asaka").await;
        let list = browser
            .list(
                &template,
                "HER-SYS ID,電話番号,受け持ち\n05023601,090-1234-5601,田中\n",
            )
            .await;
        let page = browser.get(&list.location).await;
        page.shows("「担当」という列が見つかりません");
        page.shows("当てはまりそうな列が見つかりません。差し込む列を選んでください。");
        let fields = [
            ("to", "電話番号"),
            ("template", template.as_str()),
            ("shown", template.as_str()),
            ("field-0", "受け持ち"),
            ("field-1", "HER-SYS ID"),
        ];
        choose(&mut browser, &list.location, &fields).await;
        let preview = browser.get(&format!("{}/preview", list.location)).await;
        preview.shows("<mark>田中</mark>");
        let seen = browser
            .submit(
                &list.location,
                &format!("{}/settings", list.location),
                &[("field-x", "1")],
            )
            .await;
        assert_eq!(seen.status, StatusCode::BAD_REQUEST);
    })
    .await;
}

#[tokio::test]
async fn the_pages_of_columns_are_the_offices_own() {
    each(async |host| {
        let template = host.text("ご案内", TEXT).await;
        let mut asaka = host.office("朝霞保健所", "asaka").await;
        let list = asaka.list(&template, BY_NAME).await.location;
        let mut soka = host.office("草加保健所", "soka").await;
        for page in ["columns", "reading"] {
            let seen = soka.get(&format!("{list}/{page}")).await;
            assert_eq!(seen.status, StatusCode::NOT_FOUND, "{page}");
        }
        for form in ["settings", "reading"] {
            let seen = soka.submit("/lists/new", &format!("{list}/{form}"), &[]).await;
            assert_eq!(seen.status, StatusCode::NOT_FOUND, "{form}");
        }
    })
    .await;
}
