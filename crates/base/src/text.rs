//! The length of a text as the carriers of Japan count it, and cutting it into parts.
//!
//! Lengths are UTF-16 units: a letter above U+FFFF, such as 𠮷 or an emoji, counts twice. A newline counts
//! once, or twice where the carrier's profile says so ([`Counting`]).
//!
//! Texts of plain ASCII are counted by the same ladder. Between handsets they would go 160 to a part (GSM 03.38),
//! but the business tables of the carriers count letters whatever they are; the figures here are what is billed,
//! never less.

use serde::{Deserialize, Serialize};
use unicode_normalization::char::is_combining_mark;

/// The four networks.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Carrier {
    /// NTT docomo.
    Docomo,
    /// KDDI.
    Au,
    /// `SoftBank`.
    SoftBank,
    /// Rakuten Mobile.
    Rakuten,
}

/// How a carrier cuts a long text. All figures in UTF-16 units.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Ladder {
    /// Longest text that goes as one.
    pub single: usize,
    /// Length of each part of a longer one.
    pub part: usize,
    /// Longest text that the carrier takes.
    pub cap: usize,
}

impl Carrier {
    /// All four.
    pub const ALL: [Self; 4] = [Self::Docomo, Self::Au, Self::SoftBank, Self::Rakuten];

    /// The name that people know.
    pub fn label(self) -> &'static str {
        match self {
            Self::Docomo => "ドコモ",
            Self::Au => "au",
            Self::SoftBank => "ソフトバンク",
            Self::Rakuten => "楽天モバイル",
        }
    }

    /// 140 octets are 70 letters; joined parts lose six octets to their header (67) or, at docomo, seven (66).
    pub fn ladder(self) -> Ladder {
        match self {
            Self::Docomo => Ladder {
                single: 70,
                part: 66,
                cap: 660,
            },
            Self::Au | Self::Rakuten => Ladder {
                single: 70,
                part: 67,
                cap: 670,
            },
            // Billed as one, whatever its length.
            Self::SoftBank => Ladder {
                single: 670,
                part: 670,
                cap: 670,
            },
        }
    }
}

/// Parts of one text at each carrier.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug, Serialize)]
pub struct Parts {
    /// At NTT docomo.
    pub docomo: u16,
    /// At KDDI.
    pub au: u16,
    /// At `SoftBank`.
    pub softbank: u16,
    /// At Rakuten Mobile.
    pub rakuten: u16,
}

impl Parts {
    /// At this carrier.
    pub fn at(self, carrier: Carrier) -> u16 {
        match carrier {
            Carrier::Docomo => self.docomo,
            Carrier::Au => self.au,
            Carrier::SoftBank => self.softbank,
            Carrier::Rakuten => self.rakuten,
        }
    }

    /// The most that any carrier makes of it.
    pub fn most(self) -> u16 {
        self.docomo.max(self.au).max(self.softbank).max(self.rakuten)
    }
}

/// How a carrier's table counts a newline. Vendors differ, so it is a setting of the carrier's profile.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Counting {
    /// As one unit. The default.
    #[default]
    NewlineOnce,
    /// As two units.
    NewlineTwice,
}

impl Counting {
    /// Length in UTF-16 units, newlines as this counting has them.
    pub fn units(self, text: &str) -> usize {
        text.chars().map(|c| self.weight(c)).sum()
    }

    fn weight(self, c: char) -> usize {
        match (self, c) {
            (Self::NewlineTwice, '\n') => 2,
            _ => c.len_utf16(),
        }
    }

    /// Parts at each carrier, exactly as [`Counting::split`] cuts them. An empty text has none.
    pub fn parts(self, text: &str) -> Parts {
        let units = self.units(text);
        if units == 0 {
            return Parts::default();
        }
        let plain = text
            .chars()
            .all(|c| self.weight(c) == 1 && !sticks_to_previous(c) && c != '\r');
        let count = |carrier: Carrier| {
            let Ladder { single, part, .. } = carrier.ladder();
            let number = match units {
                _ if units <= single => 1,
                _ if plain => units.div_ceil(part),
                _ => self.split(text, single, part).len(),
            };
            u16::try_from(number).unwrap_or(u16::MAX)
        };
        let au = count(Carrier::Au);
        Parts {
            docomo: count(Carrier::Docomo),
            au,
            softbank: count(Carrier::SoftBank),
            rakuten: au,
        }
    }

    /// Whether the carrier takes the text at all: 660 units at docomo, 670 at the others.
    pub fn fits(self, text: &str, carrier: Carrier) -> bool {
        self.units(text) <= carrier.ladder().cap
    }

