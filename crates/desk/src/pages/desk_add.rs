//! `POST /desks`: a desk with its first draft, made from a document that is there.

use std::collections::HashMap;

use accounts::SignedIn;
use axum::extract::State;
use axum::response::IntoResponse;
use messaging::pages::{Answer, Desk, failed};
use serde_json::{Value, json};
use web::{CsrfForm, Errors, Shell, after_post_with};

use super::desk_load::today;
use super::desk_mistakes::told;
use super::desk_new::{PASTED, models, page};
use crate::document::DeskDocument;
use crate::form::{DocumentProblem, Key};
use crate::store;

pub(super) async fn submit(
    State(desk): State<Desk>,
    session: SignedIn,
    shell: Shell,
    CsrfForm(fields): CsrfForm<HashMap<String, String>>,
) -> Answer {
    let typed = |name: &str| fields.get(name).map(|text| text.trim()).unwrap_or_default();
    let mut errors = Errors::default();
    let model = if typed("model") == PASTED {
        Some(typed("document").to_owned())
    } else {
        let all = models(&desk, &session).await?;
        let found = all.into_iter().find(|(word, _)| word == typed("model"));
        found.map(|(_, document)| document.to_json())
    };
    let key = Some(typed("key")).filter(|key| !key.is_empty());
    if key.is_some_and(|key| Key::parse(key).is_none()) {
        errors.add(
            "key",
            "アドレスの言葉は、英小文字で始め、英小文字、数字、_ で入力してください。",
        );
    }
    let Some(model) = model else {
        errors.add("model", "何から作るかを選んでください。");
        return page(&desk, &session, shell, &fields, (errors, Vec::new())).await;
    };
    if !errors.is_empty() {
        return page(&desk, &session, shell, &fields, (errors, Vec::new())).await;
    }
    let document = match changed(&model, key, typed("name")) {
        Ok(document) => document,
        Err(problem) => {
            let mistakes = told(&problem);
            errors.add(
                "document",
                format!("このJSONからは窓口を作れません（誤り{}か所）。", mistakes.len()),
            );
            return page(&desk, &session, shell, &fields, (errors, mistakes)).await;
        }
    };
    let staff = &session.staff;
    let new = ("はじめの版".to_owned(), today(&desk)?, &document);
    let added = store::add_desk(&desk.db, staff.org, staff.office, new, staff.id);
    let Some(id) = added.await.map_err(failed)? else {
        errors.add(
            "key",
            format!(
                "「{}」という言葉の窓口は、もうあります。別の言葉を入力してください。",
                document.key()
            ),
        );
        return page(&desk, &session, shell, &fields, (errors, Vec::new())).await;
    };
    Ok(after_post_with(&format!("/desks/{id}/versions/1/edit"), "made").into_response())
}

/// The document with another word and name. What stands in other languages is the old name's, and goes.
fn changed(model: &str, key: Option<&str>, name: &str) -> Result<DeskDocument, DocumentProblem> {
    let mut value: Value =
        serde_json::from_str(model).map_err(|error| DocumentProblem::Unreadable(error.to_string()))?;
    if let Some(key) = key {
        value["key"] = json!(key);
    }
    if !name.is_empty() {
        value["title"] = json!({ "ja": name });
    }
    DeskDocument::parse(&value.to_string())
}
