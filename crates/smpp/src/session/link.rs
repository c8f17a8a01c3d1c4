//! What the callers of a session and its driver share: the window, the bytes to write, the events to read.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};
use std::{io, mem, vec};

use tokio::sync::Notify;

use super::{CloseReason, Event};
use crate::pdu::{Body, CommandStatus, Pdu, SubmitSm, encode_submit_sm};

/// Events that may wait for the caller beyond its window; when more are there, nothing is read.
const INBOX: usize = 2_000;

/// Octets that may wait for the socket; when more are there, nothing is read, because reading makes answers.
const OUTBOX: usize = 1 << 20;

/// Largest `sequence_number`, SMPP 3.4 section 3.2.
const SEQUENCE_MAX: u32 = 0x7FFF_FFFF;

pub(super) struct Link {
    state: Mutex<State>,
    /// Tells those who wait in `submit` that there may be room, or that there will never be.
    pub(super) room: Notify,
    /// Tells those who wait in `unbind` that the session is over.
    pub(super) over: Notify,
}

/// How far a session has come. Only ever moves down this list.
#[derive(Clone, Copy, PartialEq)]
enum Phase {
    Open,
    /// `unbind` was called at this time; outstanding answers are awaited.
    Draining(Instant),
    /// The PDU `unbind` was written at this time.
    Unbinding(Instant),
    /// The events were dropped.
    Abandoned,
    Over,
}

/// A `submit_sm` without an answer.
struct Outstanding {
    token: u64,
    since: Instant,
    /// Octets of the whole stream up to the end of this PDU.
    stream_end: u64,
}

pub(super) struct State {
    phase: Phase,
    window: usize,
    outstanding: HashMap<u32, Outstanding>,
    sequence: u32,
    outbox: Vec<u8>,
    /// Octets ever put into the outbox.
    stream_end: u64,
    inbox: Vec<Event>,
    consumer: Option<Waker>,
    driver: Option<Waker>,
    /// When the SMSC was asked whether it is there, until it answers.
    enquired: Option<Instant>,
    /// When reading last had to wait.
    stalled: Option<Instant>,
    /// Set once the driver has nothing more to do than to write what is left.
    closing: Option<CloseReason>,
}

impl Link {
    /// `sequence` is the number of the bind request; later ones follow it.
    pub(super) fn new(window: usize, sequence: u32) -> Self {
        let window = window.max(1);
        Self {
            state: Mutex::new(State {
                phase: Phase::Open,
                window,
                outstanding: HashMap::with_capacity(window.min(INBOX)),
                sequence,
                outbox: Vec::new(),
                stream_end: 0,
                inbox: Vec::new(),
                consumer: None,
                driver: None,
                enquired: None,
                stalled: None,
                closing: None,
            }),
            room: Notify::new(),
            over: Notify::new(),
        }
    }

    /// Nothing in this module panics half-way, so a poisoned lock still guards a sound state.
    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The callers' side.
impl State {
    pub(super) fn is_open(&self) -> bool {
        self.phase == Phase::Open
    }

    pub(super) fn is_over(&self) -> bool {
        self.phase == Phase::Over
    }

    pub(super) fn free_window(&self) -> usize {
        if self.is_open() {
            self.window.saturating_sub(self.outstanding.len())
        } else {
            0
        }
    }

    /// Encodes as many as the window has room for.
    pub(super) fn hand_over(&mut self, rest: &mut vec::IntoIter<(u64, SubmitSm)>) {
        let since = Instant::now();
        while self.outstanding.len() < self.window
            && let Some((token, pdu)) = rest.next()
        {
            let sequence = self.next_sequence();
            let before = self.outbox.len();
            match encode_submit_sm(&pdu, sequence, &mut self.outbox) {
                Ok(()) => {
                    self.count_octets(before);
                    let stream_end = self.stream_end;
                    self.outstanding.insert(
                        sequence,
                        Outstanding {
                            token,
                            since,
                            stream_end,
                        },
                    );
                }
                Err(error) => {
                    self.inbox.push(Event::Answer {
                        token,
                        result: Err(error.command_status()),
                    });
                    self.wake_consumer();
                }
            }
        }
    }

