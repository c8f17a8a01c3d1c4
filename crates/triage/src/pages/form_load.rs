//! What the pages of form versions load. What residents are asked is the organisation's: the head office writes it.

use accounts::versions::VersionRow;
use accounts::{SignedIn, Staff};
use base::date::CalendarDate;
use base::id::FormId;
use desk::form::Form;
use desk::store::{form_draft, form_of};
use messaging::pages::failed;
use web::ui::{Chip, Tone};
use web::{Language, PageError};

use super::Triage;
use super::programme_load::is_head_office;
use crate::questions::LINKS;

/// A version of a form.
pub(super) struct Loaded {
    pub(super) id: FormId,
    /// What staff call the form.
    pub(super) name: &'static str,
    pub(super) version: VersionRow,
    pub(super) form: Form,
}

impl Loaded {
    /// Where its page is.
    pub(super) fn address(&self) -> String {
        format!("/forms/{}/versions/{}", self.id, self.version.version)
    }

    /// What pages call it.
    pub(super) fn title(&self) -> String {
        format!(
            "{} 第{}版「{}」",
            self.name, self.version.version, self.version.draft.title
        )
    }
}

/// What staff call a form: the name of its link.
pub(super) fn name_of(key: &str) -> Option<&'static str> {
    LINKS
        .into_iter()
        .find(|(_, form)| *form == key)
        .map(|(name, _)| name)
}

/// The version, or 404.
pub(super) async fn version(
    triage: &Triage,
    session: &SignedIn,
    (id, number): (FormId, i64),
) -> Result<Loaded, PageError> {
    let (db, org) = (&triage.db, session.staff.org);
    let key = form_of(db, org, id).await.map_err(failed)?;
    let name = key.and_then(|key| name_of(key.as_str()));
    let version = form_draft(db, org, (id, number)).await.map_err(failed)?;
    let (name, version) = name.zip(version).ok_or(PageError::NotFound)?;
    // It was found good when it was saved.
    let form = Form::parse(&version.draft.document).map_err(|_| PageError::NotFound)?;
    Ok(Loaded {
        id,
        name,
        version,
        form,
    })
}

/// The same, of somebody who may change it.
pub(super) async fn own_version(
    triage: &Triage,
    session: &SignedIn,
    at: (FormId, i64),
) -> Result<Loaded, PageError> {
    only_head_office(&session.staff)?;
    version(triage, session, at).await
}

/// Somebody else's form is not there.
pub(super) fn only_head_office(staff: &Staff) -> Result<(), PageError> {
    if is_head_office(staff) {
        Ok(())
    } else {
        Err(PageError::NotFound)
    }
}

/// The language that an address asks for, if it is one.
pub(super) fn language(code: &str) -> Language {
    Language::from_code(code).unwrap_or_default()
}

/// Where a version stands among all of them.
pub(super) fn chip(version: &VersionRow, all: &[VersionRow], today: CalendarDate) -> Chip {
    if version.withdrawn.is_some() {
        Chip::new(Tone::Cancelled, "取り下げ")
    } else if version.is_draft() {
        Chip::new(Tone::Draft, "下書き（承認待ち）")
    } else if version.draft.from > today {
        Chip::new(Tone::Waiting, "これから")
    } else if in_force(all, today).is_some_and(|newest| newest.version == version.version) {
        Chip::new(Tone::Done, "いまの質問")
    } else {
        Chip::new(Tone::Stopped, "以前の質問")
    }
}

/// The version by which people are asked on this day: the one that began last, with its first day, or with its approval
/// where that came later. None stands for the program's own.
pub(super) fn in_force(versions: &[VersionRow], today: CalendarDate) -> Option<&VersionRow> {
    let began = |one: &VersionRow| {
        let (_, approved_at) = one.approved?;
        Some(one.draft.from.begins_in_japan().max(approved_at))
    };
    versions
        .iter()
        .filter(|one| one.is_in_force() && one.draft.from <= today)
        .max_by_key(|one| (began(one), one.version))
}
