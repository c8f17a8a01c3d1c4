//! Who has an application to themselves, and what they do with it.
//!
//! A decision names the review that it was made in. A review gets a new number each time that an application is taken
//! up, so of two people who have the same application on their screens only the later one can decide, whatever their
//! clocks say; and what the other one typed is kept all the same.

use std::sync::Arc;

use base::clock::Millis;
use base::id::{ApplicationId, CallId, DeskId, OrgId, StaffId};
use db::{Db, DbError, Field, OrgVault, Tx, params};
use lists::calls::CallReason;

use super::applications::{NewEvent, add_event, hold};
use super::deciding::Deciding;
use crate::application::{Application, LEASE, LEAVING, Lease, Parked, State};
use crate::call::{Call, call};
use crate::document::{Decision, DeskDocument};
use crate::limits::COMMENT_LETTERS;

macro_rules! next {
    ($free:literal) => {
        concat!(
            "WITH next AS MATERIALIZED (
                SELECT a.application_id FROM applications a
                WHERE a.org_id = $1 AND a.desk_id = $2 AND a.state = 'ready' AND a.parked IS NULL
                    AND COALESCE(a.reviewer_until, 0) <= $3 ",
            $free,
            " ORDER BY a.priority DESC, a.received_at, a.application_id LIMIT 1 {skip_locked a})
            UPDATE applications SET review_no = review_no + 1, reviewer = $4, reviewer_until = $5
            FROM next WHERE applications.org_id = $1 AND applications.application_id = next.application_id
            RETURNING applications.application_id, applications.review_no"
        )
    };
}

db::statements! {
    MINE = "
        SELECT application_id, review_no FROM applications
        WHERE org_id = $1 AND reviewer = $2 AND reviewer_until > $3 AND desk_id = $4 AND state = 'ready'
            AND parked IS NULL
        ORDER BY reviewer_until DESC LIMIT 1";
    /// The queue's own index gives them in this order; what others have in front, or set aside, is a handful.
    NEXT = next!("AND COALESCE(a.ahead_until, 0) <= $3");
    /// Nothing waits but what is set aside for people who are busy: nobody sits idle for that.
    NEXT_OF_ALL = next!("");
    TAKE = "
        UPDATE applications SET review_no = review_no + 1, reviewer = $3, reviewer_until = $4, parked = NULL
        WHERE org_id = $1 AND application_id = $2
        RETURNING review_no";
    RENEW = "
        UPDATE applications SET reviewer_until = $5
        WHERE org_id = $1 AND application_id = $2 AND review_no = $3 AND reviewer = $4 AND state = 'ready'
            AND parked IS NULL";
    LEAVE = "
        UPDATE applications SET reviewer_until = $5
        WHERE org_id = $1 AND application_id = $2 AND review_no = $3 AND reviewer = $4 AND state = 'ready'
            AND reviewer_until > $5";
    LET_GO = "
        UPDATE applications SET reviewer = NULL, reviewer_until = NULL
        WHERE org_id = $1 AND reviewer = $2 AND application_id <> $3 AND state = 'ready'";
    GIVE_BACK = "
        UPDATE applications SET reviewer = NULL, reviewer_until = NULL
        WHERE org_id = $1 AND application_id = $2 AND review_no = $3 AND reviewer = $4 AND state = 'ready'";
    PARK = "
        UPDATE applications SET parked = $3, parked_at = $4, call_id = COALESCE($5, call_id), changes = changes + 1,
            reviewer = NULL, reviewer_until = NULL
        WHERE org_id = $1 AND application_id = $2";
    UNPARK = "
        UPDATE applications SET parked = NULL, changes = changes + 1
        WHERE org_id = $1 AND application_id = $2 AND parked IS NOT NULL";
    BEGIN_REVIEW = "
        INSERT INTO application_reviews (org_id, application_id, review_no, staff_id, begun_at)
        VALUES ($1, $2, $3, $4, $5)";
    END_REVIEW = "
        UPDATE application_reviews SET ended_at = $4, ended = $5
        WHERE org_id = $1 AND application_id = $2 AND review_no = $3 AND ended_at IS NULL";
    KEEP_COMMENT = "
        UPDATE application_reviews SET comment_sealed = $5
        WHERE org_id = $1 AND application_id = $2 AND review_no = $3 AND staff_id = $4";
    REVIEWS = "
        SELECT review_no, staff_id, begun_at, ended_at, ended, comment_sealed FROM application_reviews
        WHERE org_id = $1 AND application_id = $2 ORDER BY review_no DESC";
}

