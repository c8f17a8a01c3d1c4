//! How much may be sent: parts in a day, of the organisation and of each office, and a budget for the month.
//!
//! What a broadcast will hand over is reserved whole in the commit that makes it, or the broadcast is not made. What
//! is cancelled before it left comes back. The sum of what is reserved never passes a limit: who reserves holds the
//! organisation's row, so that the sum is nobody else's meanwhile ([ADR 0022](../../../docs/adr)).

use std::fmt;

use base::clock::{HOUR, Millis};
use base::id::{OfficeId, StaffId};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::Offset;
use web::number::grouped;

use crate::template::japan_day;

/// Japan is so far ahead of UTC.
const AHEAD: Millis = 9 * HOUR;
/// Of a budget, in hundredths: from here on the alarm is raised.
const ALARM: i64 = 80;
/// Hundredths of a yen.
const YEN: i64 = 100;

/// What is limited.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum LimitKind {
    /// Parts in a day.
    DayParts,
    /// Parts in a month.
    MonthParts,
    /// Yen in a month, by the dearest tariff.
    MonthYen,
}

impl LimitKind {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::DayParts, Self::MonthParts, Self::MonthYen];

    /// The word in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::DayParts => "day_parts",
            Self::MonthParts => "month_parts",
            Self::MonthYen => "month_yen",
        }
    }

    /// The kind that the database's word names.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }

    /// As pages show it.
    pub const fn label(self) -> &'static str {
        match self {
            Self::DayParts => "1日の通数",
            Self::MonthParts => "1か月の通数",
            Self::MonthYen => "1か月の予算",
        }
    }

    /// The counter word.
    pub const fn unit(self) -> &'static str {
        match self {
            Self::DayParts | Self::MonthParts => "通",
            Self::MonthYen => "円",
        }
    }
}

/// One limit with its day. Never changed: a later one takes its place.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limit {
    /// Of which office; of the whole organisation if none.
    pub office: Option<OfficeId>,
    /// What is limited.
    pub kind: LimitKind,
    /// How much; no limit if none.
    pub amount: Option<i64>,
    /// The midnight in Japan from which on it is in force.
    pub from_day: Millis,
    /// Who set it.
    pub set_by: Option<StaffId>,
    /// When.
    pub set_at: Millis,
}

/// Every limit that was ever set, in that order.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Limits(pub Vec<Limit>);

impl Limits {
    /// The limit in force on a day.
    pub fn on(&self, day: Millis, office: Option<OfficeId>, kind: LimitKind) -> Option<&Limit> {
        let begun = self.of(office, kind).filter(|limit| limit.from_day <= day);
        // Of several with one day the last that was set counts.
        begun.max_by_key(|limit| limit.from_day)
    }

    /// Those that begin after the day, in their order.
    pub fn after(&self, day: Millis) -> impl Iterator<Item = &Limit> {
        self.0.iter().filter(move |limit| limit.from_day > day)
    }

    /// How much may be used on a day; `None` without a limit.
    pub fn amount(&self, day: Millis, office: Option<OfficeId>, kind: LimitKind) -> Option<i64> {
        self.on(day, office, kind)?.amount
    }

    fn of(&self, office: Option<OfficeId>, kind: LimitKind) -> impl Iterator<Item = &Limit> {
        self.0
            .iter()
            .filter(move |limit| limit.office == office && limit.kind == kind)
    }

    /// Whether something would bind a broadcast of the office on that day.
    pub fn bind(&self, day: Millis, office: OfficeId) -> bool {
        Bound::ALL
            .into_iter()
            .any(|bound| self.amount(day, bound.office(office), bound.kind()).is_some())
    }
}

/// What a broadcast asks for.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Wanted {
    /// Parts that will be handed over.
    pub parts: i64,
    /// What they cost at most, in hundredths of a yen.
    pub cost: i64,
}

/// What is reserved at a moment, without what came back.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Used {
    /// Parts of the organisation on the day.
    pub day: i64,
    /// Parts of the office on the day.
    pub office: i64,
    /// Parts of the organisation in the day's month.
    pub month: i64,
    /// Their cost, in hundredths of a yen.
    pub cost: i64,
}

/// Which limit it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Bound {
    /// Of the organisation on a day.
    Day,
    /// Of an office on a day.
    OfficeDay,
    /// The budget of the month in parts.
    Month,
    /// The budget of the month in yen.
    Money,
}

impl Bound {
    /// All of them, in the order in which they are looked at.
    pub const ALL: [Self; 4] = [Self::OfficeDay, Self::Day, Self::Month, Self::Money];

    const fn kind(self) -> LimitKind {
        match self {
            Self::Day | Self::OfficeDay => LimitKind::DayParts,
            Self::Month => LimitKind::MonthParts,
            Self::Money => LimitKind::MonthYen,
        }
    }

    const fn office(self, office: OfficeId) -> Option<OfficeId> {
        match self {
            Self::OfficeDay => Some(office),
            Self::Day | Self::Month | Self::Money => None,
        }
    }

