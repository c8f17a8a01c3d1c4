//! Everything that happened to one person in one line of time, the newest first, out of every source: the record
//! itself, messages and what carriers told of them, opened pages, questions, calls, visits. The number of questions to
//! the database does not grow with what happened.

use std::collections::{BTreeSet, HashMap};

use accounts::{Office, Permission, Staff};
use base::clock::Millis;
use base::id::{CallId, CaseId, MessageId, OfficeId, StaffId};
use desk::store::{RequestTrace, requests_about};
use lists::calls::{CallEvent, CallStep};
use lists::contacts::Purpose;
use messaging::message::Outcome;
use messaging::pages::failed;
use messaging::store::{MessageFacts, ReceiptRow, ReplyTo, message_facts, receipts_of, replies_to};
use web::PageError;

use super::Triage;
use super::case_form;
use super::case_words::both;
use crate::case::{Case, CaseEvent, EventDetail, EventKind, subject};
use crate::limits::TIMELINE;
use crate::store::cases::cases;
use crate::store::events::{calls, events, messages};
use crate::timeline::Track;

/// One thing that happened.
pub(super) struct Happened {
    pub(super) at: Millis,
    pub(super) track: Track,
    pub(super) what: String,
    pub(super) by: String,
    pub(super) detail: Vec<String>,
    /// Where more of it stands.
    pub(super) href: Option<String>,
}

impl Happened {
    fn new(at: Millis, track: Track, what: impl Into<String>) -> Self {
        Self {
            at,
            track,
            what: what.into(),
            by: String::new(),
            detail: Vec::new(),
            href: None,
        }
    }

    fn by(mut self, by: String) -> Self {
        self.by = by;
        self
    }

    fn detail(mut self, lines: impl IntoIterator<Item = String>) -> Self {
        self.detail
            .extend(lines.into_iter().filter(|line| !line.is_empty()));
        self
    }

    fn href(mut self, href: Option<String>) -> Self {
        self.href = href;
        self
    }
}

/// The names that stand in a line of time.
struct Known<'a> {
    offices: &'a HashMap<OfficeId, Office>,
    people: HashMap<StaffId, Staff>,
    others: HashMap<CaseId, String>,
    whole: bool,
}

/// All of it.
pub(super) async fn timeline(
    triage: &Triage,
    staff: &Staff,
    case: &Case,
    offices: &HashMap<OfficeId, Office>,
    whole: bool,
) -> Result<Vec<Happened>, PageError> {
    let (db, org) = (&triage.db, staff.org);
    let events = events(db, org, case.id).await.map_err(failed)?;
    let sent = messages(db, org, case.id).await.map_err(failed)?;
    let ids: Vec<MessageId> = sent.iter().map(|(id, ..)| *id).collect();
    let facts = message_facts(db, org, &ids).await.map_err(failed)?;
    let receipts = receipts_of(db, org, &ids, TIMELINE).await.map_err(failed)?;
    let asked = requests_about(db, org, &subject(case.id), TIMELINE)
        .await
        .map_err(failed)?;
    let mut of_case: BTreeSet<CallId> = BTreeSet::new();
    of_case.extend(calls(db, org, case.id).await.map_err(failed)?);
    of_case.extend(lists::calls::of_messages(db, org, &ids).await.map_err(failed)?);
    let of_case: Vec<CallId> = of_case.into_iter().collect();
    let called = lists::calls::histories(db, org, &of_case, TIMELINE)
        .await
        .map_err(failed)?;

    let people: BTreeSet<StaffId> = events
        .iter()
        .filter_map(|event| event.by)
        .chain(called.iter().filter_map(|(_, event)| event.by))
        .chain(asked.iter().filter_map(|one| one.asked_by))
        .collect();
    let people: Vec<StaffId> = people.into_iter().collect();
    let others: Vec<CaseId> = events.iter().filter_map(|event| event.detail.other).collect();
    let others = cases(db, org, &others).await.map_err(failed)?;
    let known = Known {
        offices,
        people: triage.accounts.staff_by_ids(org, &people).await.map_err(failed)?,
        others: others
            .into_iter()
            .map(|other| (other.id, other.reference.to_string()))
            .collect(),
        whole,
    };

    let mut all: Vec<Happened> = events.iter().map(|event| known.event(event)).collect();
    for (id, purpose, at) in &sent {
        let href = to_message(staff, *id, facts.get(id));
        all.extend(of_message((purpose, *at), facts.get(id), href));
    }
    let page_of = |id: &MessageId| to_message(staff, *id, facts.get(id));
    all.extend(
        receipts
            .iter()
            .map(|(id, receipt)| of_receipt(receipt, page_of(id))),
    );
    let replies = replies_to(db, org, &ids).await.map_err(failed)?;
    all.extend(replies.iter().map(|reply| of_reply(reply, staff)));
    all.extend(asked.iter().flat_map(|one| known.request(one)));
    all.extend(called.iter().map(|(id, event)| known.call(*id, event)));
    all.sort_by_key(|one| std::cmp::Reverse(one.at));
    Ok(all)
}

