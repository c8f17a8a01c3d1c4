//! What is told of one person as fields of a form, read as cells of a list are; and as lines of a page.

use std::collections::HashMap;

use base::date::CalendarDate;
use web::Errors;
use web::form::{Choice, Field};

use super::case_words::{both, guardian_numbers, numbers};
use crate::intake::{Circumstances, Meaning, ReadRow, read, risk_words};
use crate::notification::{CaseNotification, DiagnosedAs, Severity};

/// A line of a page.
#[derive(Clone)]
pub(super) struct Told {
    pub(super) label: &'static str,
    pub(super) value: String,
}

/// What was typed, by the name of its field.
pub(super) type Typed = HashMap<String, String>;

/// Fields for numbers; more are shown where more are known.
const NUMBERS: usize = 3;

use Meaning as M;

/// The fields after the numbers, in order.
const FIELDS: &[M] = &[
    M::Birth,
    M::Age,
    M::Sex,
    M::RegisterId,
    M::Guardian,
    M::GuardianNumber,
    M::Postcode,
    M::Address,
    M::Location,
    M::Occupation,
    M::Facility,
    M::Language,
    M::Disease,
    M::DiagnosedAs,
    M::Symptoms,
    M::Exposed,
    M::Infected,
    M::Onset,
    M::Sampled,
    M::FirstVisit,
    M::Diagnosed,
    M::Method,
    M::RemoteVisit,
    M::InfectionRoute,
    M::InfectionRegion,
    M::RiskFactors,
    M::Pregnant,
    M::Doses,
    M::LastDose,
    M::Spo2,
    M::Severity,
    M::NeedsAdmission,
    M::NeedsTherapy,
    M::Clinic,
    M::Doctor,
    M::ClinicTelephone,
    M::Remarks,
];

/// One field: its name, what it means, what it is called.
struct Place {
    name: String,
    meaning: M,
    label: String,
}

fn places(count: usize) -> Vec<Place> {
    let place = |meaning: M| Place {
        name: format!("{meaning:?}").to_lowercase(),
        meaning,
        label: match meaning {
            M::Remarks => "備考".to_owned(),
            _ => meaning.label().to_owned(),
        },
    };
    let number = |at: usize| Place {
        name: format!("number{at}"),
        meaning: M::Number,
        label: format!("電話番号{at}"),
    };
    let mut all = vec![place(M::Name), place(M::Kana)];
    all.extend((1..=count.max(NUMBERS)).map(number));
    all.extend(FIELDS.iter().copied().map(place));
    all
}

/// How many fields for numbers were sent.
fn count(typed: &Typed) -> usize {
    typed
        .keys()
        .filter(|name| name.starts_with("number"))
        .count()
        .min(20)
}

/// What was told, as somebody would have typed it.
pub(super) fn typed(told: &CaseNotification) -> Typed {
    let numbers = numbers(&told.person, true);
    places(numbers.len())
        .into_iter()
        .map(|place| {
            let at = place
                .name
                .strip_prefix("number")
                .and_then(|at| at.parse::<usize>().ok());
            let value = match at {
                Some(at) => numbers.get(at - 1).cloned(),
                None => written(place.meaning, told),
            };
            (place.name, value.unwrap_or_default())
        })
        .collect()
}

fn written(meaning: M, told: &CaseNotification) -> Option<String> {
    let (person, illness, notifier) = (&told.person, &told.illness, &told.notifier);
    let text = |value: &Option<String>| value.clone();
    let date = |value: Option<CalendarDate>| value.map(|day| day.to_string());
    let yes = |value: Option<bool>| value.map(|yes| if yes { "あり" } else { "なし" }.to_owned());
    match meaning {
        M::Name => Some(person.name.clone()),
        M::Kana => text(&person.kana),
        M::Birth => date(person.birth),
        M::Age => person.stated_age.map(|age| age.to_string()),
        M::Sex => text(&person.sex),
        M::RegisterId => text(&person.register_id),
        M::Guardian => text(&person.guardian),
        M::GuardianNumber => Some(guardian_numbers(person, true)).filter(|all| !all.is_empty()),
        M::Postcode => text(&person.postcode),
        M::Address => text(&person.address),
        M::Location => text(&person.location),
        M::Occupation => text(&person.occupation),
        M::Facility => text(&person.facility),
        M::Language => text(&person.language),
        M::Disease => text(&illness.disease),
        M::DiagnosedAs => illness.diagnosed_as.map(|one| one.label().to_owned()),
        M::Symptoms => text(&illness.symptoms),
        M::Exposed => date(illness.exposed),
        M::Infected => date(illness.infected),
        M::Onset => date(illness.onset),
        M::Sampled => date(illness.sampled),
        M::FirstVisit => date(illness.first_visit),
        M::Diagnosed => date(illness.diagnosed),
        M::Method => text(&illness.method),
        M::RemoteVisit => yes(illness.remote_visit),
        M::InfectionRoute => text(&illness.infection_route),
        M::InfectionRegion => text(&illness.infection_region),
        M::RiskFactors => illness.risk_factors.as_ref().map(|all| {
            let words: Vec<&str> = all.iter().map(|one| risk_words(*one)).collect();
            if words.is_empty() {
                "なし".to_owned()
            } else {
                words.join("、")
            }
        }),
        M::Pregnant => yes(illness.pregnant),
        M::Doses => illness.doses.map(|doses| doses.to_string()),
        M::LastDose => date(illness.last_dose),
        M::Spo2 => illness.spo2.map(|spo2| spo2.to_string()),
        M::Severity => illness.severity.map(|one| one.label().to_owned()),
        M::NeedsAdmission => yes(illness.needs_admission),
        M::NeedsTherapy => yes(illness.needs_therapy),
        M::Remarks => text(&illness.remarks),
        M::Clinic => text(&notifier.clinic),
        M::Doctor => text(&notifier.doctor),
        M::ClinicTelephone => text(&notifier.telephone),
        M::Number | M::CarePlace | M::DosesAndLast | M::Centre | M::Unknown => None,
    }
}

