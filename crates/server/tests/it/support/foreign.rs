//! SMPP and `OpenID` Connect that nobody here wrote: the programs under `tests/peers`, by Node.js, Python and tshark.

use std::path::PathBuf;
use std::process::Command;

use serde_json::Value;

use super::process::{Ended, Program, Running};
use super::repository;

/// The tools, or `None` with a printed reason where they are not installed; `bin/test` installs them and
/// then does not take no for an answer.
pub(crate) fn tools() -> Option<Tools> {
    let tools = Tools::new();
    tools.if_there(&[
        (
            "Python with smpp34 and smpplib",
            tools.answers(&tools.python, &["-c", "import smpp34, smpplib"]),
        ),
        (
            "Node.js with smpp",
            tools.answers(&tools.node, &["-e", "import('smpp')"]),
        ),
        ("tshark", tools.answers(&"tshark".into(), &["--version"])),
    ])
}

/// What an identity provider needs, or `None`, as above.
pub(crate) fn identity_tools() -> Option<Tools> {
    let tools = Tools::new();
    tools.if_there(&[(
        "Node.js with oidc-provider",
        tools.answers(&tools.node, &["-e", "import('oidc-provider')"]),
    )])
}

#[derive(Clone)]
pub(crate) struct Tools {
    python: PathBuf,
    node: PathBuf,
    peers: PathBuf,
}

impl Tools {
    fn new() -> Self {
        let root = repository();
        let python = std::env::var_os("TEST_PYTHON")
            .map_or_else(|| root.join("target/venv/bin/python"), PathBuf::from);
        let node = std::env::var_os("TEST_NODE").map_or_else(|| "node".into(), PathBuf::from);
        Self {
            python,
            node,
            peers: root.join("tests/peers"),
        }
    }

    fn answers(&self, program: &PathBuf, args: &[&str]) -> bool {
        let asked = Command::new(program).args(args).current_dir(&self.peers).output();
        asked.is_ok_and(|answer| answer.status.success())
    }

    fn if_there(&self, needed: &[(&str, bool)]) -> Option<Self> {
        let missing: Vec<&str> = needed
            .iter()
            .filter(|(_, there)| !there)
            .map(|(name, _)| *name)
            .collect();
        if missing.is_empty() {
            return Some(self.clone());
        }
        assert!(
            std::env::var_os("CI_REQUIRE_PEERS").is_none(),
            "not installed: {missing:?}"
        );
        eprintln!("skipped, since these are not installed (bin/test installs them): {missing:?}");
        None
    }

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
