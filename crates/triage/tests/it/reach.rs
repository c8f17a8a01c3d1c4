//! Everybody who waits is written to once, everybody who is not reached is telephoned once, on both databases, with
//! the carrier played by hand.

use std::collections::HashMap;

use accounts::Accounts;
use base::clock::{DAY, HOUR, MINUTE, japan_midnight};
use base::date::CalendarDate;
use base::id::{AccountId, CaseId, OfficeId, StaffId};
use base::segment::Segmentation;
use db::Db;
use lists::calls::{CallOutcome, CallReason, CallResult, Due, Mark, Marked, mark, open_calls};
use lists::choice::Household;
use messaging::allowance::LimitKind;
use messaging::broadcast::{Origin, StartError};
use messaging::links::LinkSettings;
use messaging::message::Outcome;
use messaging::outbox::{Answer, Incoming, Outbox, Receipt, Submission};
use messaging::pages::roll::{self, Fate, JudgedRoll, Version};
use messaging::pages::{Desk, Sending, Tariff};
use messaging::release::Hours;
use messaging::store::{self, NewLimit};
use triage::case::{ContactEvent, EventKind, FirstContact};
use triage::decision::{Decided, Route, Rules};
use triage::gather::{Gathered, Gathering, OnlyIf, start};
use triage::jobs::{counted, watch};
use triage::notification::CaseNotification;
use triage::order::{NewOrder, release};
use triage::outage::{hand_over, lost};
use triage::reach::{ContactBy, ContactRule, OneRule, Standing};
use triage::store::events::{events, messages};
use triage::store::orders;
use triage::store::reach::{Candidates, arrivals, candidates};

use crate::people::{ASAKA, HANAKO, KAWAGUCHI, NOON, ORG, by_form, each, opened, person};

/// Everybody gets an SMS of the head office; who is old is at risk.
pub(crate) struct Bulk;

impl Rules for Bulk {
    fn decide(&self, told: &CaseNotification, _: OfficeId, received: CalendarDate) -> Decided {
        let age = told.person.age_on(received).unwrap_or(0);
        Decided {
            route: Route::HeadOfficeSms,
            priority: u32::from(age),
            reasons: vec!["試験の規則".to_owned()],
            rules: Some(1),
            isolation_ends: CalendarDate::new(2026, 9, 28),
        }
    }
}

pub(crate) fn desk(db: &Db) -> Desk {
    Desk {
        db: db.clone(),
        accounts: Accounts::new(db.clone(), false),
        sending: Sending {
            simulated: false,
            sender: "0005000000".to_owned(),
            segmentation: Segmentation::Udh8,
            hold: 0,
            has_carrier: true,
            tariff: Tariff::default(),
        },
        links: LinkSettings::default(),
    }
}

/// Somebody of this number, 20 to 89 years old.
pub(crate) fn somebody(n: u32) -> CaseNotification {
    let birth = format!("{}/4/3", 2006 - n % 70);
    let number = format!("090-1200-{n:04}");
    person(&format!("試験 {n}子"), &format!("シケン {n}"), &birth, &number)
}

pub(crate) async fn arrive(db: &Db, office: OfficeId, all: Vec<CaseNotification>) -> Vec<CaseId> {
    let new = all.into_iter().map(|one| by_form(office, one)).collect();
    let added = triage::store::cases::add(db, ORG, 1, &Bulk, None, new).await;
    added.unwrap().cases
}

pub(crate) async fn text(db: &Db) -> Version {
    let text = "{{氏名}}様\n試験県です。受付番号は{{受付番号}}、療養は{{療養終了日}}までです。".to_owned();
    let added = store::add_template(db, ORG, "初回連絡".to_owned(), text, StaffId::new(1));
    (added.await.unwrap(), 1)
}

