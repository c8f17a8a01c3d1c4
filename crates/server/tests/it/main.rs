#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
//! The only integration binary: the program as its users run it.

mod kill;
