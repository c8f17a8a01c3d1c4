//! What lets a broadcast go: somebody else's approval, the hold window, the hours of the day, a first wave, a last
//! moment.
//!
//! The organisation's [`SendRule`] is read **inside the write that stores the broadcast**, and what follows from it is
//! stored with the texts: no page and no command line can be faster than the rule or go around it. What was stored
//! decides from then on; a later rule changes no broadcast that was confirmed under an earlier one. The claim of the
//! carrier worker reads nothing but a few columns of the broadcast.
//!
//! What it is not: who may approve at which office is the guard's and the pages' business; that nobody approves what
//! they started themselves is settled here, inside the write.

mod decide;
mod hours;
mod rule;
mod tend;
mod wave;

use base::clock::Millis;
use serde::{Deserialize, Serialize};

pub(crate) use self::decide::settle;
pub use self::hours::{Hours, minute_of_day, parse_time, time_in_words};
pub use self::rule::{ApprovalRule, FirstWaveRule, HoursFor, SendRule};
pub(crate) use self::tend::tend;
pub use self::wave::{Member, Verdict, judge, members};

/// The end of a hold window that does not end by itself: the last moment of the year 9999. A broadcast that waits for
/// its approval has it, so that nobody who only knows hold windows hands it over either.
pub const UNTIL_APPROVED: Millis = 253_402_268_399_999;

/// Why a broadcast has to be approved.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Reason {
    /// It has more recipients than the rule lets go.
    People,
    /// Its text was never approved.
    NewVersion,
    /// A check warned.
    Warnings,
    /// Every broadcast is.
    Always,
    /// It stands for one that waits for its approval.
    StandsFor,
}

impl Reason {
    /// Every reason.
    pub const ALL: [Self; 5] = [
        Self::People,
        Self::NewVersion,
        Self::Warnings,
        Self::Always,
        Self::StandsFor,
    ];

    /// The word in the database.
    pub const fn code(self) -> &'static str {
        match self {
            Self::People => "people",
            Self::NewVersion => "new_version",
            Self::Warnings => "warnings",
            Self::Always => "always",
            Self::StandsFor => "stands_for",
        }
    }

    /// The reason that the database's word names.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.code() == code)
    }

    /// As pages say it.
    pub const fn label(self) -> &'static str {
        match self {
            Self::People => "送る人数が多いため",
            Self::NewVersion => "まだ承認されたことのない文面のため",
            Self::Warnings => "リストの検査で注意が出たため",
            Self::Always => "すべての送信に承認が要ると決められているため",
            Self::StandsFor => "承認を待っている配信の、番号の訂正によるものであるため",
        }
    }
}

/// The reasons in one line.
pub fn in_words(reasons: &[Reason]) -> String {
    let labels: Vec<&str> = reasons.iter().map(|reason| reason.label()).collect();
    labels.join("、")
}

/// Where the approval of a broadcast stands, if it needs one.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Approval {
    /// Somebody else has to look at it.
    Waiting,
    /// Somebody else let it go.
    Approved,
    /// Somebody else gave it back.
    Returned,
}

impl Approval {
    const ALL: [Self; 3] = [Self::Waiting, Self::Approved, Self::Returned];

    /// The word in the database.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Approved => "approved",
            Self::Returned => "returned",
        }
    }

    /// The standing that the database's word names.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.code() == code)
    }
}

/// Where the first wave of a broadcast stands, if it has one.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum FirstWave {
    /// Only its messages leave; their receipts are awaited.
    Out,
    /// Not all arrived, or nobody knows in time: a person decides.
    Failed,
    /// The others follow.
    Over,
}

impl FirstWave {
    const ALL: [Self; 3] = [Self::Out, Self::Failed, Self::Over];

    /// The word in the database.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Out => "out",
            Self::Failed => "failed",
            Self::Over => "over",
        }
    }

    /// The standing that the database's word names.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.code() == code)
    }
}

/// What a stored broadcast waits for, besides its hold window.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Release {
    /// Somebody's approval.
    pub approval: Option<Approval>,
    /// A moment that was chosen.
    pub scheduled_for: Option<Millis>,
    /// The hours of the day; `None`: at any time.
    pub hours: Option<Hours>,
    /// From this moment on nothing of it leaves any more.
    pub not_after: Option<Millis>,
    /// A few of its messages.
    pub first_wave: Option<FirstWave>,
}

impl Release {
    /// The first moment, not before `earliest`, at which it can leave.
    pub fn leaves_at(&self, earliest: Millis) -> Millis {
        let from = earliest.max(self.scheduled_for.unwrap_or(0));
        self.hours.map_or(from, |hours| hours.next_open(from))
    }

    /// Until when the hours keep back what would leave now.
    pub fn closed_until(&self, now: Millis) -> Option<Millis> {
        let hours = self.hours.filter(|hours| !hours.is_open(now))?;
        Some(hours.next_open(now))
    }
}

/// What was chosen about a broadcast's leaving when it was confirmed, and what its approver is to be shown.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct NewRelease {
    /// Not before this moment.
    pub scheduled_for: Option<Millis>,
    /// Not from this moment on.
    pub not_after: Option<Millis>,
    /// A few go first, also where no rule asks for it.
    pub first_wave: bool,
    /// Outside of the hours too, and why.
    pub any_time: Option<String>,
    /// What the sender was told.
    pub told: Told,
    /// The rows whose texts the sender was shown.
    pub seen_lines: Vec<u32>,
    /// So many of the first rows are of people at high risk: they go before everything else of their office.
    pub urgent_rows: usize,
}

/// What the sender was told before confirming, for the approver to read.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Told {
    /// What the checks of the list warned of. Any of these is a reason of the rule.
    pub warnings: Vec<String>,
    /// Which rows are not sent.
    pub left_out: Vec<String>,
    /// 「最大 217通」.
    pub parts: String,
    /// What it costs at most, where the price is known.
    pub cost: Option<String>,
}

/// Prints no personal data.
impl std::fmt::Debug for Told {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Told {{ warnings: {}, .. }}", self.warnings.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_is_read_back() {
        for reason in Reason::ALL {
            assert_eq!(Reason::from_code(reason.code()), Some(reason));
        }
        for approval in Approval::ALL {
            assert_eq!(Approval::from_code(approval.code()), Some(approval));
        }
        for wave in FirstWave::ALL {
            assert_eq!(FirstWave::from_code(wave.code()), Some(wave));
        }
        assert_eq!(Approval::from_code("perhaps"), None);
    }
}
