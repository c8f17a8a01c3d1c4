//! Erasing what is due of lists, calls, wrong numbers and the contact history.
//!
//! Counting and erasing ask by the same condition, so that what is told before is what is done. What is erased goes in
//! small commits: nobody's write waits for a long list. Rows that only count stay.

use base::clock::{DAY, Millis};
use base::id::{ListId, MessageId, OrgId};
use db::vault::ERASED;
use db::{Db, DbError, Sql, Tx, params};

use super::{files, json};

/// Rows of one commit.
const CHUNK: i64 = 1_000;
/// How long lists are compared with those before them, whatever the rule for lists says.
const OVERLAP: Millis = 7 * DAY;
/// An import that was stopped, or whose process died, is told for a day.
const IMPORT_TOLD: Millis = DAY;

db::statements! {
    DUE_LISTS = "
        SELECT list_id, row_count FROM line_lists
        WHERE org_id = $1 AND uploaded_at < $2 AND erased_at IS NULL
            AND list_id NOT IN (SELECT CAST(each.value AS {bigint}) FROM {each $3})
        ORDER BY list_id";
    ERASE_ROWS = "
        DELETE FROM list_rows WHERE org_id = $1 AND list_id = $2
            AND line IN (SELECT r.line FROM list_rows r WHERE r.org_id = $1 AND r.list_id = $2 LIMIT $3)";
    ERASE_CHANGES = "DELETE FROM list_row_changes WHERE org_id = $1 AND list_id = $2";
    ERASE_CHOICES = "DELETE FROM list_choices WHERE org_id = $1 AND list_id = $2";
    ERASE_COUNT = "DELETE FROM list_row_counts WHERE org_id = $1 AND list_id = $2";
    // A list without its rows is one that was taken off the desk.
    ERASE_HEAD = "
        UPDATE line_lists SET file_name_sealed = $3, understood_sealed = $3, headings_sealed = $3,
            fields_sealed = NULL, to_column = NULL, erased_at = $4, withdrawn_at = COALESCE(withdrawn_at, $4)
        WHERE org_id = $1 AND list_id = $2";
    FORGET_KEYS = "DELETE FROM list_row_keys WHERE org_id = $1 AND week < $2";
    DUE_IMPORTS = "
        SELECT list_id FROM list_imports
        WHERE org_id = $1 AND COALESCE(ended_at, beat_at) < $2 ORDER BY list_id";
    ERASE_IMPORT = "DELETE FROM list_imports WHERE org_id = $1 AND list_id = $2";

    DUE_CALLS = "
        SELECT call_id FROM calls
        WHERE org_id = $1 AND closed_at < $2 AND person_sealed <> $3
            AND COALESCE(list_id, 0) NOT IN (SELECT CAST(each.value AS {bigint}) FROM {each $4})
            AND NOT EXISTS (SELECT 1 FROM {each $5}
                WHERE message_id BETWEEN CAST(each.value ->> 0 AS {bigint}) AND CAST(each.value ->> 1 AS {bigint}))
        ORDER BY call_id";
    ERASE_CALL = "
        UPDATE calls SET person_sealed = $3, number_sealed = NULL, number_index = NULL, note_sealed = NULL
        WHERE org_id = $1 AND call_id = $2";
    ERASE_CALL_NOTES = "UPDATE call_events SET note_sealed = NULL WHERE org_id = $1 AND call_id = $2";

    DUE_WRONG = "
        SELECT report_id FROM wrong_numbers
        WHERE org_id = $1 AND reported_at < $2
            AND NOT EXISTS (SELECT 1 FROM {each $3}
                WHERE message_id BETWEEN CAST(each.value ->> 0 AS {bigint}) AND CAST(each.value ->> 1 AS {bigint}))
        ORDER BY report_id";
    ERASE_WRONG = "DELETE FROM wrong_numbers WHERE org_id = $1 AND report_id = $2";

    COUNT_CONTACTS = "
        SELECT COUNT(*) FROM contacts
        WHERE org_id = $1 AND at < $2
            AND COALESCE(list_id, 0) NOT IN (SELECT CAST(each.value AS {bigint}) FROM {each $3})
            AND NOT EXISTS (SELECT 1 FROM {each $4}
                WHERE message_id BETWEEN CAST(each.value ->> 0 AS {bigint}) AND CAST(each.value ->> 1 AS {bigint}))";
    DUE_CONTACTS = "
        SELECT message_id FROM contacts
        WHERE org_id = $1 AND at < $2
            AND COALESCE(list_id, 0) NOT IN (SELECT CAST(each.value AS {bigint}) FROM {each $3})
            AND NOT EXISTS (SELECT 1 FROM {each $4}
                WHERE message_id BETWEEN CAST(each.value ->> 0 AS {bigint}) AND CAST(each.value ->> 1 AS {bigint}))
        ORDER BY message_id LIMIT $5";
    ERASE_CONTACTS = "
        DELETE FROM contacts WHERE org_id = $1
            AND message_id IN (SELECT CAST(each.value AS {bigint}) FROM {each $2})";
}

/// What must not be erased for now.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Held {
    /// Lists.
    pub lists: Vec<ListId>,
    /// Messages, from one to the other.
    pub messages: Vec<(MessageId, MessageId)>,
}

impl Held {
    fn lists(&self) -> String {
        json(&self.lists)
    }

    fn messages(&self) -> String {
        json(&self.messages)
    }
}