const COMMENT: Field = Field("application_reviews.comment");

/// What came of asking for an application.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Claimed {
    /// It is yours, for [`LEASE`] from now.
    Yours(ApplicationId, Lease),
    /// Nothing waits.
    Nothing,
    /// Somebody else has it.
    Held(Lease),
    /// It does not wait for a decision.
    Otherwise(State),
    /// There is none.
    Missing,
}

/// Which one is asked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Wanted {
    /// The next one of the desk; the one that the person has already, if there is one.
    Next,
    /// This one, on hold or not.
    This(ApplicationId),
}

/// Gives somebody an application to themselves, inside of the write that shows it. Whichever they had before they let
/// go. One whose time is over goes to whoever asks next.
pub async fn claim(
    tx: &mut Tx,
    org: OrgId,
    vault: &OrgVault,
    (desk, wanted): (DeskId, Wanted),
    staff: StaffId,
    now: Millis,
) -> Result<Claimed, DbError> {
    let until = now + LEASE;
    let (id, review) = match wanted {
        Wanted::Next => {
            if let Some(row) = tx.query_opt(MINE, params![org, staff, now, desk]).await? {
                let (id, review) = (row.get(0)?, row.get(1)?);
                tx.execute(RENEW, params![org, id, review, staff, until]).await?;
                return Ok(yours(id, review, staff, until));
            }
            match next_in_queue(tx, org, (desk, staff), (now, until)).await? {
                Some(taken) => taken,
                None => return Ok(Claimed::Nothing),
            }
        }
        Wanted::This(id) => {
            let Some(found) = hold(tx, org, vault, id).await?.filter(|found| found.desk == desk) else {
                return Ok(Claimed::Missing);
            };
            if found.state != State::Ready {
                return Ok(Claimed::Otherwise(found.state));
            }
            match found.held(now).filter(|_| found.parked.is_none()) {
                Some(lease) if lease.by == staff => {
                    tx.execute(RENEW, params![org, id, lease.review, staff, until])
                        .await?;
                    return Ok(yours(id, lease.review, staff, until));
                }
                Some(lease) => return Ok(Claimed::Held(lease)),
                None => {}
            }
            let row = tx.query_opt(TAKE, params![org, id, staff, until]).await?;
            let review = row.map_or(Ok(0), |row| row.get(0))?;
            (id, review)
        }
    };
    tx.execute(LET_GO, params![org, staff, id]).await?;
    begin_review(tx, org, id, (review, staff), now).await?;
    Ok(yours(id, review, staff, until))
}

/// What was set aside for this person, else the next that nobody has in front.
async fn next_in_queue(
    tx: &mut Tx,
    org: OrgId,
    (desk, staff): (DeskId, StaffId),
    (now, until): (Millis, Millis),
) -> Result<Option<(ApplicationId, i64)>, DbError> {
    let mut taken = super::ahead::take(tx, org, (desk, staff), (now, until)).await?;
    for sql in [NEXT, NEXT_OF_ALL] {
        if taken.is_none() {
            taken = tx.query_opt(sql, params![org, desk, now, staff, until]).await?;
        }
    }
    taken.map(|row| Ok((row.get(0)?, row.get(1)?))).transpose()
}

/// The review `review` of an application begins.
pub(super) async fn begin_review(
    tx: &mut Tx,
    org: OrgId,
    id: ApplicationId,
    (review, staff): (i64, StaffId),
    now: Millis,
) -> Result<(), DbError> {
    let row = params![org, id, review, staff, now];
    tx.execute(BEGIN_REVIEW, row).await.map(drop)
}

fn yours(id: ApplicationId, review: i64, by: StaffId, until: Millis) -> Claimed {
    Claimed::Yours(id, Lease { review, by, until })
}

/// A review by whoever has it on the screen.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Mine {
    /// The application.
    pub id: ApplicationId,
    /// The number of the review.
    pub review: i64,
    /// Who.
    pub staff: StaffId,
}