    pub(super) fn respond(&mut self, answers: &[(u32, CommandStatus)]) {
        for &(sequence_number, command_status) in answers {
            self.write(&Pdu {
                command_status,
                sequence_number,
                body: Body::DeliverSmResp,
            });
        }
    }

    pub(super) fn drain(&mut self) {
        if self.is_open() {
            self.phase = Phase::Draining(Instant::now());
        }
    }

    pub(super) fn abandon(&mut self) {
        if !self.is_over() {
            self.phase = Phase::Abandoned;
        }
        self.inbox = Vec::new();
    }

    pub(super) fn take_events(&mut self, context: &Context<'_>) -> Poll<Option<Vec<Event>>> {
        if !self.inbox.is_empty() {
            let full = self.is_full();
            let events = mem::take(&mut self.inbox);
            if full {
                self.wake_driver();
            }
            return Poll::Ready(Some(events));
        }
        if self.is_over() {
            return Poll::Ready(None);
        }
        self.consumer = Some(context.waker().clone());
        Poll::Pending
    }

    pub(super) fn wake_driver(&mut self) {
        if let Some(driver) = self.driver.take() {
            driver.wake();
        }
    }

    fn wake_consumer(&mut self) {
        if let Some(consumer) = self.consumer.take() {
            consumer.wake();
        }
    }
}

/// The driver's side.
impl State {
    pub(super) fn register_driver(&mut self, context: &Context<'_>) {
        match &mut self.driver {
            Some(waker) => waker.clone_from(context.waker()),
            none => *none = Some(context.waker().clone()),
        }
    }

    /// Swaps an empty buffer for everything that is to be written.
    pub(super) fn take_outbox(&mut self, empty: &mut Vec<u8>) {
        mem::swap(&mut self.outbox, empty);
    }

    /// Whether reading has to wait for the caller or the socket.
    pub(super) fn is_full(&mut self) -> bool {
        let full = self.inbox.len() >= INBOX + self.window || self.outbox.len() >= OUTBOX;
        if full {
            self.stalled = Some(Instant::now());
        }
        full
    }

    pub(super) fn closing(&self) -> Option<CloseReason> {
        match self.phase {
            Phase::Abandoned => Some(CloseReason::Abandoned),
            _ => self.closing.clone(),
        }
    }

    /// Takes in what one read has brought. Returns whether the window has more room than before.
    pub(super) fn receive(&mut self, pdus: &mut Vec<Pdu>) -> bool {
        let (outstanding, events) = (self.outstanding.len(), self.inbox.len());
        for pdu in pdus.drain(..) {
            self.receive_one(pdu);
        }
        if self.inbox.len() > events {
            self.wake_consumer();
        }
        self.outstanding.len() < outstanding
    }

    fn receive_one(
        &mut self,
        Pdu {
            command_status,
            sequence_number,
            body,
        }: Pdu,
    ) {
        match body {
            Body::SubmitSmResp { message_id } => {
                let result = if command_status.is_ok() {
                    Ok(message_id)
                } else {
                    Err(command_status)
                };
                self.answer(sequence_number, result);
            }
            Body::GenericNack => self.answer(sequence_number, Err(command_status)),
            Body::DeliverSm(pdu) => {
                self.inbox.push(Event::Deliver {
                    sequence: sequence_number,
                    pdu,
                });
            }
            Body::EnquireLink => self.write(&Pdu::new(sequence_number, Body::EnquireLinkResp)),
            Body::EnquireLinkResp => self.enquired = None,
            Body::Unbind => {
                self.write(&Pdu::new(sequence_number, Body::UnbindResp));
                self.closing.get_or_insert(CloseReason::UnboundBySmsc);
            }
            Body::UnbindResp if matches!(self.phase, Phase::Unbinding(_)) => {
                self.closing.get_or_insert(CloseReason::Unbound);
            }
            body if body.is_request() => self.refuse(sequence_number, CommandStatus::ESME_RINVCMDID),
            body => tracing::debug!(command_id = body.command_id(), "answer to nothing that was asked"),
        }
    }

