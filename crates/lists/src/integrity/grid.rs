//! A sheet as columns that can be compared: its own, and pairs of columns that make one value together.

use std::borrow::Cow;

use base::merge::heading_key;

use crate::{
    kind::{ColumnKind, Profile},
    sheet::{ParsedRow, Sheet, column_letters},
};

/// A column, or 姓 and 名 together.
pub(super) struct Column {
    pub(super) heading: String,
    pub(super) kind: ColumnKind,
    pub(super) profile: Profile,
    cells: Cells,
}

#[derive(Clone, Copy)]
enum Cells {
    One(usize),
    Joined(usize, usize),
}

impl Cells {
    fn of(self, row: ParsedRow<'_>) -> Cow<'_, str> {
        match self {
            Self::One(column) => Cow::Borrowed(row.cell(column)),
            Self::Joined(first, second) => match (row.cell(first), row.cell(second)) {
                (one, "") | ("", one) => Cow::Borrowed(one),
                (one, other) => Cow::Owned(format!("{one} {other}")),
            },
        }
    }
}

pub(super) struct Grid<'a> {
    sheet: &'a Sheet,
    pub(super) columns: Vec<Column>,
}

impl<'a> Grid<'a> {
    pub(super) fn new(sheet: &'a Sheet) -> Self {
        let widest = sheet.rows().map(ParsedRow::len).max().unwrap_or(0);
        let width = widest.max(sheet.headings().len());
        let heading = |column: usize| sheet.headings().get(column).map_or("", String::as_str);
        let mut columns: Vec<Column> = (0..width)
            .map(|column| {
                let name = match heading(column) {
                    "" => format!("{}列", column_letters(column)),
                    heading => heading.to_owned(),
                };
                Column::new(sheet, name, Cells::One(column))
            })
            .collect();
        for column in 1..width {
            if is_pair(heading(column - 1), heading(column)) {
                let name = format!("{}・{}", heading(column - 1), heading(column));
                let joined = Column::new(sheet, name, Cells::Joined(column - 1, column));
                columns.push(Column {
                    kind: if joined.kind == ColumnKind::Kana {
                        ColumnKind::Kana
                    } else {
                        ColumnKind::Name
                    },
                    ..joined
                });
            }
        }
        Self { sheet, columns }
    }

    pub(super) fn len(&self) -> usize {
        self.sheet.len()
    }

    fn row(&self, row: usize) -> ParsedRow<'a> {
        self.sheet.table.row(self.sheet.first + row)
    }

    /// The row number that Excel shows.
    pub(super) fn line(&self, row: usize) -> u32 {
        self.row(row).line()
    }

    pub(super) fn lines(&self, rows: impl IntoIterator<Item = usize>) -> Vec<u32> {
        rows.into_iter().map(|row| self.line(row)).collect()
    }

    pub(super) fn cell(&self, row: usize, column: usize) -> Cow<'a, str> {
        self.columns[column].cells.of(self.row(row))
    }

    /// Columns of a kind, in order.
    pub(super) fn of_kind(&self, kind: ColumnKind) -> impl Iterator<Item = usize> {
        (0..self.columns.len()).filter(move |column| self.columns[*column].kind == kind)
    }
}

impl Column {
    fn new(sheet: &Sheet, heading: String, cells: Cells) -> Self {
        let profile = Profile::of(sheet, &move |row| cells.of(row));
        Self {
            kind: profile.kind(&heading),
            heading,
            profile,
            cells,
        }
    }
}

/// Whether two neighbouring headings are the halves of a name.
fn is_pair(first: &str, second: &str) -> bool {
    let (first, second) = (heading_key(first), heading_key(second));
    let pairs = [
        (
            &["姓", "氏", "苗字", "名字", "last", "family", "surname"][..],
            &["名", "first", "given"][..],
        ),
        (&["セイ", "せい"], &["メイ", "めい"]),
    ];
    pairs.iter().any(|(surnames, givens)| {
        let ends = |key: &str, words: &[&str]| {
            words.iter().any(|word| {
                key == *word || word.is_ascii() && key.contains(word) || key.ends_with(&format!("({word})"))
            })
        };
        ends(&first, surnames) && ends(&second, givens)
    })
}
