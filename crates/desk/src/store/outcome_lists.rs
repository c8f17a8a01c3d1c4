//! 判定別リスト: who is to be told what, live through the day; locked for sending; told in one commit with the broadcast.

use std::sync::Arc;

use base::clock::Millis;
use base::id::{
    ApplicationId, BroadcastId, CallId, DeskId, MessageId, OrgId, OutcomeListId, StaffId, TemplateId,
};
use db::{Db, DbError, Row, Tx, params};
use serde_json::json as value;

use super::applications::applications;
use super::json;
use crate::application::Application;
use crate::document::{Decision, Outcome};
use crate::limits::{LIST_PEOPLE, ROWS_SHOWN};

macro_rules! lists {
    ($which:literal) => {
        concat!(
            "SELECT list_id, desk_id, outcome, corrects, people, locked_by, locked_at, opened_at, released_at,
                broadcast_id, told
            FROM outcome_lists WHERE org_id = $1 AND ",
            $which
        )
    };
}

db::statements! {
    LIVE = "
        SELECT owes, corrects,
            CAST(SUM(CASE WHEN second_look IN ('wanted', 'differs') THEN 0 ELSE 1 END) AS {bigint}),
            CAST(SUM(CASE WHEN second_look IN ('wanted', 'differs') THEN 1 ELSE 0 END) AS {bigint}),
            MIN(CASE WHEN second_look IN ('wanted', 'differs') THEN NULL ELSE owes_since END)
        FROM applications
        WHERE org_id = $1 AND desk_id = $2 AND owes IS NOT NULL AND list_id IS NULL
        GROUP BY owes, corrects ORDER BY owes, corrects";
    NOT_YET = "
        SELECT outcome, COUNT(*) FROM applications
        WHERE org_id = $1 AND desk_id = $2 AND state = 'provisional' GROUP BY outcome";
    ON_LIVE = "
        SELECT application_id FROM applications
        WHERE org_id = $1 AND desk_id = $2 AND owes = $3 AND corrects = $4 AND list_id IS NULL
        ORDER BY owes_since, application_id LIMIT $5";
    /// Only what is final, or was sent back, and what nobody still looks at.
    LOCK = "
        WITH c AS MATERIALIZED (
            SELECT a.application_id FROM applications a
            WHERE a.org_id = $1 AND a.desk_id = $2 AND a.owes = $3 AND a.corrects = $4 AND a.list_id IS NULL
                AND a.state IN ('final', 'sent_back')
                AND (a.second_look IS NULL OR a.second_look IN ('agreed', 'upheld'))
            ORDER BY a.owes_since, a.application_id LIMIT $5 {locked a})
        UPDATE applications SET list_id = $6
        FROM c WHERE applications.org_id = $1 AND applications.application_id = c.application_id";
    ADD_LIST = "
        INSERT INTO outcome_lists (org_id, list_id, desk_id, outcome, corrects, people, locked_by, locked_at)
        VALUES ($1, $2, $3, $4, $5, $6, CAST($7 AS {bigint}), $8)";
    LIST = lists!("list_id = $2");
    LISTS = lists!("desk_id = $2 ORDER BY locked_at DESC, list_id DESC LIMIT $3");
    BY_ITSELF = lists!("locked_by IS NULL AND opened_at IS NULL AND released_at IS NULL ORDER BY list_id LIMIT $2");
    ON_LIST = "
        SELECT application_id FROM applications WHERE org_id = $1 AND list_id = $2 ORDER BY application_id";
    TOLD_FROM = "
        SELECT application_id FROM application_tellings
        WHERE org_id = $1 AND list_id = $2 ORDER BY application_id";
    OPEN_AGAIN = "
        UPDATE outcome_lists SET opened_at = $3
        WHERE org_id = $1 AND list_id = $2 AND opened_at IS NULL AND released_at IS NULL";
    LET_GO = "UPDATE applications SET list_id = NULL WHERE org_id = $1 AND list_id = $2";
    RELEASE = "
        UPDATE outcome_lists SET released_at = $3
        WHERE org_id = $1 AND list_id = $2 AND opened_at IS NULL AND released_at IS NULL";
    RELEASED = "
        UPDATE outcome_lists SET broadcast_id = $3, told = $4 WHERE org_id = $1 AND list_id = $2";
    FIT = "
        SELECT a.application_id, a.changes FROM applications a
        WHERE a.org_id = $1 AND a.list_id = $2 AND a.owes IS NOT NULL AND a.state IN ('final', 'sent_back')
        ORDER BY a.application_id {locked a}";
    TELL = "
        UPDATE applications SET state = CASE WHEN state = 'final' THEN 'released' ELSE state END, state_at = $3,
            changes = changes + 1, told = owes, owes = NULL, list_id = NULL,
            call_id = COALESCE(CAST(each.value ->> 3 AS {bigint}), call_id)
        FROM {each $4}
        WHERE applications.org_id = $1 AND applications.list_id = $2
            AND applications.application_id = CAST(each.value ->> 0 AS {bigint})";
    TOLD = "
        UPDATE application_decisions SET told_at = $3, list_id = $2,
            broadcast_id = CAST(each.value ->> 1 AS {bigint}), message_id = CAST(each.value ->> 2 AS {bigint}),
            call_id = COALESCE(CAST(each.value ->> 3 AS {bigint}), call_id)
        FROM {each $4}
        WHERE application_decisions.org_id = $1
            AND application_decisions.application_id = CAST(each.value ->> 0 AS {bigint})
            AND application_decisions.decision_no = CAST(each.value ->> 4 AS {bigint})";
    ADD_TELLINGS = "
        INSERT INTO application_tellings (org_id, list_id, application_id, decision_no, outcome, told_at, broadcast_id,
            message_id, call_id)
        SELECT $1, $2, CAST(each.value ->> 0 AS {bigint}), CAST(each.value ->> 4 AS {bigint}), $4, $3,
            CAST(each.value ->> 1 AS {bigint}), CAST(each.value ->> 2 AS {bigint}), CAST(each.value ->> 3 AS {bigint})
        FROM {each $5}";
    ADD_TOLD_EVENTS = "
        INSERT INTO application_events (org_id, application_id, event_no, at, kind, detail)
        SELECT $1, CAST(each.value ->> 0 AS {bigint}),
            (SELECT COALESCE(MAX(e.event_no), 0) + 1 FROM application_events e
                WHERE e.org_id = $1 AND e.application_id = CAST(each.value ->> 0 AS {bigint})),
            $2, 'told', $3
        FROM {each $4}";
    TEXT = "
        SELECT template_id, template_version, text_hash FROM desk_texts
        WHERE org_id = $1 AND desk_id = $2 AND outcome = $3 AND corrects = $4";
    KEEP_TEXT = "
        INSERT INTO desk_texts (org_id, desk_id, outcome, corrects, template_id, template_version, text_hash)
        VALUES ($1, $2, $3, $4, $5, $6, $7)
        ON CONFLICT (org_id, desk_id, outcome, corrects) DO UPDATE SET template_id = excluded.template_id,
            template_version = excluded.template_version, text_hash = excluded.text_hash";
}

