//! What people write back (MO): kept before the carrier is told that it arrived, read by staff, and, where one word
//! says it all, acted upon in the same commit.
//!
//! A message from a phone names nobody. Its office is the one whose message it most likely answers: the newest to that
//! number. Words act only if the whole message is that word; whatever is unclear is read by somebody. The text is kept
//! part by part as it came, so that nothing of a long message is lost whose other part never arrives.
//!
//! What this does not do: it answers nobody, unless the organisation's rule has a text for it.

use std::sync::Arc;

use base::clock::Millis;
use base::id::{BroadcastId, IncidentId, MessageId, OfficeId, OrgId, ReplyId, StaffId, WrongNumberId};
use base::merge::heading_key;
use base::phone::PhoneNumber;
use db::{Db, DbError};
use lists::contacts::Purpose;

use crate::broadcast::{Horizon, NewBroadcast, Origin, Outgoing, StartError, start};
use crate::release::NewRelease;
use crate::stage::BroadcastStage;
use crate::store::corrections::Settings;

/// One part of a message from a phone, as the carrier handed it on.
#[derive(Clone, PartialEq, Eq)]
pub struct Incoming {
    /// Whose phone, as the carrier writes it.
    pub from: String,
    /// The same, if it is a mobile number of ours.
    pub number: Option<PhoneNumber>,
    /// The number that was written to.
    pub to: String,
    /// Its place, if the message came in several parts.
    pub place: Option<PartPlace>,
    /// Its text in UTF-16: a letter may be cut in two between parts.
    pub units: Vec<u16>,
}

/// Prints no personal data.
impl std::fmt::Debug for Incoming {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Incoming {{ {:?}, {} units }}", self.place, self.units.len())
    }
}

/// The place of a part in a long message.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PartPlace {
    /// What the parts of one message share.
    pub reference: u32,
    /// How many there are.
    pub total: u8,
    /// Which this is, from 1.
    pub part: u8,
}

/// What one word says that acts.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Keyword {
    /// No more SMS to this number.
    Stop,
    /// The message was for somebody else.
    WrongPerson,
}

/// Whole messages, folded by [`folded`].
const STOP: [&str; 10] = [
    "停止",
    "ていし",
    "配信停止",
    "はいしんていし",
    "停止希望",
    "停止してください",
    "配信停止してください",
    "stop",
    "stopall",
    "unsubscribe",
];
const WRONG: [&str; 13] = [
    "別人",
    "べつじん",
    "別人です",
    "べつじんです",
    "違います",
    "ちがいます",
    "ちがう",
    "人違い",
    "人ちがい",
    "ひとちがい",
    "人違いです",
    "ひとちがいです",
    "宛先違い",
];

impl Keyword {
    const ALL: [Self; 2] = [Self::Stop, Self::WrongPerson];

    /// What the whole of a message says, if it is one of the words: in any width, in hiragana or katakana, with or
    /// without marks around it.
    pub fn of(text: &str) -> Option<Self> {
        let word = folded(text);
        let is = |words: &[&str]| words.contains(&word.as_str());
        if is(&STOP) {
            Some(Self::Stop)
        } else if is(&WRONG) {
            Some(Self::WrongPerson)
        } else {
            None
        }
    }

    /// The word in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Stop => "stop",
            Self::WrongPerson => "wrong_person",
        }
    }

    /// The keyword that the database's word names.
    pub(crate) fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.as_str() == word)
    }

    /// As pages show it.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Stop => "停止",
            Self::WrongPerson => "人違い",
        }
    }

    /// What was done by itself.
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::Stop => {
                "「停止」などの言葉だったので、この番号へのSMSを、すべての部署で自動で止めました。必要な連絡は、電話でしてください。"
            }
            Self::WrongPerson => {
                "「別人」などの言葉だったので、この番号へのSMSを、すべての部署で自動で止めました。元のメッセージがあるときは、その配信も止め、インシデントを開きました。"
            }
        }
    }
}

/// Width, case and blanks as headings fold them, katakana as hiragana, marks around it off.
fn folded(text: &str) -> String {
    let hiragana = |c: char| match c {
        'ァ'..='ヶ' => char::from_u32(u32::from(c) - 0x60).unwrap_or(c),
        other => other,
    };
    let folded: String = heading_key(text).chars().map(hiragana).collect();
    let mark = |c: char| "。．.、,!?！？「」『』()（）\"'・〜~ー-".contains(c);
    folded.trim_matches(mark).to_owned()
}

