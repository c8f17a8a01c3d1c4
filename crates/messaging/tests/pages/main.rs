#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
//! Broadcasts, messages, wrong numbers and calls as people at the browser see them.

mod broadcasts;
mod call_work;
mod calls;
mod genuine;
mod home;
mod host;
mod importing;
mod incidents;
mod links;
mod list_memory;
mod numbers;
mod organisation;
mod person;
mod release;
mod replies;
mod retention;
mod step_up;
mod templates;
