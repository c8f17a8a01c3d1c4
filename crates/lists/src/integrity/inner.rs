//! What the list alone shows. Only a plain contradiction stops it; the rest asks a person to look, and rarely.

mod ages;
mod ids;
mod names;
mod overhang;

use base::date::CalendarDate;

use super::{
    IntegrityFinding, Rate, Scope,
    explain::{Explanation, Seat, explain, rate_at},
    grid::Grid,
    words,
};
use crate::{code::Code, sheet::Sheet};

/// Looks for traces of a slipped column inside the list. `today` bounds the day on which the ages were written.
pub fn inner_evidence(list: &Sheet, today: Option<CalendarDate>) -> Vec<IntegrityFinding> {
    let list = Grid::new(list);
    let mut findings = overhang::check(&list);
    findings.extend(ages::check(&list, today));
    findings.extend(names::check(&list));
    findings.extend(ids::check(&list));
    findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    findings
}

/// Rows that have to agree on one offset before two columns are said to have slipped.
const MIN_SUPPORT: usize = 8;

/// Two columns that should agree in every row: slipped as a whole, or wrong in single rows.
struct Beside<'a> {
    list: &'a Grid<'a>,
    /// The column that is said to have slipped, and the one it is held against.
    column: usize,
    other: usize,
    seats: Vec<Seat>,
}

impl Beside<'_> {
    fn findings(self, worth_a_warning: &dyn Fn(usize) -> bool) -> Vec<IntegrityFinding> {
        let heading = |column: usize| self.list.columns[column].heading.clone();
        let (column, beside) = (heading(self.column), heading(self.other));
        let away = |from: usize, to: usize| -> Vec<usize> {
            (from..=to)
                .filter(|row| matches!(self.seats[*row], Seat::Away(_)))
                .collect()
        };
        let all = away(0, self.seats.len() - 1);
        for explanation in explain(&self.seats, &[]) {
            let Explanation::Shifted { offset, from, to } = explanation else {
                continue;
            };
            let wrong = away(from, to);
            if offset.abs() > 20 || wrong.len() < MIN_SUPPORT || wrong.len() * 2 < all.len() {
                continue;
            }
            let offset = i32::try_from(offset).expect("at most 20");
            let message = words::inner_shifted(&column, &beside, offset, self.list.line(from));
            let finding = IntegrityFinding::new(Code::IntegrityShifted, Scope::List, message)
                .at(&self.list.lines(wrong))
                .of(vec![column]);
            let rates = (-5..=5)
                .map(|shift| Rate {
                    shift,
                    rate: rate_at(&self.seats, i64::from(shift)),
                })
                .collect();
            return vec![IntegrityFinding {
                offset: Some(offset),
                rates,
                ..finding
            }];
        }
        let rows: Vec<usize> = all.into_iter().filter(|row| worth_a_warning(*row)).collect();
        if rows.is_empty() {
            return Vec::new();
        }
        let lines = self.list.lines(rows);
        let message = words::contradiction(&column, &beside, &lines);
        let finding = IntegrityFinding::new(Code::IntegrityContradiction, Scope::Rows, message);
        vec![finding.at(&lines).of(vec![column, beside])]
    }
}

/// Rows up to `reach` away from `row`.
fn near(row: usize, rows: usize, reach: usize) -> impl Iterator<Item = usize> {
    (row.saturating_sub(reach)..(row + reach + 1).min(rows)).filter(move |other| *other != row)
}
