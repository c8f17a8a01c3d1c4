//! From rows to messages: one commit, each row recognised, made once or left out, each new message in the contact
//! history.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex};

use base::clock::Millis;
use base::id::{BroadcastId, MessageId};
use db::{Db, DbError, OrgVault, Tx};
use lists::contacts::{self, NewContact, Occasion};

use super::admission::{PartCount, Refusal, admit, incident_of, reserve};
use super::chunks::{Chunk, Chunks};
use super::recheck::{Horizon, LeftOutNote, LeftOutRow, Overtaken, Recheck};
use super::{NewBroadcast, Origin, Outgoing, OutgoingLink, Resend, RowFate, StartError, Started};
use crate::message::MessageState;
use crate::recognition::{Earlier, Fingerprint, is_new};
use crate::release;
use crate::stage::BroadcastStage;
use crate::store::{self, NewEvent, NewLink, NewMessage};

/// Stores the broadcast and all its messages in one commit, or nothing.
pub async fn start(db: &Db, new: NewBroadcast) -> Result<Started, StartError> {
    if new.rows.iter().next().is_none() {
        return Err(StartError::NoRows);
    }
    let vault = db.vault(new.org).await?;
    let (new, now, refused) = (Arc::new(new), db.now(), Arc::new(Mutex::new(None)));
    let why = Arc::clone(&refused);
    let written = db.write(move |tx| {
        let (new, vault, why) = (Arc::clone(&new), Arc::clone(&vault), Arc::clone(&why));
        Box::pin(async move {
            match Start::new(tx, &new, &vault, now).await?.run().await? {
                Ok(started) => Ok(Ok(started)),
                Err(Unmade::LeftOut(rows)) => Ok(Err(rows)),
                Err(Unmade::Refused(refusal)) => Err(withdrawn(&why, refusal)),
            }
        })
    });
    let started = match written.await {
        Err(DbError::Withdrawn) => return Err(StartError::Refused(reason(&refused))),
        written => written?,
    };
    base::killpoint::reached("broadcast.stored");
    started.map_err(StartError::AllLeftOut)
}

/// What was made is undone with the write; why, the caller is told beside it.
fn withdrawn(why: &Mutex<Option<Refusal>>, refusal: Refusal) -> DbError {
    if let Ok(mut why) = why.lock() {
        *why = Some(refusal);
    }
    DbError::Withdrawn
}

fn reason(why: &Mutex<Option<Refusal>>) -> Refusal {
    let why = why.lock().ok().and_then(|why| why.clone());
    why.unwrap_or(Refusal::Training)
}

/// The same inside of a write that does more, for what takes another's place and is refused nothing. There must be
/// rows; if all of them were overtaken, they are given back.
pub(crate) async fn start_in(
    tx: &mut Tx,
    new: &NewBroadcast,
    vault: &Arc<OrgVault>,
    now: Millis,
) -> Result<Result<Started, Vec<LeftOutRow>>, DbError> {
    match Start::new(tx, new, vault, now).await?.run().await? {
        Ok(started) => Ok(Ok(started)),
        Err(Unmade::LeftOut(rows)) => Ok(Err(rows)),
        Err(Unmade::Refused(refusal)) => Err(DbError::Statement(refusal.to_string())),
    }
}

/// The same inside of a write that keeps more in its commit than the broadcast, with everything that [`start`] asks. A
/// refusal or an error has to undo the whole write: give back [`DbError::Withdrawn`]. Whoever takes numbers or rows of
/// their own takes them before this.
pub async fn start_within(
    tx: &mut Tx,
    new: &NewBroadcast,
    vault: &Arc<OrgVault>,
    now: Millis,
) -> Result<Result<Started, StartError>, DbError> {
    if new.rows.iter().next().is_none() {
        return Ok(Err(StartError::NoRows));
    }
    Ok(match Start::new(tx, new, vault, now).await?.run().await? {
        Ok(started) => Ok(started),
        Err(Unmade::LeftOut(rows)) => Err(StartError::AllLeftOut(rows)),
        Err(Unmade::Refused(refusal)) => Err(StartError::Refused(refusal)),
    })
}

/// One start inside its transaction. Rows are taken chunk by chunk, so that a long list costs no more memory
/// than a short one: what earlier chunks have stored is recognised like anything else that was done before.
struct Start<'t> {
    tx: &'t mut Tx,
    new: &'t NewBroadcast,
    vault: &'t Arc<OrgVault>,
    now: Millis,
    recheck: Recheck,
    made: Option<Made>,
    count: PartCount,
    /// How many rows the chunks before this one had.
    rows_before: usize,
    fates: Vec<RowFate>,
    left_out: Vec<LeftOutRow>,
}

/// The broadcast as far as it is stored.
struct Made {
    broadcast: BroadcastId,
    first: i64,
    last: i64,
    /// The last message of somebody at high risk.
    urgent: Option<i64>,
}

/// Why nothing was made.
enum Unmade {
    /// It may not be; what was stored is undone.
    Refused(Refusal),
    /// Every row was overtaken.
    LeftOut(Vec<LeftOutRow>),
}

