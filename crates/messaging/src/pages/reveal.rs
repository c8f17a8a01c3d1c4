//! Showing one thing whole, in this answer only: counted before it is shown.

use accounts::{Accounts, RevealBlocked, SignedIn};
use base::clock::Millis;
use web::PageError;

use super::{Desk, failed};

/// Counts it; says in words why not, if there were too many in too short a time.
pub(super) async fn count(
    desk: &Desk,
    session: &SignedIn,
    subject: (&'static str, i64),
) -> Result<(), PageError> {
    count_for(&desk.accounts, desk.db.now(), session, subject).await
}

/// The same for pages of other slices.
pub async fn count_for(
    accounts: &Accounts,
    now: Millis,
    session: &SignedIn,
    subject: (&'static str, i64),
) -> Result<(), PageError> {
    let counted = accounts.reveal(&session.staff, subject).await.map_err(failed)?;
    counted.map_err(|blocked| told(now, blocked))
}

/// What whoever is blocked is told.
pub(super) fn told(now: Millis, blocked: RevealBlocked) -> PageError {
    let seconds = (blocked.until - now).max(0) / 1_000;
    let wait = web::time::duration(u64::try_from(seconds).unwrap_or(0) + 1);
    PageError::rejected(
        "短い時間に多くの人を表示したため、続けての表示を止めています。責任者に知らせました。",
        format!("あと{wait}で、また表示できます。仕事で必要なときは、責任者に理由を伝えてください。"),
    )
}
