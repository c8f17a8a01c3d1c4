//! The approved texts that a record offers for its one person: the first click, and the yes is the second.

use accounts::{Permission, Staff};
use base::date::CalendarDate;
use messaging::pages::failed;
use messaging::store::{all_approved, choosable_templates};
use messaging::template::Purpose;
use web::{PageError, Shell};

use super::Triage;
use super::reach_words::version_word;
use crate::case::{Case, CaseState};
use crate::limits::TEXTS_OFFERED;
use crate::programme::Programme;

/// Name and word in the address: those that the programme names, in its order, then other first texts, then the rest.
/// Nothing for those who write to nobody.
pub(super) async fn texts(
    triage: &Triage,
    staff: &Staff,
    shell: &Shell,
    (case, programme): (&Case, &Programme),
    today: CalendarDate,
) -> Result<Vec<(String, String)>, PageError> {
    let may_write = staff.may(Permission::WriteToOne) && shell.may("POST", "/cases/{id}/write");
    if case.state != CaseState::Open || !may_write {
        return Ok(Vec::new());
    }
    let (db, org) = (&triage.db, staff.org);
    let approved = all_approved(db, org).await.map_err(failed)?;
    let mut all = choosable_templates(db, org).await.map_err(failed)?;
    all.retain(|row| approved.contains(&(row.id, row.current.version)));
    let named = programme.first_texts(today, case.office);
    all.sort_by_key(|row| {
        let place = named.iter().position(|template| *template == row.id.get());
        let is_first = row.current.content.purpose == Purpose::FirstTouch;
        (place.unwrap_or(named.len()), !is_first)
    });
    let offered = all.into_iter().take(TEXTS_OFFERED);
    Ok(offered
        .map(|row| (row.name, version_word((row.id, row.current.version))))
        .collect())
}
