//! One row on its way to a notification, cell by cell.

use std::collections::BTreeSet;

use base::date::{self, CalendarDate, DateProblem};
use base::merge::heading_key;
use base::phone::{self, PhoneProblem};
use messaging::template::language_of;
use unicode_normalization::UnicodeNormalization;

use super::{Circumstances, Meaning, ReadRow, Remark};
use crate::limits::DAY_WITHOUT_YEAR_FOR;
use crate::notification::{CaseNotification, DiagnosedAs, RiskFactor, Severity};

/// Words that say that nothing is known.
const UNKNOWN: &[&str] = &[
    "不明",
    "未確認",
    "確認中",
    "-",
    "ー",
    "―",
    "−",
    "?",
    "？",
    "未",
    "空欄",
];
const NO: &[&str] = &[
    "なし",
    "無",
    "無し",
    "いいえ",
    "否",
    "×",
    "✕",
    "✗",
    "no",
    "n",
    "ない",
    "不要",
    "不要です",
    "必要なし",
    "該当なし",
    "特になし",
    "特記なし",
    "0",
];
const YES: &[&str] = &[
    "あり",
    "有",
    "有り",
    "はい",
    "○",
    "〇",
    "◯",
    "yes",
    "y",
    "要",
    "必要",
    "必要あり",
    "ある",
    "該当",
    "✓",
    "レ",
    "1",
];

/// Letters by which a risk factor is known, in the order in which they are looked for.
const RISKS: &[(&[&str], RiskFactor)] = &[
    (
        &["悪性腫瘍", "がん", "ガン", "癌", "白血病", "リンパ腫"],
        RiskFactor::Malignancy,
    ),
    (
        &[
            "慢性呼吸器疾患",
            "慢性呼吸器",
            "呼吸器疾患",
            "copd",
            "慢性閉塞性肺",
            "喘息",
            "ぜんそく",
            "間質性肺炎",
        ],
        RiskFactor::ChronicRespiratory,
    ),
    (
        &["慢性腎臓病", "慢性腎", "腎臓病", "腎不全", "透析", "ckd"],
        RiskFactor::ChronicKidney,
    ),
    (&["糖尿病", "dm"], RiskFactor::Diabetes),
    (&["高血圧", "ht"], RiskFactor::Hypertension),
    (
        &["脂質異常症", "脂質異常", "高脂血", "高コレステロール"],
        RiskFactor::Dyslipidaemia,
    ),
    (
        &["脳血管疾患", "脳血管", "脳梗塞", "脳出血", "脳卒中"],
        RiskFactor::Cerebrovascular,
    ),
    (
        &[
            "心血管疾患",
            "心血管",
            "心疾患",
            "心不全",
            "狭心症",
            "心筋梗塞",
            "心臓病",
        ],
        RiskFactor::Cardiovascular,
    ),
    (&["肥満", "bmi30"], RiskFactor::Obesity),
    (&["喫煙", "タバコ", "たばこ"], RiskFactor::Smoking),
    (
        &["免疫の低下", "免疫", "臓器移植", "移植後", "hiv", "抗がん剤"],
        RiskFactor::Immunosuppression,
    ),
];

/// What was read so far.
pub(super) struct Reading<'a> {
    around: &'a Circumstances,
    told: CaseNotification,
    address: Option<String>,
    remarks: Vec<Remark>,
    aside: Vec<String>,
}

impl<'a> Reading<'a> {
    pub(super) fn new(around: &'a Circumstances) -> Self {
        Self {
            around,
            told: CaseNotification::default(),
            address: None,
            remarks: Vec::new(),
            aside: Vec::new(),
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
            M::Birth => self.birth(written, &key),
            M::Onset | M::Sampled | M::Diagnosed | M::LastDose => self.day(meaning, written, &key),
            M::Age => self.age(written, &key),
            M::RegisterId => self.register_id(written, &key),
            M::DiagnosedAs => self.diagnosed_as(written, &key),
            M::RiskFactors => self.risk_factors(written, &key),
            M::Pregnant => self.pregnant(written, &key),
            M::Doses => self.doses(written, &key),
            M::DosesAndLast => self.doses_and_last(written, &key),
            M::Spo2 => self.spo2(written, &key),
            M::Severity => self.severity(written, &key),
            M::NeedsAdmission | M::NeedsTherapy => self.need(meaning, written, &key),
            M::Language => self.language(written, &key),
            M::Centre => self.centre(written, &key),
            M::Remarks if ["備考", "特記事項"].contains(&heading) => self.aside.push(cell.to_owned()),
            M::Remarks => self.aside.push(format!("{heading}: {cell}")),
            _ => self.text(meaning, written),
        }
    }