    fn answer(&mut self, sequence_number: u32, result: Result<String, CommandStatus>) {
        if let Some(Outstanding { token, .. }) = self.outstanding.remove(&sequence_number) {
            self.inbox.push(Event::Answer { token, result });
        } else {
            tracing::debug!(sequence_number, "answer to no outstanding submit_sm");
        }
    }

    /// Says `generic_nack` to a request.
    pub(super) fn refuse(&mut self, sequence_number: u32, command_status: CommandStatus) {
        self.write(&Pdu {
            command_status,
            sequence_number,
            body: Body::GenericNack,
        });
    }

    /// Goes on with an unbind.
    pub(super) fn advance(&mut self, now: Instant, times: &Times) {
        let late = |since: Instant| now.saturating_duration_since(since) >= times.response;
        match self.phase {
            Phase::Draining(since) if self.outstanding.is_empty() || late(since) => {
                let sequence = self.next_sequence();
                self.write(&Pdu::new(sequence, Body::Unbind));
                self.phase = Phase::Unbinding(now);
            }
            Phase::Unbinding(since) if late(since) => {
                self.closing.get_or_insert(CloseReason::Unbound);
            }
            _ => {}
        }
    }

    /// Ends the session if an answer is late. While nothing was read, because the caller lagged behind, no
    /// time has passed for the SMSC.
    pub(super) fn look_for_late_answers(&mut self, now: Instant, times: &Times) {
        let oldest = self
            .outstanding
            .values()
            .map(|submit| submit.since)
            .chain(self.enquired)
            .min();
        let since = oldest.max(oldest.and(self.stalled));
        let late = since.is_some_and(|since| now.saturating_duration_since(since) >= times.response);
        if self.is_open() && late {
            self.closing.get_or_insert(CloseReason::NoAnswer);
        }
    }

    /// Why a cut connection ends the session: what was agreed before it was cut goes first.
    pub(super) fn cut(&self, kind: io::ErrorKind) -> CloseReason {
        match self.phase {
            Phase::Unbinding(_) => CloseReason::Unbound,
            _ => self.closing().unwrap_or(CloseReason::Disconnected(kind)),
        }
    }

    /// Asks the SMSC whether it is there, unless that question is still open.
    pub(super) fn enquire(&mut self, now: Instant) {
        if self.enquired.is_none() && matches!(self.phase, Phase::Open | Phase::Draining(_)) {
            let sequence = self.next_sequence();
            self.write(&Pdu::new(sequence, Body::EnquireLink));
            self.enquired = Some(now);
        }
    }

    /// Ends the session. `written` says how many octets of the stream may have left.
    pub(super) fn finish(&mut self, reason: CloseReason, written: u64) {
        let mut left: Vec<Outstanding> = self.outstanding.drain().map(|(_, submit)| submit).collect();
        left.sort_unstable_by_key(|submit| submit.stream_end);
        let (out, kept): (Vec<_>, Vec<_>) = left.into_iter().partition(|submit| submit.stream_end <= written);
        let tokens = |list: Vec<Outstanding>| list.into_iter().map(|submit| submit.token).collect();
        if self.phase != Phase::Abandoned {
            self.inbox.push(Event::Closed {
                reason,
                unanswered: tokens(out),
                unwritten: tokens(kept),
            });
        }
        self.phase = Phase::Over;
        self.wake_consumer();
    }

    fn write(&mut self, pdu: &Pdu) {
        let before = self.outbox.len();
        pdu.encode(&mut self.outbox)
            .expect("PDUs without text fields always fit");
        self.count_octets(before);
    }

    fn count_octets(&mut self, before: usize) {
        self.stream_end += u64::try_from(self.outbox.len() - before).expect("a buffer is below 2^64 octets");
    }

    fn next_sequence(&mut self) -> u32 {
        self.sequence = if self.sequence >= SEQUENCE_MAX {
            1
        } else {
            self.sequence + 1
        };
        self.sequence
    }
}

/// The times that a driver keeps.
pub(super) struct Times {
    pub(super) response: Duration,
    pub(super) enquire_link: Duration,
}

impl Times {
    /// How often to look at the clock: often enough that no time is overrun by more than an eighth.
    pub(super) fn tick(&self) -> Duration {
        (self.response.min(self.enquire_link) / 8).clamp(Duration::from_millis(5), Duration::from_secs(1))
    }
}
