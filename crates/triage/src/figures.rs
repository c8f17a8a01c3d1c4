//! Figures for whoever leads: how many come in, how soon they are reached, what is left to do, what today will bring.
//!
//! A day is counted once from its cases ([`day`]) and kept; what a page shows is added up from such days ([`sums`]).
//! Here is calculation only: no statement, no picture. Nobody is named in a figure, and what is published hides small
//! numbers as well ([`publish`]).

pub mod day;
pub mod forecast;
pub mod latency;
pub mod period;
pub mod publish;
pub mod sums;

pub use day::{Backlog, Cell, CountedCase, DayCount, Outcome, Waited, Work};
pub use latency::Latency;
pub use period::Period;
pub use sums::{DayKind, Sums};
