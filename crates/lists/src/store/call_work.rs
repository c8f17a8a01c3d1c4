//! Statements of working through the call list: who has whom to themselves, and what came of it.
//!
//! Every write of this file takes its turn first (`take_numbers("calls", 0)`), so what it reads stays true until it
//! commits, on both databases and with any number of nodes.

use std::sync::Arc;

use base::clock::Millis;
use base::id::{CallId, CaseId, OfficeId, OrgId, StaffId};
use db::{Db, DbError, OrgVault, Tx, Work, params};

use super::calls::{EVENT_NOTE, NUMBER, opened};
use crate::calls::{CallAttempt, CallOutcome, CallResult, LEASE, Lease, Mark, Marked, Taken, Which};
use crate::contacts::Key;

db::statements! {
    MINE = "
        SELECT call_id FROM calls
        WHERE org_id = $1 AND leased_by = $2 AND leased_until > $3 AND closed_at IS NULL
            AND office_id = COALESCE($4, office_id)
        ORDER BY leased_until DESC LIMIT 1";
    NEXT = "
        SELECT c.call_id, c.number_sealed, c.number_index FROM calls c
        WHERE c.org_id = $1 AND c.closed_at IS NULL AND c.office_id = COALESCE($2, c.office_id)
            AND COALESCE(c.due_at, 0) <= $3
            AND (COALESCE(c.leased_until, 0) <= $3 OR c.leased_by = $4)
            AND NOT EXISTS (SELECT 1 FROM calls o
                WHERE +o.org_id = c.org_id AND o.number_index = c.number_index AND o.closed_at IS NULL
                    AND o.leased_until > $3 AND o.leased_by <> $4)
        ORDER BY c.priority DESC, c.added_at, c.call_id LIMIT 1";
    STANDING = "
        SELECT closed_at, leased_by, leased_until, number_sealed, number_index, office_id FROM calls
        WHERE org_id = $1 AND call_id = $2 AND office_id = COALESCE($3, office_id)";
    NUMBER_HELD = "
        SELECT o.leased_by, o.leased_until FROM calls o
        WHERE +o.org_id = $1 AND o.number_index = $2 AND o.closed_at IS NULL
            AND o.leased_until > $3 AND o.leased_by <> $4
        ORDER BY o.leased_until DESC LIMIT 1";
    KNOW_NUMBER = "UPDATE calls SET number_index = $3 WHERE org_id = $1 AND call_id = $2";
    LET_GO = "
        UPDATE calls SET leased_by = NULL, leased_until = NULL
        WHERE org_id = $1 AND leased_by = $2 AND call_id <> $3";
    LEASE_IT = "UPDATE calls SET leased_by = $3, leased_until = $4 WHERE org_id = $1 AND call_id = $2";
    GIVE_BACK = "
        UPDATE calls SET leased_by = NULL, leased_until = NULL
        WHERE org_id = $1 AND call_id = $2 AND leased_by = $3 AND office_id = COALESCE($4, office_id)
            AND closed_at IS NULL";
    CLOSE = "
        UPDATE calls SET outcome = $3, closed_by = $4, closed_at = $5, leased_by = NULL, leased_until = NULL
        WHERE org_id = $1 AND call_id = $2";
    TRIED = "
        UPDATE calls SET tries = tries + 1, due_at = $3, leased_by = NULL, leased_until = NULL
        WHERE org_id = $1 AND call_id = $2";
    HAND_OVER = "
        UPDATE calls SET office_id = $3, moves_to = NULL, leased_by = NULL, leased_until = NULL
        WHERE org_id = $1 AND call_id = $2";
    HAND_OVER_LATER = "
        UPDATE calls SET moves_to = CAST($3 AS {bigint}) WHERE org_id = $1 AND call_id = $2";
    CORRECT_NUMBER = "
        UPDATE calls SET number_sealed = $3, number_index = $4, due_at = NULL, leased_by = NULL,
            leased_until = NULL
        WHERE org_id = $1 AND call_id = $2";
    NUMBER_OF_CASE = "
        SELECT call_id, number_sealed FROM calls WHERE org_id = $1 AND case_id = $2 AND closed_at IS NULL";
    OPEN_OF_CASE = "
        SELECT call_id, office_id, moves_to, leased_until FROM calls
        WHERE org_id = $1 AND case_id = $2 AND closed_at IS NULL";
    ADD_EVENT = "
        INSERT INTO call_events (org_id, call_id, event_no, at, staff_id, outcome, attempt, from_office_id,
            note_sealed)
        SELECT $1, $2, COALESCE(MAX(event_no), 0) + 1, $3, $4, $5, $6, $7, $8
        FROM call_events WHERE org_id = $1 AND call_id = $2";
}

