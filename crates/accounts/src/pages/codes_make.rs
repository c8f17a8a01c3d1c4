//! `/me/factors/codes`: ten recovery codes, shown once. They are made by the form and stand in its answer: nothing
//! that is kept could show them again.

use askama::Template;
use axum::extract::State;
use axum::response::IntoResponse;
use web::{CsrfForm, Page, PageError, Shell};

use super::{Answer, NoFields, failed};
use crate::factors::{FactorError, Factors};
use crate::limits::RECOVERY_CODES;
use crate::{Accounts, Fresh};

#[derive(Template)]
#[template(path = "codes_make.html")]
struct AskPage {
    shell: Shell,
    factors: Factors,
    count: usize,
}

#[derive(Template)]
#[template(path = "codes_show.html")]
struct CodesPage {
    shell: Shell,
    codes: Vec<String>,
    login: String,
}

pub(super) async fn show(State(accounts): State<Accounts>, session: Fresh, shell: Shell) -> Answer {
    let (org, staff) = (session.staff.org, session.staff.id);
    let factors = accounts.factors(org, staff).await.map_err(failed)?;
    Ok(Page(AskPage {
        shell: shell.titled("回復コード"),
        factors,
        count: RECOVERY_CODES,
    })
    .into_response())
}

pub(super) async fn submit(
    State(accounts): State<Accounts>,
    session: Fresh,
    shell: Shell,
    CsrfForm(NoFields {}): CsrfForm<NoFields>,
) -> Answer {
    let codes = match accounts.make_codes(&session).await {
        Ok(codes) => codes,
        Err(FactorError::Db(error)) => return Err(failed(error)),
        Err(FactorError::Busy) => return Err(PageError::Busy),
        Err(refusal) => {
            let next = "「2つ目の確認方法」の画面に戻って、登録してください。";
            return Err(PageError::rejected(refusal.to_string(), next));
        }
    };
    Ok(Page(CodesPage {
        shell: shell.titled("新しい回復コード"),
        codes: codes.iter().map(ToString::to_string).collect(),
        login: session.staff.login.as_str().to_owned(),
    })
    .into_response())
}
