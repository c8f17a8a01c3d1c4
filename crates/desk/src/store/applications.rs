//! Applications: begun, kept from page to page, looked up; what happened to them.

use std::sync::Arc;

use base::clock::Millis;
use base::id::{ApplicationId, DeskId, OfficeId, OrgId, OutcomeListId, StaffId};
use db::{Db, DbError, Field, OrgVault, Reference, Row, Tx, params};
use web::Language;

use super::requests::language_of;
use super::sending::comes_back;
use crate::application::{
    Application, ApplicationToken, Change, Content, Decided, Lease, Parked, SecondLook, State,
};
use crate::document::{Decision, Outcome};
use crate::form::Key;
use crate::limits::ROWS_SHOWN;

macro_rules! applications {
    ($rest:literal) => {
        concat!(
            "SELECT application_id, desk_id, version, office_id, reference, language, content_sealed, state, state_at,
                changes, priority, started_at, received_at, sent_back, parked, call_id, review_no, reviewer,
                reviewer_until, decision_no, outcome, decided_by, decided_at, provisional_until, second_look, owes,
                corrects, told, list_id
            FROM applications WHERE org_id = $1 AND ",
            $rest
        )
    };
}

db::statements! {
    ADD = "
        INSERT INTO applications (org_id, application_id, desk_id, version, office_id, reference, token_index,
            language, content_sealed, state, state_at, changes, priority, started_at, review_no, decision_no, corrects)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'draft', $10, 1, 0, $10, 0, 0, 0)";
    /// In a write: nobody changes it before that ends.
    HOLD = applications!("application_id = $2 {locked applications}");
    ONE = applications!("application_id = $2");
    THESE = applications!("application_id IN (SELECT CAST(each.value AS {bigint}) FROM {each $2}) ORDER BY application_id");
    BY_REFERENCE = applications!("reference = $2");
    RECEIVED = applications!(
        "desk_id = $2 AND state = 'received' ORDER BY priority DESC, received_at, application_id LIMIT $3");
    PARKED = applications!("desk_id = $2 AND parked IS NOT NULL ORDER BY parked_at, application_id LIMIT $3");
    READY = applications!(
        "desk_id = $2 AND state = 'ready' AND parked IS NULL
            ORDER BY priority DESC, received_at, application_id LIMIT $3");
    SENT_BACK = applications!(
        "state = 'sent_back' AND desk_id = $2 ORDER BY state_at, application_id LIMIT $3");
    /// The one look-up that is not told the organisation: the link is what names it.
    BY_TOKEN = "SELECT org_id, application_id FROM applications WHERE token_index = $1";
    KEEP = "UPDATE applications SET content_sealed = $3, language = $4 WHERE org_id = $1 AND application_id = $2";
    ADD_EVENT = "
        INSERT INTO application_events (org_id, application_id, event_no, at, staff_id, kind, detail, note_sealed)
        SELECT $1, $2, COALESCE(MAX(event_no), 0) + 1, $3, CAST($4 AS {bigint}), $5, $6, $7
        FROM application_events WHERE org_id = $1 AND application_id = $2";
    KEPT_BEFORE = "
        SELECT event_no FROM application_events
        WHERE org_id = $1 AND application_id = $2 AND kind = 'before' AND at >= $3 LIMIT 1";
    EVENTS = "
        SELECT at, staff_id, kind, detail, note_sealed FROM application_events
        WHERE org_id = $1 AND application_id = $2 ORDER BY event_no";
}

const CONTENT: Field = Field("applications.content");

const NOTE: Field = Field("application_events.note");

/// What happened to an application.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ApplicationEvent {
    /// When.
    pub at: Millis,
    /// Who did it; nobody for the person and the program.
    pub by: Option<StaffId>,
    /// What, as a word of the program.
    pub kind: String,
    /// The code that belongs to it.
    pub detail: Option<String>,
    /// In somebody's words.
    pub note: Option<String>,
}

