//! What a row tells of the illness, cell by cell.

use std::collections::BTreeSet;

use base::date::{self, DateProblem};
use base::merge::heading_key;
use unicode_normalization::UnicodeNormalization;

use super::Meaning;
use super::cell::{Cell, Reading, Sign};
use super::vocabulary::{
    BLANK, NO, OTHER, RISKS, UNKNOWN, YES, before_bracket, doses_of, has_word, is_one_of, says_none,
};
use crate::notification::{CaseNotification, DiagnosedAs, RiskFactor, Severity, Unclear};

impl Reading<'_> {
    pub(super) fn diagnosed_as(&mut self, written: Cell<'_>, key: &str) {
        let found = if key.contains("死亡") {
            Some(DiagnosedAs::Dead)
        } else if key.contains("無症状") {
            // 「無症状→発症」, 「有症状（無症状ではない）」
            let is_plain = !["→", "発症", "有症状", "ない"]
                .iter()
                .any(|word| key.contains(word));
            is_plain.then_some(DiagnosedAs::Asymptomatic)
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
    pub(super) fn risk_factors(&mut self, written: Cell<'_>, key: &str) {
        if is_one_of(key, UNKNOWN) {
            return;
        }
        let (mut found, mut says_more) = (BTreeSet::new(), false);
        let text: String = written.cell.nfkc().collect();
        for part in text.split(['、', ',', '・', '/', ';', '\n', '＋', '+', '。', ' ', '　']) {
            let part = heading_key(part);
            if part.is_empty() || says_none(&part) || is_one_of(&part, UNKNOWN) {
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

    /// A factor that has a column of its own: 透析, 肥満（BMI30以上）.
    pub(super) fn one_risk_factor(&mut self, written: Cell<'_>, key: &str) {
        let heading = heading_key(written.heading);
        let known = RISKS
            .iter()
            .find(|(words, _)| words.iter().any(|word| has_word(&heading, &heading_key(word))));
        let denies = says_none(key) || is_one_of(before_bracket(key), NO);
        let is_slim = heading.contains("bmi") && key.parse::<f32>().is_ok_and(|bmi| bmi < 30.0);
        let is_of_another = ["検診", "家族歴"].iter().any(|word| heading.contains(word));
        if let Some((_, factor)) = known
            && !(denies || is_slim || is_of_another)
            && !is_one_of(key, BLANK)
        {
            let factors = &mut self.told.illness.risk_factors;
            factors.get_or_insert_default().insert(*factor);
        }
    }

    pub(super) fn pregnant(&mut self, written: Cell<'_>, key: &str) {
        const NOT_PREGNANT: &[&str] = &[
            "妊娠なし",
            "非妊娠",
            "非妊婦",
            "していない",
            "妊娠していない",
            "可能性なし",
            "妊娠の可能性なし",
            "0週",
        ];
        let weeks = key.contains('週') && key.chars().any(|c| c.is_ascii_digit());
        let value = match () {
            () if is_one_of(key, UNKNOWN) => return,
            () if is_one_of(key, NO) || is_one_of(before_bracket(key), NO) || NOT_PREGNANT.contains(&key) => {
                false
            }
            () if is_one_of(key, YES) || weeks || ["妊娠", "妊娠中", "妊娠あり", "妊婦"].contains(&key) => {
                true
            }
            () => {
                self.doubted.insert(Meaning::Pregnant);
                return self.unread(written, "妊娠の有無が読み取れません。");
            }
        };
        self.set_worse(written, |told| &mut told.illness.pregnant, (value, worse));
    }

    pub(super) fn doses(&mut self, written: Cell<'_>, key: &str) {
        if is_one_of(key, UNKNOWN) {
            return;
        }
        match doses_of(key) {
            Some(doses) => self.set(written, |told| &mut told.illness.doses, doses),
            None => self.unread(written, "接種回数として読めません。"),
        }
    }

    /// `3回 R4.1.10`, `2回/2021/9/3`.
    pub(super) fn doses_and_last(&mut self, written: Cell<'_>, key: &str) {
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
                        self.unread(written, "最終接種日が読み取れません。");
                    }
                }
            }
            _ => self.doses(written, key),
        }
    }

    pub(super) fn spo2(&mut self, written: Cell<'_>, key: &str) {
        match percent(key) {
            Some(value) => {
                let lower = |one: u8, other: u8| one < other;
                self.set_worse(written, |told| &mut told.illness.spo2, (value, lower));
            }
            None if is_one_of(key, UNKNOWN)
                || ["未測定", "測定なし", "測定せず", "なし", "無"].contains(&key) => {}
            None => self.unclear(
                Unclear::Spo2,
                written,
                "SpO2として読めません。50から100の数字で書いてください。",
            ),
        }
    }

    pub(super) fn severity(&mut self, written: Cell<'_>, key: &str) {
        match severity_of(key) {
            Some(found) => {
                if key.contains('(') {
                    self.aside.push(format!("{}: {}", written.heading, written.cell));
                }
                let worse = |one: Severity, other: Severity| one > other;
                self.set_worse(written, |told| &mut told.illness.severity, (found, worse));
            }
            None if ["無症状", "無症状者", "無症候", "無症状(みなし)"].contains(&key) => {
                self.signs.insert(Sign::NoSymptoms);
            }
            None if is_one_of(key, BLANK) => {}
            None if is_one_of(key, UNKNOWN) => {
                self.told.illness.unclear.insert(Unclear::Severity);
            }
            None => self.unclear(
                Unclear::Severity,
                written,
                "重症度として読めません。軽症・中等症Ⅰ・中等症Ⅱ・重症のどれかを書いてください。",
            ),
        }
    }

    /// Two columns may ask for it, 治療薬 and 酸素投与: whoever needs one of them does.
    pub(super) fn need(&mut self, meaning: Meaning, written: Cell<'_>, key: &str) {
        let slot: fn(&mut CaseNotification) -> &mut Option<bool> = match meaning {
            Meaning::NeedsAdmission => |told| &mut told.illness.needs_admission,
            Meaning::RemoteVisit => |told| &mut told.illness.remote_visit,
            _ => |told| &mut told.illness.needs_therapy,
        };
        let place = slot(&mut self.told);
        match () {
            () if is_one_of(key, BLANK) => {}
            () if is_one_of(key, UNKNOWN) => self.doubt_need(meaning),
            () if is_one_of(key, YES) || is_one_of(before_bracket(key), YES) => *place = Some(true),
            () if is_one_of(key, NO) || says_no_need(key) => *place = place.or(Some(false)),
            () => {
                self.doubt_need(meaning);
                self.unread(
                    written,
                    "有無が読み取れません。「あり」か「なし」で書いてください。",
                );
            }
        }
    }

    /// Nobody knows: nothing is concluded in the place of it, and a no beside it is none.
    pub(super) fn doubt_need(&mut self, meaning: Meaning) {
        self.doubted.insert(meaning);
        if meaning == Meaning::NeedsAdmission {
            self.told.illness.unclear.insert(Unclear::NeedsAdmission);
        }
    }
}

