//! `GET /forms/{id}/versions/{version}`: one version as residents read it, and what may be done with it.

use accounts::{Permission, SignedIn};
use askama::Template;
use axum::extract::{Query, State};
use axum::response::IntoResponse;
use base::clock::Millis;
use base::id::FormId;
use desk::store::{form_draft_authors, form_drafts};
use messaging::pages::{Answer, failed};
use serde::Deserialize;
use web::form::{Choice, Field};
use web::ui::{Chip, Notice};
use web::{Id, Page, Shell};

use super::Triage;
use super::form_list::people;
use super::form_load::{self, Loaded, chip, language};
use super::form_words::FormWords;
use super::programme_load::{is_head_office, names_of, today};
use super::programme_words::day;

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Asked {
    language: String,
}

#[derive(Template)]
#[template(path = "form_version.html")]
struct FormVersion {
    shell: Shell,
    address: String,
    number: i64,
    revision: i64,
    chip: Chip,
    from: String,
    saved: (String, Millis),
    approved: Option<(String, Millis)>,
    withdrawn: Option<(String, Millis, String)>,
    is_draft: bool,
    changes: bool,
    approval: Approval,
    language: Field,
    words: FormWords,
    reason: Field,
}

/// What the person may do about its approval.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Approval {
    None,
    /// Nothing, because the person wrote on it.
    Own,
    /// Approve it; people are asked by it at once.
    AtOnce,
    /// Approve it; people are asked by it from its first day on.
    Ahead,
}

pub(super) async fn show(
    State(triage): State<Triage>,
    session: SignedIn,
    Id(at): Id<(FormId, i64)>,
    Query(asked): Query<Asked>,
    shell: Shell,
) -> Answer {
    let loaded = form_load::version(&triage, &session, at).await?;
    let authors = form_draft_authors(&triage.db, session.staff.org, at)
        .await
        .map_err(failed)?;
    let all = form_drafts(&triage.db, session.staff.org, at.0)
        .await
        .map_err(failed)?;
    let today = today(&triage)?;
    let (version, form) = (&loaded.version, &loaded.form);
    let names = names_of(&triage, &session, people(version).collect()).await?;
    let allowed = is_head_office(&session.staff);
    let language = language(&asked.language);
    let languages = form.languages();
    let languages = languages
        .iter()
        .map(|one| Choice::new(one.code(), one.own_name()));
    Ok(Page(FormVersion {
        address: loaded.address(),
        number: version.version,
        revision: version.revision,
        chip: chip(version, &all, today),
        from: day(version.draft.from),
        saved: (names.of(version.saved_by), version.saved_at),
        approved: version.approved.map(|(by, at)| (names.of(by), at)),
        withdrawn: version
            .withdrawn
            .as_ref()
            .map(|(by, at, why)| (names.of(Some(*by)), *at, why.clone())),
        is_draft: version.is_draft(),
        changes: allowed && session.staff.may(Permission::ManageProgrammes),
        approval: match allowed && session.staff.may(Permission::Approve) {
            false => Approval::None,
            true if authors.contains(&session.staff.id) => Approval::Own,
            true if version.draft.from <= today => Approval::AtOnce,
            true => Approval::Ahead,
        },
        language: Field::select("language", "言語", languages.collect()).value(language.code()),
        words: FormWords::of(form, language),
        reason: Field::text("reason", "取り下げる理由")
            .required()
            .support("記録に残ります。"),
        shell: with_notice(shell, &loaded),
    })
    .into_response())
}

fn with_notice(shell: Shell, loaded: &Loaded) -> Shell {
    let shell = shell.titled(loaded.title());
    let notice = match shell.done() {
        Some("saved") => Notice::success("下書きを保存しました")
            .text("ほかの人が承認すると、始まりの日から、この質問で聞きます。"),
        Some("approved") => Notice::success("この版を承認しました")
            .text("始まりの日から、この質問で聞きます。すでに頼んだ人には、頼んだときの質問のまま聞きます。"),
        Some("withdrawn") => Notice::success("この版を取り下げました")
            .text("これから頼む人には使いません。すでに頼んだ人の質問と、届いた回答は変わりません。"),
        _ => return shell,
    };
    shell.with_notice(notice)
}
