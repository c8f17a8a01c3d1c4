//! Applications: begun, kept from page to page, sent, looked up; what they share with others; what happened to them.

use std::sync::Arc;

use base::clock::{DAY, Millis, japan_midnight};
use base::id::{ApplicationId, DeskId, OfficeId, OrgId, OutcomeListId, StaffId};
use db::{Db, DbError, Field, OrgVault, Reference, Row, Tx, params};
use web::Language;

use super::desks;
use super::requests::language_of;
use crate::application::{
    Application, ApplicationToken, Change, Content, Decided, Lease, Parked, SecondLook, State,
};
use crate::application::{applicant, link};
use crate::document::{Decision, DeskDocument, Outcome};
use crate::form::Key;
use crate::limits::{DRAFT_KEPT, ROWS_SHOWN, SENT_BACK_KEPT, SETTLED_PER_STEP, TWIN_DAYS};

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
    /// The one look-up that is not told the organisation: the link is what names it.
    BY_TOKEN = "SELECT org_id, application_id FROM applications WHERE token_index = $1";
    KEEP = "UPDATE applications SET content_sealed = $3, language = $4 WHERE org_id = $1 AND application_id = $2";
    SENT = "
        UPDATE applications SET state = $3, state_at = $4, received_at = $4, counted_at = COALESCE(counted_at, $4),
            birth_index = $5, changes = changes + 1, owes = NULL, list_id = NULL, sent_back = NULL, parked = NULL,
            decision_no = 0, outcome = NULL, second_look = NULL, corrects = 0
        WHERE org_id = $1 AND application_id = $2";
    COUNTED = "
        SELECT COUNT(*) FROM applications WHERE org_id = $1 AND desk_id = $2 AND counted_at >= $3";
    MOVE = "
        UPDATE applications SET state = $3, state_at = $4, changes = changes + 1, owes = $5, owes_since = $4,
            sent_back = $6, parked = NULL, corrects = 0, reviewer = NULL, reviewer_until = NULL, list_id = NULL
        WHERE org_id = $1 AND application_id = $2";
    SET_PRIORITY = "
        UPDATE applications SET priority = $3, changes = changes + 1 WHERE org_id = $1 AND application_id = $2";
    OVERDUE = "
        SELECT application_id FROM applications
        WHERE org_id = $1 AND state = $2 AND state_at < $3 ORDER BY state_at, application_id LIMIT $4";
    DROP_KEYS = "
        DELETE FROM application_keys WHERE org_id = $1 AND application_id = $2 AND kind < 4";
    ADD_KEY = "
        INSERT INTO application_keys (org_id, key_index, application_id, kind) VALUES ($1, $2, $3, $4)
        ON CONFLICT (org_id, key_index, application_id) DO NOTHING";
    TWINS = "
        SELECT k.kind, o.application_id, a.desk_id, a.reference, a.state, a.started_at, a.outcome
        FROM application_keys k JOIN application_keys o ON o.org_id = $1 AND o.key_index = k.key_index
            JOIN applications a ON a.org_id = $1 AND a.application_id = o.application_id
        WHERE k.application_id = $2 AND k.org_id = $1 AND o.application_id <> $2 AND a.started_at >= $3
            AND a.state NOT IN ('draft', 'expired')
        ORDER BY a.started_at DESC, o.application_id, k.kind LIMIT $4";
    ADD_EVENT = "
        INSERT INTO application_events (org_id, application_id, event_no, at, staff_id, kind, detail, note_sealed)
        SELECT $1, $2, COALESCE(MAX(event_no), 0) + 1, $3, CAST($4 AS {bigint}), $5, $6, $7
        FROM application_events WHERE org_id = $1 AND application_id = $2";
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

fn word<T>(found: Option<T>) -> Result<T, DbError> {
    found.ok_or_else(|| DbError::Statement("an application has an unknown word".to_owned()))
}

fn optional<T>(row: &Row, at: usize, read: impl Fn(&str) -> Option<T>) -> Result<Option<T>, DbError> {
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
        Box::pin(async move {
            let id = ApplicationId::new(tx.take_numbers("applications", 1).await?);
            let begun = Begun {
                id,
                reference: Reference::of_application(&vault, id),
                token: ApplicationToken::of(&vault, id),
            };
            let row = params![
                org,
                id,
                new.desk,
                new.version,
                new.office,
                begun.reference,
                begun.token.index(&of),
                new.language.code(),
                sealed(&vault, id, &new.content),
                now,
            ];
            tx.execute(ADD, row).await?;
            Ok(begun)
        })
    })
    .await
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

