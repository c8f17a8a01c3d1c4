//! Where pictures are made ours: so many at once, so many bytes in memory, and everything else waits or is asked to
//! come again.

use std::sync::Arc;
use std::thread::available_parallelism;

use photo::{Failed, Hint, Picture, Refusal, Task, Trouble, Worker};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::limits::UPLOAD_MEMORY;

/// The hidden command of the program by which a child process for one picture is started.
pub const WORKER_COMMAND: &str = "photo-worker";

/// Most child processes at once, however many processors there are: each may take [`photo::limits::MEMORY`].
const AT_ONCE: usize = 4;

/// What one permit of memory stands for, in bytes.
const ROOM_STEP: usize = 64 * 1024;

/// Cheap to clone; one a process.
#[derive(Clone, Debug)]
pub struct Studio {
    worker: Arc<Worker>,
    places: Arc<Semaphore>,
    memory: Arc<Semaphore>,
}

/// Memory for one picture that arrives; given back when it is dropped.
#[derive(Debug)]
pub struct Room {
    _permit: OwnedSemaphorePermit,
}

impl Studio {
    /// With this very program as its child, one for each processor.
    pub fn of_this_program() -> std::io::Result<Self> {
        let processors = available_parallelism().map_or(1, usize::from);
        let worker = Worker::of_this_program(WORKER_COMMAND)?;
        Ok(Self::new(worker, processors.min(AT_ONCE)))
    }

    /// With this child, so many at once.
    pub fn new(worker: Worker, at_once: usize) -> Self {
        Self {
            worker: Arc::new(worker),
            places: Arc::new(Semaphore::new(at_once)),
            memory: Arc::new(Semaphore::new(UPLOAD_MEMORY / ROOM_STEP)),
        }
    }

    /// Room in memory for so many bytes, if there is any now. Nobody waits for it: whoever waited would hold a
    /// connection.
    pub fn room(&self, bytes: usize) -> Option<Room> {
        let steps = u32::try_from(bytes.div_ceil(ROOM_STEP)).ok()?;
        let permit = Arc::clone(&self.memory).try_acquire_many_owned(steps);
        permit.ok().map(|permit| Room { _permit: permit })
    }

    /// Makes a picture ours. What cannot be one is refused at once; the others take turns.
    pub async fn develop(&self, bytes: Vec<u8>, task: Task) -> Result<Picture, Trouble> {
        photo::header::look(&bytes).map_err(Trouble::Refused)?;
        let place = Arc::clone(&self.places).acquire_owned().await;
        let worker = Arc::clone(&self.worker);
        let work = tokio::task::spawn_blocking(move || {
            // Held until the child has ended, whether or not anybody still waits for its answer.
            let _place = place;
            worker.develop(&bytes, task)
        });
        let done = work.await;
        done.unwrap_or_else(|error| {
            let error = std::io::Error::other(error);
            Err(Trouble::Failed(Failed::NotStarted(error)))
        })
    }
}

/// What may be wrong with a picture, for staff.
pub const fn hint_words(hint: Hint) -> &'static str {
    match hint {
        Hint::Dark => "暗い",
        Hint::Bright => "明るすぎる",
        Hint::Blurred => "ぼやけている",
        Hint::Small => "小さい",
    }
}

/// A refusal; what is ours goes to the log, where somebody has to see to it.
pub(crate) fn refusal(trouble: Trouble) -> Option<Refusal> {
    match trouble {
        Trouble::Refused(refusal) => {
            tracing::info!(reason = refusal.code(), "a photo was refused");
            Some(refusal)
        }
        Trouble::Failed(error) => {
            tracing::error!(%error, "photos cannot be read");
            None
        }
    }
}