/// An event about to be kept.
#[derive(Clone, Copy, Default)]
pub(super) struct NewEvent<'a> {
    pub(super) kind: &'static str,
    pub(super) by: Option<StaffId>,
    pub(super) detail: Option<&'a str>,
    pub(super) note: Option<&'a str>,
}

pub(super) async fn add_event(
    tx: &mut Tx,
    org: OrgId,
    vault: &OrgVault,
    id: ApplicationId,
    event: NewEvent<'_>,
    now: Millis,
) -> Result<(), DbError> {
    let note = event.note.filter(|note| !note.trim().is_empty());
    let note = note.map(|note| vault.seal(NOTE, id.get(), note));
    let row = params![
        org,
        id,
        now,
        event.by,
        event.kind,
        event.detail.map(str::to_owned),
        note
    ];
    tx.execute(ADD_EVENT, row).await.map(drop)
}

/// What happened to an application, oldest first.
pub async fn application_events(
    db: &Db,
    org: OrgId,
    id: ApplicationId,
) -> Result<Vec<ApplicationEvent>, DbError> {
    let vault = db.vault(org).await?;
    let rows = db.query(EVENTS, params![org, id]).await?;
    rows.iter()
        .map(|row| {
            let note: Option<String> = row.get(4)?;
            Ok(ApplicationEvent {
                at: row.get(0)?,
                by: row.get(1)?,
                kind: row.get(2)?,
                detail: row.get(3)?,
                note: note.map(|note| vault.open(NOTE, id.get(), &note)).transpose()?,
            })
        })
        .collect()
}

pub(super) fn word<T>(found: Option<T>) -> Result<T, DbError> {
    found.ok_or_else(|| DbError::Statement("an application has an unknown word".to_owned()))
}

pub(super) fn optional<T>(
    row: &Row,
    at: usize,
    read: impl Fn(&str) -> Option<T>,
) -> Result<Option<T>, DbError> {
    let code: Option<String> = row.get(at)?;
    code.map(|code| word(read(&code))).transpose()
}

pub(super) fn application_of(row: &Row, vault: &OrgVault) -> Result<Application, DbError> {
    let id: ApplicationId = row.get(0)?;
    let content = vault.open(CONTENT, id.get(), &row.get::<String>(6)?)?;
    let content: Content = if content == db::vault::ERASED_WORDS {
        Content::default()
    } else {
        serde_json::from_str(&content)
            .map_err(|_| DbError::Statement("an application's content".to_owned()))?
    };
    let reviewer: Option<StaffId> = row.get(17)?;
    let lease = reviewer.zip(row.get::<Option<Millis>>(18)?);
    let review: i64 = row.get(16)?;
    let number: i64 = row.get(19)?;
    let decided = match optional(row, 20, Decision::from_code)? {
        Some(decision) if number > 0 => Some(Decided {
            number,
            decision,
            by: row.get(21)?,
            at: row.get(22)?,
            provisional_until: row.get(23)?,
            second_look: optional(row, 24, SecondLook::from_code)?,
            corrects: row.get(26)?,
        }),
        _ => None,
    };
    Ok(Application {
        id,
        desk: row.get(1)?,
        version: row.get(2)?,
        office: row.get(3)?,
        reference: row.get(4)?,
        language: language_of(&row.get::<String>(5)?),
        content,
        state: word(State::from_code(&row.get::<String>(7)?))?,
        state_at: row.get(8)?,
        changes: row.get(9)?,
        priority: row.get(10)?,
        started_at: row.get(11)?,
        received_at: row.get(12)?,
        sent_back: optional(row, 13, Key::parse)?,
        parked: optional(row, 14, Parked::from_code)?,
        call: row.get(15)?,
        lease: lease.map(|(by, until)| Lease { review, by, until }),
        decided,
        owes: optional(row, 25, Outcome::from_code)?,
        told: optional(row, 27, Outcome::from_code)?,
        list: row.get::<Option<OutcomeListId>>(28)?,
    })
}

