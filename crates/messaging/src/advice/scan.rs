//! A text as the rules look at it: letter by letter, ASCII folded, each merge field as one letter.

use std::ops::Range;

use base::merge::heading_key;
use jiff::civil::Date;

use super::limits::{BODY_LETTERS, DEADLINE_LETTERS, HALF_YEAR_DAYS};
use super::links::{self, Link};
use super::words::{self, Word, fold};

/// Stands for a merge field. A control letter, so no text brings it itself.
pub(super) const FIELD: char = '\u{1}';

/// One letter of a text.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Letter {
    /// Its first byte.
    pub(super) at: usize,
    pub(super) raw: char,
    pub(super) folded: char,
}

/// A merge field of a template.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct FieldAt {
    pub(super) at: Range<usize>,
    /// The column's heading.
    pub(super) heading: String,
    /// What kind of value it takes, if that is written.
    kind: String,
}

impl FieldAt {
    fn read(at: Range<usize>, inside: &str) -> Option<Self> {
        let (heading, kind) = inside.split_once(['|', '｜']).unwrap_or((inside, ""));
        let heading = heading.trim();
        let is_word = heading.starts_with("もし") || heading == "おわり";
        (!is_word).then(|| Self {
            at,
            heading: heading.to_owned(),
            kind: kind.trim().to_owned(),
        })
    }

    fn says(&self, words: &[&str]) -> bool {
        let (heading, kind) = (heading_key(&self.heading), heading_key(&self.kind));
        words
            .iter()
            .any(|word| heading.contains(word) || kind.contains(word))
    }

    /// Brings somebody's name.
    pub(super) fn is_name(&self) -> bool {
        let exact = ["姓", "名", "せい", "めい"];
        self.says(&[
            "氏名",
            "名前",
            "なまえ",
            "フリガナ",
            "ふりがな",
            "患者名",
            "本人名",
            "name",
        ]) || exact.contains(&self.heading.as_str())
    }

    /// Brings the name of a disease.
    pub(super) fn is_disease(&self) -> bool {
        self.says(&["病名", "疾患", "疾病", "診断名", "感染症名", "disease"])
    }

    /// Brings a number to call.
    fn is_contact(&self) -> bool {
        self.says(&["電話", "連絡先", "問い合わせ", "問合せ", "tel", "phone"])
    }
}

/// A day that a text names.
pub(super) struct DateAt {
    pub(super) at: Range<usize>,
    pub(super) day: Date,
    pub(super) is_deadline: bool,
}

/// A text, read once.
pub(super) struct View {
    letters: Vec<Letter>,
    folded: Vec<char>,
    end: usize,
    fields: Vec<FieldAt>,
    words: Vec<Word>,
    links: Vec<Link>,
}

impl View {
    /// Reads a text; merge fields are only looked for in a template.
    pub(super) fn of(text: &str, is_template: bool) -> Self {
        let (mut letters, mut fields) = (Vec::with_capacity(text.len() / 2), Vec::new());
        let mut at = 0;
        while let Some(c) = text[at..].chars().next() {
            let field = text[at..].strip_prefix("{{").filter(|_| is_template);
            let inside = field.and_then(|rest| rest.split_once("}}"));
            let (raw, length) = match inside {
                Some((inside, _)) => {
                    let length = inside.len() + 4;
                    fields.extend(FieldAt::read(at..at + length, inside));
                    (FIELD, length)
                }
                None => (c, c.len_utf8()),
            };
            let folded = fold(raw);
            letters.push(Letter { at, raw, folded });
            at += length;
        }
        let folded: Vec<char> = letters.iter().map(|letter| letter.folded).collect();
        let mut view = Self {
            words: Vec::new(),
            links: links::find(&letters, text.len()),
            letters,
            folded,
            end: text.len(),
            fields,
        };
        view.words = view.find_words(text);
        view
    }

    fn find_words(&self, text: &str) -> Vec<Word> {
        let found = words::find(&self.folded).into_iter().map(|(kind, at)| {
            let at = self.bytes(at);
            let text = text[at.clone()].to_owned();
            Word { kind, at, text }
        });
        // An address may hold any letters.
        found.filter(|word| !self.in_link(word.at.start)).collect()
    }

