//! Masked numbers and texts shown whole: one click, counted, and no more of them than work explains.

use std::sync::Arc;

use base::clock::Millis;
use base::id::OrgId;
use db::{DbError, OrgVault, Tx};

use crate::alarms::{self, Alarm, AlarmKind};
use crate::audit::{self, Entry};
use crate::audit_actions::REVEAL_BLOCK;
use crate::limits::{REVEAL_PAUSE, REVEAL_WINDOW, REVEALS};
use crate::{Accounts, Staff, store};

/// So many in so short a time that no more are shown for a while.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RevealBlocked {
    /// When the next one is shown.
    pub until: Millis,
}

impl Accounts {
    /// Counts that this person is shown something whole, before it is shown. The last one that is shown raises an
    /// alarm.
    pub async fn reveal(
        &self,
        staff: &Staff,
        subject: (&'static str, i64),
    ) -> Result<Result<(), RevealBlocked>, DbError> {
        let (org, vault, now) = (staff.org, self.db.vault(staff.org).await?, self.db.now());
        let staff = Arc::new(staff.clone());
        self.db
            .write(move |tx| {
                let (vault, staff) = (Arc::clone(&vault), Arc::clone(&staff));
                Box::pin(async move { count(tx, org, &vault, &staff, subject, now).await })
            })
            .await
    }
}

/// The same inside of a write that shows it: whoever is blocked must not be shown it.
pub async fn count(
    tx: &mut Tx,
    org: OrgId,
    vault: &OrgVault,
    staff: &Staff,
    (kind, id): (&'static str, i64),
    now: Millis,
) -> Result<Result<(), RevealBlocked>, DbError> {
    // From here on the reveals of one database take turns: a script with a hundred connections gets no more.
    tx.take_numbers("reveals", 0).await?;
    let about = ("staff", staff.id.get());
    let last = alarms::last_raised(tx, org, AlarmKind::REVEALS, about).await?;
    let until = last.map_or(0, |last| last + REVEAL_PAUSE);
    if now < until {
        let refused = Entry::of(REVEAL_BLOCK).by(staff).about(kind, id).refused();
        audit::record(tx, org, vault, &refused, now).await?;
        return Ok(Err(RevealBlocked { until }));
    }
    let since = last.unwrap_or(0).max(now - REVEAL_WINDOW);
    if store::alarms::add_reveal(tx, org, staff.id, since, now).await? >= REVEALS {
        let alarm = Alarm {
            kind: AlarmKind::REVEALS,
            subject: Some(about),
            detail: Some(format!(
                "{}さんが10分間に{REVEALS}人分を表示しました。",
                staff.name
            )),
        };
        alarms::raise(tx, org, vault, &alarm, now).await?;
    }
    Ok(Ok(()))
}
