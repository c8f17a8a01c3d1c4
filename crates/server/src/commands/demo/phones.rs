//! 「電話機」: the inboxes of the simulated phones, so that a visitor sees the very text arrive, and can answer it.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::UNIX_EPOCH;

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use base::phone;
use serde::Deserialize;
use smpp::smsc::{HandsetMessage, Smsc};
use tokio::sync::broadcast::error::RecvError;
use web::ui::{Bubble, Notice, Phone};
use web::{CsrfForm, Page, PageError, Shell, after_post_with};

/// Phones that are kept, the newest first.
const KEPT: usize = 200;
/// Phones on the page.
const SHOWN: usize = 12;
/// Messages that one phone keeps.
const INBOX: usize = 20;
/// The page loads itself again so often, in seconds.
const RELOAD: &str = "5";
/// Longest answer, in letters: ten parts.
const ANSWER_LETTERS: usize = 660;

/// The simulated phones. Cheap to clone.
#[derive(Clone, Default)]
pub(super) struct Phones(Arc<Mutex<VecDeque<Inbox>>>);

struct Inbox {
    number: String,
    messages: VecDeque<HandsetMessage>,
    /// Whose the newest message is: an answer goes back the same way.
    carrier: Arc<Smsc>,
}

impl Phones {
    /// Watches what arrives on the phones of this carrier, too.
    pub(super) fn watch(&self, carrier: &Arc<Smsc>) {
        let (mut arriving, phones) = (carrier.handsets(), self.clone());
        let carrier = Arc::clone(carrier);
        tokio::spawn(async move {
            loop {
                match arriving.recv().await {
                    Ok(message) => phones.put(message, &carrier),
                    Err(RecvError::Lagged(_)) => {}
                    Err(RecvError::Closed) => return,
                }
            }
        });
    }

    fn put(&self, message: HandsetMessage, carrier: &Arc<Smsc>) {
        let Ok(mut phones) = self.0.lock() else { return };
        let at = phones
            .iter()
            .position(|inbox| inbox.number == message.destination_addr);
        let known = at.and_then(|at| phones.remove(at));
        let mut inbox = known.unwrap_or_else(|| Inbox {
            number: message.destination_addr.clone(),
            messages: VecDeque::new(),
            carrier: Arc::clone(carrier),
        });
        inbox.carrier = Arc::clone(carrier);
        inbox.messages.push_back(message);
        if inbox.messages.len() > INBOX {
            inbox.messages.pop_front();
        }
        phones.push_front(inbox);
        phones.truncate(KEPT);
    }

    /// The page of the phones.
    pub(super) fn pages(self) -> Router {
        Router::new()
            .route("/phones", get(show))
            .route("/phones/reply", post(reply))
            .with_state(self)
    }

    /// The newest message on this phone, and whose it is.
    fn newest(&self, number: &str) -> Option<(HandsetMessage, Arc<Smsc>)> {
        let phones = self.0.lock().ok()?;
        let inbox = phones.iter().find(|inbox| inbox.number == number)?;
        Some((inbox.messages.back()?.clone(), Arc::clone(&inbox.carrier)))
    }

    fn shown(&self) -> Vec<Shown> {
        let Ok(phones) = self.0.lock() else {
            return Vec::new();
        };
        phones.iter().take(SHOWN).map(Inbox::shown).collect()
    }
}

/// One phone on the page.
struct Shown {
    /// As the carrier writes it.
    address: String,
    number: String,
    phone: Phone,
}

impl Inbox {
    fn shown(&self) -> Shown {
        let number = phone::parse(&self.number)
            .map_or_else(|_| self.number.clone(), |parsed| parsed.number.national());
        let sender = self
            .messages
            .back()
            .map(|message| message.source_addr.clone())
            .unwrap_or_default();
        let bubbles = self.messages.iter().map(bubble).collect();
        let phone = Phone::new(format!("{number} の電話機に届いたSMS"), sender, bubbles);
        Shown {
            address: self.number.clone(),
            number,
            phone,
        }
    }
}

fn bubble(message: &HandsetMessage) -> Bubble {
    let since = message.at.duration_since(UNIX_EPOCH).unwrap_or_default();
    Bubble::new(&message.text).at(i64::try_from(since.as_millis()).unwrap_or_default())
}

#[derive(Template)]
#[template(path = "phones.html")]
struct PhonesPage {
    shell: Shell,
    phones: Vec<Shown>,
}

#[derive(Deserialize)]
struct Answer {
    number: String,
    text: String,
}

/// The whole way: what is typed here travels as a `deliver_sm` and stands in the inbox when it is committed.
async fn reply(
    State(phones): State<Phones>,
    CsrfForm(answer): CsrfForm<Answer>,
) -> Result<Response, PageError> {
    let text = answer.text.trim();
    let (newest, carrier) = phones.newest(&answer.number).ok_or(PageError::NotFound)?;
    if text.is_empty() || text.chars().count() > ANSWER_LETTERS {
        return Err(PageError::rejected(
            format!("返信は1文字以上{ANSWER_LETTERS}文字以内で入力してください。"),
            "前の画面に戻り、もう一度返信してください。",
        ));
    }
    carrier.reply(&newest, text);
    Ok(after_post_with("/phones", "replied").into_response())
}

async fn show(State(phones): State<Phones>, shell: Shell) -> Response {
    let shell = match shell.done() {
        Some("replied") => {
            shell.with_notice(Notice::success("返信しました").link("/replies", "返信の一覧を見る"))
        }
        _ => shell,
    };
    let page = PhonesPage {
        shell: shell.titled("電話機"),
        phones: phones.shown(),
    };
    ([(header::REFRESH, RELOAD)], Page(page)).into_response()
}
