//! `/sign-out`: ends the session on the server and wipes what the browser kept.

use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::response::IntoResponse;
use web::{CsrfForm, after_post_with};

use super::{Answer, NoFields, failed};
use crate::cookies::Cookie;
use crate::{Accounts, SignedIn};

const CLEAR_SITE_DATA: HeaderName = HeaderName::from_static("clear-site-data");

pub(super) async fn submit(
    State(accounts): State<Accounts>,
    session: SignedIn,
    CsrfForm(NoFields {}): CsrfForm<NoFields>,
) -> Answer {
    accounts.sign_out(&session).await.map_err(failed)?;
    let mut headers = HeaderMap::new();
    headers.insert(header::SET_COOKIE, accounts.cookies.clear(Cookie::Session));
    headers.insert(
        CLEAR_SITE_DATA,
        HeaderValue::from_static(r#""cache", "cookies", "storage""#),
    );
    Ok((headers, after_post_with("/sign-in", "signed-out")).into_response())
}
