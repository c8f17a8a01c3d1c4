//! `GET /messages/{id}`: one message: its text as on the phone, and all that happened to it.

use accounts::SignedIn;
use askama::Template;
use axum::extract::State;
use axum::response::IntoResponse;
use base::id::MessageId;
use web::ui::{Bubble, Chip, Notice, Phone};
use web::{Page, PageError, Shell};

use super::broadcast_load::load;
use super::broadcast_words::{Group, message_chip};
use super::message_history::{Line, history};
use super::{Answer, Desk, Id, failed};
use crate::broadcast::Broadcast;
use crate::carrier_code::cause;
use crate::message::{MessageState, Outcome};
use crate::store::{self, MessageHistory};

#[derive(Template)]
#[template(path = "message_show.html")]
struct MessageShow {
    shell: Shell,
    id: MessageId,
    broadcast: Broadcast,
    chip: Chip,
    is_unconfirmed: bool,
    notice: Notice,
    to: String,
    phone: Phone,
    letters: usize,
    parts: Vec<PartRow>,
    history: Vec<Line>,
}

struct PartRow {
    part_no: i64,
    chip: Chip,
    tries: i64,
    carrier_message_id: String,
    code: String,
    account: String,
}

/// A message with its broadcast, if it is there for this person.
pub(super) async fn load_message(
    desk: &Desk,
    session: &SignedIn,
    id: MessageId,
) -> Result<(MessageHistory, Broadcast), PageError> {
    let message = store::message(&desk.db, session.staff.org, id)
        .await
        .map_err(failed)?;
    let message = message.ok_or(PageError::NotFound)?;
    let broadcast = load(desk, session, message.broadcast).await?;
    Ok((message, broadcast))
}

pub(super) async fn show(
    State(desk): State<Desk>,
    session: SignedIn,
    shell: Shell,
    Id(id): Id<MessageId>,
) -> Answer {
    let (message, broadcast) = load_message(&desk, &session, id).await?;
    let worst = message.parts.iter().max_by_key(|part| part.state.code());
    let (state, code) = worst.map_or((MessageState::Queued, None), |part| {
        (part.state, part.carrier_code.as_deref())
    });
    let state = broadcast.shown(state, desk.db.now());
    let shell = match shell.done() {
        Some("settled") => shell.with_notice(Notice::success("確かめた結果を記録しました")),
        Some("nothing") => shell.with_notice(
            Notice::info("記録は変わりませんでした")
                .text("携帯電話会社の知らせが先に届いたか、ほかの人が先に記録しました。"),
        ),
        _ => shell,
    };
    let bubble = Bubble::new(&message.text);
    let arrived = message
        .receipts
        .iter()
        .find(|receipt| receipt.outcome == Outcome::Delivered.as_str());
    let bubble = match arrived {
        Some(receipt) => bubble.at(receipt.received_at),
        None => bubble,
    };
    let page = MessageShow {
        shell: shell.titled(format!("{}行目のメッセージ", message.line)),
        id,
        chip: message_chip(state),
        notice: notice(state, code),
        is_unconfirmed: state == MessageState::Unconfirmed,
        to: message.to.national(),
        letters: base::text::utf16_len(&message.text),
        phone: Phone::new(
            format!("{}行目の人に届く文面", message.line),
            &broadcast.sender,
            vec![bubble],
        ),
        parts: message.parts.iter().map(part).collect(),
        history: history(&message),
        broadcast,
    };
    Ok(Page(page).into_response())
}

fn notice(state: MessageState, code: Option<&str>) -> Notice {
    let cause = cause(state, code);
    let notice = match Group::of(state) {
        Group::Delivered => Notice::success(state.label()),
        Group::Failed => Notice::error(format!("届きませんでした: {}", cause.what)),
        Group::Unknown => Notice::warning(cause.what),
        Group::Accepted | Group::Waiting | Group::Cancelled => Notice::info(state.label()),
    };
    let next = match Group::of(state) {
        Group::Failed | Group::Unknown => cause.next,
        _ => state.sentence(),
    };
    notice.text(next)
}

fn part(part: &store::Part) -> PartRow {
    let or_dash = |text: &Option<String>| text.clone().unwrap_or_else(|| "—".to_owned());
    PartRow {
        part_no: part.part_no,
        chip: message_chip(part.state),
        tries: part.tries,
        carrier_message_id: or_dash(&part.carrier_message_id),
        code: or_dash(&part.carrier_code),
        account: or_dash(&part.account),
    }
}
