//! What the pages of programmes load, and who may see and change it.

use std::collections::HashMap;

use accounts::{SignedIn, Staff};
use base::date::CalendarDate;
use base::id::{OfficeId, ProgrammeId, StaffId};
use web::PageError;

use super::Triage;
use crate::programme::Scope;
use crate::store::programmes::{self, ProgrammeRow, VersionRow};
use messaging::pages::failed;

/// Offices by number and name.
pub(super) type Offices = Vec<(OfficeId, String)>;

/// A version in its programme.
pub(super) struct Loaded {
    pub(super) programme: ProgrammeRow,
    pub(super) version: VersionRow,
}

/// Whether the rules of this scope are there for the person: the organisation's are for everybody.
pub(super) fn may_see(staff: &Staff, scope: Scope) -> bool {
    match scope {
        Scope::Organisation => true,
        Scope::Office(office) => staff.covers(office),
    }
}

/// Whether they are the person's to write and to approve: the organisation's are the head office's.
pub(super) fn may_change(staff: &Staff, scope: Scope) -> bool {
    match scope {
        Scope::Organisation => is_head_office(staff),
        Scope::Office(office) => staff.covers(office),
    }
}

pub(super) fn is_head_office(staff: &Staff) -> bool {
    staff.office == OfficeId::HEADQUARTERS
}

/// The programme, or 404.
pub(super) async fn programme(
    desk: &Triage,
    session: &SignedIn,
    id: ProgrammeId,
) -> Result<ProgrammeRow, PageError> {
    programmes::programme(&desk.db, session.staff.org, id)
        .await
        .map_err(failed)?
        .ok_or(PageError::NotFound)
}

/// The version and its programme, or 404.
pub(super) async fn version(
    desk: &Triage,
    session: &SignedIn,
    (id, number): (ProgrammeId, i64),
) -> Result<Loaded, PageError> {
    let programme = programme(desk, session, id).await?;
    let version = programmes::version(&desk.db, session.staff.org, (id, number))
        .await
        .map_err(failed)?;
    let version = version.filter(|one| may_see(&session.staff, one.scope));
    Ok(Loaded {
        programme,
        version: version.ok_or(PageError::NotFound)?,
    })
}

/// The same, of somebody who may change it.
pub(super) async fn own_version(
    desk: &Triage,
    session: &SignedIn,
    at: (ProgrammeId, i64),
) -> Result<Loaded, PageError> {
    let loaded = version(desk, session, at).await?;
    if may_change(&session.staff, loaded.version.scope) {
        Ok(loaded)
    } else {
        Err(PageError::NotFound)
    }
}

/// Every office that is open, by name.
pub(super) async fn offices(desk: &Triage, session: &SignedIn) -> Result<Offices, PageError> {
    let all = desk.accounts.offices(session.staff.org).await.map_err(failed)?;
    let open = all.into_iter().filter(|office| office.closed_at.is_none());
    Ok(open.map(|office| (office.id, office.name.to_string())).collect())
}

/// The people behind numbers.
pub(super) struct Names(HashMap<StaffId, Staff>);

impl Names {
    /// The person's name; nobody stands for the product.
    pub(super) fn of(&self, id: Option<StaffId>) -> String {
        match id {
            None => "とどけの見本".to_owned(),
            Some(id) => self
                .0
                .get(&id)
                .map_or_else(|| "（記録なし）".to_owned(), |staff| staff.name.to_string()),
        }
    }
}

/// Looks up who did what, all at once.
pub(super) async fn names(
    desk: &Triage,
    session: &SignedIn,
    versions: &[VersionRow],
) -> Result<Names, PageError> {
    let each = versions.iter().flat_map(|one| {
        let approved = one.approved.and_then(|(by, _)| by);
        let withdrawn = one.withdrawn.as_ref().map(|(by, ..)| *by);
        [one.saved_by, approved, withdrawn]
    });
    names_of(desk, session, each.flatten().collect()).await
}

/// The names of these people.
pub(super) async fn names_of(
    desk: &Triage,
    session: &SignedIn,
    mut ids: Vec<StaffId>,
) -> Result<Names, PageError> {
    ids.sort_unstable();
    ids.dedup();
    let found = desk.accounts.staff_by_ids(session.staff.org, &ids).await;
    found.map(Names).map_err(failed)
}

/// Today in Japan.
pub(super) fn today(desk: &Triage) -> Result<CalendarDate, PageError> {
    CalendarDate::in_japan(desk.db.now()).ok_or(PageError::NotFound)
}
