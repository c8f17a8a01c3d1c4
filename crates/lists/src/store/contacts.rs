//! Statements of the contact history. Hashes are looked up week by week, through `wanted` × `weeks`.
//!
//! The unary plus keeps SQLite from walking the organisation instead of the hashes.
//!
//! The limits in `wanted` and `weeks` cut nothing off: no `CHUNK` unfolds to as many. PostgreSQL, which cannot
//! know how many rows a JSON text unfolds to, takes an unknown limit for few, and goes through the indexes; with a
//! plain number it read all of the history.

use std::collections::{BTreeMap, HashMap, HashSet};

use base::clock::{DAY, Millis, japan_midnight};
use base::id::{ListId, MessageId, OfficeId, OrgId};
use db::{Db, DbError, Row, Tx, params};

use super::json;
use crate::contacts::{
    Asked, Earlier, InList, Key, NewContact, Occasion, Overlap, PersonKeys, Purpose, RowFacts, Whose,
    WrittenTo,
};

/// Rows of one statement; bounds its memory.
const CHUNK: usize = 2_000;
/// Lists with common rows that are told, the closest first.
const OVERLAPS: usize = 20;
const WEEK: Millis = 7 * DAY;

db::statements! {
    RECORD = "
        INSERT INTO contacts (org_id, message_id, list_id, office_id, purpose, at, week,
            phone_index, id_index, person_index, name_index, birth_index)
        SELECT $1, CAST(each.value ->> 0 AS {bigint}), $2, $3, $4, $5, $6,
            CAST(each.value ->> 1 AS {bigint}), CAST(each.value ->> 2 AS {bigint}),
            CAST(each.value ->> 3 AS {bigint}), CAST(each.value ->> 4 AS {bigint}),
            CAST(each.value ->> 5 AS {bigint})
        FROM {each $7} WHERE TRUE
        ON CONFLICT (org_id, message_id) DO NOTHING";
    WITHDRAW = "
        DELETE FROM contacts WHERE org_id = $1
            AND message_id IN (SELECT CAST(each.value AS {bigint}) FROM {each $2} LIMIT (SELECT 10000))";
    // Whose: 2 the same person, 0 somebody else, 1 nothing tells.
    BY_PHONE = "
        WITH wanted AS MATERIALIZED (
            SELECT CAST(each.value ->> 0 AS {bigint}) AS row_no, CAST(each.value ->> 1 AS {bigint}) AS phone,
                CAST(each.value ->> 2 AS {bigint}) AS id, CAST(each.value ->> 3 AS {bigint}) AS person
            FROM {each $2} LIMIT (SELECT 10000)),
        weeks AS MATERIALIZED (SELECT CAST(each.value AS {bigint}) AS week FROM {each $3} LIMIT (SELECT 10000))
        SELECT w.row_no, c.office_id, c.purpose,
            CASE WHEN c.id_index = w.id OR c.person_index = w.person THEN 2
                WHEN c.id_index <> w.id OR c.person_index <> w.person THEN 0 ELSE 1 END,
            COUNT(*), MAX(c.at)
        FROM wanted w CROSS JOIN weeks CROSS JOIN contacts c
        WHERE +c.org_id = $1 AND c.week = weeks.week AND c.phone_index = w.phone
            AND c.at >= $4 AND COALESCE(c.list_id, 0) <> $5
        GROUP BY 1, 2, 3, 4";
    // Not those that BY_PHONE has told.
    BY_ID = "
        WITH wanted AS MATERIALIZED (
            SELECT CAST(each.value ->> 0 AS {bigint}) AS row_no, CAST(each.value ->> 1 AS {bigint}) AS phone,
                CAST(each.value ->> 2 AS {bigint}) AS id
            FROM {each $2} LIMIT (SELECT 10000)),
        weeks AS MATERIALIZED (SELECT CAST(each.value AS {bigint}) AS week FROM {each $3} LIMIT (SELECT 10000))
        SELECT w.row_no, c.office_id, c.purpose, 2, COUNT(*), MAX(c.at)
        FROM wanted w CROSS JOIN weeks CROSS JOIN contacts c
        WHERE +c.org_id = $1 AND c.week = weeks.week AND c.id_index = w.id
            AND (c.phone_index = w.phone) IS NOT TRUE
            AND c.at >= $4 AND COALESCE(c.list_id, 0) <> $5
        GROUP BY 1, 2, 3, 4";
    // Not those that BY_PHONE or BY_ID has told.
    BY_PERSON = "
        WITH wanted AS MATERIALIZED (
            SELECT CAST(each.value ->> 0 AS {bigint}) AS row_no, CAST(each.value ->> 1 AS {bigint}) AS phone,
                CAST(each.value ->> 2 AS {bigint}) AS id, CAST(each.value ->> 3 AS {bigint}) AS person
            FROM {each $2} LIMIT (SELECT 10000)),
        weeks AS MATERIALIZED (SELECT CAST(each.value AS {bigint}) AS week FROM {each $3} LIMIT (SELECT 10000))
        SELECT w.row_no, c.office_id, c.purpose, 2, COUNT(*), MAX(c.at)
        FROM wanted w CROSS JOIN weeks CROSS JOIN contacts c
        WHERE +c.org_id = $1 AND c.week = weeks.week AND c.person_index = w.person
            AND (c.phone_index = w.phone OR c.id_index = w.id) IS NOT TRUE
            AND c.at >= $4 AND COALESCE(c.list_id, 0) <> $5
        GROUP BY 1, 2, 3, 4";
    SEEN_BY_PHONE = "
        WITH wanted AS MATERIALIZED (
            SELECT CAST(each.value ->> 1 AS {bigint}) AS phone FROM {each $2} LIMIT (SELECT 10000)),
        weeks AS MATERIALIZED (SELECT CAST(each.value AS {bigint}) AS week FROM {each $3} LIMIT (SELECT 10000))
        SELECT DISTINCT c.phone_index, c.id_index, c.person_index, c.name_index, c.birth_index
        FROM wanted w CROSS JOIN weeks CROSS JOIN contacts c
        WHERE +c.org_id = $1 AND c.week = weeks.week AND c.phone_index = w.phone
            AND c.at >= $4 AND COALESCE(c.list_id, 0) <> $5";
    SEEN_BY_ID = "
        WITH wanted AS MATERIALIZED (
            SELECT CAST(each.value ->> 2 AS {bigint}) AS id FROM {each $2} LIMIT (SELECT 10000)),
        weeks AS MATERIALIZED (SELECT CAST(each.value AS {bigint}) AS week FROM {each $3} LIMIT (SELECT 10000))
        SELECT DISTINCT c.phone_index, c.id_index, c.person_index, c.name_index, c.birth_index
        FROM wanted w CROSS JOIN weeks CROSS JOIN contacts c
        WHERE +c.org_id = $1 AND c.week = weeks.week AND c.id_index = w.id
            AND c.at >= $4 AND COALESCE(c.list_id, 0) <> $5";
    SEEN_BY_PERSON = "
        WITH wanted AS MATERIALIZED (
            SELECT CAST(each.value ->> 3 AS {bigint}) AS person FROM {each $2} LIMIT (SELECT 10000)),
        weeks AS MATERIALIZED (SELECT CAST(each.value AS {bigint}) AS week FROM {each $3} LIMIT (SELECT 10000))
        SELECT DISTINCT c.phone_index, c.id_index, c.person_index, c.name_index, c.birth_index
        FROM wanted w CROSS JOIN weeks CROSS JOIN contacts c
        WHERE +c.org_id = $1 AND c.week = weeks.week AND c.person_index = w.person
            AND c.at >= $4 AND COALESCE(c.list_id, 0) <> $5";
    MESSAGES_TO = "
        WITH weeks AS MATERIALIZED (SELECT CAST(each.value AS {bigint}) AS week FROM {each $3} LIMIT (SELECT 10000))
        SELECT c.phone_index, c.id_index, c.person_index, c.name_index, c.birth_index,
            c.message_id, c.office_id, c.list_id, c.purpose, c.at
        FROM weeks CROSS JOIN contacts c
        WHERE +c.org_id = $1 AND c.week = weeks.week AND c.phone_index = $2 AND c.at >= $4
        ORDER BY c.message_id";
    REMEMBER = "
        INSERT INTO list_row_keys (org_id, week, key_index, list_id)
        SELECT $1, $2, CAST(each.value AS {bigint}), $3 FROM {each $4} WHERE TRUE
        ON CONFLICT (org_id, week, key_index, list_id) DO NOTHING";
    REMEMBER_COUNT = "
        INSERT INTO list_row_counts (org_id, list_id, rows_known) VALUES ($1, $2, $3)
        ON CONFLICT (org_id, list_id) DO NOTHING";
    IN_LISTS = "
        WITH wanted AS MATERIALIZED (
            SELECT CAST(each.value ->> 0 AS {bigint}) AS row_no, CAST(each.value ->> 1 AS {bigint}) AS whose,
                CAST(each.value ->> 2 AS {bigint}) AS wanted_key
            FROM {each $2} LIMIT (SELECT 10000)),
        weeks AS MATERIALIZED (SELECT CAST(each.value AS {bigint}) AS week FROM {each $3} LIMIT (SELECT 10000))
        SELECT w.row_no, l.list_id, l.office_id, l.uploaded_at, MAX(w.whose)
        FROM wanted w CROSS JOIN weeks CROSS JOIN list_row_keys k CROSS JOIN line_lists l
        WHERE k.org_id = $1 AND k.week = weeks.week AND k.key_index = w.wanted_key AND k.list_id <> $5
            AND l.org_id = k.org_id AND l.list_id = k.list_id
            AND l.uploaded_at >= $4 AND l.withdrawn_at IS NULL
        GROUP BY 1, 2, 3, 4";
    SHARED = "
        WITH wanted AS MATERIALIZED (
            SELECT CAST(each.value AS {bigint}) AS wanted_key FROM {each $2} LIMIT (SELECT 10000)),
        weeks AS MATERIALIZED (SELECT CAST(each.value AS {bigint}) AS week FROM {each $3} LIMIT (SELECT 10000))
        SELECT k.list_id, COUNT(*) FROM wanted w CROSS JOIN weeks CROSS JOIN list_row_keys k
        WHERE k.org_id = $1 AND k.week = weeks.week AND k.key_index = w.wanted_key AND k.list_id <> $4
        GROUP BY k.list_id";
    LISTS_WITH = "
        SELECT l.list_id, l.office_id, l.uploaded_at, n.rows_known
        FROM {each $2} CROSS JOIN list_row_counts n CROSS JOIN line_lists l
        WHERE n.org_id = $1 AND n.list_id = CAST(each.value AS {bigint})
            AND l.org_id = $1 AND l.list_id = n.list_id AND l.uploaded_at >= $3 AND l.withdrawn_at IS NULL";
}

