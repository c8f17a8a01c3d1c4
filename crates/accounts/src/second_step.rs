//! After the password: the second step, and the passkey that stands for both.
//!
//! A right password of somebody who has a factor begins no session. It begins a *step*: a row and a cookie of
//! its own, good for ten minutes and for nothing but the page of the second step.

use std::sync::Arc;

use base::id::{OrgId, StaffId};
use db::DbError;

use crate::Accounts;
use crate::arrival::Arrival;
use crate::audit_actions::{SECOND_STEP, SIGN_IN};
use crate::factors::{Assertion, RelyingParty, Shown};
use crate::session::{Secret, SessionKey, Way};
use crate::sign_in::{Beginning, SignInError};
use crate::store::{self, factors, sessions};
use crate::throttle::Subject;

/// Whose second step is open.
#[derive(Clone, Debug)]
pub(crate) struct OpenStep {
    pub(crate) key: SessionKey,
    pub(crate) org: OrgId,
    pub(crate) staff: StaffId,
    /// The person's passkeys, for the browser to choose from.
    pub(crate) credentials: Vec<String>,
}

impl Accounts {
    /// The password was right: the counted failures are taken back and the step begins.
    pub(crate) async fn begin_step(
        &self,
        org: OrgId,
        staff: StaffId,
        subjects: Arc<[Subject]>,
    ) -> Result<Secret, DbError> {
        let (secret, now) = (Secret::new(), self.db.now());
        let key = secret.key();
        let write = self.db.write(move |tx| {
            let (subjects, key) = (Arc::clone(&subjects), key.clone());
            Box::pin(async move {
                for subject in &*subjects {
                    store::take_back_failure(tx, subject).await?;
                }
                sessions::begin_step(tx, org, staff, &key, now).await
            })
        });
        write.await?;
        Ok(secret)
    }

    /// The step behind a cookie, if it is still open.
    pub(crate) async fn open_step(&self, secret: &Secret) -> Result<Option<OpenStep>, DbError> {
        let key = secret.key();
        let Some((org, staff)) = sessions::step(&self.db, &key, self.db.now()).await? else {
            return Ok(None);
        };
        let credentials = factors::credentials_of(&self.db, org, staff).await?;
        Ok(Some(OpenStep {
            key,
            org,
            staff,
            credentials,
        }))
    }

    /// The second step: a new session in place of `old`, if what is shown is the person's own.
    pub(crate) async fn second_step(
        &self,
        step: OpenStep,
        shown: Shown,
        arrival: Arrival,
        old: Option<Secret>,
    ) -> Result<Secret, SignInError> {
        let (org, staff) = (step.org, step.staff);
        let subjects: Arc<[Subject]> = Arc::new([
            Subject::confirm(&self.db, org, staff),
            Subject::source(&self.db, arrival.source),
        ]);
        self.count_attempt(&subjects).await?;
        let Some(proof) = self.prove(org, staff, shown).await? else {
            self.keep_refusal(SECOND_STEP, Some((org, staff)), arrival)
                .await?;
            return Err(SignInError::WrongFactor);
        };
        let beginning = Beginning {
            org,
            staff,
            way: Way::SecondStep,
            arrival,
            proof: Some(proof),
            step: Some(step.key),
            old: old.map(|secret| secret.key()),
        };
        let secret = self.begin_session(beginning, subjects).await?;
        secret.ok_or(SignInError::WrongFactor)
    }

    /// A passkey alone: the device must have checked who holds it, so that it is two factors in one.
    pub(crate) async fn passkey_sign_in(
        &self,
        answer: &Assertion,
        party: &RelyingParty,
        asker: &SessionKey,
        arrival: Arrival,
        old: Option<Secret>,
    ) -> Result<Secret, SignInError> {
        let subjects: Arc<[Subject]> = Arc::new([Subject::source(&self.db, arrival.source)]);
        self.count_attempt(&subjects).await?;
        let found = self.prove_passkey(answer, party, asker, true).await?;
        let Some(found) = found else {
            self.keep_refusal(SIGN_IN, None, arrival).await?;
            return Err(SignInError::WrongPasskey);
        };
        let beginning = Beginning {
            org: found.org,
            staff: found.staff,
            way: Way::Passkey,
            arrival,
            proof: Some(found.proof),
            step: None,
            old: old.map(|secret| secret.key()),
        };
        let secret = self.begin_session(beginning, subjects).await?;
        secret.ok_or(SignInError::WrongPasskey)
    }
}
