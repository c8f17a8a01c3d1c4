//! The pages of this slice, one action a file.

mod addresses_edit;
mod alarm_acknowledge;
mod audit_export;
mod audit_list;
mod audit_person;
mod audit_verify;
mod codes_make;
mod factor_list;
mod identity;
mod invitation_open;
mod manage;
mod me_offices;
mod me_show;
mod office_edit;
mod office_list;
mod office_many;
mod organisation_set_up;
mod passkey;
mod passkey_question;
mod password_change;
mod role_list;
mod second_factor_require;
mod session_end;
mod setup;
mod sign_in;
mod sign_in_passkey;
mod sign_in_second;
mod sign_out;
mod staff_change;
mod staff_factors;
mod staff_invite;
mod staff_list;
mod staff_many;
mod staff_show;
mod step_up;
mod totp_add;

use axum::extract::DefaultBodyLimit;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Router, middleware};
use db::DbError;
use web::{Field, Id, NoFields, PageError, after_post};

use crate::cookies::Cookie;
use crate::layer::before_sign_in;
use crate::limits::{FORM_BYTES, SHEET_BYTES};
use crate::local_path::LocalPath;
use crate::session::Secret;
use crate::{Accounts, Name, NameRefusal};

pub use self::me_show::{MeChoices, OwnChoice, OwnChoices};

impl Accounts {
    /// Signing in and out, setting up, a person's own pages, people and offices, the audit trail, for the staff host, inside
    /// [`Accounts::layer`].
    pub fn pages(&self) -> Router {
        Router::new()
            .merge(self.pages_of_strangers())
            .route("/sign-out", post(sign_out::submit))
            .merge(own_pages())
            .merge(people_pages())
            .merge(office_pages())
            .route("/roles", get(role_list::show))
            .route("/audit", get(audit_list::show))
            .route("/audit/verify", get(audit_verify::show))
            .route("/audit/person", post(audit_person::submit))
            .route("/audit/export", post(audit_export::submit))
            .route("/alarms/{id}/seen", post(alarm_acknowledge::submit))
            .route(
                "/organisation/addresses",
                get(addresses_edit::show).post(addresses_edit::submit),
            )
            .route("/organisation/second-factor", post(second_factor_require::submit))
            .route("/me/offices", get(me_offices::show))
            .route("/me/office", post(me_offices::submit))
            .route_layer(DefaultBodyLimit::max(FORM_BYTES))
            .merge(upload_pages())
            .with_state(self.clone())
    }

    /// For whoever has not signed in.
    fn pages_of_strangers(&self) -> Router<Self> {
        let open = get(invitation_open::show).post(invitation_open::submit);
        let set_up = get(organisation_set_up::show).post(organisation_set_up::submit);
        Router::new()
            .route("/sign-in", get(sign_in::show).post(sign_in::submit))
            .route(
                "/sign-in/second",
                get(sign_in_second::show).post(sign_in_second::submit),
            )
            .route("/sign-in/passkey", post(sign_in_passkey::submit))
            .route("/sign-in/passkey/question", post(sign_in_passkey::ask))
            .route("/setup", get(setup::show).post(setup::submit))
            .route("/invitation/{token}", open)
            .route("/setup/{token}", set_up)
            .route("/sign-in/identity/{id}", get(identity::begin))
            .route("/sign-in/identity/callback", get(identity::come_back))
            .route_layer(middleware::from_fn_with_state(self.clone(), before_sign_in))
    }

    /// Where whoever has just set the organisation up goes on: to what is left to do, where there is that page.
    fn start(&self) -> LocalPath {
        let there = self.routes.iter().any(|route| route.path == "/start");
        LocalPath::parse("/start")
            .filter(|_| there)
            .unwrap_or_else(LocalPath::home)
    }

    /// Hands the browser its new session and leads on.
    fn signed_in(&self, secret: &Secret, next: &LocalPath) -> (HeaderMap, axum::response::Redirect) {
        let mut headers = HeaderMap::new();
        headers.insert(header::SET_COOKIE, self.cookies.set(Cookie::Session, secret));
        (headers, after_post(next.as_str()))
    }
}

