//! Statements of cases that may be one person: found when a case comes in, decided by a person, never in the way.

use std::collections::HashMap;
use std::sync::Arc;

use base::clock::Millis;
use base::id::{CaseId, OfficeId, OrgId, StaffId};
use db::{Db, DbError, OrgVault, Reference, Row, Tx, params};
use lists::calls::{CallOutcome, settle_case};
use serde::{Deserialize, Serialize};

use super::cases::word;
use super::events::{NewEvent, add, sealed_detail};
use super::json;
use crate::case::{Case, CaseChange, CaseState, EventDetail, EventKind};
use crate::keys::KeyKind;
use crate::limits;
use crate::notification::words;

pub(super) mod apart;
pub(super) mod taken;

macro_rules! find {
    ($nearest:literal, $side:literal) => {
        concat!(
            "
        WITH RECURSIVE keys AS MATERIALIZED (
            SELECT k.key_index, k.case_id, k.kind FROM {each $2} CROSS JOIN case_keys k
            WHERE +k.org_id = $1 AND k.case_id = CAST(each.value AS {bigint}) AND k.kind >= 11
            LIMIT (SELECT 50000)),
        pairs AS MATERIALIZED (
            SELECT n.case_id, n.kind, (
                SELECT ",
            $nearest,
            " FROM case_keys o WHERE o.org_id = $1 AND o.key_index = n.key_index AND ",
            $side,
            ") AS other_id
            FROM keys n),
        chain AS (
            SELECT p.case_id, p.kind, c.case_id AS other_id, c.merged_into
            FROM pairs p CROSS JOIN cases c
            WHERE c.org_id = $1 AND c.case_id = p.other_id AND c.received_at >= $4
            UNION
            SELECT n.case_id, n.kind, c.case_id, c.merged_into
            FROM chain n CROSS JOIN cases c
            WHERE c.org_id = $1 AND c.case_id = n.merged_into),
        found AS MATERIALIZED (SELECT case_id, other_id, kind FROM chain WHERE merged_into IS NULL)
        INSERT INTO case_twins (org_id, earlier_id, later_id, why, found_at, state)
        SELECT $1, CASE WHEN case_id < other_id THEN case_id ELSE other_id END,
            CASE WHEN case_id < other_id THEN other_id ELSE case_id END,
            SUM(DISTINCT CASE kind WHEN 11 THEN 1 WHEN 12 THEN 2 WHEN 13 THEN 4 WHEN 14 THEN 8 ELSE 16 END), $3, 'pending'
        FROM found WHERE case_id <> other_id
        GROUP BY 2, 3
        ON CONFLICT (org_id, earlier_id, later_id) DO NOTHING"
        )
    };
}

db::statements! {
    // For each case and each way to be the same person, the nearest other case: bounded, however many share a
    // careless value. One that was merged stands for what it was merged into, however often that happened.
    FIND_EARLIER = find!("MAX(o.case_id)", "o.case_id < n.case_id");
    FIND_LATER = find!("MIN(o.case_id)", "o.case_id > n.case_id");
    OF_CASE = "
        SELECT earlier_id, later_id, why, found_at, state, kept_id, decided_by, decided_at FROM case_twins
        WHERE org_id = $1 AND earlier_id = $2
        UNION ALL
        SELECT earlier_id, later_id, why, found_at, state, kept_id, decided_by, decided_at FROM case_twins
        WHERE +org_id = $1 AND later_id = $2
        ORDER BY 4 DESC LIMIT 50";
    PAIR = "
        SELECT earlier_id, later_id, why, found_at, state, kept_id, decided_by, decided_at FROM case_twins
        WHERE org_id = $1 AND earlier_id = $2 AND later_id = $3";
    EARLIER_OF = "
        SELECT t.later_id, c.reference FROM {each $2} CROSS JOIN case_twins t CROSS JOIN cases c
        WHERE +t.org_id = $1 AND t.later_id = CAST(each.value AS {bigint}) AND t.state = 'pending'
            AND c.org_id = $1 AND c.case_id = t.earlier_id
        ORDER BY t.later_id, t.earlier_id";
    // Pending pairs are few: whoever looks through them decides.
    PENDING = "
        SELECT t.earlier_id, t.later_id, t.why, t.found_at, t.state, t.kept_id, t.decided_by, t.decided_at
        FROM case_twins t
        CROSS JOIN cases e CROSS JOIN cases l
        WHERE t.org_id = $1 AND t.state = 'pending'
            AND e.org_id = t.org_id AND e.case_id = t.earlier_id AND l.org_id = t.org_id AND l.case_id = t.later_id
            AND (e.office_id = COALESCE($2, e.office_id) OR l.office_id = COALESCE($2, l.office_id))
        ORDER BY t.found_at, t.earlier_id, t.later_id LIMIT $3";
    DECIDE = "
        UPDATE case_twins SET state = $4, kept_id = $5, decided_by = $6, decided_at = $7
        WHERE org_id = $1 AND earlier_id = $2 AND later_id = $3 AND state = $8";
    MERGE = "
        UPDATE cases SET state = 'merged', merged_into = $3, version = version + 1
        WHERE org_id = $1 AND case_id = $2";
    // Of a third who may be the person of a case that was merged: it may be the person of the case that goes on. What
    // somebody said of those two already stays.
    MOVE_PENDING = "
        WITH pairs AS (
            SELECT later_id AS third_id, why, found_at FROM case_twins
            WHERE org_id = $1 AND earlier_id = $2 AND state = 'pending'
            UNION ALL
            SELECT earlier_id, why, found_at FROM case_twins
            WHERE +org_id = $1 AND later_id = $2 AND state = 'pending')
        INSERT INTO case_twins (org_id, earlier_id, later_id, why, found_at, state)
        SELECT $1, CASE WHEN third_id < $3 THEN third_id ELSE $3 END,
            CASE WHEN third_id < $3 THEN $3 ELSE third_id END, why, found_at, 'pending'
        FROM pairs WHERE third_id <> $3
        ON CONFLICT (org_id, earlier_id, later_id) DO NOTHING";
    DROP_PENDING_LATER = "
        DELETE FROM case_twins WHERE org_id = $1 AND earlier_id = $2 AND state = 'pending'";
    DROP_PENDING_EARLIER = "
        DELETE FROM case_twins WHERE +org_id = $1 AND later_id = $2 AND state = 'pending'";
    // Its entry of the call list was closed for the other's sake: what that says counts no more.
    TAKE_APART = "
        UPDATE cases SET state = $3, merged_into = NULL, version = version + 1, watch_at = NULL,
            contact_from = CASE WHEN contact = 'calling' THEN $4 ELSE contact_from END
        WHERE org_id = $1 AND case_id = $2 AND state = 'merged'";
}

words! {
    /// What was decided about two cases that may be one person.
    TwinState {
        /// Nobody has looked yet.
        Pending = "pending", "未確認";
        /// One person: one case goes on.
        Merged = "merged", "統合した";
        /// Two people.
        Distinct = "distinct", "別人と確認した";
    }
}

/// Two cases that may be one person.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Twins {
    /// The one that was there first.
    pub earlier: CaseId,
    /// The other.
    pub later: CaseId,
    /// What they have in common: bits of [`KeyKind::twin_bit`].
    why: i64,
    /// When it was noticed, UTC milliseconds.
    pub found_at: Millis,
    /// What was decided.
    pub state: TwinState,
    /// Which case goes on, of two that were merged.
    pub kept: Option<CaseId>,
    /// By whom and when.
    pub decided: Option<(StaffId, Millis)>,
}

