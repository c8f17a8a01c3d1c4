//! One row on its way to a notification, cell by cell.

use base::date::{self, CalendarDate, DateProblem};
use base::merge::heading_key;
use base::phone::{self, PhoneProblem};
use messaging::template::language_of;
use unicode_normalization::UnicodeNormalization;

use super::vocabulary::{NO, UNKNOWN, is_one_of};
use super::{Circumstances, Meaning, ReadRow, Remark};
use crate::limits::{DAY_WITHOUT_YEAR_FOR, UNKNOWN_LETTERS};
use crate::notification::CaseNotification;

/// What was read so far.
pub(super) struct Reading<'a> {
    around: &'a Circumstances,
    pub(super) told: CaseNotification,
    remarks: Vec<Remark>,
    pub(super) aside: Vec<String>,
    /// 重症度 was 「無症状」.
    pub(super) says_no_symptoms: bool,
}

impl<'a> Reading<'a> {
    pub(super) fn new(around: &'a Circumstances) -> Self {
        Self {
            around,
            told: CaseNotification::default(),
            remarks: Vec::new(),
            aside: Vec::new(),
            says_no_symptoms: false,
        }
    }

    /// One cell that is not blank.
    pub(super) fn take(&mut self, meaning: Meaning, heading: &str, cell: &str) {
        use Meaning as M;
        let cell = cell.trim_matches(base::merge::is_blank);
        let key = heading_key(cell);
        let written = Cell { heading, cell };
        match meaning {
            M::Number => self.number(written),
            M::GuardianNumber => self.guardian_numbers(written),
            M::Location => self.location(written, &key),
            M::CarePlace => self.care_place(written, &key),
            M::Birth => self.birth(written, &key),
            M::Exposed | M::Infected | M::Onset | M::Sampled | M::FirstVisit | M::Diagnosed | M::LastDose => {
                self.day(meaning, written, &key);
            }
            M::Age => self.age(written, &key),
            M::RegisterId => self.register_id(written, &key),
            M::DiagnosedAs => self.diagnosed_as(written, &key),
            M::RiskFactors => self.risk_factors(written, &key),
            M::Pregnant => self.pregnant(written, &key),
            M::Doses => self.doses(written, &key),
            M::DosesAndLast => self.doses_and_last(written, &key),
            M::Spo2 => self.spo2(written, &key),
            M::Severity => self.severity(written, &key),
            M::NeedsAdmission | M::NeedsTherapy | M::RemoteVisit => self.need(meaning, written, &key),
            M::Language => self.language(written, &key),
            M::Centre => self.centre(written, &key),
            M::Remarks if ["備考", "特記事項"].contains(&heading) => self.aside.push(cell.to_owned()),
            M::Remarks => self.aside.push(format!("{heading}: {cell}")),
            M::Unknown => self.unknown(written),
            _ => self.text(meaning, written),
        }
    }

    /// The row, when all of its cells were taken.
    pub(super) fn end(mut self) -> ReadRow {
        let person = &self.told.person;
        let reachable =
            !person.mobiles.is_empty() || !person.landlines.is_empty() || !person.guardian_mobiles.is_empty();
        let known = person.register_id.is_some()
            || person.birth.is_some()
            || person.kana.is_some()
            || person.stated_age.is_some()
            || person.location.is_some()
            || person.address.is_some();
        let unread_number = self.remarks.iter().any(|one| one.unread);
        match (person.name.is_empty(), reachable || known || unread_number) {
            (true, _) if !reachable && person.register_id.is_none() => {
                return ReadRow::Nobody("氏名も電話番号もありません。");
            }
            (false, false) => return ReadRow::Nobody("氏名のほかに何も書かれていません。"),
            (true, _) => self.note("", "", "氏名がありません。"),
            (false, true) => {}
        }
        if !reachable {
            self.note("", "", "連絡できる電話番号がありません。");
        }
        self.compare();
        self.without_symptoms();
        for remark in self.remarks.iter().filter(|one| one.unread) {
            self.aside.push(format!(
                "読み取れなかった欄「{}」: {}",
                remark.heading, remark.cell
            ));
        }
        self.told.illness.remarks = (!self.aside.is_empty()).then(|| self.aside.join("\n"));
        ReadRow::Person(Box::new(self.told), self.remarks)
    }

    /// What does not fit together is told and left as it was written.
    fn compare(&mut self) {
        let (person, illness) = (&self.told.person, &self.told.illness);
        let age = person.birth.and_then(|birth| birth.age_on(self.around.received));
        let differs = age
            .zip(person.stated_age)
            .is_some_and(|(age, stated)| age.abs_diff(stated) > 1);
        let born_later = person.birth.is_some_and(|birth| birth > self.around.received);
        let before = |one: Option<CalendarDate>, other: Option<CalendarDate>| {
            one.zip(other).is_some_and(|(one, other)| one > other)
        };
        let onset_late = before(illness.onset, illness.diagnosed);
        let days = [
            illness.exposed,
            illness.infected,
            illness.onset,
            illness.sampled,
            illness.first_visit,
            illness.diagnosed,
        ];
        let future = days.into_iter().flatten().any(|day| day > self.around.received);
        if born_later {
            self.note("", "", "生年月日が今日より後です。");
        }
        if differs {
            self.note("", "", "年齢と生年月日が合いません。");
        }
        if onset_late {
            self.note("", "", "発病日が診断日より後です。");
        }
        if future {
            self.note("", "", "接触・感染・発病・検査・診断の日が今日より後です。");
        }
    }

