#![forbid(unsafe_code)]
//! Pages by which residents answer: a form is configuration, its answers are sealed, and a personal link with a
//! date of birth opens it.
//!
//! Two things stand on that. A **form** is asked by somebody: the epidemiological interview and the daily health
//! observation, which `triage` puts behind the links of its messages. A **desk** is where people apply by themselves:
//! a dated document ([`document`]) says who may, what is asked, who decides, and what every outcome says; an
//! [`application`] goes through clerk and doctor to an outcome list and from there to the message that tells it.
//!
//! Whoever asks calls [`store::ask`] in its own transaction and puts the link into a message; later it reads
//! [`store::answers_of`], [`store::red_flags_since`] and [`store::unanswered`].
//!
//! What it is not: it knows no cases and decides nothing about them. Whoever asks with a form reads its answers;
//! whoever cares for confirmed people takes them over by [`store::confirmed_since`].

pub mod application;
mod call;
pub mod certificate;
pub mod clock;
pub mod code_limit;
pub mod document;
pub mod form;
pub mod jobs;
pub mod limits;
pub mod pages;
pub mod photos;
pub mod postcode;
pub mod proof;
pub mod release;
pub mod request;
pub mod store;
pub mod texts;
mod visit;

pub use request::{Asked, FormToken, NewRequest, RequestState, Subject};
