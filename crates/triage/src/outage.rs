//! A carrier is out of order: whose messages are lost, and who is telephoned instead.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use base::id::{AccountId, BroadcastId, CaseId, MessageId, OrgId};
use db::{Db, DbError};
use messaging::alarm::Lately;
use messaging::broadcast::StartError;
use messaging::message::MessageState;
use messaging::resend::{Again, MadeAgain, again_in};
use messaging::store::message_facts;
use messaging::store::outage::{lately, lost_since};

use crate::jobs::telephone;
use crate::reach::ContactRules;
use crate::store::reach::{cases_of, not_seen_to, unwanted, unwanted_in, written_again};

/// What a carrier has lost.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Lost {
    /// The carrier, and how much.
    pub carrier: Lately,
    /// Cases of the lost messages, each once, that nobody has seen to yet: neither reached nor on the call list.
    pub cases: Vec<CaseId>,
    /// How many of the cases somebody has seen to.
    pub seen_to: usize,
    /// Lost messages by broadcast: all, and those that are nobody's of the cases.
    pub broadcasts: BTreeMap<BroadcastId, (u32, u32)>,
    /// Those that can be sent once more: nobody knows whether they arrived, and their people still wait for them.
    pub unconfirmed: Vec<MessageId>,
}

/// What each carrier that seems out of order has lost.
pub async fn lost(db: &Db, org: OrgId) -> Result<Vec<Lost>, DbError> {
    let mut all = Vec::new();
    for carrier in lately(db, org).await? {
        if carrier.is_outage() {
            all.push(lost_by(db, org, carrier).await?);
        }
    }
    Ok(all)
}

async fn lost_by(db: &Db, org: OrgId, carrier: Lately) -> Result<Lost, DbError> {
    let messages: Vec<MessageId> = lost_since(db, org, carrier.account, carrier.since).await?;
    let of_cases = cases_of(db, org, &messages).await?;
    let facts = message_facts(db, org, &messages).await?;
    let unwanted = unwanted(db, org, &messages).await?;
    let unconfirmed = messages.iter().filter(|id| {
        let facts = facts.get(id);
        let is_unknown = facts
            .is_some_and(|facts| matches!(facts.state, MessageState::Unconfirmed | MessageState::Accepted));
        is_unknown && !unwanted.contains(id)
    });
    let unconfirmed = unconfirmed.copied().collect();
    let mut broadcasts: BTreeMap<BroadcastId, (u32, u32)> = BTreeMap::new();
    for message in &messages {
        let Some(facts) = facts.get(message) else { continue };
        let counts = broadcasts.entry(facts.broadcast).or_default();
        counts.0 += 1;
        let found = of_cases.binary_search_by_key(message, |(one, _)| *one);
        counts.1 += u32::from(found.is_err());
    }
    let mut cases: Vec<CaseId> = of_cases.into_iter().map(|(_, case)| case).collect();
    cases.sort_unstable();
    cases.dedup();
    let all = cases.len();
    let cases = not_seen_to(db, org, &cases).await?;
    Ok(Lost {
        carrier,
        seen_to: all - cases.len(),
        cases,
        broadcasts,
        unconfirmed,
    })
}

/// Puts everybody of cases whose message a carrier lost on the call list, as a whole; who is reached or there already
/// is left alone. Says how many were put there.
pub async fn hand_over(
    db: &Db,
    org: OrgId,
    rules: &dyn ContactRules,
    account: AccountId,
) -> Result<usize, DbError> {
    let found = lost(db, org).await?;
    let of_account = found.into_iter().filter(|one| one.carrier.account == account);
    let mut called = 0;
    for one in of_account {
        called += telephone(db, org, rules, &one.cases).await?;
    }
    Ok(called)
}

/// Sends everything of which nobody knows whether it arrived once more, as one broadcast, in one commit with the cases
/// that it belongs to. What a receipt settled meanwhile is left alone, and so is whoever needs it no more: the case is
/// closed, or somebody reached the person otherwise.
pub async fn send_again(db: &Db, what: Again) -> Result<MadeAgain, StartError> {
    let (vault, now) = (db.vault(what.org).await?, db.now());
    let (what, refused) = (Arc::new(what), Arc::new(Mutex::new(None)));
    let why = Arc::clone(&refused);
    let written = db.write(move |tx| {
        let (vault, what, why) = (Arc::clone(&vault), Arc::clone(&what), Arc::clone(&why));
        Box::pin(async move {
            // Changes of cases take turns with this from here on.
            tx.take_numbers("cases", 0).await?;
            let unwanted = unwanted_in(tx, what.org, &what.messages).await?;
            let mut wanted = (*what).clone();
            wanted.messages.retain(|message| !unwanted.contains(message));
            match again_in(tx, &vault, &wanted, now).await? {
                Ok(made) => {
                    written_again(tx, what.org, &vault, what.by, &made.pairs, now).await?;
                    Ok(made)
                }
                Err(error) => {
                    // What was made of it is undone with the write; the reason goes beside it.
                    if let Ok(mut why) = why.lock() {
                        *why = Some(error);
                    }
                    Err(DbError::Withdrawn)
                }
            }
        })
    });
    match written.await {
        Err(DbError::Withdrawn) => {
            let why = refused.lock().ok().and_then(|mut why| why.take());
            Err(why.unwrap_or(StartError::NoRows))
        }
        other => Ok(other?),
    }
}
