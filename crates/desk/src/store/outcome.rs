//! What whoever asked reads: answers, red flags, who has not answered yet.

use std::collections::{BTreeMap, HashMap};

use base::clock::Millis;
use base::id::{FormRequestId, MessageId, OrgId};
use db::vault::ERASED;
use db::{Db, DbError, OrgVault, Row, params};

use super::requests::language_of;
use super::visits::filling_of;
use super::{forms, json};
use crate::form::{Answer, Form, Key, Level};
use crate::limits::{ANSWERS_AT_ONCE, FOUND};
use crate::request::Subject;

/// So many ids travel in one statement.
pub(super) const CHUNK: usize = 5_000;

db::statements! {
    ANSWERS_OF = "
        SELECT r.request_id, r.version, r.asked_at, r.submitted_at, f.document, a.answers_sealed, r.language
        FROM form_requests r
        JOIN form_versions f ON f.org_id = r.org_id AND f.form_id = r.form_id AND f.version = r.version
        JOIN form_answers a ON a.org_id = r.org_id AND a.request_id = r.request_id
        WHERE r.org_id = $1 AND r.subject_kind = $2 AND r.subject_id = $3 AND r.submitted_at IS NOT NULL
        ORDER BY r.submitted_at DESC, r.request_id DESC LIMIT $4";
    FLAGS_SINCE = "
        SELECT g.request_id, r.subject_kind, r.subject_id, g.code, g.level, g.raised_at, g.cleared_at,
            r.submitted_at, f.document
        FROM form_flags g
        JOIN form_requests r ON r.org_id = g.org_id AND r.request_id = g.request_id
        JOIN form_versions f ON f.org_id = r.org_id AND f.form_id = r.form_id AND f.version = r.version
        WHERE g.org_id = $1 AND g.raised_at >= $2
        ORDER BY g.raised_at, g.request_id, g.code LIMIT $3";
    CLEARED_FLAGS = "
        SELECT g.request_id, g.code, g.cleared_at FROM {each $2} CROSS JOIN form_flags g
        WHERE g.org_id = $1 AND g.request_id = CAST(each.value AS {bigint}) AND g.cleared_at IS NOT NULL";
    UNANSWERED = "
        SELECT r.request_id, r.subject_kind, r.subject_id, f.form_key, r.message_id, r.asked_at, r.valid_until,
            r.opened_at, r.locked_at, r.language, a.changed_at
        FROM form_requests r
        JOIN forms f ON f.org_id = r.org_id AND f.form_id = r.form_id
        LEFT JOIN form_answers a ON a.org_id = r.org_id AND a.request_id = r.request_id
        WHERE r.org_id = $1 AND r.asked_at < $2 AND r.submitted_at IS NULL AND r.withdrawn_at IS NULL
            AND (r.asked_at > $3 OR (r.asked_at = $3 AND r.request_id > $4))
        ORDER BY r.asked_at, r.request_id LIMIT $5";
    CONTACTS_OF_MESSAGES = "
        SELECT r.message_id, MIN(r.opened_at), MIN(r.submitted_at)
        FROM {each $2} CROSS JOIN form_requests r
        WHERE r.org_id = $1 AND r.message_id = CAST(each.value AS {bigint})
        GROUP BY r.message_id";
    ANSWERED_SINCE = "
        SELECT r.request_id, r.version, r.asked_at, r.submitted_at, f.document, a.answers_sealed, r.language,
            r.subject_kind, r.subject_id
        FROM form_requests r
        JOIN form_versions f ON f.org_id = r.org_id AND f.form_id = r.form_id AND f.version = r.version
        JOIN form_answers a ON a.org_id = r.org_id AND a.request_id = r.request_id
        WHERE r.org_id = $1 AND r.submitted_at IS NOT NULL AND r.submitted_at >= $2
            AND (r.submitted_at > $2 OR r.request_id > $3)
        ORDER BY r.submitted_at, r.request_id LIMIT $4";
    ANSWERS_BY_SUBJECT = "
        SELECT r.subject_id, MAX(r.submitted_at)
        FROM {each $3} CROSS JOIN form_requests r
        WHERE r.org_id = $1 AND r.subject_kind = $2 AND r.subject_id = CAST(each.value AS {bigint})
            AND r.submitted_at >= CAST(0 AS {bigint})
        GROUP BY r.subject_id";
    /// What was sent, by when it was sent; what never was, by when its time was over. Nothing whose message is held.
    DUE = "
        SELECT COUNT(*) FROM form_requests r
        WHERE r.org_id = $1 AND COALESCE(r.submitted_at, r.valid_until) < $2 AND r.valid_until < $2
            AND r.birth_index <> ''
            AND NOT EXISTS (SELECT 1 FROM {each $3} WHERE r.message_id BETWEEN
                CAST(each.value ->> 0 AS {bigint}) AND CAST(each.value ->> 1 AS {bigint}))";
    ERASE_ANSWERS = "
        UPDATE form_answers SET answers_sealed = $3
        WHERE org_id = $1 AND answers_sealed <> $3 AND request_id IN (
            SELECT r.request_id FROM form_requests r
            WHERE r.org_id = $1 AND COALESCE(r.submitted_at, r.valid_until) < $2
                AND NOT EXISTS (SELECT 1 FROM {each $4} WHERE r.message_id BETWEEN
                    CAST(each.value ->> 0 AS {bigint}) AND CAST(each.value ->> 1 AS {bigint})))";
    ERASE_REQUESTS = "
        UPDATE form_requests SET birth_index = '', token_index = 'erased:' || CAST(request_id AS TEXT)
        WHERE org_id = $1 AND COALESCE(submitted_at, valid_until) < $2 AND valid_until < $2 AND birth_index <> ''
            AND NOT EXISTS (SELECT 1 FROM {each $3} WHERE form_requests.message_id BETWEEN
                CAST(each.value ->> 0 AS {bigint}) AND CAST(each.value ->> 1 AS {bigint}))";
}