/// What a person does with the own account.
fn own_pages() -> Router<Accounts> {
    Router::new()
        .route("/step-up", get(step_up::show).post(step_up::submit))
        .route("/step-up/question", post(step_up::ask))
        .route("/me", get(me_show::show))
        .route("/me/stay", post(session_end::stay))
        .route("/me/sessions/{id}/end", post(session_end::one))
        .route("/me/sessions/end-others", post(session_end::others))
        .route(
            "/me/password",
            get(password_change::show).post(password_change::submit),
        )
        .route("/me/factors", get(factor_list::show))
        .route("/me/factors/totp", get(totp_add::show).post(totp_add::submit))
        .route("/me/factors/totp/{id}/remove", post(factor_list::remove_totp))
        .route("/me/factors/passkeys", post(factor_list::add_passkey))
        .route("/me/factors/passkeys/question", post(passkey_question::ask))
        .route(
            "/me/factors/passkeys/{id}/remove",
            post(factor_list::remove_passkey),
        )
        .route(
            "/me/factors/codes",
            get(codes_make::show).post(codes_make::submit),
        )
}

fn people_pages() -> Router<Accounts> {
    Router::new()
        .route("/staff", get(staff_list::show).post(staff_invite::submit))
        .route("/staff/new", get(staff_invite::show))
        .route("/staff/{id}", get(staff_show::show))
        .route("/staff/{id}/roles", post(staff_change::roles))
        .route("/staff/{id}/home", post(staff_change::home))
        .route("/staff/{id}/disable", post(staff_change::disable))
        .route("/staff/{id}/enable", post(staff_change::enable))
        .route("/staff/{id}/sign-out", post(staff_change::sign_out))
        .route("/staff/{id}/link", post(staff_change::make_link))
        .route("/staff/{id}/link/withdraw", post(staff_change::withdraw_link))
        .route("/staff/{id}/identity/unpin", post(staff_factors::unpin))
        .route("/staff/{id}/factors", get(staff_factors::show))
        .route("/staff/{id}/factors/reset", post(staff_factors::ask))
        .route("/staff/{id}/factors/reset/confirm", post(staff_factors::confirm))
        .route(
            "/staff/{id}/factors/reset/withdraw",
            post(staff_factors::withdraw),
        )
}

fn office_pages() -> Router<Accounts> {
    Router::new()
        .route("/offices", get(office_list::show).post(office_list::submit))
        .route("/offices/sample.csv", get(office_many::sample))
        .route("/offices/{id}", get(office_edit::show).post(office_edit::submit))
        .route("/offices/{id}/close", post(office_edit::close))
        .route("/offices/{id}/reopen", post(office_edit::reopen))
}

/// Forms that bring a file.
fn upload_pages() -> Router<Accounts> {
    Router::new()
        .route("/offices/many", post(office_many::submit))
        .route("/staff/many", post(staff_many::submit))
        .route_layer(DefaultBodyLimit::max(SHEET_BYTES))
}

/// An answer, or the page that says why not.
type Answer = Result<Response, PageError>;

/// What a failing database means to the person at the page.
pub(crate) fn failed(error: DbError) -> PageError {
    match error {
        DbError::Unavailable(_) | DbError::Conflict(_) => {
            tracing::error!(%error, "the database does not answer");
            PageError::Busy
        }
        other => PageError::bug(other),
    }
}

const WRONG_PASSWORD: &str =
    "パスワードが違います。大文字・小文字と全角・半角を確かめて、もう一度入力してください。";

/// The field for what somebody shows besides the password.
fn code_field() -> Field {
    Field::text("code", "確認コード")
        .support("認証アプリ・トークンの6桁のコード、または紙に控えた回復コード（例: ABCD-EFGH-JKLM）")
        .autocomplete("one-time-code")
        .short()
        .required()
}

/// The page again, with what is wrong.
fn unprocessable(page: impl IntoResponse) -> Response {
    (StatusCode::UNPROCESSABLE_ENTITY, page).into_response()
}

/// What a device is called, or what it is if it is not called anything.
fn device_name(typed: &str, fallback: &str) -> Result<Name, NameRefusal> {
    Name::parse(if typed.trim().is_empty() { fallback } else { typed })
}