    /// In the unit in which it is counted: parts, or hundredths of a yen.
    const fn counted(self, limit: i64) -> i64 {
        match self {
            Self::Money => limit.saturating_mul(YEN),
            _ => limit,
        }
    }

    const fn used(self, used: &Used) -> i64 {
        match self {
            Self::Day => used.day,
            Self::OfficeDay => used.office,
            Self::Month => used.month,
            Self::Money => used.cost,
        }
    }

    const fn wanted(self, wanted: Wanted) -> i64 {
        match self {
            Self::Money => wanted.cost,
            _ => wanted.parts,
        }
    }

    /// As sentences name it.
    const fn label(self) -> &'static str {
        match self {
            Self::Day => "組織の1日の上限",
            Self::OfficeDay => "部署の1日の上限",
            Self::Month => "今月の予算（通数）",
            Self::Money => "今月の予算",
        }
    }
}

/// A broadcast that does not fit.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct OverLimit {
    /// Which limit it would pass.
    pub bound: Bound,
    /// How much that is.
    pub limit: i64,
    /// What is left of it, in its unit.
    pub left: i64,
    /// What was asked for, in its unit.
    pub wanted: i64,
}

impl fmt::Display for OverLimit {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unit = self.bound.kind().unit();
        let [limit, left, wanted] = [self.limit, self.left, self.wanted].map(figure);
        let what = self.bound.label();
        write!(
            out,
            "{what} {limit}{unit}を超えるため、送信できません。残りは{left}{unit}で、この配信には{wanted}{unit}が必要です。"
        )
    }
}

/// With its groups of three digits; nothing below zero is shown.
pub fn figure(number: i64) -> String {
    grouped(u64::try_from(number).unwrap_or(0))
}

/// Whether `wanted` still fits, and which alarm that raises.
pub fn judge(
    limits: &Limits,
    office: OfficeId,
    day: Millis,
    used: &Used,
    wanted: Wanted,
) -> Result<Vec<Bound>, OverLimit> {
    let mut alarms = Vec::new();
    for bound in Bound::ALL {
        let Some(amount) = limits.amount(day, bound.office(office), bound.kind()) else {
            continue;
        };
        let (limit, before, more) = (bound.counted(amount), bound.used(used), bound.wanted(wanted));
        if before.saturating_add(more) > limit {
            let money = bound == Bound::Money;
            let left = (limit - before).max(0);
            return Err(OverLimit {
                bound,
                limit: amount,
                left: if money { left / YEN } else { left },
                wanted: if money { yen(more) } else { more },
            });
        }
        let is_budget = matches!(bound, Bound::Month | Bound::Money);
        if is_budget && !is_alarming(before, limit) && is_alarming(before + more, limit) {
            alarms.push(bound);
        }
    }
    Ok(alarms)
}

/// Whether so much of a budget is used that somebody has to know.
pub fn is_alarming(used: i64, limit: i64) -> bool {
    limit > 0 && used.saturating_mul(100) >= limit.saturating_mul(ALARM)
}

impl Bound {
    /// How much of a budget is used, if that is four fifths or more.
    pub fn alarm_words(self, limits: &Limits, day: Millis, used: &Used) -> Option<String> {
        alarm_of(self, limits, None, day, used)
    }

    /// What the audit trail keeps of an alarm.
    pub fn alarm(self) -> String {
        format!("{}の{ALARM}％に達した", self.label())
    }
}

/// The budgets of which four fifths or more are used, each as a sentence.
pub fn alarms(limits: &Limits, day: Millis, used: &Used) -> Vec<String> {
    let budgets = [Bound::Month, Bound::Money].into_iter();
    budgets
        .filter_map(|bound| alarm_of(bound, limits, None, day, used))
        .collect()
}

/// The office's limit of the day, if four fifths or more of it are used.
pub fn office_alarm(limits: &Limits, office: OfficeId, day: Millis, used: &Used) -> Option<String> {
    alarm_of(Bound::OfficeDay, limits, Some(office), day, used)
}

fn alarm_of(
    bound: Bound,
    limits: &Limits,
    office: Option<OfficeId>,
    day: Millis,
    used: &Used,
) -> Option<String> {
    let amount = limits.amount(day, office, bound.kind())?;
    let (used, counted) = (bound.used(used), bound.counted(amount));
    is_alarming(used, counted).then(|| {
        let percent = (used.saturating_mul(100) / counted).max(0);
        let used = if bound == Bound::Money { yen(used) } else { used };
        let (what, unit) = (bound.label(), bound.kind().unit());
        format!(
            "{what} {}{unit}の{percent}％（{}{unit}）を使いました。",
            figure(amount),
            figure(used)
        )
    })
}

impl Used {
    /// With what is about to be reserved.
    #[must_use]
    pub const fn with(&self, wanted: Wanted) -> Self {
        Self {
            day: self.day + wanted.parts,
            office: self.office + wanted.parts,
            month: self.month + wanted.parts,
            cost: self.cost + wanted.cost,
        }
    }
}

/// Whole yen that are enough for so many hundredths.
const fn yen(hundredths: i64) -> i64 {
    hundredths / YEN + if hundredths % YEN > 0 { 1 } else { 0 }
}