/// One form that was answered and sent.
#[derive(Clone, Debug)]
pub struct Answered {
    /// Its request.
    pub request: FormRequestId,
    /// The form, in the version that was answered: its questions, in order.
    pub form: Form,
    /// Its version.
    pub version: i64,
    /// The language in which it was answered.
    pub language: web::Language,
    /// When it was asked.
    pub asked_at: Millis,
    /// When it was sent.
    pub submitted_at: Millis,
    /// The answers; empty once they were erased.
    pub answers: BTreeMap<Key, Answer>,
}

impl Answered {
    /// The red flags among the answers.
    pub fn red_flags(&self) -> Vec<(Level, &str)> {
        let filling = crate::form::Filling::of_delivered(self.answers.clone());
        let flags = filling.red_flags(&self.form).into_iter();
        flags.map(|flag| (flag.level, flag.label.as_str())).collect()
    }
}

/// Everything that was answered about a subject, newest first.
pub async fn answers_of(db: &Db, org: OrgId, subject: &Subject) -> Result<Vec<Answered>, DbError> {
    let vault = db.vault(org).await?;
    let about = params![org, subject.kind.as_str(), subject.id, FOUND];
    let rows = db.query(ANSWERS_OF, about).await?;
    rows.iter().map(|row| answered_of(row, &vault)).collect()
}

fn answered_of(row: &Row, vault: &OrgVault) -> Result<Answered, DbError> {
    let (request, sealed): (FormRequestId, String) = (row.get(0)?, row.get(5)?);
    let form = forms::stored(&row.get::<String>(4)?)?;
    let filling = filling_of(vault, request, Some(&sealed))?;
    Ok(Answered {
        request,
        version: row.get(1)?,
        language: language_of(&row.get::<String>(6)?),
        asked_at: row.get(2)?,
        submitted_at: row.get(3)?,
        answers: filling.delivered(&form),
        form,
    })
}

