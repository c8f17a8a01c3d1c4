//! What lets broadcasts go: what was decided about each, approvals, first waves.

use base::clock::Millis;
use base::id::{BroadcastId, MessageId, OfficeId, OrgId, StaffId, TemplateId};
use base::phone::PhoneNumber;
use db::{Db, DbError, Field, OrgVault, Row, Tx, params};

use super::actions::{NewEvent, add_event, add_plain_event};
use super::broadcasts::{json, state_of};
use super::leaving::standing;
use super::open_phone;
use super::send_rules::approve_version_in;
use crate::allowance::OverLimit;
use crate::broadcast::{FILE_NAME, TEXT, move_reservation};
use crate::message::MessageState;
use crate::release::{Approval, FirstWave, Hours, Member, Reason, Release, Told};

const TOLD: Field = Field("broadcast_releases.told");

db::statements! {
    SET_RELEASE = "
        UPDATE broadcasts SET hold_until = $3, approval = $4, scheduled_for = $5, opens_minute = $6,
            closes_minute = $7, not_after = $8, first_wave = $9
        WHERE org_id = $1 AND broadcast_id = $2";
    ADD_RELEASE = "
        INSERT INTO broadcast_releases (org_id, broadcast_id, rule_version, reasons, hold, patience, seen_lines,
            told_sealed)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    RELEASE = "
        SELECT approval, scheduled_for, opens_minute, closes_minute, not_after, first_wave
        FROM broadcasts WHERE org_id = $1 AND broadcast_id = $2";
    ASKED = "
        SELECT reasons, seen_lines, told_sealed, decided_by, decided_at FROM broadcast_releases
        WHERE org_id = $1 AND broadcast_id = $2";
    AWAITING = "
        SELECT b.broadcast_id, b.office_id, b.file_name_sealed, b.created_by, b.created_at,
            b.last_message_id - b.first_message_id + 1, b.template_id, b.template_version, r.reasons,
            b.simulated
        FROM broadcasts b
        JOIN broadcast_releases r ON r.org_id = b.org_id AND r.broadcast_id = b.broadcast_id
        WHERE b.org_id = $1 AND b.approval = 'waiting' AND b.discarded_at IS NULL
        ORDER BY b.broadcast_id LIMIT $2";
    TO_DECIDE = "
        SELECT b.created_by, b.scheduled_for, b.template_id, b.template_version, r.hold, b.approval,
            b.scheduled_for, b.opens_minute, b.closes_minute, b.not_after, b.first_wave
        FROM broadcasts b
        JOIN broadcast_releases r ON r.org_id = b.org_id AND r.broadcast_id = b.broadcast_id
        WHERE b.org_id = $1 AND b.broadcast_id = $2 AND b.approval = 'waiting' AND b.discarded_at IS NULL";
    // Of two who decide at the same time, one finds that it does not wait any more.
    APPROVE = "
        UPDATE broadcasts SET approval = 'approved', hold_until = $3
        WHERE org_id = $1 AND broadcast_id = $2 AND approval = 'waiting' AND discarded_at IS NULL
            AND created_by <> $4";
    RETURN = "
        UPDATE broadcasts SET approval = 'returned', discarded_at = $3, handed_over_at = NULL
        WHERE org_id = $1 AND broadcast_id = $2 AND approval = 'waiting' AND discarded_at IS NULL
            AND created_by <> $4";
    DECIDED = "
        UPDATE broadcast_releases SET decided_by = $3, decided_at = $4
        WHERE org_id = $1 AND broadcast_id = $2";
    OPEN_HOURS = "
        UPDATE broadcasts SET opens_minute = NULL, closes_minute = NULL
        WHERE org_id = $1 AND broadcast_id = $2 AND opens_minute IS NOT NULL AND discarded_at IS NULL";
    // Ordered like the claim, for the same narrow index of what is open.
    DUE = "
        SELECT b.org_id, b.broadcast_id, b.first_message_id, b.last_message_id, COALESCE(r.patience, 0),
            CAST(CASE WHEN b.not_after <= $1 THEN 1 ELSE 0 END AS {bigint})
        FROM broadcasts b
        LEFT JOIN broadcast_releases r ON r.org_id = b.org_id AND r.broadcast_id = b.broadcast_id
        WHERE b.handed_over_at IS NULL AND b.discarded_at IS NULL
            AND (b.first_wave = 'out' OR b.not_after <= $1)
        ORDER BY b.lane, b.broadcast_id LIMIT 500";
    MEMBERS = "
        SELECT MAX(p.state), MIN(p.submitted_at)
        FROM {each $2} CROSS JOIN parts p
        WHERE p.org_id = $1 AND p.message_id = CAST(each.value AS {bigint})
        GROUP BY p.message_id";
    WAVE_PASSED = "
        UPDATE broadcasts SET first_wave = 'over'
        WHERE org_id = $1 AND broadcast_id = $2 AND first_wave = 'out' AND discarded_at IS NULL";
    WAVE_FAILED = "
        UPDATE broadcasts SET first_wave = 'failed', paused_at = COALESCE(paused_at, $3)
        WHERE org_id = $1 AND broadcast_id = $2 AND first_wave = 'out' AND discarded_at IS NULL";
    END_TOO_LATE = "
        UPDATE broadcasts SET discarded_at = $3
        WHERE org_id = $1 AND broadcast_id = $2 AND discarded_at IS NULL AND handed_over_at IS NULL
            AND not_after <= $3";
    SAMPLE = "
        SELECT m.message_id, m.line, m.phone_sealed, m.text_sealed,
            (SELECT MAX(p.state) FROM parts p WHERE p.org_id = m.org_id AND p.message_id = m.message_id)
        FROM {each $2} CROSS JOIN messages m
        WHERE m.org_id = $1 AND m.message_id = CAST(each.value AS {bigint})
        ORDER BY m.message_id";
}

