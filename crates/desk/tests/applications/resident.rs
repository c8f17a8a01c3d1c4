//! Somebody applies with a phone: what is asked and what is not, what stays hidden, what is kept, what comes back.

use base::clock::{DAY, HOUR};
use db::Reference;
use desk::application::{KitChosen, State};
use desk::document::{ClockTime, Document};
use desk::form::Key;
use desk::limits::{DRAFT_IDLE, RESULT_SHOWN, TRIES};
use desk::store::{self, Precheck};

use crate::applying::{answer, begun, fill_in, host, self_test};
use crate::browser::Browser;
use crate::house::{CLERK, House, ORG, confirmed, doctor, says, unclear};

fn birth(year: &str) -> [(&str, &str); 3] {
    [("birth-year", year), ("birth-month", "4"), ("birth-day", "3")]
}

async fn only(house: &House) -> desk::application::Application {
    let found = store::received(&house.db, ORG, house.id()).await.unwrap();
    found.into_iter().next().unwrap()
}

#[tokio::test]
async fn somebody_applies_from_the_first_page_to_the_number() {
    for house in House::each(self_test()).await {
        let top = format!("/d/{}", house.row.key);
        let mut browser = Browser::of(host(&house));
        let first = browser.get(&top).await;
        for text in [
            "利用できる方",
            "用意するもの",
            "診療、薬の処方",
            "17:00",
            "tel:119",
            "申請を始める",
        ] {
            first.shows(text);
        }
        let consent = format!("{top}/consent");
        browser.get(&consent).await.hides("checked");
        let refused = browser.post(&consent, &[("lang", "ja")]).await;
        assert_eq!(refused.status, 422);
        refused.shows("チェックを入れてください");

        let (mut browser, at) = begun(&house).await;
        let cookie = browser
            .jar
            .keys()
            .any(|name| name.ends_with("todoke-application"));
        assert!(cookie, "{:?}", browser.jar.keys());
        fill_in(&house, &mut browser, &at, "q/emergency").await;
        let urgent = browser
            .post(&format!("{at}/q/emergency"), &[("emergency", "lips")])
            .await;
        assert_eq!(urgent.location(), format!("{at}/stop?page=emergency"));
        browser.get(urgent.location()).await.shows("tel:119");
        browser.get(&top).await.shows("続きから入力する");

        fill_in(&house, &mut browser, &at, "name").await;
        let empty = browser.post(&format!("{at}/name"), &[("family", "")]).await;
        assert_eq!(empty.status, 422);
        empty.shows("<title>エラー: ");
        let check = fill_in(&house, &mut browser, &at, "check").await;
        let check = browser.get(&check).await;
        for text in [
            "まだ申請は終わっていません",
            "手本 花子",
            "テホン ハナコ",
            "昭和60年",
            "090-1234-5678",
            "みどりクイック",
            "「氏名」を変更",
        ] {
            check.shows(text);
        }
        let sent = browser.post(&format!("{at}/check"), &[]).await;
        assert_eq!(sent.location(), format!("{at}/done"));
        let found = only(&house).await;
        let done = browser.get(&format!("{at}/done")).await;
        done.shows(&found.reference.to_string());
        done.shows("今日中に");
        for hidden in ["手本", "1234-5678", "みどりクイック", "昭和60年"] {
            done.hides(hidden);
        }
        // Back, and once more.
        let again = browser.post(&format!("{at}/check"), &[]).await;
        assert_eq!(again.location(), format!("{at}/next"));
        let back = browser.get(&format!("{at}/q/signs")).await;
        assert_eq!(back.location(), format!("{at}/next"));
        assert_eq!(
            browser.get(&format!("{at}/next")).await.location(),
            format!("{at}/done")
        );
        browser.get(&top).await.hides("続きから入力する");
        let content = found.content;
        assert!(content.kit == Some(KitChosen::Known(Key::parse("midori").unwrap())));
        assert!(content.applicant.phone_proved_at.is_some());
        assert_eq!(
            content.consent.unwrap().version,
            house.document.document().consent.version
        );
    }
}

