//! `GET /messages/{id}`: one message: its text as on the phone, and all that happened to it.

use accounts::SignedIn;
use askama::Template;
use axum::extract::State;
use axum::response::IntoResponse;
use base::clock::Millis;
use base::id::MessageId;
use web::ui::{Bubble, Chip, Notice, Phone};
use web::{Page, PageError, Shell};

use super::broadcast_load::load;
use super::broadcast_words::{Group, message_chip};
use super::{Answer, Desk, Id, failed};
use crate::broadcast::Broadcast;
use crate::carrier_code::{cause, of_status};
use crate::message::{MessageState, Outcome};
use crate::store::{self, Attempt, MessageHistory, ReceiptRow};

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

struct Line {
    at: Millis,
    text: String,
    detail: String,
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

/// Everything with its time, newest first.
fn history(message: &MessageHistory) -> Vec<Line> {
    let many = message.parts.len() > 1;
    let which = |part_no: i64| {
        if many {
            format!("{part_no}通目")
        } else {
            String::new()
        }
    };
    let made = Line {
        at: message.created_at,
        text: "送信が確認され、文面が決まりました".to_owned(),
        detail: String::new(),
    };
    let handed = message.parts.iter().filter_map(|part| {
        let text = format!("{}回目の送信", part.tries);
        Some(Line {
            at: part.submitted_at?,
            text,
            detail: which(part.part_no),
        })
    });
    let attempts = message
        .attempts
        .iter()
        .map(|one| attempt(one, which(one.part_no)));
    let receipts = message
        .receipts
        .iter()
        .map(|one| receipt(one, &which(one.part_no)));
    let mut lines: Vec<Line> = std::iter::once(made)
        .chain(handed)
        .chain(attempts)
        .chain(receipts)
        .collect();
    lines.sort_by_key(|line| std::cmp::Reverse(line.at));
    lines
}

fn attempt(one: &Attempt, which: String) -> Line {
    let code = one.carrier_code.as_deref();
    let text = match (one.outcome.as_str(), code.and_then(of_status)) {
        ("no_answer", _) => "携帯電話会社の返事がないまま、接続が切れました".to_owned(),
        (_, Some(cause)) => format!("{}。あとでもう一度送ります", cause.what),
        (_, None) => "携帯電話会社がいったん断りました。あとでもう一度送ります".to_owned(),
    };
    let code = code.map(|code| format!("コード {code}"));
    let detail = [Some(which).filter(|which| !which.is_empty()), code];
    Line {
        at: one.ended_at,
        text,
        detail: detail.into_iter().flatten().collect::<Vec<_>>().join("・"),
    }
}

fn receipt(one: &ReceiptRow, which: &str) -> Line {
    let label = Outcome::from_word(&one.outcome).map_or("", Outcome::label);
    let code = one.carrier_code.as_ref().map(|code| format!("コード {code}"));
    let done = one
        .done_at
        .as_ref()
        .map(|done| format!("携帯電話会社の時刻 {done}"));
    let detail = [
        Some(which.to_owned()).filter(|which| !which.is_empty()),
        code,
        done,
    ];
    Line {
        at: one.received_at,
        text: format!("送達結果を受け取りました: {label}"),
        detail: detail.into_iter().flatten().collect::<Vec<_>>().join("・"),
    }
}
