//! A result speaks the language in which its person applied, and can lead to their own page.

use base::id::ApplicationId;
use desk::document::{Document, Outcome};
use desk::form::Texts;
use desk::store::{self, Precheck};
use messaging::links::LinkOrigin;
use web::Language;

use crate::applying::host;
use crate::browser::Browser;
use crate::house::{CLERK, House, ORG, confirmed, doctor, kind, not_needed, says};

const VIETNAMESE: &str = "{{窓口}}: Gửi người có số {{受付番号}}. Kết quả lúc {{日時}}: chúng tôi đã gửi bộ xét nghiệm cho bạn. Hãy chờ khoảng hai ngày.";
const PUT_RIGHT: &str = "【訂正】 {{窓口}}: Gửi người có số {{受付番号}}. Chúng tôi sửa lại kết quả đã gửi ({{日時}}): bạn không thuộc đối tượng của quầy này.";

fn add(texts: &mut Texts, language: Language, text: &str) {
    texts.set(language, text);
}

/// A desk that tells a grant and the correction of one in Vietnamese too, and in no other language.
fn two_languages() -> Document {
    let mut says = says();
    add(&mut says.title, Language::Vietnamese, "Bộ xét nghiệm");
    let granted = says
        .confirmed
        .telling
        .sms
        .of(Language::Japanese)
        .unwrap()
        .to_owned();
    says.confirmed.telling.sms = Texts::default();
    add(&mut says.confirmed.telling.sms, Language::Japanese, &granted);
    add(&mut says.confirmed.telling.sms, Language::Vietnamese, VIETNAMESE);
    let reason = says.reasons.iter_mut().find(|one| one.code.as_str() == "K01");
    add(
        &mut reason.unwrap().telling.correction,
        Language::Vietnamese,
        PUT_RIGHT,
    );
    says
}

async fn apply_in(house: &House, n: u32, language: Language) -> ApplicationId {
    let id = house.apply(n).await;
    store::set_application_language(&house.db, ORG, id, language)
        .await
        .unwrap();
    id
}

#[tokio::test]
async fn a_result_speaks_the_language_of_its_reader_where_the_desk_has_it() {
    for house in House::each(two_languages()).await {
        let mut people = Vec::new();
        for (n, language) in [
            (1, Language::Vietnamese),
            (2, Language::Nepali),
            (3, Language::Japanese),
        ] {
            people.push(apply_in(&house, n, language).await);
        }
        for _ in 0..3 {
            house.decide(doctor(1), confirmed()).await;
        }
        house.settle().await;
        let list = house.lock(&kind(confirmed(), false)).await.unwrap();
        let plan = house.gathered(list).await.unwrap();
        // The letters of a language are no reason for a second person to look.
        let told = plan.1.release(&house.desk).await.unwrap().told;
        assert!(told.warnings.is_empty(), "{:?}", told.warnings);
        let released = house.press(&plan).await.unwrap();
        assert_eq!((released.written, released.called), (3, 0));
        let told = |n: usize| house.texts(people[n]);
        let (vietnamese, nepali, japanese) = (told(0).await, told(1).await, told(2).await);
        let reference = house.see(people[0]).await.reference;
        let expected = format!("Bộ xét nghiệm: Gửi người có số {reference}. Kết quả lúc 2026-11-22 14:05:");
        assert!(vietnamese[0].starts_with(&expected), "{vietnamese:?}");
        for text in [&nepali[0], &japanese[0]] {
            let desk = &house.row.name;
            assert!(
                text.starts_with(desk.as_str()) && text.contains("11月22日14時05分"),
                "{text}"
            );
        }
    }
}

#[tokio::test]
async fn a_correction_speaks_it_too() {
    for house in House::each(two_languages()).await {
        let id = apply_in(&house, 1, Language::Vietnamese).await;
        let (_, number) = house.decide(doctor(1), confirmed()).await;
        house.settle().await;
        house.release(confirmed(), false).await;
        house.correct(id, number, not_needed(), doctor(2)).await;
        house.settle().await;
        house.release(not_needed(), true).await;
        let texts = house.texts(id).await;
        assert!(texts[1].contains("Chúng tôi sửa lại kết quả"), "{texts:?}");
    }
}

#[tokio::test]
async fn a_message_can_lead_each_person_to_their_own_page_behind_the_birth_date() {
    let mut linked = says();
    let text = "{{窓口}}です。受付番号 {{受付番号}}の方へ（{{日時}}）。結果は {{リンク 申請}} で、生年月日を入れると読めます。";
    add(&mut linked.confirmed.telling.sms, Language::Japanese, text);
    add(&mut linked.send_backs[0].telling.sms, Language::Japanese, text);
    linked.review.precheck = true;
    for mut house in House::each(linked).await {
        house.desk.links.origin = LinkOrigin::parse("https://sms.example.lg.jp");
        let (first, second, back) = (house.apply(1).await, house.apply(2).await, house.apply(3).await);
        for (id, act) in [
            (first, Precheck::Pass { priority: 0 }),
            (second, Precheck::Pass { priority: 0 }),
            (
                back,
                Precheck::SendBack {
                    what: house.document.document().send_backs[0].key.clone(),
                },
            ),
        ] {
            let seen = house.see(id).await.changes;
            store::precheck(&house.db, ORG, (id, seen), act, (CLERK, String::new()))
                .await
                .unwrap();
        }
        for _ in 0..2 {
            house.decide(doctor(1), confirmed()).await;
        }
        house.settle().await;
        house.release(confirmed(), false).await;
        let link = |text: &str| {
            let from = text.split("https://sms.example.lg.jp").nth(1).unwrap();
            from.split(' ').next().unwrap().to_owned()
        };
        let (one, other) = (house.texts(first).await, house.texts(second).await);
        assert_ne!(link(&one[0]), link(&other[0]));
        let mut browser = Browser::of(host(&house));
        let page = link(&one[0]);
        browser.get(&page).await.hides("発送を手配");
        let born = [("birth-year", "1981"), ("birth-month", "4"), ("birth-day", "3")];
        let entered = browser.post(&page, &born).await;
        assert_eq!(entered.location(), format!("{page}/next"), "{}", entered.body);
        let result = browser.get(entered.location()).await;
        browser.get(result.location()).await.shows("発送を手配しました");
        // Where there is no address for residents, nothing goes out with half a link.
        house.desk.links.origin = None;
        let key = house.document.document().send_backs[0].key.clone();
        let kind = store::Kind {
            outcome: Outcome::SentBack(key),
            corrects: false,
        };
        let list = house.lock(&kind).await.unwrap();
        let gathering = desk::release::Gathering::of(&house.db, ORG, list)
            .await
            .unwrap()
            .unwrap();
        let vault = house.db.vault(ORG).await.unwrap();
        let judged = messaging::pages::roll::judge(&house.desk, gathering.roll(&vault)).await;
        let why = judged.unwrap().err().unwrap();
        assert!(why.contains("リンク 申請"), "{why}");
    }
}

#[test]
fn a_text_that_is_too_long_in_one_language_is_told_with_its_place() {
    let mut says = says();
    let long = format!("{VIETNAMESE}{}", " Xin chào.".repeat(60));
    add(&mut says.confirmed.telling.sms, Language::Vietnamese, &long);
    let problems = desk::document::DeskDocument::of(says).unwrap_err();
    assert_eq!(problems.len(), 1, "{problems:?}");
    assert_eq!(problems[0].at, "confirmed.telling.sms.vi");
    assert!(problems[0].what.contains("660文字"));
}
