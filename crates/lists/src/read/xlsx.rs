//! Excel workbooks, cell by cell, without holding the XML in memory.

use std::io::Cursor;

use base::{
    limits,
    merge::{heading_key, is_blank},
};
use calamine::{DataRef, Reader, SheetType, SheetVisible, Xlsx, XlsxError};

use super::{
    Format, Raw, ReadOptions, number,
    survey::{self, Survey},
};
use crate::{
    code::{Code, Finding},
    problem::{FileProblem, quoted},
    sheet::Table,
};

type Book<'a> = Xlsx<Cursor<&'a [u8]>>;

pub(super) fn read(bytes: &[u8], options: &ReadOptions) -> Result<Raw, FileProblem> {
    let survey = survey::survey(bytes)?;
    let mut book: Book<'_> = Xlsx::new(Cursor::new(bytes)).map_err(|error| problem(&error))?;
    let (visible, hidden) = sheet_names(&book);
    let choice = choose(&mut book, &visible, &hidden, options)?;
    let mut findings = Vec::new();
    if !choice.others.is_empty() {
        let message = format!(
            "シート「{}」を読みました。ほかのシート{}は読んでいません。送る人が残っていないか確かめてください。",
            choice.name,
            quoted(&choice.others)
        );
        findings.push(Finding::new(Code::SheetOthers, message));
    }
    if !hidden.is_empty() {
        let message = format!("隠れたシート{}は読んでいません。", quoted(&hidden));
        findings.push(Finding::new(Code::SheetHidden, message));
    }
    let table = table(&mut book, &choice.name, &survey, usize::MAX)?;
    if table.len() == 0 {
        return Err(FileProblem::Empty);
    }
    Ok(Raw {
        table,
        format: Format::Xlsx,
        encoding: None,
        delimiter: None,
        sheet: Some(choice.name),
        findings,
    })
}

fn problem(error: &XlsxError) -> FileProblem {
    match error {
        XlsxError::Password => FileProblem::Encrypted,
        _ => FileProblem::Damaged,
    }
}

/// Names of the visible and the hidden worksheets; charts and macros are no lists.
fn sheet_names(book: &Book<'_>) -> (Vec<String>, Vec<String>) {
    let sheets = book
        .sheets_metadata()
        .iter()
        .filter(|sheet| sheet.typ == SheetType::WorkSheet);
    let (visible, hidden): (Vec<_>, Vec<_>) =
        sheets.partition(|sheet| sheet.visible == SheetVisible::Visible);
    let names = |sheets: Vec<&calamine::Sheet>| sheets.into_iter().map(|sheet| sheet.name.clone()).collect();
    (names(visible), names(hidden))
}

struct Choice {
    name: String,
    /// Visible sheets with data that are not read.
    others: Vec<String>,
}

/// The sheet to read: the one that was asked for, the only one with data, or the only one with the heading that
/// was asked for. Otherwise a person chooses.
fn choose(
    book: &mut Book<'_>,
    visible: &[String],
    hidden: &[String],
    options: &ReadOptions,
) -> Result<Choice, FileProblem> {
    if let Some(wanted) = &options.sheet {
        let mut names = visible.iter().chain(hidden);
        let exact = names.clone().find(|name| *name == wanted);
        let found = exact.or_else(|| names.find(|name| heading_key(name) == heading_key(wanted)));
        return found
            .map(|name| Choice {
                name: name.clone(),
                others: Vec::new(),
            })
            .ok_or_else(|| FileProblem::NoSuchSheet {
                wanted: wanted.clone(),
                names: visible.to_vec(),
            });
    }
    let key = options.to.as_deref().map(heading_key);
    let (mut filled, mut fitting) = (Vec::new(), Vec::new());
    for name in visible {
        let head = table(book, name, &Survey::default(), limits::HEADER_SEARCH_ROWS)?;
        if head.len() > 0 {
            filled.push(name.clone());
        }
        let has_heading = |key: &String| {
            (0..head.len()).any(|row| head.row(row).cells().any(|cell| heading_key(cell) == *key))
        };
        if key.as_ref().is_some_and(has_heading) {
            fitting.push(name.clone());
        }
    }
    let name = match (filled.as_slice(), fitting.as_slice()) {
        ([], _) => return Err(FileProblem::Empty),
        ([only], _) | (_, [only]) => only.clone(),
        _ => return Err(FileProblem::ChooseSheet { names: filled }),
    };
    Ok(Choice {
        others: filled.into_iter().filter(|other| *other != name).collect(),
        name,
    })
}

/// Reads the cells of a sheet, at most `most` rows that hold something.
fn table(book: &mut Book<'_>, name: &str, survey: &Survey, most: usize) -> Result<Table, FileProblem> {
    let mut cells = book
        .worksheet_cells_reader(name)
        .map_err(|error| problem(&error))?;
    let codes: Vec<Option<String>> = cells
        .styles()
        .iter()
        .map(|style| {
            style
                .number_format
                .as_ref()
                .map(|format| format.format_code.clone())
        })
        .collect();
    let hidden = survey.hidden_rows(name);
    let is_hidden = |row: u32| hidden.binary_search(&(row + 1)).is_ok();
    let mut table = Table::default();
    let (mut row, mut next) = (0, 0);
    while let Some((cell, style)) = cells.next_cell_with_style_id().map_err(|error| problem(&error))? {
        let (cell_row, cell_column) = cell.get_position();
        let column = cell_column as usize;
        // Rows and cells must rise; otherwise a later one would land in the place of another.
        if cell_row < row || (cell_row == row && column < next) {
            return Err(FileProblem::Damaged);
        }
        if cell_row != row {
            table.end_row(row + 1, 0, is_hidden(row))?;
            row = cell_row;
            if table.len() >= most {
                return Ok(table);
            }
        }
        next = column + 1;
        let code = codes.get(style).and_then(Option::as_deref);
        with_text(cell.get_value(), code, |text| table.push(column, text))?;
    }
    table.end_row(row + 1, 0, is_hidden(row))?;
    Ok(table)
}

/// The value as the spreadsheet shows it.
fn with_text<R>(value: &DataRef<'_>, code: Option<&str>, put: impl FnOnce(&str) -> R) -> R {
    match value {
        DataRef::Empty => put(""),
        DataRef::SharedString(text) => put(text),
        DataRef::String(text) => put(text),
        DataRef::Float(value) => put(&number::number(*value, code)),
        DataRef::Int(value) => put(&value.to_string()),
        DataRef::Bool(value) => put(if *value { "TRUE" } else { "FALSE" }),
        DataRef::DateTime(value) => put(&number::date_time(*value)),
        DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => put(text.trim_matches(is_blank)),
        DataRef::Error(error) => put(&error.to_string()),
    }
}