fn outcome_of(code: &str) -> Result<Outcome, DbError> {
    Outcome::from_code(code).ok_or_else(|| DbError::Statement("an unknown outcome".to_owned()))
}

/// What people are told: an outcome, for the first time or to put an earlier message right.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Kind {
    /// What.
    pub outcome: Outcome,
    /// It puts an earlier message right.
    pub corrects: bool,
}

/// People who are to be told the same, as it stands at this moment.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LiveList {
    /// What.
    pub kind: Kind,
    /// How many could be told now.
    pub people: u32,
    /// How many somebody else still looks at.
    pub kept_back: u32,
    /// Since when the first of them waits.
    pub since: Option<Millis>,
}

/// The live lists of a desk, and how many provisional decisions of each kind are not on them yet.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Live {
    /// Every list that has people.
    pub lists: Vec<LiveList>,
    /// By decision.
    pub provisional: Vec<(Decision, u32)>,
}

/// The live lists of a desk.
pub async fn live_lists(db: &Db, org: OrgId, desk: DeskId) -> Result<Live, DbError> {
    let rows = db.query(LIVE, params![org, desk]).await?;
    let lists = rows.iter().map(|row| {
        Ok(LiveList {
            kind: Kind {
                outcome: outcome_of(&row.get::<String>(0)?)?,
                corrects: row.get(1)?,
            },
            people: row.get(2)?,
            kept_back: row.get(3)?,
            since: row.get(4)?,
        })
    });
    let lists = lists.collect::<Result<_, DbError>>()?;
    let rows = db.query(NOT_YET, params![org, desk]).await?;
    let provisional = rows.iter().map(|row| {
        let code: String = row.get(0)?;
        let decision = Decision::from_code(&code);
        let decision = decision.ok_or_else(|| DbError::Statement("an unknown decision".to_owned()))?;
        Ok((decision, row.get(1)?))
    });
    let provisional = provisional.collect::<Result<_, DbError>>()?;
    Ok(Live { lists, provisional })
}

