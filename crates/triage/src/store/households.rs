//! Statements by which people who belong together are found.

use std::collections::{HashMap, HashSet};

use base::clock::Millis;
use base::id::{CaseId, HouseholdId, OrgId};
use db::{DbError, Tx, params};

use super::json;
use crate::keys::CaseKey;
use crate::limits;

db::statements! {
    // The newest case with each key: one step into the tree a key, however many have it.
    HOUSEHOLDS = "
        WITH wanted AS MATERIALIZED (SELECT CAST(each.value AS {bigint}) AS key FROM {each $2} LIMIT (SELECT 50000)),
        newest AS MATERIALIZED (
            SELECT w.key, (
                SELECT MAX(k.case_id) FROM case_keys k
                WHERE k.org_id = $1 AND k.key_index = w.key AND k.case_id <> $4) AS case_id
            FROM wanted w)
        SELECT n.key, c.household_id FROM newest n CROSS JOIN cases c
        WHERE c.org_id = $1 AND c.case_id = n.case_id AND c.received_at >= $3";
}

/// Who belongs together: the households that somebody with one of these keys has.
pub(super) struct Households(HashMap<i64, HouseholdId>);

impl Households {
    /// Those of the newest cases with these keys, but for one case.
    pub(super) async fn around(
        tx: &mut Tx,
        org: OrgId,
        keys: &[CaseKey],
        except: Option<CaseId>,
        now: Millis,
    ) -> Result<Self, DbError> {
        let wanted: HashSet<i64> = keys.iter().map(|key| key.index()).collect();
        if wanted.is_empty() {
            return Ok(Self(HashMap::new()));
        }
        let except = except.map_or(0, CaseId::get);
        let params = params![org, json(&wanted), now - limits::HOUSEHOLD_FOR, except];
        let rows = tx.query(HOUSEHOLDS, params).await?;
        let known = rows.iter().map(|row| Ok((row.get(0)?, row.get(1)?)));
        known.collect::<Result<_, DbError>>().map(Self)
    }

    /// The household of whoever has the first of these keys that somebody has.
    pub(super) fn of(&self, keys: &[CaseKey]) -> Option<HouseholdId> {
        keys.iter().find_map(|key| self.0.get(&key.index()).copied())
    }

    /// Whoever has one of these keys from now on belongs to it.
    pub(super) fn add(&mut self, keys: &[CaseKey], household: HouseholdId) {
        for key in keys {
            self.0.entry(key.index()).or_insert(household);
        }
    }
}
