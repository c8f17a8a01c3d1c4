//! Signing in and out.

use std::sync::Arc;

use base::clock::Millis;
use base::id::{OrgId, StaffId};
use db::DbError;
use thiserror::Error;

use crate::arrival::Arrival;
use crate::audit::{self, Action, Entry};
use crate::audit_actions::{SIGN_IN, SIGN_OUT};
use crate::factors::Proof;
use crate::limits::ACCOUNT_LOCK_FAILURES;
use crate::session::{LoginSession, Secret, SessionKey, Way};
use crate::store::{self, Credentials, NewSession, sessions};
use crate::throttle::{Closed, Subject};
use crate::{Accounts, Login, TypedPassword, office};

/// Why somebody was not signed in. The words never tell whether the login name exists.
#[derive(Debug, Error)]
pub(crate) enum SignInError {
    /// No such account, another password, or an account that was disabled.
    #[error(
        "ログインIDまたはパスワードが違います。大文字・小文字と全角・半角を確かめて、もう一度入力してください。"
    )]
    Wrong,
    /// A code or passkey that is not this person's, or was shown before.
    #[error(
        "確認できませんでした。認証アプリ・トークンの6桁のコードは、次のコードに変わるのを待って入力してください。回復コードは、1つにつき1回だけ使えます。"
    )]
    WrongFactor,
    /// A passkey that opens nothing here.
    #[error("パスキーを確認できませんでした。もう一度試すか、ログインIDとパスワードでログインしてください。")]
    WrongPasskey,
    /// The password was right; the contract that the person works under is over.
    #[error(
        "委託契約の期間（{0}まで）が終わったため、ログインできません。続けて使うときは、委託元の管理者に契約の最終日を直してもらってください。"
    )]
    ContractOver(String),
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

/// Where a right password leads.
#[derive(Debug)]
pub(crate) enum Entered {
    /// In.
    Session(Secret),
    /// To the second step.
    SecondStep(Secret),
}

/// Everything that a session begins with.
#[derive(Clone)]
pub(crate) struct Beginning {
    pub(crate) org: OrgId,
    pub(crate) staff: StaffId,
    pub(crate) way: Way,
    pub(crate) arrival: Arrival,
    /// Used up with it.
    pub(crate) proof: Option<Proof>,
    /// The second step that it comes from.
    pub(crate) step: Option<SessionKey>,
    /// The session that this browser had before.
    pub(crate) old: Option<SessionKey>,
}

impl Accounts {
    /// Signs in: a new session in place of `old`, with a new secret for the browser, or the second step to it.
    ///
    /// An unknown name, a wrong password and a disabled account give the same answer after the same work.
    pub(crate) async fn sign_in(
        &self,
        login: &str,
        password: TypedPassword,
        arrival: Arrival,
        old: Option<Secret>,
    ) -> Result<Entered, SignInError> {
        let subjects: Arc<[Subject]> = Arc::new([
            Subject::account(&self.db, login),
            Subject::source(&self.db, arrival.source),
        ]);
        self.look_whether_open(&subjects).await?;
        let turn = self.hashing.turn().await.ok_or(SignInError::Busy)?;
        self.count_attempt(&subjects).await?;
        let account = match Login::parse(login) {
            Ok(login) => store::credentials(&self.db, &login).await?,
            Err(_) => None,
        };
        let whose = account.as_ref().map(|account| (account.org, account.staff));
        // Whoever may not come from there is nobody here, whatever the password.
        let account = match account {
            Some(account) if self.admits(account.org, arrival.source).await? => Some(account),
            _ => None,
        };
        let hash = account.as_ref().map(|account| account.password_hash.clone());
        let fits = turn.fits(password, hash).await;
        let Some(account) = account.filter(|_| fits) else {
            self.keep_refusal(SIGN_IN, whose, arrival).await?;
            return Err(SignInError::Wrong);
        };
        if let Err(refusal) = account.within_contract(self.db.now()) {
            self.keep_refusal(SIGN_IN, whose, arrival).await?;
            return Err(refusal);
        }
        let (org, staff) = (account.org, account.staff);
        if self.factors(org, staff).await?.any() {
            return Ok(Entered::SecondStep(self.begin_step(org, staff, subjects).await?));
        }
        let beginning = Beginning {
            org,
            staff,
            way: Way::Password,
            arrival,
            proof: None,
            step: None,
            old: old.map(|secret| secret.key()),
        };
        let secret = self.begin_session(beginning, subjects).await?;
        Ok(Entered::Session(secret.ok_or(SignInError::Wrong)?))
    }

    /// A closed subject is told so before it takes anybody's turn at the hash.
    pub(crate) async fn look_whether_open(&self, subjects: &[Subject]) -> Result<(), SignInError> {
        let now = self.db.now();
        let mut closed = None;
        for subject in subjects {
            let bucket = store::bucket(&self.db, subject).await?;
            closed = closed.max(bucket.and_then(|bucket| bucket.closed(now)));
        }
        refuse(closed, now)
    }

