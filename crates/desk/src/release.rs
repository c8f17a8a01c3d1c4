//! A locked outcome list becomes a broadcast: who, with which values, and the start in whose commit each is told.
//!
//! Nothing here decides whether a text may be sent: `messaging` does, with its checks, approval, hold, stop and limits,
//! as for every list. Who is told what was settled before: the list holds one outcome, its template follows from that,
//! and the write that makes the messages looks once more that each of its people is as they were when it was read.
//! Whoever was decided anew meanwhile is not written to, and whoever cannot be written to is telephoned.

mod row;

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use accounts::audit::{self, Action};
use base::clock::{MINUTE, Millis};
use base::id::{ApplicationId, BroadcastId, CallId, OrgId, OutcomeListId, StaffId};
use db::{Db, DbError, OrgVault, Tx};
use lists::calls::CallReason;
use lists::choice::Household;
use messaging::broadcast::{
    Lane, NewBroadcast, Origin, Outgoing, OutgoingRows, StartError, Started, start_within,
};
use messaging::pages::roll::{self, Fate, JudgedRoll, Roll, Version};
use messaging::pages::{Desk, failed};
use web::PageError;

use self::row::{HEADINGS, Wording, keys, links};
use crate::application::Application;
use crate::call::{Call, call};
use crate::document::{Outcome, ReleaseRule};
use crate::store::{self, DeskRow, OutcomeList, Way};
use crate::texts::publish_in_force;

/// What the audit trail keeps of a release by a desk's rule.
pub const RELEASED: Action = Action {
    code: "outcome.released_by_rule",
    label: "窓口の規則により、結果を自動で送り始めた",
};

/// What the audit trail may hold of what happens by itself.
pub const ACTIONS: [Action; 1] = [RELEASED];

/// The people of a locked list, and the text for them.
pub struct Gathering {
    org: OrgId,
    /// The list.
    pub list: OutcomeList,
    /// Its people; the line of each is its place, counted from 1.
    pub people: Vec<Application>,
    /// The template that tells its outcome.
    pub version: Version,
    /// The desk.
    pub desk: DeskRow,
    wording: Wording,
}

/// Why a list cannot be gathered.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NotGathered {
    /// It is not there, was opened again, or its people were told.
    NotLocked,
    /// The texts of the desk's version were never made templates.
    NoText,
    /// Nobody is on it any more.
    Empty,
}

impl Gathering {
    /// Of a locked list.
    pub async fn of(db: &Db, org: OrgId, list: OutcomeListId) -> Result<Result<Self, NotGathered>, DbError> {
        let list = store::outcome_list(db, org, list).await?;
        let list = list.filter(|list| list.opened_at.is_none() && list.released_at.is_none());
        let Some(list) = list else {
            return Ok(Err(NotGathered::NotLocked));
        };
        let Some(desk) = store::desk(db, org, list.desk).await? else {
            return Ok(Err(NotGathered::NotLocked));
        };
        let Some((version, _)) = store::text_of(db, org, list.desk, &list.kind).await? else {
            return Ok(Err(NotGathered::NoText));
        };
        let people = store::on_list(db, org, &list).await?;
        let owes = |one: &Application| one.owes.as_ref() == Some(&list.kind.outcome);
        let people: Vec<Application> = people.into_iter().filter(owes).collect();
        if people.is_empty() {
            return Ok(Err(NotGathered::Empty));
        }
        Ok(Ok(Self {
            org,
            list,
            people,
            version,
            wording: Wording::of(db, org, &desk, version).await?,
            desk,
        }))
    }

    /// The rows that `messaging` judges. Each result is told, whatever the person was told before: that it is told
    /// once is what this slice keeps.
    pub fn roll(&self, vault: &OrgVault) -> Roll {
        let outcome = &self.list.kind.outcome;
        let row = |one: &Application| (self.wording.cells(one, outcome), keys(vault, one));
        Roll {
            org: self.org,
            office: self.desk.office,
            version: self.version,
            headings: HEADINGS.iter().map(|heading| (*heading).to_owned()).collect(),
            to: HEADINGS[0],
            name: Some(1),
            household: Household::Each,
            links: links(vault, &self.people),
            again: Some("申請ごとの結果の通知".to_owned()),
            rows: self.people.iter().map(row).collect(),
        }
    }

    /// What the broadcast is called in lists.
    pub fn name(&self, label: &str) -> String {
        let correction = if self.list.kind.corrects { "訂正 " } else { "" };
        format!("{} {correction}{label} {}人", self.desk.name, self.people.len())
    }
}

/// What came of telling the people of a list.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Released {
    /// The broadcast; none if everybody is telephoned.
    pub started: Option<Started>,
    /// How many people were written to.
    pub written: usize,
    /// How many are telephoned, because no message could be sent to them.
    pub called: usize,
    /// How many were decided anew meanwhile, and are told something else in their time.
    pub left: usize,
}

