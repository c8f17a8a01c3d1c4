//! `POST /audit/person`: who looked at, and who changed, what there is of the person with this number. The number comes
//! with a form, so that it stands in no address; the entry of the search names the records and not the number.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use base::id::OfficeId;
use base::phone;
use serde::Deserialize;
use web::{CsrfForm, Errors, Page, Shell};

use super::audit_list::{Asked, Extra, Row, Thing, Words, page};
use super::{Answer, failed};
use crate::limits::TRAIL_PER_PAGE;
use crate::{Accounts, SignedIn, audit};

/// Records that the entry of the search names; of more it says how many.
const NAMED: usize = 200;

#[derive(Template)]
#[template(path = "audit_person.html")]
struct AuditPerson {
    shell: Shell,
    records: Vec<Thing>,
    rows: Vec<Row>,
    /// The number as the form of the older entries sends it again, and behind which they are.
    older: Option<(String, i64)>,
    /// These are not the newest.
    is_later: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Form {
    phone: String,
    /// Only entries with a number below this; all if empty.
    #[serde(default)]
    before: String,
}

pub(super) async fn submit(
    State(accounts): State<Accounts>,
    session: SignedIn,
    shell: Shell,
    CsrfForm(form): CsrfForm<Form>,
) -> Answer {
    let staff = &session.staff;
    let Ok(parsed) = phone::parse(form.phone.trim()) else {
        let mut errors = Errors::default();
        errors.add(
            "phone",
            "携帯電話の番号ではありません。「090-1234-5678」のように入力してください。",
        );
        let extra = Extra {
            errors,
            ..Extra::default()
        };
        let page = page(&accounts, staff, shell, Asked::default(), extra).await?;
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, Page(page)).into_response());
    };
    let own = (staff.office != OfficeId::HEADQUARTERS).then_some(staff.office);
    let before: Option<i64> = form.before.parse().ok();
    let (records, mut found) = accounts
        .trail_of_person(
            staff.org,
            parsed.number,
            own,
            (before.unwrap_or(i64::MAX), TRAIL_PER_PAGE + 1),
        )
        .await
        .map_err(failed)?;
    let more = found.len() > TRAIL_PER_PAGE as usize;
    found.truncate(TRAIL_PER_PAGE as usize);
    let records: Vec<Thing> = records
        .into_iter()
        .map(|(kind, id)| Thing::of(kind, id))
        .collect();
    let named: Vec<&str> = records.iter().map(|record| record.label.as_str()).collect();
    let first = named.get(..NAMED).unwrap_or(&named).join("、");
    audit::note(match named.len() {
        0 => "見つからなかった".to_owned(),
        all if all > NAMED => format!("見つかった記録: {first}、ほか{}件", all - NAMED),
        _ => format!("見つかった記録: {first}"),
    });
    let words = Words::of(&accounts, staff, &found).await?;
    let page = AuditPerson {
        records,
        rows: found.iter().map(|entry| words.row(entry)).collect(),
        older: found
            .last()
            .filter(|_| more)
            .map(|last| (form.phone.trim().to_owned(), last.id)),
        is_later: before.is_some(),
        shell: shell.titled("1人についての記録"),
    };
    Ok(Page(page).into_response())
}
