//! `POST /broadcasts/{id}/calls`: everybody whom a broadcast did not reach is telephoned.

use accounts::SignedIn;
use axum::extract::State;
use axum::response::IntoResponse;
use base::id::BroadcastId;
use base::phone::PhoneNumber;
use lists::calls::{CallSource, NewCall};
use serde::Deserialize;
use web::{CsrfForm, PageError, after_post};

use super::broadcast_load::load;
use super::broadcast_words::Group;
use super::call_add::{People, add_all};
use super::message_call::reason;
use super::{Answer, Desk, Id, failed};
use crate::carrier_code::cause;
use crate::store::{self, MessageFilter};

#[derive(Deserialize)]
pub(super) struct Form {
    /// The group of states: `failed`, `unknown`, or, where it became too late for them, `cancelled`.
    #[serde(default)]
    group: String,
}

pub(super) async fn submit(
    State(desk): State<Desk>,
    session: SignedIn,
    Id(id): Id<BroadcastId>,
    CsrfForm(form): CsrfForm<Form>,
) -> Answer {
    let (broadcast, staff) = (load(&desk, &session, id).await?, &session.staff);
    let is_too_late = broadcast
        .release
        .not_after
        .zip(broadcast.discarded_at)
        .is_some_and(|(last, at)| at >= last);
    let offered = |group: &Group| match group {
        Group::Failed | Group::Unknown => true,
        Group::Cancelled => is_too_late,
        _ => false,
    };
    let group = Group::from_key(&form.group).filter(offered);
    let filter = MessageFilter {
        states: group.ok_or(PageError::Unreadable)?.states(),
        code: None,
        limit: i64::MAX,
        offset: 0,
    };
    let messages = store::messages(&desk.db, staff.org, &broadcast, filter, desk.db.now())
        .await
        .map_err(failed)?;
    let people = People::of(&desk, staff.org, broadcast.list, &broadcast.file_name).await?;
    let new = messages.iter().map(|message| NewCall {
        office: broadcast.office,
        person: people.label(message.line),
        number: message.to.map(PhoneNumber::national),
        reason: reason(message.state),
        note: Some(
            cause(message.state, message.carrier_code.as_deref())
                .what
                .to_owned(),
        ),
        source: CallSource::Message(message.id),
        priority: 0,
        by: Some(staff.id),
    });
    let (added, before) = add_all(&desk, staff.org, new.collect()).await?;
    let told = format!("/calls?done=added&added={added}&before={before}");
    Ok(after_post(&told).into_response())
}