/// What became of something that was done in a review.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Done {
    /// It was done; with a decision, this is its number.
    Done(i64),
    /// Somebody else took it up since, and has it until then.
    Lost(Option<Lease>),
    /// It stands where this cannot be done; somebody else was faster.
    Otherwise(Box<Application>),
    /// The desk has no such reason.
    Unknown,
    /// There is none.
    Missing,
}

/// A sign of life, with what is typed so far. It is kept whoever has the application now; `false` if somebody else has.
pub async fn renew(db: &Db, org: OrgId, mine: Mine, comment: Option<String>) -> Result<bool, DbError> {
    let until = db.now() + LEASE;
    hold_until(db, org, mine, comment, (RENEW, until)).await
}

/// The page was closed, or loads itself again: the application goes to somebody else soon, and what was typed is kept.
/// Whoever comes back before that, or presses a key that was on its way, has lost nothing.
pub async fn leave(db: &Db, org: OrgId, mine: Mine, comment: Option<String>) -> Result<bool, DbError> {
    let until = db.now() + LEAVING;
    hold_until(db, org, mine, comment, (LEAVE, until)).await
}

async fn hold_until(
    db: &Db,
    org: OrgId,
    mine: Mine,
    comment: Option<String>,
    (sql, until): (db::Sql, Millis),
) -> Result<bool, DbError> {
    let vault = db.vault(org).await?;
    db.write(move |tx| {
        let (vault, comment) = (Arc::clone(&vault), comment.clone());
        Box::pin(async move {
            keep_comment(tx, org, &vault, mine, comment.as_deref()).await?;
            let lease = params![org, mine.id, mine.review, mine.staff, until];
            Ok(tx.execute(sql, lease).await? == 1)
        })
    })
    .await
}

async fn keep_comment(
    tx: &mut Tx,
    org: OrgId,
    vault: &OrgVault,
    mine: Mine,
    comment: Option<&str>,
) -> Result<(), DbError> {
    let Some(comment) = comment else { return Ok(()) };
    let comment: String = comment.chars().take(COMMENT_LETTERS).collect();
    let sealed = vault.seal(COMMENT, mine.id.get(), &comment);
    let row = params![org, mine.id, mine.review, mine.staff, sealed];
    tx.execute(KEEP_COMMENT, row).await.map(drop)
}

/// What is done with an application that one has to oneself.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Act {
    /// It is decided; can be taken back for `PROVISIONAL`.
    Decide(Decision),
    /// It waits aside until somebody takes it up again.
    Hold,
    /// The person is telephoned first: an entry of the call list.
    Phone,
    /// It goes back into the queue.
    GiveBack,
}

/// Does it, if the application is still in this review, and keeps the comment in any case.
///
/// A lease whose time is over is good as long as nobody else has taken the application up.
pub async fn act(
    db: &Db,
    org: OrgId,
    mine: Mine,
    (act, comment): (Act, Option<String>),
    document: &DeskDocument,
) -> Result<Done, DbError> {
    if let Act::Decide(decision) = &act
        && !document.knows(decision)
    {
        return Ok(Done::Unknown);
    }
    let (vault, now) = (db.vault(org).await?, db.now());
    let given = Arc::new((act, comment, document.clone()));
    db.write(move |tx| {
        let (vault, given) = (Arc::clone(&vault), Arc::clone(&given));
        Box::pin(async move {
            let (act, comment, document) = given.as_ref();
            keep_comment(tx, org, &vault, mine, comment.as_deref()).await?;
            let Some(found) = hold(tx, org, &vault, mine.id).await? else {
                return Ok(Done::Missing);
            };
            if found.state != State::Ready || found.parked.is_some() {
                return Ok(Done::Otherwise(Box::new(found)));
            }
            let review = found.lease.filter(|lease| lease.by == mine.staff);
            if review.is_none_or(|lease| lease.review != mine.review) {
                return Ok(Done::Lost(found.held(now)));
            }
            let reviewing = Reviewing {
                tx,
                org,
                vault: &vault,
                found: &found,
                mine,
                now,
            };
            reviewing.act(act, document, comment.as_deref()).await
        })
    })
    .await
}

struct Reviewing<'a> {
    tx: &'a mut Tx,
    org: OrgId,
    vault: &'a OrgVault,
    found: &'a Application,
    mine: Mine,
    now: Millis,
}

