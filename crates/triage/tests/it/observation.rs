//! Questions behind personal links, on both databases: who is asked, once a day and never after the end; what answers
//! do; what somebody in danger sets off.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};

use accounts::SourceAddress;
use base::clock::{DAY, HOUR, MINUTE};
use base::date::CalendarDate;
use base::id::{CaseId, MessageId, OfficeId, StaffId};
use base::phone::PhoneNumber;
use db::Db;
use db::testing::TestDatabase;
use desk::FormToken;
use desk::form::{Answer as Said, Decimal, Key};
use desk::store::{Saved, Submitted, Tried, answers_of, save, see_request, submit, try_birth_date, visit};
use lists::calls::{CallOutcome, CallReason, CallResult, Due, Mark, Marked, mark, open_calls};
use lists::choice::Household;
use messaging::broadcast::Origin;
use messaging::links::{LinkOrigin, LinkSettings};
use messaging::message::Outcome;
use messaging::pages::Desk;
use messaging::pages::roll::{self, Version};
use messaging::store;
use messaging::template::{Content as TextContent, Purpose};
use triage::case::{CaseState, ClosedWhy, FirstContact, received_day};
use triage::decision::Route;
use triage::gather::{Gathering, OnlyIf, start};
use triage::jobs::{care, take_over, watch};
use triage::notification::CaseNotification;
use triage::programme::{Content, Scope};
use triage::questions::{Health, subject};
use triage::reach::{ContactBy, ContactRule, OneRule};
use triage::store::alerts::{count_alerts, handle, open_alerts};
use triage::store::changes::{close, reopen};
use triage::store::programmes;
use triage::store::questions::{Looked, counts, review, reviews_of, silent, to_review};
use triage::store::reach::{Candidates, candidates};

use crate::people::{ASAKA, HANAKO, NOON, ORG, each, hand, opened};
use crate::reach::{self, Carrier, arrive, somebody};

/// Pages with the answers to their questions.
pub(crate) type Pages = Vec<(&'static str, Vec<(&'static str, Said)>)>;

pub(crate) const BIRTH: (u16, u8, u8) = (1985, 4, 3);

pub(crate) fn desk_of(db: &Db) -> Desk {
    Desk {
        links: LinkSettings {
            origin: LinkOrigin::parse("https://sms.example.lg.jp"),
            ..LinkSettings::default()
        },
        ..reach::desk(db)
    }
}

async fn text(db: &Db, purpose: Purpose, text: &str) -> Version {
    let draft = store::TemplateDraft {
        name: format!("文面 {}", text.chars().count()),
        folder: String::new(),
        content: TextContent {
            purpose,
            ..TextContent::of(text.to_owned())
        },
    };
    (
        store::add_draft(db, ORG, draft, StaffId::new(1)).await.unwrap(),
        1,
    )
}

/// A programme in which people are asked every day at nine and let go seven days after they fell ill.
pub(crate) async fn programme(db: &Db) {
    let asked = "{{氏名}}様\n今日の体の様子を教えてください。\n{{リンク 質問票 健康観察}}\n試験県";
    let asked = text(db, Purpose::Observation, asked).await.0;
    let over = text(
        db,
        Purpose::Notice,
        "{{氏名}}様\n療養の期間が終わりました。\n試験県の保健所",
    )
    .await
    .0;
    let content = format!(
        r#"{{"schema":1,"rules":[{{"name":"全員","route":"head_office_sms","priority":50}}],
        "periods":{{"rules":[{{"day_zero":"illness","days":7,"early":{{"test_day":4,"days":5}}}}]}},
        "first_contact":{{"by":"delivery","call_after_hours":24}},
        "observation":{{"text":{{"template":{asked},"version":1}},"hour":9,"first_day":1,"call_after_unanswered":2}},
        "closing":{{"after":"isolation","notice":true}},"closing_text":{{"template":{over},"version":1}}}}"#
    );
    let draft = programmes::Draft {
        title: "毎日の質問".to_owned(),
        from: CalendarDate::new(2022, 1, 1).unwrap(),
        content: Content::from_json(&content).unwrap(),
    };
    let id = programmes::add_programme(db, ORG, "試験".to_owned(), draft, HANAKO)
        .await
        .unwrap();
    assert_eq!(id.get(), 1, "cases of the tests are of programme 1");
    let made = programmes::versions(db, ORG, id).await.unwrap().remove(0);
    assert_eq!(made.scope, Scope::Organisation);
    let approved = programmes::approve(db, ORG, (id, made.version), made.revision, StaffId::new(99));
    assert!(approved.await.unwrap());
}