    /// Counts the attempt as a failure of each subject, unless one is closed by now.
    pub(crate) async fn count_attempt(&self, subjects: &Arc<[Subject]>) -> Result<(), SignInError> {
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

    /// Takes the counted failures back, uses the proof up and begins the session, all in one commit.
    /// `None`: the proof was used up, or the step ended, by another request; or the person may not come from there.
    pub(crate) async fn begin_session(
        &self,
        beginning: Beginning,
        subjects: Arc<[Subject]>,
    ) -> Result<Option<Secret>, DbError> {
        let (secret, csrf) = (Secret::new(), Secret::new());
        let (org, staff) = (beginning.org, beginning.staff);
        if !self.admits(org, beginning.arrival.source).await? {
            return Ok(None);
        }
        let (vault, now) = (self.db.vault(org).await?, self.db.now());
        let session = NewSession {
            org,
            staff,
            key: secret.key(),
            csrf,
            way: beginning.way,
            arrival: beginning.arrival,
        };
        let new = Arc::new((beginning, session));
        let write = self.db.write(move |tx| {
            let (vault, subjects, new) = (Arc::clone(&vault), Arc::clone(&subjects), Arc::clone(&new));
            Box::pin(async move {
                let (beginning, session) = &*new;
                if let Some(proof) = beginning.proof
                    && !proof.use_up(tx, (org, staff), now).await?
                {
                    return Ok(false);
                }
                if let Some(step) = &beginning.step
                    && !sessions::end_step(tx, step).await?
                {
                    return Ok(false);
                }
                for subject in &*subjects {
                    store::take_back_failure(tx, subject).await?;
                }
                store::sweep_buckets(tx, now).await?;
                if let Some(old) = &beginning.old {
                    store::end_session(tx, old).await?;
                }
                store::begin_session(tx, &vault, session, now).await?;
                let entry = Entry::of(SIGN_IN).with(session.way.code());
                let entry = entry.of_staff(staff).from(session.arrival.source);
                audit::record(tx, org, &vault, &entry, now).await?;
                Ok(true)
            })
        });
        if !write.await? {
            return Ok(None);
        }
        tracing::info!(%org, %staff, "signed in");
        Ok(Some(secret))
    }

    /// Keeps that somebody was not let in; an unknown name costs the same time as a known one.
    pub(crate) async fn keep_refusal(
        &self,
        action: Action,
        whose: Option<(OrgId, StaffId)>,
        arrival: Arrival,
    ) -> Result<(), DbError> {
        let entry = Entry::of(action).from(arrival.source).refused();
        let (org, entry) = match whose {
            Some((org, staff)) => (org, entry.of_staff(staff)),
            None => (OrgId::FIRST, entry),
        };
        audit::record_alone(&self.db, org, entry).await
    }

    /// The live session behind a cookie. Notes its use at most once a minute.
    pub(crate) async fn session(&self, secret: &Secret) -> Result<Option<LoginSession>, DbError> {
        let now = self.db.now();
        let found = store::session(&self.db, secret.key(), now).await?;
        let Some(session) = found.filter(|session| !session.is_over()) else {
            return Ok(None);
        };
        if session.wants_note() {
            self.note_seen(&session).await?;
        }
        Ok(Some(session))
    }

    /// Whether a session that is over was ended by a contract.
    pub(crate) async fn ended_by_contract(&self, secret: &Secret) -> Result<bool, DbError> {
        let ended = store::contract_of_session(&self.db, &secret.key(), self.db.now()).await?;
        Ok(ended.is_some())
    }

    /// Notes that the session is used now: its idle time begins anew.
    pub(crate) async fn note_seen(&self, session: &LoginSession) -> Result<(), DbError> {
        let (key, now) = (session.key.clone(), session.asked_at);
        let write = self.db.write(move |tx| {
            let key = key.clone();
            Box::pin(async move { store::note_seen(tx, &key, now).await })
        });
        write.await
    }

    /// Ends a session on every node at once.
    pub(crate) async fn sign_out(&self, session: &LoginSession) -> Result<(), DbError> {
        let org = session.staff.org;
        let (vault, now) = (self.db.vault(org).await?, self.db.now());
        let done = Arc::new((session.key.clone(), Entry::of(SIGN_OUT).by(&session.staff)));
        let write = self.db.write(move |tx| {
            let (vault, done) = (Arc::clone(&vault), Arc::clone(&done));
            Box::pin(async move {
                store::end_session(tx, &done.0).await?;
                audit::record(tx, org, &vault, &done.1, now).await
            })
        });
        write.await?;
        tracing::info!(org = %session.staff.org, staff = %session.staff.id, "signed out");
        Ok(())
    }
}

impl Credentials {
    /// Whether the contract that the person works under, if there is one, goes on.
    pub(crate) fn within_contract(&self, now: Millis) -> Result<(), SignInError> {
        match self.contract_ends_at.filter(|end| *end <= now) {
            None => Ok(()),
            Some(end) => {
                let day = office::last_day(end).map(office::in_words);
                Err(SignInError::ContractOver(day.unwrap_or_default()))
            }
        }
    }
}

fn refuse(closed: Option<Closed>, now: Millis) -> Result<(), SignInError> {
    let Some(closed) = closed else {
        return Ok(());
    };
    Err(closed.seconds(now).map_or(SignInError::Locked, SignInError::Wait))
}
