//! `GET /lists/{id}/columns`: which column is meant by what. The same page stands at the list's own address while
//! a column or the text is not chosen, does not fit, or the list looks different from the last one in a way that
//! the office has not answered for (B-3).

use accounts::{SignedIn, Staff};
use askama::Template;
use axum::extract::State;
use axum::response::IntoResponse;
use base::id::{ListId, OfficeId, OrgId};
use base::merge::heading_key;
use lists::columns::phone_columns;
use lists::layout::{How, Layout, LayoutChange, Mapping, Proposal, Suggestion, propose};
use lists::problem::FileProblem;
use lists::store::layouts::{LastLayout, Remembered, recall};
use lists::store::{KeptList, ListHead, Role, load_list};
use web::number::grouped;
use web::time::JapanTime;
use web::ui::{DropZone, Notice, Sheet};
use web::{Errors, Field, Page, PageError, Shell};

use super::list_form::{FIELD, columns, drop_zone, settings_form, shortened, template_value};
use super::list_judged::{Chosen, chosen, open_head};
use super::list_take::{layout_change, list_kind, sure, wanted_fields};
use super::{Answer, Desk, Id, failed, names};

/// Rows of the list that are shown, so that one sees which column is which.
const ROWS_SHOWN: usize = 3;
/// Values of a column that stand beside its field.
const SAMPLE: usize = 3;

#[derive(Template)]
#[template(path = "list_columns.html")]
struct ColumnsPage {
    shell: Shell,
    list: ListHead,
    notice: Option<Notice>,
    change: Option<Change>,
    remembered: Option<String>,
    understood: String,
    form: ColumnsForm,
    template: String,
    drop: DropZone,
    head: Sheet,
}

/// The selects of the page.
struct ColumnsForm {
    to: Field,
    template: Field,
    fields: Vec<Field>,
    submit: String,
}

/// What is different from the last list, side by side.
struct Change {
    notice: Notice,
    rows: Vec<Difference>,
}

/// One heading of now and of last time.
struct Difference {
    before: String,
    now: String,
    what: &'static str,
}

pub(super) async fn show(
    State(desk): State<Desk>,
    session: SignedIn,
    Id(id): Id<ListId>,
    shell: Shell,
) -> Answer {
    let staff = &session.staff;
    if open_head(&desk, staff, id).await?.role == Role::Reference {
        return Err(PageError::NotFound);
    }
    let kept = load_list(&desk.db, staff.org, id).await.map_err(failed)?;
    let kept = kept.ok_or(PageError::NotFound)?;
    let template = chosen(&desk, staff, &kept.head).await?;
    page(&desk, staff, shell, &kept, template.as_ref(), &[]).await
}

pub(super) async fn page(
    desk: &Desk,
    staff: &Staff,
    shell: Shell,
    list: &KeptList,
    chosen: Option<&Chosen>,
    problems: &[FileProblem],
) -> Answer {
    let (sheet, head) = (&list.sheet, &list.head);
    let content = chosen.map(|chosen| &chosen.content);
    let change = layout_change(desk, staff.org, head.office, list_kind(content), sheet).await?;
    let change = change.filter(|(_, change)| change.asks());
    let before = change.as_ref().map(|(before, _)| before);
    let earlier = Earlier::find(desk, staff.org, head.office, sheet, before).await?;
    let change = match &change {
        Some((before, change)) => Some(differences(desk, staff, sheet, before, change).await?),
        None => None,
    };
    let wanted = content.map(wanted_fields).unwrap_or_default();
    let mappings: Vec<Mapping> = earlier.iter().map(|one| one.choice.mapping.clone()).collect();
    let form = form(desk, staff, list, chosen, &wanted, &mappings).await?;
    let value = chosen.map(|chosen| template_value((chosen.id, chosen.version)));
    let notice = match (problems.first(), &change) {
        (Some(first), _) => Some(problem(first)),
        (None, Some(_)) => None,
        (None, None) => Some(undecided(list, chosen, &wanted)),
    };
    let page = ColumnsPage {
        shell: shell.titled("列を確かめる"),
        notice,
        change,
        remembered: remembered(desk, staff, head.office, earlier).await?,
        understood: understood(sheet),
        form,
        template: value.unwrap_or_default(),
        drop: drop_zone(&Errors::default()),
        head: top_of(sheet),
        list: head.clone(),
    };
    Ok(Page(page).into_response())
}

