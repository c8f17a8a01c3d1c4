//! Statements of questions and what comes of them: who was asked, who answered, who read it.

use std::collections::HashMap;

use base::clock::Millis;
use base::id::{CaseId, FormRequestId, MessageId, OfficeId, OrgId, StaffId};
use db::{Db, DbError, Field, OrgVault, Row, Tx, params};

use super::cases::word;
use super::json;
use crate::limits;
use crate::questions::Health;

const NOTE: Field = Field("case_questions.note");

macro_rules! listed {
    ($which:literal, $order:literal) => {
        concat!(
            "SELECT q.request_id, q.case_id, q.form_key, q.asked_at, q.answered_at, q.health
            FROM case_questions q JOIN cases c ON c.org_id = q.org_id AND c.case_id = q.case_id
            WHERE c.office_id = COALESCE($2, c.office_id) AND ",
            $which,
            " ORDER BY ",
            $order,
            " LIMIT $3"
        )
    };
}

db::statements! {
    ADD_QUESTION = "
        INSERT INTO case_questions (org_id, request_id, case_id, form_key, slot, message_id, asked_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7)
        ON CONFLICT (org_id, request_id) DO UPDATE SET message_id = excluded.message_id";
    ASKED_IN_SLOTS = "
        SELECT q.case_id FROM {each $2} CROSS JOIN case_questions q
        WHERE +q.org_id = $1 AND q.case_id = CAST(each.value ->> 0 AS {bigint}) AND q.slot = each.value ->> 1";
    /// By case: when it was last asked how it is, and how many of the questions wait.
    OBSERVED = "
        SELECT q.case_id, MAX(q.asked_at),
            SUM(CASE WHEN q.answered_at IS NULL AND q.ended_at IS NULL THEN 1 ELSE 0 END)
        FROM {each $2} CROSS JOIN case_questions q
        WHERE +q.org_id = $1 AND q.case_id = CAST(each.value AS {bigint}) AND q.form_key = $3
        GROUP BY q.case_id";
    ANSWERED = "
        UPDATE case_questions SET answered_at = $3, health = $4, review = $5
        WHERE org_id = $1 AND request_id = $2 AND answered_at IS NULL";
    /// Answers to what was asked in another way.
    ADD_ANSWERED = "
        INSERT INTO case_questions (org_id, request_id, case_id, form_key, slot, asked_at, answered_at, health, review)
        SELECT $1, $2, c.case_id, $4, $9, $5, $6, $7, $8
        FROM cases c WHERE c.org_id = $1 AND c.case_id = $3
        ON CONFLICT (org_id, request_id) DO NOTHING";
    /// An answer makes the earlier questions of the same form pointless.
    END_EARLIER = "
        UPDATE case_questions SET ended_at = $4
        WHERE +org_id = $1 AND case_id = $2 AND form_key = $3 AND +asked_at < $4
            AND answered_at IS NULL AND ended_at IS NULL";
    END_ALL = "
        UPDATE case_questions SET ended_at = $3
        WHERE +org_id = $1 AND case_id = $2 AND answered_at IS NULL AND ended_at IS NULL";
    LAST_ANSWER = "SELECT MAX(answered_at) FROM case_questions WHERE org_id = $1 AND answered_at IS NOT NULL";
    CASES_UNREAD = "
        SELECT DISTINCT q.case_id FROM {each $2} CROSS JOIN case_questions q
        WHERE +q.org_id = $1 AND q.case_id = CAST(each.value AS {bigint}) AND q.review = 'wanted'
            AND q.form_key = 'observation' AND q.health <> 'well'";
    REVIEW = "
        UPDATE case_questions SET review = 'done', reviewed_by = $4, reviewed_at = $5, note_sealed = $6
        WHERE org_id = $1 AND case_id = $2 AND request_id = $3 AND review = 'wanted'";
    REVIEW_OF = "
        SELECT request_id, review, reviewed_by, reviewed_at, note_sealed, health FROM case_questions
        WHERE +org_id = $1 AND case_id = $2 AND answered_at IS NOT NULL";
    /// Each person once, with the first question that waits and how many do.
    SILENT = "
        SELECT q.case_id, MIN(q.asked_at), COUNT(*) FROM case_questions q
        JOIN cases c ON c.org_id = q.org_id AND c.case_id = q.case_id
        WHERE q.org_id = $1 AND q.answered_at IS NULL AND q.ended_at IS NULL AND q.asked_at < $4
            AND c.office_id = COALESCE($2, c.office_id)
        GROUP BY q.case_id ORDER BY MIN(q.asked_at), q.case_id LIMIT $3";
    COUNT_SILENT = "
        SELECT COUNT(DISTINCT q.case_id) FROM case_questions q
        JOIN cases c ON c.org_id = q.org_id AND c.case_id = q.case_id
        WHERE q.org_id = $1 AND q.answered_at IS NULL AND q.ended_at IS NULL AND q.asked_at < $3
            AND c.office_id = COALESCE($2, c.office_id)";
    TO_REVIEW = listed!(
        "+q.org_id = $1 AND q.review = 'wanted' AND q.answered_at > 0",
        "q.answered_at, q.request_id"
    );
    COUNT_TO_REVIEW = "
        SELECT COUNT(*) FROM case_questions q JOIN cases c ON c.org_id = q.org_id AND c.case_id = q.case_id
        WHERE +q.org_id = $1 AND q.review = 'wanted' AND q.answered_at > 0 AND c.office_id = COALESCE($2, c.office_id)";
    /// Whose newest answer of the last days tells of symptoms.
    SYMPTOMATIC = listed!(
        "q.org_id = $1 AND q.answered_at >= $4 AND q.health IN ('symptoms', 'danger') AND c.state = 'open'
            AND NOT EXISTS (SELECT 1 FROM case_questions n WHERE +n.org_id = q.org_id AND n.case_id = q.case_id
                AND +n.answered_at > q.answered_at)",
        "q.answered_at DESC, q.request_id DESC"
    );
    COUNT_SYMPTOMATIC = "
        SELECT COUNT(*) FROM case_questions q JOIN cases c ON c.org_id = q.org_id AND c.case_id = q.case_id
        WHERE q.org_id = $1 AND q.answered_at >= $3 AND q.health IN ('symptoms', 'danger') AND c.state = 'open'
            AND c.office_id = COALESCE($2, c.office_id)
            AND NOT EXISTS (SELECT 1 FROM case_questions n WHERE +n.org_id = q.org_id AND n.case_id = q.case_id
                AND +n.answered_at > q.answered_at)";
    /// Cases that are over, with questions that still wait.
    LEFT_OPEN = "
        SELECT DISTINCT q.case_id FROM case_questions q
        JOIN cases c ON c.org_id = q.org_id AND c.case_id = q.case_id
        WHERE q.org_id = $1 AND q.answered_at IS NULL AND q.ended_at IS NULL AND q.asked_at > 0
            AND c.state <> 'open' LIMIT $2";
    ERASE_NOTES = "
        UPDATE case_questions SET note_sealed = NULL
        WHERE +org_id = $1 AND reviewed_at < $2 AND note_sealed IS NOT NULL";
}

