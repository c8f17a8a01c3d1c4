//! Texts and the rules they are judged by, as people meet them in the browser.

use crate::host::{Browser, Host, ORG, START, Seen};
use axum::http::StatusCode;
use base::clock::{Clock, DAY};
use base::id::StaffId;
use db::testing::TestDatabase;
use jiff::civil::date;
use messaging::advice::{Level, Links, Rule, Settings};
use messaging::store::{self, TemplateDraft};
use messaging::template::{Content, Language, NotSendable, Purpose, Stage};

const NEW: &str = "/templates/new";

/// Makes a template of these fields and gives its address.
async fn made(browser: &mut Browser, fields: &[(&str, &str)]) -> String {
    let made = browser.submit(NEW, "/templates", fields).await;
    assert_eq!(made.status, StatusCode::SEE_OTHER, "{}", made.body);
    made.location().split('?').next().unwrap().to_owned()
}

async fn stored(host: &Host, address: &str) -> store::TemplateRow {
    let id = address.rsplit('/').next().unwrap().parse().unwrap();
    store::template(&host.db, ORG, id).await.unwrap().unwrap()
}

/// The rules' form as the page holds it, with some fields changed.
async fn save_rules(browser: &mut Browser, changes: &[(&str, &str)]) -> Seen {
    let page = browser.get("/templates/rules").await;
    let (csrf, version) = (page.hidden("csrf"), page.hidden("version"));
    let levels: Vec<(String, &str)> = Rule::ALL
        .iter()
        .map(|rule| (format!("level-{}", rule.id()), rule.default_level().code()))
        .collect();
    let mut fields = vec![("csrf", csrf.as_str()), ("version", version.as_str())];
    fields.extend(levels.iter().map(|(name, level)| (name.as_str(), *level)));
    fields.extend([
        ("organisations", "みどり県"),
        ("hosts", "*.lg.jp"),
        ("contacts", ""),
    ]);
    fields.retain(|(name, _)| !changes.iter().any(|(changed, _)| changed == name));
    fields.extend(changes);
    browser.post("/templates/rules", &fields).await
}

#[tokio::test]
async fn everything_of_a_template_is_kept_and_shown() {
    let host = Host::new().await;
    let mut browser = host.asaka().await;
    let fields = [
        ("name", "冬の調査"),
        ("folder", "調査用"),
        ("purpose", "survey"),
        ("stage", "test"),
        ("links", "none"),
        ("valid_from", "2026/12/01"),
        ("valid_until", "2026年12月31日"),
        ("body", "みどり県です。{{番号}}"),
        ("text-en", "Midori. {{番号}}"),
        ("text-vi", ""),
    ];
    let address = made(&mut browser, &fields).await;
    let row = stored(&host, &address).await;
    let expected = Content {
        text: "みどり県です。{{番号}}".to_owned(),
        translations: vec![(Language::English, "Midori. {{番号}}".to_owned())],
        purpose: Purpose::Survey,
        stage: Stage::Trial,
        links: Links::None,
        valid_from: Some(date(2026, 12, 1)),
        valid_until: Some(date(2026, 12, 31)),
    };
    assert_eq!((row.folder.as_str(), &row.current.content), ("調査用", &expected));
    let list = browser.get("/templates").await;
    for text in [
        "調査用",
        "試験用",
        "2026年12月1日から",
        "English（英語）",
        "調査・アンケート</span>",
    ] {
        list.shows(text);
    }
    let page = browser.get(&address).await;
    page.shows("第1版は、今は送れません");
    page.shows("2026年12月1日から使えます");
    page.hides("text-vi\"");
}

#[tokio::test]
async fn the_list_is_searched_and_shown_by_folder() {
    let host = Host::new().await;
    let mut browser = host.asaka().await;
    for (name, folder, body) in [
        ("甲", "検査", "みどり県の検査です"),
        ("乙", "調査", "みどり県の調査です"),
    ] {
        made(
            &mut browser,
            &[("name", name), ("folder", folder), ("body", body)],
        )
        .await;
    }
    let folder = browser.get("/templates?folder=%E6%A4%9C%E6%9F%BB").await;
    folder.shows(">甲</a>");
    folder.hides(">乙</a>");
    folder.shows("すべて（3件）");
    let search = browser
        .get("/templates?q=%E8%AA%BF%E6%9F%BB%E3%81%A7%E3%81%99")
        .await;
    search.shows(">乙</a>");
    search.hides(">甲</a>");
    browser
        .get("/templates?q=zzz")
        .await
        .shows("当てはまる文面はありません");
}

