//! A roll: people who are written to because records say so, not a list. Every check of a list holds for it, and what
//! comes of it goes through the same start.
//!
//! Whoever keeps the records (`triage`) gives cells and keys, and gets back what becomes of each of them, what a page
//! has to tell before anybody is written to, and the broadcast to start.

use std::collections::BTreeMap;
use std::sync::Arc;

use base::id::{BroadcastId, MessageId, OfficeId, OrgId, StaffId, TemplateId};
use base::text::{parts_worst, utf16_len};
use lists::check::CheckedRow;
use lists::choice::Household;
use lists::code::{Code, Severity};
use lists::contacts::{PersonKeys, Purpose};
use lists::sheet::Sheet;
use web::PageError;
use web::number::grouped;
use web::ui::{Bubble, Notice, Phone};

use super::list_check::is_advice;
use super::list_confirm::cost;
use super::list_judged::{Chosen, JudgedRows, Judgement, RowStanding, version_now};
use super::list_judging::{RollFor, judge_roll};
use super::list_outgoing::Packer;
use super::list_room::Room;
use super::list_timing::Leaving;
use super::standing::refused;
use super::{Desk, failed};
use crate::broadcast::{Horizon, Lane, NewBroadcast, Origin, Outgoing, StartError};
use crate::limits::{SAMPLE_ROWS, WARNINGS_KEPT};
use crate::links::PersonalLinks;
use crate::release::{NewRelease, Told};
use crate::stage::BroadcastStage;
use crate::store;

pub use super::list_confirm::no_carrier;

/// A version of a template.
pub type Version = (TemplateId, i64);

/// A version that a roll can be written to with.
#[derive(Clone, Debug)]
pub struct TextChoice {
    /// Which.
    pub version: Version,
    /// Its name for staff.
    pub name: String,
    /// Whether somebody other than its author approved it.
    pub is_approved: bool,
    /// Why it may not be sent now.
    pub not_now: Option<String>,
}

/// The versions in use for a purpose, those that may be sent now first, approved ones before others.
pub async fn texts_for(desk: &Desk, org: OrgId, purpose: Purpose) -> Result<Vec<TextChoice>, PageError> {
    let mut choices = Vec::new();
    for row in store::choosable_templates(&desk.db, org).await.map_err(failed)? {
        if row.archived_at.is_some() || row.current.content.purpose != purpose {
            continue;
        }
        let version = (row.id, row.current.version);
        let approved = store::approved_versions(&desk.db, org, row.id)
            .await
            .map_err(failed)?;
        let chosen = version_now(desk, org, version).await?;
        choices.push(TextChoice {
            version,
            name: row.name,
            is_approved: approved.iter().any(|(one, ..)| *one == version.1),
            not_now: chosen
                .and_then(|chosen| chosen.not_now)
                .map(|why| why.to_string()),
        });
    }
    choices.sort_by_key(|one| (one.not_now.is_some(), !one.is_approved, one.name.clone()));
    Ok(choices)
}

/// People, in the order in which they are written to.
pub struct Roll {
    /// Whose.
    pub org: OrgId,
    /// Which office writes.
    pub office: OfficeId,
    /// With which text.
    pub version: Version,
    /// What the columns are called; merge fields are found by these.
    pub headings: Vec<String>,
    /// The heading of the numbers.
    pub to: &'static str,
    /// The place of the names.
    pub name: Option<usize>,
    /// What people of one number get.
    pub household: Household,
    /// Links that the texts may ask for besides the organisation's pages.
    pub links: PersonalLinks,
    /// Why people are written to whoever wrote to them for the same purpose before; `None` if they are not.
    pub again: Option<String>,
    /// Cells of each, in the order of the headings, and by what each is known again.
    pub rows: Vec<(Vec<String>, PersonKeys)>,
}

/// What becomes of one row.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Fate {
    /// It is written to.
    Send,
    /// It is written to with the earlier row of this line.
    With(u32),
    /// This very text went to this number before.
    Before(MessageId, BroadcastId),
    /// Somebody wrote to the person for the same purpose.
    Contacted(String),
    /// Its number is known to be wrong.
    WrongNumber(String),
    /// Something else is wrong with it; the first sentence about it.
    Blocked(String),
}

