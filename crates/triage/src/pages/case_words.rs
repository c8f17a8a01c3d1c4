//! How pages say what a case holds, whole or masked.

use base::date::CalendarDate;
use messaging::pages::mask;
use web::ui::{Chip, Tone};

use crate::case::FirstContact;
use crate::notification::{CaseNotification, Person};

/// What is said of a person who is not to be recognised at a glance.
pub(super) fn masked_name(told: Option<&CaseNotification>) -> String {
    match told {
        None => "消去済み".to_owned(),
        Some(told) if told.person.name.is_empty() => "（氏名なし）".to_owned(),
        Some(told) => mask::name(&told.person.name),
    }
}

/// `45歳`.
pub(super) fn age(person: &Person, day: CalendarDate) -> String {
    person
        .age_on(day)
        .map_or_else(|| "年齢不明".to_owned(), |age| format!("{age}歳"))
}

/// A day as offices write it: `2022年2月14日`.
pub(super) fn day(day: CalendarDate) -> String {
    format!("{}年{}月{}日", day.year(), day.month(), day.day())
}

/// Both calendars and the age: `1985年4月3日（昭和60年4月3日） 36歳`.
pub(super) fn birth(person: &Person, today: CalendarDate) -> Option<String> {
    let birth = person.birth?;
    Some(format!(
        "{}（{}） {}",
        day(birth),
        birth.wareki(),
        age(person, today)
    ))
}

/// Numbers that get SMS first; masked unless `whole`.
pub(super) fn numbers(person: &Person, whole: bool) -> Vec<String> {
    let mobiles = person
        .mobiles
        .iter()
        .map(|number| mask::phone(Some(*number), whole));
    let others = person.landlines.iter();
    let others = others.map(|number| {
        if whole {
            number.clone()
        } else {
            mask::number(number)
        }
    });
    mobiles.chain(others).collect()
}

/// The municipality and nothing behind it; nothing where none is seen.
pub(super) fn area(location: &str) -> String {
    let end = location
        .char_indices()
        .find(|(at, c)| *at > 0 && matches!(c, '市' | '区' | '町' | '村'))
        .map(|(at, c)| at + c.len_utf8());
    end.map_or_else(|| "＊＊".to_owned(), |end| format!("{}＊＊", &location[..end]))
}

/// Of which kind the numbers are.
pub(super) fn number_kind(person: &Person) -> &'static str {
    match (person.mobiles.is_empty(), person.landlines.is_empty()) {
        (false, _) => "携帯",
        (true, false) => "固定など",
        (true, true) => "番号なし",
    }
}

/// How far the first word has come.
pub(super) fn contact_chip(contact: FirstContact) -> Chip {
    let tone = match contact {
        FirstContact::Waiting => Tone::Waiting,
        FirstContact::Written => Tone::Moving,
        FirstContact::Calling => Tone::Attention,
        FirstContact::Unreached | FirstContact::GivenUp => Tone::Failed,
        FirstContact::Delivered => Tone::Accepted,
        FirstContact::Opened | FirstContact::Answered | FirstContact::Spoken => Tone::Done,
        FirstContact::NotNeeded => Tone::Cancelled,
    };
    Chip::new(tone, contact.label())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_keeps_its_municipality_only() {
        assert_eq!(area("埼玉県朝霞市本町1-2-3"), "埼玉県朝霞市＊＊");
        assert_eq!(area("市川アパート"), "＊＊");
        assert_eq!(area("1-2-3"), "＊＊");
    }
}
