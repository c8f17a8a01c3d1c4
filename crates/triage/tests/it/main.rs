#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
//! Cases and programmes on both databases, and their pages as staff use them.

mod answered;
mod areas;
mod cases;
mod closing;
mod diseases;
mod figures;
mod figures_pages;
mod form_pages;
mod host;
mod intake;
mod kill;
mod nodes;
mod observation;
mod observation_pages;
mod outage;
mod pages;
mod people;
mod physician;
mod programme_host;
mod programme_pages;
mod programmes;
mod reach;
mod reach_pages;
mod record;
mod record_pages;
mod rules_changed;
mod take_over;
mod ties;
mod turns;
mod twins;