/// The people of a live list, whoever waits longest first.
pub async fn on_live_list(
    db: &Db,
    org: OrgId,
    desk: DeskId,
    kind: &Kind,
) -> Result<Vec<Application>, DbError> {
    let wanted = params![org, desk, kind.outcome.code(), kind.corrects, ROWS_SHOWN];
    of_rows(db, org, db.query(ON_LIVE, wanted).await?).await
}

async fn of_rows(db: &Db, org: OrgId, rows: Vec<Row>) -> Result<Vec<Application>, DbError> {
    let ids: Vec<ApplicationId> = rows.iter().map(|row| row.get(0)).collect::<Result<_, _>>()?;
    applications(db, org, &ids).await
}

/// A list that was locked for sending.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OutcomeList {
    /// Its number.
    pub id: OutcomeListId,
    /// Of which desk.
    pub desk: DeskId,
    /// What its people are told.
    pub kind: Kind,
    /// How many there were when it was locked.
    pub people: u32,
    /// Who locked it; nobody if the desk's rule did.
    pub locked_by: Option<StaffId>,
    /// When.
    pub locked_at: Millis,
    /// When it was opened again without telling anybody.
    pub opened_at: Option<Millis>,
    /// When its people were told.
    pub released_at: Option<Millis>,
    /// In which broadcast.
    pub broadcast: Option<BroadcastId>,
    /// How many were told or are telephoned.
    pub told: Option<u32>,
}

fn list_of(row: &Row) -> Result<OutcomeList, DbError> {
    Ok(OutcomeList {
        id: row.get(0)?,
        desk: row.get(1)?,
        kind: Kind {
            outcome: outcome_of(&row.get::<String>(2)?)?,
            corrects: row.get(3)?,
        },
        people: row.get(4)?,
        locked_by: row.get(5)?,
        locked_at: row.get(6)?,
        opened_at: row.get(7)?,
        released_at: row.get(8)?,
        broadcast: row.get(9)?,
        told: row.get(10)?,
    })
}

