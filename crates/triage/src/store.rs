//! Every SQL statement of this slice, organisation first.

pub mod alerts;
pub mod areas;
pub mod care;
pub mod case_columns;
pub mod cases;
pub mod changes;
pub mod closing;
pub mod contacted;
pub mod events;
pub mod figures;
mod follow;
pub mod handed;
mod households;
mod opened;
pub mod openings;
pub mod orders;
pub mod owners;
pub mod programmes;
pub mod questions;
pub mod reach;
pub mod search;
pub mod take_over;
pub mod trial;
pub mod twins;
pub mod visits;

/// Every statement of triage by name, for the test that prepares each on both databases.
pub fn statements() -> impl Iterator<Item = &'static (&'static str, db::Sql)> {
    alerts::ALL
        .iter()
        .chain(areas::ALL)
        .chain(care::ALL)
        .chain(case_columns::ALL)
        .chain(cases::ALL)
        .chain(closing::ALL)
        .chain(contacted::ALL)
        .chain(events::ALL)
        .chain(figures::ALL)
        .chain(follow::ALL)
        .chain(handed::ALL)
        .chain(households::ALL)
        .chain(openings::ALL)
        .chain(orders::ALL)
        .chain(owners::ALL)
        .chain(programmes::ALL)
        .chain(questions::ALL)
        .chain(programmes::sql::ALL)
        .chain(reach::ALL)
        .chain(reach::again::ALL)
        .chain(twins::apart::ALL)
        .chain(twins::taken::ALL)
        .chain(search::ALL)
        .chain(take_over::ALL)
        .chain(trial::ALL)
        .chain(twins::ALL)
        .chain(visits::ALL)
}

fn json<T: serde::Serialize>(value: &T) -> String {
    serde_json::to_string(value).expect("numbers and texts always become JSON")
}
