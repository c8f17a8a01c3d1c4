//! What became of every row of a list, for people (CSV, XLSX) and for programs (JSON).
//!
//! Files are plain text, so they are written only when asked for. A cell that a spreadsheet would take for
//! a formula is marked as text (ASVS 1.2.10).

use std::collections::BTreeMap;
use std::io::{self, Write};

use base::phone::PhoneNumber;
use rust_xlsxwriter::{Format, Workbook, XlsxError};
use serde::{Serialize, Serializer};

use crate::message::MessageState;
use crate::store::MessageStanding;

/// Where a row ended: a message's state, or no message at all.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum RowState {
    /// The row had an error, or was left out.
    NotSent,
    /// It became, or already was, a message.
    Message(MessageState),
}

impl RowState {
    /// The word in reports and the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NotSent => "not_sent",
            Self::Message(state) => state.as_str(),
        }
    }

    /// The word that staff read.
    pub const fn label(self) -> &'static str {
        match self {
            Self::NotSent => "未送信",
            Self::Message(state) => state.label(),
        }
    }

    /// What happened and what to do.
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::NotSent => "誤りがあるため送っていません。リストを直して送るか、電話で連絡してください。",
            Self::Message(state) => state.sentence(),
        }
    }

    /// Whether it never left, whatever may happen later.
    pub const fn never_left(self) -> bool {
        matches!(self, Self::NotSent | Self::Message(MessageState::Cancelled))
    }
}

/// One row of the report.
#[derive(Clone, Debug, Serialize)]
pub struct ReportRow {
    /// Row number in the sheet.
    pub line: u32,
    /// Whom to, E.164; `None` if the row has no usable number.
    #[serde(serialize_with = "e164")]
    pub phone: Option<PhoneNumber>,
    /// Where it ended.
    #[serde(serialize_with = "word")]
    pub state: RowState,
    /// The carrier's ids of the message's parts.
    pub carrier_message_id: Option<String>,
    /// The carrier's code, or the code of the error that kept the row back.
    pub carrier_code: Option<String>,
    /// Why the row was not sent, in words.
    #[serde(skip)]
    pub reason: Option<String>,
}

#[expect(clippy::ref_option, reason = "serde hands over the field")]
fn e164<S: Serializer>(phone: &Option<PhoneNumber>, to: S) -> Result<S::Ok, S::Error> {
    phone.map(PhoneNumber::e164).serialize(to)
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over the field")]
fn word<S: Serializer>(state: &RowState, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(state.as_str())
}

impl ReportRow {
    /// A row that became, or already was, a message.
    pub fn message(line: u32, phone: PhoneNumber, standing: MessageStanding) -> Self {
        Self {
            line,
            phone: Some(phone),
            state: RowState::Message(standing.state),
            carrier_message_id: standing.carrier_message_id,
            carrier_code: standing.carrier_code,
            reason: None,
        }
    }

    /// A row that was kept back.
    pub fn not_sent(line: u32, phone: Option<PhoneNumber>, reason: Option<String>) -> Self {
        let state = RowState::NotSent;
        Self {
            line,
            phone,
            state,
            carrier_message_id: None,
            carrier_code: None,
            reason,
        }
    }

    fn explanation(&self) -> &str {
        self.reason.as_deref().unwrap_or(self.state.sentence())
    }
}

/// The report of one send. As JSON its shape is kept stable.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// The broadcast's number; `None` if nothing was stored.
    pub broadcast: Option<i64>,
    /// Went to a simulated carrier: nobody was contacted.
    pub simulated: bool,
    /// How many rows ended where.
    pub summary: BTreeMap<&'static str, u32>,
    /// Every data row.
    pub rows: Vec<ReportRow>,
}

impl Report {
    /// Puts the rows together with their summary.
    pub fn new(broadcast: Option<i64>, simulated: bool, rows: Vec<ReportRow>) -> Self {
        let mut summary = BTreeMap::new();
        for row in &rows {
            *summary.entry(row.state.as_str()).or_insert(0) += 1;
        }
        Self {
            broadcast,
            simulated,
            summary,
            rows,
        }
    }

