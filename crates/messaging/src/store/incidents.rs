//! Incidents, the broadcasts they concern, and their history.

use base::clock::Millis;
use base::id::{BroadcastId, IncidentId, ListId, MessageId, OfficeId, OrgId, StaffId};
use base::phone::PhoneNumber;
use db::{Db, DbError, Field, OrgVault, Row, Tx, params};

use super::broadcasts::json;
use super::messages::open_phone;
use crate::incident::{Concerned, Incident, IncidentLine, IncidentState, Way};

const DETAIL: Field = Field("incident_events.detail");

db::statements! {
    PLACE = "
        SELECT m.broadcast_id, m.line, b.office_id, b.list_id
        FROM messages m JOIN broadcasts b ON b.org_id = m.org_id AND b.broadcast_id = m.broadcast_id
        WHERE m.org_id = $1 AND m.message_id = $2";
    // Whose a message is: organisations are few, and each is asked by its key.
    ORG_OF_MESSAGE = "
        SELECT o.org_id FROM orgs o CROSS JOIN messages m WHERE m.org_id = o.org_id AND m.message_id = $1";
    MESSAGE_OF_LINK = "
        SELECT org_id, message_id FROM links WHERE token_index = $1 ORDER BY generation DESC LIMIT 1";
    // The unary plus keeps SQLite from walking the organisation's incidents instead of the broadcast's.
    OPEN_INCIDENT_OF = "
        SELECT i.incident_id, i.state
        FROM incident_broadcasts b JOIN incidents i ON i.org_id = b.org_id AND i.incident_id = b.incident_id
        WHERE +b.org_id = $1 AND b.broadcast_id = $2 AND i.state <> 'closed'
        ORDER BY i.incident_id DESC LIMIT 1";
    HELD_BY = "
        SELECT incident_id FROM incident_broadcasts
        WHERE +org_id = $1 AND broadcast_id = $2 AND stopped_at IS NOT NULL AND decided_at IS NULL
        ORDER BY incident_id LIMIT 1";
    INCIDENT_OF_LIST = "
        SELECT i.incident_id
        FROM broadcasts b
        JOIN incident_broadcasts c ON +c.org_id = b.org_id AND c.broadcast_id = b.broadcast_id
        JOIN incidents i ON i.org_id = c.org_id AND i.incident_id = c.incident_id
        WHERE b.org_id = $1 AND b.list_id = $2 AND i.state = 'open'
        ORDER BY i.incident_id DESC LIMIT 1";
    // The broadcast itself, and the others of its list that may still hand something over.
    SHARING = "
        SELECT o.broadcast_id, CASE WHEN o.handed_over_at IS NULL AND o.discarded_at IS NULL THEN 1 ELSE 0 END
        FROM broadcasts b JOIN broadcasts o ON o.org_id = b.org_id AND o.list_id = b.list_id
        WHERE b.org_id = $1 AND b.broadcast_id = $2 AND o.broadcast_id <> b.broadcast_id
            AND o.list_id IS NOT NULL AND o.handed_over_at IS NULL AND o.discarded_at IS NULL
        UNION ALL
        SELECT broadcast_id, CASE WHEN handed_over_at IS NULL AND discarded_at IS NULL THEN 1 ELSE 0 END
        FROM broadcasts WHERE org_id = $1 AND broadcast_id = $2";
    INSERT = "
        INSERT INTO incidents (org_id, incident_id, office_id, state, way, opened_at, opened_by)
        VALUES ($1, $2, $3, $4, $5, $6, $7)";
    // What was released and is reported once more is held once more.
    HOLD = "
        INSERT INTO incident_broadcasts (org_id, incident_id, broadcast_id, stopped_at) VALUES ($1, $2, $3, $4)
        ON CONFLICT (org_id, incident_id, broadcast_id) DO UPDATE SET
            stopped_at = CASE
                WHEN excluded.stopped_at IS NULL THEN incident_broadcasts.stopped_at
                WHEN incident_broadcasts.stopped_at IS NOT NULL AND incident_broadcasts.decided_at IS NULL
                    THEN incident_broadcasts.stopped_at
                ELSE excluded.stopped_at END,
            decided_at = CASE
                WHEN excluded.stopped_at IS NULL THEN incident_broadcasts.decided_at END";
    DECIDE = "
        UPDATE incident_broadcasts SET decided_at = $4
        WHERE org_id = $1 AND incident_id = $2 AND broadcast_id = $3
            AND stopped_at IS NOT NULL AND decided_at IS NULL";
    STATE = "SELECT state FROM incidents WHERE org_id = $1 AND incident_id = $2";
    SET_STATE = "UPDATE incidents SET state = $3 WHERE org_id = $1 AND incident_id = $2";
    UNDECIDED = "
        SELECT COUNT(*) FROM incident_broadcasts c
        WHERE c.org_id = $1 AND c.incident_id = $2 AND c.stopped_at IS NOT NULL AND c.decided_at IS NULL
            AND EXISTS (SELECT 1 FROM parts p WHERE p.broadcast_id = c.broadcast_id AND p.state = 70)";
    ADD_LINE = "
        INSERT INTO incident_events (org_id, incident_id, event_no, at, staff_id, action, message_id, broadcast_id,
            detail_sealed)
        SELECT $1, $2, COALESCE(MAX(event_no), 0) + 1, $3, $4, $5, $6, $7, $8
        FROM incident_events WHERE org_id = $1 AND incident_id = $2";
    INCIDENT = "
        SELECT incident_id, office_id, state, way, opened_at, opened_by
        FROM incidents WHERE org_id = $1 AND incident_id = $2";
    INCIDENTS = "
        SELECT incident_id, office_id, state, way, opened_at, opened_by
        FROM incidents WHERE org_id = $1 AND office_id = COALESCE($2, office_id)
        ORDER BY incident_id DESC LIMIT $3";
    NOT_CLOSED = "
        SELECT COUNT(*) FROM incidents
        WHERE org_id = $1 AND office_id = COALESCE($2, office_id) AND state <> 'closed'";
    CONCERNED = "
        SELECT broadcast_id, stopped_at, decided_at FROM incident_broadcasts
        WHERE org_id = $1 AND incident_id = $2 ORDER BY broadcast_id";
    LINES = "
        SELECT event_no, at, staff_id, action, message_id, broadcast_id, detail_sealed FROM incident_events
        WHERE org_id = $1 AND incident_id = $2 ORDER BY event_no";
    NEIGHBOURS = "
        SELECT m.message_id, m.line, m.phone_sealed,
            (SELECT MAX(p.state) FROM parts p WHERE p.org_id = m.org_id AND p.message_id = m.message_id)
        FROM messages m WHERE m.org_id = $1 AND m.broadcast_id = $2 AND m.line BETWEEN $3 AND $4
        ORDER BY m.line";
    // Rehearsals leave no contact; they are few.
    REHEARSED_TO = "
        SELECT m.message_id
        FROM broadcasts b CROSS JOIN messages m
        WHERE b.org_id = $1 AND b.created_at >= $2 AND b.simulated = $4
            AND m.org_id = b.org_id AND m.message_id BETWEEN b.first_message_id AND b.last_message_id
            AND m.phone_index = $3
        ORDER BY m.message_id DESC LIMIT $5";
    INCIDENTS_ABOUT = "
        SELECT DISTINCT i.incident_id
        FROM {each $2} CROSS JOIN incident_broadcasts i
        WHERE i.org_id = $1 AND i.broadcast_id = CAST(each.value AS {bigint}) ORDER BY i.incident_id";
    FOUND = "
        SELECT m.message_id, m.broadcast_id, m.line
        FROM {each $2} CROSS JOIN messages m
        WHERE m.org_id = $1 AND m.message_id = CAST(each.value AS {bigint})
        ORDER BY m.message_id DESC";
    BROADCASTS_OF_LIST = "
        SELECT broadcast_id FROM broadcasts WHERE org_id = $1 AND list_id = $2 ORDER BY broadcast_id";
}

