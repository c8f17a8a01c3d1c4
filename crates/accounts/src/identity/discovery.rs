//! What a provider says of itself: where it signs people in, and with which keys. Asked when it is needed, kept for
//! a while, and asked again when a token names a key that is not known.

use std::collections::HashMap;
use std::sync::Arc;

use axum::http::HeaderValue;
use base::clock::Millis;
use base::id::OrgId;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::Deserialize;
use tokio::sync::{Mutex, Semaphore, SemaphorePermit};

use super::address::WebAddress;
use super::fetch::{Ask, Fetcher};
use super::token::Keys;
use super::{IdentityProvider, Trouble, in_query};
use crate::limits::{IDENTITY_AT_ONCE, IDENTITY_KEPT, IDENTITY_KEYS_AGAIN};

/// What this process knows of the providers, and how it asks them.
pub(crate) struct Providers {
    fetcher: Fetcher,
    known: Mutex<HashMap<OrgId, Arc<Known>>>,
    turns: Semaphore,
}

/// One provider as it described itself.
pub(super) struct Known {
    issuer: String,
    at: Millis,
    pub(super) authorization: WebAddress,
    token: WebAddress,
    pub(super) keys: Keys,
    /// The client's secret goes in the form instead of a header.
    secret_in_form: bool,
    /// Its answers say who they are from.
    pub(super) says_issuer: bool,
}

#[derive(Deserialize)]
struct Document {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    jwks_uri: String,
    token_endpoint_auth_methods_supported: Option<Vec<String>>,
    #[serde(default)]
    authorization_response_iss_parameter_supported: bool,
}

#[derive(Deserialize)]
struct TokenAnswer {
    id_token: String,
}

impl Providers {
    pub(crate) fn new(fetcher: Fetcher) -> Self {
        Self {
            fetcher,
            known: Mutex::default(),
            turns: Semaphore::new(IDENTITY_AT_ONCE),
        }
    }

    /// A place among those who wait for a provider; none if too many do.
    pub(super) fn turn(&self) -> Result<SemaphorePermit<'_>, Trouble> {
        self.turns.try_acquire().map_err(|_| Trouble::Busy)
    }

    /// What is known of the provider, asked for if it is not known or known for too long.
    pub(super) async fn of(
        &self,
        org: OrgId,
        provider: &IdentityProvider,
        now: Millis,
    ) -> Result<Arc<Known>, Trouble> {
        self.younger_than(IDENTITY_KEPT, org, provider, now).await
    }

    /// The same after a token named a key that is not known: providers change their keys.
    pub(super) async fn again(
        &self,
        org: OrgId,
        provider: &IdentityProvider,
        now: Millis,
    ) -> Result<Arc<Known>, Trouble> {
        self.younger_than(IDENTITY_KEYS_AGAIN, org, provider, now).await
    }

    async fn younger_than(
        &self,
        age: Millis,
        org: OrgId,
        provider: &IdentityProvider,
        now: Millis,
    ) -> Result<Arc<Known>, Trouble> {
        let found = self.known.lock().await.get(&org).cloned();
        let issuer = provider.issuer.as_str();
        if let Some(known) = found.filter(|known| known.issuer == issuer && now - known.at < age) {
            return Ok(known);
        }
        // Two who come at once both ask; the last answer stays.
        let known = Arc::new(self.ask(provider, now).await?);
        self.known.lock().await.insert(org, Arc::clone(&known));
        Ok(known)
    }

    async fn ask(&self, provider: &IdentityProvider, now: Millis) -> Result<Known, Trouble> {
        let issuer = &provider.issuer;
        let place = issuer.discovery().map_err(|_| Trouble::Answer("its address"))?;
        let document = self.fetcher.fetch(&place, Ask::Get).await?;
        let document: Document =
            serde_json::from_slice(&document).map_err(|_| Trouble::Answer("its description"))?;
        if document.issuer != issuer.as_str() {
            return Err(Trouble::Answer("its description is another issuer's"));
        }
        let place = provider.place(&document.jwks_uri)?;
        let keys = self.fetcher.fetch(&place, Ask::Get).await?;
        let ways = document.token_endpoint_auth_methods_supported;
        let has = |way: &str| {
            ways.as_ref()
                .is_some_and(|ways| ways.iter().any(|known| known == way))
        };
        Ok(Known {
            issuer: document.issuer,
            at: now,
            authorization: provider.place(&document.authorization_endpoint)?,
            token: provider.place(&document.token_endpoint)?,
            keys: Keys::read(&keys).ok_or(Trouble::Answer("its keys"))?,
            secret_in_form: !has("client_secret_basic") && has("client_secret_post"),
            says_issuer: document.authorization_response_iss_parameter_supported,
        })
    }

    /// The `id_token` behind a code.
    pub(super) async fn token(
        &self,
        provider: &IdentityProvider,
        known: &Known,
        (code, verifier, back): (&str, &str, &str),
    ) -> Result<String, Trouble> {
        let mut form = format!(
            "grant_type=authorization_code&code={}&redirect_uri={}&code_verifier={}",
            in_query(code),
            in_query(back),
            in_query(verifier),
        );
        let (client, secret) = (in_query(&provider.client_id), in_query(&provider.client_secret.0));
        let credentials = if known.secret_in_form {
            form = format!("{form}&client_id={client}&client_secret={secret}");
            None
        } else {
            let basic = format!("Basic {}", BASE64.encode(format!("{client}:{secret}")));
            let mut header = HeaderValue::try_from(basic).expect("base64 is letters of a header");
            header.set_sensitive(true);
            Some(header)
        };
        let answer = self
            .fetcher
            .fetch(&known.token, Ask::Post { form, credentials })
            .await?;
        let answer: TokenAnswer =
            serde_json::from_slice(&answer).map_err(|_| Trouble::Answer("its token"))?;
        Ok(answer.id_token)
    }
}
