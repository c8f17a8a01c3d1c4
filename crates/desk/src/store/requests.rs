//! Requests: made, looked up by their link, taken back.

use std::collections::HashMap;

use base::clock::Millis;
use base::id::{FormRequestId, MessageId, OrgId};
use db::{Db, DbError, OrgVault, Row, Tx, params};
use web::Language;

use super::forms;
use super::outcome::CHUNK;
use crate::form::Key;
use crate::limits::LINK_LONGEST;
use crate::request::{Asked, FormToken, Moments, NewRequest, RequestState, Subject, birth_index};

db::statements! {
    ADD_REQUEST = "
        INSERT INTO form_requests (org_id, request_id, form_id, version, subject_kind, subject_id, message_id,
            token_index, birth_index, contact, language, asked_by, asked_at, valid_from, valid_until, tries)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, 0)";
    /// The one look-up that is not told the organisation: the link is what names it.
    SEE_REQUEST = "
        SELECT org_id, request_id, language, contact, birth_index, valid_from, valid_until, tries, locked_at,
            submitted_at, withdrawn_at
        FROM form_requests WHERE token_index = $1";
    KNOWN_TOKEN = "SELECT request_id FROM form_requests WHERE org_id = $1 AND token_index = $2";
    /// Asked again with the same link: it lives as long as the later one, and belongs to the later message.
    ASK_LONGER = "
        UPDATE form_requests SET message_id = COALESCE($3, message_id),
            valid_until = CASE WHEN valid_until < $4 THEN $4 ELSE valid_until END
        WHERE org_id = $1 AND request_id = $2";
    /// Requests of these subjects that nobody can answer any more: answered, taken back, locked, over.
    PAST_REQUESTS = "
        SELECT r.subject_id, COUNT(*) FROM {each $4} CROSS JOIN form_requests r
        WHERE r.org_id = $1 AND r.subject_kind = $2 AND r.subject_id = CAST(each.value AS {bigint})
            AND r.form_id = (SELECT f.form_id FROM forms f WHERE f.org_id = $1 AND f.form_key = $3)
            AND (r.submitted_at IS NOT NULL OR r.withdrawn_at IS NOT NULL OR r.locked_at IS NOT NULL
                OR r.valid_until <= $5)
        GROUP BY r.subject_id";
    SET_LANGUAGE = "UPDATE form_requests SET language = $3 WHERE org_id = $1 AND request_id = $2";
    TIE_MESSAGE = "UPDATE form_requests SET message_id = $3 WHERE org_id = $1 AND request_id = $2";
    WITHDRAW = "
        UPDATE form_requests SET withdrawn_at = $4
        WHERE org_id = $1 AND subject_kind = $2 AND subject_id = $3
            AND submitted_at IS NULL AND withdrawn_at IS NULL";
}

/// Asks somebody, in the transaction of whoever asks. `None` if there is no form of this name.
///
/// ```text
/// let asked = desk::store::ask(&db, tx, org, &vault, &new, now).await?;
/// let link = origin.address(&asked.token.path());   // goes into the message
/// ```
pub async fn ask(
    db: &Db,
    tx: &mut Tx,
    org: OrgId,
    vault: &OrgVault,
    new: &NewRequest,
    now: Millis,
) -> Result<Option<Asked>, DbError> {
    ask_by(db, tx, org, vault, new, None, now).await
}

/// The same with a token of [`FormToken::of_occasion`]. Asked again on the same occasion it is the same request, which
/// then belongs to the later message.
pub async fn ask_by(
    db: &Db,
    tx: &mut Tx,
    org: OrgId,
    vault: &OrgVault,
    new: &NewRequest,
    token: Option<FormToken>,
    now: Millis,
) -> Result<Option<Asked>, DbError> {
    let Some((form, version)) = forms::current(tx, org, &new.form, now).await? else {
        return Ok(None);
    };
    // Whoever asks takes turns from here on: one occasion is one request.
    tx.take_numbers("form_requests", 0).await?;
    if let Some(token) = &token
        && let Some(row) = tx.query_opt(KNOWN_TOKEN, params![org, token.index(db)]).await?
    {
        let request: FormRequestId = row.get(0)?;
        let until = new.valid_until.min(new.valid_from.max(now) + LINK_LONGEST);
        tx.execute(ASK_LONGER, params![org, request, new.message, until])
            .await?;
        let token = token.clone();
        return Ok(Some(Asked { request, token }));
    }
    let request = FormRequestId::new(tx.take_numbers("form_requests", 1).await?);
    let token = token.unwrap_or_else(|| FormToken::of(vault, request));
    let until = new.valid_until.min(new.valid_from.max(now) + LINK_LONGEST);
    let birth = birth_index(vault, request, new.birth_date);
    let row = params![
        org,
        request,
        form,
        version,
        new.subject.kind.as_str(),
        new.subject.id,
        new.message,
        token.index(db),
        birth,
        new.contact.clone(),
        new.language.code(),
        new.asked_by,
        now,
        new.valid_from,
        until
    ];
    tx.execute(ADD_REQUEST, row).await?;
    Ok(Some(Asked { request, token }))
}

