#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
//! Applications on both databases: from the first page to the message that tells the result, by one person and by
//! twenty at once.

mod editor;
mod house;
mod model;
mod office;
mod outcomes;
mod received;
mod results;
mod returned;
mod reviewed;
mod rush;
mod versions;
