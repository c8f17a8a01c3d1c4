//! By what a case is found, recognised and linked: keyed hashes, from which nobody reads the value.

use base::merge::heading_key;
use base::phone::{self, PhoneNumber};
use db::{OrgVault, Value};
use lists::contacts::Key;
use serde::Serialize;
use unicode_normalization::UnicodeNormalization;

use crate::facts::is_somewhere;
use crate::notification::{CaseNotification, Person};

/// What a key is of. The numbers stand in the database.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum KeyKind {
    /// A number at which the person answers.
    Number = 1,
    /// The number that the national register gave.
    RegisterId = 2,
    /// The whole kana.
    Kana = 3,
    /// Its first two morae.
    KanaHead = 4,
    /// The whole name.
    Name = 5,
    /// Address and family name.
    Address = 6,
    /// Number and birth date, within a programme.
    NumberAndBirth = 11,
    /// Kana and birth date, within a programme.
    KanaAndBirth = 12,
    /// Name and birth date, within a programme.
    NameAndBirth = 13,
    /// The register's number, within a programme.
    SameRegisterId = 14,
    /// Number and name, within a programme.
    NumberAndName = 15,
}

impl KeyKind {
    /// The kinds by which two cases are taken for one person.
    pub const TWINS: [Self; 5] = [
        Self::NumberAndBirth,
        Self::KanaAndBirth,
        Self::NameAndBirth,
        Self::SameRegisterId,
        Self::NumberAndName,
    ];

    /// As two cases side by side show it.
    pub const fn twin_label(self) -> Option<&'static str> {
        match self {
            Self::NumberAndBirth => Some("電話番号と生年月日"),
            Self::KanaAndBirth => Some("フリガナと生年月日"),
            Self::NameAndBirth => Some("氏名と生年月日"),
            Self::SameRegisterId => Some("登録ID"),
            Self::NumberAndName => Some("電話番号と氏名"),
            _ => None,
        }
    }

    /// Its bit in what the database keeps of a pair.
    pub const fn twin_bit(self) -> i64 {
        1 << (self as i64 - Self::NumberAndBirth as i64)
    }
}

/// One key of a case.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize)]
pub struct CaseKey(i64, i64);

impl CaseKey {
    /// The hash.
    pub const fn index(self) -> i64 {
        self.0
    }

    /// The number of its [`KeyKind`].
    pub const fn kind(self) -> i64 {
        self.1
    }

    /// Whether it is of the beginning of a name alone.
    pub const fn is_head(self) -> bool {
        self.1 == KeyKind::KanaHead as i64
    }

    fn new(vault: &OrgVault, kind: KeyKind, parts: &[&str]) -> Self {
        let purpose = match kind {
            KeyKind::Number => "case number",
            KeyKind::RegisterId => "case register id",
            KeyKind::Kana => "case kana",
            KeyKind::KanaHead => "case kana head",
            KeyKind::Name => "case name",
            KeyKind::Address => "case address",
            KeyKind::NumberAndBirth => "case twin number",
            KeyKind::KanaAndBirth => "case twin kana",
            KeyKind::NameAndBirth => "case twin name",
            KeyKind::SameRegisterId => "case twin register id",
            KeyKind::NumberAndName => "case twin number and name",
        };
        let parts: Vec<&[u8]> = parts.iter().map(|part| part.as_bytes()).collect();
        Self(vault.index_number(purpose, &parts), kind as i64)
    }

    /// Of a number that gets SMS: the very hash that the contact history and the register of wrong numbers have.
    pub fn of_mobile(vault: &OrgVault, number: PhoneNumber) -> Self {
        let Value::Int(index) = Value::from(Key::of_phone(vault, number)) else {
            unreachable!("a key is a number")
        };
        Self(index, KeyKind::Number as i64)
    }

    /// Of any number that can be dialled; `None` if it has too few digits to be one.
    pub fn of_number(vault: &OrgVault, written: &str) -> Option<Self> {
        if let Ok(parsed) = phone::parse(written) {
            return Some(Self::of_mobile(vault, parsed.number));
        }
        let digits: String = written.nfkc().filter(char::is_ascii_digit).collect();
        let national = digits
            .strip_prefix("81")
            .map_or(digits.clone(), |rest| format!("0{rest}"));
        let whole = national.starts_with('0') && (9..=11).contains(&national.len());
        whole.then(|| Self::new(vault, KeyKind::Number, &[&national]))
    }

