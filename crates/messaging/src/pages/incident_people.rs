//! `GET /incidents/{id}/people/{broadcast}`: whom one broadcast of an incident may have reached, masked.

use accounts::SignedIn;
use askama::Template;
use axum::extract::{Query, State};
use axum::response::IntoResponse;
use base::id::{BroadcastId, IncidentId, MessageId};
use serde::Deserialize;
use web::ui::Chip;
use web::{Page, PageError, Paging, Shell, paging};

use super::broadcast_words::message_chip;
use super::incident_show::load_incident;
use super::{Answer, Desk, Id, failed};
use crate::limits::MESSAGES_PER_PAGE;
use crate::message::MessageState;
use crate::store::{self, MessageFilter};

#[derive(Template)]
#[template(path = "incident_people.html")]
struct IncidentPeople {
    shell: Shell,
    incident: IncidentId,
    name: String,
    summary: String,
    rows: Vec<Row>,
    links: paging::Links,
}

struct Row {
    id: MessageId,
    line: u32,
    to: String,
    chip: Chip,
    at: base::clock::Millis,
}

#[derive(Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    page: u64,
}

pub(super) async fn show(
    State(desk): State<Desk>,
    session: SignedIn,
    shell: Shell,
    Id((id, broadcast)): Id<(IncidentId, BroadcastId)>,
    Query(asked): Query<Asked>,
) -> Answer {
    load_incident(&desk, &session, id).await?;
    let (org, now) = (session.staff.org, desk.db.now());
    let concerned = store::concerned(&desk.db, org, id).await.map_err(failed)?;
    if !concerned.iter().any(|one| one.broadcast == broadcast) {
        return Err(PageError::NotFound);
    }
    let broadcast = store::broadcast(&desk.db, org, broadcast).await.map_err(failed)?;
    let broadcast = broadcast.ok_or(PageError::NotFound)?;
    let counts = store::counts(&desk.db, org, &broadcast, now)
        .await
        .map_err(failed)?;
    let states: Vec<MessageState> = MessageState::ALL
        .into_iter()
        .filter(|state| state.has_left())
        .collect();
    let paging = Paging::new(
        asked.page,
        MESSAGES_PER_PAGE,
        counts.count(MessageState::has_left).into(),
    );
    let filter = MessageFilter {
        states,
        code: None,
        limit: i64::try_from(paging.limit()).unwrap_or(i64::MAX),
        offset: i64::try_from(paging.offset()).unwrap_or(i64::MAX),
    };
    let rows = store::messages(&desk.db, org, &broadcast, filter, now)
        .await
        .map_err(failed)?;
    let page = IncidentPeople {
        incident: id,
        summary: paging.summary("人"),
        rows: rows
            .iter()
            .map(|row| Row {
                id: row.id,
                line: row.line,
                to: super::mask::phone(row.to, false),
                chip: message_chip(row.state),
                at: row.changed_at,
            })
            .collect(),
        links: paging.links(&format!("/incidents/{id}/people/{}", broadcast.id)),
        name: broadcast.file_name,
        shell: shell.titled("影響を受けた可能性のある人"),
    };
    Ok(Page(page).into_response())
}
