//! Somebody lost every factor: an administrator asks, another one confirms, and the factors are gone. The
//! password stays as it is, and a new password leaves the factors as they are (ASVS 6.4.3, 6.4.4): nobody gets
//! in with help from one person alone.

use std::sync::Arc;

use base::id::{OrgId, StaffId};
use db::{DbError, Tx};
use thiserror::Error;

use super::FactorReset;
use crate::audit::{self, Entry};
use crate::audit_actions::RESET_FACTORS;
use crate::limits::{REASON_CHARACTERS, RESET_FOR};
use crate::store::{self, factors, resets, sessions};
use crate::throttle::Subject;
use crate::{AccountError, Accounts, Login, Staff};

/// Why factors were not reset.
#[derive(Debug, Error)]
pub enum ResetError {
    /// The person whose factors they are neither asks nor confirms.
    #[error("自分の確認方法はリセットできません。マイページで変えるか、ほかの管理者に頼んでください。")]
    Oneself,
    /// The reason is missing or too long.
    #[error("理由を{REASON_CHARACTERS}文字以内で入力してください。")]
    Reason,
    /// Somebody asked already, and it waits to be confirmed.
    #[error("すでにリセットが申請されています。別の管理者の確認を待っています。")]
    Waiting,
    /// There is nothing to confirm, or whoever asked tries to confirm it.
    #[error("確認できる申請がありません。申請した人とは別の管理者が、3日以内に確認してください。")]
    NothingToConfirm,
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl Accounts {
    /// The request that waits for a second administrator.
    pub async fn factor_reset(&self, org: OrgId, staff: StaffId) -> Result<Option<FactorReset>, DbError> {
        resets::reset(&self.db, org, staff, self.db.now() - RESET_FOR).await
    }

    /// An administrator asks for the factors of `staff` to be taken away.
    pub async fn ask_factor_reset(&self, by: &Staff, staff: StaffId, reason: &str) -> Result<(), ResetError> {
        let (org, asker, now) = (by.org, by.id, self.db.now());
        if asker == staff {
            return Err(ResetError::Oneself);
        }
        let reason = reason.trim().to_owned();
        if !(1..=REASON_CHARACTERS).contains(&reason.chars().count()) {
            return Err(ResetError::Reason);
        }
        let vault = self.db.vault(org).await?;
        let write = self.db.write(move |tx| {
            let (vault, reason) = (Arc::clone(&vault), reason.clone());
            Box::pin(async move {
                let since = now - RESET_FOR;
                resets::ask_reset(tx, &vault, (org, staff), (asker, &reason), (now, since)).await
            })
        });
        if write.await? {
            Ok(())
        } else {
            Err(ResetError::Waiting)
        }
    }

    /// Another administrator confirms: factors, recovery codes and sessions of `staff` are gone.
    pub async fn confirm_factor_reset(&self, by: &Staff, staff: StaffId) -> Result<(), ResetError> {
        let (org, second, since) = (by.org, by.id, self.db.now() - RESET_FOR);
        if second == staff {
            return Err(ResetError::Oneself);
        }
        let subject = Subject::confirm(&self.db, org, staff);
        let write = self.db.write(move |tx| {
            let subject = subject.clone();
            Box::pin(async move {
                let confirmed = resets::confirm_reset(tx, (org, staff), second, since).await?;
                if confirmed {
                    forget(tx, org, staff, &subject).await?;
                }
                Ok(confirmed)
            })
        });
        if !write.await? {
            return Err(ResetError::NothingToConfirm);
        }
        tracing::info!(%org, %staff, "factors were reset");
        Ok(())
    }

    /// An administrator takes the request back. Says whether there was one.
    pub async fn withdraw_factor_reset(&self, by: &Staff, staff: StaffId) -> Result<bool, DbError> {
        let org = by.org;
        let write = self
            .db
            .write(move |tx| Box::pin(async move { resets::withdraw_reset(tx, org, staff).await }));
        write.await
    }

    /// The same without a second person, by whoever sits at the server: for the day on which no two
    /// administrators can sign in.
    pub async fn reset_factors(&self, login: &Login) -> Result<StaffId, AccountError> {
        let account = store::credentials(&self.db, login)
            .await?
            .ok_or(AccountError::NoSuchAccount)?;
        let (org, staff) = (account.org, account.staff);
        let subject = Subject::confirm(&self.db, org, staff);
        let (vault, now) = (self.db.vault(org).await?, self.db.now());
        let write = self.db.write(move |tx| {
            let (vault, subject) = (Arc::clone(&vault), subject.clone());
            Box::pin(async move {
                let entry = Entry::of(RESET_FACTORS).about("staff", staff.get());
                audit::record(tx, org, &vault, &entry, now).await?;
                resets::withdraw_reset(tx, org, staff).await?;
                forget(tx, org, staff, &subject).await
            })
        });
        write.await?;
        Ok(staff)
    }
}

async fn forget(tx: &mut Tx, org: OrgId, staff: StaffId, subject: &Subject) -> Result<(), DbError> {
    factors::forget_factors(tx, org, staff).await?;
    store::end_sessions_of(tx, org, staff).await?;
    sessions::end_steps_of(tx, org, staff).await?;
    store::take_back_failure(tx, subject).await
}
