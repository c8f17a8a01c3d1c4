//! What somebody told about themselves, and what they answered. Sealed as a whole; its debug form says nothing.

use std::fmt;

use base::clock::Millis;
use base::date::CalendarDate;
use base::merge::heading_key;
use base::phone::PhoneNumber;
use db::OrgVault;
use serde::{Deserialize, Serialize};

use crate::document::Field;
use crate::form::{Filling, Key, Word};

/// Who applies. Everything may be missing as long as it is filled in.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Applicant {
    /// 氏名.
    pub name: Option<String>,
    /// フリガナ.
    pub kana: Option<String>,
    /// 生年月日.
    pub birth: Option<CalendarDate>,
    /// The number that the result goes to.
    pub phone: Option<PhoneNumber>,
    /// When a code was read back from that number.
    pub phone_proved_at: Option<Millis>,
    /// Where the person lives, or stays.
    pub address: Option<Address>,
    /// Who applies for a child.
    pub guardian: Option<String>,
    /// Who fills it in, where the desk asks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filled_in: Option<FilledIn>,
}

/// Who fills in an application.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FilledIn {
    /// The person.
    Own,
    /// 代理人: somebody for the person.
    Proxy {
        /// What they are to the person.
        relation: Relation,
        /// 氏名.
        name: String,
    },
}

/// What a proxy is to the person.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Relation {
    /// Of the family.
    Family,
    /// Works at a home or a clinic, or helps the person.
    Carer,
    /// Somebody else.
    Other,
}

impl Relation {
    /// All of them, in the order of the page.
    pub const ALL: [Self; 3] = [Self::Family, Self::Carer, Self::Other];

    /// The value of its field.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Family => "family",
            Self::Carer => "carer",
            Self::Other => "other",
        }
    }

    /// For residents.
    pub const fn word(self) -> Word {
        match self {
            Self::Family => Word::ProxyFamily,
            Self::Carer => Word::ProxyCarer,
            Self::Other => Word::ProxyOther,
        }
    }

    /// For staff.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Family => "家族",
            Self::Carer => "施設や医療機関の職員、支援する人",
            Self::Other => "その他の人",
        }
    }
}

/// Where somebody lives.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Address {
    /// 郵便番号, seven digits.
    pub postcode: String,
    /// 都道府県, 市区町村, 町域.
    pub area: String,
    /// 番地, 建物.
    pub rest: String,
}

/// Which product was used.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KitChosen {
    /// One that the desk knows.
    Known(Key),
    /// Another, as the person names it.
    Other(String),
}

/// That somebody agreed.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Given {
    /// To which version of the text.
    pub version: String,
    /// When.
    pub at: Millis,
}

/// Everything of an application that the person brought.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Content {
    /// That the person agreed.
    pub consent: Option<Given>,
    /// Whether the person may apply.
    pub eligibility: Filling,
    /// Who.
    pub applicant: Applicant,
    /// The other answers.
    pub answers: Filling,
    /// Which product.
    pub kit: Option<KitChosen>,
    /// Birth date and number are known by the link that it was begun with: neither is asked.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub known_by_link: bool,
}

impl Applicant {
    /// Whether this was filled in.
    pub fn has(&self, field: Field) -> bool {
        let text = |value: &Option<String>| value.as_deref().is_some_and(|text| !text.trim().is_empty());
        match field {
            Field::Name => text(&self.name),
            Field::Kana => text(&self.kana),
            Field::Birth => self.birth.is_some(),
            Field::Phone => self.phone.is_some(),
            Field::Address => self.address.is_some(),
            // Only who applies for somebody else fills it in.
            Field::Guardian | Field::Proxy => true,
        }
    }

    /// By what this person's applications are found beside each other: kind and keyed hash.
    pub(crate) fn keys(&self, vault: &OrgVault) -> Vec<(i64, i64)> {
        let birth = self.birth.map(|birth| birth.to_string());
        let mut keys = Vec::new();
        if let Some(phone) = self.phone {
            keys.push((SAME_PHONE, hash(vault, "application phone", &[&phone.e164()])));
        }
        let named = [
            (SAME_KANA, "application kana", &self.kana),
            (SAME_NAME, "application name", &self.name),
        ];
        for (kind, purpose, value) in named {
            let value = value
                .as_deref()
                .map(heading_key)
                .filter(|value| !value.is_empty());
            if let Some((value, birth)) = value.zip(birth.as_deref()) {
                keys.push((kind, hash(vault, purpose, &[&value, birth])));
            }
        }
        keys
    }
}

/// Kinds of keys, as the table has them.
pub(crate) const SAME_PHONE: i64 = 1;
pub(crate) const SAME_KANA: i64 = 2;
pub(crate) const SAME_NAME: i64 = 3;
pub(crate) const SAME_PHOTO: i64 = 4;

pub(crate) fn hash(vault: &OrgVault, purpose: &str, values: &[&str]) -> i64 {
    let parts: Vec<&[u8]> = values.iter().map(|value| value.as_bytes()).collect();
    vault.index_number(purpose, &parts)
}

impl fmt::Debug for Applicant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Applicant(…)")
    }
}

impl fmt::Debug for FilledIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FilledIn(…)")
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Address(…)")
    }
}

impl fmt::Debug for KitChosen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KitChosen(…)")
    }
}

impl fmt::Debug for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Content(…)")
    }
}
