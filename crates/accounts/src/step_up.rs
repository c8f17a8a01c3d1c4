//! Step-up: before what matters most, a session must have proved lately who sits there.
//!
//! Any handler asks with one word, `session.fresh()?`, or takes [`Fresh`] in place of [`SignedIn`]. Whoever has
//! not proved it within five minutes is led to `/step-up` and back: to the page itself, or to the page whose form
//! it was; the form has done nothing meanwhile. The session goes on under a new secret.

use std::ops::Deref;
use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Redirect, Response};
use base::clock::Millis;
use db::DbError;
use web::PageError;

use crate::arrival::Arrival;
use crate::audit::{self, Entry};
use crate::audit_actions::{CHANGE_PASSWORD, CONFIRM};
use crate::factors::{Proof, Shown};
use crate::limits::{FRESH_FOR, FRESH_FOR_DEVICES};
use crate::local_path::LocalPath;
use crate::session::Secret;
use crate::sign_in::SignInError;
use crate::store::{self, sessions};
use crate::throttle::Subject;
use crate::{AccountError, Accounts, LoginSession, NotSignedIn, Password, SignedIn, TypedPassword};

/// The answer to somebody who has to prove again who it is: a page leads there and back, anything else is 403.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StepUp {
    back: Option<LocalPath>,
}

impl StepUp {
    fn address(&self) -> Option<String> {
        let back = self.back.as_ref()?;
        Some(format!("/step-up?next={}", back.in_query()))
    }
}

impl IntoResponse for StepUp {
    fn into_response(self) -> Response {
        match self.address() {
            Some(address) => Redirect::to(&address).into_response(),
            None => (StatusCode::FORBIDDEN, "もう一度、本人の確認をしてください。").into_response(),
        }
    }
}

/// So that a handler of pages can write `session.fresh()?`.
impl From<StepUp> for PageError {
    fn from(step_up: StepUp) -> Self {
        step_up.address().map_or(Self::Forbidden, Self::Elsewhere)
    }
}

impl LoginSession {
    /// Whether the person proved who it is within the last five minutes; if not, the way to do so.
    pub fn fresh(&self) -> Result<(), StepUp> {
        self.fresh_within(FRESH_FOR)
    }

    /// The same for the form of a new device, whose page asked for it when it was opened.
    pub(crate) fn fresh_for_devices(&self) -> Result<(), StepUp> {
        self.fresh_within(FRESH_FOR_DEVICES)
    }

    fn fresh_within(&self, limit: Millis) -> Result<(), StepUp> {
        if self.asked_at - self.confirmed_at < limit {
            return Ok(());
        }
        Err(StepUp {
            back: self.page.clone(),
        })
    }
}

/// A signed-in person who proved it within the last five minutes.
#[derive(Clone, Debug)]
pub struct Fresh(pub SignedIn);

impl Deref for Fresh {
    type Target = LoginSession;

    fn deref(&self) -> &LoginSession {
        &self.0
    }
}

impl<S: Sync> FromRequestParts<S> for Fresh {
    type Rejection = NotFresh;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, NotFresh> {
        let session = SignedIn::from_request_parts(parts, state)
            .await
            .map_err(NotFresh::Stranger)?;
        session.fresh().map_err(NotFresh::Stale)?;
        Ok(Self(session))
    }
}

/// Why [`Fresh`] was not given.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum NotFresh {
    /// Nobody is signed in.
    Stranger(NotSignedIn),
    /// It is too long ago.
    Stale(StepUp),
}

impl IntoResponse for NotFresh {
    fn into_response(self) -> Response {
        match self {
            Self::Stranger(stranger) => stranger.into_response(),
            Self::Stale(step_up) => step_up.into_response(),
        }
    }
}

/// What the person shows: the password if there is nothing else.
#[derive(Clone)]
pub(crate) enum Given {
    Password(TypedPassword),
    Factor(Shown),
}

impl Accounts {
    /// Proves again who sits there. The session gets a new secret; the old one opens nothing any more.
    pub(crate) async fn confirm(
        &self,
        session: &LoginSession,
        given: Given,
        arrival: Arrival,
    ) -> Result<Secret, SignInError> {
        let (org, staff) = (session.staff.org, session.staff.id);
        let subjects = self.confirm_subjects(session, arrival);
        self.look_whether_open(&subjects).await?;
        let proof = match self.judge(session, given, &subjects).await {
            Ok(proof) => proof,
            Err(refusal @ (SignInError::Wrong | SignInError::WrongFactor)) => {
                self.keep_refusal(CONFIRM, Some((org, staff)), arrival).await?;
                return Err(refusal);
            }
            Err(other) => return Err(other),
        };
        let (secret, now) = (Secret::new(), self.db.now());
        let (vault, entry) = (self.db.vault(org).await?, Entry::of(CONFIRM).by(&session.staff));
        let new = Arc::new((session.key.clone(), secret.key(), entry.from(arrival.source)));
        let write = self.db.write(move |tx| {
            let (vault, subjects, new) = (Arc::clone(&vault), Arc::clone(&subjects), Arc::clone(&new));
            Box::pin(async move {
                let (old, new, entry) = &*new;
                if let Some(proof) = proof
                    && !proof.use_up(tx, (org, staff), now).await?
                {
                    return Ok(false);
                }
                for subject in &*subjects {
                    store::take_back_failure(tx, subject).await?;
                }
                audit::record(tx, org, &vault, entry, now).await?;
                sessions::confirm(tx, old, new, now).await
            })
        });
        if !write.await? {
            return Err(SignInError::WrongFactor);
        }
        tracing::info!(%org, %staff, "confirmed");
        Ok(secret)
    }

