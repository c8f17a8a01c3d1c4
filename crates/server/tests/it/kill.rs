//! `todoke send` killed at seeded points around every commit, write, answer and receipt, given again at once,
//! and counted by the SMSC: none lost, none handed over twice, nothing stranded, unknowns within bounds.
//!
//! `KILL_RUNS` runs per database (100), beginning with `KILL_SEED` (1): `bin/kill 2000` for thousands. A run that
//! fails prints its seed; `KILL_RUNS=1 KILL_SEED=… ` repeats it.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use base::clock::Clock;
use db::testing::TestDatabase;
use smpp::smsc::{ReceiptPlan, Smsc, SmscConfig};
use tempfile::TempDir;

/// Parts under way at a time: small, so that a short list has many commits.
const WINDOW: usize = 10;
const ROWS: u64 = 60;

/// Places in the program (`base::killpoint`), and how often at most each is passed before the death.
const PLACES: [(&str, u64); 10] = [
    ("commit.before", 40),
    ("commit.after", 40),
    ("broadcast.stored", 1),
    ("exchange.committed", 12),
    ("submit.before", 12),
    ("submit.after", 12),
    ("answer.read", 80),
    ("receipts.read", 12),
    ("receipts.committed", 12),
    ("receipts.before_resp", 12),
];

/// `SplitMix64` (Steele, Lea, Flood 2014): a seed gives the same run on every machine.
struct Chance(u64);

impl Chance {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)) % end
    }
}

/// How a process dies.
enum Death {
    /// At a place in the program, at a certain passing.
    At(&'static str, u64),
    /// By SIGKILL, once the SMSC has seen so many parts.
    AfterSubmits(u64),
}

impl Death {
    fn draw(chance: &mut Chance) -> Self {
        if chance.below(4) == 0 {
            return Self::AfterSubmits(1 + chance.below(ROWS));
        }
        let (place, passes) = PLACES[usize::try_from(chance.below(PLACES.len() as u64)).unwrap()];
        Self::At(place, 1 + chance.below(passes))
    }
}

struct Run<'a> {
    seed: u64,
    database: &'a TestDatabase,
    list: std::path::PathBuf,
    smsc: Smsc,
    _directory: TempDir,
}

impl<'a> Run<'a> {
    async fn new(seed: u64, database: &'a TestDatabase) -> Self {
        let receipts = ReceiptPlan {
            delay_max: Duration::from_millis(3),
            duplicates: 0.1,
            early: 0.1,
            ..ReceiptPlan::default()
        };
        // Ids must not repeat within one database.
        let config = SmscConfig {
            journal: true,
            receipts,
            first_message_id: seed << 32,
            ..SmscConfig::default()
        };
        let directory = TempDir::new().unwrap();
        let list = directory.path().join("list.csv");
        write_list(&list, seed);
        Self {
            seed,
            database,
            list,
            smsc: Smsc::start(config).await.unwrap(),
            _directory: directory,
        }
    }

    fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_todoke"));
        let port = self.smsc.address().port();
        command
            .arg("send")
            .arg(&self.list)
            .args([
                "--to",
                "電話番号",
                "--template",
                "{{文面}}",
                "--json",
                "--wait",
                "30",
            ])
            .args([
                "--carrier",
                &format!("smpp://a:b@127.0.0.1:{port}?window={WINDOW}"),
            ])
            .args(["--database", &self.database.address()])
            .arg("--key-file")
            .arg(&self.database.options.key_file)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// Says whether it died before it had ended by itself.
    async fn die(&self, death: &Death) -> bool {
        let mut command = self.command();
        if let Death::At(place, passing) = death {
            command.env("TODOKE_KILL_AT", format!("{place}:{passing}"));
        }
        let mut child = command.spawn().unwrap();
        if let Death::AfterSubmits(count) = death {
            let already = self.smsc.counters().submits;
            while self.smsc.counters().submits < already + count && child.try_wait().unwrap().is_none() {
                tokio::task::yield_now().await;
            }
            // It may have ended by itself.
            let _ = child.kill();
        }
        wait(child).await.status.signal().is_some()
    }

