//! One command a file.

pub(crate) mod admin;
pub(crate) mod audit;
pub(crate) mod check;
pub(crate) mod demo;
mod list;
mod organisation;
pub(crate) mod reach;
pub(crate) mod retention;
mod review;
pub(crate) mod send;
pub(crate) mod serve;
mod sign_in;
pub(crate) mod smsc;
mod smsc_log;

use messaging::broadcast::StartError;
use messaging::outbox::OutboxError;
use tokio::signal::unix::{Signal, SignalKind, signal};

/// Why a command could not do what it was asked, in words for whoever asked.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// The flags do not fit together.
    #[error("{0}")]
    WrongUse(String),
    /// It was not done.
    #[error("{0}")]
    Nothing(String),
    /// The database could not do it.
    #[error(transparent)]
    Database(#[from] db::DbError),
    /// The broadcast could not be stored; nothing of it was.
    #[error(transparent)]
    Start(#[from] StartError),
    /// The outbox could not go on.
    #[error(transparent)]
    Outbox(#[from] OutboxError),
    /// A file or socket failed.
    #[error("{what}（{source}）。")]
    Io {
        /// What we were about.
        what: String,
        /// What the system said.
        source: std::io::Error,
    },
}

impl Failure {
    pub(crate) fn io(what: impl Into<String>) -> impl FnOnce(std::io::Error) -> Self {
        let what = what.into();
        |source| Self::Io { what, source }
    }

    /// The exit code: 64 for wrong use, 1 for "nothing sent".
    pub(crate) fn code(&self) -> u8 {
        if matches!(self, Self::WrongUse(_)) {
            crate::WRONG_USE
        } else {
            1
        }
    }
}

/// SIGTERM and Ctrl-C, which ask the process to end in good order from the moment that this is made: before a
/// server says that it is there, and before a command hands the first message over.
pub(crate) struct Farewell {
    terminate: Signal,
    interrupt: Signal,
}

impl Farewell {
    pub(crate) fn expected() -> Result<Self, Failure> {
        let signals = || Ok((signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?));
        let (terminate, interrupt) = signals().map_err(Failure::io("終了の合図を待てません"))?;
        Ok(Self { terminate, interrupt })
    }

    /// Ready once the process is asked to end.
    pub(crate) async fn said(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}
