//! Signing in and out.

use std::sync::Arc;

use base::clock::Millis;
use db::DbError;
use thiserror::Error;

use crate::limits::{ACCOUNT_LOCK_FAILURES, SESSION_NOTE_EVERY};
use crate::session::{LoginSession, Secret, SessionKey};
use crate::store::{self, Credentials};
use crate::throttle::{Closed, SourceAddress, Subject};
use crate::{Accounts, Login, TypedPassword};

/// Why somebody was not signed in. The words never tell whether the login name exists.
#[derive(Debug, Error)]
pub(crate) enum SignInError {
    /// No such account, another password, or an account that was disabled.
    #[error(
        "ログインIDまたはパスワードが違います。大文字・小文字と全角・半角を確かめて、もう一度入力してください。"
    )]
    Wrong,
    /// Too many failures; in so many seconds the next attempt is open.
    #[error(
        "ログインの失敗が続いたため、受付を一時的に止めています。あと{}待ってから、もう一度入力してください。",
        web::time::duration(*.0)
    )]
    Wait(u64),
    /// So many failures in a row that only a new password helps.
    #[error(
        "ログインの失敗が{ACCOUNT_LOCK_FAILURES}回続いたため、このログインIDを止めています。組織の管理者に、パスワードの再設定を頼んでください。"
    )]
    Locked,
    /// Too many people sign in at this moment.
    #[error("ログインが混み合っています。数秒待ってから、もう一度入力してください。")]
    Busy,
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl Accounts {
    /// Signs in: a new session in place of `old`, with a new secret for the browser.
    ///
    /// An unknown name, a wrong password and a disabled account give the same answer after the same work.
    pub(crate) async fn sign_in(
        &self,
        login: &str,
        password: TypedPassword,
        source: SourceAddress,
        old: Option<Secret>,
    ) -> Result<Secret, SignInError> {
        let subjects = Arc::new([
            Subject::account(&self.db, login),
            Subject::source(&self.db, source),
        ]);
        self.look_whether_open(&subjects).await?;
        let turn = self.hashing.turn().await.ok_or(SignInError::Busy)?;
        self.count_attempt(&subjects).await?;
        let account = match Login::parse(login) {
            Ok(login) => store::credentials(&self.db, &login).await?,
            Err(_) => None,
        };
        let hash = account.as_ref().map(|account| account.password_hash.clone());
        let fits = turn.fits(password, hash).await;
        match account {
            Some(account) if fits => Ok(self.begin_session(&account, subjects, old).await?),
            _ => Err(SignInError::Wrong),
        }
    }

    /// A closed subject is told so before it takes anybody's turn at the hash.
    async fn look_whether_open(&self, subjects: &[Subject; 2]) -> Result<(), SignInError> {
        let now = self.db.now();
        let mut closed = None;
        for subject in subjects {
            let bucket = store::bucket(&self.db, subject).await?;
            closed = closed.max(bucket.and_then(|bucket| bucket.closed(now)));
        }
        refuse(closed, now)
    }

    /// Counts the attempt as a failure of each subject, unless one is closed by now.
    async fn count_attempt(&self, subjects: &Arc<[Subject; 2]>) -> Result<(), SignInError> {
        let (subjects, now) = (Arc::clone(subjects), self.db.now());
        let closed = self.db.write(move |tx| {
            let subjects = Arc::clone(&subjects);
            Box::pin(async move {
                let mut closed = None;
                let mut counted = Vec::with_capacity(subjects.len());
                for subject in &*subjects {
                    let bucket = store::hold_bucket(tx, subject, now).await?;
                    closed = closed.max(bucket.closed(now));
                    counted.push((subject, bucket.after_failure(subject, now)));
                }
                if closed.is_none() {
                    for (subject, bucket) in counted {
                        store::set_bucket(tx, subject, bucket).await?;
                    }
                }
                Ok(closed)
            })
        });
        refuse(closed.await?, now)
    }

    /// Takes the counted failures back and begins the session, all in one commit.
    async fn begin_session(
        &self,
        account: &Credentials,
        subjects: Arc<[Subject; 2]>,
        old: Option<Secret>,
    ) -> Result<Secret, DbError> {
        let (secret, csrf) = (Secret::new(), Secret::new());
        let (org, staff, key) = (account.org, account.staff, secret.key());
        let old = old.map(|secret| secret.key());
        let now = self.db.now();
        let write = self.db.write(move |tx| {
            let (subjects, key, csrf, old) = (Arc::clone(&subjects), key.clone(), csrf.clone(), old.clone());
            Box::pin(async move {
                for subject in &*subjects {
                    store::take_back_failure(tx, subject).await?;
                }
                store::sweep_buckets(tx, now).await?;
                if let Some(old) = old {
                    store::end_session(tx, &old).await?;
                }
                store::begin_session(tx, org, staff, (&key, &csrf), now).await
            })
        });
        write.await?;
        tracing::info!(%org, %staff, "signed in");
        Ok(secret)
    }

    /// The live session behind a cookie. Notes its use at most once a minute.
    pub(crate) async fn session(&self, secret: &Secret) -> Result<Option<LoginSession>, DbError> {
        let now = self.db.now();
        let Some((session, seen_at)) = store::session(&self.db, secret.key(), now).await? else {
            return Ok(None);
        };
        if now - seen_at >= SESSION_NOTE_EVERY {
            let key = session.key.clone();
            let write = self.db.write(move |tx| {
                let key = key.clone();
                Box::pin(async move { store::note_seen(tx, &key, now).await })
            });
            write.await?;
        }
        Ok(Some(session))
    }

    /// Ends a session on every node at once.
    pub(crate) async fn sign_out(&self, session: &LoginSession) -> Result<(), DbError> {
        let key: SessionKey = session.key.clone();
        let write = self.db.write(move |tx| {
            let key = key.clone();
            Box::pin(async move { store::end_session(tx, &key).await })
        });
        write.await?;
        tracing::info!(org = %session.staff.org, staff = %session.staff.id, "signed out");
        Ok(())
    }
}

fn refuse(closed: Option<Closed>, now: Millis) -> Result<(), SignInError> {
    let Some(closed) = closed else {
        return Ok(());
    };
    Err(closed.seconds(now).map_or(SignInError::Locked, SignInError::Wait))
}