/// A case was asked with a form, in the write that asks.
pub(crate) struct NewQuestion<'a> {
    pub(crate) case: CaseId,
    pub(crate) request: FormRequestId,
    pub(crate) form: &'a str,
    pub(crate) slot: &'a str,
    pub(crate) message: MessageId,
}

pub(crate) async fn add(tx: &mut Tx, org: OrgId, new: &NewQuestion<'_>, now: Millis) -> Result<(), DbError> {
    let row = params![org, new.request, new.case, new.form, new.slot, new.message, now];
    tx.execute(ADD_QUESTION, row).await.map(drop)
}

/// Which of these cases were asked in their slot already.
pub(crate) async fn asked_in(
    tx: &mut Tx,
    org: OrgId,
    slots: &[(CaseId, String)],
) -> Result<Vec<CaseId>, DbError> {
    let rows = tx.query(ASKED_IN_SLOTS, params![org, json(&slots)]).await?;
    rows.iter().map(|row| row.get(0)).collect()
}

/// What is known of asking a case how it is.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub(crate) struct Observed {
    pub(crate) asked_at: Option<Millis>,
    pub(crate) waiting: u16,
}

pub(crate) async fn observed(
    db: &Db,
    org: OrgId,
    form: &str,
    ids: &[CaseId],
) -> Result<HashMap<CaseId, Observed>, DbError> {
    let rows = db.query(OBSERVED, params![org, json(&ids), form]).await?;
    let each = rows.iter().map(|row| {
        let waiting: u32 = row.get(2)?;
        let observed = Observed {
            asked_at: row.get(1)?,
            waiting: u16::try_from(waiting).unwrap_or(u16::MAX),
        };
        Ok((row.get(0)?, observed))
    });
    each.collect()
}

/// Of these cases: those with an answer that tells of symptoms and that nobody has read.
pub(super) async fn unread(tx: &mut Tx, org: OrgId, case: CaseId) -> Result<bool, DbError> {
    let found = tx.query_opt(CASES_UNREAD, params![org, json(&[case])]).await?;
    Ok(found.is_some())
}

pub(super) async fn all_unread(db: &Db, org: OrgId, ids: &[CaseId]) -> Result<Vec<CaseId>, DbError> {
    let rows = db.query(CASES_UNREAD, params![org, json(&ids)]).await?;
    rows.iter().map(|row| row.get(0)).collect()
}

