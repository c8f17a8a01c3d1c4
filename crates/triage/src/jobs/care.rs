//! Care as it happens by itself: people are asked how they are, whoever does not answer is telephoned, cases whose time
//! is over are closed and their people told.
//!
//! A step takes the cases that are due, so that no two nodes work on one; what is carried out is asked for once more in
//! the write that does it, so that two that did would make one message.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use accounts::audit::{self, Action};
use base::clock::Millis;
use base::date::CalendarDate;
use base::id::{CaseId, MessageId, OfficeId, OrgId};
use db::{Db, DbError};
use lists::calls::CallReason;
use lists::choice::Household;
use messaging::broadcast::{Origin, StartError};
use messaging::message::MessageState;
use messaging::pages::roll::{self, Fate, JudgedRoll};
use messaging::pages::{Desk, failed};
use messaging::store::message_facts;
use web::PageError;

use super::answers::leave_what_is_over;
use super::{dialled, standing_for, to_call};
use crate::care::{Care, CareRules, NextCare, UnderCare, next};
use crate::case::{Case, received_day};
use crate::gather::{Gathering, OnlyIf, Then, start_by_itself};
use crate::limits;
use crate::notification::CaseNotification;
use crate::observation::TextRef;
use crate::programme::Programme;
use crate::questions::OBSERVATION;
use crate::reach::{ContactRule, ProgrammeRules};
use crate::store::care::{self as store, set_looks, take_due};
use crate::store::questions::{self, Observed, observed};
use crate::store::reach::{add_call, standing_now, traces};
use crate::store::{alerts, cases};
use crate::watch::Called;

/// What the audit trail keeps when people are asked.
const ASKED: Action = Action {
    code: "care.asked",
    label: "健康観察の質問を、自動で送り始めた",
};

/// What it keeps when cases end.
const CLOSED: Action = Action {
    code: "care.closed",
    label: "療養の終わりで、記録を自動で終えた",
};

/// What the audit trail may hold of care that happens by itself.
pub const ACTIONS: [Action; 2] = [ASKED, CLOSED];

/// What is said in the history of a case that its rule has closed.
const CLOSED_TOLD: &str = "療養または健康観察の期間が終わったため、お知らせのSMSを用意して自動で終えました。届いたかどうかは、経過のSMSで確かめられます。";
const CLOSED_UNTOLD: &str = "療養または健康観察の期間が終わったため、お知らせを送らずに自動で終えました。";
const CLOSED_UNREACHABLE: &str = "療養または健康観察の期間が終わったため、自動で終えました。SMSを送れる番号がないため、お知らせは送っていません。";

/// Looks at every case that is due. Says how many it looked at.
pub async fn care(desk: &Desk, org: OrgId) -> Result<usize, PageError> {
    leave_what_is_over(&desk.db, org).await.map_err(failed)?;
    let mut looked = 0;
    loop {
        let step = step(desk, org).await?;
        looked += step;
        if step < limits::CARED_PER_STEP as usize {
            return Ok(looked);
        }
    }
}

async fn step(desk: &Desk, org: OrgId) -> Result<usize, PageError> {
    let (db, now) = (&desk.db, desk.db.now());
    let ids = take_due(db, org, now).await.map_err(failed)?;
    if ids.is_empty() {
        return Ok(0);
    }
    let plan = Plan::of(db, org, &ids, now).await.map_err(failed)?;
    set_ends(db, org, &plan.ends).await.map_err(failed)?;
    let mut looks: HashMap<CaseId, Option<Millis>> = plan
        .all
        .iter()
        .map(|(case, said)| (case.id, said.look_at))
        .collect();
    let again = Some(now + limits::CARE_AGAIN);
    for ((office, what), ids) in plan.groups() {
        let left = match what {
            What::Ask(text) => ask(desk, org, (office, text), &ids).await?,
            What::Close(Some(text)) => close_told(desk, org, (office, text), &ids).await?,
            What::Close(None) => {
                close_untold(db, org, &ids, CLOSED_UNTOLD).await.map_err(failed)?;
                Vec::new()
            }
            What::Telephone => {
                let reason = CallReason::NotAnswered;
                let why = "健康観察の質問に続けて回答がありません。";
                telephone(db, org, &ids, reason, why).await.map_err(failed)?;
                Vec::new()
            }
        };
        for case in left {
            looks.insert(case, again);
        }
    }
    let mut looks: Vec<(CaseId, Option<Millis>)> = looks.into_iter().collect();
    looks.sort_unstable();
    set_looks(db, org, &looks, now).await.map_err(failed)?;
    Ok(ids.len())
}

/// What is done for several cases at once.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum What {
    Ask(TextRef),
    Close(Option<TextRef>),
    Telephone,
}