impl Twins {
    /// What they have in common, in words.
    pub fn why(&self) -> Vec<&'static str> {
        let kinds = KeyKind::TWINS.into_iter();
        let common = kinds.filter(|kind| self.why & kind.twin_bit() != 0);
        common.filter_map(KeyKind::twin_label).collect()
    }

    /// The other of the two.
    pub fn other(&self, one: CaseId) -> CaseId {
        if one == self.earlier {
            self.later
        } else {
            self.earlier
        }
    }
}

/// What somebody decides about two cases.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// One person; this case goes on.
    Same {
        /// Which.
        kept: CaseId,
    },
    /// Two people.
    Distinct,
    /// What was decided is taken back.
    Undo,
}

/// Who decides, at which office.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Judge {
    /// Who.
    pub by: StaffId,
    /// Where.
    pub office: OfficeId,
}

/// The pairs that a case is one of, the newest first.
pub async fn of_case(db: &Db, org: OrgId, case: CaseId) -> Result<Vec<Twins>, DbError> {
    let rows = db.query(OF_CASE, params![org, case]).await?;
    rows.iter().map(twins_of).collect()
}

/// One pair.
pub async fn pair(db: &Db, org: OrgId, earlier: CaseId, later: CaseId) -> Result<Option<Twins>, DbError> {
    let row = db.query_opt(PAIR, params![org, earlier, later]).await?;
    row.map(|row| twins_of(&row)).transpose()
}

