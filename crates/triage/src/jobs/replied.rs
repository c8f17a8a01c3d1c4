//! What people wrote back, as an answer, and whose it is: the office reads it that looks after the person, wherever the
//! message came from.
//!
//! A message from a phone names nobody. It is the answer of the one person whose message it answers; where several
//! people are written to at one number it is nobody's until somebody has read it (docs/adr/0044).

use std::collections::{HashMap, HashSet};

use base::clock::Millis;
use base::id::{CaseId, MessageId, OfficeId, OrgId};
use db::{Db, DbError};
use messaging::store::{place_replies, replies_to, unplaced_replies};

use crate::case::{Case, CaseState};
use crate::gather::Numbers;
use crate::limits;
use crate::store::cases::{cases, of_household};
use crate::store::reach::{Traces, cases_of};

/// Gives every new reply to the office that looks after its person; of a family, after the first whom the message was
/// for. Any number of nodes may do this at once.
pub(super) async fn place(db: &Db, org: OrgId) -> Result<(), DbError> {
    loop {
        let found = unplaced_replies(db, org, limits::REPLIES_PER_STEP).await?;
        let seen = found.len();
        if seen == 0 {
            return Ok(());
        }
        let messages: Vec<MessageId> = found.iter().filter_map(|(_, message)| *message).collect();
        let mut first: HashMap<MessageId, CaseId> = HashMap::new();
        for (message, case) in cases_of(db, org, &messages).await? {
            first.entry(message).or_insert(case);
        }
        let ids: Vec<CaseId> = first.values().copied().collect();
        let offices: HashMap<CaseId, OfficeId> = cases(db, org, &ids)
            .await?
            .into_iter()
            .map(|case| (case.id, case.office))
            .collect();
        let office = |message: Option<MessageId>| offices.get(first.get(&message?)?).copied();
        let places = found.iter().map(|(reply, message)| (*reply, office(*message)));
        place_replies(db, org, places.collect()).await?;
        if seen < limits::REPLIES_PER_STEP as usize {
            return Ok(());
        }
    }
}

/// When each of these people last wrote back.
pub(super) async fn replied(
    db: &Db,
    org: OrgId,
    found: &[Case],
    traces: &Traces,
    numbers: &Numbers,
) -> Result<HashMap<CaseId, Millis>, DbError> {
    let sent: Vec<MessageId> = traces.messages.values().flatten().copied().collect();
    let mut last: HashMap<MessageId, Millis> = HashMap::new();
    for reply in replies_to(db, org, &sent).await? {
        if reply.is_answer() {
            let at = last.entry(reply.message).or_insert(reply.at);
            *at = reply.at.max(*at);
        }
    }
    if last.is_empty() {
        return Ok(HashMap::new());
    }
    // A message to a family is everybody's: who of them wrote is not known.
    let answered: Vec<MessageId> = last.keys().copied().collect();
    let (mut seen, mut of_several) = (HashSet::new(), HashSet::new());
    for (message, _) in cases_of(db, org, &answered).await? {
        if !seen.insert(message) {
            of_several.insert(message);
        }
    }
    let mut replied = HashMap::new();
    for case in found {
        let own = traces.messages.get(&case.id).into_iter().flatten();
        let own = own.filter(|message| !of_several.contains(message));
        let Some(at) = own.filter_map(|message| last.get(message).copied()).max() else {
            continue;
        };
        // Whoever is left over is looked at again.
        if replied.len() < limits::FAMILIES_PER_STEP && !is_shared(db, org, (case, at), numbers).await? {
            replied.insert(case.id, at);
        }
    }
    Ok(replied)
}

/// Whether somebody else of the household, who was looked after at that time, is written to at the same number.
async fn is_shared(
    db: &Db,
    org: OrgId,
    (case, at): (&Case, Millis),
    numbers: &Numbers,
) -> Result<bool, DbError> {
    let Some(number) = numbers.of_case(case) else {
        return Ok(true);
    };
    let mut family = of_household(db, org, case.household).await?;
    family.retain(|one| {
        let was_open = one.closed.is_none_or(|closed| closed.at > at) && one.received_at <= at;
        one.id != case.id && one.state != CaseState::Merged && was_open
    });
    if family.is_empty() {
        return Ok(false);
    }
    let theirs = Numbers::of(db, org, &family).await?;
    Ok(family.iter().any(|one| theirs.of_case(one) == Some(number)))
}