/// Locks a live list: whoever is final by now is on it, whoever becomes final later is on the next one. `None` if
/// nobody is. Nobody (`None`) stands for the desk's own rule.
pub async fn lock(
    db: &Db,
    org: OrgId,
    desk: DeskId,
    kind: &Kind,
    by: Option<StaffId>,
) -> Result<Option<OutcomeListId>, DbError> {
    let (now, code, corrects) = (db.now(), kind.outcome.code(), kind.corrects);
    let locked = db.write(move |tx| {
        let code = code.clone();
        Box::pin(async move {
            let list = OutcomeListId::new(tx.take_numbers("outcome_lists", 1).await?);
            let wanted = params![org, desk, code.clone(), corrects, LIST_PEOPLE, list];
            let people = tx.execute(LOCK, wanted).await?;
            if people == 0 {
                return Err(DbError::Withdrawn);
            }
            let people = i64::try_from(people).unwrap_or(LIST_PEOPLE);
            let row = params![org, list, desk, code, corrects, people, by, now];
            tx.execute(ADD_LIST, row).await?;
            Ok(list)
        })
    });
    match locked.await {
        Ok(list) => Ok(Some(list)),
        Err(DbError::Withdrawn) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Opens a locked list again: nobody was told, and its people are on the live list. `false` if they were told.
pub async fn open_again(db: &Db, org: OrgId, list: OutcomeListId) -> Result<bool, DbError> {
    let now = db.now();
    db.write(move |tx| {
        Box::pin(async move {
            if tx.execute(OPEN_AGAIN, params![org, list, now]).await? == 0 {
                return Ok(false);
            }
            tx.execute(LET_GO, params![org, list]).await?;
            Ok(true)
        })
    })
    .await
}

/// One locked list.
pub async fn outcome_list(db: &Db, org: OrgId, list: OutcomeListId) -> Result<Option<OutcomeList>, DbError> {
    let row = db.query_opt(LIST, params![org, list]).await?;
    row.as_ref().map(list_of).transpose()
}

/// The lists of a desk that were locked, the newest first.
pub async fn outcome_lists(db: &Db, org: OrgId, desk: DeskId) -> Result<Vec<OutcomeList>, DbError> {
    let rows = db.query(LISTS, params![org, desk, ROWS_SHOWN]).await?;
    rows.iter().map(list_of).collect()
}

/// Lists that a desk's rule locked and whose people are still to be told.
pub(crate) async fn locked_by_rule(db: &Db, org: OrgId) -> Result<Vec<OutcomeList>, DbError> {
    let rows = db.query(BY_ITSELF, params![org, ROWS_SHOWN]).await?;
    rows.iter().map(list_of).collect()
}

/// The people of a locked list: those still to be told, or, afterwards, those who were.
pub async fn on_list(db: &Db, org: OrgId, list: &OutcomeList) -> Result<Vec<Application>, DbError> {
    let sql = if list.released_at.is_some() {
        TOLD_FROM
    } else {
        ON_LIST
    };
    of_rows(db, org, db.query(sql, params![org, list.id]).await?).await
}

/// How one person is told.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Way {
    Message(BroadcastId, MessageId),
    Call(CallId),
}

/// Takes the list for the write that tells its people. `false` if somebody else has, or it was opened again.
pub(crate) async fn take_list(
    tx: &mut Tx,
    org: OrgId,
    list: OutcomeListId,
    now: Millis,
) -> Result<bool, DbError> {
    Ok(tx.execute(RELEASE, params![org, list, now]).await? == 1)
}

/// Who is still on the list as they were (their `changes`); nobody changes them before the write ends.
pub(crate) async fn still_on(
    tx: &mut Tx,
    org: OrgId,
    list: OutcomeListId,
) -> Result<Vec<(ApplicationId, i64)>, DbError> {
    let rows = tx.query(FIT, params![org, list]).await?;
    rows.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect()
}

/// These people are told, in the write that makes their messages; whoever is left is on the live list again.
pub(crate) async fn tell(
    tx: &mut Tx,
    org: OrgId,
    list: &OutcomeList,
    (told, broadcast): (&[(ApplicationId, i64, Way)], Option<BroadcastId>),
    now: Millis,
) -> Result<(), DbError> {
    let rows: Vec<serde_json::Value> = told
        .iter()
        .map(|(id, decision, way)| match way {
            Way::Message(broadcast, message) => value!([id, broadcast, message, None::<i64>, decision]),
            Way::Call(call) => value!([id, None::<i64>, None::<i64>, call, decision]),
        })
        .collect();
    let rows = json(&rows);
    tx.execute(TELL, params![org, list.id, now, rows.clone()]).await?;
    tx.execute(TOLD, params![org, list.id, now, rows.clone()]).await?;
    let row = params![org, list.id, now, list.kind.outcome.code(), rows.clone()];
    tx.execute(ADD_TELLINGS, row).await?;
    tx.execute(ADD_TOLD_EVENTS, params![org, now, list.kind.outcome.code(), rows])
        .await?;
    tx.execute(LET_GO, params![org, list.id]).await?;
    let count = i64::try_from(told.len()).unwrap_or(i64::MAX);
    tx.execute(RELEASED, params![org, list.id, broadcast, count])
        .await
        .map(drop)
}

/// The template that tells a kind of outcome, with the hash of the texts that it was made from.
pub async fn text_of(
    db: &Db,
    org: OrgId,
    desk: DeskId,
    kind: &Kind,
) -> Result<Option<((TemplateId, i64), String)>, DbError> {
    let wanted = params![org, desk, kind.outcome.code(), kind.corrects];
    let row = db.query_opt(TEXT, wanted).await?;
    row.map(|row| Ok(((row.get(0)?, row.get(1)?), row.get(2)?)))
        .transpose()
}

pub(crate) async fn keep_text(
    db: &Db,
    org: OrgId,
    desk: DeskId,
    kind: &Kind,
    ((template, version), hash): ((TemplateId, i64), String),
) -> Result<(), DbError> {
    let kept = Arc::new((kind.outcome.code(), kind.corrects, hash));
    db.write(move |tx| {
        let kept = Arc::clone(&kept);
        Box::pin(async move {
            let (code, corrects, hash) = kept.as_ref();
            let row = params![
                org,
                desk,
                code.clone(),
                *corrects,
                template,
                version,
                hash.clone()
            ];
            tx.execute(KEEP_TEXT, row).await.map(drop)
        })
    })
    .await
}