    /// Cuts a text into parts: one if it has at most `single` units, otherwise parts of at most `per_part`.
    ///
    /// A part never ends inside a surrogate pair, and not inside what the eye sees as one letter (combining and
    /// variation marks, joined emoji) unless that letter alone is longer than a part. The parts joined are the
    /// text. An empty text has no part.
    pub fn split(self, text: &str, single: usize, per_part: usize) -> Vec<&str> {
        assert!(per_part >= 2, "a part must hold one surrogate pair");
        if text.is_empty() {
            return Vec::new();
        }
        if self.units(text) <= single {
            return vec![text];
        }
        let mut parts = Vec::new();
        let mut rest = text;
        while !rest.is_empty() {
            let (head, tail) = rest.split_at(self.cut(rest, per_part));
            parts.push(head);
            rest = tail;
        }
        parts
    }

    /// Byte index after the longest head that fits and ends between letters.
    fn cut(self, text: &str, units: usize) -> usize {
        let mut used = 0;
        let mut good = 0;
        let mut previous = None;
        for (at, c) in text.char_indices() {
            if previous.is_some_and(|previous| may_part(previous, c)) {
                good = at;
            }
            if used + self.weight(c) > units {
                return if good > 0 { good } else { at };
            }
            used += self.weight(c);
            previous = Some(c);
        }
        text.len()
    }
}

/// Length in UTF-16 units, a newline as one.
pub fn utf16_len(text: &str) -> usize {
    Counting::NewlineOnce.units(text)
}

/// Parts at each carrier, a newline counted once.
pub fn parts(text: &str) -> Parts {
    Counting::NewlineOnce.parts(text)
}

/// The most parts that any counting makes of a text at each carrier: what to show where no profile is known.
pub fn parts_worst(text: &str) -> Parts {
    let (once, twice) = (
        Counting::NewlineOnce.parts(text),
        Counting::NewlineTwice.parts(text),
    );
    Parts {
        docomo: once.docomo.max(twice.docomo),
        au: once.au.max(twice.au),
        softbank: once.softbank.max(twice.softbank),
        rakuten: once.rakuten.max(twice.rakuten),
    }
}

/// Cuts a text as [`Counting::split`] does, a newline counted once.
pub fn split(text: &str, single: usize, per_part: usize) -> Vec<&str> {
    Counting::NewlineOnce.split(text, single, per_part)
}

/// The first 66 units: what a phone that does not join parts shows first. Sender and action belong here.
pub fn opening(text: &str) -> &str {
    &text[..Counting::NewlineOnce.cut(text, Carrier::Docomo.ladder().part)]
}

/// What the eye sees as one letter each: a letter with its marks, a joined emoji, a run of flags.
pub(crate) fn letters(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let mut chars = rest.char_indices();
        let (_, mut previous) = chars.next()?;
        let end = chars.find_map(|(at, c)| {
            let ends = may_part(previous, c);
            previous = c;
            ends.then_some(at)
        });
        let (letter, tail) = rest.split_at(end.unwrap_or(rest.len()));
        rest = tail;
        Some(letter)
    })
}

fn may_part(before: char, after: char) -> bool {
    const JOINER: char = '\u{200D}';
    let newline = before == '\r' && after == '\n';
    let flag = is_flag_letter(before) && is_flag_letter(after);
    !(sticks_to_previous(after) || before == JOINER || newline || flag)
}

fn sticks_to_previous(c: char) -> bool {
    is_combining_mark(c)
        || matches!(c, '\u{200D}' | '\u{FE00}'..='\u{FE0F}' | '\u{E0100}'..='\u{E01EF}' | '\u{E0020}'..='\u{E007F}'
            | '\u{1F3FB}'..='\u{1F3FF}' | '\u{FF9E}' | '\u{FF9F}' | '\u{3099}' | '\u{309A}')
}

/// Flags are pairs of these; a run of them is kept together rather than counted.
fn is_flag_letter(c: char) -> bool {
    matches!(c, '\u{1F1E6}'..='\u{1F1FF}')
}

