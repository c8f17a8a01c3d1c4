//! Whose a person is by the place where they are; but of a programme that belongs to one office they stay there.

use std::collections::HashMap;

use accounts::Office;
use base::id::{ListId, OfficeId, OrgId};
use messaging::pages::failed;
use web::PageError;

use super::Triage;
use crate::area::Areas;
use crate::case::Case;
use crate::limits::CASES_PER_WRITE;
use crate::notification::CaseNotification;
use crate::store::areas::{areas, never_moved};
use crate::store::cases::cases;
use crate::store::owners::owners;

/// The offices that take people, and in whose area a place is.
pub(super) struct Jurisdiction {
    areas: Areas,
    offices: HashMap<OfficeId, Office>,
    /// To whom programmes belong.
    owners: HashMap<i64, OfficeId>,
}

impl Jurisdiction {
    pub(super) async fn of(triage: &Triage, org: OrgId) -> Result<Self, PageError> {
        let now = triage.db.now();
        let mut offices = triage.offices(org).await?;
        offices.retain(|_, office| office.is_open(now));
        let mut areas = areas(&triage.db, org).await.map_err(failed)?;
        areas.retain(|office| offices.contains_key(&office));
        let owners = owners(&triage.db, org).await.map_err(failed)?;
        Ok(Self {
            areas,
            offices,
            owners,
        })
    }

    /// Another office than this one, in whose area the person of this programme is.
    pub(super) fn elsewhere(
        &self,
        told: &CaseNotification,
        (programme, office): (i64, OfficeId),
    ) -> Option<&Office> {
        if self.owners.contains_key(&programme) {
            return None;
        }
        let whose = self.areas.whose(told.person.whereabouts()?)?;
        self.offices.get(&whose).filter(|found| found.id != office)
    }

    /// The same of a case.
    pub(super) fn case_elsewhere(&self, case: &Case) -> Option<&Office> {
        self.elsewhere(case.notification.as_ref()?, (case.programme, case.office))
    }

    /// The open cases of a list that another office should have, and which: of those whom nobody has handed over yet,
    /// not even back. What their records say counts; they may have been corrected since the list came.
    pub(super) async fn movable(
        &self,
        triage: &Triage,
        org: OrgId,
        (list, office): (ListId, OfficeId),
    ) -> Result<Vec<(Case, OfficeId)>, PageError> {
        let mut movable = Vec::new();
        if self.areas.is_empty() {
            return Ok(movable);
        }
        let ids = never_moved(&triage.db, org, (list, office))
            .await
            .map_err(failed)?;
        for chunk in ids.chunks(CASES_PER_WRITE) {
            for case in cases(&triage.db, org, chunk).await.map_err(failed)? {
                if let Some(to) = self.case_elsewhere(&case).map(|to| to.id) {
                    movable.push((case, to));
                }
            }
        }
        Ok(movable)
    }
}
