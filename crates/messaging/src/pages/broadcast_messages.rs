//! `GET /broadcasts/{id}/messages`: the people of a broadcast, by state or by cause.

use accounts::SignedIn;
use askama::Template;
use axum::extract::{Query, State};
use axum::response::IntoResponse;
use base::clock::Millis;
use base::id::{BroadcastId, MessageId, OrgId};
use serde::Deserialize;
use web::ui::{Chip, Tiles};
use web::{Page, PageError, Paging, Shell, paging};

use super::broadcast_load::{Moment, load};
use super::broadcast_words::{Group, message_chip, tiles};
use super::{Answer, Desk, Id, failed, in_query, mask};
use crate::broadcast::Broadcast;
use crate::carrier_code::cause;
use crate::limits::MESSAGES_PER_PAGE;
use crate::message::MessageState;
use crate::store::{self, MessageFilter, MessageRow};

#[derive(Template)]
#[template(path = "broadcast_messages.html")]
struct BroadcastMessages {
    shell: Shell,
    broadcast: Broadcast,
    tiles: Tiles,
    cause: Option<&'static str>,
    summary: String,
    rows: Vec<Row>,
    links: paging::Links,
}

struct Row {
    id: MessageId,
    line: u32,
    to: String,
    chip: Chip,
    cause: &'static str,
    at: Millis,
}

/// Which of them. `state` is a group of states or one state.
#[derive(Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    state: String,
    code: Option<String>,
    #[serde(default)]
    page: u64,
}

impl Asked {
    fn states(&self) -> Result<Vec<MessageState>, PageError> {
        if self.state.is_empty() {
            return Ok(MessageState::ALL.to_vec());
        }
        let group = Group::from_key(&self.state).map(Group::states);
        let one = || {
            MessageState::ALL
                .into_iter()
                .find(|one| one.as_str() == self.state)
                .map(|one| vec![one])
        };
        group.or_else(one).ok_or(PageError::NotFound)
    }

    /// The address without its page.
    fn address(&self, id: BroadcastId) -> String {
        let address = format!("/broadcasts/{id}/messages?state={}", self.state);
        match &self.code {
            Some(code) => format!("{address}&code={}", in_query(code)),
            None => address,
        }
    }
}

pub(super) async fn show(
    State(desk): State<Desk>,
    session: SignedIn,
    shell: Shell,
    Id(id): Id<BroadcastId>,
    Query(asked): Query<Asked>,
) -> Answer {
    let org = session.staff.org;
    let states = asked.states()?;
    let broadcast = load(&desk, &session, id).await?;
    let moment = Moment::of(&desk, org, broadcast).await?;
    let counts = &moment.progress.counts;
    let total = match &asked.code {
        None => counts.count(|state| states.contains(&state)),
        Some(code) => with_code(&desk, org, &moment.broadcast, &states, code).await?,
    };
    let paging = Paging::new(asked.page, MESSAGES_PER_PAGE, total.into());
    let filter = MessageFilter {
        states: states.clone(),
        code: asked.code.clone(),
        limit: i64::try_from(paging.limit()).unwrap_or(i64::MAX),
        offset: i64::try_from(paging.offset()).unwrap_or(i64::MAX),
    };
    let rows = store::messages(&desk.db, org, &moment.broadcast, filter, moment.now)
        .await
        .map_err(failed)?;
    let group = Group::from_key(&asked.state).or_else(|| states.first().map(|state| Group::of(*state)));
    let group = group.filter(|_| !asked.state.is_empty());
    let title = group.map_or("全員".to_owned(), |group| group.label().to_owned());
    let page = BroadcastMessages {
        tiles: tiles(&moment.broadcast, counts, Some(group.map_or("total", Group::key))),
        cause: rows.first().filter(|_| asked.code.is_some()).map(why),
        summary: paging.summary("人"),
        rows: rows.iter().map(row).collect(),
        links: paging.links(&asked.address(id)),
        shell: shell.titled(format!("一人ひとりの結果: {title}")),
        broadcast: moment.broadcast,
    };
    Ok(Page(page).into_response())
}

async fn with_code(
    desk: &Desk,
    org: OrgId,
    broadcast: &Broadcast,
    states: &[MessageState],
    code: &str,
) -> Result<u32, PageError> {
    let causes = store::causes(&desk.db, org, broadcast, states)
        .await
        .map_err(failed)?;
    let same = causes
        .iter()
        .filter(|one| one.code.as_deref().unwrap_or_default() == code);
    Ok(same.map(|one| one.count).sum())
}

fn why(row: &MessageRow) -> &'static str {
    cause(row.state, row.carrier_code.as_deref()).what
}

fn row(row: &MessageRow) -> Row {
    let explained = matches!(Group::of(row.state), Group::Failed | Group::Unknown);
    Row {
        cause: if explained { why(row) } else { "—" },
        id: row.id,
        line: row.line,
        to: mask::phone(row.to, false),
        chip: message_chip(row.state),
        at: row.changed_at,
    }
}
