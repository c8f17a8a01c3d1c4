//! `GET /lists/{id}/preview`: the text of any row that will be sent, as its reader sees it, and what it costs.

use accounts::SignedIn;
use askama::Template;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Redirect};
use base::id::ListId;
use base::merge::link_name;
use base::repertoire::{LetterFinding, examine};
use base::text::{Carrier, Parts, parts_worst, utf16_len};
use lists::check::{Brief, Sendable};
use lists::sheet::ParsedRow;
use lists::store::ListHead;
use serde::Deserialize;
use web::ui::{Bubble, Notice, Phone};
use web::{Errors, OrBug, Page, PageError, Shell};

use super::list_hindrance::Hindrance;
use super::list_judged::{Chosen, JudgedList, JudgedRows, Judgement, RowStanding, judged};
use super::test_send::OwnNumber;
use super::{Answer, Desk, Id, list_rows};

#[derive(Deserialize, Default)]
pub(super) struct Asked {
    /// A row number of the sheet, `random`, or nothing.
    #[serde(default)]
    row: String,
}

#[derive(Template)]
#[template(path = "list_preview.html")]
struct PreviewPage {
    shell: Shell,
    list: ListHead,
    template: String,
    sender: String,
    phone: Phone,
    row: ShownRow,
    /// Why nobody is written to now.
    hindrance: Option<Notice>,
    people: u64,
    left_out: u64,
    shortest: u64,
    longest: u64,
    longest_line: u32,
    parts: Vec<PartsLine>,
    /// Whether carriers that count a newline twice make more parts of it.
    newlines_count: bool,
    /// Where a test goes.
    own_number: OwnNumber,
}

/// The row that is shown, and its neighbours.
struct ShownRow {
    line: u32,
    number: u64,
    masked: String,
    letters: u64,
    /// Of its text, where there are several.
    language: Option<&'static str>,
    /// The pages that its links lead to.
    links: Vec<String>,
    /// What some phone may not show.
    doubts: Vec<String>,
    previous: Option<u32>,
    next: Option<u32>,
}

/// Parts at one carrier.
struct PartsLine {
    carrier: &'static str,
    here: u16,
    longest: u16,
    total: u64,
}

pub(super) async fn show(
    State(desk): State<Desk>,
    session: SignedIn,
    Id(id): Id<ListId>,
    Query(asked): Query<Asked>,
    shell: Shell,
) -> Answer {
    let list = judged(&desk, &session.staff, id).await?;
    let Judgement::Rows(rows) = &list.judgement else {
        return Ok(Redirect::to(&format!("/lists/{id}")).into_response());
    };
    let to_send: Vec<Sendable<'_>> = rows.to_send().collect();
    if to_send.is_empty() {
        return Ok(Redirect::to(&format!("/lists/{id}")).into_response());
    }
    if asked.row == "random" {
        let chosen = list_rows::sample(to_send.len(), 1, getrandom::u64().or_bug()?);
        let line = to_send[chosen[0]].line;
        return Ok(Redirect::to(&format!("/lists/{id}/preview?row={line}")).into_response());
    }
    let (index, errors) = wanted(&asked.row, rows, &to_send);
    let purpose = list.template.as_ref().map(|chosen| chosen.content.purpose);
    let sender = desk
        .sender(session.staff.org, list.kept.head.office, purpose)
        .await?;
    let own_number = OwnNumber::of(&desk, &session).await?;
    let page = PreviewPage {
        own_number,
        ..preview(sender, shell, errors, &list, (rows, &to_send), index)?
    };
    Ok(Page(page).into_response())
}