    /// Gives the command until it ends by itself and checks everything that was promised.
    async fn finish(&self, crashes: usize) {
        let output = wait(self.command().spawn().unwrap()).await;
        let seed = self.seed;
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        let report: serde_json::Value = serde_json::from_slice(&output.stdout)
            .unwrap_or_else(|error| panic!("seed {seed}: no report ({error}): {stderr}"));
        let rows = report["rows"].as_array().unwrap();
        assert_eq!(rows.len() as u64, ROWS, "seed {seed}: every row is in the report");
        let mut unknown = 0;
        for row in rows {
            match row["state"].as_str().unwrap() {
                "delivered" => {}
                "unconfirmed" => unknown += 1,
                other => panic!("seed {seed}: a row is left {other}: {stderr}"),
            }
        }
        assert!(
            unknown <= WINDOW * crashes,
            "seed {seed}: {unknown} unknown after {crashes} crashes"
        );
        let mut accepted: HashMap<(String, u8), usize> = HashMap::new();
        for entry in self.smsc.journal() {
            let part = entry.place.map_or(1, |place| place.part);
            *accepted.entry((entry.destination_addr, part)).or_default() += 1;
        }
        for ((number, part), count) in &accepted {
            assert_eq!(
                *count, 1,
                "seed {seed}: part {part} of {number} was handed over {count} times"
            );
        }
        for row in rows.iter().filter(|row| row["state"] == "delivered") {
            let number = row["phone"].as_str().unwrap().trim_start_matches('+').to_owned();
            assert!(
                accepted.contains_key(&(number, 1)),
                "seed {seed}: delivered, but never handed over"
            );
        }
    }
}

/// Waits without blocking the SMSC, which lives in this process.
async fn wait(child: Child) -> std::process::Output {
    tokio::task::spawn_blocking(move || child.wait_with_output().unwrap())
        .await
        .unwrap()
}

/// A list whose texts differ from those of every other seed; every tenth is of three parts.
fn write_list(path: &Path, seed: u64) {
    let mut list = String::from("電話番号,文面\n");
    for row in 0..ROWS {
        let text = if row % 10 == 0 {
            "長い文面です。".repeat(20)
        } else {
            "短い文面です。".to_owned()
        };
        writeln!(
            list,
            "090-{:04}-{:04},{seed}-{row} {text}",
            1000 + seed % 9000,
            row
        )
        .unwrap();
    }
    std::fs::write(path, list).unwrap();
}

/// Gives how often it died.
async fn run(seed: u64, database: &TestDatabase) -> usize {
    let mut chance = Chance(seed);
    let run = Run::new(seed, database).await;
    let mut crashes = 0;
    for _ in 0..=(chance.below(4) / 3) {
        let death = Death::draw(&mut chance);
        crashes += usize::from(run.die(&death).await);
    }
    run.finish(crashes).await;
    crashes
}

fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name)
        .ok()
        .and_then(|value| value.parse().ok())
        .unwrap_or(default)
}

/// All seeds, in two streams at a time on databases of their own.
async fn all_seeds(databases: Vec<TestDatabase>) {
    let (runs, first) = (setting("KILL_RUNS", 100), setting("KILL_SEED", 1));
    let streams = databases.len() as u64;
    let mut tasks = Vec::new();
    for (stream, database) in (0..).zip(databases) {
        tasks.push(tokio::spawn(async move {
            let mut crashes = 0;
            for seed in (first..first + runs).filter(|seed| seed % streams == stream) {
                crashes += run(seed, &database).await;
            }
            crashes
        }));
    }
    let mut crashes = 0;
    for task in tasks {
        crashes += task.await.unwrap();
    }
    println!(
        "killed {crashes} times with seeds {first} to {}",
        first + runs - 1
    );
    assert!(
        crashes as u64 >= runs / 2,
        "only {crashes} deaths in {runs} runs: the places are not reached"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn sqlite_survives_kill_9_anywhere() {
    all_seeds(vec![
        TestDatabase::sqlite(Clock::System),
        TestDatabase::sqlite(Clock::System),
    ])
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn postgres_survives_kill_9_anywhere() {
    let mut databases = Vec::new();
    for _ in 0..2 {
        databases.extend(TestDatabase::postgres(Clock::System).await);
    }
    if databases.is_empty() {
        eprintln!("TEST_PG_URL is not set: not tested on PostgreSQL (bin/test does)");
        return;
    }
    all_seeds(databases).await;
}
