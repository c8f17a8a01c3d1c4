//! `GET /applications`: every desk with what waits at it. `POST /applications/find`: one application by its number.

use accounts::SignedIn;
use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use db::Reference;
use messaging::pages::{Answer, Desk, failed};
use serde::Deserialize;
use web::{CsrfForm, Errors, Field, Page, PageError, Shell, after_post};

use super::review_load::{desks, load, may_check, may_review};
use super::review_words::waiting;
use crate::store::{self, Queues};

#[derive(Template)]
#[template(path = "review_list.html")]
struct List {
    shell: Shell,
    desks: Vec<Row>,
    search: Field,
}

struct Row {
    word: String,
    name: String,
    queues: Queues,
    received: String,
    ready: String,
    checks: bool,
    reviews: bool,
}

pub(super) async fn show(State(desk): State<Desk>, session: SignedIn, shell: Shell) -> Answer {
    Ok(page(&desk, &session, shell, "").await?.into_response())
}

async fn page(desk: &Desk, session: &SignedIn, shell: Shell, typed: &str) -> Result<Response, PageError> {
    let (staff, now) = (&session.staff, desk.db.now());
    let mut rows = Vec::new();
    for open in desks(&desk.db, staff).await.map_err(failed)? {
        let queues = store::queues(&desk.db, staff.org, open.row.id)
            .await
            .map_err(failed)?;
        rows.push(Row {
            word: open.row.key.to_string(),
            received: waiting(queues.received, now),
            ready: waiting(queues.ready, now),
            queues,
            checks: may_check(staff, &open.row) && open.document.document().review.precheck,
            reviews: may_review(staff, &open.row, &open.document),
            name: open.row.name,
        });
    }
    let page = List {
        desks: rows,
        search: search(typed).errors(shell.errors()),
        shell: shell.titled("申請の受付"),
    };
    Ok(Page(page).into_response())
}

fn search(typed: &str) -> Field {
    Field::text("reference", "受付番号で探す")
        .support("9けた以上の数字。ハイフンはあってもなくてもかまいません")
        .short()
        .value(typed)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Form {
    reference: String,
}

pub(super) async fn find(
    State(desk): State<Desk>,
    session: SignedIn,
    shell: Shell,
    CsrfForm(form): CsrfForm<Form>,
) -> Answer {
    let typed = form.reference.trim();
    let mut errors = Errors::default();
    let Some(reference) = Reference::parse(typed) else {
        errors.add(
            "reference",
            "この受付番号はありません。1けたずつ、もう一度確かめてください。",
        );
        return refused(&desk, &session, shell, (typed, errors)).await;
    };
    let found = store::application_by_reference(&desk.db, session.staff.org, reference)
        .await
        .map_err(failed)?;
    if let Some(found) = found {
        match load(&desk, &session.staff, found.id).await {
            Ok(opened) => {
                let id = opened.application.id;
                accounts::audit::note_subject("applications", id.get());
                return Ok(after_post(&format!("/applications/{id}")).into_response());
            }
            // Another office's, or a draft: as if there were none.
            Err(PageError::NotFound) => {}
            Err(other) => return Err(other),
        }
    }
    errors.add(
        "reference",
        "この受付番号の申請は見つかりません。番号か、窓口の部署を確かめてください。",
    );
    refused(&desk, &session, shell, (typed, errors)).await
}

async fn refused(desk: &Desk, session: &SignedIn, shell: Shell, (typed, errors): (&str, Errors)) -> Answer {
    let page = page(desk, session, shell.with_errors(errors), typed).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
}
