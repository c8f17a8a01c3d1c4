//! Progress pushed to a page that is open.
//!
//! The page holds `<section data-live="URL" …>`; `progress.js` listens there to server-sent events named
//! `progress` whose data is a [`LiveUpdate`]. Every word that it may show comes from the server.

use std::collections::BTreeMap;

use axum::response::sse::Event;
use serde::Serialize;

use crate::ui::Progress;

/// One state of the progress.
#[derive(Clone, Debug, Serialize)]
pub struct LiveUpdate {
    /// How many, by the keys of the page's `data-count` and of the bar.
    pub counts: BTreeMap<&'static str, u64>,
    /// All of them together.
    pub total: u64,
    /// Short texts by the keys of the page's `data-fact`: rate, time left.
    pub facts: BTreeMap<&'static str, String>,
    /// What a screen reader says, at most every 5 s: one sentence.
    pub announcement: String,
    /// True with the last update: the page loads itself once more and stops listening.
    pub finished: bool,
}

impl LiveUpdate {
    /// An update with the numbers of a bar.
    pub fn of(progress: &Progress, announcement: impl Into<String>) -> Self {
        Self {
            counts: progress.counts(),
            total: progress.total(),
            facts: BTreeMap::new(),
            announcement: announcement.into(),
            finished: false,
        }
    }

    /// Adds a short text.
    #[must_use]
    pub fn fact(mut self, key: &'static str, text: impl Into<String>) -> Self {
        self.facts.insert(key, text.into());
        self
    }

    /// Marks the last update.
    #[must_use]
    pub fn finished(mut self, finished: bool) -> Self {
        self.finished = finished;
        self
    }

    /// The server-sent event.
    pub fn event(&self) -> Event {
        let data = serde_json::to_string(self).expect("texts and numbers always become JSON");
        Event::default().event("progress").data(data)
    }
}
