//! Lost messages once more: with their frozen texts and a reason that is kept, by the rules of every other resend
//! ([`crate::recognition`]). Of a message whose receipt came meanwhile nothing new is made.

use std::collections::BTreeMap;
use std::sync::Arc;

use base::clock::Millis;
use base::id::{BroadcastId, MessageId, OfficeId, OrgId, StaffId};
use db::{DbError, OrgVault, Tx};
use lists::contacts::Purpose;

use crate::alarm::SILENT_FOR;
use crate::broadcast::{Horizon, NewBroadcast, Origin, Outgoing, Resend, StartError, Started, start_within};
use crate::message::MessageState;
use crate::recognition::ResendScope;
use crate::release::NewRelease;
use crate::stage::BroadcastStage;
use crate::store::again;
use crate::store::corrections::settings;

/// What somebody wants to send once more.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Again {
    /// Whose.
    pub org: OrgId,
    /// Which office sends.
    pub office: OfficeId,
    /// Who pressed the button.
    pub by: StaffId,
    /// Why, in their words.
    pub reason: String,
    /// How long it can be withdrawn, in milliseconds.
    pub hold: Millis,
    /// The lost messages.
    pub messages: Vec<MessageId>,
}

/// What was made of them.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct MadeAgain {
    /// One broadcast for what was sent for one purpose, with one text, under one number: as a rule there is one.
    pub broadcasts: Vec<BroadcastId>,
    /// Lost message, new message.
    pub pairs: Vec<(MessageId, MessageId)>,
}

/// How messages were sent that go together into one broadcast.
type Kind = (Purpose, Option<(i64, i64)>, String, bool);

/// Makes them anew, inside of a write that keeps more. Only those of which nobody knows whether they arrived: of which
/// the carrier says so, or has told nothing for long. A refusal has to undo the whole write, as for [`start_within`].
pub async fn again_in(
    tx: &mut Tx,
    vault: &Arc<OrgVault>,
    what: &Again,
    now: Millis,
) -> Result<Result<MadeAgain, StartError>, DbError> {
    // Starts take turns with this from here on.
    tx.take_numbers("broadcasts", 0).await?;
    let mut kinds: BTreeMap<Kind, Vec<again::Lost>> = BTreeMap::new();
    for one in again::lost(tx, what.org, vault, &what.messages).await? {
        let is_silent = one.state == MessageState::Accepted && one.changed_at < now - SILENT_FOR;
        if is_silent || one.state == MessageState::Unconfirmed {
            let kind = (one.purpose, one.template, one.sender.clone(), one.simulated);
            kinds.entry(kind).or_default().push(one);
        }
    }
    let mut made = MadeAgain::default();
    for ((purpose, ..), lost) in kinds {
        match one_kind(tx, vault, what, purpose, &lost, now).await? {
            Ok(started) => {
                let fresh = started.fates.iter().filter(|fate| fate.is_new);
                made.pairs.extend(fresh.filter_map(|fate| {
                    let old = lost.get((fate.line as usize).checked_sub(1)?)?;
                    Some((old.message, fate.message))
                }));
                made.broadcasts
                    .extend(started.is_new.then_some(started.broadcast));
            }
            // A receipt, or a report of a wrong number, was faster.
            Err(StartError::NoRows | StartError::AllLeftOut(_)) => {}
            Err(error) => return Ok(Err(error)),
        }
    }
    Ok(if made.pairs.is_empty() {
        Err(StartError::NoRows)
    } else {
        Ok(made)
    })
}

async fn one_kind(
    tx: &mut Tx,
    vault: &Arc<OrgVault>,
    what: &Again,
    purpose: Purpose,
    lost: &[again::Lost],
    now: Millis,
) -> Result<Result<Started, StartError>, DbError> {
    let Some(first) = lost.first() else {
        return Ok(Err(StartError::NoRows));
    };
    let like = settings(tx, what.org, vault, first.broadcast).await?;
    let rows = (1..).zip(lost).map(|(line, one)| Outgoing {
        // Whoever decides this knows that the person was written to: that message is lost.
        again: true,
        person: one.keys,
        ..Outgoing::to_number(line, one.to, one.text.clone())
    });
    let new = NewBroadcast {
        org: what.org,
        office: what.office,
        list: None,
        template: like.template,
        file_name: format!("障害のあとの再送 {}人", lost.len()),
        origin: Origin::Browser,
        stage: first.stage,
        simulated: first.simulated,
        purpose,
        lane: like.lane,
        sender: like.sender,
        segmentation: like.segmentation,
        hold: what.hold,
        created_by: Some(what.by),
        resend: Some(Resend {
            scope: ResendScope::Silent,
            reason: what.reason.clone(),
        }),
        // Nobody has held the numbers against the register since: all of it counts.
        judged: Horizon::BEGINNING.without_history(),
        replaces: None,
        release: NewRelease::default(),
        rows: Arc::new(rows.collect::<Vec<_>>()),
    };
    debug_assert!(new.stage != BroadcastStage::Test, "nobody is lost by a test");
    start_within(tx, &new, vault, now).await
}
