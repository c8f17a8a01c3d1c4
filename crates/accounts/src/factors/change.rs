//! A person's own devices and codes: added, taken away, made anew. Each change ends the person's other sessions.

use std::sync::Arc;

use base::id::{OrgId, StaffId};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use db::DbError;
use thiserror::Error;

use super::{Expected, Factors, RecoveryCode, Registration, RelyingParty, TotpSecret, TypedCode};
use crate::audit::{self, Entry};
use crate::audit_actions::{ADD_FACTOR, MAKE_CODES, REMOVE_FACTOR, REQUIRE_FACTORS};
use crate::limits::{PASSKEYS, TOTP_DEVICES};
use crate::store::{factors, sessions};
use crate::{Accounts, LoginSession, Name};

/// Why a device was not added or taken away.
#[derive(Debug, Error)]
pub(crate) enum FactorError {
    #[error(
        "コードが違います。端末に表示されている6桁の数字を、変わる前に入力してください。合っているのに違うと表示されるときは、端末の時刻を確かめてください。"
    )]
    WrongCode,
    #[error("登録できるのは{0}台までです。使っていないものを外してから、もう一度登録してください。")]
    TooMany(usize),
    #[error("パスキーを登録できませんでした。もう一度「この端末のパスキーを登録する」を押してください。")]
    NotTaken,
    #[error("組織の決まりで、2つ目の確認方法が1つは必要です。先に新しいものを登録してから、外してください。")]
    LastOne,
    #[error("先に、認証アプリ・トークン・パスキーのどれかを登録してください。")]
    NoDevice,
    #[error("ただいま混み合っています。数秒待ってから、もう一度お試しください。")]
    Busy,
    #[error(transparent)]
    Db(#[from] DbError),
}

/// Which device.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum DeviceKind {
    Totp,
    Passkey,
}

impl DeviceKind {
    const fn code(self) -> &'static str {
        match self {
            Self::Totp => "totp",
            Self::Passkey => "passkey",
        }
    }
}

impl Accounts {
    /// Everything that a person has besides the password.
    pub async fn factors(&self, org: OrgId, staff: StaffId) -> Result<Factors, DbError> {
        factors::factors_of(&self.db, org, staff).await
    }

    /// Adds a device with one-time codes, if `code` shows that it works.
    pub(crate) async fn add_totp(
        &self,
        session: &LoginSession,
        name: Name,
        secret: TotpSecret,
        code: &TypedCode,
    ) -> Result<(), FactorError> {
        let now = self.db.now();
        let step = secret.step_of(code, now, 0).ok_or(FactorError::WrongCode)?;
        let (org, staff, key) = (session.staff.org, session.staff.id, session.key.clone());
        let entry = Entry::of(ADD_FACTOR).by(&session.staff).with("totp");
        let (vault, new) = (self.db.vault(org).await?, Arc::new((name, secret, entry)));
        let write = self.db.write(move |tx| {
            let (vault, new, key) = (Arc::clone(&vault), Arc::clone(&new), key.clone());
            Box::pin(async move {
                if factors::device_count(tx, org, staff).await?.0 >= TOTP_DEVICES {
                    return Ok(Err(FactorError::TooMany(TOTP_DEVICES)));
                }
                let (name, secret, entry) = &*new;
                audit::record(tx, org, &vault, entry, now).await?;
                // The code that showed it is used up with it.
                factors::add_totp(tx, &vault, (org, staff), (name, secret), step, now).await?;
                sessions::end_others_of(tx, org, staff, &key).await?;
                Ok(Ok(()))
            })
        });
        write.await??;
        tracing::info!(%org, %staff, "a device with one-time codes was added");
        Ok(())
    }

