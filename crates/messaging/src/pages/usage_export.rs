//! `GET /usage/summary.csv`, `…/summary.xlsx`, `…/lines.csv`, `…/lines.xlsx`: a month's usage as a file, so that a
//! bill can be checked line by line. No number of anybody is in it.

use std::collections::HashMap;
use std::io::Cursor;

use accounts::SignedIn;
use axum::extract::{Query, State};
use axum::http::header;
use axum::response::IntoResponse;
use rust_xlsxwriter::{Format, Workbook, XlsxError};
use web::{OrBug, PageError};

use super::usage_sheet::{Month, Usage, UsageNames, lines};
use super::{Answer, Desk};
use crate::report::as_text;
use crate::template::japan_day;

const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
const SUMMARY: [&str; 9] = [
    "部署",
    "文面",
    "接続先",
    "メッセージ",
    "通数",
    "受け付けられた通数",
    "着信した通数",
    "料金のかかる通数",
    "料金（円）",
];
const LINES: [&str; 10] = [
    "メッセージ番号",
    "日",
    "部署",
    "文面",
    "通数",
    "接続先",
    "状態",
    "料金のかかる通数",
    "1通の料金（円）",
    "料金（円）",
];

/// What stands in a cell.
enum Cell {
    Text(String),
    Number(u64),
    /// In hundredths of a yen; nothing where no tariff is known.
    Yen(Option<u64>),
}

/// A file before it is one.
struct Table {
    name: String,
    headings: &'static [&'static str],
    rows: Vec<Vec<Cell>>,
}

type Asked = Query<HashMap<String, String>>;

pub(super) async fn summary_csv(State(desk): State<Desk>, session: SignedIn, asked: Asked) -> Answer {
    session.fresh()?;
    csv(summary(&desk, &session, &asked).await?).await
}

pub(super) async fn summary_xlsx(State(desk): State<Desk>, session: SignedIn, asked: Asked) -> Answer {
    session.fresh()?;
    xlsx(summary(&desk, &session, &asked).await?).await
}

pub(super) async fn lines_csv(State(desk): State<Desk>, session: SignedIn, asked: Asked) -> Answer {
    session.fresh()?;
    csv(line_by_line(&desk, &session, &asked).await?).await
}

pub(super) async fn lines_xlsx(State(desk): State<Desk>, session: SignedIn, asked: Asked) -> Answer {
    session.fresh()?;
    xlsx(line_by_line(&desk, &session, &asked).await?).await
}

fn month(desk: &Desk, asked: &Asked) -> Month {
    let month = Month::asked(asked.get("month").map_or("", String::as_str), desk.db.now());
    accounts::audit::note(month.label());
    month
}

async fn summary(desk: &Desk, session: &SignedIn, asked: &Asked) -> Result<Table, PageError> {
    let month = month(desk, asked);
    let usage = Usage::load(desk, session, month).await?;
    let names = UsageNames::load(desk, session, usage.templates()).await?;
    let row = |((office, template, account), one): (&(_, _, _), &super::usage_sheet::Figures)| {
        vec![
            Cell::Text(names.office(*office)),
            Cell::Text(names.template(*template)),
            Cell::Text(names.account(*account)),
            Cell::Number(one.messages),
            Cell::Number(one.parts),
            Cell::Number(one.taken),
            Cell::Number(one.delivered),
            Cell::Number(one.billed.parts),
            Cell::Yen((one.billed.unknown == 0).then_some(one.billed.cost)),
        ]
    };
    Ok(Table {
        name: format!("todoke-usage-{}", month.word()),
        headings: &SUMMARY,
        rows: usage.groups.iter().map(row).collect(),
    })
}

