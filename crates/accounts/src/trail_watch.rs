//! Whoever finds the audit trail broken tells the organisation's people; once a day the program looks by itself.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use base::id::OrgId;
use db::{Db, DbError};
use sha2::{Digest as _, Sha256};
use tokio::sync::watch;
use tokio::time::timeout;

use crate::alarms::{self, Alarm, AlarmKind};
use crate::chain::Broken;
use crate::sealer::{Unsigned, organisations, read_checkpoints, verify};

/// How often `serve` verifies by itself.
const EVERY: Duration = Duration::from_hours(24);
/// Raises the alarm for this break, once: one that was seen to is not raised again. Says whether it was raised.
pub async fn raise_broken(db: &Db, org: OrgId, broken: &Broken) -> Result<bool, DbError> {
    // A break behind the chain has no place in it, but an entry.
    let place = if broken.seq == 0 {
        broken.entry_id.unwrap_or(0)
    } else {
        broken.seq
    };
    raise_once(db, org, ("audit", place), format!("{broken}。")).await
}

/// Raises it for a line in a file of checkpoints that is none of ours or was changed, as long as it says the same once.
/// Whose checkpoint it was is not known then, so that every organisation is to be told.
pub async fn raise_unsigned(db: &Db, org: OrgId, line: &Unsigned) -> Result<bool, DbError> {
    let hash = Sha256::digest(line.text.as_bytes());
    let (words, _) = hash.as_slice().split_first_chunk().unwrap_or((&[0; 8], &[]));
    let words = i64::from_be_bytes(*words) & i64::MAX;
    let detail = format!(
        "署名の控えのファイルの{}行目は、署名が合いません。書き換えられたか、別の鍵のものです。",
        line.number
    );
    raise_once(db, org, ("checkpoints", words), detail).await
}

async fn raise_once(
    db: &Db,
    org: OrgId,
    subject: (&'static str, i64),
    detail: String,
) -> Result<bool, DbError> {
    let (vault, now) = (db.vault(org).await?, db.now());
    let alarm = Arc::new(Alarm {
        kind: AlarmKind::TRAIL,
        subject: Some(subject),
        detail: Some(detail),
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
        let lines: Vec<usize> = bad.iter().map(|line| line.number).collect();
        tracing::error!(?lines, "checkpoints whose signature does not fit");
    }
    for org in organisations(db).await? {
        for line in &bad {
            raise_unsigned(db, org, line).await?;
        }
        if let Some(broken) = verify(db, org, &marks).await?.broken {
            tracing::error!(%org, seq = broken.seq, "the audit trail is broken");
            raise_broken(db, org, &broken).await?;
        }
    }
    Ok(())
}

/// Looks `first` after the start and then once a day, until told to stop. Every node does: each has checkpoints of its
/// own.
pub async fn keep(db: Db, checkpoints: PathBuf, first: Duration, mut stop: watch::Receiver<bool>) {
    let mut pause = first;
    while timeout(pause, stop.wait_for(|stop| *stop)).await.is_err() {
        pause = EVERY;
        if let Err(error) = look(&db, &checkpoints).await {
            tracing::error!(%error, "the audit trail could not be verified");
        }
    }
}
