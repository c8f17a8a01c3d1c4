//! The personal link of an application: its result, or what is asked again, behind the birth date.

use std::fmt;

use base::date::CalendarDate;
use base::id::ApplicationId;
use db::{Db, OrgVault};

use crate::request::{is_token, token_letters};

/// The letters of an application's link, derived as a form's are; never written into logs.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct ApplicationToken(String);

impl ApplicationToken {
    /// The token of an application.
    pub fn of(vault: &OrgVault, application: ApplicationId) -> Self {
        Self(token_letters(
            vault,
            "application link",
            &[&application.get().to_be_bytes()],
        ))
    }

    /// Reads a part of an address. What a phone took into the link from the sentence after it is left away.
    pub fn in_address(text: &str) -> Option<Self> {
        is_token(text).map(|token| Self(token.to_owned()))
    }

    /// Its letters.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Where its pages begin on the resident host: `/a/…`.
    pub fn path(&self) -> String {
        format!("/a/{}", self.0)
    }

    /// As the database knows it.
    pub fn index(&self, db: &Db) -> String {
        db.installation_index(&format!("application {}", self.0))
    }
}

impl fmt::Debug for ApplicationToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ApplicationToken(…)")
    }
}

/// What a birth date is compared by: a keyed hash, another for each application.
pub(crate) fn birth_index(vault: &OrgVault, application: ApplicationId, birth: CalendarDate) -> String {
    let (number, day) = (application.get().to_be_bytes(), birth.to_string());
    vault.index("application birth date", &[&number, day.as_bytes()])
}