/// The page of a message, for those to whom it is there: another office may have written it.
fn to_message(staff: &Staff, id: MessageId, facts: Option<&MessageFacts>) -> Option<String> {
    let sees = staff.may(Permission::SeeBroadcasts) && facts.is_some_and(|facts| staff.covers(facts.office));
    sees.then(|| format!("/messages/{id}"))
}

fn of_message(
    (purpose, at): (&str, Millis),
    facts: Option<&MessageFacts>,
    href: Option<String>,
) -> Vec<Happened> {
    let purpose = Purpose::from_word(purpose).map_or("", Purpose::label);
    let state = facts.map(|facts| facts.state.label().to_owned());
    let made = Happened::new(at, Track::Message, format!("SMS（{purpose}）"))
        .detail(state)
        .href(href.clone());
    let opened = facts.and_then(|facts| facts.link.flatten());
    let opened = opened.map(|at| {
        Happened::new(
            at,
            Track::Message,
            format!("SMS（{purpose}）の案内ページが開かれた"),
        )
        .href(href)
    });
    std::iter::once(made).chain(opened).collect()
}

fn of_receipt(receipt: &ReceiptRow, href: Option<String>) -> Happened {
    let label = Outcome::from_word(&receipt.outcome).map_or("", Outcome::label);
    Happened::new(receipt.received_at, Track::Message, format!("送達結果: {label}"))
        .detail(receipt.carrier_code.as_ref().map(|code| format!("コード {code}")))
        .href(href)
}

fn of_reply(reply: &ReplyTo, staff: &Staff) -> Happened {
    let reads = staff.may(Permission::Reveal) || staff.may(Permission::Call);
    let sees = reads && staff.covers(reply.office);
    let acted = reply
        .keyword
        .map(|keyword| format!("「{}」（自動で対応）", keyword.label()));
    Happened::new(reply.at, Track::Message, format!("返信 {} が届いた", reply.id))
        .detail(acted.into_iter().chain([reply.state.label().to_owned()]))
        .href(sees.then(|| format!("/replies/{}", reply.id)))
}

