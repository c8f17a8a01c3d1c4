//! What happens to broadcasts by itself as time passes and receipts come in: the rest follows its first wave, or
//! waits for a person; what may not leave any more is cancelled.

use std::sync::Arc;

use accounts::audit::{self, Action, Entry};
use base::clock::Millis;
use base::id::{BroadcastId, OrgId};
use db::{Db, DbError, OrgVault, Tx};

use super::{Verdict, judge, members};
use crate::audit_actions::{TOO_LATE, WAVE_NOT_DELIVERED, WAVE_PASSED, WAVE_SILENT};
use crate::store::leaving;
use crate::store::release::{self as store, Due};

/// Looks after every broadcast for which something may be due. Each step is a write of its own that looks again, so
/// any number of nodes may do this at the same time.
pub(crate) async fn tend(db: &Db, now: Millis) -> Result<(), DbError> {
    carry_over(db, now).await?;
    for due in store::due(db, now).await? {
        let vault = db.vault(due.org).await?;
        db.write(move |tx| {
            let vault = Arc::clone(&vault);
            Box::pin(async move { step(tx, due, &vault, now).await })
        })
        .await?;
    }
    Ok(())
}

/// What was begun on an earlier day and goes on by itself is counted on the day on which it goes on, before any of it
/// leaves. What has no room there waits, and goes on when there is some: a limit is moved, something is cancelled, or
/// another day comes.
async fn carry_over(db: &Db, now: Millis) -> Result<(), DbError> {
    for (org, id) in leaving::left_over(db, now).await? {
        if leaving::lacks_room(db, org, id, now).await?.is_some() {
            continue;
        }
        let vault = db.vault(org).await?;
        db.write(move |tx| {
            let vault = Arc::clone(&vault);
            Box::pin(async move {
                // It may have gone since; and if the room has, it is refused here and changes nothing.
                if let Some(standing) = leaving::standing(tx, org, id).await? {
                    standing.move_in(tx, (org, &vault), id, now).await?.ok();
                }
                Ok(())
            })
        })
        .await?;
    }
    Ok(())
}

async fn step(tx: &mut Tx, due: Due, vault: &OrgVault, now: Millis) -> Result<(), DbError> {
    let (org, id) = (due.org, due.broadcast);
    if due.is_too_late {
        if store::end_too_late(tx, org, id, now).await? {
            record(tx, (org, id), vault, TOO_LATE, now).await?;
        }
        return Ok(());
    }
    let standing = store::members(tx, org, &members(due.messages)).await?;
    let verdict = judge(&standing, due.patience, now);
    let happened = match verdict {
        Verdict::Wait => return Ok(()),
        Verdict::Passed => store::wave_passed(tx, org, id).await?.then_some(WAVE_PASSED),
        Verdict::NotDelivered => store::wave_failed(tx, org, id, now)
            .await?
            .then_some(WAVE_NOT_DELIVERED),
        Verdict::Silent => store::wave_failed(tx, org, id, now).await?.then_some(WAVE_SILENT),
    };
    match happened {
        Some(action) => record(tx, (org, id), vault, action, now).await,
        None => Ok(()),
    }
}

/// Keeps it in the broadcast's history and in the audit trail.
async fn record(
    tx: &mut Tx,
    (org, id): (OrgId, BroadcastId),
    vault: &OrgVault,
    action: Action,
    now: Millis,
) -> Result<(), DbError> {
    let word = action.code.trim_start_matches("broadcast.");
    store::add_own_event(tx, org, id, word, now).await?;
    let entry = Entry::of(action).about("broadcasts", id.get());
    audit::record(tx, org, vault, &entry, now).await
}
