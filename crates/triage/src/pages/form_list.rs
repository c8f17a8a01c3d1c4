//! `GET /forms`: what residents are asked with, by which version, and every version that the organisation wrote.

use accounts::SignedIn;
use accounts::versions::VersionRow;
use askama::Template;
use axum::extract::State;
use axum::response::IntoResponse;
use base::clock::Millis;
use base::id::{FormId, StaffId};
use desk::store::{form_drafts, form_named};
use messaging::pages::{Answer, failed};
use web::ui::Chip;
use web::{Page, Shell};

use super::Triage;
use super::form_load::{chip, in_force};
use super::programme_load::{Names, is_head_office, names_of, today};
use super::programme_words::day;
use crate::questions::{LINKS, form_key};

#[derive(Template)]
#[template(path = "form_list.html")]
struct FormList {
    shell: Shell,
    forms: Vec<Asked>,
    /// Whether the person may write one.
    makes: bool,
}

/// A form.
struct Asked {
    key: &'static str,
    name: &'static str,
    /// Number, title and first day of the version of today; none for what came with the program.
    now: Option<(i64, String, String)>,
    lines: Vec<Line>,
}

/// A version of it.
struct Line {
    href: String,
    number: i64,
    title: String,
    from: String,
    chip: Chip,
    saved: (String, Millis),
    approved: Option<(String, Millis)>,
}

pub(super) async fn show(State(triage): State<Triage>, session: SignedIn, shell: Shell) -> Answer {
    let (db, org) = (&triage.db, session.staff.org);
    let today = today(&triage)?;
    let mut forms = Vec::new();
    for (name, key) in LINKS {
        let id = form_named(db, org, &form_key(key)).await.map_err(failed)?;
        let versions = match id {
            Some(id) => form_drafts(db, org, id).await.map_err(failed)?,
            None => Vec::new(),
        };
        let people = versions.iter().flat_map(people).collect();
        let names = names_of(&triage, &session, people).await?;
        let now = in_force(&versions, today);
        let lines = versions.iter().zip(id.iter().cycle());
        forms.push(Asked {
            key,
            name,
            now: now.map(|one| (one.version, one.draft.title.clone(), day(one.draft.from))),
            lines: lines
                .map(|(one, id)| line(*id, one, &names, chip(one, &versions, today)))
                .collect(),
        });
    }
    let makes = is_head_office(&session.staff) && shell.may("POST", "/forms");
    Ok(Page(FormList {
        shell: shell.titled("質問の版"),
        forms,
        makes,
    })
    .into_response())
}

/// Who did something about a version.
pub(super) fn people(version: &VersionRow) -> impl Iterator<Item = StaffId> {
    let approved = version.approved.and_then(|(by, _)| by);
    let withdrawn = version.withdrawn.as_ref().map(|(by, ..)| *by);
    [version.saved_by, approved, withdrawn].into_iter().flatten()
}

fn line(id: FormId, version: &VersionRow, names: &Names, chip: Chip) -> Line {
    Line {
        href: format!("/forms/{id}/versions/{}", version.version),
        number: version.version,
        title: version.draft.title.clone(),
        from: day(version.draft.from),
        chip,
        saved: (names.of(version.saved_by), version.saved_at),
        approved: version.approved.map(|(by, at)| (names.of(by), at)),
    }
}
