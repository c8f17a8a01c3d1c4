//! `GET /outcomes/desks/{id}/people`: who is on a live list, masked, and the button that locks it.

use accounts::SignedIn;
use askama::Template;
use axum::extract::{Query, State};
use axum::response::IntoResponse;
use base::clock::Millis;
use base::id::DeskId;
use messaging::pages::{Answer, Desk, failed, mask};
use web::{Id, Page, Shell};

use super::outcome_load::{KindAsked, opened};
use crate::application::{Application, SecondLook};
use crate::limits::ROWS_SHOWN;
use crate::store;

#[derive(Template)]
#[template(path = "outcome_people.html")]
struct OutcomePeople {
    shell: Shell,
    id: DeskId,
    desk: String,
    outcome: String,
    corrects: bool,
    /// How many would be locked now.
    people: u32,
    kept_back: u32,
    rows: Vec<PersonLine>,
    more: bool,
}

/// One person, as the head office sees them.
pub(super) struct PersonLine {
    pub(super) id: base::id::ApplicationId,
    pub(super) reference: String,
    pub(super) name: String,
    pub(super) phone: String,
    pub(super) language: &'static str,
    pub(super) decided_at: Option<Millis>,
    /// Why the person is not written to yet.
    pub(super) waits: Option<&'static str>,
}

impl PersonLine {
    pub(super) fn of(one: &Application) -> Self {
        let applicant = &one.content.applicant;
        let decided = one.decided.as_ref();
        let look = decided.and_then(|decided| decided.second_look);
        Self {
            id: one.id,
            reference: one.reference.to_string(),
            name: applicant.name.as_deref().map(mask::name).unwrap_or_default(),
            phone: applicant
                .phone
                .map_or_else(|| "番号なし".to_owned(), base::phone::PhoneNumber::masked),
            language: one.language.own_name(),
            decided_at: decided.map(|decided| decided.at),
            waits: look.filter(|look| !look.is_clear()).map(SecondLook::label),
        }
    }
}

pub(super) async fn show(
    State(desk): State<Desk>,
    session: SignedIn,
    shell: Shell,
    Id(id): Id<DeskId>,
    Query(asked): Query<KindAsked>,
) -> Answer {
    let opened = opened(&desk, &session, id).await?;
    let (db, org, kind) = (&desk.db, session.staff.org, asked.kind()?);
    let live = store::live_lists(db, org, id).await.map_err(failed)?;
    let counts = live.lists.into_iter().find(|list| list.kind == kind);
    let (people, kept_back) = counts.map_or((0, 0), |list| (list.people, list.kept_back));
    let rows = store::on_live_list(db, org, id, &kind).await.map_err(failed)?;
    let page = OutcomePeople {
        id,
        outcome: kind.outcome.code(),
        corrects: kind.corrects,
        people,
        kept_back,
        more: i64::try_from(rows.len()).is_ok_and(|rows| rows >= ROWS_SHOWN),
        rows: rows.iter().map(PersonLine::of).collect(),
        shell: shell.titled(format!("{}（{}）", opened.list_name(&kind), opened.row.name)),
        desk: opened.row.name,
    };
    Ok(Page(page).into_response())
}
