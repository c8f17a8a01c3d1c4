//! An account belongs to one person of the provider.
//!
//! The claim that finds the account may pass to somebody else: names and mail addresses are given out again. The
//! provider's own number for a person (`sub`) is not. So the first sign-in binds the account to issuer and `sub`;
//! afterwards somebody else with the same login is refused, until an administrator takes the binding away.

use std::fmt;
use std::sync::Arc;

use base::clock::Millis;
use base::id::{OrgId, StaffId};
use db::DbError;

use super::Trouble;
use crate::Accounts;
use crate::audit::{self, Entry};
use crate::audit_actions::PIN_IDENTITY;
use crate::store::pins;

/// A person as the provider knows them.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Vouched {
    pub(crate) issuer: String,
    pub(crate) subject: String,
}

impl fmt::Debug for Vouched {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Vouched(…)")
    }
}

/// That an account is bound to a person of the provider.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct IdentityPin {
    /// Whose person.
    pub issuer: String,
    /// Since when.
    pub pinned_at: Millis,
}

impl Accounts {
    /// Whether, and since when, the account is bound to a person of the provider.
    pub async fn identity_pin(&self, org: OrgId, staff: StaffId) -> Result<Option<IdentityPin>, DbError> {
        pins::pin(&self.db, org, staff).await
    }

    /// Lets the next person whom the provider vouches for be this account's.
    pub async fn unpin_identity(&self, org: OrgId, staff: StaffId) -> Result<(), DbError> {
        let write = self
            .db
            .write(move |tx| Box::pin(async move { pins::remove(tx, org, staff).await.map(drop) }));
        write.await
    }

    /// Binds an account that is bound to nobody, and refuses everybody but the person whom it is bound to.
    pub(super) async fn hold_to_pin(&self, org: OrgId, staff: StaffId, who: Vouched) -> Result<(), Trouble> {
        let account = (org, staff);
        let mut fits = pins::fits(&self.db, account, &who).await?;
        if fits.is_none() {
            let (vault, now) = (self.db.vault(org).await?, self.db.now());
            let new = Arc::new((
                Entry::of(PIN_IDENTITY).of_staff(staff).with(&*who.issuer),
                who.clone(),
            ));
            let write = self.db.write(move |tx| {
                let (vault, new) = (Arc::clone(&vault), Arc::clone(&new));
                Box::pin(async move {
                    if pins::set(tx, account, &vault, &new.1, now).await? {
                        audit::record(tx, org, &vault, &new.0, now).await?;
                    }
                    Ok(())
                })
            });
            write.await?;
            // Somebody else may have been the first at this very moment.
            fits = pins::fits(&self.db, account, &who).await?;
        }
        match fits {
            Some(true) => Ok(()),
            _ => Err(Trouble::SomebodyElse(staff)),
        }
    }
}