/// Somebody who fell ill three days ago.
pub(crate) fn ill(n: u32) -> CaseNotification {
    let mut told = somebody(n);
    told.person.birth = CalendarDate::new(BIRTH.0, BIRTH.1, BIRTH.2);
    told.illness.onset = CalendarDate::new(2026, 9, 18);
    told
}

/// Everybody who waits is written to with a text that may carry a link; it arrives.
pub(crate) async fn first_touch(
    db: &Db,
    carrier: &Carrier,
    words: &str,
    household: Household,
) -> Vec<Letter> {
    let desk = desk_of(db);
    let version = text(db, Purpose::FirstTouch, words).await;
    let wanted = Candidates {
        office: None,
        but: None,
        route: Route::HeadOfficeSms,
        programme: 1,
        most: 1_000,
    };
    let ids = candidates(db, ORG, wanted).await.unwrap();
    let gathering = Gathering::of(db, ORG, &ids).await.unwrap();
    let vault = db.vault(ORG).await.unwrap();
    let names = std::collections::HashMap::new();
    let roll = gathering.roll(&vault, OfficeId::HEADQUARTERS, version, household, &names);
    let judged = roll::judge(&desk, roll).await.unwrap().unwrap();
    let new = judged.broadcast(&desk, "初回".to_owned(), Origin::Browser, Some(HANAKO));
    let new = new.await.unwrap();
    start(db, &gathering, &judged, new, OnlyIf::Waiting, false)
        .await
        .unwrap();
    arrives(carrier).await
}

/// A message as its reader has it.
pub(crate) struct Letter {
    to: PhoneNumber,
    pub(crate) text: String,
}

/// Everything that waits leaves and arrives.
pub(crate) async fn arrives(carrier: &Carrier) -> Vec<Letter> {
    let mut letters: BTreeMap<MessageId, Letter> = BTreeMap::new();
    for part in carrier.take().await {
        carrier.says(&part, Outcome::Delivered).await;
        let letter = letters.entry(part.part.message).or_insert(Letter {
            to: part.to,
            text: String::new(),
        });
        letter.text.push_str(&part.text);
    }
    letters.into_values().collect()
}

const PLAIN: &str = "{{氏名}}様\n試験県です。受付番号は{{受付番号}}です。";
const INTERVIEW: &str = "{{氏名}}様\n質問にお答えください。\n{{リンク 質問票 聞き取り}}\n試験県";

pub(crate) async fn reached(db: &Db, carrier: &Carrier, people: u32) -> Vec<CaseId> {
    let ids = arrive(db, ASAKA, (0..people).map(ill).collect()).await;
    first_touch(db, carrier, PLAIN, Household::Each).await;
    db.clock().advance(2 * MINUTE);
    watched(db, ContactRule::default()).await;
    ids
}

pub(crate) async fn watched(db: &Db, rule: ContactRule) {
    watch(db, ORG, &OneRule(rule)).await.unwrap();
}

/// The letters of the link in a text.
pub(crate) fn token(text: &str) -> FormToken {
    let (_, rest) = text
        .split_once("https://sms.example.lg.jp/f/")
        .unwrap_or_else(|| panic!("{text}"));
    FormToken::in_address(rest).unwrap()
}

pub(crate) fn key(name: &str) -> Key {
    Key::parse(name).unwrap()
}

