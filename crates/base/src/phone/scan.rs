//! Finding the runs of digits in a cell and what each of them is.

use unicode_normalization::UnicodeNormalization;

use super::{PhoneNumber, Repair};

/// The cell in plain letters: every dash is `-`, every blank a space, digits and signs are ASCII.
pub(super) struct Folded {
    pub(super) text: String,
    pub(super) repairs: Vec<Repair>,
}

/// Brings a cell into plain letters.
pub(super) fn fold(cell: &str) -> Folded {
    let mut text = String::with_capacity(cell.len());
    let mut repairs = Vec::new();
    let mut add = |repair: Repair| {
        if !repairs.contains(&repair) {
            repairs.push(repair);
        }
    };
    for c in cell.chars() {
        if c.is_ascii() {
            text.push(c);
        } else if is_invisible(c) {
            add(Repair::Invisible);
        } else if is_numbering(c) {
            text.push('|');
            add(Repair::Note);
        } else if is_dash(c) {
            text.push('-');
            add(Repair::Separator);
        } else if c.is_whitespace() {
            text.push(' ');
            add(Repair::Separator);
        } else {
            for folded in std::iter::once(c).nfkc() {
                text.push(folded);
                if folded.is_ascii() {
                    add(Repair::Width);
                }
            }
        }
    }
    for word in ["または", "又は", "もしくは", "若しくは"] {
        if text.contains(word) {
            text = text.replace(word, "/");
        }
    }
    Folded { text, repairs }
}

fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}' | '\u{180E}'
        | '\u{FE00}'..='\u{FE0F}' | '\u{061C}')
}

/// ①, ², ⑴: compatibility folding would turn them into digits of the number.
fn is_numbering(c: char) -> bool {
    matches!(c, '²' | '³' | '¹' | '¼'..='¾' | '\u{2070}'..='\u{207A}' | '\u{2080}'..='\u{208A}' | '\u{2150}'..='\u{218B}'
        | '\u{2460}'..='\u{24FF}' | '\u{2776}'..='\u{2793}' | '\u{3220}'..='\u{33FF}' | '\u{1F100}'..='\u{1F1FF}')
}

/// Everything that people and their input methods use between the groups, other than the plain hyphen.
fn is_dash(c: char) -> bool {
    matches!(
        c,
        '\u{00AD}' | '\u{02D7}' | '\u{058A}' | '\u{2010}'
            ..='\u{2015}' | '\u{2043}' | '\u{207B}' | '\u{208B}'
        | '\u{2212}' | '\u{2500}' | '\u{2501}' | '\u{2574}' | '\u{2576}' | '\u{2796}' | '\u{23AF}' | '\u{3161}'
        | '\u{301C}' | '\u{3030}' | '\u{30A0}' | '\u{30FC}' | '\u{FE58}' | '\u{FE63}' | '\u{FF0D}' | '\u{FF5E}'
        | '\u{FF70}' | '\u{4E00}' | '\u{2E3A}' | '\u{2E3B}' | '\u{223C}'
        // Middle dots.
        | '\u{00B7}' | '\u{2022}' | '\u{2027}' | '\u{22C5}' | '\u{30FB}' | '\u{FF65}'
    )
}

/// What one run of digits is.
#[derive(PartialEq, Eq)]
pub(super) enum Kind {
    Mobile(PhoneNumber, Option<Repair>),
    Landline,
    Other,
}

/// Whether a short run of digits is explained by the words beside it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Note {
    None,
    Labelled,
}

/// A run of digits with nothing but dashes and blanks inside.
pub(super) struct Candidate {
    pub(super) digits: String,
    pub(super) plus: bool,
    pub(super) note: Note,
    groups: Vec<usize>,
    /// Where it begins in the cell.
    start: usize,
}

impl Candidate {
    pub(super) fn kind(&self) -> Kind {
        classify(&self.digits, self.plus)
    }
}

/// Everything that was found in one cell.
pub(super) struct Scan {
    pub(super) candidates: Vec<Candidate>,
    /// Letters or signs that belong to no number.
    pub(super) has_words: bool,
    /// Separators other than the plain hyphen.
    pub(super) has_signs: bool,
    /// A Latin letter stands directly at a digit.
    pub(super) touches_latin: bool,
}

