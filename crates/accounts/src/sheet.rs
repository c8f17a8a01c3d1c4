//! Small lists of offices and people, as a spreadsheet saves them: CSV or tab-separated, UTF-8 or CP932.
//!
//! Lists of residents have a reader of their own in the slice of lists, which knows far more; this one reads a few
//! plain columns that somebody here wrote for this page.

use std::borrow::Cow;

use encoding_rs::SHIFT_JIS;

/// One line that holds something: its number in the file, from 1, and its cells, trimmed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Line {
    pub(crate) number: usize,
    pub(crate) cells: Vec<String>,
}

impl Line {
    /// The cell at `index`, from 0; nothing in it if the line is shorter.
    pub(crate) fn cell(&self, index: usize) -> &str {
        self.cells.get(index).map_or("", String::as_str)
    }
}

/// The text of a file: UTF-8 if it is, otherwise as Japanese Windows writes it.
pub(crate) fn text(bytes: &[u8]) -> Cow<'_, str> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => SHIFT_JIS.decode_without_bom_handling(bytes).0,
    }
}

/// The lines of a text that hold something, without the first if it is `heading`.
pub(crate) fn lines(text: &str, heading: &str) -> Vec<Line> {
    let lines = (1..)
        .zip(text.lines())
        .filter(|(_, line)| !line.trim().is_empty());
    let lines = lines.map(|(number, line)| Line {
        number,
        cells: cells(line),
    });
    let mut lines: Vec<Line> = lines
        .filter(|line| line.cells.iter().any(|cell| !cell.is_empty()))
        .collect();
    if lines.first().is_some_and(|line| line.cell(0) == heading) {
        lines.remove(0);
    }
    lines
}

/// Cells between commas or tabs; one in double quotes may hold either.
fn cells(line: &str) -> Vec<String> {
    let mut all = vec![String::new()];
    let mut quoted = false;
    for letter in line.chars() {
        let cell = all.last_mut().expect("there is always one");
        match letter {
            '"' => quoted = !quoted,
            ',' | '\t' if !quoted => all.push(String::new()),
            other => cell.push(other),
        }
    }
    all.into_iter().map(|cell| cell.trim().to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<(usize, Vec<String>)> {
        let lines = lines(text, "名前").into_iter();
        lines.map(|line| (line.number, line.cells)).collect()
    }

    #[test]
    fn lines_are_read_as_spreadsheets_and_people_write_them() {
        let cells = |all: &[&str]| all.iter().map(|cell| (*cell).to_owned()).collect::<Vec<_>>();
        let text = "名前,種類\r\n朝霞保健所,保健所\r\n\r\n,,\r\n\"委託, 東\",委託先,2027/3/31\r\n加須保健所\t保健所\r\n";
        assert_eq!(
            read(text),
            [
                (2, cells(&["朝霞保健所", "保健所"])),
                (5, cells(&["委託, 東", "委託先", "2027/3/31"])),
                (6, cells(&["加須保健所", "保健所"])),
            ]
        );
        assert_eq!(read("朝霞保健所\n"), [(1, cells(&["朝霞保健所"]))]);
    }

    #[test]
    fn files_of_japanese_windows_are_read() {
        let (saved, ..) = SHIFT_JIS.encode("朝霞保健所,保健所");
        assert_eq!(text(&saved), "朝霞保健所,保健所");
        assert_eq!(text("\u{feff}朝霞保健所".as_bytes()), "朝霞保健所");
    }
}