/// What was typed, read; or every mistake, at its field.
pub(super) fn accept(typed: &Typed, received: CalendarDate) -> Result<CaseNotification, Errors> {
    let places = places(count(typed));
    let around = Circumstances {
        received,
        office: String::new(),
        is_typed: true,
    };
    let cell = |name: &str| typed.get(name).map_or("", String::as_str);
    let cells = places
        .iter()
        .map(|place| (place.meaning, place.label.as_str(), cell(&place.name)));
    let mut errors = Errors::default();
    for place in &places {
        if cell(&place.name).chars().count() > crate::limits::NOTE_LETTERS {
            errors.add(
                &place.name,
                format!("{}文字までにしてください。", crate::limits::NOTE_LETTERS),
            );
        }
    }
    if !errors.is_empty() {
        return Err(errors);
    }
    let (told, remarks) = match read(&around, cells) {
        ReadRow::Person(told, remarks) if !told.person.name.is_empty() => (told, remarks),
        ReadRow::Person(..) => {
            errors.add("name", "氏名を入力してください。");
            return Err(errors);
        }
        ReadRow::Nobody(_) => {
            errors.add(
                "name",
                "氏名と、電話番号・生年月日・フリガナのどれかを入力してください。",
            );
            return Err(errors);
        }
    };
    for remark in remarks.iter().filter(|one| one.unread) {
        if let Some(place) = places.iter().find(|place| place.label == remark.heading) {
            errors.add(&place.name, &remark.sentence);
        }
    }
    if errors.is_empty() { Ok(*told) } else { Err(errors) }
}

/// The fields with what was typed into them.
pub(super) fn fields(typed: &Typed, errors: &Errors) -> Vec<Field> {
    places(count(typed))
        .into_iter()
        .map(|Place { name, meaning, label }| {
            let field = match meaning {
                M::DiagnosedAs => choices(&name, &label, DiagnosedAs::ALL.iter().map(|one| one.label())),
                M::Severity => choices(&name, &label, Severity::ALL.iter().map(|one| one.label())),
                M::Pregnant | M::NeedsAdmission | M::NeedsTherapy | M::RemoteVisit => {
                    choices(&name, &label, ["あり", "なし"].into_iter())
                }
                M::Remarks | M::Symptoms => Field::long_text(&name, &label, 3),
                _ => Field::text(&name, &label),
            };
            let support = match meaning {
                M::Name => "漢字は書かれているとおりに入力します",
                M::Number if name == "number1" => "本人の携帯電話を先に。固定電話も入力できます",
                M::Birth => "例: S60.4.3、昭和60年4月3日、1985/4/3",
                M::Age => "生年月日が分からないときだけ",
                M::GuardianNumber => "未成年の人には、ここに連絡します。大人の人へのSMSには使いません",
                M::Location => "今いる所。担当の保健所はここで決まります。住所と同じなら空のまま",
                M::Facility => "入所・通所・勤務している施設。ないときは「なし」。分からないときは空のまま",
                M::RiskFactors => "例: 高血圧、糖尿病。ないときは「なし」。分からないときは空のまま",
                M::Disease => {
                    "選んだ振り分け規則の病気なら、空のままでかまいません。ほかの病気のときは入力します"
                }
                M::Exposed => "患者と接触した人のとき",
                M::Onset => "分からないときは空のまま。療養の終わりの計算に使います",
                M::Language => "例: ベトナム語",
                _ => "",
            };
            let field = if support.is_empty() {
                field
            } else {
                field.support(support)
            };
            let field = field
                .value(typed.get(&name).map_or("", String::as_str))
                .errors(errors);
            if meaning == M::Name {
                field.required()
            } else {
                field
            }
        })
        .collect()
}

fn choices(name: &str, label: &str, all: impl Iterator<Item = &'static str>) -> Field {
    let mut choices = vec![Choice::new("", "分からない")];
    choices.extend(all.map(|one| Choice::new(one, one)));
    Field::select(name, label, choices)
}

