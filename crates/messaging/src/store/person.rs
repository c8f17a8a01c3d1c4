//! What there is of the person behind a telephone number, by blind indexes alone: for whoever searches the audit trail.

use std::collections::BTreeSet;

use base::clock::DAY;
use base::id::OrgId;
use base::phone::PhoneNumber;
use db::{Db, Work};
use lists::store::calls::calls_to;
use lists::store::numbers::reports_of_number;

use super::incidents::incidents_about;
use super::{broadcast, messages_to_number};
use crate::limits::PERSON_MESSAGES;

/// How far back: the longest that a message is kept.
const BACK: i64 = 366 * DAY;

/// Every record that holds this number, as addresses call them.
pub fn person_records(db: &Db, org: OrgId, number: PhoneNumber) -> Work<'_, Vec<(&'static str, i64)>> {
    Box::pin(async move {
        let mut records = BTreeSet::new();
        let mut broadcasts = BTreeSet::new();
        let since = db.now() - BACK;
        for found in messages_to_number(db, org, number, since, PERSON_MESSAGES).await? {
            records.insert(("messages", found.message.get()));
            broadcasts.insert(found.broadcast);
        }
        for id in &broadcasts {
            records.insert(("broadcasts", id.get()));
            let list = broadcast(db, org, *id)
                .await?
                .and_then(|broadcast| broadcast.list);
            records.extend(list.map(|list| ("lists", list.get())));
        }
        let broadcasts: Vec<i64> = broadcasts.iter().map(|id| id.get()).collect();
        for incident in incidents_about(db, org, &broadcasts).await? {
            records.insert(("incidents", incident.get()));
        }
        for report in reports_of_number(db, org, None, number).await? {
            records.insert(("numbers", report.id.get()));
        }
        for call in calls_to(db, org, number).await? {
            records.insert(("calls", call.get()));
        }
        Ok(records.into_iter().collect())
    })
}
