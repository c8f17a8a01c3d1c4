//! `GET` and `POST /cases/{id}/export`: one person's whole record, on paper or as a file, for a purpose; marked with who
//! took it, when and for what.

use std::io::Cursor;

use accounts::{Permission, SignedIn, Staff, audit};
use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use base::id::{CaseId, ProgrammeId};
use messaging::export::PURPOSE_LETTERS;
use messaging::pages::{Answer, failed, reveal};
use rust_xlsxwriter::{Format, Workbook, XlsxError};
use serde::Deserialize;
use web::download::{CSV, Csv, headers};
use web::form::{Choice, Field};
use web::time::JapanTime;
use web::{CsrfForm, Errors, Id, OrBug, Page, PageError, Shell};

use super::Triage;
use super::case_form;
use super::case_load::load;
use super::case_show::{closed_lines, kana, name, office_name, period_lines, person};
use super::case_timeline::timeline;
use crate::case::{Case, received_day};
use crate::store::programmes::in_force;

const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
const HEADINGS: [&str; 5] = ["区分", "日時", "項目", "内容", "担当"];

/// As what the record leaves.
#[derive(Clone, Copy, PartialEq, Eq)]
enum RecordForm {
    /// A page that is printed on A4.
    Paper,
    Xlsx,
    Csv,
}

impl RecordForm {
    const ALL: [Self; 3] = [Self::Paper, Self::Xlsx, Self::Csv];

    const fn code(self) -> &'static str {
        match self {
            Self::Paper => "paper",
            Self::Xlsx => "xlsx",
            Self::Csv => "csv",
        }
    }

    const fn label(self) -> &'static str {
        match self {
            Self::Paper => "印刷用の画面（A4）",
            Self::Xlsx => "Excel（.xlsx）",
            Self::Csv => "CSV",
        }
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Form {
    purpose: String,
    form: String,
}

#[derive(Template)]
#[template(path = "case_export.html")]
struct ExportPage {
    shell: Shell,
    id: CaseId,
    reference: String,
    fields: [Field; 2],
}

#[derive(Template)]
#[template(path = "case_paper.html")]
struct Paper {
    shell: Shell,
    id: CaseId,
    mark: String,
    sheet: Sheet,
}

/// A record as lines: section, moment, what, its value, by whom.
struct Sheet(Vec<[String; 5]>);

impl Sheet {
    async fn of(triage: &Triage, staff: &Staff, case: &Case) -> Result<Self, PageError> {
        let (db, org) = (&triage.db, staff.org);
        let offices = triage.offices(org).await?;
        let programme = in_force(db, org, ProgrammeId::new(case.programme)).await;
        let programme = programme.map_err(failed)?;
        let told = case.notification.as_ref();
        let mut lines = Vec::new();
        let mut add = |section: &str, label: &str, value: String| {
            lines.push([section, "", label, &value, ""].map(str::to_owned));
        };
        add("記録", "受付番号", case.reference.to_string());
        let received = JapanTime::from_millis(case.received_at);
        add("記録", "受付", received.full());
        add("記録", "担当", office_name(&offices, case.office));
        add("記録", "状態", case.state.label().to_owned());
        for one in closed_lines(case) {
            add("記録", one.label, one.value);
        }
        add("患者", "氏名", name(told, true));
        if let Some(kana) = kana(told, true) {
            add("患者", "フリガナ", kana);
        }
        let today = received_day(db.now());
        for one in told.map(|told| person(told, today, true)).unwrap_or_default() {
            add("患者", one.label, one.value);
        }
        for one in told.map(case_form::illness).unwrap_or_default() {
            add("発生届", one.label, one.value);
        }
        add("振り分け", "連絡の方法", case.decided.route.label().to_owned());
        add("振り分け", "優先度", case.decided.priority.to_string());
        add("振り分け", "理由", case.decided.reasons.join(" "));
        add("最初の連絡", "状態", case.contact.label().to_owned());
        for one in period_lines(case, &programme) {
            add("療養期間", one.label, one.value);
        }
        for one in timeline(triage, staff, case, &offices, true).await? {
            let at = JapanTime::from_millis(one.at).full();
            let (what, detail) = (one.what, one.detail.join(" / "));
            lines.push([
                "経過".to_owned(),
                at,
                format!("{}: {what}", one.track.label()),
                detail,
                one.by,
            ]);
        }
        Ok(Self(lines))
    }

    /// Its sections in order, each with its lines.
    fn sections(&self) -> Vec<(&str, &[[String; 5]])> {
        let chunks = self.0.chunk_by(|one, next| one[0] == next[0]);
        chunks
            .filter_map(|lines| Some((lines.first()?[0].as_str(), lines)))
            .collect()
    }

