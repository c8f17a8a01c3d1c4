//! Statements of cases that may be one person: found when a case comes in, decided by a person, never in the way.

use base::clock::Millis;
use base::id::{CaseId, OrgId};
use db::{DbError, Tx, params};

use super::json;
use crate::limits;

db::statements! {
    // For each new case and each way to be the same person, the newest earlier case: bounded, however many share
    // a careless value. One that was merged stands for what it was merged into.
    FIND = "
        WITH keys AS MATERIALIZED (
            SELECT k.key_index, k.case_id, k.kind FROM {each $2} CROSS JOIN case_keys k
            WHERE +k.org_id = $1 AND k.case_id = CAST(each.value AS {bigint}) AND k.kind >= 11
            LIMIT (SELECT 50000)),
        pairs AS MATERIALIZED (
            SELECT n.case_id AS later_id, n.kind, (
                SELECT MAX(o.case_id) FROM case_keys o
                WHERE o.org_id = $1 AND o.key_index = n.key_index AND o.case_id < n.case_id) AS earlier_id
            FROM keys n)
        INSERT INTO case_twins (org_id, earlier_id, later_id, why, found_at, state)
        SELECT $1, COALESCE(c.merged_into, c.case_id), p.later_id,
            SUM(DISTINCT CASE p.kind WHEN 11 THEN 1 WHEN 12 THEN 2 WHEN 13 THEN 4 ELSE 8 END), $3, 'pending'
        FROM pairs p CROSS JOIN cases c
        WHERE c.org_id = $1 AND c.case_id = p.earlier_id AND c.received_at >= $4
            AND COALESCE(c.merged_into, c.case_id) <> p.later_id
        GROUP BY 2, 3
        ON CONFLICT (org_id, earlier_id, later_id) DO NOTHING";
}

/// Parks every pair of one of these cases and an earlier one that may be the same person. Says how many.
pub(super) async fn find(tx: &mut Tx, org: OrgId, cases: &[CaseId], now: Millis) -> Result<u64, DbError> {
    let params = params![org, json(&cases), now, now - limits::TWIN_FOR];
    tx.execute(FIND, params).await
}