    /// Of the register's number: digits only, without zeros before them. `None` if none is left.
    pub fn of_register_id(vault: &OrgVault, written: &str) -> Option<Self> {
        let plain = plain_id(written)?;
        Some(Self::new(vault, KeyKind::RegisterId, &[&plain]))
    }

    /// Of a whole kana.
    pub fn of_kana(vault: &OrgVault, written: &str) -> Option<Self> {
        let kana = plain_kana(written)?;
        Some(Self::new(vault, KeyKind::Kana, &[&kana]))
    }

    /// Of the first two morae of a kana; `None` if it has fewer.
    pub fn of_kana_head(vault: &OrgVault, written: &str) -> Option<Self> {
        let head = two_morae(written)?;
        Some(Self::new(vault, KeyKind::KanaHead, &[&head]))
    }

    /// Of a whole name, whatever its width and blanks.
    pub fn of_name(vault: &OrgVault, written: &str) -> Option<Self> {
        let name = heading_key(written);
        (!name.is_empty()).then(|| Self::new(vault, KeyKind::Name, &[&name]))
    }

    /// Every key of a person, each once.
    pub fn all(vault: &OrgVault, programme: i64, notification: &CaseNotification) -> Vec<Self> {
        let person = &notification.person;
        let mut keys: Vec<Self> = Self::numbers(vault, person);
        let kana = person.kana.as_deref();
        keys.extend(
            person
                .register_id
                .as_deref()
                .and_then(|id| Self::of_register_id(vault, id)),
        );
        keys.extend(kana.and_then(|kana| Self::of_kana(vault, kana)));
        keys.extend(kana.and_then(|kana| Self::of_kana_head(vault, kana)));
        keys.extend(Self::of_name(vault, &person.name));
        keys.extend(Self::of_address(vault, person));
        keys.extend(Self::twins(vault, programme, person));
        keys.sort_unstable();
        keys.dedup();
        keys
    }

    /// Those that people of one household share: their numbers, and their address with the family's name.
    pub fn of_household(vault: &OrgVault, person: &Person) -> Vec<Self> {
        let mut keys = Self::numbers(vault, person);
        keys.extend(Self::of_address(vault, person));
        keys
    }

    fn numbers(vault: &OrgVault, person: &Person) -> Vec<Self> {
        let mobiles = mobiles(person).map(|number| Self::of_mobile(vault, number));
        let landlines = person.landlines.iter();
        mobiles
            .chain(landlines.filter_map(|written| Self::of_number(vault, written)))
            .collect()
    }

    /// Those by which the same person is known again.
    pub fn twins(vault: &OrgVault, programme: i64, person: &Person) -> Vec<Self> {
        let (programme, name) = (programme.to_string(), heading_key(&person.name));
        let mut keys = Vec::new();
        if let Some(birth) = person.birth.map(|day| day.to_string()) {
            let mut with_birth = |kind, value: &str| {
                keys.push(Self::new(vault, kind, &[&programme, value, &birth]));
            };
            for number in mobiles(person) {
                with_birth(KeyKind::NumberAndBirth, &number.e164());
            }
            if let Some(kana) = person.kana.as_deref().and_then(plain_kana) {
                with_birth(KeyKind::KanaAndBirth, &kana);
            }
            if !name.is_empty() {
                with_birth(KeyKind::NameAndBirth, &name);
            }
        }
        // Without a birth date nothing else tells that the same list has come again.
        for number in Self::numbers(vault, person).iter().filter(|_| !name.is_empty()) {
            let number = number.index().to_string();
            keys.push(Self::new(
                vault,
                KeyKind::NumberAndName,
                &[&programme, &number, &name],
            ));
        }
        if let Some(id) = person.register_id.as_deref().and_then(plain_id) {
            keys.push(Self::new(vault, KeyKind::SameRegisterId, &[&programme, &id]));
        }
        keys
    }

