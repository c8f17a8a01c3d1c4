//! Who a row is about: the cells that name a person, and what they are known again by.

use base::phone;
use db::OrgVault;

use crate::{
    contacts::{PersonKeys, PersonValues},
    kind::{ColumnKind, kinds},
    sheet::{ParsedRow, Sheet},
};

/// The columns that say who a row is about, counted from 0.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PersonColumns {
    /// Of the numbers.
    pub to: usize,
    /// Of the IDs.
    pub id: Option<usize>,
    /// Of the names.
    pub name: Option<usize>,
    /// Of the birth dates.
    pub birth: Option<usize>,
}

impl PersonColumns {
    /// The first column of each kind, by heading and by what stands in it.
    pub fn of(sheet: &Sheet, to: usize) -> Self {
        let kinds = kinds(sheet);
        let first = |wanted| kinds.iter().position(|kind| *kind == wanted);
        Self {
            to,
            id: first(ColumnKind::Id),
            name: first(ColumnKind::Name),
            birth: first(ColumnKind::Birth),
        }
    }

    /// The keys of one row.
    pub fn keys(&self, vault: &OrgVault, row: ParsedRow<'_>) -> PersonKeys {
        let cell = |column: Option<usize>| column.map(|column| row.cell(column));
        let values = PersonValues {
            phone: phone::parse(row.cell(self.to)).ok().map(|parsed| parsed.number),
            id: cell(self.id),
            name: cell(self.name),
            birth: cell(self.birth),
        };
        PersonKeys::of(vault, &values)
    }

    /// The keys of every row, in the order of the list.
    pub fn all(&self, vault: &OrgVault, sheet: &Sheet) -> Vec<PersonKeys> {
        sheet.rows().map(|row| self.keys(vault, row)).collect()
    }
}