    /// 「無症状」 beside 重症度 says that there are no symptoms, as far as nothing else says that there are.
    fn without_symptoms(&mut self) {
        let illness = &mut self.told.illness;
        match illness.symptomatic() {
            _ if !self.says_no_symptoms => {}
            None if illness.symptoms.is_none() => illness.symptoms = Some("無症状".to_owned()),
            Some(false) => {}
            _ => self.note("", "", "重症度は「無症状」ですが、症状か発病日も書かれています。"),
        }
    }

    /// A cell of a column that nobody knows: kept, as far as it is short.
    fn unknown(&mut self, written: Cell<'_>) {
        let mut text: String = written.cell.chars().take(UNKNOWN_LETTERS).collect();
        if text.len() < written.cell.len() {
            text.push('…');
        }
        self.aside.push(format!("{}: {text}", written.heading));
    }

    pub(super) fn unread(&mut self, written: Cell<'_>, sentence: impl Into<String>) {
        self.remarks.push(Remark {
            heading: written.heading.to_owned(),
            cell: written.cell.to_owned(),
            sentence: sentence.into(),
            unread: true,
        });
    }

    fn note(&mut self, heading: &str, cell: &str, sentence: &str) {
        self.remarks.push(Remark {
            heading: heading.to_owned(),
            cell: cell.to_owned(),
            sentence: sentence.to_owned(),
            unread: false,
        });
    }

    /// Sets what nobody set before. Two columns that say different things leave the first, and say so.
    pub(super) fn set<T: PartialEq>(
        &mut self,
        written: Cell<'_>,
        slot: impl Fn(&mut CaseNotification) -> &mut Option<T>,
        value: T,
    ) {
        let place = slot(&mut self.told);
        match place {
            None => *place = Some(value),
            Some(before) if *before == value => {}
            Some(_) => self.unread(written, "同じ意味の列がほかにもあり、内容が違います。"),
        }
    }

    fn text(&mut self, meaning: Meaning, written: Cell<'_>) {
        use Meaning as M;
        let value = written.cell.nfc().collect::<String>();
        if meaning == M::Name {
            match self.told.person.name.is_empty() {
                true => self.told.person.name = value,
                false if self.told.person.name == value => {}
                false => self.unread(written, "氏名の列がほかにもあり、内容が違います。"),
            }
            return;
        }
        if matches!(meaning, M::InfectionRoute | M::InfectionRegion) {
            return self.infection(meaning, value);
        }
        let slot: fn(&mut CaseNotification) -> &mut Option<String> = match meaning {
            M::Kana => |told| &mut told.person.kana,
            M::Sex => |told| &mut told.person.sex,
            M::Guardian => |told| &mut told.person.guardian,
            M::Postcode => |told| &mut told.person.postcode,
            M::Address => |told| &mut told.person.address,
            M::Occupation => |told| &mut told.person.occupation,
            M::Facility => |told| &mut told.person.facility,
            M::Disease => |told| &mut told.illness.disease,
            M::Symptoms => |told| &mut told.illness.symptoms,
            M::Method => |told| &mut told.illness.method,
            M::Clinic => |told| &mut told.notifier.clinic,
            M::Doctor => |told| &mut told.notifier.doctor,
            M::ClinicTelephone => |told| &mut told.notifier.telephone,
            _ => return self.aside.push(format!("{}: {}", written.heading, written.cell)),
        };
        let key = heading_key(&value);
        match meaning {
            // That there is none is known; an empty cell says nothing.
            M::Facility if is_one_of(&key, NO) => self.set(written, slot, "なし".to_owned()),
            M::Guardian if is_one_of(&key, NO) => {}
            M::Disease | M::Facility if is_one_of(&key, UNKNOWN) => {}
            _ => self.set(written, slot, value),
        }
    }

    /// Cause, route and source stand in columns of their own, or in one: all of it is kept.
    fn infection(&mut self, meaning: Meaning, value: String) {
        let illness = &mut self.told.illness;
        let place = match meaning {
            Meaning::InfectionRoute => &mut illness.infection_route,
            _ => &mut illness.infection_region,
        };
        match place {
            Some(before) if *before != value => {
                before.push('、');
                before.push_str(&value);
            }
            place => *place = Some(value),
        }
    }

