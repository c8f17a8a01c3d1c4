//! By what a person or a number is known again: keyed hashes, from which nobody reads the value.

use base::date;
use base::merge::heading_key;
use base::phone::PhoneNumber;
use db::{FromValue, OrgVault, Value};
use serde::Serialize;

use crate::calls::dialled;

/// IDs shorter than this, without zeros before them, are running numbers: every list has a 1, and it is somebody
/// else each time.
const SHORTEST_ID: usize = 4;

/// A keyed hash of one value, cut to 64 bits ([`OrgVault::index_number`]). Equal values of one organisation and one
/// kind have equal keys; keys of different kinds never meet.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize)]
#[serde(transparent)]
pub struct Key(i64);

impl Key {
    /// The key of a number.
    pub fn of_phone(vault: &OrgVault, phone: PhoneNumber) -> Self {
        Self::of(vault, "contact phone", &[&phone.e164()])
    }

    /// The key of a number that is telephoned, a landline as well; that of [`Key::of_phone`] where it gets SMS.
    pub fn of_call(vault: &OrgVault, text: &str) -> Option<Self> {
        let dialled = dialled(text)?;
        Some(match PhoneNumber::from_e164(&dialled) {
            Some(phone) => Self::of_phone(vault, phone),
            None => Self::of(vault, "call number", &[&dialled]),
        })
    }

    fn of(vault: &OrgVault, kind: &str, values: &[&str]) -> Self {
        let parts: Vec<&[u8]> = values.iter().map(|value| value.as_bytes()).collect();
        Self(vault.index_number(kind, &parts))
    }
}

impl From<Key> for Value {
    fn from(key: Key) -> Self {
        Self::Int(key.0)
    }
}

impl FromValue for Key {
    fn from_value(value: &Value) -> Option<Self> {
        i64::from_value(value).map(Self)
    }
}

/// What a row or a message says of its person, as far as it says it.
#[derive(Clone, Copy, Default)]
pub struct PersonValues<'a> {
    /// The number, where the row has one that gets SMS.
    pub phone: Option<PhoneNumber>,
    /// The cell of the ID column.
    pub id: Option<&'a str>,
    /// The cell of the name column.
    pub name: Option<&'a str>,
    /// The cell of the birth date column.
    pub birth: Option<&'a str>,
}

/// The keys of one row or message. What could not be read, or was not there, has none.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default, Debug)]
pub struct PersonKeys {
    /// Of the number.
    pub phone: Option<Key>,
    /// Of the ID: letters and digits only, whatever their width, without zeros before them.
    pub id: Option<Key>,
    /// Of name and birth date together: one alone is no person.
    pub person: Option<Key>,
    /// Of the name, whatever its width and blanks. Never searched for, only compared.
    pub name: Option<Key>,
    /// Of the birth date, however it is written. Never searched for, only compared.
    pub birth: Option<Key>,
}

impl PersonKeys {
    /// Reads the values and hashes them.
    pub fn of(vault: &OrgVault, values: &PersonValues<'_>) -> Self {
        let id = values.id.and_then(plain_id);
        let name = values.name.map(heading_key).filter(|name| !name.is_empty());
        let birth = values.birth.and_then(plain_day);
        let person = name.as_deref().zip(birth.as_deref());
        Self {
            phone: values.phone.map(|phone| Key::of_phone(vault, phone)),
            id: id.map(|id| Key::of(vault, "contact id", &[&id])),
            person: person.map(|(name, birth)| Key::of(vault, "contact person", &[name, birth])),
            name: name.map(|name| Key::of(vault, "contact name", &[&name])),
            birth: birth.map(|birth| Key::of(vault, "contact birth", &[&birth])),
        }
    }

    /// The row as a whole: equal for rows that say the same of the same person. `None` for a row that names nobody.
    ///
    /// It mixes the keys, which look random each, so that no mixed key meets a plain one.
    pub fn row(&self) -> Option<Key> {
        let parts = [self.phone, self.id, self.name, self.birth];
        if parts.iter().all(Option::is_none) {
            return None;
        }
        let mixed = parts.iter().fold(0x5bd1_e995_i64, |mixed, part| {
            let part = part.map_or(0, |key| key.0);
            (mixed.rotate_left(21) ^ part).wrapping_mul(0x2545_f491_4f6c_dd1d)
        });
        Some(Key(mixed))
    }

    /// Whether both certainly mean one person: the same ID, or the same name and birth date.
    pub fn is_same_person(&self, other: &Self) -> bool {
        let same = |a: Option<Key>, b: Option<Key>| a.is_some() && a == b;
        same(self.id, other.id) || same(self.person, other.person)
    }

    /// Whether both can be compared and mean two people.
    pub fn is_other_person(&self, other: &Self) -> bool {
        let differ = |a: Option<Key>, b: Option<Key>| a.zip(b).is_some_and(|(a, b)| a != b);
        !self.is_same_person(other) && (differ(self.id, other.id) || differ(self.person, other.person))
    }
}

fn plain_id(cell: &str) -> Option<String> {
    let folded = heading_key(cell);
    let id: String = folded.chars().filter(char::is_ascii_alphanumeric).collect();
    let id = id.trim_start_matches('0');
    (id.len() >= SHORTEST_ID).then(|| id.to_owned())
}

fn plain_day(cell: &str) -> Option<String> {
    let date = date::parse(cell).ok()?.full()?;
    Some(format!(
        "{:04}-{:02}-{:02}",
        date.year(),
        date.month(),
        date.day()
    ))
}
