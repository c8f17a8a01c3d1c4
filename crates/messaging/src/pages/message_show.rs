//! `GET /messages/{id}`: one message: its text as on the phone, and all that happened to it.
//!
//! Number and text are shown to whoever asks for them by name (`message_reveal.rs`), for that once.
//!
//! From here one says that the number is wrong, or that the person is telephoned.

use std::collections::HashMap;

use accounts::SignedIn;
use askama::Template;
use axum::extract::{Query, State};
use axum::response::IntoResponse;
use base::id::MessageId;
use lists::contacts::{PersonKeys, PersonValues};
use lists::numbers::{WrongKind, known_wrong};
use web::ui::{Bubble, Chip, Notice, Phone};
use web::{Page, PageError, Shell};

use super::broadcast_load::load;
use super::broadcast_words::{Group, message_chip};
use super::call_add::told;
use super::message_history::{Line, history};
use super::number_form::notice as wrong_notice;
use super::number_list::effect;
use super::{Answer, Desk, Id, failed, mask};
use crate::broadcast::{Broadcast, Origin};
use crate::carrier_code::cause;
use crate::correction::CalledBack;
use crate::incident::MessageCode;
use crate::message::{MessageState, Outcome};
use crate::store::{self, LinkState, MessageHistory};

#[derive(Template)]
#[template(path = "message_show.html")]
pub(super) struct MessageShow {
    shell: Shell,
    id: MessageId,
    broadcast: Broadcast,
    chip: Chip,
    is_unconfirmed: bool,
    notice: Notice,
    /// The number is registered as wrong.
    known: Option<Notice>,
    is_correction: bool,
    to: String,
    /// By which the recipient can say that it is not for them.
    code: MessageCode,
    /// The text, once somebody has it shown.
    phone: Option<Phone>,
    /// What became of the link in the text, if there is one.
    link: Option<LinkState>,
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
    Query(asked): Query<HashMap<String, String>>,
) -> Answer {
    let (message, broadcast) = load_message(&desk, &session, id).await?;
    let shell = match done(&shell, &asked, broadcast.simulated) {
        Some(notice) => shell.with_notice(notice),
        None => shell,
    };
    let page = page(&desk, &session, shell, id, (message, broadcast), false).await?;
    Ok(Page(page).into_response())
}

/// The page of one message: with number and text, or without.
pub(super) async fn page(
    desk: &Desk,
    session: &SignedIn,
    shell: Shell,
    id: MessageId,
    (message, broadcast): (MessageHistory, Broadcast),
    whole: bool,
) -> Result<MessageShow, PageError> {
    let worst = message.parts.iter().max_by_key(|part| part.state.code());
    let (state, code) = worst.map_or((MessageState::Queued, None), |part| {
        (part.state, part.carrier_code.as_deref())
    });
    let state = broadcast.shown(state, desk.db.now());
    let bubble = Bubble::new(&message.text);
    let arrived = message
        .receipts
        .iter()
        .find(|receipt| receipt.outcome == Outcome::Delivered.as_str());
    let bubble = match arrived {
        Some(receipt) => bubble.at(receipt.received_at),
        None => bubble,
    };
    let mut links = store::link_states(&desk.db, session.staff.org, &[id])
        .await
        .map_err(failed)?;
    Ok(MessageShow {
        link: links.remove(&id),
        shell: shell.titled(format!("{}行目のメッセージ", message.line)),
        id,
        chip: message_chip(state),
        notice: if was_called_back(desk, session, &broadcast, id).await? {
            Notice::info("番号の誤りが登録されたため、送る前に取り消しました").text(state.sentence())
        } else {
            notice(state, code)
        },
        known: known(desk, session, &message).await?,
        is_correction: broadcast.origin == Origin::Correction,
        is_unconfirmed: state == MessageState::Unconfirmed,
        to: mask::phone(message.to, whole),
        code: MessageCode::of(&desk.db, id),
        letters: base::text::utf16_len(&message.text),
        phone: whole.then(|| {
            let label = format!("{}行目の人に届く文面", message.line);
            Phone::new(label, &broadcast.sender, vec![bubble])
        }),
        parts: message.parts.iter().map(part).collect(),
        history: history(&message),
        broadcast,
    })
}

/// The answer to what was pressed a moment ago.
fn done(shell: &Shell, asked: &HashMap<String, String>, simulated: bool) -> Option<Notice> {
    let count = |name: &str| asked.get(name).and_then(|count| count.parse().ok()).unwrap_or(0);
    match shell.done()? {
        "settled" => Some(Notice::success("確かめた結果を記録しました")),
        "nothing" => Some(
            Notice::info("記録は変わりませんでした")
                .text("携帯電話会社の知らせが先に届いたか、ほかの人が先に記録しました。"),
        ),
        "called" => Some(told(count("added"), count("before")).link("/calls", "電話リストを見る")),
        "registered" if simulated => Some(
            Notice::success("番号の誤りを登録しました")
                .text("模擬の配信は誰にも届かないので、取り消していません。実際の配信では、送信前のメッセージがすぐに取り消されます。"),
        ),
        "registered" => Some(wrong_notice(&effect(asked))),
        _ => None,
    }
}

/// Whether the message was cancelled because its number turned out to be wrong.
async fn was_called_back(
    desk: &Desk,
    session: &SignedIn,
    broadcast: &Broadcast,
    id: MessageId,
) -> Result<bool, PageError> {
    let events = store::broadcast_events(&desk.db, session.staff.org, broadcast.id)
        .await
        .map_err(failed)?;
    Ok(events
        .iter()
        .filter(|(_, _, action, _)| action == CalledBack::ACTION)
        .filter_map(|(.., detail)| CalledBack::from_detail(detail.as_deref()?))
        .any(|back| back.messages.contains(&id)))
}

/// What is registered about the message's number.
async fn known(
    desk: &Desk,
    session: &SignedIn,
    message: &MessageHistory,
) -> Result<Option<Notice>, PageError> {
    let org = session.staff.org;
    let vault = desk.db.vault(org).await.map_err(failed)?;
    let values = PersonValues {
        phone: message.to,
        ..PersonValues::default()
    };
    let known = known_wrong(&desk.db, org, &[PersonKeys::of(&vault, &values)])
        .await
        .map_err(failed)?;
    let words = |kind: WrongKind| {
        Notice::warning(format!("この番号は「{}」として登録されています", kind.label())).text(kind.meaning())
    };
    Ok(known.into_iter().flatten().next().map(|wrong| words(wrong.kind)))
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