impl<'t> Start<'t> {
    async fn new(
        tx: &'t mut Tx,
        new: &'t NewBroadcast,
        vault: &'t Arc<OrgVault>,
        now: Millis,
    ) -> Result<Self, DbError> {
        // Starts on one database take turns from here on: each finds what the one before it has stored.
        tx.take_numbers("broadcasts", 0).await?;
        let recheck = Recheck {
            org: new.org,
            purpose: new.purpose,
            judged: new.judged,
            found: Horizon::in_write(tx, now).await?,
            not_at: None,
        };
        Ok(Self {
            tx,
            new,
            vault,
            now,
            recheck,
            made: None,
            count: PartCount::default(),
            rows_before: 0,
            fates: Vec::new(),
            left_out: Vec::new(),
        })
    }

    async fn run(mut self) -> Result<Result<Started, Unmade>, DbError> {
        let incident = incident_of(self.tx, self.new).await?;
        if let Err(refusal) = admit(self.tx, self.new, self.vault, incident).await? {
            return Ok(Err(Unmade::Refused(refusal)));
        }
        let mut chunks = Chunks::of(self.new, self.vault)?;
        while let Some(chunk) = chunks.next() {
            self.take(&chunk).await?;
            self.rows_before += chunk.rows.len();
        }
        if let Some(made) = &self.made {
            let ends = (made.last, made.urgent);
            store::end_broadcast(self.tx, self.new.org, made.broadcast, ends).await?;
            // Nobody sees a message before the commit: whole, or nothing.
            let (new, count, broadcast) = (self.new, self.count, made.broadcast);
            let stored = (broadcast, MessageId::new(made.first), MessageId::new(made.last));
            let leaves_at = match release::settle(self.tx, self.new, stored, self.vault, self.now).await? {
                Ok(leaves_at) => leaves_at,
                Err(refusal) => return Ok(Err(Unmade::Refused(refusal))),
            };
            let times = (leaves_at, self.now);
            let reserved = reserve(self.tx, new, self.vault, broadcast, count, times);
            if let Err(refusal) = reserved.await? {
                return Ok(Err(Unmade::Refused(refusal)));
            }
            if let Some(incident) = incident {
                store::incidents::hold(self.tx, new.org, incident, broadcast, Some(self.now)).await?;
            }
            self.note_left_out(broadcast).await?;
        }
        let recognised = self.fates.first().map(|fate| fate.broadcast);
        let made = self.made.map(|made| made.broadcast);
        let Some(broadcast) = made.or(recognised) else {
            return Ok(Err(Unmade::LeftOut(self.left_out)));
        };
        Ok(Ok(Started {
            broadcast,
            is_new: made.is_some(),
            fates: self.fates,
            left_out: self.left_out,
        }))
    }

    /// The broadcast's history tells whom it leaves out and why.
    async fn note_left_out(&mut self, broadcast: BroadcastId) -> Result<(), DbError> {
        if self.left_out.is_empty() {
            return Ok(());
        }
        let event = NewEvent {
            broadcast,
            by: None,
            action: LeftOutNote::ACTION,
            detail: &LeftOutNote::of(&self.left_out).detail(),
        };
        store::add_event(self.tx, self.new.org, self.vault, &event, self.now).await
    }

    async fn take(&mut self, chunk: &Chunk) -> Result<(), DbError> {
        let (new, fingerprints) = (self.new, &chunk.fingerprints);
        let mut known = store::recognise(self.tx, new.org, fingerprints).await?;
        let mut fresh = fresh(fingerprints, &known, self.now, new.resend.as_ref());
        let overtaken = self.leave_out(chunk, &mut fresh).await?;
        self.insert(chunk, &fresh, &mut known).await?;
        let made = self.made.as_ref().map(|made| made.broadcast);
        for (row, fingerprint) in chunk.rows.iter().zip(fingerprints) {
            let line = row.line;
            if let Some(why) = overtaken.get(fingerprint) {
                self.left_out.push(LeftOutRow { line, why: *why });
                continue;
            }
            let (message, broadcast, _) = known[fingerprint];
            self.fates.push(RowFate {
                line,
                message,
                broadcast,
                is_new: made == Some(broadcast),
            });
        }
        Ok(())
    }