/// Keeps what was filled in so far. Only what is being filled in can change: a draft, what was sent back, what was
/// told to be sent once more.
pub async fn keep(
    db: &Db,
    org: OrgId,
    id: ApplicationId,
    content: Content,
    language: Language,
) -> Result<Changed, DbError> {
    let (vault, content) = (db.vault(org).await?, Arc::new(content));
    db.write(move |tx| {
        let (vault, content) = (Arc::clone(&vault), Arc::clone(&content));
        Box::pin(async move {
            let Some(found) = hold(tx, org, &vault, id).await? else {
                return Ok(Changed::Missing);
            };
            if found.state.after(Change::Submit).is_none() {
                return Ok(Changed::Otherwise(Box::new(found)));
            }
            let sealed = sealed(&vault, id, &content);
            tx.execute(KEEP, params![org, id, sealed, language.code()])
                .await?;
            Ok(Changed::Done)
        })
    })
    .await
}

/// What became of sending.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Submitted {
    /// It is received, now or before.
    Received(Reference),
    /// Something is not answered yet.
    NotComplete,
    /// The desk takes no more today.
    Full,
    /// The desk is closed by hand.
    Closed,
    /// It stands where nothing is sent.
    Otherwise(State),
    /// There is none.
    Missing,
}

/// Sends an application, for the first time or once more, with the same number. The hours of the desk are the page's
/// business: who began in time may finish. The number a day holds exactly, however many send at once.
pub async fn submit(
    db: &Db,
    org: OrgId,
    id: ApplicationId,
    document: &DeskDocument,
) -> Result<Submitted, DbError> {
    let (vault, now) = (db.vault(org).await?, db.now());
    let document = Arc::new(document.clone());
    db.write(move |tx| {
        let (vault, document) = (Arc::clone(&vault), Arc::clone(&document));
        Box::pin(async move {
            let Some(found) = hold(tx, org, &vault, id).await? else {
                return Ok(Submitted::Missing);
            };
            match found.state {
                State::Received | State::Ready => return Ok(Submitted::Received(found.reference)),
                State::Released if !comes_back(&found, &document) => {
                    return Ok(Submitted::Otherwise(found.state));
                }
                _ => {}
            }
            let Some(sent) = found.state.after(Change::Submit) else {
                return Ok(Submitted::Otherwise(found.state));
            };
            if !is_complete(&found.content, &document) {
                return Ok(Submitted::NotComplete);
            }
            if found.state == State::Draft {
                if !desks::hold(tx, org, found.desk).await? {
                    return Ok(Submitted::Closed);
                }
                if let Some(most) = document.document().hours.capacity
                    && counted(tx, org, found.desk, now).await? >= i64::from(most)
                {
                    return Ok(Submitted::Full);
                }
            }
            send(tx, (org, &vault), &found, (&document, sent), now).await?;
            Ok(Submitted::Received(found.reference))
        })
    })
    .await
}

async fn send(
    tx: &mut Tx,
    (org, vault): (OrgId, &OrgVault),
    found: &Application,
    (document, sent): (&DeskDocument, State),
    now: Millis,
) -> Result<(), DbError> {
    let passed = (!document.document().review.precheck).then(|| sent.after(Change::Pass));
    let state = passed.flatten().unwrap_or(sent);
    let birth = found.content.applicant.birth;
    let birth = birth.map(|birth| link::birth_index(vault, found.id, birth));
    tx.execute(SENT, params![org, found.id, state.code(), now, birth])
        .await?;
    tx.execute(DROP_KEYS, params![org, found.id]).await?;
    for (kind, key) in found.content.applicant.keys(vault) {
        tx.execute(ADD_KEY, params![org, key, found.id, kind]).await?;
    }
    let event = NewEvent {
        kind: if found.state == State::Draft {
            "received"
        } else {
            "resubmitted"
        },
        ..NewEvent::default()
    };
    add_event(tx, org, vault, found.id, event, now).await
}

