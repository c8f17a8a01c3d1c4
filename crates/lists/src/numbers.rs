//! The register of wrong numbers: "not me" and others, for every list of every office.
//!
//! Somebody answers that the message was not for them, a call reaches a stranger, the carrier says that there is no
//! such number: one click enters it here, and from then on every list is checked against it ([`known_wrong`]). A
//! number that is nobody's any more, or somebody else's, is closed for everybody; a number that is only not *this*
//! person's is closed for this person, and for rows that do not say who they are about.
//!
//! A report is never deleted. It is lifted, with a reason: numbers are given to new people, and staff err.
//!
//! What this does not do: it cancels nothing. Whoever keeps the queue reports with [`report_wrong_in`] inside its
//! own write, finds what is under way with [`crate::contacts::messages_to`], and asks [`NewWrong::concerns`] which
//! of it is meant.

use base::clock::Millis;
use base::id::{MessageId, OfficeId, StaffId, WrongNumberId};
use base::phone::PhoneNumber;

use crate::contacts::PersonKeys;
pub use crate::store::numbers::{
    known_wrong, lift, report, report_count, report_wrong, report_wrong_in, reports, reports_of_number,
};
pub use crate::store::since::closed_since;

/// What is wrong about a number.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum WrongKind {
    /// Whoever has it says that they are somebody else.
    NotMe,
    /// It is not the number of the person it was noted for.
    WrongNumber,
    /// Nobody has it.
    Unused,
    /// Whoever has it wants no more SMS. The number is right, and may be telephoned.
    Refused,
}

impl WrongKind {
    /// Every kind, in the order in which pages offer them.
    pub const ALL: [Self; 4] = [Self::NotMe, Self::WrongNumber, Self::Unused, Self::Refused];

    /// The word in the database and in programs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NotMe => "not_me",
            Self::WrongNumber => "wrong_number",
            Self::Unused => "unused",
            Self::Refused => "refused",
        }
    }

    /// What [`WrongKind::as_str`] wrote.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }

    /// On screens.
    pub const fn label(self) -> &'static str {
        match self {
            Self::NotMe => "人違い",
            Self::WrongNumber => "番号違い",
            Self::Unused => "使われていない番号",
            Self::Refused => "配信停止の希望",
        }
    }

    /// What it means for sending, for the person who enters or reads it.
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::NotMe => {
                "この番号の持ち主は別の方です。どの部署からも、だれあてにも、この番号には送りません。"
            }
            Self::WrongNumber => {
                "この方の番号ではありません。どの部署からも、この方あてには、この番号に送りません。"
            }
            Self::Unused => {
                "この番号は使われていません。どの部署からも、だれあてにも、この番号には送りません。"
            }
            Self::Refused => {
                "この番号の方は、SMSを受け取らないと伝えています。どの部署からも、この番号にSMSは送りません。電話はかけられます。"
            }
        }
    }

    /// Whether a number with such a report is closed for a row, whoever the report was about.
    pub(crate) fn closes(self, report: &PersonKeys, row: &PersonKeys) -> bool {
        match self {
            Self::NotMe | Self::Unused | Self::Refused => true,
            // A row that does not say who it is about may be about the same person.
            Self::WrongNumber => !report.is_other_person(row),
        }
    }
}

/// A report about to be entered.
#[derive(Clone)]
pub struct NewWrong {
    /// The number.
    pub phone: PhoneNumber,
    /// What is wrong about it.
    pub kind: WrongKind,
    /// Whom it was noted for, as far as that is known.
    pub person: PersonKeys,
    /// The number that is right for that person, if it is known.
    pub corrected: Option<PhoneNumber>,
    /// In the words of whoever enters it.
    pub reason: String,
    /// The message that showed it.
    pub message: Option<MessageId>,
    /// Where it was found out.
    pub office: OfficeId,
    /// Who enters it; nobody if a word did that the number's owner wrote.
    pub by: Option<StaffId>,
}

impl NewWrong {
    /// Whether a message to this number, for a person with these keys, must not go.
    pub fn concerns(&self, keys: &PersonKeys) -> bool {
        self.kind.closes(&self.person, keys)
    }
}

/// Why a row's number is closed: all that any office may know.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct KnownWrong {
    /// The report.
    pub report: WrongNumberId,
    /// What is wrong.
    pub kind: WrongKind,
    /// The right number, if it is known and the row is certainly about the person of the report.
    pub corrected: Option<PhoneNumber>,
    /// Where it was found out.
    pub office: OfficeId,
    /// When, UTC milliseconds.
    pub at: Millis,
}

impl KnownWrong {
    pub(crate) fn for_row(kept: &KeptReport, row: &PersonKeys) -> Option<Self> {
        let KeptReport { report, person, .. } = kept;
        (report.lifted.is_none() && report.kind.closes(person, row)).then(|| Self {
            report: report.id,
            kind: report.kind,
            corrected: report.corrected.filter(|_| person.is_same_person(row)),
            office: report.office,
            at: report.at,
        })
    }
}

/// A report with the keys that it is compared by.
pub(crate) struct KeptReport {
    pub(crate) report: Report,
    pub(crate) person: PersonKeys,
}

/// A report as its office reads it.
#[derive(Clone)]
pub struct Report {
    /// Its number.
    pub id: WrongNumberId,
    /// The telephone number.
    pub phone: PhoneNumber,
    /// What is wrong about it.
    pub kind: WrongKind,
    /// The right number, if it is known.
    pub corrected: Option<PhoneNumber>,
    /// In the words of whoever entered it.
    pub reason: String,
    /// The message that showed it.
    pub message: Option<MessageId>,
    /// Where it was found out.
    pub office: OfficeId,
    /// Who entered it; nobody if a word did that the number's owner wrote.
    pub by: Option<StaffId>,
    /// When, UTC milliseconds.
    pub at: Millis,
    /// Who lifted it, when, why; `None` while it stands.
    pub lifted: Option<Lifted>,
}

/// How a report was lifted.
#[derive(Clone)]
pub struct Lifted {
    /// By whom.
    pub by: StaffId,
    /// When, UTC milliseconds.
    pub at: Millis,
    /// Why, in their words.
    pub reason: String,
}
