//! A list judged on every core at once.

use std::{num::NonZero, ops::Range, thread};

use super::CheckedRow;
use super::row::Desk;

/// Fewer rows than this are not worth a thread of their own.
const ROWS_A_THREAD: usize = 500;

impl Desk<'_> {
    /// Every row, judged by itself, on every core.
    pub(super) fn check_all(&self) -> Vec<CheckedRow> {
        self.on_every_core(|rows| rows.map(|at| self.check(at)).collect::<Vec<_>>())
            .into_iter()
            .flatten()
            .collect()
    }

    /// What `work` gives for parts of the list, in their order.
    pub(super) fn on_every_core<T: Send>(&self, work: impl Fn(Range<usize>) -> T + Sync) -> Vec<T> {
        let cores = thread::available_parallelism().map_or(1, NonZero::get);
        let each = self.sheet.len().div_ceil(cores).max(ROWS_A_THREAD);
        let work = &work;
        thread::scope(|scope| {
            let parts = (0..self.sheet.len()).step_by(each).map(|from| {
                let rows = from..(from + each).min(self.sheet.len());
                scope.spawn(move || work(rows))
            });
            let parts: Vec<_> = parts.collect();
            let done = parts.into_iter().map(|part| match part.join() {
                Ok(done) => done,
                Err(panic) => std::panic::resume_unwind(panic),
            });
            done.collect()
        })
    }
}
