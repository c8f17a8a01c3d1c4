//! From provisional to final, what somebody else thinks of it, and what follows by itself.

use std::collections::HashMap;
use std::sync::Arc;

use base::clock::Millis;
use base::id::{
    ApplicationId, BroadcastId, CallId, CaseId, DeskId, MessageId, OrgId, OutcomeListId, StaffId,
};
use db::{Db, DbError, Field, OrgVault, Tx, params};
use lists::calls::CallReason;

use super::applications::{NewEvent, add_event, applications, hold};
use super::desks;
use super::reviews::Done;
use crate::application::{Application, Change, Decided, SecondLook, State};
use crate::call::{Call, call};
use crate::document::{Carried, Decision, DeskDocument, Outcome, Then};
use crate::limits::{HANDOVER_CLAIM, ROWS_SHOWN, SETTLED_PER_STEP};

db::statements! {
    DUE = "
        SELECT application_id FROM applications
        WHERE org_id = $1 AND state = 'provisional' AND provisional_until <= $2
        ORDER BY provisional_until, application_id LIMIT $3";
    SETTLED = "
        UPDATE applications SET state = $3, state_at = $4, changes = changes + 1, owes = $5, owes_since = $4,
            call_id = COALESCE($6, call_id)
        WHERE org_id = $1 AND application_id = $2";
    FINAL = "
        UPDATE application_decisions SET final_at = $4, call_id = $5
        WHERE org_id = $1 AND application_id = $2 AND decision_no = $3";
    LOOKS_WANTED = "
        SELECT application_id FROM applications
        WHERE org_id = $1 AND desk_id = $2 AND second_look = $3 AND state = 'final' AND decided_by <> $4
            AND second_look IN ('wanted', 'differs')
        ORDER BY decided_at, application_id LIMIT $5";
    ADD_LOOK = "
        INSERT INTO application_looks (org_id, application_id, decision_no, staff_id, at, opinion, agrees,
            comment_sealed)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
        ON CONFLICT (org_id, application_id, decision_no, staff_id) DO NOTHING";
    LOOKED = "
        UPDATE applications SET second_look = $3, changes = changes + 1 WHERE org_id = $1 AND application_id = $2";
    DECISION_LOOKED = "
        UPDATE application_decisions SET second_look = $4
        WHERE org_id = $1 AND application_id = $2 AND decision_no = $3";
    LOOKS = "
        SELECT decision_no, staff_id, at, opinion, agrees, comment_sealed FROM application_looks
        WHERE org_id = $1 AND application_id = $2 ORDER BY at, staff_id";
    DECISIONS = "
        SELECT decision_no, outcome, before_state, corrects, decided_by, decided_at, second_look, final_at, undone_at,
            told_at, list_id, broadcast_id, message_id, call_id
        FROM application_decisions WHERE org_id = $1 AND application_id = $2 ORDER BY decision_no";
    LAST_HANDOVER = "
        SELECT kind FROM application_handovers
        WHERE org_id = $1 AND application_id = $2 ORDER BY decision_no DESC LIMIT 1";
    ADD_HANDOVER = "
        INSERT INTO application_handovers (org_id, application_id, decision_no, kind, at, claimed_until)
        VALUES ($1, $2, $3, $4, $5, 0)";
    CLAIM_HANDOVERS = "
        WITH c AS MATERIALIZED (
            SELECT h.application_id, h.decision_no FROM application_handovers h
            WHERE h.org_id = $1 AND h.done_at IS NULL AND h.claimed_until <= $2
            ORDER BY h.at, h.application_id LIMIT $4 {skip_locked h})
        UPDATE application_handovers SET claimed_until = $3
        FROM c WHERE application_handovers.org_id = $1 AND application_handovers.application_id = c.application_id
            AND application_handovers.decision_no = c.decision_no
        RETURNING application_handovers.application_id, application_handovers.decision_no,
            application_handovers.kind, application_handovers.at";
    HANDED_OVER = "
        UPDATE application_handovers SET done_at = $4, case_id = $5
        WHERE org_id = $1 AND application_id = $2 AND decision_no = $3 AND done_at IS NULL";
    CASE_OF = "
        SELECT case_id FROM application_handovers
        WHERE org_id = $1 AND application_id = $2 AND case_id IS NOT NULL ORDER BY decision_no DESC LIMIT 1";
    CALLED_ABOUT = "
        SELECT application_id, call_id FROM applications
        WHERE org_id = $1 AND parked = 'phone' AND call_id IS NOT NULL ORDER BY parked_at LIMIT $2";
}

