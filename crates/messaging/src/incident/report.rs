//! What is done to an incident: reported, opened by hand, noted, decided, marked. Each is one commit.

use std::sync::Arc;

use accounts::SourceAddress;
use accounts::audit::{self, Entry};
use base::clock::Millis;
use base::id::{BroadcastId, IncidentId, MessageId, OfficeId, OrgId, StaffId};
use db::{Db, DbError, OrgVault, Tx};

use super::{IncidentEvent, IncidentState, Way};
use crate::audit_actions::REPORTED;
use crate::store::incidents::{self as rows, NewLine};
use crate::store::{NewEvent, add_event};

/// Somebody says that a message came to the wrong person.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewReport {
    /// Which message.
    pub message: MessageId,
    /// Who took it; nobody if the recipient reported it without us.
    pub by: Option<StaffId>,
    /// From where a recipient reported it.
    pub source: Option<SourceAddress>,
    /// What was said.
    pub note: String,
}

/// What a report has done.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Reported {
    /// The incident that the report belongs to.
    pub incident: IncidentId,
    /// Whether it was opened by this report.
    pub is_new: bool,
    /// The broadcasts that this report stopped.
    pub stopped: Vec<BroadcastId>,
}

/// Enters a report, stops what shares the cause, and opens an incident unless there is one. `None` if there is no such
/// message.
pub async fn report(db: &Db, org: OrgId, new: NewReport) -> Result<Option<Reported>, DbError> {
    let (vault, new, now) = (db.vault(org).await?, Arc::new(new), db.now());
    db.write(move |tx| {
        let (vault, new) = (Arc::clone(&vault), Arc::clone(&new));
        Box::pin(async move { report_in(tx, org, &vault, &new, now).await })
    })
    .await
}

/// The same inside of a write that does more.
pub(crate) async fn report_in(
    tx: &mut Tx,
    org: OrgId,
    vault: &OrgVault,
    new: &NewReport,
    now: Millis,
) -> Result<Option<Reported>, DbError> {
    let mut work = Work {
        tx,
        org,
        vault,
        now,
        by: new.by,
    };
    work.report(new).await
}

/// An incident that somebody of the staff opens.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ByHand {
    /// Whose broadcasts they are.
    pub office: OfficeId,
    /// Who opens it.
    pub by: StaffId,
    /// The broadcasts that are concerned; what still waits of them, and of their lists, is stopped.
    pub broadcasts: Vec<BroadcastId>,
    /// What happened.
    pub what: String,
}

/// Opens an incident and stops what still waits of its broadcasts and of their lists.
pub async fn open_by_hand(db: &Db, org: OrgId, new: ByHand) -> Result<IncidentId, DbError> {
    let (vault, new, now) = (db.vault(org).await?, Arc::new(new), db.now());
    db.write(move |tx| {
        let (vault, new) = (Arc::clone(&vault), Arc::clone(&new));
        Box::pin(async move {
            let mut work = Work {
                tx,
                org,
                vault: &vault,
                now,
                by: Some(new.by),
            };
            work.in_turn().await?;
            let id = work.open(new.office, Way::ByHand).await?;
            work.line(id, "opened", None, None, &new.what).await?;
            for broadcast in &new.broadcasts {
                work.stop_all_like(id, *broadcast).await?;
            }
            Ok(id)
        })
    })
    .await
}

/// What an incident decides about a broadcast that it stopped.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Decision {
    /// Its office may let it go on.
    Release,
    /// What has not left is cancelled.
    Discard,
}

impl Decision {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Release, Self::Discard];

    /// The word in the database and in forms.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Release => "released",
            Self::Discard => "discarded",
        }
    }

    /// The decision that a form's word names.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|decision| decision.as_str() == word)
    }
}

/// What became of a decision.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Decided {
    /// It stands.
    Done,
    /// Somebody decided before.
    Before,
}

/// Decides about a broadcast that the incident holds, with the reason that is kept.
pub async fn decide(
    db: &Db,
    org: OrgId,
    (incident, broadcast): (IncidentId, BroadcastId),
    decision: Decision,
    by: StaffId,
    reason: &str,
) -> Result<Decided, DbError> {
    let (vault, reason, now) = (db.vault(org).await?, Arc::<str>::from(reason), db.now());
    db.write(move |tx| {
        let (vault, reason) = (Arc::clone(&vault), Arc::clone(&reason));
        Box::pin(async move {
            if !rows::decide(tx, org, incident, broadcast, now).await? {
                return Ok(Decided::Before);
            }
            let mut work = Work {
                tx,
                org,
                vault: &vault,
                now,
                by: Some(by),
            };
            work.line(incident, decision.as_str(), None, Some(broadcast), &reason)
                .await?;
            match decision {
                Decision::Release => {
                    let words = format!("インシデント {incident} で、再開してよいと決めました（{reason}）");
                    work.note_on(broadcast, &words).await?;
                }
                Decision::Discard => {
                    crate::store::discard_in(work.tx, org, broadcast, Some(by), now).await?;
                }
            }
            Ok(Decided::Done)
        })
    })
    .await
}

/// What became of a change of an incident's state.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Marked {
    /// It stands.
    Done,
    /// The state does not allow it: somebody was faster.
    NotNow,
    /// So many broadcasts with people waiting are not decided about.
    Undecided(u32),
}

