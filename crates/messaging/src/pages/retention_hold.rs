//! `POST /organisation/retention/holds`: nothing of this is erased until the hold is lifted.

use accounts::{SignedIn, audit};
use axum::Extension;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use base::id::{ApplicationId, BroadcastId, ListId, OrgId};
use serde::Deserialize;
use web::{CsrfForm, Errors, Page, PageError, Shell, after_post_with};

use super::retention_show::{Typed, page};
use super::{Answer, Desk, failed};
use crate::limits::REASON_LETTERS;
use crate::retention::{FormRecords, HoldScope};
use crate::store::{self, retention::add_hold};

#[derive(Deserialize)]
pub(super) struct Form {
    #[serde(default)]
    scope: String,
    #[serde(default)]
    number: String,
    #[serde(default)]
    reason: String,
}

pub(super) async fn submit(
    State(desk): State<Desk>,
    session: SignedIn,
    forms: Option<Extension<FormRecords>>,
    shell: Shell,
    CsrfForm(form): CsrfForm<Form>,
) -> Answer {
    session.fresh()?;
    let org = session.staff.org;
    let mut errors = Errors::default();
    let forms = forms.map(|one| one.0);
    let scope = scope(&desk, org, (&form, forms), &mut errors).await?;
    let reason = form.reason.trim();
    if reason.is_empty() || reason.chars().count() > REASON_LETTERS {
        errors.add(
            "reason",
            format!("止める理由を、{REASON_LETTERS}文字までで入力してください。"),
        );
    }
    let Some(scope) = scope.filter(|_| errors.is_empty()) else {
        let typed = Typed {
            scope: form.scope.clone(),
            number: form.number.clone(),
            reason: form.reason.clone(),
            ..Typed::default()
        };
        let page = page(&desk, &session, shell, forms, &typed, errors).await?;
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, Page(page)).into_response());
    };
    audit::note(reason);
    add_hold(&desk.db, org, scope, reason.to_owned(), session.staff.id)
        .await
        .map_err(failed)?;
    Ok(after_post_with("/organisation/retention", "held").into_response())
}

/// What is meant, if it is there.
async fn scope(
    desk: &Desk,
    org: OrgId,
    (form, forms): (&Form, Option<FormRecords>),
    errors: &mut Errors,
) -> Result<Option<HoldScope>, PageError> {
    let number: Option<i64> = form.number.trim().parse().ok();
    let scope = match (form.scope.as_str(), number) {
        ("organisation", _) => return Ok(Some(HoldScope::Organisation)),
        ("list", Some(number)) => {
            let list = ListId::new(number);
            let head = lists::store::list_head(&desk.db, org, list)
                .await
                .map_err(failed)?;
            head.map(|_| HoldScope::List(list))
        }
        ("broadcast", Some(number)) => {
            let broadcast = BroadcastId::new(number);
            let found = store::broadcast(&desk.db, org, broadcast).await.map_err(failed)?;
            found.map(|_| HoldScope::Broadcast(broadcast))
        }
        ("application", Some(number)) => {
            let application = ApplicationId::new(number);
            let found = match forms {
                Some(records) => (records.has_application)(desk.db.clone(), org, application).await,
                None => Ok(0),
            };
            (found.map_err(failed)? > 0).then_some(HoldScope::Application(application))
        }
        ("list" | "broadcast" | "application", None) => None,
        _ => {
            errors.add("scope", "何の消去を止めるかを選んでください。");
            return Ok(None);
        }
    };
    if scope.is_none() {
        errors.add(
            "number",
            "その番号の配信、リスト、申請がありません。アドレスの最後の数字を確かめてください。",
        );
    }
    Ok(scope)
}
