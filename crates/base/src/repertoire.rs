//! Which letters a carrier takes and a phone shows, and what could stand in the place of others.
//!
//! docomo, `SoftBank` and Rakuten take any Unicode. au takes texts of up to 70 units only in letters that `Shift_JIS`
//! has, and longer ones in Unicode. Beyond that, some phones of every network show a box or nothing for letters
//! outside JIS X 0208: old and rare kanji, emoji, circled numbers, dashes of Unicode.
//!
//! Names are never changed here: everything is a proposal, and a person says yes to it. The proposals are made for
//! Japanese; a text in Chinese is told of the same letters, and replacing them by Japanese forms is seldom right.
//!
//! `Shift_JIS` is meant strictly: JIS X 0208, half-width kana and ASCII, without the additions of CP932. The table
//! comes from `encoding_rs`, which the readers of lists use as well, turned once into one bit for each letter
//! (encoding letter by letter would search kanji one by one).

use std::{fmt, sync::LazyLock};

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

use crate::text::{self, Carrier, is_control, utf16_len};

mod table;

/// A set of letters.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Letters {
    /// Every letter.
    Unicode,
    /// ASCII, half-width kana and JIS X 0208.
    ShiftJis,
}

impl Letters {
    /// Whether the letter is in the set.
    pub fn hold(self, c: char) -> bool {
        self == Self::Unicode || c.is_ascii() || is_half_width_kana(c) || is_jis(c)
    }
}

/// The letters that a carrier takes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Repertoire {
    /// Longest text, in UTF-16 units with a newline as one, for which `short` holds.
    pub short_units: usize,
    /// Letters of such a text.
    pub short: Letters,
    /// Letters of a longer text.
    pub long: Letters,
}

impl Carrier {
    /// What this carrier takes.
    pub fn repertoire(self) -> Repertoire {
        Repertoire {
            short_units: 70,
            short: match self {
                Self::Au => Letters::ShiftJis,
                Self::Docomo | Self::SoftBank | Self::Rakuten => Letters::Unicode,
            },
            long: Letters::Unicode,
        }
    }

    /// The letters that this carrier takes in a text of so many units.
    pub fn letters(self, units: usize) -> Letters {
        let Repertoire {
            short_units,
            short,
            long,
        } = self.repertoire();
        if units <= short_units { short } else { long }
    }

    /// Whether this carrier refuses the text for its letters.
    pub fn refuses(self, text: &str) -> bool {
        let letters = self.letters(utf16_len(text));
        !text.chars().all(|c| letters.hold(c))
    }
}

/// Whether au refuses the text for its letters.
pub fn au_refuses(text: &str) -> bool {
    Carrier::Au.refuses(text)
}

/// Why a letter may not be shown as it was meant.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Doubt {
    /// A kanji outside JIS X 0208, such as 髙, 﨑 or 𠮷.
    Kanji,
    /// A letter of somebody's own making (外字), or one that was lost before it came here.
    Private,
    /// An emoji or a picture.
    Emoji,
    /// A sign outside JIS X 0208, such as ① or ㈱.
    Symbol,
    /// A letter of another writing, such as é or 한.
    Foreign,
    /// Half-width kana.
    HalfWidthKana,
    /// ～ (U+FF5E), which some phones show as a box; 〜 (U+301C) is the letter of JIS.
    WaveDash,
    /// One of the many horizontal strokes.
    Dash,
    /// A letter with a mark of its own: a variation selector or a combining accent.
    Mark,
    /// A blank that is neither the ordinary nor the full-width one, such as a tab or U+00A0.
    Blank,
    /// A letter that steers or hides, and shows nothing.
    Invisible,
}

