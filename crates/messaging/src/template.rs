//! A template's version: texts in several languages, and when and for what they may be sent.

use base::clock::Millis;
use base::id::StaffId;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::Offset;
pub use lists::contacts::Purpose;

use crate::advice::{self, Finding, Links, Settings, Source, Text};

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$each:meta])* $word:ident, $code:literal, $label:literal;)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub enum $name {
            $($(#[$each])* $word,)*
        }

        impl $name {
            /// All of them, in the order of pages.
            pub const ALL: &[Self] = &[$(Self::$word),*];

            /// As the database and forms write it.
            pub fn code(self) -> &'static str {
                match self { $(Self::$word => $code,)* }
            }

            /// What `code` means.
            pub fn from_code(code: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|one| one.code() == code)
            }

            /// As pages show it.
            pub fn label(self) -> &'static str {
                match self { $(Self::$word => $label,)* }
            }
        }
    };
}

mod language;

pub use self::language::{Language, language_of};

words! {
    /// Whether a template may reach people.
    Stage {
        /// It may.
        Live, "live", "本番用";
        /// It goes to a simulated carrier only.
        Trial, "test", "試験用";
    }
}

/// The day in Japan.
pub fn japan_day(now: Millis) -> Date {
    let instant = Timestamp::from_millisecond(now).unwrap_or(Timestamp::UNIX_EPOCH);
    Offset::constant(9).to_datetime(instant).date()
}

/// A day as pages write it: `2026年11月22日`.
pub fn day_in_words(day: Date) -> String {
    format!("{}年{}月{}日", day.year(), day.month(), day.day())
}

/// Everything of a version that changes what is sent.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Content {
    /// The Japanese text, with `{{merge fields}}`.
    pub text: String,
    /// The texts beside it, each language once, without Japanese, in the order of [`Language::ALL`].
    pub translations: Vec<(Language, String)>,
    /// What it is for.
    pub purpose: Purpose,
    /// Whether it may reach people.
    pub stage: Stage,
    /// Whether it may lead to a web page.
    pub links: Links,
    /// First day in Japan on which it may be sent.
    pub valid_from: Option<Date>,
    /// Last day in Japan on which it may be sent.
    pub valid_until: Option<Date>,
}

impl Content {
    /// A Japanese text for the first touch, live, without an end.
    pub fn of(text: String) -> Self {
        Self {
            text,
            translations: Vec::new(),
            purpose: Purpose::FirstTouch,
            stage: Stage::Live,
            links: Links::Allowed,
            valid_from: None,
            valid_until: None,
        }
    }

    /// Every text, the Japanese one first.
    pub fn texts(&self) -> impl Iterator<Item = (Language, &str)> {
        let others = self
            .translations
            .iter()
            .map(|(language, text)| (*language, text.as_str()));
        std::iter::once((Language::Japanese, self.text.as_str())).chain(others)
    }

    /// The text for a reader of this language, and the language it is really in: Japanese if there is no other.
    pub fn text_in(&self, language: Language) -> (Language, &str) {
        let mut texts = self.texts();
        texts
            .find(|(one, _)| *one == language)
            .unwrap_or((Language::Japanese, &self.text))
    }

    /// The advice on one of its texts.
    pub fn advice_on(
        &self,
        language: Language,
        text: &str,
        settings: &Settings,
        now: Millis,
    ) -> Vec<Finding> {
        self.examine(language, text, Source::Template, settings, now)
    }

    /// The advice on what one person gets; `names` are the row's values that name people.
    pub fn advice_on_merged(
        &self,
        language: Language,
        merged: &str,
        names: &[&str],
        settings: &Settings,
        now: Millis,
    ) -> Vec<Finding> {
        self.examine(language, merged, Source::Merged { names }, settings, now)
    }

    fn examine(
        &self,
        language: Language,
        text: &str,
        source: Source<'_>,
        settings: &Settings,
        now: Millis,
    ) -> Vec<Finding> {
        let text = Text {
            text,
            source,
            links: self.links,
            wording: language.wording(),
            trial: self.stage == Stage::Trial,
            today: japan_day(now),
        };
        advice::examine(&text, settings)
    }