/// A roll, judged.
pub struct JudgedRoll {
    org: OrgId,
    office: OfficeId,
    chosen: Chosen,
    /// For each of the rows; their lines count from 1.
    pub fates: Vec<Fate>,
    /// Those that are written to, in order.
    pub rows: Vec<Outgoing>,
    warnings: Vec<String>,
    judged: Horizon,
}

/// Judges every row, or says why the text fits none of them or may not be sent.
pub async fn judge(desk: &Desk, roll: Roll) -> Result<Result<JudgedRoll, String>, PageError> {
    let horizon = Horizon::now(&desk.db).await.map_err(failed)?;
    let (org, office) = (roll.org, roll.office);
    let Some(chosen) = version_now(desk, org, roll.version).await? else {
        return Err(PageError::NotFound);
    };
    if let Some(why) = &chosen.not_now {
        return Ok(Err(why.to_string()));
    }
    let vault = desk.db.vault(org).await.map_err(failed)?;
    let (cells, keys): (Vec<_>, Vec<_>) = roll.rows.into_iter().unzip();
    let sheet = match Sheet::of_records(roll.headings, &cells) {
        Ok(sheet) => Arc::new(sheet),
        Err(problem) => return Ok(Err(problem.to_string())),
    };
    let asked = RollFor {
        org,
        office,
        to: roll.to,
        name: roll.name,
        household: roll.household,
        personal: roll.links,
        again: roll.again,
        chosen: &chosen,
        vault: &vault,
    };
    let judged = match judge_roll(desk, &asked, &sheet, keys).await? {
        Judgement::Rows(rows) => rows,
        Judgement::Undecided => return Err(PageError::NotFound),
        Judgement::Refused(problems) => {
            let why: Vec<String> = problems.iter().map(ToString::to_string).collect();
            return Ok(Err(why.join("")));
        }
    };
    let simulated = desk.sending.simulated || chosen.training;
    let packer = Packer::new(&desk.db, &vault, &sheet, &judged, simulated);
    let rows: Vec<Outgoing> = judged.to_send().map(|row| packer.pack(row)).collect();
    Ok(Ok(JudgedRoll {
        org,
        office,
        fates: judged
            .standings()
            .map(|(row, standing)| fate(row, standing))
            .collect(),
        warnings: warnings(&judged),
        rows,
        chosen,
        judged: horizon,
    }))
}

fn fate(row: &CheckedRow, standing: RowStanding) -> Fate {
    let said = |code: Option<Code>| {
        let problems = row.problems.iter();
        let mut wanted = problems.filter(|problem| match code {
            Some(code) => problem.code == code,
            None => problem.severity() == Severity::Error,
        });
        wanted
            .next()
            .map(|problem| problem.message.clone())
            .unwrap_or_default()
    };
    let is_wrong = row.problems.iter().any(|one| one.code == Code::PhoneKnownWrong);
    match standing {
        RowStanding::Send => Fate::Send,
        RowStanding::Repeat(line) => Fate::With(line),
        RowStanding::Before(before) => Fate::Before(before.message, before.broadcast),
        RowStanding::Contacted => Fate::Contacted(said(Some(Code::RowContacted))),
        RowStanding::Blocked if is_wrong => Fate::WrongNumber(said(Some(Code::PhoneKnownWrong))),
        RowStanding::Blocked => Fate::Blocked(said(None)),
    }
}

/// Of the rows that are written to: any of these is a reason of the rule to have somebody approve.
fn warnings(judged: &JudgedRows) -> Vec<String> {
    let of_rows = judged.standings().filter(|(_, one)| *one == RowStanding::Send);
    let of_rows = of_rows.flat_map(|(row, _)| row.problems.iter());
    let serious = of_rows.filter(|one| one.severity() == Severity::Warning && !is_advice(one.code));
    // Many people of one kind are one thing to look at.
    let mut told: BTreeMap<&str, u64> = BTreeMap::new();
    for problem in serious {
        *told.entry(problem.message.as_str()).or_default() += 1;
    }
    let told = told
        .into_iter()
        .map(|(message, people)| format!("{}人: {message}", grouped(people)));
    told.take(WARNINGS_KEPT).collect()
}

