//! Decisions: taken, taken back, corrected; every one of them stays.

use std::sync::Arc;

use base::clock::Millis;
use base::id::{ApplicationId, BroadcastId, CallId, MessageId, OrgId, OutcomeListId, StaffId};
use db::{Db, DbError, OrgVault, Tx, params};

use super::applications::{NewEvent, add_event, hold};
use super::reviews::{Done, begin_review};
use crate::application::{Application, Before, Change, LEASE, PROVISIONAL, SecondLook, State};
use crate::document::{Decision, DeskDocument, Outcome};

db::statements! {
    REVIEW_NO = "SELECT review_no FROM applications WHERE org_id = $1 AND application_id = $2";
    LAST_DECISION = "
        SELECT COALESCE(MAX(decision_no), 0) FROM application_decisions WHERE org_id = $1 AND application_id = $2";
    ADD_DECISION = "
        INSERT INTO application_decisions (org_id, application_id, decision_no, outcome, before_state, replaces,
            corrects, decided_by, decided_at, second_look)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    DECIDED = "
        UPDATE applications SET state = 'provisional', state_at = $3, changes = changes + 1, decision_no = $4,
            outcome = $5, decided_by = $6, decided_at = $3, provisional_until = $7, second_look = $8, corrects = $9,
            owes = NULL, list_id = NULL, parked = NULL, reviewer = NULL, reviewer_until = NULL
        WHERE org_id = $1 AND application_id = $2";
    DECISION = "
        SELECT outcome, before_state, replaces, corrects, decided_by, decided_at, second_look
        FROM application_decisions WHERE org_id = $1 AND application_id = $2 AND decision_no = $3";
    UNDONE = "
        UPDATE application_decisions SET undone_at = $4
        WHERE org_id = $1 AND application_id = $2 AND decision_no = $3";
    STANDS_AGAIN = "
        UPDATE applications SET state = $3, state_at = $4, changes = changes + 1, decision_no = $5, outcome = $6,
            decided_by = $7, decided_at = $8, second_look = $9, corrects = $10, owes = $11, owes_since = $4,
            review_no = review_no + $12, reviewer = $13, reviewer_until = $14
        WHERE org_id = $1 AND application_id = $2";
    LAST_OF = "
        SELECT d.application_id, d.decision_no, d.outcome, d.decided_at, d.undone_at, a.reference, a.state,
            a.provisional_until, a.decision_no
        FROM application_decisions d
            JOIN applications a ON a.org_id = d.org_id AND a.application_id = d.application_id
        WHERE d.org_id = $1 AND d.decided_by = $2 ORDER BY d.decided_at DESC, d.application_id DESC LIMIT 20";
    DECISIONS = "
        SELECT decision_no, outcome, before_state, corrects, decided_by, decided_at, second_look, final_at, undone_at,
            told_at, list_id, broadcast_id, message_id, call_id
        FROM application_decisions WHERE org_id = $1 AND application_id = $2 ORDER BY decision_no";
}

/// One decision about an application that the write holds.
pub(super) struct Deciding<'a> {
    pub(super) org: OrgId,
    pub(super) vault: &'a OrgVault,
    pub(super) found: &'a Application,
    pub(super) by: StaffId,
    pub(super) now: Millis,
}

impl Deciding<'_> {
    pub(super) async fn decide(
        &self,
        tx: &mut Tx,
        decision: &Decision,
        document: &DeskDocument,
    ) -> Result<i64, DbError> {
        let (org, id, found) = (self.org, self.found.id, self.found);
        let before =
            Before::of(found.state).ok_or_else(|| DbError::Statement("not decided here".to_owned()))?;
        let last = tx.query_opt(LAST_DECISION, params![org, id]).await?;
        let number: i64 = last.map_or(Ok(0), |row| row.get(0))? + 1;
        // What was told has to be put right; what was asked again and came back is a result of its own.
        let corrects = before != Before::Ready && found.told.is_some();
        let look = document.wants_second_look(decision, self.drawn(number));
        let look = look.then_some(SecondLook::Wanted).map(SecondLook::code);
        let replaces = found.decided.as_ref().map_or(0, |decided| decided.number);
        let replaces = if before == Before::Ready { 0 } else { replaces };
        let row = params![
            org,
            id,
            number,
            decision.code(),
            before.state().code(),
            replaces,
            corrects,
            self.by,
            self.now,
            look,
        ];
        tx.execute(ADD_DECISION, row).await?;
        let until = self.now + PROVISIONAL;
        let row = params![
            org,
            id,
            self.now,
            number,
            decision.code(),
            self.by,
            until,
            look,
            corrects
        ];
        tx.execute(DECIDED, row).await?;
        Ok(number)
    }

    /// A number below 100 that nobody can foresee, and that is the same if the write runs twice.
    fn drawn(&self, number: i64) -> u8 {
        let parts: [&[u8]; 2] = [&self.found.id.get().to_be_bytes(), &number.to_be_bytes()];
        let drawn = self.vault.index_number("second look", &parts).rem_euclid(100);
        u8::try_from(drawn).unwrap_or(0)
    }
}