impl Scan {
    /// `join_brackets`: short digits in round brackets belong to the number.
    pub(super) fn new(text: &str, join_brackets: bool) -> Self {
        let chars: Vec<char> = strip_labels(text).chars().collect();
        let joined = if join_brackets {
            digit_brackets(&chars)
        } else {
            vec![false; chars.len()]
        };
        let mut scan = Self {
            candidates: Vec::new(),
            has_words: false,
            has_signs: false,
            touches_latin: false,
        };
        let mut open: Option<(Candidate, usize)> = None;
        for (at, &c) in chars.iter().enumerate() {
            if c.is_ascii_digit() {
                scan.touches_latin |= beside_latin(&chars, at);
                let (candidate, last) = open.get_or_insert_with(|| (Candidate::starting(at), at));
                candidate.push(c, *last + 1 == at);
                *last = at;
            } else if c == '+' {
                scan.close(&mut open, &chars);
                let mut candidate = Candidate::starting(at);
                candidate.plus = true;
                open = Some((candidate, at));
                scan.has_signs = true;
            } else if (is_joiner(c) && !starts_remark(&chars[at..])) || joined[at] {
                scan.has_signs |= c != '-';
            } else {
                scan.close(&mut open, &chars);
                scan.has_words = true;
            }
        }
        scan.close(&mut open, &chars);
        scan.join_groups(&chars);
        scan.split_runs();
        scan
    }

    /// Only zeros: what a failed look-up leaves in the cell.
    pub(super) fn is_zero_only(&self) -> bool {
        self.candidates.len() == 1 && self.candidates[0].digits == "0"
    }

    fn close(&mut self, open: &mut Option<(Candidate, usize)>, chars: &[char]) {
        if let Some((mut candidate, last)) = open.take()
            && !candidate.digits.is_empty()
        {
            candidate.note = note(&candidate, chars, last);
            self.candidates.push(candidate);
        }
    }

    /// `090/1234/5678`, or a number wrapped inside its cell: three groups of 3, 4 and 4 digits and no word
    /// among them are one number whatever stands between.
    fn join_groups(&mut self, chars: &[char]) {
        let groups: Vec<usize> = self
            .candidates
            .iter()
            .flat_map(|c| c.groups.iter().copied())
            .collect();
        let wordless = !chars.iter().any(|c| c.is_alphabetic());
        let shaped = groups == [3, 4, 4] || groups == [1, 3, 3, 3];
        if self.candidates.len() > 1 && wordless && shaped {
            let mut whole = Candidate::starting(0);
            whole.digits = self.candidates.iter().map(|c| c.digits.as_str()).collect();
            whole.groups = groups;
            self.candidates = vec![whole];
            self.has_signs = true;
            self.has_words = false;
        }
    }

    /// Two numbers with only a blank or a dot between them look like one long run.
    fn split_runs(&mut self) {
        let whole = std::mem::take(&mut self.candidates);
        for candidate in whole {
            match candidate.split() {
                Some(parts) => self.candidates.extend(parts),
                None => self.candidates.push(candidate),
            }
        }
    }
}

impl Candidate {
    fn starting(start: usize) -> Self {
        Self {
            digits: String::new(),
            plus: false,
            note: Note::None,
            groups: Vec::new(),
            start,
        }
    }

    fn push(&mut self, digit: char, adjacent: bool) {
        match self.groups.last_mut() {
            Some(group) if adjacent => *group += 1,
            _ => self.groups.push(1),
        }
        self.digits.push(digit);
    }

    /// Cuts a run that is no number into complete numbers, if it is made of nothing else.
    fn split(&self) -> Option<Vec<Candidate>> {
        if self.digits.len() < 18 || self.kind() != Kind::Other {
            return None;
        }
        let mut groups = self.groups.as_slice();
        let unbroken = [11, 11];
        if groups == [22] {
            groups = &unbroken;
        }
        let mut parts = Vec::new();
        let mut rest = self.digits.as_str();
        let mut plus = self.plus;
        while !groups.is_empty() {
            let (taken, length) = (1..=groups.len()).find_map(|taken| {
                let length = groups[..taken].iter().sum();
                (classify(&rest[..length], plus) != Kind::Other).then_some((taken, length))
            })?;
            parts.push(Candidate {
                digits: rest[..length].to_owned(),
                plus: std::mem::take(&mut plus),
                note: Note::None,
                groups: Vec::new(),
                start: self.start,
            });
            rest = &rest[length..];
            groups = &groups[taken..];
        }
        Some(parts)
    }
}

/// What a complete run of digits is; `plus` when a plus sign stood before it.
pub(super) fn classify(digits: &str, plus: bool) -> Kind {
    if plus {
        return international(digits);
    }
    if let Some(number) = digits.strip_prefix('0').and_then(PhoneNumber::from_subscriber) {
        return Kind::Mobile(number, None);
    }
    if let Some(number) = PhoneNumber::from_subscriber(digits) {
        return Kind::Mobile(number, Some(Repair::LostZero));
    }
    if is_landline(digits) {
        return Kind::Landline;
    }
    // 0081 and 010 81 are how the plus is dialled; a bare 81 is how databases keep it.
    for prefix in ["00", "010", ""] {
        if let Some(rest) = digits.strip_prefix(prefix)
            && rest.len() >= 11
            && rest.starts_with("81")
        {
            let kind = international(rest);
            if kind != Kind::Other {
                return kind;
            }
        }
    }
    Kind::Other
}