const LOOK_COMMENT: Field = Field("application_looks.comment");

/// The documents that applications were made with.
pub(crate) struct Documents(HashMap<(DeskId, i64), DeskDocument>);

impl Documents {
    /// Of these applications.
    pub(crate) async fn of(db: &Db, org: OrgId, found: &[Application]) -> Result<Self, DbError> {
        let mut documents = HashMap::new();
        for one in found {
            let key = (one.desk, one.version);
            if !documents.contains_key(&key) {
                let document = desks::document(db, org, key).await?;
                let document =
                    document.ok_or_else(|| DbError::Statement("a desk's version is not there".to_owned()))?;
                documents.insert(key, document);
            }
        }
        Ok(Self(documents))
    }

    /// Of one of them.
    pub(crate) fn get(&self, one: &Application) -> Option<&DeskDocument> {
        self.0.get(&(one.desk, one.version))
    }
}

/// Makes final what nobody took back in time, with what follows: the call of a reason that wants one, the hand-over of
/// a confirmed person. Any number of nodes may do this at once. Says how many became final.
pub async fn settle(db: &Db, org: OrgId) -> Result<usize, DbError> {
    let mut settled = 0;
    loop {
        let due = db.query(DUE, params![org, db.now(), SETTLED_PER_STEP]).await?;
        let ids: Vec<ApplicationId> = due.iter().map(|row| row.get(0)).collect::<Result<_, _>>()?;
        if ids.is_empty() {
            return Ok(settled);
        }
        let found = applications(db, org, &ids).await?;
        let documents = Arc::new(Documents::of(db, org, &found).await?);
        let (vault, now, ids) = (db.vault(org).await?, db.now(), Arc::new(ids));
        let step = db.write(move |tx| {
            let (vault, ids, documents) = (Arc::clone(&vault), Arc::clone(&ids), Arc::clone(&documents));
            Box::pin(async move {
                let mut step = 0;
                for id in ids.iter() {
                    step += usize::from(settle_one(tx, org, &vault, *id, &documents, now).await?);
                }
                Ok(step)
            })
        });
        let step = step.await?;
        settled += step;
        // Somebody else is doing it, or it was taken back: the next look comes soon.
        if step == 0 {
            return Ok(settled);
        }
    }
}

async fn settle_one(
    tx: &mut Tx,
    org: OrgId,
    vault: &OrgVault,
    id: ApplicationId,
    documents: &Documents,
    now: Millis,
) -> Result<bool, DbError> {
    let Some(found) = hold(tx, org, vault, id).await? else {
        return Ok(false);
    };
    let decided = found
        .decided
        .as_ref()
        .filter(|decided| found.state == State::Provisional && decided.provisional_until <= now);
    let Some((decided, document)) = decided.zip(documents.get(&found)) else {
        return Ok(false);
    };
    let outcome = Outcome::Decided(decided.decision.clone());
    // A correction that leads back to what the person knows: nothing is to be told.
    let as_told = decided.corrects && found.told.as_ref() == Some(&outcome);
    let change = if as_told {
        Change::SettleAsTold
    } else {
        Change::Settle
    };
    let Some(state) = found.state.after(change) else {
        return Ok(false);
    };
    let entry = match phone_of(document, &decided.decision).filter(|_| !as_told) {
        Some((priority, why)) => {
            let asked = Call {
                about: &found,
                reason: CallReason::ToBeAsked,
                priority,
                why,
                by: None,
            };
            Some(call(tx, org, vault, &asked, now).await?)
        }
        None => None,
    };
    let owes = (!as_told).then(|| outcome.code());
    tx.execute(SETTLED, params![org, id, state.code(), now, owes, entry])
        .await?;
    tx.execute(FINAL, params![org, id, decided.number, now, entry])
        .await?;
    if decided.second_look.is_none_or(SecondLook::is_clear) {
        cleared(tx, org, &found, decided, document, now).await?;
    }
    let event = NewEvent {
        kind: "final",
        detail: Some(decided.decision.code()),
        ..NewEvent::default()
    };
    add_event(tx, org, vault, id, event, now).await?;
    Ok(true)
}

