//! The child process that decodes, and the one that asks it.
//!
//! The child is this same program, started by a hidden command for one picture. Before it reads a byte it gives away
//! what it does not need (`confine`): most of the memory, files, other processes, the network. The parent gives it the
//! bytes, waits a bounded time, and kills it. If it dies, nothing but this picture is lost.

mod confine;

use std::io::{self, BufRead as _, BufReader, Read, Write};
use std::path::PathBuf;
use std::process::{Command, ExitCode, ExitStatus, Stdio};
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::develop::{Developed, develop};
use crate::limits::{ANSWER_BYTES, BYTES, EDGE, TIME};
use crate::{Hint, Picture, Print, Refusal, Task, hash, header};

/// The child could not give its rights away, and did nothing.
const NOT_CONFINED: u8 = 70;

/// The house failed, not the picture.
#[derive(Debug, thiserror::Error)]
pub enum Failed {
    /// No child could be started.
    #[error("the photo worker could not be started: {0}")]
    NotStarted(#[source] io::Error),
    /// The system does not let the child give its rights away.
    #[error("the photo worker could not confine itself; the kernel has to offer seccomp")]
    NotConfined,
}

/// Why there is no picture.
#[derive(Debug)]
pub enum Trouble {
    /// It is not taken.
    Refused(Refusal),
    /// Something of ours is broken; the picture may be good.
    Failed(Failed),
}

/// How a child is started.
#[derive(Clone, Debug)]
pub struct Worker {
    program: PathBuf,
    arguments: Vec<String>,
    time: Duration,
}

/// What the child says before the bytes of picture and preview.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Answer {
    Refused(Refusal),
    Done {
        jpeg: usize,
        preview: usize,
        width: u32,
        height: u32,
        print: Option<u64>,
        hints: Vec<Hint>,
    },
}

impl Worker {
    /// This very program, by the command that leads to [`serve`]. On Linux it is the file that runs, also after another
    /// version was put in its place.
    pub fn of_this_program(command: &str) -> io::Result<Self> {
        let program = if cfg!(target_os = "linux") {
            PathBuf::from("/proc/self/exe")
        } else {
            std::env::current_exe()?
        };
        Ok(Self::new(program, &[command]))
    }

    /// Another program that leads to [`serve`].
    pub fn new(program: impl Into<PathBuf>, arguments: &[&str]) -> Self {
        Self {
            program: program.into(),
            arguments: arguments.iter().map(|&one| one.to_owned()).collect(),
            time: TIME,
        }
    }

    /// The same with another bound of its time.
    #[must_use]
    pub fn within(mut self, time: Duration) -> Self {
        self.time = time;
        self
    }

    /// Makes a picture of ours, in a child process. Waits for it: not for a thread that serves pages.
    pub fn develop(&self, bytes: &[u8], task: Task) -> Result<Picture, Trouble> {
        header::look(bytes).map_err(Trouble::Refused)?;
        let (status, answer) = self.ask(bytes, task).map_err(Trouble::Failed)?;
        match read_answer(&answer) {
            Some(Ok(developed)) => Ok(Picture {
                jpeg: developed.jpeg,
                preview: developed.preview,
                width: developed.width,
                height: developed.height,
                came_as: hash(bytes),
                print: developed.print,
                hints: developed.hints,
            }),
            Some(Err(refusal)) => Err(Trouble::Refused(refusal)),
            None => Err(why(status)),
        }
    }

