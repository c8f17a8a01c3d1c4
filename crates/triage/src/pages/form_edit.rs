//! `GET /forms/{id}/versions/{version}/edit`, `POST` of the same: the texts of one language at a time, or the whole
//! document as JSON. What does not fit together is told, and what was typed stays.

use std::collections::HashMap;

use accounts::SignedIn;
use accounts::versions::Draft;
use askama::Template;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use base::date::{self, CalendarDate};
use base::id::FormId;
use desk::form::{Document, Form, Problem};
use desk::store::{save_form_draft, written};
use messaging::pages::{Answer, failed};
use serde::Deserialize;
use web::form::{Choice, Field};
use web::ui::Notice;
use web::{CsrfForm, Errors, Id, Language, Page, PageError, Shell, after_post_with};

use super::Triage;
use super::form_load::{self, Loaded, language};
use super::programme_words::day;
use crate::limits::VALUE_LETTERS;

/// Texts of more letters than this stand in several lines.
const ONE_LINE: usize = 40;

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Asked {
    language: String,
}

#[derive(Template)]
#[template(path = "form_edit.html")]
struct FormEdit {
    shell: Shell,
    address: String,
    revision: i64,
    language: Language,
    languages: Field,
    head: Vec<Field>,
    /// What the form of the whole document carries along.
    version_title: String,
    version_from: String,
    reviewed: Option<Field>,
    pages: Vec<(String, Vec<Field>)>,
    document: Field,
}

/// What stands in the form.
struct Typed {
    title: String,
    from: String,
    language: Language,
    document: Document,
    /// The document as it was typed, if it was.
    json: Option<String>,
}

pub(super) async fn show(
    State(triage): State<Triage>,
    session: SignedIn,
    Id(at): Id<(FormId, i64)>,
    Query(asked): Query<Asked>,
    shell: Shell,
) -> Answer {
    let loaded = draft(&triage, &session, at).await?;
    let shell = match shell.done() {
        Some("made") => shell.with_notice(
            Notice::info("下書きを作りました")
                .text("直して保存してください。ほかの人が承認するまで、使われません。"),
        ),
        _ => shell,
    };
    let typed = Typed {
        title: loaded.version.draft.title.clone(),
        from: day(loaded.version.draft.from),
        language: language(&asked.language),
        document: loaded.form.document().clone(),
        json: None,
    };
    Ok(page(shell, &loaded, &typed, Errors::default()))
}

pub(super) async fn submit(
    State(triage): State<Triage>,
    session: SignedIn,
    shell: Shell,
    Id(at): Id<(FormId, i64)>,
    CsrfForm(fields): CsrfForm<HashMap<String, String>>,
) -> Answer {
    let loaded = draft(&triage, &session, at).await?;
    let mut errors = Errors::default();
    let (typed, form) = read(&loaded, &fields, &mut errors);
    let head = head(&typed, &mut errors);
    let (Some((title, from)), Some(form)) = (head, form.filter(|_| errors.is_empty())) else {
        let page = page(shell, &loaded, &typed, errors);
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
    };
    let draft = Draft {
        title,
        from,
        document: written(&form),
    };
    let seen = fields
        .get("revision")
        .and_then(|text| text.parse().ok())
        .unwrap_or_default();
    let (org, by) = (session.staff.org, session.staff.id);
    let saved = save_form_draft(&triage.db, org, at, (seen, draft), by);
    if !saved.await.map_err(failed)? {
        let notice = Notice::error("ほかの人が先に、この版を直したか、承認しました").text(
            "あなたの入力は残してあります。この版のページを別の画面で開いて、いまの内容と比べてください。",
        );
        let page = page(shell.with_notice(notice), &loaded, &typed, Errors::default());
        return Ok((StatusCode::CONFLICT, page).into_response());
    }
    let address = format!("{}?language={}", loaded.address(), typed.language.code());
    Ok(after_post_with(&address, "saved").into_response())
}

/// What was typed, and the form that it makes.
fn read(loaded: &Loaded, fields: &HashMap<String, String>, errors: &mut Errors) -> (Typed, Option<Form>) {
    let get = |name: &str| fields.get(name).cloned();
    let mut typed = Typed {
        title: get("title-of-version").unwrap_or_default(),
        from: get("from").unwrap_or_default(),
        language: language(&get("language").unwrap_or_default()),
        document: loaded.form.document().clone(),
        json: get("document"),
    };
    let form = if let Some(json) = &typed.json {
        match Form::parse(json) {
            Ok(form) if form.key() == loaded.form.key() => Some(form),
            Ok(_) => {
                let key = loaded.form.key();
                errors.add("document", format!("key は「{key}」のままにしてください。"));
                None
            }
            Err(problem) => {
                errors.add("document", problem);
                None
            }
        }
    } else {
        typed.document.write(typed.language, &|name| get(&field_of(name)));
        if typed.language != Language::Japanese {
            typed
                .document
                .review(typed.language, fields.contains_key("reviewed"));
        }
        match Form::of(typed.document.clone()) {
            Ok(form) => Some(form),
            Err(problems) => {
                tell(&typed.document, problems, errors);
                None
            }
        }
    };
    (typed, form)
}

