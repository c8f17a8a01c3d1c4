//! What the command line, the set-up page and the demo do: organisations, offices, accounts.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use base::id::{OfficeId, OrgId, StaffId};
use base::org::Roles;
use db::{DbError, Tx};
use thiserror::Error;

use crate::store::{self, NewStaff};
use crate::throttle::Subject;
use crate::{Accounts, Login, Name, Office, Password, Staff};

/// Why an account or office was not made or changed.
#[derive(Debug, Error)]
pub enum AccountError {
    /// Somebody has this login name, here or in another organisation.
    #[error("このログインIDはすでに使われています。別のログインIDにしてください。")]
    LoginTaken,
    /// The organisation has no such office.
    #[error("指定された部署がありません。部署の番号を確かめてください。")]
    NoSuchOffice,
    /// Nobody has this login name.
    #[error("このログインIDのアカウントはありません。綴りを確かめてください。")]
    NoSuchAccount,
    /// There is an account already, so nothing is set up any more.
    #[error("初期設定はすでに済んでいます。ログインしてください。")]
    AlreadySetUp,
    /// Too many passwords are being worked on.
    #[error("ただいま混み合っています。数秒待ってから、もう一度お試しください。")]
    Busy,
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl Accounts {
    /// Makes an account. The login name is unique within the installation.
    pub async fn add_account(
        &self,
        org: OrgId,
        office: OfficeId,
        login: Login,
        name: Name,
        roles: impl Into<Roles>,
        password: Password,
    ) -> Result<StaffId, AccountError> {
        let password_hash = self.hash(password).await?;
        let vault = self.db.vault(org).await?;
        let new = Arc::new(NewStaff {
            office,
            login,
            name,
            roles: roles.into(),
            password_hash,
        });
        let now = self.db.now();
        let write = self.db.write(move |tx| {
            let (vault, new) = (Arc::clone(&vault), Arc::clone(&new));
            Box::pin(async move {
                let id = store::take_staff_number(tx).await?;
                if store::login_taken(tx, &new.login).await? {
                    return Ok(Err(AccountError::LoginTaken));
                }
                if !store::office_exists(tx, org, new.office).await? {
                    return Ok(Err(AccountError::NoSuchOffice));
                }
                store::add_staff(tx, org, &vault, id, &new, now).await?;
                Ok(Ok(id))
            })
        });
        write.await?
    }

    /// Gives an account a new password: all its sessions end, and a locked login name is open again. Second
    /// factors stay as they are: whoever gives the password cannot sign in with it.
    pub async fn set_password(&self, login: &Login, password: Password) -> Result<StaffId, AccountError> {
        let account = store::credentials(&self.db, login)
            .await?
            .ok_or(AccountError::NoSuchAccount)?;
        let (org, staff) = (account.org, account.staff);
        let hash = Arc::new(self.hash(password).await?);
        let vault = self.db.vault(org).await?;
        let subjects = Arc::new([
            Subject::account(&self.db, login.as_str()),
            Subject::confirm(&self.db, org, staff),
        ]);
        let write = self.db.write(move |tx| {
            let (vault, hash, subjects) = (Arc::clone(&vault), Arc::clone(&hash), Arc::clone(&subjects));
            Box::pin(async move {
                store::set_password(tx, org, &vault, staff, &hash).await?;
                end_all(tx, org, staff).await?;
                for subject in &*subjects {
                    store::take_back_failure(tx, subject).await?;
                }
                Ok(())
            })
        });
        write.await?;
        Ok(staff)
    }

    /// Ends every session of a person, at once and on every node.
    pub async fn end_sessions_of(&self, org: OrgId, staff: StaffId) -> Result<(), DbError> {
        let write = self
            .db
            .write(move |tx| Box::pin(async move { end_all(tx, org, staff).await }));
        write.await
    }

    pub(crate) async fn hash(&self, password: Password) -> Result<String, AccountError> {
        let turn = self.hashing.turn().await.ok_or(AccountError::Busy)?;
        Ok(turn.hash(password).await)
    }

    /// How many accounts there are in the installation, disabled ones included.
    pub async fn count_accounts(&self) -> Result<i64, DbError> {
        store::account_count(&self.db).await
    }

    /// Whether anybody could sign in; asked of the database only until the first account.
    pub(crate) async fn has_account(&self) -> Result<bool, DbError> {
        if self.has_account.load(Ordering::Relaxed) {
            return Ok(true);
        }
        let found = store::has_account(&self.db).await?;
        self.has_account.fetch_or(found, Ordering::Relaxed);
        Ok(found)
    }

    /// The people behind `ids`, to say who did something. Unknown ids and other organisations' are left out.
    pub async fn staff_by_ids(
        &self,
        org: OrgId,
        ids: &[StaffId],
    ) -> Result<HashMap<StaffId, Staff>, DbError> {
        store::staff_by_ids(&self.db, org, ids).await
    }

    /// The person behind `id`.
    pub async fn staff_by_id(&self, org: OrgId, id: StaffId) -> Result<Option<Staff>, DbError> {
        Ok(self.staff_by_ids(org, &[id]).await?.remove(&id))
    }

    /// The organisation's name.
    pub async fn organisation_name(&self, org: OrgId) -> Result<Name, DbError> {
        store::org_name(&self.db, org).await
    }

    /// Whether there is such an organisation.
    pub async fn organisation_exists(&self, org: OrgId) -> Result<bool, DbError> {
        store::org_exists(&self.db, org).await
    }

    /// Renames the organisation.
    pub async fn set_organisation_name(&self, org: OrgId, name: Name) -> Result<(), DbError> {
        let write = self.db.write(move |tx| {
            let name = name.clone();
            Box::pin(async move { store::name_org(tx, org, &name).await })
        });
        write.await
    }

    /// The organisation's offices in the order in which they were made; the head office is the first.
    pub async fn offices(&self, org: OrgId) -> Result<Vec<Office>, DbError> {
        store::offices(&self.db, org).await
    }

    /// Adds an office.
    pub async fn add_office(&self, org: OrgId, name: Name) -> Result<OfficeId, DbError> {
        let now = self.db.now();
        let write = self.db.write(move |tx| {
            let name = name.clone();
            Box::pin(async move { store::add_office(tx, org, &name, now).await })
        });
        write.await
    }
}

/// Sessions, and second steps that are on their way to one.
async fn end_all(tx: &mut Tx, org: OrgId, staff: StaffId) -> Result<(), DbError> {
    store::sessions::end_steps_of(tx, org, staff).await?;
    store::end_sessions_of(tx, org, staff).await
}