/// Lists that were uploaded before, with how many rows each had.
pub async fn due_lists(
    db: &Db,
    org: OrgId,
    before: Millis,
    held: &Held,
) -> Result<Vec<(ListId, u64)>, DbError> {
    let rows = db.query(DUE_LISTS, params![org, before, held.lists()]).await?;
    rows.iter()
        .map(|row| Ok((row.get(0)?, row.get::<u32>(1)?.into())))
        .collect()
}

/// Erases everything of a list but that it was there.
pub async fn erase_list(db: &Db, org: OrgId, list: ListId) -> Result<(), DbError> {
    erase_rows(db, org, list).await?;
    let now = db.now();
    db.write(move |tx| {
        Box::pin(async move {
            for statement in [ERASE_CHANGES, ERASE_CHOICES, ERASE_COUNT] {
                tx.execute(statement, params![org, list]).await?;
            }
            files::erase_of_list(tx, org, list).await?;
            tx.execute(ERASE_HEAD, params![org, list, ERASED, now])
                .await
                .map(drop)
        })
    })
    .await
}

async fn erase_rows(db: &Db, org: OrgId, list: ListId) -> Result<(), DbError> {
    while 0 < run(db, ERASE_ROWS, params![org, list, CHUNK]).await? {}
    Ok(())
}

async fn run(db: &Db, sql: Sql, values: Vec<db::Value>) -> Result<u64, DbError> {
    db.write(move |tx| {
        let values = values.clone();
        Box::pin(async move { tx.execute(sql, values).await })
    })
    .await
}

/// Forgets which rows lists had that nothing is compared with any more, and files whose time is over.
pub async fn forget_keys(db: &Db, org: OrgId, before: Millis) -> Result<(), DbError> {
    let before = before.min(db.now() - OVERLAP);
    run(db, FORGET_KEYS, params![org, before.div_euclid(7 * DAY)]).await?;
    files::erase_over(db, org).await
}

/// Imports that ended, or fell silent, a day ago.
pub async fn due_imports(db: &Db, org: OrgId) -> Result<Vec<ListId>, DbError> {
    let rows = db
        .query(DUE_IMPORTS, params![org, db.now() - IMPORT_TOLD])
        .await?;
    rows.iter().map(|row| row.get(0)).collect()
}

/// Erases an import and what it had kept so far.
pub async fn erase_import(db: &Db, org: OrgId, list: ListId) -> Result<(), DbError> {
    erase_rows(db, org, list).await?;
    run(db, ERASE_IMPORT, params![org, list]).await.map(drop)
}

/// Calls that were closed before.
pub async fn due_calls(db: &Db, org: OrgId, before: Millis, held: &Held) -> Result<Vec<i64>, DbError> {
    let asked = params![org, before, ERASED, held.lists(), held.messages()];
    let rows = db.query(DUE_CALLS, asked).await?;
    rows.iter().map(|row| row.get(0)).collect()
}

/// Erases who was called and what was noted; that a call was made stays.
pub async fn erase_calls(db: &Db, org: OrgId, calls: &[i64]) -> Result<(), DbError> {
    each(db, calls, move |tx, call| {
        Box::pin(async move {
            tx.execute(ERASE_CALL, params![org, call, ERASED]).await?;
            tx.execute(ERASE_CALL_NOTES, params![org, call]).await.map(drop)
        })
    })
    .await
}

/// Numbers that were reported as wrong before.
pub async fn due_wrong(db: &Db, org: OrgId, before: Millis, held: &Held) -> Result<Vec<i64>, DbError> {
    let rows = db.query(DUE_WRONG, params![org, before, held.messages()]).await?;
    rows.iter().map(|row| row.get(0)).collect()
}

/// Erases reports of wrong numbers.
pub async fn erase_wrong(db: &Db, org: OrgId, reports: &[i64]) -> Result<(), DbError> {
    each(db, reports, move |tx, report| {
        Box::pin(async move { tx.execute(ERASE_WRONG, params![org, report]).await.map(drop) })
    })
    .await
}

/// `what` for each, many in a commit.
async fn each<F>(db: &Db, ids: &[i64], what: F) -> Result<(), DbError>
where
    F: for<'t> Fn(&'t mut Tx, i64) -> db::Work<'t, ()> + Copy + Send + Sync + 'static,
{
    for chunk in ids.chunks(usize::try_from(CHUNK).expect("a chunk is small")) {
        let chunk: std::sync::Arc<[i64]> = chunk.into();
        db.write(move |tx| {
            let chunk = std::sync::Arc::clone(&chunk);
            Box::pin(async move {
                for id in chunk.iter() {
                    what(tx, *id).await?;
                }
                Ok(())
            })
        })
        .await?;
    }
    Ok(())
}

/// How many contacts were made before.
pub async fn due_contacts(db: &Db, org: OrgId, before: Millis, held: &Held) -> Result<u64, DbError> {
    let asked = params![org, before, held.lists(), held.messages()];
    let row = db.query_opt(COUNT_CONTACTS, asked).await?;
    let count: i64 = row.map_or(Ok(0), |row| row.get(0))?;
    Ok(u64::try_from(count).unwrap_or(0))
}

/// Erases them, and says how many.
pub async fn erase_contacts(db: &Db, org: OrgId, before: Millis, held: &Held) -> Result<u64, DbError> {
    let mut erased = 0;
    loop {
        let asked = params![org, before, held.lists(), held.messages(), CHUNK];
        let rows = db.query(DUE_CONTACTS, asked).await?;
        let ids: Result<Vec<i64>, DbError> = rows.iter().map(|row| row.get(0)).collect();
        let ids = ids?;
        if ids.is_empty() {
            return Ok(erased);
        }
        erased += run(db, ERASE_CONTACTS, params![org, json(&ids)]).await?;
    }
}
