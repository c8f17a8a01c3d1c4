//! `todoke` and others as processes, with what they wrote.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};

use serde_json::Value;

use super::{until, until_true};

/// A command that is not given yet.
pub(crate) struct Program {
    command: Command,
    input: Option<String>,
}

/// The program under test, without any setting of whoever runs the tests.
pub(crate) fn todoke() -> Program {
    let mut program = Program::new(env!("CARGO_BIN_EXE_todoke"));
    for name in [
        "DATABASE",
        "KEY_FILE",
        "CARRIER",
        "SENDER",
        "LISTEN",
        "RESIDENT_LISTEN",
        "PUBLIC_URL",
        "TLS_CERTIFICATE",
        "TLS_KEY",
        "RESIDENT_TLS_CERTIFICATE",
        "RESIDENT_TLS_KEY",
        "TRUSTED_PROXY",
        "OIDC_CA",
        "HOLD",
        "BREACHED_PASSWORDS",
    ] {
        program.command.env_remove(format!("TODOKE_{name}"));
    }
    program
}

impl Program {
    pub(crate) fn new(path: impl AsRef<OsStr>) -> Self {
        Self {
            command: Command::new(path),
            input: None,
        }
    }

    pub(crate) fn arg(mut self, arg: impl AsRef<OsStr>) -> Self {
        self.command.arg(arg);
        self
    }

    pub(crate) fn args(mut self, args: &[&str]) -> Self {
        self.command.args(args);
        self
    }

    pub(crate) fn env(mut self, name: &str, value: &str) -> Self {
        self.command.env(name, value);
        self
    }

    pub(crate) fn in_directory(mut self, directory: &std::path::Path) -> Self {
        self.command.current_dir(directory);
        self
    }

    /// What it reads from its standard input.
    pub(crate) fn input(mut self, text: &str) -> Self {
        self.input = Some(text.to_owned());
        self
    }

    /// Runs it to its end.
    pub(crate) fn run(self) -> Ended {
        let mut running = self.start();
        drop(running.input.take());
        running.wait()
    }

    /// Starts it; its input stays open.
    pub(crate) fn start(mut self) -> Running {
        let pipes = self
            .command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = pipes.spawn().unwrap();
        let mut input = child.stdin.take().unwrap();
        if let Some(text) = self.input {
            // A program that ends early does not read it.
            let _ = input.write_all(text.as_bytes());
        }
        let (stdout, stderr) = (Written::default(), Written::default());
        let readers = vec![
            stdout.read(child.stdout.take().unwrap()),
            stderr.read(child.stderr.take().unwrap()),
        ];
        Running {
            child,
            input: Some(input),
            stdout,
            stderr,
            readers,
        }
    }
}

/// Lines as they are written.
#[derive(Clone, Default)]
struct Written(Arc<Mutex<String>>);

impl Written {
    fn read(&self, from: impl Read + Send + 'static) -> JoinHandle<()> {
        let written = self.clone();
        thread::spawn(move || {
            let mut from = BufReader::new(from);
            let mut line = Vec::new();
            while from.read_until(b'\n', &mut line).unwrap_or(0) > 0 {
                written
                    .0
                    .lock()
                    .unwrap()
                    .push_str(&String::from_utf8_lossy(&line));
                line.clear();
            }
        })
    }

    fn text(&self) -> String {
        self.0.lock().unwrap().clone()
    }
}

/// A process that runs; it is killed when this goes.
pub(crate) struct Running {
    child: Child,
    input: Option<ChildStdin>,
    stdout: Written,
    stderr: Written,
    readers: Vec<JoinHandle<()>>,
}

impl Running {
    /// The first line of its output that holds `part`; panics when it ends without.
    pub(crate) fn line_with(&mut self, part: &str) -> String {
        let stdout = self.stdout.clone();
        self.line_of(&stdout, part)
    }

    /// The same of what it writes to its standard error.
    pub(crate) fn error_with(&mut self, part: &str) -> String {
        let stderr = self.stderr.clone();
        self.line_of(&stderr, part)
    }

    fn line_of(&mut self, written: &Written, part: &str) -> String {
        until(part, || {
            let ended =
                self.child.try_wait().unwrap().is_some() && self.readers.iter().all(JoinHandle::is_finished);
            let text = written.text();
            let found = text.lines().find(|line| line.contains(part)).map(str::to_owned);
            assert!(
                found.is_some() || !ended,
                "no 「{part}」 in {text}\n{}",
                self.stderr.text()
            );
            found
        })
    }

    pub(crate) fn is_running(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    pub(crate) fn signal(&self, name: &str) {
        let pid = self.child.id().to_string();
        let sent = Command::new("sh")
            .args(["-c", "kill \"-$0\" \"$1\"", name, &pid])
            .status();
        assert!(sent.unwrap().success(), "{name} to a process that is gone");
    }

    /// Closes its input, which ends the foreign peers.
    pub(crate) fn close_input(&mut self) {
        self.input = None;
    }

    /// Waits for its end.
    pub(crate) fn wait(mut self) -> Ended {
        until_true("the end of a process", || !self.is_running());
        let status = self.child.wait().unwrap();
        for reader in std::mem::take(&mut self.readers) {
            reader.join().unwrap();
        }
        Ended {
            code: status.code(),
            stdout: self.stdout.text(),
            stderr: self.stderr.text(),
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What a process left behind.
pub(crate) struct Ended {
    /// `None` after a signal.
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ended {
    #[track_caller]
    pub(crate) fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{}\n{}", self.stdout, self.stderr);
        self
    }

    /// The one JSON document on stdout.
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|error| panic!("{error}: {}\n{}", self.stdout, self.stderr))
    }

    #[track_caller]
    pub(crate) fn report(&self) -> Report {
        Report(self.json())
    }

    /// Says this to the person at the keyboard.
    #[track_caller]
    pub(crate) fn says(self, words: &str) -> Self {
        assert!(
            self.stderr.contains(words),
            "「{words}」 is not in: {}",
            self.stderr
        );
        self
    }
}

/// The report of `todoke send --json`.
pub(crate) struct Report(pub(crate) Value);

impl Report {
    pub(crate) fn rows(&self) -> &Vec<Value> {
        self.0["rows"].as_array().unwrap()
    }

    /// How many rows of this state; the summary and the rows must agree.
    #[track_caller]
    pub(crate) fn count(&self, state: &str) -> usize {
        let counted = self.rows().iter().filter(|row| row["state"] == state).count();
        let said = self.0["summary"]
            .get(state)
            .map_or(0, |count| count.as_u64().unwrap());
        assert_eq!(said, counted as u64, "{state}: {}", self.0);
        counted
    }

    /// All rows are in this state, and there are so many.
    #[track_caller]
    pub(crate) fn all(&self, state: &str, count: usize) {
        assert_eq!(
            (self.rows().len(), self.count(state)),
            (count, count),
            "{}",
            self.0
        );
    }

    /// The state of the row on this line of the sheet.
    #[track_caller]
    pub(crate) fn state(&self, line: u64) -> &str {
        self.row(line)["state"].as_str().unwrap()
    }

    #[track_caller]
    pub(crate) fn row(&self, line: u64) -> &Value {
        let found = self.rows().iter().find(|row| row["line"] == line);
        found.unwrap_or_else(|| panic!("no line {line} in {}", self.0))
    }
}
