//! From the bytes of a file to a [`Sheet`].
//!
//! The kind of a file is seen from its first bytes, never from its name: offices rename. Cells are kept as a
//! person sees them in the spreadsheet; nothing is repaired here. What the reader understood is in
//! [`Understood`]; a person who knows better says so in [`ReadOptions`], with [`preview`] to look at.

mod date;
mod delimited;
mod header;
mod kind;
mod letters;
mod number;
mod options;
mod said;
mod survey;
mod watch;
mod xlsx;

use std::ops::ControlFlow;

use base::limits;

pub use letters::Encoding;
pub use options::{ByHand, Delimiter, Format, Preview, ReadOptions, TopLine, Understood};
pub use watch::{Hook, Progress};

use crate::{
    code::Finding,
    problem::FileProblem,
    repeated::HeadingLine,
    sheet::{Sheet, Table},
};
use watch::Watch;

/// A table before its headings are known.
struct Raw {
    table: Table,
    format: Format,
    encoding: Option<Encoding>,
    delimiter: Option<char>,
    sheet: Option<String>,
    sheets: Vec<String>,
    by_hand: Vec<ByHand>,
    findings: Vec<Finding>,
}

/// What the reader of each kind of file needs to know.
#[derive(Clone, Copy)]
struct Task<'a> {
    options: &'a ReadOptions,
    /// Lines to read, counted without blank ones. All, or the first few for a look.
    most: usize,
    watch: Watch<'a>,
}

impl Task<'_> {
    /// Whether only the first lines are wanted, to look at whatever they are.
    fn is_look(&self) -> bool {
        self.most < usize::MAX
    }
}

/// Reads a list. `file_name` is only shown, never trusted.
pub fn read(file_name: &str, bytes: &[u8], options: &ReadOptions) -> Result<Sheet, FileProblem> {
    read_with(file_name, bytes, options, &|_| ControlFlow::Continue(()))
}

/// Reads a list, telling `hook` every thousand rows or so how far it is. Once the hook answers
/// [`ControlFlow::Break`] the reading ends with [`FileProblem::Stopped`].
pub fn read_with(
    file_name: &str,
    bytes: &[u8],
    options: &ReadOptions,
    hook: &Hook<'_>,
) -> Result<Sheet, FileProblem> {
    let watch = Watch::new(bytes, hook);
    let raw = raw(
        bytes,
        Task {
            options,
            most: usize::MAX,
            watch,
        },
    )?;
    let lines = raw.table.len();
    let sheet = build(file_name, raw, options)?;
    watch.at(1, 1, lines)?;
    Ok(sheet)
}

/// The first lines of a file as it would be read with these options, even where [`read`] refuses it because the
/// headings are not found or the chosen letters do not fit.
pub fn preview(bytes: &[u8], options: &ReadOptions) -> Result<Preview, FileProblem> {
    let watch = Watch::new(bytes, &|_| ControlFlow::Continue(()));
    let raw = raw(
        bytes,
        Task {
            options,
            most: TopLine::LINES,
            watch,
        },
    )?;
    Ok(Preview {
        top: top(&raw.table),
        format: raw.format,
        encoding: raw.encoding,
        delimiter: raw.delimiter,
        sheet: raw.sheet,
        sheets: raw.sheets,
    })
}

fn raw(bytes: &[u8], task: Task<'_>) -> Result<Raw, FileProblem> {
    if bytes.len() > limits::LIST_FILE_BYTES {
        return Err(FileProblem::TooBig { bytes: bytes.len() });
    }
    match kind::of(bytes)? {
        kind::Kind::Xlsx => xlsx::read(bytes, task),
        kind::Kind::Text => delimited::read(bytes, task),
    }
}

fn top(table: &Table) -> Vec<TopLine> {
    let lines = table.len().min(TopLine::LINES);
    (0..lines).map(|row| TopLine::of(table.row(row))).collect()
}

fn build(file_name: &str, raw: Raw, options: &ReadOptions) -> Result<Sheet, FileProblem> {
    let Raw {
        mut table,
        format,
        encoding,
        delimiter,
        sheet,
        sheets,
        mut by_hand,
        findings,
    } = raw;
    table.close();
    let header = header::find(&table, options)?;
    by_hand.extend(options.header_line.map(|_| ByHand::HeaderLine));
    let header_line = table.row(header.row).line();
    let first = header.row + 1;
    if first == table.len() {
        return Err(FileProblem::HeaderOnly { line: header_line });
    }
    if table.len() - first > limits::LIST_ROWS {
        return Err(FileProblem::TooManyRows);
    }
    let strict_width = (format == Format::Csv).then(|| table.row(header.row).width());
    let understood = Understood {
        file_name: file_name.to_owned(),
        format,
        encoding,
        delimiter,
        sheet,
        header_line,
        by_hand,
        sheets,
        top: top(&table),
        findings,
    };
    let mut sheet = Sheet {
        understood,
        headings: header.headings,
        table,
        first,
        strict_width,
    };
    let again = HeadingLine::of(&sheet.headings).repeats(&sheet)?;
    let said = said::about(&sheet, again);
    sheet.understood.findings.extend(header.findings);
    sheet.understood.findings.extend(said.last);
    sheet.understood.findings.insert(0, said.first);
    Ok(sheet)
}
