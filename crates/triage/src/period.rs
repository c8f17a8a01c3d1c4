//! How long a person stays at home and is watched: computed from dated rules, never typed.
//!
//! Day 0 is the day of [`Illness::day_zero`], or the last contact where contacts are followed. Relief is a day, not an
//! hour, so hours after it are counted as the whole days that they touch: nobody is free too early. What is not known
//! (symptoms, place) leaves several rules possible, and the longest counts.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use base::date::CalendarDate;
use serde::{Deserialize, Serialize};

use crate::limits;
use crate::notification::{Illness, words};

words! {
    /// Where the person is cared for.
    Place {
        /// 自宅.
        Home = "home", "自宅";
        /// 宿泊療養施設.
        Hotel = "hotel", "宿泊療養施設";
        /// 医療機関.
        Hospital = "hospital", "医療機関";
        /// 高齢者施設.
        Facility = "facility", "高齢者施設";
    }
}

words! {
    /// What day 0 is.
    DayZero {
        /// Onset; without symptoms, the sample.
        Illness = "illness", "発症日（症状がない人は検体採取日）";
        /// The last contact with somebody ill.
        Exposure = "exposure", "最後に接触した日";
    }
}

/// What the notification does not say and care finds out.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
#[serde(default)]
pub struct Course {
    /// Where the person is.
    pub place: Option<Place>,
    /// Since when symptoms are relieved.
    pub relieved_on: Option<CalendarDate>,
    /// A negative test that may end it earlier.
    pub negative_test_on: Option<CalendarDate>,
    /// The last contact with somebody ill, where care knows it better than the notification.
    pub exposed_on: Option<CalendarDate>,
}

impl Course {
    /// What the notification tells of it.
    pub fn told_by(illness: &Illness) -> Self {
        Self {
            place: illness.place,
            ..Self::default()
        }
    }
}

/// A negative test on a day that ends isolation earlier.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EarlyEnd {
    /// The first day on which a test counts.
    pub test_day: u16,
    /// The last day of isolation then.
    pub days: u16,
}

/// One rule: whom it is for, and how long.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PeriodRule {
    /// Only for people with, or without, symptoms.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub symptoms: Option<bool>,
    /// Only for people at one of these places. None: wherever they are.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub places: BTreeSet<Place>,
    /// What day 0 is.
    pub day_zero: DayZero,
    /// The last day of isolation, if symptoms are relieved in time.
    pub days: u16,
    /// How long isolation lasts after relief.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hours_after_relief: Option<u16>,
    /// An earlier end by a negative test.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub early: Option<EarlyEnd>,
    /// The last day on which health is watched.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub watch_days: Option<u16>,
}

/// The period rules of one version.
#[derive(Clone, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
#[serde(try_from = "Rows", into = "Rows")]
pub struct PeriodTable {
    under_care_too: bool,
    rules: Vec<PeriodRule>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Rows {
    #[serde(default)]
    under_care_too: bool,
    rules: Vec<PeriodRule>,
}

impl TryFrom<Rows> for PeriodTable {
    type Error = String;

    fn try_from(rows: Rows) -> Result<Self, String> {
        Self::new(rows.under_care_too, rows.rules)
    }
}

impl From<PeriodTable> for Rows {
    fn from(table: PeriodTable) -> Self {
        Self {
            under_care_too: table.under_care_too,
            rules: table.rules,
        }
    }
}

/// When isolation ends.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum End {
    /// The first day on which the person is free.
    FreeFrom(CalendarDate),
    /// Not before this day: that symptoms are relieved is not known yet.
    NotBefore(CalendarDate),
}

impl End {
    /// The day, certain or not.
    pub fn day(self) -> CalendarDate {
        match self {
            Self::FreeFrom(day) | Self::NotBefore(day) => day,
        }
    }

    fn is_open(self) -> bool {
        matches!(self, Self::NotBefore(_))
    }

    /// The later; what is open stays open.
    fn or_later(self, other: Self) -> Self {
        let day = self.day().max(other.day());
        if self.is_open() || other.is_open() {
            Self::NotBefore(day)
        } else {
            Self::FreeFrom(day)
        }
    }
}

/// One person's period.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Period {
    /// Day 0; of several that were possible, the latest.
    pub day_zero: CalendarDate,
    /// When isolation ends.
    pub end: End,
    /// The last day on which health is watched.
    pub watch_until: Option<CalendarDate>,
}

impl Period {
    /// The last day of isolation. What waits for relief has none yet.
    pub fn last_day(self) -> Option<CalendarDate> {
        match self.end {
            End::FreeFrom(free) => free.plus_days(-1),
            End::NotBefore(_) => None,
        }
    }
}

impl PeriodTable {
    /// The table, or what is wrong with it. No rules: nobody's period is computed.
    pub fn new(under_care_too: bool, rules: Vec<PeriodRule>) -> Result<Self, String> {
        if rules.len() > limits::PERIOD_RULES {
            return Err(format!("療養期間の規則は{}個までです。", limits::PERIOD_RULES));
        }
        for (rule, number) in rules.iter().zip(1..) {
            rule.check()
                .map_err(|words| format!("療養期間の規則{number}: {words}"))?;
        }
        // A person without a rule would have no end.
        let gaps = [true, false]
            .into_iter()
            .flat_map(|symptoms| Place::ALL.iter().map(move |at| (symptoms, *at)));
        let gap = gaps.filter(|_| !rules.is_empty()).find(|(symptoms, place)| {
            !rules
                .iter()
                .any(|rule| rule.may_be_for(Some(*symptoms), Some(*place)))
        });
        match gap {
            Some((symptoms, place)) => Err(format!(
                "{}で{}にいる人の療養期間がありません。規則を加えてください。",
                symptoms_words(symptoms),
                place.label()
            )),
            None => Ok(Self {
                under_care_too,
                rules,
            }),
        }
    }