pub(crate) async fn gathered(desk: &Desk, version: Version, household: Household) -> (Gathering, JudgedRoll) {
    let wanted = Candidates {
        office: None,
        but: None,
        route: Route::HeadOfficeSms,
        programme: 1,
        most: 1_000,
    };
    let ids = candidates(&desk.db, ORG, wanted).await.unwrap();
    let gathering = Gathering::of(&desk.db, ORG, &ids).await.unwrap();
    let vault = desk.db.vault(ORG).await.unwrap();
    let names = HashMap::new();
    let roll = gathering.roll(&vault, OfficeId::HEADQUARTERS, version, household, &names);
    let judged = roll::judge(desk, roll).await.unwrap().unwrap();
    (gathering, judged)
}

pub(crate) async fn press(
    desk: &Desk,
    (gathering, judged): &(Gathering, JudgedRoll),
) -> Result<Gathered, StartError> {
    let by = Some(HANAKO);
    let new = judged
        .broadcast(desk, "初回".to_owned(), Origin::Browser, by)
        .await
        .unwrap();
    start(&desk.db, gathering, judged, new, OnlyIf::Waiting, false).await
}

/// Everybody who waits, in one broadcast.
pub(crate) async fn gather(desk: &Desk, version: Version) -> Gathered {
    gather_all(desk, version).await.unwrap()
}

/// The same, or why it was not done.
pub(crate) async fn gather_all(desk: &Desk, version: Version) -> Result<Gathered, StartError> {
    let plan = gathered(desk, version, Household::Each).await;
    press(desk, &plan).await
}

pub(crate) struct Carrier {
    pub(crate) outbox: Outbox,
    account: AccountId,
}

impl Carrier {
    pub(crate) async fn of(db: &Db) -> Self {
        let node = db.join().await.unwrap().unwrap();
        let outbox = Outbox::new(db.clone(), node, false);
        let account = outbox.account("todoke@carrier:2775").await.unwrap();
        Self { outbox, account }
    }

    /// Takes everything that waits.
    pub(crate) async fn take(&self) -> Vec<Submission> {
        let claimed = self
            .outbox
            .exchange(self.account, Vec::new(), Vec::new(), 1_000)
            .await;
        let parts = claimed.unwrap().submissions;
        let answers = parts.iter().map(|part| {
            let carrier_message_id = format!("c{}-{}", part.part.message, part.part.part_no);
            (part.part, Answer::Taken { carrier_message_id })
        });
        self.outbox.record(self.account, answers.collect()).await.unwrap();
        parts
    }

    /// Somebody writes back from this number.
    pub(crate) async fn writes_back(&self, number: &str, text: &str) {
        let number = base::phone::parse(number).unwrap().number;
        let incoming = Incoming {
            from: number.e164().trim_start_matches('+').to_owned(),
            number: Some(number),
            to: "0005000000".to_owned(),
            place: None,
            units: text.encode_utf16().collect(),
        };
        self.outbox.replies(self.account, vec![incoming]).await.unwrap();
    }

    pub(crate) async fn says(&self, part: &Submission, outcome: Outcome) {
        let receipt = Receipt {
            carrier_message_id: format!("c{}-{}", part.part.message, part.part.part_no),
            outcome,
            code: None,
            done_at: None,
            submitted_at: None,
            to: None,
        };
        self.outbox.receipts(self.account, vec![receipt]).await.unwrap();
    }
}

pub(crate) async fn watched(db: &Db, rule: ContactRule) {
    watch(db, ORG, &OneRule(rule)).await.unwrap();
}

