//! A number turns out to be wrong, and that takes effect at once on everything that waits, in every office.
//!
//! One commit enters the report ([`lists::numbers`]), cancels every message that would go to the number and of which
//! nothing has left, and, where the right number is known, makes a message with the same frozen text for it. A
//! message's number and text never change. The new message stands in a broadcast of its own, of the same office and
//! list, that is made stopped: it leaves when somebody of that office has looked at it.
//!
//! What has left stays as it is, and is counted. Rehearsals are not looked for: they reach nobody.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;
use std::sync::Arc;

use base::clock::{DAY, Millis};
use base::id::{BroadcastId, MessageId, OrgId, WrongNumberId};
use db::{Db, DbError, OrgVault, Tx};
use lists::contacts::{self, Key, PersonKeys, WrittenTo};
use lists::numbers::{self, NewWrong};
use serde::{Deserialize, Serialize};

use crate::broadcast::{Horizon, NewBroadcast, Origin, Outgoing, Recheck, Started, start_in};
use crate::message::MessageState;
use crate::release::NewRelease;
use crate::stage::BroadcastStage;
use crate::store::allowances;
use crate::store::corrections::{self, Frozen, Settings, call_back, frozen, settings};
use crate::store::{NewEvent, add_event, link_people, replacements};

/// Nothing waits longer than this: a broadcast that was stopped and forgotten is discarded long before.
const LOOK_BACK: Millis = 365 * DAY;
/// What left earlier than this is history, and nobody has to act on it.
const TOLD: Millis = 30 * DAY;

/// Calls back what has not left of these messages, because nobody is to be written to any more: with what was reserved
/// for it, and out of the contact history. Says how many.
pub async fn call_back_waiting(
    tx: &mut Tx,
    org: OrgId,
    messages: &[MessageId],
    now: Millis,
) -> Result<usize, DbError> {
    if messages.is_empty() {
        return Ok(0);
    }
    let cancelled = call_back(tx, org, messages, now).await?;
    contacts::withdraw(tx, org, &cancelled).await?;
    allowances::give_back_of(tx, org, &cancelled).await?;
    Ok(cancelled.len())
}

/// Whether something of these messages has not left yet, in a write that depends on it.
pub async fn any_waits(tx: &mut Tx, org: OrgId, messages: &[MessageId]) -> Result<bool, DbError> {
    corrections::any_waits(tx, org, messages).await
}

/// What a report of a wrong number has done.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Correction {
    /// The report in the register.
    pub report: WrongNumberId,
    /// How many messages are concerned.
    pub effect: Effect,
    /// The broadcasts that wait to be looked at.
    pub waiting: Vec<BroadcastId>,
}

/// What became of the messages to a number when it was reported.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
#[serde(default)]
pub struct Effect {
    /// Cancelled before they left.
    pub cancelled: u32,
    /// Made for the right number; they wait to be looked at.
    pub made: u32,
    /// Of the cancelled ones, those whose text was made for the right number before.
    pub already: u32,
    /// Of the cancelled ones, those of which nobody can say that the right number is their person's.
    pub unplaced: u32,
    /// Of the cancelled ones, those for whose right number there is no way: it is closed itself, or a later message
    /// for the same purpose went to the person.
    pub overtaken: u32,
    /// Had left for the wrong number within the last 30 days.
    pub left: u32,
}

impl Effect {
    /// What happened, with exact numbers.
    pub fn sentence(&self) -> String {
        let Self {
            cancelled,
            made,
            already,
            unplaced,
            overtaken,
            left,
        } = self;
        let mut words = match (cancelled, made) {
            (0, _) => "送信前のメッセージはありませんでした。".to_owned(),
            (_, 0) => format!("送信前の{cancelled}件を取り消しました。"),
            _ => format!("送信前の{cancelled}件を取り消し、新しい番号あての確認待ちを{made}件作りました。"),
        };
        let more = [
            (
                already,
                "件は、新しい番号あてに同じ文面がすでにあるため作っていません。",
            ),
            (
                unplaced,
                "件は、この方あてと確かめられないため、新しい番号あてには作っていません。リストの番号を直して送ってください。",
            ),
            (
                overtaken,
                "件は、同じ目的のSMSがあとからこの方に送られているか、新しい番号も使えない番号として登録されているため、作っていません。",
            ),
            (left, "件はすでに送信済みです。"),
        ];
        for (count, what) in more.into_iter().filter(|(count, _)| **count > 0) {
            write!(words, "{count}{what}").expect("a String takes every text");
        }
        words
    }
}

/// Enters a report and carries it out. Given twice, it is the same report, and nothing is left to cancel.
pub async fn report_wrong(db: &Db, org: OrgId, new: NewWrong) -> Result<Correction, DbError> {
    let (vault, new, now) = (db.vault(org).await?, Arc::new(new), db.now());
    db.write(move |tx| {
        let (vault, new) = (Arc::clone(&vault), NewWrong::clone(&new));
        Box::pin(async move { report_wrong_in(tx, org, &vault, new, now).await })
    })
    .await
}