    /// The row, when all of its cells were taken.
    pub(super) fn end(mut self) -> ReadRow {
        let person = &self.told.person;
        let reachable = !person.mobiles.is_empty() || !person.landlines.is_empty();
        let known = person.register_id.is_some()
            || person.birth.is_some()
            || person.kana.is_some()
            || person.stated_age.is_some()
            || person.location.is_some()
            || self.address.is_some();
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
        self.told.person.location = self.told.person.location.take().or(self.address.take());
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
        let future = [illness.onset, illness.sampled, illness.diagnosed]
            .into_iter()
            .flatten()
            .any(|day| day > self.around.received);
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
            self.note("", "", "発病・検査・診断の日が今日より後です。");
        }
    }

    fn unread(&mut self, written: Cell<'_>, sentence: impl Into<String>) {
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
    fn set<T: PartialEq>(
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
        if meaning == M::Address {
            if self.address.is_none() {
                self.address = Some(value);
            }
            return;
        }
        let slot: fn(&mut CaseNotification) -> &mut Option<String> = match meaning {
            M::Kana => |told| &mut told.person.kana,
            M::Sex => |told| &mut told.person.sex,
            M::Guardian => |told| &mut told.person.guardian,
            M::Postcode => |told| &mut told.person.postcode,
            M::Location => |told| &mut told.person.location,
            M::Occupation => |told| &mut told.person.occupation,
            M::Facility => |told| &mut told.person.facility,
            M::Symptoms => |told| &mut told.illness.symptoms,
            M::Method => |told| &mut told.illness.method,
            M::Clinic => |told| &mut told.notifier.clinic,
            M::Doctor => |told| &mut told.notifier.doctor,
            M::ClinicTelephone => |told| &mut told.notifier.telephone,
            _ => return self.aside.push(format!("{}: {}", written.heading, written.cell)),
        };
        let says_none = matches!(meaning, M::Facility | M::Guardian) && is_one_of(&heading_key(&value), NO);
        if !says_none {
            self.set(written, slot, value);
        }
    }

    fn number(&mut self, written: Cell<'_>) {
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
                self.unread(written, "電話番号として読めません。元の資料を確かめてください。")
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
            Meaning::Onset => |told| &mut told.illness.onset,
            Meaning::Sampled => |told| &mut told.illness.sampled,
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
                self.set(written, |told| &mut told.person.stated_age, 0)
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

    fn diagnosed_as(&mut self, written: Cell<'_>, key: &str) {
        let found = if key.contains("死亡") {
            Some(DiagnosedAs::Dead)
        } else if key.contains("無症状") {
            Some(DiagnosedAs::Asymptomatic)
        } else if key.contains("みなし") || key.contains("疑似") {
            Some(DiagnosedAs::Presumed)
        } else if key.contains("確定") || key == "患者" {
            Some(DiagnosedAs::Confirmed)
        } else {
            None
        };
        match found {
            Some(found) => self.set(written, |told| &mut told.illness.diagnosed_as, found),
            None if is_one_of(key, UNKNOWN) => {}
            None => self.unread(
                written,
                "診断類型として読めません。確定・無症状・みなし・死亡のどれかを書いてください。",
            ),
        }
    }

    /// Every part of the cell has to be a factor, or say that there is none; what is something else counts as
    /// 「そのほか」, because it may be one.
    fn risk_factors(&mut self, written: Cell<'_>, key: &str) {
        if is_one_of(key, UNKNOWN) {
            return;
        }
        let (mut found, mut says_more) = (BTreeSet::new(), false);
        let text: String = written.cell.nfkc().collect();
        for part in text.split(['、', ',', '・', '/', ';', '\n', '＋', '+', '。', ' ', '　']) {
            let part = heading_key(part);
            let says_none = is_one_of(&part, NO)
                || part.ends_with("なし")
                || part.ends_with('無')
                || part.starts_with('非');
            if part.is_empty() || says_none || is_one_of(&part, UNKNOWN) {
                continue;
            }
            let known = RISKS
                .iter()
                .find(|(words, _)| words.iter().any(|word| has_word(&part, word)));
            says_more |= known.is_none() && !is_one_of(&part, OTHER);
            found.insert(known.map_or(RiskFactor::Other, |(_, factor)| *factor));
        }
        if says_more {
            self.aside.push(format!("{}: {}", written.heading, written.cell));
        }
        match &mut self.told.illness.risk_factors {
            Some(before) => before.extend(found),
            none => *none = Some(found),
        }
    }

    fn pregnant(&mut self, written: Cell<'_>, key: &str) {
        let weeks = key.contains('週') && key.chars().any(|c| c.is_ascii_digit());
        let value = match () {
            () if is_one_of(key, UNKNOWN) => return,
            () if is_one_of(key, NO) || key == "妊娠なし" || key == "非妊娠" => false,
            () if is_one_of(key, YES) || weeks || ["妊娠", "妊娠中", "妊娠あり", "妊婦"].contains(&key) => {
                true
            }
            () => return self.unread(written, "妊娠の有無が読み取れません。"),
        };
        self.set(written, |told| &mut told.illness.pregnant, value);
    }

    fn doses(&mut self, written: Cell<'_>, key: &str) {
        if is_one_of(key, UNKNOWN) {
            return;
        }
        match doses_of(key) {
            Some(doses) => self.set(written, |told| &mut told.illness.doses, doses),
            None => self.unread(written, "接種回数として読めません。"),
        }
    }

    /// `3回 R4.1.10`, `2回/2021/9/3`.
    fn doses_and_last(&mut self, written: Cell<'_>, key: &str) {
        match key.split_once('回') {
            Some((count, rest)) if doses_of(count).is_some() => {
                let doses = doses_of(count).unwrap_or_default();
                self.set(written, |told| &mut told.illness.doses, doses);
                let rest = rest
                    .trim_start_matches(['目', '/', '(', '、', ',', ':'])
                    .trim_end_matches(')');
                match date::parse(rest) {
                    Ok(date::Parsed::Full(day)) => self.set(written, |told| &mut told.illness.last_dose, day),
                    Err(DateProblem::Missing) => {}
                    Ok(date::Parsed::MonthDay { .. }) | Err(_) => {
                        self.unread(written, "最終接種日が読み取れません。")
                    }
                }
            }
            _ => self.doses(written, key),
        }
    }

    fn spo2(&mut self, written: Cell<'_>, key: &str) {
        let digits = key.trim_start_matches("spo2").trim_end_matches(['%', '％']);
        let whole = digits.split_once('.').map_or(digits, |(whole, _)| whole);
        match whole.parse::<u8>() {
            Ok(value @ 50..=100) => self.set(written, |told| &mut told.illness.spo2, value),
            _ if is_one_of(key, UNKNOWN) || ["未測定", "測定なし"].contains(&key) => {}
            _ => self.unread(written, "SpO2として読めません。50から100の数字で書いてください。"),
        }
    }

    fn severity(&mut self, written: Cell<'_>, key: &str) {
        let found = match key {
            _ if key.contains("中等症") || key.contains("中等度") => {
                let behind = key.trim_start_matches("中等症").trim_start_matches("中等度");
                match behind {
                    "1" | "i" | "ⅰ" | "一" => Some(Severity::ModerateOne),
                    "2" | "ii" | "ⅱ" | "二" => Some(Severity::ModerateTwo),
                    _ => None,
                }
            }
            "軽症" | "軽度" | "軽" => Some(Severity::Mild),
            "重症" | "重度" | "重" => Some(Severity::Severe),
            _ => None,
        };
        match found {
            Some(found) => self.set(written, |told| &mut told.illness.severity, found),
            None if is_one_of(key, UNKNOWN) || key == "無症状" => {}
            None => self.unread(
                written,
                "重症度として読めません。軽症・中等症Ⅰ・中等症Ⅱ・重症のどれかを書いてください。",
            ),
        }
    }

    fn need(&mut self, meaning: Meaning, written: Cell<'_>, key: &str) {
        let value = match () {
            () if is_one_of(key, UNKNOWN) => return,
            () if is_one_of(key, NO) => false,
            () if is_one_of(key, YES) => true,
            () => {
                return self.unread(
                    written,
                    "必要かどうかが読み取れません。「あり」か「なし」で書いてください。",
                );
            }
        };
        let slot: fn(&mut CaseNotification) -> &mut Option<bool> = match meaning {
            Meaning::NeedsAdmission => |told| &mut told.illness.needs_admission,
            _ => |told| &mut told.illness.needs_therapy,
        };
        self.set(written, slot, value);
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

#[derive(Clone, Copy)]
struct Cell<'a> {
    heading: &'a str,
    cell: &'a str,
}

fn is_one_of(key: &str, words: &[&str]) -> bool {
    words.iter().any(|word| heading_key(word) == key)
}

/// The words that are read back as this factor.
pub(super) fn risk_words(factor: RiskFactor) -> &'static str {
    let known = RISKS.iter().find(|(_, one)| *one == factor);
    known.map_or(OTHER[0], |(words, _)| words[0])
}

/// Words that say that there is something and not what.
const OTHER: &[&str] = &["そのほか", "その他", "あり", "有", "有り"];

/// Latin letters have to stand by themselves: `ht` is no part of `height`.
fn has_word(part: &str, word: &str) -> bool {
    if word.chars().all(|c| c.is_ascii_alphabetic()) && word.len() <= 2 {
        return part == word;
    }
    part.contains(word)
}

fn doses_of(key: &str) -> Option<u8> {
    if ["未接種", "未", "なし", "無", "無し", "接種なし"].contains(&key) {
        return Some(0);
    }
    let digits = key.trim_end_matches("目").trim_end_matches('回');
    digits.parse().ok().filter(|doses| *doses <= 20)
}

#[cfg(test)]
mod tests {
    use super::super::{Columns, ReadRow};
    use super::*;

    fn read(heading: &str, cell: &str) -> (CaseNotification, Vec<Remark>) {
        let headings: Vec<String> = ["氏名", "フリガナ", heading].map(str::to_owned).into();
        let around = Circumstances {
            received: CalendarDate::new(2022, 2, 16).expect("a day"),
            office: "朝霞保健所".to_owned(),
        };
        let cells = ["見本 花子", "ミホン ハナコ", cell];
        match Columns::of(&headings).read(&around, |column| cells[column]) {
            ReadRow::Person(told, mut remarks) => {
                remarks.retain(|one| !one.heading.is_empty());
                (*told, remarks)
            }
            ReadRow::Nobody(why) => panic!("{why}"),
        }
    }

    fn factors(cell: &str) -> Option<Vec<RiskFactor>> {
        read("基礎疾患", cell)
            .0
            .illness
            .risk_factors
            .map(|all| all.into_iter().collect())
    }

    #[test]
    fn risk_factors_are_found_in_words_and_none_is_made_up() {
        use RiskFactor as R;
        assert_eq!(factors(""), None, "nothing said is not nothing there");
        assert_eq!(factors("不明"), None);
        assert_eq!(factors("なし"), Some(vec![]));
        assert_eq!(factors("特になし"), Some(vec![]));
        assert_eq!(
            factors("高血圧、糖尿病"),
            Some(vec![R::Diabetes, R::Hypertension])
        );
        assert_eq!(factors("喫煙なし・ＤＭ"), Some(vec![R::Diabetes]));
        assert_eq!(factors("あり"), Some(vec![R::Other]), "there is something");
        assert_eq!(factors("リウマチ"), Some(vec![R::Other]));
    }

    #[test]
    fn what_cannot_be_read_stays_unknown_and_is_kept_as_it_was_written() {
        let (told, remarks) = read("生年月日", "85/4/3");
        assert_eq!((told.person.birth, remarks.len()), (None, 1));
        let kept = told.illness.remarks.expect("kept");
        assert!(kept.contains("85/4/3"), "{kept}");
        let (told, remarks) = read("重症度", "中等症");
        assert_eq!(
            (told.illness.severity, remarks.len()),
            (None, 1),
            "one of two is not chosen"
        );
        let (told, remarks) = read("妊娠", "たぶん");
        assert_eq!((told.illness.pregnant, remarks.len()), (None, 1));
        let (told, remarks) = read("SpO2", "9");
        assert_eq!((told.illness.spo2, remarks.len()), (None, 1));
    }

    #[test]
    fn cells_are_read_as_offices_write_them() {
        assert_eq!(read("SpO2", "９６％").0.illness.spo2, Some(96));
        assert_eq!(
            read("重症度", "中等症Ⅱ").0.illness.severity,
            Some(Severity::ModerateTwo)
        );
        assert_eq!(read("妊娠", "32週").0.illness.pregnant, Some(true));
        assert_eq!(read("妊娠", "無").0.illness.pregnant, Some(false));
        assert_eq!(read("ワクチン回数", "未接種").0.illness.doses, Some(0));
        let both = read("ワクチン回数/最終接種日", "3回 R4.1.10").0.illness;
        assert_eq!(
            (both.doses, both.last_dose),
            (Some(3), CalendarDate::new(2022, 1, 10))
        );
        assert_eq!(
            read("発病日", "2/14").0.illness.onset,
            CalendarDate::new(2022, 2, 14)
        );
        assert_eq!(
            read("発病日", "12/30").0.illness.onset,
            CalendarDate::new(2021, 12, 30)
        );
        assert_eq!(
            read("発病日", "6/1").0.illness.onset,
            None,
            "nobody knows of which year"
        );
        assert_eq!(read("年齢", "8か月").0.person.stated_age, Some(0));
        assert_eq!(read("年齢", "４５歳").0.person.stated_age, Some(45));
        assert_eq!(
            read("HER-SYS ID", "'０123456").0.person.register_id.as_deref(),
            Some("0123456")
        );
        assert_eq!(
            read("言語", "ベトナム語").0.person.language.as_deref(),
            Some("vi")
        );
        assert_eq!(
            read("診断類型", "無症状病原体保有者").0.illness.diagnosed_as,
            Some(DiagnosedAs::Asymptomatic)
        );
        let two = read("電話番号", "090-1234-5678／048-123-4567").0.person;
        assert!(
            two.mobiles.is_empty() && two.landlines.len() == 1,
            "whose they are nobody guesses"
        );
    }
}