/// Whether what the person was told asks for something again.
fn comes_back(found: &Application, document: &DeskDocument) -> bool {
    found
        .told
        .as_ref()
        .is_some_and(|told| !document.asked_again(told).is_empty())
}

/// Whether everything is there. Photos are held against their rule by whoever keeps them.
fn is_complete(content: &Content, document: &DeskDocument) -> bool {
    let says = document.document();
    let consented = content.consent.as_ref();
    consented.is_some_and(|given| given.version == says.consent.version)
        && matches!(
            document.verdict(&content.eligibility),
            crate::document::Verdict::GoOn
        )
        && says.fields.iter().all(|field| content.applicant.has(*field))
        && (says.kits.is_empty() || content.kit.is_some())
        && content.answers.is_complete(document.form())
}

async fn counted(tx: &mut Tx, org: OrgId, desk: DeskId, now: Millis) -> Result<i64, DbError> {
    let row = tx
        .query_opt(COUNTED, params![org, desk, japan_midnight(now)])
        .await?;
    row.map_or(Ok(0), |row| row.get(0))
}

/// How many applications a desk has taken since midnight in Japan.
pub async fn counted_today(db: &Db, org: OrgId, desk: DeskId) -> Result<i64, DbError> {
    let row = db
        .query_opt(COUNTED, params![org, desk, japan_midnight(db.now())])
        .await?;
    row.map_or(Ok(0), |row| row.get(0))
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

/// What a clerk decides about an application that was received.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Precheck {
    /// It goes to whoever decides, with this priority.
    Pass {
        /// Higher goes first.
        priority: u32,
    },
    /// Something is asked again, under a name of the desk's document.
    SendBack {
        /// Its name.
        what: Key,
    },
}

/// Carries out what a clerk decided, if the application is still what the clerk looked at (`seen`, its `changes`).
pub async fn precheck(
    db: &Db,
    org: OrgId,
    (id, seen): (ApplicationId, i64),
    precheck: Precheck,
    (by, note): (StaffId, String),
) -> Result<Changed, DbError> {
    let change = match &precheck {
        Precheck::Pass { .. } => Change::Pass,
        Precheck::SendBack { .. } => Change::SendBack,
    };
    let (what, priority) = match precheck {
        Precheck::Pass { priority } => (None, Some(priority)),
        Precheck::SendBack { what } => (Some(what), None),
    };
    let moved = Moved {
        id,
        seen: Some(seen),
        change,
        what,
        priority,
        by: Some(by),
        note,
    };
    change_state(db, org, moved).await
}

/// The person takes it back.
pub async fn withdraw_application(db: &Db, org: OrgId, id: ApplicationId) -> Result<Changed, DbError> {
    change_state(db, org, Moved::by_itself(id, Change::Withdraw)).await
}

struct Moved {
    id: ApplicationId,
    seen: Option<i64>,
    change: Change,
    what: Option<Key>,
    priority: Option<u32>,
    by: Option<StaffId>,
    note: String,
}

impl Moved {
    fn by_itself(id: ApplicationId, change: Change) -> Self {
        Self {
            id,
            seen: None,
            change,
            what: None,
            priority: None,
            by: None,
            note: String::new(),
        }
    }

    fn event(&self) -> &'static str {
        match self.change {
            Change::Pass => "passed",
            Change::SendBack => "sent_back",
            Change::Withdraw => "withdrawn",
            _ => "expired",
        }
    }
}

async fn change_state(db: &Db, org: OrgId, moved: Moved) -> Result<Changed, DbError> {
    let (vault, now, moved) = (db.vault(org).await?, db.now(), Arc::new(moved));
    db.write(move |tx| {
        let (vault, moved) = (Arc::clone(&vault), Arc::clone(&moved));
        Box::pin(async move { change_state_in(tx, org, &vault, &moved, now).await })
    })
    .await
}

