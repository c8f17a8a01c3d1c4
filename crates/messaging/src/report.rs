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
    pub fn message(line: u32, phone: impl Into<Option<PhoneNumber>>, standing: MessageStanding) -> Self {
        Self {
            line,
            phone: phone.into(),
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

/// What a report is about.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ReportHead {
    /// The broadcast's number; `None` if nothing was stored.
    pub broadcast: Option<i64>,
    /// Went to a simulated carrier: nobody was contacted.
    pub simulated: bool,
}

/// How many rows ended where, in the order in which the states came up.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Tally(Vec<(RowState, u32)>);

impl Tally {
    /// Counts one row.
    pub fn add(&mut self, state: RowState) {
        match self.0.iter_mut().find(|(one, _)| *one == state) {
            Some((_, count)) => *count += 1,
            None => self.0.push((state, 1)),
        }
    }

    /// Each state that came up, with its rows.
    pub fn counts(&self) -> impl Iterator<Item = (RowState, u32)> + '_ {
        self.0.iter().copied()
    }

    /// All rows.
    pub fn rows(&self) -> u32 {
        self.counts().map(|(_, count)| count).sum()
    }

    /// Whether `rule` holds for every row.
    pub fn all(&self, rule: impl Fn(RowState) -> bool) -> bool {
        self.counts().all(|(state, _)| rule(state))
    }
}

/// A form of the report. It takes rows one by one, so that a long report is never held whole.
pub trait ReportForm {
    /// Takes the next row.
    fn row(&mut self, row: &ReportRow) -> io::Result<()>;
    /// Takes the counts of all rows that it was given, and ends.
    fn end(self: Box<Self>, tally: &Tally) -> io::Result<()>;
}

/// JSON: `{"broadcast", "simulated", "rows", "summary"}`, its shape kept stable.
pub struct JsonReport<W> {
    to: W,
    any: bool,
}

impl<W: Write> JsonReport<W> {
    /// Begins the document.
    pub fn begin(mut to: W, head: ReportHead) -> io::Result<Self> {
        let broadcast = serde_json::to_string(&head.broadcast)?;
        let simulated = head.simulated;
        write!(
            to,
            r#"{{"broadcast":{broadcast},"simulated":{simulated},"rows":["#
        )?;
        Ok(Self { to, any: false })
    }
}

impl<W: Write> ReportForm for JsonReport<W> {
    fn row(&mut self, row: &ReportRow) -> io::Result<()> {
        if std::mem::replace(&mut self.any, true) {
            self.to.write_all(b",")?;
        }
        serde_json::to_writer(&mut self.to, row).map_err(io::Error::from)
    }

    fn end(mut self: Box<Self>, tally: &Tally) -> io::Result<()> {
        let counts = tally.counts().map(|(state, count)| (state.as_str(), count));
        let summary: BTreeMap<&str, u32> = counts.collect();
        write!(self.to, r#"],"summary":{}}}"#, serde_json::to_string(&summary)?)?;
        writeln!(self.to)?;
        self.to.flush()
    }
}

/// CSV: UTF-8 with BOM and CRLF, as Excel in Japan opens it.
pub struct CsvReport<W: Write> {
    csv: csv::Writer<W>,
    head: ReportHead,
    mark: Option<String>,
}

impl<W: Write> CsvReport<W> {
    /// Writes the headings.
    pub fn begin(mut to: W, head: ReportHead) -> io::Result<Self> {
        to.write_all("\u{feff}".as_bytes())?;
        let mut csv = csv::WriterBuilder::new()
            .terminator(csv::Terminator::CRLF)
            .from_writer(to);
        csv.write_record(HEADINGS)?;
        let mark = None;
        Ok(Self { csv, head, mark })
    }

    /// With a last line that says whose file it is.
    #[must_use]
    pub fn marked(mut self, mark: String) -> Self {
        self.mark = Some(mark);
        self
    }
}

impl<W: Write> ReportForm for CsvReport<W> {
    fn row(&mut self, row: &ReportRow) -> io::Result<()> {
        let cells = cells(row, self.head).map(|cell| as_text(&cell));
        Ok(self.csv.write_record(cells)?)
    }

    fn end(mut self: Box<Self>, _: &Tally) -> io::Result<()> {
        if let Some(mark) = &self.mark {
            let mut last = [const { String::new() }; HEADINGS.len()];
            last[0] = as_text(mark);
            self.csv.write_record(last)?;
        }
        self.csv.flush()
    }
}

/// A workbook of one sheet; every cell is text.
pub struct XlsxReport<W> {
    book: Workbook,
    to: W,
    head: ReportHead,
    line: u32,
    mark: Option<String>,
}

impl<W: Write + io::Seek + Send> XlsxReport<W> {
    /// Writes the headings.
    pub fn begin(to: W, head: ReportHead) -> io::Result<Self> {
        let mut book = Workbook::new();
        headings(&mut book).map_err(io::Error::other)?;
        Ok(Self {
            book,
            to,
            head,
            line: 0,
            mark: None,
        })
    }

