//! `GET /programmes/{id}/versions/{version}`: one version in words, and what may be done with it.

use accounts::{Permission, SignedIn};
use askama::Template;
use axum::extract::State;
use axum::response::IntoResponse;
use base::clock::Millis;
use base::id::ProgrammeId;
use web::form::Field;
use web::ui::{Chip, Notice};
use web::{Id, Page, Shell};

use super::Triage;
use super::programme_load::{self, Loaded, Offices, may_change, may_see, today};
use super::programme_words::{self, Words, newest};
use crate::programme::Scope;
use crate::store::programmes::{self, VersionRow};
use messaging::pages::{Answer, failed};

#[derive(Template)]
#[template(path = "programme_version.html")]
struct ProgrammeVersion {
    shell: Shell,
    loaded: Loaded,
    chip: Chip,
    from: String,
    scope: String,
    words: Words,
    saved: (String, Millis),
    approved: Option<(String, Millis)>,
    withdrawn: Option<(String, Millis, String)>,
    /// The offices whose own older rules go before it.
    before: Vec<String>,
    /// Whether the person writes it.
    changes: bool,
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
    State(desk): State<Triage>,
    session: SignedIn,
    shell: Shell,
    Id(at): Id<(ProgrammeId, i64)>,
) -> Answer {
    let loaded = programme_load::version(&desk, &session, at).await?;
    let org = session.staff.org;
    let all = programmes::versions(&desk.db, org, at.0).await.map_err(failed)?;
    let authors = programmes::authors(&desk.db, org, at).await.map_err(failed)?;
    let offices = programme_load::offices(&desk, &session).await?;
    let version = &loaded.version;
    let names = programme_load::names(&desk, &session, std::slice::from_ref(version)).await?;
    let today = today(&desk)?;
    let allowed = may_change(&session.staff, version.scope);
    let page = ProgrammeVersion {
        chip: programme_words::chip(version, &all, today),
        from: programme_words::day(version.draft.from),
        scope: programme_words::scope(version.scope, &offices),
        words: Words::of(&version.draft.content, &offices),
        saved: (names.of(version.saved_by), version.saved_at),
        approved: version.approved.map(|(by, at)| (names.of(by), at)),
        withdrawn: version
            .withdrawn
            .as_ref()
            .map(|(by, at, why)| (names.of(Some(*by)), *at, why.clone())),
        before: going_before(&loaded.version, &all, &offices)
            .into_iter()
            .filter(|one| may_see(&session.staff, one.scope))
            .map(|one| programme_words::version(one, &offices))
            .collect(),
        changes: allowed && session.staff.may(Permission::ManageProgrammes),
        approval: match allowed && session.staff.may(Permission::Approve) {
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
            loaded.programme.name, version.version, version.draft.title
        ))),
        loaded,
    };
    Ok(Page(page).into_response())
}

/// The versions of offices that go before an organisation's version when it begins: rules that somebody may have
/// forgotten.
fn going_before<'a>(version: &VersionRow, all: &'a [VersionRow], offices: &Offices) -> Vec<&'a VersionRow> {
    if version.scope != Scope::Organisation || version.withdrawn.is_some() {
        return Vec::new();
    }
    let own = offices.iter();
    own.filter_map(|(office, _)| newest(all, Scope::Office(*office), version.draft.from))
        .collect()
}

fn with_notice(shell: Shell) -> Shell {
    let notice = match shell.done() {
        Some("saved") => {
            Notice::success("下書きを保存しました").text("ほかの人が承認すると、始まりの日から使われます。")
        }
        Some("approved") => {
            Notice::success("この版を承認しました").text("始まりの日から、届出の振り分けに使われます。")
        }
        Some("withdrawn") => Notice::success("この版を取り下げました")
            .text("これからの振り分けには使われません。これまでの振り分けの記録は残ります。"),
        _ => return shell,
    };
    shell.with_notice(notice)
}