/// Where a message stands.
pub(crate) struct Place {
    pub(crate) broadcast: BroadcastId,
    pub(crate) office: OfficeId,
}

pub(crate) async fn place(tx: &mut Tx, org: OrgId, message: MessageId) -> Result<Option<Place>, DbError> {
    let row = tx.query_opt(PLACE, params![org, message]).await?;
    row.map(|row| {
        Ok(Place {
            broadcast: row.get(0)?,
            office: row.get(2)?,
        })
    })
    .transpose()
}

/// The organisation whose message this is. Not told the organisation: a code is what names it.
pub(crate) async fn org_of_message(db: &Db, message: MessageId) -> Result<Option<OrgId>, DbError> {
    let row = db.query_opt(ORG_OF_MESSAGE, params![message]).await?;
    row.map(|row| row.get(0)).transpose()
}

/// The newest message that carries a link.
pub(crate) async fn message_of_link(
    db: &Db,
    token: &crate::links::TokenIndex,
) -> Result<Option<(OrgId, MessageId)>, DbError> {
    let row = db.query_opt(MESSAGE_OF_LINK, params![token.as_str()]).await?;
    row.map(|row| Ok((row.get(0)?, row.get(1)?))).transpose()
}

pub(crate) async fn open_incident_of(
    tx: &mut Tx,
    org: OrgId,
    broadcast: BroadcastId,
) -> Result<Option<(IncidentId, IncidentState)>, DbError> {
    let row = tx.query_opt(OPEN_INCIDENT_OF, params![org, broadcast]).await?;
    row.map(|row| Ok((row.get(0)?, state_of(&row, 1)?))).transpose()
}

