//! One connection to the simulated SMSC: reads in batches, answers in batches, delivers receipts.

use std::collections::{HashMap, VecDeque};
use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::BytesMut;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::sync::watch;
use tokio::time::sleep_until;

use super::account::AccountLine;
use super::config::{Accounts, BindAnswer};
use super::{Life, Shared};
use crate::pdu::{
    Bind, BindResp, Body, CommandStatus, DecodeError, DeliverSm, INTERFACE_VERSION, Pdu, StatusKind, Tlv,
    encode_deliver_sm, tag,
};

/// Octets that one read takes at most.
const READ_BUFFER: usize = 64 * 1024;

/// Octets that may wait for the socket; beyond it nothing is read and no receipt is written.
const OUT_MAX: usize = 1 << 20;

/// How long a receipt waits that the ESME could not take.
const RETRY: Duration = Duration::from_secs(1);

/// How this connection is bound.
pub(super) struct Bound {
    pub(super) account: Arc<AccountLine>,
    pub(super) transmits: bool,
    pub(super) receives: bool,
}

/// Answers that are not yet due.
pub(super) struct Delayed {
    pub(super) due: Instant,
    pub(super) octets: Vec<u8>,
    pub(super) answers: usize,
}

/// How the connection goes on.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Course {
    On,
    /// Nothing more is read; what is to be written is written first.
    EndAfterWriting,
    /// Cut at once.
    End,
}

pub(super) struct Connection {
    pub(super) shared: Arc<Shared>,
    pub(super) bound: Option<Bound>,
    /// To be written; `sent` octets of it already are.
    pub(super) out: Vec<u8>,
    sent: usize,
    /// Answers of the batch at hand.
    pub(super) answers: Vec<u8>,
    pub(super) delayed: VecDeque<Delayed>,
    /// `submit_sm` without an answer on the wire.
    pub(super) unanswered: usize,
    /// `deliver_sm` without an answer.
    delivering: HashMap<u32, Box<DeliverSm>>,
    sequence: u32,
    heard: Instant,
    enquired: bool,
    pub(super) course: Course,
}

pub(super) async fn serve<S>(stream: S, shared: Arc<Shared>)
where
    S: AsyncRead + AsyncWrite + Send,
{
    let mut connection = Connection {
        shared,
        bound: None,
        out: Vec::new(),
        sent: 0,
        answers: Vec::new(),
        delayed: VecDeque::new(),
        unanswered: 0,
        delivering: HashMap::new(),
        sequence: 0,
        heard: Instant::now(),
        enquired: false,
        course: Course::On,
    };
    if let Err(error) = connection.run(stream).await {
        tracing::debug!(%error, "connection to the simulated SMSC cut");
    }
    connection.leave();
}

impl Connection {
    async fn run<S: AsyncRead + AsyncWrite>(&mut self, stream: S) -> io::Result<()> {
        let (mut reader, mut writer) = tokio::io::split(stream);
        let mut life = self.shared.life.subscribe();
        let mut news: Option<watch::Receiver<()>> = None;
        let mut incoming = BytesMut::with_capacity(READ_BUFFER);
        loop {
            let now = Instant::now();
            let due = self.write_what_is_due(now);
            let writing = self.is_writing();
            let written = !writing && self.delayed.is_empty();
            if self.course == Course::End || (self.course == Course::EndAfterWriting && written) {
                let _ = writer.shutdown().await;
                return Ok(());
            }
            if news.is_none() {
                news = self
                    .bound
                    .as_ref()
                    .filter(|bound| bound.receives)
                    .map(|bound| bound.account.news());
                if news.is_some() {
                    // What waited before this connection listened is to be looked at, too.
                    continue;
                }
            }
            incoming.reserve(READ_BUFFER);
            tokio::select! {
                biased;
                changed = life.changed() => {
                    if changed.is_err() || *life.borrow() != Life::Up {
                        return Ok(());
                    }
                }
                written = writer.write(&self.out[self.sent..]), if writing => {
                    self.note_written(written?);
                    if !self.is_writing() {
                        writer.flush().await?;
                    }
                }
                read = reader.read_buf(&mut incoming), if self.may_read() => {
                    if read? == 0 {
                        return Ok(());
                    }
                    self.take_in(&mut incoming);
                }
                () = wait_for_news(&mut news), if news.is_some() => {}
                () = sleep_until(due.unwrap_or(now).into()), if due.is_some() => {}
            }
        }
    }

