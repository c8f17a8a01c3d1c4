//! The installation's key file: one line `todoke-key-1 ID BASE64`, readable by its owner only.
//!
//! It is made when a database is made and never again: a database without its key is refused, in words,
//! rather than opened with a new one.

use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD as BASE64;
use zeroize::Zeroize;

use crate::DbError;

const MAGIC: &str = "todoke-key-1";

/// The key that wraps every organisation's key.
pub struct InstallationKey {
    id: String,
    bytes: [u8; 32],
}

impl InstallationKey {
    /// Names the key inside the database, so that a wrong key is told from a damaged database.
    pub fn id(&self) -> &str {
        &self.id
    }

    pub(crate) fn bytes(&self) -> &[u8; 32] {
        &self.bytes
    }

    /// Reads the key file, or says that it is missing.
    pub(crate) fn read(path: &Path) -> Result<Self, DbError> {
        let mut text = match fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Err(DbError::MissingKey(path.to_owned()));
            }
            Err(error) => return Err(file_error(path, &error.to_string())),
        };
        let key = parse(&text).ok_or_else(|| file_error(path, "届けの鍵ファイルではありません"));
        text.zeroize();
        key
    }

    /// Makes a key file, or reads the one that the operator laid there beforehand.
    pub(crate) fn create(path: &Path) -> Result<Self, DbError> {
        let mut random = [0; 40];
        getrandom::fill(&mut random).map_err(|error| file_error(path, &error.to_string()))?;
        let id = hex(&random[..8]);
        let mut line = format!("{MAGIC} {id} {}\n", BASE64.encode(&random[8..]));
        random.zeroize();
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let written = match options.open(path) {
            Ok(mut file) => file.write_all(line.as_bytes()).and_then(|()| file.sync_all()),
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
            Err(error) => Err(error),
        };
        line.zeroize();
        written.map_err(|error| file_error(path, &error.to_string()))?;
        Self::read(path)
    }
}

impl Drop for InstallationKey {
    fn drop(&mut self) {
        self.bytes.zeroize();
    }
}

/// Two small hexadecimal digits a byte.
pub(crate) fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits
        .map(|digit| char::from(DIGITS[usize::from(digit)]))
        .collect()
}

fn parse(text: &str) -> Option<InstallationKey> {
    let mut words = text.split_whitespace();
    if words.next()? != MAGIC {
        return None;
    }
    let id = words.next()?.to_owned();
    let bytes = BASE64.decode(words.next()?).ok()?.try_into().ok()?;
    Some(InstallationKey { id, bytes })
}

fn file_error(path: &Path, reason: &str) -> DbError {
    DbError::KeyFile {
        path: path.to_owned(),
        reason: reason.to_owned(),
    }
}
