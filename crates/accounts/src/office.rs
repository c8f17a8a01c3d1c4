//! Places of work: what they are, and how long people may come in.

use base::clock::Millis;
use base::date::{self, CalendarDate};
use base::id::OfficeId;

use crate::Name;

/// What an office is.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum OfficeKind {
    /// The one that sees all others; every organisation has exactly one.
    HeadOffice,
    /// A health centre, or any other office of the organisation's own.
    HealthCentre,
    /// A company under a contract that ends.
    Contractor,
    /// Doctors who judge.
    Doctors,
}

impl OfficeKind {
    /// Every kind.
    pub const ALL: [Self; 4] = [
        Self::HeadOffice,
        Self::HealthCentre,
        Self::Contractor,
        Self::Doctors,
    ];

    /// Those that may be chosen for a new office.
    pub const ADDED: [Self; 3] = [Self::HealthCentre, Self::Contractor, Self::Doctors];

    /// As the database and the command line write it.
    pub const fn code(self) -> &'static str {
        match self {
            Self::HeadOffice => "head_office",
            Self::HealthCentre => "health_centre",
            Self::Contractor => "contractor",
            Self::Doctors => "doctors",
        }
    }

    /// The kind that `code` means.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }

    /// As pages and lists of offices write it.
    pub const fn label(self) -> &'static str {
        match self {
            Self::HeadOffice => "本庁",
            Self::HealthCentre => "保健所・部署",
            Self::Contractor => "委託先",
            Self::Doctors => "医師会・医師",
        }
    }

    /// What choosing it means, in a sentence.
    pub const fn explanation(self) -> &'static str {
        match self {
            Self::HeadOffice => "すべての部署を見ます。",
            Self::HealthCentre => "自分の部署のリストと配信だけを見ます。",
            Self::Contractor => "契約の最終日を過ぎると、その部署の人は自動でログインできなくなります。",
            Self::Doctors => "申請を判定する医師の集まりです。",
        }
    }
}

/// One place of work inside an organisation.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Office {
    /// Its number, unique within the organisation.
    pub id: OfficeId,
    /// Its name: `朝霞保健所`.
    pub name: Name,
    /// What it is.
    pub kind: OfficeKind,
    /// The first moment after the last day of its contract; only a contractor has one.
    pub contract_ends_at: Option<Millis>,
    /// Since when it is closed. Its history stays.
    pub closed_at: Option<Millis>,
}

impl Office {
    /// The last day of its contract.
    pub fn last_day(&self) -> Option<CalendarDate> {
        self.contract_ends_at.and_then(last_day)
    }

    /// Whether people may work there.
    pub fn is_open(&self, now: Millis) -> bool {
        self.closed_at.is_none() && !self.is_over(now)
    }

    /// Whether the contract's last day has passed.
    pub fn is_over(&self, now: Millis) -> bool {
        self.contract_ends_at.is_some_and(|end| end <= now)
    }
}

/// The last day of a contract that ends at this moment.
pub(crate) fn last_day(ends_at: Millis) -> Option<CalendarDate> {
    CalendarDate::in_japan(ends_at - 1)
}

/// `2027年3月31日`.
pub(crate) fn in_words(day: CalendarDate) -> String {
    format!("{}年{}月{}日", day.year(), day.month(), day.day())
}

/// What an office is to be: its kind, and for a contractor until when.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct OfficeTerms {
    pub(crate) kind: OfficeKind,
    pub(crate) contract_ends_at: Option<Millis>,
}

/// Why somebody's terms of an office are none.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum TermsRefusal {
    /// A contractor without an end.
    #[error("委託先には契約の最終日を入力してください（例: 2027/3/31）。")]
    NoLastDay,
    /// An end for what has none.
    #[error("契約の最終日は委託先だけに入力してください。")]
    LastDayOfAnother,
    /// It is no day.
    #[error("契約の最終日は年月日で入力してください（例: 2027/3/31、令和9年3月31日）。")]
    NoDay,
}

impl OfficeTerms {
    /// Any office of the organisation's own.
    pub const HEALTH_CENTRE: Self = Self {
        kind: OfficeKind::HealthCentre,
        contract_ends_at: None,
    };

    /// As typed: the kind, and the contract's last day where there is one.
    pub fn parse(kind: OfficeKind, last_day: &str) -> Result<Self, TermsRefusal> {
        let contract_ends_at = match (kind, last_day.trim().is_empty()) {
            (OfficeKind::Contractor, true) => return Err(TermsRefusal::NoLastDay),
            (OfficeKind::Contractor, false) => {
                let day = date::parse(last_day).ok().and_then(date::Parsed::full);
                Some(day.ok_or(TermsRefusal::NoDay)?.ends_in_japan())
            }
            (_, true) => None,
            (_, false) => return Err(TermsRefusal::LastDayOfAnother),
        };
        Ok(Self {
            kind,
            contract_ends_at,
        })
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
mod tests {
    use super::*;
    use base::clock::HOUR;

    #[test]
    fn every_kind_is_read_back_from_its_code() {
        for kind in OfficeKind::ALL {
            assert_eq!(OfficeKind::from_code(kind.code()), Some(kind));
        }
        assert_eq!(OfficeKind::from_code("pub"), None);
    }

    #[test]
    fn the_last_day_counts_until_its_midnight_in_japan() {
        for typed in ["2027/3/31", "令和9年3月31日", "２０２７－３－３１"] {
            let terms = OfficeTerms::parse(OfficeKind::Contractor, typed).unwrap();
            // 2027-04-01T00:00+09:00
            assert_eq!(terms.contract_ends_at, Some(1_806_505_200_000), "{typed}");
        }
        let office = Office {
            id: OfficeId::new(2),
            name: Name::parse("委託先").unwrap(),
            kind: OfficeKind::Contractor,
            contract_ends_at: Some(1_806_505_200_000),
            closed_at: None,
        };
        assert_eq!(in_words(office.last_day().unwrap()), "2027年3月31日");
        assert!(office.is_open(1_806_505_200_000 - 1));
        assert!(!office.is_open(1_806_505_200_000), "midnight in Japan");
        assert!(office.is_open(1_806_505_200_000 - 9 * HOUR), "midnight in London");
    }

    #[test]
    fn only_a_contractor_has_a_last_day_and_it_must_have_one() {
        let contractor = |day| OfficeTerms::parse(OfficeKind::Contractor, day);
        assert_eq!(contractor(" "), Err(TermsRefusal::NoLastDay));
        assert_eq!(contractor("3/31"), Err(TermsRefusal::NoDay));
        let centre = |day| OfficeTerms::parse(OfficeKind::HealthCentre, day);
        assert_eq!(centre("2027/3/31"), Err(TermsRefusal::LastDayOfAnother));
        assert_eq!(centre(""), Ok(OfficeTerms::HEALTH_CENTRE));
    }
}