impl Doubt {
    /// What it is and what happens, in words.
    pub fn sentence(self) -> &'static str {
        match self {
            Self::Kanji => "JIS第1・第2水準にない漢字です。電話機によっては表示されません。",
            Self::Private => "外字、または読めなくなった文字です。相手の電話機では表示されません。",
            Self::Emoji => "絵文字です。電話機によっては表示されません。",
            Self::Symbol => "機種依存文字です。電話機によっては表示されません。",
            Self::Foreign => "日本語にない文字です。電話機によっては表示されません。",
            Self::HalfWidthKana => "半角カナです。電話機によっては文字化けします。",
            Self::WaveDash => "文字化けしやすい波線です。",
            Self::Dash => "文字化けしやすい横線です。",
            Self::Mark => "異体字の指定や重ねる記号が付いた文字です。電話機によっては正しく表示されません。",
            Self::Blank => "特別な空白です。電話機によっては文字化けします。",
            Self::Invisible => "目に見えない文字です。",
        }
    }
}

impl Doubt {
    /// Whether some language writes so: whoever reads that language has a phone that shows it.
    pub fn is_of_a_language(self) -> bool {
        !matches!(
            self,
            Self::Private | Self::Emoji | Self::Invisible | Self::HalfWidthKana
        )
    }
}

/// A letter that may not reach the eye as it was written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LetterFinding {
    /// What the eye sees as one letter; with its marks it can be several characters.
    pub letter: String,
    /// Byte index of the first one in the text.
    pub at: usize,
    /// How often it stands in the text.
    pub count: usize,
    /// Why it is in doubt.
    pub doubt: Doubt,
    /// Whether au refuses this text because of it.
    pub au_refuses: bool,
    /// What could stand in its place; empty if it can only be left out.
    pub proposal: Option<String>,
}

impl LetterFinding {
    /// The whole finding in words: the letter, what is wrong with it, what to do.
    pub fn sentence(&self) -> String {
        let shown = match self.doubt {
            Doubt::Blank | Doubt::Invisible => codes(&self.letter),
            _ => format!("「{}」", self.letter),
        };
        let mut words = format!("{shown}は{}", self.doubt.sentence());
        if self.au_refuses {
            words.push_str("auは70文字までの文面にこの文字があると受け付けません。");
        }
        match self.proposal.as_deref() {
            Some("") => words + "取り除けます。",
            Some("\n") => words + "改行に置き換えられます。",
            Some(" ") => words + "普通の空白に置き換えられます。",
            Some(other) => words + "「" + other + "」に置き換えられます。",
            None => words + "ほかの書き方に直してください。",
        }
    }
}

fn codes(letter: &str) -> String {
    let codes: Vec<String> = letter
        .chars()
        .map(|c| format!("U+{:04X}", u32::from(c)))
        .collect();
    codes.join(" ")
}

/// Every letter in doubt, each once, in the order of the text.
pub fn examine(text: &str) -> Vec<LetterFinding> {
    let mut findings: Vec<LetterFinding> = Vec::new();
    if text.chars().all(|c| doubt(c).is_none()) {
        return findings;
    }
    let au = Carrier::Au.letters(utf16_len(text));
    let mut at = 0;
    for letter in text::letters(text) {
        if let Some(doubt) = letter_doubt(letter) {
            match findings.iter_mut().find(|known| known.letter == letter) {
                Some(known) => known.count += 1,
                None => findings.push(LetterFinding {
                    letter: letter.to_owned(),
                    at,
                    count: 1,
                    doubt,
                    au_refuses: !letter.chars().all(|c| au.hold(c)),
                    proposal: proposal(letter),
                }),
            }
        }
        at += letter.len();
    }
    findings
}

/// A text with every proposal put in.
#[derive(Clone, PartialEq, Eq)]
pub struct Proposal {
    /// The whole text; the same as before if nothing was replaced.
    pub text: String,
    /// Every letter that was replaced, once, with what stands for it now (nothing, if it was left out).
    pub replaced: Vec<(String, String)>,
    /// Letters still in doubt, for which only a person can find other words.
    pub left: Vec<LetterFinding>,
}

impl fmt::Debug for Proposal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Proposal")
            .field("replaced", &self.replaced)
            .finish_non_exhaustive()
    }
}