/// What a page tells before anybody is written to.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is one sentence of the page, and none excludes another"
)]
pub struct Prospect {
    /// How many people.
    pub people: String,
    /// 「初回の連絡 第3版」.
    pub template: String,
    /// Where it can be read.
    pub template_href: String,
    /// What phones show.
    pub sender: String,
    /// 「最大 217通」.
    pub parts: String,
    /// What it costs at most, where the price is known.
    pub cost: Option<String>,
    /// What is left of the limits.
    pub room: Option<String>,
    /// It is an exercise.
    pub is_training: bool,
    /// It goes to a simulated carrier.
    pub is_simulated: bool,
    /// Whether somebody takes messages at all.
    pub has_carrier: bool,
    /// Somebody else has to let it go.
    pub needs_approval: bool,
    /// What happens after the press, and what the limits say.
    pub notices: Vec<Notice>,
    /// Texts as their readers see them: the first ones, and the longest.
    pub samples: Vec<Phone>,
}

impl JudgedRoll {
    /// What a page tells; `whom` names a row by its line, counted from 1.
    pub async fn prospect(&self, desk: &Desk, whom: impl Fn(u32) -> String) -> Result<Prospect, PageError> {
        let (org, office, chosen) = (self.org, self.office, &self.chosen);
        let warned = !self.warnings.is_empty();
        let leaving = Leaving::about(desk, org, office, chosen, (self.rows.len(), warned)).await?;
        let texts: Vec<&str> = self.rows.iter().map(|row| row.text.as_str()).collect();
        let when = (chosen.training, leaving.leaves_at());
        let room = Room::for_texts(desk, (org, office), when, &texts).await?;
        let sender = desk.sender(org, office, Some(chosen.content.purpose)).await?;
        let sample = |row: &Outgoing| {
            let heading = format!("{}に届く文面", whom(row.line));
            Phone::new(heading, &sender, vec![Bubble::new(&row.text)])
        };
        let told = self.told(desk).await?;
        let mut notices = vec![leaving.notice()];
        notices.extend(room.notices);
        notices.extend(leaving.closed().map(Notice::warning));
        Ok(Prospect {
            people: format!("{}人", grouped(self.rows.len() as u64)),
            template: format!("{} 第{}版", chosen.name, chosen.version),
            template_href: format!("/templates/{}#version-{}", chosen.id, chosen.version),
            samples: self.seen().into_iter().map(sample).collect(),
            sender: sender.clone(),
            parts: told.parts,
            cost: told.cost,
            room: room.left,
            is_training: chosen.training,
            is_simulated: desk.sending.simulated,
            has_carrier: desk.sending.has_carrier || chosen.training,
            needs_approval: leaving.needs_approval(),
            notices,
        })
    }

    /// The rows whose texts are shown: the first ones and the longest.
    fn seen(&self) -> Vec<&Outgoing> {
        let mut seen: Vec<&Outgoing> = self.rows.iter().take(SAMPLE_ROWS).collect();
        let longest = self.rows.iter().max_by_key(|row| utf16_len(&row.text));
        seen.extend(longest.filter(|row| !seen.iter().any(|one| one.line == row.line)));
        seen
    }

    async fn told(&self, desk: &Desk) -> Result<Told, PageError> {
        let parts: u64 = self
            .rows
            .iter()
            .map(|row| u64::from(parts_worst(&row.text).most()))
            .sum();
        let price = desk.price(self.org).await?;
        Ok(Told {
            warnings: self.warnings.clone(),
            left_out: self.left_out(),
            parts: format!("最大 {}通", grouped(parts)),
            cost: price.map(|price| cost(parts, price)),
        })
    }