    pub(super) fn number(&mut self, written: Cell<'_>) {
        let person = &mut self.told.person;
        match phone::parse(written.cell) {
            Ok(parsed) if person.mobiles.contains(&parsed.number) => {}
            Ok(parsed) => person.mobiles.push(parsed.number),
            Err(PhoneProblem::Missing) => {}
            Err(PhoneProblem::Landline) => {
                let written = written.cell.to_owned();
                if !person.landlines.contains(&written) {
                    person.landlines.push(written);
                }
            }
            // Whose they are only a person knows; whoever telephones sees both.
            Err(PhoneProblem::TwoNumbers { .. }) => {
                person.landlines.push(written.cell.to_owned());
                self.note(
                    written.heading,
                    written.cell,
                    "番号が2つ以上あります。SMSの宛先にするときは、1つを選んで訂正してください。",
                );
            }
            Err(PhoneProblem::Invalid(_)) => {
                self.unread(written, "電話番号として読めません。元の資料を確かめてください。");
            }
        }
    }

    fn birth(&mut self, written: Cell<'_>, key: &str) {
        match date::parse(written.cell) {
            Ok(date::Parsed::Full(day)) => self.set(written, |told| &mut told.person.birth, day),
            Ok(date::Parsed::MonthDay { .. }) => self.unread(written, "生年月日に年がありません。"),
            Err(DateProblem::Missing) => {}
            Err(_) if is_one_of(key, UNKNOWN) => {}
            Err(problem) => self.unread(written, problem.to_string()),
        }
    }

    fn day(&mut self, meaning: Meaning, written: Cell<'_>, key: &str) {
        let slot: fn(&mut CaseNotification) -> &mut Option<CalendarDate> = match meaning {
            Meaning::Exposed => |told| &mut told.illness.exposed,
            Meaning::Infected => |told| &mut told.illness.infected,
            Meaning::Onset => |told| &mut told.illness.onset,
            Meaning::Sampled => |told| &mut told.illness.sampled,
            Meaning::FirstVisit => |told| &mut told.illness.first_visit,
            Meaning::Diagnosed => |told| &mut told.illness.diagnosed,
            _ => |told| &mut told.illness.last_dose,
        };
        match date::parse(written.cell) {
            Ok(date::Parsed::Full(day)) => self.set(written, slot, day),
            Ok(date::Parsed::MonthDay { month, day }) => match self.last_such_day(month, day) {
                Some(found) if meaning != Meaning::LastDose => self.set(written, slot, found),
                _ => self.unread(written, "日付に年がありません。"),
            },
            Err(DateProblem::Missing) => {}
            Err(_) if is_one_of(key, UNKNOWN) || is_one_of(key, NO) => {}
            Err(problem) => self.unread(written, problem.to_string()),
        }
    }

    /// 2/14 in a list of 16 February is that year's, and in one of January nobody knows.
    fn last_such_day(&self, month: u8, day: u8) -> Option<CalendarDate> {
        let received = self.around.received;
        let found = [received.year(), received.year() - 1]
            .into_iter()
            .filter_map(|year| CalendarDate::new(year, month, day))
            .find(|found| *found <= received)?;
        let since = received.begins_in_japan() - found.begins_in_japan();
        (since <= DAY_WITHOUT_YEAR_FOR).then_some(found)
    }

    fn age(&mut self, written: Cell<'_>, key: &str) {
        let months =
            key.ends_with("か月") || key.ends_with("ヶ月") || key.ends_with("ヵ月") || key.ends_with("カ月");
        let digits = key.trim_end_matches(|c: char| !c.is_ascii_digit());
        match digits.parse::<u8>() {
            Ok(_) if months && !key.contains('歳') => {
                self.set(written, |told| &mut told.person.stated_age, 0);
            }
            Ok(age) if age <= 120 && key.trim_start_matches(digits).chars().all(|c| "歳才".contains(c)) => {
                self.set(written, |told| &mut told.person.stated_age, age);
            }
            _ if is_one_of(key, UNKNOWN) => {}
            _ => self.unread(written, "年齢として読めません。"),
        }
    }

    fn register_id(&mut self, written: Cell<'_>, key: &str) {
        let plain = key.trim_start_matches('\'').trim_end_matches(".0");
        if plain.len() >= 4 && plain.len() <= 12 && plain.bytes().all(|b| b.is_ascii_digit()) {
            self.set(written, |told| &mut told.person.register_id, plain.to_owned());
        } else if !is_one_of(key, UNKNOWN) && !is_one_of(key, NO) {
            self.unread(written, "IDは数字だけで書いてください。");
        }
    }

    fn language(&mut self, written: Cell<'_>, key: &str) {
        match language_of(written.cell) {
            Some(known) => self.set(written, |told| &mut told.person.language, known.code().to_owned()),
            None if is_one_of(key, UNKNOWN) || is_one_of(key, NO) => {}
            None => self.unread(written, "この言語の文面はありません。日本語で連絡します。"),
        }
    }

    fn centre(&mut self, written: Cell<'_>, key: &str) {
        let short = |name: &str| heading_key(name).replace("保健所", "");
        if !short(&self.around.office).contains(&short(key)) {
            self.note(
                written.heading,
                written.cell,
                "この部署とは別の保健所の名前が書かれています。登録してから引き継ぐことができます。",
            );
        }
    }
}

/// A cell and the heading of its column, as they were written.
#[derive(Clone, Copy)]
pub(super) struct Cell<'a> {
    pub(super) heading: &'a str,
    pub(super) cell: &'a str,
}