    /// A block of flats is no household, and neither is a facility: the family's name has to be told apart, and the
    /// address has to have a number.
    fn of_address(vault: &OrgVault, person: &Person) -> Option<Self> {
        if person.facility.as_deref().and_then(is_somewhere) == Some(true) {
            return None;
        }
        let address: String = heading_key(person.whereabouts()?)
            .chars()
            .map(|c| if "‐‑–−ー―".contains(c) { '-' } else { c })
            .collect();
        let named = person.kana.as_deref().filter(|kana| !kana.trim().is_empty());
        let mut words = named.unwrap_or(&person.name).split_whitespace();
        let (family, _given) = (words.next()?, words.next()?);
        let family = plain_kana(family).unwrap_or_else(|| heading_key(family));
        address
            .contains(|c: char| c.is_ascii_digit())
            .then(|| Self::new(vault, KeyKind::Address, &[&address, &family]))
    }
}

/// Every number of a person that gets SMS, the guardian's as well.
fn mobiles(person: &Person) -> impl Iterator<Item = PhoneNumber> {
    let own = person.mobiles.iter();
    own.chain(&person.guardian_mobiles).copied()
}

fn plain_id(written: &str) -> Option<String> {
    let digits: String = written.nfkc().filter(char::is_ascii_digit).collect();
    let plain = digits.trim_start_matches('0');
    (plain.len() >= 4).then(|| plain.to_owned())
}

/// Katakana of full width without blanks and dots; what is no kana stays, for names in Latin letters.
fn katakana(written: &str) -> String {
    written
        .nfkc()
        .flat_map(char::to_lowercase)
        .filter(|c| !base::merge::is_blank(*c) && !matches!(c, '・' | '･' | '.' | ','))
        .map(|c| match c {
            'ぁ'..='ゖ' => char::from_u32(u32::from(c) + 0x60).unwrap_or(c),
            '-' | '‐' | '−' | '―' => 'ー',
            c => c,
        })
        .collect()
}

/// As kana are compared: small letters as large ones, because old systems know no small ones.
fn plain_kana(written: &str) -> Option<String> {
    let kana: String = katakana(written).chars().map(large).collect();
    (!kana.is_empty()).then_some(kana)
}

fn large(c: char) -> char {
    match c {
        'ァ' => 'ア',
        'ィ' => 'イ',
        'ゥ' => 'ウ',
        'ェ' => 'エ',
        'ォ' => 'オ',
        'ッ' => 'ツ',
        'ャ' => 'ヤ',
        'ュ' => 'ユ',
        'ョ' => 'ヨ',
        'ヮ' => 'ワ',
        'ヵ' => 'カ',
        'ヶ' => 'ケ',
        c => c,
    }
}

/// The first two morae, each by its first letter: シャトウ begins with シャ and ト.
fn two_morae(written: &str) -> Option<String> {
    let mut morae = katakana(written)
        .chars()
        .filter(|c| !matches!(c, 'ャ' | 'ュ' | 'ョ' | 'ァ' | 'ィ' | 'ゥ' | 'ェ' | 'ォ' | 'ヮ'))
        .map(large)
        .collect::<Vec<_>>()
        .into_iter();
    let head: String = morae.by_ref().take(2).collect();
    (head.chars().count() == 2).then_some(head)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kana_are_compared_however_they_are_written() {
        for written in ["サトウ ハナコ", "ｻﾄｳ ﾊﾅｺ", "さとう　はなこ", "サトウ・ハナコ"]
        {
            assert_eq!(plain_kana(written).as_deref(), Some("サトウハナコ"), "{written}");
            assert_eq!(two_morae(written).as_deref(), Some("サト"), "{written}");
        }
        assert_eq!(plain_kana("キョウコ"), plain_kana("キヨウコ"));
        assert_eq!(two_morae("シャトウ").as_deref(), Some("シト"));
        assert_eq!(two_morae("ア"), None);
    }

    #[test]
    fn ids_lose_their_zeros_and_blanks() {
        assert_eq!(plain_id("'０123456 ").as_deref(), Some("123456"));
        assert_eq!(plain_id("12"), None);
    }
}
