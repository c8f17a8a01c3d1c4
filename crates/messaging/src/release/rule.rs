//! What an organisation asks before messages leave: approval, hold window, first wave, hours. Pure data with a date;
//! kept as versions, none of which ever changes.

use std::collections::BTreeMap;

use base::clock::{MINUTE, Millis};
use base::id::OfficeId;
use serde::{Deserialize, Serialize};

use super::{Hours, Reason};
use crate::template::Purpose;

/// One version of the rule.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SendRule {
    /// When somebody else has to approve.
    pub approval: ApprovalRule,
    /// How long a broadcast can be withdrawn, by its purpose; for others the installation's own time.
    pub holds: BTreeMap<Purpose, Millis>,
    /// Whether a few go first.
    pub first_wave: FirstWaveRule,
    /// When messages may leave; the narrowest entry that fits holds.
    pub hours: Vec<HoursFor>,
}

/// When a second person has to approve.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
pub struct ApprovalRule {
    /// More recipients than this.
    pub above: Option<u32>,
    /// A version of a template that nobody has approved yet, or a text without a template.
    pub new_version: bool,
    /// A check of the list warned.
    pub warnings: bool,
    /// Every broadcast.
    pub always: bool,
}

/// Whether a few messages go first.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct FirstWaveRule {
    /// In every broadcast of more recipients than this.
    pub above: Option<u32>,
    /// How long their receipts are awaited, from the first one on.
    pub patience: Millis,
}

/// Hours of an office, of a purpose, of both, or of all.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct HoursFor {
    /// Of this office alone.
    pub office: Option<OfficeId>,
    /// For this purpose alone.
    pub purpose: Option<Purpose>,
    /// `None`: at any time.
    pub hours: Option<Hours>,
}

impl SendRule {
    /// What a new organisation begins with: large lists, new texts and warnings are looked at by a second person, and
    /// nothing leaves at night.
    pub fn first() -> Self {
        Self {
            approval: ApprovalRule {
                above: Some(100),
                new_version: true,
                warnings: true,
                always: false,
            },
            holds: BTreeMap::new(),
            first_wave: FirstWaveRule {
                above: None,
                patience: 10 * MINUTE,
            },
            hours: vec![HoursFor {
                office: None,
                purpose: None,
                hours: Some(Hours::DAYTIME),
            }],
        }
    }

    /// The same without hours, for a demonstration that is given at any time of the day.
    #[must_use]
    pub fn at_any_time(mut self) -> Self {
        self.hours.clear();
        self
    }

    /// Why a broadcast has to be approved; nothing if it goes without.
    pub fn reasons(&self, people: u32, version_is_approved: bool, warned: bool) -> Vec<Reason> {
        let rule = self.approval;
        let reasons = [
            (rule.above.is_some_and(|above| people > above), Reason::People),
            (rule.new_version && !version_is_approved, Reason::NewVersion),
            (rule.warnings && warned, Reason::Warnings),
            (rule.always, Reason::Always),
        ];
        reasons
            .into_iter()
            .filter_map(|(applies, reason)| applies.then_some(reason))
            .collect()
    }

    /// How long it can be withdrawn; `otherwise` is the installation's own time.
    pub fn hold(&self, purpose: Purpose, otherwise: Millis) -> Millis {
        self.holds.get(&purpose).copied().unwrap_or(otherwise)
    }

    /// The hours of an office for a purpose. What is said of both goes before what is said of the office alone, and
    /// that before what is said of the purpose alone.
    pub fn hours(&self, office: OfficeId, purpose: Purpose) -> Option<Hours> {
        let fits = self.hours.iter().filter(|one| {
            one.office.is_none_or(|of| of == office) && one.purpose.is_none_or(|of| of == purpose)
        });
        let narrowest = fits.max_by_key(|one| (one.office.is_some(), one.purpose.is_some()))?;
        narrowest.hours
    }