/// The broadcast and those that share its list; whether each may still hand something over.
pub(crate) async fn sharing(
    tx: &mut Tx,
    org: OrgId,
    broadcast: BroadcastId,
) -> Result<Vec<(BroadcastId, bool)>, DbError> {
    let rows = tx.query(SHARING, params![org, broadcast]).await?;
    rows.iter()
        .map(|row| Ok((row.get(0)?, row.get::<i64>(1)? == 1)))
        .collect()
}

pub(crate) async fn insert(
    tx: &mut Tx,
    org: OrgId,
    id: IncidentId,
    (office, way): (OfficeId, Way),
    by: Option<StaffId>,
    now: Millis,
) -> Result<(), DbError> {
    let state = IncidentState::Open.as_str();
    tx.execute(INSERT, params![org, id, office, state, way.as_str(), now, by])
        .await
        .map(drop)
}

pub(crate) async fn hold(
    tx: &mut Tx,
    org: OrgId,
    incident: IncidentId,
    broadcast: BroadcastId,
    stopped_at: Option<Millis>,
) -> Result<(), DbError> {
    tx.execute(HOLD, params![org, incident, broadcast, stopped_at])
        .await
        .map(drop)
}

pub(crate) async fn decide(
    tx: &mut Tx,
    org: OrgId,
    incident: IncidentId,
    broadcast: BroadcastId,
    now: Millis,
) -> Result<bool, DbError> {
    Ok(tx.execute(DECIDE, params![org, incident, broadcast, now]).await? == 1)
}

pub(crate) async fn state(
    tx: &mut Tx,
    org: OrgId,
    incident: IncidentId,
) -> Result<Option<IncidentState>, DbError> {
    let row = tx.query_opt(STATE, params![org, incident]).await?;
    row.map(|row| state_of(&row, 0)).transpose()
}

pub(crate) async fn set_state(
    tx: &mut Tx,
    org: OrgId,
    incident: IncidentId,
    state: IncidentState,
) -> Result<(), DbError> {
    tx.execute(SET_STATE, params![org, incident, state.as_str()])
        .await
        .map(drop)
}

/// Broadcasts with people waiting that the incident has not decided about.
pub(crate) async fn undecided(tx: &mut Tx, org: OrgId, incident: IncidentId) -> Result<u32, DbError> {
    count(tx.query_opt(UNDECIDED, params![org, incident]).await?)
}

fn count(row: Option<Row>) -> Result<u32, DbError> {
    row.map_or(Ok(0), |row| row.get(0))
}

