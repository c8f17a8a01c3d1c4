//! What a row tells of where the person is.

use unicode_normalization::UnicodeNormalization;

use super::Meaning;
use super::cell::{Cell, Reading};
use super::vocabulary::{NO, UNKNOWN, before_bracket, holds_one, is_one_of, says_bed};
use crate::period::Place;

impl Reading<'_> {
    /// 所在地: an address, or in a word of which kind the place is.
    pub(super) fn location(&mut self, written: Cell<'_>, key: &str) {
        let value = written.cell.nfc().collect::<String>();
        self.set(written, |told| &mut told.person.location, value);
        let place = place_of(key).filter(|_| !crate::area::names_municipality(written.cell));
        self.may_need_bed(written, place);
        if self.told.illness.place.is_none() {
            self.told.illness.place = place;
        }
    }

    /// 療養場所: of which kind the place is; some offices write the address there.
    pub(super) fn care_place(&mut self, written: Cell<'_>, key: &str) {
        if crate::area::names_municipality(written.cell) {
            return self.location(written, key);
        }
        let place = place_of(key);
        self.may_need_bed(written, place);
        match place {
            Some(place) => self.told.illness.place = Some(place),
            None if is_one_of(key, UNKNOWN) || is_one_of(key, NO) => {}
            None => self.unread(
                written,
                "療養の場所として読めません。自宅・宿泊療養・入院・高齢者施設のどれかを書いてください。",
            ),
        }
    }

    /// Whoever waits for a bed, or is in one, is not said to need none.
    fn may_need_bed(&mut self, written: Cell<'_>, place: Option<Place>) {
        if says_bed(written.cell) || place == Some(Place::Hospital) {
            self.doubt_need(Meaning::NeedsAdmission);
        }
    }
}

/// Words that say where somebody is to be, or is not: nobody is there yet.
const NOT_THERE: &[&str] = &[
    "調整", "待ち", "待機", "予定", "希望", "不要", "拒否", "辞退", "検討", "申請",
];

/// The kind of place that a word names.
fn place_of(key: &str) -> Option<Place> {
    const THERE: &[&str] = &["入院中", "宿泊療養中", "施設内", "自宅", "在宅"];
    let before = before_bracket(key);
    // What is planned stands in brackets behind where somebody is.
    let key = if THERE.iter().any(|word| before.starts_with(word)) {
        before
    } else {
        key
    };
    let has = |words: &[&str]| holds_one(key, words);
    match () {
        () if has(NOT_THERE) => has(&["自宅", "在宅"]).then_some(Place::Home),
        () if has(&["宿泊", "ホテル"]) => Some(Place::Hotel),
        () if has(&["入院", "病院", "医療機関"]) => Some(Place::Hospital),
        () if has(&["高齢者施設", "老人", "介護", "特養", "老健", "施設"]) => {
            Some(Place::Facility)
        }
        () if has(&["自宅", "在宅"]) => Some(Place::Home),
        () => None,
    }
}