#[tokio::test]
async fn a_language_is_added_beside_the_others_and_judged_on_its_own() {
    let host = Host::new().await;
    let mut browser = host.asaka().await;
    let mut fields = vec![
        ("name", ""),
        ("body", "みどり県です。{{番号}}"),
        ("add_language", "ja-easy"),
        ("action", "add_language"),
    ];
    let added = browser.submit(NEW, "/templates", &fields).await;
    assert_eq!(
        added.status,
        StatusCode::OK,
        "nothing has to be right yet: {}",
        added.body
    );
    added.shows(r#"name="text-ja-easy""#);
    added.hides("入力してください。</a>");
    fields.extend([
        ("text-ja-easy", "速やかに受診してください"),
        ("text-en", "Midori"),
    ]);
    let both = browser.submit(NEW, "/templates", &fields).await;
    both.shows(r#"data-insert="{{番号}}""#);
    both.shows("&#34;ドコモ&#34;,70,66");
    both.shows("「速やかに」は難しい言葉です。");
    both.shows("差し込みのうち");
    both.shows("理由: 役所や病院の言葉は");
}

#[tokio::test]
async fn advice_says_what_to_do_and_a_blocked_text_is_kept_but_not_sent() {
    let host = Host::new().await;
    let mut browser = host.asaka().await;
    let body = "{{氏名}}様は陽性です。至急 https://bit.ly/a を開いて";
    let address = made(&mut browser, &[("name", "悪い文面"), ("body", body)]).await;
    let page = browser.get(&address).await;
    page.shows("第1版は、今は送れません");
    page.shows("氏名が一つの文面にあります");
    page.shows("「bit.ly」は短縮URLです。");
    page.shows("「至急」は詐欺のSMS");
    page.shows("理由: 行き先が見えないURLは");
    browser.get("/templates").await.shows("直すところ2件");
    let content = stored(&host, &address).await.current.content;
    let refused = content.sendable(START, true, &Settings::default()).unwrap_err();
    assert!(
        matches!(refused, NotSendable::Advice { count: 2, .. }),
        "{refused}"
    );
}

#[tokio::test]
async fn two_versions_are_compared() {
    let host = Host::new().await;
    let mut browser = host.asaka().await;
    let first = [("name", "案内"), ("body", "番号は{{番号}}です。")];
    let address = made(&mut browser, &first).await;
    let second = [
        ("name", "案内"),
        ("body", "番号は{{ID}}です。"),
        ("version", "1"),
        ("stage", "test"),
        ("text-en", "Hello"),
    ];
    let saved = browser.submit(&address, &address, &second).await;
    browser.get(saved.location()).await.shows("第2版を保存しました");
    browser.get(&address).await.shows("compare?old=1&amp;new=2");
    let page = browser.get(&format!("{address}/compare?old=1&new=2")).await;
    assert_eq!(page.status, StatusCode::OK);
    page.shows("〔なくなった〕</span>{{番号}}</del>");
    page.shows("〔加わった〕</span>{{ID}}</ins>です。");
    page.shows("〔加わった〕</span>Hello</ins>");
    page.shows("〔なくなった〕</span>本番用</del>");
    browser
        .get(&format!("{address}/compare?old=1&new=1"))
        .await
        .shows("2つの版に違いはありません");
    for nowhere in ["", "?old=1", "?old=1&new=9", "?old=x&new=1"] {
        let seen = browser.get(&format!("{address}/compare{nowhere}")).await;
        assert_eq!(seen.status, StatusCode::NOT_FOUND, "{nowhere}");
    }
}

#[tokio::test]
async fn a_new_name_or_folder_is_no_new_version() {
    let host = Host::new().await;
    let mut browser = host.asaka().await;
    let address = made(&mut browser, &[("name", "案内"), ("body", "みどり県です")]).await;
    let moved = [
        ("name", "ご案内"),
        ("folder", "旧"),
        ("body", "みどり県です"),
        ("version", "1"),
    ];
    let seen = browser.submit(&address, &address, &moved).await;
    browser
        .get(seen.location())
        .await
        .shows("名前とフォルダを変えました");
    let row = stored(&host, &address).await;
    assert_eq!(
        (row.name.as_str(), row.folder.as_str(), row.current.version),
        ("ご案内", "旧", 1)
    );
    let again = browser.submit(&address, &address, &moved).await;
    browser
        .get(again.location())
        .await
        .shows("変更はありませんでした");
}

#[tokio::test]
async fn the_head_office_decides_about_the_rules_and_others_read_them() {
    let host = Host::new().await;
    let mut head = host.browser("honcho").await;
    let changes = [
        ("level-urgency", "block"),
        ("level-url_shortener", "off"),
        ("organisations", "みどり県\n Midori Prefecture \n\n"),
        ("hosts", "https://todoke.example.jp/x\n*.lg.jp"),
        ("contacts", "０４８-000-1234"),
    ];
    let saved = save_rules(&mut head, &changes).await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.body);
    head.get(saved.location()).await.shows("点検ルールを保存しました");
    let settings = store::advice_settings(&host.db, ORG).await.unwrap();
    assert_eq!(settings.level(Rule::Urgency), Level::Block);
    assert_eq!(settings.organisations, ["みどり県", "Midori Prefecture"]);
    assert_eq!(settings.hosts[0].to_string(), "todoke.example.jp");
    assert_eq!(settings.contacts[0].to_string(), "048-000-1234");

    let mut other = host.asaka().await;
    let page = other.get("/templates/rules").await;
    page.shows("変えられるのは本庁の職員だけです");
    page.shows("Midori Prefecture");
    page.shows("「至急」「本日中」は詐欺のSMSの決まり文句");
    page.hides("点検ルールを保存する");
    let token = other.get(NEW).await.hidden("csrf");
    let refused = other
        .post("/templates/rules", &[("csrf", &token), ("version", "1")])
        .await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    refused.shows("変えられるのは、本庁の職員だけです。");
    let after = store::saved_advice(&host.db, ORG).await.unwrap();
    assert_eq!((after.version, after.settings), (1, settings));

    let address = made(
        &mut other,
        &[
            ("name", "急ぎ"),
            ("body", "みどり県です。至急 048-000-1234 へお電話を"),
        ],
    )
    .await;
    other.get(&address).await.shows("今は送れません");
}

#[tokio::test]
async fn wrong_rules_are_refused_in_words_and_nobody_overwrites_another() {
    let host = Host::new().await;
    let mut head = host.browser("honcho").await;
    let wrong = [
        ("hosts", "*.jp"),
        ("contacts", "内線"),
        ("level-one_url", "maybe"),
    ];
    let refused = save_rules(&mut head, &wrong).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    refused.shows("「*.jp」は広すぎます。");
    refused.shows("「内線」は電話番号として読めません。");
    refused.shows("「URLは1個まで」の扱いを選んでください。");
    assert_eq!(store::saved_advice(&host.db, ORG).await.unwrap().version, 0);
    assert_eq!(save_rules(&mut head, &[]).await.status, StatusCode::SEE_OTHER);
    let late = save_rules(&mut head, &[("version", "0"), ("organisations", "別の県")]).await;
    assert_eq!(late.status, StatusCode::UNPROCESSABLE_ENTITY);
    late.shows("ほかの人が先に点検ルールを変えました");
    late.hides("別の県");
}

#[tokio::test]
async fn templates_of_the_release_before_read_as_usual_ones() {
    let clock = Clock::manual(START);
    for database in TestDatabase::each(&clock).await {
        let db = database.open().await.unwrap();
        db.write(|tx| {
            Box::pin(async move {
                const TEMPLATE: db::Sql = db::Sql(
                    "INSERT INTO message_templates (org_id, template_id, name, created_at) VALUES (1, 7, '案内', 1)",
                );
                const VERSION: db::Sql = db::Sql(
                    "INSERT INTO message_template_versions (org_id, template_id, version, text, created_by, created_at)
                    VALUES (1, 7, 1, 'みどり県です', 1, 1)",
                );
                tx.execute(TEMPLATE, db::params![]).await?;
                tx.execute(VERSION, db::params![]).await
            })
        })
        .await
        .unwrap();
        let rows = store::templates(&db, ORG).await.unwrap();
        assert_eq!(rows[0].folder, "");
        assert_eq!(rows[0].current.content, Content::of("みどり県です".to_owned()));
    }
}

#[tokio::test]
async fn versions_and_their_languages_come_back_as_they_were_kept() {
    let clock = Clock::manual(START);
    for database in TestDatabase::each(&clock).await {
        let db = database.open().await.unwrap();
        let by = StaffId::new(1);
        let content = |text: &str, translations: &[(Language, &str)]| Content {
            translations: translations
                .iter()
                .map(|(language, text)| (*language, (*text).to_owned()))
                .collect(),
            valid_until: Some(date(2026, 12, 31)),
            ..Content::of(text.to_owned())
        };
        let draft = |content: &Content| TemplateDraft {
            name: "案内".to_owned(),
            folder: String::new(),
            content: content.clone(),
        };
        let first = content("一", &[(Language::English, "one"), (Language::Vietnamese, "một")]);
        let second = content("二", &[(Language::Korean, "둘")]);
        let id = store::add_draft(&db, ORG, draft(&first), by).await.unwrap();
        let number = store::add_template_version(&db, ORG, id, draft(&second), by)
            .await
            .unwrap();
        assert_eq!(number, 2);
        let versions = store::template_versions(&db, ORG, id).await.unwrap();
        assert_eq!([&versions[0].content, &versions[1].content], [&second, &first]);
        let old = store::template_version(&db, ORG, id, 1).await.unwrap().unwrap();
        assert_eq!(old.content, first);
        assert_eq!(
            store::templates(&db, ORG).await.unwrap()[0].current.content,
            second
        );
        assert!(
            old.content
                .sendable(START + 60 * DAY, false, &Settings::default())
                .is_err()
        );
        let settings = Settings::default();
        assert!(store::save_advice(&db, ORG, 0, &settings, by).await.unwrap());
        assert!(
            !store::save_advice(&db, ORG, 0, &settings, by).await.unwrap(),
            "made from an older one"
        );
        assert!(store::save_advice(&db, ORG, 1, &settings, by).await.unwrap());
    }
}