/// A line of an incident's history.
pub(crate) struct NewLine<'a> {
    pub(crate) incident: IncidentId,
    pub(crate) by: Option<StaffId>,
    pub(crate) action: &'static str,
    pub(crate) message: Option<MessageId>,
    pub(crate) broadcast: Option<BroadcastId>,
    pub(crate) detail: &'a str,
}

pub(crate) async fn add_line(
    tx: &mut Tx,
    org: OrgId,
    vault: &OrgVault,
    line: &NewLine<'_>,
    now: Millis,
) -> Result<(), DbError> {
    let detail = (!line.detail.is_empty()).then(|| vault.seal(DETAIL, line.incident.get(), line.detail));
    let params = params![
        org,
        line.incident,
        now,
        line.by,
        line.action,
        line.message,
        line.broadcast,
        detail
    ];
    tx.execute(ADD_LINE, params).await.map(drop)
}

fn state_of(row: &Row, column: usize) -> Result<IncidentState, DbError> {
    let word: String = row.get(column)?;
    IncidentState::from_word(&word)
        .ok_or_else(|| DbError::Statement(format!("no state of an incident is called {word}")))
}

fn incident_of(row: &Row) -> Result<Incident, DbError> {
    let way: String = row.get(3)?;
    Ok(Incident {
        id: row.get(0)?,
        office: row.get(1)?,
        state: state_of(row, 2)?,
        way: Way::from_word(&way)
            .ok_or_else(|| DbError::Statement(format!("incidents do not become known by {way}")))?,
        opened_at: row.get(4)?,
        opened_by: row.get(5)?,
    })
}

/// One incident of the organisation.
pub async fn incident(db: &Db, org: OrgId, id: IncidentId) -> Result<Option<Incident>, DbError> {
    let row = db.query_opt(INCIDENT, params![org, id]).await?;
    row.as_ref().map(incident_of).transpose()
}

/// The newest incidents, of one office or of all.
pub async fn incidents(
    db: &Db,
    org: OrgId,
    office: Option<OfficeId>,
    limit: i64,
) -> Result<Vec<Incident>, DbError> {
    let rows = db.query(INCIDENTS, params![org, office, limit]).await?;
    rows.iter().map(incident_of).collect()
}

/// How many incidents are not closed, of one office or of all.
pub async fn incidents_not_closed(db: &Db, org: OrgId, office: Option<OfficeId>) -> Result<u32, DbError> {
    count(db.query_opt(NOT_CLOSED, params![org, office]).await?)
}

/// The broadcasts that an incident concerns.
pub async fn concerned(db: &Db, org: OrgId, id: IncidentId) -> Result<Vec<Concerned>, DbError> {
    let rows = db.query(CONCERNED, params![org, id]).await?;
    let one = |row: &Row| {
        Ok(Concerned {
            broadcast: row.get(0)?,
            stopped_at: row.get(1)?,
            decided_at: row.get(2)?,
        })
    };
    rows.iter().map(one).collect()
}

/// Everything that happened in an incident, in order.
pub async fn incident_lines(db: &Db, org: OrgId, id: IncidentId) -> Result<Vec<IncidentLine>, DbError> {
    let vault = db.vault(org).await?;
    let rows = db.query(LINES, params![org, id]).await?;
    let line = |row: &Row| {
        let sealed: Option<String> = row.get(6)?;
        Ok(IncidentLine {
            at: row.get(1)?,
            by: row.get(2)?,
            action: row.get(3)?,
            message: row.get(4)?,
            broadcast: row.get(5)?,
            detail: sealed
                .map(|sealed| vault.open(DETAIL, id.get(), &sealed))
                .transpose()?,
        })
    };
    rows.iter().map(line).collect()
}

/// The incident that holds a broadcast, if one does.
pub async fn held_by(db: &Db, org: OrgId, broadcast: BroadcastId) -> Result<Option<IncidentId>, DbError> {
    let row = db.query_opt(HELD_BY, params![org, broadcast]).await?;
    row.map(|row| row.get(0)).transpose()
}