/// The pages of the daily questions and their answers.
pub(crate) fn well(temperature: &str) -> Pages {
    let none = || Said::Several([key("none")].into());
    vec![
        ("emergency", vec![("emergency", none())]),
        (
            "measured",
            vec![
                ("temperature", Said::Number(Decimal::read(temperature).unwrap())),
                ("spo2", Said::Number(Decimal::whole(98))),
            ],
        ),
        ("symptoms", vec![("symptoms", none())]),
        ("intake", vec![("intake", Said::Choice(key("well")))]),
        ("wish", vec![("call", Said::YesNo(false))]),
    ]
}

/// Gives the birth date, answers pages, and sends if `sends`.
pub(crate) async fn answers(db: &Db, token: &FormToken, pages: Pages, sends: bool) {
    let birth = CalendarDate::new(BIRTH.0, BIRTH.1, BIRTH.2).unwrap();
    let source = SourceAddress(IpAddr::V4(Ipv4Addr::new(192, 0, 2, 9)));
    let Tried::Fits(secret) = try_birth_date(db, token, birth, source).await.unwrap() else {
        panic!("the birth date does not fit");
    };
    let open = visit(db, &secret, token).await.unwrap().unwrap();
    for (page, said) in pages {
        let said = said.into_iter().map(|(name, answer)| (key(name), Some(answer)));
        let kept = save(db, &open, key(page), said.collect(), true).await.unwrap();
        assert!(matches!(kept, Saved::Kept(_)), "{page}: {kept:?}");
    }
    if sends {
        assert_eq!(submit(db, &open).await.unwrap(), Submitted::Done);
    }
}

pub(crate) async fn cared(db: &Db) {
    take_over(db, ORG).await.unwrap();
    care(&desk_of(db), ORG).await.unwrap();
}

/// The next day at ten in the morning.
pub(crate) fn next_morning(db: &Db) {
    let midnight = base::clock::japan_midnight(db.now());
    db.clock().advance(midnight + DAY + 10 * HOUR - db.now());
}

#[tokio::test]
async fn a_text_carries_everybodys_own_link_and_an_answer_is_the_first_contact() {
    each(async |db| {
        let carrier = Carrier::of(&db).await;
        let mut unborn = ill(3);
        unborn.person.birth = None;
        unborn.person.stated_age = Some(40);
        let ids = arrive(&db, ASAKA, vec![ill(1), ill(2), unborn]).await;
        let parts = first_touch(&db, &carrier, INTERVIEW, Household::Each).await;
        assert_eq!(
            parts.len(),
            2,
            "without a birth date nothing opens a link, so nothing is sent"
        );
        let tokens: Vec<FormToken> = parts.iter().map(|part| token(&part.text)).collect();
        assert_ne!(tokens[0], tokens[1]);
        for token in &tokens {
            let seen = see_request(&db, token)
                .await
                .unwrap()
                .expect("made in the same commit");
            assert_eq!(seen.state(db.now()), desk::RequestState::Open);
        }
        let by_answer = ContactRule {
            by: ContactBy::Answer,
            ..ContactRule::default()
        };
        db.clock().advance(2 * MINUTE);
        watched(&db, by_answer).await;
        assert_eq!(opened(&db, ids[0]).await.contact, FirstContact::Delivered);
        let none = || Said::Several([key("none")].into());
        answers(
            &db,
            &tokens[0],
            vec![("emergency", vec![("emergency", none())])],
            false,
        )
        .await;
        db.clock().advance(HOUR);
        watched(&db, by_answer).await;
        assert_eq!(
            opened(&db, ids[0]).await.contact,
            FirstContact::Opened,
            "the Mie rule"
        );
        answers(&db, &tokens[0], interview(), true).await;
        take_over(&db, ORG).await.unwrap();
        watched(&db, by_answer).await;
        assert_eq!(opened(&db, ids[0]).await.contact, FirstContact::Answered);
        assert_eq!(opened(&db, ids[1]).await.contact, FirstContact::Delivered);
        db.clock().advance(DAY);
        watched(&db, by_answer).await;
        let calls = open_calls(&db, ORG, None, Due::Now, (50, 0)).await.unwrap();
        assert_eq!(calls.len(), 2, "who did not answer, and who could not be asked");
        let read = to_review(&db, ORG, None).await.unwrap();
        assert_eq!(read.len(), 1, "each interview is read");
        assert_eq!(silent(&db, ORG, None, db.now()).await.unwrap().len(), 1);
    })
    .await;
}

