//! What is known besides the list, told of its rows: numbers that are closed, people who were written to before,
//! rows that the integrity check stops.

use std::collections::HashMap;

use base::clock::{MINUTE, Millis, japan_midnight};
use base::date::CalendarDate;
use base::id::OfficeId;
use base::phone::PhoneNumber;

use super::{CheckedRow, Problem};
use crate::{
    choice::Choices,
    code::{Code, Finding},
    contacts::{Earlier, InList, Kinship, Overlap, Purpose, RowFacts, Whose},
    integrity::{self, Compared, Comparison, IntegrityFinding, Scope},
    numbers::KnownWrong,
    sheet::Sheet,
};

/// What is known besides the list. Empty where nobody asked, as for `todoke check` without a reference.
#[derive(Clone, PartialEq, Default)]
pub struct Background {
    /// What the list is sent for; decides which earlier messages are repeats.
    pub purpose: Option<Purpose>,
    /// Names of offices, for saying who wrote before.
    pub offices: HashMap<OfficeId, String>,
    /// Rows of which something is known, by their place below the headings, counted from 0.
    pub rows: HashMap<usize, RowBackground>,
    /// Other lists with the same rows.
    pub overlaps: Vec<Overlap>,
    /// What is wrong between the rows.
    pub integrity: Vec<IntegrityFinding>,
    /// How far the comparison with a reference list reached.
    pub comparison: Option<Comparison>,
    /// Findings of whoever calls, such as advice on the text.
    pub findings: Vec<Finding>,
}

/// What is known of one row.
#[derive(Clone, PartialEq, Default)]
pub struct RowBackground {
    /// Earlier messages and other lists.
    pub facts: RowFacts,
    /// Why its number is closed.
    pub wrong: Option<KnownWrong>,
}

impl Background {
    /// Whether something stops the list as a whole.
    pub fn stops(&self) -> bool {
        self.integrity.iter().any(IntegrityFinding::stops)
    }

    /// Holds the list against the source system's export.
    pub fn compare(&mut self, list: &Sheet, reference: &Sheet) {
        let Compared { comparison, findings } = integrity::against_reference(list, reference);
        self.comparison = Some(comparison);
        self.integrity.extend(findings);
    }

    /// Looks for contradictions inside the list.
    pub fn look_inside(&mut self, list: &Sheet, today: Option<CalendarDate>) {
        let found = integrity::inner_evidence(list, today);
        let news = found.into_iter().filter(|finding| !self.is_answered(finding));
        let news: Vec<IntegrityFinding> = news.collect();
        self.integrity.extend(news);
    }

    /// Whether the comparison with the source says more of what a trace inside the list hints at: that the order of a
    /// column is the true one, or which column slipped.
    fn is_answered(&self, trace: &IntegrityFinding) -> bool {
        let Some(comparison) = &self.comparison else {
            return false;
        };
        let has = |code| self.integrity.iter().any(|finding| finding.code == code);
        if has(Code::IntegrityReferenceUnusable) {
            return false;
        }
        let explained = has(Code::IntegrityShifted) || has(Code::IntegritySorted);
        let paired = |heading: &String| comparison.columns.iter().any(|pair| pair.list == *heading);
        match trace.code {
            Code::IntegritySuspectSorted | Code::IntegrityPatternChanges => trace.columns.iter().all(paired),
            Code::IntegrityShifted | Code::IntegrityContradiction => explained,
            _ => false,
        }
    }

    pub(super) fn list_findings(&self) -> Vec<Finding> {
        let overlaps = self.overlaps.iter().filter_map(|overlap| self.overlap(overlap));
        overlaps.chain(self.findings.iter().cloned()).collect()
    }

    /// Says what is known of the row at this place.
    pub(super) fn tell(&self, at: usize, choices: &Choices, row: &mut CheckedRow) {
        for finding in &self.integrity {
            if finding.scope == Scope::Rows && finding.lines.contains(&row.line) {
                row.problems
                    .push(Problem::about_row(finding.code, finding.message.clone()));
            }
        }
        let Some(known) = self.rows.get(&at) else { return };
        if let Some(wrong) = &known.wrong {
            row.problems.push(self.wrong(wrong));
        }
        if let Some(repeated) = self.purpose.and_then(|purpose| known.facts.repeats(purpose)) {
            let what = self.contact(repeated);
            if let Some(reason) = choices.again(row.line) {
                row.problems.push(Problem::about_row(
                    Code::RowContactedAgain,
                    format!("{what}もう一度送ると選ばれています（{reason}）。"),
                ));
            } else {
                row.contacted = true;
                row.problems.push(Problem::about_row(
                    Code::RowContacted,
                    format!("{what}2度は送りません。それでも送るときは、理由を書いて選んでください。"),
                ));
            }
        } else if let Some(other) = known.facts.contacts.first() {
            row.problems
                .push(Problem::about_row(Code::RowContactedOther, self.contact(other)));
        }
        if let Some(elsewhere) = known.facts.lists.first() {
            row.problems.push(Problem::about_row(
                Code::RowInOtherList,
                self.elsewhere(elsewhere),
            ));
        }
    }

