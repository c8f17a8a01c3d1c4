//! What an account owns beyond its connections: its rate, its binds, and the receipts that wait for it.

use std::cmp::Ordering;
use std::collections::{BinaryHeap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use tokio::sync::watch;

use super::book::Bucket;
use super::config::SmscConfig;
use crate::pdu::DeliverSm;

pub(super) struct AccountState {
    pub(super) binds: usize,
    pub(super) bucket: Option<Bucket>,
    /// Due.
    ready: VecDeque<Box<DeliverSm>>,
    /// Not yet due.
    later: BinaryHeap<Scheduled>,
    scheduled: u64,
    waiting_max: usize,
}

pub(super) struct AccountLine {
    pub(super) system_id: String,
    state: Mutex<AccountState>,
    /// Tells the connections that carry receipts that there is a new one.
    news: watch::Sender<()>,
}

impl AccountLine {
    pub(super) fn new(system_id: &str, config: &SmscConfig) -> Self {
        let bucket = config.throttle_rate.map(|rate| Bucket::new(rate, Instant::now()));
        let state = AccountState {
            binds: 0,
            bucket,
            ready: VecDeque::new(),
            later: BinaryHeap::new(),
            scheduled: 0,
            waiting_max: config.receipts_waiting_max,
        };
        Self {
            system_id: system_id.to_owned(),
            state: Mutex::new(state),
            news: watch::Sender::new(()),
        }
    }

    /// Nothing in here panics half-way, so a poisoned lock still guards a sound state.
    pub(super) fn lock(&self) -> MutexGuard<'_, AccountState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn tell(&self) {
        self.news.send_replace(());
    }

    pub(super) fn news(&self) -> watch::Receiver<()> {
        self.news.subscribe()
    }
}

impl AccountState {
    /// Lets a `deliver_sm` wait until it is due. `false`: too many wait, it is lost.
    pub(super) fn schedule(&mut self, due: Instant, now: Instant, pdu: Box<DeliverSm>) -> bool {
        if self.ready.len() + self.later.len() >= self.waiting_max {
            return false;
        }
        if due <= now && self.later.is_empty() {
            self.ready.push_back(pdu);
        } else {
            self.scheduled += 1;
            self.later.push(Scheduled {
                due,
                order: self.scheduled,
                pdu,
            });
        }
        true
    }

    /// Puts back what was written and not answered; it goes first.
    pub(super) fn put_back(&mut self, pdu: Box<DeliverSm>) {
        self.ready.push_front(pdu);
    }

    pub(super) fn next_ready(&mut self, now: Instant) -> Option<Box<DeliverSm>> {
        while self.later.peek().is_some_and(|scheduled| scheduled.due <= now) {
            self.ready.extend(self.later.pop().map(|scheduled| scheduled.pdu));
        }
        self.ready.pop_front()
    }

    pub(super) fn next_due(&self) -> Option<Instant> {
        self.later.peek().map(|scheduled| scheduled.due)
    }
}

/// Ordered so that the one that is due first is the greatest, as `BinaryHeap` wants it.
struct Scheduled {
    due: Instant,
    order: u64,
    pdu: Box<DeliverSm>,
}

impl Ord for Scheduled {
    fn cmp(&self, other: &Self) -> Ordering {
        (other.due, other.order).cmp(&(self.due, self.order))
    }
}

impl PartialOrd for Scheduled {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Scheduled {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Scheduled {}