/// The shortest way through the interview.
fn interview() -> Pages {
    let none = || Said::Several([key("none")].into());
    vec![
        ("emergency", vec![("emergency", none())]),
        ("ill", vec![("ill", Said::YesNo(false))]),
        ("risk", vec![("risk", none())]),
        ("vaccine", vec![("vaccine", Said::Unknown)]),
        ("household", vec![]),
        ("facility", vec![("facility", Said::YesNo(false))]),
        ("work", vec![("work", Said::Choice(key("nowhere")))]),
        ("places", vec![]),
        ("met", vec![("met", Said::YesNo(false))]),
        ("wishes", vec![("wishes", none())]),
        ("note", vec![]),
    ]
}

#[tokio::test]
async fn one_for_the_household_is_one_link_and_its_answer_counts_for_all() {
    each(async |db| {
        let carrier = Carrier::of(&db).await;
        let mut child = ill(1);
        child.person.birth = CalendarDate::new(2018, 5, 5);
        child.person.name = "試験 次郎".to_owned();
        child.person.kana = Some("シケン ジロウ".to_owned());
        let ids = arrive(&db, ASAKA, vec![child, ill(1)]).await;
        let parts = first_touch(&db, &carrier, INTERVIEW, Household::Once).await;
        assert_eq!(parts.len(), 1);
        answers(&db, &token(&parts[0].text), interview(), true).await;
        take_over(&db, ORG).await.unwrap();
        let by_answer = ContactRule {
            by: ContactBy::Answer,
            ..ContactRule::default()
        };
        db.clock().advance(2 * MINUTE);
        watched(&db, by_answer).await;
        for id in ids {
            assert_eq!(opened(&db, id).await.contact, FirstContact::Answered);
        }
    })
    .await;
}

#[tokio::test]
async fn people_are_asked_once_a_day_until_the_end_and_told_that_it_is_over() {
    each(async |db| {
        programme(&db).await;
        let carrier = Carrier::of(&db).await;
        let ids = reached(&db, &carrier, 2).await;
        cared(&db).await;
        assert!(carrier.take().await.is_empty(), "from the next day on");
        let mut asked = 0;
        // Ill since the 18th: the 25th is the last day, and the 26th is the first one free.
        for day in 22..=25 {
            next_morning(&db);
            cared(&db).await;
            cared(&db).await;
            let parts = arrives(&carrier).await;
            assert_eq!(parts.len(), 2, "on the {day}th");
            asked += parts.len();
            for part in &parts {
                assert!(part.text.contains("今日の体の様子"), "{}", part.text);
                answers(&db, &token(&part.text), well("36.5"), true).await;
            }
            db.clock().advance(5 * HOUR);
            cared(&db).await;
            assert!(carrier.take().await.is_empty(), "never two on one day");
        }
        assert_eq!(asked, 8);
        next_morning(&db);
        cared(&db).await;
        let last = arrives(&carrier).await;
        assert_eq!(last.len(), 2);
        assert!(
            last.iter()
                .all(|part| part.text.contains("療養の期間が終わりました"))
        );
        for id in &ids {
            let case = opened(&db, *id).await;
            assert_eq!(
                (case.state, case.closed.unwrap().why),
                (CaseState::Closed, ClosedWhy::PeriodOver)
            );
        }
        for _ in 0..3 {
            next_morning(&db);
            cared(&db).await;
            assert!(
                carrier.take().await.is_empty(),
                "never a message after the last one"
            );
        }
        let of_one = answers_of(&db, ORG, &subject(ids[0])).await.unwrap();
        assert_eq!(of_one.len(), 4);
    })
    .await;
}

