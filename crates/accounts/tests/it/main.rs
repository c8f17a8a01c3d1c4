#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
//! Accounts as people meet them: through the pages, on both databases, with a clock that is turned by hand.

mod accounts;
mod addresses;
mod authenticator;
mod browser;
mod chain;
mod factors;
mod forms;
mod invitations;
mod offices;
mod organisations;
mod passkeys;
mod people;
mod resets;
mod reveal;
mod sessions;
mod setup;
mod sign_in;
mod step_up;
mod throttle;
mod trail;