    /// Whether it may be sent now: to people, or with `simulated` to nobody.
    pub fn sendable(&self, now: Millis, simulated: bool, settings: &Settings) -> Result<(), NotSendable> {
        self.valid(now)?;
        if self.stage == Stage::Trial && !simulated {
            return Err(NotSendable::Trial);
        }
        let findings = self.texts().flat_map(|(language, text)| {
            let findings = self.advice_on(language, text, settings, now);
            findings.into_iter().map(move |finding| (language, finding))
        });
        let mut blocking = findings.filter(|(_, finding)| finding.level == advice::Level::Block);
        match blocking.next() {
            None => Ok(()),
            Some((language, first)) => Err(NotSendable::Advice {
                count: 1 + blocking.count(),
                language,
                first: first.advice,
            }),
        }
    }

    /// Whether today is one of its days.
    pub fn valid(&self, now: Millis) -> Result<(), NotSendable> {
        let today = japan_day(now);
        if let Some(from) = self.valid_from.filter(|from| today < *from) {
            return Err(NotSendable::NotYet(from));
        }
        match self.valid_until.filter(|until| today > *until) {
            Some(until) => Err(NotSendable::Over(until)),
            None => Ok(()),
        }
    }
}

/// One version of a template. It never changes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TemplateVersion {
    /// From 1.
    pub version: i64,
    /// What is sent, and when it may be.
    pub content: Content,
    /// Who wrote it.
    pub created_by: StaffId,
    /// When.
    pub created_at: Millis,
}

/// Why a version may not be sent now.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum NotSendable {
    /// Its first day is to come.
    #[error("この文面は{}から使えます。その日まで待つか、文面の有効期間を変えてください。", day_in_words(*.0))]
    NotYet(Date),
    /// Its last day has gone by.
    #[error("この文面の有効期間は{}で終わりました。内容を確かめて、有効期間を延ばすか、別の文面を選んでください。", day_in_words(*.0))]
    Over(Date),
    /// A trial text and a real carrier.
    #[error("この文面は試験用です。本番の配信には使えません。本番用の文面を選んでください。")]
    Trial,
    /// The organisation stops such texts.
    #[error("文面の点検で、直すところが{count}件見つかりました。{}: {first}", .language.label())]
    Advice {
        /// How many findings block.
        count: usize,
        /// The language of the first.
        language: Language,
        /// What to do about the first.
        first: String,
    },
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    // 2026-11-22 14:05:09 in Japan.
    const NOW: Millis = 1_795_323_909_000;
    const DAY: Millis = base::clock::DAY;

    #[test]
    fn a_version_is_sent_on_its_days_only() {
        let today = japan_day(NOW);
        let content = Content {
            valid_from: Some(today),
            valid_until: Some(today),
            ..Content::of("みどり県です".to_owned())
        };
        let settings = Settings::default();
        let at = |now| content.sendable(now, false, &settings);
        assert_eq!(at(NOW), Ok(()));
        assert_eq!(at(NOW - DAY), Err(NotSendable::NotYet(today)));
        assert_eq!(at(NOW + DAY), Err(NotSendable::Over(today)));
        // 23:59:59 and 00:00:00 in Japan.
        let midnight = NOW - NOW.rem_euclid(DAY) + 15 * base::clock::HOUR;
        assert_eq!(at(midnight - 1), Ok(()));
        assert_eq!(at(midnight), Err(NotSendable::Over(today)));
    }

    #[test]
    fn a_trial_text_and_a_blocked_one_reach_nobody() {
        let trial = Content {
            stage: Stage::Trial,
            ..Content::of("テストです".to_owned())
        };
        let settings = Settings::default();
        assert_eq!(trial.sendable(NOW, true, &settings), Ok(()));
        assert_eq!(trial.sendable(NOW, false, &settings), Err(NotSendable::Trial));
        let translations = vec![(Language::English, "see bit.ly/x now".to_owned())];
        let blocked = Content {
            translations,
            ..Content::of("みどり県です".to_owned())
        };
        let refusal = blocked
            .sendable(NOW, true, &settings)
            .map_err(|refusal| refusal.to_string());
        assert!(refusal.is_err_and(|words| words.contains("1件") && words.contains("English")));
    }

    #[test]
    fn a_reader_without_a_text_of_their_own_gets_the_japanese_one() {
        let content = Content {
            translations: vec![(Language::English, "hello".to_owned())],
            ..Content::of("こんにちは".to_owned())
        };
        assert_eq!(content.text_in(Language::English), (Language::English, "hello"));
        assert_eq!(
            content.text_in(Language::Nepali),
            (Language::Japanese, "こんにちは")
        );
    }

    proptest! {
        #[test]
        fn any_cell_and_any_moment_may_come(cell in ".{0,20}", now: i64) {
            prop_assert!(Content::of(cell).valid(now).is_ok());
            prop_assert!(!day_in_words(japan_day(now)).is_empty());
        }
    }
}
