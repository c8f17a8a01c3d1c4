//! `GET /programmes/new`: a new programme, empty or from an example.

use std::collections::HashMap;

use accounts::SignedIn;
use askama::Template;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use web::form::{Choice, Field};
use web::{Errors, Page, PageError, Shell};

use super::programme_load::is_head_office;
use crate::programme::{Example, examples};
use messaging::pages::Answer;

#[derive(Template)]
#[template(path = "programme_new.html")]
struct ProgrammeNew {
    shell: Shell,
    name: Field,
    example: Field,
    examples: Vec<Example>,
}

pub(super) async fn show(session: SignedIn, shell: Shell) -> Answer {
    if !is_head_office(&session.staff) {
        return Err(PageError::NotFound);
    }
    Ok(page(shell, &HashMap::new(), Errors::default()))
}

pub(super) fn page(shell: Shell, typed: &HashMap<String, String>, errors: Errors) -> Response {
    let typed = |name: &str| typed.get(name).map(String::as_str).unwrap_or_default();
    let examples = examples();
    let empty = Choice::new("", "空の規則から").support("全員に電話する規則が1つだけの下書きを作ります。");
    let choices = examples.iter().map(|example| {
        Choice::new(&example.code, &example.name).support(format!(
            "{}（{}版）",
            example.about,
            example.versions.len()
        ))
    });
    let name = Field::text("name", "名前")
        .support("空の規則から作るときに入力します。例は、例の名前で入ります。")
        .value(typed("name"))
        .errors(&errors);
    let example = Field::radios(
        "example",
        "何から作りますか",
        std::iter::once(empty).chain(choices).collect(),
    );
    let refused = !errors.is_empty();
    let page = Page(ProgrammeNew {
        name,
        example: example.value(typed("example")).errors(&errors),
        examples,
        shell: shell.titled("新しい振り分け規則").with_errors(errors),
    });
    if refused {
        (StatusCode::UNPROCESSABLE_ENTITY, page).into_response()
    } else {
        page.into_response()
    }
}
