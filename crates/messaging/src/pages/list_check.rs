//! The page of a list whose rows are judged (B-4): what was understood, what is wrong and can be mended here,
//! what a person should look at, and the way on for the good rows.

use std::collections::HashMap;

use accounts::Staff;
use askama::Template;
use axum::response::IntoResponse;
use base::clock::Millis;
use base::id::BroadcastId;
use lists::check::{Brief, CheckedRow, Sendable};
use lists::code::{Code, Severity};
use lists::sheet::{ParsedRow, Sheet};
use lists::store::{Change, ListHead, RowChange, row_changes};
use web::paging::Links;
use web::ui::Notice;
use web::{OrBug, Page, PageError, Paging, Shell};

use super::list_form::{SettingsForm, settings_form};
use super::list_judged::{Chosen, JudgedList, JudgedRows, RowStanding};
use super::list_rows::{BadRow, BeforeRow, LeftOut, Remark};
use super::list_show::Asked;
use super::{Answer, Desk, Names, failed, list_rows, names};
use crate::{limits, store};

#[derive(Template)]
#[template(path = "list_check.html")]
struct CheckPage {
    shell: Shell,
    list: ListHead,
    tally: Tally,
    summary: Notice,
    file_warnings: Option<Notice>,
    reading: Reading,
    settings: SettingsForm,
    sample: Vec<SampleText>,
    headings: Vec<String>,
    bad: Section<BadRow>,
    warned: Section<Remark>,
    repaired: Section<Remark>,
    before: Section<BeforeRow>,
    excluded: Section<LeftOut>,
    changes: Vec<ChangeLine>,
    broadcast: Option<BroadcastId>,
}

/// How many rows will meet which fate.
struct Tally {
    to_send: u64,
    bad: u64,
    repeats: u64,
    before: u64,
    excluded: u64,
}

/// How the file was read, and what it is used for.
struct Reading {
    understood: String,
    notices: Vec<String>,
    to: String,
    fields: Vec<(String, String)>,
    template: String,
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

/// One change of a row, in words.
struct ChangeLine {
    line: u32,
    at: Millis,
    who: String,
    what: String,
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
    let needed = list_rows::needed(&rows.brief);
    let changes = row_changes(&desk.db, staff.org, head.id).await.map_err(failed)?;
    let who = names(desk, staff.org, changes.iter().map(|change| change.by)).await?;
    let sorted = Sorted::of(rows);
    let parsed: HashMap<u32, ParsedRow<'_>> = sheet.rows().map(|row| (row.line(), row)).collect();
    let seen = changes_by_line(&changes);
    let bad_row = |row: &&CheckedRow| list_rows::bad_row(sheet, &needed, parsed[&row.line], row, &seen);
    let tally = sorted.tally(list);
    let settings = settings_form(desk, staff, sheet, Some(to), Some(chosen)).await?;
    let latest = store::latest_of_list(&desk.db, staff.org, head.id);
    let page = CheckPage {
        shell: shell.titled("リストの検査結果"),
        summary: tally.summary(&sorted),
        file_warnings: file_warnings(rows),
        reading: reading(rows, chosen),
        settings,
        sample: sample(&sorted.to_send, &rows.brief, &parsed)?,
        headings: needed
            .iter()
            .map(|column| list_rows::heading(sheet, *column))
            .collect(),
        bad: Section::new(head, "rows", asked, &sorted.bad, bad_row),
        warned: remarks(head, "warnings", asked, &sorted.not_bad, Severity::Warning),
        repaired: remarks(head, "notices", asked, &sorted.not_bad, Severity::Notice),
        before: Section::new(head, "before", asked, &sorted.before, |(row, before)| {
            BeforeRow::of(*row, *before)
        }),
        excluded: Section::new(head, "excluded", asked, &list.kept.excluded, |row| {
            LeftOut::of(row, &needed)
        }),
        changes: change_lines(sheet, &changes, &who),
        broadcast: latest.await.map_err(failed)?,
        tally,
        list: head.clone(),
    };
    Ok(Page(page).into_response())
}

/// The rows by fate.
struct Sorted<'a> {
    to_send: Vec<Sendable<'a>>,
    bad: Vec<&'a CheckedRow>,
    not_bad: Vec<&'a CheckedRow>,
    before: Vec<(Sendable<'a>, crate::recognition::Recognised)>,
    repeats: u64,
}

impl<'a> Sorted<'a> {
    fn of(rows: &'a JudgedRows) -> Self {
        let (mut bad, mut not_bad, mut repeats) = (Vec::new(), Vec::new(), 0);
        for (row, standing) in rows.standings() {
            match standing {
                RowStanding::Blocked => bad.push(row),
                _ => not_bad.push(row),
            }
            repeats += u64::from(matches!(standing, RowStanding::Repeat(_)));
        }
        Self {
            to_send: rows.to_send().collect(),
            bad,
            not_bad,
            before: rows.done_before().collect(),
            repeats,
        }
    }

