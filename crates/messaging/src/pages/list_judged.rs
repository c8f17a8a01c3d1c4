//! A kept list with its template, every row judged, and compared with what was done before: what all pages of
//! a list look at, and what the sending takes.

use std::collections::HashMap;
use std::sync::Arc;

use accounts::Staff;
use base::id::{IncidentId, ListId, OrgId, TemplateId};
use lists::check::{Brief, Checked, CheckedRow, Sendable, Standing, needs_a_look};
use lists::code::Code;
use lists::contacts::PersonKeys;
use lists::problem::FileProblem;
use lists::store::{KeptList, ListHead, Role};
use web::PageError;

use super::list_judging::{self, Judged, People};
use super::{Desk, failed, may_see};
use crate::links::{LinkedPage, TargetName};
use crate::recognition::Recognised;
use crate::store;
use crate::template::{Content, NotSendable};

/// The steps from a list to its broadcast, as every page on the way shows them.
pub(crate) const STEPS: &[&str] = &["リスト", "検査", "文面", "確認", "配信"];

/// The texts that a list is sent with.
pub(crate) struct Chosen {
    pub(crate) id: TemplateId,
    pub(crate) version: i64,
    pub(crate) name: String,
    pub(crate) content: Content,
    /// Why it may not be sent now.
    pub(crate) not_now: Option<NotSendable>,
    /// The incident about the list whose cause is still looked for.
    pub(crate) incident: Option<IncidentId>,
    /// What is sent for its purpose is an exercise at the moment.
    pub(crate) training: bool,
}

/// A list as it stands now.
pub(crate) struct JudgedList {
    pub(crate) kept: KeptList,
    pub(crate) template: Option<Chosen>,
    pub(crate) judgement: Judgement,
}

/// What can be said about its rows.
pub(crate) enum Judgement {
    /// Nothing yet: the column of numbers or the template is not chosen.
    Undecided,
    /// Column and template do not fit the list.
    Refused(Vec<FileProblem>),
    /// Every row is judged.
    Rows(Box<JudgedRows>),
}

/// Every row that is not left out, judged.
pub(crate) struct JudgedRows {
    pub(crate) checked: Arc<Checked>,
    /// What it was checked for.
    pub(crate) brief: Arc<Brief>,
    /// For each of the rows: by what its person is known again.
    pub(crate) people: Arc<Vec<PersonKeys>>,
    /// The pages that links in the texts may lead to.
    pub(crate) pages: HashMap<TargetName, LinkedPage>,
    /// For each of the rows: the message that did the same before.
    before: Vec<Option<Recognised>>,
}

/// What will happen to a row.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum RowStanding {
    /// It is sent.
    Send,
    /// It has an error and is not sent.
    Blocked,
    /// Sent once, with the earlier row of this number.
    Repeat(u32),
    /// The same text was sent before, and is not sent again.
    Before(Recognised),
    /// The person was written to for the same purpose, and is not written to again.
    Contacted,
}

impl JudgedRows {
    /// Whether a text asks for a link to an application desk.
    pub(crate) fn asks_for_desks(&self) -> bool {
        list_judging::asks_for_desks(&self.pages, &self.brief.texts)
    }

    /// Every row and what will happen to it, in the order of the list.
    pub(crate) fn standings(&self) -> impl Iterator<Item = (&CheckedRow, RowStanding)> {
        self.checked.rows.iter().zip(&self.before).map(|(row, before)| {
            let standing = match (row.standing(), before) {
                (Standing::Blocked, _) => RowStanding::Blocked,
                (Standing::Repeat(line), _) => RowStanding::Repeat(line),
                (Standing::Send | Standing::Contacted, Some(before)) => RowStanding::Before(*before),
                (Standing::Contacted, None) => RowStanding::Contacted,
                (Standing::Send, None) => RowStanding::Send,
            };
            (row, standing)
        })
    }

