//! Passwords that became known elsewhere: a file that the operator brings, so that nobody outside is asked
//! (ASVS 6.2.12).
//!
//! It is the file of haveibeenpwned.com ordered by hash: a line for each password, its SHA-1 in 40 hexadecimal
//! digits, and behind a colon how often it was seen. It has tens of gigabytes, so it is searched by halves where it
//! lies. What cannot be read holds everything: a password that cannot be looked up is not taken.
//!
//! SHA-1 is how that file names passwords; nothing of ours is kept or compared by it.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use ring::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};

use crate::Password;

/// Hexadecimal digits of a hash.
const DIGITS: usize = 40;
/// More than two lines have: 40 digits, a colon, a count of up to ten digits, the end of the line.
const WINDOW: usize = 160;

/// An open file of them. Cheap to clone.
#[derive(Clone, Debug)]
pub struct BreachedPasswords {
    file: Arc<Mutex<File>>,
    length: u64,
}

impl BreachedPasswords {
    /// Opens the file, and looks at a few lines: it has to be hashes, in their order.
    pub fn open(path: &Path) -> io::Result<Self> {
        let file = File::open(path)?;
        let length = file.metadata()?.len();
        let breached = Self {
            file: Arc::new(Mutex::new(file)),
            length,
        };
        let mut before: Option<[u8; DIGITS]> = None;
        for quarter in 0..4 {
            let found = breached.line_from(length / 4 * quarter)?;
            let Some((_, _, hash)) = found else { continue };
            if before.is_some_and(|before| before > hash) {
                return Err(unusable("its lines are not ordered by hash"));
            }
            before = Some(hash);
        }
        if before.is_none() {
            return Err(unusable("it has no line"));
        }
        Ok(breached)
    }

    /// Whether this password is in it.
    pub(crate) async fn hold(&self, password: &Password) -> io::Result<bool> {
        let (breached, wanted) = (self.clone(), name_of(password.as_bytes()));
        let search = tokio::task::spawn_blocking(move || breached.find(&wanted));
        search.await.map_err(io::Error::other)?
    }

    fn find(&self, wanted: &[u8; DIGITS]) -> io::Result<bool> {
        // What is looked for begins, if anywhere, at or behind `low` and before `high`.
        let (mut low, mut high) = (0, self.length);
        while low < high {
            let middle = low + (high - low) / 2;
            match self.line_from(middle)? {
                Some((begins, ends, hash)) if begins < high => match hash.cmp(wanted) {
                    std::cmp::Ordering::Equal => return Ok(true),
                    std::cmp::Ordering::Less => low = ends,
                    std::cmp::Ordering::Greater => high = middle,
                },
                _ => high = middle,
            }
        }
        Ok(false)
    }

    /// The first line that begins at or behind a place: where it begins, where the next one does, its hash.
    fn line_from(&self, place: u64) -> io::Result<Option<(u64, u64, [u8; DIGITS])>> {
        // One byte before tells whether a line begins just here.
        let from = place.saturating_sub(1);
        let window = self.read(from)?;
        let skipped = match place {
            0 => Some(0),
            _ => window.iter().position(|byte| *byte == b'\n').map(|at| at + 1),
        };
        let line = match skipped.and_then(|at| window.get(at..)) {
            Some([]) => return Ok(None),
            Some(line) => line,
            None if from + window.len() as u64 >= self.length => return Ok(None),
            None => return Err(unusable("a line is too long")),
        };
        let hash = line.first_chunk::<DIGITS>().filter(|hash| {
            let closed = line.get(DIGITS).is_none_or(|byte| b":\r\n".contains(byte));
            closed && hash.iter().all(u8::is_ascii_hexdigit)
        });
        let hash = hash.ok_or_else(|| unusable("a line is no hash"))?;
        let ends = line.iter().position(|byte| *byte == b'\n');
        let begins = from + (window.len() - line.len()) as u64;
        let ends = ends.map_or(self.length, |at| begins + at as u64 + 1);
        Ok(Some((begins, ends, hash.map(|digit| digit.to_ascii_uppercase()))))
    }

    fn read(&self, from: u64) -> io::Result<Vec<u8>> {
        // A search that panicked leaves a file that may be anywhere, and every read seeks first.
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        file.seek(SeekFrom::Start(from))?;
        let mut window = Vec::with_capacity(WINDOW);
        file.by_ref().take(WINDOW as u64).read_to_end(&mut window)?;
        Ok(window)
    }
}

/// How the file names a password.
fn name_of(password: &[u8]) -> [u8; DIGITS] {
    let hash = digest(&SHA1_FOR_LEGACY_USE_ONLY, password);
    let mut name = [0; DIGITS];
    for (pair, byte) in name.chunks_exact_mut(2).zip(hash.as_ref()) {
        let digit = |value: u8| b"0123456789ABCDEF"[usize::from(value)];
        pair.copy_from_slice(&[digit(byte >> 4), digit(byte & 15)]);
    }
    name
}

fn unusable(why: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, why)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
    use std::fmt::Write as _;

    use proptest::prelude::*;

    use super::*;

    fn file_of(
        names: &[[u8; DIGITS]],
        end: &str,
    ) -> (tempfile::NamedTempFile, io::Result<BreachedPasswords>) {
        let mut text = String::new();
        for name in names {
            write!(text, "{}:12{end}", std::str::from_utf8(name).unwrap()).unwrap();
        }
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        let opened = BreachedPasswords::open(file.path());
        (file, opened)
    }

    #[test]
    fn a_password_is_named_as_that_file_does() {
        let name = name_of(b"password");
        assert_eq!(&name, b"5BAA61E4C9B93F3F0682250B6CF8331B7EE68FD8");
    }

    #[test]
    fn what_is_no_such_file_is_not_taken() {
        for text in [
            "",
            "password\nletmein\n",
            "5BAA61E4C9B93F3F0682250B6CF8331B7EE68FD8FF:1\n",
        ] {
            let file = tempfile::NamedTempFile::new().unwrap();
            std::fs::write(file.path(), text).unwrap();
            assert!(BreachedPasswords::open(file.path()).is_err(), "{text}");
        }
        let mut names: Vec<_> = (0..40_u8).map(|one| name_of(&[one])).collect();
        names.sort_unstable();
        names.reverse();
        assert!(file_of(&names, "\n").1.is_err(), "ordered by something else");
    }

    proptest! {
        #[test]
        fn exactly_what_is_in_the_file_is_found(
            inside in proptest::collection::btree_set(any::<u16>(), 1..200), asked in any::<u16>(), windows in any::<bool>(),
        ) {
            let mut names: Vec<_> = inside.iter().map(|one| name_of(&one.to_be_bytes())).collect();
            names.sort_unstable();
            let (_file, breached) = file_of(&names, if windows { "\r\n" } else { "\n" });
            let breached = breached.unwrap();
            for one in &inside {
                prop_assert!(breached.find(&name_of(&one.to_be_bytes())).unwrap());
            }
            let held = breached.find(&name_of(&asked.to_be_bytes())).unwrap();
            prop_assert_eq!(held, inside.contains(&asked));
        }
    }
}
