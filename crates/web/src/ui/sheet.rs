//! Rows of a spreadsheet as its program shows them: column letters, row numbers.

use askama::Template;
use askama::filters::HtmlSafe;

/// A piece of a spreadsheet.
#[derive(Clone, Template)]
#[template(path = "ui/sheet.html")]
pub struct Sheet {
    label: String,
    header: Vec<String>,
    header_line: u64,
    rows: Vec<(u64, Vec<String>)>,
}

impl HtmlSafe for Sheet {}

// Rows hold people's data.
impl std::fmt::Debug for Sheet {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Sheet")
            .field("rows", &self.rows.len())
            .finish_non_exhaustive()
    }
}

impl Sheet {
    /// The label (for assistive technology), the headings and the row number where they stand.
    pub fn new(label: impl ToString, header_line: u64, header: Vec<String>) -> Self {
        Self {
            label: label.to_string(),
            header,
            header_line,
            rows: Vec::new(),
        }
    }

    /// A row with the number that the spreadsheet program shows.
    #[must_use]
    pub fn row(mut self, line: u64, cells: Vec<String>) -> Self {
        self.rows.push((line, cells));
        self
    }

    fn letters(&self) -> Vec<String> {
        (0..self.header.len()).map(letter).collect()
    }
}

/// A, B, …, Z, AA, …: the column's letter, counted from 0.
fn letter(index: usize) -> String {
    let mut rest = index + 1;
    let mut letters = Vec::new();
    while rest > 0 {
        let digit = u8::try_from((rest - 1) % 26).expect("below 26");
        letters.push(char::from(b'A' + digit));
        rest = (rest - 1) / 26;
    }
    letters.iter().rev().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_as_in_a_spreadsheet() {
        let named = [
            (0, "A"),
            (25, "Z"),
            (26, "AA"),
            (51, "AZ"),
            (52, "BA"),
            (701, "ZZ"),
            (702, "AAA"),
        ];
        for (index, name) in named {
            assert_eq!(letter(index), name);
        }
    }

    #[test]
    fn rows_keep_the_numbers_of_the_sheet() {
        let sheet = Sheet::new("見本", 2, vec!["HER-SYS ID".into()]).row(7, vec!["05023602".into()]);
        let html = sheet.to_string();
        assert!(
            html.contains(">7<") && html.contains(">2<") && html.contains("05023602"),
            "{html}"
        );
    }
}
