//! `GET /reach/outage`, `POST /reach/outage/calls`, `POST /reach/outage/resend`: a carrier seems out of order: whom it
//! concerns, and what can be done: everybody is telephoned, or, when it works again, a person sends once more and says
//! why.

use accounts::SignedIn;
use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use base::id::AccountId;
use messaging::broadcast::StartError;
use messaging::limits::{LARGE_SEND, REASON_LETTERS};
use messaging::pages::{Answer, Desk, failed, roll, scope};
use messaging::resend::Again;
use serde::Deserialize;
use web::form::Field;
use web::ui::Notice;
use web::{CsrfForm, Errors, Page, PageError, Shell, after_post, after_post_with};

use crate::outage::{Lost, hand_over, lost, send_again};
use crate::reach::ProgrammeRules;

#[derive(Template)]
#[template(path = "reach_outage.html")]
struct ReachOutage {
    shell: Shell,
    lost: Vec<(Lost, [Field; 2])>,
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
        Some("nobody") => shell.with_notice(
            Notice::info("送り直す人はいませんでした")
                .text("そのあいだに、結果が分かったか、番号が使えなくなりました。"),
        ),
        _ => shell,
    };
    Ok(Page(page(shell, lost, "", &Errors::default())).into_response())
}

fn page(shell: Shell, lost: Vec<Lost>, reason: &str, errors: &Errors) -> ReachOutage {
    let fields = || {
        [
            Field::text("reason", "送り直す理由")
                .required()
                .support("例: 障害が復旧したため。配信の記録に残ります。")
                .value(reason)
                .errors(errors),
            Field::check("restored", "携帯電話会社の障害が復旧したことを確かめた")
                .required()
                .errors(errors),
        ]
    };
    ReachOutage {
        lost: lost.into_iter().map(|one| (one, fields())).collect(),
        shell: shell.titled("携帯電話会社の障害").with_errors(errors.clone()),
    }
}

#[derive(Deserialize)]
pub(super) struct Resending {
    account: i64,
    #[serde(default)]
    reason: String,
    #[serde(default)]
    restored: String,
}

pub(super) async fn resend(
    State(desk): State<Desk>,
    session: SignedIn,
    shell: Shell,
    CsrfForm(form): CsrfForm<Resending>,
) -> Answer {
    only_head_office(&session)?;
    let staff = &session.staff;
    let found = lost(&desk.db, staff.org).await.map_err(failed)?;
    let reason = form.reason.trim();
    let mut errors = Errors::default();
    if reason.is_empty() || reason.chars().count() > REASON_LETTERS {
        errors.add(
            "reason",
            format!("送り直す理由を、{REASON_LETTERS}文字までで入力してください。"),
        );
    }
    if form.restored.is_empty() {
        errors.add(
            "restored",
            "復旧したことを確かめてから、チェックを入れてください。",
        );
    }
    if !errors.is_empty() {
        let page = page(shell, found, reason, &errors);
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, Page(page)).into_response());
    }
    let account = AccountId::new(form.account);
    let mut of_account = found.into_iter().filter(|one| one.carrier.account == account);
    let messages = of_account.next().map(|one| one.unconfirmed).unwrap_or_default();
    if messages.len() > LARGE_SEND {
        session.fresh()?;
    }
    let again = Again {
        org: staff.org,
        office: staff.office,
        by: staff.id,
        reason: reason.to_owned(),
        hold: desk.sending.hold,
        messages,
    };
    match send_again(&desk.db, again).await {
        Ok(made) => Ok(match made.broadcasts[..] {
            [one] => after_post(&format!("/broadcasts/{one}")).into_response(),
            _ => after_post("/").into_response(),
        }),
        Err(StartError::NoRows | StartError::AllLeftOut(_)) => {
            Ok(after_post_with("/reach/outage", "nobody").into_response())
        }
        Err(error) => Err(roll::not_started(error)),
    }
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