/// Records messages in the write that makes them: a message that is kept is recorded, and the other way round.
/// Rehearsals are not to be given.
pub async fn record(
    tx: &mut Tx,
    org: OrgId,
    occasion: &Occasion,
    contacts: &[NewContact],
) -> Result<(), DbError> {
    for chunk in contacts.chunks(CHUNK) {
        let rows: Vec<_> = chunk
            .iter()
            .map(|NewContact { message, keys }| {
                (message, keys.phone, keys.id, keys.person, keys.name, keys.birth)
            })
            .collect();
        let Occasion {
            office,
            purpose,
            list,
            at,
        } = *occasion;
        let week = at.div_euclid(WEEK);
        let params = params![org, list, office, purpose.as_str(), at, week, json(&rows)];
        tx.execute(RECORD, params).await?;
    }
    Ok(())
}

/// Forgets messages that certainly never left, in the write that cancels them.
pub async fn withdraw(tx: &mut Tx, org: OrgId, messages: &[MessageId]) -> Result<(), DbError> {
    for chunk in messages.chunks(CHUNK) {
        tx.execute(WITHDRAW, params![org, json(&chunk)]).await?;
    }
    Ok(())
}

/// What is known of each row, in the order of the rows.
pub async fn facts(
    db: &Db,
    org: OrgId,
    asked: &Asked,
    rows: &[PersonKeys],
) -> Result<Vec<RowFacts>, DbError> {
    let now = db.now();
    let search = Search::back(org, now, i64::from(asked.days) * DAY, asked.list);
    let today = Search::back(org, now, now - japan_midnight(now), asked.list);
    let mut facts = vec![RowFacts::default(); rows.len()];
    for (chunk, facts) in rows.chunks(CHUNK).zip(facts.chunks_mut(CHUNK)) {
        let mut told: BTreeMap<(usize, OfficeId, Purpose, Whose), (u32, Millis)> = BTreeMap::new();
        for sql in [BY_PHONE, BY_ID, BY_PERSON] {
            for row in search.run(db, sql, &wanted(chunk)).await? {
                let purpose = purpose_of(&row.get::<String>(2)?)?;
                let key = (row_no(&row)?, row.get(1)?, purpose, whose_of(row.get(3)?));
                let sum = told.entry(key).or_default();
                *sum = (sum.0 + row.get::<u32>(4)?, sum.1.max(row.get(5)?));
            }
        }
        for ((row_no, office, purpose, whose), (times, last_at)) in told {
            facts[row_no].contacts.push(Earlier {
                whose,
                office,
                purpose,
                last_at,
                times,
            });
        }
        for row in today.run(db, IN_LISTS, &wanted_in_lists(chunk)).await? {
            facts[row_no(&row)?].lists.push(list_of(&row, asked.office)?);
        }
        for one in facts {
            in_order(one, today.since);
        }
    }
    Ok(facts)
}