    fn is_writing(&self) -> bool {
        self.sent < self.out.len()
    }

    fn may_read(&self) -> bool {
        self.course == Course::On && self.out.len() - self.sent < OUT_MAX
    }

    fn note_written(&mut self, octets: usize) {
        self.sent += octets;
        if !self.is_writing() {
            self.out.clear();
            self.sent = 0;
        }
    }

    /// Moves answers, receipts and the question whether the ESME is there into the output as far as they are
    /// due, and says when to look again.
    fn write_what_is_due(&mut self, now: Instant) -> Option<Instant> {
        while self.delayed.front().is_some_and(|delayed| delayed.due <= now) {
            if let Some(delayed) = self.delayed.pop_front() {
                self.out.extend_from_slice(&delayed.octets);
                self.unanswered -= delayed.answers;
            }
        }
        let answers = self.delayed.front().map(|delayed| delayed.due);
        let receipts = self.write_receipts(now);
        let enquiry = self.enquire(now);
        [answers, receipts, enquiry].into_iter().flatten().min()
    }

    fn write_receipts(&mut self, now: Instant) -> Option<Instant> {
        let bound = self
            .bound
            .as_ref()
            .filter(|bound| bound.receives && self.course == Course::On)?;
        let account = Arc::clone(&bound.account);
        let mut state = account.lock();
        let mut written = 0;
        while self.may_deliver()
            && let Some(pdu) = state.next_ready(now)
        {
            written += 1;
            let mut out = std::mem::take(&mut self.out);
            self.write_receipt(pdu, &mut out);
            self.out = out;
        }
        let due = state.next_due().filter(|_| self.may_deliver());
        drop(state);
        if written > 0 {
            self.shared.book().counters.receipts_sent += written;
        }
        due
    }

    pub(super) fn may_deliver(&self) -> bool {
        self.delivering.len() < self.shared.config.deliver_window && self.out.len() - self.sent < OUT_MAX
    }

    pub(super) fn write_receipt(&mut self, pdu: Box<DeliverSm>, out: &mut Vec<u8>) {
        let sequence = self.next_sequence();
        match encode_deliver_sm(&pdu, sequence, out) {
            Ok(()) => drop(self.delivering.insert(sequence, pdu)),
            Err(error) => tracing::warn!(%error, "a deliver_sm cannot be written"),
        }
    }

    fn enquire(&mut self, now: Instant) -> Option<Instant> {
        let interval = self
            .shared
            .config
            .enquire_link_interval
            .filter(|_| self.bound.is_some())?;
        if self.enquired {
            return None;
        }
        let due = self.heard + interval;
        if due > now {
            return Some(due);
        }
        self.enquired = true;
        let sequence = self.next_sequence();
        self.write(&Pdu::new(sequence, Body::EnquireLink));
        None
    }

    fn next_sequence(&mut self) -> u32 {
        self.sequence = self.sequence % 0x7FFF_FFFF + 1;
        self.sequence
    }

    pub(super) fn write(&mut self, pdu: &Pdu) {
        if let Err(error) = pdu.encode(&mut self.out) {
            tracing::warn!(%error, "an answer of the simulated SMSC cannot be written");
        }
    }

    /// Takes in everything that one read has brought; `submit_sm`s that follow each other are decided about
    /// under one lock.
    fn take_in(&mut self, incoming: &mut BytesMut) {
        self.heard = Instant::now();
        let mut submits = Vec::new();
        while self.course == Course::On {
            match Pdu::decode(incoming) {
                Ok(Some(Pdu {
                    sequence_number,
                    body: Body::SubmitSm(pdu),
                    ..
                })) => {
                    submits.push((sequence_number, pdu));
                }
                Ok(Some(pdu)) => {
                    self.submitted(&mut submits);
                    self.handle(pdu);
                }
                Ok(None) => break,
                Err(DecodeError::Malformed { sequence_number, .. }) => {
                    self.refuse(sequence_number, CommandStatus::ESME_RINVCMDLEN);
                }
                Err(DecodeError::Length(_)) => self.course = Course::End,
            }
        }
        self.submitted(&mut submits);
    }

