//! Which rows share the cause: those beside the reported ones, and what the integrity check says of the list today.

use accounts::SignedIn;
use base::clock::Millis;
use base::id::{ListId, MessageId};
use web::PageError;
use web::ui::Chip;

use super::broadcast_words::message_chip;
use super::incident_facts::BroadcastRow;
use super::list_judged::{Judgement, judged};
use super::{Desk, failed, names};
use crate::incident::IncidentLine;
use crate::limits::{INCIDENT_LISTS, NEIGHBOURS, REPORTS_SHOWN};
use crate::store;

/// A report, with the rows beside the message.
pub(super) struct ReportRow {
    pub(super) at: Millis,
    pub(super) by: String,
    pub(super) note: String,
    pub(super) name: String,
    pub(super) rows: Vec<NeighbourRow>,
}

/// A row of the list beside the reported one.
pub(super) struct NeighbourRow {
    pub(super) message: MessageId,
    pub(super) line: u32,
    pub(super) to: String,
    pub(super) chip: Chip,
    pub(super) is_reported: bool,
}

pub(super) async fn reports(
    desk: &Desk,
    session: &SignedIn,
    lines: &[IncidentLine],
    broadcasts: &[BroadcastRow],
) -> Result<Vec<ReportRow>, PageError> {
    let org = session.staff.org;
    let reported: Vec<(&IncidentLine, MessageId)> = lines
        .iter()
        .filter_map(|line| Some((line, line.message?)))
        .collect();
    let who = names(desk, org, reported.iter().filter_map(|(line, _)| line.by)).await?;
    let mut rows = Vec::new();
    for (line, message) in reported {
        let row = broadcasts.iter().find(|row| Some(row.id) == line.broadcast);
        let beside = match row {
            Some(row) if rows.len() < REPORTS_SHOWN => beside(desk, session, row, message).await?,
            _ => Vec::new(),
        };
        rows.push(ReportRow {
            at: line.at,
            by: who.or(line.by, "届いた人"),
            note: line.detail.clone().unwrap_or_default(),
            name: row.map_or(String::new(), |row| row.name.clone()),
            rows: beside,
        });
    }
    Ok(rows)
}

async fn beside(
    desk: &Desk,
    session: &SignedIn,
    row: &BroadcastRow,
    message: MessageId,
) -> Result<Vec<NeighbourRow>, PageError> {
    let org = session.staff.org;
    let Some(reported) = store::message(&desk.db, org, message).await.map_err(failed)? else {
        return Ok(Vec::new());
    };
    let line = reported.line;
    let range = (line.saturating_sub(NEIGHBOURS), line.saturating_add(NEIGHBOURS));
    let found = store::neighbours(&desk.db, org, row.id, range)
        .await
        .map_err(failed)?;
    let now = desk.db.now();
    Ok(found
        .into_iter()
        .map(|one| NeighbourRow {
            message: one.message,
            line: one.line,
            to: one.to.masked(),
            chip: message_chip(row.moment.broadcast.shown(one.state, now)),
            is_reported: one.message == message,
        })
        .collect())
}

/// What the check says of a list today.
pub(super) struct CauseList {
    pub(super) list: ListId,
    pub(super) name: String,
    /// Whether it was held against its source.
    pub(super) has_reference: bool,
    pub(super) findings: Vec<String>,
    /// The rows are not there any more, or cannot be judged.
    pub(super) is_gone: bool,
}

impl CauseList {
    /// For the draft of the report.
    pub(super) fn sentences(&self) -> Vec<String> {
        self.findings.clone()
    }
}

pub(super) async fn causes(
    desk: &Desk,
    session: &SignedIn,
    broadcasts: &[BroadcastRow],
) -> Result<Vec<CauseList>, PageError> {
    let mut causes: Vec<CauseList> = Vec::new();
    for row in broadcasts {
        let Some(list) = row.list else { continue };
        if causes.len() >= INCIDENT_LISTS || causes.iter().any(|cause| cause.list == list) {
            continue;
        }
        causes.push(of_list(desk, session, list, &row.name).await?);
    }
    Ok(causes)
}

async fn of_list(desk: &Desk, session: &SignedIn, list: ListId, name: &str) -> Result<CauseList, PageError> {
    let mut cause = CauseList {
        list,
        name: name.to_owned(),
        has_reference: false,
        findings: Vec::new(),
        is_gone: false,
    };
    match judged(desk, &session.staff, list).await {
        Ok(judged) => {
            cause.has_reference = judged.kept.head.reference.is_some();
            match judged.judgement {
                Judgement::Rows(rows) => {
                    cause.findings = rows
                        .checked
                        .integrity
                        .iter()
                        .map(|finding| finding.message.clone())
                        .collect();
                }
                Judgement::Undecided | Judgement::Refused(_) => cause.is_gone = true,
            }
        }
        // Withdrawn, or erased.
        Err(PageError::NotFound | PageError::Conflict { .. }) => cause.is_gone = true,
        Err(error) => return Err(error),
    }
    Ok(cause)
}
