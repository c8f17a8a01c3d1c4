//! Answers: kept sealed between pages, sent once, their red flags beside them.

use std::collections::BTreeMap;
use std::sync::Arc;

use accounts::audit::{self, Entry};
use accounts::audit_actions::FORM_ANSWER;
use base::clock::Millis;
use base::id::{FormRequestId, OrgId};
use db::{Db, DbError, OrgVault, Tx, params};

use super::visits::{ANSWERS, OpenRequest, filling_of};
use crate::form::{Answer, Filling, Form, Key};
use crate::request::{Moments, RequestState};

db::statements! {
    /// Two browsers that answer the same take turns.
    HOLD_OPEN = "
        SELECT r.valid_from, r.valid_until, r.tries, r.locked_at, r.submitted_at, r.withdrawn_at
        FROM form_requests r WHERE r.org_id = $1 AND r.request_id = $2 {locked r}";
    KEPT = "SELECT answers_sealed FROM form_answers WHERE org_id = $1 AND request_id = $2";
    KEEP = "
        INSERT INTO form_answers (org_id, request_id, answers_sealed, changed_at) VALUES ($1, $2, $3, $4)
        ON CONFLICT (org_id, request_id)
        DO UPDATE SET answers_sealed = excluded.answers_sealed, changed_at = excluded.changed_at";
    SUBMITTED = "UPDATE form_requests SET submitted_at = $3 WHERE org_id = $1 AND request_id = $2";
    STANDING_FLAGS = "
        SELECT code FROM form_flags WHERE org_id = $1 AND request_id = $2 AND cleared_at IS NULL";
    RAISE_FLAG = "
        INSERT INTO form_flags (org_id, request_id, code, level, raised_at) VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (org_id, request_id, code)
        DO UPDATE SET level = excluded.level, raised_at = excluded.raised_at, cleared_at = NULL";
    CLEAR_FLAG = "
        UPDATE form_flags SET cleared_at = $4 WHERE org_id = $1 AND request_id = $2 AND code = $3";
}

/// What became of keeping a page's answers.
#[derive(Clone, Debug)]
pub enum Saved {
    /// They are kept; this is how the filling-in stands now.
    Kept(Filling),
    /// The request takes no answers, as it stands.
    Closed(RequestState),
    /// They are no answers to this page.
    NotAsked,
}

/// What became of sending.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Submitted {
    /// Sent, now or before.
    Done,
    /// Something is not answered yet.
    NotComplete,
    /// The request takes no answers, as it stands.
    Closed(RequestState),
}

/// Keeps the answers of one page as a draft, and raises or clears the red flags that follow from all of them: staff
/// see a flag at once, whether the answers are ever sent or not.
pub async fn save(
    db: &Db,
    open: &OpenRequest,
    page: Key,
    answers: Vec<(Key, Option<Answer>)>,
    passes: bool,
) -> Result<Saved, DbError> {
    let (org, request, now) = (open.org, open.request, db.now());
    let (vault, form) = (db.vault(org).await?, Arc::new(open.form.clone()));
    let new = Arc::new((page, answers));
    db.write(move |tx| {
        let (vault, form, new) = (Arc::clone(&vault), Arc::clone(&form), Arc::clone(&new));
        Box::pin(async move {
            let state = hold(tx, org, request, now).await?;
            if state != RequestState::Open {
                return Ok(Saved::Closed(state));
            }
            let mut filling = kept(tx, org, request, &vault).await?;
            let (page, answers) = new.as_ref();
            if filling.save(&form, page, answers.clone(), passes).is_err() {
                return Ok(Saved::NotAsked);
            }
            keep(tx, org, request, &vault, &filling, now).await?;
            flags(tx, org, request, &filling, &form, now).await?;
            Ok(Saved::Kept(filling))
        })
    })
    .await
}

/// Sends the answers to whoever asked. From then on only what was asked is kept, and nothing changes any more.
pub async fn submit(db: &Db, open: &OpenRequest) -> Result<Submitted, DbError> {
    let (org, request, now) = (open.org, open.request, db.now());
    let (vault, form) = (db.vault(org).await?, Arc::new(open.form.clone()));
    db.write(move |tx| {
        let (vault, form) = (Arc::clone(&vault), Arc::clone(&form));
        Box::pin(async move {
            match hold(tx, org, request, now).await? {
                RequestState::Open => {}
                RequestState::Answered => return Ok(Submitted::Done),
                closed => return Ok(Submitted::Closed(closed)),
            }
            let filling = kept(tx, org, request, &vault).await?;
            if !filling.is_complete(&form) {
                return Ok(Submitted::NotComplete);
            }
            let delivered = Filling::of_delivered(filling.delivered(&form));
            keep(tx, org, request, &vault, &delivered, now).await?;
            flags(tx, org, request, &filling, &form, now).await?;
            tx.execute(SUBMITTED, params![org, request, now]).await?;
            let entry = Entry::of(FORM_ANSWER).about("form_request", request.get());
            audit::record(tx, org, &vault, &entry, now).await?;
            Ok(Submitted::Done)
        })
    })
    .await
}

async fn hold(tx: &mut Tx, org: OrgId, request: FormRequestId, now: Millis) -> Result<RequestState, DbError> {
    let row = tx.query_opt(HOLD_OPEN, params![org, request]).await?;
    let Some(row) = row else {
        return Ok(RequestState::Withdrawn);
    };
    let moments = Moments {
        valid_from: row.get(0)?,
        valid_until: row.get(1)?,
        tries: row.get(2)?,
        locked_at: row.get(3)?,
        submitted_at: row.get(4)?,
        withdrawn_at: row.get(5)?,
    };
    Ok(moments.state(now))
}

async fn kept(tx: &mut Tx, org: OrgId, request: FormRequestId, vault: &OrgVault) -> Result<Filling, DbError> {
    let row = tx.query_opt(KEPT, params![org, request]).await?;
    let sealed: Option<String> = row.map(|row| row.get(0)).transpose()?;
    filling_of(vault, request, sealed.as_deref())
}

async fn keep(
    tx: &mut Tx,
    org: OrgId,
    request: FormRequestId,
    vault: &OrgVault,
    filling: &Filling,
    now: Millis,
) -> Result<(), DbError> {
    let json = serde_json::to_string(filling).expect("answers become JSON");
    let sealed = vault.seal(ANSWERS, request.get(), &json);
    tx.execute(KEEP, params![org, request, sealed, now]).await?;
    Ok(())
}

async fn flags(
    tx: &mut Tx,
    org: OrgId,
    request: FormRequestId,
    filling: &Filling,
    form: &Form,
    now: Millis,
) -> Result<(), DbError> {
    let rows = tx.query(STANDING_FLAGS, params![org, request]).await?;
    let standing: Vec<String> = rows.iter().map(|row| row.get(0)).collect::<Result<_, _>>()?;
    let raised: BTreeMap<&str, _> = filling
        .red_flags(form)
        .into_iter()
        .map(|flag| (flag.code.as_str(), flag.level))
        .collect();
    for (code, level) in raised
        .iter()
        .filter(|(code, _)| !standing.iter().any(|one| one == *code))
    {
        tx.execute(RAISE_FLAG, params![org, request, *code, level.code(), now])
            .await?;
    }
    for code in standing.iter().filter(|code| !raised.contains_key(code.as_str())) {
        tx.execute(CLEAR_FLAG, params![org, request, code.as_str(), now])
            .await?;
    }
    Ok(())
}