    /// As the database keeps it.
    pub fn to_json(&self) -> String {
        let hours = |one: &HoursFor| KeptHours {
            office: one.office,
            purpose: one.purpose.map(|purpose| purpose.as_str().to_owned()),
            hours: one.hours.map(|hours| (hours.opens(), hours.closes())),
        };
        let word = |(purpose, hold): (&Purpose, &Millis)| (purpose.as_str().to_owned(), *hold);
        let kept = Kept {
            approval: self.approval,
            holds: self.holds.iter().map(word).collect(),
            first_wave: self.first_wave,
            hours: self.hours.iter().map(hours).collect(),
        };
        serde_json::to_string(&kept).expect("words and numbers always become JSON")
    }

    /// What [`SendRule::to_json`] wrote. What cannot be read is an error, never a rule that asks for less.
    pub fn from_json(text: &str) -> Result<Self, String> {
        let kept: Kept = serde_json::from_str(text).map_err(|error| error.to_string())?;
        let purpose =
            |word: &str| Purpose::from_word(word).ok_or_else(|| format!("no purpose is called {word}"));
        let holds = kept.holds.iter().map(|(word, hold)| Ok((purpose(word)?, *hold)));
        let hours = kept.hours.iter().map(|one| {
            let span = one
                .hours
                .map(|(opens, closes)| Hours::new(opens, closes).ok_or("hours that never open"));
            Ok(HoursFor {
                office: one.office,
                purpose: one.purpose.as_deref().map(purpose).transpose()?,
                hours: span.transpose()?,
            })
        });
        Ok(Self {
            approval: kept.approval,
            holds: holds.collect::<Result<_, String>>()?,
            first_wave: kept.first_wave,
            hours: hours.collect::<Result<_, String>>()?,
        })
    }
}

#[derive(Serialize, Deserialize)]
struct Kept {
    approval: ApprovalRule,
    holds: BTreeMap<String, Millis>,
    first_wave: FirstWaveRule,
    hours: Vec<KeptHours>,
}

#[derive(Serialize, Deserialize)]
struct KeptHours {
    office: Option<OfficeId>,
    purpose: Option<String>,
    hours: Option<(u16, u16)>,
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
mod tests {
    use super::*;

    #[test]
    fn more_than_n_and_not_n_itself() {
        let rule = SendRule::first();
        assert_eq!(rule.reasons(100, true, false), []);
        assert_eq!(rule.reasons(101, true, false), [Reason::People]);
        assert_eq!(
            rule.reasons(101, false, true),
            [Reason::People, Reason::NewVersion, Reason::Warnings]
        );
        let always = SendRule {
            approval: ApprovalRule {
                always: true,
                ..ApprovalRule::default()
            },
            ..rule
        };
        assert_eq!(always.reasons(1, true, false), [Reason::Always]);
        assert_eq!(always.reasons(9_999, false, true), [Reason::Always]);
    }

    #[test]
    fn the_narrowest_hours_hold() {
        let (office, other) = (OfficeId::new(2), OfficeId::new(3));
        let hours = |opens: u16| Hours::new(opens * 60, 1440);
        let entry = |office, purpose, hours| HoursFor {
            office,
            purpose,
            hours,
        };
        let result = Purpose::TestResult;
        let rule = SendRule {
            hours: vec![
                entry(Some(office), Some(result), None),
                entry(None, Some(result), hours(6)),
                entry(Some(office), None, hours(9)),
                entry(None, None, hours(8)),
            ],
            ..SendRule::first()
        };
        assert_eq!(rule.hours(office, result), None);
        assert_eq!(rule.hours(office, Purpose::Survey), hours(9));
        assert_eq!(rule.hours(other, result), hours(6));
        assert_eq!(rule.hours(other, Purpose::Survey), hours(8));
        assert_eq!(SendRule::first().at_any_time().hours(other, result), None);
    }

    #[test]
    fn a_rule_is_read_back_and_what_is_no_rule_is_an_error() {
        let mut rule = SendRule::first();
        rule.holds.insert(Purpose::Survey, 5 * MINUTE);
        rule.first_wave.above = Some(500);
        assert_eq!(SendRule::from_json(&rule.to_json()), Ok(rule.clone()));
        let odd = rule.to_json().replace("survey", "holiday");
        assert!(SendRule::from_json(&odd).unwrap_err().contains("holiday"));
        assert!(SendRule::from_json(&rule.to_json().replace("[480,1200]", "[1200,480]")).is_err());
        assert!(SendRule::from_json("{}").is_err());
    }
}
