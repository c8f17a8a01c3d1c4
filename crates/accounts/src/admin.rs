//! What the command line, the set-up page and the demo do: accounts and the name of the organisation.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use base::clock::Millis;
use base::id::{OfficeId, OrgId, StaffId};
use base::org::Roles;
use db::{DbError, Tx};
use thiserror::Error;

use crate::store::{self, NewStaff};
use crate::throttle::Subject;
use crate::{Accounts, Login, Name, Password, Staff};

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
    /// Another office of the organisation has this name.
    #[error("同じ名前の部署がすでにあります。別の名前にしてください。")]
    OfficeNameTaken,
    /// There are people at the office who may come in.
    #[error(
        "この部署には、利用中か招待中の人、またはここに役割を持つ人が{0}人います。先にほかの部署へ移すか、停止してください。"
    )]
    OfficeHasPeople(i64),
    /// The head office is always there, and is nothing else.
    #[error("本庁は閉じたり、種類を変えたりできません。名前は変えられます。")]
    HeadOffice,
    /// The office is closed, or its contract is over.
    #[error(
        "この部署は閉じているか、委託契約の期間が終わっています。先に部署を開くか、契約の最終日を直してください。"
    )]
    OfficeNotOpen,
    /// Somebody has to administer the organisation.
    #[error("この人は、本庁でただ1人の管理者です。先に、ほかの人を本庁の管理者にしてください。")]
    LastAdministrator,
    /// The organisation is administered at the head office.
    #[error("管理者の役割は、本庁でだけ持てます。")]
    RoleOfHeadOffice,
    /// The link was used, is over, or never was.
    #[error("このリンクは使えません。組織の管理者に、新しいリンクを頼んでください。")]
    LinkOver,
    /// Another organisation has this name.
    #[error("同じ名前の組織がすでにあります。別の名前にしてください。")]
    OrganisationNameTaken,
    /// Another organisation is found by this word.
    #[error("この言葉は、ほかの組織で使われています。別の言葉を指定してください。")]
    WordTaken,
    /// Too many passwords are being worked on.
    #[error("ただいま混み合っています。数秒待ってから、もう一度お試しください。")]
    Busy,
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl Accounts {
    /// Who is signed in did not sit there through hours that the clock skipped: their sessions are so much younger.
    /// Does nothing on a clock that skips none, which is every clock but that of a played day.
    pub async fn skipped(&self, by: Millis) -> Result<(), DbError> {
        if !self.db.clock().skips() {
            return Ok(());
        }
        store::sessions::move_along(&self.db, by).await
    }

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
        self.decide(move |tx| {
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
        })
        .await
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

    /// Renames the organisation.
    pub async fn set_organisation_name(&self, org: OrgId, name: Name) -> Result<(), DbError> {
        let write = self.db.write(move |tx| {
            let name = name.clone();
            Box::pin(async move { store::name_org(tx, org, &name).await })
        });
        write.await
    }
}

/// Sessions, and second steps that are on their way to one.
async fn end_all(tx: &mut Tx, org: OrgId, staff: StaffId) -> Result<(), DbError> {
    store::sessions::end_steps_of(tx, org, staff).await?;
    store::end_sessions_of(tx, org, staff).await
}
