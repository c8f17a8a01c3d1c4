//! Signing in with the organisation's own identity provider, by `OpenID` Connect.
//!
//! The authorisation code flow with PKCE, `state` and `nonce`. A provider is configured on the command line
//! (`todoke admin oidc`), so that the product asks no address that an operator did not name; it follows no redirect,
//! and takes no answer that is too long or too late. What the provider says of a person has to be signed with a key
//! of its own, for us, for this attempt, and now (`token`).
//!
//! The person is found by one claim, which must be the login of an enabled account of that organisation. No account
//! is made by itself, and whoever may not come from where they are is not let in either.
//!
//! Since the first sign-in the account belongs to one person of the provider (`pin`).
//!
//! What it is not: a second factor. If the provider says that it asked for more than one
//! (`Arrived::has_second_factor`), that counts; otherwise our own is asked for.

pub mod address;
mod attempt;
mod discovery;
mod fetch;
mod pin;
mod token;

use std::fmt::{self, Write as _};
use std::path::Path;
use std::sync::Arc;

use base::id::{OrgId, StaffId};
use db::DbError;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use thiserror::Error;

use self::address::{AddressFault, WebAddress};
use self::attempt::Attempt;
pub(crate) use self::discovery::Providers;
use self::fetch::FetchError;
pub(crate) use self::fetch::Fetcher;
pub use self::pin::IdentityPin;
pub(crate) use self::pin::Vouched;
use self::token::{Claims, Expected, TokenRefusal};
use crate::arrival::Arrival;
use crate::audit::{self, Entry};
use crate::audit_actions::{PROVIDER_BY_COMMAND, SIGN_IN};
use crate::local_path::LocalPath;
use crate::session::{Secret, Way};
use crate::sign_in::{Beginning, Entered, SignInError};
use crate::store::{Credentials, credentials};
use crate::store::{identity as store, pins};
use crate::throttle::Subject;
use crate::{Accounts, Login, Name};

/// Where the provider sends people back to.
pub const CALLBACK: &str = "/sign-in/identity/callback";

/// What the provider keeps in confidence with us.
#[derive(Clone, PartialEq, Eq)]
pub struct ClientSecret(String);

impl ClientSecret {
    /// Anything that is not blank, up to the length of a line.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        (!text.is_empty() && text.len() <= 1_000).then(|| Self(text.to_owned()))
    }
}

impl ClientSecret {
    pub(crate) fn text(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for ClientSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ClientSecret(…)")
    }
}

/// An organisation's identity provider.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct IdentityProvider {
    /// What stands on the button: `さいたま県の職員アカウント`.
    pub label: Name,
    /// The provider's name for itself, and where its description lies.
    pub issuer: WebAddress,
    /// Our name there.
    pub client_id: String,
    /// Our secret there.
    pub client_secret: ClientSecret,
    /// The claim that holds the login: `preferred_username`, `email`, …
    pub login_claim: String,
    /// Hosts besides the issuer's on which it answers.
    pub hosts: Vec<String>,
    /// Its word (`acr`) for a sign-in with more than one factor, if it has one besides `amr`.
    pub factors_acr: Option<String>,
}

impl IdentityProvider {
    /// An address that the provider named, if it is one of the provider's own.
    fn place(&self, text: &str) -> Result<WebAddress, Trouble> {
        let address = WebAddress::parse(text)?;
        let host = address.host();
        let named = self.hosts.contains(&host);
        // A provider on this machine may speak in the clear; one elsewhere may not send us back to this machine.
        let as_safe = address.is_https() || !self.issuer.is_https();
        if (named || host == self.issuer.host()) && as_safe {
            Ok(address)
        } else {
            Err(Trouble::Elsewhere(host))
        }
    }
}

