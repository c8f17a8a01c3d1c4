//! The page of a list whose column of numbers or text is not chosen, or does not fit (B-3): one problem at a
//! time, what there is, and every way on.

use accounts::Staff;
use askama::Template;
use axum::response::IntoResponse;
use lists::problem::FileProblem;
use lists::store::ListHead;
use web::ui::{DropZone, Notice, Sheet};
use web::{Errors, Page, Shell};

use super::list_form::{SettingsForm, drop_zone, settings_form, template_value};
use super::list_judged::JudgedList;
use super::{Answer, Desk};

/// Rows of the list that are shown, so that one sees which column is which.
const ROWS_SHOWN: usize = 3;

#[derive(Template)]
#[template(path = "list_columns.html")]
struct ColumnsPage {
    shell: Shell,
    list: ListHead,
    notice: Notice,
    understood: String,
    settings: SettingsForm,
    template: String,
    drop: DropZone,
    head: Sheet,
}

pub(super) async fn page(
    desk: &Desk,
    staff: &Staff,
    shell: Shell,
    list: &JudgedList,
    problems: &[FileProblem],
) -> Answer {
    let sheet = &list.kept.sheet;
    let to = list.kept.head.settings.to.as_deref();
    let chosen = list.template.as_ref();
    let value = chosen.map(|chosen| template_value((chosen.id, chosen.version)));
    let settings = settings_form(desk, staff, sheet, to, chosen).await?;
    let page = ColumnsPage {
        shell: shell.titled("リストの検査"),
        notice: problems.first().map_or_else(|| undecided(list), problem),
        understood: understood(sheet),
        settings,
        template: value.unwrap_or_default(),
        drop: drop_zone(&Errors::default()),
        head: top_of(sheet),
        list: list.kept.head.clone(),
    };
    Ok(Page(page).into_response())
}

fn problem(problem: &FileProblem) -> Notice {
    let title = match problem {
        FileProblem::UnknownField { wanted, .. } => format!("「{wanted}」という列が見つかりません"),
        FileProblem::NoSuchColumn { .. } => "電話番号の列が見つかりません".to_owned(),
        FileProblem::DoubleColumn { wanted, .. } => format!("「{wanted}」という列が2つ以上あります"),
        FileProblem::Template(_) => "文面に直すところがあります".to_owned(),
        _ => "このリストは検査できません".to_owned(),
    };
    let way_on = match problem {
        FileProblem::UnknownField { .. } => {
            "このリストに合う文面を選ぶか、列の見出しを直したリストを選び直してください。"
        }
        FileProblem::Template(_) => "ほかの文面を選ぶか、文面を直してから選び直してください。",
        _ => "",
    };
    Notice::error(title).text(format!("{problem}{way_on}"))
}

fn undecided(list: &JudgedList) -> Notice {
    if list.kept.head.settings.to.is_some() {
        return Notice::info("送る文面を選んでください").text("選ぶと、リストのすべての行を検査します。");
    }
    let sheet = &list.kept.sheet;
    let candidates = lists::columns::phone_columns(sheet);
    let names: Vec<String> = candidates
        .iter()
        .map(|column| {
            let column = sheet.column(*column);
            format!("{}列「{}」", column.letters, column.heading)
        })
        .collect();
    match names.as_slice() {
        [] => Notice::warning("電話番号の列が見つかりません").text(
            "SMSを送る番号の列を選んでください。番号の列がなければ、番号の入ったリストを選び直してください。",
        ),
        [only] => Notice::warning("電話番号の列を選んでください").text(format!("{only}に番号があります。")),
        several => Notice::warning("どの電話番号に送りますか").text(format!(
            "{}に番号があります。保護者や緊急連絡先の番号と取り違えないように、送る列を選んでください。",
            several.join("と")
        )),
    }
}

/// In one sentence, how the file was read.
fn understood(sheet: &lists::sheet::Sheet) -> String {
    let findings = &sheet.understood().findings;
    findings
        .first()
        .map(|finding| finding.message.clone())
        .unwrap_or_default()
}

fn top_of(sheet: &lists::sheet::Sheet) -> Sheet {
    let line = u64::from(sheet.understood().header_line);
    let width = sheet.headings().len();
    let head = Sheet::new("リストの先頭", line, sheet.headings().to_vec());
    sheet.rows().take(ROWS_SHOWN).fold(head, |head, row| {
        let cells = (0..width).map(|column| row.cell(column).to_owned()).collect();
        head.row(u64::from(row.line()), cells)
    })
}
