//! Sent, looked at by a clerk, sent back and sent once more, taken back, never finished.

use std::sync::Arc;

use base::clock::{Millis, japan_midnight};
use base::id::{ApplicationId, DeskId, OrgId, StaffId};
use db::{Db, DbError, OrgVault, Reference, Tx, params};
use messaging::store::retention::holds;
use messaging::store::{forget_desk_person, free_desk_link};

use super::applications::{Changed, NewEvent, add_event, hold};
use super::{desks, erase, photos, twins};
use crate::application::link::birth_index;
use crate::application::{Application, Change, Content, State};
use crate::document::{DeskDocument, Outcome, Verdict};
use crate::form::Key;
use crate::limits::{DRAFT_KEPT, SENT_BACK_KEPT, SETTLED_PER_STEP};

db::statements! {
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
            let shown = photos::are_complete(tx, org, &found, &document).await?;
            if !shown || !is_complete(&found.content, &document) {
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
    let birth = birth.map(|birth| birth_index(vault, found.id, birth));
    tx.execute(SENT, params![org, found.id, state.code(), now, birth])
        .await?;
    if found.state == State::Draft && found.content.known_by_link {
        forget_desk_person(tx, org, found.id).await?;
    }
    twins::keep_keys(tx, org, vault, found).await?;
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
pub(super) fn comes_back(found: &Application, document: &DeskDocument) -> bool {
    found
        .told
        .as_ref()
        .is_some_and(|told| !document.asked_again(told).is_empty())
}

/// Whether everything but the photos is there.
fn is_complete(content: &Content, document: &DeskDocument) -> bool {
    let says = document.document();
    let consented = content.consent.as_ref();
    consented.is_some_and(|given| given.version == says.consent.version)
        && matches!(document.verdict(&content.eligibility), Verdict::GoOn)
        && says.fields.iter().all(|field| content.applicant.has(*field))
        && (says.unproved_phone || content.applicant.phone_proved_at.is_some())
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
        keeps: false,
    };
    change_state(db, org, moved).await
}

/// The person takes it back.
pub async fn withdraw_application(db: &Db, org: OrgId, id: ApplicationId) -> Result<Changed, DbError> {
    change_state(db, org, Moved::by_itself(id, Change::Withdraw)).await
}

/// A clerk takes it back for the person, who asked for that in some other way; `note` says how.
pub async fn withdraw_for(
    db: &Db,
    org: OrgId,
    (id, seen): (ApplicationId, i64),
    (by, note): (StaffId, String),
) -> Result<Changed, DbError> {
    let moved = Moved {
        seen: Some(seen),
        by: Some(by),
        note,
        ..Moved::by_itself(id, Change::Withdraw)
    };
    change_state(db, org, moved).await
}

struct Moved {
    id: ApplicationId,
    seen: Option<i64>,
    change: Change,
    what: Option<Key>,
    priority: Option<u32>,
    by: Option<StaffId>,
    note: String,
    /// What was filled in is held.
    keeps: bool,
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
            keeps: false,
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
    if matches!(state, State::Expired | State::Withdrawn) && found.received_at.is_none() {
        never_sent(tx, org, (&found, state, moved.keeps), now).await?;
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

/// Nobody needs what was filled in, unless it is held; a link that it was begun with begins another one, unless it was taken back.
async fn never_sent(
    tx: &mut Tx,
    org: OrgId,
    (found, state, is_held): (&Application, State, bool),
    now: Millis,
) -> Result<(), DbError> {
    if found.content.known_by_link {
        match state {
            State::Expired => free_desk_link(tx, org, found.id).await?,
            _ => forget_desk_person(tx, org, found.id).await?,
        }
    }
    if is_held {
        return Ok(());
    }
    erase::erase_in(tx, org, found.id, now).await
}

/// Ends drafts that nobody finished and what was sent back and never came again. Says how many.
pub async fn expire(db: &Db, org: OrgId) -> Result<usize, DbError> {
    let now = db.now();
    let mut ended = 0;
    for (state, kept) in [(State::Draft, DRAFT_KEPT), (State::SentBack, SENT_BACK_KEPT)] {
        let overdue = params![org, state.code(), now - kept, SETTLED_PER_STEP];
        let overdue = db.query(OVERDUE, overdue).await?;
        if overdue.is_empty() {
            continue;
        }
        let holds = holds(db, org).await?;
        for row in overdue {
            let id = row.get(0)?;
            let moved = Moved {
                keeps: holds.iter().any(|hold| hold.scope.keeps(id)),
                ..Moved::by_itself(id, Change::Expire)
            };
            let changed = change_state(db, org, moved).await?;
            ended += usize::from(changed == Changed::Done);
        }
    }
    Ok(ended)
}
