//! `GET /templates/{id}/compare?old=1&new=2`: what changed between two versions.

use accounts::SignedIn;
use askama::Template;
use axum::extract::{Query, State};
use axum::response::IntoResponse;
use base::clock::Millis;
use base::id::TemplateId;
use serde::Deserialize;
use web::form::{Choice, Field};
use web::{Page, PageError, Shell};

use super::template_diff::{Stretch, stretches};
use super::{Answer, Desk, Id, failed, names};
use crate::store;
use crate::template::{Content, Language, TemplateVersion, day_in_words};

/// Which two; as text, so that a wrong address leads nowhere instead of failing.
#[derive(Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    old: String,
    #[serde(default)]
    new: String,
}

#[derive(Template)]
#[template(path = "template_compare.html")]
struct TemplateCompare {
    shell: Shell,
    id: TemplateId,
    choices: [Field; 2],
    versions: [Side; 2],
    changes: Changes,
}

struct Side {
    number: i64,
    by: String,
    at: Millis,
}

/// What is not the same in two versions.
#[derive(Default)]
pub(super) struct Changes {
    /// What changed beside the texts.
    pub(super) terms: Vec<(bool, String)>,
    pub(super) texts: Vec<Changed>,
}

impl Changes {
    pub(super) fn of(old: &Content, new: &Content) -> Self {
        Self {
            terms: changed_terms(old, new),
            texts: changed_texts(old, new),
        }
    }
}

pub(super) struct Changed {
    pub(super) tag: &'static str,
    pub(super) label: &'static str,
    pub(super) stretches: Vec<Stretch>,
}

pub(super) async fn show(
    State(desk): State<Desk>,
    session: SignedIn,
    shell: Shell,
    Id(id): Id<TemplateId>,
    Query(asked): Query<Asked>,
) -> Answer {
    let org = session.staff.org;
    let template = store::template(&desk.db, org, id)
        .await
        .map_err(failed)?
        .ok_or(PageError::NotFound)?;
    let versions = store::template_versions(&desk.db, org, id)
        .await
        .map_err(failed)?;
    let pick = |number: &str| {
        let number: i64 = number.parse().ok()?;
        versions.iter().find(|version| version.version == number)
    };
    let (old, new) = pick(&asked.old)
        .zip(pick(&asked.new))
        .ok_or(PageError::NotFound)?;
    let staff = names(&desk, org, [old.created_by, new.created_by].into_iter()).await?;
    let side = |version: &TemplateVersion| Side {
        number: version.version,
        by: staff.of(version.created_by),
        at: version.created_at,
    };
    let page = TemplateCompare {
        id,
        choices: choices(&versions, old, new),
        versions: [side(old), side(new)],
        changes: Changes::of(&old.content, &new.content),
        shell: shell.titled(format!("文面「{}」の版の違い", template.name)),
    };
    Ok(Page(page).into_response())
}

fn choices(versions: &[TemplateVersion], old: &TemplateVersion, new: &TemplateVersion) -> [Field; 2] {
    let list = || -> Vec<Choice> {
        let choice = |one: &TemplateVersion| Choice::new(one.version, format!("第{}版", one.version));
        versions.iter().map(choice).collect()
    };
    [
        Field::select("old", "前の版", list()).short().value(old.version),
        Field::select("new", "後の版", list()).short().value(new.version),
    ]
}

/// What a version is for, and where and when it may be sent, in words.
pub(super) fn terms(content: &Content) -> Vec<String> {
    let mut terms = vec![
        content.purpose.label().to_owned(),
        content.stage.label().to_owned(),
        content.links.label().to_owned(),
    ];
    terms.extend(content.valid_from.map(|day| format!("{}から", day_in_words(day))));
    terms.extend(
        content
            .valid_until
            .map(|day| format!("{}まで", day_in_words(day))),
    );
    terms
}

/// The terms of only one side; `true` for the newer one.
fn changed_terms(old: &Content, new: &Content) -> Vec<(bool, String)> {
    let (old, new) = (terms(old), terms(new));
    let gone = old
        .iter()
        .filter(|term| !new.contains(term))
        .map(|term| (false, term.clone()));
    let come = new
        .iter()
        .filter(|term| !old.contains(term))
        .map(|term| (true, term.clone()));
    gone.chain(come).collect()
}

/// The texts that are not the same in both.
fn changed_texts(old: &Content, new: &Content) -> Vec<Changed> {
    let text = |content: &Content, language: Language| -> String {
        let mut texts = content.texts();
        let found = texts.find(|(one, _)| *one == language);
        found.map(|(_, text)| text.to_owned()).unwrap_or_default()
    };
    let both = Language::ALL
        .iter()
        .map(|one| (*one, text(old, *one), text(new, *one)));
    both.filter(|(_, old, new)| old != new)
        .map(|(language, old, new)| Changed {
            tag: language.tag(),
            label: language.label(),
            stretches: stretches(&old, &new),
        })
        .collect()
}
