//! What happens around a login session: the second step before it, questions to passkeys, a person's own list.

use base::clock::Millis;
use base::id::{OrgId, StaffId};
use db::{Db, DbError, Field, OrgVault, Row, Tx, params};

use crate::arrival::Browser;
use crate::factors::Challenge;
use crate::limits::{CHALLENGE_FOR, CHALLENGES_OPEN, SECOND_STEP_FOR, SESSION_ABSOLUTE, SESSION_IDLE};
use crate::session::{OwnSession, SessionKey};

pub(super) const SOURCE: Field = Field("login_sessions.source");

db::statements! {
    /// Finds the person: 256 random bits name one step.
    STEP = "SELECT s.org_id, s.staff_id FROM login_steps s
        JOIN staff p ON p.org_id = s.org_id AND p.staff_id = s.staff_id
        WHERE s.token_hash = $1 AND s.started_at > $2 AND p.disabled_at IS NULL";
    BEGIN_STEP = "INSERT INTO login_steps (token_hash, org_id, staff_id, started_at) VALUES ($1, $2, $3, $4)";
    END_STEP = "DELETE FROM login_steps WHERE token_hash = $1";
    END_STEPS_OF = "DELETE FROM login_steps WHERE org_id = $1 AND staff_id = $2";
    SWEEP_STEPS = "DELETE FROM login_steps WHERE started_at <= $1";

    CHALLENGES = "SELECT COUNT(*) FROM passkey_challenges";
    ASK = "INSERT INTO passkey_challenges (asker_hash, challenge, asked_at) VALUES ($1, $2, $3)
        ON CONFLICT (asker_hash) DO UPDATE SET challenge = excluded.challenge, asked_at = excluded.asked_at";
    /// Takes the question away with its answer, whatever becomes of it.
    ANSWERED = "DELETE FROM passkey_challenges WHERE asker_hash = $1 RETURNING challenge, asked_at";
    SWEEP_CHALLENGES = "DELETE FROM passkey_challenges WHERE asked_at <= $1";

    CONFIRM = "UPDATE login_sessions SET token_hash = $2, confirmed_at = $3, seen_at = $3
        WHERE token_hash = $1";
    SESSIONS_OF = "SELECT session_no, created_at, seen_at, source_sealed, browser, token_hash
        FROM login_sessions
        WHERE org_id = $1 AND staff_id = $2 AND created_at > $3 AND seen_at > $4
        ORDER BY seen_at DESC, created_at DESC";
    MOVE_ALONG = "UPDATE login_sessions SET created_at = created_at + $1, seen_at = seen_at + $1";
    END_ONE_OF = "DELETE FROM login_sessions WHERE org_id = $1 AND staff_id = $2 AND session_no = $3";
    END_OTHERS_OF = "DELETE FROM login_sessions WHERE org_id = $1 AND staff_id = $2 AND token_hash <> $3";
}

/// Makes every session as much younger as the clock skipped.
pub(crate) async fn move_along(db: &Db, by: Millis) -> Result<(), DbError> {
    db.write(move |tx| Box::pin(async move { tx.execute(MOVE_ALONG, params![by]).await.map(drop) }))
        .await
}

/// Whose second step is open under this key.
pub(crate) async fn step(
    db: &Db,
    key: &SessionKey,
    now: Millis,
) -> Result<Option<(OrgId, StaffId)>, DbError> {
    let row = db
        .query_opt(STEP, params![key.0.as_str(), now - SECOND_STEP_FOR])
        .await?;
    row.map(|row| Ok((row.get(0)?, row.get(1)?))).transpose()
}

pub(crate) async fn begin_step(
    tx: &mut Tx,
    org: OrgId,
    staff: StaffId,
    key: &SessionKey,
    now: Millis,
) -> Result<(), DbError> {
    tx.execute(SWEEP_STEPS, params![now - SECOND_STEP_FOR]).await?;
    let row = params![key.0.as_str(), org, staff, now];
    tx.execute(BEGIN_STEP, row).await.map(drop)
}

