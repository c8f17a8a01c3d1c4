//! What is still to be asked when two cases that were one are taken apart: whoever may be the person of the one only is
//! no longer asked of the other.

use base::clock::Millis;
use base::id::{CaseId, OrgId};
use db::{DbError, Tx, params};

use super::super::json;
use super::{Twins, find_around};
use crate::keys::KeyKind;

db::statements! {
    MERGED_INTO = "SELECT merged_into FROM cases WHERE org_id = $1 AND case_id = $2 AND merged_into IS NOT NULL";
    GONE_INTO = "
        SELECT later_id FROM case_twins
        WHERE org_id = $1 AND earlier_id = $2 AND state = 'merged' AND kept_id = $2
        UNION ALL
        SELECT earlier_id FROM case_twins
        WHERE +org_id = $1 AND later_id = $2 AND state = 'merged' AND kept_id = $2";
    PENDING_WITH = "
        SELECT later_id FROM case_twins WHERE org_id = $1 AND earlier_id = $2 AND state = 'pending'
        UNION ALL
        SELECT earlier_id FROM case_twins WHERE +org_id = $1 AND later_id = $2 AND state = 'pending'";
    COMMON = "
        SELECT DISTINCT k.kind FROM {each $2} CROSS JOIN case_keys k CROSS JOIN case_keys o
        WHERE +k.org_id = $1 AND k.case_id = CAST(each.value AS {bigint}) AND k.kind >= 11
            AND o.org_id = $1 AND o.key_index = k.key_index
            AND o.case_id IN (SELECT CAST(each.value AS {bigint}) FROM {each $3})";
    ADD_PENDING = "
        INSERT INTO case_twins (org_id, earlier_id, later_id, why, found_at, state)
        VALUES ($1, $2, $3, $4, $5, 'pending')
        ON CONFLICT (org_id, earlier_id, later_id) DO NOTHING";
    DROP_PENDING = "
        DELETE FROM case_twins WHERE org_id = $1 AND earlier_id = $2 AND later_id = $3 AND state = 'pending'";
}

/// One case has come out of another: the pair waits for a look again, and so does whoever may be the person of either.
/// If the other has gone into a third meanwhile, that one stands for it.
pub(super) async fn taken_apart(
    tx: &mut Tx,
    org: OrgId,
    twins: &Twins,
    (kept, gone): (CaseId, CaseId),
    now: Millis,
) -> Result<(), DbError> {
    let end = end_of(tx, org, kept).await?;
    if end != kept {
        drop_pending(tx, org, (kept, gone)).await?;
        add_pending(tx, org, (end, gone), twins.why, now).await?;
    }
    let of_gone = group(tx, org, gone).await?;
    for third in pending_with(tx, org, end).await? {
        let of_third = group(tx, org, third).await?;
        let why = common(tx, org, &of_gone, &of_third).await?;
        if third != gone && why != 0 {
            add_pending(tx, org, (gone, third), why, now).await?;
        }
    }
    forget_strangers(tx, org, end, Some(gone)).await?;
    // Whoever came meanwhile was asked of the one that went on.
    find_around(tx, org, end, now).await?;
    find_around(tx, org, gone, now).await.map(drop)
}

/// Drops the question whether this case and another are one person where they have nothing in common any more, nor
/// those who have gone into them; but for one other.
pub(in crate::store) async fn forget_strangers(
    tx: &mut Tx,
    org: OrgId,
    case: CaseId,
    but: Option<CaseId>,
) -> Result<(), DbError> {
    let own = group(tx, org, case).await?;
    for third in pending_with(tx, org, case).await? {
        let of_third = group(tx, org, third).await?;
        if but != Some(third) && common(tx, org, &own, &of_third).await? == 0 {
            drop_pending(tx, org, (case, third)).await?;
        }
    }
    Ok(())
}

/// What a case has gone into at last; itself if into nothing.
async fn end_of(tx: &mut Tx, org: OrgId, case: CaseId) -> Result<CaseId, DbError> {
    let mut end = case;
    while let Some(row) = tx.query_opt(MERGED_INTO, params![org, end]).await? {
        end = row.get(0)?;
    }
    Ok(end)
}

/// A case and everything that has gone into it, one after the other.
async fn group(tx: &mut Tx, org: OrgId, case: CaseId) -> Result<Vec<CaseId>, DbError> {
    let mut all = vec![case];
    let mut seen = 0;
    while let Some(one) = all.get(seen).copied() {
        all.extend(others(&tx.query(GONE_INTO, params![org, one]).await?)?);
        seen += 1;
    }
    Ok(all)
}

async fn pending_with(tx: &mut Tx, org: OrgId, case: CaseId) -> Result<Vec<CaseId>, DbError> {
    others(&tx.query(PENDING_WITH, params![org, case]).await?)
}

fn others(rows: &[db::Row]) -> Result<Vec<CaseId>, DbError> {
    rows.iter().map(|row| row.get(0)).collect()
}

/// By what cases of the one group are the person of a case of the other: bits of [`KeyKind::twin_bit`].
async fn common(tx: &mut Tx, org: OrgId, one: &[CaseId], other: &[CaseId]) -> Result<i64, DbError> {
    let mut why = 0;
    for row in tx.query(COMMON, params![org, json(&one), json(&other)]).await? {
        let kind: i64 = row.get(0)?;
        let known = KeyKind::TWINS.into_iter().find(|known| *known as i64 == kind);
        why |= known.map_or(0, KeyKind::twin_bit);
    }
    Ok(why)
}

async fn add_pending(
    tx: &mut Tx,
    org: OrgId,
    (one, other): (CaseId, CaseId),
    why: i64,
    now: Millis,
) -> Result<(), DbError> {
    let params = params![org, one.min(other), one.max(other), why, now];
    tx.execute(ADD_PENDING, params).await.map(drop)
}

async fn drop_pending(tx: &mut Tx, org: OrgId, (one, other): (CaseId, CaseId)) -> Result<(), DbError> {
    let params = params![org, one.min(other), one.max(other)];
    tx.execute(DROP_PENDING, params).await.map(drop)
}
