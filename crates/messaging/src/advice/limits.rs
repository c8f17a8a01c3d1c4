//! The figures of the rules, each with its reason.

/// UTF-16 units that an old phone shows as the first of several messages: docomo's part of a joined text.
pub(super) const FIRST_UNITS: usize = 66;

/// Longest sentence of an easy text, in letters. Two lines on a phone of 25 letters a line.
pub(super) const EASY_SENTENCE_LETTERS: usize = 50;

/// Most kanji of an easy text, in per cent of its kana and kanji; newspapers have 40 to 50.
pub(super) const EASY_KANJI_PERCENT: usize = 30;

/// Below this many letters of Japanese a share of kanji says nothing.
pub(super) const EASY_KANJI_LETTERS: usize = 20;

/// Letters behind a date in which 「まで」 makes it a deadline: weekday and hour stand between.
pub(super) const DEADLINE_LETTERS: usize = 14;

/// A date without a year is the nearest one: at most half a year away, in days.
pub(super) const HALF_YEAR_DAYS: i32 = 182;

/// Letters in which a body of government is looked for when the organisation gave no name of its own.
pub(super) const BODY_LETTERS: usize = 20;

/// Most organisation names, hosts or numbers of one organisation: every office with a few to spare.
pub const ENTRIES: usize = 100;

/// Longest of them, in letters: a line of a form.
pub const ENTRY_LETTERS: usize = 100;