async fn change_state_in(
    tx: &mut Tx,
    org: OrgId,
    vault: &OrgVault,
    moved: &Moved,
    now: Millis,
) -> Result<Changed, DbError> {
    let id = moved.id;
    let Some(found) = hold(tx, org, vault, id).await? else {
        return Ok(Changed::Missing);
    };
    // Whoever decides has it to themselves.
    let held = found.state == State::Ready && moved.by.is_some() && found.held(now).is_some();
    let fresh = moved.seen.is_none_or(|seen| seen == found.changes);
    let Some(state) = found.state.after(moved.change).filter(|_| fresh && !held) else {
        return Ok(Changed::Otherwise(Box::new(found)));
    };
    let owes = moved.what.clone().map(|what| Outcome::SentBack(what).code());
    let what = moved.what.as_ref().map(|what| what.as_str().to_owned());
    tx.execute(MOVE, params![org, id, state.code(), now, owes, what.clone()])
        .await?;
    if let Some(priority) = moved.priority.filter(|priority| *priority != found.priority) {
        tx.execute(SET_PRIORITY, params![org, id, i64::from(priority)])
            .await?;
    }
    let event = NewEvent {
        kind: moved.event(),
        by: moved.by,
        detail: what.as_deref(),
        note: Some(&moved.note),
    };
    add_event(tx, org, vault, id, event, now).await?;
    Ok(Changed::Done)
}

/// Ends drafts that nobody finished and what was sent back and never came again. Says how many.
pub async fn expire(db: &Db, org: OrgId) -> Result<usize, DbError> {
    let now = db.now();
    let mut ended = 0;
    for (state, kept) in [(State::Draft, DRAFT_KEPT), (State::SentBack, SENT_BACK_KEPT)] {
        let overdue = params![org, state.code(), now - kept, SETTLED_PER_STEP];
        for row in db.query(OVERDUE, overdue).await? {
            let changed = change_state(db, org, Moved::by_itself(row.get(0)?, Change::Expire)).await?;
            ended += usize::from(changed == Changed::Done);
        }
    }
    Ok(ended)
}

/// Why two applications may be of one person.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Alike {
    /// The same number; families share one.
    Phone,
    /// The same kana and birth date.
    Kana,
    /// The same name and birth date.
    Name,
    /// The very same picture.
    Photo,
}

impl Alike {
    fn from_kind(kind: i64) -> Option<Self> {
        Some(match kind {
            applicant::SAME_PHONE => Self::Phone,
            applicant::SAME_KANA => Self::Kana,
            applicant::SAME_NAME => Self::Name,
            applicant::SAME_PHOTO => Self::Photo,
            _ => return None,
        })
    }

    /// For staff.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Phone => "電話番号が同じ",
            Self::Kana => "フリガナと生年月日が同じ",
            Self::Name => "氏名と生年月日が同じ",
            Self::Photo => "写真が同じ",
        }
    }
}

/// Another application that may be of the same person: told to staff, and never in anybody's way.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Twin {
    /// Its number.
    pub id: ApplicationId,
    /// At which desk.
    pub desk: DeskId,
    /// 受付番号.
    pub reference: Reference,
    /// Where it stands.
    pub state: State,
    /// When it was begun.
    pub started_at: Millis,
    /// What was decided.
    pub decision: Option<Decision>,
    /// In what both are alike.
    pub alike: Vec<Alike>,
}

/// Other applications of the last weeks that may be of the same person, at any desk, the newest first.
pub async fn twins(db: &Db, org: OrgId, id: ApplicationId) -> Result<Vec<Twin>, DbError> {
    let since = db.now() - TWIN_DAYS * DAY;
    let rows = db.query(TWINS, params![org, id, since, ROWS_SHOWN]).await?;
    let mut twins: Vec<Twin> = Vec::new();
    for row in &rows {
        let (alike, id) = (word(Alike::from_kind(row.get(0)?))?, row.get(1)?);
        match twins.iter_mut().find(|twin| twin.id == id) {
            Some(twin) => twin.alike.push(alike),
            None => twins.push(Twin {
                id,
                desk: row.get(2)?,
                reference: row.get(3)?,
                state: word(State::from_code(&row.get::<String>(4)?))?,
                started_at: row.get(5)?,
                decision: optional(row, 6, Decision::from_code)?,
                alike: vec![alike],
            }),
        }
    }
    Ok(twins)
}

/// Notes in a write that an application has a picture of these bytes (their hash).
pub async fn add_photo_key(
    tx: &mut Tx,
    org: OrgId,
    vault: &OrgVault,
    id: ApplicationId,
    hash: &str,
) -> Result<(), DbError> {
    let key = applicant::hash(vault, "application photo", &[hash]);
    tx.execute(ADD_KEY, params![org, key, id, applicant::SAME_PHOTO])
        .await
        .map(drop)
}
