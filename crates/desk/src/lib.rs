#![forbid(unsafe_code)]
//! Pages by which residents answer: a form is configuration, its answers are sealed, and a personal link with a
//! date of birth opens it.
//!
//! The application desk (application, photo, review, outcome) moves in here; the first forms are the epidemiological
//! interview and the daily health observation, which `triage` puts behind the links of its messages.
//!
//! Whoever asks calls [`store::ask`] in its own transaction and puts the link into a message; later it reads
//! [`store::answers_of`], [`store::red_flags_since`] and [`store::unanswered`].
//!
//! What it is not: it knows no cases and decides nothing about them. Whoever asks with a form reads its answers.

pub mod form;
pub mod limits;
pub mod pages;
pub mod request;
pub mod store;
mod visit;

pub use request::{Asked, FormToken, NewRequest, RequestState, Subject};
