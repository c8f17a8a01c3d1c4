#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
//! Accounts as people meet them: through the pages, on both databases, with a clock that is turned by hand.

mod accounts;
mod authenticator;
mod browser;
mod factors;
mod forms;
mod passkeys;
mod resets;
mod chain;
mod forms;
mod reveal;
mod sessions;
mod setup;
mod sign_in;
mod step_up;
mod throttle;
mod trail;
