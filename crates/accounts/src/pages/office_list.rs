//! `GET /offices`, `POST /offices`: the offices of the organisation, and one more by hand.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use base::id::OfficeId;
use serde::Deserialize;
use web::form::Choice;
use web::ui::{Chip, DropZone, Notice, Tone};
use web::{CsrfForm, Errors, Field, Page, PageError, Shell, after_post_with};

use super::manage::{changing_all, manager_of_all, told};
use super::{Answer, failed};
use crate::office::in_words;
use crate::{AccountError, Accounts, Name, Office, OfficeKind, OfficeTerms, SignedIn};

#[derive(Template)]
#[template(path = "office_list.html")]
struct OfficeList {
    shell: Shell,
    rows: Vec<Row>,
    fields: Vec<Field>,
    is_open: bool,
    many: Many,
}

/// The form for many at once.
pub(super) struct Many {
    pub(super) lines: Field,
    pub(super) drop: DropZone,
    pub(super) is_open: bool,
}

struct Row {
    office: Office,
    people: i64,
    chip: Chip,
    last_day: Option<String>,
}

/// What the form for one office holds.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
pub(super) struct Typed {
    pub(super) name: String,
    #[serde(default)]
    pub(super) kind: String,
    #[serde(default)]
    pub(super) last_day: String,
}

impl Typed {
    pub(super) fn of(office: &Office) -> Self {
        let day = office.last_day();
        Self {
            name: office.name.to_string(),
            kind: office.kind.code().to_owned(),
            last_day: day
                .map(|day| format!("{}/{}/{}", day.year(), day.month(), day.day()))
                .unwrap_or_default(),
        }
    }

    /// Name and terms; what is wrong with them is said at their fields.
    pub(super) fn accept(&self, head: bool) -> Result<(Name, OfficeTerms), Errors> {
        let mut errors = Errors::default();
        let name = Name::parse(&self.name)
            .map_err(|refusal| errors.add("name", refusal))
            .ok();
        let kind = match OfficeKind::from_code(&self.kind) {
            _ if head => Some(OfficeKind::HeadOffice),
            Some(kind) if kind != OfficeKind::HeadOffice => Some(kind),
            _ => {
                errors.add("kind", "部署の種類を選んでください。");
                None
            }
        };
        let terms = kind.and_then(|kind| {
            OfficeTerms::parse(kind, &self.last_day)
                .map_err(|refusal| errors.add("last_day", refusal))
                .ok()
        });
        match (name, terms) {
            (Some(name), Some(terms)) if errors.is_empty() => Ok((name, terms)),
            _ => Err(errors),
        }
    }

    pub(super) fn fields(&self, head: bool, errors: &Errors) -> Vec<Field> {
        let name = Field::text("name", "部署の名前").required().value(&self.name);
        let kinds =
            OfficeKind::ADDED.map(|kind| Choice::new(kind.code(), kind.label()).support(kind.explanation()));
        let kind = Field::radios("kind", "部署の種類", kinds.into())
            .required()
            .value(&self.kind);
        let last_day = Field::text("last_day", "契約の最終日（委託先だけ）")
            .support("この日の終わり（日本時間の24時）まで使えます。例: 2027/3/31")
            .short()
            .value(&self.last_day);
        let fields = if head {
            vec![name]
        } else {
            vec![name, kind, last_day]
        };
        fields.into_iter().map(|field| field.errors(errors)).collect()
    }
}

pub(super) async fn show(State(accounts): State<Accounts>, session: SignedIn, shell: Shell) -> Answer {
    manager_of_all(&session)?;
    let notice = match shell.done() {
        Some("added") => Some(Notice::success("部署を加えました")),
        Some("changed") => Some(Notice::success("部署を変えました")),
        Some("closed") => {
            Some(Notice::success("部署を閉じました").text("これまでの記録はそのまま残ります。"))
        }
        Some("opened") => Some(Notice::success("部署をまた開きました")),
        _ => None,
    };
    let shell = match notice {
        Some(notice) => shell.with_notice(notice),
        None => shell,
    };
    page(&accounts, &session, shell, (&Typed::new(), ""), Errors::default()).await
}

impl Typed {
    pub(super) fn new() -> Self {
        Self {
            kind: OfficeKind::HealthCentre.code().to_owned(),
            ..Self::default()
        }
    }
}

pub(super) async fn submit(
    State(accounts): State<Accounts>,
    session: SignedIn,
    shell: Shell,
    CsrfForm(typed): CsrfForm<Typed>,
) -> Answer {
    changing_all(&session)?;
    let mut errors = match typed.accept(false) {
        Ok((name, terms)) => match accounts.add_office_as(session.staff.org, name, terms).await {
            Ok(_) => return Ok(after_post_with("/offices", "added").into_response()),
            Err(AccountError::OfficeNameTaken) => Errors::default(),
            Err(error) => return Err(told(error)),
        },
        Err(errors) => errors,
    };
    if errors.is_empty() {
        errors.add("name", AccountError::OfficeNameTaken);
    }
    let page = page(&accounts, &session, shell, (&typed, ""), errors).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
}

/// The page with what was typed: in the form for one, and the lines of the form for many.
pub(super) async fn page(
    accounts: &Accounts,
    session: &SignedIn,
    shell: Shell,
    (typed, lines): (&Typed, &str),
    errors: Errors,
) -> Answer {
    let (org, now) = (session.staff.org, accounts.db.now());
    let people = accounts.people_of_offices(org).await.map_err(failed)?;
    let offices = accounts.offices(org).await.map_err(failed)?;
    let rows = offices.into_iter().map(|office| Row {
        people: people
            .iter()
            .find(|(id, _)| *id == office.id)
            .map_or(0, |(_, count)| *count),
        chip: chip(&office, now),
        last_day: office.last_day().map(in_words),
        office,
    });
    let many = errors.of("lines").is_some() || errors.of("file").is_some();
    Ok(Page(OfficeList {
        rows: rows.collect(),
        fields: typed.fields(false, &errors),
        is_open: !errors.is_empty() && !many,
        many: Many {
            lines: Field::long_text("lines", "1行に1つ: 部署の名前,種類,契約の最終日", 6)
                .support("種類は「保健所」「委託先」「医師会」。書かなければ保健所になります。契約の最終日は委託先だけです。表計算ソフトからも貼り付けられます。")
                .value(lines)
                .errors(&errors),
            drop: DropZone::new("file", "またはファイルを選ぶ", "CSV（1行目は見出しでもかまいません）", ".csv,.txt,.tsv")
                .optional()
                .errors(&errors),
            is_open: many,
        },
        shell: shell.titled("部署").with_errors(errors),
    })
    .into_response())
}

fn chip(office: &Office, now: base::clock::Millis) -> Chip {
    if office.closed_at.is_some() {
        Chip::new(Tone::Cancelled, "閉じた部署")
    } else if office.is_over(now) {
        Chip::new(Tone::Stopped, "契約終了")
    } else {
        Chip::new(Tone::Done, "開いている")
    }
}

/// The office at this address, for whoever manages the organisation.
pub(super) async fn load(accounts: &Accounts, session: &SignedIn, id: OfficeId) -> Result<Office, PageError> {
    manager_of_all(session)?;
    let office = accounts.office(session.staff.org, id).await.map_err(failed)?;
    office.ok_or(PageError::NotFound)
}