#[tokio::test]
async fn everybody_who_waits_is_written_to_once_whoever_presses_how_often() {
    each(async |db| {
        let desk = desk(&db);
        let version = text(&db).await;
        let mut all = arrive(&db, ASAKA, (0..20).map(somebody).collect()).await;
        all.extend(arrive(&db, KAWAGUCHI, (20..30).map(somebody).collect()).await);
        let counts = arrivals(&db, ORG, None).await.unwrap();
        assert_eq!(counts.iter().map(|one| one.people).collect::<Vec<_>>(), [20, 10]);
        let (one, two) = (
            gathered(&desk, version, Household::Each).await,
            gathered(&desk, version, Household::Each).await,
        );
        assert_eq!(one.1.rows.len(), 30);
        let risks: Vec<u32> = one.0.cases.iter().map(|case| case.decided.priority).collect();
        assert!(
            risks.is_sorted_by(|a, b| a >= b),
            "high risk goes first: {risks:?}"
        );
        assert!(one.1.rows[0].text.contains("療養は9月28日まで"));
        let (first, second) = tokio::join!(press(&desk, &one), press(&desk, &two));
        let done: Vec<&Gathered> = [&first, &second]
            .into_iter()
            .filter_map(|one| one.as_ref().ok())
            .collect();
        assert_eq!(done.len(), 1, "{first:?} {second:?}");
        assert_eq!(done[0].people, 30);
        assert!(
            [&first, &second]
                .iter()
                .any(|one| matches!(one, Err(StartError::NoRows))),
            "the second finds nobody waiting"
        );
        let mut sent = Vec::new();
        for id in &all {
            assert_eq!(opened(&db, *id).await.contact, FirstContact::Written);
            let of_case = messages(&db, ORG, *id).await.unwrap();
            assert_eq!(of_case.len(), 1);
            sent.push(of_case[0].0);
            let last = events(&db, ORG, *id).await.unwrap().pop().unwrap();
            assert_eq!(
                (last.kind, last.by, last.detail.contact),
                (EventKind::Contact, Some(HANAKO), Some(ContactEvent::Written))
            );
        }
        sent.sort_unstable();
        sent.dedup();
        assert_eq!(sent.len(), 30);
        assert!(arrivals(&db, ORG, None).await.unwrap().is_empty());
    })
    .await;
}

#[tokio::test]
async fn what_is_refused_leaves_everybody_waiting() {
    each(async |db| {
        let desk = desk(&db);
        let version = text(&db).await;
        let all = arrive(&db, ASAKA, (0..5).map(somebody).collect()).await;
        let limit = NewLimit {
            office: None,
            kind: LimitKind::DayParts,
            amount: Some(3),
            from_day: japan_midnight(NOON),
        };
        store::set_limits(&db, ORG, vec![limit], None).await.unwrap();
        let plan = gathered(&desk, version, Household::Each).await;
        let refused = press(&desk, &plan).await;
        assert!(matches!(refused, Err(StartError::Refused(_))), "{refused:?}");
        for id in all {
            assert_eq!(opened(&db, id).await.contact, FirstContact::Waiting);
            assert!(messages(&db, ORG, id).await.unwrap().is_empty());
        }
        assert!(!store::any_tried(&db, ORG).await.unwrap());
    })
    .await;
}

#[tokio::test]
async fn a_family_gets_one_each_or_one_for_all_and_children_have_their_familys_number() {
    each(async |db| {
        let desk = desk(&db);
        let version = text(&db).await;
        let mut child = person("佐藤 太郎", "サトウ タロウ", "2018/5/5", "");
        child.person.location = Some("朝霞市本町1-1-1".to_owned());
        let mut mother = person("佐藤 花子", "サトウ ハナコ", "1985/4/3", "090-1234-5678");
        mother.person.location = Some("朝霞市本町1-1-1".to_owned());
        let ids = arrive(&db, ASAKA, vec![child, mother]).await;
        let (gathering, judged) = gathered(&desk, version, Household::Each).await;
        assert_eq!(judged.rows.len(), 2, "one each");
        assert_eq!(judged.rows[0].to, judged.rows[1].to);
        assert_eq!(gathering.cases[0].id, ids[1], "the adult goes first");
        let once = gathered(&desk, version, Household::Once).await;
        assert_eq!(once.1.fates, [Fate::Send, Fate::With(1)]);
        let done = press(&desk, &once).await.unwrap();
        assert_eq!((done.people, done.started.fates.len()), (2, 1));
        let of = async |id| messages(&db, ORG, id).await.unwrap()[0].0;
        assert_eq!(of(ids[0]).await, of(ids[1]).await, "the message belongs to both");
    })
    .await;
}

