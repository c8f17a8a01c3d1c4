#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
//! From checked rows to settled messages, on both databases, with the carrier played by hand.

mod allowance;
mod answers;
mod contacts;
mod correction;
mod desk;
mod incidents;
mod recheck;
mod release;
mod release_property;
mod replies;
mod stages;
mod starts;
mod stops;
mod usage;

use messaging::store;

use desk::desks;

#[tokio::test]
async fn every_statement_is_understood_by_both_databases() {
    for desk in desks().await {
        for (name, sql) in store::statements() {
            desk.db
                .prepare(*sql)
                .await
                .unwrap_or_else(|error| panic!("{name}: {error}"));
        }
    }
}

/// The work of a statement on the hot path is bounded by the rows that it is given, not by all rows.
#[tokio::test]
async fn no_hot_statement_walks_all_messages() {
    // Housekeeping, and strays: there are few.
    // Incidents are few, and so are the templates of an organisation; all of them are asked for.
    // So are the limits, tariffs, senders, reviews and numbers of the staff; a bill is of all broadcasts of a month.
    const MAY_WALK: &[&str] = &[
        "ORPHANED",
        "OVERDUE",
        "DROP_OLD_STRAYS",
        "STRAYS_OF_KNOWN_PARTS",
        "STRAYS_WITH_NUMBER",
        "UNCONFIRMED_OF_ACCOUNT",
        "TEMPLATES",
        "TEXTS_IN_USE",
        "NEWEST_ADVICE",
        "SAVE_ADVICE",
        "LINK_TARGETS",
        "INCIDENTS",
        "NOT_CLOSED",
        "LIMITS",
        "STANDING",
        "REVIEWS",
        "TARIFFS",
        "SENDERS",
        "NUMBERS",
        "IS_STAFF_NUMBER",
        "CLOSE_REVIEW",
        // The first that it meets.
        "ANY_TRIED",
        "AWAITING",
        "RULES",
        "RULE_IN_FORCE",
        "SAVE_RULE",
        // Few rows an organisation, asked for by a page of settings or once a night.
        "RULE",
        "SET_RULE",
        "HOLDS",
        "LAST_NIGHTLY",
        "LAST_RUN",
        // Once a night: for whom links were that are over.
        "PEOPLE_OVER",
        // The inbox: what people write back, a page at a time and counted.
        "REPLIES",
        "REPLY_COUNT",
        "UNREAD_REPLIES",
        // In an index of those alone of which nobody has said whose they are; and the approved texts.
        "UNPLACED",
        "ALL_APPROVED",
    ];
    for desk in desks().await {
        for (name, sql) in store::statements().filter(|(name, _)| !MAY_WALK.contains(name)) {
            for step in desk.db.plan(*sql).await.unwrap() {
                let walks = [
                    "SCAN m",
                    "SCAN p",
                    "SCAN parts",
                    "SCAN messages",
                    "(org_id=?)",
                    "(account_id=?)",
                ];
                let known = step.starts_with("SCAN p USING INDEX parts_unconfirmed");
                assert!(
                    known || !walks.iter().any(|walk| step.ends_with(walk)),
                    "{name}: {step}"
                );
            }
        }
    }
}
