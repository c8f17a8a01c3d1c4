//! `POST /sign-in/passkey`: a passkey alone, whose device checked who holds it. `POST /sign-in/passkey/question`
//! asks for it, or for one of the person's own when the second step is open.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::IntoResponse;
use axum::{Extension, Json};
use serde::Deserialize;
use web::csrf::CsrfHeader;
use web::{CsrfForm, PageError, Shell};

use super::passkey::{Party, to_show};
use super::sign_in::{OtherWays, page, refused};
use super::{Answer, failed};
use crate::Accounts;
use crate::arrival::Arrival;
use crate::cookies::Cookie;
use crate::factors::Assertion;
use crate::layer::FormSecret;
use crate::local_path::LocalPath;
use crate::sign_in::SignInError;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Form {
    #[serde(default)]
    credential: String,
    #[serde(default)]
    next: String,
}

pub(super) async fn ask(
    State(accounts): State<Accounts>,
    Party(party): Party,
    Extension(FormSecret(form)): Extension<FormSecret>,
    headers: HeaderMap,
    CsrfHeader: CsrfHeader,
) -> Answer {
    let party = party.ok_or(PageError::NotFound)?;
    let step = match accounts.cookies.read(&headers, Cookie::Step) {
        Some(secret) => accounts.open_step(&secret).await.map_err(failed)?,
        None => None,
    };
    let options = if let Some(step) = step {
        let challenge = accounts.ask_passkey(&step.key).await.map_err(failed)?;
        to_show(&challenge, &party, &step.credentials, "preferred")
    } else {
        // Nobody is known yet: any passkey of this host whose device checks who holds it.
        let challenge = accounts.ask_passkey(&form).await.map_err(failed)?;
        to_show(&challenge, &party, &[], "required")
    };
    Ok(Json(options).into_response())
}

pub(super) async fn submit(
    State(accounts): State<Accounts>,
    Party(party): Party,
    Extension(FormSecret(asker)): Extension<FormSecret>,
    arrival: Arrival,
    headers: HeaderMap,
    shell: Shell,
    CsrfForm(form): CsrfForm<Form>,
) -> Answer {
    let next = LocalPath::parse(&form.next).unwrap_or_else(LocalPath::home);
    let party = party.ok_or(PageError::NotFound)?;
    let entry = match Assertion::parse(&form.credential) {
        Some(answer) => {
            let old = accounts.cookies.read(&headers, Cookie::Session);
            accounts
                .passkey_sign_in(&answer, &party, &asker, arrival, old)
                .await
        }
        None => Err(SignInError::WrongPasskey),
    };
    match entry {
        Ok(secret) => Ok(accounts.signed_in(&secret, &next).into_response()),
        Err(SignInError::Db(error)) => Err(failed(error)),
        Err(SignInError::Busy) => Err(PageError::Busy),
        Err(refusal) => {
            let ways = OtherWays::of(&accounts, true, &next).await?;
            Ok(refused(&refusal, "login", |errors| {
                page(shell.with_errors(errors), next, "", ways).into_response()
            }))
        }
    }
}
