//! When a broadcast could leave that is kept back, and the day on which it counts then.

use base::clock::{Millis, japan_midnight};
use base::id::{BroadcastId, OrgId};
use db::{Db, DbError, OrgVault, Row, Tx, params};

use super::allowances::{limits, reservation_as_it_stands, used};
use super::release::release_at;
use crate::allowance::{OverLimit, judge};
use crate::broadcast::move_reservation;
use crate::release::{Approval, Release};

db::statements! {
    STANDING = "
        SELECT approval, scheduled_for, opens_minute, closes_minute, not_after, first_wave, hold_until
        FROM broadcasts
        WHERE org_id = $1 AND broadcast_id = $2 AND discarded_at IS NULL AND handed_over_at IS NULL";
    // What could leave and is counted on an earlier day, in the order in which it leaves. Ordered like the claim, for
    // the same narrow index of what is open.
    LEFT_OVER = "
        SELECT b.org_id, b.broadcast_id
        FROM broadcasts b
        JOIN part_reservations r ON r.org_id = b.org_id AND r.broadcast_id = b.broadcast_id
        WHERE b.handed_over_at IS NULL AND b.paused_at IS NULL AND b.discarded_at IS NULL
            AND (b.approval IS NULL OR b.approval = 'approved') AND r.day < $1
            AND NOT EXISTS (SELECT 1 FROM orgs WHERE orgs.org_id = b.org_id AND orgs.stopped_at IS NOT NULL)
        ORDER BY b.lane, b.broadcast_id LIMIT 500";
}

/// When a broadcast that waits for its hours, or is stopped, could leave.
pub(crate) struct Standing {
    hold_until: Millis,
    release: Release,
}

impl Standing {
    fn read(row: &Row) -> Result<Self, DbError> {
        Ok(Self {
            hold_until: row.get(6)?,
            release: release_at(row, 0)?,
        })
    }

    /// The same without its hours.
    pub(crate) fn at_any_time(self) -> Self {
        let release = Release {
            hours: None,
            ..self.release
        };
        Self { release, ..self }
    }

    fn leaves_at(&self, now: Millis) -> Millis {
        self.release.leaves_at(now.max(self.hold_until))
    }

    /// Counts it on the day on which it leaves if it goes on now. What still has to be approved is moved then.
    pub(crate) async fn move_in(
        &self,
        tx: &mut Tx,
        (org, vault): (OrgId, &OrgVault),
        id: BroadcastId,
        now: Millis,
    ) -> Result<Result<(), OverLimit>, DbError> {
        if self.release.approval == Some(Approval::Waiting) {
            return Ok(Ok(()));
        }
        move_reservation(tx, (org, vault), id, (self.leaves_at(now), now)).await
    }
}

/// The standing of a broadcast of which something may still leave.
pub(crate) async fn standing(tx: &mut Tx, org: OrgId, id: BroadcastId) -> Result<Option<Standing>, DbError> {
    let row = tx.query_opt(STANDING, params![org, id]).await?;
    row.as_ref().map(Standing::read).transpose()
}

/// What was not over when its day was, although nobody stopped it: its hours closed, a carrier was away, everything
/// stood still.
pub(crate) async fn left_over(db: &Db, now: Millis) -> Result<Vec<(OrgId, BroadcastId)>, DbError> {
    let rows = db.query(LEFT_OVER, params![japan_midnight(now)]).await?;
    rows.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect()
}

/// The limit of the day on which the rest of a broadcast would leave that has no room for it; nothing for one that is
/// counted on its day. It only reads: what waits for room is looked at often.
pub(crate) async fn lacks_room(
    db: &Db,
    org: OrgId,
    id: BroadcastId,
    now: Millis,
) -> Result<Option<OverLimit>, DbError> {
    let Some(kept) = reservation_as_it_stands(db, org, id).await? else {
        return Ok(None);
    };
    if kept.day >= japan_midnight(now) {
        return Ok(None);
    }
    let Some(row) = db.query_opt(STANDING, params![org, id]).await? else {
        return Ok(None);
    };
    let day = japan_midnight(Standing::read(&row)?.leaves_at(now));
    let limits = limits(db, org).await?;
    if !limits.bind(day, kept.office) {
        return Ok(None);
    }
    let used = used(db, org, kept.office, day, kept.training).await?;
    Ok(judge(
        &limits,
        kept.office,
        day,
        &kept.without(&used, day),
        kept.waiting(),
    )
    .err())
}
