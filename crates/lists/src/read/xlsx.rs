//! Excel workbooks, cell by cell, without holding the XML in memory.

use std::io::Cursor;

use base::{
    limits,
    merge::{heading_key, is_blank},
};
use calamine::{DataRef, Reader, SheetType, SheetVisible, Xlsx, XlsxError};

use super::{
    ByHand, Format, Raw, ReadOptions, Task, date, number,
    survey::{self, SheetSurvey},
    watch::Watch,
};
use crate::{
    code::{Code, Finding},
    problem::{FileProblem, quoted},
    sheet::Table,
};

type Book<'a> = Xlsx<Cursor<&'a [u8]>>;

pub(super) fn read(bytes: &[u8], task: Task<'_>) -> Result<Raw, FileProblem> {
    let survey = survey::survey(bytes, task.watch)?;
    let mut book: Book<'_> = Xlsx::new(Cursor::new(bytes)).map_err(|error| problem(&error))?;
    let (visible, hidden) = sheet_names(&book);
    let choice = choose(&mut book, &visible, &hidden, task)?;
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
    let nothing = SheetSurvey::default();
    let seen = survey.sheet(&choice.name).unwrap_or(&nothing);
    let table = table(&mut book, &choice.name, seen, task)?;
    if table.len() == 0 {
        return Err(FileProblem::Empty);
    }
    findings.extend(uncalculated(seen));
    Ok(Raw {
        table,
        format: Format::Xlsx,
        encoding: None,
        delimiter: None,
        sheet: Some(choice.name),
        sheets: visible,
        by_hand: task.options.sheet.iter().map(|_| ByHand::Sheet).collect(),
        findings,
    })
}

fn uncalculated(seen: &SheetSurvey) -> Option<Finding> {
    let lines = &seen.uncalculated;
    (!lines.is_empty()).then(|| {
        let message = format!(
            "計算されていない数式のある行が{}行あります。そのセルは空として読みました。Excelで一度開き、保存し直してから選び直してください。",
            lines.len()
        );
        Finding::at(Code::RowsUncalculated, message, lines.iter().copied())
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
    task: Task<'_>,
) -> Result<Choice, FileProblem> {
    let ReadOptions { sheet, to, .. } = task.options;
    if let Some(wanted) = sheet {
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
    let key = to.as_deref().map(heading_key);
    let (mut filled, mut fitting) = (Vec::new(), Vec::new());
    for name in visible {
        let look = Task {
            most: limits::HEADER_SEARCH_ROWS,
            ..task
        };
        let head = table(book, name, &SheetSurvey::default(), look)?;
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

/// Reads the cells of a sheet.
fn table(book: &mut Book<'_>, name: &str, seen: &SheetSurvey, task: Task<'_>) -> Result<Table, FileProblem> {
    let mut cells = book
        .worksheet_cells_reader(name)
        .map_err(|error| problem(&error))?;
    let codes: Vec<Option<String>> = cells.styles().iter().map(code_of).collect();
    let is_hidden = |row: u32| seen.hidden.binary_search(&row.saturating_add(1)).is_ok();
    let report = |rows: usize| {
        let all = seen.rows.max(rows);
        // The first pass is behind us.
        let done = all + rows * (survey::SHARE - 1);
        task.watch.at(done, all * survey::SHARE, rows)
    };
    let mut table = Table::default();
    let (mut row, mut next, mut reported) = (0, 0, 0);
    while let Some((cell, style)) = cells.next_cell_with_style_id().map_err(|error| problem(&error))? {
        let (cell_row, cell_column) = cell.get_position();
        let column = cell_column as usize;
        // Rows and cells must rise; otherwise a later one would land in the place of another.
        if cell_row < row || (cell_row == row && column < next) {
            return Err(FileProblem::Damaged);
        }
        if cell_row != row {
            table.end_row(row.saturating_add(1), 0, is_hidden(row))?;
            row = cell_row;
            if table.len() >= task.most {
                return Ok(table);
            }
            if table.len() >= reported + Watch::ROWS {
                reported = table.len();
                report(reported)?;
            }
        }
        next = column + 1;
        let code = codes.get(style).and_then(Option::as_deref);
        with_text(cell.get_value(), code, |text| table.push(column, text))?;
    }
    table.end_row(row.saturating_add(1), 0, is_hidden(row))?;
    Ok(table)
}

/// The format code of a style, as Excel in Japan has it.
fn code_of(style: &calamine::Style) -> Option<String> {
    let format = style.number_format.as_ref()?;
    let own = format.format_id.and_then(date::japanese);
    let given = format.format_code.as_str();
    // A format of the workbook's own may stand under any number; 14 and 22 are given in their American form.
    let stands = !matches!(given, "General" | "mm-dd-yy" | "m/d/yy h:mm");
    Some(own.filter(|_| !stands).unwrap_or(given).to_owned())
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
        DataRef::DateTime(value) => put(&date::shown(*value, code)),
        DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => put(text.trim_matches(is_blank)),
        DataRef::Error(error) => put(&error.to_string()),
    }
}
