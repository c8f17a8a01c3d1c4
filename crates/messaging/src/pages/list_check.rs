//! The page of a list whose rows are judged (B-4): what was understood, what is wrong and can be mended here,
//! what a person should look at, and the way on for the good rows.

use std::collections::HashMap;

use accounts::Staff;
use askama::Template;
use axum::response::IntoResponse;
use base::id::{BroadcastId, ListId};
use lists::check::{Brief, CheckedRow, Sendable, needs_a_look};
use lists::choice::KeptChoice;
use lists::code::{Code, Severity};
use lists::integrity::Scope;
use lists::sheet::ParsedRow;
use lists::store::{ListHead, RowChange, choices, row_changes};
use web::paging::Links;
use web::ui::Notice;
use web::{Page, PageError, Paging, Shell};

use super::list_contacted::{Contacted, ContactedRow, contacted};
use super::list_findings::{Look, Stop, looks, stop};
use super::list_form::{SettingsForm, settings_form};
use super::list_hindrance::Hindrance;
use super::list_judged::{Chosen, JudgedList, JudgedRows, RowStanding};
use super::list_log::{LogLine, log};
use super::list_options::{ListOption, options};
use super::list_reference::{self, ReferenceView};
use super::list_rows::{BadRow, BeforeRow, LeftOut, Remark};
use super::list_show::Asked;
use super::{Answer, Desk, failed, list_rows, names};
use crate::{limits, store};

#[derive(Template)]
#[template(path = "list_check.html")]
struct CheckPage {
    shell: Shell,
    /// Whether single rows are shown, and what can be done with them.
    whole: bool,
    list: ListHead,
    tally: Tally,
    stop: Option<Stop>,
    /// Why the text may not be sent.
    not_now: Option<Notice>,
    /// Warnings that wait for a look, and those that had one.
    looks: Vec<Look>,
    looked: Vec<Look>,
    summary: Option<Notice>,
    file_warnings: Option<Notice>,
    options: Vec<ListOption>,
    reading: Reading,
    settings: SettingsForm,
    reference: ReferenceView,
    sample: Vec<SampleText>,
    /// Whether one may go on to the texts.
    open: bool,
    headings: Vec<String>,
    bad: Section<BadRow>,
    contacted: Section<ContactedRow>,
    /// Whether anybody of them is sent to all the same.
    again: bool,
    warned: Section<Remark>,
    repaired: Section<Remark>,
    before: Section<BeforeRow>,
    excluded: Section<LeftOut>,
    log: Vec<LogLine>,
    broadcast: Option<BroadcastId>,
}

/// How many rows will meet which fate.
struct Tally {
    to_send: u64,
    bad: u64,
    repeats: u64,
    before: u64,
    contacted: u64,
    excluded: u64,
}

/// How the file was read, and what it is used for.
struct Reading {
    understood: String,
    notices: Vec<String>,
    to: String,
    fields: Vec<(String, String)>,
    template: String,
    template_href: String,
    /// What could be better about the text.
    advice: Vec<String>,
}

/// Some rows of one kind, with links to the others.
struct Section<T> {
    rows: Vec<T>,
    total: u64,
    page: u64,
    summary: String,
    links: Links,
    /// Whether somebody leafs through this one.
    open: bool,
}

impl<T> Section<T> {
    /// The part that is asked for of the rows that `all` gives.
    fn new<R>(list: &ListHead, view: &str, asked: &Asked, all: &[R], row: impl Fn(&R) -> T) -> Self {
        let open = asked.view == view;
        let wanted = if open { asked.page.parse().unwrap_or(1) } else { 1 };
        let total = all.len() as u64;
        let paging = Paging::new(wanted, limits::LIST_ROWS_PER_PAGE, total);
        let shown = all
            .chunks(usize::try_from(paging.limit()).unwrap_or(usize::MAX))
            .nth(usize::try_from(paging.offset() / paging.limit()).unwrap_or(usize::MAX));
        Self {
            rows: shown.unwrap_or_default().iter().map(row).collect(),
            total,
            page: paging.offset() / paging.limit() + 1,
            summary: paging.summary("行"),
            links: paging.links(&format!("/lists/{}?view={view}", list.id)),
            open,
        }
    }
}

/// One of the texts that are looked at before sending.
struct SampleText {
    line: u32,
    phone: String,
    pieces: Vec<(String, bool)>,
}

