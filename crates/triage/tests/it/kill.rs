//! A gathering, a message to one person and a standing order, killed at seeded points around every commit and begun
//! again: nobody is stranded, nobody is written to twice. Every case either waits, to be gathered again, or is tied to
//! its one message.
//!
//! `KILL_RUNS` runs per database (30), beginning with `KILL_SEED` (1): `bin/kill 2000` for thousands. A run that fails
//! prints its seed; `KILL_RUNS=1 KILL_SEED=… ` repeats it.

use std::collections::HashSet;
use std::os::unix::process::ExitStatusExt as _;
use std::process::{Command, Output, Stdio};

use base::clock::{Clock, DAY};
use base::id::{CaseId, MessageId};
use db::testing::TestDatabase;
use db::{DatabaseUrl, Db, OpenOptions};
use lists::choice::Household;
use messaging::broadcast::{Origin, StartError};
use messaging::pages::Desk;
use messaging::pages::roll::{self, Version};
use messaging::release::Hours;
use messaging::store;
use triage::case::FirstContact;
use triage::decision::Route;
use triage::gather::{Gathering, OnlyIf, start};
use triage::order::{NewOrder, release};
use triage::store::events::messages;
use triage::store::orders;

use crate::people::{ASAKA, HANAKO, NOON, ORG, opened, person};
use crate::reach::{arrive, desk, gather_all, text};

/// The test that is run again as a process of its own, to die.
const CHILD: &str = "kill::the_one_that_dies";
const PEOPLE: u64 = 12;

/// Places in the program (`base::killpoint`), and how often at most each is passed before the death.
const PLACES: [(&str, u64); 3] = [("commit.before", 6), ("commit.after", 6), ("gather.stored", 2)];

/// What is under way when it dies.
const WORKS: [&str; 3] = ["gather", "one", "order"];

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

    fn one_of<T: Copy>(&mut self, all: &[T]) -> T {
        all[usize::try_from(self.below(all.len() as u64)).unwrap()]
    }
}

fn setting(name: &str, default: u64) -> u64 {
    let value = std::env::var(name).ok();
    value.and_then(|value| value.parse().ok()).unwrap_or(default)
}

/// One process that does `work` about these cases; it dies at `place`, if one is named.
async fn process(
    database: &TestDatabase,
    (work, cases): (&str, &[CaseId]),
    version: Version,
    place: Option<String>,
) -> Output {
    let numbers: Vec<String> = cases.iter().map(ToString::to_string).collect();
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args([CHILD, "--exact", "--ignored", "--nocapture"])
        .env("KILL_DATABASE", database.address())
        .env("KILL_KEY", &database.options.key_file)
        .env("KILL_WORK", work)
        .env("KILL_CASES", numbers.join(","))
        .env("KILL_TEXT", version.0.to_string())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    if let Some(place) = place {
        command.env("TODOKE_KILL_AT", place);
    }
    tokio::task::spawn_blocking(move || command.output().unwrap())
        .await
        .unwrap()
}

/// The process that dies: not a test by itself.
#[tokio::test]
#[ignore = "run by the tests of this file, as a process of its own"]
async fn the_one_that_dies() {
    let Ok(work) = std::env::var("KILL_WORK") else {
        return;
    };
    let read = |name: &str| std::env::var(name).unwrap();
    let url: DatabaseUrl = read("KILL_DATABASE").parse().unwrap();
    let options = OpenOptions {
        url,
        key_file: read("KILL_KEY").into(),
        clock: Clock::manual(NOON),
    };
    let db = Db::open(&options).await.unwrap();
    let desk = desk(&db);
    let version = (base::id::TemplateId::new(read("KILL_TEXT").parse().unwrap()), 1);
    match work.as_str() {
        "gather" => match gather_all(&desk, version).await {
            Ok(_) | Err(StartError::NoRows | StartError::AllLeftOut(_)) => {}
            Err(error) => panic!("{error}"),
        },
        "one" => {
            for id in read("KILL_CASES")
                .split(',')
                .map(|id| CaseId::new(id.parse().unwrap()))
            {
                write_to(&desk, id, version).await;
            }
        }
        _ => {
            release(&desk, ORG).await.unwrap();
        }
    }
}