    /// The rows that become messages if sending is asked for now, in the order of the list; none while something
    /// stops the list.
    pub(crate) fn to_send(&self) -> impl Iterator<Item = Sendable<'_>> {
        let stopped = self.checked.stopped();
        self.standings()
            .filter(move |(_, standing)| !stopped && *standing == RowStanding::Send)
            .filter_map(|(row, _)| row.sendable())
    }

    /// The rows that were done before, with the message that did it.
    pub(crate) fn done_before(&self) -> impl Iterator<Item = (Sendable<'_>, Recognised)> {
        self.standings().filter_map(|(row, standing)| match standing {
            RowStanding::Before(before) => Some((row.addressed()?, before)),
            _ => None,
        })
    }

    /// Warnings about the whole list that nobody has looked at yet: until then it is not sent.
    pub(crate) fn to_look_at(&self) -> Vec<Code> {
        let integrity = self.checked.integrity.iter().map(|finding| finding.code);
        let findings = self.checked.findings.iter().map(|finding| finding.code);
        let mut codes: Vec<Code> = integrity
            .chain(findings)
            .filter(|code| needs_a_look(*code) && !self.brief.choices.looked_at(*code))
            .collect();
        codes.sort_unstable();
        codes.dedup();
        codes
    }
}

/// The list without its rows, if it is there for this person.
pub(crate) async fn head(desk: &Desk, staff: &Staff, id: ListId) -> Result<ListHead, PageError> {
    let head = lists::store::list_head(&desk.db, staff.org, id)
        .await
        .map_err(failed)?;
    // A list of cases has pages of its own.
    head.filter(|head| may_see(staff, head.office) && head.role != Role::Cases)
        .ok_or(PageError::NotFound)
}

/// The list without its rows, if it is there for this person and not withdrawn.
pub(crate) async fn open_head(desk: &Desk, staff: &Staff, id: ListId) -> Result<ListHead, PageError> {
    let head = head(desk, staff, id).await?;
    match head.withdrawn_at {
        None => Ok(head),
        Some(_) => Err(withdrawn()),
    }
}

/// What somebody hears who works on a list that was withdrawn meanwhile.
pub(crate) fn withdrawn() -> PageError {
    PageError::conflict(
        "このリストは取り下げられています。",
        "送るときは、リストをもう一度選んでください。",
    )
}

/// The list with everything that is known about its rows.
pub(crate) async fn judged(desk: &Desk, staff: &Staff, id: ListId) -> Result<JudgedList, PageError> {
    // What lists are compared with is never sent.
    if open_head(desk, staff, id).await?.role == Role::Reference {
        return Err(PageError::NotFound);
    }
    let kept = lists::store::load_list(&desk.db, staff.org, id)
        .await
        .map_err(failed)?;
    let kept = kept.ok_or(PageError::NotFound)?;
    let template = chosen(desk, staff, &kept.head).await?;
    let judgement = match kept.head.settings.mapping().zip(template.as_ref()) {
        None => Judgement::Undecided,
        Some((mapping, template)) => list_judging::judge(desk, staff, &kept, mapping, template).await?,
    };
    Ok(JudgedList {
        kept,
        template,
        judgement,
    })
}

/// The texts that were chosen for the list.
pub(super) async fn chosen(desk: &Desk, staff: &Staff, head: &ListHead) -> Result<Option<Chosen>, PageError> {
    let Some(template) = head.settings.template else {
        return Ok(None);
    };
    let Some(mut chosen) = version_now(desk, staff.org, template).await? else {
        return Ok(None);
    };
    chosen.incident = store::incident_of_list(&desk.db, staff.org, head.id)
        .await
        .map_err(failed)?;
    Ok(Some(chosen))
}

/// A version of a template, and whether it may be sent now.
pub(super) async fn version_now(
    desk: &Desk,
    org: OrgId,
    (id, version): (TemplateId, i64),
) -> Result<Option<Chosen>, PageError> {
    let row = store::template(&desk.db, org, id).await.map_err(failed)?;
    let text = store::template_version(&desk.db, org, id, version)
        .await
        .map_err(failed)?;
    let Some((row, text)) = row.zip(text) else {
        return Ok(None);
    };
    let settings = store::advice_settings(&desk.db, org).await.map_err(failed)?;
    let training = desk.standing(org).await?.is_training(text.content.purpose);
    let not_now = text
        .content
        .sendable(desk.db.now(), desk.sending.simulated || training, &settings);
    Ok(Some(Chosen {
        id,
        version,
        name: row.name,
        content: text.content,
        not_now: not_now.err(),
        incident: None,
        training,
    }))
}

impl JudgedRows {
    pub(super) fn new(
        judged: &Judged,
        people: &People,
        pages: HashMap<TargetName, LinkedPage>,
        before: Vec<Option<Recognised>>,
    ) -> Self {
        Self {
            checked: Arc::clone(&judged.checked),
            brief: Arc::clone(&judged.brief),
            people: Arc::clone(&people.keys),
            pages,
            before,
        }
    }
}
