//! What the history costs: a list checked against a million earlier recipients, and rows recorded at sending.
//!
//! `cargo run --release -p lists --example contacts_million -- [--database sqlite:FILE|postgres://…] [--rows N]`;
//! the database is new each time (without `--database`: a file that goes away). Prints one JSON line a figure.

use std::error::Error;
use std::sync::Arc;
use std::time::Instant;

use base::clock::{Clock, DAY, Millis};
use base::id::{ListId, MessageId, OfficeId, OrgId, StaffId};
use base::phone::PhoneNumber;
use db::{Db, OpenOptions, OrgVault};
use lists::contacts::{
    Asked, NewContact, Occasion, PersonKeys, PersonValues, Purpose, facts, overlaps, record, remember_rows,
    sightings,
};
use lists::numbers::known_wrong;
use lists::read::{ReadOptions, read};
use lists::store::{NewList, Settings, add_list};

const ORG: OrgId = OrgId::FIRST;
const OFFICES: i64 = 17;
/// Earlier recipients are spread over so many days.
const DAYS: usize = 60;
/// Recipients of today.
const TODAY: usize = 5_000;
/// Messages of one send.
const SEND: usize = 300;

type Outcome<T> = Result<T, Box<dyn Error>>;

#[tokio::main]
async fn main() -> Outcome<()> {
    let directory = std::env::temp_dir().join(format!("todoke-contacts-{}", std::process::id()));
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

async fn measure(db: &Db, rows: usize) -> Outcome<()> {
    let vault = db.vault(ORG).await?;
    seed(db, &vault, rows).await?;
    // Half of the people were written to before, half are new.
    for size in [300, 10_000, 100_000] {
        let begun = Instant::now();
        let list: Vec<PersonKeys> = (0..size).map(|n| keys(&vault, rows - size / 2 + n)).collect();
        figure("keys", size, begun);
        for round in ["cold", "warm"] {
            check(db, &list, round).await?;
        }
    }
    for size in [300, 10_000] {
        let contacts = Arc::new(people(&vault, 2 * rows + size, size));
        let begun = Instant::now();
        store(db, Arc::clone(&contacts), db.now(), 3, None).await?;
        figure("record", size, begun);
        let list = add(db).await?;
        let begun = Instant::now();
        let keys: Vec<PersonKeys> = contacts.iter().map(|one| one.keys).collect();
        remember(db, list, db.now(), Arc::new(keys)).await?;
        figure("remember", size, begun);
    }
    Ok(())
}

async fn check(db: &Db, list: &[PersonKeys], round: &str) -> Outcome<()> {
    let asked = Asked {
        office: OfficeId::new(3),
        list: None,
        days: Purpose::FirstTouch.repeat_days(),
    };
    let begun = Instant::now();
    let found = facts(db, ORG, &asked, list).await?;
    figure(&format!("facts_{round}"), list.len(), begun);
    assert!(
        found.iter().any(|row| row.repeats(Purpose::FirstTouch).is_some()),
        "some were written to"
    );
    let begun = Instant::now();
    overlaps(db, ORG, None, 30, list).await?;
    figure(&format!("overlaps_{round}"), list.len(), begun);
    let begun = Instant::now();
    sightings(db, ORG, None, 30, list).await?;
    figure(&format!("sightings_{round}"), list.len(), begun);
    let begun = Instant::now();
    known_wrong(db, ORG, list).await?;
    figure(&format!("known_wrong_{round}"), list.len(), begun);
    Ok(())
}

/// Sends of the last days and of today, and the lists that they came from.
async fn seed(db: &Db, vault: &OrgVault, rows: usize) -> Outcome<()> {
    let (now, begun) = (db.now(), Instant::now());
    let earlier = rows - TODAY;
    for first in (0..rows).step_by(SEND) {
        let days = if first < earlier {
            i64::try_from(DAYS - first * (DAYS - 1) / rows)?
        } else {
            0
        };
        let contacts = people(vault, first, SEND.min(rows - first));
        let list = add(db).await?;
        let keys: Vec<PersonKeys> = contacts.iter().map(|one| one.keys).collect();
        let office = i64::try_from(first / SEND)? % OFFICES + 1;
        let at = now - days * DAY;
        store(db, Arc::new(contacts), at, office, Some(list)).await?;
        remember(db, list, at, Arc::new(keys)).await?;
    }
    figure("seed", rows, begun);
    Ok(())
}

async fn store(
    db: &Db,
    contacts: Arc<Vec<NewContact>>,
    at: Millis,
    office: i64,
    list: Option<ListId>,
) -> Outcome<()> {
    let occasion = Occasion {
        office: OfficeId::new(office),
        purpose: Purpose::FirstTouch,
        list,
        at,
    };
    db.write(move |tx| {
        let contacts = Arc::clone(&contacts);
        Box::pin(async move { record(tx, ORG, &occasion, &contacts).await })
    })
    .await?;
    Ok(())
}

async fn remember(db: &Db, list: ListId, at: Millis, rows: Arc<Vec<PersonKeys>>) -> Outcome<()> {
    db.write(move |tx| {
        let rows = Arc::clone(&rows);
        Box::pin(async move { remember_rows(tx, ORG, list, at, &rows).await })
    })
    .await?;
    Ok(())
}

async fn add(db: &Db) -> Outcome<ListId> {
    let sheet = read(
        "list.csv",
        "電話\n09012345678\n".as_bytes(),
        &ReadOptions::default(),
    )?;
    let new = NewList {
        role: lists::store::Role::List,
        reference: None,
        office: OfficeId::HEADQUARTERS,
        sheet,
        settings: Settings::default(),
        by: StaffId::new(1),
    };
    Ok(add_list(db, ORG, new).await?)
}

fn people(vault: &OrgVault, first: usize, count: usize) -> Vec<NewContact> {
    (first..first + count)
        .map(|n| NewContact {
            message: MessageId::new(i64::try_from(n).unwrap_or(i64::MAX) + 1),
            keys: keys(vault, n),
        })
        .collect()
}

/// Everybody has an ID, a name that others have and a birth date; one of eight shares a number with the one before.
fn keys(vault: &OrgVault, n: usize) -> PersonKeys {
    let number = 10_000_000 + (n - usize::from(n % 8 == 7)) * 7 % 89_999_993;
    let (id, name) = (
        format!("{:08}", n * 31 % 99_999_989),
        format!("見本 {}", n % 5_003),
    );
    let birth = format!("{}/{}/{}", 1930 + n % 80, n % 12 + 1, n % 28 + 1);
    PersonKeys::of(
        vault,
        &PersonValues {
            phone: PhoneNumber::from_e164(&format!("+8190{number}")),
            id: Some(&id),
            name: Some(&name),
            birth: Some(&birth),
        },
    )
}

fn figure(name: &str, rows: usize, begun: Instant) {
    let seconds = begun.elapsed().as_secs_f64();
    println!("{{\"name\":\"{name}\",\"rows\":{rows},\"seconds\":{seconds:.3}}}");
}