async fn line_by_line(desk: &Desk, session: &SignedIn, asked: &Asked) -> Result<Table, PageError> {
    let month = month(desk, asked);
    let lines = lines(desk, session, month).await?;
    let templates = lines.iter().filter_map(|(line, ..)| line.template);
    let names = UsageNames::load(desk, session, templates.map(|(id, _)| id)).await?;
    let rows = lines.into_iter().map(|(line, price, billed)| {
        let template = names.template(line.template.map(|(id, _)| id));
        let version = line
            .template
            .map_or_else(String::new, |(_, version)| format!(" 第{version}版"));
        vec![
            Cell::Text(line.message.to_string()),
            Cell::Text(japan_day(line.at).to_string()),
            Cell::Text(names.office(line.office)),
            Cell::Text(format!("{template}{version}")),
            Cell::Number(line.parts.into()),
            Cell::Text(names.account(line.account)),
            Cell::Text(line.state.label().to_owned()),
            Cell::Number(billed.parts),
            Cell::Yen(price.map(u64::from)),
            Cell::Yen(price.map(|_| billed.cost)),
        ]
    });
    Ok(Table {
        name: format!("todoke-usage-lines-{}", month.word()),
        headings: &LINES,
        rows: rows.collect(),
    })
}

fn plain_yen(hundredths: u64) -> String {
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}

async fn csv(table: Table) -> Answer {
    let file = head(&table.name, "text/csv; charset=utf-8", "csv");
    let write = move || -> std::io::Result<Vec<u8>> {
        let mut bytes = "\u{feff}".as_bytes().to_vec();
        let mut csv = csv::WriterBuilder::new()
            .terminator(csv::Terminator::CRLF)
            .from_writer(&mut bytes);
        csv.write_record(table.headings)?;
        for row in &table.rows {
            csv.write_record(row.iter().map(|cell| match cell {
                Cell::Text(text) => as_text(text),
                Cell::Number(number) => number.to_string(),
                Cell::Yen(yen) => yen.map_or_else(String::new, plain_yen),
            }))?;
        }
        csv.flush()?;
        drop(csv);
        Ok(bytes)
    };
    let bytes = tokio::task::spawn_blocking(write).await.or_bug()?.or_bug()?;
    Ok((file, bytes).into_response())
}

async fn xlsx(table: Table) -> Answer {
    let file = head(&table.name, XLSX, "xlsx");
    let bytes = tokio::task::spawn_blocking(move || workbook(&table))
        .await
        .or_bug()?
        .or_bug()?;
    Ok((file, bytes).into_response())
}

fn workbook(table: &Table) -> Result<Vec<u8>, XlsxError> {
    let (bold, money) = (Format::new().set_bold(), Format::new().set_num_format("#,##0.00"));
    let mut book = Workbook::new();
    let sheet = book.add_worksheet_with_constant_memory()?;
    sheet.set_name("利用実績")?;
    sheet.set_freeze_panes(1, 0)?;
    for (column, heading) in (0..).zip(table.headings) {
        sheet.set_column_width(column, 18)?;
        sheet.write_string_with_format(0, column, *heading, &bold)?;
    }
    for (line, row) in (1..).zip(&table.rows) {
        for (column, cell) in (0..).zip(row) {
            match cell {
                Cell::Text(text) => sheet.write_string(line, column, text)?,
                Cell::Number(number) => sheet.write_number(line, column, figure(*number))?,
                Cell::Yen(Some(yen)) => {
                    sheet.write_number_with_format(line, column, figure(*yen) / 100.0, &money)?
                }
                Cell::Yen(None) => continue,
            };
        }
    }
    let mut bytes = Cursor::new(Vec::new());
    book.save_to_writer(&mut bytes)?;
    Ok(bytes.into_inner())
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a month has far fewer than 2^53 parts and hundredths of a yen"
)]
fn figure(number: u64) -> f64 {
    number as f64
}

fn head(name: &str, kind: &'static str, ending: &str) -> [(header::HeaderName, String); 2] {
    [
        (header::CONTENT_TYPE, kind.to_owned()),
        (
            header::CONTENT_DISPOSITION,
            format!("attachment; filename=\"{name}.{ending}\""),
        ),
    ]
}