    fn in_link(&self, byte: usize) -> bool {
        self.links.iter().any(|link| link.at.contains(&byte))
    }

    fn byte(&self, letter: usize) -> usize {
        self.letters.get(letter).map_or(self.end, |letter| letter.at)
    }

    /// Bytes of these letters.
    pub(super) fn bytes(&self, letters: Range<usize>) -> Range<usize> {
        self.byte(letters.start)..self.byte(letters.end)
    }

    pub(super) fn letters(&self) -> &[Letter] {
        &self.letters
    }

    pub(super) fn fields(&self) -> &[FieldAt] {
        &self.fields
    }

    pub(super) fn words(&self) -> &[Word] {
        &self.words
    }

    pub(super) fn links(&self) -> &[Link] {
        &self.links
    }

    /// Where a name stands, as ranges of letters; width and case of ASCII make no difference.
    pub(super) fn find(&self, name: &str) -> Vec<Range<usize>> {
        let name: Vec<char> = name.trim().chars().map(fold).collect();
        if name.is_empty() {
            return Vec::new();
        }
        let windows = self.folded.windows(name.len()).enumerate();
        windows
            .filter(|(_, window)| *window == name)
            .map(|(start, _)| start..start + name.len())
            .collect()
    }

    /// Whether the name stands in it.
    pub(super) fn contains(&self, name: &str) -> bool {
        !self.find(name).is_empty()
    }

    /// Where a body of government is named near the beginning: 「みどり県」 without knowing which.
    pub(super) fn any_body(&self) -> Option<Range<usize>> {
        const BODIES: [char; 7] = ['県', '都', '府', '市', '区', '町', '村'];
        let near = self.letters.iter().take(BODY_LETTERS);
        let start = self.letters.iter().position(is_word_letter)?;
        let body = near.clone().position(|letter| BODIES.contains(&letter.raw));
        let centre = |name: &str| self.find(name).first().map(|at| at.end - 1);
        let centre = ["保健所", "センター"]
            .iter()
            .filter_map(|name| centre(name))
            .min();
        let last = body
            .into_iter()
            .chain(centre.filter(|at| *at < BODY_LETTERS))
            .min()?;
        Some(self.bytes(start..last + 1))
    }

    /// The first byte that is no blank.
    pub(super) fn first_letter(&self) -> usize {
        let first = self.letters.iter().position(|letter| !letter.raw.is_whitespace());
        self.byte(first.unwrap_or_default())
    }

    /// Whether something is said before this byte; brackets, marks and 「こちらは」 say nothing.
    pub(super) fn has_letters_before(&self, byte: usize) -> bool {
        let before = self.letters.iter().take_while(|letter| letter.at < byte);
        let said: String = before
            .filter(|letter| is_word_letter(letter))
            .map(|letter| letter.raw)
            .collect();
        !matches!(said.as_str(), "" | "こちらは")
    }

    /// The byte behind as many letters as fit into so many UTF-16 units. A merge field counts nothing, since nobody
    /// knows how long it will be.
    pub(super) fn bytes_of_units(&self, units: usize) -> usize {
        let mut used = 0;
        for letter in &self.letters {
            used += if letter.raw == FIELD {
                0
            } else {
                letter.raw.len_utf16()
            };
            if used > units {
                return letter.at;
            }
        }
        self.end
    }

    /// The digits of everything that may be a telephone number.
    pub(super) fn numbers(&self) -> Vec<String> {
        let mut numbers = Vec::new();
        let mut digits = String::new();
        let mut joined = false;
        for letter in self.folded.iter().chain(&[FIELD]) {
            match letter {
                '0'..='9' => {
                    digits.push(*letter);
                    joined = false;
                }
                // One hyphen or bracket between digits.
                '-' | '(' | ')' | '‐' | '‑' | '–' | '−' | 'ー' if !digits.is_empty() && !joined => {
                    joined = true;
                }
                _ if digits.is_empty() => {}
                _ => {
                    numbers.push(std::mem::take(&mut digits));
                    joined = false;
                }
            }
        }
        numbers
    }

