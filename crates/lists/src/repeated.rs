//! Headings that come again below the headings: lists pasted one under the other.
//!
//! The same headings again cost nobody anything: that line is not sent. Headings in another order are dangerous,
//! because every row below them has its values in the wrong columns; such a list is refused.

use base::merge::heading_key;

use crate::{
    layout::is_usual_heading,
    problem::FileProblem,
    sheet::{ParsedRow, Sheet},
};

/// The headings of a list, folded.
pub struct HeadingLine {
    keys: Vec<String>,
    named: usize,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Again {
    /// The same headings in the same columns.
    Same,
    /// Headings in other columns, or of another list.
    Other,
}

impl HeadingLine {
    /// Of these headings.
    pub fn of(headings: &[String]) -> Self {
        let keys: Vec<String> = headings.iter().map(|heading| heading_key(heading)).collect();
        Self {
            named: keys.iter().filter(|key| !key.is_empty()).count(),
            keys,
        }
    }

    /// The lines that repeat the headings, or why the list cannot be read as one.
    pub(crate) fn repeats(&self, sheet: &Sheet) -> Result<Vec<u32>, FileProblem> {
        let mut lines = Vec::new();
        for row in sheet.rows() {
            match self.look(row) {
                None => {}
                Some(Again::Same) => lines.push(row.line()),
                Some(Again::Other) => return Err(FileProblem::SecondTable { line: row.line() }),
            }
        }
        Ok(lines)
    }

    /// Whether the row repeats these headings.
    pub fn is_again(&self, row: ParsedRow<'_>) -> bool {
        self.look(row) == Some(Again::Same)
    }

    fn look(&self, row: ParsedRow<'_>) -> Option<Again> {
        if holds_data(row.text()) {
            return None;
        }
        let (mut filled, mut in_place, mut anywhere) = (0, 0, 0);
        for (column, cell) in row.cells().enumerate() {
            let key = heading_key(cell);
            if key.is_empty() {
                continue;
            }
            filled += 1;
            let own = self.keys.get(column).map_or("", String::as_str);
            // Where the headings took two lines, each of them holds one half of a name.
            let half = key.chars().count() > 1 && (own.starts_with(&key) || own.ends_with(&key));
            in_place += usize::from(own == key || half);
            anywhere += usize::from(self.keys.contains(&key) || half || is_usual_heading(&key));
        }
        let most = |count: usize| count * 3 >= filled * 2;
        let alone = |count: usize| count == filled && filled == self.named;
        if filled == 0 {
            None
        } else if most(in_place) && (in_place > 1 || alone(in_place)) {
            Some(Again::Same)
        } else if most(anywhere) && (anywhere > 2 || anywhere == 2 && alone(anywhere)) {
            Some(Again::Other)
        } else {
            None
        }
    }
}

/// A run of five digits is a number, an ID or a day. Headings have none, and almost every other row has one.
fn holds_data(text: &str) -> bool {
    let mut run = 0;
    text.bytes().any(|b| {
        run = if b.is_ascii_digit() { run + 1 } else { 0 };
        run == 5
    })
}