/// Everything that the page is made of.
struct Judged<'a> {
    list: &'a JudgedList,
    rows: &'a JudgedRows,
    chosen: &'a Chosen,
    /// The rows as they stand in the file, by their number.
    parsed: HashMap<u32, ParsedRow<'a>>,
    sorted: Sorted<'a>,
    contacted: Vec<Contacted<'a>>,
    hindrance: Option<Hindrance>,
    asked: &'a Asked,
}

pub(super) async fn page(
    desk: &Desk,
    staff: &Staff,
    shell: Shell,
    list: &JudgedList,
    rows: &JudgedRows,
    asked: &Asked,
) -> Answer {
    let (head, sheet) = (&list.kept.head, &list.kept.sheet);
    let chosen = list
        .template
        .as_ref()
        .ok_or_else(|| PageError::bug("a judged list has no text"))?;
    let to = head.settings.to.as_deref().unwrap_or_default();
    let changes = row_changes(&desk.db, staff.org, head.id).await.map_err(failed)?;
    let kept: Vec<KeptChoice> = choices(&desk.db, staff.org, head.id).await.map_err(failed)?;
    let by = changes
        .iter()
        .map(|change| change.by)
        .chain(kept.iter().map(|kept| kept.by));
    let who = names(desk, staff.org, by).await?;
    let (looked, looks) = looks(rows, &kept, &who)
        .into_iter()
        .partition(|look| look.seen.is_some());
    let settings = settings_form(desk, staff, sheet, Some(to), Some(chosen)).await?;
    let reference = list_reference::view(desk, staff, head, rows).await?;
    let latest = store::latest_of_list(&desk.db, staff.org, head.id)
        .await
        .map_err(failed)?;
    let judged = Judged {
        list,
        rows,
        chosen,
        parsed: sheet.rows().map(|row| (row.line(), row)).collect(),
        sorted: Sorted::of(rows),
        contacted: contacted(rows),
        hindrance: Hindrance::of(chosen, rows),
        asked,
    };
    let beside = Beside {
        whole: handles_rows(staff),
        seen: changes_by_line(&changes),
        log: log(sheet, &changes, &kept, &who),
        settings,
        reference,
        looks,
        looked,
        latest,
    };
    Ok(Page(judged.page(shell, beside)).into_response())
}

/// Whether somebody sees single rows of lists whole: who mends them, sends or approves them, or may reveal them.
pub(super) fn handles_rows(staff: &Staff) -> bool {
    use accounts::Permission::{Approve, PrepareLists, Reveal, Send};
    [PrepareLists, Send, Approve, Reveal]
        .into_iter()
        .any(|permission| staff.may(permission))
}

/// What was asked of the database for the page.
struct Beside {
    /// How many changes each row had.
    seen: HashMap<u32, u32>,
    whole: bool,
    log: Vec<LogLine>,
    settings: SettingsForm,
    reference: ReferenceView,
    looks: Vec<Look>,
    looked: Vec<Look>,
    latest: Option<BroadcastId>,
}

impl Judged<'_> {
    fn page(self, shell: Shell, beside: Beside) -> CheckPage {
        let (rows, asked) = (self.rows, self.asked);
        let (head, sheet) = (&self.list.kept.head, &self.list.kept.sheet);
        let needed = list_rows::needed(&rows.brief);
        let bad_row = |row: &&CheckedRow| {
            list_rows::bad_row(
                sheet,
                (&needed, rows.brief.to),
                self.parsed[&row.line],
                row,
                &beside.seen,
            )
        };
        let tally = self.sorted.tally(self.list);
        let stopped = self.hindrance == Some(Hindrance::Stopped);
        CheckPage {
            whole: beside.whole,
            shell: shell.titled("リストの検査結果"),
            stop: stop(rows),
            not_now: self
                .hindrance
                .as_ref()
                .and_then(Hindrance::of_incident)
                .or_else(|| not_now(self.chosen)),
            summary: (!stopped)
                .then(|| tally.summary(&self.sorted, self.hindrance.is_some()))
                .flatten(),
            file_warnings: file_warnings(rows),
            options: if stopped {
                Vec::new()
            } else {
                options(rows, &self.parsed)
            },
            reading: reading(rows, self.chosen),
            sample: sample(head.id, &self.sorted.to_send, &rows.brief, &self.parsed),
            open: self.hindrance.is_none() && tally.to_send > 0,
            headings: needed
                .iter()
                .map(|column| list_rows::heading(sheet, *column))
                .collect(),
            bad: Section::new(head, "rows", asked, &self.sorted.bad, bad_row),
            again: self.contacted.iter().any(Contacted::is_sent),
            contacted: Section::new(head, "contacted", asked, &self.contacted, |row| row.shown(rows)),
            warned: remarks(head, "warnings", asked, &self.sorted.not_bad, Severity::Warning),
            repaired: remarks(head, "notices", asked, &self.sorted.not_bad, Severity::Notice),
            before: Section::new(head, "before", asked, &self.sorted.before, |(row, before)| {
                BeforeRow::of(*row, *before)
            }),
            excluded: Section::new(head, "excluded", asked, &self.list.kept.excluded, |row| {
                LeftOut::of(row, &needed)
            }),
            log: beside.log,
            settings: beside.settings,
            reference: beside.reference,
            looks: beside.looks,
            looked: beside.looked,
            broadcast: beside.latest,
            tally,
            list: head.clone(),
        }
    }
}

