//! Confirmed people, for whoever cares for them: claimed, and done in the write that takes them over.

use std::sync::Arc;

use base::clock::Millis;
use base::id::{ApplicationId, CaseId, OrgId};
use db::{Db, DbError, Tx, params};

use super::applications::hold;
use super::settle::Documents;
use crate::application::{Application, Decided};
use crate::document::{Carried, Decision, DeskDocument};
use crate::limits::HANDOVER_CLAIM;

db::statements! {
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
}

const CONFIRMED: &str = "confirmed";

const REVOKED: &str = "revoked";

/// Nothing stands in the way of what was decided: whoever cares for confirmed people learns of it.
pub(super) async fn cleared(
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
