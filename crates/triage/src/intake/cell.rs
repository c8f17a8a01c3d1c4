//! One row on its way to a notification, cell by cell.

use std::collections::BTreeSet;

use base::date::{self, CalendarDate, DateProblem};
use base::merge::heading_key;
use base::phone::{self, Repair};
use messaging::template::language_of;
use unicode_normalization::UnicodeNormalization;

use super::vocabulary::{NO, UNKNOWN, is_one_of, is_remark, is_total};
use super::{Circumstances, Meaning, ReadRow, Remark};
use crate::facts::by_oxygen;
use crate::limits::{DAY_WITHOUT_YEAR_FOR, LONG_AGO};
use crate::notification::{CaseNotification, DiagnosedAs, Severity, Unclear};

const SLIPPED: &str = "電話番号の欄に別の言葉があり、ほかの欄に番号があるため、列がずれているおそれがあります。元の資料を確かめて、「1人を入力する」で登録してください。";

/// Words beside a name by which an office took somebody out of its list.
const WITHDRAWN: &[&str] = &["取消", "取り消", "取下", "取り下げ", "削除", "重複"];

/// What one cell says of others, or of the row.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Sign {
    /// 重症度 was 「無症状」.
    NoSymptoms,
    /// The list says that the person gets no SMS.
    NoSms,
    /// A cell of numbers held words.
    StrangeNumber,
    /// A cell that is none of numbers held one.
    NumberAside,
}

/// Both of them: the values stand in the wrong columns.
const SLIP: [Sign; 2] = [Sign::StrangeNumber, Sign::NumberAside];

/// What was read so far.
pub(super) struct Reading<'a> {
    pub(super) around: &'a Circumstances,
    pub(super) told: CaseNotification,
    remarks: Vec<Remark>,
    pub(super) aside: Vec<String>,
    pub(super) signs: BTreeSet<Sign>,
    /// Questions of yes or no with an answer that nobody could read.
    pub(super) doubted: BTreeSet<Meaning>,
    /// Of names and readings, which halves had columns of their own; `true` is the given name.
    pub(super) in_halves: BTreeSet<(Meaning, bool)>,
}

impl<'a> Reading<'a> {
    pub(super) fn new(around: &'a Circumstances) -> Self {
        Self {
            around,
            told: CaseNotification::default(),
            remarks: Vec::new(),
            aside: Vec::new(),
            signs: BTreeSet::new(),
            doubted: BTreeSet::new(),
            in_halves: BTreeSet::new(),
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
            M::Remarks => {
                self.may_be_unclear(written, &key);
                if ["備考", "特記事項"].contains(&heading) {
                    self.aside.push(cell.to_owned());
                } else {
                    self.aside.push(format!("{heading}: {cell}"));
                }
            }
            M::Unknown => self.unknown(written, &key),
            _ => self.text(meaning, written),
        }
    }

    /// The row, when all of its cells were taken.
    pub(super) fn end(mut self) -> ReadRow {
        let person = &self.told.person;
        let name = heading_key(&person.name);
        let is_person = person.birth.is_some() || person.register_id.is_some();
        let is_described = is_person || person.kana.is_some() || person.stated_age.is_some();
        if is_total(&name) && !is_person || is_remark(&name) && !is_described {
            return ReadRow::Nobody("氏名の欄に、合計や注記などが書かれています。");
        }
        if !self.around.is_typed && WITHDRAWN.iter().any(|word| name.contains(word)) {
            return ReadRow::Nobody(
                "氏名の欄に、取り消しや重複と書かれています。登録するときは、「1人を入力する」で入力してください。",
            );
        }
        if name.contains("死亡") {
            self.told.illness.diagnosed_as = Some(DiagnosedAs::Dead);
        }
        if self.signs.is_superset(&SLIP.into()) {
            return ReadRow::Nobody(SLIPPED);
        }
        self.part_numbers();
        if self.signs.contains(&Sign::NoSms) {
            self.only_by_telephone();
        }
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
        self.doubt();
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
        let is_contradicted =
            illness.diagnosed_as == Some(DiagnosedAs::Asymptomatic) && illness.tells_of_symptoms();
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
        let since = |day: CalendarDate| self.around.received.begins_in_japan() - day.begins_in_japan();
        let long_ago = days.into_iter().flatten().any(|day| since(day) > LONG_AGO);
        if born_later {
            self.note("", "", "生年月日が今日より後です。");
        }
        if differs {
            self.note("", "", "年齢と生年月日が合いません。");
        }
        if is_contradicted {
            self.note(
                "",
                "",
                "診断類型は「無症状」ですが、症状か発病日も書かれています。",
            );
        }
        if onset_late {
            self.note("", "", "発病日が診断日より後です。");
        }
        if future {
            self.note("", "", "接触・感染・発病・検査・診断の日が今日より後です。");
        }
        if long_ago {
            self.note(
                "",
                "",
                "接触・感染・発病・検査・診断の日が60日より前です。年を確かめてください。",
            );
        }
    }