#[tokio::test]
async fn whoever_cannot_be_reached_is_telephoned_once() {
    each(async |db| {
        let desk = desk(&db);
        let version = text(&db).await;
        let mut people: Vec<CaseNotification> = (0..3).map(somebody).collect();
        let mut landline = person("固定 電話", "", "1950/1/1", "");
        landline.person.landlines = vec!["048-123-4567".to_owned()];
        people.extend([landline, person("番号 なし", "", "1951/1/1", "")]);
        let ids = arrive(&db, ASAKA, people).await;
        let rule = ContactRule::default();
        watched(&db, rule).await;
        let reasons = async || {
            let calls = open_calls(&db, ORG, None, Due::Now, (50, 0)).await.unwrap();
            calls.iter().map(|call| call.reason).collect::<Vec<_>>()
        };
        assert_eq!(reasons().await, [CallReason::Landline, CallReason::NoNumber]);
        gather(&desk, version).await;
        let carrier = Carrier::of(&db).await;
        let parts = carrier.take().await;
        assert_eq!(parts.len(), 3);
        carrier.says(&parts[0], Outcome::Delivered).await;
        carrier.says(&parts[1], Outcome::Undelivered).await;
        db.clock().advance(2 * MINUTE);
        watched(&db, rule).await;
        watched(&db, rule).await;
        assert_eq!(
            reasons().await,
            [
                CallReason::Landline,
                CallReason::NoNumber,
                CallReason::NotDelivered
            ]
        );
        db.clock().advance(DAY);
        watched(&db, rule).await;
        assert_eq!(reasons().await.len(), 4, "nobody knows of the third");
        let calls = open_calls(&db, ORG, None, Due::Now, (50, 0)).await.unwrap();
        for (call, outcome) in calls.iter().zip([CallOutcome::Told, CallOutcome::GivenUp]) {
            let done = Mark {
                result: CallResult::Done(outcome),
                note: Some("試験".to_owned()),
                by: HANAKO,
            };
            assert_eq!(mark(&db, ORG, None, call.id, done).await.unwrap(), Marked::Kept);
        }
        db.clock().advance(HOUR);
        watched(&db, rule).await;
        assert_eq!(reasons().await.len(), 2);
        let mut cases = Vec::new();
        for id in &ids {
            cases.push(opened(&db, *id).await);
        }
        let counts: Vec<(Standing, u32)> = counted(cases.iter(), &OneRule(rule)).into_iter().collect();
        assert_eq!(
            counts,
            [
                (Standing::Reached, 2),
                (Standing::OnCallList, 2),
                (Standing::GivenUp, 1)
            ]
        );
    })
    .await;
}

#[tokio::test]
async fn a_broadcast_that_was_discarded_leaves_its_people_waiting_again() {
    each(async |db| {
        let desk = desk(&db);
        let version = text(&db).await;
        let ids = arrive(&db, ASAKA, vec![somebody(1), somebody(2)]).await;
        let first = gather(&desk, version).await;
        let broadcast = first.started.broadcast;
        assert!(store::discard(&db, ORG, broadcast, Some(HANAKO)).await.unwrap());
        db.clock().advance(2 * MINUTE);
        watched(&db, ContactRule::default()).await;
        for id in &ids {
            assert_eq!(opened(&db, *id).await.contact, FirstContact::Waiting);
        }
        let again = gather(&desk, version).await;
        assert_eq!(again.people, 2);
        assert!(
            open_calls(&db, ORG, None, Due::Now, (50, 0))
                .await
                .unwrap()
                .is_empty()
        );
    })
    .await;
}

