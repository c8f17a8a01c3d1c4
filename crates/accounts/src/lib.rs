#![forbid(unsafe_code)]
//! Organisations, offices, staff; signing in and out.
//!
//! * Accounts are made by the command line ([`Accounts::add_account`]), by an invitation that a person takes up
//!   with a one-time link ([`Accounts::invite`]) or, while there is none, by the set-up page with a code that only
//!   the console shows ([`Accounts::offer_setup`]). None exists by itself.
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
//! Besides the password a person shows a one-time code, a passkey or a recovery code ([`factors`]), always if
//! there is one, and before anything else if the organisation requires it. What matters most asks again
//! ([`LoginSession::fresh`]).
//!
//! What it is not: it decides nothing about what belongs to which office; each slice asks [`Staff::may_at`].
//! No other slice reads these tables.

pub mod addresses;
mod admin;
pub mod alarms;
mod arrival;
pub mod audit;
pub mod audit_actions;
mod breached;
pub mod chain;
mod code_letters;
mod cookies;
mod decide;
pub mod factors;
mod glance;
mod guard;
mod hash;
pub mod identity;
mod invitation;
mod layer;
pub mod limits;
mod local_path;
mod login;
mod managed;
mod name;
mod office;
mod offices;
mod organisations;
mod pages;
mod password;
mod people;
mod public_throttle;
mod public_word;
mod reveal;
mod sample;
pub mod sealer;
mod second_step;
mod session;
mod setup;
mod sheet;
mod sign_in;
mod staff;
mod step_up;
mod store;
mod throttle;
mod trail;
pub mod trail_file;
pub mod trail_watch;
pub mod versions;

use std::sync::atomic::AtomicBool;
use std::sync::{Arc, OnceLock};

use base::clock::Millis;
use base::id::OrgId;
use base::phone::PhoneNumber;
use db::{Db, Tx, Work};

pub use admin::AccountError;
pub use base::org::{Permission, Role, Roles};
pub use breached::BreachedPasswords;
pub use glance::{EntryAbout, FailedSignIns};
pub use guard::{Access, Record, Route};
pub use invitation::{InvitationToken, USED as INVITATION_ACTIONS};
pub use layer::{NotSignedIn, SignedIn, signed_in_only};
pub use login::{Login, LoginRefusal};
pub use name::{Name, NameRefusal};
pub use office::{Office, OfficeKind, OfficeTerms, TermsRefusal};
pub use organisations::{ORGANISATION_SET_UP, Organisation};
pub use pages::{MeChoices, OwnChoice, OwnChoices};
pub use password::{Password, PasswordRefusal, TypedPassword};
pub use people::{InvitedPerson, NewPerson, NotInvited, Person, Standing};
pub use public_word::{PublicWord, WordRefusal};
pub use reveal::{RevealBlocked, count as count_reveal};
pub use session::LoginSession;
pub use setup::SetupCode;
pub use staff::Staff;
pub use step_up::{Fresh, NotFresh, StepUp};
pub use store::statements;
pub use throttle::SourceAddress;
pub use trail::{TrailState, day_begins};

use crate::audit::Action;
use crate::cookies::Cookies;
use crate::hash::HashingRoom;
use crate::identity::{Fetcher, Providers};

/// What other slices store for a new organisation, in the write that sets it up.
pub type Founding = for<'t> fn(&'t mut Tx, OrgId, Millis) -> Work<'t, ()>;

/// Which records hold a telephone number, as addresses call them: `("messages", 17)`. By blind indexes; the number is
/// neither kept nor told.
pub type PersonRecords = for<'d> fn(&'d Db, OrgId, PhoneNumber) -> Work<'d, Vec<(&'static str, i64)>>;

