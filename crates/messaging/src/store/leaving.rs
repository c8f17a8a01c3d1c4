//! When a broadcast could leave that is kept back, and the day on which it counts then.

use base::clock::Millis;
use base::id::{BroadcastId, OrgId};
use db::{DbError, Tx, params};

use super::release::release_at;
use crate::allowance::OverLimit;
use crate::broadcast::move_reservation;
use crate::release::{Approval, Release};

db::statements! {
    STANDING = "
        SELECT approval, scheduled_for, opens_minute, closes_minute, not_after, first_wave, hold_until
        FROM broadcasts
        WHERE org_id = $1 AND broadcast_id = $2 AND discarded_at IS NULL AND handed_over_at IS NULL";
}

/// When a broadcast that waits for its hours, or is stopped, could leave.
pub(crate) struct Standing {
    hold_until: Millis,
    release: Release,
}

impl Standing {
    /// The same without its hours.
    pub(crate) fn at_any_time(self) -> Self {
        let release = Release {
            hours: None,
            ..self.release
        };
        Self { release, ..self }
    }

    /// Counts it on the day on which it leaves if it goes on now. What still has to be approved is moved then.
    pub(crate) async fn move_in(
        &self,
        tx: &mut Tx,
        org: OrgId,
        id: BroadcastId,
        now: Millis,
    ) -> Result<Result<(), OverLimit>, DbError> {
        if self.release.approval == Some(Approval::Waiting) {
            return Ok(Ok(()));
        }
        let leaves_at = self.release.leaves_at(now.max(self.hold_until));
        move_reservation(tx, org, id, leaves_at).await
    }
}

/// The standing of a broadcast of which something may still leave.
pub(crate) async fn standing(tx: &mut Tx, org: OrgId, id: BroadcastId) -> Result<Option<Standing>, DbError> {
    let row = tx.query_opt(STANDING, params![org, id]).await?;
    row.map(|row| {
        Ok(Standing {
            hold_until: row.get(6)?,
            release: release_at(&row, 0)?,
        })
    })
    .transpose()
}