/// Tells everybody who is on the list as they were read, in one commit with the broadcast. Of two who press at once,
/// or twice, the second finds nobody: [`StartError::NoRows`].
pub async fn start(
    db: &Db,
    gathering: &Gathering,
    judged: &JudgedRoll,
    new: NewBroadcast,
) -> Result<Released, StartError> {
    carry_out(db, Work::of(gathering, judged, new)).await
}

async fn carry_out(db: &Db, work: Work) -> Result<Released, StartError> {
    let (org, work) = (work.new.org, Arc::new(work));
    let (vault, now) = (db.vault(org).await?, db.now());
    let refused = Arc::new(Mutex::new(None));
    let why = Arc::clone(&refused);
    let done = db.write(move |tx| {
        let (vault, work, why) = (Arc::clone(&vault), Arc::clone(&work), Arc::clone(&why));
        Box::pin(async move {
            match work.run(tx, &vault, now).await? {
                Ok(released) => Ok(released),
                Err(error) => {
                    // What was made of it is undone with the write; the reason goes beside it.
                    if let Ok(mut why) = why.lock() {
                        *why = Some(error);
                    }
                    Err(DbError::Withdrawn)
                }
            }
        })
    });
    match done.await {
        Err(DbError::Withdrawn) => {
            let why = refused.lock().ok().and_then(|mut why| why.take());
            Err(why.unwrap_or(StartError::NoRows))
        }
        Err(error) => Err(error.into()),
        Ok(released) => {
            base::killpoint::reached("outcome.stored");
            Ok(released)
        }
    }
}

struct Work {
    list: OutcomeList,
    /// Everybody as they were read, by line.
    people: Vec<Application>,
    fates: Vec<Fate>,
    new: NewBroadcast,
    /// The desk's rule did it, because this person approved the desk.
    by_rule: bool,
}

impl Work {
    fn of(gathering: &Gathering, judged: &JudgedRoll, mut new: NewBroadcast) -> Self {
        // A result goes before first contacts and surveys.
        new.lane = Lane::Urgent;
        Self {
            list: gathering.list.clone(),
            people: gathering.people.clone(),
            fates: judged.fates.clone(),
            by_rule: gathering.list.locked_by.is_none(),
            new,
        }
    }

    async fn run(
        &self,
        tx: &mut Tx,
        vault: &Arc<OrgVault>,
        now: Millis,
    ) -> Result<Result<Released, StartError>, DbError> {
        let org = self.new.org;
        if !store::take_list(tx, org, self.list.id, now).await? {
            return Ok(Err(StartError::NoRows));
        }
        let standing: HashMap<ApplicationId, i64> = store::still_on(tx, org, self.list.id)
            .await?
            .into_iter()
            .collect();
        let fit = |one: &Application| standing.get(&one.id) == Some(&one.changes);
        let lines = || (1_u32..).zip(&self.people).zip(&self.fates);
        let written: HashMap<u32, &Application> = lines()
            .filter(|((_, one), fate)| fit(one) && matches!(fate, Fate::Send))
            .map(|((line, one), _)| (line, one))
            .collect();
        let rows: Vec<Outgoing> = OutgoingRows::iter(self.new.rows.as_ref())
            .filter(|row| written.contains_key(&row.line))
            .collect();
        let started = if rows.is_empty() {
            None
        } else {
            let new = NewBroadcast {
                rows: Arc::new(rows),
                ..self.new.clone()
            };
            match start_within(tx, &new, vault, now).await? {
                Ok(started) => Some(started),
                Err(StartError::AllLeftOut(_)) => None,
                Err(error) => return Ok(Err(error)),
            }
        };
        let mut told: Vec<(ApplicationId, i64, Way)> = Vec::new();
        for fate in started.iter().flat_map(|started| &started.fates) {
            if let Some(one) = written.get(&fate.line) {
                told.push((one.id, number(one), Way::Message(fate.broadcast, fate.message)));
            }
        }
        let messages = told.len();
        for ((_, one), fate) in lines().filter(|((_, one), _)| fit(one)) {
            if told.iter().any(|(id, ..)| *id == one.id) {
                continue;
            }
            let entry = self.telephone(tx, vault, one, fate, now).await?;
            told.push((one.id, number(one), Way::Call(entry)));
        }
        if told.is_empty() {
            return Ok(Err(StartError::NoRows));
        }
        let broadcast = started.as_ref().map(|started| started.broadcast);
        store::tell(tx, org, &self.list, (&told, broadcast), now).await?;
        if self.by_rule {
            self.keep_in_trail(tx, vault, broadcast, told.len(), now).await?;
        }
        Ok(Ok(Released {
            written: messages,
            called: told.len() - messages,
            left: self.people.len() - told.len(),
            started,
        }))
    }

    /// Nobody disappears: whoever no message reaches is telephoned.
    async fn telephone(
        &self,
        tx: &mut Tx,
        vault: &OrgVault,
        one: &Application,
        fate: &Fate,
        now: Millis,
    ) -> Result<CallId, DbError> {
        let why = match fate {
            Fate::WrongNumber(why) | Fate::Blocked(why) | Fate::Contacted(why) => why.as_str(),
            Fate::Send | Fate::With(_) | Fate::Before(..) => "",
        };
        let why = format!(
            "結果（{}）をSMSで送れないため、電話で伝えてください。{why}",
            self.list.kind.outcome.code()
        );
        let asked = Call {
            about: one,
            reason: match fate {
                Fate::WrongNumber(_) => CallReason::KnownWrong,
                _ => CallReason::ToBeAsked,
            },
            priority: one.priority,
            why: &why,
            by: self.new.created_by,
        };
        call(tx, self.new.org, vault, &asked, now).await
    }

