//! What stands in columns that nobody knows, and in remarks.

use base::merge::heading_key;
use base::phone::{self, Repair};

use super::Meaning;
use super::cell::{Cell, Reading, Sign};
use super::vocabulary::{BLANK, NO, is_one_of, says_bed, unclear_of};
use crate::limits::UNKNOWN_LETTERS;
use crate::notification::{DiagnosedAs, Unclear};

impl Reading<'_> {
    /// A cell of a column that nobody knows: kept, as far as it is short.
    pub(super) fn unknown(&mut self, written: Cell<'_>, key: &str) {
        self.may_be_unclear(written, key);
        self.one_risk_factor(written, key);
        if written.heading.contains("妊娠") && !written.heading.contains('歴') {
            return self.pregnant(written, key);
        }
        let mut text: String = written.cell.chars().take(UNKNOWN_LETTERS).collect();
        if text.len() < written.cell.len() {
            text.push('…');
        }
        self.aside.push(format!("{}: {text}", written.heading));
    }

    /// A heading that nobody knows, or a remark, may answer what rules ask for.
    pub(super) fn may_be_unclear(&mut self, written: Cell<'_>, key: &str) {
        let heading = heading_key(written.heading);
        let has_answer = !is_one_of(key, NO) && !is_one_of(key, BLANK);
        if has_answer {
            self.told.illness.unclear.extend(unclear_of(written.heading));
        }
        let says_bed = says_bed(written.cell);
        if says_bed {
            self.told.illness.unclear.insert(Unclear::NeedsAdmission);
        }
        if self.around.is_typed {
            return;
        }
        if says_bed {
            self.doubted.insert(Meaning::NeedsAdmission);
        }
        let is_of_sms = heading.contains("sms") && heading.contains("可否");
        let says_no = is_one_of(key, NO) || ["不可", "電話"].iter().any(|word| key.contains(word));
        if is_of_sms && says_no || key.contains("sms") && key.contains("不可") || key == "電話希望" {
            self.signs.insert(Sign::NoSms);
        }
        if phone::parse(written.cell).is_ok_and(|parsed| !parsed.repairs.contains(&Repair::Note)) {
            self.signs.insert(Sign::NumberAside);
        }
        let bare: String = key
            .chars()
            .filter(|c| !c.is_ascii_digit() && !"/.月日年".contains(*c))
            .collect();
        let is_dead = heading.contains("死亡") && has_answer
            || heading.contains("転帰") && key.contains("死亡")
            || bare == "死亡"
            || key.contains("死亡者")
            || key.contains("死体");
        if is_dead {
            self.told.illness.diagnosed_as = Some(DiagnosedAs::Dead);
        }
    }
}
