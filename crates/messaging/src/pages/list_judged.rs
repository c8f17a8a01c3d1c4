//! A kept list with its template, every row judged, and compared with what was done before: what all pages of
//! a list look at, and what the sending takes.

use std::sync::Arc;

use accounts::Staff;
use base::id::{ListId, TemplateId};
use base::merge::MessageTemplate;
use db::OrgVault;
use lists::check::{Checked, CheckedRow, Sendable, Standing, check};
use lists::problem::FileProblem;
use lists::store::{KeptList, ListHead};
use web::{OrBug, PageError};

use super::{Desk, failed, may_see};
use crate::recognition::{Fingerprint, Recognised, is_new, recognised};
use crate::store;

/// The steps from a list to its broadcast, as every page on the way shows them.
pub(crate) const STEPS: &[&str] = &["リスト", "検査", "文面", "確認", "配信"];

/// The text that a list is sent with.
pub(crate) struct Chosen {
    pub(crate) id: TemplateId,
    pub(crate) version: i64,
    pub(crate) name: String,
    pub(crate) text: String,
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
    pub(crate) checked: Checked,
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
    /// Done before, and not again.
    Before(Recognised),
}

impl JudgedRows {
    /// Every row and what will happen to it, in the order of the list.
    pub(crate) fn standings(&self) -> impl Iterator<Item = (&CheckedRow, RowStanding)> {
        self.checked.rows.iter().zip(&self.before).map(|(row, before)| {
            let standing = match (row.standing(), before) {
                (Standing::Blocked, _) => RowStanding::Blocked,
                (Standing::Repeat(line), _) => RowStanding::Repeat(line),
                (Standing::Send, Some(before)) => RowStanding::Before(*before),
                (Standing::Send, None) => RowStanding::Send,
            };
            (row, standing)
        })
    }

    /// The rows that become messages if sending is asked for now, in the order of the list.
    pub(crate) fn to_send(&self) -> impl Iterator<Item = Sendable<'_>> {
        self.standings()
            .filter(|(_, standing)| *standing == RowStanding::Send)
            .filter_map(|(row, _)| row.sendable())
    }

    /// The rows that were done before, with the message that did it.
    pub(crate) fn done_before(&self) -> impl Iterator<Item = (Sendable<'_>, Recognised)> {
        self.standings().filter_map(|(row, standing)| match standing {
            RowStanding::Before(before) => Some((row.sendable()?, before)),
            _ => None,
        })
    }
}

/// The list without its rows, if it is there for this person.
pub(crate) async fn head(desk: &Desk, staff: &Staff, id: ListId) -> Result<ListHead, PageError> {
    let head = lists::store::list_head(&desk.db, staff.org, id)
        .await
        .map_err(failed)?;
    head.filter(|head| may_see(staff, head.office))
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
    open_head(desk, staff, id).await?;
    let kept = lists::store::load_list(&desk.db, staff.org, id)
        .await
        .map_err(failed)?;
    let kept = kept.ok_or(PageError::NotFound)?;
    let template = chosen(desk, staff, &kept.head).await?;
    let chosen_both = kept.head.settings.to.clone().zip(template.as_ref());
    let Some((to, text)) = chosen_both.map(|(to, template)| (to, template.text.clone())) else {
        let judgement = Judgement::Undecided;
        return Ok(JudgedList {
            kept,
            template,
            judgement,
        });
    };
    let simulated = desk.sending.simulated;
    let vault = desk.db.vault(staff.org).await.map_err(failed)?;
    // A long list takes a while: not in the way of other requests.
    let work = move || {
        let outcome = judge(&kept, &to, &text, simulated, &vault);
        (kept, outcome)
    };
    let (kept, outcome) = tokio::task::spawn_blocking(work).await.or_bug()?;
    let judgement = match outcome {
        Err(problems) => Judgement::Refused(problems),
        Ok((checked, fingerprints)) => {
            let before = before(desk, staff, &fingerprints).await?;
            Judgement::Rows(Box::new(JudgedRows { checked, before }))
        }
    };
    Ok(JudgedList {
        kept,
        template,
        judgement,
    })
}

/// The text that was chosen for the list.
async fn chosen(desk: &Desk, staff: &Staff, head: &ListHead) -> Result<Option<Chosen>, PageError> {
    let Some((id, version)) = head.settings.template else {
        return Ok(None);
    };
    let row = store::template(&desk.db, staff.org, id).await.map_err(failed)?;
    let text = store::template_version(&desk.db, staff.org, id, version)
        .await
        .map_err(failed)?;
    Ok(row.zip(text).map(|(row, text)| Chosen {
        id,
        version,
        name: row.name,
        text: text.content.text,
    }))
}

type Outcome = Result<(Checked, Vec<Option<Fingerprint>>), Vec<FileProblem>>;

fn judge(kept: &KeptList, to: &str, text: &str, simulated: bool, vault: &Arc<OrgVault>) -> Outcome {
    let template = MessageTemplate::parse(text).map_err(|problem| vec![problem.into()])?;
    let checked = check(&kept.sheet, to, &template)?;
    let fingerprint = |row: &CheckedRow| {
        let row = row.sendable()?;
        Some(Fingerprint::of(vault, simulated, row.phone, row.text))
    };
    let fingerprints = checked.rows.iter().map(fingerprint).collect();
    Ok((checked, fingerprints))
}

/// What was done before and is not done again.
async fn before(
    desk: &Desk,
    staff: &Staff,
    fingerprints: &[Option<Fingerprint>],
) -> Result<Vec<Option<Recognised>>, PageError> {
    let wanted: Vec<Fingerprint> = fingerprints.iter().flatten().cloned().collect();
    let known = recognised(&desk.db, staff.org, &wanted).await.map_err(failed)?;
    let mut known = known.into_iter();
    let now = desk.db.now();
    let found = fingerprints.iter().map(|fingerprint| {
        fingerprint.as_ref()?;
        known.next()?.filter(|found| !is_new(found.earlier, now, None))
    });
    Ok(found.collect())
}