/// What was told of the illness, line by line.
pub(super) fn illness(told: &CaseNotification) -> Vec<Told> {
    let illness_only = FIELDS.iter().skip_while(|meaning| **meaning != M::Disease);
    let date = |meaning: M| match meaning {
        M::Exposed => told.illness.exposed,
        M::Infected => told.illness.infected,
        M::Onset => told.illness.onset,
        M::Sampled => told.illness.sampled,
        M::FirstVisit => told.illness.first_visit,
        M::Diagnosed => told.illness.diagnosed,
        M::LastDose => told.illness.last_dose,
        _ => None,
    };
    illness_only
        .filter_map(|meaning| {
            let value = date(*meaning).map(both).or_else(|| written(*meaning, told))?;
            Some(Told {
                label: meaning.label(),
                value,
            })
        })
        .collect()
}

/// One value of two records.
pub(super) struct Difference {
    /// What it is called.
    pub(super) label: &'static str,
    /// Whether it tells who the person is, or is in somebody's own words.
    is_personal: bool,
    /// In the one.
    pub(super) one: String,
    /// In the other.
    pub(super) other: String,
}

/// In what two records differ.
pub(super) fn compared(one: &CaseNotification, other: &CaseNotification) -> Vec<Difference> {
    let all = [M::Name, M::Kana, M::Number]
        .into_iter()
        .chain(FIELDS.iter().copied());
    let value = |meaning: M, told: &CaseNotification| {
        let value = match meaning {
            M::Number => numbers(&told.person, true).join("、"),
            _ => written(meaning, told).unwrap_or_default(),
        };
        if value.is_empty() {
            "（なし）".to_owned()
        } else {
            value
        }
    };
    let mut is_personal = true;
    all.filter_map(|meaning| {
        is_personal &= meaning != M::Disease;
        let difference = Difference {
            label: if meaning == M::Number {
                "電話番号"
            } else {
                meaning.label()
            },
            is_personal: is_personal
                || matches!(meaning, M::Remarks | M::InfectionRoute | M::InfectionRegion),
            one: value(meaning, one),
            other: value(meaning, other),
        };
        (difference.one != difference.other).then_some(difference)
    })
    .collect()
}

/// What a correction changed: the illness in words, the person by the names of the fields only, unless `whole`.
pub(super) fn differences(before: &CaseNotification, after: &CaseNotification, whole: bool) -> Vec<String> {
    compared(before, after)
        .into_iter()
        .map(|one| {
            if one.is_personal && !whole {
                format!("{}を訂正", one.label)
            } else {
                format!("{}: {} → {}", one.label, one.one, one.other)
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_form_shows_is_read_back_as_it_was() {
        let mut told = CaseNotification::default();
        told.person.name = "見本 花子".to_owned();
        told.person.kana = Some("ミホン ハナコ".to_owned());
        told.person.birth = CalendarDate::new(1985, 4, 3);
        told.person.mobiles = vec![base::phone::parse("090-1234-5678").expect("a number").number];
        told.person.landlines = vec!["048-123-4567".to_owned()];
        told.person.guardian_mobiles = ["080-1111-2222", "080-1111-3333"]
            .map(|number| base::phone::parse(number).expect("a number").number)
            .into();
        told.person.address = Some("埼玉県川口市青木2-1-1".to_owned());
        told.person.location = Some("宿泊療養".to_owned());
        told.illness.place = Some(crate::period::Place::Hotel);
        told.person.facility = Some("なし".to_owned());
        told.person.language = Some("vi".to_owned());
        told.illness.disease = Some("麻しん".to_owned());
        told.illness.exposed = CalendarDate::new(2022, 2, 3);
        told.illness.infected = CalendarDate::new(2022, 2, 10);
        told.illness.infection_route = Some("同居の家族から".to_owned());
        told.illness.infection_region = Some("県内".to_owned());
        told.illness.onset = CalendarDate::new(2022, 2, 14);
        told.illness.first_visit = CalendarDate::new(2022, 2, 15);
        told.illness.remote_visit = Some(true);
        told.illness.risk_factors = Some(crate::notification::RiskFactor::ALL.iter().copied().collect());
        told.illness.pregnant = Some(false);
        told.illness.severity = Some(Severity::ModerateTwo);
        told.illness.diagnosed_as = Some(DiagnosedAs::Presumed);
        told.illness.remarks = Some("母と同居".to_owned());
        let read = accept(&typed(&told), CalendarDate::new(2022, 2, 16).expect("a day"));
        assert!(read.expect("no mistake") == told);
        told.illness.risk_factors = Some(std::collections::BTreeSet::new());
        let read = accept(&typed(&told), CalendarDate::new(2022, 2, 16).expect("a day"));
        assert!(read.expect("no mistake") == told, "none is not nothing said");
    }

    #[test]
    fn a_mistake_stands_at_its_field() {
        let mut typed = typed(&CaseNotification::default());
        typed.insert("name".to_owned(), "見本 花子".to_owned());
        typed.insert("number1".to_owned(), "090-1234".to_owned());
        let errors = accept(&typed, CalendarDate::new(2022, 2, 16).expect("a day")).expect_err("a mistake");
        assert!(errors.of("number1").is_some(), "{errors:?}");
    }
}
