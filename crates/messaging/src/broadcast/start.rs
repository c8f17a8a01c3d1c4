//! From rows to messages: one commit, each row recognised or made once, each new message in the contact history.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use base::clock::Millis;
use base::id::{BroadcastId, MessageId};
use base::segment;
use db::{Db, DbError, OrgVault, Tx};
use lists::contacts::{self, Key, NewContact, Occasion, PersonKeys};

use super::{NewBroadcast, Outgoing, OutgoingLink, Resend, RowFate, StartError, Started};
use crate::message::MessageState;
use crate::recognition::{Earlier, Fingerprint, is_new};
use crate::store::{self, NewLink, NewMessage};

/// Rows that are inserted by one statement; bounds the memory of a large list.
const CHUNK: usize = 2_000;

/// Stores the broadcast and all its messages in one commit, or nothing.
pub async fn start(db: &Db, new: NewBroadcast) -> Result<Started, StartError> {
    if new.rows.iter().next().is_none() {
        return Err(StartError::NoRows);
    }
    let vault = db.vault(new.org).await?;
    let (new, now) = (Arc::new(new), db.now());
    let started = db
        .write(move |tx| {
            let (new, vault) = (Arc::clone(&new), Arc::clone(&vault));
            Box::pin(async move { start_in(tx, &new, &vault, now).await })
        })
        .await?;
    base::killpoint::reached("broadcast.stored");
    Ok(started)
}

/// The same inside of a write that does more. There must be rows.
pub(crate) async fn start_in(
    tx: &mut Tx,
    new: &NewBroadcast,
    vault: &OrgVault,
    now: Millis,
) -> Result<Started, DbError> {
    Start::new(tx, new, vault, now).run().await
}

/// One start inside its transaction. Rows are taken chunk by chunk, so that a long list costs no more memory
/// than a short one: what earlier chunks have stored is recognised like anything else that was done before.
struct Start<'t> {
    tx: &'t mut Tx,
    new: &'t NewBroadcast,
    vault: &'t OrgVault,
    now: Millis,
    made: Option<Made>,
    fates: Vec<RowFate>,
}

/// The broadcast as far as it is stored.
struct Made {
    broadcast: BroadcastId,
    last: i64,
}

impl<'t> Start<'t> {
    fn new(tx: &'t mut Tx, new: &'t NewBroadcast, vault: &'t OrgVault, now: Millis) -> Self {
        Self {
            tx,
            new,
            vault,
            now,
            made: None,
            fates: Vec::new(),
        }
    }

    async fn run(mut self) -> Result<Started, DbError> {
        // Starts on one database take turns from here on: each recognises what the one before it has stored.
        self.tx.take_numbers("broadcasts", 0).await?;
        let mut rows = self.new.rows.iter();
        loop {
            let chunk: Vec<Outgoing> = rows.by_ref().take(CHUNK).collect();
            if chunk.is_empty() {
                break;
            }
            self.take(&chunk).await?;
        }
        let is_new = self.made.is_some();
        if let Some(made) = &self.made {
            store::end_broadcast(self.tx, self.new.org, made.broadcast, made.last).await?;
        }
        let first = self.fates.first();
        let recognised = first.map(|fate| fate.broadcast);
        let broadcast = self.made.map(|made| made.broadcast).or(recognised);
        Ok(Started {
            broadcast: broadcast.ok_or_else(|| DbError::Statement("a start without rows".to_owned()))?,
            is_new,
            fates: self.fates,
        })
    }

    async fn take(&mut self, chunk: &[Outgoing]) -> Result<(), DbError> {
        let (new, vault) = (self.new, self.vault);
        let fingerprint = |row: &Outgoing| Fingerprint::of(vault, new.simulated, row.to, &row.text);
        let fingerprints: Vec<Fingerprint> = chunk.iter().map(fingerprint).collect();
        let mut known = store::recognise(self.tx, new.org, &fingerprints).await?;
        let fresh = fresh(&fingerprints, &known, self.now, new.resend.as_ref());
        self.insert(chunk, &fingerprints, &fresh, &mut known).await?;
        let made = self.made.as_ref().map(|made| made.broadcast);
        let fate = |(row, fingerprint): (&Outgoing, &Fingerprint)| {
            let (message, broadcast, _) = known[fingerprint];
            RowFate {
                line: row.line,
                message,
                broadcast,
                is_new: made == Some(broadcast),
            }
        };
        self.fates.extend(chunk.iter().zip(&fingerprints).map(fate));
        Ok(())
    }

    async fn insert(
        &mut self,
        chunk: &[Outgoing],
        fingerprints: &[Fingerprint],
        fresh: &[Fresh],
        known: &mut Known,
    ) -> Result<(), DbError> {
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
        self.made = Some(Made {
            broadcast,
            last: first + count - 1,
        });
        let messages: Vec<NewMessage<'_>> = (first..)
            .zip(fresh)
            .map(|(number, one)| new_message(number, &chunk[one.row], &fingerprints[one.row], one, new))
            .collect();
        for message in &messages {
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
            .flat_map(|(message, one)| chunk[one.row].links.iter().map(|link| new_link(message, link)))
            .collect();
        store::insert_links(self.tx, new.org, &links, self.now).await?;
        if new.simulated {
            return Ok(());
        }
        let contacts: Vec<NewContact> = messages
            .iter()
            .zip(fresh)
            .map(|(message, one)| contact(message, &chunk[one.row], self.vault))
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

fn new_message<'a>(
    number: i64,
    row: &'a Outgoing,
    fingerprint: &'a Fingerprint,
    fresh: &Fresh,
    new: &NewBroadcast,
) -> NewMessage<'a> {
    NewMessage {
        message: MessageId::new(number),
        line: row.line,
        phone: row.to,
        text: &row.text,
        fingerprint,
        generation: fresh.generation,
        parts: segment::split(&row.text, new.segmentation).len(),
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

/// The number's key is made here, so that it is the key of the number that the message goes to.
fn contact(message: &NewMessage<'_>, row: &Outgoing, vault: &OrgVault) -> NewContact {
    NewContact {
        message: message.message,
        keys: PersonKeys {
            phone: Some(Key::of_phone(vault, row.to)),
            ..row.person
        },
    }
}

/// What was recognised, by fingerprint: message, its broadcast, where it stands.
pub(crate) type Known = HashMap<Fingerprint, (MessageId, BroadcastId, Earlier)>;
