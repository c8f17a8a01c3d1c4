//! Tables of figures as files: CSV as Excel in Japan opens it, or a workbook. No cell is a formula (ASVS 1.2.10).

use std::io::Cursor;

use axum::http::header;
use axum::response::{IntoResponse, Response};
use rust_xlsxwriter::{Format, Workbook, XlsxError};
use web::{OrBug, PageError};

use crate::export::ExportForm;
use crate::report::as_text;

const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// What stands in a cell.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum FileCell {
    /// Text.
    Text(String),
    /// A whole number.
    Number(u64),
    /// In hundredths, such as those of a yen; an empty cell where it is not known.
    Hundredths(Option<u64>),
}

/// A file before it is one.
#[derive(Clone, Debug)]
pub struct TableFile {
    /// What it is called, without its ending; plain letters.
    pub name: String,
    /// What the sheet of a workbook is called.
    pub sheet: &'static str,
    /// The first line.
    pub headings: Vec<String>,
    /// The others.
    pub rows: Vec<Vec<FileCell>>,
}

impl TableFile {
    /// The answer that a browser saves.
    pub async fn answer(self, form: ExportForm) -> Result<Response, PageError> {
        let kind = match form {
            ExportForm::Csv => "text/csv; charset=utf-8",
            ExportForm::Xlsx => XLSX,
        };
        let name = format!("attachment; filename=\"{}.{}\"", self.name, form.code());
        let head = [
            (header::CONTENT_TYPE, kind.to_owned()),
            (header::CONTENT_DISPOSITION, name),
        ];
        let write = move || match form {
            ExportForm::Csv => self.csv(),
            ExportForm::Xlsx => self.workbook().map_err(std::io::Error::other),
        };
        let bytes = tokio::task::spawn_blocking(write).await.or_bug()?.or_bug()?;
        Ok((head, bytes).into_response())
    }

    fn csv(&self) -> std::io::Result<Vec<u8>> {
        let mut bytes = "\u{feff}".as_bytes().to_vec();
        let mut csv = csv::WriterBuilder::new()
            .terminator(csv::Terminator::CRLF)
            .from_writer(&mut bytes);
        csv.write_record(self.headings.iter().map(|heading| as_text(heading)))?;
        for row in &self.rows {
            csv.write_record(row.iter().map(|cell| match cell {
                FileCell::Text(text) => as_text(text),
                FileCell::Number(number) => number.to_string(),
                FileCell::Hundredths(number) => number.map_or_else(String::new, |number| {
                    format!("{}.{:02}", number / 100, number % 100)
                }),
            }))?;
        }
        csv.flush()?;
        drop(csv);
        Ok(bytes)
    }

    fn workbook(&self) -> Result<Vec<u8>, XlsxError> {
        let (bold, exact) = (Format::new().set_bold(), Format::new().set_num_format("#,##0.00"));
        let mut book = Workbook::new();
        let sheet = book.add_worksheet_with_constant_memory()?;
        sheet.set_name(self.sheet)?;
        sheet.set_freeze_panes(1, 0)?;
        for (column, heading) in (0..).zip(&self.headings) {
            sheet.set_column_width(column, 18)?;
            sheet.write_string_with_format(0, column, heading, &bold)?;
        }
        for (line, row) in (1..).zip(&self.rows) {
            for (column, cell) in (0..).zip(row) {
                match cell {
                    FileCell::Text(text) => sheet.write_string(line, column, text)?,
                    FileCell::Number(number) => sheet.write_number(line, column, figure(*number))?,
                    FileCell::Hundredths(Some(number)) => {
                        sheet.write_number_with_format(line, column, figure(*number) / 100.0, &exact)?
                    }
                    FileCell::Hundredths(None) => continue,
                };
            }
        }
        let mut bytes = Cursor::new(Vec::new());
        book.save_to_writer(&mut bytes)?;
        Ok(bytes.into_inner())
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "what is counted stays far below 2^53, in hundredths too"
)]
fn figure(number: u64) -> f64 {
    number as f64
}
