//! Statements of the inbox: how replies are read, worked on and erased, and the organisation's rule about them.

use base::clock::Millis;
use base::id::{IncidentId, MessageId, OfficeId, OrgId, ReplyId, StaffId, WrongNumberId};
use db::vault::ERASED;
use db::{Db, DbError, Field, OrgVault, Row, params};
use lists::store::erase::Held;

use super::broadcasts::json;
use super::replies::{NUMBER, TEXT, row_of};
use crate::reply::{Keyword, Reply, ReplyEvent, ReplyRule, ReplyState, joined};

const NOTE: Field = Field("replies.note");
/// Stands for a part that has not come.
const MISSING: &str = "（この部分は届いていません）";

db::statements! {
    PARTS = "
        SELECT p.reply_id, p.part_no, p.text_sealed, p.times FROM {each $2} CROSS JOIN reply_parts p
        WHERE p.org_id = $1 AND p.reply_id = CAST(each.value AS {bigint}) ORDER BY p.reply_id, p.part_no";
    RULE = "
        SELECT stop_text, wrong_text, version FROM reply_rules WHERE org_id = $1 ORDER BY version DESC LIMIT 1";
    REPLY = "
        SELECT reply_id, office_id, number_sealed, message_id, part_count, received_at, completed_at, keyword,
            report_id, incident_id, state, read_by, read_at, handled_by, handled_at, note_sealed
        FROM replies WHERE org_id = $1 AND reply_id = $2 AND office_id = COALESCE($3, office_id)";
    REPLIES = "
        SELECT reply_id, office_id, number_sealed, message_id, part_count, received_at, completed_at, keyword,
            report_id, incident_id, state, read_by, read_at, handled_by, handled_at, note_sealed
        FROM replies
        WHERE org_id = $1 AND office_id = COALESCE($2, office_id) AND state = COALESCE(CAST($3 AS TEXT), state)
        ORDER BY reply_id DESC LIMIT $4 OFFSET $5";
    REPLY_COUNT = "
        SELECT COUNT(*) FROM replies
        WHERE org_id = $1 AND office_id = COALESCE($2, office_id) AND state = COALESCE(CAST($3 AS TEXT), state)";
    UNREAD_REPLIES = "
        SELECT COUNT(*) FROM replies
        WHERE org_id = $1 AND office_id = COALESCE($2, office_id) AND state = 'new'";
    TO_MESSAGES = "
        SELECT r.reply_id, r.message_id, r.received_at, r.keyword, r.state, r.office_id, r.completed_at
        FROM {each $2} CROSS JOIN replies r
        WHERE +r.org_id = $1 AND r.message_id = CAST(each.value AS {bigint}) ORDER BY r.reply_id";
    STATE = "SELECT state FROM replies WHERE org_id = $1 AND reply_id = $2 {locked replies}";
    SET_READ = "
        UPDATE replies SET state = $3, read_by = COALESCE(read_by, CAST($4 AS {bigint})),
            read_at = COALESCE(read_at, CAST($5 AS {bigint})), handled_by = NULL, handled_at = NULL
        WHERE org_id = $1 AND reply_id = $2";
    SET_HANDLED = "
        UPDATE replies SET state = $3, handled_by = $4, handled_at = $5,
            note_sealed = COALESCE(CAST($6 AS TEXT), note_sealed)
        WHERE org_id = $1 AND reply_id = $2";
    SAVE_RULE = "
        INSERT INTO reply_rules (org_id, version, stop_text, wrong_text, saved_by, saved_at)
        SELECT $1, COALESCE(MAX(version), 0) + 1, CAST($2 AS TEXT), CAST($3 AS TEXT), $4, $5
        FROM reply_rules WHERE org_id = $1";
    DUE = "
        SELECT reply_id FROM replies
        WHERE org_id = $1 AND received_at < $2 AND number_sealed <> $3
            AND NOT EXISTS (SELECT 1 FROM {each $4}
                WHERE message_id BETWEEN CAST(each.value ->> 0 AS {bigint}) AND CAST(each.value ->> 1 AS {bigint}))
        ORDER BY reply_id";
    ERASE = "
        UPDATE replies SET number_sealed = $3, number_index = 0, note_sealed = NULL
        WHERE org_id = $1 AND reply_id IN (SELECT CAST(each.value AS {bigint}) FROM {each $2})";
    ERASE_PARTS = "
        UPDATE reply_parts SET text_sealed = $3, fingerprint = 0
        WHERE org_id = $1 AND reply_id IN (SELECT CAST(each.value AS {bigint}) FROM {each $2})";
}

