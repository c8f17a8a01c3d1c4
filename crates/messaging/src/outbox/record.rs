//! What was answered and what became of it, inside the write that keeps it.

use std::collections::HashMap;
use std::sync::atomic::Ordering;

use base::clock::{MINUTE, Millis};
use base::id::{AccountId, OrgId};
use db::{Db, DbError, Tx};

use super::{Answer, PartId, Receipt, Shared};
use crate::message::{Event, MessageState};
use crate::store::outbox as store;
use crate::store::outbox::Answered;
use crate::store::strays;

/// How far a receipt's submit date, in whole minutes, may be from our own time of submission.
const SUBMIT_DATE_TOLERANCE: Millis = 2 * MINUTE;

impl Shared {
    /// Records answers, and receipts that came with them; says whether a receipt found no part.
    ///
    /// A receipt of a part that is answered in the same breath needs no look-up: both become one change.
    pub(super) async fn record(
        &self,
        tx: &mut Tx,
        account: AccountId,
        answers: &[(PartId, Answer)],
        receipts: &[Receipt],
        now: Millis,
    ) -> Result<bool, DbError> {
        let mut answered: Vec<Answered> = answers
            .iter()
            .map(|(part, answer)| answered(*part, answer))
            .collect();
        let (folded, mut others) = fold(answers, &mut answered, receipts);
        if !answered.is_empty() {
            let late = store::answer(tx, self.node.id(), &answered, now).await?;
            let (late_receipts, folded): (Vec<_>, Vec<_>) =
                folded.into_iter().partition(|(part, _)| late.contains(part));
            others.extend(late_receipts.into_iter().map(|(_, receipt)| receipt));
            keep_matched(self, tx, &folded, now).await?;
            self.follow_up(tx, account, answered, now).await?;
        }
        if others.is_empty() {
            Ok(false)
        } else {
            self.keep(tx, account, &others, now).await
        }
    }

    /// What follows from answers beyond the parts themselves.
    async fn follow_up(
        &self,
        tx: &mut Tx,
        account: AccountId,
        answered: Vec<Answered>,
        now: Millis,
    ) -> Result<(), DbError> {
        let ids: Vec<&str> = answered
            .iter()
            .filter_map(|one| one.carrier_message_id.as_deref())
            .collect();
        if !ids.is_empty() && self.strays.load(Ordering::Relaxed) {
            settle_strays(self, tx, account, &ids, now).await?;
        }
        if ids.len() < answered.len() {
            record_bent(tx, answered, now).await?;
        }
        Ok(())
    }

    /// Keeps receipts; says whether any found no part.
    async fn keep(
        &self,
        tx: &mut Tx,
        account: AccountId,
        receipts: &[&Receipt],
        now: Millis,
    ) -> Result<bool, DbError> {
        let unknown = apply(self, tx, account, receipts, now).await?;
        if unknown.is_empty() {
            return Ok(false);
        }
        self.strays.store(true, Ordering::Relaxed);
        let index = |receipt: &Receipt| receipt.to.map(|to| self.db.installation_index(&to.e164()));
        let strays: Vec<_> = unknown
            .into_iter()
            .map(|receipt| (receipt, index(receipt)))
            .collect();
        let first = self.receipt_numbers(strays.len(), now);
        strays::add_strays(tx, account, &strays, first, now).await?;
        Ok(true)
    }
}

