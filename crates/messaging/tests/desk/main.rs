#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
//! The list desk, as a person meets it in the browser.

mod choices;
mod host;
mod overtaken;
mod pages;
mod stops;