/// Writes down what a broadcast waits for.
pub(crate) async fn set_release(
    tx: &mut Tx,
    org: OrgId,
    id: BroadcastId,
    hold_until: Millis,
    release: &Release,
) -> Result<(), DbError> {
    let params = params![
        org,
        id,
        hold_until,
        release.approval.map(Approval::code),
        release.scheduled_for,
        release.hours.map(|hours| i64::from(hours.opens())),
        release.hours.map(|hours| i64::from(hours.closes())),
        release.not_after,
        release.first_wave.map(FirstWave::code),
    ];
    tx.execute(SET_RELEASE, params).await?;
    Ok(())
}

/// What else is kept of a broadcast that waits for somebody or for its first wave.
pub(crate) struct NewReleaseRow<'a> {
    pub(crate) rule_version: Option<i64>,
    pub(crate) reasons: &'a [Reason],
    pub(crate) hold: Millis,
    pub(crate) patience: Millis,
    pub(crate) seen_lines: &'a [u32],
    pub(crate) told: &'a Told,
}

pub(crate) async fn add_release(
    tx: &mut Tx,
    org: OrgId,
    vault: &OrgVault,
    id: BroadcastId,
    new: &NewReleaseRow<'_>,
) -> Result<(), DbError> {
    let reasons: Vec<&str> = new.reasons.iter().map(|reason| reason.code()).collect();
    let params = params![
        org,
        id,
        new.rule_version,
        reasons.join(" "),
        new.hold,
        new.patience,
        json(&new.seen_lines),
        vault.seal(TOLD, id.get(), &json(new.told)),
    ];
    tx.execute(ADD_RELEASE, params).await?;
    Ok(())
}

/// Six columns of a broadcast, from `first` on, as what it waits for.
pub(crate) fn release_at(row: &Row, first: usize) -> Result<Release, DbError> {
    let unknown = |word: &str| DbError::Statement(format!("a broadcast's release is called {word}"));
    let approval: Option<String> = row.get(first)?;
    let wave: Option<String> = row.get(first + 5)?;
    let minute = |column| -> Result<Option<u16>, DbError> {
        let minute: Option<i64> = row.get(column)?;
        Ok(minute.map(|minute| u16::try_from(minute).unwrap_or(u16::MAX)))
    };
    let hours = minute(first + 2)?.zip(minute(first + 3)?);
    Ok(Release {
        approval: approval
            .map(|word| Approval::from_code(&word).ok_or_else(|| unknown(&word)))
            .transpose()?,
        scheduled_for: row.get(first + 1)?,
        hours: hours
            .map(|(opens, closes)| Hours::new(opens, closes).ok_or_else(|| unknown("hours")))
            .transpose()?,
        not_after: row.get(first + 4)?,
        first_wave: wave
            .map(|word| FirstWave::from_code(&word).ok_or_else(|| unknown(&word)))
            .transpose()?,
    })
}