/// What was sent from a moment on, oldest first, with whom it is about. Asked for again with time and number of the
/// last one, it goes on behind it.
pub async fn answered_since(
    db: &Db,
    org: OrgId,
    (since, behind): (Millis, i64),
) -> Result<Vec<(Subject, Answered)>, DbError> {
    let vault = db.vault(org).await?;
    let rows = db
        .query(ANSWERED_SINCE, params![org, since, behind, ANSWERS_AT_ONCE])
        .await?;
    rows.iter()
        .map(|row| Ok((subject_of(row, 7)?, answered_of(row, &vault)?)))
        .collect()
}

/// When each of these subjects last sent answers, to whatever form.
pub async fn last_answers(
    db: &Db,
    org: OrgId,
    kind: &Key,
    ids: &[i64],
) -> Result<HashMap<i64, Millis>, DbError> {
    let mut last = HashMap::new();
    for chunk in ids.chunks(CHUNK) {
        let chunk = serde_json::to_string(chunk).expect("numbers become JSON");
        for row in db
            .query(ANSWERS_BY_SUBJECT, params![org, kind.as_str(), chunk])
            .await?
        {
            last.insert(row.get(0)?, row.get(1)?);
        }
    }
    Ok(last)
}

/// A red flag.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RaisedFlag {
    /// Its request.
    pub request: FormRequestId,
    /// About whom.
    pub subject: Subject,
    /// Its name in the form.
    pub code: Key,
    /// How fast somebody must know.
    pub level: Level,
    /// What staff read.
    pub label: String,
    /// When the answer was given.
    pub raised_at: Millis,
    /// When the person changed it to another.
    pub cleared_at: Option<Millis>,
    /// When the answers were sent; a flag is there before.
    pub submitted_at: Option<Millis>,
}

/// The red flags that were raised from `since` on, oldest first, cleared ones among them: whoever answered in a
/// hurry may have been right the first time. Asked for again with the time of the last one, what came at that very
/// moment comes again.
pub async fn red_flags_since(db: &Db, org: OrgId, since: Millis) -> Result<Vec<RaisedFlag>, DbError> {
    let flag = |row: &Row| {
        let form = forms::stored(&row.get::<String>(8)?)?;
        let code = key_of(&row.get::<String>(3)?)?;
        let label = form
            .red_flag(&code)
            .map_or_else(|| code.to_string(), |flag| flag.label.clone());
        Ok(RaisedFlag {
            request: row.get(0)?,
            subject: subject_of(row, 1)?,
            level: Level::from_code(&row.get::<String>(4)?).unwrap_or(Level::Emergency),
            label,
            code,
            raised_at: row.get(5)?,
            cleared_at: row.get(6)?,
            submitted_at: row.get(7)?,
        })
    };
    let rows = db.query(FLAGS_SINCE, params![org, since, FOUND]).await?;
    rows.iter().map(flag).collect()
}

/// Flags of these requests whose answers were changed since, with the moment of the change.
pub async fn cleared_flags(
    db: &Db,
    org: OrgId,
    requests: &[FormRequestId],
) -> Result<Vec<(FormRequestId, String, Millis)>, DbError> {
    let rows = db.query(CLEARED_FLAGS, params![org, json(&requests)]).await?;
    rows.iter()
        .map(|row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .collect()
}

fn key_of(text: &str) -> Result<Key, DbError> {
    Key::parse(text).ok_or_else(|| DbError::Statement("a stored name is none".to_owned()))
}

fn subject_of(row: &Row, first: usize) -> Result<Subject, DbError> {
    Ok(Subject {
        kind: key_of(&row.get::<String>(first)?)?,
        id: row.get(first + 1)?,
    })
}

/// Somebody who was asked and has not sent answers.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Unanswered {
    /// The request.
    pub request: FormRequestId,
    /// About whom.
    pub subject: Subject,
    /// With which form.
    pub form: Key,
    /// The message that carries the link, if it is known.
    pub message: Option<MessageId>,
    /// When it was asked.
    pub asked_at: Millis,
    /// Until when it can be answered.
    pub valid_until: Millis,
    /// When the link was opened with the right birth date.
    pub opened_at: Option<Millis>,
    /// When it was locked by wrong ones.
    pub locked_at: Option<Millis>,
    /// When a page was last answered: begun, and not sent.
    pub answered_at: Option<Millis>,
    /// The language that the pages were last seen in: a reminder goes out in it.
    pub language: web::Language,
}