#[tokio::test]
async fn who_does_not_answer_is_telephoned_and_asked_again_after_the_call() {
    each(async |db| {
        programme(&db).await;
        let carrier = Carrier::of(&db).await;
        let ids = reached(&db, &carrier, 1).await;
        for _ in 0..2 {
            next_morning(&db);
            cared(&db).await;
            assert_eq!(arrives(&carrier).await.len(), 1);
        }
        next_morning(&db);
        cared(&db).await;
        assert!(carrier.take().await.is_empty(), "the cap is reached");
        let calls = open_calls(&db, ORG, None, Due::Now, (50, 0)).await.unwrap();
        assert_eq!(
            calls.iter().map(|call| call.reason).collect::<Vec<_>>(),
            [CallReason::NotAnswered]
        );
        let waiting = silent(&db, ORG, Some(ASAKA), db.now()).await.unwrap();
        assert_eq!((waiting[0].case, waiting[0].questions), (ids[0], 2));
        let done = Mark {
            result: CallResult::Done(CallOutcome::Told),
            note: None,
            by: HANAKO,
        };
        assert_eq!(
            mark(&db, ORG, None, calls[0].id, done).await.unwrap(),
            Marked::Kept
        );
        next_morning(&db);
        cared(&db).await;
        assert_eq!(arrives(&carrier).await.len(), 1, "spoken with, asked again");
        assert_eq!(
            silent(&db, ORG, None, db.now()).await.unwrap().len(),
            0,
            "asked a moment ago"
        );
    })
    .await;
}

#[tokio::test]
async fn a_closed_case_is_asked_nothing_and_an_opened_one_is_not_closed_by_itself() {
    each(async |db| {
        programme(&db).await;
        let carrier = Carrier::of(&db).await;
        let ids = reached(&db, &carrier, 2).await;
        next_morning(&db);
        cared(&db).await;
        let parts = arrives(&carrier).await;
        let case = opened(&db, ids[0]).await;
        let today = received_day(db.now());
        close(
            &db,
            ORG,
            hand(&case),
            (ClosedWhy::MovedAway, today),
            String::new(),
        )
        .await
        .unwrap();
        cared(&db).await;
        let states = async || {
            let mut states = Vec::new();
            for part in &parts {
                let seen = see_request(&db, &token(&part.text)).await.unwrap().unwrap();
                states.push(seen.state(db.now()) == desk::RequestState::Withdrawn);
            }
            states.sort_unstable();
            states
        };
        assert_eq!(
            states().await,
            [false, true],
            "the link of the closed case is taken back"
        );
        next_morning(&db);
        cared(&db).await;
        assert_eq!(arrives(&carrier).await.len(), 1);
        let case = opened(&db, ids[0]).await;
        reopen(&db, ORG, hand(&case), today, String::new()).await.unwrap();
        db.clock().advance(6 * DAY);
        cared(&db).await;
        arrives(&carrier).await;
        assert_eq!(
            opened(&db, ids[0]).await.state,
            CaseState::Open,
            "a person closes it"
        );
    })
    .await;
}