/// An answer about a case.
#[derive(Clone)]
pub(crate) struct NewAnswer {
    pub(crate) case: CaseId,
    pub(crate) request: FormRequestId,
    pub(crate) form: String,
    pub(crate) asked_at: Millis,
    pub(crate) answered_at: Millis,
    pub(crate) health: Health,
    pub(crate) wants_review: bool,
}

/// Takes an answer over; once, however often it is given. `false` if it was known.
pub(crate) async fn answered(tx: &mut Tx, org: OrgId, new: &NewAnswer, now: Millis) -> Result<bool, DbError> {
    let (health, review) = (
        new.health.as_str(),
        if new.wants_review { "wanted" } else { "none" },
    );
    let known = params![org, new.request, new.answered_at, health, review];
    let mut changed = tx.execute(ANSWERED, known).await?;
    if changed == 0 {
        let row = params![
            org,
            new.request,
            new.case,
            new.form.clone(),
            new.asked_at,
            new.answered_at,
            health,
            review,
            format!("request/{}", new.request)
        ];
        changed = tx.execute(ADD_ANSWERED, row).await?;
    }
    if changed == 0 {
        return Ok(false);
    }
    let earlier = params![org, new.case, new.form.clone(), new.answered_at];
    tx.execute(END_EARLIER, earlier).await?;
    super::follow::look_at_once(tx, org, new.case, now).await?;
    Ok(true)
}

/// Questions about a case that were asked before a moment wait no longer: somebody spoke with the person.
pub(crate) async fn end_before(
    tx: &mut Tx,
    org: OrgId,
    case: CaseId,
    form: &str,
    before: Millis,
) -> Result<(), DbError> {
    tx.execute(END_EARLIER, params![org, case, form, before])
        .await
        .map(drop)
}

/// Nobody waits for answers about a case any more.
pub(crate) async fn end_all(tx: &mut Tx, org: OrgId, case: CaseId, now: Millis) -> Result<(), DbError> {
    tx.execute(END_ALL, params![org, case, now]).await.map(drop)
}

/// From when on answers may not be known yet.
pub(crate) async fn answers_known_to(db: &Db, org: OrgId) -> Result<Millis, DbError> {
    known_to(db, org, LAST_ANSWER).await
}

pub(super) async fn known_to(db: &Db, org: OrgId, last: db::Sql) -> Result<Millis, DbError> {
    let row = db.query_opt(last, params![org]).await?;
    let last: Option<Millis> = row.map_or(Ok(None), |row| row.get(0))?;
    Ok(last.map_or(0, |last| last - limits::LATE_COMMITS))
}

/// Somebody who looked at something, and what they say.
#[derive(Clone)]
pub struct Looked {
    /// At whose.
    pub case: CaseId,
    /// In which answers.
    pub request: FormRequestId,
    /// Who.
    pub by: StaffId,
    /// In their words; may be empty.
    pub note: String,
}

pub(super) fn sealed(vault: &OrgVault, field: Field, looked: &Looked) -> Option<String> {
    let note = looked.note.trim();
    (!note.is_empty()).then(|| vault.seal(field, looked.request.get(), note))
}

/// An answer was read. `false` if it need not be, or somebody did before.
pub async fn review(db: &Db, org: OrgId, looked: Looked) -> Result<bool, DbError> {
    let (vault, now) = (db.vault(org).await?, db.now());
    let note = sealed(&vault, NOTE, &looked);
    db.write(move |tx| {
        let row = params![org, looked.case, looked.request, looked.by, now, note.clone()];
        let case = looked.case;
        Box::pin(async move {
            let done = tx.execute(REVIEW, row).await? == 1;
            super::care::look_now(tx, org, case, now).await?;
            Ok(done)
        })
    })
    .await
}

/// How an answer stands with staff.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Review {
    /// Somebody has to read it.
    pub is_wanted: bool,
    /// Who did, and when.
    pub by: Option<(StaffId, Millis)>,
    /// What they noted.
    pub note: Option<String>,
    /// What it says of the person's health.
    pub health: Option<Health>,
}

/// Of the answers about a case.
pub async fn reviews_of(
    db: &Db,
    org: OrgId,
    case: CaseId,
) -> Result<HashMap<FormRequestId, Review>, DbError> {
    let vault = db.vault(org).await?;
    let rows = db.query(REVIEW_OF, params![org, case]).await?;
    let each = rows.iter().map(|row| {
        let request: FormRequestId = row.get(0)?;
        let (by, at): (Option<StaffId>, Option<Millis>) = (row.get(2)?, row.get(3)?);
        let note: Option<String> = row.get(4)?;
        let review = Review {
            is_wanted: row.get::<Option<String>>(1)?.as_deref() == Some("wanted"),
            by: by.zip(at),
            note: note
                .map(|note| vault.open(NOTE, request.get(), &note))
                .transpose()?,
            health: health_of(row, 5)?,
        };
        Ok((request, review))
    });
    each.collect()
}

