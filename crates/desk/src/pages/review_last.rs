//! Somebody's own last decisions, with the time in which they can still be taken back.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use base::clock::{Millis, SECOND};
use base::id::{ApplicationId, OrgId};
use messaging::pages::{Desk, failed};
use web::PageError;

use crate::store::{self, LastDecision};

/// One of them, as a page shows it.
pub(super) struct LastLine {
    pub(super) id: ApplicationId,
    pub(super) number: i64,
    pub(super) reference: String,
    pub(super) desk: String,
    pub(super) what: String,
    pub(super) at: Millis,
    pub(super) undone_at: Option<Millis>,
    /// So many seconds are left.
    pub(super) seconds: Option<i64>,
}

impl LastLine {
    /// Where it is taken back.
    pub(super) fn undo(&self) -> String {
        format!("/review/{}/{}/undo", self.desk, self.id)
    }
}

/// These decisions, in this order, in the words of their desks.
pub(super) async fn lines(
    desk: &Desk,
    org: OrgId,
    decisions: Vec<LastDecision>,
) -> Result<Vec<LastLine>, PageError> {
    if decisions.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<ApplicationId> = decisions.iter().map(|one| one.id).collect();
    let applications = store::applications(&desk.db, org, &ids).await.map_err(failed)?;
    let desks = store::desks(&desk.db, org).await.map_err(failed)?;
    let mut documents = HashMap::new();
    let mut lines = Vec::with_capacity(decisions.len());
    for one in decisions {
        let Some(application) = applications.iter().find(|found| found.id == one.id) else {
            continue;
        };
        let version = (application.desk, application.version);
        if let Entry::Vacant(place) = documents.entry(version) {
            let document = store::document(&desk.db, org, version).await.map_err(failed)?;
            place.insert(document);
        }
        let document = documents.get(&version).and_then(Option::as_ref);
        let row = desks.iter().find(|row| row.id == application.desk);
        lines.push(LastLine {
            id: one.id,
            number: one.number,
            reference: one.reference.to_string(),
            desk: row.map_or_else(String::new, |row| row.key.to_string()),
            what: document.map_or_else(
                || one.outcome.code(),
                |document| document.label(&one.outcome).to_owned(),
            ),
            at: one.at,
            undone_at: one.undone_at,
            seconds: one
                .undo_until
                .map(|until| ((until - desk.db.now()) / SECOND).max(1)),
        });
    }
    Ok(lines)
}
