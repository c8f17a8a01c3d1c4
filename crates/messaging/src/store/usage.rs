//! What was handed over, for the bill: by office, template, account and day, and message by message. No person's
//! number or text is read.

use base::clock::{DAY, Millis};
use base::id::{AccountId, MessageId, OfficeId, OrgId, TemplateId};
use db::{Db, DbError, Row, Value, params};

use super::broadcasts::state_of;
use crate::message::MessageState;

/// A broadcast waits no longer than this from its beginning to its last part.
const LONGEST: Millis = 62 * DAY;

db::statements! {
    // A part is of the day in Japan on which it was handed over.
    USAGE_SUMS = "
        SELECT office_id, template_id, account_id, day, COUNT(*), CAST(SUM(parts) AS {bigint}),
            CAST(SUM(taken) AS {bigint}), CAST(SUM(delivered) AS {bigint})
        FROM (
            SELECT b.office_id, b.template_id, p.account_id, p.message_id,
                (p.submitted_at + 32400000) / 86400000 * 86400000 - 32400000 AS day, COUNT(*) AS parts,
                COUNT(p.carrier_message_id) AS taken, COUNT(CASE WHEN p.state = 10 THEN 1 END) AS delivered
            FROM broadcasts b JOIN parts p ON p.org_id = b.org_id
                AND p.message_id BETWEEN b.first_message_id AND b.last_message_id
            WHERE b.org_id = $1 AND b.created_at >= $2 AND b.created_at < $4 AND b.simulated = $5
                AND ($6 = 0 OR b.office_id = $6) AND p.submitted_at >= $3 AND p.submitted_at < $4
                AND p.state <> 70
            GROUP BY b.office_id, b.template_id, p.account_id, p.message_id, day) AS one
        GROUP BY office_id, template_id, account_id, day ORDER BY office_id, template_id, account_id, day";
    USAGE_LINES = "
        SELECT p.message_id, MIN(p.submitted_at), b.office_id, b.template_id, b.template_version, p.account_id,
            MAX(p.state), COUNT(*), COUNT(p.carrier_message_id), COUNT(CASE WHEN p.state = 10 THEN 1 END),
            (p.submitted_at + 32400000) / 86400000 * 86400000 - 32400000 AS day
        FROM broadcasts b JOIN parts p ON p.org_id = b.org_id
            AND p.message_id BETWEEN b.first_message_id AND b.last_message_id
        WHERE b.org_id = $1 AND b.created_at >= $2 AND b.created_at < $4 AND b.simulated = $5
            AND ($6 = 0 OR b.office_id = $6) AND p.submitted_at >= $3 AND p.submitted_at < $4
            AND p.state <> 70
        GROUP BY p.message_id, b.office_id, b.template_id, b.template_version, p.account_id, day
        ORDER BY p.message_id, day, p.account_id";
}

/// What is summed: the parts handed over in `[from, to)`.
fn asked(org: OrgId, office: Option<OfficeId>, simulated: bool, (from, to): (Millis, Millis)) -> Vec<Value> {
    let office = office.map_or(0, OfficeId::get);
    params![org, from - LONGEST, from, to, simulated, office]
}

/// What an office handed over with a template through an account on a day.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct UsageSum {
    /// Which office.
    pub office: OfficeId,
    /// With which template, if it was a kept one.
    pub template: Option<TemplateId>,
    /// Through which account.
    pub account: Option<AccountId>,
    /// The midnight in Japan at which the day began.
    pub day: Millis,
    /// Messages.
    pub messages: u32,
    /// Parts of them that were handed over.
    pub parts: u32,
    /// Of these, those that the carrier took.
    pub taken: u32,
    /// Of these, those that arrived.
    pub delivered: u32,
}

/// Sums of `[from, to)`, of one office or of all.
pub async fn usage_sums(
    db: &Db,
    org: OrgId,
    office: Option<OfficeId>,
    simulated: bool,
    range: (Millis, Millis),
) -> Result<Vec<UsageSum>, DbError> {
    let sum = |row: &Row| {
        Ok(UsageSum {
            office: row.get(0)?,
            template: row.get(1)?,
            account: row.get(2)?,
            day: row.get(3)?,
            messages: row.get(4)?,
            parts: row.get(5)?,
            taken: row.get(6)?,
            delivered: row.get(7)?,
        })
    };
    let rows = db.query(USAGE_SUMS, asked(org, office, simulated, range)).await?;
    rows.iter().map(sum).collect()
}

/// One message on the bill.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct UsageLine {
    /// Which message.
    pub message: MessageId,
    /// When its first part was handed over.
    pub at: Millis,
    /// The midnight in Japan at which that day began.
    pub day: Millis,
    /// Which office.
    pub office: OfficeId,
    /// Template and version, if it was a kept one.
    pub template: Option<(TemplateId, i64)>,
    /// Through which account.
    pub account: Option<AccountId>,
    /// Where it stands.
    pub state: MessageState,
    /// Parts that were handed over.
    pub parts: u32,
    /// Of these, those that the carrier took.
    pub taken: u32,
    /// Of these, those that arrived.
    pub delivered: u32,
}

/// Every message of `[from, to)`, of one office or of all.
pub async fn usage_lines(
    db: &Db,
    org: OrgId,
    office: Option<OfficeId>,
    simulated: bool,
    range: (Millis, Millis),
) -> Result<Vec<UsageLine>, DbError> {
    let line = |row: &Row| {
        let template: Option<TemplateId> = row.get(3)?;
        Ok(UsageLine {
            message: row.get(0)?,
            at: row.get(1)?,
            day: row.get(10)?,
            office: row.get(2)?,
            template: template.zip(row.get(4)?),
            account: row.get(5)?,
            state: state_of(row, 6)?,
            parts: row.get(7)?,
            taken: row.get(8)?,
            delivered: row.get(9)?,
        })
    };
    let rows = db
        .query(USAGE_LINES, asked(org, office, simulated, range))
        .await?;
    rows.iter().map(line).collect()
}
