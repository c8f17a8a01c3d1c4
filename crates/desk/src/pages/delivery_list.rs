//! `GET` and `POST /desks/{id}/deliveries`, `POST …/{list}`, `POST …/{list}/fetch/{request}`: names and addresses for
//! whoever sends parcels. Each person stands on one list; a list can be taken again, for a purpose, by those who may. Above
//! the organisation's number of rows a list leaves only after a second person agreed, as every file does.

use std::io::Cursor;

use accounts::{Permission, SignedIn, Staff, audit};
use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use base::clock::Millis;
use base::id::DeskId;
use messaging::export::{ExportForm, ExportSubject, NewRequest, PURPOSE_LETTERS, VALID};
use messaging::pages::{Answer, Desk, failed, may_see, not_taken};
use messaging::store::exports::{self, add_request, export_rule};
use rust_xlsxwriter::{Format, Workbook, XlsxError};
use serde::Deserialize;
use web::download::{CSV, Csv, headers};
use web::form::{Choice, Field};
use web::time::JapanTime;
use web::{CsrfForm, Errors, Id, NoFields, OrBug, Page, PageError, Shell, after_post_with};

use crate::application::Application;
use crate::limits::DELIVERY_PEOPLE;
use crate::store::{self, DeliveryList, DeskRow};

const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// What people consented to give to whoever sends, and no more: no answers, no reference number.
const HEADINGS: [&str; 6] = ["番号", "氏名", "郵便番号", "住所", "番地・建物", "電話番号"];

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Typed {
    purpose: String,
    form: String,
}

#[derive(Template)]
#[template(path = "delivery_list.html")]
struct Deliveries {
    shell: Shell,
    desk: DeskId,
    name: String,
    waiting: i64,
    /// So many stand on the next list.
    next: i64,
    /// More rows than this need a second person.
    above: Option<u32>,
    fields: [Field; 2],
    lists: Vec<Row>,
}

struct Row {
    id: i64,
    by: String,
    at: Millis,
    people: u32,
    purpose: String,
}

/// The desk, for somebody who may send its results and take files out.
async fn sending(desk: &Desk, staff: &Staff, id: DeskId) -> Result<DeskRow, PageError> {
    let may = staff.may(Permission::Export) && staff.may(Permission::ReleaseResults);
    let found = store::desk(&desk.db, staff.org, id).await.map_err(failed)?;
    let found = found.filter(|row| may && may_see(staff, row.office));
    let found = found.ok_or(PageError::NotFound)?;
    let rule = store::now_in_force(&desk.db, staff.org, id)
        .await
        .map_err(failed)?;
    let delivers = rule.is_some_and(|rule| rule.document.document().confirmed.delivers);
    let lists = store::delivery_lists(&desk.db, staff.org, id)
        .await
        .map_err(failed)?;
    if delivers || !lists.is_empty() {
        Ok(found)
    } else {
        Err(PageError::NotFound)
    }
}

pub(super) async fn show(
    State(desk): State<Desk>,
    session: SignedIn,
    shell: Shell,
    Id(id): Id<DeskId>,
) -> Answer {
    let row = sending(&desk, &session.staff, id).await?;
    let nothing = Typed::default();
    let page = page(&desk, &session, (shell, row), &nothing, Errors::default());
    Ok(Page(page.await?).into_response())
}

/// A new list of those who wait.
pub(super) async fn submit(
    State(desk): State<Desk>,
    session: SignedIn,
    shell: Shell,
    Id(id): Id<DeskId>,
    CsrfForm(typed): CsrfForm<Typed>,
) -> Answer {
    let staff = &session.staff;
    let row = sending(&desk, staff, id).await?;
    session.fresh()?;
    let (form, purpose) = match read(&typed) {
        Ok(read) => read,
        Err(errors) => {
            let page = page(&desk, &session, (shell, row), &typed, errors).await?;
            return Ok((StatusCode::UNPROCESSABLE_ENTITY, Page(page)).into_response());
        }
    };
    // What a second person agrees to is what is taken: the list is made first.
    let made = store::hand_over(&desk.db, staff.org, id, purpose.clone(), staff.id);
    let Some(list) = made.await.map_err(failed)? else {
        return Err(PageError::rejected(
            "発送を待っている人がいません。",
            "ほかの人が先に一覧を作ったときは、下の表から受け取れます。",
        ));
    };
    leave(&desk, &session, (&row, list), form, purpose).await
}

/// A list that was made before, once more.
pub(super) async fn again(
    State(desk): State<Desk>,
    session: SignedIn,
    shell: Shell,
    Id((id, list)): Id<(DeskId, i64)>,
    CsrfForm(typed): CsrfForm<Typed>,
) -> Answer {
    let row = sending(&desk, &session.staff, id).await?;
    session.fresh()?;
    match read(&typed) {
        Ok((form, purpose)) => leave(&desk, &session, (&row, list), form, purpose).await,
        Err(errors) => {
            let page = page(&desk, &session, (shell, row), &typed, errors).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, Page(page)).into_response())
        }
    }
}

