//! `GET /replies`: what people wrote back, the newest first. Numbers and texts are masked; one is shown at a time
//! (`reply_reveal.rs`).

use std::collections::HashMap;

use accounts::SignedIn;
use askama::Template;
use axum::extract::{Query, State};
use axum::response::IntoResponse;
use base::clock::Millis;
use base::id::ReplyId;
use serde::Deserialize;
use web::form::{Choice, Field};
use web::ui::{Chip, Tone};
use web::{Page, PageError, Paging, Shell, paging};

use super::incident_list::office_name;
use super::{Answer, ReplyDesk, failed, mask, scope};
use crate::limits::REPLIES_PER_PAGE;
use crate::reply::{AskedPerson, KnownPerson, Reply, ReplyState};
use crate::store;

#[derive(Template)]
#[template(path = "reply_list.html")]
struct ReplyList {
    shell: Shell,
    filter: Field,
    is_filtered: bool,
    unread: u32,
    rows: Vec<Row>,
    summary: String,
    links: paging::Links,
    with_office: bool,
}

struct Row {
    id: ReplyId,
    at: Millis,
    chip: Chip,
    number: String,
    letters: usize,
    is_whole: bool,
    keyword: Option<&'static str>,
    people: Vec<KnownPerson>,
    office: String,
}

/// What the address asks for; what cannot be read counts as not asked.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Asked {
    state: String,
    page: String,
}

pub(super) const fn tone(state: ReplyState) -> Tone {
    match state {
        ReplyState::New => Tone::Attention,
        ReplyState::Read => Tone::Moving,
        ReplyState::Handled => Tone::Done,
    }
}

pub(super) async fn show(
    State(desk): State<ReplyDesk>,
    session: SignedIn,
    shell: Shell,
    Query(asked): Query<Asked>,
) -> Answer {
    let (db, org, office) = (&desk.desk.db, session.staff.org, scope(&session.staff));
    let state = ReplyState::from_word(&asked.state);
    let total = store::reply_count(db, org, office, state).await.map_err(failed)?;
    let paging = Paging::new(asked.page.parse().unwrap_or(1), REPLIES_PER_PAGE, total.into());
    let part = [paging.limit(), paging.offset()].map(|rows| i64::try_from(rows).unwrap_or(i64::MAX));
    let found = store::replies(db, org, office, state, (part[0], part[1]))
        .await
        .map_err(failed)?;
    let people = people(&desk, &session, &found).await?;
    let offices = desk.desk.accounts.offices(org).await.map_err(failed)?;
    let row = |reply: &Reply| Row {
        id: reply.id,
        at: reply.at,
        chip: Chip::new(tone(reply.state), reply.state.label()),
        number: masked(reply),
        letters: reply.text.chars().count(),
        is_whole: reply.is_whole,
        keyword: reply.keyword.map(crate::reply::Keyword::label),
        people: people.get(&reply.id).cloned().unwrap_or_default(),
        office: office_name(&offices, reply.office),
    };
    let mut choices = vec![Choice::new("", "すべて")];
    choices.extend(ReplyState::ALL.map(|state| Choice::new(state.as_str(), state.label())));
    let page = ReplyList {
        filter: Field::select("state", "状態", choices).value(&asked.state),
        is_filtered: state.is_some(),
        unread: store::unread_replies(db, org, office).await.map_err(failed)?,
        rows: found.iter().map(row).collect(),
        summary: paging.summary("件"),
        links: paging.links(&format!(
            "/replies?state={}",
            state.map_or("", ReplyState::as_str)
        )),
        with_office: office.is_none(),
        shell: shell.titled("返信"),
    };
    Ok(Page(page).into_response())
}

/// The number, masked, or what else the carrier gave as sender.
pub(super) fn masked(reply: &Reply) -> String {
    match (reply.number(), &reply.from) {
        (Some(number), _) => mask::phone(Some(number), false),
        (None, Some(from)) => mask::number(from),
        (None, None) => mask::phone(None, false),
    }
}

/// Who stands behind these replies, as far as this person may see them.
pub(super) async fn people(
    desk: &ReplyDesk,
    session: &SignedIn,
    found: &[Reply],
) -> Result<HashMap<ReplyId, Vec<KnownPerson>>, PageError> {
    let mut people: HashMap<ReplyId, Vec<KnownPerson>> = HashMap::new();
    if !session.staff.may(accounts::Permission::SeeCases) {
        return Ok(people);
    }
    let asked = found.iter().map(|reply| AskedPerson {
        reply: reply.id,
        message: reply.answers,
        number: reply.number(),
    });
    let (org, office) = (session.staff.org, scope(&session.staff));
    let known = (desk.people)(&desk.desk.db, org, office, asked.collect());
    for (reply, person) in known.await.map_err(failed)? {
        people.entry(reply).or_default().push(person);
    }
    Ok(people)
}
