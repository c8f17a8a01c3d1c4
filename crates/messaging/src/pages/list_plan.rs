//! Whom a list would be sent to now, with which text: what the confirmation shows and the sending does.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use accounts::SignedIn;
use base::id::{BroadcastId, ListId};
use base::text::{Parts, parts_worst, utf16_len};
use db::OrgVault;
use lists::check::Sendable;
use lists::code::{Code, Severity};
use lists::sheet::Sheet;
use lists::store::ListHead;
use web::PageError;

use super::list_check::is_advice;
use super::list_confirm::EXAMPLES;
use super::list_hindrance::Hindrance;
use super::list_judged::{Chosen, JudgedRows, Judgement, RowStanding, judged};
use super::list_outgoing::Packer;
use super::list_rows::steady_sample;
use super::{Desk, failed};
use crate::broadcast::{Horizon, Outgoing};
use crate::limits::{SAMPLE_ROWS, UNSEEN_ROWS, WARNINGS_KEPT};
use crate::recognition::{Recognised, ResendScope, is_new};
use crate::store;

/// A list that can be sent.
pub(super) struct Plan {
    pub(super) head: ListHead,
    pub(super) template: Chosen,
    pub(super) resend: Option<ResendScope>,
    /// The people, in the order of the list.
    pub(super) rows: Vec<PlannedRow>,
    /// How many of them get it once more.
    pub(super) again: usize,
    pub(super) left_out: LeftOut,
    /// What the checks warned of, about the list and about the rows that are sent.
    pub(super) warnings: Vec<String>,
    /// The rows whose texts are shown on the way.
    pub(super) seen_lines: Vec<u32>,
    /// How many could get it once more, by what is asked for.
    pub(super) resendable: [(ResendScope, usize); 3],
    /// The newest broadcast of this list.
    pub(super) latest: Option<BroadcastId>,
    /// A keyed hash of everything that would be sent: what was confirmed is what is sent.
    pub(super) seal: String,
    /// How far the judgement behind it could see.
    pub(super) judged: Horizon,
}

/// One person of the plan.
pub(super) struct PlannedRow {
    pub(super) outgoing: Outgoing,
    /// At a carrier that counts newlines the dearer way.
    pub(super) parts: Parts,
    /// The place of its text among those of the template.
    pub(super) text: usize,
}

/// Why rows of the list are not in the plan.
pub(super) struct LeftOut {
    blocked: usize,
    excluded: usize,
    repeats: usize,
    household: usize,
    before: usize,
    contacted: usize,
}

/// Whether a list can be sent.
pub(super) enum Planned {
    Ready(Box<Plan>),
    /// Its check page says what is missing.
    NotYet,
    /// Its check page says what stands in the way.
    Hindered(Hindrance),
}

pub(super) async fn plan(
    desk: &Desk,
    session: &SignedIn,
    id: ListId,
    resend: Option<ResendScope>,
) -> Result<Planned, PageError> {
    let org = session.staff.org;
    let horizon = Horizon::now(&desk.db).await.map_err(failed)?;
    let list = judged(desk, &session.staff, id).await?;
    let (Some(template), Judgement::Rows(judged)) = (list.template, list.judgement) else {
        return Ok(Planned::NotYet);
    };
    if let Some(hindrance) = Hindrance::of(&template, &judged) {
        return Ok(Planned::Hindered(hindrance));
    }
    let now = desk.db.now();
    let covered = |before: &Recognised, scope| is_new(before.earlier, now, Some(scope));
    let count = |scope| {
        judged
            .done_before()
            .filter(|(_, before)| covered(before, scope))
            .count()
    };
    let resendable =
        [ResendScope::Failed, ResendScope::Unconfirmed, ResendScope::All].map(|scope| (scope, count(scope)));
    let again: Vec<_> = resend.map_or_else(Vec::new, |scope| {
        judged
            .done_before()
            .filter(|(_, before)| covered(before, scope))
            .map(|(row, _)| row)
            .collect()
    });
    let left_out = LeftOut::of(&judged, list.kept.excluded.len(), again.len());
    let again_count = again.len();
    let texts = texts_by_line(&judged, &list.kept.sheet);
    let vault = desk.db.vault(org).await.map_err(failed)?;
    let sheet = &list.kept.sheet;
    let simulated = desk.sending.simulated || template.training;
    let packer = Packer::new(&desk.db, &vault, sheet, &judged, simulated);
    let rows = in_order(&packer, judged.to_send().chain(again), &texts);
    let seal = seal(&vault, id, &template, resend, &rows);
    let latest = store::latest_of_list(&desk.db, org, id).await.map_err(failed)?;
    let plan = Plan {
        head: list.kept.head,
        template,
        resend,
        warnings: warnings(&judged, &rows),
        seen_lines: seen_lines(id, &rows),
        rows,
        again: again_count,
        left_out,
        resendable,
        latest,
        seal,
        judged: horizon,
    };
    Ok(Planned::Ready(Box::new(plan)))
}