    async fn keep_in_trail(
        &self,
        tx: &mut Tx,
        vault: &OrgVault,
        broadcast: Option<BroadcastId>,
        people: usize,
        now: Millis,
    ) -> Result<(), DbError> {
        let entry = audit::Entry::of(RELEASED)
            .about("outcome_lists", self.list.id.get())
            .with(match broadcast {
                Some(broadcast) => format!("配信 {broadcast}、{people}人"),
                None => format!("電話 {people}人"),
            });
        audit::record(tx, self.new.org, vault, &entry, now).await
    }
}

fn number(one: &Application) -> i64 {
    one.decided.as_ref().map_or(0, |decided| decided.number)
}

/// Locks and tells what the rules of an organisation's desks say goes out by itself, what was sent back included. Any
/// number of nodes may do this at once; what one of them locked and did not finish, the next look finishes. Says how
/// many people were told.
pub async fn by_rule(desk: &Desk, org: OrgId) -> Result<usize, PageError> {
    let db = &desk.db;
    for row in store::desks(db, org).await.map_err(failed)? {
        let rule = store::now_in_force(db, org, row.id).await.map_err(failed)?;
        let after = rule.and_then(|one| match one.document.document().release {
            ReleaseRule::Locked => None,
            ReleaseRule::Continuous(minutes) => Some(Millis::from(minutes) * MINUTE),
        });
        let live = store::live_lists(db, org, row.id).await.map_err(failed)?;
        for list in live.lists.iter().filter(|list| list.people > 0) {
            let after = match list.kind.outcome {
                Outcome::SentBack(_) => Some(0),
                Outcome::Decided(_) => after,
            };
            let due = after
                .zip(list.since)
                .is_some_and(|(after, since)| since + after <= db.now());
            if due {
                publish_in_force(db, org, &row).await.map_err(failed)?;
                store::lock(db, org, row.id, &list.kind, None)
                    .await
                    .map_err(failed)?;
            }
        }
    }
    let mut told = 0;
    for list in store::locked_by_rule(db, org).await.map_err(failed)? {
        told += one_by_rule(desk, org, &list).await?;
    }
    Ok(told)
}

async fn one_by_rule(desk: &Desk, org: OrgId, list: &OutcomeList) -> Result<usize, PageError> {
    let db = &desk.db;
    let gathering = match Gathering::of(db, org, list.id).await.map_err(failed)? {
        Ok(gathering) => gathering,
        Err(NotGathered::Empty) => {
            store::open_again(db, org, list.id).await.map_err(failed)?;
            return Ok(0);
        }
        Err(why) => {
            tracing::warn!(%org, list = %list.id, ?why, "results cannot be sent by the desk's rule");
            return Ok(0);
        }
    };
    let Some(judged) = judged(desk, &gathering).await? else {
        return Ok(0);
    };
    if judged.is_exercise(desk) {
        return Ok(0);
    }
    let by = ordered_by(db, org, &gathering).await.map_err(failed)?;
    let new = judged
        .broadcast(
            desk,
            gathering.name(&list.kind.outcome.code()),
            Origin::StandingOrder,
            by,
        )
        .await?;
    match start(db, &gathering, &judged, new).await {
        Ok(released) => Ok(released.written + released.called),
        Err(StartError::NoRows | StartError::AllLeftOut(_)) => Ok(0),
        Err(StartError::Refused(refusal)) => {
            tracing::warn!(%org, list = %list.id, %refusal, "results were refused");
            Ok(0)
        }
        Err(StartError::Database(error)) => Err(failed(error)),
    }
}

/// Judges the rows; `None`, with a line in the log, if the text may not be sent now.
async fn judged(desk: &Desk, gathering: &Gathering) -> Result<Option<JudgedRoll>, PageError> {
    let vault = desk.db.vault(gathering.org).await.map_err(failed)?;
    match roll::judge(desk, gathering.roll(&vault)).await? {
        Ok(judged) => Ok(Some(judged)),
        Err(why) => {
            let (org, list) = (gathering.org, gathering.list.id);
            tracing::warn!(%org, %list, %why, "results cannot be sent by the desk's rule");
            Ok(None)
        }
    }
}

/// Whoever approved the version of the desk stands in the broadcast as its sender, so that they cannot approve it
/// once more.
async fn ordered_by(db: &Db, org: OrgId, gathering: &Gathering) -> Result<Option<StaffId>, DbError> {
    let Some(one) = gathering.people.first() else {
        return Ok(None);
    };
    let version = store::desk_version(db, org, (one.desk, one.version)).await?;
    Ok(version
        .and_then(|version| version.approved)
        .and_then(|(by, _)| by))
}
