//! A desk or an application, if it is there for the person who asks, and who may do what with it.
//!
//! The people of an office see the applications of its desks; doctors, who work at an office of their own, see those of
//! every desk of the organisation at which doctors judge.

use std::collections::HashMap;

use accounts::{Permission, Staff};
use base::id::{ApplicationId, OrgId, StaffId};
use db::{Db, DbError};
use messaging::pages::{Desk, failed};
use web::PageError;

use crate::application::Application;
use crate::document::{DeskDocument, Reviewer};
use crate::form::Key;
use crate::store::{self, DeskRow};

/// A desk with what it says at this moment.
pub(super) struct OpenDesk {
    pub(super) row: DeskRow,
    pub(super) document: DeskDocument,
}

/// An application with its desk and the document that it was made with.
pub(super) struct Opened {
    pub(super) application: Application,
    pub(super) row: DeskRow,
    pub(super) document: DeskDocument,
}

fn may_see(staff: &Staff, row: &DeskRow, by: Reviewer) -> bool {
    staff.may(Permission::SeeApplications) && (staff.covers(row.office) || judges(staff, by))
}

fn judges(staff: &Staff, by: Reviewer) -> bool {
    by == Reviewer::Doctor && staff.may(Permission::JudgeApplications)
}

/// Whether this person decides at a desk.
pub(super) fn may_review(staff: &Staff, row: &DeskRow, document: &DeskDocument) -> bool {
    let by = document.document().review.by;
    match by {
        Reviewer::Doctor => judges(staff, by),
        Reviewer::Clerk => staff.may_at(Permission::CheckApplications, row.office),
    }
}

/// Whether this person looks through applications before they are judged.
pub(super) fn may_check(staff: &Staff, row: &DeskRow) -> bool {
    staff.may_at(Permission::CheckApplications, row.office)
}

/// Every desk that this person may see, by name. One that never had an approved version has no applications.
pub(super) async fn desks(db: &Db, staff: &Staff) -> Result<Vec<OpenDesk>, DbError> {
    let mut all = Vec::new();
    for row in store::desks(db, staff.org).await? {
        let Some(document) = says(db, staff.org, &row).await? else {
            continue;
        };
        if may_see(staff, &row, document.document().review.by) {
            all.push(OpenDesk { row, document });
        }
    }
    Ok(all)
}

/// What the desk says now; what it said last, if nothing of it is in force any more.
async fn says(db: &Db, org: OrgId, row: &DeskRow) -> Result<Option<DeskDocument>, DbError> {
    if let Some(now) = store::now_in_force(db, org, row.id).await? {
        return Ok(Some(now.document));
    }
    let versions = store::desk_versions(db, org, row.id).await?;
    match versions.iter().find(|version| version.approved.is_some()) {
        Some(last) => store::document(db, org, (row.id, last.version)).await,
        None => Ok(None),
    }
}

/// The desk of this word.
pub(super) async fn desk_at(desk: &Desk, staff: &Staff, word: &str) -> Result<OpenDesk, PageError> {
    let key = Key::parse(word).ok_or(PageError::NotFound)?;
    let row = store::desk_by_key(&desk.db, staff.org, &key)
        .await
        .map_err(failed)?
        .ok_or(PageError::NotFound)?;
    let document = says(&desk.db, staff.org, &row).await.map_err(failed)?;
    let document = document.ok_or(PageError::NotFound)?;
    if may_see(staff, &row, document.document().review.by) {
        Ok(OpenDesk { row, document })
    } else {
        Err(PageError::NotFound)
    }
}

/// The same for whoever decides there.
pub(super) async fn desk_to_review(desk: &Desk, staff: &Staff, word: &str) -> Result<OpenDesk, PageError> {
    let open = desk_at(desk, staff, word).await?;
    if may_review(staff, &open.row, &open.document) {
        Ok(open)
    } else {
        Err(PageError::NotFound)
    }
}

/// The application; a draft is nobody's business but its person's.
pub(super) async fn load(desk: &Desk, staff: &Staff, id: ApplicationId) -> Result<Opened, PageError> {
    let found = store::application(&desk.db, staff.org, id)
        .await
        .map_err(failed)?;
    let application = found
        .filter(|found| found.received_at.is_some())
        .ok_or(PageError::NotFound)?;
    let row = store::desk(&desk.db, staff.org, application.desk)
        .await
        .map_err(failed)?
        .ok_or(PageError::NotFound)?;
    let version = (application.desk, application.version);
    let document = store::document(&desk.db, staff.org, version)
        .await
        .map_err(failed)?
        .ok_or(PageError::NotFound)?;
    if !may_see(staff, &row, document.document().review.by) {
        return Err(PageError::NotFound);
    }
    Ok(Opened {
        application,
        row,
        document,
    })
}

/// The application of this desk, for whoever decides there.
pub(super) async fn load_to_review(
    desk: &Desk,
    staff: &Staff,
    (word, id): (&str, ApplicationId),
) -> Result<Opened, PageError> {
    let opened = load(desk, staff, id).await?;
    let here = opened.row.key.as_str() == word && may_review(staff, &opened.row, &opened.document);
    // The address names the page, the trail names what was looked at.
    accounts::audit::note_subject("applications", id.get());
    if here {
        Ok(opened)
    } else {
        Err(PageError::NotFound)
    }
}

/// The same for a clerk's work.
pub(super) async fn load_to_check(
    desk: &Desk,
    staff: &Staff,
    id: ApplicationId,
) -> Result<Opened, PageError> {
    let opened = load(desk, staff, id).await?;
    if may_check(staff, &opened.row) {
        Ok(opened)
    } else {
        Err(PageError::NotFound)
    }
}

/// The people behind the numbers on a page.
pub(super) struct People(HashMap<StaffId, Staff>);

impl People {
    pub(super) async fn of(
        desk: &Desk,
        org: OrgId,
        ids: impl IntoIterator<Item = StaffId>,
    ) -> Result<Self, PageError> {
        let mut ids: Vec<StaffId> = ids.into_iter().collect();
        ids.sort_unstable();
        ids.dedup();
        let found = desk.accounts.staff_by_ids(org, &ids).await;
        found.map(Self).map_err(failed)
    }

    pub(super) fn name(&self, id: StaffId) -> String {
        let found = self.0.get(&id);
        found.map_or_else(|| "（記録なし）".to_owned(), |staff| staff.name.to_string())
    }

    /// Nobody is the person who applied, or the program.
    pub(super) fn or(&self, id: Option<StaffId>, otherwise: &str) -> String {
        id.map_or_else(|| otherwise.to_owned(), |id| self.name(id))
    }
}