/// Puts every proposal into a text. What is left says what remains to be done by hand.
///
/// A text may grow or shrink by it (㈱ becomes three letters), so its parts are counted again, and au, which
/// refused it while it was short, may take it now.
pub fn proposed(text: &str) -> Proposal {
    let findings = examine(text);
    let mut mended = String::with_capacity(text.len());
    for letter in text::letters(text) {
        let known = findings.iter().find(|known| known.letter == letter);
        let proposal = known.and_then(|known| known.proposal.as_deref());
        mended.push_str(proposal.unwrap_or(letter));
    }
    let replaced = findings
        .into_iter()
        .filter_map(|finding| Some((finding.letter, finding.proposal?)));
    Proposal {
        replaced: replaced.collect(),
        left: examine(&mended),
        text: mended,
    }
}

/// Why what the eye sees as one letter is in doubt.
fn letter_doubt(letter: &str) -> Option<Doubt> {
    let mut chars = letter.chars();
    let first = chars.next()?;
    if chars.next().is_none() {
        return doubt(first);
    }
    if first == '\r' {
        return Some(Doubt::Invisible);
    }
    let doubts: Vec<Doubt> = letter.chars().filter_map(doubt).collect();
    let telling = |doubt: &Doubt| matches!(doubt, Doubt::Emoji | Doubt::Private | Doubt::HalfWidthKana);
    let telling = doubts.iter().copied().find(telling);
    telling.or_else(|| doubts.first().map(|_| Doubt::Mark))
}

/// Why one character is in doubt.
fn doubt(c: char) -> Option<Doubt> {
    Some(match c {
        '\n' | ' '..='~' => return None,
        _ if is_dash(c) => Doubt::Dash,
        '～' => Doubt::WaveDash,
        _ if is_half_width_kana(c) => Doubt::HalfWidthKana,
        _ if is_jis(c) => return None,
        '\u{E000}'..='\u{F8FF}' | '\u{F0000}'.. | '\u{FFFD}' => Doubt::Private,
        '\t' | '\u{85}' | '\u{2028}' | '\u{2029}' => Doubt::Blank,
        _ if is_invisible(c) => Doubt::Invisible,
        _ if c.is_whitespace() => Doubt::Blank,
        _ if is_emoji(c) => Doubt::Emoji,
        _ if is_selector(c) || is_combining_mark(c) => Doubt::Mark,
        '\u{2E80}'..='\u{2FDF}'
        | '\u{3400}'..='\u{9FFF}'
        | '\u{F900}'..='\u{FAFF}'
        | '\u{20000}'..='\u{3FFFF}' => Doubt::Kanji,
        '\u{2000}'..='\u{2BFF}' | '\u{3000}'..='\u{33FF}' | '\u{1F000}'..='\u{1FFFF}' => Doubt::Symbol,
        _ if c.is_alphabetic() => Doubt::Foreign,
        _ => Doubt::Symbol,
    })
}

/// What could stand for a letter in doubt, all of it free of doubt.
fn proposal(letter: &str) -> Option<String> {
    if letter.starts_with('\r') {
        return Some("\n".to_owned());
    }
    let bare = letter
        .chars()
        .filter(|c| !is_selector(*c) && !is_invisible(*c))
        .map(widen);
    let mut words = String::new();
    for c in bare.nfc() {
        words.push_str(&replacement(c)?);
    }
    Some(words)
}

fn replacement(c: char) -> Option<String> {
    if doubt(c).is_none() {
        return Some(c.to_string());
    }
    match c {
        '\u{3099}' => return Some("゛".to_owned()),
        '\u{309A}' => return Some("゜".to_owned()),
        '\u{85}' | '\u{2028}' | '\u{2029}' => return Some("\n".to_owned()),
        _ if is_dash(c) => return Some("-".to_owned()),
        _ => {}
    }
    if let Some(kanji) = table::kanji(c) {
        return Some(kanji.to_string());
    }
    if let Some(number) = table::circled(c) {
        return Some(format!("({number})"));
    }
    if let Some(words) = table::sign(c) {
        return Some(words.to_owned());
    }
    if doubt(c) == Some(Doubt::Blank) {
        return Some(" ".to_owned());
    }
    let folded: String = c.nfkc().collect();
    folded.chars().all(|c| doubt(c).is_none()).then_some(folded)
}

