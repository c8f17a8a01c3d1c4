//! `GET /desks/{id}/versions/{version}`: one version in words, what it changes, and what may be done with it.

use accounts::{Permission, SignedIn};
use askama::Template;
use axum::extract::State;
use axum::response::IntoResponse;
use base::clock::Millis;
use base::id::DeskId;
use messaging::pages::{Answer, Desk, failed};
use web::form::Field;
use web::ui::{Chip, Notice};
use web::{Id, Page, Shell};

use super::desk_changes::{Changes, changes};
use super::desk_load::{self, chip, day, newest, today};
use super::desk_words::facts;
use crate::document::Source;
use crate::store;

#[derive(Template)]
#[template(path = "desk_version.html")]
struct DeskVersion {
    shell: Shell,
    desk: DeskId,
    name: String,
    address: String,
    number: i64,
    revision: i64,
    is_draft: bool,
    chip: Chip,
    from: String,
    facts: Vec<(&'static str, String)>,
    changes: Option<(i64, Changes)>,
    sources: Vec<Source>,
    saved: (String, Millis),
    approved: Option<(String, Millis)>,
    withdrawn: Option<(String, Millis, String)>,
    approval: Approval,
    reason: Field,
}

/// What the person may do about its approval.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Approval {
    /// Nothing.
    None,
    /// Nothing, because the person wrote on it.
    Own,
    /// Approve it; it holds at once.
    AtOnce,
    /// Approve it; it holds from its first day on.
    Ahead,
}

pub(super) async fn show(
    State(desk): State<Desk>,
    session: SignedIn,
    shell: Shell,
    Id(at): Id<(DeskId, i64)>,
) -> Answer {
    let loaded = desk_load::version(&desk, &session, at).await?;
    let org = session.staff.org;
    let all = store::desk_versions(&desk.db, org, at.0).await.map_err(failed)?;
    let authors = store::desk_authors(&desk.db, org, at).await.map_err(failed)?;
    let version = &loaded.version;
    let names = desk_load::names(&desk, &session, std::slice::from_ref(version)).await?;
    let today = today(&desk)?;
    let now = newest(&all, today).filter(|now| now.version != version.version);
    let page = DeskVersion {
        desk: loaded.desk.id,
        name: loaded.desk.name.clone(),
        address: loaded.address(),
        number: version.version,
        revision: version.revision,
        is_draft: version.is_draft(),
        chip: chip(version, &all, today),
        from: day(version.draft.from),
        facts: facts(&loaded.document),
        changes: now.map(|now| {
            let found = changes(&now.draft.document, &version.draft.document);
            (now.version, found)
        }),
        sources: loaded.document.document().sources.clone(),
        saved: (names.of(version.saved_by), version.saved_at),
        approved: version.approved.map(|(by, at)| (names.of(by), at)),
        withdrawn: version
            .withdrawn
            .as_ref()
            .map(|(by, at, why)| (names.of(Some(*by)), *at, why.clone())),
        approval: match session.staff.may(Permission::Approve) {
            false => Approval::None,
            true if authors.contains(&session.staff.id) => Approval::Own,
            true if version.draft.from <= today => Approval::AtOnce,
            true => Approval::Ahead,
        },
        reason: Field::text("reason", "取り下げる理由")
            .required()
            .support("記録に残ります。"),
        shell: with_notice(shell.titled(format!(
            "{} 第{}版「{}」",
            loaded.desk.name, version.version, version.draft.title
        ))),
    };
    Ok(Page(page).into_response())
}

fn with_notice(shell: Shell) -> Shell {
    let notice = match shell.done() {
        Some("saved") => {
            Notice::success("下書きを保存しました").text("ほかの人が承認すると、始まりの日から使われます。")
        }
        Some("approved") => Notice::success("この版を承認しました")
            .text("始まりの日から、新しい申請に使われます。結果の文面も、その日から使われます。"),
        Some("withdrawn") => Notice::success("この版を取り下げました")
            .text("新しい申請には使われません。この版で申請した人の判定と連絡は続けられます。"),
        _ => return shell,
    };
    shell.with_notice(notice)
}
