//! What a million cases cost: taking a thousand more in, and the slowest of each search and list.
//!
//! `cargo run --release -p triage --example cases_million -- [--database sqlite:FILE|postgres://…] [--rows N]`;
//! the database is new each time (without `--database`: a file that goes away). Prints one JSON line a figure:
//! milliseconds at the middle, at 95 of 100, and at worst.

use std::error::Error;
use std::time::Instant;

use base::clock::Clock;
use base::date::CalendarDate;
use base::id::{OfficeId, OrgId};
use base::phone;
use db::{Db, OpenOptions};
use triage::case::{CaseSource, FirstContact, NewCase};
use triage::decision::{Route, WithoutRules};
use triage::keys::CaseKey;
use triage::notification::CaseNotification;
use triage::store::cases::add;
use triage::store::search::{Filter, by_keys, by_reference, listed, waiting, waiting_counts};

const ORG: OrgId = OrgId::FIRST;
const OFFICES: usize = 17;
const ROUNDS: usize = 100;
/// Family names: the first two morae of each have as many people as サト and スズ in Japan, or more.
const FAMILIES: [&str; 20] = [
    "サトウ",
    "スズキ",
    "タカハシ",
    "タナカ",
    "イトウ",
    "ワタナベ",
    "ヤマモト",
    "ナカムラ",
    "コバヤシ",
    "カトウ",
    "ヨシダ",
    "ヤマダ",
    "ササキ",
    "ヤマグチ",
    "マツモト",
    "イノウエ",
    "キムラ",
    "ハヤシ",
    "シミズ",
    "サイトウ",
];

type Outcome<T> = Result<T, Box<dyn Error>>;

#[tokio::main]
async fn main() -> Outcome<()> {
    let directory = std::env::temp_dir().join(format!("todoke-cases-{}", std::process::id()));
    std::fs::create_dir_all(&directory)?;
    let (url, rows) = arguments(&directory)?;
    let key_file = directory.join("key");
    let clock = Clock::System;
    let db = Db::open(&OpenOptions { url, key_file, clock }).await?;
    let outcome = measure(&db, rows).await;
    std::fs::remove_dir_all(directory)?;
    outcome
}

fn arguments(directory: &std::path::Path) -> Outcome<(db::DatabaseUrl, usize)> {
    let mut url = format!("sqlite:{}", directory.join("todoke.db").display());
    let mut rows = 1_000_000;
    let mut arguments = std::env::args().skip(1);
    while let Some(flag) = arguments.next() {
        let value = arguments.next().ok_or("a value is missing")?;
        match flag.as_str() {
            "--database" => url = value,
            "--rows" => rows = value.parse()?,
            _ => return Err(format!("unknown: {flag}").into()),
        }
    }
    Ok((url.parse()?, rows))
}

fn person(n: usize) -> NewCase {
    let mut notification = CaseNotification::default();
    let family = FAMILIES[n % FAMILIES.len()];
    notification.person.name = format!("{family} {n}");
    notification.person.kana = Some(format!("{family} {n}"));
    let year = 1930 + u16::try_from(n % 90).unwrap_or_default();
    notification.person.birth = CalendarDate::new(year, 1, 1);
    notification.person.mobiles = number(n);
    notification.person.location = Some(format!("見本市本町{}-{}", n / 3, n % 7));
    notification.person.register_id = Some(format!("{n:08}"));
    NewCase {
        office: office(n),
        source: CaseSource::Api,
        notification,
    }
}

/// One in seven shares the number of the one before.
fn number(n: usize) -> Vec<phone::PhoneNumber> {
    let n = if n.is_multiple_of(7) {
        n.saturating_sub(1)
    } else {
        n
    };
    let parsed = phone::parse(&format!("090{n:08}"));
    parsed.map(|parsed| parsed.number).into_iter().collect()
}

fn office(n: usize) -> OfficeId {
    OfficeId::new(2 + i64::try_from(n % OFFICES).unwrap_or_default())
}