/// Gives a caller somebody to telephone, and that person's number, to themselves for [`LEASE`], in the write that
/// shows it to them. Whom they had before they let go. A caller has one person at a time.
pub async fn take(
    tx: &mut Tx,
    org: OrgId,
    vault: &OrgVault,
    office: Option<OfficeId>,
    staff: StaffId,
    which: Which,
    now: Millis,
) -> Result<Taken, DbError> {
    let mut taking = Taking {
        tx,
        org,
        vault,
        office,
        staff,
        now,
    };
    taking.tx.take_numbers("calls", 0).await?;
    match which {
        Which::Next => taking.next().await,
        Which::This(call) => taking.this(call).await,
    }
}

struct Taking<'a> {
    tx: &'a mut Tx,
    org: OrgId,
    vault: &'a OrgVault,
    office: Option<OfficeId>,
    staff: StaffId,
    now: Millis,
}

impl Taking<'_> {
    async fn next(&mut self) -> Result<Taken, DbError> {
        let (org, office, staff, now) = (self.org, self.office, self.staff, self.now);
        if let Some(mine) = self.tx.query_opt(MINE, params![org, staff, now, office]).await? {
            return self.lease(mine.get(0)?, true).await;
        }
        // Ends: a number that turns out to be somebody's is known from then on, and not found again.
        while let Some(row) = self.tx.query_opt(NEXT, params![org, office, now, staff]).await? {
            let call: CallId = row.get(0)?;
            let known: Option<Key> = row.get(2)?;
            let held = match known {
                // Found to be nobody else's.
                Some(_) => None,
                None => match self.learn(call, row.get(1)?).await? {
                    Some(key) => self.number_held(key).await?,
                    None => None,
                },
            };
            if held.is_none() {
                return self.lease(call, false).await;
            }
        }
        Ok(Taken::Nobody)
    }

    async fn this(&mut self, call: CallId) -> Result<Taken, DbError> {
        let (org, office) = (self.org, self.office);
        let Some(row) = self.tx.query_opt(STANDING, params![org, call, office]).await? else {
            return Ok(Taken::Missing);
        };
        let standing = Standing::of(&row)?;
        if standing.is_closed {
            return Ok(Taken::Closed);
        }
        if let Some(held) = standing.held_by_another(self.staff, self.now) {
            return Ok(Taken::Held(held));
        }
        let key = match row.get::<Option<Key>>(4)? {
            Some(key) => Some(key),
            None => self.learn(call, row.get(3)?).await?,
        };
        if let Some(key) = key
            && let Some(held) = self.number_held(key).await?
        {
            return Ok(Taken::Held(held));
        }
        self.lease(call, standing.is_held(self.now)).await
    }

    /// The key of a number that was entered when only mobile numbers got one.
    async fn learn(&mut self, call: CallId, sealed: Option<String>) -> Result<Option<Key>, DbError> {
        let number = opened(self.vault, NUMBER, call, sealed)?;
        let key = number.and_then(|number| Key::of_call(self.vault, &number));
        if let Some(key) = key {
            self.tx.execute(KNOW_NUMBER, params![self.org, call, key]).await?;
        }
        Ok(key)
    }

    async fn number_held(&mut self, key: Key) -> Result<Option<Lease>, DbError> {
        let params = params![self.org, key, self.now, self.staff];
        let row = self.tx.query_opt(NUMBER_HELD, params).await?;
        row.map(|row| {
            Ok(Lease {
                by: row.get(0)?,
                until: row.get(1)?,
            })
        })
        .transpose()
    }

    async fn lease(&mut self, call: CallId, again: bool) -> Result<Taken, DbError> {
        self.tx
            .execute(LET_GO, params![self.org, self.staff, call])
            .await?;
        lease(self.tx, self.org, call, self.staff, self.now).await?;
        Ok(Taken::Yours { call, again })
    }
}