/// What follows for each of the cases.
struct Plan {
    all: Vec<(Case, NextCare)>,
    /// Where the rules say another last day at home than the record, with the version that was seen.
    ends: Vec<(CaseId, i64, Option<CalendarDate>)>,
}

impl Plan {
    async fn of(db: &Db, org: OrgId, ids: &[CaseId], now: Millis) -> Result<Self, DbError> {
        let found = cases::cases(db, org, ids).await?;
        let rules = ProgrammeRules::of(db, org).await?;
        let known = Known::of(db, org, ids).await?;
        let ends = found.iter().filter_map(|case| {
            let ends = rules.last_day(case);
            (ends != case.decided.isolation_ends).then_some((case.id, case.version, ends))
        });
        let ends = ends.collect();
        let all = found.into_iter().map(|case| {
            let said = known.next(&case, rules.programme(case.programme), now);
            (case, said)
        });
        Ok(Self {
            all: all.collect(),
            ends,
        })
    }

    fn groups(&self) -> BTreeMap<(OfficeId, What), Vec<CaseId>> {
        let mut groups: BTreeMap<(OfficeId, What), Vec<CaseId>> = BTreeMap::new();
        for (case, said) in &self.all {
            let what = match said.care {
                Care::Wait => continue,
                Care::Ask(text) => What::Ask(text),
                Care::Close(text) => What::Close(text),
                Care::Telephone => What::Telephone,
            };
            groups.entry((case.office, what)).or_default().push(case.id);
        }
        groups
    }
}

/// What is known of many cases at once.
struct Known {
    observed: HashMap<CaseId, Observed>,
    held: HashSet<CaseId>,
    reopened: HashSet<CaseId>,
    moving: HashSet<CaseId>,
    calls: HashMap<CaseId, Called>,
}

impl Known {
    async fn of(db: &Db, org: OrgId, ids: &[CaseId]) -> Result<Self, DbError> {
        let traces = traces(db, org, ids).await?;
        let sent = traces.messages.iter();
        let sent = sent.flat_map(|(case, all)| all.iter().map(|message| (*case, *message)));
        let mut sent: Vec<(CaseId, MessageId)> = sent.collect();
        let news = standing_for(db, org, &sent).await?;
        sent.extend(news.iter().map(|(case, one)| (*case, one.new)));
        let messages: Vec<MessageId> = sent.iter().map(|(_, message)| *message).collect();
        let facts = message_facts(db, org, &messages).await?;
        let waits = |id: &MessageId| {
            use MessageState as S;
            let state = facts.get(id).map(|facts| facts.state);
            matches!(state, Some(S::Held | S::Queued | S::Submitting))
        };
        let moving = sent.iter().filter(|(_, message)| waits(message));
        // Whoever was spoken with is asked again from the beginning.
        let mut ended = Vec::new();
        for (case, call) in &traces.calls {
            if let Called::Closed(_, at) = call {
                ended.push((*case, *at));
            }
        }
        let mut observed = observed(db, org, OBSERVATION, ids).await?;
        let silent = |case: &CaseId| observed.get(case).is_some_and(|one| one.waiting > 0);
        ended.retain(|(case, _)| silent(case));
        if !ended.is_empty() {
            end_before(db, org, ended).await?;
            observed = self::observed(db, org, OBSERVATION, ids).await?;
        }
        Ok(Self {
            held: alerts::held(db, org, ids).await?.into_iter().collect(),
            reopened: store::reopened(db, org, ids).await?,
            moving: moving.map(|(case, _)| *case).collect(),
            observed,
            calls: traces.calls,
        })
    }

    fn next(&self, case: &Case, programme: Option<&Programme>, now: Millis) -> NextCare {
        let day = received_day(case.received_at);
        let content = programme
            .and_then(|one| one.on(day, case.office))
            .map(|one| &one.content);
        // People who are under care when a version begins are asked as it says.
        let today = programme.and_then(|one| one.on(received_day(now), case.office));
        let rules = content.map(|content| CareRules {
            observation: today.map_or(content.observation, |today| today.content.observation),
            closing: content.closing,
            notice: content.closing_text,
        });
        let is_dead = case
            .notification
            .as_ref()
            .is_some_and(CaseNotification::is_of_the_dead);
        let rules = rules.map(|rules| if is_dead { rules.of_the_dead() } else { rules });
        let Some(rules) = rules else {
            // Without rules nothing happens by itself.
            return NextCare {
                care: Care::Wait,
                look_at: Some(now + base::clock::DAY),
            };
        };
        let contact = content.map_or_else(ContactRule::default, |content| content.first_contact.into());
        let period = programme.and_then(|programme| programme.period_of(case));
        let observed = self.observed.get(&case.id).copied().unwrap_or_default();
        let known = UnderCare {
            state: case.state,
            received_at: case.received_at,
            contact: case.contact,
            is_reached: contact.counts(case.contact),
            period,
            was_reopened: self.reopened.contains(&case.id),
            is_held: self.held.contains(&case.id),
            is_moving: self.moving.contains(&case.id),
            asked_at: observed.asked_at,
            unanswered: observed.waiting,
            is_on_call_list: self.calls.get(&case.id) == Some(&Called::Open),
        };
        next(&known, &rules, now)
    }
}

