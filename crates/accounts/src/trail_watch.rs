//! Whoever finds the audit trail broken tells the organisation's people; once a day the program looks by itself.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use base::id::OrgId;
use db::{Db, DbError};
use tokio::sync::watch;
use tokio::time::timeout;

use crate::alarms::{self, Alarm, AlarmKind};
use crate::chain::Broken;
use crate::sealer::{organisations, read_checkpoints, verify};

/// How often `serve` verifies by itself.
const EVERY: Duration = Duration::from_hours(24);
/// The first time, when the process has long begun to answer.
const FIRST: Duration = Duration::from_mins(10);

/// Raises the alarm for this break, once: one that was seen to is not raised again. Says whether it was raised.
pub async fn raise_broken(db: &Db, org: OrgId, broken: &Broken) -> Result<bool, DbError> {
    let (vault, now) = (db.vault(org).await?, db.now());
    // A break behind the chain has no place in it, but an entry.
    let place = if broken.seq == 0 {
        broken.entry_id.unwrap_or(0)
    } else {
        broken.seq
    };
    let subject = ("audit", place);
    let alarm = Arc::new(Alarm {
        kind: AlarmKind::TRAIL,
        subject: Some(subject),
        detail: Some(format!("{broken}。")),
    });
    db.write(move |tx| {
        let (vault, alarm) = (Arc::clone(&vault), Arc::clone(&alarm));
        Box::pin(async move {
            // Its number first: two that look at once take turns.
            tx.take_numbers("alarms", 0).await?;
            if alarms::last_raised(tx, org, AlarmKind::TRAIL, subject)
                .await?
                .is_some()
            {
                return Ok(false);
            }
            alarms::raise(tx, org, &vault, &alarm, now).await.map(|_| true)
        })
    })
    .await
}

/// Verifies the trail of every organisation against this file of checkpoints. It only reads, a thousand links at a
/// time, and writes nothing but an alarm: nobody waits for it.
pub async fn look(db: &Db, checkpoints: &Path) -> Result<(), DbError> {
    let text = match std::fs::read_to_string(checkpoints) {
        Ok(text) => text,
        Err(error) => {
            // Before the first checkpoint there is none.
            if error.kind() != ErrorKind::NotFound {
                tracing::error!(%error, "the checkpoints of the audit trail could not be read");
            }
            String::new()
        }
    };
    let (marks, bad) = read_checkpoints(db, &text);
    if !bad.is_empty() {
        tracing::error!(lines = ?bad, "checkpoints whose signature does not fit");
    }
    for org in organisations(db).await? {
        if let Some(broken) = verify(db, org, &marks).await?.broken {
            tracing::error!(%org, seq = broken.seq, "the audit trail is broken");
            raise_broken(db, org, &broken).await?;
        }
    }
    Ok(())
}

/// Looks once a day until told to stop. Every node does: each has checkpoints of its own.
pub async fn keep(db: Db, checkpoints: PathBuf, mut stop: watch::Receiver<bool>) {
    let mut pause = FIRST;
    while timeout(pause, stop.wait_for(|stop| *stop)).await.is_err() {
        pause = EVERY;
        if let Err(error) = look(&db, &checkpoints).await {
            tracing::error!(%error, "the audit trail could not be verified");
        }
    }
}