async fn lease(tx: &mut Tx, org: OrgId, call: CallId, staff: StaffId, now: Millis) -> Result<(), DbError> {
    tx.execute(LEASE_IT, params![org, call, staff, now + LEASE])
        .await
        .map(drop)
}

/// How an entry stands, inside a write that has its turn.
struct Standing {
    is_closed: bool,
    lease: Option<Lease>,
    office: OfficeId,
}

impl Standing {
    fn of(row: &db::Row) -> Result<Self, DbError> {
        let lease = row.get::<Option<StaffId>>(1)?.zip(row.get::<Option<Millis>>(2)?);
        Ok(Self {
            is_closed: row.get::<Option<Millis>>(0)?.is_some(),
            lease: lease.map(|(by, until)| Lease { by, until }),
            office: row.get(5)?,
        })
    }

    fn is_held(&self, now: Millis) -> bool {
        self.lease.is_some_and(|lease| lease.until > now)
    }

    fn held_by_another(&self, staff: StaffId, now: Millis) -> Option<Lease> {
        self.lease.filter(|lease| lease.until > now && lease.by != staff)
    }
}

/// Makes the lease last [`LEASE`] from now on. One that ran out meanwhile is taken again, if nobody else has the
/// person or the number. [`Taken::Nobody`] where this caller is not the one who had it last.
pub async fn renew(
    db: &Db,
    org: OrgId,
    office: Option<OfficeId>,
    staff: StaffId,
    id: CallId,
) -> Result<Taken, DbError> {
    let (vault, now) = (db.vault(org).await?, db.now());
    db.write(move |tx| {
        let vault = Arc::clone(&vault);
        Box::pin(async move {
            tx.take_numbers("calls", 0).await?;
            if let Some(row) = tx.query_opt(STANDING, params![org, id, office]).await? {
                let standing = Standing::of(&row)?;
                let was_mine = standing.lease.is_some_and(|lease| lease.by == staff);
                if !standing.is_closed && !standing.is_held(now) && !was_mine {
                    return Ok(Taken::Nobody);
                }
            }
            take(tx, org, &vault, office, staff, Which::This(id), now).await
        })
    })
    .await
}

/// Puts an entry back without a call. `false` if this caller does not have it.
pub async fn give_back(
    tx: &mut Tx,
    org: OrgId,
    office: Option<OfficeId>,
    staff: StaffId,
    id: CallId,
) -> Result<bool, DbError> {
    tx.take_numbers("calls", 0).await?;
    Ok(tx.execute(GIVE_BACK, params![org, id, staff, office]).await? == 1)
}

/// What is done in a turn with an entry that is open and nobody else's; is told the office that has it.
type Deed = dyn for<'t> Fn(&'t mut Tx, Arc<OrgVault>, OfficeId, Millis) -> Work<'t, ()> + Send + Sync;