/// An application about to be begun.
#[derive(Clone, Debug)]
pub struct NewApplication {
    /// At which desk.
    pub desk: DeskId,
    /// By which version of its document.
    pub version: i64,
    /// Which office runs the desk.
    pub office: OfficeId,
    /// The language that the person reads.
    pub language: Language,
    /// What is known already, of somebody of the same family.
    pub content: Content,
}

/// An application that was begun.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Begun {
    /// Its number.
    pub id: ApplicationId,
    /// 受付番号; told once it is sent.
    pub reference: Reference,
    /// Its link.
    pub token: ApplicationToken,
}

/// Begins an application.
pub async fn begin(db: &Db, org: OrgId, new: NewApplication) -> Result<Begun, DbError> {
    let (vault, now, of) = (db.vault(org).await?, db.now(), db.clone());
    let new = Arc::new(new);
    db.write(move |tx| {
        let (vault, new, of) = (Arc::clone(&vault), Arc::clone(&new), of.clone());
        Box::pin(async move { begin_in(tx, (org, &vault), &of, &new, now).await })
    })
    .await
}

/// The same in a write that does more.
pub(super) async fn begin_in(
    tx: &mut Tx,
    (org, vault): (OrgId, &OrgVault),
    db: &Db,
    new: &NewApplication,
    now: Millis,
) -> Result<Begun, DbError> {
    let id = ApplicationId::new(tx.take_numbers("applications", 1).await?);
    let begun = Begun {
        id,
        reference: Reference::of_application(vault, id),
        token: ApplicationToken::of(vault, id),
    };
    let row = params![
        org,
        id,
        new.desk,
        new.version,
        new.office,
        begun.reference,
        begun.token.index(db),
        new.language.code(),
        sealed(vault, id, &new.content),
        now,
    ];
    tx.execute(ADD, row).await?;
    Ok(begun)
}

fn sealed(vault: &OrgVault, id: ApplicationId, content: &Content) -> String {
    let json = serde_json::to_string(content).expect("texts, numbers and days become JSON");
    vault.seal(CONTENT, id.get(), &json)
}

/// One application.
pub async fn application(db: &Db, org: OrgId, id: ApplicationId) -> Result<Option<Application>, DbError> {
    let vault = db.vault(org).await?;
    let row = db.query_opt(ONE, params![org, id]).await?;
    row.map(|row| application_of(&row, &vault)).transpose()
}

/// Those of these applications that are there, by number.
pub async fn applications(db: &Db, org: OrgId, ids: &[ApplicationId]) -> Result<Vec<Application>, DbError> {
    let vault = db.vault(org).await?;
    let rows = db.query(THESE, params![org, super::json(&ids)]).await?;
    rows.iter().map(|row| application_of(row, &vault)).collect()
}

/// The application of this reference number.
pub async fn application_by_reference(
    db: &Db,
    org: OrgId,
    reference: Reference,
) -> Result<Option<Application>, DbError> {
    let vault = db.vault(org).await?;
    let row = db.query_opt(BY_REFERENCE, params![org, reference]).await?;
    row.map(|row| application_of(&row, &vault)).transpose()
}

/// Whose application a link is.
pub async fn application_of_link(
    db: &Db,
    token: &ApplicationToken,
) -> Result<Option<(OrgId, ApplicationId)>, DbError> {
    let row = db.query_opt(BY_TOKEN, params![token.index(db)]).await?;
    row.map(|row| Ok((row.get(0)?, row.get(1)?))).transpose()
}

/// Applications that a clerk has to look at, in the order in which that is done.
pub async fn received(db: &Db, org: OrgId, desk: DeskId) -> Result<Vec<Application>, DbError> {
    shown(db, RECEIVED, org, desk).await
}

/// Applications on hold or being telephoned about, the oldest first.
pub async fn parked(db: &Db, org: OrgId, desk: DeskId) -> Result<Vec<Application>, DbError> {
    shown(db, PARKED, org, desk).await
}

/// Applications that wait for whoever decides, in the order in which that is done.
pub async fn ready(db: &Db, org: OrgId, desk: DeskId) -> Result<Vec<Application>, DbError> {
    shown(db, READY, org, desk).await
}

