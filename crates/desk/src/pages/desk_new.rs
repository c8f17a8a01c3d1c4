//! `GET /desks/new`: a new desk, from one that ships, from one of the organisation's, or from a pasted document.

use std::collections::HashMap;

use accounts::SignedIn;
use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use messaging::pages::{Answer, Desk};
use web::form::{Choice, Field};
use web::{Errors, Language, Page, PageError, Shell};

use super::outcome_load::all;
use crate::document::{DeskDocument, shipped};

#[derive(Template)]
#[template(path = "desk_new.html")]
struct DeskNew {
    shell: Shell,
    fields: Vec<Field>,
    /// Mistakes in a pasted document, with their places.
    mistakes: Vec<String>,
}

/// The word for a pasted document.
pub(super) const PASTED: &str = "json";

/// Everything that a desk can be made from: word, document.
pub(super) async fn models(
    desk: &Desk,
    session: &SignedIn,
) -> Result<Vec<(String, DeskDocument)>, PageError> {
    let mut models: Vec<(String, DeskDocument)> = shipped()
        .into_iter()
        .map(|one| (format!("shipped-{}", one.document.key()), one.document))
        .collect();
    for opened in all(desk, session).await? {
        if let Some(document) = opened.document {
            models.push((format!("own-{}", opened.row.id), document));
        }
    }
    Ok(models)
}

pub(super) fn title_of(document: &DeskDocument) -> &str {
    document
        .document()
        .title
        .of(Language::Japanese)
        .unwrap_or_default()
}

pub(super) async fn show(State(desk): State<Desk>, session: SignedIn, shell: Shell) -> Answer {
    page(
        &desk,
        &session,
        shell,
        &HashMap::new(),
        (Errors::default(), Vec::new()),
    )
    .await
}

pub(super) async fn page(
    desk: &Desk,
    session: &SignedIn,
    shell: Shell,
    typed: &HashMap<String, String>,
    (errors, mistakes): (Errors, Vec<String>),
) -> Result<Response, PageError> {
    let typed = |name: &str| typed.get(name).map(String::as_str).unwrap_or_default();
    let models = models(desk, session).await?;
    let choices = models.iter().map(|(word, document)| {
        let about = document
            .document()
            .about
            .of(Language::Japanese)
            .unwrap_or_default();
        let group = if word.starts_with("own-") {
            "この組織の窓口"
        } else {
            "見本の窓口"
        };
        Choice::new(word, title_of(document)).support(about).group(group)
    });
    let pasted = Choice::new(PASTED, "JSONを貼り付ける").group("ほかの組織の窓口");
    let first = models.first().map_or(PASTED, |(word, _)| word.as_str());
    let model = Some(typed("model"))
        .filter(|word| !word.is_empty())
        .unwrap_or(first);
    let fields = vec![
        Field::radios("model", "何から作りますか", choices.chain([pasted]).collect())
            .required()
            .value(model)
            .errors(&errors),
        Field::text("name", "窓口の名前")
            .optional()
            .support("空欄なら、もとの名前のまま作ります。住民のページとSMSに出ます。")
            .value(typed("name"))
            .errors(&errors),
        Field::text("key", "アドレスの言葉")
            .optional()
            .support("住民のページのアドレス（/d/の後ろ）に入る英小文字、数字、_ です。あとから変えられません。空欄なら、もとの言葉を使います。")
            .value(typed("key"))
            .errors(&errors),
        Field::long_text("document", "貼り付けるJSON", 6)
            .optional()
            .value(typed("document"))
            .errors(&errors),
    ];
    let refused = !errors.is_empty();
    let page = Page(DeskNew {
        fields,
        mistakes,
        shell: shell.titled("新しい申請窓口").with_errors(errors),
    });
    Ok(if refused {
        (StatusCode::UNPROCESSABLE_ENTITY, page).into_response()
    } else {
        page.into_response()
    })
}
