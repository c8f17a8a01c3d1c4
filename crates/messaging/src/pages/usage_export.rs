//! `GET /usage/summary.csv`, `…/summary.xlsx`, `…/lines.csv`, `…/lines.xlsx`: a month's usage as a file, so that a
//! bill can be checked line by line. No number of anybody is in it.

use std::collections::HashMap;

use accounts::SignedIn;
use axum::extract::{Query, State};
use web::PageError;

use super::usage_sheet::{Month, Usage, UsageNames, lines};
use super::{Answer, Desk};
use crate::export::ExportForm;
use crate::table_file::{FileCell as Cell, TableFile};
use crate::template::japan_day;

const SHEET: &str = "利用実績";
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

type Asked = Query<HashMap<String, String>>;

pub(super) async fn summary_csv(State(desk): State<Desk>, session: SignedIn, asked: Asked) -> Answer {
    session.fresh()?;
    summary(&desk, &session, &asked)
        .await?
        .answer(ExportForm::Csv)
        .await
}

pub(super) async fn summary_xlsx(State(desk): State<Desk>, session: SignedIn, asked: Asked) -> Answer {
    session.fresh()?;
    summary(&desk, &session, &asked)
        .await?
        .answer(ExportForm::Xlsx)
        .await
}

pub(super) async fn lines_csv(State(desk): State<Desk>, session: SignedIn, asked: Asked) -> Answer {
    session.fresh()?;
    line_by_line(&desk, &session, &asked)
        .await?
        .answer(ExportForm::Csv)
        .await
}

pub(super) async fn lines_xlsx(State(desk): State<Desk>, session: SignedIn, asked: Asked) -> Answer {
    session.fresh()?;
    line_by_line(&desk, &session, &asked)
        .await?
        .answer(ExportForm::Xlsx)
        .await
}

fn month(desk: &Desk, asked: &Asked) -> Month {
    let month = Month::asked(asked.get("month").map_or("", String::as_str), desk.db.now());
    accounts::audit::note(month.label());
    month
}

async fn summary(desk: &Desk, session: &SignedIn, asked: &Asked) -> Result<TableFile, PageError> {
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
            Cell::Hundredths((one.billed.unknown == 0).then_some(one.billed.cost)),
        ]
    };
    Ok(TableFile {
        name: format!("todoke-usage-{}", month.word()),
        sheet: SHEET,
        headings: SUMMARY.map(str::to_owned).to_vec(),
        rows: usage.groups.iter().map(row).collect(),
    })
}

async fn line_by_line(desk: &Desk, session: &SignedIn, asked: &Asked) -> Result<TableFile, PageError> {
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
            Cell::Hundredths(price.map(u64::from)),
            Cell::Hundredths(price.map(|_| billed.cost)),
        ]
    });
    Ok(TableFile {
        name: format!("todoke-usage-lines-{}", month.word()),
        sheet: SHEET,
        headings: LINES.map(str::to_owned).to_vec(),
        rows: rows.collect(),
    })
}
