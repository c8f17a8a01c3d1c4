//! What happens to applications by themselves: decisions become final, results that a desk's rule lets go go out, calls
//! that are over bring an application back, what nobody finishes ends, whom a discarded broadcast did not tell is told anew.
//!
//! Every step is bounded, found by an index, and carried out only on what still stands as it was seen: any number of
//! nodes may do this at the same time.

use base::id::OrgId;
use messaging::pages::{Desk, failed};
use web::PageError;

use crate::release;
use crate::store;

/// What one look did.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Looked {
    /// Decisions that became final.
    pub settled: usize,
    /// People who were told by a desk's rule.
    pub told: usize,
    /// Applications that are back in the queue after a call.
    pub called_back: usize,
    /// Applications that nobody finished.
    pub expired: usize,
    /// People whose message was discarded before it left: they are on the live lists again.
    pub not_sent: usize,
}

/// Looks once after everything that is due. Meant to be called every few seconds.
pub async fn look(desk: &Desk, org: OrgId) -> Result<Looked, PageError> {
    let db = &desk.db;
    store::budgets::forget_old(db).await.map_err(failed)?;
    let settled = store::settle(db, org).await.map_err(failed)?;
    store::end_overdue_uploads(db, org).await.map_err(failed)?;
    Ok(Looked {
        settled,
        called_back: store::called_back(db, org).await.map_err(failed)?,
        expired: store::expire(db, org).await.map_err(failed)?,
        not_sent: store::not_sent(db, org).await.map_err(failed)?,
        told: release::by_rule(desk, org).await?,
    })
}