async fn measure(db: &Db, rows: usize) -> Outcome<()> {
    let begun = Instant::now();
    let first = rows + 1;
    for from in (0..rows).step_by(1_000) {
        let new = (from..(from + 1_000).min(rows))
            .map(|n| person(first + n))
            .collect();
        add(db, ORG, 1, &WithoutRules, None, new).await?;
    }
    println!(
        r#"{{"what":"seed","rows":{rows},"seconds":{:.1}}}"#,
        begun.elapsed().as_secs_f64()
    );
    let mut times = Vec::new();
    for round in 0..10 {
        let new = (0..1_000)
            .map(|n| person(first + rows + round * 1_000 + n))
            .collect();
        let begun = Instant::now();
        add(db, ORG, 1, &WithoutRules, None, new).await?;
        times.push(begun.elapsed().as_secs_f64() * 1_000.0);
    }
    figure("add a thousand", &mut times);
    searches(db, first, rows).await?;
    lists(db).await
}

async fn searches(db: &Db, first: usize, rows: usize) -> Outcome<()> {
    let vault = db.vault(ORG).await?;
    for (what, office) in [("all", None), ("office", Some(OfficeId::new(2)))] {
        for kind in ["number", "register id", "kana", "kana head", "reference"] {
            let mut times = Vec::new();
            for round in 0..ROUNDS {
                let n = first + (round * 7_919) % rows;
                let new = person(n).notification.person;
                let kana = new.kana.unwrap_or_default();
                let begun = Instant::now();
                let key = match kind {
                    "number" => new
                        .mobiles
                        .first()
                        .map(|number| CaseKey::of_mobile(&vault, *number)),
                    "register id" => CaseKey::of_register_id(&vault, &format!("{n:08}")),
                    "kana" => CaseKey::of_kana(&vault, &kana),
                    "kana head" => CaseKey::of_kana_head(&vault, &kana),
                    _ => None,
                };
                if let Some(key) = key {
                    drop(by_keys(db, ORG, office, &[key]).await?);
                } else {
                    let case = base::id::CaseId::new(i64::try_from(n - first + 1)?);
                    let reference = triage::reference::Reference::of(&vault, case);
                    drop(by_reference(db, ORG, office, reference).await?);
                }
                times.push(begun.elapsed().as_secs_f64() * 1_000.0);
            }
            figure(&format!("search {kind}, {what}"), &mut times);
        }
    }
    Ok(())
}

async fn lists(db: &Db) -> Outcome<()> {
    for (what, office) in [("all", None), ("office", Some(OfficeId::new(2)))] {
        for (filter, contact, route) in [
            ("none", None, None),
            ("rare", Some(FirstContact::Opened), None),
            ("rare route", None, Some(Route::Physician)),
            ("both", Some(FirstContact::Waiting), Some(Route::Physician)),
        ] {
            let mut times = Vec::new();
            for _ in 0..ROUNDS / 5 {
                let begun = Instant::now();
                let filter = Filter {
                    office,
                    contact,
                    route,
                };
                drop(listed(db, ORG, filter, None).await?);
                times.push(begun.elapsed().as_secs_f64() * 1_000.0);
            }
            figure(&format!("list {filter}, {what}"), &mut times);
        }
        let mut times = Vec::new();
        for _ in 0..ROUNDS / 5 {
            let begun = Instant::now();
            drop(waiting(db, ORG, office, Route::CentrePhone, 51, 0).await?);
            times.push(begun.elapsed().as_secs_f64() * 1_000.0);
        }
        figure(&format!("waiting, {what}"), &mut times);
        let begun = Instant::now();
        drop(waiting_counts(db, ORG, office).await?);
        figure(
            &format!("counts of those who wait, everybody waiting, {what}"),
            &mut [begun.elapsed().as_secs_f64() * 1_000.0],
        );
    }
    Ok(())
}

fn figure(what: &str, times: &mut [f64]) {
    times.sort_by(f64::total_cmp);
    let at = |percent: usize| times[(times.len() * percent / 100).min(times.len() - 1)];
    println!(
        r#"{{"what":"{what}","ms":{:.1},"p95":{:.1},"worst":{:.1}}}"#,
        at(50),
        at(95),
        at(100)
    );
}
