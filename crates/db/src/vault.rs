//! Sealing of personal columns.
//!
//! A sealed value is base64 of `version (1 byte) ‖ nonce (24) ‖ ciphertext ‖ tag (16)`, XChaCha20-Poly1305
//! under a key of its organisation. Table, column, organisation and row are authenticated with it, so that
//! a value copied to another row does not open. The organisation's key is wrapped by the installation's key
//! ([`crate::key`]) and carries that key's id. Searches go over HMAC-SHA-256 ("blind index"), cut to
//! 128 bits.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use base::id::OrgId;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD as BASE64;
use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305, XNonce};
use hkdf::Hkdf;
use hmac::{Hmac, Mac};
use sha2::Sha256;

use crate::key::InstallationKey;
use crate::{Db, DbError, Sql};

const VERSION: u8 = 1;
const NONCE_LEN: usize = 24;
/// 128 bits of an HMAC: no two values of one installation will ever meet.
const INDEX_LEN: usize = 16;

/// What stands in a sealed column once its value was erased.
pub const ERASED: &str = "erased";
/// What is read there from then on.
pub const ERASED_WORDS: &str = "（保存期間が過ぎたため消しました）";

/// A sealed column, by its name `table.column`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Field(pub &'static str);

const LOAD_KEY: Sql = Sql("SELECT wrapped_key FROM orgs WHERE org_id = $1");
const WRAPPED_KEY: Field = Field("orgs.wrapped_key");

/// All keys of this process.
pub(crate) struct Vault {
    installation: OrgVault,
    orgs: Mutex<HashMap<OrgId, Arc<OrgVault>>>,
}

impl Vault {
    pub(crate) fn new(key: &InstallationKey) -> Self {
        let installation = OrgVault::new(OrgId::new(0), key.bytes());
        Self {
            installation,
            orgs: Mutex::new(HashMap::new()),
        }
    }

    /// Makes and wraps a key for a new organisation.
    pub(crate) fn new_wrapped_key(&self, org: OrgId) -> Result<String, DbError> {
        let mut key = [0; 32];
        getrandom::fill(&mut key).map_err(|_| DbError::Unavailable("no randomness".to_owned()))?;
        Ok(self.installation.seal_bytes(WRAPPED_KEY, org.get(), &key))
    }

    /// Whether `wrapped` was wrapped by this installation's key.
    pub(crate) fn unwrap_key(&self, org: OrgId, wrapped: &str) -> Result<OrgVault, DbError> {
        let bytes = self.installation.open_bytes(WRAPPED_KEY, org.get(), wrapped)?;
        let key: [u8; 32] = bytes.try_into().map_err(|_| DbError::Sealed(WRAPPED_KEY.0))?;
        Ok(OrgVault::new(org, &key))
    }

    pub(crate) async fn of(&self, db: &Db, org: OrgId) -> Result<Arc<OrgVault>, DbError> {
        if let Some(vault) = self.orgs.lock().ok().and_then(|orgs| orgs.get(&org).cloned()) {
            return Ok(vault);
        }
        let row = db.query_opt(LOAD_KEY, crate::params![org]).await?;
        let wrapped: String = row.ok_or(DbError::Sealed(WRAPPED_KEY.0))?.get(0)?;
        let vault = Arc::new(self.unwrap_key(org, &wrapped)?);
        if let Ok(mut orgs) = self.orgs.lock() {
            orgs.insert(org, Arc::clone(&vault));
        }
        Ok(vault)
    }

    pub(crate) fn installation_index(&self, value: &str) -> String {
        self.installation.index("installation", &[value.as_bytes()])
    }

    /// The whole HMAC, unlike an index.
    pub(crate) fn signature(&self, purpose: &str, text: &str) -> String {
        let parts = [purpose.as_bytes(), text.as_bytes()];
        crate::key::hex(&self.installation.hash("signature", &parts))
    }
}

/// What seals, opens and indexes the personal values of one organisation.
pub struct OrgVault {
    org: OrgId,
    cipher: XChaCha20Poly1305,
    index_key: Hmac<Sha256>,
}

impl OrgVault {
    fn new(org: OrgId, key: &[u8; 32]) -> Self {
        let derive = Hkdf::<Sha256>::new(None, key);
        let mut cipher_key = [0; 32];
        let mut index_key = [0; 32];
        derive
            .expand(b"todoke seal 1", &mut cipher_key)
            .expect("32 bytes is a valid HKDF length");
        derive
            .expand(b"todoke index 1", &mut index_key)
            .expect("32 bytes is a valid HKDF length");
        Self {
            org,
            cipher: XChaCha20Poly1305::new(&cipher_key.into()),
            index_key: <Hmac<Sha256> as KeyInit>::new_from_slice(&index_key)
                .expect("HMAC takes any key length"),
        }
    }

    /// Seals `text` for the given column and row.
    pub fn seal(&self, field: Field, row: i64, text: &str) -> String {
        self.seal_bytes(field, row, text.as_bytes())
    }

    /// Opens what [`OrgVault::seal`] gave for the same column and row; [`ERASED_WORDS`] for what was erased.
    pub fn open(&self, field: Field, row: i64, sealed: &str) -> Result<String, DbError> {
        if sealed == ERASED {
            return Ok(ERASED_WORDS.to_owned());
        }
        String::from_utf8(self.open_bytes(field, row, sealed)?).map_err(|_| DbError::Sealed(field.0))
    }