/// The first midnight of the month of `at` in Japan, and that of the next month.
pub fn month_of(at: Millis) -> (Millis, Millis) {
    let first = japan_day(at).first_of_month();
    let next = first.last_of_month().tomorrow().unwrap_or(Date::MAX);
    (midnight(first), midnight(next))
}

/// When a day begins in Japan.
pub fn midnight(day: Date) -> Millis {
    let midnight = Offset::UTC.to_timestamp(day.at(0, 0, 0, 0));
    midnight.map_or(0, Timestamp::as_millisecond) - AHEAD
}

#[cfg(test)]
mod tests {
    use super::*;
    use base::clock::DAY;
    use proptest::prelude::*;

    const OFFICE: OfficeId = OfficeId::new(3);
    /// 2026-11-22 in Japan.
    const TODAY: Millis = 1_795_273_200_000;

    fn limit(office: Option<OfficeId>, kind: LimitKind, amount: Option<i64>, from_day: Millis) -> Limit {
        Limit {
            office,
            kind,
            amount,
            from_day,
            set_by: None,
            set_at: 0,
        }
    }

    #[test]
    fn the_newest_limit_that_has_begun_is_in_force() {
        let kind = LimitKind::DayParts;
        let limits = Limits(vec![
            limit(None, kind, Some(100), TODAY - DAY),
            limit(None, kind, Some(50), TODAY + DAY),
            limit(None, kind, Some(70), TODAY),
            limit(None, kind, Some(80), TODAY),
            limit(Some(OFFICE), kind, None, TODAY),
        ]);
        assert_eq!(limits.amount(TODAY - DAY, None, kind), Some(100));
        assert_eq!(limits.amount(TODAY, None, kind), Some(80));
        assert_eq!(limits.amount(TODAY + DAY, None, kind), Some(50));
        assert_eq!(limits.amount(TODAY, Some(OFFICE), kind), None);
        assert_eq!(limits.amount(TODAY - 2 * DAY, None, kind), None);
    }

    #[test]
    fn a_refusal_says_what_is_left() {
        let limits = Limits(vec![limit(None, LimitKind::MonthYen, Some(1_000), TODAY)]);
        let used = Used {
            cost: 99_050,
            ..Used::default()
        };
        let wanted = Wanted {
            parts: 3,
            cost: 2_401,
        };
        let refused = judge(&limits, OFFICE, TODAY, &used, wanted).expect_err("9.50 yen are left");
        assert_eq!(
            refused.to_string(),
            "今月の予算 1,000円を超えるため、送信できません。残りは9円で、この配信には25円が必要です。"
        );
        let fits = Wanted { parts: 1, cost: 950 };
        assert_eq!(judge(&limits, OFFICE, TODAY, &used, fits), Ok(vec![]));
    }

    #[test]
    fn the_alarm_is_raised_once_when_the_budget_comes_to_four_fifths() {
        let limits = Limits(vec![limit(None, LimitKind::MonthParts, Some(100), TODAY)]);
        let at = |month| Used {
            month,
            ..Used::default()
        };
        let more = Wanted { parts: 5, cost: 0 };
        assert_eq!(judge(&limits, OFFICE, TODAY, &at(74), more), Ok(vec![]));
        assert_eq!(
            judge(&limits, OFFICE, TODAY, &at(75), more),
            Ok(vec![Bound::Month])
        );
        assert_eq!(judge(&limits, OFFICE, TODAY, &at(80), more), Ok(vec![]));
        assert_eq!(
            alarms(&limits, TODAY, &at(85)),
            ["今月の予算（通数） 100通の85％（85通）を使いました。"]
        );
    }

    #[test]
    fn a_month_begins_and_ends_at_midnight_in_japan() {
        let (first, next) = month_of(TODAY);
        assert_eq!(japan_day(first).to_string(), "2026-11-01");
        assert_eq!(japan_day(next).to_string(), "2026-12-01");
        assert_eq!(japan_day(next - 1).to_string(), "2026-11-30");
        assert_eq!(midnight(japan_day(TODAY)), TODAY);
    }

    proptest! {
        #[test]
        fn what_fits_passes_no_limit(
            amounts in proptest::array::uniform4(proptest::option::of(0_i64..1_000)),
            asked in proptest::collection::vec(1_i64..200, 1..30),
        ) {
            let limits = Limits(Bound::ALL.into_iter().zip(amounts).map(|(bound, amount)| {
                limit(bound.office(OFFICE), bound.kind(), amount, TODAY)
            }).collect());
            let mut used = Used::default();
            for parts in asked {
                let wanted = Wanted { parts, cost: parts * 330 };
                if judge(&limits, OFFICE, TODAY, &used, wanted).is_ok() {
                    used.day += parts;
                    used.office += parts;
                    used.month += parts;
                    used.cost += wanted.cost;
                }
                for (bound, amount) in Bound::ALL.into_iter().zip(amounts) {
                    let limit = amount.map_or(i64::MAX, |amount| bound.counted(amount));
                    prop_assert!(bound.used(&used) <= limit, "{:?}", bound);
                }
            }
        }
    }
}