    fn office(&self, office: OfficeId) -> &str {
        self.offices.get(&office).map_or("ほかの部署", String::as_str)
    }

    fn wrong(&self, wrong: &KnownWrong) -> Problem {
        let told = format!(
            "「{}」として登録されている番号です（{}、{}登録）。この番号には送りません。",
            wrong.kind.label(),
            day(wrong.at),
            self.office(wrong.office),
        );
        let message = match wrong.corrected {
            Some(_) => format!("{told}正しい番号が登録されています。直してから送ってください。"),
            None => format!("{told}正しい番号を確かめるか、電話リストに入れてください。"),
        };
        Problem {
            after: wrong.corrected.map(PhoneNumber::national),
            ..Problem::about_row(Code::PhoneKnownWrong, message)
        }
    }

    fn contact(&self, earlier: &Earlier) -> String {
        let whom = match earlier.whose {
            Whose::SamePerson => "この方には",
            Whose::SameNumber => "この番号には",
            Whose::OtherPerson => "この番号には、別の方あてに",
        };
        let times = if earlier.times > 1 {
            format!("（{}回）", earlier.times)
        } else {
            String::new()
        };
        format!(
            "{whom}{}に{}が「{}」を送っています{times}。",
            day(earlier.last_at),
            self.office(earlier.office),
            earlier.purpose.label()
        )
    }

    fn elsewhere(&self, list: &InList) -> String {
        let whom = match list.whose {
            Whose::SamePerson => "この方",
            Whose::SameNumber | Whose::OtherPerson => "この番号",
        };
        format!(
            "{whom}は、{}に{}が選んだまだ送っていないリストにもあります。先に送った方だけが届きます。",
            day(list.uploaded_at),
            self.office(list.office)
        )
    }

    fn overlap(&self, overlap: &Overlap) -> Option<Finding> {
        let (when, office) = (day(overlap.uploaded_at), self.office(overlap.office));
        let Overlap {
            shared,
            only_here,
            only_there,
            ..
        } = overlap;
        let (code, message) = match overlap.kinship() {
            Kinship::SameRows => (
                Code::ListSameRows,
                format!(
                    "{when}に{office}が選んだリストと、{shared}行すべてが同じです。同じリストをもう一度選んでいないか確かめてください。"
                ),
            ),
            Kinship::Grown => (
                Code::ListSuperseded,
                format!(
                    "{when}に{office}が選んだリストの{shared}行に、{only_here}行が加わったリストです。送信済みの人には送りません。前のリストがまだなら、取り下げてください。"
                ),
            ),
            Kinship::Shrunk => (
                Code::ListOlder,
                format!(
                    "{when}に{office}が選んだリストより{only_there}行少なく、ほかの{shared}行は同じです。古いリストでないか確かめてください。"
                ),
            ),
            Kinship::Mostly if *shared > *only_here => (
                Code::ListOverlaps,
                format!(
                    "{when}に{office}が選んだリストと{shared}行が同じです（このリストだけの行は{only_here}行）。送信済みの人には送りません。"
                ),
            ),
            Kinship::Mostly => return None,
        };
        Some(Finding::new(code, message))
    }
}

/// Whether a person has to say that they looked at this before the list can be sent.
pub const fn needs_a_look(code: Code) -> bool {
    matches!(
        code,
        Code::ListSameRows
            | Code::ListOlder
            | Code::IntegritySuspectSorted
            | Code::IntegrityPatternChanges
            | Code::IntegrityKnownDiffers
    )
}

/// `11月22日14:05` in Japan.
fn day(at: Millis) -> String {
    let minute = (at - japan_midnight(at)) / MINUTE;
    let clock = format!("{:02}:{:02}", minute / 60, minute % 60);
    CalendarDate::in_japan(at).map_or(clock.clone(), |date| {
        format!("{}月{}日{clock}", date.month(), date.day())
    })
}