    /// Whether people who were under care on the version's first day are counted by it from then on.
    pub fn is_for_people_under_care_too(&self) -> bool {
        self.under_care_too
    }

    /// The rules in order.
    pub fn rules(&self) -> &[PeriodRule] {
        &self.rules
    }

    /// One person's period; none where day 0 is not known, or nothing is counted.
    pub fn of(&self, illness: &Illness, course: &Course) -> Option<Period> {
        let fitting = self
            .rules
            .iter()
            .filter(|rule| rule.may_be_for(illness.symptomatic(), course.place));
        let all: Option<Vec<Period>> = fitting.map(|rule| rule.of(illness, course)).collect();
        all?.into_iter().reduce(|one, other| Period {
            day_zero: one.day_zero.max(other.day_zero),
            end: one.end.or_later(other.end),
            watch_until: one.watch_until.max(other.watch_until),
        })
    }
}

impl PeriodRule {
    fn check(&self) -> Result<(), String> {
        let early = self.early.map(|early| early.days);
        let longest = [Some(self.days), self.watch_days, early]
            .into_iter()
            .flatten()
            .max();
        if longest.is_some_and(|days| days > limits::PERIOD_DAYS) {
            return Err(format!("日数は{}日までです。", limits::PERIOD_DAYS));
        }
        if self
            .hours_after_relief
            .is_some_and(|hours| hours > 24 * limits::PERIOD_DAYS)
        {
            return Err(format!("時間は{}時間までです。", 24 * limits::PERIOD_DAYS));
        }
        if self
            .early
            .is_some_and(|early| early.days >= self.days || early.test_day > early.days)
        {
            return Err(
                "陰性の検査による終わりは、もとの終わりより前で、検査の日以後にしてください。".to_owned(),
            );
        }
        Ok(())
    }

    /// Whether the rule may be this person's, as far as is known.
    fn may_be_for(&self, symptoms: Option<bool>, place: Option<Place>) -> bool {
        let symptoms_fit = self
            .symptoms
            .zip(symptoms)
            .is_none_or(|(wanted, known)| wanted == known);
        symptoms_fit && (self.places.is_empty() || place.is_none_or(|place| self.places.contains(&place)))
    }

    fn of(&self, illness: &Illness, course: &Course) -> Option<Period> {
        let zero = match self.day_zero {
            DayZero::Illness => illness.day_zero()?,
            DayZero::Exposure => course.exposed_on.or(illness.exposed)?,
        };
        let day = |number: u16| zero.plus_days(i32::from(number));
        let mut last = day(self.days)?;
        if let Some((early, tested)) = self.early.zip(course.negative_test_on)
            && tested >= day(early.test_day)?
        {
            last = last.min(day(early.days)?.max(tested));
        }
        let end = match (self.hours_after_relief, course.relieved_on) {
            (None, _) => End::FreeFrom(last.plus_days(1)?),
            (Some(_), None) => End::NotBefore(last.plus_days(1)?),
            (Some(hours), Some(relieved)) => {
                let touched = relieved.plus_days(i32::from(hours.div_ceil(24)))?;
                End::FreeFrom(last.max(touched).plus_days(1)?)
            }
        };
        Some(Period {
            day_zero: zero,
            end,
            watch_until: self.watch_days.and_then(day),
        })
    }

    /// Whom it is for: 「症状がある人（自宅・宿泊療養施設）」.
    pub fn whom(&self) -> String {
        let who = self.symptoms.map_or("すべての人", symptoms_words);
        if self.places.is_empty() {
            return who.to_owned();
        }
        let places: Vec<&str> = self.places.iter().map(|place| place.label()).collect();
        format!("{who}（{}）", places.join("・"))
    }

    /// How long: 「発症日を0日目として、7日目まで。…」.
    pub fn sentence(&self) -> String {
        let zero = self.day_zero.label();
        let mut words = match (self.days, self.hours_after_relief) {
            (0, None) => format!("{zero}を0日目として数え、療養は求めません"),
            (days, _) => format!("{zero}を0日目として、{days}日目まで"),
        };
        if let Some(hours) = self.hours_after_relief {
            let _ = write!(words, "、かつ症状が軽くなってから{hours}時間がたつまで");
        }
        words.push('。');
        if let Some(EarlyEnd { test_day, days }) = self.early {
            let _ = write!(words, "{test_day}日目以後の検査で陰性なら、{days}日目まで。");
        }
        if let Some(days) = self.watch_days {
            let _ = write!(words, "健康観察は{days}日目まで。");
        }
        words
    }
}

fn symptoms_words(symptoms: bool) -> &'static str {
    if symptoms {
        "症状がある人"
    } else {
        "症状がない人"
    }
}

#[cfg(test)]
mod tests;