/// `None` after it was erased.
fn part_of(row: &Row, vault: &OrgVault) -> Result<Option<Vec<u16>>, DbError> {
    let sealed: String = row.get(2)?;
    if sealed == ERASED {
        return Ok(None);
    }
    let part_no = u8::try_from(row.get::<i64>(1)?).map_err(|_| DbError::Sealed(TEXT.0))?;
    let octets = vault.open_bytes(TEXT, row_of(row.get(0)?, part_no), &sealed)?;
    let (pairs, _) = octets.as_chunks::<2>();
    Ok(Some(pairs.iter().map(|pair| u16::from_be_bytes(*pair)).collect()))
}

pub(super) fn units_of(row: &Row, vault: &OrgVault) -> Result<Vec<u16>, DbError> {
    Ok(part_of(row, vault)?.unwrap_or_default())
}

fn reply_of(row: &Row, vault: &OrgVault) -> Result<(Reply, i64), DbError> {
    let id: ReplyId = row.get(0)?;
    let sealed: String = row.get(2)?;
    let open = |field, sealed: String| vault.open(field, id.get(), &sealed);
    let keyword: Option<String> = row.get(7)?;
    let state: String = row.get(10)?;
    let reply = Reply {
        id,
        office: row.get(1)?,
        from: if sealed == ERASED {
            None
        } else {
            Some(open(NUMBER, sealed)?)
        },
        text: String::new(),
        answers: row.get(3)?,
        at: row.get(5)?,
        is_whole: row.get::<Option<Millis>>(6)?.is_some(),
        times: 1,
        keyword: keyword.as_deref().and_then(Keyword::from_word),
        report: row.get::<Option<WrongNumberId>>(8)?,
        incident: row.get::<Option<IncidentId>>(9)?,
        state: ReplyState::from_word(&state)
            .ok_or_else(|| DbError::Statement(format!("no state of a reply is called {state}")))?,
        read: row.get::<Option<StaffId>>(11)?.zip(row.get(12)?),
        handled: row.get::<Option<StaffId>>(13)?.zip(row.get(14)?),
        note: row
            .get::<Option<String>>(15)?
            .map(|sealed| open(NOTE, sealed))
            .transpose()?,
    };
    Ok((reply, row.get(4)?))
}

/// Puts the texts together, each from its parts.
async fn with_texts(db: &Db, org: OrgId, vault: &OrgVault, rows: &[Row]) -> Result<Vec<Reply>, DbError> {
    let mut replies = Vec::with_capacity(rows.len());
    for row in rows {
        replies.push(reply_of(row, vault)?);
    }
    let ids: Vec<ReplyId> = replies.iter().map(|(reply, _)| reply.id).collect();
    let parts = db.query(PARTS, params![org, json(&ids)]).await?;
    for (reply, total) in &mut replies {
        let mut units: Vec<u16> = Vec::new();
        let mut is_erased = false;
        for part_no in 1..=*total {
            let found = parts.iter().find(|row| {
                row.get::<ReplyId>(0).is_ok_and(|id| id == reply.id)
                    && row.get::<i64>(1).is_ok_and(|part| part == part_no)
            });
            let Some(row) = found else {
                units.extend(MISSING.encode_utf16());
                continue;
            };
            reply.times = reply.times.max(row.get(3)?);
            match part_of(row, vault)? {
                Some(part) => units.extend(part),
                None => is_erased = true,
            }
        }
        reply.text = if is_erased {
            "消去済み".to_owned()
        } else {
            joined(&units)
        };
    }
    Ok(replies.into_iter().map(|(reply, _)| reply).collect())
}

/// One reply of this office; `None` for an office stands for all.
pub async fn reply(
    db: &Db,
    org: OrgId,
    office: Option<OfficeId>,
    id: ReplyId,
) -> Result<Option<Reply>, DbError> {
    let vault = db.vault(org).await?;
    let rows = db.query(REPLY, params![org, id, office]).await?;
    Ok(with_texts(db, org, &vault, &rows).await?.pop())
}

/// Replies of this office, the newest first; of one state, or of all.
pub async fn replies(
    db: &Db,
    org: OrgId,
    office: Option<OfficeId>,
    state: Option<ReplyState>,
    (limit, offset): (i64, i64),
) -> Result<Vec<Reply>, DbError> {
    let vault = db.vault(org).await?;
    let asked = params![org, office, state.map(ReplyState::as_str), limit, offset];
    let rows = db.query(REPLIES, asked).await?;
    with_texts(db, org, &vault, &rows).await
}

/// How many there are.
pub async fn reply_count(
    db: &Db,
    org: OrgId,
    office: Option<OfficeId>,
    state: Option<ReplyState>,
) -> Result<u32, DbError> {
    let asked = params![org, office, state.map(ReplyState::as_str)];
    let row = db.query_opt(REPLY_COUNT, asked).await?;
    row.map_or(Ok(0), |row| row.get(0))
}

/// How many nobody has read.
pub async fn unread_replies(db: &Db, org: OrgId, office: Option<OfficeId>) -> Result<u32, DbError> {
    let row = db.query_opt(UNREAD_REPLIES, params![org, office]).await?;
    row.map_or(Ok(0), |row| row.get(0))
}