impl Reviewing<'_> {
    async fn act(
        mut self,
        act: &Act,
        document: &DeskDocument,
        comment: Option<&str>,
    ) -> Result<Done, DbError> {
        let (kind, done) = match act {
            Act::Decide(decision) => {
                let number = self.decide(decision, document).await?;
                return Ok(Done::Done(number));
            }
            Act::Hold => {
                self.park(Parked::Hold, None).await?;
                ("held", 0)
            }
            Act::Phone => {
                let asked = Call {
                    about: self.found,
                    reason: CallReason::ToBeAsked,
                    priority: self.found.priority,
                    why: comment.unwrap_or("判定の前に、電話で確かめてください。"),
                    by: Some(self.mine.staff),
                };
                let entry = call(self.tx, self.org, self.vault, &asked, self.now).await?;
                self.park(Parked::Phone, Some(entry)).await?;
                ("phone", entry.get())
            }
            Act::GiveBack => {
                let back = params![self.org, self.mine.id, self.mine.review, self.mine.staff];
                self.tx.execute(GIVE_BACK, back).await?;
                ("given_back", 0)
            }
        };
        self.end(kind).await?;
        self.event(kind, None).await?;
        Ok(Done::Done(done))
    }

    async fn decide(&mut self, decision: &Decision, document: &DeskDocument) -> Result<i64, DbError> {
        let deciding = Deciding {
            org: self.org,
            vault: self.vault,
            found: self.found,
            by: self.mine.staff,
            now: self.now,
        };
        let number = deciding.decide(self.tx, decision, document).await?;
        self.end("decided").await?;
        self.event("decided", Some(decision.code())).await?;
        Ok(number)
    }

    async fn park(&mut self, parked: Parked, entry: Option<CallId>) -> Result<(), DbError> {
        let row = params![self.org, self.mine.id, parked.code(), self.now, entry];
        self.tx.execute(PARK, row).await.map(drop)
    }

    async fn end(&mut self, how: &'static str) -> Result<(), DbError> {
        let row = params![self.org, self.mine.id, self.mine.review, self.now, how];
        self.tx.execute(END_REVIEW, row).await.map(drop)
    }

    async fn event(&mut self, kind: &'static str, detail: Option<&str>) -> Result<(), DbError> {
        let event = NewEvent {
            kind,
            by: Some(self.mine.staff),
            detail,
            note: None,
        };
        add_event(self.tx, self.org, self.vault, self.mine.id, event, self.now).await
    }
}

/// Puts what was on hold, or was telephoned about, back into the queue, in its old place. `false` if it is there.
pub async fn unpark(db: &Db, org: OrgId, id: ApplicationId, by: Option<StaffId>) -> Result<bool, DbError> {
    let (vault, now) = (db.vault(org).await?, db.now());
    db.write(move |tx| {
        let vault = Arc::clone(&vault);
        Box::pin(async move {
            if tx.execute(UNPARK, params![org, id]).await? == 0 {
                return Ok(false);
            }
            let event = NewEvent {
                kind: "unparked",
                by,
                ..NewEvent::default()
            };
            add_event(tx, org, &vault, id, event, now).await?;
            Ok(true)
        })
    })
    .await
}

/// One time that somebody had an application to themselves.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Review {
    /// Its number.
    pub number: i64,
    /// Who.
    pub by: StaffId,
    /// Since when.
    pub begun_at: Millis,
    /// Until when; `None` if it was taken over, or goes on.
    pub ended_at: Option<Millis>,
    /// How, as a word of the program.
    pub ended: Option<String>,
    /// What was typed, kept in any case.
    pub comment: Option<String>,
}

/// Every review of an application, the last first.
pub async fn reviews(db: &Db, org: OrgId, id: ApplicationId) -> Result<Vec<Review>, DbError> {
    let vault = db.vault(org).await?;
    let rows = db.query(REVIEWS, params![org, id]).await?;
    rows.iter()
        .map(|row| {
            let comment: Option<String> = row.get(5)?;
            Ok(Review {
                number: row.get(0)?,
                by: row.get(1)?,
                begun_at: row.get(2)?,
                ended_at: row.get(3)?,
                ended: row.get(4)?,
                comment: comment
                    .map(|comment| vault.open(COMMENT, id.get(), &comment))
                    .transpose()?,
            })
        })
        .collect()
}