/// Why nobody was signed in; the words are for the person, the cause for the log.
#[derive(Debug, Error)]
pub(crate) enum Trouble {
    #[error("no such provider")]
    NotThere,
    #[error("the answer belongs to no attempt of this browser")]
    Stale,
    #[error("the provider declined")]
    Declined,
    #[error("the provider could not be asked: {0}")]
    Fetch(#[from] FetchError),
    #[error("the provider named an address that is none: {0}")]
    Address(#[from] AddressFault),
    #[error("the provider named a host that is not configured: {0}")]
    Elsewhere(String),
    #[error("the provider's answer cannot be used: {0}")]
    Answer(&'static str),
    #[error("the id_token is refused: {0}")]
    Token(#[from] TokenRefusal),
    #[error("nobody here has what the claim says")]
    Nobody,
    #[error("the account belongs to another person (sub) of the provider")]
    SomebodyElse(StaffId),
    #[error("too many wait for a provider")]
    Busy,
    #[error(transparent)]
    SignIn(#[from] SignInError),
}

impl From<DbError> for Trouble {
    fn from(error: DbError) -> Self {
        Self::SignIn(SignInError::Db(error))
    }
}

/// What the browser brings back from the provider.
#[derive(Debug, Default, serde::Deserialize)]
pub(crate) struct Brought {
    code: Option<String>,
    state: Option<String>,
    iss: Option<String>,
    error: Option<String>,
}

/// Somebody whom the provider vouches for, and whom we know.
pub(crate) struct Arrived {
    account: Credentials,
    who: Vouched,
    factors: bool,
}

impl Arrived {
    /// Whether the provider asked for more than a password, so that our own second factor need not be asked for.
    pub(crate) fn has_second_factor(&self) -> bool {
        self.factors
    }
}

/// Our `application/x-www-form-urlencoded`: everything but letters, digits and `-._~`.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

fn in_query(text: &str) -> String {
    utf8_percent_encode(text, PLAIN).to_string()
}

impl Accounts {
    /// Trusts the authorities of this PEM file, besides the public ones, to vouch for identity providers.
    pub fn with_identity_root(mut self, pem: &Path) -> std::io::Result<Self> {
        self.providers = Arc::new(Providers::new(Fetcher::with_root(pem)?));
        Ok(self)
    }

    /// The organisation's identity provider.
    pub async fn identity_provider(&self, org: OrgId) -> Result<Option<IdentityProvider>, DbError> {
        store::provider(&self.db, org).await
    }

    /// Sets or, with `None`, removes it, by the command line. Removing it ends no session.
    pub async fn set_identity_provider(
        &self,
        org: OrgId,
        provider: Option<IdentityProvider>,
    ) -> Result<(), DbError> {
        let (vault, now) = (self.db.vault(org).await?, self.db.now());
        let issuer = provider
            .as_ref()
            .map(|provider| provider.issuer.as_str().to_owned());
        let entry = Entry::of(PROVIDER_BY_COMMAND).with(issuer.unwrap_or_else(|| "なし".to_owned()));
        let change = Arc::new((provider, entry));
        let write = self.db.write(move |tx| {
            let (vault, change) = (Arc::clone(&vault), Arc::clone(&change));
            Box::pin(async move {
                let (provider, entry) = &*change;
                store::set_provider(tx, org, &vault, provider.as_ref(), now).await?;
                if let Some(provider) = provider {
                    pins::remove_those_of_others(tx, org, provider.issuer.as_str()).await?;
                }
                audit::record(tx, org, &vault, entry, now).await
            })
        });
        write.await
    }

    /// The buttons of the sign-in page, if there is an address to come back to.
    pub(crate) async fn identity_buttons(&self) -> Result<Vec<(OrgId, Name)>, DbError> {
        if self.home().is_none() {
            return Ok(Vec::new());
        }
        store::labels(&self.db).await
    }

    fn home(&self) -> Option<&str> {
        self.public_url.as_deref().or(self.listening_at.as_deref())
    }

    fn callback(&self) -> Result<String, Trouble> {
        let url = self.home().ok_or(Trouble::NotThere)?;
        Ok(format!("{}{CALLBACK}", url.trim_end_matches('/')))
    }

    /// Where the browser goes to sign in with the organisation's provider.
    pub(crate) async fn begin_identity(
        &self,
        org: OrgId,
        next: &LocalPath,
        secret: Secret,
    ) -> Result<String, Trouble> {
        let back = self.callback()?;
        let provider = store::provider(&self.db, org).await?.ok_or(Trouble::NotThere)?;
        let now = self.db.now();
        let turn = self.providers.turn()?;
        let known = self.providers.of(org, &provider, now).await?;
        drop(turn);
        let attempt = Attempt::begin(org, next, secret, now);
        let mut query = String::from("response_type=code&code_challenge_method=S256");
        let scope = if provider.login_claim.starts_with("email") {
            "openid profile email"
        } else {
            "openid profile"
        };
        for (name, value) in [
            ("scope", scope),
            ("client_id", &provider.client_id),
            ("redirect_uri", &back),
            ("state", &attempt.state()),
            ("nonce", &attempt.nonce()),
            ("code_challenge", &attempt.challenge()),
        ] {
            write!(query, "&{name}={}", in_query(value)).expect("a String takes every text");
        }
        Ok(known.authorization.with_query(&query))
    }

    /// Lets in whoever the provider vouches for, or to the second step, and says where they wanted to go.
    pub(crate) async fn finish_identity(
        &self,
        brought: Brought,
        secret: Option<Secret>,
        arrival: Arrival,
        old: Option<Secret>,
    ) -> Result<(Entered, LocalPath), Trouble> {
        let (state, secret) = brought.state.as_deref().zip(secret).ok_or(Trouble::Stale)?;
        let attempt = Attempt::come_back(state, secret, self.db.now()).ok_or(Trouble::Stale)?;
        let org = attempt.org;
        let provider = store::provider(&self.db, org).await?.ok_or(Trouble::Stale)?;
        // Each attempt makes the provider work: a source that fails too often waits, as with passwords.
        let subjects: Arc<[Subject]> = Arc::new([Subject::source(&self.db, arrival.source)]);
        self.look_whether_open(&subjects).await?;
        self.count_attempt(&subjects).await?;
        let entered = match self.vouched_for(&provider, &attempt, &brought).await {
            Ok(arrived) => self.enter(&arrived, subjects, arrival, old).await,
            Err(trouble) => Err(trouble),
        };
        if let Err(trouble) = &entered {
            let mut entry = Entry::of(SIGN_IN).from(arrival.source).refused();
            if let Trouble::SomebodyElse(staff) = trouble {
                entry = entry.of_staff(*staff);
            }
            audit::record_alone(&self.db, org, entry.with(trouble.to_string())).await?;
        }
        Ok((entered?, attempt.next))
    }

    /// Begins the session, or the second step if there is one that the provider did not ask for.
    async fn enter(
        &self,
        arrived: &Arrived,
        subjects: Arc<[Subject]>,
        arrival: Arrival,
        old: Option<Secret>,
    ) -> Result<Entered, Trouble> {
        let (org, staff) = (arrived.account.org, arrived.account.staff);
        let shown = arrived.has_second_factor();
        // Whoever may not come from there, or whose contract is over, binds nothing.
        if !self.admits(org, arrival.source).await? {
            return Err(Trouble::Nobody);
        }
        arrived.account.within_contract(self.db.now())?;
        self.hold_to_pin(org, staff, arrived.who.clone()).await?;
        if !shown && self.factors(org, staff).await?.any() {
            return Ok(Entered::SecondStep(self.begin_step(org, staff, subjects).await?));
        }
        let beginning = Beginning {
            org,
            staff,
            way: if shown {
                Way::ProviderFactors
            } else {
                Way::Provider
            },
            arrival,
            proof: None,
            step: None,
            old: old.map(|secret| secret.key()),
        };
        // Without a proof or a step it is the address that does not let them in.
        let secret = self.begin_session(beginning, subjects).await?;
        secret.map(Entered::Session).ok_or(Trouble::Nobody)
    }

    async fn vouched_for(
        &self,
        provider: &IdentityProvider,
        attempt: &Attempt,
        brought: &Brought,
    ) -> Result<Arrived, Trouble> {
        let claims = self.claims(provider, attempt, brought).await?;
        if provider.login_claim == "email" && claims.email_is_unverified() {
            return Err(Trouble::Nobody);
        }
        let login = claims
            .text(&provider.login_claim)
            .and_then(|text| Login::parse(text).ok());
        let login = login.ok_or(Trouble::Nobody)?;
        let account = credentials(&self.db, &login).await?;
        let account = account
            .filter(|account| account.org == attempt.org)
            .ok_or(Trouble::Nobody)?;
        let subject = claims.text("sub").filter(|subject| !subject.is_empty());
        let subject = subject.ok_or(Trouble::Answer("it names nobody (sub)"))?;
        Ok(Arrived {
            who: Vouched {
                issuer: provider.issuer.as_str().to_owned(),
                subject: subject.to_owned(),
            },
            factors: claims.by_several_factors(provider.factors_acr.as_deref()),
            account,
        })
    }

    async fn claims(
        &self,
        provider: &IdentityProvider,
        attempt: &Attempt,
        brought: &Brought,
    ) -> Result<Claims, Trouble> {
        let (org, now) = (attempt.org, self.db.now());
        let _turn = self.providers.turn()?;
        let known = self.providers.of(org, provider, now).await?;
        let issuer = provider.issuer.as_str();
        let from_it = match &brought.iss {
            Some(named) => named == issuer,
            None => !known.says_issuer,
        };
        if !from_it {
            return Err(Trouble::Answer("it came from another issuer"));
        }
        let code = match (&brought.code, &brought.error) {
            (Some(code), None) => code,
            (_, Some(_)) => return Err(Trouble::Declined),
            (None, None) => return Err(Trouble::Stale),
        };
        let back = self.callback()?;
        let asked = (code.as_str(), attempt.verifier(), back);
        let token = self
            .providers
            .token(provider, &known, (asked.0, &asked.1, &asked.2))
            .await?;
        let nonce = attempt.nonce();
        let expected = Expected {
            issuer,
            client_id: &provider.client_id,
            nonce: &nonce,
            now,
        };
        match token::verified(&token, &known.keys, &expected) {
            Err(TokenRefusal::NoKey) => {
                let known = self.providers.again(org, provider, now).await?;
                Ok(token::verified(&token, &known.keys, &expected)?)
            }
            judged => Ok(judged?),
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
    use super::*;

    fn provider(issuer: &str) -> IdentityProvider {
        IdentityProvider {
            label: Name::parse("職員アカウント").unwrap(),
            issuer: WebAddress::parse(issuer).unwrap(),
            client_id: "todoke".to_owned(),
            client_secret: ClientSecret::parse("secret").unwrap(),
            login_claim: "email".to_owned(),
            hosts: vec!["keys.example.lg.jp".to_owned()],
            factors_acr: None,
        }
    }

    #[test]
    fn asvs_1_3_6_only_hosts_that_an_operator_named_are_asked() {
        let provider = provider("https://id.example.lg.jp/pref");
        for place in [
            "https://id.example.lg.jp/pref/token",
            "https://ID.example.lg.jp:8443/keys",
            "https://keys.example.lg.jp/keys",
        ] {
            assert!(provider.place(place).is_ok(), "{place}");
        }
        for place in [
            "https://127.0.0.1/",
            "http://127.0.0.1/",
            "http://localhost:8080/",
            "http://id.example.lg.jp/token",
            "https://169.254.169.254/latest/meta-data",
            "https://2130706433/",
            "https://[::1]/",
            "https://10.0.0.1/",
            "https://example.lg.jp/",
            "https://id.example.lg.jp.evil.example/",
            "https://evil.example/?id.example.lg.jp",
        ] {
            assert!(provider.place(place).is_err(), "{place}");
        }
    }

    #[test]
    fn a_provider_on_this_machine_may_speak_in_the_clear() {
        let here = provider("http://127.0.0.1:3000");
        assert!(here.place("http://127.0.0.1:3000/token").is_ok());
        assert!(here.place("http://localhost:3000/token").is_err());
        assert!(!format!("{here:?}").contains("\"secret\""), "{here:?}");
    }
}
