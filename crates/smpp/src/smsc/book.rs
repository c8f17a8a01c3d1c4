//! What the SMSC decides about each `submit_sm`, and what it has counted.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use super::chance::{Chance, fingerprint};
use super::config::{CutWhen, Magic, ReceiptPlan, SmscConfig};
use super::handset::{HandsetMessage, Handsets, Lengths, decode, place};
use super::receipts::{ReceiptWriter, Said};
use crate::pdu::{CommandStatus, DeliverSm, SubmitSm};
use crate::receipt::ReceiptState;
use crate::text::Concatenation;

/// Parts whose repetitions are counted; when so many different ones were seen, counting begins anew.
const SEEN_MAX: usize = 1_000_000;

/// How much longer an overtaken receipt takes, beside twice its delay.
const OVERTAKEN: Duration = Duration::from_millis(50);

/// What an SMSC has seen since it was started.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Binds that were accepted.
    pub binds: u64,
    /// Binds that were refused or left without an answer.
    pub binds_refused: u64,
    /// `submit_sm` that came in.
    pub submits: u64,
    /// `submit_sm` that were accepted, answered or not.
    pub accepted: u64,
    /// `submit_sm` that were refused, by status.
    pub refused: BTreeMap<CommandStatus, u64>,
    /// Most `submit_sm` of one connection that waited for an answer at a time.
    pub unanswered_peak: usize,
    /// `deliver_sm` that were written, repetitions included.
    pub receipts_sent: u64,
    /// `deliver_sm` that were answered.
    pub receipts_answered: u64,
    /// Receipts that were lost because too many waited.
    pub receipts_lost: u64,
    /// `enquire_link` that came in.
    pub enquire_links: u64,
    /// `enquire_link` of the SMSC that were answered.
    pub enquire_links_answered: u64,
    /// `unbind` that came in.
    pub unbinds: u64,
}

/// One `submit_sm`. Its `Debug` shows neither number nor text.
#[derive(Clone, PartialEq, Eq)]
pub struct JournalEntry {
    /// When it was decided, by the SMSC's clock.
    pub at: SystemTime,
    /// Sender.
    pub source_addr: String,
    /// Recipient.
    pub destination_addr: String,
    /// Place in a long message.
    pub place: Option<Concatenation>,
    /// Alphabet.
    pub data_coding: u8,
    /// The octets of the text, without the user data header.
    pub short_message: Vec<u8>,
    /// The id that was given; `None` if it was refused.
    pub message_id: Option<String>,
    /// What was decided, whether or not the answer could be written.
    pub command_status: CommandStatus,
    /// What became of it; `None` if it was refused, or if nothing is heard of it again.
    pub outcome: Option<ReceiptState>,
}

impl JournalEntry {
    /// The text of the part.
    pub fn text(&self) -> String {
        decode(self.data_coding, &self.short_message)
    }
}

impl fmt::Debug for JournalEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JournalEntry")
            .field("place", &self.place)
            .field("message_id", &self.message_id)
            .field("command_status", &self.command_status)
            .finish_non_exhaustive()
    }
}

/// What was decided about one `submit_sm`.
pub(super) struct Verdict {
    /// Message id or refusal.
    pub(super) answer: Result<String, CommandStatus>,
    /// Whether the answer is written at all.
    pub(super) answered: bool,
    /// In the order in which they leave.
    pub(super) receipts: Vec<Receipt>,
    /// Whether the part reaches its phone.
    pub(super) on_phone: bool,
    /// Whether the connection is cut here.
    pub(super) cut: Option<CutWhen>,
}

/// A receipt and how long after the answer it is due.
pub(super) struct Receipt {
    pub(super) delay: Duration,
    /// Leaves before the answer, if it can.
    pub(super) early: bool,
    pub(super) pdu: Box<DeliverSm>,
}

/// What becomes of one accepted part.
#[derive(Default)]
struct Fate {
    /// `None`: nothing is heard of it.
    state: Option<ReceiptState>,
    delay: Duration,
    duplicate: bool,
    early: bool,
    contradicted: bool,
}