/// What a broadcast waits for.
pub(crate) async fn release_of(tx: &mut Tx, org: OrgId, id: BroadcastId) -> Result<Option<Release>, DbError> {
    let row = tx.query_opt(RELEASE, params![org, id]).await?;
    row.as_ref().map(|row| release_at(row, 0)).transpose()
}

/// What was asked of an approver, and who answered.
#[derive(Clone, Debug)]
pub struct Asked {
    /// Why.
    pub reasons: Vec<Reason>,
    /// The rows whose texts the sender was shown.
    pub seen_lines: Vec<u32>,
    /// What the sender was told.
    pub told: Told,
    /// Who decided, and when.
    pub decided: Option<(StaffId, Millis)>,
}

fn reasons_of(words: &str) -> Vec<Reason> {
    words.split_whitespace().filter_map(Reason::from_code).collect()
}

/// What is kept of the approval of a broadcast, if it needs one.
pub async fn asked(db: &Db, org: OrgId, id: BroadcastId) -> Result<Option<Asked>, DbError> {
    let vault = db.vault(org).await?;
    let Some(row) = db.query_opt(ASKED, params![org, id]).await? else {
        return Ok(None);
    };
    let unreadable = |error: serde_json::Error| DbError::Statement(error.to_string());
    let told = vault.open(TOLD, id.get(), &row.get::<String>(2)?)?;
    let (by, at): (Option<StaffId>, Option<Millis>) = (row.get(3)?, row.get(4)?);
    Ok(Some(Asked {
        reasons: reasons_of(&row.get::<String>(0)?),
        seen_lines: serde_json::from_str(&row.get::<String>(1)?).map_err(unreadable)?,
        told: serde_json::from_str(&told).map_err(unreadable)?,
        decided: by.zip(at),
    }))
}

/// A broadcast that waits for its approval.
#[derive(Clone, Debug)]
pub struct Awaiting {
    /// Its number.
    pub id: BroadcastId,
    /// Which office sends.
    pub office: OfficeId,
    /// The file's name.
    pub file_name: String,
    /// Who wants to send it.
    pub by: Option<StaffId>,
    /// Since when.
    pub since: Millis,
    /// To how many.
    pub people: u32,
    /// Template and version.
    pub template: Option<(TemplateId, i64)>,
    /// Why.
    pub reasons: Vec<Reason>,
    /// Goes to a simulated carrier.
    pub simulated: bool,
}

/// What waits for an approval, oldest first, at most `limit`.
pub async fn awaiting_approval(db: &Db, org: OrgId, limit: u32) -> Result<Vec<Awaiting>, DbError> {
    let vault = db.vault(org).await?;
    let rows = db.query(AWAITING, params![org, i64::from(limit)]).await?;
    rows.iter()
        .map(|row| {
            let id: BroadcastId = row.get(0)?;
            let template: Option<TemplateId> = row.get(6)?;
            Ok(Awaiting {
                id,
                office: row.get(1)?,
                file_name: vault.open(FILE_NAME, id.get(), &row.get::<String>(2)?)?,
                by: row.get(3)?,
                since: row.get(4)?,
                people: row.get(5)?,
                template: template.zip(row.get(7)?),
                reasons: reasons_of(&row.get::<String>(8)?),
                simulated: row.get(9)?,
            })
        })
        .collect()
}

/// What became of somebody's decision.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Decided {
    /// It holds.
    Done,
    /// Nobody decides about what they started themselves.
    Own,
    /// Somebody else was first, or it was withdrawn.
    TooLate,
    /// The day on which it would leave now has no room for it. It waits on.
    NoRoom(OverLimit),
}

