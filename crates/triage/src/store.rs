//! Every SQL statement of this slice, organisation first.

pub mod cases;
pub mod changes;
pub mod events;
pub mod orders;
pub mod programmes;
pub mod reach;
pub mod search;
pub mod take_over;
pub mod trial;
pub mod twins;

/// Every statement of triage by name, for the test that prepares each on both databases.
pub fn statements() -> impl Iterator<Item = &'static (&'static str, db::Sql)> {
    cases::ALL
        .iter()
        .chain(changes::ALL)
        .chain(events::ALL)
        .chain(orders::ALL)
        .chain(programmes::ALL)
        .chain(reach::ALL)
        .chain(search::ALL)
        .chain(take_over::ALL)
        .chain(trial::ALL)
        .chain(twins::ALL)
}

fn json<T: serde::Serialize>(value: &T) -> String {
    serde_json::to_string(value).expect("numbers and texts always become JSON")
}
