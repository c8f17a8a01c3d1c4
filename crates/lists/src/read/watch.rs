//! How far a reading has come, and whether somebody has stopped it.

use std::ops::ControlFlow;

use crate::problem::FileProblem;

/// How far a reading has come.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Progress {
    /// Bytes of the file that are behind us; an estimate in a workbook, whose parts are packed.
    pub bytes_done: u64,
    /// Bytes of the file.
    pub bytes_total: u64,
    /// Lines that hold something, as far as read.
    pub rows: usize,
}

/// Is told about progress every thousand rows or so, and answers whether to go on.
pub type Hook<'a> = dyn Fn(Progress) -> ControlFlow<()> + 'a;

#[derive(Clone, Copy)]
pub(super) struct Watch<'a> {
    hook: &'a Hook<'a>,
    total: usize,
}

impl<'a> Watch<'a> {
    /// Rows between two reports: often enough to move a bar, too seldom to cost anything.
    pub(super) const ROWS: usize = 1_000;

    pub(super) fn new(bytes: &[u8], hook: &'a Hook<'a>) -> Self {
        Self {
            hook,
            total: bytes.len(),
        }
    }

    /// Reports that `done` of `all` is behind us, in whatever unit both are.
    pub(super) fn at(&self, done: usize, all: usize, rows: usize) -> Result<(), FileProblem> {
        let share = |value: usize| u128::try_from(value).unwrap_or(u128::MAX);
        let bytes = share(self.total) * share(done.min(all)) / share(all.max(1));
        let progress = Progress {
            bytes_done: u64::try_from(bytes).unwrap_or(u64::MAX),
            bytes_total: u64::try_from(self.total).unwrap_or(u64::MAX),
            rows,
        };
        match (self.hook)(progress) {
            ControlFlow::Continue(()) => Ok(()),
            ControlFlow::Break(()) => Err(FileProblem::Stopped),
        }
    }
}
