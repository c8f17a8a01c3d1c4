#![forbid(unsafe_code)]
//! The carrier worker: binds, claims, submits, takes receipts, comes back after every fall.
//!
//! It sees messages only through [`messaging::outbox::Outbox`] and carriers only through [`smpp`]. It does not
//! know the database, so it cannot hold a transaction while it waits for the network.
//!
//! * [`profile`] — one carrier account: where, who, how many binds, its habits.
//! * [`submit`] and [`receive`] — our message to its PDU, its receipt to ours.
//! * [`link`] — one bind: keeps its window full, records what is answered.
//! * [`carriers`] — all binds of this process, and the housekeeping beside them.

pub mod carriers;
pub mod link;
pub mod profile;
pub mod receive;
pub mod submit;

pub use carriers::Carriers;
pub use profile::CarrierAccount;