fn phone_of<'d>(document: &'d DeskDocument, decision: &Decision) -> Option<(u32, &'d str)> {
    let Decision::Refused(code) = decision else {
        return None;
    };
    let reason = document
        .reason(code)
        .filter(|reason| reason.then == Then::Phone)?;
    Some((reason.call_priority, reason.label.as_str()))
}

const CONFIRMED: &str = "confirmed";
const REVOKED: &str = "revoked";

/// Nothing stands in the way of what was decided: whoever cares for confirmed people learns of it.
async fn cleared(
    tx: &mut Tx,
    org: OrgId,
    found: &Application,
    decided: &Decided,
    document: &DeskDocument,
    now: Millis,
) -> Result<(), DbError> {
    if !document.document().confirmed.opens_case {
        return Ok(());
    }
    let last = tx.query_opt(LAST_HANDOVER, params![org, found.id]).await?;
    let last: Option<String> = last.map(|row| row.get(0)).transpose()?;
    let kind = match (&decided.decision, last.as_deref()) {
        (Decision::Confirmed, None | Some(REVOKED)) => CONFIRMED,
        (Decision::Refused(_), Some(CONFIRMED)) => REVOKED,
        _ => return Ok(()),
    };
    let row = params![org, found.id, decided.number, kind, now];
    tx.execute(ADD_HANDOVER, row).await.map(drop)
}

/// What somebody else says of a decision.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Look {
    /// What they would have decided.
    Opinion(Decision),
    /// It stays as it is, although somebody else would have decided otherwise.
    Uphold,
}

/// Keeps what somebody else thinks of the decision `number`; an opinion that differs stays, and keeps the result back
/// until it is upheld or decided anew.
pub async fn look(
    db: &Db,
    org: OrgId,
    (id, number): (ApplicationId, i64),
    (look, comment): (Look, String),
    by: StaffId,
    document: &DeskDocument,
) -> Result<Done, DbError> {
    if let Look::Opinion(decision) = &look
        && !document.knows(decision)
    {
        return Ok(Done::Unknown);
    }
    let (vault, now) = (db.vault(org).await?, db.now());
    let given = Arc::new((look, comment, document.clone()));
    db.write(move |tx| {
        let (vault, given) = (Arc::clone(&vault), Arc::clone(&given));
        Box::pin(async move {
            let (look, comment, document) = given.as_ref();
            let Some(found) = hold(tx, org, &vault, id).await? else {
                return Ok(Done::Missing);
            };
            let decided = found.decided.clone().filter(|decided| {
                matches!(found.state, State::Final | State::Released)
                    && decided.number == number
                    && decided.by != by
            });
            let Some(decided) = decided else {
                return Ok(Done::Otherwise(Box::new(found)));
            };
            let stands = decided.second_look;
            let opinion = match look {
                Look::Opinion(opinion) => opinion,
                Look::Uphold if stands == Some(SecondLook::Differs) => &decided.decision,
                Look::Uphold => return Ok(Done::Otherwise(Box::new(found))),
            };
            let agrees = *opinion == decided.decision;
            let note = Some(comment).filter(|comment| !comment.trim().is_empty());
            let note = note.map(|comment| vault.seal(LOOK_COMMENT, id.get(), comment));
            let row = params![org, id, number, by, now, opinion.code(), agrees, note];
            tx.execute(ADD_LOOK, row).await?;
            let next = match (look, stands) {
                (Look::Uphold, _) => Some(SecondLook::Upheld),
                (Look::Opinion(_), Some(SecondLook::Wanted)) if agrees => Some(SecondLook::Agreed),
                // Also one that nobody asked for, while there is still time.
                (Look::Opinion(_), _) if !agrees && found.state == State::Final => Some(SecondLook::Differs),
                (Look::Opinion(_), _) => None,
            };
            if let Some(next) = next {
                tx.execute(LOOKED, params![org, id, next.code()]).await?;
                tx.execute(DECISION_LOOKED, params![org, id, number, next.code()])
                    .await?;
                if next.is_clear() {
                    cleared(tx, org, &found, &decided, document, now).await?;
                }
            }
            let event = NewEvent {
                kind: "looked",
                by: Some(by),
                detail: Some(next.map_or("noted", SecondLook::code)),
                note: None,
            };
            add_event(tx, org, &vault, id, event, now).await?;
            Ok(Done::Done(number))
        })
    })
    .await
}