    fn ask(&self, bytes: &[u8], task: Task) -> Result<(ExitStatus, Vec<u8>), Failed> {
        let mut child = Command::new(&self.program)
            .args(&self.arguments)
            .env_clear()
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(Failed::NotStarted)?;
        let (input, output) = (child.stdin.take(), child.stdout.take());
        let answer = thread::scope(|scope| {
            let (answered, answer) = channel();
            scope.spawn(move || {
                // A child that died does not listen; its status says why.
                if let Some(mut input) = input {
                    let head = serde_json::to_string(&task).expect("numbers become JSON");
                    let _ = writeln!(input, "{head}").and_then(|()| input.write_all(bytes));
                }
            });
            scope.spawn(move || {
                let mut told = Vec::new();
                if let Some(output) = output {
                    let _ = output.take(ANSWER_BYTES).read_to_end(&mut told);
                }
                let _ = answered.send(told);
            });
            let answer = answer.recv_timeout(self.time);
            let ended = answer
                .as_ref()
                .is_ok_and(|told| (told.len() as u64) < ANSWER_BYTES);
            if !ended {
                // Its pipes close with it, and so both threads end.
                let _ = child.kill();
            }
            answer.unwrap_or_default()
        });
        // It may not close its output by itself: where that is closed it has ended.
        let status = child.wait().map_err(Failed::NotStarted)?;
        Ok((status, answer))
    }
}

fn why(status: ExitStatus) -> Trouble {
    match status.code() {
        Some(code) if code == i32::from(NOT_CONFINED) => Trouble::Failed(Failed::NotConfined),
        // A decoder that panicked.
        Some(_) => Trouble::Refused(Refusal::Broken),
        // Killed: by us, or because it asked for more than it may.
        None => Trouble::Refused(Refusal::TooMuchWork),
    }
}

/// What the child said, if it is what a child says. It has read bytes of strangers: nothing of it is believed.
fn read_answer(told: &[u8]) -> Option<Result<Developed, Refusal>> {
    let end = told.iter().position(|byte| *byte == b'\n')?;
    let (head, rest) = (&told[..end], &told[end + 1..]);
    let (jpeg, preview, width, height, print, hints) = match serde_json::from_slice(head).ok()? {
        Answer::Refused(refusal) => return Some(Err(refusal)),
        Answer::Done {
            jpeg,
            preview,
            width,
            height,
            print,
            hints,
        } => (jpeg, preview, width, height, print, hints),
    };
    let (picture, small) = rest.split_at_checked(jpeg)?;
    let of_ours = |bytes: &[u8]| {
        let found = header::look(bytes).ok()?;
        (found.kind == header::Kind::Jpeg).then_some((found.width, found.height))
    };
    let fits = of_ours(picture)? == (width, height) && width.max(height) <= EDGE && of_ours(small).is_some();
    (small.len() == preview && fits && hints.len() <= Hint::ALL.len()).then(|| {
        Ok(Developed {
            jpeg: picture.to_vec(),
            preview: small.to_vec(),
            width,
            height,
            print: print.map(Print::from_bits),
            hints,
        })
    })
}

/// The child: one picture from standard input, the answer to standard output.
pub fn serve() -> ExitCode {
    if confine::confine().is_err() {
        return ExitCode::from(NOT_CONFINED);
    }
    match answer(io::stdin().lock(), io::stdout().lock()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

fn answer(input: impl Read, mut output: impl Write) -> io::Result<()> {
    let most = BYTES as u64 + 1_024;
    let mut input = BufReader::new(input.take(most));
    let (mut head, mut bytes) = (String::new(), Vec::new());
    input.read_line(&mut head)?;
    input.read_to_end(&mut bytes)?;
    let task: Task = serde_json::from_str(&head)?;
    let (said, developed) = match develop(&bytes, task) {
        Err(refusal) => (Answer::Refused(refusal), None),
        Ok(developed) => {
            let said = Answer::Done {
                jpeg: developed.jpeg.len(),
                preview: developed.preview.len(),
                width: developed.width,
                height: developed.height,
                print: developed.print.map(Print::bits),
                hints: developed.hints.clone(),
            };
            (said, Some(developed))
        }
    };
    writeln!(output, "{}", serde_json::to_string(&said)?)?;
    if let Some(developed) = developed {
        output.write_all(&developed.jpeg)?;
        output.write_all(&developed.preview)?;
    }
    output.flush()
}