async fn with_open(
    db: &Db,
    org: OrgId,
    office: Option<OfficeId>,
    (id, staff): (CallId, StaffId),
    deed: Arc<Deed>,
) -> Result<Marked, DbError> {
    let (vault, now) = (db.vault(org).await?, db.now());
    db.write(move |tx| {
        let (vault, deed) = (Arc::clone(&vault), Arc::clone(&deed));
        Box::pin(async move {
            tx.take_numbers("calls", 0).await?;
            let Some(row) = tx.query_opt(STANDING, params![org, id, office]).await? else {
                return Ok(Marked::Missing);
            };
            let standing = Standing::of(&row)?;
            if standing.is_closed {
                return Ok(Marked::Closed);
            }
            if let Some(held) = standing.held_by_another(staff, now) {
                return Ok(Marked::Held(held));
            }
            deed(tx, vault, standing.office, now).await?;
            Ok(Marked::Kept)
        })
    })
    .await
}

/// Keeps an attempt, or closes the entry; either ends the lease. Whoever has no lease may do so as long as nobody
/// else has one.
pub async fn mark(
    db: &Db,
    org: OrgId,
    office: Option<OfficeId>,
    id: CallId,
    mark: Mark,
) -> Result<Marked, DbError> {
    let (by, mark) = (mark.by, Arc::new(mark));
    let deed: Arc<Deed> = Arc::new(move |tx, vault, _, now| {
        let mark = Arc::clone(&mark);
        Box::pin(async move {
            let (outcome, attempt) = match mark.result {
                CallResult::Done(outcome) => {
                    let closing = params![org, id, outcome.as_str(), by, now];
                    tx.execute(CLOSE, closing).await?;
                    (Some(outcome.as_str()), None)
                }
                CallResult::Tried { attempt, due } => {
                    tx.execute(TRIED, params![org, id, due]).await?;
                    (None, Some(attempt.as_str()))
                }
            };
            let note = mark.note.as_deref();
            let note = note.map(|note| vault.seal(EVENT_NOTE, id.get(), note));
            let event = params![org, id, now, by, outcome, attempt, None::<OfficeId>, note];
            tx.execute(ADD_EVENT, event).await.map(drop)
        })
    });
    with_open(db, org, office, (id, by), deed).await
}

/// Gives the entry to another office; what was done about it goes along.
pub async fn hand_over(
    db: &Db,
    org: OrgId,
    office: Option<OfficeId>,
    id: CallId,
    to: OfficeId,
    (by, note): (StaffId, Option<String>),
) -> Result<Marked, DbError> {
    let note: Option<Arc<str>> = note.map(Into::into);
    let deed: Arc<Deed> = Arc::new(move |tx, vault, from, now| {
        let note = note.clone();
        Box::pin(async move {
            tx.execute(HAND_OVER, params![org, id, to]).await?;
            let note = note.map(|note| vault.seal(EVENT_NOTE, id.get(), &note));
            let (outcome, attempt): (Option<&str>, Option<&str>) = (None, None);
            let event = params![org, id, now, by, outcome, attempt, Some(from), note];
            tx.execute(ADD_EVENT, event).await.map(drop)
        })
    });
    with_open(db, org, office, (id, by), deed).await
}

/// Keeps that somebody else answered. With the right number the entry goes on under it, due at once, and has to be
/// taken again: somebody else may be talking to that number.
pub async fn wrong_number(
    db: &Db,
    org: OrgId,
    office: Option<OfficeId>,
    id: CallId,
    corrected: Option<String>,
    (by, note): (StaffId, String),
) -> Result<Marked, DbError> {
    let words: Arc<(Option<String>, String)> = Arc::new((corrected, note));
    let deed: Arc<Deed> = Arc::new(move |tx, vault, _, now| {
        let words = Arc::clone(&words);
        Box::pin(async move {
            let (corrected, note) = &*words;
            if let Some(number) = corrected {
                let sealed = vault.seal(NUMBER, id.get(), number);
                let key = Key::of_call(&vault, number);
                tx.execute(CORRECT_NUMBER, params![org, id, sealed, key]).await?;
            }
            let note = vault.seal(EVENT_NOTE, id.get(), note);
            let (outcome, attempt) = (None::<&str>, CallAttempt::WrongPerson.as_str());
            let event = params![org, id, now, by, outcome, attempt, None::<OfficeId>, note];
            tx.execute(ADD_EVENT, event).await.map(drop)
        })
    });
    with_open(db, org, office, (id, by), deed).await
}

