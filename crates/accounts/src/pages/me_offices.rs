//! `GET /me/offices`, `POST /me/office`: at which of several offices one works at present.

use askama::Template;
use axum::extract::State;
use axum::response::IntoResponse;
use base::id::OfficeId;
use base::org::Roles;
use serde::Deserialize;
use web::{CsrfForm, Page, PageError, Shell, after_post};

use super::manage::told;
use super::{Answer, failed};
use crate::{Accounts, Office, SignedIn, audit};

#[derive(Template)]
#[template(path = "me_offices.html")]
struct MeOffices {
    shell: Shell,
    here: OfficeId,
    offices: Vec<(Office, Roles)>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Form {
    office: i64,
}

pub(super) async fn show(State(accounts): State<Accounts>, session: SignedIn, shell: Shell) -> Answer {
    Ok(Page(MeOffices {
        here: session.staff.office,
        offices: accounts.offices_of(&session.staff).await.map_err(failed)?,
        shell: shell.titled("働く部署を替える"),
    })
    .into_response())
}

pub(super) async fn submit(
    State(accounts): State<Accounts>,
    session: SignedIn,
    CsrfForm(form): CsrfForm<Form>,
) -> Answer {
    let own = accounts.offices_of(&session.staff).await.map_err(failed)?;
    let chosen = own
        .into_iter()
        .find(|(office, _)| office.id == OfficeId::new(form.office));
    let (office, _) = chosen.ok_or(PageError::NotFound)?;
    audit::note_subject("offices", office.id.get());
    accounts.work_at(&session, office).await.map_err(told)?;
    Ok(after_post("/").into_response())
}