/// The index of the row that is asked for; the first one, with a word why, if that row is not sent.
fn wanted(asked: &str, rows: &JudgedRows, to_send: &[Sendable<'_>]) -> (usize, Errors) {
    let mut errors = Errors::default();
    if asked.is_empty() {
        // What goes wrong with the length goes wrong there first.
        let longest = (0..to_send.len())
            .rev()
            .max_by_key(|at| utf16_len(to_send[*at].text));
        return (longest.unwrap_or(0), errors);
    }
    let digits: String = asked.trim().chars().map(narrow).collect();
    let line = digits.parse::<u32>().ok();
    let index = line.and_then(|line| to_send.iter().position(|row| row.line == line));
    if index.is_none() {
        errors.add("row", absent(line, rows));
    }
    (index.unwrap_or(0), errors)
}

/// A full-width digit as a plain one.
fn narrow(c: char) -> char {
    match c {
        '０'..='９' => char::from_u32(u32::from(c) - u32::from('０') + u32::from('0')).unwrap_or(c),
        _ => c,
    }
}

/// Why the row of that number cannot be shown.
fn absent(line: Option<u32>, rows: &JudgedRows) -> String {
    let Some(line) = line else {
        return "行番号を数字で入力してください。".to_owned();
    };
    let found = rows.standings().find(|(row, _)| row.line == line);
    match found.map(|(_, standing)| standing) {
        Some(RowStanding::Blocked) => format!("{line}行目は、直すところがあるため送りません。"),
        Some(RowStanding::Repeat(first)) => {
            format!("{line}行目は、{first}行目と同じ番号なので、{first}行目だけに送ります。")
        }
        Some(RowStanding::Contacted) => format!("{line}行目の人には、同じ目的のSMSを送ってあります。"),
        Some(RowStanding::Before(_)) => format!("{line}行目には、すでに同じ文面を送ってあります。"),
        Some(RowStanding::Send) | None => {
            format!("{line}行目は、このリストの送る行にありません。")
        }
    }
}

fn preview(
    sender: String,
    shell: Shell,
    errors: Errors,
    list: &JudgedList,
    (rows, to_send): (&JudgedRows, &[Sendable<'_>]),
    index: usize,
) -> Result<PreviewPage, PageError> {
    let chosen = list
        .template
        .as_ref()
        .ok_or_else(|| PageError::bug("a judged list has no text"))?;
    let sheet = &list.kept.sheet;
    let row = to_send[index];
    let parsed = sheet.rows().find(|parsed| parsed.line() == row.line);
    let parsed = parsed.ok_or_else(|| PageError::bug("a judged row is not in its list"))?;
    let pieces = list_rows::with_doubts(list_rows::pieces(&rows.brief, parsed, row));
    let label = format!("{}行目の人に届く文面", row.line);
    let letters = |row: &Sendable<'_>| utf16_len(row.text) as u64;
    let longest = to_send
        .iter()
        .rev()
        .max_by_key(|row| letters(row))
        .unwrap_or(&row);
    let neighbour = |index: Option<usize>| Some(to_send.get(index?)?.line);
    let head = &list.kept.head;
    let hindrance = Hindrance::of(chosen, rows);
    Ok(PreviewPage {
        shell: shell.titled("文面のプレビュー").with_errors(errors),
        template: format!("{} 第{}版", chosen.name, chosen.version),
        phone: Phone::new(label, &sender, vec![Bubble::marked(pieces)]),
        sender,
        own_number: OwnNumber::default(),
        hindrance: hindrance.map(|hindrance| hindrance.notice(&format!("/lists/{}", head.id))),
        row: ShownRow {
            line: row.line,
            number: index as u64 + 1,
            masked: row.phone.masked(),
            letters: letters(&row),
            language: language(chosen, &rows.brief, parsed),
            links: links(&rows.brief, parsed),
            doubts: examine(row.text).iter().map(LetterFinding::sentence).collect(),
            previous: neighbour(index.checked_sub(1)),
            next: neighbour(index.checked_add(1)),
        },
        people: to_send.len() as u64,
        left_out: u64::from(head.rows).saturating_sub(to_send.len() as u64),
        shortest: to_send.iter().map(letters).min().unwrap_or(0),
        longest: letters(longest),
        longest_line: longest.line,
        newlines_count: to_send.iter().any(|row| parts_worst(row.text) != row.parts),
        parts: parts(to_send, &row, longest),
        list: head.clone(),
    })
}

/// The language of the row's text, where the template has several.
fn language(chosen: &Chosen, brief: &Brief, row: ParsedRow<'_>) -> Option<&'static str> {
    let (at, _) = brief.text(row);
    let language = chosen
        .content
        .texts()
        .nth(at)
        .map(|(language, _)| language.label());
    language.filter(|_| brief.texts.len() > 1)
}

/// The pages that the links of the row's text lead to.
fn links(brief: &Brief, row: ParsedRow<'_>) -> Vec<String> {
    let (_, text) = brief.text(row);
    let fields = text.template.fields().iter().zip(&text.fields);
    let links = fields.filter(|(_, column)| column.is_none());
    links
        .map(|(field, _)| link_name(field).unwrap_or(field).to_owned())
        .collect()
}

/// The parts at each carrier, where newlines are counted the dearer way.
fn parts(to_send: &[Sendable<'_>], row: &Sendable<'_>, longest: &Sendable<'_>) -> Vec<PartsLine> {
    let all: Vec<Parts> = to_send.iter().map(|row| parts_worst(row.text)).collect();
    let (here, longest) = (parts_worst(row.text), parts_worst(longest.text));
    let line = |carrier: Carrier| PartsLine {
        carrier: carrier.label(),
        here: here.at(carrier),
        longest: longest.at(carrier),
        total: all.iter().map(|parts| u64::from(parts.at(carrier))).sum(),
    };
    Carrier::ALL.into_iter().map(line).collect()
}
