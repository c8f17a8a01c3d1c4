//! Visits: the birth date is compared, and a browser may see one request for a while.

use accounts::SourceAddress;
use accounts::audit::{self, Entry};
use accounts::audit_actions::{FORM_LOCK, FORM_OPEN};
use base::clock::Millis;
use base::date::CalendarDate;
use base::id::{FormRequestId, OrgId};
use db::vault::ERASED;
use db::{Db, DbError, Field, OrgVault, Row, Tx, params};
use web::Language;

use super::forms;
use super::requests::{language_of, see_again};
use crate::form::{Filling, Form};
use crate::limits::{TRIES, VISIT_ABSOLUTE, VISIT_IDLE, VISIT_NOTE_EVERY};
use crate::request::{FormToken, Moments, RequestState, birth_index};
use crate::visit::VisitSecret;

pub(super) const ANSWERS: Field = Field("form_answers.answers");

db::statements! {
    /// Attempts at one link take turns.
    HOLD_REQUEST = "
        SELECT r.tries FROM form_requests r WHERE r.org_id = $1 AND r.request_id = $2 {locked r}";
    COUNT_TRY = "
        UPDATE form_requests SET tries = tries + 1,
            locked_at = CASE WHEN tries + 1 >= $3 THEN COALESCE(locked_at, $4) ELSE locked_at END
        WHERE org_id = $1 AND request_id = $2";
    /// The right date makes the wrong ones before it slips of the finger.
    OPEN = "
        UPDATE form_requests SET tries = 0, opened_at = COALESCE(opened_at, $3)
        WHERE org_id = $1 AND request_id = $2";
    BEGIN_VISIT = "
        INSERT INTO form_visits (secret_hash, org_id, request_id, began_at, seen_at) VALUES ($1, $2, $3, $4, $4)";
    SWEEP_VISITS = "DELETE FROM form_visits WHERE seen_at <= $1";
    END_VISIT = "DELETE FROM form_visits WHERE secret_hash = $1";
    NOTE_VISIT = "UPDATE form_visits SET seen_at = $2 WHERE secret_hash = $1";
    VISIT = "
        SELECT r.org_id, r.request_id, r.language, r.contact, r.valid_from, r.valid_until, r.tries, r.locked_at,
            r.submitted_at, r.withdrawn_at, f.document, a.answers_sealed, v.seen_at
        FROM form_visits v
        JOIN form_requests r ON r.org_id = v.org_id AND r.request_id = v.request_id
        JOIN form_versions f ON f.org_id = r.org_id AND f.form_id = r.form_id AND f.version = r.version
        LEFT JOIN form_answers a ON a.org_id = r.org_id AND a.request_id = r.request_id
        WHERE v.secret_hash = $1 AND r.token_index = $2 AND v.began_at > $3 AND v.seen_at > $4";
}

/// What became of a birth date.
#[derive(Clone, Debug)]
pub enum Tried {
    /// It is the right one.
    Fits(VisitSecret),
    /// It is not, or there is no such link.
    Wrong,
    /// It may not be tried, as the request stands.
    Closed(RequestState),
}

/// Compares a birth date. It is counted before it is compared, in the same commit, so that attempts made at the same
/// moment cannot pass together.
pub async fn try_birth_date(
    db: &Db,
    token: &FormToken,
    birth: CalendarDate,
    source: SourceAddress,
) -> Result<Tried, DbError> {
    let index = token.index(db);
    let Some(seen) = super::see_request(db, token).await? else {
        return Ok(Tried::Wrong);
    };
    let (vault, now) = (db.vault(seen.org).await?, db.now());
    let given = birth_index(&vault, seen.request, birth);
    let secret = VisitSecret::new();
    db.write(move |tx| {
        let (index, given, secret, vault) = (index.clone(), given.clone(), secret.clone(), vault.clone());
        Box::pin(async move {
            let (org, request) = (seen.org, seen.request);
            tx.query(HOLD_REQUEST, params![org, request]).await?;
            let Some(seen) = see_again(tx, &index).await? else {
                return Ok(Tried::Wrong);
            };
            match seen.state(now) {
                RequestState::Open | RequestState::Answered => {}
                closed => return Ok(Tried::Closed(closed)),
            }
            if given != seen.birth_index {
                return wrong(tx, org, request, &vault, source, seen.moments.tries + 1, now).await;
            }
            tx.execute(OPEN, params![org, request, now]).await?;
            tx.execute(SWEEP_VISITS, params![now - VISIT_IDLE]).await?;
            tx.execute(BEGIN_VISIT, params![secret.hash(), org, request, now])
                .await?;
            let entry = Entry::of(FORM_OPEN)
                .about("form_request", request.get())
                .from(source);
            audit::record(tx, org, &vault, &entry, now).await?;
            Ok(Tried::Fits(secret))
        })
    })
    .await
}

