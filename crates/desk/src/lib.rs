#![forbid(unsafe_code)]
//! Pages by which residents answer: a form is configuration, its answers are sealed, and a personal link with a
//! date of birth opens it.
//!
//! The application desk (application, photo, review, outcome) moves in here; the first forms are the epidemiological
//! interview and the daily health observation, which `triage` puts behind the links of its messages.
//!
//! What it is not: it knows no cases and decides nothing about them. Whoever asks with a form reads its answers.