fn international(digits: &str) -> Kind {
    let Some(rest) = digits.strip_prefix("81") else {
        return Kind::Other;
    };
    let rest = rest.strip_prefix('0').unwrap_or(rest);
    if let Some(number) = PhoneNumber::from_subscriber(rest) {
        return Kind::Mobile(number, Some(Repair::CountryCode));
    }
    if is_landline(&format!("0{rest}")) {
        Kind::Landline
    } else {
        Kind::Other
    }
}

/// Complete numbers that get no SMS: 0AB-J (ten digits; 0120 and 0570 among them), 050 and 020 (eleven), 0800
/// (eleven), and the machine numbers of fourteen digits.
fn is_landline(digits: &str) -> bool {
    let bytes = digits.as_bytes();
    match bytes {
        [b'0', b'1'..=b'9', b'1'..=b'9', ..] => bytes.len() == 10,
        [b'0', b'2' | b'6'..=b'9', b'0', b'0', ..] if bytes.len() == 14 => true,
        [b'0', b'8', b'0', b'0', ..] => bytes.len() == 11,
        [b'0', b'2' | b'5', b'0', third, ..] => bytes.len() == 11 && *third != b'0',
        _ => false,
    }
}

fn is_joiner(c: char) -> bool {
    matches!(c, '-' | ' ' | '.' | '_' | '~' | '\t' | 'の')
}

/// A blank before "18時" or "45歳" ends the number.
fn starts_remark(rest: &[char]) -> bool {
    let word: Vec<char> = rest.iter().copied().skip_while(|c| *c == ' ').take(3).collect();
    let digits = word.iter().take_while(|c| c.is_ascii_digit()).count();
    rest.first() == Some(&' ')
        && (1..=2).contains(&digits)
        && word
            .get(digits)
            .is_some_and(|c| *c == ':' || COUNTERS.contains(*c))
}

/// What stands before digits that are not a number of their own.
const LABELS: &[&str] = &[
    "内線",
    "ext",
    "Ext",
    "EXT",
    "ext.",
    "連絡先",
    "携帯",
    "電話",
    "電",
    "No",
    "No.",
    "第",
    "番",
    "x",
];

/// What stands after a number that counts something.
const COUNTERS: &str = "時分日月年歳才人回番号階度名児週円";

/// `TEL` and the like say nothing that is not known; without them "TEL090…" is not taken for a code.
fn strip_labels(text: &str) -> String {
    let mut text = text.to_owned();
    for label in [
        "TEL", "Tel", "tel", "PHONE", "Phone", "phone", "MOBILE", "Mobile", "mobile",
    ] {
        if text.contains(label) {
            text = text.replace(label, "電");
        }
    }
    text
}

/// Marks the brackets of "(090)", "(0)" and "(+81)".
fn digit_brackets(chars: &[char]) -> Vec<bool> {
    let mut joined = vec![false; chars.len()];
    for (at, _) in chars.iter().enumerate().filter(|(_, c)| **c == '(') {
        let Some(length) = chars[at + 1..].iter().position(|c| *c == ')') else {
            continue;
        };
        let inside: Vec<char> = chars[at + 1..at + 1 + length]
            .iter()
            .copied()
            .filter(|c| *c != ' ')
            .collect();
        let digits = inside.strip_prefix(&['+']).unwrap_or(&inside);
        let group = (2..=5).contains(&digits.len()) && digits.iter().all(char::is_ascii_digit);
        if group || digits == ['0'] {
            joined[at] = true;
            joined[at + 1 + length] = true;
        }
    }
    joined
}

fn beside_latin(chars: &[char], at: usize) -> bool {
    let latin = |at: Option<usize>| {
        at.and_then(|at| chars.get(at))
            .is_some_and(char::is_ascii_alphabetic)
    };
    latin(at.checked_sub(1)) || latin(Some(at + 1))
}

/// Up to five digits that the words beside them explain: an extension, an age, an hour, "携帯1".
fn note(candidate: &Candidate, chars: &[char], last: usize) -> Note {
    let length = candidate.digits.len();
    if length > 6 || candidate.plus {
        return Note::None;
    }
    let before: String = chars[..candidate.start].iter().filter(|c| **c != ' ').collect();
    let after = chars[last + 1..].iter().find(|c| **c != ' ');
    let counted = after.is_some_and(|c| COUNTERS.contains(*c));
    let named = LABELS.iter().any(|label| before.ends_with(label));
    let single = candidate.groups.len() == 1 && length <= 5;
    let clock = length <= 2 && (after == Some(&':') || before.ends_with(':'));
    // "(2)", "(2/14 留守)": groups of one or two digits inside brackets are a remark.
    let bracketed = candidate.groups.iter().all(|group| *group <= 2) && before.rfind('(') > before.rfind(')');
    let item = length <= 2 && (after == Some(&')') || before.ends_with('|'));
    if bracketed || (single && (counted || named || clock || item)) {
        Note::Labelled
    } else {
        Note::None
    }
}
