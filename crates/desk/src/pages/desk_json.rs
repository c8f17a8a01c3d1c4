//! `GET /desks/{id}/versions/{version}/json`, `POST` of the same: the whole document as it is written down, with every
//! mistake at its place.

use std::collections::HashMap;

use accounts::SignedIn;
use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use base::id::DeskId;
use messaging::pages::{Answer, Desk, failed};
use serde_json::Value;
use web::form::Field;
use web::ui::Notice;
use web::{CsrfForm, Errors, Id, Page, Shell, after_post_with};

use super::desk_load::{Loaded, version};
use super::desk_mistakes::told;
use crate::document::DeskDocument;
use crate::store::{self, NotKept};

#[derive(Template)]
#[template(path = "desk_json.html")]
struct DeskJson {
    shell: Shell,
    address: String,
    revision: i64,
    /// Whether it can still be written on.
    is_draft: bool,
    document: Field,
    mistakes: Vec<String>,
}

pub(super) async fn show(
    State(desk): State<Desk>,
    session: SignedIn,
    shell: Shell,
    Id(at): Id<(DeskId, i64)>,
) -> Answer {
    let loaded = version(&desk, &session, at).await?;
    let text = pretty(&loaded.version.draft.document);
    let seen = loaded.version.revision;
    Ok(page(shell, &loaded, (seen, &text), Vec::new()))
}

fn pretty(document: &str) -> String {
    let value: Value = serde_json::from_str(document).unwrap_or_default();
    serde_json::to_string_pretty(&value).unwrap_or_default()
}

pub(super) async fn submit(
    State(desk): State<Desk>,
    session: SignedIn,
    shell: Shell,
    Id(at): Id<(DeskId, i64)>,
    CsrfForm(fields): CsrfForm<HashMap<String, String>>,
) -> Answer {
    let loaded = super::desk_load::draft(&desk, &session, at).await?;
    let text = fields.get("document").map(String::as_str).unwrap_or_default();
    let seen = fields
        .get("revision")
        .and_then(|text| text.parse().ok())
        .unwrap_or_default();
    let refused = |shell: Shell, mistakes| {
        let page = page(shell, &loaded, (seen, text), mistakes);
        (StatusCode::UNPROCESSABLE_ENTITY, page).into_response()
    };
    let document = match DeskDocument::parse(text) {
        Ok(document) => document,
        Err(problem) => return Ok(refused(shell, told(&problem))),
    };
    let (org, by) = (session.staff.org, session.staff.id);
    let draft = &loaded.version.draft;
    let version = (&loaded.desk, loaded.version.version);
    let saved = (seen, draft.title.clone(), draft.from, &document);
    let saved = store::save_desk_draft(&desk.db, org, version, saved, by).await;
    match saved.map_err(failed)? {
        Ok(true) => Ok(after_post_with(&loaded.address(), "saved").into_response()),
        Err(NotKept::OtherKey | NotKept::KeyTaken) => {
            let what = format!(
                "key: この窓口の言葉は「{}」です。変えられません。",
                loaded.desk.key
            );
            Ok(refused(shell, vec![what]))
        }
        Ok(false) => {
            let notice = Notice::error("ほかの人が先に、この版を直したか、承認しました")
                .text("あなたの入力は残してあります。別の画面で、いまの内容と比べてください。");
            let page = page(shell.with_notice(notice), &loaded, (seen, text), Vec::new());
            Ok((StatusCode::CONFLICT, page).into_response())
        }
    }
}

fn page(shell: Shell, loaded: &Loaded, (revision, text): (i64, &str), mistakes: Vec<String>) -> Response {
    let mut errors = Errors::default();
    if !mistakes.is_empty() {
        errors.add(
            "document",
            format!("文書に{}か所の誤りがあります。保存していません。", mistakes.len()),
        );
    }
    Page(DeskJson {
        address: loaded.address(),
        revision,
        is_draft: loaded.version.is_draft(),
        document: Field::long_text("document", "窓口の文書（JSON）", 30)
            .support("項目の意味は、とどけの文書「窓口」にあります。")
            .value(text)
            .errors(&errors),
        mistakes,
        shell: shell
            .titled(format!(
                "{} 第{}版の文書",
                loaded.desk.name, loaded.version.version
            ))
            .with_errors(errors),
    })
    .into_response()
}