    fn tally(&self, list: &JudgedList) -> Tally {
        Tally {
            to_send: self.to_send.len() as u64,
            bad: self.bad.len() as u64,
            repeats: self.repeats,
            before: self.before.len() as u64,
            excluded: list.kept.excluded.len() as u64,
        }
    }
}

impl Tally {
    /// The page in one notice: how many go ahead, what is to be done about the others.
    fn summary(&self, sorted: &Sorted<'_>) -> Notice {
        let Self { to_send, bad, .. } = *self;
        if bad > 0 {
            let ahead = match to_send {
                0 => "今のところ、送れる行はありません。".to_owned(),
                _ => format!("ほかの{}人分は先に進めます。", web::number::grouped(to_send)),
            };
            let title = format!("{}行に直すところがあります", web::number::grouped(bad));
            let text = format!("直すか除外するまで、この行には送りません。{ahead}");
            let kinds = list_rows::kinds(sorted.bad.iter().copied());
            return kinds
                .into_iter()
                .fold(Notice::warning(title).text(text), |notice, (wish, count)| {
                    notice.item(format!("{wish}: {}行", web::number::grouped(count)))
                });
        }
        match (to_send, self.before) {
            (0, 0) => Notice::info("送る行がありません")
                .text("すべての行が除外されています。戻すか、別のリストを選んでください。"),
            (0, before) => Notice::info("すべての行がすでに送信済みです").text(format!(
                "{}人には同じ文面を送ってあります。同じ人に2度は送りません。",
                web::number::grouped(before)
            )),
            (to_send, _) => Notice::success(format!("{}人に送れます", web::number::grouped(to_send)))
                .text("直すところはありません。次の画面で文面を確かめてください。"),
        }
    }
}

fn file_warnings(rows: &JudgedRows) -> Option<Notice> {
    let mut warnings = rows
        .checked
        .findings
        .iter()
        .filter(|finding| finding.severity > Severity::Notice)
        .peekable();
    warnings.peek()?;
    let notice = Notice::warning("リスト全体について確かめてください");
    Some(warnings.fold(notice, |notice, finding| notice.item(&finding.message)))
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
    }
}

fn changes_by_line(changes: &[RowChange]) -> HashMap<u32, u32> {
    let mut seen = HashMap::new();
    for change in changes {
        *seen.entry(change.line).or_insert(0) += 1;
    }
    seen
}

/// What is worth a look, of the rows that are not mended first.
fn remarks(
    list: &ListHead,
    view: &str,
    asked: &Asked,
    rows: &[&CheckedRow],
    severity: Severity,
) -> Section<Remark> {
    let of_kind = |row: &&&CheckedRow| row.problems.iter().any(|problem| problem.severity() == severity);
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
    to_send: &[Sendable<'_>],
    brief: &Brief,
    parsed: &HashMap<u32, ParsedRow<'_>>,
) -> Result<Vec<SampleText>, PageError> {
    if to_send.len() <= limits::UNSEEN_ROWS {
        return Ok(Vec::new());
    }
    let seed = getrandom::u64().or_bug()?;
    let chosen = list_rows::sample(to_send.len(), limits::SAMPLE_ROWS, seed);
    let text = |index: usize| {
        let row = to_send[index];
        SampleText {
            line: row.line,
            phone: row.phone.masked(),
            pieces: list_rows::pieces(brief, parsed[&row.line], row),
        }
    };
    Ok(chosen.into_iter().map(text).collect())
}

fn change_lines(sheet: &Sheet, changes: &[RowChange], who: &Names) -> Vec<ChangeLine> {
    let newest = changes.iter().rev().take(limits::CHANGES_SHOWN);
    let line = |change: &RowChange| ChangeLine {
        line: change.line,
        at: change.at,
        who: who.of(change.by),
        what: in_words(sheet, &change.change),
    };
    newest.map(line).collect()
}

fn in_words(sheet: &Sheet, change: &Change) -> String {
    let quoted = |text: &str| match text.trim() {
        "" => "空欄".to_owned(),
        text => format!("「{text}」"),
    };
    match change {
        Change::Mended { cells } => {
            let cells: Vec<String> = cells
                .iter()
                .map(|cell| {
                    let heading = list_rows::heading(sheet, cell.column);
                    format!("{heading}を{}から{}に", quoted(&cell.before), quoted(&cell.after))
                })
                .collect();
            format!("{}直しました", cells.join("、"))
        }
        Change::Excluded { reason } => format!("除外しました（{reason}）"),
        Change::Included => "戻しました".to_owned(),
    }
}