/// Decides anew what was decided as `seen` (the number of that decision). It is provisional again; if the person was
/// told, a correction is told in its time, and both decisions stay.
pub async fn correct(
    db: &Db,
    org: OrgId,
    (id, seen): (ApplicationId, i64),
    (decision, comment): (Decision, String),
    by: StaffId,
    document: &DeskDocument,
) -> Result<Done, DbError> {
    if !document.knows(&decision) {
        return Ok(Done::Unknown);
    }
    let (vault, now) = (db.vault(org).await?, db.now());
    let given = Arc::new((decision, comment, document.clone()));
    db.write(move |tx| {
        let (vault, given) = (Arc::clone(&vault), Arc::clone(&given));
        Box::pin(async move {
            let (decision, comment, document) = given.as_ref();
            let Some(found) = hold(tx, org, &vault, id).await? else {
                return Ok(Done::Missing);
            };
            let stands = found.decided.as_ref().map(|decided| decided.number);
            if found.state.after(Change::Correct).is_none() || stands != Some(seen) {
                return Ok(Done::Otherwise(Box::new(found)));
            }
            let deciding = Deciding {
                org,
                vault: &vault,
                found: &found,
                by,
                now,
            };
            let number = deciding.decide(tx, decision, document).await?;
            let event = NewEvent {
                kind: "corrected",
                by: Some(by),
                detail: Some(decision.code()),
                note: Some(comment),
            };
            add_event(tx, org, &vault, id, event, now).await?;
            Ok(Done::Done(number))
        })
    })
    .await
}

/// Whoever decided takes it back, as long as it is provisional. What stood before stands again; an application that
/// had not been decided is theirs once more.
pub async fn undo(
    db: &Db,
    org: OrgId,
    (id, number): (ApplicationId, i64),
    by: StaffId,
) -> Result<Done, DbError> {
    let (vault, now) = (db.vault(org).await?, db.now());
    db.write(move |tx| {
        let vault = Arc::clone(&vault);
        Box::pin(async move {
            let Some(found) = hold(tx, org, &vault, id).await? else {
                return Ok(Done::Missing);
            };
            let decided = found.decided.clone().filter(|decided| {
                found.state == State::Provisional
                    && decided.number == number
                    && decided.by == by
                    && now < decided.provisional_until
            });
            if decided.is_none() {
                return Ok(Done::Otherwise(Box::new(found)));
            }
            take_back(tx, org, &found, number, (by, now)).await?;
            let event = NewEvent {
                kind: "undone",
                by: Some(by),
                ..NewEvent::default()
            };
            add_event(tx, org, &vault, id, event, now).await?;
            Ok(Done::Done(number))
        })
    })
    .await
}

async fn take_back(
    tx: &mut Tx,
    org: OrgId,
    found: &Application,
    number: i64,
    (by, now): (StaffId, Millis),
) -> Result<(), DbError> {
    let id = found.id;
    tx.execute(UNDONE, params![org, id, number, now]).await?;
    let wrong = || DbError::Statement("a decision is not there".to_owned());
    let made = tx
        .query_opt(DECISION, params![org, id, number])
        .await?
        .ok_or_else(wrong)?;
    let before = State::from_code(&made.get::<String>(1)?)
        .and_then(Before::of)
        .ok_or_else(wrong)?;
    let state = found.state.after(Change::Undo(before)).ok_or_else(wrong)?;
    let replaces: i64 = made.get(2)?;
    let row = if replaces == 0 {
        let until = now + LEASE;
        let none = None::<String>;
        params![
            org,
            id,
            state.code(),
            now,
            0_i64,
            none.clone(),
            None::<StaffId>,
            None::<Millis>,
            none.clone(),
            false,
            none,
            1_i64,
            Some(by),
            Some(until),
        ]
    } else {
        let old = tx
            .query_opt(DECISION, params![org, id, replaces])
            .await?
            .ok_or_else(wrong)?;
        let outcome: String = old.get(0)?;
        let owes = (state == State::Final).then(|| outcome.clone());
        params![
            org,
            id,
            state.code(),
            now,
            replaces,
            Some(outcome),
            old.get::<Option<StaffId>>(4)?,
            old.get::<Option<Millis>>(5)?,
            old.get::<Option<String>>(6)?,
            old.get::<bool>(3)?,
            owes,
            0_i64,
            None::<StaffId>,
            None::<Millis>,
        ]
    };
    tx.execute(STANDS_AGAIN, row).await?;
    if replaces == 0 {
        let row = tx.query_opt(REVIEW_NO, params![org, id]).await?;
        let review: i64 = row.map_or(Ok(0), |row| row.get(0))?;
        begin_review(tx, org, id, (review, by), now).await?;
    }
    Ok(())
}

/// One of somebody's last decisions.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LastDecision {
    /// The application.
    pub id: ApplicationId,
    /// 受付番号.
    pub reference: db::Reference,
    /// The number of the decision.
    pub number: i64,
    /// What.
    pub outcome: Outcome,
    /// When.
    pub at: Millis,
    /// When it was taken back.
    pub undone_at: Option<Millis>,
    /// Until when it can be taken back, if it still can.
    pub undo_until: Option<Millis>,
}

/// The last decisions of one person, the newest first.
pub async fn last_decisions(db: &Db, org: OrgId, by: StaffId) -> Result<Vec<LastDecision>, DbError> {
    let now = db.now();
    let rows = db.query(LAST_OF, params![org, by]).await?;
    rows.iter()
        .map(|row| {
            let outcome = Outcome::from_code(&row.get::<String>(2)?);
            let number: i64 = row.get(1)?;
            let provisional =
                row.get::<String>(6)? == State::Provisional.code() && row.get::<i64>(8)? == number;
            let until: Option<Millis> = row.get(7)?;
            Ok(LastDecision {
                id: row.get(0)?,
                reference: row.get(5)?,
                number,
                outcome: outcome.ok_or_else(|| DbError::Statement("an unknown outcome".to_owned()))?,
                at: row.get(3)?,
                undone_at: row.get(4)?,
                undo_until: until.filter(|until| provisional && now < *until),
            })
        })
        .collect()
}

pub(super) fn decision_of(code: &str) -> Result<Decision, DbError> {
    Decision::from_code(code).ok_or_else(|| DbError::Statement("an unknown decision".to_owned()))
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
