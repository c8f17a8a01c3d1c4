//! `POST /me/factors/passkeys/question`: asks the browser to make a passkey.

use axum::Json;
use axum::extract::State;
use axum::response::IntoResponse;
use web::PageError;
use web::csrf::CsrfHeader;

use super::passkey::{Party, to_make};
use super::{Answer, failed};
use crate::store::factors::credentials_of;
use crate::{Accounts, SignedIn};

pub(super) async fn ask(
    State(accounts): State<Accounts>,
    session: SignedIn,
    Party(party): Party,
    CsrfHeader: CsrfHeader,
) -> Answer {
    session.fresh_for_devices()?;
    let party = party.ok_or(PageError::NotFound)?;
    let staff = &session.staff;
    let handle = accounts
        .passkey_handle(staff.org, staff.id)
        .await
        .map_err(failed)?;
    let credentials = credentials_of(&accounts.db, staff.org, staff.id)
        .await
        .map_err(failed)?;
    let challenge = accounts.ask_passkey(&session.key).await.map_err(failed)?;
    let person = (handle.as_str(), staff.login.as_str(), staff.name.as_str());
    Ok(Json(to_make(&challenge, &party, person, &credentials)).into_response())
}