#[tokio::test]
async fn by_the_rule_of_opening_who_does_not_open_is_telephoned() {
    each(async |db| {
        let desk = desk(&db);
        let version = text(&db).await;
        let ids = arrive(&db, ASAKA, vec![somebody(1)]).await;
        gather(&desk, version).await;
        let carrier = Carrier::of(&db).await;
        let parts = carrier.take().await;
        carrier.says(&parts[0], Outcome::Delivered).await;
        let rule = ContactRule {
            by: ContactBy::Opening,
            call_after: 6 * HOUR,
        };
        db.clock().advance(HOUR);
        watched(&db, rule).await;
        assert_eq!(opened(&db, ids[0]).await.contact, FirstContact::Delivered);
        db.clock().advance(6 * HOUR);
        watched(&db, rule).await;
        assert_eq!(opened(&db, ids[0]).await.contact, FirstContact::Calling);
        let calls = open_calls(&db, ORG, None, Due::Now, (50, 0)).await.unwrap();
        assert_eq!(calls[0].reason, CallReason::NotOpened);
        assert_eq!(calls[0].number.as_deref(), Some("090-1200-0001"));
    })
    .await;
}

#[tokio::test]
async fn a_standing_order_lets_go_what_it_says_and_no_more() {
    each(async |db| {
        let desk = desk(&db);
        let version = text(&db).await;
        arrive(&db, ASAKA, (0..30).map(somebody).collect()).await;
        arrive(&db, KAWAGUCHI, vec![somebody(40)]).await;
        let new = NewOrder {
            office: ASAKA,
            programme: 1,
            route: Route::HeadOfficeSms,
            version,
            per_release: 10,
            per_day: 25,
            hours: Hours::DAYTIME,
            by: HANAKO,
        };
        let order = orders::add(&db, ORG, new).await.unwrap().unwrap();
        assert!(
            orders::add(&db, ORG, new).await.unwrap().is_none(),
            "one for the same people"
        );
        let mut released = Vec::new();
        for _ in 0..4 {
            released.push(release(&desk, ORG).await.unwrap());
            db.clock().advance(MINUTE);
        }
        assert_eq!(released, [10, 10, 5, 0], "then the day is full");
        let kept = orders::releases(&db, ORG, order).await.unwrap();
        assert_eq!(kept.iter().map(|(_, people, _)| *people).sum::<u32>(), 25);
        let broadcast = store::broadcast(&db, ORG, kept[0].0).await.unwrap().unwrap();
        assert_eq!(
            (broadcast.origin, broadcast.created_by, broadcast.office),
            (Origin::StandingOrder, Some(HANAKO), ASAKA)
        );
        assert!(orders::end(&db, ORG, order, HANAKO).await.unwrap());
        db.clock().advance(DAY);
        assert_eq!(release(&desk, ORG).await.unwrap(), 0, "it is off");
    })
    .await;
}

#[tokio::test]
async fn what_a_carrier_loses_is_telephoned_as_a_whole_and_once() {
    each(async |db| {
        let desk = desk(&db);
        let version = text(&db).await;
        arrive(&db, ASAKA, (0..120).map(somebody).collect()).await;
        gather(&desk, version).await;
        let carrier = Carrier::of(&db).await;
        let parts = carrier.take().await;
        for part in &parts[..60] {
            carrier.says(part, Outcome::Delivered).await;
        }
        assert!(lost(&db, ORG).await.unwrap().is_empty());
        db.clock().advance(10 * MINUTE);
        for part in &parts[60..] {
            carrier.says(part, Outcome::Expired).await;
        }
        let found = lost(&db, ORG).await.unwrap();
        assert_eq!((found.len(), found[0].cases.len()), (1, 60));
        assert_eq!(
            found[0].broadcasts.values().copied().collect::<Vec<_>>(),
            [(60, 0)]
        );
        let rules = OneRule::default();
        let account = found[0].carrier.account;
        let called = hand_over(&db, ORG, &rules, account).await.unwrap();
        assert_eq!(called, 60);
        assert_eq!(hand_over(&db, ORG, &rules, account).await.unwrap(), 0, "once");
        watched(&db, ContactRule::default()).await;
        assert_eq!(
            open_calls(&db, ORG, None, Due::Now, (200, 0))
                .await
                .unwrap()
                .len(),
            60
        );
    })
    .await;
}
