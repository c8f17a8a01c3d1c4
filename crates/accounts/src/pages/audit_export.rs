//! `POST /audit/export`: the entries as a CSV file, for a purpose that is kept in the trail itself.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use serde::Deserialize;
use web::download::{CSV, Csv, headers};
use web::time::JapanTime;
use web::{CsrfForm, Errors, Page, Shell};

use super::audit_list::{Asked, Extra, Words, page};
use super::{Answer, failed};
use crate::audit::{self, Outcome};
use crate::limits::{NAME_CHARACTERS, TRAIL_EXPORT};
use crate::trail::KeptEntry;
use crate::{Accounts, SignedIn};

const HEADINGS: [&str; 9] = [
    "番号",
    "日時",
    "職員",
    "部署",
    "したこと",
    "結果",
    "対象",
    "内容",
    "接続元",
];

/// Longest purpose, in characters: two sentences.
const PURPOSE_CHARACTERS: usize = 4 * NAME_CHARACTERS;

#[derive(Deserialize)]
pub(super) struct Form {
    #[serde(default)]
    purpose: String,
    #[serde(flatten)]
    asked: Asked,
}

pub(super) async fn submit(
    State(accounts): State<Accounts>,
    session: SignedIn,
    shell: Shell,
    CsrfForm(form): CsrfForm<Form>,
) -> Answer {
    session.fresh()?;
    let staff = &session.staff;
    let purpose = form.purpose.trim();
    let (filter, mut errors) = form.asked.filter(staff);
    if purpose.is_empty() {
        errors.add("purpose", "何のために書き出すかを入力してください。");
    }
    if purpose.chars().count() > PURPOSE_CHARACTERS {
        errors.add(
            "purpose",
            format!("目的は{PURPOSE_CHARACTERS}文字までで入力してください。"),
        );
    }
    if !errors.is_empty() {
        return again(
            &accounts,
            &session,
            shell,
            form.asked,
            errors,
            form.purpose.clone(),
        )
        .await;
    }
    let found = accounts
        .trail(staff.org, &filter, TRAIL_EXPORT)
        .await
        .map_err(failed)?;
    audit::note(format!("目的: {purpose}（{}件）", found.len()));
    let words = Words::of(&accounts, staff, &found).await?;
    let now = accounts.db.now();
    let mut csv = Csv::begin(HEADINGS);
    for entry in &found {
        let cells = cells(entry, &words);
        csv.row(cells.iter().map(String::as_str));
    }
    let mark = format!(
        "書き出し: {} {}（{}） 目的: {purpose}",
        JapanTime::from_millis(now).full(),
        staff.name,
        staff.login.as_str(),
    );
    csv.row([mark.as_str()]);
    let name = format!("todoke-audit-{}-{}.csv", staff.login.as_str(), now / 1_000);
    Ok((headers(CSV, &name), csv.end()).into_response())
}

async fn again(
    accounts: &Accounts,
    session: &SignedIn,
    shell: Shell,
    asked: Asked,
    errors: Errors,
    purpose: String,
) -> Answer {
    let extra = Extra {
        errors,
        purpose,
        ..Extra::default()
    };
    let page = page(accounts, &session.staff, shell, asked, extra).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, Page(page)).into_response())
}

fn cells(entry: &KeptEntry, words: &Words) -> [String; HEADINGS.len()] {
    let thing = |(kind, id): &(String, i64)| Words::thing(kind, *id);
    [
        entry.id.to_string(),
        JapanTime::from_millis(entry.at).machine(),
        words.who(entry),
        words.office(entry),
        words.action(&entry.action),
        match entry.outcome {
            Some(Outcome::Done) => "行われた",
            Some(Outcome::Refused) => "認められなかった",
            None => "",
        }
        .to_owned(),
        entry.subject.as_ref().map(thing).unwrap_or_default(),
        entry.detail.clone().unwrap_or_default(),
        entry.source.clone().unwrap_or_default(),
    ]
}