    async fn judge(
        &self,
        session: &LoginSession,
        given: Given,
        subjects: &Arc<[Subject]>,
    ) -> Result<Option<Proof>, SignInError> {
        let (org, staff) = (session.staff.org, session.staff.id);
        match given {
            // Whoever has a factor shows it: the password alone may have been watched.
            Given::Password(_) if self.factors(org, staff).await?.any() => Err(SignInError::WrongFactor),
            Given::Password(password) => {
                self.check_password(session, password, subjects).await?;
                Ok(None)
            }
            Given::Factor(shown) => {
                self.count_attempt(subjects).await?;
                let proof = self.prove(org, staff, shown).await?;
                Ok(Some(proof.ok_or(SignInError::WrongFactor)?))
            }
        }
    }

    /// The person's own new password, by the old one. The other sessions end; this one gets a new secret.
    pub(crate) async fn change_password(
        &self,
        session: &LoginSession,
        old: TypedPassword,
        new: Password,
        arrival: Arrival,
    ) -> Result<Secret, SignInError> {
        let (org, staff) = (session.staff.org, session.staff.id);
        let subjects = self.confirm_subjects(session, arrival);
        self.look_whether_open(&subjects).await?;
        self.check_password(session, old, &subjects).await?;
        let hash = self.hash(new).await.map_err(|error| match error {
            AccountError::Db(error) => SignInError::Db(error),
            _ => SignInError::Busy,
        })?;
        let (secret, now) = (Secret::new(), self.db.now());
        let entry = Entry::of(CHANGE_PASSWORD).by(&session.staff).from(arrival.source);
        let keys = Arc::new((session.key.clone(), secret.key(), hash, entry));
        let vault = self.db.vault(org).await?;
        let write = self.db.write(move |tx| {
            let (vault, subjects, keys) = (Arc::clone(&vault), Arc::clone(&subjects), Arc::clone(&keys));
            Box::pin(async move {
                let (here, next, hash, entry) = &*keys;
                audit::record(tx, org, &vault, entry, now).await?;
                store::set_password(tx, org, &vault, staff, hash).await?;
                for subject in &*subjects {
                    store::take_back_failure(tx, subject).await?;
                }
                sessions::end_others_of(tx, org, staff, here).await?;
                sessions::confirm(tx, here, next, now).await.map(drop)
            })
        });
        write.await?;
        tracing::info!(%org, %staff, "changed the password");
        Ok(secret)
    }

    fn confirm_subjects(&self, session: &LoginSession, arrival: Arrival) -> Arc<[Subject]> {
        Arc::new([
            Subject::confirm(&self.db, session.staff.org, session.staff.id),
            Subject::source(&self.db, arrival.source),
        ])
    }

    /// Counts the attempt, and fails if this is not the person's password.
    async fn check_password(
        &self,
        session: &LoginSession,
        password: TypedPassword,
        subjects: &Arc<[Subject]>,
    ) -> Result<(), SignInError> {
        let turn = self.hashing.turn().await.ok_or(SignInError::Busy)?;
        self.count_attempt(subjects).await?;
        let account = store::credentials(&self.db, &session.staff.login).await?;
        let hash = account.map(|account| account.password_hash);
        if turn.fits(password, hash).await {
            Ok(())
        } else {
            Err(SignInError::Wrong)
        }
    }

    /// The person's sessions, the last used first.
    pub(crate) async fn own_sessions(
        &self,
        session: &LoginSession,
    ) -> Result<Vec<crate::session::OwnSession>, DbError> {
        let (org, staff, now) = (session.staff.org, session.staff.id, session.asked_at);
        sessions::sessions_of(&self.db, org, staff, &session.key, now).await
    }

    /// Ends one of the person's own sessions. Says whether there was one.
    pub(crate) async fn end_own(&self, session: &LoginSession, number: i64) -> Result<bool, DbError> {
        let (org, staff) = (session.staff.org, session.staff.id);
        let write = self
            .db
            .write(move |tx| Box::pin(async move { sessions::end_one_of(tx, org, staff, number).await }));
        write.await
    }

    /// Ends all of the person's sessions but this one.
    pub(crate) async fn end_others(&self, session: &LoginSession) -> Result<(), DbError> {
        let (org, staff, key) = (session.staff.org, session.staff.id, session.key.clone());
        let write = self.db.write(move |tx| {
            let key = key.clone();
            Box::pin(async move { sessions::end_others_of(tx, org, staff, &key).await })
        });
        write.await
    }
}
