//! The engine's own words, in the languages of `words/`. What a language lacks is shown in やさしい日本語.

use std::collections::HashMap;
use std::sync::LazyLock;

use web::Language;

use super::texts::{Shown, Texts};

macro_rules! words {
    ($($name:ident $code:literal,)*) => {
        /// Something that pages of forms say, whatever the form.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        #[expect(missing_docs, reason = "the sentence itself stands in words/ja.json under the same name")]
        pub enum Word { $($name),* }

        impl Word {
            /// Every one.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// Its name in the files.
            pub fn code(self) -> &'static str {
                match self { $(Self::$name => $code),* }
            }
        }
    };
}

words! {
    Language "language",
    LanguageJump "language_jump",
    Unreviewed "unreviewed",
    Partly "partly",
    StartTitle "start_title",
    StartLead "start_lead",
    BirthDate "birth_date",
    BirthHelp "birth_help",
    Era "era",
    Western "western",
    Year "year",
    Month "month",
    Day "day",
    StartButton "start_button",
    StartTries "start_tries",
    NotMine "not_mine",
    BirthWrong "birth_wrong",
    TooOftenTitle "too_often_title",
    TooOften "too_often",
    LockedTitle "locked_title",
    Locked "locked",
    ExpiredTitle "expired_title",
    Expired "expired",
    EarlyTitle "early_title",
    Early "early",
    BrokenTitle "broken_title",
    Broken "broken",
    BusyTitle "busy_title",
    Busy "busy",
    StaleTitle "stale_title",
    Stale "stale",
    Again "again",
    Begin "begin",
    Resumed "resumed",
    EmergencyNote "emergency_note",
    Progress "progress",
    Next "next",
    Back "back",
    Later "later",
    LaterTitle "later_title",
    LaterText "later_text",
    Saved "saved",
    Required "required",
    Optional "optional",
    Unknown "unknown",
    Yes "yes",
    No "no",
    AllThatFit "all_that_fit",
    Today "today",
    Yesterday "yesterday",
    OtherDay "other_day",
    DayHelp "day_help",
    CellDayHelp "cell_day_help",
    Row "row",
    AddRow "add_row",
    RemoveRow "remove_row",
    CheckTitle "check_title",
    CheckLead "check_lead",
    Change "change",
    ChangeWhat "change_what",
    Unanswered "unanswered",
    Send "send",
    StopTitle "stop_title",
    StopText "stop_text",
    Call119 "call_119",
    StopCentre "stop_centre",
    StopNoted "stop_noted",
    StopOn "stop_on",
    StopBack "stop_back",
    DoneTitle "done_title",
    DoneCall "done_call",
    DoneWorse "done_worse",
    DoneAt "done_at",
    DoneChange "done_change",
    Leave "leave",
    LeftTitle "left_title",
    Left "left",
    ErrNothingChosen "err_nothing_chosen",
    ErrNothingTyped "err_nothing_typed",
    ErrNoDay "err_no_day",
    ErrNotAnOption "err_not_an_option",
    ErrAlone "err_alone",
    ErrNotANumber "err_not_a_number",
    ErrNotWhole "err_not_whole",
    ErrPlaces "err_places",
    ErrRange "err_range",
    ErrTooLong "err_too_long",
    ErrNotADay "err_not_a_day",
    ErrNoEra "err_no_era",
    ErrNoSuchDay "err_no_such_day",
    ErrOtherEra "err_other_era",
    ErrTooEarly "err_too_early",
    ErrTooLate "err_too_late",
    ErrNotAPhone "err_not_a_phone",
    ErrRowWithout "err_row_without",
    ErrTooManyRows "err_too_many_rows",
}

/// Each language's file.
const FILES: [(Language, &str); 9] = [
    (Language::Japanese, include_str!("../../words/ja.json")),
    (Language::EasyJapanese, include_str!("../../words/ja-easy.json")),
    (Language::English, include_str!("../../words/en.json")),
    (Language::Chinese, include_str!("../../words/zh.json")),
    (Language::Vietnamese, include_str!("../../words/vi.json")),
    (Language::Portuguese, include_str!("../../words/pt.json")),
    (Language::Filipino, include_str!("../../words/tl.json")),
    (Language::Nepali, include_str!("../../words/ne.json")),
    (Language::Korean, include_str!("../../words/ko.json")),
];

type Dictionary = HashMap<String, String>;

static WORDS: LazyLock<HashMap<&'static str, Texts>> = LazyLock::new(|| {
    let files: Vec<(Language, Dictionary)> = FILES
        .iter()
        .map(|(language, json)| {
            let words = serde_json::from_str(json).expect("a test reads every file of words");
            (*language, words)
        })
        .collect();
    let texts = Word::ALL.iter().map(|word| {
        let found = files.iter().filter_map(|(language, words)| {
            Some((language.code().to_owned(), words.get(word.code())?.clone()))
        });
        let texts = Texts::try_from(found.collect::<std::collections::BTreeMap<_, _>>());
        (word.code(), texts.expect("the languages are ours"))
    });
    texts.collect()
});

impl Word {
    /// On a page in this language.
    pub fn shown(self, page: Language) -> Shown {
        WORDS[self.code()].shown(page)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::form::texts::without_reading;

    /// `{name}` in a sentence.
    fn places(text: &str) -> BTreeSet<&str> {
        let inside = text.split('{').skip(1);
        inside.filter_map(|rest| rest.split('}').next()).collect()
    }

    #[test]
    fn three_languages_have_every_word_and_the_others_no_other() {
        let japanese: Dictionary = serde_json::from_str(FILES[0].1).expect("JSON");
        for (language, json) in FILES {
            let words: Dictionary =
                serde_json::from_str(json).unwrap_or_else(|error| panic!("{language:?}: {error}"));
            for code in words.keys() {
                assert!(
                    Word::ALL.iter().any(|word| word.code() == code),
                    "{language:?} {code}"
                );
            }
            for word in Word::ALL {
                let Some(text) = words.get(word.code()) else {
                    let whole = [Language::Japanese, Language::EasyJapanese, Language::English];
                    assert!(!whole.contains(&language), "{language:?} lacks {}", word.code());
                    continue;
                };
                assert_eq!(
                    places(text),
                    places(&japanese[word.code()]),
                    "{language:?} {}",
                    word.code()
                );
                assert!(!text.trim().is_empty());
            }
        }
    }

    #[test]
    fn easy_japanese_has_readings() {
        for word in Word::ALL {
            let shown = word.shown(Language::EasyJapanese);
            assert_eq!(without_reading(shown.plain()), None, "{}", word.code());
        }
    }
}