/// The record says what the rules say.
async fn set_ends(db: &Db, org: OrgId, ends: &[(CaseId, i64, Option<CalendarDate>)]) -> Result<(), DbError> {
    let vault = db.vault(org).await?;
    for chunk in ends.chunks(limits::ENDS_PER_WRITE) {
        let (vault, now, chunk) = (Arc::clone(&vault), db.now(), Arc::new(chunk.to_vec()));
        db.write(move |tx| {
            let (vault, chunk) = (Arc::clone(&vault), Arc::clone(&chunk));
            Box::pin(async move {
                tx.take_numbers("cases", 0).await?;
                for (case, seen, ends) in chunk.iter() {
                    store::set_end(tx, org, &vault, (*case, *seen), *ends, now).await?;
                }
                Ok(())
            })
        })
        .await?;
    }
    Ok(())
}

async fn end_before(db: &Db, org: OrgId, calls: Vec<(CaseId, Millis)>) -> Result<(), DbError> {
    let calls = Arc::new(calls);
    db.write(move |tx| {
        let calls = Arc::clone(&calls);
        Box::pin(async move {
            for (case, at) in calls.iter() {
                questions::end_before(tx, org, *case, OBSERVATION, *at).await?;
            }
            Ok(())
        })
    })
    .await
}