/// The field of a text: the names of pages and questions have no dash.
fn field_of(slot: &str) -> String {
    format!("text-{}", slot.replace('.', "-"))
}

/// Each mistake at its text; what stands at none, at the head of the form.
fn tell(document: &Document, problems: Vec<Problem>, errors: &mut Errors) {
    let slots = document.texts();
    for problem in problems {
        if slots.iter().any(|(slot, _)| slot.name == problem.at) {
            errors.add(field_of(&problem.at), problem.what);
        } else {
            errors.add("title-of-version", problem);
        }
    }
}

fn head(typed: &Typed, errors: &mut Errors) -> Option<(String, CalendarDate)> {
    let title = typed.title.trim();
    if title.is_empty() || title.chars().count() > VALUE_LETTERS {
        errors.add(
            "title-of-version",
            format!("何を変えたかを、{VALUE_LETTERS}文字までで入力してください。"),
        );
    }
    let from = date::parse(&typed.from).ok().and_then(date::Parsed::full);
    if from.is_none() {
        errors.add("from", "始まりの日を「2022/9/26」のように入力してください。");
    }
    Some((title.to_owned(), from?))
}

async fn draft(triage: &Triage, session: &SignedIn, at: (FormId, i64)) -> Result<Loaded, PageError> {
    let loaded = form_load::own_version(triage, session, at).await?;
    if loaded.version.is_draft() {
        return Ok(loaded);
    }
    Err(PageError::conflict(
        "この版は承認されたか取り下げられたため、直せません。",
        "質問の版のページで、新しい下書きを作ってください。",
    ))
}

fn page(shell: Shell, loaded: &Loaded, typed: &Typed, errors: Errors) -> Response {
    let languages = Language::ALL
        .iter()
        .map(|one| Choice::new(one.code(), one.own_name()));
    let is_translation = typed.language != Language::Japanese;
    let json = typed.json.clone().unwrap_or_else(|| {
        serde_json::to_string_pretty(loaded.form.document()).expect("a form becomes JSON")
    });
    Page(FormEdit {
        address: loaded.address(),
        revision: loaded.version.revision,
        language: typed.language,
        languages: Field::select("language", "言語", languages.collect()).value(typed.language.code()),
        head: vec![
            Field::text("title-of-version", "何を変えたか")
                .required()
                .value(&typed.title)
                .errors(&errors),
            Field::text("from", "始まりの日")
                .required()
                .short()
                .value(&typed.from)
                .errors(&errors),
        ],
        version_title: typed.title.clone(),
        version_from: typed.from.clone(),
        reviewed: is_translation.then(|| {
            let is_reviewed = typed.document.languages.iter();
            let mut is_reviewed = is_reviewed.filter(|one| one.language == typed.language.code());
            let is_reviewed = is_reviewed.any(|one| one.reviewed);
            Field::check("reviewed", "この言語と内容の分かる人が、すべての文を確かめた")
                .value(if is_reviewed { "yes" } else { "" })
        }),
        pages: pages(&typed.document, typed.language, &errors),
        document: Field::long_text("document", "定義（JSON）", 20)
            .required()
            .value(json)
            .errors(&errors),
        shell: shell
            .titled(format!("{}を直す", loaded.title()))
            .with_errors(errors),
    })
    .into_response()
}

/// The texts, page by page. Whoever translates sees the Japanese beside each.
fn pages(document: &Document, language: Language, errors: &Errors) -> Vec<(String, Vec<Field>)> {
    let mut pages: Vec<(String, Vec<Field>)> = Vec::new();
    for (slot, texts) in document.texts() {
        let heading = match slot.page {
            None => "質問の前とあと".to_owned(),
            Some(number) => format!("ページ{number}"),
        };
        let japanese = texts.of(Language::Japanese).unwrap_or_default();
        let own = texts.of(language).unwrap_or_default();
        let name = field_of(&slot.name);
        let field = if japanese.chars().count().max(own.chars().count()) > ONE_LINE {
            Field::long_text(&name, &slot.what, 3)
        } else {
            Field::text(&name, &slot.what)
        };
        let field = if language == Language::Japanese || japanese.is_empty() {
            field
        } else {
            field.support(format!("日本語: {japanese}"))
        };
        let field = field.value(own).errors(errors);
        match pages.last_mut() {
            Some((last, fields)) if *last == heading => fields.push(field),
            _ => pages.push((heading, vec![field])),
        }
    }
    pages
}
