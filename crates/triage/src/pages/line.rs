//! One case as a row of a list: nothing by which a passer-by would recognise anybody.

use std::collections::HashMap;

use accounts::Office;
use base::clock::Millis;
use base::date::CalendarDate;
use base::id::{CaseId, OfficeId};
use web::ui::Chip;

use super::case_words::{age, area, contact_chip, masked_name, number_kind};
use crate::case::{Case, CaseState};
use crate::notification::Person;

/// A row.
pub(super) struct Line {
    pub(super) id: CaseId,
    pub(super) name: String,
    pub(super) reference: String,
    pub(super) age: String,
    pub(super) area: String,
    pub(super) numbers: &'static str,
    pub(super) language: String,
    pub(super) office: String,
    pub(super) route: &'static str,
    pub(super) priority: u32,
    pub(super) chip: Chip,
    pub(super) note: &'static str,
    pub(super) at: Millis,
}

impl Line {
    pub(super) fn of(case: &Case, offices: &HashMap<OfficeId, Office>, today: CalendarDate) -> Self {
        let person = case.notification.as_ref().map(|told| &told.person);
        Self {
            id: case.id,
            name: masked_name(case.notification.as_ref()),
            reference: case.reference.to_string(),
            age: person.map(|person| age(person, today)).unwrap_or_default(),
            area: person.and_then(Person::whereabouts).map(area).unwrap_or_default(),
            numbers: person.map_or("", number_kind),
            language: person
                .and_then(|person| person.language.as_deref())
                .and_then(messaging::template::Language::from_code)
                .map(|language| language.label().to_owned())
                .unwrap_or_default(),
            office: offices
                .get(&case.office)
                .map(|office| office.name.to_string())
                .unwrap_or_default(),
            route: case.decided.route.label(),
            priority: case.decided.priority,
            chip: contact_chip(case.contact),
            note: match case.state {
                CaseState::Open => "",
                CaseState::Closed | CaseState::Merged => case.state.label(),
            },
            at: case.received_at,
        }
    }
}
