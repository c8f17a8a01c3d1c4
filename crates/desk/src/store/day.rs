//! How a desk's day goes: how much came, was decided, waits. Counted by index when somebody looks.

use base::clock::{HOUR, Millis, japan_midnight};
use base::id::{DeskId, OrgId};
use db::{Db, DbError, params};

db::statements! {
    CAME = "
        SELECT COUNT(*) FROM applications WHERE org_id = $1 AND desk_id = $2 AND counted_at >= $3";
    /// In hours since midnight: how many were decided. A decision that was put right counts once.
    DECIDED = "
        SELECT (decided_at - $3) / 3600000, COUNT(*) FROM applications
        WHERE org_id = $1 AND desk_id = $2 AND decided_at >= $3 GROUP BY 1 ORDER BY 1";
    LATELY = "
        SELECT COUNT(*), COUNT(DISTINCT decided_by) FROM applications
        WHERE org_id = $1 AND desk_id = $2 AND decided_at > $3";
    /// Each part has an index of its own: what a clerk looks at, what is to be decided, what is out of the queue.
    WAITING = "
        SELECT COUNT(*), MIN(received_at), CAST(COALESCE(SUM(CASE WHEN received_at <= $3 THEN 1 ELSE 0 END), 0) AS {bigint})
        FROM applications WHERE org_id = $1 AND desk_id = $2 AND state = 'received'
        UNION ALL
        SELECT COUNT(*), MIN(received_at), CAST(COALESCE(SUM(CASE WHEN received_at <= $3 THEN 1 ELSE 0 END), 0) AS {bigint})
        FROM applications WHERE org_id = $1 AND desk_id = $2 AND state = 'ready' AND parked IS NULL
        UNION ALL
        SELECT COUNT(*), MIN(received_at), CAST(COALESCE(SUM(CASE WHEN received_at <= $3 THEN 1 ELSE 0 END), 0) AS {bigint})
        FROM applications WHERE org_id = $1 AND desk_id = $2 AND parked IS NOT NULL AND state = 'ready'";
}

/// What was decided in one hour of the day.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct HourCount {
    /// 0 to 23, Japan's.
    pub hour: u32,
    /// How many.
    pub decided: u32,
}

/// A desk's day, counted.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Counted {
    /// Applications that came today.
    pub received: u32,
    /// Decided today.
    pub decided: u32,
    /// Hour by hour; hours with none are left out.
    pub by_hour: Vec<HourCount>,
    /// Decided within the last hour.
    pub lately: u32,
    /// By so many people.
    pub people: u32,
    /// Not decided yet, whenever they came.
    pub waiting: u32,
    /// Of these, how many came by the cut-off.
    pub due: u32,
    /// Of these, how many are on hold or telephoned about.
    pub parked: u32,
    /// When the one that waits longest came.
    pub oldest: Option<Millis>,
}

/// Counts the day of a desk; `cut_off` is the moment by which an application has its result the same day.
pub async fn counted(db: &Db, org: OrgId, desk: DeskId, cut_off: Millis) -> Result<Counted, DbError> {
    let midnight = japan_midnight(db.now());
    let received = db.query_opt(CAME, params![org, desk, midnight]).await?;
    let by_hour: Vec<HourCount> = db
        .query(DECIDED, params![org, desk, midnight])
        .await?
        .iter()
        .map(|row| {
            Ok(HourCount {
                hour: row.get(0)?,
                decided: row.get(1)?,
            })
        })
        .collect::<Result<_, DbError>>()?;
    Ok(Counted {
        received: received.map_or(Ok(0), |row| row.get(0))?,
        decided: by_hour.iter().map(|one| one.decided).sum(),
        by_hour,
        ..waits(db, org, desk, cut_off).await?
    })
}

/// The same without what the day brought so far: what waits, and the pace of the last hour. Everybody who looks at the
/// desk's first page asks for it.
pub async fn waits(db: &Db, org: OrgId, desk: DeskId, cut_off: Millis) -> Result<Counted, DbError> {
    let lately = db.query_opt(LATELY, params![org, desk, db.now() - HOUR]).await?;
    let (lately, people) = match lately {
        Some(row) => (row.get(0)?, row.get(1)?),
        None => (0, 0),
    };
    let mut counted = Counted {
        lately,
        people,
        ..Counted::default()
    };
    for (part, row) in db
        .query(WAITING, params![org, desk, cut_off])
        .await?
        .iter()
        .enumerate()
    {
        let (count, oldest, due): (u32, Option<Millis>, u32) = (row.get(0)?, row.get(1)?, row.get(2)?);
        counted.waiting += count;
        counted.due += due;
        counted.parked += if part == 2 { count } else { 0 };
        counted.oldest = counted.oldest.into_iter().chain(oldest).min();
    }
    Ok(counted)
}