/// A list with everybody who stands on it. Without some of them the numbers of the others would be wrong.
async fn whole(
    desk: &Desk,
    staff: &Staff,
    id: DeskId,
    list: i64,
) -> Result<(DeliveryList, Vec<Application>), PageError> {
    let found = store::delivered_on(&desk.db, staff.org, id, list).await;
    let (kept, people) = found.map_err(failed)?.ok_or(PageError::NotFound)?;
    if people.len() < kept.people as usize {
        return Err(PageError::rejected(
            "この一覧は、もう受け取れません。",
            "保存期間が過ぎて、載っている人の氏名と住所が消されています。",
        ));
    }
    Ok((kept, people))
}

/// The file; or, above the organisation's number of rows, the asking for somebody who agrees.
async fn leave(
    desk: &Desk,
    session: &SignedIn,
    (row, list): (&DeskRow, i64),
    form: ExportForm,
    purpose: String,
) -> Answer {
    let staff = &session.staff;
    let (kept, people) = whole(desk, staff, row.id, list).await?;
    let above = export_rule(&desk.db, staff.org).await.map_err(failed)?;
    let rows = u32::try_from(people.len()).unwrap_or(u32::MAX);
    if above.is_none_or(|above| rows <= above) {
        return file(desk, session, (&kept, &people), form, &purpose).await;
    }
    audit::note(format!(
        "同意を求めた。目的: {purpose}（発送の一覧 {list}、{rows}人）"
    ));
    let new = NewRequest {
        office: row.office,
        subject: ExportSubject::Deliveries(row.id, list),
        form,
        purpose,
        rows,
        by: staff.id,
    };
    add_request(&desk.db, staff.org, new).await.map_err(failed)?;
    Ok(after_post_with("/exports", "asked").into_response())
}

/// Whoever asked takes the list, once, within a day of the second person's agreeing.
pub(super) async fn fetch(
    State(desk): State<Desk>,
    session: SignedIn,
    Id((id, list, request)): Id<(DeskId, i64, i64)>,
    CsrfForm(NoFields {}): CsrfForm<NoFields>,
) -> Answer {
    let staff = &session.staff;
    sending(&desk, staff, id).await?;
    session.fresh()?;
    let asked = exports::request(&desk.db, staff.org, request)
        .await
        .map_err(failed)?;
    let asked = asked.filter(|asked| asked.subject == ExportSubject::Deliveries(id, list));
    let asked = asked.ok_or(PageError::NotFound)?;
    let (kept, people) = whole(&desk, staff, id, list).await?;
    // Made first: a file that could not be made has not been taken.
    let answer = file(&desk, &session, (&kept, &people), asked.form, &asked.purpose).await?;
    let taken = exports::fetch(&desk.db, staff.org, request, staff.id, VALID);
    if taken.await.map_err(failed)? {
        Ok(answer)
    } else {
        Err(not_taken())
    }
}

fn read(typed: &Typed) -> Result<(ExportForm, String), Errors> {
    let mut errors = Errors::default();
    let purpose = typed.purpose.trim();
    if purpose.is_empty() || purpose.chars().count() > PURPOSE_LETTERS {
        let what = format!("何のために使うかを、{PURPOSE_LETTERS}文字までで入力してください。");
        errors.add("purpose", what);
    }
    let form = ExportForm::from_code(&typed.form);
    if form.is_none() {
        errors.add("form", "ファイルの形を選んでください。");
    }
    form.filter(|_| errors.is_empty())
        .map(|form| (form, purpose.to_owned()))
        .ok_or(errors)
}

/// The file, marked with who takes it, when and for what; the trail keeps purpose and people.
async fn file(
    desk: &Desk,
    session: &SignedIn,
    (kept, people): (&DeliveryList, &[Application]),
    form: ExportForm,
    purpose: &str,
) -> Answer {
    let staff = &session.staff;
    let code = form.code();
    audit::note(format!(
        "目的: {purpose}（発送の一覧 {}、{}人、{code}）",
        kept.id,
        people.len()
    ));
    let when = JapanTime::from_millis(desk.db.now());
    let mark = format!(
        "書き出し: {} {} {}（{}） 目的: {purpose}",
        when.full(),
        session.office_name,
        staff.name,
        staff.login.as_str()
    );
    let sheet = Sheet::of(kept, people);
    let (kind, bytes) = match form {
        ExportForm::Csv => (CSV, sheet.csv(&mark)),
        ExportForm::Xlsx => {
            let write = move || sheet.xlsx(&mark);
            (XLSX, tokio::task::spawn_blocking(write).await.or_bug()?.or_bug()?)
        }
    };
    let name = format!("todoke-deliveries-{}-{}.{code}", kept.id, staff.login.as_str());
    Ok((headers(kind, &name), bytes).into_response())
}

