//! How a simulated SMSC behaves.

use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use super::book::JournalEntry;
use crate::pdu::CommandStatus;
use crate::receipt::ReceiptState;

/// Everything that can be set. The default answers at once, accepts everybody and delivers everything at
/// once, except to the [`MAGIC_NUMBERS`].
#[derive(Clone, Debug)]
pub struct SmscConfig {
    /// Where to listen; port 0 takes any free one.
    pub listen: SocketAddr,
    /// TLS for every connection, if set.
    pub tls: Option<Arc<rustls::ServerConfig>>,
    /// Who may bind.
    pub accounts: Accounts,
    /// Most binds of one account at a time; more are refused with `ESME_RALYBND`.
    pub max_binds: Option<usize>,
    /// How a bind is answered.
    pub bind_answer: BindAnswer,
    /// Chance is a function of this, see [`ReceiptPlan`].
    pub seed: u64,
    /// Number of the first accepted message; ids count up from it. A caller that keeps message ids beyond the
    /// life of one SMSC wants another beginning each time.
    pub first_message_id: u64,
    /// How ids are written in `submit_sm_resp`.
    pub message_id: MessageIdFormat,
    /// How ids are written in receipts. Real SMSCs do write hexadecimal in one and decimal in the other.
    pub receipt_message_id: MessageIdFormat,
    /// Time between a `submit_sm` and its answer.
    pub answer_delay: Duration,
    /// Whether `submit_sm` is answered, or only taken.
    pub submit_answer: SubmitAnswer,
    /// What becomes of accepted messages.
    pub receipts: ReceiptPlan,
    /// Most `deliver_sm` without an answer on one connection.
    pub deliver_window: usize,
    /// Most receipts that wait for one account, due or not; more are lost.
    pub receipts_waiting_max: usize,
    /// Parts a second for each account; what is above is refused with `ESME_RTHROTTLED`. A tenth of a
    /// second's worth may come at once.
    pub throttle_rate: Option<u32>,
    /// Every so manieth `submit_sm` is refused with `ESME_RTHROTTLED`.
    pub throttle_every: Option<u32>,
    /// Numbers with a fate of their own: end of the number, fate. The first that fits counts.
    pub magic_numbers: Vec<(String, Magic)>,
    /// Phones that answer each message: end of the number, what they write.
    pub replies: Vec<(String, String)>,
    /// Cuts connections.
    pub cut: Option<Cut>,
    /// Whose limits of length hold.
    pub profile: Option<CarrierProfile>,
    /// Asks an ESME that was silent for so long whether it is there.
    pub enquire_link_interval: Option<Duration>,
    /// Keeps every `submit_sm` in memory, for tests.
    pub journal: bool,
    /// Is told of every `submit_sm`, in the order in which they were decided.
    pub witness: Option<Witness>,
    /// The wall clock behind the dates in receipts and on the phones.
    pub clock: SmscClock,
    /// Time zone of the dates in receipts, minutes east of Greenwich.
    pub utc_offset_minutes: i32,
}

impl Default for SmscConfig {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            tls: None,
            accounts: Accounts::Any,
            max_binds: None,
            bind_answer: BindAnswer::Judge,
            seed: 1,
            first_message_id: 1,
            message_id: MessageIdFormat::Decimal,
            receipt_message_id: MessageIdFormat::Decimal,
            answer_delay: Duration::ZERO,
            submit_answer: SubmitAnswer::Judge,
            receipts: ReceiptPlan::default(),
            deliver_window: 1_000,
            receipts_waiting_max: 1_000_000,
            throttle_rate: None,
            throttle_every: None,
            magic_numbers: MAGIC_NUMBERS
                .iter()
                .map(|(end, fate)| ((*end).to_owned(), *fate))
                .collect(),
            replies: Vec::new(),
            cut: None,
            profile: None,
            enquire_link_interval: None,
            journal: false,
            witness: None,
            clock: SmscClock::default(),
            utc_offset_minutes: 9 * 60,
        }
    }
}

/// A wall clock. The default is the machine's.
#[derive(Clone)]
pub struct SmscClock(Arc<dyn Fn() -> SystemTime + Send + Sync>);

impl SmscClock {
    /// One that shows what `now` says.
    pub fn new(now: impl Fn() -> SystemTime + Send + Sync + 'static) -> Self {
        Self(Arc::new(now))
    }

    pub(super) fn now(&self) -> SystemTime {
        (self.0)()
    }
}

impl Default for SmscClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place where the simulator reads the wall clock"
    )]
    fn default() -> Self {
        Self::new(SystemTime::now)
    }
}

impl fmt::Debug for SmscClock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SmscClock")
    }
}

/// Somebody who looks over the SMSC's shoulder. Is called while it decides, so it must be quick.
#[derive(Clone)]
pub struct Witness(Arc<dyn Fn(&JournalEntry) + Send + Sync>);

impl Witness {
    /// One to whom each `submit_sm` is told.
    pub fn new(told: impl Fn(&JournalEntry) + Send + Sync + 'static) -> Self {
        Self(Arc::new(told))
    }

    pub(super) fn tell(&self, entry: &JournalEntry) {
        (self.0)(entry);
    }
}

impl fmt::Debug for Witness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Witness")
    }
}

/// Who may bind.
#[derive(Clone, Debug)]
pub enum Accounts {
    /// Anybody, with any password.
    Any,
    /// These only.
    Only(Vec<Account>),
}

/// One account. Its `Debug` masks the password.
#[derive(Clone)]
pub struct Account {
    /// Account name.
    pub system_id: String,
    /// Password.
    pub password: String,
}

impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Account")
            .field("system_id", &self.system_id)
            .field("password", &"***")
            .finish()
    }
}

/// How a bind is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BindAnswer {
    /// By account and password.
    Judge,
    /// No, whoever it is.
    Refuse(CommandStatus),
    /// Not at all.
    Never,
}

/// How a `submit_sm` is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SubmitAnswer {
    /// By the rest of the configuration.
    Judge,
    /// Taken, and never answered; receipts come all the same.
    Never,
}

/// How a message id is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MessageIdFormat {
    /// `1234`
    Decimal,
    /// `4D2`
    Hexadecimal,
    /// `0000001234`
    LeadingZeros,
}

impl MessageIdFormat {
    pub(super) fn write(self, number: u64) -> String {
        match self {
            Self::Decimal => number.to_string(),
            Self::Hexadecimal => format!("{number:X}"),
            Self::LeadingZeros => format!("{number:010}"),
        }
    }
}

/// What becomes of accepted messages. Fractions are between 0 and 1; the four outcomes are drawn from one
/// number, what they leave is delivered.
///
/// Chance depends on the seed, the recipient, the octets of the part and how often the SMSC has seen exactly
/// those, and on nothing else: not on the order of arrival, which differs from run to run as soon as there is
/// more than one connection. The same list gives the same outcomes each time.
#[derive(Clone, Debug, PartialEq)]
pub struct ReceiptPlan {
    /// Fraction that cannot be delivered.
    pub undelivered: f64,
    /// Fraction that expires.
    pub expired: f64,
    /// Fraction that is accepted and then rejected.
    pub rejected: f64,
    /// Fraction of which nothing is heard again.
    pub none: f64,
    /// Shortest time from the answer to the receipt.
    pub delay_min: Duration,
    /// Longest time from the answer to the receipt.
    pub delay_max: Duration,
    /// Fraction of receipts that come twice.
    pub duplicates: f64,
    /// Fraction of receipts that are overtaken by those of later messages: their delay is doubled, and 50 ms
    /// longer.
    pub reversed: f64,
    /// Fraction of receipts that leave before the answer to their own `submit_sm`, if the connection carries
    /// receipts at all.
    pub early: f64,
    /// Fraction of final receipts that are followed by one that says `ENROUTE`.
    pub contradicted: f64,
    /// Where the receipt says what it says.
    pub format: ReceiptFormat,
}

impl Default for ReceiptPlan {
    fn default() -> Self {
        Self {
            undelivered: 0.0,
            expired: 0.0,
            rejected: 0.0,
            none: 0.0,
            delay_min: Duration::ZERO,
            delay_max: Duration::ZERO,
            duplicates: 0.0,
            reversed: 0.0,
            early: 0.0,
            contradicted: 0.0,
            format: ReceiptFormat::Both,
        }
    }
}

/// Where a receipt says what it says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReceiptFormat {
    /// In `short_message`, as in SMPP 3.4 appendix B.
    Text,
    /// In optional parameters.
    Tlv,
    /// In both.
    Both,
}

/// The fate of a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Magic {
    /// Every `submit_sm` is refused.
    Refuse(CommandStatus),
    /// The same part is refused so many times, and then accepted.
    RefuseFirst(CommandStatus, u32),
    /// Accepted, with this receipt.
    Receipt(ReceiptState),
    /// Accepted, without a receipt.
    NoReceipt,
    /// Taken without an answer and without a receipt.
    NoAnswer,
}

/// Numbers with a fate of their own, by their last eight digits: 090-9999-0001 and 8190-9999-0001 alike.
pub const MAGIC_NUMBERS: [(&str, Magic); 10] = [
    ("99990001", Magic::Refuse(CommandStatus::ESME_RINVDSTADR)),
    ("99990002", Magic::Refuse(CommandStatus::ESME_RSUBMITFAIL)),
    ("99990003", Magic::RefuseFirst(CommandStatus::ESME_RTHROTTLED, 2)),
    ("99990004", Magic::RefuseFirst(CommandStatus::ESME_RMSGQFUL, 2)),
    ("99990005", Magic::NoAnswer),
    ("99990011", Magic::Receipt(ReceiptState::Undeliverable)),
    ("99990012", Magic::Receipt(ReceiptState::Expired)),
    ("99990013", Magic::Receipt(ReceiptState::Rejected)),
    ("99990014", Magic::Receipt(ReceiptState::Unknown)),
    ("99990019", Magic::NoReceipt),
];

/// Cuts the connection again and again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cut {
    /// After every so many `submit_sm`, counted over all connections.
    pub every: u32,
    /// Before or after the last of them is answered.
    pub when: CutWhen,
}

/// When a connection is cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CutWhen {
    /// At once: answers that are not yet on the wire are lost, the messages are accepted.
    BeforeAnswer,
    /// Once everything up to and with that answer is on the wire; later ones are not taken.
    AfterAnswer,
}

/// Limits of length of the Japanese carriers, in UTF-16 units over all parts of a message. What is longer is
/// refused with `ESME_RINVMSGLEN` at the part that goes over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CarrierProfile {
    /// NTT docomo: 660.
    Docomo,
    /// KDDI (au): 670.
    Au,
    /// `SoftBank`: 670.
    SoftBank,
    /// Rakuten Mobile: 670.
    Rakuten,
}

impl CarrierProfile {
    /// Most UTF-16 units of one message.
    pub fn max_units(self) -> usize {
        match self {
            Self::Docomo => 660,
            Self::Au | Self::SoftBank | Self::Rakuten => 670,
        }
    }
}