/// Letters that steer a screen instead of being shown on it: controls, line and paragraph separators, and the
/// marks that turn the direction of writing (with them a text can show other digits than it holds). A newline
/// is one of them; where it is welcome the caller asks before.
pub fn is_control(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{061C}' | '\u{200E}' | '\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2066}'..='\u{2069}'
            | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_ladders_of_the_carriers() {
        for (units, docomo, au) in [
            (1, 1, 1),
            (70, 1, 1),
            (71, 2, 2),
            (132, 2, 2),
            (133, 3, 2),
            (134, 3, 2),
            (135, 3, 3),
            (660, 10, 10),
            (661, 11, 10),
        ] {
            let parts = parts(&"あ".repeat(units));
            assert_eq!(
                parts,
                Parts {
                    docomo,
                    au,
                    softbank: 1,
                    rakuten: au
                },
                "{units}"
            );
        }
        assert_eq!(parts(""), Parts::default());
        assert_eq!(
            parts(&"a".repeat(160)).docomo,
            3,
            "plain ASCII climbs the same ladder"
        );
        assert_eq!(parts(&"𠮷".repeat(36)).docomo, 2, "36 letters, 72 units");
    }

    #[test]
    fn what_the_eye_sees_as_one_letter_stays_whole() {
        for letter in [
            "𠮷",
            "葛\u{E0100}",
            "か\u{3099}",
            "👨\u{200D}👩\u{200D}👧",
            "👍🏽",
            "🇯🇵",
            "ﾊ\u{FF9F}",
        ] {
            let units = utf16_len(letter);
            let text = format!("{}{letter}あ", "あ".repeat(20 - units + 1));
            let parts = split(&text, 10, 20);
            assert!(
                parts.iter().any(|part| part.contains(letter)),
                "{letter}: {parts:?}"
            );
        }
        let endless = "か".to_owned() + &"\u{3099}".repeat(50);
        assert_eq!(
            split(&endless, 10, 20).len(),
            3,
            "a letter longer than a part is cut all the same"
        );
    }

    #[test]
    fn a_newline_counts_once_or_twice() {
        let text = format!("{}\n", "あ".repeat(69));
        assert_eq!(Counting::NewlineOnce.units(&text), 70);
        assert_eq!(Counting::NewlineTwice.units(&text), 71);
        assert_eq!((parts(&text).docomo, parts_worst(&text).docomo), (1, 2));
        let lines = "\n".repeat(66);
        assert_eq!(
            Counting::NewlineTwice.parts(&lines).au,
            2,
            "33 newlines fill 66 of 67 units"
        );
        let long = format!("{}\n", "あ".repeat(659));
        assert!(Counting::NewlineOnce.fits(&long, Carrier::Docomo));
        assert!(!Counting::NewlineTwice.fits(&long, Carrier::Docomo));
        assert!(Counting::NewlineTwice.fits(&long, Carrier::Au));
    }

    #[test]
    fn the_opening_is_what_the_first_part_shows() {
        assert_eq!(opening("短い文"), "短い文");
        assert_eq!(utf16_len(opening(&"あ".repeat(200))), 66);
        assert_eq!(
            opening(&format!("{}𠮷", "あ".repeat(65))),
            "あ".repeat(65),
            "a letter is never cut in two"
        );
    }

    proptest! {
        #[test]
        fn parts_joined_are_the_text(text in "[あa𠮷\u{3099}\u{200D}🇯🇵\n]{0,80}|.{0,80}", single in 2..30usize, per in 2..20usize) {
            let parts = split(&text, single, per);
            prop_assert_eq!(parts.concat(), text.clone());
            prop_assert!(parts.iter().all(|part| !part.is_empty()));
            prop_assert!(parts.len() <= 1 || parts.iter().all(|part| utf16_len(part) <= per));
            prop_assert!(utf16_len(&text) > single || parts.len() <= 1);
        }

        #[test]
        fn more_text_is_never_fewer_parts(text in "[あa𠮷\u{3099}🇯🇵\n]{0,300}", more in "[あa𠮷\u{3099}🇯🇵\n]{0,40}") {
            let longer = format!("{text}{more}");
            for carrier in Carrier::ALL {
                for counting in [Counting::NewlineOnce, Counting::NewlineTwice] {
                    prop_assert!(counting.parts(&text).at(carrier) <= counting.parts(&longer).at(carrier));
                    prop_assert!(counting.parts(&text).at(carrier) <= parts_worst(&text).at(carrier));
                }
            }
            prop_assert!(longer.starts_with(opening(&longer)) && utf16_len(opening(&longer)) <= 66);
        }

        #[test]
        fn letters_joined_are_the_text(text in "[あa𠮷\u{3099}\u{200D}🇯🇵\r\n]{0,60}|.{0,60}") {
            let all: Vec<&str> = letters(&text).collect();
            prop_assert_eq!(&all.concat(), &text);
            prop_assert!(all.iter().all(|letter| !letter.is_empty()));
        }

        #[test]
        fn the_count_is_the_number_of_parts(text in "[あ𠮷か\n\u{3099}]{0,300}") {
            for carrier in Carrier::ALL {
                let ladder = carrier.ladder();
                for counting in [Counting::NewlineOnce, Counting::NewlineTwice] {
                    let cut = counting.split(&text, ladder.single, ladder.part);
                    prop_assert_eq!(usize::from(counting.parts(&text).at(carrier)), cut.len());
                }
            }
        }
    }
}