#[tokio::test]
async fn danger_is_a_task_before_anything_is_sent_and_holds_the_case_until_it_is_handled() {
    each(async |db| {
        programme(&db).await;
        let carrier = Carrier::of(&db).await;
        let ids = reached(&db, &carrier, 1).await;
        next_morning(&db);
        cared(&db).await;
        let parts = arrives(&carrier).await;
        let danger = Said::Several([key("lips")].into());
        answers(
            &db,
            &token(&parts[0].text),
            vec![("emergency", vec![("emergency", danger)])],
            false,
        )
        .await;
        take_over(&db, ORG).await.unwrap();
        take_over(&db, ORG).await.unwrap();
        let open = open_alerts(&db, ORG, Some(ASAKA)).await.unwrap();
        assert_eq!(
            (open.len(), open[0].case, open[0].code.as_str()),
            (1, ids[0], "emergency_signs")
        );
        assert_eq!(count_alerts(&db, ORG, Some(OfficeId::new(3))).await.unwrap().0, 0);
        let calls = open_calls(&db, ORG, None, Due::Now, (50, 0)).await.unwrap();
        assert_eq!((calls.len(), calls[0].reason), (1, CallReason::Danger));
        assert!(
            calls[0].priority > 100,
            "before everybody whom rules decided about"
        );
        db.clock().advance(2 * MINUTE);
        watched(&db, ContactRule::default()).await;
        let open_now = open_calls(&db, ORG, None, Due::Now, (50, 0)).await.unwrap();
        assert_eq!(open_now.len(), 1, "that the page was opened is no help");
        let done = Mark {
            result: CallResult::Done(CallOutcome::Told),
            note: None,
            by: HANAKO,
        };
        mark(&db, ORG, None, calls[0].id, done).await.unwrap();
        db.clock().advance(10 * DAY);
        cared(&db).await;
        assert_eq!(
            opened(&db, ids[0]).await.state,
            CaseState::Open,
            "not while danger is open"
        );
        let looked = |request| Looked {
            case: ids[0],
            request,
            by: HANAKO,
            note: "電話で確かめた".to_owned(),
        };
        let code = open[0].code.clone();
        assert!(
            handle(&db, ORG, looked(open[0].request), code.clone())
                .await
                .unwrap()
        );
        assert!(!handle(&db, ORG, looked(open[0].request), code).await.unwrap());
        db.clock().advance(MINUTE);
        cared(&db).await;
        assert_eq!(opened(&db, ids[0]).await.state, CaseState::Closed);
    })
    .await;
}

#[tokio::test]
async fn an_answer_that_was_changed_long_after_is_marked_though_others_were_in_danger_meanwhile() {
    each(async |db| {
        programme(&db).await;
        let carrier = Carrier::of(&db).await;
        let ids = reached(&db, &carrier, 2).await;
        next_morning(&db);
        cared(&db).await;
        let parts = arrives(&carrier).await;
        let says = async |letter: usize, what: &str| {
            let said = Said::Several([key(what)].into());
            let page = vec![("emergency", vec![("emergency", said)])];
            answers(&db, &token(&parts[letter].text), page, false).await;
            take_over(&db, ORG).await.unwrap();
            db.clock().advance(10 * MINUTE);
        };
        says(0, "lips").await;
        says(1, "breath").await;
        says(0, "none").await;
        let open = open_alerts(&db, ORG, Some(ASAKA)).await.unwrap();
        let cleared: Vec<bool> = open.iter().map(|alert| alert.cleared_at.is_some()).collect();
        assert_eq!(cleared, [true, false], "it stays open until somebody has called");
        assert_eq!(open.len(), ids.len());
    })
    .await;
}

#[tokio::test]
async fn answers_are_sorted_by_what_they_say_and_read_once() {
    each(async |db| {
        programme(&db).await;
        let carrier = Carrier::of(&db).await;
        let ids = reached(&db, &carrier, 2).await;
        next_morning(&db);
        cared(&db).await;
        let parts = arrives(&carrier).await;
        answers(&db, &token(&parts[0].text), well("36.5"), true).await;
        answers(&db, &token(&parts[1].text), well("38.2"), true).await;
        take_over(&db, ORG).await.unwrap();
        let counted = counts(&db, ORG, None, (db.now(), db.now() - DAY)).await.unwrap();
        assert_eq!(
            (
                counted.alerts,
                counted.symptomatic,
                counted.to_review,
                counted.silent
            ),
            (0, 1, 1, 0)
        );
        let read = to_review(&db, ORG, Some(ASAKA)).await.unwrap().remove(0);
        assert_eq!(read.health, Some(Health::Symptoms));
        assert!(ids.contains(&read.case));
        let looked = Looked {
            case: read.case,
            request: read.request,
            by: HANAKO,
            note: "熱だけ".to_owned(),
        };
        assert!(review(&db, ORG, looked.clone()).await.unwrap());
        assert!(!review(&db, ORG, looked).await.unwrap());
        let kept = reviews_of(&db, ORG, read.case).await.unwrap();
        let one = &kept[&read.request];
        assert_eq!((one.is_wanted, one.note.as_deref()), (false, Some("熱だけ")));
        assert!(to_review(&db, ORG, None).await.unwrap().is_empty());
    })
    .await;
}