async fn wrong(
    tx: &mut Tx,
    org: OrgId,
    request: FormRequestId,
    vault: &OrgVault,
    source: SourceAddress,
    tries: i64,
    now: Millis,
) -> Result<Tried, DbError> {
    tx.execute(COUNT_TRY, params![org, request, TRIES, now]).await?;
    if tries < TRIES {
        return Ok(Tried::Wrong);
    }
    let entry = Entry::of(FORM_LOCK)
        .about("form_request", request.get())
        .from(source)
        .refused();
    audit::record(tx, org, vault, &entry, now).await?;
    Ok(Tried::Closed(RequestState::Locked))
}

/// A request whose link and birth date were given.
#[derive(Clone, Debug)]
pub struct OpenRequest {
    /// Whose.
    pub org: OrgId,
    /// Its number.
    pub request: FormRequestId,
    /// The language of the pages.
    pub language: Language,
    /// Whom to telephone, if not the organisation's own line.
    pub contact: Option<String>,
    /// When what happened.
    pub moments: Moments,
    /// The form, in the version that was asked with.
    pub form: Form,
    /// The answers so far.
    pub filling: Filling,
}

impl OpenRequest {
    /// How it stands.
    pub fn state(&self, now: Millis) -> RequestState {
        self.moments.state(now)
    }
}

/// The request that this browser may see, if it is the one of this link. Notes now and then that it was used.
pub async fn visit(db: &Db, secret: &VisitSecret, token: &FormToken) -> Result<Option<OpenRequest>, DbError> {
    let now = db.now();
    let asked = params![
        secret.hash(),
        token.index(db),
        now - VISIT_ABSOLUTE,
        now - VISIT_IDLE
    ];
    let Some(row) = db.query_opt(VISIT, asked).await? else {
        return Ok(None);
    };
    let open = open_of(db, &row).await?;
    if now - row.get::<Millis>(12)? >= VISIT_NOTE_EVERY {
        let hash = secret.hash();
        db.write(move |tx| {
            let hash = hash.clone();
            Box::pin(async move { tx.execute(NOTE_VISIT, params![hash, now]).await })
        })
        .await?;
    }
    Ok(Some(open))
}

async fn open_of(db: &Db, row: &Row) -> Result<OpenRequest, DbError> {
    let (org, request): (OrgId, FormRequestId) = (row.get(0)?, row.get(1)?);
    let sealed: Option<String> = row.get(11)?;
    let vault = db.vault(org).await?;
    Ok(OpenRequest {
        org,
        request,
        language: language_of(&row.get::<String>(2)?),
        contact: row.get(3)?,
        moments: Moments {
            valid_from: row.get(4)?,
            valid_until: row.get(5)?,
            tries: row.get(6)?,
            locked_at: row.get(7)?,
            submitted_at: row.get(8)?,
            withdrawn_at: row.get(9)?,
        },
        form: forms::stored(&row.get::<String>(10)?)?,
        filling: filling_of(&vault, request, sealed.as_deref())?,
    })
}

/// The answers so far; none where there are none, or none any more.
pub(super) fn filling_of(
    vault: &OrgVault,
    request: FormRequestId,
    sealed: Option<&str>,
) -> Result<Filling, DbError> {
    match sealed {
        None | Some(ERASED) => Ok(Filling::default()),
        Some(sealed) => {
            let json = vault.open(ANSWERS, request.get(), sealed)?;
            serde_json::from_str(&json).map_err(|_| DbError::Sealed(ANSWERS.0))
        }
    }
}

/// The browser is let go.
pub async fn end_visit(db: &Db, secret: &VisitSecret) -> Result<(), DbError> {
    let hash = secret.hash();
    db.write(move |tx| {
        let hash = hash.clone();
        Box::pin(async move {
            tx.execute(END_VISIT, params![hash]).await?;
            Ok(())
        })
    })
    .await
}
