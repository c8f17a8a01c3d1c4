//! How pages say what a case holds, whole or masked.

use base::clock::{MINUTE, Millis};
use base::date::CalendarDate;
use messaging::pages::mask;
use web::ui::{Chip, Tone};

use crate::case::FirstContact;
use crate::notification::{CaseNotification, Person};
use crate::period::{End, Period};

/// What is said of a person who is not to be recognised at a glance.
pub(super) fn masked_name(told: Option<&CaseNotification>) -> String {
    match told {
        None => "消去済み".to_owned(),
        Some(told) if told.person.name.is_empty() => "（氏名なし）".to_owned(),
        Some(told) => mask::name(&told.person.name),
    }
}

/// `45歳`; of small children with their months: `2歳3か月`, `生後5か月`, `生後12日`.
pub(super) fn age(person: &Person, day: CalendarDate) -> String {
    let Some(years) = person.age_on(day) else {
        return "年齢不明".to_owned();
    };
    let Some(birth) = person.birth.filter(|_| years < SMALL_CHILD) else {
        return format!("{years}歳");
    };
    let (born, now) = (i32::from(birth.month()), i32::from(day.month()));
    let months = (now - born - i32::from(day.day() < birth.day())).rem_euclid(12);
    match (years, months) {
        (0, 0) => format!("生後{}日", day.days_since(birth)),
        (0, months) => format!("生後{months}か月"),
        (years, 0) => format!("{years}歳"),
        (years, months) => format!("{years}歳{months}か月"),
    }
}

/// Of whom doses and warning signs go by months.
const SMALL_CHILD: u8 = 3;

/// A day as offices write it: `2022年2月14日`.
pub(super) fn day(day: CalendarDate) -> String {
    format!("{}年{}月{}日", day.year(), day.month(), day.day())
}

/// In both calendars: `2022年2月14日（令和4年2月14日）`.
pub(super) fn both(date: CalendarDate) -> String {
    format!("{}（{}）", day(date), date.wareki())
}

/// Both calendars and the age: `1985年4月3日（昭和60年4月3日） 36歳`.
pub(super) fn birth(person: &Person, today: CalendarDate) -> Option<String> {
    let birth = person.birth?;
    Some(format!("{} {}", both(birth), age(person, today)))
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

/// Numbers of the guardian, or of whoever is to be asked in an emergency; masked unless `whole`.
pub(super) fn guardian_numbers(person: &Person, whole: bool) -> String {
    let all = person.guardian_mobiles.iter();
    let all: Vec<String> = all.map(|number| mask::phone(Some(*number), whole)).collect();
    all.join("、")
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
        (true, true) if !person.guardian_mobiles.is_empty() => "保護者など",
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

/// How long somebody stays at home: when it ends by the rules of this moment, in both calendars, or what is missing.
/// What was decided is said where nothing can be counted any more.
pub(super) fn period_words(period: Option<Period>, decided: Option<CalendarDate>) -> String {
    let until = |free: CalendarDate| free.plus_days(-1).unwrap_or(free);
    match (period.map(|period| period.end), decided) {
        (Some(End::FreeFrom(free)), _) => format!("{}まで", both(until(free))),
        (Some(End::NotBefore(free)), _) => format!(
            "まだ決まりません。早くて{}まで。症状軽快日を記録すると計算します",
            both(until(free))
        ),
        (None, Some(last)) => format!("{}まで", both(last)),
        (None, None) => "計算できません（発病日などが足りないか、ルールがありません）".to_owned(),
    }
}

/// 「3分前から」.
pub(super) fn ago(since: Millis, now: Millis) -> String {
    match (now - since) / MINUTE {
        minutes if minutes <= 0 => "たった今から".to_owned(),
        minutes => format!("{minutes}分前から"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_age_is_said_as_people_say_it() {
        let day = |year, month, day| CalendarDate::new(year, month, day);
        let of = |birth, now: Option<CalendarDate>| {
            let person = Person {
                birth,
                ..Person::default()
            };
            now.map_or_else(String::new, |now| age(&person, now))
        };
        let today = day(2022, 9, 10);
        assert_eq!(of(day(1985, 4, 3), today), "37歳");
        assert_eq!(of(day(2022, 8, 29), today), "生後12日");
        assert_eq!(of(day(2022, 4, 11), today), "生後4か月");
        assert_eq!(of(day(2021, 9, 10), today), "1歳");
        assert_eq!(of(day(2020, 5, 10), today), "2歳4か月");
        assert_eq!(of(day(2019, 9, 10), today), "3歳");
        assert_eq!(of(None, today), "年齢不明");
    }

    #[test]
    fn an_address_keeps_its_municipality_only() {
        assert_eq!(area("埼玉県朝霞市本町1-2-3"), "埼玉県朝霞市＊＊");
        assert_eq!(area("市川アパート"), "＊＊");
        assert_eq!(area("1-2-3"), "＊＊");
    }
}
