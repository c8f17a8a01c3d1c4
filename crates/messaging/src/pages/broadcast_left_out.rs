//! The rows of a broadcast's list that were not sent, and why: for its result page and its report.

use accounts::SignedIn;
use base::id::ListId;
use web::PageError;

use super::Desk;
use super::list_judged::{JudgedList, Judgement, RowStanding, judged};
use crate::broadcast::Broadcast;

/// Rows that wait to be mended or sent.
pub(super) struct LeftOut {
    pub(super) list: ListId,
    /// Rows with an error.
    pub(super) blocked: usize,
    /// Rows that somebody left out.
    pub(super) excluded: usize,
    /// Rows whose people were written to for the same purpose before.
    pub(super) contacted: usize,
    /// Rows that could be sent now.
    pub(super) ready: usize,
}

/// The list behind a broadcast as it stands now; `None` if it came from the command line, or the list was
/// withdrawn.
pub(super) async fn list(
    desk: &Desk,
    session: &SignedIn,
    broadcast: &Broadcast,
) -> Result<Option<JudgedList>, PageError> {
    let Some(list) = broadcast.list else {
        return Ok(None);
    };
    match judged(desk, &session.staff, list).await {
        Ok(judged) => Ok(Some(judged)),
        Err(PageError::Conflict { .. } | PageError::NotFound) => Ok(None),
        Err(other) => Err(other),
    }
}

/// How many rows of the list are left; `None` if none is.
pub(super) async fn of(
    desk: &Desk,
    session: &SignedIn,
    broadcast: &Broadcast,
) -> Result<Option<LeftOut>, PageError> {
    let Some(judged) = list(desk, session, broadcast).await? else {
        return Ok(None);
    };
    let Judgement::Rows(rows) = &judged.judgement else {
        return Ok(None);
    };
    let count = |wanted: RowStanding| {
        rows.standings()
            .filter(|(_, standing)| *standing == wanted)
            .count()
    };
    let left = LeftOut {
        list: judged.kept.head.id,
        blocked: count(RowStanding::Blocked),
        excluded: judged.kept.excluded.len(),
        contacted: count(RowStanding::Contacted),
        ready: count(RowStanding::Send),
    };
    Ok(Some(left).filter(|left| left.blocked + left.excluded + left.contacted + left.ready > 0))
}
