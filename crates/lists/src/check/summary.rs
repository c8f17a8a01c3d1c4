//! Counts of a checked list.

use std::{borrow::Borrow, collections::BTreeMap};

use base::text::Parts;
use serde::Serialize;

use super::{CheckedRow, Standing};
use crate::code::Severity;

/// Counts of rows.
#[derive(Clone, PartialEq, Eq, Default, Debug, Serialize)]
pub struct Summary {
    /// All rows.
    pub rows: usize,
    /// Rows that will be sent; none if the list as a whole is stopped.
    pub sendable: usize,
    /// Rows with an error: not sent.
    pub errors: usize,
    /// Rows that say the same to the same number as an earlier one: not sent again.
    pub duplicates: usize,
    /// Rows whose person was written to for the same purpose before: not sent again.
    pub contacted: usize,
    /// Rows with a warning.
    pub warnings: usize,
    /// Rows with a notice.
    pub notices: usize,
    /// Parts of all rows that will be sent, at each carrier if all were there.
    pub parts: PartTotals,
    /// Rows by code.
    pub codes: BTreeMap<&'static str, usize>,
}

/// Sums of parts at each carrier.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug, Serialize)]
pub struct PartTotals {
    /// At NTT docomo.
    pub docomo: usize,
    /// At KDDI.
    pub au: usize,
    /// At `SoftBank`.
    pub softbank: usize,
    /// At Rakuten Mobile.
    pub rakuten: usize,
}

impl Summary {
    pub(super) fn of<R: Borrow<CheckedRow>>(rows: impl Iterator<Item = R>, stopped: bool) -> Self {
        let mut summary = Self::default();
        rows.for_each(|row| summary.add(row.borrow()));
        if stopped {
            summary.sendable = 0;
            summary.parts = PartTotals::default();
        }
        summary
    }

    /// Both parts of a list.
    pub(super) fn join(&mut self, other: &Self) {
        self.rows += other.rows;
        self.sendable += other.sendable;
        self.errors += other.errors;
        self.duplicates += other.duplicates;
        self.contacted += other.contacted;
        self.warnings += other.warnings;
        self.notices += other.notices;
        self.parts.join(other.parts);
        for (code, rows) in &other.codes {
            *self.codes.entry(code).or_default() += rows;
        }
    }

    fn add(&mut self, row: &CheckedRow) {
        self.rows += 1;
        match row.standing() {
            Standing::Send => {
                self.sendable += 1;
                self.parts.add(row.parts);
            }
            Standing::Blocked => self.errors += 1,
            Standing::Repeat(_) => self.duplicates += 1,
            Standing::Contacted => self.contacted += 1,
        }
        let has = |severity: Severity| row.problems.iter().any(|problem| problem.severity() == severity);
        self.warnings += usize::from(has(Severity::Warning));
        self.notices += usize::from(has(Severity::Notice));
        let mut codes: Vec<&str> = row.problems.iter().map(|problem| problem.code.code()).collect();
        codes.sort_unstable();
        codes.dedup();
        for code in codes {
            *self.codes.entry(code).or_default() += 1;
        }
    }
}

impl PartTotals {
    fn join(&mut self, other: Self) {
        self.docomo += other.docomo;
        self.au += other.au;
        self.softbank += other.softbank;
        self.rakuten += other.rakuten;
    }

    fn add(&mut self, parts: Parts) {
        self.docomo += usize::from(parts.docomo);
        self.au += usize::from(parts.au);
        self.softbank += usize::from(parts.softbank);
        self.rakuten += usize::from(parts.rakuten);
    }
}
