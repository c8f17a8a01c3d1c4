//! The ESME's side of one SMPP session: bind, window, answers, receipts, unbind.
//!
//! One task drives a socket. Callers encode straight into its output buffer, and everything that one read
//! brings is handed over as one batch; no PDU passes through a channel or a task of its own. Memory is
//! bounded: by the window outwards, and inwards by reading nothing more while the caller lags behind.
//!
//! A session never resends and never reconnects. Each token that was handed over comes back exactly once: in
//! an [`Event::Answer`], or in [`Event::Closed`] as unanswered (the SMSC may have the message) or unwritten
//! (it certainly has not).

mod bind;
mod config;
mod driver;
mod link;
mod reconnect;

#[cfg(test)]
mod tests;

use std::io;
use std::sync::Arc;

pub use bind::{BindError, bind};
pub use config::{BindConfig, BindMode, Tls};
pub use reconnect::Backoff;

use crate::pdu::{CommandStatus, DecodeError, DeliverSm, SubmitSm};
use link::Link;

/// A bound session, to send through. Cheap to clone; the session lives until [`Session::unbind`], until the
/// SMSC or the network ends it, or until its [`SessionEvents`] are dropped.
#[derive(Clone)]
pub struct Session {
    link: Arc<Link>,
}

/// What arrives in a session. Dropping it ends the session at once, without an unbind.
pub struct SessionEvents {
    link: Arc<Link>,
}

/// Something that arrived, in order of arrival.
#[derive(Debug)]
pub enum Event {
    /// The SMSC's answer to a `submit_sm`.
    Answer {
        /// The caller's name for the `submit_sm`.
        token: u64,
        /// The SMSC's message id, or why it refused.
        result: Result<String, CommandStatus>,
    },
    /// A receipt or a message; to be answered by [`Session::respond`].
    Deliver {
        /// Names the `deliver_sm` in the answer.
        sequence: u32,
        /// What the SMSC says.
        pdu: DeliverSm,
    },
    /// The session is over. Always the last event, and always there.
    Closed {
        /// Why.
        reason: CloseReason,
        /// Tokens whose `submit_sm` may have reached the SMSC, oldest first. Never more than the window.
        unanswered: Vec<u64>,
        /// Tokens whose `submit_sm` certainly did not reach the SMSC, oldest first.
        unwritten: Vec<u64>,
    },
}

/// Why a session ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CloseReason {
    /// The caller unbound.
    Unbound,
    /// The SMSC unbound.
    UnboundBySmsc,
    /// The connection was cut.
    Disconnected(io::ErrorKind),
    /// The SMSC did not answer in time.
    NoAnswer,
    /// The SMSC sent something that is not SMPP.
    Protocol(DecodeError),
    /// The caller dropped the events.
    Abandoned,
}

/// The session is over, and these were not handed over: the SMSC certainly has none of them.
#[derive(Debug, thiserror::Error)]
#[error("the session is over; {} messages were not handed over", unwritten.len())]
pub struct Closed {
    /// What the caller gave and gets back, in its order.
    pub unwritten: Vec<(u64, SubmitSm)>,
}

/// The session is over; the answers were not written. The SMSC will deliver again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the session is over")]
pub struct SessionOver;

impl Session {
    /// How many more `submit_sm` may be outstanding; 0 once the session is ending.
    pub fn free_window(&self) -> usize {
        self.link.lock().free_window()
    }

    /// Hands messages to the socket, each under the caller's token. At most [`Session::free_window`] at a
    /// time go out at once; if there are more, this waits for answers to make room.
    ///
    /// A message that SMPP cannot carry (a number of 30 digits) is answered by an [`Event::Answer`] with the
    /// status that an SMSC would have given, and nothing of it is written.
    ///
    /// Not cancellation safe: messages that wait for room are lost with a dropped future.
    pub async fn submit(&self, batch: Vec<(u64, SubmitSm)>) -> Result<(), Closed> {
        let mut rest = batch.into_iter();
        loop {
            // Asked for before looking, so that no answer can fall in between.
            let mut room = std::pin::pin!(self.link.room.notified());
            room.as_mut().enable();
            {
                let mut state = self.link.lock();
                if !state.is_open() {
                    return Err(Closed {
                        unwritten: rest.collect(),
                    });
                }
                state.hand_over(&mut rest);
                state.wake_driver();
            }
            if rest.len() == 0 {
                return Ok(());
            }
            room.await;
        }
    }

    /// Answers `deliver_sm`s, each by its sequence number. Give a temporary status
    /// ([`CommandStatus::ESME_RX_T_APPN`]) to what could not be stored: the SMSC delivers it again.
    ///
    /// # Errors
    /// [`SessionOver`] if the session has ended: the SMSC will deliver again.
    #[expect(
        clippy::unused_async,
        reason = "as its siblings; may one day wait for a slow socket"
    )]
    pub async fn respond(&self, answers: Vec<(u32, CommandStatus)>) -> Result<(), SessionOver> {
        let mut state = self.link.lock();
        if state.is_over() {
            return Err(SessionOver);
        }
        state.respond(&answers);
        state.wake_driver();
        Ok(())
    }

    /// Ends the session in good order: no more messages, waits for outstanding answers, unbinds, closes. Each
    /// step waits at most `response_timeout`. Returns when [`Event::Closed`] is there to be read. Go on
    /// reading events meanwhile: answers still arrive.
    pub async fn unbind(&self) {
        loop {
            let mut over = std::pin::pin!(self.link.over.notified());
            over.as_mut().enable();
            {
                let mut state = self.link.lock();
                if state.is_over() {
                    return;
                }
                state.drain();
                state.wake_driver();
            }
            self.link.room.notify_waiters();
            over.await;
        }
    }
}

impl SessionEvents {
    /// Everything that has arrived since the last call, at least one event; waits for it. `None` after
    /// [`Event::Closed`]. Cancellation safe.
    pub async fn next(&mut self) -> Option<Vec<Event>> {
        std::future::poll_fn(|context| self.link.lock().take_events(context)).await
    }
}

impl Drop for SessionEvents {
    fn drop(&mut self) {
        let mut state = self.link.lock();
        state.abandon();
        state.wake_driver();
    }
}
