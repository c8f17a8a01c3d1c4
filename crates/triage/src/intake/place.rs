//! What a row tells of where the person is.

use base::merge::heading_key;
use base::phone::{self, PhoneProblem};
use unicode_normalization::UnicodeNormalization;

use super::cell::{Cell, Reading};
use super::vocabulary::{NO, UNKNOWN, is_one_of};
use crate::period::Place;

impl Reading<'_> {
    /// 所在地: an address, or in a word of which kind the place is.
    pub(super) fn location(&mut self, written: Cell<'_>, key: &str) {
        let value = written.cell.nfc().collect::<String>();
        self.set(written, |told| &mut told.person.location, value);
        let place = place_of(key).filter(|_| !crate::area::names_municipality(written.cell));
        if self.told.illness.place.is_none() {
            self.told.illness.place = place;
        }
    }

    /// 療養場所: of which kind the place is; some offices write the address there.
    pub(super) fn care_place(&mut self, written: Cell<'_>, key: &str) {
        if crate::area::names_municipality(written.cell) {
            return self.location(written, key);
        }
        match place_of(key) {
            Some(place) => self.told.illness.place = Some(place),
            None if is_one_of(key, UNKNOWN) || is_one_of(key, NO) => {}
            None => self.unread(
                written,
                "療養の場所として読めません。自宅・宿泊療養・入院・高齢者施設のどれかを書いてください。",
            ),
        }
    }

    /// Numbers of the guardian, or of whoever is to be asked in an emergency; there may be several in one cell.
    pub(super) fn guardian_numbers(&mut self, written: Cell<'_>) {
        for part in written.cell.split(['、', '／', '/', '\n']) {
            let part = Cell {
                cell: part.trim(),
                ..written
            };
            let person = &mut self.told.person;
            match phone::parse(part.cell) {
                Ok(parsed) if person.guardian_mobiles.contains(&parsed.number) => {}
                Ok(parsed) => person.guardian_mobiles.push(parsed.number),
                Err(PhoneProblem::Missing) => {}
                // Whoever telephones tries what can be dialled.
                Err(_) => self.number(part),
            }
        }
    }
}

/// The kind of place that a word names.
fn place_of(key: &str) -> Option<Place> {
    let has = |words: &[&str]| words.iter().any(|word| key.contains(&heading_key(word)));
    match () {
        () if has(&["宿泊", "ホテル"]) => Some(Place::Hotel),
        () if has(&["入院", "病院", "医療機関"]) => Some(Place::Hospital),
        () if has(&["高齢者施設", "老人", "介護", "特養", "老健", "施設"]) => {
            Some(Place::Facility)
        }
        () if has(&["自宅", "在宅"]) => Some(Place::Home),
        () => None,
    }
}
