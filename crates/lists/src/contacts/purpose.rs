//! What an office writes to people for.

/// Why somebody is written to. Two messages for one purpose within some days are a repeat, two for different ones
/// are not.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Purpose {
    /// The first message after a case notification.
    FirstTouch,
    /// What a test or an examination of documents gave.
    TestResult,
    /// Asking for the state of health, each day anew.
    Observation,
    /// Asking for an answer to questions.
    Survey,
    /// Putting an earlier message right.
    Correction,
    /// Anything else that people should know.
    Notice,
}

impl Purpose {
    /// Every purpose, in the order in which pages offer them.
    pub const ALL: [Self; 6] = [
        Self::FirstTouch,
        Self::TestResult,
        Self::Observation,
        Self::Survey,
        Self::Correction,
        Self::Notice,
    ];

    /// The word in the database and in programs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::FirstTouch => "first_touch",
            Self::TestResult => "test_result",
            Self::Observation => "observation",
            Self::Survey => "survey",
            Self::Correction => "correction",
            Self::Notice => "notice",
        }
    }

    /// What [`Purpose::as_str`] wrote.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|purpose| purpose.as_str() == word)
    }

    /// On screens.
    pub const fn label(self) -> &'static str {
        match self {
            Self::FirstTouch => "初回連絡",
            Self::TestResult => "検査・審査の結果",
            Self::Observation => "健康観察",
            Self::Survey => "調査・アンケート",
            Self::Correction => "訂正の連絡",
            Self::Notice => "お知らせ",
        }
    }

    /// Within how many days a second message for this purpose is taken for a repeat, unless the organisation says
    /// otherwise. What is asked every day repeats only within the day.
    pub const fn repeat_days(self) -> u32 {
        match self {
            Self::FirstTouch | Self::TestResult | Self::Survey => 30,
            Self::Observation | Self::Correction | Self::Notice => 1,
        }
    }
}
