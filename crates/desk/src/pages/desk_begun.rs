//! The cookie by which a desk's first page leads back to what this browser began there. It names the application and
//! opens nothing: what opens it is another cookie, which goes to the application's own addresses only.

use axum::http::{HeaderMap, HeaderValue, header};
use db::DbError;

use super::apply::ApplyDesk;
use crate::application::{ApplicationToken, State};
use crate::store;

const NAME: &str = "todoke-begun";

/// What this browser began at this desk.
fn begun_here(headers: &HeaderMap) -> Option<ApplicationToken> {
    let lines = headers.get_all(header::COOKIE).into_iter();
    let mut pairs = lines
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='));
    let (_, value) = pairs.find(|(name, _)| *name == NAME)?;
    ApplicationToken::in_address(value)
}

impl ApplyDesk {
    /// Where this browser goes on with what it began at this desk and did not send yet.
    pub(super) async fn unfinished(&self, headers: &HeaderMap) -> Result<Option<String>, DbError> {
        let Some(token) = begun_here(headers) else {
            return Ok(None);
        };
        let Some((org, id)) = store::application_of_link(&self.db, &token).await? else {
            return Ok(None);
        };
        let found = store::application(&self.db, org, id).await?;
        let draft = found.is_some_and(|found| found.state == State::Draft);
        Ok(draft.then(|| format!("{}/next", token.path())))
    }
}

/// Remembers it.
pub(super) fn remember(token: &ApplicationToken, path: &str, https: bool) -> HeaderValue {
    let secure = if https { "; Secure" } else { "" };
    let token = token.as_str();
    let text = format!("{NAME}={token}; Path={path}; HttpOnly; SameSite=Strict{secure}");
    HeaderValue::try_from(text).expect("letters that a header may hold")
}