/// A reply to a message, as a line of somebody's record tells it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ReplyTo {
    /// Its number.
    pub id: ReplyId,
    /// The message that it answers.
    pub message: MessageId,
    /// When it came.
    pub at: Millis,
    /// What was done by itself.
    pub keyword: Option<Keyword>,
    /// How far the work on it is.
    pub state: ReplyState,
    /// Whose it is to read.
    pub office: OfficeId,
    /// Whether all of it is there.
    pub is_whole: bool,
}

impl ReplyTo {
    /// Whether somebody answered with it: words that act say that the message is not wanted, or not theirs.
    pub const fn is_answer(&self) -> bool {
        self.is_whole && self.keyword.is_none()
    }
}

/// What came back to these messages, in order of arrival. For whoever may see the messages.
pub async fn replies_to(db: &Db, org: OrgId, messages: &[MessageId]) -> Result<Vec<ReplyTo>, DbError> {
    let rows = db.query(TO_MESSAGES, params![org, json(&messages)]).await?;
    rows.iter()
        .map(|row| {
            let keyword: Option<String> = row.get(3)?;
            Ok(ReplyTo {
                id: row.get(0)?,
                message: row.get(1)?,
                at: row.get(2)?,
                keyword: keyword.as_deref().and_then(Keyword::from_word),
                state: ReplyState::from_word(&row.get::<String>(4)?).unwrap_or(ReplyState::New),
                office: row.get(5)?,
                is_whole: row.get::<Option<Millis>>(6)?.is_some(),
            })
        })
        .collect()
}

/// Keeps what somebody did about a reply. `false` if its state does not allow it: somebody was faster.
pub async fn mark_reply(
    db: &Db,
    org: OrgId,
    id: ReplyId,
    event: ReplyEvent,
    (by, note): (StaffId, Option<String>),
) -> Result<bool, DbError> {
    let now = db.now();
    let note = match note {
        Some(note) => Some(db.vault(org).await?.seal(NOTE, id.get(), &note)),
        None => None,
    };
    db.write(move |tx| {
        let note = note.clone();
        Box::pin(async move {
            let Some(row) = tx.query_opt(STATE, params![org, id]).await? else {
                return Ok(false);
            };
            let state = ReplyState::from_word(&row.get::<String>(0)?);
            let Some(next) = state.and_then(|state| state.on(event)) else {
                return Ok(false);
            };
            if next == ReplyState::Handled {
                let handled = params![org, id, next.as_str(), by, now, note];
                tx.execute(SET_HANDLED, handled).await?;
            } else {
                let read = params![org, id, next.as_str(), by, now];
                tx.execute(SET_READ, read).await?;
            }
            Ok(true)
        })
    })
    .await
}

pub(super) fn rule_of(row: &Row) -> Result<ReplyRule, DbError> {
    Ok(ReplyRule {
        stop: row.get(0)?,
        wrong: row.get(1)?,
    })
}

/// What is written back by itself; nothing, until the organisation says otherwise.
pub async fn reply_rule(db: &Db, org: OrgId) -> Result<ReplyRule, DbError> {
    let row = db.query_opt(RULE, params![org]).await?;
    Ok(row.as_ref().map(rule_of).transpose()?.unwrap_or_default())
}

/// From now on this is written back.
pub async fn save_reply_rule(db: &Db, org: OrgId, rule: ReplyRule, by: StaffId) -> Result<(), DbError> {
    let now = db.now();
    db.write(move |tx| {
        let rule = rule.clone();
        Box::pin(async move {
            tx.take_numbers("reply_rules", 0).await?;
            let params = params![org, rule.stop, rule.wrong, by, now];
            tx.execute(SAVE_RULE, params).await.map(drop)
        })
    })
    .await
}

/// Replies that came before, but for those to held messages.
pub(crate) async fn due_replies(
    db: &Db,
    org: OrgId,
    before: Millis,
    held: &Held,
) -> Result<Vec<i64>, DbError> {
    let rows = db
        .query(DUE, params![org, before, ERASED, json(&held.messages)])
        .await?;
    rows.iter().map(|row| row.get(0)).collect()
}

/// Takes numbers, texts and notes away; that somebody wrote, and what was done, stays.
pub(crate) async fn erase_replies(db: &Db, org: OrgId, replies: &[i64]) -> Result<(), DbError> {
    for chunk in replies.chunks(2_000) {
        let ids = json(&chunk);
        db.write(move |tx| {
            let ids = ids.clone();
            Box::pin(async move {
                tx.execute(ERASE, params![org, ids.as_str(), ERASED]).await?;
                tx.execute(ERASE_PARTS, params![org, ids.as_str(), ERASED])
                    .await
                    .map(drop)
            })
        })
        .await?;
    }
    Ok(())
}
