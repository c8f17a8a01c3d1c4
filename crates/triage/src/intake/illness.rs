//! What a row tells of the illness, cell by cell.

use std::collections::BTreeSet;

use base::date::{self, DateProblem};
use base::merge::heading_key;
use unicode_normalization::UnicodeNormalization;

use super::Meaning;
use super::cell::{Cell, Reading};
use super::vocabulary::{NO, OTHER, RISKS, UNKNOWN, YES, doses_of, has_word, is_one_of};
use crate::notification::{CaseNotification, DiagnosedAs, RiskFactor, Severity};

impl Reading<'_> {
    pub(super) fn diagnosed_as(&mut self, written: Cell<'_>, key: &str) {
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
    pub(super) fn risk_factors(&mut self, written: Cell<'_>, key: &str) {
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

    pub(super) fn pregnant(&mut self, written: Cell<'_>, key: &str) {
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
        let digits = key.trim_start_matches("spo2").trim_end_matches(['%', '％']);
        let whole = digits.split_once('.').map_or(digits, |(whole, _)| whole);
        match whole.parse::<u8>() {
            Ok(value @ 50..=100) => self.set(written, |told| &mut told.illness.spo2, value),
            _ if is_one_of(key, UNKNOWN) || ["未測定", "測定なし"].contains(&key) => {}
            _ => self.unread(written, "SpO2として読めません。50から100の数字で書いてください。"),
        }
    }

    pub(super) fn severity(&mut self, written: Cell<'_>, key: &str) {
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
            None if key == "無症状" => self.says_no_symptoms = true,
            None if is_one_of(key, UNKNOWN) => {}
            None => self.unread(
                written,
                "重症度として読めません。軽症・中等症Ⅰ・中等症Ⅱ・重症のどれかを書いてください。",
            ),
        }
    }

    pub(super) fn need(&mut self, meaning: Meaning, written: Cell<'_>, key: &str) {
        let value = match () {
            () if is_one_of(key, UNKNOWN) => return,
            () if is_one_of(key, NO) => false,
            () if is_one_of(key, YES) => true,
            () => {
                return self.unread(
                    written,
                    "有無が読み取れません。「あり」か「なし」で書いてください。",
                );
            }
        };
        let slot: fn(&mut CaseNotification) -> &mut Option<bool> = match meaning {
            Meaning::NeedsAdmission => |told| &mut told.illness.needs_admission,
            Meaning::RemoteVisit => |told| &mut told.illness.remote_visit,
            _ => |told| &mut told.illness.needs_therapy,
        };
        self.set(written, slot, value);
    }
}
