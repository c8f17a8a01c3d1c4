//! From the bytes of a file to a [`Sheet`].
//!
//! The kind of a file is seen from its first bytes, never from its name: offices rename. Cells are kept as a
//! person sees them in the spreadsheet; nothing is repaired here.

mod delimited;
mod header;
mod kind;
mod letters;
mod number;
mod survey;
mod xlsx;

use base::limits;
use serde::{Deserialize, Serialize};

pub use letters::Encoding;

use crate::{
    code::{Code, Finding},
    problem::FileProblem,
    sheet::{ParsedRow, Sheet, Table},
};

/// What the caller knows about the file beforehand.
#[derive(Clone, Default, Debug)]
pub struct ReadOptions {
    /// The sheet to read, where a workbook has several.
    pub sheet: Option<String>,
    /// The heading of the column of numbers. It helps to find the line of headings and the sheet; whether it is
    /// there is said by [`crate::columns::check_columns`].
    pub to: Option<String>,
}

/// What the file turned out to be.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Understood {
    /// The name it came under.
    pub file_name: String,
    /// Kind of file.
    pub format: Format,
    /// Letters of a text file.
    pub encoding: Option<Encoding>,
    /// What stands between the cells of a text file.
    pub delimiter: Option<char>,
    /// Name of the sheet in a workbook.
    pub sheet: Option<String>,
    /// Row number of the headings, as Excel shows it; the lower one of two.
    pub header_line: u32,
    /// What a person should know about the reading.
    pub findings: Vec<Finding>,
}

/// Kinds of file that are read.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// Text with delimiters.
    Csv,
    /// Excel since 2007.
    Xlsx,
}

/// A table before its headings are known.
pub(crate) struct Raw {
    table: Table,
    format: Format,
    encoding: Option<Encoding>,
    delimiter: Option<char>,
    sheet: Option<String>,
    findings: Vec<Finding>,
}

/// Reads a list. `file_name` is only shown, never trusted.
pub fn read(file_name: &str, bytes: &[u8], options: &ReadOptions) -> Result<Sheet, FileProblem> {
    if bytes.len() > limits::LIST_FILE_BYTES {
        return Err(FileProblem::TooBig { bytes: bytes.len() });
    }
    let raw = match kind::of(bytes)? {
        kind::Kind::Xlsx => xlsx::read(bytes, options)?,
        kind::Kind::Text => delimited::read(bytes)?,
    };
    build(file_name, raw, options)
}

fn build(file_name: &str, raw: Raw, options: &ReadOptions) -> Result<Sheet, FileProblem> {
    let Raw {
        mut table,
        format,
        encoding,
        delimiter,
        sheet,
        findings,
    } = raw;
    table.close();
    let header = header::find(&table, options.to.as_deref()).ok_or(FileProblem::Empty)?;
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
        findings,
    };
    let mut sheet = Sheet {
        understood,
        headings: header.headings,
        table,
        first,
        strict_width,
    };
    let said = describe(&sheet);
    let hidden = hidden_rows(&sheet);
    sheet.understood.findings.insert(0, said);
    sheet.understood.findings.extend(header.findings);
    sheet.understood.findings.extend(hidden);
    Ok(sheet)
}

fn describe(sheet: &Sheet) -> Finding {
    let seen = &sheet.understood;
    let form = match (seen.format, &seen.sheet, seen.encoding) {
        (Format::Xlsx, Some(name), _) => format!("Excelブックのシート「{name}」"),
        (Format::Xlsx, None, _) => "Excelブック".to_owned(),
        (Format::Csv, _, encoding) => {
            let letters = encoding.map_or("文字コード不明", Encoding::label);
            let delimiter = match seen.delimiter {
                Some('\t') => "タブ区切り",
                Some(';') => "セミコロン区切り",
                _ => "コンマ区切り",
            };
            format!("{letters}・{delimiter}のテキスト")
        }
    };
    let (line, rows) = (seen.header_line, sheet.len());
    Finding::new(
        Code::FileRead,
        format!("{form}として読みました。見出しは{line}行目、データは{rows}行です。"),
    )
}

fn hidden_rows(sheet: &Sheet) -> Option<Finding> {
    let lines: Vec<u32> = sheet
        .rows()
        .filter(|row| row.hidden())
        .map(ParsedRow::line)
        .collect();
    (!lines.is_empty()).then(|| {
        let message = format!(
            "フィルターなどで隠れた行が{}行あります。隠れた行も名簿に含めています。送らない行なら、元のファイルから除いてください。",
            lines.len()
        );
        Finding::at(Code::RowsHidden, message, lines)
    })
}
