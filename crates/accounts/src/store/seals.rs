//! Statements of the chain of the audit trail.

use base::clock::Millis;
use base::id::OrgId;
use db::{Db, DbError, Row, Tx, params};

use crate::chain::{BEGINNING, Link, SealHash, StoredEntry, from_hex, hex};

db::statements! {
    ORGS = "SELECT org_id FROM orgs ORDER BY org_id";
    HEAD = "SELECT seq, hash, entry_id FROM audit_seals WHERE org_id = $1 ORDER BY seq DESC LIMIT 1";
    SEAL_AT = "SELECT seq, hash, entry_id FROM audit_seals WHERE org_id = $1 AND seq = $2";
    ANY_UNSEALED = "
        SELECT e.entry_id FROM audit_entries e
        WHERE e.org_id = $1 AND e.entry_id >= $2 AND NOT EXISTS
            (SELECT 1 FROM audit_seals s WHERE s.org_id = e.org_id AND s.entry_id = e.entry_id)
        LIMIT 1";
    UNSEALED = "
        SELECT e.entry_id, e.at, e.staff_id, e.office_id, e.source_sealed, e.action, e.outcome,
            e.subject_kind, e.subject_id, e.detail_sealed
        FROM audit_entries e
        WHERE e.org_id = $1 AND e.entry_id >= $2 AND NOT EXISTS
            (SELECT 1 FROM audit_seals s WHERE s.org_id = e.org_id AND s.entry_id = e.entry_id)
        ORDER BY e.entry_id LIMIT $3";
    ADD_SEALS = "
        INSERT INTO audit_seals (org_id, seq, entry_id, hash)
        SELECT $1, CAST(each.value ->> 0 AS {bigint}), CAST(each.value ->> 1 AS {bigint}), each.value ->> 2
        FROM {each $2}";
    LINKS = "
        SELECT e.entry_id, e.at, e.staff_id, e.office_id, e.source_sealed, e.action, e.outcome,
            e.subject_kind, e.subject_id, e.detail_sealed, s.seq, s.entry_id, s.hash
        FROM audit_seals s
        LEFT JOIN audit_entries e ON e.org_id = s.org_id AND e.entry_id = s.entry_id
        WHERE s.org_id = $1 AND s.seq > $2 ORDER BY s.seq LIMIT $3";
    WAITING = "
        SELECT COUNT(*), MIN(e.entry_id) FROM audit_entries e
        WHERE e.org_id = $1 AND e.entry_id >= $2 AND NOT EXISTS
            (SELECT 1 FROM audit_seals s WHERE s.org_id = e.org_id AND s.entry_id = e.entry_id)";
    NOTE_CHECKPOINT = "INSERT INTO audit_checkpoints (org_id, at, seq) VALUES ($1, $2, $3)
        ON CONFLICT (org_id, at, seq) DO NOTHING";
    LAST_CHECKPOINT = "SELECT seq, at FROM audit_checkpoints WHERE org_id = $1 ORDER BY at DESC, seq DESC LIMIT 1";
}

/// The last seal of a chain.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Head {
    pub(crate) seq: i64,
    pub(crate) hash: SealHash,
    pub(crate) entry: i64,
}

impl Head {
    fn read(row: &Row) -> Result<Self, DbError> {
        Ok(Self {
            seq: row.get(0)?,
            hash: hash(row, 1)?,
            entry: row.get(2)?,
        })
    }
}

fn hash(row: &Row, index: usize) -> Result<SealHash, DbError> {
    let text: String = row.get(index)?;
    // What is no hash is no seal of ours: it fits no entry.
    Ok(from_hex(&text).unwrap_or([0xFF; 32]))
}

pub(crate) async fn orgs(db: &Db) -> Result<Vec<OrgId>, DbError> {
    let rows = db.query(ORGS, params![]).await?;
    rows.iter().map(|row| row.get(0)).collect()
}