/// Lets a broadcast go: its hold window begins. Its template's version counts as approved from now on.
pub async fn approve(db: &Db, org: OrgId, id: BroadcastId, by: StaffId) -> Result<Decided, DbError> {
    let (now, vault) = (db.now(), db.vault(org).await?);
    db.write(move |tx| {
        let vault = std::sync::Arc::clone(&vault);
        Box::pin(async move {
            let Some(row) = tx.query_opt(TO_DECIDE, params![org, id]).await? else {
                return Ok(Decided::TooLate);
            };
            if row.get::<Option<StaffId>>(0)? == Some(by) {
                return Ok(Decided::Own);
            }
            let hold: Millis = row.get(4)?;
            let hold_until = (now + hold).max(row.get::<Option<Millis>>(1)?.unwrap_or(0));
            let leaves_at = release_at(&row, 5)?.leaves_at(now + hold);
            if let Err(over) = move_reservation(tx, (org, &vault), id, (leaves_at, now)).await? {
                return Ok(Decided::NoRoom(over));
            }
            if tx.execute(APPROVE, params![org, id, hold_until, by]).await? == 0 {
                return Ok(Decided::TooLate);
            }
            let template: Option<TemplateId> = row.get(2)?;
            if let Some((template, version)) = template.zip(row.get::<Option<i64>>(3)?) {
                approve_version_in(tx, org, (template, version), (Some(by), Some(id)), now).await?;
            }
            tx.execute(DECIDED, params![org, id, by, now]).await?;
            add_plain_event(tx, org, id, (Some(by), "approved"), now).await?;
            Ok(Decided::Done)
        })
    })
    .await
}

/// Gives a broadcast back with a reason: all of it is cancelled, and its list can be mended and sent again.
pub async fn give_back(
    db: &Db,
    org: OrgId,
    id: BroadcastId,
    by: StaffId,
    reason: String,
) -> Result<Decided, DbError> {
    let (now, vault) = (db.now(), db.vault(org).await?);
    db.write(move |tx| {
        let (vault, reason) = (std::sync::Arc::clone(&vault), reason.clone());
        Box::pin(async move {
            let Some(row) = tx.query_opt(TO_DECIDE, params![org, id]).await? else {
                return Ok(Decided::TooLate);
            };
            if row.get::<Option<StaffId>>(0)? == Some(by) {
                return Ok(Decided::Own);
            }
            if tx.execute(RETURN, params![org, id, now, by]).await? == 0 {
                return Ok(Decided::TooLate);
            }
            super::discarded::close_discarded(tx, now).await?;
            tx.execute(DECIDED, params![org, id, by, now]).await?;
            let event = NewEvent {
                broadcast: id,
                by: Some(by),
                action: "returned",
                detail: &reason,
            };
            add_event(tx, org, &vault, &event, now).await?;
            Ok(Decided::Done)
        })
    })
    .await
}

/// Lets a broadcast leave outside of its hours too, with a reason: `false` if it has none, refused without room.
pub async fn open_hours(
    db: &Db,
    org: OrgId,
    id: BroadcastId,
    by: StaffId,
    reason: String,
) -> Result<Result<bool, OverLimit>, DbError> {
    let (now, vault) = (db.now(), db.vault(org).await?);
    db.write(move |tx| {
        let (vault, reason) = (std::sync::Arc::clone(&vault), reason.clone());
        Box::pin(async move {
            if let Some(standing) = standing(tx, org, id).await?
                && let Err(over) = standing.at_any_time().move_in(tx, (org, &vault), id, now).await?
            {
                return Ok(Err(over));
            }
            let done = tx.execute(OPEN_HOURS, params![org, id]).await? == 1;
            if done {
                let event = NewEvent {
                    broadcast: id,
                    by: Some(by),
                    action: "hours_overridden",
                    detail: &reason,
                };
                add_event(tx, org, &vault, &event, now).await?;
            }
            Ok(Ok(done))
        })
    })
    .await
}

