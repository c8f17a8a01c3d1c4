//! A template's version: texts in several languages, and when and for what they may be sent.

use base::clock::Millis;
use base::id::StaffId;
use base::merge::heading_key;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::Offset;
pub use lists::contacts::Purpose;

use crate::advice::{self, Finding, Links, Settings, Source, Text, Wording};

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

words! {
    /// Whether a template may reach people.
    Stage {
        /// It may.
        Live, "live", "本番用";
        /// It goes to a simulated carrier only.
        Trial, "test", "試験用";
    }
}

words! {
    /// The languages that templates are written in; the label is the language's own name.
    Language {
        /// Japanese.
        Japanese, "ja", "日本語";
        /// Easy Japanese.
        EasyJapanese, "ja-easy", "やさしい日本語";
        /// English.
        English, "en", "English（英語）";
        /// Chinese in simplified letters.
        Chinese, "zh", "简体中文（中国語・簡体字）";
        /// Chinese in traditional letters.
        TraditionalChinese, "zh-hant", "繁體中文（中国語・繁体字）";
        /// Korean.
        Korean, "ko", "한국어（韓国・朝鮮語）";
        /// Vietnamese.
        Vietnamese, "vi", "Tiếng Việt（ベトナム語）";
        /// Portuguese.
        Portuguese, "pt", "Português（ポルトガル語）";
        /// Spanish.
        Spanish, "es", "Español（スペイン語）";
        /// Filipino.
        Filipino, "tl", "Filipino（フィリピノ語）";
        /// Nepali.
        Nepali, "ne", "नेपाली（ネパール語）";
        /// Indonesian.
        Indonesian, "id", "Bahasa Indonesia（インドネシア語）";
    }
}

impl Language {
    /// The tag for the `lang` attribute (BCP 47).
    pub fn tag(self) -> &'static str {
        match self {
            Self::Japanese | Self::EasyJapanese => "ja",
            Self::TraditionalChinese => "zh-Hant",
            Self::Chinese => "zh-Hans",
            other => other.code(),
        }
    }

    fn wording(self) -> Wording {
        match self {
            Self::Japanese => Wording::Japanese,
            Self::EasyJapanese => Wording::Easy,
            _ => Wording::Foreign,
        }
    }

    /// What lists write for it, as [`heading_key`] leaves it.
    fn spellings(self) -> &'static [&'static str] {
        match self {
            Self::Japanese => &["日本語", "日本", "にほんご", "和文", "japanese", "jpn", "jp"],
            Self::EasyJapanese => &[
                "やさしい日本語",
                "やさしいにほんご",
                "易しい日本語",
                "優しい日本語",
                "easyjapanese",
            ],
            Self::English => &["英語", "英文", "英", "english", "eng"],
            Self::Chinese => &[
                "中国語",
                "中文",
                "中国",
                "中",
                "簡体字",
                "简体中文",
                "简体",
                "中国語簡体字",
                "中国語(簡体字)",
                "中国語(簡体)",
                "中国語・簡体字",
                "北京語",
                "普通話",
                "普通话",
                "chinese",
                "chn",
                "zh-cn",
                "zh-hans",
                "cn",
            ],
            Self::TraditionalChinese => &[
                "繁体字",
                "繁體中文",
                "繁体中文",
                "中国語繁体字",
                "中国語(繁体字)",
                "中国語(繁体)",
                "中国語・繁体字",
                "台湾語",
                "台湾",
                "広東語",
                "zh-tw",
                "zh-hk",
                "traditionalchinese",
            ],
            Self::Korean => &[
                "韓国語",
                "朝鮮語",
                "韓国・朝鮮語",
                "韓国",
                "ハングル",
                "한국어",
                "korean",
                "kor",
                "kr",
            ],
            Self::Vietnamese => &[
                "ベトナム語",
                "ヴェトナム語",
                "越南語",
                "ベトナム",
                "tiếngviệt",
                "tiengviet",
                "vietnamese",
                "vn",
            ],
            Self::Portuguese => &[
                "ポルトガル語",
                "葡語",
                "ブラジル語",
                "ブラジル",
                "português",
                "portugues",
                "portuguese",
                "br",
            ],
            Self::Spanish => &[
                "スペイン語",
                "西語",
                "ペルー語",
                "español",
                "espanol",
                "spanish",
                "esp",
            ],
            Self::Filipino => &[
                "フィリピン語",
                "フィリピノ語",
                "タガログ語",
                "フィリピン",
                "filipino",
                "tagalog",
                "fil",
                "ph",
            ],
            Self::Nepali => &["ネパール語", "ネパール", "नेपाली", "nepali", "nepalese", "np"],
            Self::Indonesian => &[
                "インドネシア語",
                "インドネシア",
                "bahasaindonesia",
                "indonesian",
                "ind",
            ],
        }
    }
}

/// The language that a cell of the column 「言語」 means; `None` for an empty cell and for a language without
/// templates. Such a person gets the Japanese text.
pub fn language_of(cell: &str) -> Option<Language> {
    let key = heading_key(cell);
    let means = |language: &Language| {
        language.code() == key || language.spellings().iter().any(|word| heading_key(word) == key)
    };
    Language::ALL.iter().copied().find(means)
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
    fn languages_are_known_by_every_usual_name() {
        for (cell, language) in [
            ("英語", Language::English),
            (" Ｅｎｇｌｉｓｈ ", Language::English),
            ("EN", Language::English),
            ("中国語（簡体字）", Language::Chinese),
            ("zh", Language::Chinese),
            ("ﾍﾞﾄﾅﾑ語", Language::Vietnamese),
            ("ポルトガル語", Language::Portuguese),
            ("タガログ語", Language::Filipino),
            ("やさしい 日本語", Language::EasyJapanese),
            ("日本語", Language::Japanese),
        ] {
            assert_eq!(language_of(cell), Some(language), "{cell}");
        }
        for unknown in ["", "　", "ドイツ語", "090-1234-5678"] {
            assert_eq!(language_of(unknown), None, "{unknown}");
        }
        let mut spellings: Vec<_> = Language::ALL.iter().flat_map(|one| one.spellings()).collect();
        let all = spellings.len();
        spellings.sort_unstable();
        spellings.dedup();
        assert_eq!(spellings.len(), all, "no spelling means two languages");
    }

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
            let _ = language_of(&cell);
            prop_assert!(Content::of(cell).valid(now).is_ok());
            prop_assert!(!day_in_words(japan_day(now)).is_empty());
        }
    }
}