struct Sheet(Vec<[String; 6]>);

impl Sheet {
    fn of(list: &DeliveryList, people: &[Application]) -> Self {
        let line = |(at, one): (u32, &Application)| {
            let applicant = &one.content.applicant;
            let (postcode, area, rest) =
                applicant
                    .address
                    .as_ref()
                    .map_or_else(Default::default, |address| {
                        let code = &address.postcode;
                        let postcode = match code.split_at_checked(3) {
                            Some((head, tail)) if code.len() == 7 => format!("{head}-{tail}"),
                            _ => code.clone(),
                        };
                        (postcode, address.area.clone(), address.rest.clone())
                    });
            [
                format!("{}-{at}", list.id),
                applicant.name.clone().unwrap_or_default(),
                postcode,
                area,
                rest,
                applicant
                    .phone
                    .map_or_else(String::new, base::phone::PhoneNumber::national),
            ]
        };
        Self((1..).zip(people).map(line).collect())
    }

    fn csv(&self, mark: &str) -> Vec<u8> {
        let mut csv = Csv::begin(HEADINGS);
        for line in &self.0 {
            csv.row(line.iter().map(String::as_str));
        }
        csv.row([mark, "", "", "", "", ""]);
        csv.end()
    }

    /// Every cell is text.
    fn xlsx(&self, mark: &str) -> Result<Vec<u8>, XlsxError> {
        let bold = Format::new().set_bold();
        let mut book = Workbook::new();
        let sheet = book.add_worksheet();
        sheet.set_name("発送")?;
        sheet.set_freeze_panes(1, 0)?;
        for (column, heading) in (0..).zip(HEADINGS) {
            sheet.set_column_width(column, 24)?;
            sheet.write_string_with_format(0, column, heading, &bold)?;
        }
        for (row, line) in (1..).zip(&self.0) {
            for (column, cell) in (0..).zip(line) {
                sheet.write_string(row, column, cell)?;
            }
        }
        let sheet = book.add_worksheet();
        sheet.set_name("書き出し")?;
        sheet.write_string(0, 0, mark)?;
        let mut bytes = Cursor::new(Vec::new());
        book.save_to_writer(&mut bytes)?;
        Ok(bytes.into_inner())
    }
}

async fn page(
    desk: &Desk,
    session: &SignedIn,
    (shell, row): (Shell, DeskRow),
    typed: &Typed,
    errors: Errors,
) -> Result<Deliveries, PageError> {
    let (db, org) = (&desk.db, session.staff.org);
    let waiting = store::waiting_deliveries(db, org, row.id).await.map_err(failed)?;
    let lists = store::delivery_lists(db, org, row.id).await.map_err(failed)?;
    let mut ids: Vec<_> = lists.iter().map(|list| list.by).collect();
    ids.sort_unstable();
    ids.dedup();
    let staff = desk.accounts.staff_by_ids(org, &ids).await.map_err(failed)?;
    let line = |list: DeliveryList| Row {
        id: list.id,
        by: staff
            .get(&list.by)
            .map_or_else(|| "（記録なし）".to_owned(), |staff| staff.name.to_string()),
        at: list.at,
        people: list.people,
        purpose: list.purpose,
    };
    let forms = [ExportForm::Xlsx, ExportForm::Csv];
    let forms = forms.map(|form| Choice::new(form.code(), label(form)));
    let form = match typed.form.as_str() {
        "" => ExportForm::Xlsx.code(),
        typed => typed,
    };
    let fields = [
        Field::text("purpose", "何のために使いますか")
            .support("例: 発送の会社に渡すため。ファイルと記録に残ります。")
            .required()
            .value(&typed.purpose),
        Field::radios("form", "ファイルの形", forms.into())
            .required()
            .value(form),
    ];
    Ok(Deliveries {
        desk: row.id,
        name: row.name.clone(),
        waiting,
        next: waiting.min(DELIVERY_PEOPLE),
        above: export_rule(db, org).await.map_err(failed)?,
        fields: fields.map(|field| field.errors(&errors)),
        lists: lists.into_iter().map(line).collect(),
        shell: shell
            .titled(format!("発送の一覧 {}", row.name))
            .with_errors(errors),
    })
}

const fn label(form: ExportForm) -> &'static str {
    match form {
        ExportForm::Xlsx => "Excel（.xlsx）",
        ExportForm::Csv => "CSV",
    }
}