async fn form(
    desk: &Desk,
    staff: &Staff,
    list: &KeptList,
    chosen: Option<&Chosen>,
    wanted: &[String],
    earlier: &[Mapping],
) -> Result<ColumnsForm, PageError> {
    let (sheet, settings) = (&list.sheet, &list.head.settings);
    // What stands in the list's settings counts more than what was chosen for an earlier one.
    let proposal: Proposal = propose(sheet, wanted, earlier);
    let now = settings_form(desk, staff, sheet, settings.to.as_deref(), chosen).await?;
    let to = match &settings.to {
        Some(_) => now.to,
        None => number_field(sheet, &proposal.to),
    };
    let own = settings.mapping();
    let fields = wanted.iter().zip(&proposal.fields).enumerate();
    let fields = fields.map(|(place, (field, suggestion))| {
        let own = own.as_ref().and_then(|own| own.field(field));
        merge_field(sheet, place, field, suggestion, own)
    });
    Ok(ColumnsForm {
        to,
        template: now.template,
        fields: fields.collect(),
        submit: format!("この列で検査する（{}行）", grouped(sheet.len() as u64)),
    })
}

/// The select for the numbers. Only a column that nobody has to be asked about is preselected: the patient's
/// number is not taken for the guardian's because somebody did not look.
fn number_field(sheet: &lists::sheet::Sheet, suggestion: &Suggestion) -> Field {
    let column = sure(suggestion);
    let heading = column.map(|column| sheet.headings()[column].as_str());
    let field = Field::select(
        "to",
        "電話番号の列",
        columns(sheet, &phone_columns(sheet), heading),
    );
    let support = match (column, suggestion.column) {
        (Some(column), Some((_, how))) => found(sheet, column, how),
        _ => "SMSを送る番号の列です。".to_owned(),
    };
    field
        .required()
        .support(support)
        .value(heading.unwrap_or_default())
}

fn merge_field(
    sheet: &lists::sheet::Sheet,
    place: usize,
    field: &str,
    suggestion: &Suggestion,
    own: Option<&str>,
) -> Field {
    let own = own.and_then(|own| sheet.headings().iter().position(|heading| heading == own));
    let likely: Vec<usize> = own
        .into_iter()
        .chain(suggestion.column.map(|(column, _)| column))
        .chain(suggestion.others.iter().copied())
        .collect();
    let mut order: Vec<usize> = Vec::new();
    for column in likely {
        if !order.contains(&column) {
            order.push(column);
        }
    }
    let (value, support) = match (own, suggestion.column) {
        (Some(column), _) => (Some(column), format!("今の選択。{}", sample(sheet, column))),
        (None, Some((column, how))) => (Some(column), found(sheet, column, how)),
        (None, None) => (
            None,
            "当てはまりそうな列が見つかりません。差し込む列を選んでください。".to_owned(),
        ),
    };
    let heading = value.map(|column| sheet.headings()[column].as_str());
    let label = format!("「{field}」に差し込む列");
    Field::select(&format!("{FIELD}{place}"), &label, columns(sheet, &order, None))
        .required()
        .support(support)
        .value(heading.unwrap_or_default())
}

/// How a column was found, and what stands in it.
fn found(sheet: &lists::sheet::Sheet, column: usize, how: How) -> String {
    format!("{}。{}", how.label(), sample(sheet, column))
}

fn sample(sheet: &lists::sheet::Sheet, column: usize) -> String {
    let cells = sheet
        .rows()
        .map(|row| row.cell(column))
        .filter(|cell| !cell.is_empty());
    let values: Vec<String> = cells.take(SAMPLE).map(shortened).collect();
    match values.as_slice() {
        [] => "この列は空欄です。".to_owned(),
        values => format!("例: {}", values.join("、")),
    }
}

/// The choice that is proposed for this list.
struct Earlier {
    choice: Remembered,
    /// Whether it was made for these very headings, or for those of the last list.
    same_headings: bool,
}

impl Earlier {
    /// The choice for these headings; without one, that for the last list, whose columns may still be there.
    async fn find(
        desk: &Desk,
        org: OrgId,
        office: OfficeId,
        sheet: &lists::sheet::Sheet,
        before: Option<&LastLayout>,
    ) -> Result<Option<Self>, PageError> {
        let layouts = std::iter::once((Layout::of(sheet), true));
        for (layout, same_headings) in layouts.chain(before.map(|before| (before.layout.clone(), false))) {
            let found = recall(&desk.db, org, office, &layout.key())
                .await
                .map_err(failed)?;
            if let Some(choice) = found {
                return Ok(Some(Self {
                    choice,
                    same_headings,
                }));
            }
        }
        Ok(None)
    }
}