    fn handle(
        &mut self,
        Pdu {
            command_status,
            sequence_number,
            body,
        }: Pdu,
    ) {
        match body {
            Body::BindReceiver(bind) => self.bind(&bind, sequence_number, false, true),
            Body::BindTransmitter(bind) => self.bind(&bind, sequence_number, true, false),
            Body::BindTransceiver(bind) => self.bind(&bind, sequence_number, true, true),
            Body::DeliverSmResp => self.delivered(sequence_number, command_status),
            Body::EnquireLink => {
                self.shared.book().counters.enquire_links += 1;
                self.write(&Pdu::new(sequence_number, Body::EnquireLinkResp));
            }
            Body::EnquireLinkResp => {
                self.enquired = false;
                self.shared.book().counters.enquire_links_answered += 1;
            }
            Body::Unbind => {
                self.shared.book().counters.unbinds += 1;
                self.write(&Pdu::new(sequence_number, Body::UnbindResp));
                self.course = Course::EndAfterWriting;
            }
            body if body.is_request() => self.refuse(sequence_number, CommandStatus::ESME_RINVCMDID),
            _ => {}
        }
    }

    fn refuse(&mut self, sequence_number: u32, command_status: CommandStatus) {
        self.write(&Pdu {
            command_status,
            sequence_number,
            body: Body::GenericNack,
        });
    }

    fn bind(&mut self, bind: &Bind, sequence_number: u32, transmits: bool, receives: bool) {
        if self.shared.config.bind_answer == BindAnswer::Never {
            self.shared.book().counters.binds_refused += 1;
            return;
        }
        let command_status = self.judge_bind(bind).err().unwrap_or_default();
        let resp = if command_status.is_ok() {
            let account = self.shared.account(&bind.system_id);
            self.bound = Some(Bound {
                account,
                transmits,
                receives,
            });
            self.shared.book().counters.binds += 1;
            BindResp {
                system_id: "simulator".into(),
                tlvs: vec![Tlv::u8(tag::SC_INTERFACE_VERSION, INTERFACE_VERSION)],
            }
        } else {
            self.shared.book().counters.binds_refused += 1;
            BindResp::default()
        };
        let body = match (transmits, receives) {
            (true, true) => Body::BindTransceiverResp(resp),
            (true, false) => Body::BindTransmitterResp(resp),
            _ => Body::BindReceiverResp(resp),
        };
        self.write(&Pdu {
            command_status,
            sequence_number,
            body,
        });
    }

    /// Takes a bind of the account if it says yes.
    fn judge_bind(&self, bind: &Bind) -> Result<(), CommandStatus> {
        let config = &self.shared.config;
        if self.bound.is_some() {
            return Err(CommandStatus::ESME_RALYBND);
        }
        if *self.shared.life.borrow() != Life::Up {
            return Err(CommandStatus::ESME_RSYSERR);
        }
        if let BindAnswer::Refuse(status) = config.bind_answer {
            return Err(status);
        }
        if let Accounts::Only(accounts) = &config.accounts {
            let account = accounts
                .iter()
                .find(|account| account.system_id == bind.system_id);
            let account = account.ok_or(CommandStatus::ESME_RINVSYSID)?;
            if account.password != bind.password {
                return Err(CommandStatus::ESME_RINVPASWD);
            }
        }
        let account = self.shared.account(&bind.system_id);
        let mut state = account.lock();
        if config.max_binds.is_some_and(|max| state.binds >= max) {
            return Err(CommandStatus::ESME_RALYBND);
        }
        state.binds += 1;
        Ok(())
    }

    fn delivered(&mut self, sequence_number: u32, command_status: CommandStatus) {
        let Some(pdu) = self.delivering.remove(&sequence_number) else {
            return;
        };
        self.shared.book().counters.receipts_answered += 1;
        if command_status.kind() == StatusKind::Temporary
            && let Some(bound) = &self.bound
        {
            let now = Instant::now();
            bound.account.lock().schedule(now + RETRY, now, pdu);
        }
    }

    /// Gives back to the account what it lent to this connection.
    fn leave(&mut self) {
        let Some(Bound { account, .. }) = self.bound.take() else {
            return;
        };
        let mut unanswered: Vec<_> = self.delivering.drain().collect();
        unanswered.sort_unstable_by_key(|(sequence, _)| std::cmp::Reverse(*sequence));
        let mut state = account.lock();
        state.binds -= 1;
        for (_, pdu) in unanswered {
            state.put_back(pdu);
        }
        drop(state);
        account.tell();
    }
}

async fn wait_for_news(news: &mut Option<watch::Receiver<()>>) {
    if let Some(news) = news {
        // The account outlives its connections.
        let _ = news.changed().await;
    }
}