/// The same inside of a write that does more.
pub(crate) async fn report_wrong_in(
    tx: &mut Tx,
    org: OrgId,
    vault: &Arc<OrgVault>,
    new: NewWrong,
    now: Millis,
) -> Result<Correction, DbError> {
    // Starts take turns with this from here on: what they have made is found.
    tx.take_numbers("broadcasts", 0).await?;
    let correcting = Correcting {
        found: Horizon::in_write(tx, now).await?,
        tx,
        org,
        vault,
        new,
        now,
    };
    correcting.run().await
}

/// What a broadcast's history keeps of messages that were called back.
#[derive(Serialize, Deserialize)]
pub(crate) struct CalledBack {
    pub(crate) messages: Vec<MessageId>,
    pub(crate) replacement: Option<BroadcastId>,
}

impl CalledBack {
    pub(crate) const ACTION: &'static str = "called_back";

    pub(crate) fn from_detail(detail: &str) -> Option<Self> {
        serde_json::from_str(detail).ok()
    }
}

/// What the history of a broadcast for a corrected number begins with: the number of the one that it stands for.
pub(crate) const REPLACES: &str = "replaces";

/// One report inside its transaction.
struct Correcting<'t> {
    tx: &'t mut Tx,
    org: OrgId,
    vault: &'t Arc<OrgVault>,
    new: NewWrong,
    now: Millis,
    /// What this write finds before it makes anything.
    found: Horizon,
}