/// How far the work on a reply is.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum ReplyState {
    /// Nobody has read it.
    New,
    /// Somebody has read it.
    Read,
    /// What it asks for is done.
    Handled,
}

/// What can happen to a reply.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum ReplyEvent {
    /// Its text was shown.
    Shown,
    /// What it asks for is done.
    Handled,
    /// Something is left to do.
    Reopened,
}

impl ReplyState {
    /// Every state, in the order of a reply's life.
    pub const ALL: [Self; 3] = [Self::New, Self::Read, Self::Handled];

    /// The state after `event`, or `None` if the event changes nothing.
    pub const fn on(self, event: ReplyEvent) -> Option<Self> {
        use ReplyEvent as E;
        match (self, event) {
            (Self::New, E::Shown) | (Self::Handled, E::Reopened) => Some(Self::Read),
            (Self::New | Self::Read, E::Handled) => Some(Self::Handled),
            _ => None,
        }
    }

    /// The word in the database and in addresses.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Read => "read",
            Self::Handled => "handled",
        }
    }

    /// The state that the word names.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == word)
    }

    /// As pages show it.
    pub const fn label(self) -> &'static str {
        match self {
            Self::New => "未読",
            Self::Read => "既読",
            Self::Handled => "対応済み",
        }
    }

    /// What to do now.
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::New => "まだ誰も読んでいません。本文を表示して、必要なことをしてください。",
            Self::Read => {
                "読まれています。必要なことが済んだら、メモを残して「対応を終える」を押してください。"
            }
            Self::Handled => "対応は済んでいます。やり残しがあれば、対応を再開してください。",
        }
    }
}

impl ReplyEvent {
    /// The word in forms.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Shown => "shown",
            Self::Handled => "handled",
            Self::Reopened => "reopened",
        }
    }

    /// The event that a form's word names.
    pub fn chosen(word: &str) -> Option<Self> {
        [Self::Handled, Self::Reopened]
            .into_iter()
            .find(|event| event.as_str() == word)
    }
}

/// A message that somebody wrote back.
#[derive(Clone)]
pub struct Reply {
    /// Its number.
    pub id: ReplyId,
    /// Whose it is to read.
    pub office: OfficeId,
    /// Whose phone, as the carrier wrote it; `None` after it was erased.
    pub from: Option<String>,
    /// What it says; parts that are missing are marked.
    pub text: String,
    /// The message that it most likely answers.
    pub answers: Option<MessageId>,
    /// When its first part came, UTC milliseconds.
    pub at: Millis,
    /// Whether all of it is there.
    pub is_whole: bool,
    /// How often it came, word for word.
    pub times: u32,
    /// What was done by itself.
    pub keyword: Option<Keyword>,
    /// The report that closes the number because of it.
    pub report: Option<WrongNumberId>,
    /// The incident that it belongs to.
    pub incident: Option<IncidentId>,
    /// How far the work on it is.
    pub state: ReplyState,
    /// Who read it first, and when.
    pub read: Option<(StaffId, Millis)>,
    /// Who did what it asks for, and when.
    pub handled: Option<(StaffId, Millis)>,
    /// What was done, in their words.
    pub note: Option<String>,
}

impl Reply {
    /// The number, if it is one that gets SMS.
    pub fn number(&self) -> Option<PhoneNumber> {
        base::phone::parse(self.from.as_deref()?)
            .ok()
            .map(|parsed| parsed.number)
    }
}

/// What is written back by itself after a word that acts.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct ReplyRule {
    /// After [`Keyword::Stop`].
    pub stop: Option<String>,
    /// After [`Keyword::WrongPerson`].
    pub wrong: Option<String>,
}

impl ReplyRule {
    /// The text after this word, if the organisation wants one.
    pub fn text(&self, keyword: Keyword) -> Option<&String> {
        match keyword {
            Keyword::Stop => self.stop.as_ref(),
            Keyword::WrongPerson => self.wrong.as_ref(),
        }
    }
}