    /// The same for bytes that are no text.
    pub fn seal_bytes(&self, field: Field, row: i64, plain: &[u8]) -> String {
        let nonce = fresh_nonce();
        let aad = self.context(field, row);
        let sealed = self
            .cipher
            .encrypt(
                &XNonce::from(nonce),
                Payload {
                    msg: plain,
                    aad: &aad,
                },
            )
            .expect("a value is far below the cipher's limit of 256 GiB");
        let mut bytes = Vec::with_capacity(1 + NONCE_LEN + sealed.len());
        bytes.push(VERSION);
        bytes.extend_from_slice(&nonce);
        bytes.extend_from_slice(&sealed);
        BASE64.encode(bytes)
    }

    /// Opens what [`OrgVault::seal_bytes`] gave for the same column and row.
    pub fn open_bytes(&self, field: Field, row: i64, sealed: &str) -> Result<Vec<u8>, DbError> {
        let bytes = BASE64.decode(sealed).map_err(|_| DbError::Sealed(field.0))?;
        let (&version, rest) = bytes.split_first().ok_or(DbError::Sealed(field.0))?;
        let (nonce, msg) = rest.split_at_checked(NONCE_LEN).ok_or(DbError::Sealed(field.0))?;
        let nonce: [u8; NONCE_LEN] = nonce.try_into().map_err(|_| DbError::Sealed(field.0))?;
        let aad = self.context(field, row);
        if version != VERSION {
            return Err(DbError::Sealed(field.0));
        }
        self.cipher
            .decrypt(&XNonce::from(nonce), Payload { msg, aad: &aad })
            .map_err(|_| DbError::Sealed(field.0))
    }

    /// A keyed hash of `parts`, each with its length, for `purpose`: 22 letters of base64.
    pub fn index(&self, purpose: &str, parts: &[&[u8]]) -> String {
        BASE64.encode(&self.hash(purpose, parts)[..INDEX_LEN])
    }

    /// The same cut to 64 bits, for tables of millions of rows that are searched by thousands of values at once:
    /// a third of the size. Ten thousand values against a million meet by chance once in 10⁹ searches.
    pub fn index_number(&self, purpose: &str, parts: &[&[u8]]) -> i64 {
        let hash = self.hash(purpose, parts);
        i64::from_be_bytes(*hash.first_chunk().expect("32 bytes are more than 8"))
    }

    fn hash(&self, purpose: &str, parts: &[&[u8]]) -> [u8; 32] {
        let mut mac = self.index_key.clone();
        for part in std::iter::once(&purpose.as_bytes()).chain(parts) {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part);
        }
        mac.finalize().into_bytes().into()
    }

    /// What a sealed value is bound to: its column, organisation and row.
    fn context(&self, field: Field, row: i64) -> Vec<u8> {
        let mut context = Vec::with_capacity(field.0.len() + 16);
        context.extend_from_slice(field.0.as_bytes());
        context.extend_from_slice(&self.org.get().to_be_bytes());
        context.extend_from_slice(&row.to_be_bytes());
        context
    }
}

impl std::fmt::Debug for OrgVault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "OrgVault({})", self.org)
    }
}

/// 192 random bits; the system is asked for many at once.
fn fresh_nonce() -> [u8; NONCE_LEN] {
    const STOCK: usize = 128 * NONCE_LEN;
    thread_local! {
        static NONCES: RefCell<(Vec<u8>, usize)> = const { RefCell::new((Vec::new(), 0)) };
    }
    NONCES.with_borrow_mut(|(stock, used)| {
        if *used + NONCE_LEN > stock.len() {
            stock.resize(STOCK, 0);
            getrandom::fill(stock).expect("the operating system gives random bytes");
            *used = 0;
        }
        let mut nonce = [0; NONCE_LEN];
        nonce.copy_from_slice(&stock[*used..*used + NONCE_LEN]);
        *used += NONCE_LEN;
        nonce
    })
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
mod tests {
    use super::*;

    const PHONE: Field = Field("messages.phone");

    fn vault(byte: u8) -> OrgVault {
        OrgVault::new(OrgId::FIRST, &[byte; 32])
    }

    #[test]
    fn opens_what_it_sealed() {
        let sealed = vault(1).seal(PHONE, 7, "+819012345678");
        assert_eq!(vault(1).open(PHONE, 7, &sealed).unwrap(), "+819012345678");
        assert!(!sealed.contains("9012345678"));
    }

    #[test]
    fn a_value_moved_elsewhere_does_not_open() {
        let sealed = vault(1).seal(PHONE, 7, "+819012345678");
        assert!(vault(1).open(PHONE, 8, &sealed).is_err(), "another row");
        assert!(
            vault(1).open(Field("messages.text"), 7, &sealed).is_err(),
            "another column"
        );
        assert!(vault(2).open(PHONE, 7, &sealed).is_err(), "another key");
    }

    #[test]
    fn equal_values_look_different_and_index_alike() {
        assert_ne!(vault(1).seal(PHONE, 7, "x"), vault(1).seal(PHONE, 7, "x"));
        assert_eq!(vault(1).index("p", &[b"x"]), vault(1).index("p", &[b"x"]));
        assert_ne!(vault(1).index("p", &[b"x"]), vault(2).index("p", &[b"x"]));
        let number = |byte| vault(byte).index_number("p", &[b"x"]);
        assert!(number(1) == number(1) && number(1) != number(2));
        assert_ne!(
            vault(1).index("p", &[b"ab", b"c"]),
            vault(1).index("p", &[b"a", b"bc"])
        );
    }
}