/// Changes the state of an incident. It is not closed while a broadcast waits for its decision.
pub async fn mark(
    db: &Db,
    org: OrgId,
    incident: IncidentId,
    event: IncidentEvent,
    by: StaffId,
) -> Result<Marked, DbError> {
    let (vault, now) = (db.vault(org).await?, db.now());
    db.write(move |tx| {
        let vault = Arc::clone(&vault);
        Box::pin(async move {
            let Some(next) = rows::state(tx, org, incident)
                .await?
                .and_then(|state| state.on(event))
            else {
                return Ok(Marked::NotNow);
            };
            if next == IncidentState::Closed {
                let undecided = rows::undecided(tx, org, incident).await?;
                if undecided > 0 {
                    return Ok(Marked::Undecided(undecided));
                }
            }
            rows::set_state(tx, org, incident, next).await?;
            let mut work = Work {
                tx,
                org,
                vault: &vault,
                now,
                by: Some(by),
            };
            work.line(incident, event.as_str(), None, None, "").await?;
            Ok(Marked::Done)
        })
    })
    .await
}

/// Keeps a note with its author and time.
pub async fn note(db: &Db, org: OrgId, incident: IncidentId, by: StaffId, text: &str) -> Result<(), DbError> {
    let (vault, text, now) = (db.vault(org).await?, Arc::<str>::from(text), db.now());
    db.write(move |tx| {
        let (vault, text) = (Arc::clone(&vault), Arc::clone(&text));
        Box::pin(async move {
            let mut work = Work {
                tx,
                org,
                vault: &vault,
                now,
                by: Some(by),
            };
            work.line(incident, "note", None, None, &text).await
        })
    })
    .await
}

/// One change inside its transaction.
struct Work<'t> {
    tx: &'t mut Tx,
    org: OrgId,
    vault: &'t OrgVault,
    now: Millis,
    by: Option<StaffId>,
}

impl Work<'_> {
    /// Starts of broadcasts take turns with this from here on: what they have made is found.
    async fn in_turn(&mut self) -> Result<(), DbError> {
        self.tx.take_numbers("broadcasts", 0).await.map(drop)
    }

    async fn report(&mut self, new: &NewReport) -> Result<Option<Reported>, DbError> {
        self.in_turn().await?;
        let Some(place) = rows::place(self.tx, self.org, new.message).await? else {
            return Ok(None);
        };
        let known = rows::open_incident_of(self.tx, self.org, place.broadcast).await?;
        let incident = if let Some((id, state)) = known {
            if let Some(next) = state.on(IncidentEvent::Reported) {
                rows::set_state(self.tx, self.org, id, next).await?;
            }
            id
        } else {
            let way = if new.by.is_some() {
                Way::Staff
            } else {
                Way::Recipient
            };
            self.open(place.office, way).await?
        };
        self.line(
            incident,
            "reported",
            Some(new.message),
            Some(place.broadcast),
            &new.note,
        )
        .await?;
        let stopped = self.stop_all_like(incident, place.broadcast).await?;
        if new.by.is_none() {
            let entry = Entry::of(REPORTED).about("incidents", incident.get());
            let entry = match new.source {
                Some(source) => entry.from(source),
                None => entry,
            };
            audit::record(self.tx, self.org, self.vault, &entry, self.now).await?;
        }
        Ok(Some(Reported {
            incident,
            is_new: known.is_none(),
            stopped,
        }))
    }

    async fn open(&mut self, office: OfficeId, way: Way) -> Result<IncidentId, DbError> {
        let id = IncidentId::new(self.tx.take_numbers("incidents", 1).await?);
        rows::insert(self.tx, self.org, id, (office, way), self.by, self.now).await?;
        Ok(id)
    }

    async fn line(
        &mut self,
        incident: IncidentId,
        action: &'static str,
        message: Option<MessageId>,
        broadcast: Option<BroadcastId>,
        detail: &str,
    ) -> Result<(), DbError> {
        let line = NewLine {
            incident,
            by: self.by,
            action,
            message,
            broadcast,
            detail,
        };
        rows::add_line(self.tx, self.org, self.vault, &line, self.now).await
    }

    async fn note_on(&mut self, broadcast: BroadcastId, words: &str) -> Result<(), DbError> {
        let event = NewEvent {
            broadcast,
            by: self.by,
            action: "incident",
            detail: words,
        };
        add_event(self.tx, self.org, self.vault, &event, self.now).await
    }

    /// Takes hold of the broadcast and of every other one of its list that still has people waiting.
    async fn stop_all_like(
        &mut self,
        incident: IncidentId,
        broadcast: BroadcastId,
    ) -> Result<Vec<BroadcastId>, DbError> {
        let mut stopped = Vec::new();
        for (one, waits) in rows::sharing(self.tx, self.org, broadcast).await? {
            let stopped_at = waits.then_some(self.now);
            rows::hold(self.tx, self.org, incident, one, stopped_at).await?;
            if waits && crate::store::pause_in(self.tx, self.org, one, self.now).await? {
                let words = format!(
                    "別の人の情報が届いたという報告を受けて、配信を止めました（インシデント {incident}）"
                );
                self.note_on(one, &words).await?;
                stopped.push(one);
            }
        }
        Ok(stopped)
    }
}