    /// Whether a column brings the number to call.
    pub(super) fn has_contact_field(&self) -> bool {
        self.fields.iter().any(FieldAt::is_contact)
    }

    /// Every day that is named outside of addresses. A day without its year is the nearest one.
    pub(super) fn dates(&self, today: Date) -> Vec<DateAt> {
        let mut dates = Vec::new();
        let mut start = 0;
        while start < self.folded.len() {
            let Some((end, day)) = self.date_at(start, today) else {
                start += 1;
                continue;
            };
            let at = self.bytes(start..end);
            if !self.in_link(at.start) {
                let is_deadline = self.is_deadline(end);
                dates.push(DateAt { at, day, is_deadline });
            }
            start = end;
        }
        dates
    }

    /// A date that begins here, and the letter behind it.
    fn date_at(&self, start: usize, today: Date) -> Option<(usize, Date)> {
        let before = start.checked_sub(1).map(|at| self.folded[at]);
        if before.is_some_and(|c| c.is_ascii_digit() || c == '/' || c == '.' || c == '-') {
            return None;
        }
        let era = self.folded[start..].starts_with(&['令', '和']);
        let (at, first) = self.number(if era { start + 2 } else { start })?;
        let sign = *self.folded.get(at)?;
        let year = if era { 2018 + first } else { first };
        match sign {
            '年' if (2000..2100).contains(&year) => {
                let (at, month) = self.number_before(at + 1, '月')?;
                let (at, day) = self.number_before(at, '日')?;
                Some((at, civil(year, month, day)?))
            }
            '/' | '-' | '.' if (2000..2100).contains(&year) && !era => {
                let (at, month) = self.number_before(at + 1, sign)?;
                let (at, day) = self.number(at)?;
                Some((at, civil(year, month, day)?))
            }
            '月' => {
                let (at, day) = self.number_before(at + 1, '日')?;
                Some((at, nearest(first, day, today)?))
            }
            '/' => {
                let (at, day) = self.number(at + 1)?;
                let marked = self.folded[at..].starts_with(&['(']) || self.is_deadline(at);
                marked
                    .then(|| nearest(first, day, today))
                    .flatten()
                    .map(|day| (at, day))
            }
            _ => None,
        }
    }

    /// A number of up to four digits, and the letter behind it.
    fn number(&self, start: usize) -> Option<(usize, i16)> {
        let rest = self.folded.get(start..)?;
        let digits: String = rest.iter().take_while(|c| c.is_ascii_digit()).take(5).collect();
        let number = (1..=4)
            .contains(&digits.len())
            .then(|| digits.parse().ok())
            .flatten()?;
        Some((start + digits.len(), number))
    }

    fn number_before(&self, start: usize, sign: char) -> Option<(usize, i16)> {
        let (at, number) = self.number(start)?;
        (self.folded.get(at) == Some(&sign)).then_some((at + 1, number))
    }

    /// Whether 「まで」 follows, with at most a weekday and an hour between.
    fn is_deadline(&self, end: usize) -> bool {
        let behind: String = self.folded[end..].iter().take(DEADLINE_LETTERS).collect();
        let stop = ["。", "\n", "から", "以降", "~", "〜"];
        let stop = stop.iter().filter_map(|word| behind.find(word)).min();
        let behind = &behind[..stop.unwrap_or(behind.len())];
        ["まで", "迄", "必着", "締"]
            .iter()
            .any(|word| behind.contains(word))
    }
}

/// A letter that says something: no blank, bracket or mark.
fn is_word_letter(letter: &Letter) -> bool {
    letter.raw.is_alphanumeric() || letter.raw == FIELD
}

fn civil(year: i16, month: i16, day: i16) -> Option<Date> {
    Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}

fn nearest(month: i16, day: i16, today: Date) -> Option<Date> {
    let years = [today.year() - 1, today.year(), today.year() + 1];
    let mut dates = years.into_iter().filter_map(|year| civil(year, month, day));
    dates.find(|date| {
        today
            .until(*date)
            .is_ok_and(|span| span.get_days().abs() <= HALF_YEAR_DAYS)
    })
}
