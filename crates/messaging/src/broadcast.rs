//! One bulk send (一斉送信, shown as 配信): made whole or not at all, held, handed over, stopped, counted.
//!
//! Whether a broadcast is held, paused, sending or finished is derived from its times and its messages'
//! states; nothing has to run for a hold window to end.

mod admission;
mod chunks;
mod recheck;
mod start;

use std::sync::Arc;

use base::clock::Millis;
use base::id::{BroadcastId, ListId, MessageId, OfficeId, OrgId, StaffId, TemplateId};
use base::phone::PhoneNumber;
use base::segment::Segmentation;
use db::{DbError, Field, OrgVault};
use lists::contacts::{Key, PersonKeys, Purpose};

pub use self::admission::Refusal;
pub(crate) use self::admission::move_reservation;
pub use self::recheck::{Horizon, LeftOutRow, Overtaken};
pub(crate) use self::recheck::{LeftOutNote, Recheck};
pub(crate) use self::start::{Known, start_in};
pub use self::start::{start, start_within};
use crate::links::{LinkPerson, LinkedPage, TokenIndex};
use crate::message::MessageState;
use crate::recognition::ResendScope;
use crate::release::{Approval, FirstWave, NewRelease, Release};
use crate::stage::BroadcastStage;

pub(crate) const PHONE: Field = Field("messages.phone");
pub(crate) const TEXT: Field = Field("messages.text");
pub(crate) const FILE_NAME: Field = Field("broadcasts.file_name");
pub(crate) const RESEND_REASON: Field = Field("broadcasts.resend_reason");

/// Which messages go first. Smaller is sooner.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Lane {
    /// Sign-in codes and test results.
    Urgent,
    /// First contact.
    FirstTouch,
    /// Surveys and the like.
    Later,
}

impl Lane {
    const ALL: [Self; 3] = [Self::Urgent, Self::FirstTouch, Self::Later];

    /// The number in the database.
    pub const fn code(self) -> i64 {
        match self {
            Self::Urgent => 0,
            Self::FirstTouch => 1,
            Self::Later => 2,
        }
    }

    /// The lane that the database's number names.
    pub(crate) fn from_code(code: i64) -> Option<Self> {
        Self::ALL.into_iter().find(|lane| lane.code() == code)
    }
}

/// Where a broadcast was started.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Origin {
    /// `todoke send`.
    CommandLine,
    /// A person in the browser.
    Browser,
    /// A number turned out to be wrong, and the right one is known ([`crate::correction`]). Made stopped: it waits
    /// until somebody of its office has looked at it.
    Correction,
    /// The program, because somebody ordered once that what is ready goes out by itself.
    StandingOrder,
    /// The program, because somebody wrote a word that acts and the organisation has a text for it
    /// ([`crate::reply`]). The text was decided by whoever decides for the organisation.
    Reply,
    /// Somebody asked for a code at a page, which tells whether they hold the number. No contact with anybody.
    Code,
}

impl Origin {
    const ALL: [Self; 6] = [
        Self::CommandLine,
        Self::Browser,
        Self::Correction,
        Self::StandingOrder,
        Self::Reply,
        Self::Code,
    ];

    /// The word in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::CommandLine => "command_line",
            Self::Browser => "browser",
            Self::Correction => "correction",
            Self::StandingOrder => "standing_order",
            Self::Reply => "reply",
            Self::Code => "code",
        }
    }

    /// The origin that the database's word names.
    pub(crate) fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|origin| origin.as_str() == word)
    }
}

/// A checked row, ready to become a message. Its text is what will be sent, byte for byte.
#[derive(Clone, PartialEq, Eq)]
pub struct Outgoing {
    /// Row number in the sheet.
    pub line: u32,
    /// Whom to.
    pub to: PhoneNumber,
    /// The merged text.
    pub text: String,
    /// Who it is, as far as the row says so, for the contact history. The number's key need not be there: it is
    /// made from `to`.
    pub person: PersonKeys,
    /// The links that stand in the text.
    pub links: Vec<OutgoingLink>,
    /// Somebody chose, with a reason, to write to this person whoever wrote to them before.
    pub again: bool,
}

/// A link in the text of a row, and the page that it leads to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OutgoingLink {
    /// As the database knows it.
    pub token: TokenIndex,
    /// Where it leads.
    pub page: LinkedPage,
    /// Whose it is, if it leads to an application desk.
    pub person: Option<LinkPerson>,
}

impl Outgoing {
    /// A row of which nothing but the number says who it is.
    pub fn to_number(line: u32, to: PhoneNumber, text: String) -> Self {
        Self {
            line,
            to,
            text,
            person: PersonKeys::default(),
            links: Vec::new(),
            again: false,
        }
    }

    /// By what its person is known. The number's key is made here, so that it is the key of the number that the
    /// message goes to.
    pub(crate) fn keys(&self, vault: &OrgVault) -> PersonKeys {
        PersonKeys {
            phone: Some(Key::of_phone(vault, self.to)),
            ..self.person
        }
    }
}

/// Prints no personal data.
impl std::fmt::Debug for Outgoing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Outgoing {{ line: {}, to: {:?}, .. }}", self.line, self.to)
    }
}