/// Half-width kana as full-width ones, their voice marks as combining ones; other letters as they are.
fn widen(c: char) -> char {
    match c {
        '\u{FF9E}' => '\u{3099}',
        '\u{FF9F}' => '\u{309A}',
        _ if is_half_width_kana(c) => c.nfkc().next().unwrap_or(c),
        _ => c,
    }
}

fn is_half_width_kana(c: char) -> bool {
    matches!(c, '\u{FF61}'..='\u{FF9F}')
}

fn is_dash(c: char) -> bool {
    matches!(
        c,
        '\u{2010}'..='\u{2015}' | '\u{2043}' | '\u{2212}' | '\u{FE58}' | '\u{FE63}' | '\u{FF0D}'
    )
}

/// Marks that choose a form of the letter before them.
fn is_selector(c: char) -> bool {
    matches!(c, '\u{FE00}'..='\u{FE0F}' | '\u{E0100}'..='\u{E01EF}' | '\u{20E3}')
}

fn is_invisible(c: char) -> bool {
    let kept = matches!(c, '\n' | '\t' | '\u{85}' | '\u{2028}' | '\u{2029}');
    is_control(c) && !kept
        || matches!(c, '\u{AD}' | '\u{180E}' | '\u{200B}'..='\u{200D}' | '\u{2060}'..='\u{2064}')
}

fn is_emoji(c: char) -> bool {
    matches!(c, '\u{1F000}'..='\u{1F0FF}' | '\u{1F1E6}'..='\u{1F1FF}' | '\u{1F300}'..='\u{1FAFF}' | '\u{E0020}'..='\u{E007F}'
        | '\u{2300}'..='\u{23FF}' | '\u{2600}'..='\u{2775}' | '\u{2794}'..='\u{27BF}' | '\u{2B00}'..='\u{2BFF}')
}

/// Whether JIS X 0208 has the letter.
fn is_jis(c: char) -> bool {
    static SET: LazyLock<Vec<u64>> = LazyLock::new(jis_x_0208);
    let code = u32::from(c) as usize;
    SET.get(code / 64)
        .is_some_and(|word| word >> (code % 64) & 1 == 1)
}

/// One bit for each letter of the Basic Multilingual Plane: rows 1 to 8 and 16 to 84, which CP932 shares with
/// JIS X 0208 except for six signs that it reads as their full-width kin.
fn jis_x_0208() -> Vec<u64> {
    let mut set = vec![0_u64; 1024];
    let leads = (0x81..=0x84_u8).chain(0x88..=0x9F).chain(0xE0..=0xEA);
    for lead in leads {
        for trail in (0x40..=0xFC_u8).filter(|trail| *trail != 0x7F) {
            let pair = [lead, trail];
            let (text, _, garbled) = encoding_rs::SHIFT_JIS.decode(&pair);
            let mut chars = text.chars();
            if let (false, Some(c), None) = (garbled, chars.next(), chars.next()) {
                let code = u32::from(strict(c)) as usize;
                set[code / 64] |= 1 << (code % 64);
            }
        }
    }
    set
}

/// The letter of JIS X 0208 that CP932 reads otherwise.
fn strict(c: char) -> char {
    match c {
        '\u{FF5E}' => '\u{301C}',
        '\u{2225}' => '\u{2016}',
        '\u{FF0D}' => '\u{2212}',
        '\u{FFE0}' => '\u{A2}',
        '\u{FFE1}' => '\u{A3}',
        '\u{FFE2}' => '\u{AC}',
        other => other,
    }
}

#[cfg(test)]
mod tests;