/// Applications of which something is asked again, the oldest first.
pub async fn sent_back(db: &Db, org: OrgId, desk: DeskId) -> Result<Vec<Application>, DbError> {
    shown(db, SENT_BACK, org, desk).await
}

async fn shown(db: &Db, sql: db::Sql, org: OrgId, desk: DeskId) -> Result<Vec<Application>, DbError> {
    let vault = db.vault(org).await?;
    let rows = db.query(sql, params![org, desk, ROWS_SHOWN]).await?;
    rows.iter().map(|row| application_of(row, &vault)).collect()
}

/// The application as it stands inside of a write.
pub(super) async fn hold(
    tx: &mut Tx,
    org: OrgId,
    vault: &OrgVault,
    id: ApplicationId,
) -> Result<Option<Application>, DbError> {
    let row = tx.query_opt(HOLD, params![org, id]).await?;
    row.map(|row| application_of(&row, vault)).transpose()
}

/// What became of something that was to be done to an application.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Changed {
    /// It was done.
    Done,
    /// It has changed since it was looked at, or stands where this cannot be done.
    Otherwise(Box<Application>),
    /// There is none.
    Missing,
}

/// Keeps what was filled in so far. Only what is being filled in can change: a draft, what was sent back, and what was
/// told to be sent once more. What stood there before it was sent back stays in the application's events.
pub async fn keep(
    db: &Db,
    org: OrgId,
    id: ApplicationId,
    content: Content,
    language: Language,
) -> Result<Changed, DbError> {
    let may_again = told_to_send_again(db, org, id).await?;
    let (vault, now) = (db.vault(org).await?, db.now());
    let given = Arc::new((content, may_again));
    db.write(move |tx| {
        let (vault, given) = (Arc::clone(&vault), Arc::clone(&given));
        Box::pin(async move {
            let (content, may_again) = given.as_ref();
            let Some(found) = hold(tx, org, &vault, id).await? else {
                return Ok(Changed::Missing);
            };
            let told = found.state == State::Released && found.told != *may_again;
            if found.state.after(Change::Submit).is_none() || told {
                return Ok(Changed::Otherwise(Box::new(found)));
            }
            if found.state != State::Draft && found.content != *content {
                keep_before(tx, org, &vault, &found, now).await?;
            }
            let sealed = sealed(&vault, id, content);
            tx.execute(KEEP, params![org, id, sealed, language.code()])
                .await?;
            Ok(Changed::Done)
        })
    })
    .await
}

/// What the person was told, if that asks for something again.
async fn told_to_send_again(db: &Db, org: OrgId, id: ApplicationId) -> Result<Option<Outcome>, DbError> {
    let Some(found) = application(db, org, id).await? else {
        return Ok(None);
    };
    let document = super::desks::document(db, org, (found.desk, found.version)).await?;
    let again = document.is_some_and(|document| comes_back(&found, &document));
    Ok(found.told.filter(|_| again))
}

/// What was looked at, before it changes: once for each time that it is asked for again.
async fn keep_before(
    tx: &mut Tx,
    org: OrgId,
    vault: &OrgVault,
    found: &Application,
    now: Millis,
) -> Result<(), DbError> {
    let known = params![org, found.id, found.state_at];
    if tx.query_opt(KEPT_BEFORE, known).await?.is_some() {
        return Ok(());
    }
    let before = serde_json::to_string(&found.content).expect("texts, numbers and days become JSON");
    let event = NewEvent {
        kind: "before",
        note: Some(&before),
        ..NewEvent::default()
    };
    add_event(tx, org, vault, found.id, event, now).await
}

/// Whether this birth date is the one that the application was sent with.
pub async fn is_birth_date(
    db: &Db,
    org: OrgId,
    id: ApplicationId,
    birth: base::date::CalendarDate,
) -> Result<bool, DbError> {
    let found = application(db, org, id).await?;
    Ok(found.is_some_and(|found| found.content.applicant.birth == Some(birth)))
}
