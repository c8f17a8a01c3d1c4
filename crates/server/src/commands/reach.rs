//! What `todoke serve` does for applications and cases by itself: decisions become final and their people cases,
//! answers are taken over, facts become first contact, whoever is not reached goes on the call list, people under care
//! are asked and let go, standing orders go out, days are counted for
//! figures.

use std::time::Duration;

use accounts::sealer::organisations;
use db::DbError;
use messaging::pages::Desk;
use tokio::sync::watch;
use tokio::time::timeout;
use triage::order::release;
use triage::take_over::take_over;
use triage::{counting, jobs};

/// How often one looks whether a case is due: a receipt is seen on pages at once, this decides what follows.
const LOOK: Duration = Duration::from_secs(5);
/// Looks between two releases of standing orders: a minute.
const LOOKS_PER_RELEASE: u32 = 12;

/// Until told to stop. Any number of nodes may do this at once.
pub(crate) async fn keep(desk: Desk, mut stop: watch::Receiver<bool>) {
    let mut looks = 0;
    while timeout(LOOK, stop.wait_for(|stop| *stop)).await.is_err() {
        if let Err(error) = look(&desk, looks % LOOKS_PER_RELEASE == 0).await {
            tracing::error!(%error, "cases were not looked after");
        }
        looks += 1;
    }
}

async fn look(desk: &Desk, releases: bool) -> Result<(), DbError> {
    for org in organisations(&desk.db).await? {
        // Answers first: whoever is in danger is called before anybody else.
        jobs::take_over(&desk.db, org).await?;
        // Then decisions: whoever was confirmed becomes a case in the same look.
        if desk::jobs::look(desk, org).await.is_err() {
            tracing::error!(%org, "applications were not looked after");
        }
        take_over(&desk.db, org).await?;
        jobs::watch_by_programmes(&desk.db, org).await?;
        if releases {
            counting::count_some(&desk.db, org).await?;
            if jobs::care(desk, org).await.is_err() {
                tracing::error!(%org, "people under care were not looked after");
            }
            match release(desk, org).await {
                Ok(0) => {}
                Ok(people) => tracing::info!(%org, people, "a standing order went out"),
                Err(_) => tracing::error!(%org, "standing orders were not carried out"),
            }
        }
    }
    Ok(())
}
