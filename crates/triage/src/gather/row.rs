//! One person as a row: what texts can hold of them, and by what they are known again.

use std::collections::HashMap;

use base::date::CalendarDate;
use base::id::OfficeId;
use base::phone::PhoneNumber;
use db::OrgVault;
use lists::contacts::{PersonKeys, PersonValues};

use crate::case::{Case, received_day};

/// What columns of a roll are called: what texts to people of cases can hold.
pub const HEADINGS: [&str; 14] = [
    "電話番号",
    "氏名",
    "フリガナ",
    "受付番号",
    "HER-SYS ID",
    "ID",
    "生年月日",
    "年齢",
    "発病日",
    "診断日",
    "療養終了日",
    "保健所",
    "保護者",
    "言語",
];

/// `ends` is the last day at home, as the rules say it at this moment.
pub(super) fn cells(
    case: &Case,
    number: Option<PhoneNumber>,
    ends: Option<CalendarDate>,
    offices: &HashMap<OfficeId, String>,
) -> Vec<String> {
    let Some(told) = &case.notification else {
        return Vec::new();
    };
    let (person, illness) = (&told.person, &told.illness);
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    let day = |day: Option<CalendarDate>| day.map_or_else(String::new, in_words);
    let age = person.age_on(received_day(case.received_at));
    vec![
        number.map_or_else(String::new, PhoneNumber::national),
        person.name.clone(),
        text(&person.kana),
        case.reference.to_string(),
        text(&person.register_id),
        text(&person.register_id),
        day(person.birth),
        age.map_or_else(String::new, |age| age.to_string()),
        day(illness.onset),
        day(illness.diagnosed),
        ends.map_or_else(String::new, month_and_day),
        offices.get(&case.office).cloned().unwrap_or_default(),
        text(&person.guardian),
        text(&person.language),
    ]
}

/// `2022年2月16日`.
fn in_words(day: CalendarDate) -> String {
    format!("{}年{}", day.year(), month_and_day(day))
}

/// `2月16日`.
fn month_and_day(day: CalendarDate) -> String {
    format!("{}月{}日", day.month(), day.day())
}

/// By what the person is known again in the contact history.
pub(super) fn keys(vault: &OrgVault, case: &Case, number: Option<PhoneNumber>) -> PersonKeys {
    let Some(told) = &case.notification else {
        return PersonKeys::default();
    };
    let birth = told.person.birth.map(|day| day.to_string());
    let values = PersonValues {
        phone: number,
        id: told.person.register_id.as_deref(),
        name: Some(&told.person.name),
        birth: birth.as_deref(),
    };
    PersonKeys::of(vault, &values)
}
