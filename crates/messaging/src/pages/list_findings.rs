//! What was found between the rows of a list, as its check page shows it: what stops the list, and what somebody
//! has to look at before it goes on.

use askama::Template;
use askama::filters::HtmlSafe;
use base::clock::Millis;
use lists::check::needs_a_look;
use lists::choice::{Choice, KeptChoice};
use lists::code::Code;
use lists::integrity::{IntegrityFinding, Rate, SideBySide};
use web::number::grouped;
use web::ui::Notice;

use super::Names;
use super::list_judged::JudgedRows;

/// Everything that stops a list.
pub(super) struct Stop {
    pub(super) notice: Notice,
    /// Whether values stand in wrong rows: only another list helps then.
    pub(super) wrong: bool,
    pub(super) findings: Vec<StopFinding>,
}

/// One thing that stops it.
pub(super) struct StopFinding {
    pub(super) title: &'static str,
    pub(super) message: String,
    pub(super) examples: Option<Examples>,
    pub(super) rates: Vec<RateLine>,
}

/// How well a column would fit if it were moved.
pub(super) struct RateLine {
    pub(super) shift: String,
    pub(super) rate: String,
    pub(super) best: bool,
}

/// Some rows of the list, each above what the source says of the same person.
#[derive(Template)]
#[template(path = "list_examples.html")]
pub(super) struct Examples {
    label: String,
    headings: Vec<String>,
    rows: Vec<ExampleRow>,
    /// Whether there is a source to compare with.
    sourced: bool,
}

impl HtmlSafe for Examples {}

struct ExampleRow {
    line: u32,
    list: Vec<ExampleCell>,
    source: Vec<String>,
}

struct ExampleCell {
    value: String,
    differs: bool,
}

/// A warning about the whole list, with everything that is to be seen for it.
pub(super) struct Look {
    pub(super) code: &'static str,
    pub(super) title: &'static str,
    pub(super) parts: Vec<LookPart>,
    /// Who looked at it, and when.
    pub(super) seen: Option<(String, Millis)>,
}

/// One finding of that kind.
pub(super) struct LookPart {
    pub(super) message: String,
    pub(super) examples: Option<Examples>,
}

/// What stops the list, if anything does.
pub(super) fn stop(rows: &JudgedRows) -> Option<Stop> {
    let stopping: Vec<&IntegrityFinding> = rows
        .checked
        .integrity
        .iter()
        .filter(|finding| finding.stops())
        .collect();
    if stopping.is_empty() {
        return None;
    }
    let wrong = stopping
        .iter()
        .filter(|finding| finding.code != Code::IntegrityReferenceUnusable)
        .count();
    let text = match wrong {
        0 => {
            "選ばれた元の名簿と比べられず、行が正しいことを確かめられないため、誰にも送りません。".to_owned()
        }
        count => format!(
            "行の食い違いが{}件見つかりました。別の人の値が届くのを防ぐため、誰にも送りません。",
            grouped(count as u64)
        ),
    };
    Some(Stop {
        notice: Notice::error("このリストは送れません").text(text),
        wrong: wrong > 0,
        findings: stopping.into_iter().map(stop_finding).collect(),
    })
}

fn stop_finding(finding: &IntegrityFinding) -> StopFinding {
    let best = finding.rates.iter().map(|rate| rate.rate).fold(0.0, f64::max);
    let line = |rate: &Rate| RateLine {
        shift: match rate.shift {
            0 => "いまのまま".to_owned(),
            up @ 1.. => format!("{up}行上へ"),
            down => format!("{}行下へ", down.unsigned_abs()),
        },
        rate: format!("{:.0}%", rate.rate * 100.0),
        best: best > 0.0 && rate.rate >= best,
    };
    StopFinding {
        title: title(finding.code),
        message: finding.message.clone(),
        examples: Examples::of(finding),
        rates: finding.rates.iter().map(line).collect(),
    }
}

impl Examples {
    fn of(finding: &IntegrityFinding) -> Option<Self> {
        if finding.examples.is_empty() {
            return None;
        }
        let sourced = finding
            .examples
            .iter()
            .any(|row| row.reference.iter().any(|cell| !cell.is_empty()));
        // What is wrong stands first: a narrow screen shows no more.
        let mut order: Vec<usize> = (0..finding.shown.len()).collect();
        order.sort_by_key(|at| !finding.columns.contains(&finding.shown[*at]));
        let cell = |cells: &[String], at: usize| cells.get(at).cloned().unwrap_or_default();
        let row = |row: &SideBySide| ExampleRow {
            line: row.line,
            list: order
                .iter()
                .map(|at| ExampleCell {
                    value: cell(&row.list, *at),
                    differs: sourced
                        && finding.columns.contains(&finding.shown[*at])
                        && row.list.get(*at) != row.reference.get(*at),
                })
                .collect(),
            source: order.iter().map(|at| cell(&row.reference, *at)).collect(),
        };
        Some(Self {
            label: format!("{}の例", title(finding.code)),
            headings: order.iter().map(|at| finding.shown[*at].clone()).collect(),
            rows: finding.examples.iter().map(row).collect(),
            sourced,
        })
    }
}

/// The warnings about the whole list that need a look, whether somebody looked at them already or not.
pub(super) fn looks(rows: &JudgedRows, kept: &[KeptChoice], who: &Names) -> Vec<Look> {
    let integrity = rows.checked.integrity.iter().map(|finding| {
        (
            finding.code,
            LookPart {
                message: finding.message.clone(),
                examples: Examples::of(finding),
            },
        )
    });
    let findings = rows.checked.findings.iter().map(|finding| {
        (
            finding.code,
            LookPart {
                message: finding.message.clone(),
                examples: None,
            },
        )
    });
    let mut looks: Vec<Look> = Vec::new();
    for (code, part) in integrity.chain(findings).filter(|(code, _)| needs_a_look(*code)) {
        match looks.iter_mut().find(|look| look.code == code.code()) {
            Some(look) => look.parts.push(part),
            None => looks.push(Look {
                code: code.code(),
                title: title(code),
                parts: vec![part],
                seen: seen(code, kept, who),
            }),
        }
    }
    looks
}

fn seen(code: Code, kept: &[KeptChoice], who: &Names) -> Option<(String, Millis)> {
    let newest = kept
        .iter()
        .rev()
        .find(|kept| kept.choice == Choice::Looked(code))?;
    Some((who.of(newest.by), newest.at))
}

/// What it is, in a few words.
pub(super) fn title(code: Code) -> &'static str {
    match code {
        Code::IntegrityShifted => "列が上下にずれています",
        Code::IntegritySorted => "1つの列だけが並べ替えられています",
        Code::IntegritySwapped => "行どうしで値が入れ替わっています",
        Code::IntegrityMismatch => "別の人の値が入っています",
        Code::IntegrityIdDoubled => "同じIDが別の人の行にあります",
        Code::IntegrityReferenceUnusable => "元の名簿と比べられません",
        Code::IntegritySuspectSorted => "1つの列だけが並べ替えられていませんか",
        Code::IntegrityPatternChanges => "途中から別の値が混ざっていませんか",
        Code::IntegrityKnownDiffers => "以前の名簿と違う人の値ではありませんか",
        Code::ListSameRows => "同じリストをもう一度選んでいませんか",
        Code::ListOlder => "古いリストではありませんか",
        _ => "行の値が合っていません",
    }
}