/// Settles the open entry of a case, in the write by which nobody has to be telephoned any more, whoever has the person
/// at the moment. `false` if the case has none.
pub async fn settle_case(
    tx: &mut Tx,
    org: OrgId,
    vault: &OrgVault,
    (case, outcome): (CaseId, CallOutcome),
    (by, note): (StaffId, &str),
    now: Millis,
) -> Result<bool, DbError> {
    tx.take_numbers("calls", 0).await?;
    let Some(row) = tx.query_opt(OPEN_OF_CASE, params![org, case]).await? else {
        return Ok(false);
    };
    let id: CallId = row.get(0)?;
    tx.execute(CLOSE, params![org, id, outcome.as_str(), by, now])
        .await?;
    let note = vault.seal(EVENT_NOTE, id.get(), note);
    let (attempt, from) = (None::<&str>, None::<OfficeId>);
    let event = params![
        org,
        id,
        now,
        by,
        Some(outcome.as_str()),
        attempt,
        from,
        Some(note)
    ];
    tx.execute(ADD_EVENT, event).await?;
    Ok(true)
}

/// The open entry of a case goes to another office together with the case; a call that is being made stays with its
/// caller until it ends ([`move_on`](super::call_ends::move_on)). `false` if there is none, or it is there.
pub async fn hand_over_case(
    tx: &mut Tx,
    org: OrgId,
    case: CaseId,
    (to, by): (OfficeId, StaffId),
    now: Millis,
) -> Result<bool, DbError> {
    tx.take_numbers("calls", 0).await?;
    let Some(row) = tx.query_opt(OPEN_OF_CASE, params![org, case]).await? else {
        return Ok(false);
    };
    let (id, at): (CallId, OfficeId) = (row.get(0)?, row.get(1)?);
    let from = row.get::<Option<OfficeId>>(2)?.unwrap_or(at);
    if from == to {
        return Ok(false);
    }
    let is_held = row.get::<Option<Millis>>(3)?.is_some_and(|until| until > now);
    let moving = if is_held { HAND_OVER_LATER } else { HAND_OVER };
    tx.execute(moving, params![org, id, to]).await?;
    let (outcome, attempt, note) = (None::<&str>, None::<&str>, None::<String>);
    let event = params![org, id, now, by, outcome, attempt, Some(from), note];
    tx.execute(ADD_EVENT, event).await?;
    Ok(true)
}

/// The person of a case has another number, or none: whoever takes the open entry next dials that one. Whoever has it
/// at the moment lets it go, as after a wrong number. With `from`, only an entry with that number. `false` if there is
/// no such entry, or it has the other number.
pub async fn renumber_case(
    tx: &mut Tx,
    org: OrgId,
    vault: &OrgVault,
    case: CaseId,
    (from, number): (Option<&str>, Option<&str>),
) -> Result<bool, DbError> {
    tx.take_numbers("calls", 0).await?;
    let Some(row) = tx.query_opt(NUMBER_OF_CASE, params![org, case]).await? else {
        return Ok(false);
    };
    let id: CallId = row.get(0)?;
    let before = opened(vault, NUMBER, id, row.get(1)?)?;
    if before.as_deref() == number || from.is_some() && before.as_deref() != from {
        return Ok(false);
    }
    let sealed = number.map(|number| vault.seal(NUMBER, id.get(), number));
    let key = number.and_then(|number| Key::of_call(vault, number));
    tx.execute(CORRECT_NUMBER, params![org, id, sealed, key]).await?;
    Ok(true)
}
