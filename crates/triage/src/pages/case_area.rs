//! Whose a person is by the place where they are.

use std::collections::HashMap;

use accounts::Office;
use base::id::OfficeId;

use crate::area::Areas;
use crate::case::Case;
use crate::notification::CaseNotification;

/// Another office than this one, in whose area the person is, and which takes people.
pub(super) fn elsewhere<'a>(
    areas: &Areas,
    offices: &'a HashMap<OfficeId, Office>,
    (told, office): (&CaseNotification, OfficeId),
    now: base::clock::Millis,
) -> Option<&'a Office> {
    let whose = areas.whose(told.person.location.as_deref()?)?;
    let found = offices.get(&whose).filter(|found| found.is_open(now));
    found.filter(|found| found.id != office)
}

/// The same of a case.
pub(super) fn case_elsewhere<'a>(
    areas: &Areas,
    offices: &'a HashMap<OfficeId, Office>,
    case: &Case,
    now: base::clock::Millis,
) -> Option<&'a Office> {
    let told = case.notification.as_ref()?;
    elsewhere(areas, offices, (told, case.office), now)
}