/// A broadcast about which something may have to happen by itself.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Due {
    pub(crate) org: OrgId,
    pub(crate) broadcast: BroadcastId,
    pub(crate) messages: (MessageId, MessageId),
    pub(crate) patience: Millis,
    pub(crate) is_too_late: bool,
}

pub(crate) async fn due(db: &Db, now: Millis) -> Result<Vec<Due>, DbError> {
    let rows = db.query(DUE, params![now]).await?;
    rows.iter()
        .map(|row| {
            Ok(Due {
                org: row.get(0)?,
                broadcast: row.get(1)?,
                messages: (row.get(2)?, row.get(3)?),
                patience: row.get(4)?,
                is_too_late: row.get(5)?,
            })
        })
        .collect()
}

/// How these messages stand.
pub(crate) async fn members(tx: &mut Tx, org: OrgId, messages: &[MessageId]) -> Result<Vec<Member>, DbError> {
    let rows = tx.query(MEMBERS, params![org, json(&messages)]).await?;
    rows.iter().map(member).collect()
}

/// The same for a page.
pub async fn first_wave(db: &Db, org: OrgId, messages: &[MessageId]) -> Result<Vec<Member>, DbError> {
    let rows = db.query(MEMBERS, params![org, json(&messages)]).await?;
    rows.iter().map(member).collect()
}

fn member(row: &Row) -> Result<Member, DbError> {
    Ok(Member {
        state: state_of(row, 0)?,
        submitted_at: row.get(1)?,
    })
}

/// The others follow. `false` if another node has seen to it.
pub(crate) async fn wave_passed(tx: &mut Tx, org: OrgId, id: BroadcastId) -> Result<bool, DbError> {
    Ok(tx.execute(WAVE_PASSED, params![org, id]).await? == 1)
}

/// The others wait for a person. `false` if another node has seen to it.
pub(crate) async fn wave_failed(
    tx: &mut Tx,
    org: OrgId,
    id: BroadcastId,
    now: Millis,
) -> Result<bool, DbError> {
    Ok(tx.execute(WAVE_FAILED, params![org, id, now]).await? == 1)
}

/// Cancels what may not leave any more. `false` if another node has seen to it.
pub(crate) async fn end_too_late(
    tx: &mut Tx,
    org: OrgId,
    id: BroadcastId,
    now: Millis,
) -> Result<bool, DbError> {
    let ended = tx.execute(END_TOO_LATE, params![org, id, now]).await? == 1;
    if ended {
        super::discarded::close_discarded(tx, now).await?;
    }
    Ok(ended)
}

/// A line of a broadcast's history of which nobody is the author.
pub(crate) async fn add_own_event(
    tx: &mut Tx,
    org: OrgId,
    id: BroadcastId,
    action: &'static str,
    now: Millis,
) -> Result<(), DbError> {
    add_plain_event(tx, org, id, (None, action), now).await
}

/// A message as an approver is shown it.
#[derive(Clone)]
pub struct SampleMessage {
    /// Row number in the sheet.
    pub line: u32,
    /// Whom to.
    pub to: PhoneNumber,
    /// What will be sent, byte for byte.
    pub text: String,
}

/// Prints no personal data.
impl std::fmt::Debug for SampleMessage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "SampleMessage {{ line: {}, to: {:?}, .. }}",
            self.line, self.to
        )
    }
}

/// Those of the messages that still wait.
pub async fn sample(db: &Db, org: OrgId, messages: &[MessageId]) -> Result<Vec<SampleMessage>, DbError> {
    let vault = db.vault(org).await?;
    let rows = db.query(SAMPLE, params![org, json(&messages)]).await?;
    let mut sample = Vec::with_capacity(rows.len());
    for row in rows {
        if state_of(&row, 4)? != MessageState::Queued {
            continue;
        }
        let id: MessageId = row.get(0)?;
        sample.push(SampleMessage {
            line: row.get(1)?,
            to: open_phone(&vault, id, &row.get::<String>(2)?)?,
            text: vault.open(TEXT, id.get(), &row.get::<String>(3)?)?,
        });
    }
    Ok(sample)
}
