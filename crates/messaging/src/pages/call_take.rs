//! `POST /calls/next`, `POST /calls/{id}/take`: somebody to telephone, for this caller alone.
//!
//! The person and the lease are one write with the count of what this caller was shown: whoever was shown too many in
//! too short a time gets nobody.

use std::sync::Arc;

use accounts::{SignedIn, audit, count_reveal};
use axum::extract::State;
use axum::response::IntoResponse;
use base::id::CallId;
use lists::calls::{Lease, Taken, Which, give_back, take};
use web::time::JapanTime;
use web::{CsrfForm, PageError, after_post, after_post_with};

use super::{Answer, Desk, Id, NoFields, failed, names, reveal, scope};

pub(super) async fn next(
    State(desk): State<Desk>,
    session: SignedIn,
    CsrfForm(NoFields {}): CsrfForm<NoFields>,
) -> Answer {
    answer(&desk, &session, Which::Next).await
}

pub(super) async fn this(
    State(desk): State<Desk>,
    session: SignedIn,
    Id(id): Id<CallId>,
    CsrfForm(NoFields {}): CsrfForm<NoFields>,
) -> Answer {
    answer(&desk, &session, Which::This(id)).await
}

async fn answer(desk: &Desk, session: &SignedIn, which: Which) -> Answer {
    let told = match (taken(desk, session, which).await?, which) {
        (Taken::Yours { call, again }, _) => {
            audit::note_subject("calls", call.get());
            let page = format!("/calls/{call}");
            if again && which == Which::Next {
                after_post_with(&page, "again")
            } else {
                after_post(&page)
            }
        }
        (Taken::Held(lease), _) => return Err(held(desk, session, lease).await?),
        (Taken::Closed, Which::This(id)) => after_post_with(&format!("/calls/{id}"), "nothing"),
        (Taken::Nobody, _) => after_post_with("/calls", "nobody"),
        (Taken::Missing | Taken::Closed, _) => return Err(PageError::NotFound),
    };
    Ok(told.into_response())
}

async fn taken(desk: &Desk, session: &SignedIn, which: Which) -> Result<Taken, PageError> {
    let (org, office) = (session.staff.org, scope(&session.staff));
    let vault = desk.db.vault(org).await.map_err(failed)?;
    let (staff, now) = (Arc::new(session.staff.clone()), desk.db.now());
    let write = desk.db.write(move |tx| {
        let (vault, staff) = (Arc::clone(&vault), Arc::clone(&staff));
        Box::pin(async move {
            let taken = take(tx, org, &vault, office, staff.id, which, now).await?;
            if let Taken::Yours { call, again: false } = taken {
                let about = ("calls", call.get());
                if let Err(blocked) = count_reveal(tx, org, &vault, &staff, about, now).await? {
                    give_back(tx, org, office, staff.id, call).await?;
                    return Ok(Err(blocked));
                }
            }
            Ok(Ok(taken))
        })
    });
    let counted = write.await.map_err(failed)?;
    counted.map_err(|blocked| reveal::told(desk.db.now(), blocked))
}

/// Somebody else is on the telephone with the person, or with the same number.
pub(super) async fn held(desk: &Desk, session: &SignedIn, lease: Lease) -> Result<PageError, PageError> {
    let people = names(desk, session.staff.org, [lease.by].into_iter()).await?;
    let until = JapanTime::from_millis(lease.until).clock();
    Ok(PageError::conflict(
        format!(
            "{}さんが、この人か、同じ番号の人に電話しています（{until}まで）。",
            people.of(lease.by)
        ),
        "同じ人に2人で電話しないため、いまは表示できません。電話リストに戻り、次の人に電話してください。",
    ))
}
