#![forbid(unsafe_code)]
//! The vocabulary of Todoke: phone numbers, texts, their letters and parts, merge fields, ids, the clock.
//!
//! Pure: no I/O, no async, nothing of ours imported. What is parsed here is trusted everywhere else.
pub mod address_range;
pub mod clock;
pub mod date;
pub mod id;
pub mod killpoint;
pub mod limits;
pub mod merge;
pub mod org;
pub mod phone;
pub mod repertoire;
pub mod segment;
pub mod text;