    /// Takes out what was overtaken since the rows were judged. A row that repeats an earlier one goes with it.
    async fn leave_out<'f>(
        &mut self,
        chunk: &'f Chunk,
        fresh: &mut Vec<Fresh>,
    ) -> Result<HashMap<&'f Fingerprint, Overtaken>, DbError> {
        if self.new.stage == BroadcastStage::Test {
            // A try on one's own phone is nobody's contact.
            return Ok(HashMap::new());
        }
        let rows: Vec<&Outgoing> = fresh.iter().map(|one| &chunk.rows[one.row]).collect();
        let overtaken = self.recheck.overtaken(self.tx, self.vault, &rows).await?;
        let places = fresh.iter().zip(overtaken);
        let found = places.filter_map(|(one, why)| Some((&chunk.fingerprints[one.row], why?)));
        let found: HashMap<&Fingerprint, Overtaken> = found.collect();
        fresh.retain(|one| !found.contains_key(&chunk.fingerprints[one.row]));
        Ok(found)
    }

    async fn insert(&mut self, chunk: &Chunk, fresh: &[Fresh], known: &mut Known) -> Result<(), DbError> {
        if fresh.is_empty() {
            return Ok(());
        }
        let new = self.new;
        let count = i64::try_from(fresh.len()).unwrap_or(i64::MAX);
        let broadcast = self.broadcast().await?;
        // Nobody else takes numbers before this transaction ends: those of all chunks are consecutive.
        let first = self.tx.take_numbers("messages", count).await?;
        if self.made.is_none() {
            let messages = (first, first + count - 1);
            store::insert_broadcast(self.tx, new, broadcast, messages, self.vault, self.now).await?;
        }
        let urgent_rows = new.release.urgent_rows.saturating_sub(self.rows_before);
        let urgent = (first..)
            .zip(fresh)
            .take_while(|(_, one)| one.row < urgent_rows)
            .last();
        let before = self.made.as_ref();
        self.made = Some(Made {
            broadcast,
            first: before.map_or(first, |made| made.first),
            last: first + count - 1,
            urgent: urgent
                .map(|(number, _)| number)
                .or(before.and_then(|made| made.urgent)),
        });
        let messages: Vec<NewMessage<'_>> = (first..)
            .zip(fresh)
            .map(|(number, one)| new_message(number, chunk, one))
            .collect();
        for (message, one) in messages.iter().zip(fresh) {
            self.count.parts += i64::try_from(message.parts).unwrap_or(i64::MAX);
            self.count.dearest += i64::from(chunk.lengths[one.row].dearest);
            let made = Earlier {
                generation: message.generation,
                state: MessageState::Queued,
                created_at: self.now,
            };
            known.insert(message.fingerprint.clone(), (message.message, broadcast, made));
        }
        store::insert_messages(self.tx, new.org, broadcast, &messages, self.vault, self.now).await?;
        let links: Vec<NewLink> = messages
            .iter()
            .zip(fresh)
            .flat_map(|(message, one)| {
                chunk.rows[one.row]
                    .links
                    .iter()
                    .map(|link| new_link(message, link))
            })
            .collect();
        store::insert_links(self.tx, new.org, self.vault, &links, self.now).await?;
        if new.simulated || !new.stage.is_contact() || new.origin == Origin::Code {
            return Ok(());
        }
        let contacts: Vec<NewContact> = messages
            .iter()
            .zip(fresh)
            .map(|(message, one)| NewContact {
                message: message.message,
                keys: chunk.keys[one.row],
            })
            .collect();
        contacts::record(self.tx, new.org, &occasion(new, self.now), &contacts).await
    }

    async fn broadcast(&mut self) -> Result<BroadcastId, DbError> {
        match &self.made {
            Some(made) => Ok(made.broadcast),
            None => Ok(BroadcastId::new(self.tx.take_numbers("broadcasts", 1).await?)),
        }
    }
}

fn new_link(message: &NewMessage<'_>, link: &OutgoingLink) -> NewLink {
    NewLink {
        message: message.message,
        generation: message.generation,
        token: link.token.clone(),
        page: link.page,
        person: link.person.clone(),
    }
}

/// A row of a chunk that becomes a message.
struct Fresh {
    /// Its place in the chunk.
    row: usize,
    generation: i64,
}

fn fresh(fingerprints: &[Fingerprint], known: &Known, now: Millis, resend: Option<&Resend>) -> Vec<Fresh> {
    let scope = resend.map(|resend| resend.scope);
    // A row that repeats an earlier row of this file is the same message.
    let mut planned: HashSet<&Fingerprint> = HashSet::new();
    let mut fresh = Vec::new();
    for (row, fingerprint) in fingerprints.iter().enumerate() {
        let generation = match known.get(fingerprint) {
            Some((_, _, earlier)) if !is_new(*earlier, now, scope) => continue,
            Some((_, _, earlier)) => earlier.generation + 1,
            None => 0,
        };
        if planned.insert(fingerprint) {
            fresh.push(Fresh { row, generation });
        }
    }
    fresh
}

fn new_message<'a>(number: i64, chunk: &'a Chunk, fresh: &Fresh) -> NewMessage<'a> {
    let row = &chunk.rows[fresh.row];
    NewMessage {
        message: MessageId::new(number),
        line: row.line,
        phone: row.to,
        text: &row.text,
        fingerprint: &chunk.fingerprints[fresh.row],
        generation: fresh.generation,
        parts: chunk.lengths[fresh.row].parts,
    }
}

fn occasion(new: &NewBroadcast, at: Millis) -> Occasion {
    Occasion {
        office: new.office,
        purpose: new.purpose,
        list: new.list,
        at,
    }
}

/// What was recognised, by fingerprint: message, its broadcast, where it stands.
pub(crate) type Known = HashMap<Fingerprint, (MessageId, BroadcastId, Earlier)>;
