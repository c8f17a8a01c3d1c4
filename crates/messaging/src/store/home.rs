//! What the home page asks beside the day: what waits, and whether anything takes it. Each question is bounded by the
//! broadcasts that are open, never by all messages.

use base::clock::{MINUTE, Millis, japan_midnight};
use base::id::{BroadcastId, MessageId, OfficeId, OrgId};
use db::{Db, DbError, Row, params};

use crate::release::minute_of_day;

/// More parts of one broadcast are not counted (`QUEUED` says the same number): the page says that there are more.
const COUNTED: u32 = 10_000;

db::statements! {
    // Broadcasts that may send now, as the outbox sees it, and have something queued; the longest waiting first. One
    // whose first wave is out waits for its receipts, not for a carrier.
    WAITING = "
        SELECT b.broadcast_id, b.office_id, b.hold_until, b.opens_minute
        FROM broadcasts b
        WHERE b.handed_over_at IS NULL AND b.paused_at IS NULL AND b.discarded_at IS NULL
            AND +b.org_id = $1 AND b.office_id = COALESCE($2, b.office_id) AND b.hold_until <= $3
            AND (b.opens_minute IS NULL OR b.opens_minute <= $4 AND b.closes_minute > $4)
            AND (b.not_after IS NULL OR b.not_after > $3) AND COALESCE(b.first_wave, 'over') = 'over'
            AND NOT EXISTS (SELECT 1 FROM orgs o WHERE o.org_id = $1 AND o.stopped_at IS NOT NULL)
            AND EXISTS (SELECT 1 FROM parts p WHERE p.broadcast_id = b.broadcast_id AND p.state = 70
                AND p.due_at <= $3)
        ORDER BY b.hold_until, b.broadcast_id LIMIT 1";
    QUEUED = "
        SELECT b.paused_at IS NOT NULL,
            (SELECT COUNT(*) FROM (SELECT 1 AS one FROM parts p
                WHERE p.broadcast_id = b.broadcast_id AND p.state = 70 LIMIT 10000) AS counted)
        FROM broadcasts b
        WHERE b.handed_over_at IS NULL AND b.discarded_at IS NULL AND +b.org_id = $1
        ORDER BY b.lane, b.broadcast_id LIMIT 500";
    LIVE_NODES = "SELECT COUNT(*) FROM nodes WHERE lease_until >= $1";
    ACCOUNTS = "SELECT account_id, name FROM carrier_accounts ORDER BY name LIMIT 50";
    NEWEST_MESSAGE = "
        SELECT last_message_id FROM broadcasts WHERE org_id = $1 AND created_at <= $2
        ORDER BY created_at DESC, broadcast_id DESC LIMIT 1";
    LATEST_RECEIPTS = "
        SELECT p.account_id, MAX(r.received_at)
        FROM receipts r
        JOIN parts p ON p.org_id = r.org_id AND p.message_id = r.message_id AND p.part_no = r.part_no
        WHERE r.org_id = $1 AND r.message_id BETWEEN $2 AND $3
        GROUP BY p.account_id";
}

/// The broadcast that could have sent for longest.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct LongestWaiting {
    /// Which.
    pub broadcast: BroadcastId,
    /// Whose.
    pub office: OfficeId,
    /// Since when it may send.
    pub since: Millis,
}

/// What waits for longest, of one office or of all; nothing if nothing waits.
pub async fn longest_waiting(
    db: &Db,
    org: OrgId,
    office: Option<OfficeId>,
    now: Millis,
) -> Result<Option<LongestWaiting>, DbError> {
    let minute = i64::from(minute_of_day(now));
    let row = db.query_opt(WAITING, params![org, office, now, minute]).await?;
    row.map(|row| {
        // Before its hours began today it waited for the clock.
        let opens: Option<i64> = row.get(3)?;
        let opened = opens.map_or(0, |opens| japan_midnight(now) + opens * MINUTE);
        Ok(LongestWaiting {
            broadcast: row.get(0)?,
            office: row.get(1)?,
            since: row.get::<Millis>(2)?.max(opened),
        })
    })
    .transpose()
}

/// What is queued, in parts.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Queued {
    /// Of broadcasts that send, or will when their hold ends.
    pub sending: u32,
    /// Of broadcasts that were stopped.
    pub stopped: u32,
    /// Whether there are more than were counted.
    pub is_more: bool,
}

/// How many parts are queued.
pub async fn queued(db: &Db, org: OrgId) -> Result<Queued, DbError> {
    let mut queued = Queued::default();
    for row in db.query(QUEUED, params![org]).await? {
        let count: u32 = row.get(1)?;
        queued.is_more |= count >= COUNTED;
        if row.get(0)? {
            queued.stopped += count;
        } else {
            queued.sending += count;
        }
    }
    Ok(queued)
}

/// Whether a process that hands messages over is alive.
pub async fn is_somebody_there(db: &Db, now: Millis) -> Result<bool, DbError> {
    let row = db.query_opt(LIVE_NODES, params![now]).await?;
    Ok(row.map_or(Ok(0), |row| row.get::<i64>(0))? > 0)
}

/// A carrier account that was ever used.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct KnownCarrier {
    /// `system_id@host:port`.
    pub name: String,
    /// The newest receipt among those of the latest messages.
    pub latest_receipt: Option<Millis>,
}

/// Messages from the newest one back whose receipts are looked at.
const LOOKED_AT: i64 = 500;

/// The carrier accounts, with the newest receipt of the latest messages.
pub async fn known_carriers(db: &Db, org: OrgId) -> Result<Vec<KnownCarrier>, DbError> {
    let accounts = db.query(ACCOUNTS, params![]).await?;
    let newest = db.query_opt(NEWEST_MESSAGE, params![org, db.now()]).await?;
    let receipts = match newest {
        Some(row) => {
            let last: MessageId = row.get(0)?;
            let range = params![org, last.get() - LOOKED_AT, last];
            db.query(LATEST_RECEIPTS, range).await?
        }
        None => Vec::new(),
    };
    let latest = |account: i64| {
        let of = |row: &Row| row.get::<Option<i64>>(0).ok().flatten() == Some(account);
        receipts
            .iter()
            .find(|row| of(row))
            .map(|row| row.get(1))
            .transpose()
    };
    accounts
        .iter()
        .map(|row| {
            Ok(KnownCarrier {
                name: row.get(1)?,
                latest_receipt: latest(row.get(0)?)?,
            })
        })
        .collect()
}