    /// Writes CSV: UTF-8 with BOM and CRLF, as Excel in Japan opens it.
    pub fn write_csv(&self, mut to: impl Write) -> io::Result<()> {
        to.write_all("\u{feff}".as_bytes())?;
        let mut csv = csv::WriterBuilder::new()
            .terminator(csv::Terminator::CRLF)
            .from_writer(to);
        csv.write_record(HEADINGS)?;
        for row in &self.rows {
            csv.write_record(self.cells(row).map(|cell| as_text(&cell)))?;
        }
        csv.flush()
    }

    /// Writes a workbook of one sheet; every cell is text.
    pub fn write_xlsx(&self, to: impl Write + io::Seek + Send) -> Result<(), XlsxError> {
        let mut book = Workbook::new();
        let bold = Format::new().set_bold();
        let sheet = book.add_worksheet_with_constant_memory()?;
        sheet.set_name("結果")?;
        sheet.set_freeze_panes(1, 0)?;
        for (column, width) in (0..).zip([6, 16, 18, 60, 24, 24, 12]) {
            sheet.set_column_width(column, width)?;
        }
        for (column, heading) in (0..).zip(HEADINGS) {
            sheet.write_string_with_format(0, column, heading, &bold)?;
        }
        for (line, row) in (1..).zip(&self.rows) {
            for (column, cell) in (0..).zip(self.cells(row)) {
                sheet.write_string(line, column, cell)?;
            }
        }
        book.save_to_writer(to)
    }

    fn cells(&self, row: &ReportRow) -> [String; HEADINGS.len()] {
        [
            row.line.to_string(),
            row.phone.map(PhoneNumber::national).unwrap_or_default(),
            row.state.label().to_owned(),
            row.explanation().to_owned(),
            row.carrier_message_id.clone().unwrap_or_default(),
            row.carrier_code.clone().unwrap_or_default(),
            if self.simulated {
                "模擬送信".to_owned()
            } else {
                String::new()
            },
        ]
    }
}

const HEADINGS: [&str; 7] = [
    "行",
    "電話番号",
    "状態",
    "説明",
    "携帯電話会社の番号",
    "コード",
    "備考",
];

/// A spreadsheet takes a cell that begins with one of these for a formula.
fn as_text(cell: &str) -> String {
    let formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '\0', '＝', '＋', '－', '＠']);
    if formula {
        format!("'{cell}")
    } else {
        cell.to_owned()
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
mod tests {
    use super::*;

    fn report() -> Report {
        let phone = PhoneNumber::from_e164("+819012345678").unwrap();
        let standing = MessageStanding {
            state: MessageState::Delivered,
            carrier_message_id: Some("=1+1".to_owned()),
            carrier_code: Some("000".to_owned()),
        };
        let rows = vec![
            ReportRow::message(2, phone, standing),
            ReportRow::not_sent(3, None, Some("電話番号がありません。".to_owned())),
        ];
        Report::new(Some(1), true, rows)
    }

    #[test]
    fn json_keeps_its_shape() {
        let expected = serde_json::json!({
            "broadcast": 1,
            "simulated": true,
            "summary": {"delivered": 1, "not_sent": 1},
            "rows": [
                {"line": 2, "phone": "+819012345678", "state": "delivered",
                 "carrier_message_id": "=1+1", "carrier_code": "000"},
                {"line": 3, "phone": null, "state": "not_sent",
                 "carrier_message_id": null, "carrier_code": null},
            ],
        });
        assert_eq!(serde_json::to_value(report()).unwrap(), expected);
    }

    #[test]
    fn csv_opens_in_excel_and_holds_no_formula() {
        let mut bytes = Vec::new();
        report().write_csv(&mut bytes).unwrap();
        let text = String::from_utf8(bytes).unwrap();
        assert!(text.starts_with("\u{feff}行,電話番号,状態,"));
        assert!(text.contains("2,090-1234-5678,着信済,"));
        assert!(text.contains(",'=1+1,000,模擬送信\r\n"));
        assert!(text.contains("3,,未送信,電話番号がありません。"));
    }

    #[test]
    fn xlsx_is_a_workbook() {
        let mut file = io::Cursor::new(Vec::new());
        report().write_xlsx(&mut file).unwrap();
        assert!(file.into_inner().starts_with(b"PK"));
    }
}