fn not_now(chosen: &Chosen) -> Option<Notice> {
    let why = chosen.not_now.as_ref()?;
    Some(
        Notice::error("この文面は、いまは送れません")
            .text(why)
            .link(format!("/templates/{}", chosen.id), "文面を開く"),
    )
}

/// The rows by fate.
struct Sorted<'a> {
    to_send: Vec<Sendable<'a>>,
    bad: Vec<&'a CheckedRow>,
    not_bad: Vec<&'a CheckedRow>,
    before: Vec<(Sendable<'a>, crate::recognition::Recognised)>,
    repeats: u64,
    contacted: u64,
}

impl<'a> Sorted<'a> {
    fn of(rows: &'a JudgedRows) -> Self {
        let (mut bad, mut not_bad) = (Vec::new(), Vec::new());
        let (mut repeats, mut contacted) = (0, 0);
        for (row, standing) in rows.standings() {
            match standing {
                RowStanding::Blocked => bad.push(row),
                _ => not_bad.push(row),
            }
            repeats += u64::from(matches!(standing, RowStanding::Repeat(_)));
            contacted += u64::from(standing == RowStanding::Contacted);
        }
        Self {
            to_send: rows.to_send().collect(),
            bad,
            not_bad,
            before: rows.done_before().collect(),
            repeats,
            contacted,
        }
    }

    fn tally(&self, list: &JudgedList) -> Tally {
        Tally {
            to_send: self.to_send.len() as u64,
            bad: self.bad.len() as u64,
            repeats: self.repeats,
            before: self.before.len() as u64,
            contacted: self.contacted,
            excluded: list.kept.excluded.len() as u64,
        }
    }
}

impl Tally {
    /// The page in one notice: how many go ahead, what is to be done about the others. Nothing where something
    /// else has to be done first and no row is to be mended.
    fn summary(&self, sorted: &Sorted<'_>, hindered: bool) -> Option<Notice> {
        let grouped = |number: u64| web::number::grouped(number);
        let Self { to_send, bad, .. } = *self;
        if bad > 0 {
            let ahead = match to_send {
                0 => "今のところ、送れる行はありません。".to_owned(),
                _ if hindered => String::new(),
                _ => format!("ほかの{}人分は先に進めます。", grouped(to_send)),
            };
            let title = format!("{}行に直すところがあります", grouped(bad));
            let text = format!("直すか除外するまで、この行には送りません。{ahead}");
            let notice = Notice::warning(title).text(text);
            let kinds = list_rows::kinds(sorted.bad.iter().copied()).into_iter();
            return Some(kinds.fold(notice, |notice, (wish, count)| {
                notice.item(format!("{wish}: {}行", grouped(count)))
            }));
        }
        match (to_send, self.before, self.contacted) {
            (0, 0, 0) => Some(
                Notice::info("送る行がありません")
                    .text("すべての行が除外されています。戻すか、別のリストを選んでください。"),
            ),
            (0, before, 0) => Some(Notice::info("すべての行がすでに送信済みです").text(format!(
                "{}人には同じ文面を送ってあります。同じ人に2度は送りません。",
                grouped(before)
            ))),
            (0, before, contacted) => Some(Notice::info("すべての行がすでに連絡済みです").text(format!(
                "{}人には同じ目的のSMSを送ってあります。同じ人に2度は送りません。",
                grouped(before + contacted)
            ))),
            _ if hindered => None,
            (to_send, ..) => Some(
                Notice::success(format!("{}人に送れます", grouped(to_send)))
                    .text("直すところはありません。次の画面で文面を確かめてください。"),
            ),
        }
    }
}