/// As `POST /cases/{id}/write` does: whoever has the text already gets it no second time.
async fn write_to(desk: &Desk, id: CaseId, version: Version) {
    let gathering = Gathering::of(&desk.db, ORG, &[id]).await.unwrap();
    let vault = desk.db.vault(ORG).await.unwrap();
    let names = std::collections::HashMap::new();
    let roll = gathering.roll(&vault, ASAKA, version, Household::Each, &names);
    let judged = roll::judge(desk, roll).await.unwrap().unwrap();
    if judged.rows.is_empty() {
        return;
    }
    let (name, by) = ("ひとり".to_owned(), Some(HANAKO));
    let new = judged.broadcast(desk, name, Origin::Browser, by).await.unwrap();
    start(&desk.db, &gathering, &judged, new, OnlyIf::Open, false)
        .await
        .unwrap();
}

/// Whom each case was written to with; panics if a case stands half-way.
async fn whole(db: &Db, seed: u64, cases: &[CaseId]) -> usize {
    let mut written: HashSet<MessageId> = HashSet::new();
    let mut tied = 0;
    for id in cases {
        let (contact, of_case) = (
            opened(db, *id).await.contact,
            messages(db, ORG, *id).await.unwrap(),
        );
        match (contact, of_case.len()) {
            (FirstContact::Waiting, 0) => {}
            (FirstContact::Written, 1) => tied += 1,
            other => panic!("seed {seed}: case {id} stands half-way: {other:?}"),
        }
        written.extend(of_case.iter().map(|(message, ..)| *message));
    }
    assert_eq!(
        written.len(),
        tied,
        "seed {seed}: each has a message of their own"
    );
    tied
}

/// Every message there is, whoever it is to.
async fn all_messages(db: &Db) -> i64 {
    let all = store::broadcasts_between(db, ORG, NOON - DAY, NOON + DAY)
        .await
        .unwrap();
    let counts = all
        .iter()
        .map(|one| one.messages.1.get() - one.messages.0.get() + 1);
    counts.sum()
}

/// Gives whether it died.
async fn run(seed: u64, database: &TestDatabase, db: &Db, version: Version) -> bool {
    let mut chance = Chance(seed);
    let work = chance.one_of(&WORKS);
    let (place, passes) = chance.one_of(&PLACES);
    let passing = 1 + chance.below(passes);
    let people = (0..PEOPLE).map(|n| {
        let birth = format!("{}/4/3", 1950 + n);
        let number = format!("090-{:04}-{:04}", 1000 + seed % 9000, n);
        person(&format!("試験 {seed}・{n}"), "", &birth, &number)
    });
    let cases = arrive(db, ASAKA, people.collect()).await;
    let before = all_messages(db).await;
    let order = NewOrder {
        office: ASAKA,
        programme: 1,
        route: Route::HeadOfficeSms,
        version,
        per_release: 50,
        per_day: 1_000_000,
        hours: Hours::DAYTIME,
        by: HANAKO,
    };
    let order = orders::add(db, ORG, order).await.unwrap().unwrap();
    let died = process(
        database,
        (work, &cases),
        version,
        Some(format!("{place}:{passing}")),
    )
    .await;
    let tied = whole(db, seed, &cases).await;
    assert_eq!(
        all_messages(db).await - before,
        i64::try_from(tied).unwrap(),
        "seed {seed}: no message without its case"
    );
    // Given again, until it ends by itself: whoever still waits is written to, nobody else.
    let ended = process(database, (work, &cases), version, None).await;
    assert!(
        ended.status.success(),
        "seed {seed}: {}",
        String::from_utf8_lossy(&ended.stdout)
    );
    assert_eq!(
        whole(db, seed, &cases).await as u64,
        PEOPLE,
        "seed {seed}: nobody is stranded by a death in {work} at {place}:{passing}"
    );
    let made = all_messages(db).await - before;
    assert_eq!(made, i64::try_from(PEOPLE).unwrap(), "seed {seed}: nobody twice");
    assert!(orders::end(db, ORG, order, HANAKO).await.unwrap());
    died.status.signal().is_some()
}

#[tokio::test]
async fn nobody_is_stranded_or_written_to_twice_by_a_death_while_people_are_gathered() {
    let (runs, first) = (setting("KILL_RUNS", 30), setting("KILL_SEED", 1));
    for database in TestDatabase::each(&Clock::manual(NOON)).await {
        let options = OpenOptions {
            clock: Clock::manual(NOON),
            ..database.options.clone()
        };
        let db = Db::open(&options).await.unwrap();
        let version = text(&db).await;
        let mut deaths = 0;
        for seed in first..first + runs {
            deaths += u64::from(run(seed, &database, &db, version).await);
        }
        println!("killed {deaths} times with seeds {first} to {}", first + runs - 1);
        assert!(
            runs < 10 || deaths * 3 >= runs,
            "only {deaths} deaths in {runs} runs"
        );
    }
}