impl Fate {
    fn draw(plan: &ReceiptPlan, mut chance: Chance) -> Self {
        let mut outcome = chance.fraction();
        let mut state = Some(ReceiptState::Delivered);
        let outcomes = [
            (plan.undelivered, Some(ReceiptState::Undeliverable)),
            (plan.expired, Some(ReceiptState::Expired)),
            (plan.rejected, Some(ReceiptState::Rejected)),
            (plan.none, None),
        ];
        for (fraction, other) in outcomes {
            if (0.0..fraction).contains(&outcome) {
                state = other;
            }
            outcome -= fraction;
        }
        let spread = plan.delay_max.saturating_sub(plan.delay_min);
        let delay = plan.delay_min + spread.mul_f64(chance.fraction());
        let overtaken = chance.hits(plan.reversed);
        Self {
            state,
            delay: if overtaken { delay * 2 + OVERTAKEN } else { delay },
            duplicate: chance.hits(plan.duplicates),
            early: chance.hits(plan.early),
            contradicted: chance.hits(plan.contradicted),
        }
    }
}

/// The memory of an SMSC.
pub(super) struct Book {
    pub(super) counters: Counters,
    pub(super) journal: Vec<JournalEntry>,
    next_message_id: u64,
    /// Long answers from phones so far: their parts share a reference.
    pub(super) long_replies: u8,
    seen: HashMap<u64, u32>,
    lengths: Lengths,
    handsets: Handsets,
    writer: ReceiptWriter,
    /// The end of this plan is known without chance.
    certain: bool,
    /// Nothing is told of what is taken.
    pub(super) silent: bool,
}

impl Book {
    pub(super) fn new(config: &SmscConfig) -> Self {
        let plan = &config.receipts;
        Self {
            counters: Counters::default(),
            journal: Vec::new(),
            next_message_id: config.first_message_id,
            long_replies: 0,
            seen: HashMap::new(),
            lengths: Lengths::default(),
            handsets: Handsets::default(),
            writer: ReceiptWriter::default(),
            silent: false,
            certain: *plan
                == ReceiptPlan {
                    format: plan.format,
                    ..ReceiptPlan::default()
                },
        }
    }

    /// Decides about one `submit_sm`. `throttled` says that its account is over its rate.
    pub(super) fn judge(&mut self, config: &SmscConfig, pdu: &SubmitSm, throttled: bool) -> Verdict {
        self.counters.submits += 1;
        let magic = magic(config, pdu);
        let refusal = self.refusal(config, pdu, throttled, magic);
        let number = self.next_message_id;
        let answer = if let Some(status) = refusal {
            *self.counters.refused.entry(status).or_default() += 1;
            Err(status)
        } else {
            self.next_message_id += 1;
            self.counters.accepted += 1;
            Ok(config.message_id.write(number))
        };
        let fate = answer.is_ok().then(|| self.draw(config, pdu, magic));
        let outcome = fate.as_ref().and_then(|fate| fate.state);
        let on_phone = outcome == Some(ReceiptState::Delivered);
        let receipts = fate
            .map(|fate| self.receipts(config, pdu, number, &fate))
            .unwrap_or_default();
        if config.journal || config.witness.is_some() {
            let entry = entry(config, pdu, &answer, outcome);
            if let Some(witness) = &config.witness {
                witness.tell(&entry);
            }
            if config.journal {
                self.journal.push(entry);
            }
        }
        let every = |n: u32| self.counters.submits.is_multiple_of(u64::from(n));
        Verdict {
            answer,
            answered: magic != Some(Magic::NoAnswer),
            receipts,
            on_phone,
            cut: config.cut.filter(|cut| every(cut.every)).map(|cut| cut.when),
        }
    }

    /// The message that an accepted part completes on its phone.
    pub(super) fn shown(
        &mut self,
        config: &SmscConfig,
        system_id: &str,
        pdu: &SubmitSm,
    ) -> Option<HandsetMessage> {
        self.handsets.take(system_id, pdu, config.clock.now())
    }

