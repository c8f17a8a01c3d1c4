//! `GET /organisation/codes`, `POST /organisation/codes`: how many phone codes may be asked for, against whoever lets SMS
//! be sent for money or out of spite. The trail says what was changed, from and to.

use std::collections::HashMap;

use accounts::{SignedIn, audit};
use askama::Template;
use axum::Router;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::StatusCode;
use axum::response::IntoResponse;
use axum::routing::get;
use messaging::pages::{Answer, Desk, failed};
use unicode_normalization::UnicodeNormalization;
use web::number::grouped;
use web::ui::Notice;
use web::{CsrfForm, Errors, Field, Page, PageError, Shell, after_post_with};

use crate::code_limit::{CodeLimit, CodeLimits};
use crate::limits::FORM_BYTES;
use crate::store;

const PAGE: &str = "/organisation/codes";

/// The page of the limits of codes, for the staff host, inside `Accounts::layer`.
pub fn code_limit_pages(desk: Desk) -> Router {
    Router::new()
        .route("/organisation/codes", get(show).post(submit))
        .route_layer(DefaultBodyLimit::max(FORM_BYTES))
        .with_state(desk)
}

#[derive(Template)]
#[template(path = "code_limits.html")]
struct CodeLimitsPage {
    shell: Shell,
    fields: Vec<Field>,
}

type Typed = HashMap<String, String>;

async fn show(State(desk): State<Desk>, session: SignedIn, shell: Shell) -> Answer {
    let notice = match shell.done() {
        Some("saved") => {
            Some(Notice::success("上限を保存しました").text("次に番号を確かめる人から当てはまります。"))
        }
        Some("unchanged") => Some(Notice::info("変更はありませんでした")),
        _ => None,
    };
    let shell = match notice {
        Some(notice) => shell.with_notice(notice),
        None => shell,
    };
    let kept = kept(&desk, &session).await?;
    Ok(page(shell, kept, &Typed::default(), Errors::default()).into_response())
}

async fn submit(
    State(desk): State<Desk>,
    session: SignedIn,
    shell: Shell,
    CsrfForm(typed): CsrfForm<Typed>,
) -> Answer {
    session.fresh()?;
    let before = kept(&desk, &session).await?;
    let (mut after, mut errors) = (before, Errors::default());
    for limit in CodeLimit::ALL {
        let Some(text) = typed.get(limit.code()) else {
            continue;
        };
        let (least, most) = limit.bounds();
        let digits: String = text.trim().nfkc().filter(|letter| *letter != ',').collect();
        match digits.parse::<i64>() {
            Ok(number) if (least..=most).contains(&number) => after.set(limit, number),
            _ => errors.add(
                limit.code(),
                format!(
                    "「{}」は、{least}から{}までの数を入力してください。",
                    limit.label(),
                    grouped(most.unsigned_abs())
                ),
            ),
        }
    }
    if !errors.is_empty() {
        let page = page(shell, before, &typed, errors);
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
    }
    if after == before {
        return Ok(after_post_with(PAGE, "unchanged").into_response());
    }
    let changed = CodeLimit::ALL
        .into_iter()
        .filter(|limit| before.of(*limit) != after.of(*limit));
    let words = changed.map(|limit| format!("{}: {}→{}", limit.label(), before.of(limit), after.of(limit)));
    audit::note(words.collect::<Vec<_>>().join("、"));
    store::set_code_limits(&desk.db, session.staff.org, after, session.staff.id)
        .await
        .map_err(failed)?;
    Ok(after_post_with(PAGE, "saved").into_response())
}

async fn kept(desk: &Desk, session: &SignedIn) -> Result<CodeLimits, PageError> {
    store::code_limits(&desk.db, session.staff.org)
        .await
        .map_err(failed)
}

fn page(shell: Shell, kept: CodeLimits, typed: &Typed, errors: Errors) -> Page<CodeLimitsPage> {
    let field = |limit: CodeLimit| {
        let (least, most) = limit.bounds();
        let usual = grouped(limit.usual().unsigned_abs());
        let kept = kept.of(limit).to_string();
        Field::number(limit.code(), limit.label())
            .support(format!(
                "{}{least}から{}まで。はじめは{usual}です。",
                limit.explanation(),
                grouped(most.unsigned_abs())
            ))
            .required()
            .value(typed.get(limit.code()).unwrap_or(&kept))
            .errors(&errors)
    };
    Page(CodeLimitsPage {
        fields: CodeLimit::ALL.map(field).into(),
        shell: shell.titled("確認コードの上限").with_errors(errors),
    })
}
