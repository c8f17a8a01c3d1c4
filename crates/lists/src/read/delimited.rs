//! Text files: CSV and its kin, as spreadsheets write and read them.
//!
//! Own code rather than a CSV library, because the row numbers must be those that Excel shows (blank lines counted,
//! a quoted newline not), and because a quotation mark without partner must be found: a library takes it for a cell
//! that reaches to the end of the file, and everyone below would vanish without a word.

use super::{ByHand, Encoding, Format, Raw, Task, letters, watch::Watch};
use crate::{
    code::{Code, Finding},
    problem::FileProblem,
    sheet::Table,
};

/// A cell of Excel holds no more letters than this; a longer one has swallowed its neighbours.
const LONGEST_CELL: usize = 32_767 * 4;

/// Lines that are looked at to find the delimiter.
const SAMPLE_LINES: usize = 30;

pub(super) fn read(bytes: &[u8], task: Task<'_>) -> Result<Raw, FileProblem> {
    let options = task.options;
    let decoded = letters::decode(bytes, options.encoding, task.is_look())?;
    let encoding = decoded.encoding;
    let (text, announced) = strip_announcement(&decoded.text);
    let chosen = options.delimiter.map(super::Delimiter::byte);
    let delimiter = chosen.or(announced).unwrap_or_else(|| sniff(text));
    let table = parse(text, delimiter, task)?;
    if table.len() == 0 {
        return Err(FileProblem::Empty);
    }
    let by_hand = [
        options.encoding.map(|_| ByHand::Encoding),
        options.delimiter.map(|_| ByHand::Delimiter),
    ];
    let findings = [
        (decoded.lost > 0).then(|| garbled(encoding)),
        (decoded.nuls > 0).then(|| nuls(decoded.nuls)),
    ];
    Ok(Raw {
        table,
        format: Format::Csv,
        encoding: Some(encoding),
        delimiter: Some(char::from(delimiter)),
        sheet: None,
        sheets: Vec::new(),
        by_hand: by_hand.into_iter().flatten().collect(),
        findings: findings.into_iter().flatten().collect(),
    })
}

fn garbled(encoding: Encoding) -> Finding {
    let message = format!(
        "{}として読めない文字がありました（「\u{FFFD}」と表示しています）。その文字を使う行は送りません。元のファイルを確かめてください。",
        encoding.label()
    );
    Finding::new(Code::FileGarbled, message)
}

fn nuls(count: usize) -> Finding {
    let message = format!(
        "目に見えない文字（NUL）が{count}個ありました。セルの前後のものは無視します。値の途中にある行は、差し込む値なら送りません。"
    );
    Finding::new(Code::FileNul, message)
}

/// `sep=;` in the first line is for Excel, which shows no row for it.
fn strip_announcement(text: &str) -> (&str, Option<u8>) {
    let Some((line, rest)) = text.split_once('\n') else {
        return (text, None);
    };
    match line
        .trim_end()
        .trim_matches('"')
        .strip_prefix("sep=")
        .map(str::as_bytes)
    {
        Some([delimiter]) => (rest, Some(*delimiter)),
        _ => (text, None),
    }
}

/// The delimiter that cuts most of the first lines into the same number of cells.
fn sniff(text: &str) -> u8 {
    let score = |delimiter: u8| {
        let mut counts = Vec::new();
        let mut cursor = Cursor {
            rest: text,
            delimiter,
        };
        while counts.len() < SAMPLE_LINES
            && let Some(count) = cursor.skip_line()
        {
            counts.push(count);
        }
        let usual = counts
            .iter()
            .filter(|count| **count > 1)
            .max_by_key(|count| (counts.iter().filter(|other| other == count).count(), **count));
        usual.map_or(0, |usual| {
            counts.iter().filter(|count| *count == usual).count() * (usual - 1)
        })
    };
    // Of equals the last wins: a comma is the most usual.
    [b';', b'\t', b',']
        .into_iter()
        .max_by_key(|delimiter| score(*delimiter))
        .unwrap_or(b',')
}

fn parse(text: &str, delimiter: u8, task: Task<'_>) -> Result<Table, FileProblem> {
    let mut table = Table::default();
    let mut cursor = Cursor {
        rest: text,
        delimiter,
    };
    let mut scratch = String::new();
    let mut line = 0;
    while !cursor.rest.is_empty() && table.len() < task.most {
        line += 1;
        let mut column = 0;
        loop {
            let (cell, end) = cursor
                .cell(&mut scratch)
                .ok_or(FileProblem::BrokenQuotes { line })?;
            table.push(column, cell)?;
            column += 1;
            if end == End::Line {
                break;
            }
        }
        table.end_row(line, column, false)?;
        if (line as usize).is_multiple_of(Watch::ROWS) {
            task.watch
                .at(text.len() - cursor.rest.len(), text.len(), table.len())?;
        }
    }
    Ok(table)
}

#[derive(PartialEq, Eq)]
enum End {
    Cell,
    Line,
}

struct Cursor<'a> {
    rest: &'a str,
    delimiter: u8,
}

impl<'a> Cursor<'a> {
    /// The next cell. `None` when its quotation marks do not fit.
    fn cell<'s>(&mut self, scratch: &'s mut String) -> Option<(&'s str, End)>
    where
        'a: 's,
    {
        if !self.rest.starts_with('"') {
            let cell = self.until_end();
            return Some((cell, self.end()));
        }
        scratch.clear();
        let mut rest = &self.rest[1..];
        loop {
            let (inside, after) = rest.split_once('"')?;
            scratch.push_str(inside);
            let Some(after) = after.strip_prefix('"') else {
                self.rest = after;
                break;
            };
            scratch.push('"');
            rest = after;
        }
        // Excel takes letters behind the closing mark into the cell. Where the cell has crossed a line, they are
        // rather the sign that the marks are out of step.
        let tail = self.until_end();
        if scratch.len() > LONGEST_CELL || (!tail.trim().is_empty() && scratch.contains('\n')) {
            return None;
        }
        scratch.push_str(tail);
        Some((scratch, self.end()))
    }

    /// Everything up to the next delimiter or line end.
    fn until_end(&mut self) -> &'a str {
        let stop = |b: &u8| *b == self.delimiter || *b == b'\n' || *b == b'\r';
        let length = self
            .rest
            .bytes()
            .position(|b| stop(&b))
            .unwrap_or(self.rest.len());
        let (cell, rest) = self.rest.split_at(length);
        self.rest = rest;
        cell
    }

    /// Steps over the delimiter or the line end.
    fn end(&mut self) -> End {
        let bytes = self.rest.as_bytes();
        let (end, length) = match bytes {
            [b'\r', b'\n', ..] => (End::Line, 2),
            [b'\r' | b'\n', ..] => (End::Line, 1),
            [_, ..] => (End::Cell, 1),
            [] => (End::Line, 0),
        };
        self.rest = &self.rest[length..];
        end
    }

    /// Counts the cells of one line.
    fn skip_line(&mut self) -> Option<usize> {
        if self.rest.is_empty() {
            return None;
        }
        let mut scratch = String::new();
        let mut cells = 1;
        while self.cell(&mut scratch)?.1 == End::Cell {
            cells += 1;
        }
        Some(cells)
    }
}