/// The surest and latest first. A list whose office has written today is told as what it became.
fn in_order(facts: &mut RowFacts, today: Millis) {
    let RowFacts { contacts, lists } = facts;
    contacts.sort_by_key(|one| std::cmp::Reverse((one.whose, one.last_at)));
    lists.retain(|list| {
        !contacts
            .iter()
            .any(|one| one.office == list.office && one.last_at >= today && one.whose >= list.whose)
    });
    lists.sort_by_key(|one| std::cmp::Reverse((one.whose, one.uploaded_at)));
}

/// Which rows to look for, since when, and in which list not.
struct Search {
    org: OrgId,
    weeks: String,
    since: Millis,
    except: i64,
}

impl Search {
    fn back(org: OrgId, now: Millis, by: Millis, except: Option<ListId>) -> Self {
        let since = now - by;
        Self {
            org,
            weeks: weeks(since, now),
            since,
            // No list has the number -1.
            except: except.map_or(-1, ListId::get),
        }
    }

    async fn run(&self, db: &Db, sql: db::Sql, wanted: &str) -> Result<Vec<Row>, DbError> {
        let params = params![self.org, wanted, self.weeks.as_str(), self.since, self.except];
        db.query(sql, params).await
    }
}

/// The weeks from `since` to `now`, and one more: another node's clock may be ahead.
pub(super) fn weeks(since: Millis, now: Millis) -> String {
    let weeks: Vec<i64> = (since.div_euclid(WEEK)..=now.div_euclid(WEEK) + 1).collect();
    json(&weeks)
}