/// Everything about accounts, as the rest of the product may use it. Cheap to clone.
#[derive(Clone)]
pub struct Accounts {
    db: Db,
    cookies: Cookies,
    /// Where the staff host is opened from; nothing while it is known by the address of its requests only.
    public_url: Option<Arc<str>>,
    /// Whether the set-up page makes an organisation that requires second factors.
    factors_from_the_start: bool,
    /// Where it listens on this machine, for identity providers while there is no public address.
    listening_at: Option<Arc<str>>,
    providers: Arc<Providers>,
    hashing: HashingRoom,
    /// Shown on the console of this process, if there was no account at its start.
    setup_code: Arc<OnceLock<SetupCode>>,
    /// What the guard goes by.
    routes: &'static [Route],
    /// What other slices, and the command line, write into the audit trail without a route.
    more_actions: &'static [&'static [Action]],
    /// What is set up here begins in training.
    begins_in_training: bool,
    /// How the trail is searched by a person.
    person_records: Option<PersonRecords>,
    founding: Option<Founding>,
    /// Which new passwords became known elsewhere.
    breached: Option<BreachedPasswords>,
    /// There has been an account; there always will be.
    has_account: Arc<AtomicBool>,
}

impl Accounts {
    /// `https` says whether the staff host's public address is https; only then can cookies be `Secure`.
    pub fn new(db: Db, https: bool) -> Self {
        Self {
            db,
            cookies: Cookies { https },
            public_url: None,
            listening_at: None,
            factors_from_the_start: false,
            providers: Arc::new(Providers::new(Fetcher::new())),
            hashing: HashingRoom::new(),
            setup_code: Arc::default(),
            routes: &[],
            more_actions: &[],
            begins_in_training: false,
            person_records: None,
            founding: None,
            breached: None,
            has_account: Arc::default(),
        }
    }

    /// What a new organisation begins with besides its people.
    #[must_use]
    pub fn with_founding(mut self, founding: Founding) -> Self {
        self.founding = Some(founding);
        self
    }

    /// No new password is one of these.
    #[must_use]
    pub fn refusing_breached(mut self, breached: BreachedPasswords) -> Self {
        self.breached = Some(breached);
        self
    }

    /// Reads a new password for the account `login`: by the rules of [`Password::parse`], and none that became known
    /// elsewhere.
    pub async fn new_password(&self, text: &str, login: &Login) -> Result<Password, PasswordRefusal> {
        let password = Password::parse(text, login)?;
        match &self.breached {
            None => Ok(password),
            Some(breached) => match breached.hold(&password).await {
                Ok(false) => Ok(password),
                Ok(true) => Err(PasswordRefusal::Breached),
                Err(error) => {
                    tracing::error!(%error, "the file of breached passwords could not be read");
                    Err(PasswordRefusal::NotLookedUp)
                }
            },
        }
    }

    /// How the records of a person are found, for whoever searches the trail by a telephone number.
    #[must_use]
    pub fn with_person_records(mut self, find: PersonRecords) -> Self {
        self.person_records = Some(find);
        self
    }

    /// Every route of the staff host, for the guard and for what pages offer.
    #[must_use]
    pub fn with_routes(mut self, routes: &'static [Route]) -> Self {
        self.routes = routes;
        self
    }

    /// What the audit trail may hold besides what routes and this slice write, so that its page has a word for it.
    #[must_use]
    pub fn with_actions(mut self, actions: &'static [&'static [Action]]) -> Self {
        self.more_actions = actions;
        self
    }

    /// The address at which staff open the pages: what passkeys are made for, and where identity providers send
    /// people back to.
    #[must_use]
    pub fn at(mut self, public_url: &str) -> Self {
        self.public_url = Some(public_url.into());
        self
    }

    /// The address at which the staff host listens, where it is opened on this machine: identity providers send
    /// people back there while there is no public address.
    #[must_use]
    pub fn listening_at(mut self, address: &str) -> Self {
        self.listening_at = Some(address.into());
        self
    }

    /// An organisation that the set-up page makes will require second factors.
    #[must_use]
    pub fn with_factors_from_the_start(mut self) -> Self {
        self.factors_from_the_start = true;
        self
    }

    /// Whether an organisation that is set up here begins in training and needs the operator's review (利用審査)
    /// before it reaches anybody.
    #[must_use]
    pub fn beginning_in_training(mut self, training: bool) -> Self {
        self.begins_in_training = training;
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