/// Says whether it was still open.
pub(crate) async fn end_step(tx: &mut Tx, key: &SessionKey) -> Result<bool, DbError> {
    Ok(tx.execute(END_STEP, params![key.0.as_str()]).await? > 0)
}

pub(crate) async fn end_steps_of(tx: &mut Tx, org: OrgId, staff: StaffId) -> Result<(), DbError> {
    tx.execute(END_STEPS_OF, params![org, staff]).await.map(drop)
}

/// Keeps a question until it is answered, in place of an earlier one of the same browser.
pub(crate) async fn ask(
    tx: &mut Tx,
    asker: &SessionKey,
    challenge: &Challenge,
    now: Millis,
) -> Result<(), DbError> {
    tx.execute(SWEEP_CHALLENGES, params![now - CHALLENGE_FOR]).await?;
    let open = tx.query_opt(CHALLENGES, params![]).await?;
    if open.map_or(Ok(0), |row| row.get::<i64>(0))? >= CHALLENGES_OPEN {
        return Err(DbError::Unavailable(
            "too many open questions to passkeys".to_owned(),
        ));
    }
    let row = params![asker.0.as_str(), challenge.text(), now];
    tx.execute(ASK, row).await.map(drop)
}

/// The question that this browser was asked, unless it is answered already or too old.
pub(crate) async fn answered(
    tx: &mut Tx,
    asker: &SessionKey,
    now: Millis,
) -> Result<Option<Challenge>, DbError> {
    let Some(row) = tx.query_opt(ANSWERED, params![asker.0.as_str()]).await? else {
        return Ok(None);
    };
    let (text, asked_at): (String, Millis) = (row.get(0)?, row.get(1)?);
    let in_time = now - asked_at < CHALLENGE_FOR;
    Ok(Challenge::parse(&text).filter(|_| in_time))
}

/// The person has proved again who it is: the session goes on under a new key. Says whether it still lived.
pub(crate) async fn confirm(
    tx: &mut Tx,
    old: &SessionKey,
    new: &SessionKey,
    now: Millis,
) -> Result<bool, DbError> {
    let row = params![old.0.as_str(), new.0.as_str(), now];
    Ok(tx.execute(CONFIRM, row).await? > 0)
}

/// A person's living sessions, the last used first. `here` is the one that asks.
pub(crate) async fn sessions_of(
    db: &Db,
    org: OrgId,
    staff: StaffId,
    here: &SessionKey,
    now: Millis,
) -> Result<Vec<OwnSession>, DbError> {
    let vault = db.vault(org).await?;
    let alive = params![org, staff, now - SESSION_ABSOLUTE, now - SESSION_IDLE];
    let rows = db.query(SESSIONS_OF, alive).await?;
    rows.iter().map(|row| own_session(row, &vault, here)).collect()
}

fn own_session(row: &Row, vault: &OrgVault, here: &SessionKey) -> Result<OwnSession, DbError> {
    let number: Option<i64> = row.get(0)?;
    let (source, browser): (Option<String>, Option<String>) = (row.get(3)?, row.get(4)?);
    let source = match (number, source) {
        (Some(number), Some(sealed)) => Some(vault.open(SOURCE, number, &sealed)?),
        _ => None,
    };
    let key: String = row.get(5)?;
    Ok(OwnSession {
        number,
        began_at: row.get(1)?,
        seen_at: row.get(2)?,
        source,
        browser: browser.as_deref().map(Browser::from_code).unwrap_or_default(),
        is_here: key == here.0,
    })
}

pub(crate) async fn end_one_of(
    tx: &mut Tx,
    org: OrgId,
    staff: StaffId,
    number: i64,
) -> Result<bool, DbError> {
    Ok(tx.execute(END_ONE_OF, params![org, staff, number]).await? > 0)
}

/// All sessions of the person but this one.
pub(crate) async fn end_others_of(
    tx: &mut Tx,
    org: OrgId,
    staff: StaffId,
    here: &SessionKey,
) -> Result<(), DbError> {
    end_steps_of(tx, org, staff).await?;
    let row = params![org, staff, here.0.as_str()];
    tx.execute(END_OTHERS_OF, row).await.map(drop)
}