#[tokio::test]
async fn whoever_may_not_apply_learns_why_and_where_to_go() {
    for house in House::each(self_test()).await {
        let (mut browser, at) = begun(&house).await;
        let no = browser
            .post(&format!("{at}/e/lives_here"), &[("lives_here", "no")])
            .await;
        assert_eq!(no.location(), format!("{at}/way"));
        let way = browser.get(&format!("{at}/way")).await;
        way.shows("県外にお住まいの方は申請できません");
        way.shows("000-000-0000");
        way.shows(&format!("{at}/e/lives_here"));
        fill_in_after(&house, &mut browser, &at).await;
        let old = browser.post(&format!("{at}/birth"), &birth("1950")).await;
        assert_eq!(old.location(), format!("{at}/way"));
        let way = browser.get(&format!("{at}/way")).await;
        way.shows("16歳から49歳までの方の窓口です");
        way.shows(&format!("{at}/birth"));
        let wrong = [
            ("birth-era", "heisei"),
            ("birth-year", "33"),
            ("birth-month", "1"),
            ("birth-day", "1"),
        ];
        browser
            .post(&format!("{at}/birth"), &wrong)
            .await
            .shows("令和3年");
    }
}

/// The answer is put right, and the way goes on to the birth date.
async fn fill_in_after(house: &House, browser: &mut Browser, at: &str) {
    answer(house, browser, at, "e/lives_here").await;
    fill_in(house, browser, at, "birth").await;
}

#[tokio::test]
async fn a_closed_a_stopped_and_a_full_desk_say_until_when() {
    let time = |text: &str| ClockTime::parse(text).unwrap();
    let mut hours: Document = says();
    hours.hours.closes = time("14:00");
    hours.hours.cut_off = time("13:00");
    for house in House::each(hours).await {
        let mut browser = Browser::of(host(&house));
        let top = format!("/d/{}", house.row.key);
        let closed = browser.get(&top).await;
        closed.shows("今は受付時間の外です");
        closed.shows("11月23日");
        closed.hides("申請を始める");
        let begin = browser.post(&format!("{top}/consent"), &[("agree", "yes")]).await;
        assert_eq!(begin.location(), format!("{top}?lang=ja"));
    }
    let mut one = says();
    one.hours.capacity = Some(1);
    for house in House::each(one).await {
        let (mut browser, at) = begun(&house).await;
        let content = house.content(2);
        let id = link_of(&house, &at).await;
        store::keep(&house.db, ORG, id, content, web::Language::Japanese)
            .await
            .unwrap();
        house.apply(1).await;
        let full = browser.post(&format!("{at}/check"), &[]).await;
        assert_eq!(full.status, 503, "{}", full.body);
        full.shows("今日の受付数に達しました");
        full.shows("まだ送られていません");
        let top = format!("/d/{}", house.row.key);
        browser.get(&top).await.shows("今日の受付数に達しました");
        house.clock.advance(DAY);
        // The browser was away too long; the birth date lets it in again.
        assert_eq!(browser.get(&format!("{at}/next")).await.location(), at);
        browser.post(&at, &birth("1982")).await;
        let sent = browser.post(&format!("{at}/check"), &[]).await;
        assert_eq!(sent.location(), format!("{at}/done"), "{}", sent.body);
        store::set_closed(&house.db, ORG, house.id(), true).await.unwrap();
        browser.get(&top).await.shows("ただいま受付を止めています");
    }
}

async fn link_of(house: &House, at: &str) -> base::id::ApplicationId {
    let token = at.strip_prefix("/a/").unwrap();
    let token = desk::application::ApplicationToken::in_address(token).unwrap();
    let found = store::application_of_link(&house.db, &token).await.unwrap();
    found.unwrap().1
}

async fn path_of(house: &House, id: base::id::ApplicationId) -> String {
    let vault = house.db.vault(ORG).await.unwrap();
    desk::application::ApplicationToken::of(&vault, id).path()
}

