//! `GET /exports`, `POST /exports/rule`: files that wait for a second person, and from how many rows on one is asked.

use accounts::{SignedIn, audit};
use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use base::clock::{DAY, Millis};
use serde::Deserialize;
use web::ui::Notice;
use web::{CsrfForm, Errors, Field, Page, PageError, Shell, after_post_with};

use super::{Answer, Desk, failed, names, scope};
use crate::export::{ExportSubject, RequestState};
use crate::store::exports::{export_rule, requests_since, set_export_rule};

/// How long a request stays on the page.
const SHOWN: Millis = 7 * DAY;

#[derive(Template)]
#[template(path = "export_list.html")]
struct ExportList {
    shell: Shell,
    rows: Vec<Row>,
    rule: Option<u32>,
    field: Field,
    may_set: bool,
}

struct Row {
    id: i64,
    subject: String,
    /// Nothing, where this person does not get.
    page: Option<String>,
    fetch: String,
    purpose: String,
    rows: u32,
    by: String,
    at: Millis,
    agreed_by: Option<String>,
    state: &'static str,
    may_agree: bool,
    may_fetch: bool,
}

#[derive(Default, Deserialize)]
pub(super) struct Form {
    #[serde(default)]
    rows: String,
}

pub(super) async fn show(State(desk): State<Desk>, session: SignedIn, shell: Shell) -> Answer {
    let shell = match shell.done().and_then(done) {
        Some(notice) => shell.with_notice(notice),
        None => shell,
    };
    let page = page(&desk, &session, shell, None, Errors::default()).await?;
    Ok(Page(page).into_response())
}

fn done(word: &str) -> Option<Notice> {
    Some(match word {
        "asked" => Notice::success("同意を求めました")
            .text("書き出しまたは承認のできるほかの人が同意すると、24時間のあいだに1回受け取れます。"),
        "agreed" => Notice::success("同意しました").text("求めた人が、24時間のあいだに1回受け取れます。"),
        "refused" => Notice::success("認めないと記録しました"),
        "rule" => Notice::success("決まりを変えました"),
        _ => return None,
    })
}

async fn page(
    desk: &Desk,
    session: &SignedIn,
    shell: Shell,
    typed: Option<&str>,
    errors: Errors,
) -> Result<ExportList, PageError> {
    let (staff, now) = (&session.staff, desk.db.now());
    let found = requests_since(&desk.db, staff.org, now - SHOWN, scope(staff))
        .await
        .map_err(failed)?;
    let agreed = found.iter().filter_map(|request| request.agreed_by);
    let people = names(
        desk,
        staff.org,
        found.iter().map(|request| request.by).chain(agreed),
    )
    .await?;
    let rule = export_rule(&desk.db, staff.org).await.map_err(failed)?;
    let kept = rule.map_or_else(String::new, |rows| rows.to_string());
    let row = |request: &crate::export::ExportRequest| {
        let state = request.state(now);
        let may_see = match request.subject {
            ExportSubject::Broadcast(_) => shell.may("GET", "/broadcasts/{id}"),
            ExportSubject::Deliveries(..) => shell.may("GET", "/desks/{id}/deliveries"),
        };
        Row {
            id: request.id,
            subject: request.subject.label(),
            page: may_see.then(|| request.subject.page()),
            fetch: request.subject.fetch(request.id),
            purpose: request.purpose.clone(),
            rows: request.rows,
            by: people.of(request.by),
            at: request.at,
            agreed_by: request.agreed_by.map(|id| people.of(id)),
            state: state.label(),
            may_agree: state == RequestState::Waiting
                && request.by != staff.id
                && shell.may("POST", "/exports/{id}/agree"),
            may_fetch: state == RequestState::Agreed && request.by == staff.id,
        }
    };
    Ok(ExportList {
        rows: found.iter().map(row).collect(),
        rule,
        field: Field::number("rows", "もう1人の同意が要る行数")
            .support("この行数を超えるファイルに同意が要ります。空にすると、同意なしで書き出せます。")
            .optional()
            .value(typed.unwrap_or(&kept))
            .errors(&errors),
        may_set: shell.may("POST", "/exports/rule"),
        shell: shell.titled("ファイルの書き出し").with_errors(errors),
    })
}

/// Sets the rule.
pub(super) async fn submit(
    State(desk): State<Desk>,
    session: SignedIn,
    shell: Shell,
    CsrfForm(typed): CsrfForm<Form>,
) -> Answer {
    session.fresh()?;
    let text = typed.rows.trim();
    let above = match text.parse::<u32>() {
        Ok(rows) => Some(rows),
        Err(_) if text.is_empty() => None,
        Err(_) => {
            let mut errors = Errors::default();
            errors.add("rows", "行数を数字で入力してください。");
            let page = page(&desk, &session, shell, Some(text), errors).await?;
            return Ok((StatusCode::UNPROCESSABLE_ENTITY, Page(page)).into_response());
        }
    };
    audit::note(above.map_or_else(|| "同意なし".to_owned(), |rows| format!("{rows}行を超えるとき")));
    set_export_rule(&desk.db, session.staff.org, above, session.staff.id)
        .await
        .map_err(failed)?;
    Ok(after_post_with("/exports", "rule").into_response())
}
