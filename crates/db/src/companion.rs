//! What goes into the first write of a request, in the same commit.
//!
//! The audit trail must not say that something was done which was undone with its transaction, nor be silent of
//! something that stands. So whoever serves a request puts a companion around it, and the first write of the
//! request carries it along: both are durable, or neither is. The slices' own stores know nothing of it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use crate::DbError;
use crate::tx::{Tx, Work};

tokio::task_local! {
    static AROUND: Companion;
}

/// Nothing has carried it yet.
const FREE: u8 = 0;
/// A write that has not ended carries it.
const CARRIED: u8 = 1;
/// It is durable.
const DONE: u8 = 2;

type Statements = dyn for<'t> Fn(&'t mut Tx) -> Work<'t, ()> + Send + Sync;

/// Statements that go along with the first write that is made inside of [`Companion::around`]. Cheap to clone.
#[derive(Clone)]
pub struct Companion {
    statements: Arc<Statements>,
    state: Arc<AtomicU8>,
}

impl Companion {
    /// `statements` are run after those of the write that they go with, possibly more than once.
    pub fn new<S>(statements: S) -> Self
    where
        S: for<'t> Fn(&'t mut Tx) -> Work<'t, ()> + Send + Sync + 'static,
    {
        Self {
            statements: Arc::new(statements),
            state: Arc::default(),
        }
    }

    /// Runs `work`, whose first write carries this along. Tasks that it spawns do not.
    pub async fn around<F: Future>(&self, work: F) -> F::Output {
        AROUND.scope(self.clone(), work).await
    }

    /// Whether it is durable.
    pub fn is_done(&self) -> bool {
        self.state.load(Ordering::Acquire) == DONE
    }

    pub(crate) fn of_this_task() -> Option<Carried> {
        let around = AROUND.try_with(Self::clone).ok()?;
        (!around.is_done()).then_some(Carried {
            companion: around,
            mine: false,
        })
    }
}

impl std::fmt::Debug for Companion {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Companion")
            .field("done", &self.is_done())
            .finish()
    }
}

/// A companion as one write may carry it.
pub(crate) struct Carried {
    companion: Companion,
    mine: bool,
}

impl Carried {
    pub(crate) async fn run(&mut self, tx: &mut Tx) -> Result<(), DbError> {
        let state = &self.companion.state;
        self.mine = self.mine
            || state
                .compare_exchange(FREE, CARRIED, Ordering::AcqRel, Ordering::Acquire)
                .is_ok();
        if self.mine {
            (self.companion.statements)(tx).await?;
        }
        Ok(())
    }

    /// What was not committed is free for the next write.
    pub(crate) fn finish(self, durable: bool) {
        if self.mine {
            let state = if durable { DONE } else { FREE };
            self.companion.state.store(state, Ordering::Release);
        }
    }
}
