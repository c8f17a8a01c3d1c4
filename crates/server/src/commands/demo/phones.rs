//! 「電話機」: the inboxes of the simulated phones, so that a visitor sees the very text arrive.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::UNIX_EPOCH;

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use base::phone;
use smpp::smsc::{HandsetMessage, Smsc};
use tokio::sync::broadcast::error::RecvError;
use web::ui::{Bubble, Phone};
use web::{Page, Shell};

/// Phones that are kept, the newest first.
const KEPT: usize = 200;
/// Phones on the page.
const SHOWN: usize = 12;
/// Messages that one phone keeps.
const INBOX: usize = 20;
/// The page loads itself again so often, in seconds.
const RELOAD: &str = "5";

/// The simulated phones. Cheap to clone.
#[derive(Clone, Default)]
pub(super) struct Phones(Arc<Mutex<VecDeque<Inbox>>>);

struct Inbox {
    number: String,
    messages: VecDeque<HandsetMessage>,
}

impl Phones {
    /// Watches what arrives on the phones of this carrier, too.
    pub(super) fn watch(&self, smsc: &Smsc) {
        let (mut arriving, inboxes) = (smsc.handsets(), self.clone());
        tokio::spawn(async move {
            loop {
                match arriving.recv().await {
                    Ok(message) => inboxes.put(message),
                    Err(RecvError::Lagged(_)) => {}
                    Err(RecvError::Closed) => return,
                }
            }
        });
    }

    fn put(&self, message: HandsetMessage) {
        let Ok(mut phones) = self.0.lock() else { return };
        let at = phones
            .iter()
            .position(|inbox| inbox.number == message.destination_addr);
        let known = at.and_then(|at| phones.remove(at));
        let mut inbox = known.unwrap_or_else(|| Inbox {
            number: message.destination_addr.clone(),
            messages: VecDeque::new(),
        });
        inbox.messages.push_back(message);
        if inbox.messages.len() > INBOX {
            inbox.messages.pop_front();
        }
        phones.push_front(inbox);
        phones.truncate(KEPT);
    }

    /// The page of the phones.
    pub(super) fn pages(self) -> Router {
        Router::new().route("/phones", get(show)).with_state(self)
    }

    fn shown(&self) -> Vec<(String, Phone)> {
        let Ok(phones) = self.0.lock() else {
            return Vec::new();
        };
        phones.iter().take(SHOWN).map(Inbox::shown).collect()
    }
}

impl Inbox {
    fn shown(&self) -> (String, Phone) {
        let number = phone::parse(&self.number)
            .map_or_else(|_| self.number.clone(), |parsed| parsed.number.national());
        let sender = self
            .messages
            .back()
            .map(|message| message.source_addr.clone())
            .unwrap_or_default();
        let bubbles = self.messages.iter().map(bubble).collect();
        let phone = Phone::new(format!("{number} の電話機に届いたSMS"), sender, bubbles);
        (number, phone)
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
    phones: Vec<(String, Phone)>,
}

async fn show(State(phones): State<Phones>, shell: Shell) -> Response {
    let page = PhonesPage {
        shell: shell.titled("電話機"),
        phones: phones.shown(),
    };
    ([(header::REFRESH, RELOAD)], Page(page)).into_response()
}
