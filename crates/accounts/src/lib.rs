#![forbid(unsafe_code)]
//! Organisations, offices, staff; signing in and out.
//!
//! * Accounts are made by the command line ([`Accounts::add_account`]) or, while there is none, by the
//!   set-up page with a code that only the console shows ([`Accounts::offer_setup`]). None exists by itself.
//! * A password is 12 to 128 characters, checked for what is guessed first, kept as Argon2id, sealed.
//! * Attempts are counted before they are judged, per login name and per source address ([`SourceAddress`]).
//! * A login session is a row; the cookie is 256 random bits whose hash names it. It ends by itself, by
//!   signing out, by a new password, or when the account is disabled: at once, on every node.
//!
//! How the parts go together: [`Accounts::pages`] are merged into the staff host, [`Accounts::layer`] wraps
//! all of its routes and puts [`LoginSession`], `web::Viewer` and `web::CsrfToken` into each request,
//! the guard ([`Accounts::guard`]) closes every route to whoever may not use it and writes the
//! [`audit`] trail, and a handler takes [`SignedIn`] to know who asks.
//!
//! What it is not: it decides nothing about what belongs to which office; each slice asks [`Staff::may_at`].
//! No other slice reads these tables.

mod admin;
pub mod audit;
mod cookies;
mod glance;
mod guard;
mod hash;
mod layer;
pub mod limits;
mod local_path;
mod login;
mod name;
mod pages;
mod password;
mod public_throttle;
mod session;
mod setup;
mod sign_in;
mod staff;
mod store;
mod throttle;

use std::sync::atomic::AtomicBool;
use std::sync::{Arc, OnceLock};

use db::Db;

pub use admin::AccountError;
pub use base::org::{Permission, Role, Roles};
pub use glance::{ALL as GLANCE_STATEMENTS, EntryAbout, FailedSignIns};
pub use guard::{Access, Record, Route};
pub use layer::{NotSignedIn, SignedIn, signed_in_only};
pub use login::{Login, LoginRefusal};
pub use name::{Name, NameRefusal};
pub use password::{Password, PasswordRefusal, TypedPassword};
pub use session::LoginSession;
pub use setup::SetupCode;
pub use staff::{Office, Staff};
/// Every statement of this slice, for the test that prepares each on both databases.
pub use store::ALL as STATEMENTS;
pub use throttle::SourceAddress;

use crate::cookies::Cookies;
use crate::hash::HashingRoom;

/// Everything about accounts, as the rest of the product may use it. Cheap to clone.
#[derive(Clone)]
pub struct Accounts {
    db: Db,
    cookies: Cookies,
    hashing: HashingRoom,
    /// Shown on the console of this process, if there was no account at its start.
    setup_code: Arc<OnceLock<SetupCode>>,
    /// What the guard goes by.
    routes: &'static [Route],
    /// There has been an account; there always will be.
    has_account: Arc<AtomicBool>,
}

impl Accounts {
    /// `https` says whether the staff host's public address is https; only then can cookies be `Secure`.
    pub fn new(db: Db, https: bool) -> Self {
        Self {
            db,
            cookies: Cookies { https },
            hashing: HashingRoom::new(),
            setup_code: Arc::default(),
            routes: &[],
            has_account: Arc::default(),
        }
    }

    /// Every route of the staff host, for the guard and for what pages offer.
    #[must_use]
    pub fn with_routes(mut self, routes: &'static [Route]) -> Self {
        self.routes = routes;
        self
    }
}

impl std::fmt::Debug for Accounts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Accounts")
            .field("cookies", &self.cookies)
            .finish_non_exhaustive()
    }
}