/// Decisions that somebody other than `staff` took and that wait for a second look (or, with `Differs`, for somebody
/// who settles it), the oldest first.
pub async fn looks_wanted(
    db: &Db,
    org: OrgId,
    (desk, which): (DeskId, SecondLook),
    staff: StaffId,
) -> Result<Vec<Application>, DbError> {
    let wanted = params![org, desk, which.code(), staff, ROWS_SHOWN];
    let rows = db.query(LOOKS_WANTED, wanted).await?;
    let ids: Vec<ApplicationId> = rows.iter().map(|row| row.get(0)).collect::<Result<_, _>>()?;
    applications(db, org, &ids).await
}

/// One second look.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Looked {
    /// At which decision.
    pub number: i64,
    /// By whom.
    pub by: StaffId,
    /// When.
    pub at: Millis,
    /// What they would have decided.
    pub opinion: Decision,
    /// Whether that is what was decided.
    pub agrees: bool,
    /// In their words.
    pub comment: Option<String>,
}

fn decision_of(code: &str) -> Result<Decision, DbError> {
    Decision::from_code(code).ok_or_else(|| DbError::Statement("an unknown decision".to_owned()))
}

/// Every second look at an application, oldest first.
pub async fn looks(db: &Db, org: OrgId, id: ApplicationId) -> Result<Vec<Looked>, DbError> {
    let vault = db.vault(org).await?;
    let rows = db.query(LOOKS, params![org, id]).await?;
    rows.iter()
        .map(|row| {
            let comment: Option<String> = row.get(5)?;
            Ok(Looked {
                number: row.get(0)?,
                by: row.get(1)?,
                at: row.get(2)?,
                opinion: decision_of(&row.get::<String>(3)?)?,
                agrees: row.get(4)?,
                comment: comment
                    .map(|comment| vault.open(LOOK_COMMENT, id.get(), &comment))
                    .transpose()?,
            })
        })
        .collect()
}

/// One decision, with what became of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct KeptDecision {
    /// From 1.
    pub number: i64,
    /// What.
    pub decision: Decision,
    /// Where the application stood.
    pub before: State,
    /// It put right what the person was told.
    pub corrects: bool,
    /// By whom.
    pub by: StaffId,
    /// When.
    pub at: Millis,
    /// What somebody else thinks of it.
    pub second_look: Option<SecondLook>,
    /// When it became final.
    pub final_at: Option<Millis>,
    /// When it was taken back.
    pub undone_at: Option<Millis>,
    /// When the person was told, in which broadcast, with which message.
    pub told: Option<Told>,
}

/// How somebody was told.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Told {
    /// When the message was made, or the call asked for.
    pub at: Millis,
    /// From which list.
    pub list: Option<OutcomeListId>,
    /// In which broadcast, with which message.
    pub message: Option<(BroadcastId, MessageId)>,
    /// The call, where no message could be sent.
    pub call: Option<CallId>,
}

/// Every decision about an application, oldest first; none is ever taken away.
pub async fn decisions(db: &Db, org: OrgId, id: ApplicationId) -> Result<Vec<KeptDecision>, DbError> {
    let rows = db.query(DECISIONS, params![org, id]).await?;
    rows.iter()
        .map(|row| {
            let before = State::from_code(&row.get::<String>(2)?);
            let look: Option<String> = row.get(6)?;
            let told_at: Option<Millis> = row.get(9)?;
            let broadcast: Option<BroadcastId> = row.get(11)?;
            Ok(KeptDecision {
                number: row.get(0)?,
                decision: decision_of(&row.get::<String>(1)?)?,
                before: before.ok_or_else(|| DbError::Statement("an unknown state".to_owned()))?,
                corrects: row.get(3)?,
                by: row.get(4)?,
                at: row.get(5)?,
                second_look: look.as_deref().and_then(SecondLook::from_code),
                final_at: row.get(7)?,
                undone_at: row.get(8)?,
                told: match told_at {
                    Some(at) => Some(Told {
                        at,
                        list: row.get(10)?,
                        message: broadcast.zip(row.get(12)?),
                        call: row.get(13)?,
                    }),
                    None => None,
                },
            })
        })
        .collect()
}