    /// With a second sheet that says whose file it is.
    #[must_use]
    pub fn marked(mut self, mark: String) -> Self {
        self.mark = Some(mark);
        self
    }
}

fn headings(book: &mut Workbook) -> Result<(), XlsxError> {
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
    Ok(())
}

impl<W: Write + io::Seek + Send> ReportForm for XlsxReport<W> {
    fn row(&mut self, row: &ReportRow) -> io::Result<()> {
        self.line += 1;
        let sheet = self.book.worksheet_from_index(0).map_err(io::Error::other)?;
        for (column, cell) in (0..).zip(cells(row, self.head)) {
            sheet
                .write_string(self.line, column, cell)
                .map_err(io::Error::other)?;
        }
        Ok(())
    }

    fn end(mut self: Box<Self>, _: &Tally) -> io::Result<()> {
        if let Some(mark) = self.mark.take() {
            marked(&mut self.book, &mark).map_err(io::Error::other)?;
        }
        self.book.save_to_writer(self.to).map_err(io::Error::other)
    }
}

fn marked(book: &mut Workbook, mark: &str) -> Result<(), XlsxError> {
    let sheet = book.add_worksheet_with_constant_memory()?;
    sheet.set_name("書き出しの記録")?;
    sheet.set_column_width(0, 100)?;
    sheet.write_string(0, 0, mark).map(drop)
}

fn cells(row: &ReportRow, head: ReportHead) -> [String; HEADINGS.len()] {
    let remark = if head.simulated { "模擬送信" } else { "" };
    [
        row.line.to_string(),
        row.phone.map(PhoneNumber::national).unwrap_or_default(),
        row.state.label().to_owned(),
        row.explanation().to_owned(),
        row.carrier_message_id.clone().unwrap_or_default(),
        row.carrier_code.clone().unwrap_or_default(),
        remark.to_owned(),
    ]
}

/// The forms of one report that were asked for; each row goes to all of them, so that they never differ.
#[derive(Default)]
pub struct Report<'a> {
    forms: Vec<Box<dyn ReportForm + 'a>>,
    tally: Tally,
}

impl<'a> Report<'a> {
    /// A report in one form.
    pub fn of(form: impl ReportForm + 'a) -> Self {
        let mut report = Self::default();
        report.add(form);
        report
    }

    /// One more form, before the first row.
    pub fn add(&mut self, form: impl ReportForm + 'a) {
        self.forms.push(Box::new(form));
    }

    /// Writes the next row.
    pub fn row(&mut self, row: &ReportRow) -> io::Result<()> {
        self.tally.add(row.state);
        self.forms.iter_mut().try_for_each(|form| form.row(row))
    }

    /// Ends every form, and says how many rows ended where.
    pub fn end(self) -> io::Result<Tally> {
        for form in self.forms {
            form.end(&self.tally)?;
        }
        Ok(self.tally)
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

/// A cell that a spreadsheet would take for a formula, as text.
pub(crate) fn as_text(cell: &str) -> String {
    web::download::as_text(cell).into_owned()
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
mod tests {
    use super::*;

    const HEAD: ReportHead = ReportHead {
        broadcast: Some(1),
        simulated: true,
    };

    fn write(form: impl ReportForm) {
        let phone = PhoneNumber::from_e164("+819012345678").unwrap();
        let standing = MessageStanding {
            state: MessageState::Delivered,
            carrier_message_id: Some("=1+1".to_owned()),
            carrier_code: Some("000".to_owned()),
        };
        let mut report = Report::of(form);
        report.row(&ReportRow::message(2, phone, standing)).unwrap();
        let why = "電話番号がありません。".to_owned();
        report.row(&ReportRow::not_sent(3, None, Some(why))).unwrap();
        assert_eq!(report.end().unwrap().rows(), 2);
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
        let mut bytes = Vec::new();
        write(JsonReport::begin(&mut bytes, HEAD).unwrap());
        let written: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
        assert_eq!(written, expected);
        let empty = ReportHead {
            broadcast: None,
            simulated: false,
        };
        let mut bytes = Vec::new();
        let report = Report::of(JsonReport::begin(&mut bytes, empty).unwrap());
        report.end().unwrap();
        let written: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
        assert_eq!(
            written,
            serde_json::json!({"broadcast": null, "simulated": false, "rows": [], "summary": {}})
        );
    }

    #[test]
    fn csv_opens_in_excel_and_holds_no_formula() {
        let mut bytes = Vec::new();
        write(CsvReport::begin(&mut bytes, HEAD).unwrap());
        let text = String::from_utf8(bytes).unwrap();
        assert!(text.starts_with("\u{feff}行,電話番号,状態,"));
        assert!(text.contains("2,090-1234-5678,着信済,"));
        assert!(text.contains(",'=1+1,000,模擬送信\r\n"));
        assert!(text.contains("3,,未送信,電話番号がありません。"));
    }

    #[test]
    fn xlsx_is_a_workbook() {
        let mut file = io::Cursor::new(Vec::new());
        write(XlsxReport::begin(&mut file, HEAD).unwrap());
        assert!(file.into_inner().starts_with(b"PK"));
    }
}
