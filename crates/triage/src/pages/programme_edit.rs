//! `GET /programmes/{id}/versions/{version}/edit`, `POST` of the same: a draft is written. Buttons that move lines
//! keep what was typed and save nothing.

use std::collections::HashMap;

use accounts::SignedIn;
use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use base::id::ProgrammeId;
use web::ui::Notice;
use web::{CsrfForm, Errors, Id, Page, PageError, Shell, after_post_with};

use super::Triage;
use super::programme_care::Texts;
use super::programme_fields::Fields;
use super::programme_form::{Action, Typed};
use super::programme_load::{self, Loaded};
use crate::store::programmes;
use messaging::pages::{Answer, failed};

#[derive(Template)]
#[template(path = "programme_edit.html")]
struct ProgrammeEdit {
    shell: Shell,
    address: String,
    revision: i64,
    fields: Fields,
}

pub(super) async fn show(
    State(desk): State<Triage>,
    session: SignedIn,
    shell: Shell,
    Id(at): Id<(ProgrammeId, i64)>,
) -> Answer {
    let loaded = draft(&desk, &session, at).await?;
    let offices = programme_load::offices(&desk, &session).await?;
    let texts = Texts::load(&desk.db, session.staff.org).await?;
    let typed = Typed::of(&loaded.version, &offices);
    let shell = match shell.done() {
        Some("made") => shell.with_notice(
            Notice::info("下書きを作りました")
                .text("直して保存してください。ほかの人が承認するまで、使われません。"),
        ),
        _ => shell,
    };
    Ok(page(shell, &loaded, (&typed, &texts), Errors::default()))
}

pub(super) async fn submit(
    State(desk): State<Triage>,
    session: SignedIn,
    shell: Shell,
    Id(at): Id<(ProgrammeId, i64)>,
    CsrfForm(fields): CsrfForm<HashMap<String, String>>,
) -> Answer {
    let loaded = draft(&desk, &session, at).await?;
    let offices = programme_load::offices(&desk, &session).await?;
    let texts = Texts::load(&desk.db, session.staff.org).await?;
    let mut typed = Typed::read(&fields);
    let action = Action::of(&fields);
    typed.act(action);
    if action != Action::Save {
        return Ok(page(shell, &loaded, (&typed, &texts), Errors::default()));
    }
    let draft = match typed.accept(&offices) {
        Ok(draft) => draft,
        Err(errors) => {
            let page = page(shell, &loaded, (&typed, &texts), errors);
            return Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
        }
    };
    let seen = (typed.revision, draft);
    let saved = programmes::save_draft(&desk.db, session.staff.org, at, seen, session.staff.id);
    if !saved.await.map_err(failed)? {
        let notice = Notice::error("ほかの人が先に、この版を直したか、承認しました").text(
            "あなたの入力は残してあります。規則のページを別の画面で開いて、いまの内容と比べてください。",
        );
        let page = page(
            shell.with_notice(notice),
            &loaded,
            (&typed, &texts),
            Errors::default(),
        );
        return Ok((StatusCode::CONFLICT, page).into_response());
    }
    let address = format!("/programmes/{}/versions/{}", at.0, at.1);
    Ok(after_post_with(&address, "saved").into_response())
}

async fn draft(desk: &Triage, session: &SignedIn, at: (ProgrammeId, i64)) -> Result<Loaded, PageError> {
    let loaded = programme_load::own_version(desk, session, at).await?;
    if loaded.version.is_draft() {
        return Ok(loaded);
    }
    Err(PageError::conflict(
        "この版は承認されたか取り下げられたため、直せません。",
        "規則のページで、この版をもとに新しい下書きを作ってください。",
    ))
}

fn page(shell: Shell, loaded: &Loaded, (typed, texts): (&Typed, &Texts), errors: Errors) -> Response {
    let version = &loaded.version;
    Page(ProgrammeEdit {
        address: format!("/programmes/{}/versions/{}", loaded.programme.id, version.version),
        revision: typed.revision,
        fields: Fields::of(typed, texts, &errors),
        shell: shell
            .titled(format!("{} 第{}版を直す", loaded.programme.name, version.version))
            .with_errors(errors),
    })
    .into_response()
}
