//! `GET /desks/{id}/versions/{version}/edit`, `POST` of the same: the common parts of a draft as a form. Buttons that
//! add and take away keep what was typed and save nothing.

use std::collections::HashMap;

use accounts::SignedIn;
use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use base::id::DeskId;
use messaging::pages::{Answer, Desk, failed};
use web::form::Field;
use web::ui::Notice;
use web::{CsrfForm, Errors, Id, Page, Shell, after_post_with};

use super::desk_form::{Shown, Typed};
use super::desk_load::{Loaded, draft};
use crate::store;

#[derive(Template)]
#[template(path = "desk_edit.html")]
struct DeskEdit {
    shell: Shell,
    address: String,
    revision: i64,
    shapes: Vec<(String, String)>,
    head: [Field; 2],
    sections: Vec<Shown>,
    /// Mistakes that stand at none of the fields.
    mistakes: Vec<String>,
}

pub(super) async fn show(
    State(desk): State<Desk>,
    session: SignedIn,
    shell: Shell,
    Id(at): Id<(DeskId, i64)>,
) -> Answer {
    let loaded = draft(&desk, &session, at).await?;
    let shell = match shell.done() {
        Some("made") => shell.with_notice(
            Notice::info("下書きを作りました")
                .text("直して保存してください。ほかの人が承認するまで、使われません。"),
        ),
        _ => shell,
    };
    Ok(page(
        shell,
        &loaded,
        &Typed::of(&loaded.version),
        (Errors::default(), Vec::new()),
    ))
}

pub(super) async fn submit(
    State(desk): State<Desk>,
    session: SignedIn,
    shell: Shell,
    Id(at): Id<(DeskId, i64)>,
    CsrfForm(fields): CsrfForm<HashMap<String, String>>,
) -> Answer {
    let loaded = draft(&desk, &session, at).await?;
    let mut typed = Typed::read(&loaded.version, &fields);
    let action = fields.get("action").map(String::as_str).unwrap_or_default();
    if typed.act(action) {
        return Ok(page(shell, &loaded, &typed, (Errors::default(), Vec::new())));
    }
    let accepted = match typed.accept() {
        Ok(accepted) => accepted,
        Err(mistakes) => {
            let page = page(shell, &loaded, &typed, mistakes);
            return Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
        }
    };
    let (org, by) = (session.staff.org, session.staff.id);
    let version = (&loaded.desk, loaded.version.version);
    let saved = (typed.revision, accepted.title, accepted.from, &accepted.document);
    let saved = store::save_desk_draft(&desk.db, org, version, saved, by).await;
    if saved.map_err(failed)? != Ok(true) {
        let notice = Notice::error("ほかの人が先に、この版を直したか、承認しました").text(
            "あなたの入力は残してあります。窓口のページを別の画面で開いて、いまの内容と比べてください。",
        );
        let page = page(
            shell.with_notice(notice),
            &loaded,
            &typed,
            (Errors::default(), Vec::new()),
        );
        return Ok((StatusCode::CONFLICT, page).into_response());
    }
    Ok(after_post_with(&loaded.address(), "saved").into_response())
}

fn page(shell: Shell, loaded: &Loaded, typed: &Typed, (errors, mistakes): (Errors, Vec<String>)) -> Response {
    Page(DeskEdit {
        address: loaded.address(),
        revision: typed.revision,
        shapes: typed.shapes(),
        head: typed.head(&errors),
        sections: typed.shown(&errors),
        mistakes,
        shell: shell
            .titled(format!(
                "{} 第{}版を直す",
                loaded.desk.name, loaded.version.version
            ))
            .with_errors(errors),
    })
    .into_response()
}