#[tokio::test]
async fn a_result_opens_by_the_birth_date_alone_and_locks_after_five_wrong_ones() {
    for house in House::each(says()).await {
        let (mut own, at) = begun(&house).await;
        let id = link_of(&house, &at).await;
        store::keep(&house.db, ORG, id, house.content(3), web::Language::Japanese)
            .await
            .unwrap();
        own.post(&format!("{at}/check"), &[]).await;
        house.decide(doctor(1), confirmed()).await;
        house.settle().await;
        house.release(confirmed(), false).await;
        // Whoever filled it in is not let in by that.
        assert_eq!(own.get(&format!("{at}/result")).await.location(), at);
        let gate = own.get(&at).await;
        gate.shows("生年月日");
        gate.hides("検査キットの発送");
        let mut browser = Browser::of(host(&house));
        for _ in 1..TRIES {
            let wrong = browser.post(&at, &birth("1999")).await;
            assert_eq!(wrong.status, 422);
            wrong.hides("発送");
        }
        let right = browser.post(&at, &birth("1983")).await;
        assert_eq!(right.location(), format!("{at}/next"), "{}", right.body);
        assert_eq!(
            browser.get(&format!("{at}/next")).await.location(),
            format!("{at}/result")
        );
        let result = browser.get(&format!("{at}/result")).await;
        result.shows("検査キットの発送を手配しました");
        result.hides("試験");
        for attempt in 1..=TRIES {
            let wrong = Browser::of(host(&house)).post(&at, &birth("1999")).await;
            assert_eq!(wrong.status, if attempt < TRIES { 422 } else { 403 });
        }
        let locked = Browser::of(host(&house)).post(&at, &birth("1983")).await;
        assert_eq!(locked.status, 403);
        locked.shows("000-000-0000");
        let nowhere = format!("/a/{}", "2".repeat(22));
        let mut stranger = Browser::of(host(&house));
        assert_eq!(stranger.get(&nowhere).await.status, 200);
        assert_eq!(stranger.post(&nowhere, &birth("1983")).await.status, 422);
        house.clock.advance(RESULT_SHOWN);
        assert_eq!(stranger.get(&at).await.status, 410);
    }
}

#[tokio::test]
async fn what_was_sent_back_asks_for_that_alone_and_keeps_its_number() {
    for house in House::each(self_test()).await {
        let (mut browser, at) = begun(&house).await;
        fill_in(&house, &mut browser, &at, "check").await;
        browser.post(&format!("{at}/check"), &[]).await;
        let found = only(&house).await;
        let what = Key::parse("name_unclear").unwrap();
        let back = Precheck::SendBack { what };
        let seen = (found.id, found.changes);
        store::precheck(&house.db, ORG, seen, back, (CLERK, String::new()))
            .await
            .unwrap();

        assert_eq!(browser.get(&format!("{at}/next")).await.location(), at);
        browser.post(&at, &birth("1985")).await;
        let again = browser.get(&format!("{at}/next")).await.location().to_owned();
        assert_eq!(again, format!("{at}/again"));
        let again = browser.get(&again).await;
        again.shows("受付番号は変わりません");
        again.shows("申請する方のお名前");
        for other in ["birth", "address", "q/signs", "kit", "e/route"] {
            let seen = browser.get(&format!("{at}/{other}")).await;
            assert_eq!(seen.location(), format!("{at}/next"), "{other}");
        }
        let fields = [
            ("family", "手本"),
            ("given", "花枝"),
            ("family-kana", "テホン"),
            ("given-kana", "ハナエ"),
        ];
        let named = browser.post(&format!("{at}/name"), &fields).await;
        assert_eq!(named.location(), format!("{at}/check"), "{}", named.body);
        let check = browser.get(&format!("{at}/check")).await;
        check.shows("手本 花枝");
        check.hides("090-1234-5678");
        browser.post(&format!("{at}/check"), &[]).await;
        let sent = only(&house).await;
        assert_eq!((sent.reference, sent.state), (found.reference, State::Received));
        assert_eq!(sent.content.applicant.name.as_deref(), Some("手本 花枝"));
    }
}

#[tokio::test]
async fn a_refusal_that_can_be_put_right_comes_back_by_its_result() {
    for house in House::each(says()).await {
        let id = house.apply(4).await;
        house.decide(doctor(1), unclear()).await;
        house.settle().await;
        house.release(unclear(), false).await;
        let at = path_of(&house, id).await;
        let mut browser = Browser::of(host(&house));
        browser.post(&at, &birth("1984")).await;
        let result = browser.get(&format!("{at}/result")).await;
        result.shows("届け先の住所を確認できませんでした");
        result.shows(&format!("{at}/again"));
        let given = [("postcode", ""), ("area", "みどり県ひばり市"), ("rest", "9-9")];
        let sent = browser.post(&format!("{at}/address"), &given).await;
        assert_eq!(sent.location(), format!("{at}/check"));
        browser.post(&format!("{at}/check"), &[]).await;
        assert_eq!(house.see(id).await.state, State::Ready);
    }
}