    /// A no beside an answer that nobody could read is none.
    fn doubt(&mut self) {
        let illness = &mut self.told.illness;
        for meaning in &self.doubted {
            let place = match meaning {
                Meaning::Pregnant => &mut illness.pregnant,
                Meaning::NeedsAdmission => &mut illness.needs_admission,
                Meaning::NeedsTherapy => &mut illness.needs_therapy,
                _ => continue,
            };
            *place = place.filter(|yes| *yes);
        }
        // The same of what is less than the worst: a corrected record shows that it is asked for.
        if illness.unclear.contains(&Unclear::Spo2) {
            illness.spo2 = illness.spo2.filter(|spo2| by_oxygen(u16::from(*spo2)).is_some());
        }
        if illness.unclear.contains(&Unclear::Severity) {
            illness.severity = illness.severity.filter(|severity| *severity != Severity::Mild);
        }
    }

    /// 「無症状」 beside 重症度 says that there are no symptoms, as far as nothing else says that there are.
    fn without_symptoms(&mut self) {
        let illness = &mut self.told.illness;
        match illness.symptomatic() {
            _ if !self.signs.contains(&Sign::NoSymptoms) => {}
            None if illness.symptoms.is_none() => illness.symptoms = Some("無症状".to_owned()),
            Some(false) => {}
            _ => self.note("", "", "重症度は「無症状」ですが、症状か発病日も書かれています。"),
        }
    }

    pub(super) fn unread(&mut self, written: Cell<'_>, sentence: impl Into<String>) {
        self.remarks.push(Remark {
            heading: written.heading.to_owned(),
            cell: written.cell.to_owned(),
            sentence: sentence.into(),
            unread: true,
        });
    }

    /// The same of a fact in whose place another one would else be taken.
    pub(super) fn unclear(&mut self, what: Unclear, written: Cell<'_>, sentence: &str) {
        self.told.illness.unclear.insert(what);
        self.unread(written, sentence);
    }

    pub(super) fn note(&mut self, heading: &str, cell: &str, sentence: &str) {
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

    /// The same where the worse of two values counts: nobody is less ill because of a second column.
    pub(super) fn set_worse<T: PartialEq + Copy>(
        &mut self,
        written: Cell<'_>,
        slot: impl Fn(&mut CaseNotification) -> &mut Option<T>,
        (value, is_worse): (T, impl Fn(T, T) -> bool),
    ) {
        let place = slot(&mut self.told);
        match *place {
            None => *place = Some(value),
            Some(before) if before == value => {}
            Some(before) => {
                if is_worse(value, before) {
                    *place = Some(value);
                }
                self.note(
                    written.heading,
                    written.cell,
                    "同じ意味の列がほかにもあり、内容が違います。注意が必要な方で登録します。",
                );
            }
        }
    }

    fn text(&mut self, meaning: Meaning, written: Cell<'_>) {
        use Meaning as M;
        let value = written.cell.nfc().collect::<String>();
        if matches!(meaning, M::Name | M::Kana) {
            let words: Vec<&str> = value.lines().map(str::trim).collect();
            return self.name(meaning, written, words.join(" "));
        }
        if meaning == M::Guardian
            && let Ok(parsed) = phone::parse(written.cell)
        {
            self.guardian_numbers(written);
            if !parsed.repairs.contains(&Repair::Note) {
                return;
            }
        }
        if matches!(meaning, M::InfectionRoute | M::InfectionRegion) {
            return self.infection(meaning, value);
        }
        let slot: fn(&mut CaseNotification) -> &mut Option<String> = match meaning {
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
        let key = key.trim_start_matches('満').trim_end_matches(".0");
        let years = key.split_once(['歳', '才']).map_or(key, |(years, _)| years);
        let rest = key.trim_start_matches(years).trim_start_matches(['歳', '才']);
        let digits = years.trim_end_matches(|c: char| !c.is_ascii_digit());
        match digits.parse::<u8>() {
            Ok(told) if months && rest.is_empty() => {
                self.set(written, |told| &mut told.person.stated_age, told / 12);
            }
            Ok(age) if age <= 120 && digits == years && (rest.is_empty() || months) => {
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
            self.unread(written, "IDとして読めません。4桁から12桁の数字で書いてください。");
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
