//! Ages beside birth dates.

use base::date::{self, CalendarDate, DateProblem, Parsed};

use super::{super::grid::Grid, Beside, near};
use crate::{
    integrity::{IntegrityFinding, explain::Seat},
    kind::ColumnKind,
};

pub(super) fn check(list: &Grid<'_>, today: Option<CalendarDate>) -> Vec<IntegrityFinding> {
    let (Some(birth), Some(age)) = (
        list.of_kind(ColumnKind::Birth).next(),
        list.of_kind(ColumnKind::Age).next(),
    ) else {
        return Vec::new();
    };
    let births: Vec<Option<CalendarDate>> = (0..list.len())
        .map(|row| match date::parse(&list.cell(row, birth)) {
            Ok(Parsed::Full(day)) | Err(DateProblem::OtherEra { meant: day, .. }) => Some(day),
            _ => None,
        })
        .collect();
    let ages: Vec<Option<u8>> = (0..list.len()).map(|row| years(&list.cell(row, age))).collect();
    let Some(day) = written_on(&births, &ages, today) else {
        return Vec::new();
    };
    let seats: Vec<Seat> = (0..list.len())
        .map(|row| {
            let (Some(born), Some(_)) = (births[row], ages[row]) else {
                return Seat::Open;
            };
            let expected = born.age_on(day);
            if close(expected, ages[row]) {
                Seat::Home
            } else {
                Seat::Away(
                    near(row, list.len(), 20)
                        .filter(|other| ages[*other] == expected)
                        .collect(),
                )
            }
        })
        .collect();
    let wrong = seats.iter().filter(|seat| matches!(seat, Seat::Away(_))).count();
    let beside = Beside {
        list,
        column: birth,
        other: age,
        seats,
    };
    // Where most rows contradict, the ages are of some other day, not of other persons.
    let few = wrong * 5 <= list.len();
    beside.findings(&|_| few)
}

/// 36, 36歳, ３６; months of babies are no years.
fn years(cell: &str) -> Option<u8> {
    let text: String = cell
        .chars()
        .map(|c| match c {
            '０'..='９' => char::from_u32(u32::from(c) - 0xFEE0).unwrap_or(c),
            c => c,
        })
        .collect();
    text.trim()
        .trim_end_matches(['歳', '才'])
        .parse()
        .ok()
        .filter(|age| *age <= 120)
}

/// A list that lies for a day, or takes the age on the birthday itself otherwise, is not wrong.
fn close(expected: Option<u8>, written: Option<u8>) -> bool {
    matches!((expected, written), (Some(one), Some(other)) if one.abs_diff(other) <= 1)
}

/// The year in whose middle most ages are right, now or if one column moved by up to five rows.
fn written_on(
    births: &[Option<CalendarDate>],
    ages: &[Option<u8>],
    today: Option<CalendarDate>,
) -> Option<CalendarDate> {
    let mut counts = std::collections::BTreeMap::<u16, usize>::new();
    for shift in -5_i64..=5 {
        let mut of_shift = std::collections::BTreeMap::<u16, usize>::new();
        for (row, born) in births.iter().enumerate() {
            let other = i64::try_from(row)
                .ok()
                .and_then(|row| usize::try_from(row - shift).ok());
            if let (Some(born), Some(Some(age))) = (born, other.and_then(|other| ages.get(other))) {
                *of_shift.entry(born.year() + u16::from(*age)).or_default() += 1;
            }
        }
        for (year, count) in of_shift {
            // Half of the birthdays lie after the day: the sum of year and age is that year or the one before.
            let most = counts.entry(year).or_default();
            *most = count.max(*most);
        }
    }
    let limit = today.map_or(2100, CalendarDate::year);
    let (year, _) = counts
        .into_iter()
        .filter(|(year, _)| *year <= limit)
        .max_by_key(|(_, count)| *count)?;
    CalendarDate::new(year, 12, 31)
}