pub(crate) async fn head(db: &Db, org: OrgId) -> Result<Option<Head>, DbError> {
    let row = db.query_opt(HEAD, params![org]).await?;
    row.as_ref().map(Head::read).transpose()
}

pub(crate) async fn seal_at(db: &Db, org: OrgId, seq: i64) -> Result<Option<Head>, DbError> {
    let row = db.query_opt(SEAL_AT, params![org, seq]).await?;
    row.as_ref().map(Head::read).transpose()
}

/// Whether an entry with this number or a later one has no seal.
pub(crate) async fn any_unsealed(db: &Db, org: OrgId, from: i64) -> Result<bool, DbError> {
    Ok(db.query_opt(ANY_UNSEALED, params![org, from]).await?.is_some())
}

/// How many entries from this number on have no seal, and the first of them.
pub(crate) async fn waiting(db: &Db, org: OrgId, from: i64) -> Result<(i64, Option<i64>), DbError> {
    let row = db.query_opt(WAITING, params![org, from]).await?;
    row.map_or(Ok((0, None)), |row| Ok((row.get(0)?, row.get(1)?)))
}

/// Seals up to `limit` entries from this number on, and says how many. Nodes take turns.
pub(crate) async fn seal(tx: &mut Tx, org: OrgId, from: i64, limit: i64) -> Result<usize, DbError> {
    tx.take_numbers("audit_seals", 0).await?;
    let head = tx.query_opt(HEAD, params![org]).await?;
    let head = head.as_ref().map(Head::read).transpose()?;
    let (mut seq, mut before) = head.map_or((0, BEGINNING), |head| (head.seq, head.hash));
    let rows = tx.query(UNSEALED, params![org, from, limit]).await?;
    let mut seals: Vec<(i64, i64, String)> = Vec::with_capacity(rows.len());
    for row in &rows {
        let entry = entry(row)?;
        before = entry.seal(org, &before);
        seq += 1;
        seals.push((seq, entry.id, hex(&before)));
    }
    if !seals.is_empty() {
        let json = serde_json::to_string(&seals).expect("numbers and texts always become JSON");
        tx.execute(ADD_SEALS, params![org, json]).await?;
    }
    Ok(seals.len())
}

fn entry(row: &Row) -> Result<StoredEntry, DbError> {
    Ok(StoredEntry {
        id: row.get(0)?,
        at: row.get(1)?,
        staff: row.get(2)?,
        office: row.get(3)?,
        source_sealed: row.get(4)?,
        action: row.get(5)?,
        outcome: row.get(6)?,
        subject_kind: row.get(7)?,
        subject: row.get(8)?,
        detail_sealed: row.get(9)?,
    })
}

/// Links of the chain after this one.
pub(crate) async fn links(db: &Db, org: OrgId, after: i64, limit: i64) -> Result<Vec<Link>, DbError> {
    let rows = db.query(LINKS, params![org, after, limit]).await?;
    let link = |row: &Row| {
        let known: Option<i64> = row.get(0)?;
        Ok(Link {
            seq: row.get(10)?,
            entry_id: row.get(11)?,
            hash: hash(row, 12)?,
            entry: known.map(|_| entry(row)).transpose()?,
        })
    };
    rows.iter().map(link).collect()
}

pub(crate) async fn note_checkpoint(db: &Db, org: OrgId, seq: i64, at: Millis) -> Result<(), DbError> {
    db.write(move |tx| {
        Box::pin(async move { tx.execute(NOTE_CHECKPOINT, params![org, at, seq]).await.map(drop) })
    })
    .await
}

/// Up to which seal, and when, a checkpoint was last written.
pub(crate) async fn last_checkpoint(db: &Db, org: OrgId) -> Result<Option<(i64, Millis)>, DbError> {
    let row = db.query_opt(LAST_CHECKPOINT, params![org]).await?;
    row.map(|row| Ok((row.get(0)?, row.get(1)?))).transpose()
}
