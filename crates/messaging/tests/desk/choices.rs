//! What is chosen for a list or a row: families, letters, people written to before, one of two numbers, languages.

use axum::http::StatusCode;
use base::id::{MessageId, OfficeId, StaffId};
use base::phone::PhoneNumber;
use lists::contacts::{NewContact, Occasion, PersonKeys, PersonValues, Purpose, record};
use lists::numbers::{NewWrong, WrongKind, report_wrong};
use messaging::store::{self, TemplateDraft};
use messaging::template::{Content, Language};

use super::host::{Host, ORG, TEXT, choose};

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
async fn what_another_office_sent_is_told_with_day_and_purpose_and_no_word_of_it() {
    for host in Host::each().await {
        let (mut browser, template) = host.desk().await;
        let (_, secret) = host.template("草加だけの文面です。{{ID}}").await;
        let mut soka = host.staff("soka", host.soka).await;
        let theirs = soka.list(&secret, FAMILY).await;
        let confirm = soka.get(&format!("{theirs}/confirm")).await;
        let (_, seal) = confirm.body.split_once(r#"name="seal" value=""#).unwrap();
        let seal = seal.split('"').next().unwrap();
        let fields = [("seal", seal), ("seen", "0")];
        let sent = soka
            .submit("/lists/new", &format!("{theirs}/send"), &fields)
            .await;
        assert!(sent.location.starts_with("/broadcasts/"), "{}", sent.words());
        host.db.clock().advance(60_000);
        let mine = FAMILY
            .replace("手本 次郎", "手本 三郎")
            .replace("09033334444", "09077778888")
            .replace("100003", "100009");
        let list = browser.list(&template, &mine).await;
        let page = browser.get(&list).await;
        assert!(page.has("すでに連絡した人（2人）"), "{}", page.words());
        assert!(page.has("草加保健所") && page.has("「初回連絡」") && page.has("この方に"));
        assert!(
            !page.has("草加だけの文面") && !page.has(&theirs),
            "what they wrote stays with them"
        );
        assert!(page.has("1人の文面を確かめる"));
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
            by: Some(StaffId::new(1)),
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
        let called = browser
            .submit(&list, &format!("{list}/rows/3/call"), &[("page", "1")])
            .await;
        assert!(browser.get(&called.location).await.has("電話リストに入れました"));
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
