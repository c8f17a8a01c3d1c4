//! The numbers that phones show as sender: by carrier, office, purpose and day.

use base::clock::Millis;
use base::id::OfficeId;
use base::text::Carrier;
use lists::contacts::Purpose;

/// What kind of number it is.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum SenderKind {
    /// A telephone number of the organisation's own.
    Own,
    /// A common short code, 0005 and more digits: the same at several carriers.
    CommonShortCode,
    /// `SoftBank` shows codes of its own.
    CarrierCode,
}

impl SenderKind {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Own, Self::CommonShortCode, Self::CarrierCode];

    /// The word in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Own => "own",
            Self::CommonShortCode => "common_short_code",
            Self::CarrierCode => "carrier_code",
        }
    }

    /// The kind that the database's word names.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }

    /// As pages show it.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Own => "組織の電話番号",
            Self::CommonShortCode => "共通ショートコード（0005…）",
            Self::CarrierCode => "携帯電話会社が決めた番号",
        }
    }

    /// Whether a number of this kind can look like that; what is wrong otherwise.
    pub fn check(self, number: &str) -> Result<(), &'static str> {
        let digits = number.bytes().all(|byte| byte.is_ascii_digit());
        match self {
            _ if !digits || number.is_empty() => Err("数字だけで入力してください。"),
            Self::CommonShortCode if !number.starts_with("0005") || !(8..=12).contains(&number.len()) => {
                Err("共通ショートコードは、0005で始まる8〜12桁です。")
            }
            Self::Own if !number.starts_with('0') || !(10..=11).contains(&number.len()) => {
                Err("組織の電話番号は、0で始まる10桁か11桁です。")
            }
            Self::CarrierCode if !(4..=12).contains(&number.len()) => Err("4〜12桁で入力してください。"),
            _ => Ok(()),
        }
    }
}

/// The word of a carrier in the database.
pub const fn carrier_word(carrier: Option<Carrier>) -> &'static str {
    match carrier {
        None => "all",
        Some(Carrier::Docomo) => "docomo",
        Some(Carrier::Au) => "au",
        Some(Carrier::SoftBank) => "softbank",
        Some(Carrier::Rakuten) => "rakuten",
    }
}

/// What [`carrier_word`] wrote.
pub fn carrier_from_word(word: &str) -> Option<Option<Carrier>> {
    let all = [None].into_iter().chain(Carrier::ALL.map(Some));
    all.into_iter().find(|carrier| carrier_word(*carrier) == word)
}

/// One number, and where it is shown.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SenderNumber {
    /// Its number in the list.
    pub id: i64,
    /// Of which office; of every office without one of its own if none.
    pub office: Option<OfficeId>,
    /// On the phones of which carrier; of all without one of their own if none.
    pub carrier: Option<Carrier>,
    /// What kind of number it is.
    pub kind: SenderKind,
    /// Its digits.
    pub number: String,
    /// For what it is used; for everything without one of its own if none.
    pub purpose: Option<Purpose>,
    /// The midnight in Japan from which on it is used.
    pub from_day: Millis,
    /// The midnight in Japan from which on it is not used any more.
    pub until_day: Option<Millis>,
}

impl SenderNumber {
    /// Whether it is used on a day.
    pub fn is_used(&self, day: Millis) -> bool {
        self.from_day <= day && self.until_day.is_none_or(|until| day < until)
    }

    fn fits(&self, office: OfficeId, purpose: Purpose) -> bool {
        self.office.is_none_or(|own| own == office) && self.purpose.is_none_or(|own| own == purpose)
    }
}

/// Every number of an organisation.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Senders(pub Vec<SenderNumber>);

impl Senders {
    /// What is handed to the carrier as sender, if the organisation has a number for it: the office's own before the
    /// organisation's, the purpose's own before one for everything, the newest of those.
    pub fn of(&self, office: OfficeId, purpose: Purpose, day: Millis) -> Option<&SenderNumber> {
        self.best(None, office, purpose, day)
    }

    /// What phones of each carrier show; the carriers whose phones show something else than [`Senders::of`].
    pub fn by_carrier(
        &self,
        office: OfficeId,
        purpose: Purpose,
        day: Millis,
    ) -> Vec<(Carrier, &SenderNumber)> {
        let own = |carrier| Some((carrier, self.best(Some(carrier), office, purpose, day)?));
        Carrier::ALL.into_iter().filter_map(own).collect()
    }

    /// Those that are used on a day.
    pub fn used(&self, day: Millis) -> impl Iterator<Item = &SenderNumber> {
        self.0.iter().filter(move |one| one.is_used(day))
    }

    fn best(
        &self,
        carrier: Option<Carrier>,
        office: OfficeId,
        purpose: Purpose,
        day: Millis,
    ) -> Option<&SenderNumber> {
        let fitting = self
            .used(day)
            .filter(|one| one.carrier == carrier && one.fits(office, purpose));
        fitting.max_by_key(|one| (one.office.is_some(), one.purpose.is_some(), one.from_day, one.id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OFFICE: OfficeId = OfficeId::new(4);

    fn number(
        id: i64,
        office: Option<OfficeId>,
        carrier: Option<Carrier>,
        purpose: Option<Purpose>,
    ) -> SenderNumber {
        SenderNumber {
            id,
            office,
            carrier,
            kind: SenderKind::CommonShortCode,
            number: format!("0005{id:04}"),
            purpose,
            from_day: 0,
            until_day: None,
        }
    }

    #[test]
    fn the_nearest_number_is_used() {
        let mut senders = Senders(vec![
            number(1, None, None, None),
            number(2, None, None, Some(Purpose::Survey)),
            number(3, Some(OFFICE), None, None),
            number(4, None, Some(Carrier::SoftBank), None),
        ]);
        let of = |senders: &Senders, office, purpose| senders.of(office, purpose, 10).map(|one| one.id);
        assert_eq!(of(&senders, OFFICE, Purpose::Survey), Some(3));
        assert_eq!(of(&senders, OfficeId::HEADQUARTERS, Purpose::Survey), Some(2));
        assert_eq!(of(&senders, OfficeId::HEADQUARTERS, Purpose::Notice), Some(1));
        let shown = senders.by_carrier(OFFICE, Purpose::Notice, 10);
        assert_eq!(
            shown
                .iter()
                .map(|(carrier, one)| (*carrier, one.id))
                .collect::<Vec<_>>(),
            [(Carrier::SoftBank, 4)]
        );
        senders.0[2].until_day = Some(10);
        assert_eq!(
            of(&senders, OFFICE, Purpose::Notice),
            Some(1),
            "its last day was yesterday"
        );
    }

    #[test]
    fn a_number_has_to_look_like_one_of_its_kind() {
        assert!(SenderKind::CommonShortCode.check("0005012345").is_ok());
        assert!(SenderKind::CommonShortCode.check("0312345678").is_err());
        assert!(SenderKind::Own.check("0312345678").is_ok());
        assert!(SenderKind::Own.check("03-1234").is_err());
        for carrier in [None].into_iter().chain(Carrier::ALL.map(Some)) {
            assert_eq!(carrier_from_word(carrier_word(carrier)), Some(carrier));
        }
    }
}