/// Pairs that nobody has looked at yet, of which one is this office's; oldest first.
pub async fn pending(
    db: &Db,
    org: OrgId,
    office: Option<OfficeId>,
    limit: u32,
) -> Result<Vec<Twins>, DbError> {
    let rows = db.query(PENDING, params![org, office, i64::from(limit)]).await?;
    rows.iter().map(twins_of).collect()
}

/// Of these cases, those that may be a person who came before, with the reference number of that case; nobody has looked
/// yet.
pub(crate) async fn earlier_of(
    db: &Db,
    org: OrgId,
    cases: &[CaseId],
) -> Result<HashMap<CaseId, Reference>, DbError> {
    let mut found = HashMap::new();
    for row in db.query(EARLIER_OF, params![org, json(&cases)]).await? {
        found.entry(row.get(0)?).or_insert(row.get(1)?);
    }
    Ok(found)
}

/// Writes down what was decided. `false` if it cannot be: somebody else was faster, or one of the two has gone into
/// a third; then nothing is changed. What was merged stays whole beside the other, so that it can be taken apart.
pub async fn decide(
    db: &Db,
    org: OrgId,
    twins: Twins,
    verdict: Verdict,
    judge: Judge,
) -> Result<bool, DbError> {
    let (vault, now) = (db.vault(org).await?, db.now());
    db.write(move |tx| {
        let vault = Arc::clone(&vault);
        Box::pin(async move {
            let decision = Decision {
                org,
                vault: &vault,
                judge,
                now,
            };
            decision.make(tx, twins, verdict).await
        })
    })
    .await
}

struct Decision<'a> {
    org: OrgId,
    vault: &'a OrgVault,
    judge: Judge,
    now: Millis,
}