#[tokio::test]
async fn a_family_goes_on_with_address_and_number_and_nothing_else() {
    for house in House::each(self_test()).await {
        let (mut browser, at) = begun(&house).await;
        fill_in(&house, &mut browser, &at, "check").await;
        browser.post(&format!("{at}/check"), &[]).await;
        let first = only(&house).await;
        let next = browser.post(&format!("{at}/family"), &[]).await;
        let second = next.location().strip_suffix("/next").unwrap().to_owned();
        assert_ne!(second, at);
        let id = link_of(&house, &second).await;
        let content = house.see(id).await.content;
        assert!(content.consent.is_none() && content.kit.is_none());
        assert!(content.applicant.name.is_none() && content.applicant.birth.is_none());
        assert!(content.applicant.address == first.content.applicant.address);
        assert_eq!(content.applicant.phone, first.content.applicant.phone);
        assert!(content.applicant.phone_proved_at.is_some());
        assert_eq!(
            browser.get(&format!("{second}/next")).await.location(),
            format!("{second}/consent")
        );
        fill_in(&house, &mut browser, &second, "birth").await;
        // A child of twelve: who applies for it is asked.
        browser.post(&format!("{second}/birth"), &birth("2014")).await;
        let guardian = fill_in(&house, &mut browser, &second, "guardian").await;
        browser.post(&guardian, &[("guardian", "手本 花子")]).await;
        fill_in(&house, &mut browser, &second, "check").await;
        browser.post(&format!("{second}/check"), &[]).await;
        let both = store::received(&house.db, ORG, house.id()).await.unwrap();
        assert_eq!(both.len(), 2);
    }
}

#[tokio::test]
async fn the_status_tells_how_far_it_is_and_no_diagnosis() {
    for house in House::each(says()).await {
        let id = house.apply(5).await;
        let reference = house.see(id).await.reference;
        let path = format!("/d/{}/status", house.row.key);
        let mut browser = Browser::of(host(&house));
        let ask = |reference: Reference, year: &'static str, last: &'static str| {
            let text = reference.to_string();
            let mut fields: Vec<(String, String)> = birth(year)
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect();
            fields.push(("reference".to_owned(), text));
            fields.push(("last".to_owned(), last.to_owned()));
            fields
        };
        let post = async |browser: &mut Browser, fields: Vec<(String, String)>| {
            let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (&**name, &**value)).collect();
            browser.post(&path, &fields).await
        };
        post(&mut browser, ask(reference, "1985", "9999"))
            .await
            .shows("どれかが、申請の内容と違います");
        post(&mut browser, ask(reference, "1985", "0005"))
            .await
            .shows("確認中");
        house.decide(doctor(1), confirmed()).await;
        house.settle().await;
        house.release(confirmed(), false).await;
        let seen = post(&mut browser, ask(reference, "1985", "0005")).await;
        seen.shows("判定済み");
        seen.hides("発送");
        for _ in 0..TRIES {
            post(&mut browser, ask(reference, "1986", "0005")).await;
        }
        let locked = post(&mut browser, ask(reference, "1985", "0005")).await;
        assert_eq!(locked.status, 429);
        house.clock.advance(DAY + HOUR);
        post(&mut browser, ask(reference, "1985", "0005"))
            .await
            .shows("判定済み");
    }
}

#[tokio::test]
async fn a_draft_that_was_left_alone_opens_by_its_birth_date() {
    for house in House::each(self_test()).await {
        let (mut browser, at) = begun(&house).await;
        fill_in(&house, &mut browser, &at, "address").await;
        house.clock.advance(DRAFT_IDLE);
        assert_eq!(browser.get(&format!("{at}/address")).await.location(), at);
        browser.post(&at, &birth("1985")).await;
        assert_eq!(
            browser.get(&format!("{at}/next")).await.location(),
            format!("{at}/address")
        );
        let from_elsewhere = browser
            .post_from_elsewhere(&format!("{at}/address"), &[("area", "x")])
            .await;
        assert_eq!(from_elsewhere.status, 403);
        let other = [
            ("language", "en"),
            ("postcode", "330"),
            ("area", "みどり県"),
            ("rest", "1"),
        ];
        let english = browser.post(&format!("{at}/address"), &other).await;
        english.shows("Postcode");
        english.shows("みどり県");
    }
}