impl Correcting<'_> {
    async fn run(mut self) -> Result<Correction, DbError> {
        let written = self.written().await?;
        let report = numbers::report_wrong_in(self.tx, self.org, self.vault, &self.new, self.now).await?;
        let mut correction = Correction {
            report,
            effect: Effect::default(),
            waiting: Vec::new(),
        };
        let concerned: Vec<WrittenTo> = written
            .into_iter()
            .filter(|one| self.new.concerns(&one.keys))
            .collect();
        let ids: Vec<MessageId> = concerned.iter().map(|one| one.message).collect();
        let cancelled = call_back(self.tx, self.org, &ids, self.now).await?;
        contacts::withdraw(self.tx, self.org, &cancelled).await?;
        allowances::give_back_of(self.tx, self.org, &cancelled).await?;
        correction.effect.cancelled = count(cancelled.len());

        let keys: HashMap<MessageId, WrittenTo> = concerned.iter().map(|one| (one.message, *one)).collect();
        let mut called_back: BTreeMap<BroadcastId, Vec<(WrittenTo, Frozen)>> = BTreeMap::new();
        for one in frozen(self.tx, self.org, self.vault, &ids).await? {
            let Some(written) = keys.get(&one.message) else {
                continue;
            };
            if cancelled.binary_search(&one.message).is_ok() {
                called_back
                    .entry(one.broadcast)
                    .or_default()
                    .push((*written, one));
            } else if has_left(one.state) && written.at >= self.now - TOLD {
                correction.effect.left += 1;
            }
        }
        let is_one_person = is_one_person(called_back.values().flatten().map(|(written, _)| written));
        for (broadcast, messages) in called_back {
            self.replace(broadcast, messages, is_one_person, &mut correction)
                .await?;
        }
        Ok(correction)
    }

    /// Every message to the number. What the message that showed the mistake says of its person goes into the report.
    async fn written(&mut self) -> Result<Vec<WrittenTo>, DbError> {
        let phone = Key::of_phone(self.vault, self.new.phone);
        let since = self.now - LOOK_BACK;
        let written = contacts::messages_to(self.tx, self.org, phone, since, self.now).await?;
        let shown_by = written.iter().find(|one| Some(one.message) == self.new.message);
        if let Some(shown_by) = shown_by.filter(|_| names_nobody(&self.new.person)) {
            self.new.person = shown_by.keys;
        }
        Ok(written)
    }

    /// Makes what was called back of one broadcast anew for the right number, and writes the histories.
    async fn replace(
        &mut self,
        broadcast: BroadcastId,
        mut messages: Vec<(WrittenTo, Frozen)>,
        is_one_person: bool,
        correction: &mut Correction,
    ) -> Result<(), DbError> {
        messages.sort_by_key(|(_, one)| one.message);
        let ids: Vec<MessageId> = messages.iter().map(|(_, one)| one.message).collect();
        let mut replacement = None;
        let called_back: HashMap<u32, MessageId> =
            messages.iter().map(|(_, one)| (one.line, one.message)).collect();
        if let Some(to) = self.new.corrected {
            let all = messages.len();
            messages.retain(|(written, _)| self.is_persons(written, is_one_person));
            correction.effect.unplaced += count(all - messages.len());
            let purpose = messages.first().map(|(written, _)| written.purpose);
            let rows = messages.into_iter().map(|(written, one)| Outgoing {
                person: written.keys,
                ..Outgoing::to_number(one.line, to, one.text)
            });
            if let Some(purpose) = purpose {
                let rows = rows.collect();
                let made = self
                    .make(broadcast, purpose, rows, &mut correction.effect)
                    .await?;
                if let Some(made) = made {
                    let fates = made.fates.iter();
                    let pairs: Vec<(MessageId, MessageId)> = fates
                        .filter_map(|fate| Some((*called_back.get(&fate.line)?, fate.message)))
                        .collect();
                    replacements::add(self.tx, self.org, &pairs, self.now).await?;
                    link_people::follow(self.tx, self.org, &pairs).await?;
                    replacement = made.is_new.then_some(made.broadcast);
                }
            }
        }
        let detail = CalledBack {
            messages: ids,
            replacement,
        };
        let detail = serde_json::to_string(&detail).expect("numbers always become JSON");
        self.note(broadcast, CalledBack::ACTION, &detail).await?;
        if let Some(replacement) = replacement {
            self.note(replacement, REPLACES, &broadcast.to_string()).await?;
            correction.waiting.push(replacement);
        }
        Ok(())
    }

    /// Makes the rows of one broadcast anew, those that nothing has overtaken since that broadcast was started.
    async fn make(
        &mut self,
        broadcast: BroadcastId,
        purpose: contacts::Purpose,
        mut rows: Vec<Outgoing>,
        effect: &mut Effect,
    ) -> Result<Option<Started>, DbError> {
        let like = settings(self.tx, self.org, self.vault, broadcast).await?;
        let recheck = Recheck {
            org: self.org,
            purpose,
            // Nobody has held the right number against the register yet.
            judged: Horizon::of_message(like.last_message, like.created_at),
            found: self.found,
            not_at: Some(Key::of_phone(self.vault, self.new.phone)),
        };
        let asked: Vec<&Outgoing> = rows.iter().collect();
        let overtaken = recheck.overtaken(self.tx, self.vault, &asked).await?;
        let mut overtaken = overtaken.into_iter();
        let all = rows.len();
        rows.retain(|_| overtaken.next().flatten().is_none());
        effect.overtaken += count(all - rows.len());
        if rows.is_empty() {
            return Ok(None);
        }
        let new = NewBroadcast {
            replaces: Some(broadcast),
            ..self.like(like, purpose, rows).await?
        };
        // Nothing can have come since this moment, in which starts wait.
        let Ok(started) = start_in(self.tx, &new, self.vault, self.now).await? else {
            return Ok(None);
        };
        let made = started.fates.iter().filter(|fate| fate.is_new).count();
        effect.made += count(made);
        effect.already += count(started.fates.len() - made);
        Ok(Some(started))
    }

    /// Whether the right number is certainly the one of this message's person: a family's other members keep theirs.
    fn is_persons(&self, written: &WrittenTo, is_one_person: bool) -> bool {
        let person = &self.new.person;
        Some(written.message) == self.new.message
            || person.is_same_person(&written.keys)
            || (is_one_person && !person.is_other_person(&written.keys))
    }

    /// A broadcast with other rows that is sent like an earlier one.
    async fn like(
        &mut self,
        like: Settings,
        purpose: contacts::Purpose,
        rows: Vec<Outgoing>,
    ) -> Result<NewBroadcast, DbError> {
        Ok(NewBroadcast {
            org: self.org,
            office: like.office,
            list: like.list,
            template: like.template,
            file_name: like.file_name,
            origin: Origin::Correction,
            stage: BroadcastStage::Live,
            simulated: false,
            purpose,
            lane: like.lane,
            sender: like.sender,
            segmentation: like.segmentation,
            hold: 0,
            created_by: self.new.by,
            resend: None,
            judged: Horizon::in_write(self.tx, self.now).await?,
            replaces: None,
            release: NewRelease::default(),
            rows: Arc::new(rows),
        })
    }

    async fn note(
        &mut self,
        broadcast: BroadcastId,
        action: &'static str,
        detail: &str,
    ) -> Result<(), DbError> {
        let event = NewEvent {
            broadcast,
            by: self.new.by,
            action,
            detail,
        };
        add_event(self.tx, self.org, self.vault, &event, self.now).await
    }
}

/// Whether nothing says that these messages are for more than one person.
fn is_one_person<'a>(mut messages: impl Iterator<Item = &'a WrittenTo>) -> bool {
    let Some(first) = messages.next() else { return true };
    messages.all(|other| !first.keys.is_other_person(&other.keys))
}

fn names_nobody(person: &PersonKeys) -> bool {
    person.id.is_none() && person.person.is_none()
}

/// A part of it may be on a stranger's phone.
fn has_left(state: MessageState) -> bool {
    !matches!(state, MessageState::Cancelled | MessageState::Rejected)
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sentence_counts_exactly_and_says_nothing_of_what_is_not() {
        let nothing = Effect::default();
        assert_eq!(nothing.sentence(), "送信前のメッセージはありませんでした。");
        let some = Effect {
            cancelled: 2,
            made: 2,
            left: 1,
            ..nothing
        };
        assert_eq!(
            some.sentence(),
            "送信前の2件を取り消し、新しい番号あての確認待ちを2件作りました。1件はすでに送信済みです。"
        );
        let closed = Effect {
            cancelled: 3,
            ..nothing
        };
        assert_eq!(closed.sentence(), "送信前の3件を取り消しました。");
    }
}
