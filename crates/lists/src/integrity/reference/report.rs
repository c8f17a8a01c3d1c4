//! The words and rows that people see of a comparison.

use super::{
    super::{
        IntegrityFinding, Rate, Scope, SideBySide,
        explain::{Explanation, Seat, rate_at, rate_unsorted},
        words,
    },
    Desk, Held,
};
use crate::{code::Code, kind::ColumnKind};

impl Desk<'_> {
    pub(super) fn findings(&self, block: &[usize], held: &Held) -> Vec<IntegrityFinding> {
        let columns: Vec<String> = block
            .iter()
            .map(|pair| self.list.columns[self.pairs[*pair].list].heading.clone())
            .collect();
        let wrong = |from: usize, to: usize| -> Vec<usize> {
            (from..=to)
                .filter(|row| !matches!(held.seats[*row], Seat::Home | Seat::Shared(_) | Seat::Open))
                .collect()
        };
        let mut findings = Vec::new();
        for (explanation, covered) in &held.explanations {
            let (finding, rows) = match explanation {
                Explanation::Shifted { offset, from, to } => {
                    let rows = covered.clone().unwrap_or_else(|| wrong(*from, *to));
                    (self.shifted(&columns, *offset, &rows, covered.is_some()), rows)
                }
                Explanation::Sorted { descending, from, to } => {
                    let rows = wrong(*from, *to);
                    let message = words::sorted(&columns, *descending, rows.len());
                    (
                        IntegrityFinding::new(Code::IntegritySorted, Scope::List, message),
                        rows,
                    )
                }
                Explanation::Swapped(pairs) => {
                    let lines: Vec<(u32, u32)> = pairs
                        .iter()
                        .map(|(a, b)| (self.list.line(*a), self.list.line(*b)))
                        .collect();
                    let message = words::swapped(&columns, &lines);
                    let rows = pairs.iter().flat_map(|(a, b)| [*a, *b]).collect();
                    (
                        IntegrityFinding::new(Code::IntegritySwapped, Scope::List, message),
                        rows,
                    )
                }
                Explanation::Misplaced(rows) => (self.misplaced(&columns, rows), rows.clone()),
            };
            let lines = self.list.lines(rows.iter().copied());
            let mut finding = finding.at(&lines).of(columns.clone());
            finding.rates = rates(&held.seats);
            if let Explanation::Sorted { from, to, .. } = explanation {
                finding.sorted_rate = Some(rate_unsorted(&held.seats, *from, *to));
            }
            self.show(&mut finding, block, &rows);
            findings.push(finding);
        }
        findings
    }

    fn shifted(
        &self,
        columns: &[String],
        offset: i64,
        rows: &[usize],
        in_source_order: bool,
    ) -> IntegrityFinding {
        let offset = i32::try_from(offset).expect("LIST_ROWS is below 2^31");
        let last = *rows.iter().max().expect("a shift has rows");
        let stretch = words::Stretch {
            from: self.list.line(*rows.iter().min().expect("a shift has rows")),
            to: self.list.line(last),
            to_end: last + 1 == self.list.len(),
        };
        let message = words::shifted(columns, offset, stretch, in_source_order);
        let finding = IntegrityFinding::new(Code::IntegrityShifted, Scope::List, message);
        IntegrityFinding {
            offset: Some(offset),
            ..finding
        }
    }

    /// A few wrong values stop their rows; many are a column that was mixed up.
    fn misplaced(&self, columns: &[String], rows: &[usize]) -> IntegrityFinding {
        let lines = self.list.lines(rows.iter().copied());
        if rows.len() > 3 && rows.len() * 10 > self.list.len() {
            let message = words::scattered(columns, rows.len());
            IntegrityFinding::new(Code::IntegrityMismatch, Scope::List, message)
        } else {
            let message = words::mismatch(columns, &lines);
            IntegrityFinding::new(Code::IntegrityMismatch, Scope::Rows, message)
        }
    }

    /// Puts up to five rows beside the source: the columns in question, and two that show whose row it is.
    fn show(&self, finding: &mut IntegrityFinding, block: &[usize], rows: &[usize]) {
        let by = self.votes.others(block);
        let mut shown: Vec<usize> = by.clone();
        shown.sort_by_key(|pair| {
            (
                self.votes.against[*pair],
                self.pairs[*pair].kind != ColumnKind::Phone,
            )
        });
        shown.truncate(2);
        shown.extend(block);
        finding.shown = shown
            .iter()
            .map(|pair| self.list.columns[self.pairs[*pair].list].heading.clone())
            .collect();
        for row in rows.iter().copied().take(5) {
            let person = self.persons_by(row, &by).first().copied();
            let list = shown
                .iter()
                .map(|pair| self.list.cell(row, self.pairs[*pair].list).into_owned());
            let source = |pair: &usize| {
                person.map_or_else(String::new, |person| {
                    self.reference
                        .cell(person as usize, self.pairs[*pair].reference)
                        .into_owned()
                })
            };
            finding.examples.push(SideBySide {
                line: self.list.line(row),
                list: list.collect(),
                reference: shown.iter().map(source).collect(),
            });
        }
    }

    /// Values that occur nowhere in the source although their person does: corrected by hand, or mistyped.
    pub(super) fn unknown_values(&self) -> Vec<IntegrityFinding> {
        let mut findings = Vec::new();
        let claimed = self.claimed();
        for (index, held) in self.pairs.iter().enumerate() {
            if !matches!(held.kind, ColumnKind::Phone | ColumnKind::Id | ColumnKind::Birth) {
                continue;
            }
            let by = self.votes.others(&[index]);
            let rows: Vec<usize> = (0..self.list.len())
                .filter(|row| {
                    let persons = self.persons_by(*row, &by);
                    let there = |person: &u32| {
                        !self
                            .reference
                            .cell(*person as usize, held.reference)
                            .trim()
                            .is_empty()
                    };
                    self.is_unknown(index, *row)
                        && persons.iter().any(there)
                        && !persons.iter().any(|person| claimed.contains(person))
                        && self.is_borne_out(index, *row, &persons)
                })
                .collect();
            if rows.is_empty() {
                continue;
            }
            let lines = self.list.lines(rows.iter().copied());
            let heading = self.list.columns[held.list].heading.clone();
            let message = words::unknown_value(&heading, &lines);
            let mut finding = IntegrityFinding::new(Code::IntegrityUnknownValue, Scope::Rows, message)
                .at(&lines)
                .of(vec![heading]);
            self.show(&mut finding, &[index], &rows);
            findings.push(finding);
        }
        findings
    }
}

/// How well the column would fit at shifts of up to five rows.
fn rates(seats: &[Seat]) -> Vec<Rate> {
    (-5..=5)
        .map(|shift| Rate {
            shift,
            rate: rate_at(seats, i64::from(shift)),
        })
        .collect()
}
