//! The task that moves bytes between a socket and a [`Link`].

use std::future::poll_fn;
use std::io;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Instant;

use bytes::BytesMut;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::time::Sleep;

use super::CloseReason;
use super::link::{Link, Times};
use crate::pdu::{CommandStatus, DecodeError, Pdu, is_request};

/// Octets that one read takes at most, about 2,000 answers.
pub(super) const READ_BUFFER: usize = 64 * 1024;

/// When bytes that were given to a stream count as written.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Accounting {
    /// When the stream says that it took them: plain TCP says so truly.
    Taken,
    /// When they were offered: TLS may have sent records and still report an error.
    Offered,
}

pub(super) struct Driver<S> {
    stream: S,
    accounting: Accounting,
    link: Arc<Link>,
    times: Times,
    tick: Pin<Box<Sleep>>,
    incoming: BytesMut,
    pdus: Vec<Pdu>,
    outgoing: Vec<u8>,
    /// How much of `outgoing` the stream has taken.
    taken: usize,
    /// Octets of the stream that may have left.
    written: u64,
    heard: Instant,
    /// Writing failed: what has already arrived is still read, then the session ends.
    broken: Option<io::ErrorKind>,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Driver<S> {
    /// `incoming` holds what was read beyond the answer to the bind.
    pub(super) fn new(
        stream: S,
        accounting: Accounting,
        link: Arc<Link>,
        times: Times,
        incoming: BytesMut,
    ) -> Self {
        let tick = Box::pin(tokio::time::sleep(times.tick()));
        Self {
            stream,
            accounting,
            link,
            times,
            tick,
            incoming,
            pdus: Vec::new(),
            outgoing: Vec::new(),
            taken: 0,
            written: 0,
            heard: Instant::now(),
            broken: None,
        }
    }

    pub(super) async fn run(mut self) {
        let reason = match self.take_in() {
            Ok(()) => poll_fn(|context| self.poll(context)).await,
            Err(reason) => reason,
        };
        tracing::debug!(?reason, "SMPP session over");
        if matches!(reason, CloseReason::Unbound | CloseReason::UnboundBySmsc) {
            // Good manners (TLS close_notify); a peer that is gone already does not mind.
            let _ = tokio::time::timeout(self.times.tick(), self.stream.shutdown()).await;
        }
        self.link.lock().finish(reason, self.written);
        self.link.room.notify_waiters();
        self.link.over.notify_waiters();
    }

    /// Goes round while there is something to read. Everything else that may happen wakes this task: the
    /// clock, the socket, or a caller through the waker in the link.
    fn poll(&mut self, context: &mut Context<'_>) -> Poll<CloseReason> {
        loop {
            match self.round(context) {
                Err(reason) => return Poll::Ready(reason),
                Ok(Poll::Ready(())) => {}
                Ok(Poll::Pending) => return Poll::Pending,
            }
        }
    }

    /// Reads, does what time asks for, writes. Pending when there was nothing to read.
    fn round(&mut self, context: &mut Context<'_>) -> Result<Poll<()>, CloseReason> {
        let full = {
            let mut state = self.link.lock();
            state.register_driver(context);
            state.is_full()
        };
        let read = if full { Poll::Pending } else { self.read(context)? };
        let closing = self.advance(context);
        self.write(context);
        match (closing, self.broken) {
            (Some(reason), _) => Err(reason),
            (None, Some(kind)) if read.is_pending() && !full => Err(CloseReason::Disconnected(kind)),
            _ => Ok(read),
        }
    }

    /// Does what time and callers ask for. Only after a read: an answer that is there is not late.
    fn advance(&mut self, context: &mut Context<'_>) -> Option<CloseReason> {
        let now = Instant::now();
        let mut due = false;
        while self.tick.as_mut().poll(context).is_ready() {
            due = true;
            self.tick
                .as_mut()
                .reset(tokio::time::Instant::now() + self.times.tick());
        }
        let mut state = self.link.lock();
        state.advance(now, &self.times);
        if due {
            state.look_for_late_answers(now, &self.times);
            if now.saturating_duration_since(self.heard) >= self.times.enquire_link {
                state.enquire(now);
            }
        }
        state.closing()
    }

    /// Reads once and takes in what came. Pending: nothing is there.
    fn read(&mut self, context: &mut Context<'_>) -> Result<Poll<()>, CloseReason> {
        self.incoming.reserve(READ_BUFFER);
        let read = pin!(self.stream.read_buf(&mut self.incoming)).poll(context);
        match read {
            Poll::Pending => Ok(Poll::Pending),
            Poll::Ready(Ok(0)) => Err(self.link.lock().cut(io::ErrorKind::UnexpectedEof)),
            Poll::Ready(Err(error)) => Err(self.link.lock().cut(error.kind())),
            Poll::Ready(Ok(_)) => {
                self.heard = Instant::now();
                self.take_in()?;
                Ok(Poll::Ready(()))
            }
        }
    }

    /// Decodes all whole PDUs first and takes the lock once for all of them.
    fn take_in(&mut self) -> Result<(), CloseReason> {
        let mut broken = None;
        let mut malformed = Vec::new();
        loop {
            match Pdu::decode(&mut self.incoming) {
                Ok(Some(pdu)) => self.pdus.push(pdu),
                Ok(None) => break,
                Err(DecodeError::Malformed {
                    command_id,
                    sequence_number,
                    malformed: field,
                }) => {
                    tracing::debug!(command_id, %field, "malformed PDU");
                    if is_request(command_id) {
                        malformed.push(sequence_number);
                    }
                }
                Err(error @ DecodeError::Length(_)) => {
                    broken = Some(CloseReason::Protocol(error));
                    break;
                }
            }
        }
        let mut state = self.link.lock();
        for sequence_number in malformed {
            state.refuse(sequence_number, CommandStatus::ESME_RINVCMDLEN);
        }
        let room = state.receive(&mut self.pdus);
        drop(state);
        if room {
            self.link.room.notify_waiters();
        }
        broken.map_or(Ok(()), Err)
    }

    /// Writes until nothing is left or the socket is full.
    fn write(&mut self, context: &mut Context<'_>) {
        while self.broken.is_none() {
            if self.taken == self.outgoing.len() && !self.refill() {
                if let Poll::Ready(Err(error)) = Pin::new(&mut self.stream).poll_flush(context) {
                    self.broken = Some(error.kind());
                }
                return;
            }
            match Pin::new(&mut self.stream).poll_write(context, &self.outgoing[self.taken..]) {
                Poll::Pending => return,
                Poll::Ready(Ok(0)) => self.broken = Some(io::ErrorKind::WriteZero),
                Poll::Ready(Err(error)) => self.broken = Some(error.kind()),
                Poll::Ready(Ok(length)) => {
                    self.taken += length;
                    if self.accounting == Accounting::Taken {
                        self.written += octets(length);
                    }
                }
            }
        }
    }

    /// Fetches what callers have put into the link. Returns whether there is something to write.
    fn refill(&mut self) -> bool {
        self.outgoing.clear();
        self.taken = 0;
        self.link.lock().take_outbox(&mut self.outgoing);
        if self.accounting == Accounting::Offered {
            self.written += octets(self.outgoing.len());
        }
        !self.outgoing.is_empty()
    }
}

fn octets(length: usize) -> u64 {
    u64::try_from(length).expect("a buffer is below 2^64 octets")
}