/// How many requests with this form are behind these subjects: the number of the next occasion. One that can still be
/// answered is not behind anybody.
pub async fn past_requests(
    db: &Db,
    org: OrgId,
    kind: &Key,
    form: &Key,
    ids: &[i64],
) -> Result<HashMap<i64, u32>, DbError> {
    let (mut past, now) = (HashMap::new(), db.now());
    for chunk in ids.chunks(CHUNK) {
        let chunk = serde_json::to_string(chunk).expect("numbers become JSON");
        let asked = params![org, kind.as_str(), form.as_str(), chunk, now];
        for row in db.query(PAST_REQUESTS, asked).await? {
            past.insert(row.get(0)?, row.get(1)?);
        }
    }
    Ok(past)
}

/// The link of a request that was made by [`ask`] before, for a reminder.
pub async fn link_of(db: &Db, org: OrgId, request: FormRequestId) -> Result<FormToken, DbError> {
    let vault = db.vault(org).await?;
    Ok(FormToken::of(&vault, request))
}

/// The message that carries the link was made.
pub async fn tie_message(
    tx: &mut Tx,
    org: OrgId,
    request: FormRequestId,
    message: MessageId,
) -> Result<(), DbError> {
    tx.execute(TIE_MESSAGE, params![org, request, message]).await?;
    Ok(())
}

/// Nobody waits for answers about this subject any more: its open links close. Gives how many there were.
pub async fn withdraw(tx: &mut Tx, org: OrgId, subject: &Subject, now: Millis) -> Result<u64, DbError> {
    let open = params![org, subject.kind.as_str(), subject.id, now];
    tx.execute(WITHDRAW, open).await
}

/// A request as its link finds it, before anybody has shown who they are.
#[derive(Clone, Debug)]
pub struct SeenRequest {
    /// Whose.
    pub org: OrgId,
    /// Its number.
    pub request: FormRequestId,
    /// The language that the pages were last seen in.
    pub language: Language,
    /// Whom to telephone, if not the organisation's own line.
    pub contact: Option<String>,
    /// When what happened.
    pub moments: Moments,
    pub(super) birth_index: String,
}

impl SeenRequest {
    /// How it stands.
    pub fn state(&self, now: Millis) -> RequestState {
        self.moments.state(now)
    }
}

/// Looks a link up, without changing anything.
pub async fn see_request(db: &Db, token: &FormToken) -> Result<Option<SeenRequest>, DbError> {
    let row = db.query_opt(SEE_REQUEST, params![token.index(db)]).await?;
    row.as_ref().map(seen_of).transpose()
}

pub(super) async fn see_again(tx: &mut Tx, token: &str) -> Result<Option<SeenRequest>, DbError> {
    let row = tx.query_opt(SEE_REQUEST, params![token]).await?;
    row.as_ref().map(seen_of).transpose()
}

fn seen_of(row: &Row) -> Result<SeenRequest, DbError> {
    Ok(SeenRequest {
        org: row.get(0)?,
        request: row.get(1)?,
        language: language_of(&row.get::<String>(2)?),
        contact: row.get(3)?,
        birth_index: row.get(4)?,
        moments: Moments {
            valid_from: row.get(5)?,
            valid_until: row.get(6)?,
            tries: row.get(7)?,
            locked_at: row.get(8)?,
            submitted_at: row.get(9)?,
            withdrawn_at: row.get(10)?,
        },
    })
}

pub(super) fn language_of(code: &str) -> Language {
    Language::from_code(code).unwrap_or_default()
}

/// From now on the pages are in this language.
pub async fn set_language(
    db: &Db,
    org: OrgId,
    request: FormRequestId,
    language: Language,
) -> Result<(), DbError> {
    db.write(move |tx| {
        Box::pin(async move {
            tx.execute(SET_LANGUAGE, params![org, request, language.code()])
                .await?;
            Ok(())
        })
    })
    .await
}