    /// One line for each reason why somebody is not written to.
    pub fn left_out(&self) -> Vec<String> {
        let count = |wanted: fn(&Fate) -> bool| self.fates.iter().filter(|one| wanted(one)).count() as u64;
        let lines = [
            (
                count(|one| matches!(one, Fate::With(_))),
                "同じ番号・同じ文面の人（代表の1人に送ります）",
            ),
            (
                count(|one| matches!(one, Fate::Before(..))),
                "30日以内に同じ文面を送った人（その連絡を記録します）",
            ),
            (
                count(|one| matches!(one, Fate::Contacted(_))),
                "同じ目的ですでに連絡した人",
            ),
            (
                count(|one| matches!(one, Fate::WrongNumber(_))),
                "番号が使えないと登録されている人（電話リストに入ります）",
            ),
            (
                count(|one| matches!(one, Fate::Blocked(_))),
                "文面を作れない人（時間がたつと電話リストに入ります）",
            ),
        ];
        let some = lines.into_iter().filter(|(people, _)| *people > 0);
        some.map(|(people, why)| format!("{why}: {}人", grouped(people)))
            .collect()
    }

    /// How it leaves if nothing else is chosen: at once, with what was told kept for whoever approves.
    pub async fn release(&self, desk: &Desk) -> Result<NewRelease, PageError> {
        Ok(NewRelease {
            told: self.told(desk).await?,
            seen_lines: self.seen().into_iter().map(|row| row.line).collect(),
            ..NewRelease::default()
        })
    }

    /// The broadcast to start, with these of its rows.
    pub async fn broadcast(
        &self,
        desk: &Desk,
        name: String,
        origin: Origin,
        by: Option<StaffId>,
    ) -> Result<NewBroadcast, PageError> {
        let (chosen, sending) = (&self.chosen, &desk.sending);
        if !sending.has_carrier && !chosen.training {
            return Err(no_carrier());
        }
        let purpose = chosen.content.purpose;
        Ok(NewBroadcast {
            org: self.org,
            office: self.office,
            list: None,
            template: Some((chosen.id, chosen.version)),
            file_name: name,
            origin,
            stage: if chosen.training {
                BroadcastStage::Training
            } else {
                BroadcastStage::Live
            },
            simulated: sending.simulated || chosen.training,
            purpose,
            lane: Lane::FirstTouch,
            sender: desk.sender(self.org, self.office, Some(purpose)).await?,
            segmentation: sending.segmentation,
            hold: sending.hold,
            created_by: by,
            resend: None,
            judged: self.judged,
            replaces: None,
            release: self.release(desk).await?,
            rows: Arc::new(self.rows.clone()),
        })
    }

    /// A keyed hash of everything that would be sent: what was shown is what is sent.
    pub async fn seal(&self, desk: &Desk) -> Result<String, PageError> {
        let vault = desk.db.vault(self.org).await.map_err(failed)?;
        let head = format!("{} {} {}", self.office, self.chosen.id, self.chosen.version);
        let numbers: Vec<String> = self.rows.iter().map(|row| row.to.e164()).collect();
        let rows = numbers.iter().zip(&self.rows);
        let rows = rows.flat_map(|(number, row)| [number.as_bytes(), row.text.as_bytes()]);
        let parts: Vec<&[u8]> = std::iter::once(head.as_bytes()).chain(rows).collect();
        Ok(vault.index("confirmed roll", &parts))
    }

    /// What it is written for.
    pub fn purpose(&self) -> Purpose {
        self.chosen.content.purpose
    }

    /// Nobody is really written to: no record may say so.
    pub fn is_exercise(&self, desk: &Desk) -> bool {
        self.chosen.training && !desk.sending.simulated
    }
}

/// What a person hears when nothing was started.
pub fn not_started(error: StartError) -> PageError {
    match error {
        StartError::Refused(refusal) => refused(&refusal),
        StartError::Database(error) => failed(error),
        StartError::NoRows | StartError::AllLeftOut(_) => PageError::conflict(
            "確認したあとに状況が変わったため、だれにも送っていません。",
            "もう一度開いて、いま待っている人を確かめてください。",
        ),
    }
}