/// 「なし（自宅療養）」, 「投与せず」. What stands in brackets may take it back.
fn says_no_need(key: &str) -> bool {
    const NO_NEED: &[&str] = &[
        "入院の必要なし",
        "入院必要なし",
        "必要としない",
        "要しない",
        "しない",
        "していない",
        "自宅療養",
        "外来",
        "投与なし",
        "投与せず",
        "未投与",
        "施行なし",
        "解熱剤のみ",
    ];
    const TAKES_BACK: &[&str] = &["要", "酸素", "調整", "希望", "検討", "入院", "待"];
    let (before, behind) = key.split_once('(').unwrap_or((key, ""));
    (is_one_of(before, NO) || NO_NEED.contains(&before))
        && !TAKES_BACK.iter().any(|word| behind.contains(word))
}

/// Of two answers the one that is so.
const fn worse(one: bool, other: bool) -> bool {
    one && !other
}

/// The lowest of the percentages in a cell: `97%`, `90%(RA)`, `88～90`, `90台`, `0.97`. Oxygen that somebody is given, or
/// any other word beside it, leaves it unread.
fn percent(key: &str) -> Option<u8> {
    const BESIDE: &[&str] = &[
        "自宅測定",
        "spo2",
        "roomair",
        "ra",
        "室内気",
        "室内",
        "安静時",
        "労作時",
        "体動時",
        "台",
        "以上",
        "前後",
        "約",
    ];
    let mut rest = key.to_owned();
    for word in BESIDE {
        rest = rest.replace(&heading_key(word), " ");
    }
    if rest.chars().any(char::is_alphabetic) {
        return None;
    }
    let numbers = rest.split(|c: char| !c.is_ascii_digit() && c != '.');
    let numbers: Option<Vec<f32>> = numbers
        .filter(|number| !number.is_empty())
        .map(|number| number.parse().ok())
        .collect();
    let whole = |number: f32| match number {
        50.0..=100.0 => Some(number),
        // A cell of Excel that is shown as a percentage; its tenths are exact.
        0.5..1.0 => Some((number * 1000.0).round() / 10.0),
        _ => None,
    };
    let found: Option<Vec<f32>> = numbers?.into_iter().map(whole).collect();
    let lowest = found?.into_iter().reduce(f32::min)?;
    // Whole percents from 50 to 100: the fraction is dropped to the careful side.
    (50..=100).rev().find(|whole| f32::from(*whole) <= lowest)
}

/// What stands in brackets behind it may say more of the same, and of nobody mild it does so without being read.
fn severity_of(key: &str) -> Option<Severity> {
    const HARMLESS: &[&str] = &["肺炎なし)", "発熱のみ)", "自宅)", "外来)", "酸素不要)"];
    let key = key.trim_end_matches(['。', '者']);
    let (before, behind) = key.split_once('(').unwrap_or((key, ""));
    let behind = if HARMLESS.contains(&behind) { "" } else { behind };
    if ["症", "重", "中等"].iter().any(|word| behind.contains(word)) {
        return None;
    }
    if let Some(degree) = before
        .strip_prefix("中等症")
        .or_else(|| before.strip_prefix("中等度"))
    {
        return match degree {
            "1" | "i" | "ⅰ" | "一" => Some(Severity::ModerateOne),
            "2" | "ii" | "ⅱ" | "二" => Some(Severity::ModerateTwo),
            _ => None,
        };
    }
    match before {
        "軽症" | "軽度" | "軽" if behind.is_empty() => Some(Severity::Mild),
        "重症" | "重度" | "重" => Some(Severity::Severe),
        _ => None,
    }
}
