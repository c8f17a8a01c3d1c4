//! Statements by which cases without a programme become cases of one.

use std::sync::Arc;

use base::id::{CaseId, OfficeId, OrgId, StaffId};
use db::{Db, DbError, OrgVault, Tx, params};

use super::cases::{self, SetRecord};
use super::changes::decided;
use super::events::{NewEvent, add, sealed_detail};
use crate::case::{Case, EventDetail, EventKind};
use crate::decision::{Decided, Rules};
use crate::keys::CaseKey;

/// Cases of one write: each is read, decided, and its keys are made anew.
const PER_WRITE: i64 = 200;

db::statements! {
    // Few, and with an index of their own; the literals let both databases use it.
    WITHOUT = "
        SELECT case_id FROM cases
        WHERE +org_id = $1 AND programme_id = 0 AND state = 'open' AND office_id = COALESCE($2, office_id)
        ORDER BY case_id LIMIT $3";
    COUNT = "
        SELECT COUNT(*) FROM cases
        WHERE +org_id = $1 AND programme_id = 0 AND state = 'open' AND office_id = COALESCE($2, office_id)";
    SET_PROGRAMME = "
        UPDATE cases SET programme_id = $3 WHERE org_id = $1 AND case_id = $2 AND programme_id = 0";
}

/// Who takes cases over.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Taker {
    /// Whose cases they work on; `None` stands for all.
    pub scope: Option<OfficeId>,
    /// Who.
    pub by: StaffId,
    /// At which office they work.
    pub office: OfficeId,
    /// What their history says.
    pub words: String,
}

/// How many open cases have no programme; of this office, or of all.
pub async fn without_programme(db: &Db, org: OrgId, office: Option<OfficeId>) -> Result<u64, DbError> {
    let row = db.query_opt(COUNT, params![org, office]).await?;
    let count: i64 = row.map_or(Ok(0), |row| row.get(0))?;
    Ok(u64::try_from(count).unwrap_or(0))
}

/// Makes them cases of the programme, decided anew; what somebody decided otherwise than the rules stays. Says how
/// many. In writes of some hundred: one that is interrupted is gone on with by the same button.
pub async fn take_over(
    db: &Db,
    org: OrgId,
    programme: i64,
    rules: Arc<dyn Rules>,
    taker: Taker,
) -> Result<u64, DbError> {
    let (vault, taker) = (db.vault(org).await?, Arc::new(taker));
    let mut people = 0;
    loop {
        let now = db.now();
        let (vault, rules, taker) = (Arc::clone(&vault), Arc::clone(&rules), Arc::clone(&taker));
        let moved = db
            .write(move |tx| {
                let (vault, rules, taker) = (Arc::clone(&vault), Arc::clone(&rules), Arc::clone(&taker));
                Box::pin(async move {
                    // Changes of cases take turns from here on.
                    tx.take_numbers("cases", 0).await?;
                    let mut in_write = 0_u64;
                    for row in tx.query(WITHOUT, params![org, taker.scope, PER_WRITE]).await? {
                        let id: CaseId = row.get(0)?;
                        if let Some(case) = cases::case_in(tx, org, &vault, None, id).await? {
                            let told = case.notification.as_ref();
                            let decided = decided(&case, told, &case.course, case.office, rules.as_ref());
                            take_one(tx, (org, programme), &vault, &case, &decided).await?;
                            super::twins::find_around(tx, org, id, now).await?;
                            let event = NewEvent {
                                case: id,
                                by: Some(taker.by),
                                office: Some(taker.office),
                                kind: EventKind::Decided,
                                detail: sealed_detail(&vault, id, &detail(&case, decided, &taker)),
                            };
                            add(tx, org, now, event).await?;
                        }
                        in_write += 1;
                    }
                    Ok(in_write)
                })
            })
            .await?;
        people += moved;
        if moved < PER_WRITE.unsigned_abs() {
            return Ok(people);
        }
    }
}

fn detail(case: &Case, decided: Decided, taker: &Taker) -> EventDetail {
    EventDetail {
        words: Some(taker.words.clone()),
        decisions: Some((case.decided.clone(), decided)),
        ..EventDetail::default()
    }
}

async fn take_one(
    tx: &mut Tx,
    (org, programme): (OrgId, i64),
    vault: &OrgVault,
    case: &Case,
    decided: &Decided,
) -> Result<(), DbError> {
    tx.execute(SET_PROGRAMME, params![org, case.id, programme])
        .await?;
    let record = SetRecord::decided(case, decided);
    cases::set_record(tx, org, vault, case, &record).await?;
    if let Some(told) = &case.notification {
        // By which twins are known is of a programme.
        let keys = CaseKey::all(vault, programme, told);
        cases::replace_keys(tx, org, case.id, &keys).await?;
    }
    Ok(())
}
