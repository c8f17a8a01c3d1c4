//! The contact history: who was written to, for what, by which office, when.
//!
//! Whoever makes messages [`record`]s them here in the same write, and [`withdraw`]s those that certainly never
//! left. The desk asks [`facts`] before anybody is written to: was this person, or this number, written to
//! before; is it in another list of today? It asks [`overlaps`] whether a list is an earlier one under another name
//! or with a few rows more, and [`sightings`] for what earlier messages know of the same people. What came after
//! that, the write that makes the messages finds by [`written_to_since`].
//!
//! Only keyed hashes are kept ([`PersonKeys`]), no name, no number, no text. Another office is told when, by which
//! office and for what purpose somebody was written to, and nothing more: there is nothing more to tell.
//!
//! What does not count: rehearsals (simulated sends are not recorded at all), messages that were cancelled before
//! they left (withdrawn: the row is deleted, the cancelled message stays where messages are kept), and the list
//! that is being looked at.

mod keys;
mod purpose;

use base::clock::Millis;
use base::id::{ListId, MessageId, OfficeId};

pub use self::keys::{Key, PersonKeys, PersonValues};
pub use self::purpose::Purpose;
pub use crate::store::contact_of::of_messages;
pub use crate::store::contacts::{facts, messages_to, overlaps, record, remember_rows, sightings, withdraw};
pub use crate::store::since::written_to_since;

/// What the messages of one send have in common.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Occasion {
    /// Who writes.
    pub office: OfficeId,
    /// What for.
    pub purpose: Purpose,
    /// The list that they come from, if they come from one.
    pub list: Option<ListId>,
    /// When they were made, UTC milliseconds.
    pub at: Millis,
}

/// One message about to be recorded.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NewContact {
    /// The message; recorded once, however often it is given.
    pub message: MessageId,
    /// Whom to.
    pub keys: PersonKeys,
}

/// What the desk wants to know before an office writes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Asked {
    /// Which office asks. Lists of other offices have no number in the answer.
    pub office: OfficeId,
    /// The list in question: it is no repeat of itself.
    pub list: Option<ListId>,
    /// How many days back, of 24 hours each; see [`Purpose::repeat_days`].
    pub days: u32,
}

/// Messages that [`facts`] could not know, because they were made after it was asked.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Later {
    /// Only those for this purpose.
    pub purpose: Purpose,
    /// The first message that the answer could not know.
    pub from: MessageId,
    /// The first that is not asked for.
    pub before: MessageId,
    /// When was asked, UTC milliseconds.
    pub asked_at: Millis,
    /// A number that turned out to be wrong: what went there reached nobody who was meant.
    pub not_at: Option<Key>,
}

/// Whom an earlier contact was with, seen from a row. A number can be a family's.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Whose {
    /// The same number, and certainly somebody else: a family, or a number that moved on.
    OtherPerson,
    /// The same number; nothing tells whose it was.
    SameNumber,
    /// The same ID, or the same name and birth date, at this number or another.
    SamePerson,
}

/// Earlier messages of one office for one purpose, seen from a row.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Earlier {
    /// Whom they were for.
    pub whose: Whose,
    /// Which office wrote.
    pub office: OfficeId,
    /// What for.
    pub purpose: Purpose,
    /// When the last of them was made, UTC milliseconds.
    pub last_at: Millis,
    /// How many there were.
    pub times: u32,
}

/// Another list of today that has the same person or number and was not sent to them yet.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct InList {
    /// [`Whose::SamePerson`] or [`Whose::SameNumber`].
    pub whose: Whose,
    /// Whose list it is.
    pub office: OfficeId,
    /// The list, if it is of the office that asks.
    pub list: Option<ListId>,
    /// When it was uploaded, UTC milliseconds.
    pub uploaded_at: Millis,
}

/// What is known of one row.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct RowFacts {
    /// Earlier messages, the surest and latest first.
    pub contacts: Vec<Earlier>,
    /// Other lists of today, the surest and latest first.
    pub lists: Vec<InList>,
}

impl RowFacts {
    /// The earlier message that this one would repeat: for the same purpose, to the same person, or to the same
    /// number while nothing says that it was for somebody else. Such a row is not sent unless somebody decides so.
    pub fn repeats(&self, purpose: Purpose) -> Option<&Earlier> {
        self.contacts
            .iter()
            .find(|earlier| earlier.purpose == purpose && earlier.whose != Whose::OtherPerson)
    }

    /// Earlier messages made at or after `since`, for whatever purpose: of today, for
    /// [`base::clock::japan_midnight`].
    pub fn since(&self, since: Millis) -> impl Iterator<Item = &Earlier> {
        self.contacts
            .iter()
            .filter(move |earlier| earlier.last_at >= since)
    }
}

/// Another list with the same rows.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Overlap {
    /// The other list. For showing its name only to its own office.
    pub list: ListId,
    /// Whose it is.
    pub office: OfficeId,
    /// When it was uploaded, UTC milliseconds.
    pub uploaded_at: Millis,
    /// Different rows that both have.
    pub shared: u32,
    /// Different rows that only the list in question has.
    pub only_here: u32,
    /// Different rows that only the other list has.
    pub only_there: u32,
}

/// How two lists with common rows stand to each other.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kinship {
    /// The same rows, whatever the file's name and order.
    SameRows,
    /// The list in question is the other one with rows more.
    Grown,
    /// The list in question is the other one with rows less: perhaps an old version.
    Shrunk,
    /// Most rows are the same; both have some of their own.
    Mostly,
}

impl Overlap {
    /// How the list in question stands to the other.
    pub const fn kinship(&self) -> Kinship {
        match (self.only_here, self.only_there) {
            (0, 0) => Kinship::SameRows,
            (_, 0) => Kinship::Grown,
            (0, _) => Kinship::Shrunk,
            _ => Kinship::Mostly,
        }
    }
}

/// A message that went, or is about to go, to a number.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct WrittenTo {
    /// The message.
    pub message: MessageId,
    /// Who wrote.
    pub office: OfficeId,
    /// From which list.
    pub list: Option<ListId>,
    /// What for.
    pub purpose: Purpose,
    /// When it was made, UTC milliseconds.
    pub at: Millis,
    /// Whom to.
    pub keys: PersonKeys,
}