/// What whoever cares for confirmed people has to do.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum HandoverKind {
    /// The person is confirmed: a case is opened.
    Confirmed,
    /// That was corrected: the case was none.
    Revoked,
}

/// A person to take over, or to give back.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Handover {
    /// Everything that the person told.
    pub application: Application,
    /// The decision that it follows from.
    pub number: i64,
    /// What is to be done.
    pub kind: HandoverKind,
    /// What the application says of the illness.
    pub carried: Carried,
    /// Since when.
    pub at: Millis,
}

/// People who were confirmed, or whose confirmation was taken back, and whom nobody has taken over yet, the oldest
/// first. They belong to the caller for two minutes; [`carried_over`] in the write that opens the case ends that, so a
/// crash between loses nobody and opens no second case.
pub async fn confirmed_since(db: &Db, org: OrgId, most: u32) -> Result<Vec<Handover>, DbError> {
    let (vault, now) = (db.vault(org).await?, db.now());
    let claimed = db.write(move |tx| {
        let vault = Arc::clone(&vault);
        Box::pin(async move {
            let claim = params![org, now, now + HANDOVER_CLAIM, i64::from(most)];
            let rows = tx.query(CLAIM_HANDOVERS, claim).await?;
            let mut claimed = Vec::with_capacity(rows.len());
            for row in &rows {
                let id: ApplicationId = row.get(0)?;
                let Some(application) = hold(tx, org, &vault, id).await? else {
                    continue;
                };
                claimed.push(Handover {
                    application,
                    number: row.get(1)?,
                    kind: if row.get::<String>(2)? == CONFIRMED {
                        HandoverKind::Confirmed
                    } else {
                        HandoverKind::Revoked
                    },
                    carried: Carried::default(),
                    at: row.get(3)?,
                });
            }
            claimed.sort_by_key(|one| (one.at, one.application.id, one.number));
            Ok(claimed)
        })
    });
    let mut claimed: Vec<Handover> = claimed.await?;
    let found: Vec<Application> = claimed.iter().map(|one| one.application.clone()).collect();
    let documents = Documents::of(db, org, &found).await?;
    for one in &mut claimed {
        if let Some(document) = documents.get(&one.application) {
            one.carried = document.carried(&one.application.content);
        }
    }
    Ok(claimed)
}

/// Notes in the write of whoever took somebody over that it is done. `false` if somebody else has done it: give the
/// whole write up.
pub async fn carried_over(
    tx: &mut Tx,
    org: OrgId,
    (id, number): (ApplicationId, i64),
    case: Option<CaseId>,
    now: Millis,
) -> Result<bool, DbError> {
    let row = params![org, id, number, now, case];
    Ok(tx.execute(HANDED_OVER, row).await? == 1)
}

/// The case that was opened for an application, if one was.
pub async fn case_of(db: &Db, org: OrgId, id: ApplicationId) -> Result<Option<CaseId>, DbError> {
    let row = db.query_opt(CASE_OF, params![org, id]).await?;
    row.map(|row| row.get(0)).transpose()
}

/// Puts applications whose call is over back into the queue. Says how many.
pub async fn called_back(db: &Db, org: OrgId) -> Result<usize, DbError> {
    let rows = db.query(CALLED_ABOUT, params![org, SETTLED_PER_STEP]).await?;
    let waiting: Vec<(ApplicationId, CallId)> = rows
        .iter()
        .map(|row| Ok((row.get(0)?, row.get(1)?)))
        .collect::<Result<_, DbError>>()?;
    let calls: Vec<CallId> = waiting.iter().map(|(_, call)| *call).collect();
    if calls.is_empty() {
        return Ok(0);
    }
    let outcomes = lists::calls::outcomes(db, org, &calls).await?;
    let mut back = 0;
    for (id, call) in waiting {
        if matches!(outcomes.get(&call), Some(Some(_))) {
            back += usize::from(super::reviews::unpark(db, org, id, None).await?);
        }
    }
    Ok(back)
}