pub(super) fn wanted(chunk: &[PersonKeys]) -> String {
    let rows = chunk.iter().enumerate();
    json(
        &rows
            .map(|(row_no, keys)| (row_no, keys.phone, keys.id, keys.person))
            .collect::<Vec<_>>(),
    )
}

/// One entry a key; whose it is told to be stands beside it.
fn wanted_in_lists(chunk: &[PersonKeys]) -> String {
    let rows = chunk.iter().enumerate();
    let keys = rows.flat_map(|(row_no, keys)| {
        [(2, keys.id), (2, keys.person), (1, keys.phone)]
            .into_iter()
            .filter_map(move |(whose, key)| Some((row_no, whose, key?)))
    });
    json(&keys.collect::<Vec<_>>())
}

fn list_of(row: &Row, asking: OfficeId) -> Result<InList, DbError> {
    let (list, office): (ListId, OfficeId) = (row.get(1)?, row.get(2)?);
    Ok(InList {
        whose: whose_of(row.get(4)?),
        office,
        list: (office == asking).then_some(list),
        uploaded_at: row.get(3)?,
    })
}

pub(super) fn row_no(row: &Row) -> Result<usize, DbError> {
    row.get::<u32>(0).map(|number| number as usize)
}

fn whose_of(code: i64) -> Whose {
    match code {
        2 => Whose::SamePerson,
        1 => Whose::SameNumber,
        _ => Whose::OtherPerson,
    }
}

pub(super) fn purpose_of(word: &str) -> Result<Purpose, DbError> {
    Purpose::from_word(word).ok_or_else(|| DbError::Statement(format!("no purpose is called {word}")))
}

/// What messages of the last `days` days know of the people in these rows: every different set of keys that shares
/// a number, an ID, or a name and birth date with one of them. Messages of `except`, the list in question, tell
/// nothing.
pub async fn sightings(
    db: &Db,
    org: OrgId,
    except: Option<ListId>,
    days: u32,
    rows: &[PersonKeys],
) -> Result<Vec<PersonKeys>, DbError> {
    let search = Search::back(org, db.now(), i64::from(days) * DAY, except);
    let mut seen = HashSet::new();
    let mut all = Vec::new();
    for chunk in rows.chunks(CHUNK) {
        for sql in [SEEN_BY_PHONE, SEEN_BY_ID, SEEN_BY_PERSON] {
            for row in search.run(db, sql, &wanted(chunk)).await? {
                let keys = keys_of(&row)?;
                if seen.insert(keys) {
                    all.push(keys);
                }
            }
        }
    }
    Ok(all)
}

fn keys_of(row: &Row) -> Result<PersonKeys, DbError> {
    Ok(PersonKeys {
        phone: row.get(0)?,
        id: row.get(1)?,
        person: row.get(2)?,
        name: row.get(3)?,
        birth: row.get(4)?,
    })
}

