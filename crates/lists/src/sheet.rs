//! The cells of one list, held in one piece of memory.
//!
//! 100,000 rows of ten cells as separate strings would take 50 MB and a million allocations; as one text with the
//! ends of its cells they take little more than the file.

use std::collections::HashSet;

use base::{limits, merge::is_blank};

use crate::{problem::FileProblem, read::Understood};

/// All cells of a sheet from the first line down. Rows without anything in them are left out.
#[derive(Default)]
pub(crate) struct Table {
    text: String,
    /// End of each cell in `text`; a cell begins where the one before ends.
    ends: Vec<u32>,
    rows: Vec<Span>,
    /// Where the row that is being filled begins: in `ends` and in `text`.
    open: (usize, usize),
}

struct Span {
    line: u32,
    first: u32,
    /// Cells up to the last one that holds something.
    cells: u16,
    /// Cells that the line had in its file, empty ones at its end included.
    width: u16,
    hidden: bool,
}

impl Table {
    /// Puts a value into the open row. Columns count from 0 and must rise.
    pub(crate) fn push(&mut self, column: usize, value: &str) -> Result<(), FileProblem> {
        if value.chars().all(is_blank) {
            return Ok(());
        }
        if column >= limits::LIST_COLUMNS {
            return Err(FileProblem::TooManyColumns);
        }
        if self.text.len() + value.len() > limits::LIST_TEXT_BYTES {
            return Err(FileProblem::Bomb);
        }
        while self.ends.len() < self.open.0 + column {
            self.ends.push(self.end());
        }
        self.text.push_str(value);
        self.ends.push(self.end());
        Ok(())
    }

    fn end(&self) -> u32 {
        u32::try_from(self.text.len()).expect("LIST_TEXT_BYTES is below 4 GiB")
    }

    /// Closes the open row. `line` is the number that Excel shows.
    pub(crate) fn end_row(&mut self, line: u32, width: usize, hidden: bool) -> Result<(), FileProblem> {
        if self.ends.len() == self.open.0 {
            return Ok(());
        }
        self.close_row(line, width, hidden)
    }

    fn close_row(&mut self, line: u32, width: usize, hidden: bool) -> Result<(), FileProblem> {
        let cells = self.ends.len() - self.open.0;
        if self.rows.len() >= limits::LIST_ROWS + limits::HEADER_SEARCH_ROWS {
            return Err(FileProblem::TooManyRows);
        }
        self.rows.push(Span {
            line,
            first: u32::try_from(self.open.0).expect("rows × columns is below 2^32"),
            cells: u16::try_from(cells).expect("LIST_COLUMNS is below 65,536"),
            width: u16::try_from(width.max(cells)).unwrap_or(u16::MAX),
            hidden,
        });
        self.open = (self.ends.len(), self.text.len());
        Ok(())
    }

    /// Puts a whole row back. Unlike a line of a file, a kept row stays even when all its cells were emptied:
    /// no row disappears.
    pub(crate) fn keep_row(&mut self, line: u32, hidden: bool, cells: &[String]) -> Result<(), FileProblem> {
        for (column, cell) in cells.iter().enumerate() {
            self.push(column, cell)?;
        }
        self.close_row(line, cells.len(), hidden)
    }

    /// Gives back what was set aside for rows that did not come.
    pub(crate) fn close(&mut self) {
        self.text.shrink_to_fit();
        self.ends.shrink_to_fit();
        self.rows.shrink_to_fit();
    }

    pub(crate) fn len(&self) -> usize {
        self.rows.len()
    }

    pub(crate) fn row(&self, index: usize) -> ParsedRow<'_> {
        ParsedRow {
            table: self,
            span: &self.rows[index],
        }
    }
}

/// One line of the list, its cells as they were typed.
#[derive(Clone, Copy)]
pub struct ParsedRow<'a> {
    table: &'a Table,
    span: &'a Span,
}

impl<'a> ParsedRow<'a> {
    /// The row number that Excel shows.
    pub fn line(self) -> u32 {
        self.span.line
    }

    /// Whether a filter or a person hid the row in the workbook.
    pub fn hidden(self) -> bool {
        self.span.hidden
    }

