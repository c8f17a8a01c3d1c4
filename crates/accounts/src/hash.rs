//! Password hashes: Argon2id with 19 MiB, two passes, one lane, as a PHC string.
//!
//! Hashing is heavy on purpose, so only a few run at once and a bounded number wait.

use std::sync::Arc;

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::limits::{HASHES_AT_ONCE, HASHES_WAITING};
use crate::{Password, TypedPassword};

/// What an unknown login is checked against, so that it takes as long as a known one. No password has it.
pub(crate) const NOBODY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5J3Mgc2FsdC4u$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// Where passwords are hashed.
#[derive(Clone)]
pub(crate) struct HashingRoom {
    waiting: Arc<Semaphore>,
    working: Arc<Semaphore>,
}

/// The right to hash one password now. It ends with the work, even if nobody waits for it any more.
pub(crate) struct Turn {
    _waiting: OwnedSemaphorePermit,
    _working: OwnedSemaphorePermit,
}

impl HashingRoom {
    pub(crate) fn new() -> Self {
        Self {
            waiting: Arc::new(Semaphore::new(HASHES_AT_ONCE + HASHES_WAITING)),
            working: Arc::new(Semaphore::new(HASHES_AT_ONCE)),
        }
    }

    /// Waits for a turn. `None`: too many wait already.
    pub(crate) async fn turn(&self) -> Option<Turn> {
        let waiting = Arc::clone(&self.waiting).try_acquire_owned().ok()?;
        let working = Arc::clone(&self.working).acquire_owned().await.ok()?;
        Some(Turn {
            _waiting: waiting,
            _working: working,
        })
    }
}

impl Turn {
    /// The hash of a new password, with a fresh salt.
    pub(crate) async fn hash(self, password: Password) -> String {
        let work = move || {
            let _turn = self;
            hash_now(password.as_bytes())
        };
        tokio::task::spawn_blocking(work)
            .await
            .expect("hashing does not panic")
    }

    /// The hashes of several codes, each with a salt of its own.
    pub(crate) async fn hash_each(self, codes: Vec<String>) -> Vec<String> {
        let work = move || {
            let _turn = self;
            codes.iter().map(|code| hash_now(code.as_bytes())).collect()
        };
        tokio::task::spawn_blocking(work)
            .await
            .expect("hashing does not panic")
    }

    /// Whether `typed` is the password behind `hash`; takes as long for no hash at all.
    pub(crate) async fn fits(self, typed: TypedPassword, hash: Option<String>) -> bool {
        let work = move || {
            let _turn = self;
            fits_now(typed.as_bytes(), hash.as_deref())
        };
        tokio::task::spawn_blocking(work)
            .await
            .expect("hashing does not panic")
    }
}

fn argon2() -> Argon2<'static> {
    let params = Params::new(19 * 1024, 2, 1, None).expect("parameters within Argon2's limits");
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

fn hash_now(password: &[u8]) -> String {
    let hash: PasswordHash = argon2()
        .hash_password(password)
        .expect("a short password and a fresh salt");
    hash.to_string()
}

fn fits_now(typed: &[u8], hash: Option<&str>) -> bool {
    let fits = PasswordHash::new(hash.unwrap_or(NOBODY))
        .is_ok_and(|hash| argon2().verify_password(typed, &hash).is_ok());
    fits && hash.is_some()
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
mod tests {
    use super::*;
    use std::task::{Context, Waker};

    #[test]
    fn only_the_password_fits_its_hash() {
        let hash = hash_now("青い傘と三匹の猫とラーメン".as_bytes());
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert!(fits_now("青い傘と三匹の猫とラーメン".as_bytes(), Some(&hash)));
        assert!(!fits_now("青い傘と三匹の猫とうどん".as_bytes(), Some(&hash)));
        assert_ne!(
            hash,
            hash_now("青い傘と三匹の猫とラーメン".as_bytes()),
            "a salt of its own"
        );
    }

    #[test]
    fn nobodys_hash_costs_as_much_as_anybodys_and_fits_nothing() {
        let (nobody, fresh) = (PasswordHash::new(NOBODY).unwrap(), hash_now(b"x"));
        let fresh = PasswordHash::new(&fresh).unwrap();
        assert_eq!(nobody.algorithm, fresh.algorithm);
        assert_eq!(nobody.params, fresh.params);
        assert_eq!(nobody.hash.unwrap().len(), fresh.hash.unwrap().len());
        assert!(!fits_now(b"", None));
    }

    #[tokio::test]
    async fn whoever_finds_the_room_full_is_told_so() {
        let room = HashingRoom::new();
        let first = room.turn().await.unwrap();
        let second = room.turn().await.unwrap();
        let mut waiting: Vec<_> = (0..HASHES_WAITING).map(|_| Box::pin(room.turn())).collect();
        let mut context = Context::from_waker(Waker::noop());
        for turn in &mut waiting {
            assert!(turn.as_mut().poll(&mut context).is_pending());
        }
        assert!(room.turn().await.is_none());
        drop((first, second));
    }
}
