//! What the pages look at: a whole day at once, one broadcast as it moves, why messages did not arrive.

use std::collections::{HashMap, HashSet};

use base::clock::Millis;
use base::id::{BroadcastId, ListId, OrgId, TemplateId};
use db::{Db, DbError, params};

use super::broadcasts::{json, state_of};
use crate::broadcast::{Broadcast, Counts};
use crate::message::MessageState;

db::statements! {
    DAY_COUNTS = "
        SELECT broadcast_id, state, COUNT(*) FROM (
            SELECT b.broadcast_id, p.message_id, MAX(p.state) AS state
            FROM broadcasts b JOIN parts p ON p.org_id = b.org_id
                AND p.message_id BETWEEN b.first_message_id AND b.last_message_id
            WHERE b.org_id = $1 AND (b.created_at >= $2 AND b.created_at < $3
                OR b.scheduled_for >= $2 AND b.scheduled_for < $3)
            GROUP BY b.broadcast_id, p.message_id) AS one
        GROUP BY broadcast_id, state";
    PROGRESS = "
        SELECT state, COUNT(*), COUNT(lately), MIN(first_at), MAX(changed_at) FROM (
            SELECT MAX(state) AS state, MAX(CASE WHEN submitted_at > $4 THEN 1 END) AS lately,
                MIN(submitted_at) AS first_at, MAX(changed_at) AS changed_at
            FROM parts WHERE org_id = $1 AND message_id BETWEEN $2 AND $3 GROUP BY message_id) AS one
        GROUP BY state";
    CAUSES = "
        SELECT state, carrier_code, COUNT(*) FROM (
            SELECT MAX(state) AS state, MAX(carrier_code) AS carrier_code
            FROM parts WHERE org_id = $1 AND message_id BETWEEN $2 AND $3 GROUP BY message_id) AS one
        WHERE state IN (SELECT CAST(each.value AS {bigint}) FROM {each $4})
        GROUP BY state, carrier_code ORDER BY COUNT(*) DESC, state, carrier_code";
    LATEST_OF_LIST = "
        SELECT MAX(broadcast_id) FROM broadcasts WHERE org_id = $1 AND list_id = $2 AND origin <> 'correction'";
    LISTS_SENT_SINCE = "
        SELECT DISTINCT list_id FROM broadcasts
        WHERE org_id = $1 AND created_at >= $2 AND list_id IS NOT NULL";
    ANY_TRIED = "SELECT broadcast_id FROM broadcasts WHERE org_id = $1 AND stage <> 'training' LIMIT 1";
    TEMPLATE_NAMES = "
        SELECT template_id, name
        FROM {each $2} CROSS JOIN message_templates
        WHERE org_id = $1 AND template_id = CAST(each.value AS {bigint})";
}

/// How many messages of each broadcast started in `[from, to)`, or scheduled for it, are in which state, as stored: one statement
/// for a whole day.
pub async fn counts_between(
    db: &Db,
    org: OrgId,
    from: Millis,
    to: Millis,
) -> Result<HashMap<BroadcastId, Counts>, DbError> {
    let mut days = HashMap::<BroadcastId, Counts>::new();
    for row in db.query(DAY_COUNTS, params![org, from, to]).await? {
        days.entry(row.get(0)?)
            .or_default()
            .add(state_of(&row, 1)?, row.get(2)?);
    }
    Ok(days)
}

/// A broadcast as it moves.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Progress {
    /// Messages by state, as shown.
    pub counts: Counts,
    /// Messages handed over since the moment that was asked for.
    pub lately: u32,
    /// When the first message was handed over.
    pub first_handed_over: Option<Millis>,
    /// When anything last changed.
    pub changed_at: Option<Millis>,
}

/// How far a broadcast is at `now`, and how many messages were handed over after `since`.
pub async fn progress(
    db: &Db,
    org: OrgId,
    broadcast: &Broadcast,
    since: Millis,
    now: Millis,
) -> Result<Progress, DbError> {
    let mut progress = Progress::default();
    let (first, last) = broadcast.messages;
    for row in db.query(PROGRESS, params![org, first, last, since]).await? {
        progress
            .counts
            .add(broadcast.shown(state_of(&row, 0)?, now), row.get(1)?);
        progress.lately += row.get::<u32>(2)?;
        let began: Option<Millis> = row.get(3)?;
        progress.first_handed_over = [progress.first_handed_over, began].into_iter().flatten().min();
        progress.changed_at = progress.changed_at.max(row.get(4)?);
    }
    Ok(progress)
}

/// Messages that ended in the same way for the same reason.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SameCause {
    /// How they ended.
    pub state: MessageState,
    /// The carrier's code.
    pub code: Option<String>,
    /// How many.
    pub count: u32,
}

/// Why the messages in `states` are there, the most frequent reason first.
pub async fn causes(
    db: &Db,
    org: OrgId,
    broadcast: &Broadcast,
    states: &[MessageState],
) -> Result<Vec<SameCause>, DbError> {
    let (first, last) = broadcast.messages;
    let wanted: Vec<i64> = states.iter().map(|state| state.code()).collect();
    let rows = db.query(CAUSES, params![org, first, last, json(&wanted)]).await?;
    rows.iter()
        .map(|row| {
            Ok(SameCause {
                state: state_of(row, 0)?,
                code: row.get(1)?,
                count: row.get(2)?,
            })
        })
        .collect()
}

/// The newest broadcast that was started from a list in the browser. One for a corrected number was not confirmed
/// from the list.
pub async fn latest_of_list(db: &Db, org: OrgId, list: ListId) -> Result<Option<BroadcastId>, DbError> {
    let row = db.query_opt(LATEST_OF_LIST, params![org, list]).await?;
    row.map_or(Ok(None), |row| row.get(0))
}

/// Whether somebody has tried a text on their own phone, or written to people. An exercise with a list is neither.
pub async fn any_tried(db: &Db, org: OrgId) -> Result<bool, DbError> {
    Ok(db.query_opt(ANY_TRIED, params![org]).await?.is_some())
}

/// The lists from which something was sent since `from`.
pub async fn lists_sent_since(db: &Db, org: OrgId, from: Millis) -> Result<HashSet<ListId>, DbError> {
    db.query(LISTS_SENT_SINCE, params![org, from])
        .await?
        .iter()
        .map(|row| row.get(0))
        .collect()
}

/// The names of these templates, whether they are put away or not.
pub async fn template_names(
    db: &Db,
    org: OrgId,
    ids: impl Iterator<Item = TemplateId>,
) -> Result<HashMap<TemplateId, String>, DbError> {
    let ids: HashSet<i64> = ids.map(TemplateId::get).collect();
    let rows = db.query(TEMPLATE_NAMES, params![org, json(&ids)]).await?;
    rows.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect()
}