impl Known<'_> {
    fn office(&self, id: OfficeId) -> String {
        let office = self.offices.get(&id);
        office.map(|office| office.name.to_string()).unwrap_or_default()
    }

    fn person(&self, id: StaffId) -> String {
        self.people
            .get(&id)
            .map_or_else(|| "（記録なし）".to_owned(), |staff| staff.name.to_string())
    }

    fn event(&self, event: &CaseEvent) -> Happened {
        let by = event
            .by
            .map_or_else(|| "システム".to_owned(), |id| self.person(id));
        let at = event.office.map(|office| self.office(office)).unwrap_or_default();
        let track = Track::of(event.kind, event.detail.contact);
        Happened::new(event.at, track, self.what(event))
            .by(format!("{at} {by}").trim().to_owned())
            .detail(self.details(&event.detail))
    }

    fn what(&self, event: &CaseEvent) -> String {
        if let Some(visit) = &event.detail.visit {
            return format!("訪問: {}", visit.result.label());
        }
        match (event.kind, event.detail.contact, event.detail.closed) {
            (EventKind::Contact, Some(contact), _) => format!("最初の連絡: {}", contact.label()),
            (EventKind::Closed, _, Some(why)) => format!("終了: {}", why.label()),
            _ => match event.detail.other.and_then(|other| self.others.get(&other)) {
                Some(other) => format!("{}（受付番号 {other}）", event.kind.label()),
                None => event.kind.label().to_owned(),
            },
        }
    }

    fn details(&self, detail: &EventDetail) -> Vec<String> {
        let mut all = Vec::new();
        if let Some(visit) = &detail.visit {
            all.push(format!("{} 訪問した人: {}", both(visit.day), visit.who));
        }
        all.extend(detail.from.map(|day| format!("{}から", both(day))));
        all.extend(detail.words.clone());
        if let Some((from, to)) = detail.offices {
            all.push(format!("{} → {}", self.office(from), self.office(to)));
        }
        if let Some((before, after)) = &detail.courses {
            all.extend(course_words(before, after));
        }
        if let Some((before, after)) = &detail.decisions {
            if before.route != after.route {
                all.push(format!("{} → {}", before.route.label(), after.route.label()));
            }
            if before.isolation_ends != after.isolation_ends {
                let end = |day: Option<_>| day.map_or_else(|| "未定".to_owned(), both);
                all.push(format!(
                    "療養の終わり: {} → {}",
                    end(before.isolation_ends),
                    end(after.isolation_ends)
                ));
            }
        }
        if let Some(pair) = &detail.notifications {
            all.extend(case_form::differences(&pair.0, &pair.1, self.whole));
        }
        all
    }

    fn request(&self, one: &RequestTrace) -> Vec<Happened> {
        let line = |at: Option<Millis>, what: &str| {
            at.map(|at| Happened::new(at, Track::Form, format!("「{}」{what}", one.title)))
        };
        let by = one
            .asked_by
            .map_or_else(|| "システム".to_owned(), |id| self.person(id));
        let flags = (one.red_flags > 0).then(|| format!("すぐに確認が必要な回答: {}件", one.red_flags));
        [
            line(Some(one.asked_at), "への回答を頼んだ").map(|asked| asked.by(by)),
            line(one.opened_at, "が開かれた（生年月日を確認）"),
            line(one.submitted_at, "に回答があった").map(|sent| sent.detail(flags)),
            line(one.locked_at, "が、生年月日の誤りで使えなくなった"),
            line(one.withdrawn_at, "を取り下げた"),
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    fn call(&self, id: CallId, event: &CallEvent) -> Happened {
        let what = match event.step {
            CallStep::Tried(attempt) => format!("電話: {}", attempt.label()),
            CallStep::Done(outcome) => format!("電話: {}", outcome.label()),
            CallStep::HandedOver { from } => format!("電話を{}から引き継ぎ", self.office(from)),
        };
        Happened::new(event.at, Track::Call, what)
            .by(event
                .by
                .map_or_else(|| "システム".to_owned(), |id| self.person(id)))
            .detail(event.note.clone())
            .href(Some(format!("/calls/{id}")))
    }
}

/// What care found out, as it changed.
fn course_words(before: &crate::period::Course, after: &crate::period::Course) -> Vec<String> {
    let day = |day: Option<_>| day.map_or_else(|| "なし".to_owned(), both);
    let place = |place: Option<crate::period::Place>| place.map_or("なし", crate::period::Place::label);
    let mut all = Vec::new();
    if before.place != after.place {
        all.push(format!(
            "療養の場所: {} → {}",
            place(before.place),
            place(after.place)
        ));
    }
    for (label, one, other) in [
        ("症状軽快日", before.relieved_on, after.relieved_on),
        ("陰性確認日", before.negative_test_on, after.negative_test_on),
        ("最後に接触した日", before.exposed_on, after.exposed_on),
    ] {
        if one != other {
            all.push(format!("{label}: {} → {}", day(one), day(other)));
        }
    }
    all
}
