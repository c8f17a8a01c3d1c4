//! The first start: from no account to the first administrator.
//!
//! Whoever can read the console of the process may set it up: the page asks for a code that is shown only
//! there and lives only in memory. After the first account there is nothing left to set up, for anybody.

use std::sync::Arc;

use base::clock::Millis;
use base::id::{OfficeId, OrgId};
use db::{DbError, Tx};
use subtle::ConstantTimeEq;
use unicode_normalization::UnicodeNormalization;

use crate::arrival::Arrival;
use crate::code_letters::random_letters;
use crate::session::{Secret, Way};
use crate::store::{self, NewSession, NewStaff};
use crate::{AccountError, Accounts, Founding, Login, Name, OfficeTerms, Password, Role};

const CODE_LETTERS: usize = 12;
/// Of the first person, who has to be able to send a first test before anybody else is there.
pub(crate) const FIRST_ROLES: [Role; 4] = [
    Role::Administrator,
    Role::Sender,
    Role::Approver,
    Role::TemplateEditor,
];

/// A one-time code of 60 random bits: `ABCD-EFGH-JKLM`, without letters that look alike.
#[derive(Clone, PartialEq, Eq)]
pub struct SetupCode(String);

impl SetupCode {
    fn new() -> Self {
        Self(random_letters(CODE_LETTERS))
    }

    /// Whether this is what somebody typed, in constant time; case, width and separators do not matter.
    pub(crate) fn accepts(&self, typed: &str) -> bool {
        let letters = typed.nfkc().filter(char::is_ascii_alphanumeric);
        let typed: String = letters
            .take(CODE_LETTERS + 1)
            .map(|c| c.to_ascii_uppercase())
            .collect();
        self.0.as_bytes().ct_eq(typed.as_bytes()).into()
    }
}

/// As the console shows it: `ABCD-EFGH-JKLM`.
impl std::fmt::Display for SetupCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}-{}-{}", &self.0[..4], &self.0[4..8], &self.0[8..])
    }
}

impl std::fmt::Debug for SetupCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SetupCode(…)")
    }
}

/// What the set-up page asks for.
pub(crate) struct FirstStart {
    pub(crate) organisation: Name,
    /// Besides the head office, which is there already.
    pub(crate) offices: Vec<Name>,
    pub(crate) login: Login,
    pub(crate) name: Name,
    pub(crate) password: Password,
}

/// What holds in an organisation from its set-up on, as the process was told.
#[derive(Clone, Copy)]
pub(crate) struct Beginning {
    in_training: bool,
    second_factor: bool,
    founding: Option<Founding>,
}

impl Beginning {
    /// Whatever the process was told.
    pub(crate) fn in_training(self) -> Self {
        Self {
            in_training: true,
            ..self
        }
    }

    /// In the commit of the set-up.
    pub(crate) async fn apply(self, tx: &mut Tx, org: OrgId, now: Millis) -> Result<(), DbError> {
        if self.in_training {
            store::begin_in_training(tx, org).await?;
        }
        if let Some(found) = self.founding {
            found(tx, org, now).await?;
        }
        if self.second_factor {
            store::factors::require_second_factor(tx, org, true).await?;
        }
        Ok(())
    }
}

impl Accounts {
    /// How organisations begin here.
    pub(crate) fn beginning(&self) -> Beginning {
        Beginning {
            in_training: self.begins_in_training,
            second_factor: self.factors_from_the_start,
            founding: self.founding,
        }
    }

    /// If there is no account yet: opens the set-up page and gives its code, to be shown on the console.
    pub async fn offer_setup(&self) -> Result<Option<SetupCode>, DbError> {
        if self.has_account().await? {
            return Ok(None);
        }
        Ok(Some(self.setup_code.get_or_init(SetupCode::new).clone()))
    }

    /// Whether the set-up page is open in this process.
    pub(crate) async fn setup_is_open(&self) -> Result<bool, DbError> {
        Ok(self.setup_code.get().is_some() && !self.has_account().await?)
    }

    /// Whether `typed` is the code on this process's console.
    pub(crate) fn is_setup_code(&self, typed: &str) -> bool {
        self.setup_code.get().is_some_and(|code| code.accepts(typed))
    }

    /// Names the organisation, adds its offices and makes the first administrator, all or nothing; then
    /// signs that person in. What the process was told about second factors becomes the organisation's rule.
    pub(crate) async fn set_up(&self, first: FirstStart, arrival: Arrival) -> Result<Secret, AccountError> {
        let org = OrgId::FIRST;
        let password_hash = self.hash(first.password).await?;
        let vault = self.db.vault(org).await?;
        let (organisation, offices) = (first.organisation, first.offices);
        let new = NewStaff {
            office: OfficeId::HEADQUARTERS,
            login: first.login,
            name: first.name,
            roles: FIRST_ROLES.into(),
            password_hash,
        };
        let made = Arc::new((organisation, offices, new));
        let (secret, csrf, now) = (Secret::new(), Secret::new(), self.db.now());
        let (key, beginning) = (secret.key(), self.beginning());
        let write = self.db.write(move |tx| {
            let (vault, made) = (Arc::clone(&vault), Arc::clone(&made));
            let (key, csrf) = (key.clone(), csrf.clone());
            Box::pin(async move {
                let (organisation, offices, new) = &*made;
                // Taking the number first makes two set-ups at the same moment wait for each other.
                let id = store::take_staff_number(tx).await?;
                if store::account_count_now(tx).await? > 0 {
                    return Ok(Err(AccountError::AlreadySetUp));
                }
                store::name_org(tx, org, organisation).await?;
                for office in offices {
                    store::offices::add(tx, org, office, OfficeTerms::HEALTH_CENTRE, now).await?;
                }
                store::add_staff(tx, org, &vault, id, new, now).await?;
                beginning.apply(tx, org, now).await?;
                let session = NewSession {
                    org,
                    staff: id,
                    key,
                    csrf,
                    way: Way::Password,
                    arrival,
                };
                store::begin_session(tx, &vault, &session, now).await?;
                Ok(Ok(()))
            })
        });
        write.await??;
        tracing::info!(%org, "set up");
        Ok(secret)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_accepted_however_it_is_typed_and_no_other() {
        let code = SetupCode("ABCDEFGHJKLM".to_owned());
        assert_eq!(code.to_string(), "ABCD-EFGH-JKLM");
        for typed in ["ABCD-EFGH-JKLM", "abcdefghjklm", " ＡＢＣＤ　efgh－jklm "] {
            assert!(code.accepts(typed), "{typed}");
        }
        for typed in ["", "ABCD-EFGH-JKL", "ABCD-EFGH-JKLMN", "ABCD-EFGH-JKLN"] {
            assert!(!code.accepts(typed), "{typed}");
        }
        assert_ne!(SetupCode::new(), SetupCode::new());
    }
}
