//! What the pages of photos say, in the languages of `words/photos.json`.

use std::collections::HashMap;
use std::sync::LazyLock;

use photo::{Hint, Refusal};
use web::Language;

use crate::form::{Shown, Texts};
use crate::store::PhotoAdded;

macro_rules! words {
    ($($name:ident $code:literal,)*) => {
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        pub(super) enum Say { $($name),* }

        impl Say {
            #[cfg(test)]
            const ALL: &'static [Self] = &[$(Self::$name),*];

            const fn code(self) -> &'static str {
                match self { $(Self::$name => $code),* }
            }
        }
    };
}

words! {
    Title "title",
    Least "least",
    MostOnly "most_only",
    How "how",
    Good "good",
    Bad "bad",
    Private "private",
    Choose "choose",
    ChooseAgain "choose_again",
    ChooseHelp "choose_help",
    Send "send",
    Sent "sent",
    None "none",
    Nth "nth",
    Larger "larger",
    Retake "retake",
    RetakeNth "retake_nth",
    Remove "remove",
    RemoveNth "remove_nth",
    Keep "keep",
    Covered "covered",
    HintDark "hint_dark",
    HintBright "hint_bright",
    HintBlurred "hint_blurred",
    HintSmall "hint_small",
    HintChoice "hint_choice",
    Enough "enough",
    Next "next",
    NextWithout "next_without",
    MaskTitle "mask_title",
    MaskLead "mask_lead",
    MaskHow "mask_how",
    MaskLeft "mask_left",
    MaskTop "mask_top",
    MaskWidth "mask_width",
    MaskHeight "mask_height",
    MaskMore "mask_more",
    MaskDone "mask_done",
    MaskSkip "mask_skip",
    MaskPicture "mask_picture",
    Preparing "preparing",
    Sending "sending",
    Waiting "waiting",
    Reading "reading",
    Progress "progress",
    ErrNone "err_none",
    ErrLost "err_lost",
    ErrBytes "err_bytes",
    ErrHeic "err_heic",
    ErrKind "err_kind",
    ErrPixels "err_pixels",
    ErrBroken "err_broken",
    ErrBusy "err_busy",
    ErrDayFull "err_day_full",
    ErrTooOften "err_too_often",
}

static WORDS: LazyLock<HashMap<String, Texts>> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../../../words/photos.json")).expect("a test reads the file")
});

impl Say {
    /// On a page in this language.
    pub(super) fn shown(self, page: Language) -> Shown {
        WORDS[self.code()].shown(page)
    }

    /// Why a picture is not taken, and what to do.
    pub(super) const fn refusal(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Empty => Self::ErrNone,
            Refusal::TooManyBytes => Self::ErrBytes,
            Refusal::Heic | Refusal::Avif => Self::ErrHeic,
            Refusal::Svg | Refusal::Gif | Refusal::Pdf | Refusal::OtherKind => Self::ErrKind,
            Refusal::TooManyPixels => Self::ErrPixels,
            Refusal::Broken | Refusal::TooMuchWork => Self::ErrBroken,
        }
    }

    /// What stood in a picture's way; nothing if it was added.
    pub(super) const fn instead(added: PhotoAdded) -> Option<Self> {
        match added {
            PhotoAdded::Added(_) | PhotoAdded::Already(_) | PhotoAdded::Otherwise => None,
            PhotoAdded::Enough => Some(Self::Enough),
            PhotoAdded::TooOften => Some(Self::ErrTooOften),
            PhotoAdded::DayFull => Some(Self::ErrDayFull),
        }
    }

    /// What may be wrong with a picture.
    pub(super) const fn hint(hint: Hint) -> Self {
        match hint {
            Hint::Dark => Self::HintDark,
            Hint::Bright => Self::HintBright,
            Hint::Blurred => Self::HintBlurred,
            Hint::Small => Self::HintSmall,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::form::without_reading;

    /// `{name}` in a sentence.
    fn places(text: &str) -> BTreeSet<&str> {
        let inside = text.split('{').skip(1);
        inside.filter_map(|rest| rest.split('}').next()).collect()
    }

    #[test]
    fn every_word_stands_in_three_languages_and_easy_japanese_has_readings() {
        assert_eq!(WORDS.len(), Say::ALL.len());
        for say in Say::ALL {
            let texts = &WORDS[say.code()];
            let japanese = texts.of(Language::Japanese).expect("the first language");
            for language in [Language::EasyJapanese, Language::English] {
                assert!(texts.of(language).is_some(), "{say:?}");
            }
            for (language, text) in texts.iter() {
                assert!(!text.trim().is_empty(), "{say:?}");
                assert_eq!(places(text), places(japanese), "{say:?} {language:?}");
            }
            let easy = say.shown(Language::EasyJapanese);
            assert_eq!(without_reading(easy.plain()), None, "{say:?}");
        }
    }
}