impl Decision<'_> {
    async fn make(&self, tx: &mut Tx, twins: Twins, verdict: Verdict) -> Result<bool, DbError> {
        // Decisions of one database take turns from here on.
        tx.take_numbers("cases", 0).await?;
        let row = tx
            .query_opt(PAIR, params![self.org, twins.earlier, twins.later])
            .await?;
        let Some(now) = row
            .map(|row| twins_of(&row))
            .transpose()?
            .filter(|now| *now == twins)
        else {
            return Ok(false);
        };
        let Some(one) = self.case(tx, twins.earlier).await? else {
            return Ok(false);
        };
        let Some(two) = self.case(tx, twins.later).await? else {
            return Ok(false);
        };
        match (now.state, verdict) {
            (TwinState::Pending, Verdict::Same { kept }) => {
                let (kept, gone) = if kept == one.id { (one, two) } else { (two, one) };
                if kept.state == CaseState::Merged || gone.state.after(CaseChange::Merge).is_none() {
                    return Ok(false);
                }
                tx.execute(MERGE, params![self.org, gone.id, kept.id]).await?;
                // The person is one: nobody telephones for the other case as well.
                let whose = (gone.id, CallOutcome::NotNeeded);
                let why = format!("受付番号 {} に統合したため", kept.reference);
                settle_case(tx, self.org, self.vault, whose, (self.judge.by, &why), self.now).await?;
                self.set(tx, twins, TwinState::Merged, Some(kept.id)).await?;
                self.move_pending(tx, (gone.id, kept.id)).await?;
                let took = self.take(tx, &kept, &gone).await?;
                self.keep(tx, (kept.id, gone.id), EventKind::Merged, took).await
            }
            (TwinState::Pending, Verdict::Distinct) => {
                self.set(tx, twins, TwinState::Distinct, None).await?;
                let nothing = EventDetail::default();
                self.keep(tx, (one.id, two.id), EventKind::Distinct, nothing)
                    .await
            }
            (TwinState::Merged, Verdict::Undo) => {
                let (kept, gone) = if twins.kept == Some(one.id) {
                    (one, two)
                } else {
                    (two, one)
                };
                let change = CaseChange::TakeApart {
                    was_closed: gone.closed.is_some(),
                };
                let Some(state) = gone
                    .state
                    .after(change)
                    .filter(|_| gone.merged_into == Some(kept.id))
                else {
                    return Ok(false);
                };
                tx.execute(TAKE_APART, params![self.org, gone.id, state.as_str(), self.now])
                    .await?;
                self.set(tx, twins, TwinState::Pending, None).await?;
                apart::taken_apart(tx, self.org, &twins, (kept.id, gone.id), self.now).await?;
                let gave = self.give_back(tx, &kept, gone.id).await?;
                self.keep(tx, (kept.id, gone.id), EventKind::TakenApart, gave)
                    .await
            }
            (TwinState::Distinct, Verdict::Undo) => {
                self.set(tx, twins, TwinState::Pending, None).await?;
                Ok(true)
            }
            _ => Ok(false),
        }
    }

    /// Whom a case that has gone into another may be the same as, the other may be: else nobody could ever say so, and
    /// the person would be telephoned for both.
    async fn move_pending(&self, tx: &mut Tx, (gone, kept): (CaseId, CaseId)) -> Result<(), DbError> {
        tx.execute(MOVE_PENDING, params![self.org, gone, kept]).await?;
        for statement in [DROP_PENDING_LATER, DROP_PENDING_EARLIER] {
            tx.execute(statement, params![self.org, gone]).await?;
        }
        Ok(())
    }

    async fn case(&self, tx: &mut Tx, id: CaseId) -> Result<Option<Case>, DbError> {
        super::cases::case_in(tx, self.org, self.vault, None, id).await
    }

    async fn set(
        &self,
        tx: &mut Tx,
        twins: Twins,
        state: TwinState,
        kept: Option<CaseId>,
    ) -> Result<(), DbError> {
        let decided = (state != TwinState::Pending).then_some((self.judge.by, self.now));
        let (by, at) = decided.unzip();
        let params = params![
            self.org,
            twins.earlier,
            twins.later,
            state.as_str(),
            kept,
            by,
            at,
            twins.state.as_str(),
        ];
        tx.execute(DECIDE, params).await?;
        Ok(())
    }

    /// Both of them tell it; the first one, what it has of the other.
    async fn keep(
        &self,
        tx: &mut Tx,
        (one, two): (CaseId, CaseId),
        kind: EventKind,
        of_one: EventDetail,
    ) -> Result<bool, DbError> {
        for (case, other, detail) in [(one, two, of_one), (two, one, EventDetail::default())] {
            let detail = EventDetail {
                other: Some(other),
                ..detail
            };
            let event = NewEvent {
                case,
                by: Some(self.judge.by),
                office: Some(self.judge.office),
                kind,
                detail: sealed_detail(self.vault, case, &detail),
            };
            add(tx, self.org, self.now, event).await?;
        }
        Ok(true)
    }
}

fn twins_of(row: &Row) -> Result<Twins, DbError> {
    let (by, at): (Option<StaffId>, Option<Millis>) = (row.get(6)?, row.get(7)?);
    Ok(Twins {
        earlier: row.get(0)?,
        later: row.get(1)?,
        why: row.get(2)?,
        found_at: row.get(3)?,
        state: word(&row.get::<String>(4)?, TwinState::from_word)?,
        kept: row.get(5)?,
        decided: by.zip(at),
    })
}

/// Parks every pair of one of these new cases and an earlier one that may be the same person. Says how many.
pub(super) async fn find(tx: &mut Tx, org: OrgId, cases: &[CaseId], now: Millis) -> Result<u64, DbError> {
    let params = params![org, json(&cases), now, now - limits::TWIN_FOR];
    tx.execute(FIND_EARLIER, params).await
}

/// The same for a case that was corrected: later ones may be the same person as well.
pub(super) async fn find_around(tx: &mut Tx, org: OrgId, case: CaseId, now: Millis) -> Result<u64, DbError> {
    let earlier = find(tx, org, &[case], now).await?;
    let params = params![org, json(&[case]), now, now - limits::TWIN_FOR];
    Ok(earlier + tx.execute(FIND_LATER, params).await?)
}