/// Warnings about the list that nobody has to answer; those about its text stand beside the text.
fn file_warnings(rows: &JudgedRows) -> Option<Notice> {
    let integrity = rows.checked.integrity.iter().filter(|finding| {
        finding.scope == Scope::List && finding.severity == Severity::Warning && !needs_a_look(finding.code)
    });
    let findings = rows.checked.findings.iter().filter(|finding| {
        finding.severity > Severity::Notice && !needs_a_look(finding.code) && !is_advice(finding.code)
    });
    let messages = integrity.map(|finding| &finding.message);
    let mut messages = messages
        .chain(findings.map(|finding| &finding.message))
        .peekable();
    messages.peek()?;
    let notice = Notice::warning("リスト全体について確かめてください");
    Some(messages.fold(notice, Notice::item))
}

pub(super) fn is_advice(code: Code) -> bool {
    matches!(code, Code::TextAdvice | Code::TextAdviceBlocks)
}

fn reading(rows: &JudgedRows, chosen: &Chosen) -> Reading {
    let named = |column: &lists::columns::Column| format!("{}列「{}」", column.letters, column.heading);
    let columns = &rows.checked.columns;
    let findings = &rows.checked.findings;
    let said = findings
        .iter()
        .filter(|finding| finding.severity == Severity::Notice && finding.code != Code::FileRead);
    let read = findings.iter().find(|finding| finding.code == Code::FileRead);
    Reading {
        understood: read.map(|finding| finding.message.clone()).unwrap_or_default(),
        notices: said.map(|finding| finding.message.clone()).collect(),
        to: columns.to.as_ref().map(named).unwrap_or_default(),
        fields: columns
            .fields
            .iter()
            .map(|field| (field.field.clone(), named(&field.column)))
            .collect(),
        template: format!("{} 第{}版", chosen.name, chosen.version),
        template_href: format!("/templates/{}#version-{}", chosen.id, chosen.version),
        advice: findings
            .iter()
            .filter(|finding| is_advice(finding.code))
            .map(|finding| finding.message.clone())
            .collect(),
    }
}

fn changes_by_line(changes: &[RowChange]) -> HashMap<u32, u32> {
    let mut seen = HashMap::new();
    for change in changes {
        *seen.entry(change.line).or_insert(0) += 1;
    }
    seen
}

/// What is worth a look, of the rows that are not mended first. People written to before have a table of their own.
fn remarks(
    list: &ListHead,
    view: &str,
    asked: &Asked,
    rows: &[&CheckedRow],
    severity: Severity,
) -> Section<Remark> {
    let of_kind = |row: &&&CheckedRow| list_rows::remarks(row, severity).next().is_some();
    let found: Vec<&CheckedRow> = rows.iter().filter(of_kind).copied().collect();
    let section = Section::new(list, view, asked, &found, |row| {
        list_rows::remarks(row, severity).collect::<Vec<_>>()
    });
    Section {
        rows: section.rows.into_iter().flatten().collect(),
        total: section.total,
        page: section.page,
        summary: section.summary,
        links: section.links,
        open: section.open,
    }
}

/// The texts that are looked at before a long list goes ahead.
fn sample(
    list: ListId,
    to_send: &[Sendable<'_>],
    brief: &Brief,
    parsed: &HashMap<u32, ParsedRow<'_>>,
) -> Vec<SampleText> {
    if to_send.len() <= limits::UNSEEN_ROWS {
        return Vec::new();
    }
    let lines: Vec<u32> = to_send.iter().map(|row| row.line).collect();
    let chosen = list_rows::steady_sample(list, &lines, limits::SAMPLE_ROWS);
    let text = |index: usize| {
        let row = to_send[index];
        SampleText {
            line: row.line,
            phone: row.phone.masked(),
            pieces: list_rows::pieces(brief, parsed[&row.line], row),
        }
    };
    chosen.into_iter().map(text).collect()
}