/// Warnings about the list, looked at or not, and about the rows that are sent. What could be better about the text
/// is no matter of this list: whoever approves the text reads it.
fn warnings(judged: &JudgedRows, rows: &[PlannedRow]) -> Vec<String> {
    let warning = |severity| severity == Severity::Warning;
    let integrity = judged.checked.integrity.iter();
    let integrity = integrity.filter(|finding| warning(finding.severity));
    let findings = judged.checked.findings.iter();
    let findings = findings.filter(|finding| warning(finding.severity) && !is_advice(finding.code));
    let sent: HashSet<u32> = rows.iter().map(|row| row.outgoing.line).collect();
    let of_rows = judged.standings().filter(|(row, _)| sent.contains(&row.line));
    let of_rows = of_rows.flat_map(|(row, _)| {
        let problems = row.problems.iter();
        problems
            .filter(|problem| warning(problem.severity()))
            .map(|problem| format!("{}行目: {}", row.line, problem.message))
    });
    let of_list = integrity
        .map(|finding| finding.message.clone())
        .chain(findings.map(|finding| finding.message.clone()));
    of_list.chain(of_rows).take(WARNINGS_KEPT).collect()
}

/// The rows whose texts the pages on the way show by themselves: the sample of the check, the longest text of the
/// preview, the first ones of the confirmation.
fn seen_lines(list: ListId, rows: &[PlannedRow]) -> Vec<u32> {
    let lines: Vec<u32> = rows.iter().map(|row| row.outgoing.line).collect();
    let mut seen: BTreeSet<u32> = lines.iter().take(EXAMPLES).copied().collect();
    if rows.len() > UNSEEN_ROWS {
        let sample = steady_sample(list, &lines, SAMPLE_ROWS);
        seen.extend(sample.into_iter().map(|at| lines[at]));
    }
    let longest = rows.iter().rev().max_by_key(|row| utf16_len(&row.outgoing.text));
    seen.extend(longest.map(|row| row.outgoing.line));
    seen.into_iter().collect()
}

/// Which text each row gets; nothing where there is one text for all.
fn texts_by_line(judged: &JudgedRows, sheet: &Sheet) -> HashMap<u32, usize> {
    if judged.brief.texts.len() < 2 {
        return HashMap::new();
    }
    sheet
        .rows()
        .map(|row| (row.line(), judged.brief.text(row).0))
        .collect()
}

fn in_order<'a>(
    packer: &Packer<'_>,
    rows: impl Iterator<Item = Sendable<'a>>,
    texts: &HashMap<u32, usize>,
) -> Vec<PlannedRow> {
    let planned = |row: Sendable<'_>| {
        let planned = PlannedRow {
            outgoing: packer.pack(row),
            parts: parts_worst(row.text),
            text: texts.get(&row.line).copied().unwrap_or(0),
        };
        (row.line, planned)
    };
    rows.map(planned)
        .collect::<BTreeMap<_, _>>()
        .into_values()
        .collect()
}

fn seal(
    vault: &OrgVault,
    list: ListId,
    template: &Chosen,
    resend: Option<ResendScope>,
    rows: &[PlannedRow],
) -> String {
    let head = format!(
        "{list} {} {} {}",
        template.id,
        template.version,
        resend.map_or("", ResendScope::as_str)
    );
    let rows: Vec<(String, &str)> = rows
        .iter()
        .map(|row| {
            (
                format!("{} {}", row.outgoing.line, row.outgoing.to.e164()),
                row.outgoing.text.as_str(),
            )
        })
        .collect();
    let mut parts: Vec<&[u8]> = vec![head.as_bytes()];
    parts.extend(
        rows.iter()
            .flat_map(|(whom, text)| [whom.as_bytes(), text.as_bytes()]),
    );
    vault.index("confirmed plan", &parts)
}

impl LeftOut {
    fn of(judged: &JudgedRows, excluded: usize, again: usize) -> Self {
        let count =
            |wanted: fn(RowStanding) -> bool| judged.standings().filter(|(_, one)| wanted(*one)).count();
        let repeats = judged
            .standings()
            .filter(|(_, one)| matches!(one, RowStanding::Repeat(_)));
        let (household, repeats): (Vec<_>, Vec<_>) = repeats.partition(|(row, _)| {
            row.problems
                .iter()
                .any(|problem| problem.code == Code::RowHousehold)
        });
        Self {
            blocked: count(|one| one == RowStanding::Blocked),
            excluded,
            repeats: repeats.len(),
            household: household.len(),
            before: count(|one| matches!(one, RowStanding::Before(_))) - again,
            contacted: count(|one| one == RowStanding::Contacted),
        }
    }

    /// One line for each reason.
    pub(super) fn in_words(&self) -> Vec<String> {
        let lines = [
            (self.blocked, "誤りがある行"),
            (self.excluded, "除外した行"),
            (self.repeats, "前の行と同じ相手・同じ文面の行（1通にまとめます）"),
            (
                self.household,
                "同じ番号のほかの人に送る行（番号ごとに1通と選ばれています）",
            ),
            (self.before, "30日以内に同じ文面を送った相手の行"),
            (self.contacted, "同じ目的ですでに連絡した人の行"),
        ];
        let some = lines.into_iter().filter(|(count, _)| *count > 0);
        some.map(|(count, why)| format!("{why}: {count}行")).collect()
    }
}