    fn csv(&self, mark: &str) -> Vec<u8> {
        let mut csv = Csv::begin(HEADINGS);
        for line in &self.0 {
            csv.row(line.iter().map(String::as_str));
        }
        csv.row([mark, "", "", "", ""]);
        csv.end()
    }

    /// Every cell is text.
    fn xlsx(&self, mark: &str) -> Result<Vec<u8>, XlsxError> {
        let bold = Format::new().set_bold();
        let mut book = Workbook::new();
        let sheet = book.add_worksheet();
        sheet.set_name("患者の記録")?;
        sheet.set_freeze_panes(1, 0)?;
        for (column, heading) in (0..).zip(HEADINGS) {
            sheet.set_column_width(column, if column == 3 { 60 } else { 22 })?;
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

/// The case, for somebody who may see cases; the table of routes asks for the rest.
async fn exported(triage: &Triage, staff: &Staff, id: CaseId) -> Result<Case, PageError> {
    if !staff.may(Permission::SeeCases) {
        return Err(PageError::NotFound);
    }
    load(triage, staff, id).await
}

pub(super) async fn show(
    State(triage): State<Triage>,
    session: SignedIn,
    Id(id): Id<CaseId>,
    shell: Shell,
) -> Answer {
    let case = exported(&triage, &session.staff, id).await?;
    Ok(Page(page(shell, &case, &Form::default(), Errors::default())).into_response())
}

pub(super) async fn submit(
    State(triage): State<Triage>,
    session: SignedIn,
    Id(id): Id<CaseId>,
    shell: Shell,
    CsrfForm(typed): CsrfForm<Form>,
) -> Answer {
    let staff = &session.staff;
    let case = exported(&triage, staff, id).await?;
    session.fresh()?;
    let mut errors = Errors::default();
    let purpose = typed.purpose.trim();
    if purpose.is_empty() || purpose.chars().count() > PURPOSE_LETTERS {
        errors.add(
            "purpose",
            format!("何のために使うかを、{PURPOSE_LETTERS}文字までで入力してください。"),
        );
    }
    let form = RecordForm::ALL.into_iter().find(|form| form.code() == typed.form);
    if form.is_none() {
        errors.add("form", "ファイルの形を選んでください。");
    }
    let (Some(form), true) = (form, errors.is_empty()) else {
        let page = page(shell, &case, &typed, errors);
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, Page(page)).into_response());
    };
    // One person is shown whole, as by any other way.
    reveal::count_for(&triage.accounts, triage.db.now(), &session, ("cases", id.get())).await?;
    audit::note(format!("目的: {purpose}（1人の記録、{}）", form.label()));
    let when = JapanTime::from_millis(triage.db.now());
    let mark = format!(
        "書き出し: {} {} {}（{}） 目的: {purpose}",
        when.full(),
        session.office_name,
        staff.name,
        staff.login.as_str()
    );
    let sheet = Sheet::of(&triage, staff, &case).await?;
    let (kind, bytes) = match form {
        RecordForm::Paper => {
            let page = Paper {
                id,
                mark,
                sheet,
                shell: shell.titled(format!("患者の記録 {}", case.reference)),
            };
            return Ok(Page(page).into_response());
        }
        RecordForm::Csv => (CSV, sheet.csv(&mark)),
        RecordForm::Xlsx => {
            let write = move || sheet.xlsx(&mark);
            (XLSX, tokio::task::spawn_blocking(write).await.or_bug()?.or_bug()?)
        }
    };
    let stamp = &when.machine()[..16].replace([':', 'T'], "-");
    let file = format!(
        "todoke-case-{id}-{}-{stamp}.{}",
        staff.login.as_str(),
        form.code()
    );
    Ok((headers(kind, &file), bytes).into_response())
}

fn page(shell: Shell, case: &Case, typed: &Form, errors: Errors) -> ExportPage {
    let forms = RecordForm::ALL.map(|form| Choice::new(form.code(), form.label()));
    let form = match typed.form.as_str() {
        "" => RecordForm::Paper.code(),
        typed => typed,
    };
    let fields = [
        Field::text("purpose", "何のために使いますか")
            .support("例: 入院先の医療機関に渡すため。書き出したものと記録に残ります。")
            .required()
            .value(&typed.purpose),
        Field::radios("form", "書き出す形", forms.into())
            .required()
            .value(form),
    ];
    ExportPage {
        id: case.id,
        reference: case.reference.to_string(),
        fields: fields.map(|field| field.errors(&errors)),
        shell: shell.titled("1人の記録を書き出す").with_errors(errors),
    }
}
