//! `GET /replies/{id}`: one message that somebody wrote back: what it answers, what was done by itself, what staff did.

use accounts::SignedIn;
use askama::Template;
use axum::extract::State;
use axum::response::IntoResponse;
use base::clock::Millis;
use base::id::{IncidentId, MessageId, ReplyId};
use web::form::Field;
use web::ui::{Bubble, Chip, Notice, Phone};
use web::{Errors, Page, PageError, Shell};

use super::incident_list::office_name;
use super::message_report::sees_incidents;
use super::reply_list::{masked, people, tone};
use super::{Answer, Id, ReplyDesk, failed, names, scope};
use crate::limits::REASON_LETTERS;
use crate::reply::{KnownPerson, Reply, ReplyState};
use crate::store;

#[derive(Template)]
#[template(path = "reply_show.html")]
pub(super) struct ReplyShow {
    shell: Shell,
    id: ReplyId,
    chip: Chip,
    sentence: &'static str,
    number: String,
    phone: Option<Phone>,
    at: Millis,
    is_whole: bool,
    times: u32,
    office: Option<String>,
    /// The message that it answers, and whether its page is there for this person.
    answers: Option<(MessageId, bool)>,
    people: Vec<KnownPerson>,
    acted: Option<Notice>,
    incident: Option<IncidentId>,
    closes: bool,
    steps: Vec<(Millis, String)>,
    note: Option<String>,
    is_handled: bool,
    field: Field,
}

pub(super) async fn load(desk: &ReplyDesk, session: &SignedIn, id: ReplyId) -> Result<Reply, PageError> {
    let staff = &session.staff;
    let found = store::reply(&desk.desk.db, staff.org, scope(staff), id).await;
    found.map_err(failed)?.ok_or(PageError::NotFound)
}

pub(super) async fn show(
    State(desk): State<ReplyDesk>,
    session: SignedIn,
    shell: Shell,
    Id(id): Id<ReplyId>,
) -> Answer {
    let reply = load(&desk, &session, id).await?;
    let shell = match shell.done() {
        Some("handled") => shell.with_notice(Notice::success("対応を終えました")),
        Some("reopened") => shell.with_notice(Notice::success("対応を再開しました")),
        Some("nothing") => shell.with_notice(Notice::info("ほかの人が先に変更しています")),
        _ => shell,
    };
    let page = page(&desk, &session, shell, reply, (false, "", Errors::default())).await?;
    Ok(Page(page).into_response())
}

/// The message that it answers, and whether its page is there: another office may have written it.
async fn answers(
    desk: &ReplyDesk,
    session: &SignedIn,
    reply: &Reply,
) -> Result<Option<(MessageId, bool)>, PageError> {
    let Some(message) = reply.answers else {
        return Ok(None);
    };
    let staff = &session.staff;
    let facts = store::message_facts(&desk.desk.db, staff.org, &[message]).await;
    let facts = facts.map_err(failed)?;
    let sees = facts
        .get(&message)
        .is_some_and(|facts| staff.covers(facts.office));
    Ok(Some((message, sees)))
}

/// The page, with number and text whole or not, and with what was typed.
pub(super) async fn page(
    desk: &ReplyDesk,
    session: &SignedIn,
    shell: Shell,
    reply: Reply,
    (whole, typed, errors): (bool, &str, Errors),
) -> Result<ReplyShow, PageError> {
    let org = session.staff.org;
    let known = people(desk, session, std::slice::from_ref(&reply)).await?;
    let acted_by = [reply.read, reply.handled];
    let staff = names(&desk.desk, org, acted_by.iter().flatten().map(|(by, _)| *by)).await?;
    let offices = desk.desk.accounts.offices(org).await.map_err(failed)?;
    let step = |what: &str, done: Option<(base::id::StaffId, Millis)>| {
        done.map(|(by, at)| (at, format!("{}が{what}", staff.of(by))))
    };
    let steps = [
        step("読みました", reply.read),
        step("対応を終えました", reply.handled),
    ];
    let number = match (whole, reply.number(), &reply.from) {
        (true, Some(number), _) => number.national(),
        (true, None, Some(from)) => from.clone(),
        _ => masked(&reply),
    };
    let phone = whole.then(|| {
        let heading = format!("{number} から届いた本文");
        Phone::new(heading, &number, vec![Bubble::new(&reply.text).at(reply.at)])
    });
    Ok(ReplyShow {
        id: reply.id,
        chip: Chip::new(tone(reply.state), reply.state.label()),
        sentence: reply.state.sentence(),
        phone,
        number,
        at: reply.at,
        is_whole: reply.is_whole,
        times: reply.times,
        office: scope(&session.staff)
            .is_none()
            .then(|| office_name(&offices, reply.office)),
        answers: answers(desk, session, &reply).await?,
        people: known.into_values().flatten().collect(),
        acted: reply.keyword.map(|keyword| {
            Notice::warning(format!("自動で対応しました: {}", keyword.label())).text(keyword.sentence())
        }),
        incident: reply.incident.filter(|_| sees_incidents(&session.staff)),
        closes: reply.report.is_some() && shell.may("GET", "/numbers"),
        steps: steps.into_iter().flatten().collect(),
        note: reply.note,
        is_handled: reply.state == ReplyState::Handled,
        field: Field::long_text("note", "したこと", 3)
            .optional()
            .support(format!("例: 電話で体調を聞いた。{REASON_LETTERS}文字まで。"))
            .value(typed)
            .errors(&errors),
        shell: shell.titled(format!("返信 {}", reply.id)).with_errors(errors),
    })
}