/// The rows of a broadcast. They may be asked for more than once, and are the same each time; a long list is
/// made row by row and never held whole.
pub trait OutgoingRows: Send + Sync {
    /// Every row, in the order of the list.
    fn iter(&self) -> Box<dyn Iterator<Item = Outgoing> + Send + '_>;
}

impl OutgoingRows for Vec<Outgoing> {
    fn iter(&self) -> Box<dyn Iterator<Item = Outgoing> + Send + '_> {
        Box::new(self.as_slice().iter().cloned())
    }
}

/// Prints no rows.
impl std::fmt::Debug for dyn OutgoingRows {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("OutgoingRows")
    }
}

/// Send once more what was done before, with the reason that is kept.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Resend {
    /// Which of the recognised rows.
    pub scope: ResendScope,
    /// Why, in the operator's words.
    pub reason: String,
}

/// All that is needed to start a broadcast.
#[derive(Clone, Debug)]
pub struct NewBroadcast {
    /// Whose.
    pub org: OrgId,
    /// Which office sends.
    pub office: OfficeId,
    /// The list in the browser, if it came from there.
    pub list: Option<ListId>,
    /// The template and its version, if a kept one was used.
    pub template: Option<(TemplateId, i64)>,
    /// The file's name, as the operator knows it.
    pub file_name: String,
    /// Where it was started.
    pub origin: Origin,
    /// Training, test or live.
    pub stage: BroadcastStage,
    /// Goes to a simulated carrier and never counts as contact.
    pub simulated: bool,
    /// What people are written to for, in the contact history.
    pub purpose: Purpose,
    /// How urgent.
    pub lane: Lane,
    /// The number that phones show as sender.
    pub sender: String,
    /// How long texts are joined.
    pub segmentation: Segmentation,
    /// How long it can be withdrawn before the first message leaves, in milliseconds.
    pub hold: Millis,
    /// Who pressed the button.
    pub created_by: Option<StaffId>,
    /// Override of recognition.
    pub resend: Option<Resend>,
    /// How far the judgement of its rows could see: what came later is asked for once more.
    pub judged: Horizon,
    /// The broadcast whose called-back messages it stands for.
    pub replaces: Option<BroadcastId>,
    /// When it may leave, and what its approver is to be shown.
    pub release: NewRelease,
    /// The rows to send.
    pub rows: Arc<dyn OutgoingRows>,
}

/// What became of one row when its broadcast was started.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RowFate {
    /// Row number in the sheet.
    pub line: u32,
    /// The message that does what the row asks for: a new one, or an earlier one.
    pub message: MessageId,
    /// The broadcast that the message belongs to.
    pub broadcast: BroadcastId,
    /// Whether this start made it.
    pub is_new: bool,
}

/// A started broadcast.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Started {
    /// The new broadcast, or, if every row was recognised, the one of the first row.
    pub broadcast: BroadcastId,
    /// Whether a new broadcast was made.
    pub is_new: bool,
    /// Every row that became, or already was, a message, in the order in which they were given.
    pub fates: Vec<RowFate>,
    /// Every other row.
    pub left_out: Vec<LeftOutRow>,
}

/// Why nothing was started.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Nothing to send.
    #[error("送信できる行がありません。")]
    NoRows,
    /// Every row was overtaken since it was judged: nothing was stored.
    #[error("確認したあとに状況が変わったため、どの行も送っていません。")]
    AllLeftOut(Vec<LeftOutRow>),
    /// It may not be sent, or does not fit; nothing was stored.
    #[error(transparent)]
    Refused(Refusal),
    /// The database could not take it; nothing was stored.
    #[error(transparent)]
    Database(#[from] DbError),
}

/// How many messages of a broadcast are in each state.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Counts([u32; MessageState::ALL.len()]);

impl Counts {
    /// Those in `state`.
    pub fn of(&self, state: MessageState) -> u32 {
        self.0[Self::index(state)]
    }

    /// Puts `count` more into `state`.
    pub fn add(&mut self, state: MessageState, count: u32) {
        self.0[Self::index(state)] += count;
    }

    /// All messages.
    pub fn total(&self) -> u32 {
        self.0.iter().sum()
    }

    /// Those for which `rule` holds.
    pub fn count(&self, rule: impl Fn(MessageState) -> bool) -> u32 {
        MessageState::ALL
            .into_iter()
            .filter(|state| rule(*state))
            .map(|state| self.of(state))
            .sum()
    }

    /// States that have any, in the order of a message's life.
    pub fn present(&self) -> impl Iterator<Item = (MessageState, u32)> + '_ {
        MessageState::ALL
            .into_iter()
            .map(|state| (state, self.of(state)))
            .filter(|(_, count)| *count > 0)
    }

    fn index(state: MessageState) -> usize {
        MessageState::ALL
            .iter()
            .position(|one| *one == state)
            .unwrap_or(0)
    }
}

