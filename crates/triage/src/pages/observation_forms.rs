//! `GET /observation/forms`: the questions as residents read them, in each language, and how a text leads to them.

use accounts::SignedIn;
use askama::Template;
use axum::extract::{Query, State};
use axum::response::IntoResponse;
use base::clock::Millis;
use desk::form::{Form, Kind, Level};
use desk::store::{FormVersion, current_form, versions};
use messaging::pages::{Answer, failed};
use serde::Deserialize;
use web::form::{Choice, Field};
use web::{Language, Page, PageError, Shell};

use super::Triage;
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
    title: String,
    field: String,
    purpose: String,
    closing: String,
    tag: &'static str,
    is_unreviewed: bool,
    questions: Vec<Asks>,
    flags: Vec<(&'static str, String)>,
    versions: Vec<(i64, Millis, bool)>,
}

/// One question.
struct Asks {
    label: String,
    help: String,
    kind: &'static str,
    options: Vec<String>,
    is_optional: bool,
    depends: bool,
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
    let document = form.document();
    let forms = LINKS.iter().map(|(name, key)| Choice::new(key, name));
    let languages = form.languages();
    let languages = languages
        .iter()
        .map(|one| Choice::new(one.code(), one.own_name()));
    let questions = form.questions().map(|(page, question)| Asks {
        label: question.label.shown(language).plain().to_owned(),
        help: question.help.shown(language).plain().to_owned(),
        kind: kind(&question.kind),
        options: match &question.kind {
            Kind::Choice { options } | Kind::Several { options } => options
                .iter()
                .map(|one| one.label.shown(language).plain().to_owned())
                .collect(),
            _ => Vec::new(),
        },
        is_optional: question.optional,
        depends: question.show_if.is_some() || page.show_if.is_some(),
    });
    let flags = document.red_flags.iter().map(|flag| {
        let level = match flag.level {
            Level::Emergency => "119番を案内し、職員に知らせる",
            Level::Call => "職員に知らせる",
        };
        (level, flag.label.clone())
    });
    ObservationForms {
        filters: vec![
            Field::select("form", "質問票", forms.collect()).value(key),
            Field::select("language", "言語", languages.collect()).value(language.code()),
        ],
        title: document.title.shown(language).plain().to_owned(),
        field: format!("{{{{リンク {name}}}}}"),
        purpose: document.purpose.shown(language).plain().to_owned(),
        closing: document.closing.shown(language).plain().to_owned(),
        tag: language.tag(),
        is_unreviewed: form.unreviewed(language),
        questions: questions.collect(),
        flags: flags.collect(),
        versions: versions
            .iter()
            .map(|one| (one.version, one.valid_from, one.is_own))
            .collect(),
        shell: shell.titled("質問票の内容"),
    }
}

fn kind(kind: &Kind) -> &'static str {
    match kind {
        Kind::YesNo => "はい・いいえ",
        Kind::Choice { .. } => "1つを選ぶ",
        Kind::Several { .. } => "あてはまるものをすべて選ぶ",
        Kind::Number { .. } => "数",
        Kind::Text { .. } => "短い文",
        Kind::LongText { .. } => "文",
        Kind::Day { .. } => "日付",
        Kind::List { .. } => "人や場所の一覧",
    }
}