#[tokio::test]
async fn two_nodes_at_once_ask_and_close_everybody_once() {
    for database in TestDatabase::each(&base::clock::Clock::manual(NOON)).await {
        let options = db::OpenOptions {
            clock: base::clock::Clock::manual(NOON),
            ..database.options.clone()
        };
        let db = Db::open(&options).await.unwrap();
        let other = Db::open(&options).await.unwrap();
        programme(&db).await;
        let carrier = Carrier::of(&db).await;
        reached(&db, &carrier, 30).await;
        next_morning(&db);
        let (one, two) = (desk_of(&db), desk_of(&other));
        let (first, second) = tokio::join!(care(&one, ORG), care(&two, ORG));
        first.unwrap();
        second.unwrap();
        let mut numbers: Vec<String> = arrives(&carrier)
            .await
            .iter()
            .map(|part| part.to.e164())
            .collect();
        assert_eq!(numbers.len(), 30);
        numbers.sort_unstable();
        numbers.dedup();
        assert_eq!(numbers.len(), 30, "nobody gets two");
        db.clock().advance(4 * DAY);
        let (first, second) = tokio::join!(care(&one, ORG), care(&two, ORG));
        first.unwrap();
        second.unwrap();
        let last = arrives(&carrier).await;
        assert_eq!(last.len(), 30);
        assert!(last.iter().all(|part| part.text.contains("終わりました")));
    }
}

#[tokio::test]
async fn nothing_of_answers_is_left_after_their_time() {
    each(async |db| {
        programme(&db).await;
        let carrier = Carrier::of(&db).await;
        let ids = reached(&db, &carrier, 1).await;
        next_morning(&db);
        cared(&db).await;
        let parts = arrives(&carrier).await;
        let token = token(&parts[0].text);
        answers(&db, &token, well("38.2"), true).await;
        take_over(&db, ORG).await.unwrap();
        let read = to_review(&db, ORG, None).await.unwrap().remove(0);
        let looked = Looked {
            case: read.case,
            request: read.request,
            by: HANAKO,
            note: "秘密のメモ".to_owned(),
        };
        review(&db, ORG, looked).await.unwrap();
        let forms = Some(triage::retention::FORMS);
        db.clock().advance(100 * DAY);
        let told = messaging::retention::dry_run(&db, ORG, forms).await.unwrap();
        assert_eq!(told.forms, 0, "not yet");
        db.clock().advance(100 * DAY);
        let told = messaging::retention::dry_run(&db, ORG, forms).await.unwrap();
        assert_eq!(told.forms, 1);
        let erased = messaging::retention::run(&db, ORG, forms, None).await.unwrap();
        assert_eq!(erased.forms, 1);
        assert_eq!(
            messaging::retention::dry_run(&db, ORG, forms)
                .await
                .unwrap()
                .forms,
            0
        );
        let left = answers_of(&db, ORG, &subject(ids[0])).await.unwrap();
        assert!(left[0].answers.is_empty());
        assert!(
            see_request(&db, &token).await.unwrap().is_none(),
            "the link opens nothing"
        );
        let reviews = reviews_of(&db, ORG, ids[0]).await.unwrap();
        assert!(reviews.values().all(|review| review.note.is_none()));
    })
    .await;
}
