//! What the pages of the desk editor load.

use std::collections::HashMap;

use accounts::versions::VersionRow;
use accounts::{SignedIn, Staff};
use base::date::CalendarDate;
use base::id::{DeskId, StaffId};
use messaging::pages::{Desk, failed};
use web::PageError;
use web::ui::{Chip, Tone};

use crate::document::DeskDocument;
use crate::store::{self, DeskRow};

/// A version in its desk.
pub(super) struct Loaded {
    pub(super) desk: DeskRow,
    pub(super) version: VersionRow,
    pub(super) document: DeskDocument,
}

impl Loaded {
    /// The address of the version.
    pub(super) fn address(&self) -> String {
        format!("/desks/{}/versions/{}", self.desk.id, self.version.version)
    }
}

/// The desk, or 404.
pub(super) async fn desk_row(desk: &Desk, session: &SignedIn, id: DeskId) -> Result<DeskRow, PageError> {
    let found = store::desk(&desk.db, session.staff.org, id)
        .await
        .map_err(failed)?;
    let found = found.filter(|row| session.staff.covers(row.office));
    found.ok_or(PageError::NotFound)
}

/// The version and its desk, or 404.
pub(super) async fn version(
    desk: &Desk,
    session: &SignedIn,
    (id, number): (DeskId, i64),
) -> Result<Loaded, PageError> {
    let row = desk_row(desk, session, id).await?;
    let found = store::desk_version(&desk.db, session.staff.org, (id, number)).await;
    let version = found.map_err(failed)?.ok_or(PageError::NotFound)?;
    let document = DeskDocument::parse(&version.draft.document).map_err(PageError::bug)?;
    Ok(Loaded {
        desk: row,
        version,
        document,
    })
}

/// The same of one that can still be written on.
pub(super) async fn draft(desk: &Desk, session: &SignedIn, at: (DeskId, i64)) -> Result<Loaded, PageError> {
    let loaded = version(desk, session, at).await?;
    if loaded.version.is_draft() {
        return Ok(loaded);
    }
    Err(PageError::conflict(
        "この版は承認されたか取り下げられたため、直せません。",
        "窓口のページで、この版をもとに新しい下書きを作ってください。",
    ))
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
    desk: &Desk,
    session: &SignedIn,
    versions: &[VersionRow],
) -> Result<Names, PageError> {
    let each = versions.iter().flat_map(|one| {
        let approved = one.approved.and_then(|(by, _)| by);
        let withdrawn = one.withdrawn.as_ref().map(|(by, ..)| *by);
        [one.saved_by, approved, withdrawn]
    });
    let mut ids: Vec<StaffId> = each.flatten().collect();
    ids.sort_unstable();
    ids.dedup();
    let found = desk.accounts.staff_by_ids(session.staff.org, &ids).await;
    found.map(Names).map_err(failed)
}

/// Today in Japan.
pub(super) fn today(desk: &Desk) -> Result<CalendarDate, PageError> {
    CalendarDate::in_japan(desk.db.now()).ok_or(PageError::NotFound)
}

/// 2022年9月26日.
pub(super) fn day(day: CalendarDate) -> String {
    format!("{}年{}月{}日", day.year(), day.month(), day.day())
}

/// The version that holds today.
pub(super) fn newest(all: &[VersionRow], today: CalendarDate) -> Option<&VersionRow> {
    let begun = all
        .iter()
        .filter(|one| one.is_in_force() && one.draft.from <= today);
    begun.max_by_key(|one| (one.draft.from, one.version))
}

/// How a version stands among the others.
pub(super) fn chip(one: &VersionRow, all: &[VersionRow], today: CalendarDate) -> Chip {
    if one.withdrawn.is_some() {
        return Chip::new(Tone::Cancelled, "取り下げ");
    }
    if one.approved.is_none() {
        return Chip::new(Tone::Draft, "下書き（承認待ち）");
    }
    if one.draft.from > today {
        return Chip::new(Tone::Waiting, "これから");
    }
    if newest(all, today).is_some_and(|newest| newest.version == one.version) {
        Chip::new(Tone::Done, "いまの版")
    } else {
        Chip::new(Tone::Stopped, "以前の版")
    }
}
