//! What became of the latest messages, by the carrier account that took them: whether one of them is out of order.

use base::clock::Millis;
use base::id::{AccountId, MessageId, OrgId};
use db::{Db, DbError, params};

use crate::alarm::{Lately, RECENT, SILENT_FOR, Tally};

/// Messages that are looked at: a busy day of a large office, or some minutes of a whole prefecture.
const LOOKED_AT: i64 = 5_000;

db::statements! {
    NEWEST = "
        SELECT last_message_id FROM broadcasts WHERE org_id = $1 AND created_at <= $2
        ORDER BY created_at DESC, broadcast_id DESC LIMIT 1";
    // Known or lost: 10 delivered, 40 undelivered, 60 rejected; 50 expired, 90 unconfirmed, and 20 accepted for long.
    LATELY = "
        WITH recent AS MATERIALIZED (
            SELECT account_id, changed_at,
                CASE WHEN state IN (20, 50, 90) THEN 1 ELSE 0 END AS lost,
                ROW_NUMBER() OVER (PARTITION BY account_id ORDER BY changed_at DESC) AS nth
            FROM parts
            WHERE org_id = $1 AND message_id BETWEEN $2 AND $3 AND account_id IS NOT NULL
                AND (state IN (10, 40, 50, 60, 90) OR (state = 20 AND changed_at < $4)))
        SELECT r.account_id, a.name,
            SUM(CASE WHEN nth <= $5 THEN 1 ELSE 0 END), SUM(CASE WHEN nth <= $5 THEN lost ELSE 0 END),
            SUM(CASE WHEN nth > $5 THEN 1 ELSE 0 END), SUM(CASE WHEN nth > $5 THEN lost ELSE 0 END),
            MIN(CASE WHEN nth <= $5 AND lost = 1 THEN changed_at END)
        FROM recent r JOIN carrier_accounts a ON a.account_id = r.account_id
        GROUP BY r.account_id, a.name ORDER BY a.name";
    // What was sent once more is not lost any more; what was then called back (30) is.
    LOST = "
        SELECT DISTINCT p.message_id FROM parts p
        WHERE p.org_id = $1 AND p.message_id BETWEEN $2 AND $3 AND p.account_id = $5
            AND (p.state IN (50, 90) OR (p.state = 20 AND p.changed_at < $4)) AND p.changed_at >= $6
            AND NOT EXISTS (SELECT 1 FROM messages m CROSS JOIN messages n CROSS JOIN parts q
                WHERE m.org_id = p.org_id AND m.message_id = p.message_id
                    AND +n.org_id = m.org_id AND n.fingerprint = m.fingerprint AND n.message_id > m.message_id
                    AND q.org_id = n.org_id AND q.message_id = n.message_id AND q.state <> 30)
        ORDER BY p.message_id";
}

async fn range(db: &Db, org: OrgId) -> Result<Option<(i64, MessageId)>, DbError> {
    let newest = db.query_opt(NEWEST, params![org, db.now()]).await?;
    let Some(row) = newest else { return Ok(None) };
    let last: MessageId = row.get(0)?;
    Ok(Some((last.get() - LOOKED_AT, last)))
}

/// How the latest messages of each account ended, against those before them.
pub async fn lately(db: &Db, org: OrgId) -> Result<Vec<Lately>, DbError> {
    let Some((first, last)) = range(db, org).await? else {
        return Ok(Vec::new());
    };
    let silent = db.now() - SILENT_FOR;
    let rows = db
        .query(LATELY, params![org, first, last, silent, i64::from(RECENT)])
        .await?;
    rows.iter()
        .map(|row| {
            Ok(Lately {
                account: row.get(0)?,
                name: row.get(1)?,
                lately: Tally {
                    ended: row.get(2)?,
                    lost: row.get(3)?,
                },
                before: Tally {
                    ended: row.get(4)?,
                    lost: row.get(5)?,
                },
                since: row.get::<Option<Millis>>(6)?.unwrap_or_default(),
            })
        })
        .collect()
}

/// The latest messages of an account of which nobody knows since then whether they arrived.
pub async fn lost_since(
    db: &Db,
    org: OrgId,
    account: AccountId,
    since: Millis,
) -> Result<Vec<MessageId>, DbError> {
    let Some((first, last)) = range(db, org).await? else {
        return Ok(Vec::new());
    };
    let params = params![org, first, last, db.now() - SILENT_FOR, account, since];
    let rows = db.query(LOST, params).await?;
    rows.iter().map(|row| row.get(0)).collect()
}
