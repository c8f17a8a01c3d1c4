//! `GET /me/factors`: what a person signs in with besides the password; each can be added and taken away here.

use askama::Template;
use axum::extract::State;
use axum::response::IntoResponse;
use serde::Deserialize;
use web::ui::Notice;
use web::{CsrfForm, Errors, Field, Page, PageError, Shell, after_post_with};

use super::passkey::Party;
use super::{Answer, Id, NoFields, failed};
use crate::factors::{DeviceKind, FactorError, Factors, Registration};
use crate::limits::RECOVERY_CODES;
use crate::{Accounts, Fresh, LoginSession, Name, SignedIn};

#[derive(Template)]
#[template(path = "factor_list.html")]
struct FactorsPage {
    shell: Shell,
    factors: Factors,
    required: bool,
    codes_total: usize,
    /// The field for a new passkey's name; nothing where browsers make none.
    passkey_name: Option<Field>,
    /// The person proved lately who it is; otherwise that comes first.
    is_fresh: bool,
}

impl FactorsPage {
    /// There is something to add before anything else.
    fn wants_codes(&self) -> bool {
        self.factors.any() && self.factors.codes_left == 0
    }
}

async fn page(
    accounts: &Accounts,
    session: &LoginSession,
    party: &Party,
    shell: Shell,
) -> Result<Page<FactorsPage>, PageError> {
    let org = session.staff.org;
    let factors = accounts.factors(org, session.staff.id).await.map_err(failed)?;
    let required = accounts.second_factor_required(org).await.map_err(failed)?;
    let passkey_name = party.0.is_some().then(|| {
        Field::text("name", "このパスキーの名前")
            .support("例: 机のPC、USBキー。後で見分けるための名前です。")
            .optional()
            .errors(shell.errors())
    });
    Ok(Page(FactorsPage {
        shell: shell.titled("2つ目の確認方法"),
        factors,
        required,
        codes_total: RECOVERY_CODES,
        passkey_name,
        is_fresh: session.fresh().is_ok(),
    }))
}

pub(super) async fn show(
    State(accounts): State<Accounts>,
    session: SignedIn,
    party: Party,
    shell: Shell,
) -> Answer {
    let notice = match shell.done() {
        Some("required") => Some(Notice::info("先に、2つ目の確認方法を登録してください").text(
            "組織の決まりで、パスワードのほかにもう1つの確認が必要です。登録が終わると、ほかの画面を開けます。",
        )),
        Some("added") => Some(Notice::success("登録しました。ほかの端末のログインは終わりました")),
        Some("removed") => Some(Notice::success("外しました。ほかの端末のログインは終わりました")),
        _ => None,
    };
    let shell = match notice {
        Some(notice) => shell.with_notice(notice),
        None => shell,
    };
    Ok(page(&accounts, &session, &party, shell).await?.into_response())
}

/// `POST /me/factors/totp/{id}/remove`.
pub(super) async fn remove_totp(
    State(accounts): State<Accounts>,
    session: Fresh,
    id: Id<i64>,
    CsrfForm(NoFields {}): CsrfForm<NoFields>,
) -> Answer {
    remove(&accounts, &session, DeviceKind::Totp, id).await
}

/// `POST /me/factors/passkeys/{id}/remove`.
pub(super) async fn remove_passkey(
    State(accounts): State<Accounts>,
    session: Fresh,
    id: Id<i64>,
    CsrfForm(NoFields {}): CsrfForm<NoFields>,
) -> Answer {
    remove(&accounts, &session, DeviceKind::Passkey, id).await
}

async fn remove(accounts: &Accounts, session: &LoginSession, kind: DeviceKind, Id(id): Id<i64>) -> Answer {
    match accounts.remove_device(session, kind, id).await {
        Ok(true) => Ok(after_post_with("/me/factors", "removed").into_response()),
        Ok(false) => Err(PageError::NotFound),
        Err(FactorError::Db(error)) => Err(failed(error)),
        Err(refusal) => Err(PageError::rejected(
            refusal.to_string(),
            "前の画面に戻って、操作してください。何も変更していません。",
        )),
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NewPasskeyForm {
    #[serde(default)]
    name: String,
    #[serde(default)]
    credential: String,
}

/// `POST /me/factors/passkeys`: a passkey that the browser just made.
pub(super) async fn add_passkey(
    State(accounts): State<Accounts>,
    session: SignedIn,
    party: Party,
    shell: Shell,
    CsrfForm(form): CsrfForm<NewPasskeyForm>,
) -> Answer {
    session.fresh_for_devices()?;
    let name = super::device_name(&form.name, "パスキー");
    let added = match (name, Registration::parse(&form.credential), &party.0) {
        (Err(refusal), _, _) => Err(refusal.to_string()),
        (Ok(name), Some(registration), Some(host)) => {
            add(&accounts, &session, name, &registration, host).await?
        }
        _ => Err(FactorError::NotTaken.to_string()),
    };
    match added {
        Ok(()) => Ok(after_post_with("/me/factors", "added").into_response()),
        Err(text) => {
            let mut errors = Errors::default();
            errors.add("name", text);
            let page = page(&accounts, &session, &party, shell.with_errors(errors)).await?;
            Ok(super::unprocessable(page))
        }
    }
}

async fn add(
    accounts: &Accounts,
    session: &LoginSession,
    name: Name,
    registration: &Registration,
    host: &crate::factors::RelyingParty,
) -> Result<Result<(), String>, PageError> {
    match accounts.add_passkey(session, name, registration, host).await {
        Ok(()) => Ok(Ok(())),
        Err(FactorError::Db(error)) => Err(failed(error)),
        Err(refusal) => Ok(Err(refusal.to_string())),
    }
}
