//! `POST /review/keys`: single keys act on this person's pages, or not (WCAG 2.1.4). Kept with the account: who needs it
//! off needs it off at every computer, and finds it on their own page as well.

use accounts::{OwnChoice, Permission, SignedIn, Staff};
use axum::extract::State;
use axum::response::IntoResponse;
use db::{Db, Work};
use messaging::pages::{Answer, Desk, failed};
use serde::Deserialize;
use web::{CsrfForm, PageError, after_post};

use crate::store;

const OWN_PAGE: &str = "/me";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Form {
    keys: String,
    back: String,
}

pub(super) async fn submit(
    State(desk): State<Desk>,
    session: SignedIn,
    CsrfForm(form): CsrfForm<Form>,
) -> Answer {
    // Only to pages of ours of which this form is a part.
    let is_ours =
        form.back == OWN_PAGE || form.back.starts_with("/review/") && !form.back.contains(['\\', '\r', '\n']);
    let on = match form.keys.as_str() {
        "on" => true,
        "off" => false,
        _ => return Err(PageError::Unreadable),
    };
    let staff = &session.staff;
    store::set_keys(&desk.db, staff.org, staff.id, on)
        .await
        .map_err(failed)?;
    let back = if is_ours { form.back.as_str() } else { "/review" };
    Ok(after_post(back).into_response())
}

/// The same on the own page of whoever judges.
pub fn own_keys<'a>(db: &'a Db, staff: &'a Staff) -> Work<'a, Vec<OwnChoice>> {
    Box::pin(async move {
        let judges = [Permission::JudgeApplications, Permission::CheckApplications];
        if !judges.into_iter().any(|permission| staff.may(permission)) {
            return Ok(Vec::new());
        }
        let (stands, press, keys) = if store::keys_on(db, staff.org, staff.id).await? {
            ("オン", "キー操作をオフにする", "off")
        } else {
            ("オフ", "キー操作をオンにする", "on")
        };
        Ok(vec![OwnChoice {
            about: "申請を判定するキー",
            stands,
            press: (press, "/review/keys"),
            fields: vec![("keys", keys), ("back", OWN_PAGE)],
        }])
    })
}