/// Messages to a number since then, oldest first, inside the write that wants to call them back.
pub async fn messages_to(
    tx: &mut Tx,
    org: OrgId,
    phone: Key,
    since: Millis,
    now: Millis,
) -> Result<Vec<WrittenTo>, DbError> {
    let params = params![org, phone, weeks(since, now), since];
    let rows = tx.query(MESSAGES_TO, params).await?;
    rows.iter()
        .map(|row| {
            Ok(WrittenTo {
                message: row.get(5)?,
                office: row.get(6)?,
                list: row.get(7)?,
                purpose: purpose_of(&row.get::<String>(8)?)?,
                at: row.get(9)?,
                keys: keys_of(row)?,
            })
        })
        .collect()
}

/// Remembers which rows a list has, in the write that keeps it. Mending a row later changes nothing here: lists
/// are compared as they came.
pub async fn remember_rows(
    tx: &mut Tx,
    org: OrgId,
    list: ListId,
    uploaded_at: Millis,
    rows: &[PersonKeys],
) -> Result<(), DbError> {
    let row_keys = RowKeys::of(rows);
    for part in row_keys.parts() {
        remember_keys(tx, org, list, uploaded_at, part).await?;
    }
    remember_count(tx, org, list, &row_keys).await
}

/// Everything by which the rows of a list are known again, each once.
pub(super) struct RowKeys {
    keys: Vec<Key>,
    different_rows: usize,
}

impl RowKeys {
    pub(super) fn of(rows: &[PersonKeys]) -> Self {
        let whole = different_rows(rows);
        let parts = rows.iter().flat_map(|keys| [keys.phone, keys.id, keys.person]);
        let mut keys: Vec<Key> = parts.flatten().chain(whole.iter().copied()).collect();
        keys.sort_unstable();
        keys.dedup();
        Self {
            keys,
            different_rows: whole.len(),
        }
    }

    /// As many as one statement takes.
    pub(super) fn parts(&self) -> impl Iterator<Item = &[Key]> {
        self.keys.chunks(CHUNK)
    }
}

pub(super) async fn remember_keys(
    tx: &mut Tx,
    org: OrgId,
    list: ListId,
    uploaded_at: Millis,
    keys: &[Key],
) -> Result<(), DbError> {
    let week = uploaded_at.div_euclid(WEEK);
    let params = params![org, week, list, json(&keys)];
    tx.execute(REMEMBER, params).await.map(|_| ())
}

pub(super) async fn remember_count(
    tx: &mut Tx,
    org: OrgId,
    list: ListId,
    keys: &RowKeys,
) -> Result<(), DbError> {
    let count = i64::try_from(keys.different_rows).unwrap_or(i64::MAX);
    tx.execute(REMEMBER_COUNT, params![org, list, count])
        .await
        .map(|_| ())
}

fn different_rows(rows: &[PersonKeys]) -> Vec<Key> {
    let mut whole: Vec<Key> = rows.iter().filter_map(PersonKeys::row).collect();
    whole.sort_unstable();
    whole.dedup();
    whole
}

/// Other lists of the last `days` days that have at least half of the rows of this one, or of which this one has
/// at least half: the closest first. Withdrawn lists are forgotten.
pub async fn overlaps(
    db: &Db,
    org: OrgId,
    list: Option<ListId>,
    days: u32,
    rows: &[PersonKeys],
) -> Result<Vec<Overlap>, DbError> {
    let search = Search::back(org, db.now(), i64::from(days) * DAY, list);
    let whole = different_rows(rows);
    let mut shared: HashMap<ListId, u32> = HashMap::new();
    for chunk in whole.chunks(CHUNK) {
        let params = params![org, json(&chunk), search.weeks.as_str(), search.except];
        for row in db.query(SHARED, params).await? {
            *shared.entry(row.get(0)?).or_default() += row.get::<u32>(1)?;
        }
    }
    let ids: Vec<ListId> = shared.keys().copied().collect();
    let here = u32::try_from(whole.len()).unwrap_or(u32::MAX);
    let mut found = Vec::new();
    for row in db
        .query(LISTS_WITH, params![org, json(&ids), search.since])
        .await?
    {
        let (list, there): (ListId, u32) = (row.get(0)?, row.get(3)?);
        let shared = shared.get(&list).copied().unwrap_or(0);
        if u64::from(shared) * 2 >= u64::from(here.min(there)) {
            found.push(Overlap {
                list,
                office: row.get(1)?,
                uploaded_at: row.get(2)?,
                shared,
                only_here: here.saturating_sub(shared),
                only_there: there.saturating_sub(shared),
            });
        }
    }
    found.sort_by_key(|one| (one.only_here + one.only_there, std::cmp::Reverse(one.uploaded_at)));
    found.truncate(OVERLAPS);
    Ok(found)
}
