#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
//! Cases and programmes on both databases, and their pages as staff use them.

mod answered;
mod areas;
mod cases;
mod changed;
mod closing;
mod danger;
mod diseases;
mod figures;
mod figures_pages;
mod form_pages;
mod host;
mod intake;
mod kill;
mod merging;
mod nodes;
mod observation;
mod observation_pages;
mod outage;
mod owner_reach;
mod owners;
mod pages;
mod people;
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
mod urgent;
