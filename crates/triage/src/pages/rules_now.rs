//! The rules that decide about cases of today: the one place where pages ask for them.

use std::sync::Arc;

use base::id::{OrgId, ProgrammeId};
use messaging::pages::failed;
use web::PageError;

use super::Triage;
use crate::decision::{Rules, WithoutRules};
use crate::store::programmes;

/// New cases belong to this as long as the organisation has no programme.
const NO_PROGRAMME: i64 = 0;

/// The programme of new cases: the organisation's first.
pub(super) async fn programme_now(triage: &Triage, org: OrgId) -> Result<i64, PageError> {
    let all = programmes::programmes(&triage.db, org).await.map_err(failed)?;
    let first = all.iter().map(|programme| programme.id.get()).min();
    Ok(first.unwrap_or(NO_PROGRAMME))
}

/// The rules of a programme that are in force. Without any, everybody is telephoned.
pub(super) async fn rules(triage: &Triage, org: OrgId, programme: i64) -> Result<Arc<dyn Rules>, PageError> {
    let in_force = programmes::in_force(&triage.db, org, ProgrammeId::new(programme));
    let in_force = in_force.await.map_err(failed)?;
    Ok(if in_force.versions().is_empty() {
        Arc::new(WithoutRules)
    } else {
        Arc::new(in_force)
    })
}