/// Where a broadcast stands as a whole.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum BroadcastState {
    /// In its hold window: can still be withdrawn whole.
    Held {
        /// When the first message leaves, UTC milliseconds.
        until: Millis,
    },
    /// Made for a corrected number; waits until somebody of its office has looked at it and sends it.
    AwaitingCheck,
    /// Somebody else has to let it go.
    AwaitingApproval,
    /// Not all of its first wave arrived, or nobody knows in time; what is queued waits for a person.
    FirstWaveFailed,
    /// Stopped by a person; what is queued waits.
    Paused,
    /// Waits for the moment that was chosen: can still be withdrawn whole.
    Scheduled {
        /// When that is, UTC milliseconds.
        until: Millis,
    },
    /// Waits for the hours in which messages may leave.
    OutsideHours {
        /// When they begin again, UTC milliseconds.
        until: Millis,
    },
    /// A few are handed over; the others wait for their receipts.
    FirstWave,
    /// Messages are being handed over.
    Sending,
    /// All are handed over; receipts are awaited.
    AwaitingReceipts,
    /// Nothing more will happen by itself.
    Finished,
    /// The rest was discarded by a person.
    Discarded,
    /// Given back by whoever was asked to approve it: nothing left.
    Returned,
    /// What had not left in time was cancelled.
    TooLate,
}

/// One broadcast as pages and reports show it.
#[derive(Clone, Debug)]
pub struct Broadcast {
    /// Its number.
    pub id: BroadcastId,
    /// Which office sends.
    pub office: OfficeId,
    /// The list in the browser, if it came from there.
    pub list: Option<ListId>,
    /// Template and version.
    pub template: Option<(TemplateId, i64)>,
    /// The file's name.
    pub file_name: String,
    /// Training, test or live.
    pub stage: BroadcastStage,
    /// Goes to a simulated carrier.
    pub simulated: bool,
    /// What phones show as sender.
    pub sender: String,
    /// First and last message.
    pub messages: (MessageId, MessageId),
    /// Who started it.
    pub created_by: Option<StaffId>,
    /// When, UTC milliseconds.
    pub created_at: Millis,
    /// End of the hold window.
    pub hold_until: Millis,
    /// Since when it is stopped.
    pub paused_at: Option<Millis>,
    /// Since when the rest is discarded.
    pub discarded_at: Option<Millis>,
    /// Since when nothing of it waits to be handed over, or can any more.
    pub handed_over_at: Option<Millis>,
    /// What was sent again, and why.
    pub resend: Option<(String, String)>,
    /// Where it was started.
    pub origin: Origin,
    /// What else it waits for.
    pub release: Release,
}

impl Broadcast {
    /// Where it stands, from its own times and its messages' states.
    pub fn state(&self, counts: &Counts, now: Millis) -> BroadcastState {
        let waiting = counts.count(MessageState::is_waiting);
        if self.discarded_at.is_some() && waiting == 0 {
            return self.how_it_was_given_up();
        }
        if waiting == 0 {
            return if counts.of(MessageState::Accepted) > 0 {
                BroadcastState::AwaitingReceipts
            } else {
                BroadcastState::Finished
            };
        }
        if self.is_unchecked() {
            return BroadcastState::AwaitingCheck;
        }
        // Of one that was given up nothing waits but what is being handed over.
        self.kept_back(now)
            .filter(|_| self.discarded_at.is_none())
            .unwrap_or(BroadcastState::Sending)
    }

    /// What keeps back what is queued, whatever lasts longest first.
    fn kept_back(&self, now: Millis) -> Option<BroadcastState> {
        let release = &self.release;
        if release.approval == Some(Approval::Waiting) {
            Some(BroadcastState::AwaitingApproval)
        } else if self.paused_at.is_some() && release.first_wave == Some(FirstWave::Failed) {
            Some(BroadcastState::FirstWaveFailed)
        } else if self.paused_at.is_some() {
            Some(BroadcastState::Paused)
        } else if let Some(until) = release.scheduled_for.filter(|at| now < *at) {
            Some(BroadcastState::Scheduled { until })
        } else if now < self.hold_until {
            Some(BroadcastState::Held {
                until: self.hold_until,
            })
        } else if let Some(until) = release.closed_until(now) {
            Some(BroadcastState::OutsideHours { until })
        } else if release.first_wave == Some(FirstWave::Out) {
            Some(BroadcastState::FirstWave)
        } else {
            None
        }
    }

    fn how_it_was_given_up(&self) -> BroadcastState {
        let too_late = self.release.not_after.zip(self.discarded_at);
        match self.release.approval {
            Some(Approval::Returned) => BroadcastState::Returned,
            _ if too_late.is_some_and(|(not_after, at)| at >= not_after) => BroadcastState::TooLate,
            _ => BroadcastState::Discarded,
        }
    }

    /// Whether it was made for a corrected number and nobody has let it go since: it is stopped from its beginning.
    pub fn is_unchecked(&self) -> bool {
        self.origin == Origin::Correction && self.paused_at == Some(self.created_at)
    }

    /// A queued message of a broadcast in its hold window is held.
    pub fn shown(&self, stored: MessageState, now: Millis) -> MessageState {
        if stored == MessageState::Queued && now < self.hold_until {
            MessageState::Held
        } else {
            stored
        }
    }
}
