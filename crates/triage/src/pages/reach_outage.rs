//! `GET /reach/outage`, `POST /reach/outage/calls`: a carrier seems out of order: whom it concerns, and what can be
//! done: everybody is telephoned, or, when it works again, a person sends once more.

use accounts::SignedIn;
use askama::Template;
use axum::extract::State;
use axum::response::IntoResponse;
use base::id::AccountId;
use messaging::pages::{Answer, Desk, failed, scope};
use serde::Deserialize;
use web::ui::Notice;
use web::{CsrfForm, Page, PageError, Shell, after_post_with};

use crate::outage::{Lost, hand_over, lost};
use crate::reach::ProgrammeRules;

#[derive(Template)]
#[template(path = "reach_outage.html")]
struct ReachOutage {
    shell: Shell,
    lost: Vec<Lost>,
}

#[derive(Deserialize)]
pub(super) struct Form {
    account: i64,
}

pub(super) async fn show(State(desk): State<Desk>, session: SignedIn, shell: Shell) -> Answer {
    only_head_office(&session)?;
    let lost = lost(&desk.db, session.staff.org).await.map_err(failed)?;
    let shell = match shell.done() {
        Some("called") => shell.with_notice(
            Notice::success("電話リストに入れました")
                .text("連絡がついた人と、すでに電話リストにいた人は、そのままにしています。")
                .link("/calls", "電話リストを見る"),
        ),
        _ => shell,
    };
    let page = ReachOutage {
        lost,
        shell: shell.titled("携帯電話会社の障害"),
    };
    Ok(Page(page).into_response())
}

/// It concerns the people of all offices.
fn only_head_office(session: &SignedIn) -> Result<(), PageError> {
    match scope(&session.staff) {
        None => Ok(()),
        Some(_) => Err(PageError::NotFound),
    }
}

pub(super) async fn submit(
    State(desk): State<Desk>,
    session: SignedIn,
    CsrfForm(form): CsrfForm<Form>,
) -> Answer {
    only_head_office(&session)?;
    let (org, account) = (session.staff.org, AccountId::new(form.account));
    let rules = ProgrammeRules::of(&desk.db, org).await.map_err(failed)?;
    hand_over(&desk.db, org, &rules, account).await.map_err(failed)?;
    Ok(after_post_with("/reach/outage", "called").into_response())
}
