//! What somebody else thinks of a decision: kept, and in the way of the result until it is settled.

use std::sync::Arc;

use base::clock::Millis;
use base::id::{ApplicationId, DeskId, OrgId, StaffId};
use db::{Db, DbError, Field, params};

use super::applications::{NewEvent, add_event, applications, hold};
use super::deciding::decision_of;
use super::handovers::cleared;
use super::reviews::Done;
use crate::application::{Application, SecondLook, State};
use crate::document::{Decision, DeskDocument};
use crate::limits::ROWS_SHOWN;

db::statements! {
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
}

const LOOK_COMMENT: Field = Field("application_looks.comment");

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
