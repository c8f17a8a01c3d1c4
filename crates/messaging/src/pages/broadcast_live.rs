//! `GET /broadcasts/{id}/live`: numbers pushed to an open page, at most once a second.
//!
//! Everybody who looks at one broadcast shares one look at the database a second ([`Snapshots`]). Nothing but
//! numbers and fixed words is sent.

use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use accounts::SignedIn;
use axum::Extension;
use axum::extract::{Query, State};
use axum::response::IntoResponse;
use axum::response::sse::{Event, KeepAlive, Sse};
use base::id::{BroadcastId, OrgId};
use futures_util::stream;
use serde::Deserialize;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;
use web::PageError;
use web::live::LiveUpdate;

use super::broadcast_load::{Moment, load, word};
use super::broadcast_words::bar;
use super::{Answer, Desk, Id, failed};
use crate::limits::{LIVE_SECONDS, LIVE_STREAMS};
use crate::store;

const EVERY: Duration = Duration::from_secs(1);

/// What is known of the broadcasts that somebody looks at.
#[derive(Clone)]
pub(crate) struct Snapshots {
    known: Arc<Mutex<HashMap<Key, Slot>>>,
    streams: Arc<Semaphore>,
}

type Key = (OrgId, BroadcastId);
/// Locked while the database is asked, so that everybody else waits for the same answer.
type Slot = Arc<tokio::sync::Mutex<Option<(Instant, Moment)>>>;

impl Snapshots {
    pub(crate) fn new() -> Self {
        Self {
            known: Arc::default(),
            streams: Arc::new(Semaphore::new(LIVE_STREAMS)),
        }
    }

    /// The slot of a broadcast. Those that nobody holds any more are forgotten.
    fn slot(&self, key: Key) -> Slot {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.retain(|other, slot| *other == key || Arc::strong_count(slot) > 1);
        Arc::clone(known.entry(key).or_default())
    }
}

/// How the broadcast stands: at most a second old, and never older than the page that asks.
async fn look(desk: &Desk, key: Key, slot: &Slot, opened: Instant) -> Result<Moment, PageError> {
    let mut slot = slot.lock().await;
    if let Some((at, moment)) = &*slot
        && at.elapsed() < EVERY
        && *at >= opened
    {
        return Ok(moment.clone());
    }
    let broadcast = store::broadcast(&desk.db, key.0, key.1).await.map_err(failed)?;
    let moment = Moment::of(desk, key.0, broadcast.ok_or(PageError::NotFound)?).await?;
    *slot = Some((Instant::now(), moment.clone()));
    Ok(moment)
}

/// What the page showed when it was made.
#[derive(Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    seen: String,
}

pub(super) async fn stream(
    State(desk): State<Desk>,
    Extension(snapshots): Extension<Snapshots>,
    session: SignedIn,
    Id(id): Id<BroadcastId>,
    Query(asked): Query<Asked>,
) -> Answer {
    let broadcast = load(&desk, &session, id).await?;
    let permit = Arc::clone(&snapshots.streams)
        .try_acquire_owned()
        .map_err(|_| PageError::Busy)?;
    let key = (session.staff.org, broadcast.id);
    let slot = snapshots.slot(key);
    let (began, seen) = (Instant::now(), asked.seen);
    let watcher = Watcher {
        desk,
        key,
        slot,
        seen,
        began,
        said: None,
        _permit: permit,
    };
    let events = stream::unfold(Some(watcher), |watcher| async { watcher?.next().await });
    Ok(Sse::new(events).keep_alive(KeepAlive::default()).into_response())
}

/// One open page.
struct Watcher {
    desk: Desk,
    key: Key,
    slot: Slot,
    seen: String,
    began: Instant,
    /// The last update, as it was written.
    said: Option<String>,
    _permit: OwnedSemaphorePermit,
}

impl Watcher {
    /// The next update that says something new, and the watcher again unless it was the last one.
    async fn next(mut self) -> Option<(Result<Event, Infallible>, Option<Self>)> {
        loop {
            if self.said.is_some() {
                tokio::time::sleep(EVERY).await;
            }
            if self.began.elapsed() > Duration::from_secs(LIVE_SECONDS) {
                return None;
            }
            let moment = look(&self.desk, self.key, &self.slot, self.began).await.ok()?;
            let update = update(&moment, &self.seen);
            let said = serde_json::to_string(&update).ok();
            if self.said != said {
                self.said = said;
                return Some((Ok(update.event()), (!update.finished).then_some(self)));
            }
        }
    }
}

/// The last one is when the page has to look different: it loads itself anew. One whose rest was discarded keeps its
/// state when its last receipt comes, and has a result then.
fn update(moment: &Moment, seen: &str) -> LiveUpdate {
    LiveUpdate::of(&bar("sms", &moment.progress.counts), moment.announcement())
        .fact("rate", moment.rate_in_words())
        .fact("left", moment.time_left_in_words())
        .finished(word(moment.state()) != seen || moment.is_settled())
}
