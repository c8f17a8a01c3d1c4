#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
//! Pictures as phones take them, and as people make them who mean harm, through a real child process.

mod hostile;
mod made;
mod pictures;