/// Receipts of parts that are answered here change those answers' states; the others are given back.
fn fold<'r>(
    answers: &[(PartId, Answer)],
    answered: &mut [Answered],
    receipts: &'r [Receipt],
) -> (Vec<(PartId, &'r Receipt)>, Vec<&'r Receipt>) {
    if receipts.is_empty() {
        return (Vec::new(), Vec::new());
    }
    let mut by_id: HashMap<&str, usize> = HashMap::with_capacity(answers.len());
    for (index, (_, answer)) in answers.iter().enumerate() {
        if let Answer::Taken { carrier_message_id } = answer {
            by_id.insert(carrier_message_id, index);
        }
    }
    let (mut folded, mut others) = (Vec::with_capacity(receipts.len()), Vec::new());
    for receipt in receipts {
        let Some(index) = by_id.get(receipt.carrier_message_id.as_str()) else {
            others.push(receipt);
            continue;
        };
        let one = &mut answered[*index];
        if let Some(next) = one.state.on(Event::Receipt(receipt.outcome)) {
            one.state = next;
            one.code.clone_from(&receipt.code);
        }
        folded.push((one.part, receipt));
    }
    (folded, others)
}

/// The attempts that did not go straight: each is kept, and what follows from it is done.
async fn record_bent(tx: &mut Tx, answered: Vec<Answered>, now: Millis) -> Result<(), DbError> {
    let mut by_state: HashMap<(OrgId, MessageState), Vec<Answered>> = HashMap::new();
    for one in answered
        .into_iter()
        .filter(|one| one.carrier_message_id.is_none())
    {
        by_state.entry((one.part.org, one.state)).or_default().push(one);
    }
    for ((org, state), some) in by_state {
        let messages: Vec<i64> = some.iter().map(|one| one.part.message.get()).collect();
        match state {
            MessageState::Queued => {
                store::add_attempts(tx, "refused_for_now", &some, now).await?;
                store::reopen(tx, org, &messages).await?;
                store::abandon_recalled(tx, org, &messages, now).await?;
            }
            MessageState::Rejected => store::abandon_siblings(tx, org, &messages, now).await?,
            _ => store::add_attempts(tx, "no_answer", &some, now).await?,
        }
    }
    Ok(())
}

fn answered(part: PartId, answer: &Answer) -> Answered {
    let (event, code, carrier_message_id, due_at) = match answer {
        Answer::Taken { carrier_message_id } => (Event::Taken, None, Some(carrier_message_id.clone()), 0),
        Answer::RefusedForNow { code, due_at } => (Event::RefusedForNow, Some(code.clone()), None, *due_at),
        Answer::RefusedForGood { code } => (Event::RefusedForGood, Some(code.clone()), None, 0),
        Answer::NeverWritten => (Event::NeverWritten, None, None, 0),
        Answer::NoAnswer => (Event::NoAnswer, None, None, 0),
    };
    let state = MessageState::Submitting
        .on(event)
        .unwrap_or(MessageState::Unconfirmed);
    Answered {
        part,
        state,
        code,
        carrier_message_id,
        due_at,
    }
}

/// Applies receipts to the parts that carry their ids; gives those that found none.
async fn apply<'r>(
    shared: &Shared,
    tx: &mut Tx,
    account: AccountId,
    receipts: &[&'r Receipt],
    now: Millis,
) -> Result<Vec<&'r Receipt>, DbError> {
    let ids: Vec<&str> = receipts
        .iter()
        .map(|receipt| receipt.carrier_message_id.as_str())
        .collect();
    let mut parts: HashMap<String, (PartId, MessageState)> = HashMap::with_capacity(ids.len());
    for (id, part, state) in store::by_carrier_id(tx, account, &ids).await? {
        parts.insert(id, (part, state));
    }
    let (mut matched, mut unknown) = (Vec::with_capacity(receipts.len()), Vec::new());
    let mut changes: HashMap<PartId, (MessageState, Option<String>)> = HashMap::new();
    for &receipt in receipts {
        let Some((part, state)) = parts.get_mut(&receipt.carrier_message_id) else {
            unknown.push(receipt);
            continue;
        };
        matched.push((*part, receipt));
        if let Some(next) = state.on(Event::Receipt(receipt.outcome)) {
            *state = next;
            changes.insert(*part, (next, receipt.code.clone()));
        }
    }
    keep_matched(shared, tx, &matched, now).await?;
    if !changes.is_empty() {
        let changes: Vec<_> = changes
            .into_iter()
            .map(|(part, (state, code))| (part, state, code))
            .collect();
        store::set_states(tx, &changes, now).await?;
    }
    Ok(unknown)
}

async fn keep_matched(
    shared: &Shared,
    tx: &mut Tx,
    matched: &[(PartId, &Receipt)],
    now: Millis,
) -> Result<(), DbError> {
    if matched.is_empty() {
        return Ok(());
    }
    let first = shared.receipt_numbers(matched.len(), now);
    store::add_receipts(tx, matched, first, now).await
}

pub(super) async fn settle_strays(
    shared: &Shared,
    tx: &mut Tx,
    account: AccountId,
    ids: &[&str],
    now: Millis,
) -> Result<(), DbError> {
    let strays = strays::take_strays(tx, account, ids).await?;
    if !strays.is_empty() {
        apply(shared, tx, account, &strays.iter().collect::<Vec<_>>(), now).await?;
    }
    Ok(())
}

/// Which unconfirmed part each stray's number and time name, where exactly one message fits.
pub(super) async fn fitting(
    db: &Db,
    strays: &[(String, String, Millis)],
    unconfirmed: &[store::Unnamed],
) -> Result<Vec<(PartId, String)>, DbError> {
    let mut by_number: HashMap<String, Vec<(PartId, Millis)>> = HashMap::new();
    for one in unconfirmed {
        let vault = db.vault(one.part.org).await?;
        let to = crate::store::open_phone(&vault, one.part.message, &one.phone_sealed)?;
        by_number
            .entry(db.installation_index(&to.e164()))
            .or_default()
            .push((one.part, one.submitted_at));
    }
    let mut named: Vec<(PartId, String)> = Vec::new();
    for (id, number, submitted_at) in strays {
        if named.iter().any(|(_, given)| given == id) {
            continue;
        }
        let fits: Vec<PartId> = by_number
            .get(number)
            .into_iter()
            .flatten()
            .filter(|(_, at)| (at - submitted_at).abs() <= SUBMIT_DATE_TOLERANCE)
            .map(|(part, _)| *part)
            .collect();
        let one_message = fits.iter().all(|part| part.message == fits[0].message);
        let free = fits
            .iter()
            .find(|part| named.iter().all(|(taken, _)| taken != *part));
        if let (true, Some(part)) = (one_message, free) {
            named.push((*part, id.clone()));
        }
    }
    Ok(named)
}
