//! SMPP that nobody here wrote: the programs under `tests/peers`, by Node.js, Python and tshark.

use std::path::PathBuf;
use std::process::Command;

use serde_json::Value;

use super::process::{Ended, Program, Running};
use super::repository;

/// The tools, or `None` with a printed reason where they are not installed; `bin/test` installs them and
/// then does not take no for an answer.
pub(crate) fn tools() -> Option<Tools> {
    let root = repository();
    let python =
        std::env::var_os("TEST_PYTHON").map_or_else(|| root.join("target/venv/bin/python"), PathBuf::from);
    let node = std::env::var_os("TEST_NODE").map_or_else(|| "node".into(), PathBuf::from);
    let tools = Tools {
        python,
        node,
        peers: root.join("tests/peers"),
    };
    let answers = |program: &PathBuf, args: &[&str]| {
        let asked = Command::new(program)
            .args(args)
            .current_dir(&tools.peers)
            .output();
        asked.is_ok_and(|answer| answer.status.success())
    };
    let missing: Vec<&str> = [
        (
            "Python with smpp34 and smpplib",
            answers(&tools.python, &["-c", "import smpp34, smpplib"]),
        ),
        (
            "Node.js with smpp",
            answers(&tools.node, &["-e", "import('smpp')"]),
        ),
        ("tshark", answers(&"tshark".into(), &["--version"])),
    ]
    .iter()
    .filter(|(_, there)| !there)
    .map(|(name, _)| *name)
    .collect();
    if missing.is_empty() {
        return Some(tools);
    }
    assert!(
        std::env::var_os("CI_REQUIRE_PEERS").is_none(),
        "not installed: {missing:?}"
    );
    eprintln!("skipped, since these are not installed (bin/test installs them): {missing:?}");
    None
}

pub(crate) struct Tools {
    python: PathBuf,
    node: PathBuf,
    peers: PathBuf,
}

impl Tools {
    pub(crate) fn python(&self, script: &str) -> Program {
        Program::new(&self.python).arg(self.peers.join(script))
    }

    pub(crate) fn node(&self, script: &str) -> Program {
        Program::new(&self.node).arg(self.peers.join(script))
    }

    /// What tshark says of a capture.
    pub(crate) fn dissect(&self, capture: &std::path::Path) -> Ended {
        Program::new(self.peers.join("dissect.sh")).arg(capture).run()
    }
}

/// A peer that prints one JSON document a line and ends when its input closes.
pub(crate) struct Peer {
    running: Running,
    pub(crate) port: u64,
}

impl Peer {
    pub(crate) fn start(program: Program) -> Self {
        let mut running = program.arg("--with-parent").start();
        let line = running.line_with("\"listening\"");
        let event: Value = serde_json::from_str(&line).unwrap();
        Self {
            port: event["port"].as_u64().unwrap(),
            running,
        }
    }

    /// Ends it; gives everything that it told.
    pub(crate) fn stop(mut self) -> Vec<Value> {
        self.running.close_input();
        let ended = self.running.wait();
        ended
            .stdout
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }
}