    /// The cell of a column, counted from 0; empty where the row has none.
    pub fn cell(self, column: usize) -> &'a str {
        if column >= self.len() {
            return "";
        }
        let at = self.span.first as usize + column;
        let start = if at == 0 {
            0
        } else {
            self.table.ends[at - 1] as usize
        };
        &self.table.text[start..self.table.ends[at] as usize]
    }

    /// Cells up to the last one that holds something.
    #[expect(clippy::len_without_is_empty, reason = "a row without cells is not kept")]
    pub fn len(self) -> usize {
        usize::from(self.span.cells)
    }

    /// All cells, in order.
    pub fn cells(self) -> impl Iterator<Item = &'a str> {
        (0..self.len()).map(move |column| self.cell(column))
    }

    /// All cells as one text, without anything between them.
    pub(crate) fn text(self) -> &'a str {
        let (first, cells) = (self.span.first as usize, self.len());
        let end_before = |at: usize| match at {
            0 => 0,
            at => self.table.ends[at - 1] as usize,
        };
        &self.table.text[end_before(first)..end_before(first + cells)]
    }

    pub(crate) fn width(self) -> usize {
        usize::from(self.span.width)
    }
}

/// A list that was read: headings and the rows below them.
pub struct Sheet {
    pub(crate) understood: Understood,
    pub(crate) headings: Vec<String>,
    pub(crate) table: Table,
    /// Index of the first row below the headings.
    pub(crate) first: usize,
    /// Cells of the heading line, in files where a longer row means a broken one.
    pub(crate) strict_width: Option<usize>,
}

impl Sheet {
    /// A list put together again from what was kept of it: the same rows without the lines above them.
    pub(crate) fn restored(
        understood: Understood,
        headings: Vec<String>,
        strict_width: Option<usize>,
        table: Table,
    ) -> Self {
        Self {
            understood,
            headings,
            table,
            first: 0,
            strict_width,
        }
    }

    /// Rows that come from no file: what records of another kind tell, in the columns of these headings. They are
    /// numbered from 1.
    pub fn of_records(headings: Vec<String>, rows: &[Vec<String>]) -> Result<Self, FileProblem> {
        let mut table = Table::default();
        for (line, cells) in (1..).zip(rows) {
            table.keep_row(line, false, cells)?;
        }
        table.close();
        Ok(Self::restored(Understood::of_records(), headings, None, table))
    }

    /// How the file was understood.
    pub fn understood(&self) -> &Understood {
        &self.understood
    }

    /// The headings from the first column on, without blanks around them; empty for a column that has none.
    pub fn headings(&self) -> &[String] {
        &self.headings
    }

    /// Number of rows below the headings.
    #[expect(
        clippy::len_without_is_empty,
        reason = "a list without rows is refused when it is read"
    )]
    pub fn len(&self) -> usize {
        self.table.len() - self.first
    }

    /// The rows below the headings, in the order of the file.
    pub fn rows(&self) -> impl ExactSizeIterator<Item = ParsedRow<'_>> {
        (self.first..self.table.len()).map(|index| self.table.row(index))
    }

    /// The row at this place below the headings, counted from 0.
    pub(crate) fn row(&self, at: usize) -> ParsedRow<'_> {
        self.table.row(self.first + at)
    }

    /// The lines whose cells do not end where the headings do, although the file says where each cell ends: a comma that
    /// nobody quoted moves every value behind it. What most rows have is no slip: a comma at the end of each, notes in
    /// columns without a heading.
    pub fn slipped(&self) -> HashSet<u32> {
        let Some(width) = self.strict_width else {
            return HashSet::new();
        };
        let named = self.headings.iter().rposition(|heading| !heading.is_empty());
        let named = named.map_or(0, |last| last + 1);
        let beyond = |row: &ParsedRow<'_>| row.len() > named;
        let wider = |row: &ParsedRow<'_>| row.width() > width;
        let is_usual = |has: &dyn Fn(&ParsedRow<'_>) -> bool| {
            self.rows().filter(|row| has(row)).count() * 2 > self.len()
        };
        let (usually_beyond, usually_wider) = (is_usual(&beyond), is_usual(&wider));
        let slips = |row: &ParsedRow<'_>| {
            row.len() > width || beyond(row) && !usually_beyond || wider(row) && !usually_wider
        };
        self.rows().filter(slips).map(ParsedRow::line).collect()
    }
}

/// `A`, `B`, …, `AA`: the letters that Excel shows above a column counted from 0.
pub fn column_letters(column: usize) -> String {
    let mut letters = Vec::new();
    let mut rest = column + 1;
    while rest > 0 {
        rest -= 1;
        letters.push(char::from(b'A' + u8::try_from(rest % 26).expect("below 26")));
        rest /= 26;
    }
    letters.iter().rev().collect()
}
