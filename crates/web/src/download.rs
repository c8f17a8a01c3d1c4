//! Files that people take away: safe against formulas, and marked with who took them, when and for what.

use std::borrow::Cow;
use std::fmt::Write as _;

use axum::http::{HeaderName, header};

/// A spreadsheet takes a cell that begins with one of these for a formula (ASVS 1.2.10).
const FORMULA: [char; 12] = ['=', '+', '-', '@', '\t', '\r', '\n', '\0', '＝', '＋', '－', '＠'];

/// The cell as a spreadsheet takes it for text.
pub fn as_text(cell: &str) -> Cow<'_, str> {
    if cell.starts_with(FORMULA) {
        format!("'{cell}").into()
    } else {
        cell.into()
    }
}

/// A small CSV file: UTF-8 with BOM and CRLF, as Excel in Japan opens it; no cell is a formula.
#[derive(Debug)]
pub struct Csv(String);

impl Csv {
    /// Begins with the headings.
    pub fn begin<'a>(headings: impl IntoIterator<Item = &'a str>) -> Self {
        let mut csv = Self("\u{feff}".to_owned());
        csv.row(headings);
        csv
    }

    /// More rows of a file whose beginning was written already.
    pub fn empty() -> Self {
        Self(String::new())
    }

    /// One more row.
    pub fn row<'a>(&mut self, cells: impl IntoIterator<Item = &'a str>) {
        for (at, cell) in cells.into_iter().enumerate() {
            if at > 0 {
                self.0.push(',');
            }
            let cell = as_text(cell);
            if cell.contains([',', '"', '\r', '\n']) {
                self.0.push('"');
                self.0.push_str(&cell.replace('"', "\"\""));
                self.0.push('"');
            } else {
                self.0.push_str(&cell);
            }
        }
        self.0.push_str("\r\n");
    }

    /// The file.
    pub fn end(self) -> Vec<u8> {
        self.0.into_bytes()
    }
}

/// The headers of a file that is saved under this name. Browsers take the encoded form; plain letters stand for others.
pub fn headers(kind: &'static str, name: &str) -> [(HeaderName, String); 3] {
    let plain: String = name.chars().map(|c| if is_plain(c) { c } else { '_' }).collect();
    let mut whole = String::new();
    for c in name.chars() {
        if is_plain(c) {
            whole.push(c);
        } else if !c.is_control() && !"/\\:*?\"<>|".contains(c) {
            let mut bytes = [0; 4];
            for byte in c.encode_utf8(&mut bytes).bytes() {
                write!(whole, "%{byte:02X}").expect("writing to a String does not fail");
            }
        } else {
            whole.push('_');
        }
    }
    [
        (header::CONTENT_TYPE, kind.to_owned()),
        (
            header::CONTENT_DISPOSITION,
            format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{whole}"),
        ),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ]
}

fn is_plain(c: char) -> bool {
    c.is_ascii_alphanumeric() || "-_.".contains(c)
}

/// The kind of a [`Csv`] file.
pub const CSV: &str = "text/csv; charset=utf-8";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula() {
        for cell in [
            "=1+1", "+81", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "\0=1", "＝1", "＋1", "－1", "＠1",
        ] {
            assert_eq!(as_text(cell), format!("'{cell}"));
        }
        for cell in ["", "090-1234-5678", "青葉 花子", "1=1"] {
            assert_eq!(as_text(cell), cell);
        }
    }

    #[test]
    fn a_name_ends_nowhere_but_in_the_folder_of_downloads() {
        let [_, (_, disposition), _] = headers(CSV, "todoke-7-目的/..\\\r\n\".csv");
        assert_eq!(
            disposition,
            "attachment; filename=\"todoke-7-___..____.csv\"; \
             filename*=UTF-8''todoke-7-%E7%9B%AE%E7%9A%84_..____.csv"
        );
    }

    #[test]
    fn cells_stay_in_their_columns() {
        let mut csv = Csv::begin(["a", "b"]);
        csv.row(["x,\"y\"", "=1\r\n2"]);
        let text = String::from_utf8(csv.end()).expect("text");
        assert_eq!(text, "\u{feff}a,b\r\n\"x,\"\"y\"\"\",\"'=1\r\n2\"\r\n");
    }
}