fn health_of(row: &Row, column: usize) -> Result<Option<Health>, DbError> {
    let stored: Option<String> = row.get(column)?;
    stored.map(|stored| word(&stored, Health::from_word)).transpose()
}

/// Somebody who has not answered.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Silent {
    /// Who.
    pub case: CaseId,
    /// When the first question that waits was asked.
    pub since: Millis,
    /// How many wait.
    pub questions: u32,
}

/// Who was asked before a moment and has not answered, the longest first.
pub async fn silent(
    db: &Db,
    org: OrgId,
    office: Option<OfficeId>,
    before: Millis,
) -> Result<Vec<Silent>, DbError> {
    let most = i64::from(limits::OBSERVED_SHOWN);
    let rows = db.query(SILENT, params![org, office, most, before]).await?;
    let one = |row: &Row| {
        Ok(Silent {
            case: row.get(0)?,
            since: row.get(1)?,
            questions: row.get(2)?,
        })
    };
    rows.iter().map(one).collect()
}

/// An answer in a list.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Listed {
    /// Its request.
    pub request: FormRequestId,
    /// Whose.
    pub case: CaseId,
    /// To which form.
    pub form: String,
    /// When it was asked.
    pub asked_at: Millis,
    /// When it was sent.
    pub answered_at: Option<Millis>,
    /// What it says of the person's health.
    pub health: Option<Health>,
}

fn listed_of(row: &Row) -> Result<Listed, DbError> {
    Ok(Listed {
        request: row.get(0)?,
        case: row.get(1)?,
        form: row.get(2)?,
        asked_at: row.get(3)?,
        answered_at: row.get(4)?,
        health: health_of(row, 5)?,
    })
}

/// Answers that somebody has to read, oldest first.
pub async fn to_review(db: &Db, org: OrgId, office: Option<OfficeId>) -> Result<Vec<Listed>, DbError> {
    let most = i64::from(limits::OBSERVED_SHOWN);
    let rows = db.query(TO_REVIEW, params![org, office, most]).await?;
    rows.iter().map(listed_of).collect()
}

/// Newest answers that tell of symptoms, newest first.
pub async fn symptomatic(
    db: &Db,
    org: OrgId,
    office: Option<OfficeId>,
    since: Millis,
) -> Result<Vec<Listed>, DbError> {
    let most = i64::from(limits::OBSERVED_SHOWN);
    let rows = db.query(SYMPTOMATIC, params![org, office, most, since]).await?;
    rows.iter().map(listed_of).collect()
}

/// How many people, or answers, are in each of the lists.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Counts {
    /// Signs of danger that nobody has handled.
    pub alerts: u32,
    /// People who have not answered.
    pub silent: u32,
    /// People with symptoms.
    pub symptomatic: u32,
    /// Answers to read.
    pub to_review: u32,
}

/// The counts of all lists, whole, of an office or of all.
pub async fn counts(
    db: &Db,
    org: OrgId,
    office: Option<OfficeId>,
    (silent_before, symptoms_since): (Millis, Millis),
) -> Result<Counts, DbError> {
    let (alerts, silent, symptomatic, to_review) = tokio::try_join!(
        super::alerts::count_alerts(db, org, office),
        one_number(db, COUNT_SILENT, params![org, office, silent_before]),
        one_number(db, COUNT_SYMPTOMATIC, params![org, office, symptoms_since]),
        one_number(db, COUNT_TO_REVIEW, params![org, office]),
    )?;
    Ok(Counts {
        alerts: alerts.0,
        silent,
        symptomatic,
        to_review,
    })
}

async fn one_number(db: &Db, statement: db::Sql, params: Vec<db::Value>) -> Result<u32, DbError> {
    let row = db.query_opt(statement, params).await?;
    row.map_or(Ok(0), |row| row.get(0))
}

/// Cases that are over and were asked something that nobody needs to answer any more.
pub(crate) async fn left_open(db: &Db, org: OrgId) -> Result<Vec<CaseId>, DbError> {
    let most = i64::from(limits::CARED_PER_STEP);
    let rows = db.query(LEFT_OPEN, params![org, most]).await?;
    rows.iter().map(|row| row.get(0)).collect()
}

/// Erases what staff noted of answers and signs of danger before this moment.
pub async fn erase_notes(db: &Db, org: OrgId, before: Millis) -> Result<(), DbError> {
    db.write(move |tx| {
        Box::pin(async move {
            tx.execute(ERASE_NOTES, params![org, before]).await?;
            super::alerts::erase_notes_in(tx, org, before).await
        })
    })
    .await
}