/// The incident about a list whose cause is still being found out.
pub async fn incident_of_list(db: &Db, org: OrgId, list: ListId) -> Result<Option<IncidentId>, DbError> {
    let row = db.query_opt(INCIDENT_OF_LIST, params![org, list]).await?;
    row.map(|row| row.get(0)).transpose()
}

/// The same inside the write that starts something of the list.
pub(crate) async fn incident_of_list_in(
    tx: &mut Tx,
    org: OrgId,
    list: ListId,
) -> Result<Option<IncidentId>, DbError> {
    let row = tx.query_opt(INCIDENT_OF_LIST, params![org, list]).await?;
    row.map(|row| row.get(0)).transpose()
}

/// A message beside the one that was reported.
pub struct Neighbour {
    /// Which.
    pub message: MessageId,
    /// Row number in the sheet.
    pub line: u32,
    /// Whom to.
    pub to: PhoneNumber,
    /// Where it stands, as stored.
    pub state: crate::message::MessageState,
}

/// The messages of these rows of a broadcast.
pub async fn neighbours(
    db: &Db,
    org: OrgId,
    broadcast: BroadcastId,
    (from, to): (u32, u32),
) -> Result<Vec<Neighbour>, DbError> {
    let vault = db.vault(org).await?;
    let params = params![org, broadcast, i64::from(from), i64::from(to)];
    let rows = db.query(NEIGHBOURS, params).await?;
    let one = |row: &Row| {
        let message: MessageId = row.get(0)?;
        Ok(Neighbour {
            message,
            line: row.get(1)?,
            to: open_phone(&vault, message, &row.get::<String>(2)?)?,
            state: super::broadcasts::state_of(row, 3)?,
        })
    };
    rows.iter().map(one).collect()
}

/// A message that went, or will go, to a number.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FoundMessage {
    /// Which.
    pub message: MessageId,
    /// Its broadcast.
    pub broadcast: BroadcastId,
    /// Row number in the sheet.
    pub line: u32,
}

/// The incidents that concern any of these broadcasts.
pub(crate) async fn incidents_about(
    db: &Db,
    org: OrgId,
    broadcasts: &[i64],
) -> Result<Vec<IncidentId>, DbError> {
    let rows = db.query(INCIDENTS_ABOUT, params![org, json(&broadcasts)]).await?;
    rows.iter().map(|row| row.get(0)).collect()
}

/// The newest messages to a number since `since`, at most `limit`. A write, so that who looked stands in the audit trail.
pub async fn messages_to_number(
    db: &Db,
    org: OrgId,
    phone: PhoneNumber,
    since: Millis,
    limit: u32,
) -> Result<Vec<FoundMessage>, DbError> {
    let (vault, now) = (db.vault(org).await?, db.now());
    let key = lists::contacts::Key::of_phone(&vault, phone);
    let index = vault.index("phone", &[phone.e164().as_bytes()]);
    db.write(move |tx| {
        let index = index.clone();
        Box::pin(async move {
            let written = lists::contacts::messages_to(tx, org, key, since, now).await?;
            let mut ids: Vec<i64> = written.iter().map(|one| one.message.get()).collect();
            for row in tx
                .query(REHEARSED_TO, params![org, since, index, true, i64::from(limit)])
                .await?
            {
                ids.push(row.get(0)?);
            }
            ids.sort_unstable_by_key(|id| std::cmp::Reverse(*id));
            ids.dedup();
            ids.truncate(limit as usize);
            let rows = tx.query(FOUND, params![org, json(&ids)]).await?;
            rows.iter()
                .map(|row| {
                    Ok(FoundMessage {
                        message: row.get(0)?,
                        broadcast: row.get(1)?,
                        line: row.get(2)?,
                    })
                })
                .collect()
        })
    })
    .await
}

/// The broadcasts of a list.
pub async fn broadcasts_of_list(db: &Db, org: OrgId, list: ListId) -> Result<Vec<BroadcastId>, DbError> {
    let rows = db.query(BROADCASTS_OF_LIST, params![org, list]).await?;
    rows.iter().map(|row| row.get(0)).collect()
}