/// The people and the text, judged; nothing if the text may not be sent now.
async fn judged(
    desk: &Desk,
    org: OrgId,
    (office, text): (OfficeId, TextRef),
    ids: &[CaseId],
) -> Result<Option<(Gathering, Option<JudgedRoll>)>, PageError> {
    let db = &desk.db;
    let gathering = Gathering::of(db, org, ids).await.map_err(failed)?;
    if gathering.cases.is_empty() {
        return Ok(Some((gathering, None)));
    }
    let offices = desk.accounts.offices(org).await.map_err(failed)?;
    let names: HashMap<OfficeId, String> = offices
        .into_iter()
        .map(|office| (office.id, office.name.to_string()))
        .collect();
    let vault = db.vault(org).await.map_err(failed)?;
    let roll = gathering.roll(&vault, office, text.version(), Household::Each, &names);
    match roll::judge(desk, roll).await {
        Ok(Ok(judged)) => Ok(Some((gathering, Some(judged)))),
        Ok(Err(why)) => {
            tracing::warn!(%org, template = text.template, %why, "care could not be carried out");
            Ok(None)
        }
        Err(PageError::NotFound) => {
            tracing::warn!(%org, template = text.template, "the text of a programme is not there");
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

/// The name of such a broadcast in lists.
fn name(what: &str, now: Millis, people: usize) -> String {
    let day = received_day(now);
    format!("{what} {}月{}日 {people}人", day.month(), day.day())
}

/// Asks people how they are. Gives those for whom it is tried again.
async fn ask(
    desk: &Desk,
    org: OrgId,
    (office, text): (OfficeId, TextRef),
    ids: &[CaseId],
) -> Result<Vec<CaseId>, PageError> {
    let Some((gathering, judged)) = judged(desk, org, (office, text), ids).await? else {
        return Ok(ids.to_vec());
    };
    let mut unreachable: Vec<CaseId> = gathering.without_number.iter().map(|case| case.id).collect();
    let mut left = Vec::new();
    if let Some(judged) = judged {
        let fates = gathering.cases.iter().zip(&judged.fates);
        for (case, fate) in fates {
            if matches!(fate, Fate::WrongNumber(_) | Fate::Blocked(_)) {
                unreachable.push(case.id);
            }
        }
        let is_exercise = judged.is_exercise(desk);
        if !judged.rows.is_empty() && !is_exercise {
            let name = name("健康観察", desk.db.now(), judged.rows.len());
            let new = judged.broadcast(desk, name, Origin::StandingOrder, None).await?;
            let how = (OnlyIf::NotAskedToday, Then::Nothing);
            left = started(
                start_by_itself(&desk.db, &gathering, &judged, new, how, ASKED).await,
                org,
                &gathering,
            )?;
        }
    }
    if !unreachable.is_empty() {
        let why =
            "健康観察の質問をSMSで送れません（番号がない・使えない、または生年月日などが分からないため）。";
        let called = telephone(&desk.db, org, &unreachable, CallReason::NotAnswered, why);
        called.await.map_err(failed)?;
    }
    Ok(left)
}

/// What is tried again after a start.
fn started<T>(
    outcome: Result<T, StartError>,
    org: OrgId,
    gathering: &Gathering,
) -> Result<Vec<CaseId>, PageError> {
    match outcome {
        // Somebody else was faster: they did it.
        Ok(_) | Err(StartError::NoRows | StartError::AllLeftOut(_)) => Ok(Vec::new()),
        Err(StartError::Refused(refusal)) => {
            tracing::warn!(%org, %refusal, "care was refused");
            Ok(gathering.cases.iter().map(|case| case.id).collect())
        }
        Err(StartError::Database(error)) => Err(failed(error)),
    }
}

/// Tells people that it is over, and closes their cases in the same commit. Gives those for whom it is tried again.
async fn close_told(
    desk: &Desk,
    org: OrgId,
    (office, text): (OfficeId, TextRef),
    ids: &[CaseId],
) -> Result<Vec<CaseId>, PageError> {
    let db = &desk.db;
    let Some((gathering, judged)) = judged(desk, org, (office, text), ids).await? else {
        return Ok(ids.to_vec());
    };
    let mut untold: Vec<CaseId> = gathering.without_number.iter().map(|case| case.id).collect();
    let mut left = Vec::new();
    if let Some(judged) = judged {
        let fates = gathering.cases.iter().zip(&judged.fates);
        for (case, fate) in fates {
            match fate {
                Fate::WrongNumber(_) | Fate::Blocked(_) => untold.push(case.id),
                // Somebody told them the same today: once more would be the message after the last one.
                Fate::Contacted(_) => left.push(case.id),
                Fate::Send | Fate::With(_) | Fate::Before(..) => {}
            }
        }
        let nobody =
            judged.rows.is_empty() && !judged.fates.iter().any(|fate| matches!(fate, Fate::Before(..)));
        if judged.is_exercise(desk) {
            left.extend(gathering.cases.iter().map(|case| case.id));
        } else if !nobody {
            let name = name("終了のお知らせ", db.now(), judged.rows.len());
            let new = judged.broadcast(desk, name, Origin::StandingOrder, None).await?;
            let how = (OnlyIf::Open, Then::Close(CLOSED_TOLD.to_owned()));
            let outcome = start_by_itself(db, &gathering, &judged, new, how, CLOSED).await;
            left.extend(started(outcome, org, &gathering)?);
        }
    }
    untold.retain(|case| !left.contains(case));
    close_untold(db, org, &untold, CLOSED_UNREACHABLE)
        .await
        .map_err(failed)?;
    Ok(left)
}

/// Closes cases whose people are told nothing.
async fn close_untold(db: &Db, org: OrgId, ids: &[CaseId], words: &'static str) -> Result<(), DbError> {
    if ids.is_empty() {
        return Ok(());
    }
    let (vault, now, ids) = (db.vault(org).await?, db.now(), Arc::new(ids.to_vec()));
    db.write(move |tx| {
        let (vault, ids) = (Arc::clone(&vault), Arc::clone(&ids));
        Box::pin(async move {
            tx.take_numbers("cases", 0).await?;
            // Nobody changes them before this ends.
            standing_now(tx, org, &ids).await?;
            let mut closed = 0;
            for case in ids.iter() {
                if store::may_close(tx, org, *case).await? {
                    closed += usize::from(store::close(tx, org, &vault, *case, words, now).await?);
                }
            }
            if closed > 0 {
                let entry = audit::Entry::of(CLOSED).with(format!("{closed}人"));
                audit::record(tx, org, &vault, &entry, now).await?;
            }
            Ok(())
        })
    })
    .await
}

/// Puts people on the call list whose answers do not come.
async fn telephone(
    db: &Db,
    org: OrgId,
    ids: &[CaseId],
    reason: CallReason,
    why: &str,
) -> Result<(), DbError> {
    let found = cases::cases(db, org, ids).await?;
    let numbers = dialled(db, org, &found).await?;
    let calls = found
        .iter()
        .map(|case| (case.id, to_call(case, numbers.get(&case.id).copied(), why)));
    let calls: Vec<_> = calls.collect();
    let (vault, now, calls) = (db.vault(org).await?, db.now(), Arc::new(calls));
    db.write(move |tx| {
        let (vault, calls) = (Arc::clone(&vault), Arc::clone(&calls));
        Box::pin(async move {
            for (case, to) in calls.iter() {
                add_call(tx, org, &vault, *case, (reason, to), now).await?;
            }
            Ok(())
        })
    })
    .await
}
