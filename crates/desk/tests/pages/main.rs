#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
//! A resident at the browser: the link, the birth date, the questions, the sending; and what staff learn of it.

#[path = "../browser/mod.rs"]
mod browser;
mod host;
mod journey;
mod links;
mod outcome;
mod photos;
mod questions;

use desk::store;

use host::Residents;

#[tokio::test]
async fn every_statement_is_understood_by_both_databases() {
    for residents in Residents::each().await {
        for (name, sql) in store::statements() {
            residents
                .db
                .prepare(*sql)
                .await
                .unwrap_or_else(|error| panic!("{name}: {error}"));
        }
    }
}
