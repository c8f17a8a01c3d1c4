//! `GET /observation/forms`: the questions as residents read them, in each language, and how a text leads to them.

use accounts::SignedIn;
use askama::Template;
use axum::extract::{Query, State};
use axum::response::IntoResponse;
use base::clock::Millis;
use desk::form::Form;
use desk::store::{FormVersion, current_form, versions};
use messaging::pages::{Answer, failed};
use serde::Deserialize;
use web::form::{Choice, Field};
use web::{Language, Page, PageError, Shell};

use super::Triage;
use super::form_words::FormWords;
use crate::questions::{LINKS, form_key};

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Asked {
    form: String,
    language: String,
}

#[derive(Template)]
#[template(path = "observation_forms.html")]
struct ObservationForms {
    shell: Shell,
    filters: Vec<Field>,
    field: String,
    words: FormWords,
    versions: Vec<(i64, Millis, bool)>,
}

pub(super) async fn show(
    State(triage): State<Triage>,
    session: SignedIn,
    Query(asked): Query<Asked>,
    shell: Shell,
) -> Answer {
    let (name, key) = LINKS
        .into_iter()
        .find(|(_, key)| *key == asked.form)
        .unwrap_or(LINKS[1]);
    let (db, org) = (&triage.db, session.staff.org);
    let form = current_form(db, org, &form_key(key)).await.map_err(failed)?;
    let form = form.ok_or(PageError::NotFound)?;
    let known: Vec<FormVersion> = versions(db, org, &form_key(key)).await.map_err(failed)?;
    let languages = form.languages();
    let language = Language::from_code(&asked.language).filter(|one| languages.contains(one));
    let language = language.unwrap_or_default();
    let page = page(shell, (name, key), &form, language, &known);
    Ok(Page(page).into_response())
}

fn page(
    shell: Shell,
    (name, key): (&str, &str),
    form: &Form,
    language: Language,
    versions: &[FormVersion],
) -> ObservationForms {
    let forms = LINKS.iter().map(|(name, key)| Choice::new(key, name));
    let languages = form.languages();
    let languages = languages
        .iter()
        .map(|one| Choice::new(one.code(), one.own_name()));
    ObservationForms {
        filters: vec![
            Field::select("form", "質問票", forms.collect()).value(key),
            Field::select("language", "言語", languages.collect()).value(language.code()),
        ],
        field: format!("{{{{リンク {name}}}}}"),
        words: FormWords::of(form, language),
        versions: versions
            .iter()
            .map(|one| (one.version, one.valid_from, one.is_own))
            .collect(),
        shell: shell.titled("質問票の内容"),
    }
}