/// Somebody behind a number, as another slice knows them: never whole.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct KnownPerson {
    /// The page of their record.
    pub href: String,
    /// What staff call them there, masked.
    pub label: String,
}

/// Whom somebody asks about.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct AskedPerson {
    /// The reply.
    pub reply: ReplyId,
    /// The message that it answers.
    pub message: Option<MessageId>,
    /// The number that it came from.
    pub number: Option<PhoneNumber>,
}

/// Who stands behind replies, of this office (`None`: of all): the seam for whoever keeps records of people.
pub type PeopleBehind = for<'a> fn(
    &'a Db,
    OrgId,
    Option<OfficeId>,
    Vec<AskedPerson>,
) -> db::Work<'a, Vec<(ReplyId, KnownPerson)>>;

/// A text that is to be written back, decided in the commit that keeps the reply.
pub(crate) struct Confirmation {
    pub(crate) org: OrgId,
    pub(crate) to: PhoneNumber,
    pub(crate) text: String,
    /// The broadcast that is answered, and how it was sent.
    pub(crate) answers: (BroadcastId, Settings),
}

/// Writes back. It is the organisation's courtesy and not its promise: what does not let it go is told in the log.
pub(crate) async fn confirm(db: &Db, what: Confirmation, simulated: bool) -> Result<(), DbError> {
    let (_, like) = what.answers;
    let new = NewBroadcast {
        org: what.org,
        office: like.office,
        list: None,
        template: None,
        file_name: "返信への自動の確認".to_owned(),
        origin: Origin::Reply,
        stage: BroadcastStage::Live,
        simulated,
        purpose: Purpose::Notice,
        lane: like.lane,
        sender: like.sender,
        segmentation: like.segmentation,
        hold: 0,
        created_by: None,
        resend: None,
        // The report that closes the number is the reason for this message and does not keep it back.
        judged: Horizon::now(db).await?,
        replaces: None,
        release: NewRelease::default(),
        rows: Arc::new(vec![Outgoing::to_number(1, what.to, what.text)]),
    };
    match start(db, new).await {
        Ok(_) => Ok(()),
        Err(StartError::Database(error)) => Err(error),
        Err(error) => {
            tracing::warn!(%error, "a reply was not confirmed");
            Ok(())
        }
    }
}

/// UTF-16 of parts as text.
pub(crate) fn joined(units: &[u16]) -> String {
    String::from_utf16_lossy(units)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_known_however_it_is_written_and_only_alone() {
        for stop in [
            "停止",
            " 停止。",
            "「停止」",
            "ていし",
            "テイシ",
            "ﾃｲｼ",
            "STOP",
            "stop",
            "ＳＴＯＰ",
            "Stop!",
            "配信停止",
            "停 止",
        ] {
            assert_eq!(Keyword::of(stop), Some(Keyword::Stop), "{stop}");
        }
        for wrong in [
            "別人",
            "別人です。",
            "ちがいます",
            "違います！",
            "チガイマス",
            "ﾋﾄﾁｶﾞｲ",
            "人違いです",
        ] {
            assert_eq!(Keyword::of(wrong), Some(Keyword::WrongPerson), "{wrong}");
        }
        for unclear in [
            "",
            "。",
            "停止しないで",
            "仕事を停止していいですか",
            "違いますか？",
            "住所が違います",
            "はい",
            "STOP covid",
        ] {
            assert_eq!(Keyword::of(unclear), None, "{unclear}");
        }
    }

    #[test]
    fn every_pair_of_state_and_event_is_decided() {
        use ReplyEvent as E;
        use ReplyState as S;
        let all = [
            (S::New, E::Shown, Some(S::Read)),
            (S::New, E::Handled, Some(S::Handled)),
            (S::New, E::Reopened, None),
            (S::Read, E::Shown, None),
            (S::Read, E::Handled, Some(S::Handled)),
            (S::Read, E::Reopened, None),
            (S::Handled, E::Shown, None),
            (S::Handled, E::Handled, None),
            (S::Handled, E::Reopened, Some(S::Read)),
        ];
        for (state, event, after) in all {
            assert_eq!(state.on(event), after, "{state:?} {event:?}");
            assert_eq!(S::from_word(state.as_str()), Some(state));
        }
        assert_eq!(E::chosen("shown"), None, "nobody says so by a button");
    }
}