/// Who was asked before `before` and has not sent answers, the longest waiting first; after that one, if there is one.
pub async fn unanswered(
    db: &Db,
    org: OrgId,
    before: Millis,
    after: Option<&Unanswered>,
) -> Result<Vec<Unanswered>, DbError> {
    let (time, number) = after.map_or((Millis::MIN, 0), |one| (one.asked_at, one.request.get()));
    let rows = db
        .query(UNANSWERED, params![org, before, time, number, FOUND])
        .await?;
    let one = |row: &Row| {
        Ok(Unanswered {
            request: row.get(0)?,
            subject: subject_of(row, 1)?,
            form: key_of(&row.get::<String>(3)?)?,
            message: row.get(4)?,
            asked_at: row.get(5)?,
            valid_until: row.get(6)?,
            opened_at: row.get(7)?,
            locked_at: row.get(8)?,
            language: language_of(&row.get::<String>(9)?),
            answered_at: row.get(10)?,
        })
    };
    rows.iter().map(one).collect()
}

/// What a personal link made known about the message that carried it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct MessageContact {
    /// When it was opened with the right birth date.
    pub opened_at: Option<Millis>,
    /// When it was answered.
    pub answered_at: Option<Millis>,
}

/// Which of these messages carry a personal link, and whether it was opened and answered.
pub async fn contacts_of_messages(
    db: &Db,
    org: OrgId,
    messages: &[MessageId],
) -> Result<HashMap<MessageId, MessageContact>, DbError> {
    let mut contacts = HashMap::new();
    for chunk in messages.chunks(CHUNK) {
        let ids = serde_json::to_string(chunk).expect("numbers become JSON");
        for row in db.query(CONTACTS_OF_MESSAGES, params![org, ids]).await? {
            let contact = MessageContact {
                opened_at: row.get(1)?,
                answered_at: row.get(2)?,
            };
            contacts.insert(row.get(0)?, contact);
        }
    }
    Ok(contacts)
}

/// How many requests are due to be erased before this moment. `held`: ranges of messages, from the first to the last,
/// whose requests are kept.
pub async fn due_before(
    db: &Db,
    org: OrgId,
    before: Millis,
    held: &[(MessageId, MessageId)],
) -> Result<u64, DbError> {
    let held = serde_json::to_string(held).expect("numbers become JSON");
    let row = db.query_opt(DUE, params![org, before, held]).await?;
    row.map_or(Ok(0), |row| {
        row.get::<i64>(0).map(|count| u64::try_from(count).unwrap_or(0))
    })
}

/// Erases the answers that were sent, or whose time was over, before this moment, and what opens their links. What is
/// counted stays: who was asked when, when it was answered, the codes of red flags. Gives how many had answers.
pub async fn erase_before(
    db: &Db,
    org: OrgId,
    before: Millis,
    held: &[(MessageId, MessageId)],
) -> Result<u64, DbError> {
    let held = serde_json::to_string(held).expect("numbers become JSON");
    db.write(move |tx| {
        let held = held.clone();
        Box::pin(async move {
            let answers = params![org, before, ERASED, held.clone()];
            let erased = tx.execute(ERASE_ANSWERS, answers).await?;
            tx.execute(ERASE_REQUESTS, params![org, before, held]).await?;
            Ok(erased)
        })
    })
    .await
}