    fn refusal(
        &mut self,
        config: &SmscConfig,
        pdu: &SubmitSm,
        throttled: bool,
        magic: Option<Magic>,
    ) -> Option<CommandStatus> {
        let every = config
            .throttle_every
            .is_some_and(|n| self.counters.submits.is_multiple_of(n.into()));
        if throttled || every {
            return Some(CommandStatus::ESME_RTHROTTLED);
        }
        let digits = pdu.destination_addr.trim_start_matches('+');
        if digits.is_empty() || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
            return Some(CommandStatus::ESME_RINVDSTADR);
        }
        match magic {
            Some(Magic::Refuse(status)) => return Some(status),
            Some(Magic::RefuseFirst(status, times)) if self.see(pdu) < times => return Some(status),
            _ => {}
        }
        let max = config.profile?.max_units();
        (self.lengths.add(pdu) > max).then_some(CommandStatus::ESME_RINVMSGLEN)
    }

    /// How often this part came before.
    fn see(&mut self, pdu: &SubmitSm) -> u32 {
        if self.seen.len() >= SEEN_MAX {
            self.seen.clear();
        }
        let times = self.seen.entry(subject(pdu)).or_default();
        *times += 1;
        *times - 1
    }

    fn draw(&mut self, config: &SmscConfig, pdu: &SubmitSm, magic: Option<Magic>) -> Fate {
        let mut fate = if self.certain {
            Fate {
                state: Some(ReceiptState::Delivered),
                ..Fate::default()
            }
        } else {
            let times_seen = self.see(pdu);
            Fate::draw(
                &config.receipts,
                Chance::new(config.seed, subject(pdu), times_seen),
            )
        };
        match magic {
            Some(Magic::Receipt(state)) => fate.state = Some(state),
            Some(Magic::NoReceipt | Magic::NoAnswer) => fate.state = None,
            Some(Magic::Refuse(_) | Magic::RefuseFirst(..)) | None => {}
        }
        fate
    }

    fn receipts(&mut self, config: &SmscConfig, pdu: &SubmitSm, number: u64, fate: &Fate) -> Vec<Receipt> {
        let Some(state) = fate.state.filter(|state| !self.silent && wants(pdu, *state)) else {
            return Vec::new();
        };
        let now = local_seconds(config);
        let mut said = Said {
            message_id: number,
            state,
            local_seconds: (now, now + (config.answer_delay + fate.delay).as_secs()),
            submit: pdu,
        };
        let receipt = |pdu, early| Receipt {
            delay: fate.delay,
            early,
            pdu: Box::new(pdu),
        };
        let first = self.writer.write(config, &said);
        let again = fate.duplicate.then(|| first.clone());
        let mut receipts = vec![receipt(first, fate.early)];
        receipts.extend(again.map(|pdu| receipt(pdu, false)));
        if fate.contradicted {
            said.state = ReceiptState::Enroute;
            receipts.push(receipt(self.writer.write(config, &said), false));
        }
        receipts
    }
}

/// Whether `registered_delivery` asks for a receipt of this state, SMPP 3.4 section 5.2.17.
fn wants(pdu: &SubmitSm, state: ReceiptState) -> bool {
    match pdu.registered_delivery & 0x03 {
        1 => true,
        2 => state != ReceiptState::Delivered,
        _ => false,
    }
}

fn magic(config: &SmscConfig, pdu: &SubmitSm) -> Option<Magic> {
    let fits = |(end, _): &&(String, Magic)| pdu.destination_addr.ends_with(end.as_str());
    config.magic_numbers.iter().find(fits).map(|(_, magic)| *magic)
}

fn subject(pdu: &SubmitSm) -> u64 {
    fingerprint(&[pdu.destination_addr.as_bytes(), pdu.user_data()])
}

fn local_seconds(config: &SmscConfig) -> u64 {
    let utc = config
        .clock
        .now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs());
    utc.saturating_add_signed(i64::from(config.utc_offset_minutes) * 60)
}

fn entry(
    config: &SmscConfig,
    pdu: &SubmitSm,
    answer: &Result<String, CommandStatus>,
    outcome: Option<ReceiptState>,
) -> JournalEntry {
    let (place, octets) = place(pdu);
    JournalEntry {
        at: config.clock.now(),
        source_addr: pdu.source_addr.clone(),
        destination_addr: pdu.destination_addr.clone(),
        place,
        data_coding: pdu.data_coding,
        short_message: octets.to_vec(),
        message_id: answer.clone().ok(),
        command_status: answer.clone().err().unwrap_or_default(),
        outcome,
    }
}

/// Tokens that fill up with time; each part takes one.
pub(super) struct Bucket {
    rate: f64,
    tokens: f64,
    filled: Instant,
}

impl Bucket {
    pub(super) fn new(rate: u32, now: Instant) -> Self {
        let rate = f64::from(rate);
        Self {
            rate,
            tokens: (rate / 10.0).max(1.0),
            filled: now,
        }
    }

    /// Whether one more part is within the rate.
    pub(super) fn take(&mut self, now: Instant) -> bool {
        let since = now.saturating_duration_since(self.filled).as_secs_f64();
        self.filled = now;
        self.tokens = (self.tokens + since * self.rate).min((self.rate / 10.0).max(1.0));
        let within = self.tokens >= 1.0;
        if within {
            self.tokens -= 1.0;
        }
        within
    }
}
