//! Whether what somebody shows is the person's own, and using it up.

use std::sync::Arc;

use base::clock::Millis;
use base::id::{OrgId, StaffId};
use db::{DbError, Tx};

use super::{
    Assertion, Challenge, Expected, PasskeyRefusal, PublicKey, RecoveryCode, RelyingParty, TypedCode,
};
use crate::session::SessionKey;
use crate::sign_in::SignInError;
use crate::store::{factors, sessions};
use crate::{Accounts, TypedPassword};

/// What somebody shows besides the password.
#[derive(Clone)]
pub(crate) enum Shown {
    /// A one-time code or a recovery code, as typed.
    Code(String),
    /// A passkey, in answer to the question that this browser was asked last.
    Passkey {
        answer: Assertion,
        party: RelyingParty,
        asker: SessionKey,
    },
}

/// Something that fits. It lets nobody in before it was used up.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Proof {
    /// The code of this step of the device.
    Totp { device: i64, step: i64 },
    /// The recovery code with this number.
    Recovery { number: i64 },
    /// The passkey, with its counter before and after.
    Passkey { id: i64, counts: (i64, i64) },
}

impl Proof {
    /// Uses it up. Says whether it was still good.
    pub(crate) async fn use_up(
        self,
        tx: &mut Tx,
        whose: (OrgId, StaffId),
        now: Millis,
    ) -> Result<bool, DbError> {
        match self {
            Self::Totp { device, step } => factors::take_totp_step(tx, whose, device, step, now).await,
            Self::Recovery { number } => factors::use_code(tx, whose, number, now).await,
            Self::Passkey { id, counts } => factors::count_passkey(tx, whose, id, counts, now).await,
        }
    }
}

/// Whose passkey was shown, and the proof.
pub(crate) struct PasskeyProof {
    pub(crate) org: OrgId,
    pub(crate) staff: StaffId,
    pub(crate) proof: Proof,
}

impl Accounts {
    /// Whether `shown` is this person's. `None`: it is not, or it was shown before.
    pub(crate) async fn prove(
        &self,
        org: OrgId,
        staff: StaffId,
        shown: Shown,
    ) -> Result<Option<Proof>, SignInError> {
        match shown {
            Shown::Code(text) => self.prove_code(org, staff, &text).await,
            Shown::Passkey { answer, party, asker } => {
                // A password or a session came first: touching the device is enough.
                let found = self.prove_passkey(&answer, &party, &asker, false).await?;
                let own = found.filter(|found| (found.org, found.staff) == (org, staff));
                Ok(own.map(|found| found.proof))
            }
        }
    }

    async fn prove_code(&self, org: OrgId, staff: StaffId, text: &str) -> Result<Option<Proof>, SignInError> {
        if let Some(code) = TypedCode::parse(text) {
            let devices = factors::totp_secrets(&self.db, org, staff).await?;
            let now = self.db.now();
            let fitting = devices.into_iter().find_map(|(device, secret, last)| {
                let step = secret.step_of(&code, now, last)?;
                Some(Proof::Totp { device, step })
            });
            return Ok(fitting);
        }
        let Some(code) = RecoveryCode::parse(text) else {
            return Ok(None);
        };
        let turn = self.hashing.turn().await.ok_or(SignInError::Busy)?;
        let number = code.number();
        let hash = factors::code_hash(&self.db, org, staff, number).await?;
        let fits = turn.fits(TypedPassword::new(code.letters()), hash).await;
        Ok(fits.then_some(Proof::Recovery { number }))
    }

    /// Whose passkey this is, if everything about the answer is right. `verified`: the device must have checked
    /// who holds it.
    pub(crate) async fn prove_passkey(
        &self,
        answer: &Assertion,
        party: &RelyingParty,
        asker: &SessionKey,
        verified: bool,
    ) -> Result<Option<PasskeyProof>, SignInError> {
        let (Some(challenge), Some(id)) = (self.answered(asker).await?, answer.id()) else {
            return Ok(None);
        };
        let Some(kept) = factors::passkey(&self.db, &id).await? else {
            return Ok(None);
        };
        // Who holds it alone must also be known by the handle that the device keeps.
        let handle_fits = match (answer.user_handle(), verified) {
            (None, required) => !required,
            (handle, _) => handle == kept.handle.as_deref(),
        };
        let expected = Expected {
            party,
            challenge: &challenge,
            verified,
        };
        let key = PublicKey::read(&kept.key).ok_or(PasskeyRefusal::Algorithm);
        match key.and_then(|key| answer.verify(&key, kept.count, &expected)) {
            Ok(count) if handle_fits => Ok(Some(PasskeyProof {
                org: kept.org,
                staff: kept.staff,
                proof: Proof::Passkey {
                    id: kept.id,
                    counts: (kept.count, count),
                },
            })),
            Ok(_) => Ok(None),
            Err(refusal) => {
                tracing::warn!(org = %kept.org, staff = %kept.staff, %refusal, "a passkey was refused");
                Ok(None)
            }
        }
    }

    /// Asks this browser's passkeys a new question.
    pub(crate) async fn ask_passkey(&self, asker: &SessionKey) -> Result<Challenge, DbError> {
        let (question, now) = (Arc::new((asker.clone(), Challenge::fresh())), self.db.now());
        let kept = Arc::clone(&question);
        let write = self.db.write(move |tx| {
            let kept = Arc::clone(&kept);
            Box::pin(async move { sessions::ask(tx, &kept.0, &kept.1, now).await })
        });
        write.await?;
        Ok(question.1.clone())
    }

    /// The question that this browser was asked; it is gone with this.
    pub(crate) async fn answered(&self, asker: &SessionKey) -> Result<Option<Challenge>, DbError> {
        let (asker, now) = (asker.clone(), self.db.now());
        let write = self.db.write(move |tx| {
            let asker = asker.clone();
            Box::pin(async move { sessions::answered(tx, &asker, now).await })
        });
        write.await
    }
}
