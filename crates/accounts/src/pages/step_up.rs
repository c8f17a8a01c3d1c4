//! `/step-up`: who sits there proves again who it is, and goes back to where it was asked. `POST
//! /step-up/question` asks for one of the person's passkeys.

use askama::Template;
use axum::Json;
use axum::extract::{Query, State};
use axum::response::IntoResponse;
use serde::Deserialize;
use web::csrf::CsrfHeader;
use web::{CsrfForm, Errors, Field, Page, PageError, Shell};

use super::passkey::{Party, shown, to_show};
use super::sign_in::{Asked, refused};
use super::{Answer, failed};
use crate::arrival::Arrival;
use crate::local_path::LocalPath;
use crate::sign_in::SignInError;
use crate::step_up::Given;
use crate::store::factors::credentials_of;
use crate::{Accounts, LoginSession, SignedIn, TypedPassword};

#[derive(Template)]
#[template(path = "step_up.html")]
struct StepUpPage {
    shell: Shell,
    next: LocalPath,
    field: Field,
    has_passkey: bool,
}

/// What this person is asked for.
struct Wanted {
    /// A code or a passkey; otherwise the password.
    factor: bool,
    has_passkey: bool,
}

async fn wanted(accounts: &Accounts, session: &LoginSession, party: &Party) -> Result<Wanted, PageError> {
    let factors = accounts.factors(session.staff.org, session.staff.id).await;
    let factors = factors.map_err(failed)?;
    Ok(Wanted {
        factor: factors.any(),
        has_passkey: party.0.is_some() && !factors.passkeys.is_empty(),
    })
}

fn page(shell: Shell, next: LocalPath, wanted: &Wanted) -> Page<StepUpPage> {
    let field = if wanted.factor {
        super::code_field()
    } else {
        Field::password("password", "パスワード", "current-password").required()
    };
    let field = field.errors(shell.errors());
    Page(StepUpPage {
        shell: shell.titled("本人の確認"),
        next,
        field,
        has_passkey: wanted.has_passkey,
    })
}

pub(super) async fn show(
    State(accounts): State<Accounts>,
    session: SignedIn,
    Query(asked): Query<Asked>,
    party: Party,
    shell: Shell,
) -> Answer {
    let wanted = wanted(&accounts, &session, &party).await?;
    Ok(page(shell, asked.next(), &wanted).into_response())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Form {
    #[serde(default)]
    password: String,
    #[serde(default)]
    code: String,
    #[serde(default)]
    credential: String,
    #[serde(default)]
    next: String,
}

pub(super) async fn submit(
    State(accounts): State<Accounts>,
    session: SignedIn,
    party: Party,
    arrival: Arrival,
    shell: Shell,
    CsrfForm(form): CsrfForm<Form>,
) -> Answer {
    let next = LocalPath::parse(&form.next).unwrap_or_else(LocalPath::home);
    let wanted = wanted(&accounts, &session, &party).await?;
    let field = if wanted.factor { "code" } else { "password" };
    let given = if wanted.factor {
        shown(&form.code, &form.credential, party, &session.key).map(Given::Factor)
    } else {
        let typed = Some(&form.password).filter(|password| !password.is_empty());
        typed.map(|password| Given::Password(TypedPassword::new(password)))
    };
    let Some(given) = given else {
        let mut errors = Errors::default();
        errors.add(field, "入力してください。");
        return Ok(super::unprocessable(page(
            shell.with_errors(errors),
            next,
            &wanted,
        )));
    };
    match accounts.confirm(&session, given, arrival).await {
        Ok(secret) => Ok(accounts.signed_in(&secret, &next).into_response()),
        Err(SignInError::Db(error)) => Err(failed(error)),
        Err(SignInError::Busy) => Err(PageError::Busy),
        Err(SignInError::Wrong) => {
            let mut errors = Errors::default();
            errors.add("password", super::WRONG_PASSWORD);
            Ok(super::unprocessable(page(
                shell.with_errors(errors),
                next,
                &wanted,
            )))
        }
        Err(refusal) => Ok(refused(&refusal, field, |errors| {
            page(shell.with_errors(errors), next, &wanted).into_response()
        })),
    }
}

pub(super) async fn ask(
    State(accounts): State<Accounts>,
    session: SignedIn,
    Party(party): Party,
    CsrfHeader: CsrfHeader,
) -> Answer {
    let party = party.ok_or(PageError::NotFound)?;
    let (org, staff) = (session.staff.org, session.staff.id);
    let credentials = credentials_of(&accounts.db, org, staff).await.map_err(failed)?;
    let challenge = accounts.ask_passkey(&session.key).await.map_err(failed)?;
    Ok(Json(to_show(&challenge, &party, &credentials, "preferred")).into_response())
}
