//! やさしい日本語: short sentences, few kanji.

use std::ops::Range;

use super::limits::{EASY_KANJI_LETTERS, EASY_KANJI_PERCENT, EASY_SENTENCE_LETTERS};
use super::scan::{Letter, View};

/// Sentences that are too long, with their length in letters; addresses do not count.
pub(super) fn long_sentences(view: &View) -> Vec<(Range<usize>, usize)> {
    let mut long = Vec::new();
    let (mut start, mut length) = (0, 0);
    let letters = view.letters();
    for index in 0..=letters.len() {
        let letter = letters.get(index);
        let ends = letter.is_none_or(|letter| matches!(letter.folded, '。' | '!' | '?' | '\n'));
        if ends {
            if length > EASY_SENTENCE_LETTERS {
                long.push((view.bytes(start..index), length));
            }
            (start, length) = (index + 1, 0);
        } else if letter.is_some_and(|letter| counts(view, letter)) {
            length += 1;
        }
    }
    long
}

fn counts(view: &View, letter: &Letter) -> bool {
    !letter.raw.is_whitespace() && !view.links().iter().any(|link| link.at.contains(&letter.at))
}

/// The share of kanji in per cent, if it is too high; names of organisations do not count.
pub(super) fn too_many_kanji<'a>(view: &View, names: impl Iterator<Item = &'a str>) -> Option<usize> {
    let names: Vec<Range<usize>> = names.flat_map(|name| view.find(name)).collect();
    let (mut kanji, mut all) = (0, 0);
    for (index, letter) in view.letters().iter().enumerate() {
        if names.iter().any(|name| name.contains(&index)) {
            continue;
        }
        if is_kanji(letter.raw) {
            (kanji, all) = (kanji + 1, all + 1);
        } else if matches!(letter.raw, '\u{3041}'..='\u{30FF}' | '\u{FF66}'..='\u{FF9F}') {
            all += 1;
        }
    }
    let percent = kanji * 100 / all.max(1);
    (all >= EASY_KANJI_LETTERS && percent > EASY_KANJI_PERCENT).then_some(percent)
}

fn is_kanji(c: char) -> bool {
    matches!(c, '々' | '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}'
        | '\u{20000}'..='\u{323AF}')
}
