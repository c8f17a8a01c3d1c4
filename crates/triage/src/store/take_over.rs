//! Statements by which cases without a programme become cases of one.

use std::sync::Arc;

use base::clock::Millis;
use base::id::{CaseId, OfficeId, OrgId, StaffId};
use db::{Db, DbError, OrgVault, Tx, params};

use super::cases::{self, SetRecord};
use super::events::{NewEvent, add, sealed_detail};
use super::follow;
use crate::case::{Case, EventDetail, EventKind};
use crate::decision::{Decided, Rules};
use crate::keys::CaseKey;
use crate::notification::CaseNotification;
use crate::overrule::decide_again;

/// Cases of one write: each is read, decided, and its keys are made anew.
const PER_WRITE: i64 = 200;

db::statements! {
    // Few, and with an index of their own; the literals let both databases use it.
    WITHOUT = "
        SELECT case_id FROM cases
        WHERE +org_id = $1 AND programme_id = 0 AND state = 'open' AND office_id = COALESCE($2, office_id)
            AND case_id > $4
        ORDER BY case_id LIMIT $3";
    COUNT = "
        SELECT COUNT(*) FROM cases
        WHERE +org_id = $1 AND programme_id = 0 AND state = 'open' AND office_id = COALESCE($2, office_id)";
}

/// Who takes cases over.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Taker {
    /// Whose cases they work on; `None` stands for all.
    pub scope: Option<OfficeId>,
    /// Who.
    pub by: StaffId,
    /// At which office they work.
    pub office: OfficeId,
}

/// How many open cases have no programme; of this office, or of all.
pub async fn without_programme(db: &Db, org: OrgId, office: Option<OfficeId>) -> Result<u64, DbError> {
    let row = db.query_opt(COUNT, params![org, office]).await?;
    let count: i64 = row.map_or(Ok(0), |row| row.get(0))?;
    Ok(u64::try_from(count).unwrap_or(0))
}

/// The programme that takes a case over, with its rules; `None` leaves the case as it is.
pub type Chooses = dyn Fn(&CaseNotification) -> Option<Taking> + Send + Sync;

/// A programme that takes cases over.
#[derive(Clone)]
pub struct Taking {
    /// Its number.
    pub programme: i64,
    /// Its rules.
    pub rules: Arc<dyn Rules>,
    /// What the history of a case says.
    pub words: String,
}

/// Makes them cases of a programme, decided anew; what somebody decided otherwise than the rules stays. Says how many.
/// In writes of some hundred: one that is interrupted is gone on with by the same button.
pub async fn take_over(db: &Db, org: OrgId, taker: Taker, chooses: Arc<Chooses>) -> Result<u64, DbError> {
    let vault = db.vault(org).await?;
    let (mut people, mut after) = (0, Some(CaseId::new(0)));
    while let Some(last) = after {
        let now = db.now();
        let (vault, chooses) = (Arc::clone(&vault), Arc::clone(&chooses));
        let (moved, next) = db
            .write(move |tx| {
                let (vault, chooses) = (Arc::clone(&vault), Arc::clone(&chooses));
                Box::pin(async move {
                    // Changes of cases take turns from here on.
                    tx.take_numbers("cases", 0).await?;
                    let rows = tx
                        .query(WITHOUT, params![org, taker.scope, PER_WRITE, last])
                        .await?;
                    let ids: Vec<CaseId> = rows.iter().map(|row| row.get(0)).collect::<Result<_, _>>()?;
                    let mut moved = 0_u64;
                    for id in &ids {
                        moved +=
                            u64::from(take_one(tx, org, &vault, (*id, taker), chooses.as_ref(), now).await?);
                    }
                    let is_last = ids.len() < usize::try_from(PER_WRITE).unwrap_or(0);
                    Ok((moved, ids.last().copied().filter(|_| !is_last)))
                })
            })
            .await?;
        people += moved;
        after = next;
    }
    Ok(people)
}

fn detail(case: &Case, decided: Decided, words: &str) -> EventDetail {
    EventDetail {
        words: Some(words.to_owned()),
        decisions: Some((case.decided.clone(), decided)),
        ..EventDetail::default()
    }
}

/// `false` if the case stays as it is.
async fn take_one(
    tx: &mut Tx,
    org: OrgId,
    vault: &OrgVault,
    (id, taker): (CaseId, Taker),
    chooses: &Chooses,
    now: Millis,
) -> Result<bool, DbError> {
    let Some(case) = cases::case_in(tx, org, vault, None, id).await? else {
        return Ok(false);
    };
    let Some((told, into)) = case
        .notification
        .as_ref()
        .and_then(|told| Some((told, chooses(told)?)))
    else {
        return Ok(false);
    };
    let rules = into.rules.as_ref();
    let (decided, overruled_by) = decide_again(&case, Some(told), &case.course, case.office, rules);
    let record = SetRecord {
        programme: into.programme,
        overruled_by,
        ..SetRecord::decided(&case, &decided)
    };
    cases::set_record(tx, org, vault, &case, &record).await?;
    follow::look_at_once(tx, org, id, now).await?;
    // By which twins are known is of a programme.
    let keys = CaseKey::all(vault, into.programme, told);
    cases::replace_keys(tx, org, id, &keys).await?;
    super::twins::find_around(tx, org, id, now).await?;
    let event = NewEvent {
        case: id,
        by: Some(taker.by),
        office: Some(taker.office),
        kind: EventKind::Decided,
        detail: sealed_detail(vault, id, &detail(&case, decided, &into.words)),
    };
    add(tx, org, now, event).await?;
    Ok(true)
}