/// Who chose the columns that are proposed, and when.
async fn remembered(
    desk: &Desk,
    staff: &Staff,
    office: OfficeId,
    earlier: Option<Earlier>,
) -> Result<Option<String>, PageError> {
    let Some(Earlier {
        choice,
        same_headings,
    }) = earlier
    else {
        return Ok(None);
    };
    let people = names(desk, staff.org, std::iter::once(choice.by)).await?;
    let (who, when) = (people.of(choice.by), JapanTime::from_millis(choice.at).full());
    let list = if same_headings {
        "同じ見出しのリスト"
    } else {
        "前回のリスト"
    };
    let chosen = format!("{when}に選んだ列を入れてあります（第{}版）。", choice.version);
    if choice.office == office {
        return Ok(Some(format!("{list}で、{who}さんが{chosen}")));
    }
    let offices = desk.accounts.offices(staff.org).await.map_err(failed)?;
    let name = offices.iter().find(|one| one.id == choice.office);
    let name = name.map_or_else(|| "ほかの部署".to_owned(), |office| office.name.to_string());
    Ok(Some(format!(
        "この部署ではまだ選んでいません。{list}で、{name}の{who}さんが{chosen}"
    )))
}

async fn differences(
    desk: &Desk,
    staff: &Staff,
    sheet: &lists::sheet::Sheet,
    last: &LastLayout,
    change: &LayoutChange,
) -> Result<Change, PageError> {
    let people = names(desk, staff.org, std::iter::once(last.by)).await?;
    let text = format!(
        "前回（{}、{}さん）のリストと列が違います。送る前に、別のリストでないか、列の中身が入れ替わっていないかを確かめてください。",
        JapanTime::from_millis(last.at).full(),
        people.of(last.by)
    );
    let quoted = |headings: &[String]| format!("「{}」", headings.join("」「"));
    let mut notice = Notice::warning("リストの列が前回と変わっています").text(text);
    if !change.added.is_empty() {
        notice = notice.item(format!("増えた列: {}", quoted(&change.added)));
    }
    if !change.removed.is_empty() {
        notice = notice.item(format!("なくなった列: {}", quoted(&change.removed)));
    }
    for renamed in &change.renamed {
        notice = notice.item(format!(
            "名前が変わったと思われる列: 「{}」→「{}」",
            renamed.from, renamed.to
        ));
    }
    if !change.moved.is_empty() {
        notice = notice.item(format!("並びが変わった列: {}", quoted(&change.moved)));
    }
    Ok(Change {
        notice,
        rows: side_by_side(last.layout.headings(), Layout::of(sheet).headings(), change),
    })
}

/// Every heading of now beside that of last time, then those that are gone.
fn side_by_side(before: &[String], now: &[String], change: &LayoutChange) -> Vec<Difference> {
    let mut rows: Vec<Difference> = Vec::new();
    for heading in now {
        let renamed = change.renamed.iter().find(|renamed| renamed.to == *heading);
        let same = before.iter().find(|one| heading_key(one) == heading_key(heading));
        let (before, what) = match (renamed, same) {
            (Some(renamed), _) => (renamed.from.clone(), "名前が変わった"),
            (None, _) if change.added.contains(heading) => (String::new(), "増えた"),
            (None, Some(same)) if change.moved.contains(heading) => (same.clone(), "並びが変わった"),
            (None, Some(same)) => (same.clone(), ""),
            (None, None) => (String::new(), "増えた"),
        };
        let now = heading.clone();
        rows.push(Difference { before, now, what });
    }
    rows.extend(change.removed.iter().map(|heading| Difference {
        before: heading.clone(),
        now: String::new(),
        what: "なくなった",
    }));
    rows
}

fn problem(problem: &FileProblem) -> Notice {
    let title = match problem {
        FileProblem::UnknownField { wanted, .. } => format!("「{wanted}」という列が見つかりません"),
        FileProblem::MappingLost { wanted, .. } => format!("「{wanted}」という列がなくなっています"),
        FileProblem::NoSuchColumn { .. } => "電話番号の列が見つかりません".to_owned(),
        FileProblem::DoubleColumn { wanted, .. } => format!("「{wanted}」という列が2つ以上あります"),
        FileProblem::Template(_) => "文面に直すところがあります".to_owned(),
        _ => "このリストは検査できません".to_owned(),
    };
    let way_on = match problem {
        FileProblem::UnknownField { .. } => "下で差し込む列を選ぶか、このリストに合う文面を選んでください。",
        FileProblem::Template(_) => "ほかの文面を選ぶか、文面を直してから選び直してください。",
        _ => "",
    };
    Notice::error(title).text(format!("{problem}{way_on}"))
}

fn undecided(list: &KeptList, chosen: Option<&Chosen>, wanted: &[String]) -> Notice {
    if list.head.settings.to.is_some() {
        return match chosen {
            None => Notice::info("送る文面を選んでください").text("選ぶと、リストのすべての行を検査します。"),
            Some(_) => Notice::info("どの列を使うかを選び直せます").text(match wanted {
                [] => "変えると、リストのすべての行を検査し直します。選んだ列は、次に同じ見出しのリストを選んだときにも使います。",
                _ => "変えると、リストのすべての行を検査し直します。選んだ列と差し込みは、次に同じ見出しのリストを選んだときにも使います。",
            }),
        };
    }
    let sheet = &list.sheet;
    let names: Vec<String> = phone_columns(sheet)
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
