//! What came after somebody had asked: messages to the same people, and reports that close their numbers. Asked once
//! more inside the write that makes messages, set-wise, and only if anything came at all.
//!
//! For the limits in `wanted` and `weeks` and the unary plus see [`super::contacts`].

use std::collections::{HashMap, HashSet};

use base::clock::{DAY, Millis};
use base::id::{OrgId, WrongNumberId};
use db::{DbError, Tx, params};

use super::contacts::{wanted, weeks};
use super::json;
use crate::contacts::{Key, Later, PersonKeys};
use crate::numbers::WrongKind;

db::statements! {
    // A number alone tells of the same person as long as nothing says that it was somebody else's.
    WRITTEN_TO_SINCE = "
        WITH wanted AS MATERIALIZED (
            SELECT CAST(each.value ->> 0 AS {bigint}) AS row_no, CAST(each.value ->> 1 AS {bigint}) AS phone,
                CAST(each.value ->> 2 AS {bigint}) AS id, CAST(each.value ->> 3 AS {bigint}) AS person
            FROM {each $2} LIMIT (SELECT 10000)),
        weeks AS MATERIALIZED (SELECT CAST(each.value AS {bigint}) AS week FROM {each $3} LIMIT (SELECT 10000))
        SELECT w.row_no FROM wanted w CROSS JOIN weeks CROSS JOIN contacts c
        WHERE +c.org_id = $1 AND c.week = weeks.week AND c.phone_index = w.phone
            AND c.message_id >= $4 AND c.message_id < $5 AND c.purpose = $6
            AND (c.phone_index = CAST($7 AS {bigint})) IS NOT TRUE
            AND ((c.id_index = w.id OR c.person_index = w.person)
                OR (c.id_index <> w.id OR c.person_index <> w.person) IS NOT TRUE)
        UNION
        SELECT w.row_no FROM wanted w CROSS JOIN weeks CROSS JOIN contacts c
        WHERE +c.org_id = $1 AND c.week = weeks.week AND c.id_index = w.id
            AND c.message_id >= $4 AND c.message_id < $5 AND c.purpose = $6
            AND (c.phone_index = CAST($7 AS {bigint})) IS NOT TRUE
        UNION
        SELECT w.row_no FROM wanted w CROSS JOIN weeks CROSS JOIN contacts c
        WHERE +c.org_id = $1 AND c.week = weeks.week AND c.person_index = w.person
            AND c.message_id >= $4 AND c.message_id < $5 AND c.purpose = $6
            AND (c.phone_index = CAST($7 AS {bigint})) IS NOT TRUE";
    CLOSED_SINCE = "
        SELECT w.phone_index, w.kind, w.id_index, w.person_index
        FROM {each $2} CROSS JOIN wrong_numbers w
        WHERE +w.org_id = $1 AND w.phone_index = CAST(each.value AS {bigint}) AND w.report_id >= $3
            AND w.lifted_at IS NULL";
}

/// The places of those rows whose people were written to since, in the write that would write to them. At most a
/// few thousand rows at once.
pub async fn written_to_since(
    tx: &mut Tx,
    org: OrgId,
    later: &Later,
    now: Millis,
    rows: &[PersonKeys],
) -> Result<HashSet<usize>, DbError> {
    let Later {
        purpose,
        from,
        before,
        asked_at,
        not_at,
    } = *later;
    // Another node's clock may be behind.
    let weeks = weeks(asked_at - DAY, now);
    let purpose = purpose.as_str();
    let params = params![org, wanted(rows), weeks, from, before, purpose, not_at];
    let found = tx.query(WRITTEN_TO_SINCE, params).await?;
    found.iter().map(super::contacts::row_no).collect()
}

/// The places of those rows whose numbers were closed by this report or a later one that stands, in the write that
/// would write to them. At most a few thousand rows at once.
pub async fn closed_since(
    tx: &mut Tx,
    org: OrgId,
    from: WrongNumberId,
    rows: &[PersonKeys],
) -> Result<HashSet<usize>, DbError> {
    let mut phones: Vec<Key> = rows.iter().filter_map(|keys| keys.phone).collect();
    phones.sort_unstable();
    phones.dedup();
    let mut reports: HashMap<Key, Vec<(WrongKind, PersonKeys)>> = HashMap::new();
    for row in tx.query(CLOSED_SINCE, params![org, json(&phones), from]).await? {
        let kind: String = row.get(1)?;
        let kind = WrongKind::from_word(&kind)
            .ok_or_else(|| DbError::Statement(format!("no wrong number is called {kind}")))?;
        let person = PersonKeys {
            id: row.get(2)?,
            person: row.get(3)?,
            ..PersonKeys::default()
        };
        reports.entry(row.get(0)?).or_default().push((kind, person));
    }
    let closed = |row: &PersonKeys| {
        let reports = row.phone.and_then(|phone| reports.get(&phone));
        reports.is_some_and(|all| all.iter().any(|(kind, person)| kind.closes(person, row)))
    };
    let places = rows.iter().enumerate().filter(|(_, row)| closed(row));
    Ok(places.map(|(at, _)| at).collect())
}