    /// What devices know the person by: made when the first passkey is.
    pub(crate) async fn passkey_handle(&self, org: OrgId, staff: StaffId) -> Result<String, DbError> {
        if let Some(handle) = factors::handle(&self.db, org, staff).await? {
            return Ok(handle);
        }
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes).expect("the operating system gives random bytes");
        let fresh = BASE64.encode(bytes);
        let write = self.db.write(move |tx| {
            let fresh = fresh.clone();
            Box::pin(async move { factors::handle_or(tx, org, staff, &fresh).await })
        });
        write.await
    }

    /// Adds a passkey, if everything about it is right.
    pub(crate) async fn add_passkey(
        &self,
        session: &LoginSession,
        name: Name,
        registration: &Registration,
        party: &RelyingParty,
    ) -> Result<(), FactorError> {
        let challenge = self.answered(&session.key).await?.ok_or(FactorError::NotTaken)?;
        let expected = Expected {
            party,
            challenge: &challenge,
            verified: false,
        };
        let new = registration.verify(&expected).map_err(|refusal| {
            tracing::warn!(staff = %session.staff.id, %refusal, "a new passkey was refused");
            FactorError::NotTaken
        })?;
        let (org, staff, key) = (session.staff.org, session.staff.id, session.key.clone());
        let entry = Entry::of(ADD_FACTOR).by(&session.staff).with("passkey");
        let (vault, new) = (self.db.vault(org).await?, Arc::new((name, new, entry)));
        let now = self.db.now();
        let db = self.db.clone();
        let write = self.db.write(move |tx| {
            let (db, vault) = (db.clone(), Arc::clone(&vault));
            let (new, key) = (Arc::clone(&new), key.clone());
            Box::pin(async move {
                if factors::device_count(tx, org, staff).await?.1 >= PASSKEYS {
                    return Ok(Err(FactorError::TooMany(PASSKEYS)));
                }
                let (name, new, entry) = &*new;
                if !factors::add_passkey(tx, (&db, &vault), (org, staff), (name, new), now).await? {
                    return Ok(Err(FactorError::NotTaken));
                }
                audit::record(tx, org, &vault, entry, now).await?;
                sessions::end_others_of(tx, org, staff, &key).await?;
                Ok(Ok(()))
            })
        });
        write.await??;
        tracing::info!(%org, %staff, "a passkey was added");
        Ok(())
    }

    /// Takes one of the person's own devices away. Says whether there was one.
    pub(crate) async fn remove_device(
        &self,
        session: &LoginSession,
        kind: DeviceKind,
        id: i64,
    ) -> Result<bool, FactorError> {
        let (org, staff, key) = (session.staff.org, session.staff.id, session.key.clone());
        let required = factors::second_factor_required(&self.db, org).await?;
        let (vault, now) = (self.db.vault(org).await?, self.db.now());
        let entry = Entry::of(REMOVE_FACTOR).by(&session.staff).with(kind.code());
        let write = self.db.write(move |tx| {
            let (vault, key, entry) = (Arc::clone(&vault), key.clone(), entry.clone());
            Box::pin(async move {
                let (totp, passkeys) = factors::device_count(tx, org, staff).await?;
                if required && totp + passkeys <= 1 {
                    return Ok(Err(FactorError::LastOne));
                }
                let removed = match kind {
                    DeviceKind::Totp => factors::remove_totp(tx, org, staff, id).await?,
                    DeviceKind::Passkey => factors::remove_passkey(tx, org, staff, id).await?,
                };
                if removed {
                    audit::record(tx, org, &vault, &entry, now).await?;
                    if totp + passkeys <= 1 {
                        factors::forget_codes(tx, org, staff).await?;
                    }
                    sessions::end_others_of(tx, org, staff, &key).await?;
                }
                Ok(Ok(removed))
            })
        });
        write.await?
    }

    /// Makes ten new recovery codes; former ones open nothing any more. This is the only time they are seen.
    pub(crate) async fn make_codes(&self, session: &LoginSession) -> Result<Vec<RecoveryCode>, FactorError> {
        let (org, staff, key) = (session.staff.org, session.staff.id, session.key.clone());
        if !self.factors(org, staff).await?.any() {
            return Err(FactorError::NoDevice);
        }
        let codes = RecoveryCode::fresh();
        let turn = self.hashing.turn().await.ok_or(FactorError::Busy)?;
        let letters = codes.iter().map(|code| code.letters().to_owned()).collect();
        let hashes = Arc::new(turn.hash_each(letters).await);
        let (vault, now) = (self.db.vault(org).await?, self.db.now());
        let entry = Entry::of(MAKE_CODES).by(&session.staff);
        let write = self.db.write(move |tx| {
            let (vault, hashes) = (Arc::clone(&vault), Arc::clone(&hashes));
            let (key, entry) = (key.clone(), entry.clone());
            Box::pin(async move {
                audit::record(tx, org, &vault, &entry, now).await?;
                factors::set_codes(tx, &vault, (org, staff), &hashes, now).await?;
                sessions::end_others_of(tx, org, staff, &key).await
            })
        });
        write.await?;
        tracing::info!(%org, %staff, "recovery codes were made");
        Ok(codes)
    }

    /// Whether the organisation's people must have a second factor.
    pub async fn second_factor_required(&self, org: OrgId) -> Result<bool, DbError> {
        factors::second_factor_required(&self.db, org).await
    }

    /// How many of the organisation's people would have to set one up.
    pub(crate) async fn without_second_factor(&self, org: OrgId) -> Result<i64, DbError> {
        factors::people_without_device(&self.db, org).await
    }

    /// The same as [`Accounts::require_second_factor`] by the page: the guard keeps who did.
    pub(crate) async fn switch_second_factor(&self, org: OrgId, required: bool) -> Result<(), DbError> {
        audit::note(if required {
            "必須にした"
        } else {
            "任意にした"
        });
        let write = self.db.write(move |tx| {
            Box::pin(async move { factors::require_second_factor(tx, org, required).await })
        });
        write.await
    }

    /// Says whether the organisation's people must have a second factor. Whoever has none is led to set one up
    /// with the next request.
    pub async fn require_second_factor(&self, org: OrgId, required: bool) -> Result<(), DbError> {
        let (vault, now) = (self.db.vault(org).await?, self.db.now());
        let write = self.db.write(move |tx| {
            let vault = Arc::clone(&vault);
            Box::pin(async move {
                let entry = Entry::of(REQUIRE_FACTORS).with(if required { "on" } else { "off" });
                audit::record(tx, org, &vault, &entry, now).await?;
                factors::require_second_factor(tx, org, required).await
            })
        });
        write.await
    }
}
