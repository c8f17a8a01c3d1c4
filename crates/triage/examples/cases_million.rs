//! What a million cases cost: taking a thousand more in, the slowest of each search and list, and the figures.
//!
//! `cargo run --release -p triage --example cases_million -- [--database sqlite:FILE|postgres://…] [--key FILE]
//! [--rows N] [--days N]`; the database is new each time (without `--database`: a file that goes away). The cases came
//! in over so many days, in waves, on weekdays and by day; nearly all of them are reached and closed. Prints one JSON
//! line a figure: milliseconds at the middle, at 95 of 100, and at worst.

use std::error::Error;
use std::time::Instant;

use base::clock::{Clock, DAY, HOUR, Millis};
use base::date::CalendarDate;
use base::id::{OfficeId, OrgId};
use base::phone;
use db::{Db, OpenOptions, Sql, params};
use triage::case::{CaseSource, FirstContact, NewCase, received_day};
use triage::counting::{self, count_day, count_some, days, needed};
use triage::decision::{Route, WithoutRules};
use triage::figures::forecast::forecast;
use triage::figures::sums::backlog;
use triage::figures::{DayKind, Period};
use triage::keys::CaseKey;
use triage::notification::CaseNotification;
use triage::reach::ProgrammeRules;
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

/// How much of a day's cases come in each hour, of a hundred.
const HOURS: [usize; 24] = [
    0, 0, 0, 0, 0, 0, 0, 1, 4, 11, 14, 12, 5, 8, 10, 10, 9, 7, 4, 2, 1, 1, 1, 0,
];
/// How busy a weekday is, Monday first.
const WEEKDAYS: [usize; 7] = [13, 10, 10, 9, 9, 6, 3];

// What became of people: nine of ten are reached, by message or by telephone, within a day or two; those of the last
// ten days are open. The newest wait.
const SETTLE: Sql = Sql("
    UPDATE cases SET watch_at = NULL,
        contact = CASE WHEN case_id % 100 < 62 THEN 'delivered' WHEN case_id % 100 < 76 THEN 'opened'
            WHEN case_id % 100 < 93 THEN 'spoken' WHEN case_id % 100 < 95 THEN 'given_up'
            WHEN case_id % 100 < 96 THEN 'not_needed' WHEN case_id % 100 < 99 THEN 'calling' ELSE 'unreached' END,
        contact_at = received_at + 60000 * (1 + (case_id * 7919) % 997 + (case_id % 17) * 25),
        state = CASE WHEN received_at < $2 THEN 'closed' ELSE 'open' END,
        closed_at = CASE WHEN received_at < $2 THEN received_at + 864000000 END
    WHERE org_id = $1 AND received_at < $3");
const MOMENTS: Sql = Sql("
    UPDATE cases SET first_arrived_at = contact_at,
        first_opened_at = CASE WHEN contact = 'delivered' THEN NULL ELSE contact_at END,
        first_answered_at = CASE WHEN contact = 'spoken' THEN contact_at END
    WHERE org_id = $1 AND contact IN ('delivered', 'opened', 'spoken')");

#[tokio::main]
async fn main() -> Outcome<()> {
    let directory = std::env::temp_dir().join(format!("todoke-cases-{}", std::process::id()));
    std::fs::create_dir_all(&directory)?;
    let asked = Asked::read(&directory)?;
    let clock = Clock::manual(Clock::System.now() - asked.days * DAY);
    let db = Db::open(&OpenOptions {
        url: asked.url.parse()?,
        key_file: asked.key_file.clone(),
        clock: clock.clone(),
    })
    .await?;
    let outcome = measure(&db, &asked).await;
    std::fs::remove_dir_all(directory)?;
    outcome
}

struct Asked {
    url: String,
    key_file: std::path::PathBuf,
    rows: usize,
    days: Millis,
}

impl Asked {
    fn read(directory: &std::path::Path) -> Outcome<Self> {
        let mut asked = Self {
            url: format!("sqlite:{}", directory.join("todoke.db").display()),
            key_file: directory.join("key"),
            rows: 1_000_000,
            days: 200,
        };
        let mut arguments = std::env::args().skip(1);
        while let Some(flag) = arguments.next() {
            let value = arguments.next().ok_or("a value is missing")?;
            match flag.as_str() {
                "--database" => asked.url = value,
                "--key" => asked.key_file = value.into(),
                "--rows" => asked.rows = value.parse()?,
                "--days" => asked.days = value.parse()?,
                _ => return Err(format!("unknown: {flag}").into()),
            }
        }
        Ok(asked)
    }

    /// How many come in in this hour of this day: two waves, weekdays, working hours.
    fn share(&self, day: usize, hour: usize) -> usize {
        let days = usize::try_from(self.days).unwrap_or(1);
        let wave = 40 + 60 * (day * 4 * 100 / days.max(1) % 200).abs_diff(100) / 100;
        wave * WEEKDAYS[day % 7] * HOURS[hour]
    }
}

fn person(n: usize, now: Millis) -> NewCase {
    let mut notification = CaseNotification::default();
    let family = FAMILIES[n % FAMILIES.len()];
    notification.person.name = format!("{family} {n}");
    notification.person.kana = Some(format!("{family} {n}"));
    let year = 1930 + u16::try_from(n % 90).unwrap_or_default();
    notification.person.birth = CalendarDate::new(year, 1, 1);
    notification.person.mobiles = number(n);
    notification.person.location = Some(format!("見本市本町{}-{}", n / 3, n % 7));
    notification.person.register_id = Some(format!("{n:08}"));
    let fell_ill = i32::try_from(n % 11).unwrap_or_default() * i32::try_from(n % 3).unwrap_or_default() / 4;
    let today = received_day(now);
    notification.illness.onset = (!n.is_multiple_of(9))
        .then(|| today.plus_days(-fell_ill))
        .flatten();
    notification.illness.diagnosed = today.plus_days(-fell_ill.min(1));
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

async fn measure(db: &Db, asked: &Asked) -> Outcome<()> {
    let begun = Instant::now();
    let first = asked.rows + 1;
    let rows = seed(db, asked, first).await?;
    println!(
        r#"{{"what":"seed","rows":{rows},"days":{},"seconds":{:.1}}}"#,
        asked.days,
        begun.elapsed().as_secs_f64()
    );
    let mut times = Vec::new();
    for round in 0..10 {
        let new = (0..1_000)
            .map(|n| person(first + rows + round * 1_000 + n, db.now()))
            .collect();
        let begun = Instant::now();
        add(db, ORG, 1, &WithoutRules, None, new).await?;
        times.push(begun.elapsed().as_secs_f64() * 1_000.0);
    }
    figure("add a thousand", &mut times);
    searches(db, first, rows).await?;
    lists(db).await?;
    figures(db).await
}

/// Cases as they come in over the days, and what became of them. The clock stands at the present afterwards.
async fn seed(db: &Db, asked: &Asked, first: usize) -> Outcome<usize> {
    let days = usize::try_from(asked.days)?;
    let hours = || (0..days).flat_map(|day| (0..24).map(move |hour| (day, hour)));
    let whole: usize = hours().map(|(day, hour)| asked.share(day, hour)).sum();
    let (mut done, mut seen, end) = (0, 0, db.now() + asked.days * DAY);
    // The hours are those of Japan, whenever one begins.
    db.clock()
        .advance(received_day(db.now()).begins_in_japan() - db.now());
    for (day, hour) in hours() {
        seen += asked.share(day, hour);
        let until = asked.rows * seen / whole.max(1);
        while done < until {
            let next = until.min(done + 1_000);
            let new = (done..next).map(|n| person(first + n, db.now())).collect();
            add(db, ORG, 1, &WithoutRules, None, new).await?;
            done = next;
        }
        db.clock().advance(HOUR.min(end - db.now()));
    }
    let now = db.now();
    db.write(move |tx| {
        Box::pin(async move {
            tx.execute(SETTLE, params![ORG, now - 10 * DAY, now - 18 * HOUR])
                .await?;
            tx.execute(MOMENTS, params![ORG]).await
        })
    })
    .await?;
    // What changed over 200 days has changed here at once: the house is cleared as it is every night.
    db.compact().await?;
    db.refresh_statistics().await?;
    Ok(done)
}

/// Counting days, and what a page of figures asks for: the days of its period, of the one before, and who waits.
async fn figures(db: &Db) -> Outcome<()> {
    let begun = Instant::now();
    let mut counted = 0;
    loop {
        match count_some(db, ORG).await? {
            0 => break,
            some => counted += some,
        }
    }
    println!(
        r#"{{"what":"count every day","days":{counted},"seconds":{:.1}}}"#,
        begun.elapsed().as_secs_f64()
    );
    let today = received_day(db.now());
    let rules = ProgrammeRules::of(db, ORG).await?;
    let mut times = Vec::new();
    for back in 0..28 {
        let day = today.plus_days(-back).ok_or("a day")?;
        let begun = Instant::now();
        drop(count_day(db, ORG, day, &rules).await?);
        times.push(begun.elapsed().as_secs_f64() * 1_000.0);
    }
    figure("count a day", &mut times);
    for (what, office) in [("all", None), ("office", Some(OfficeId::new(2)))] {
        for length in [7, 28, 91] {
            let mut times = Vec::new();
            for _ in 0..ROUNDS / 5 {
                let begun = Instant::now();
                page(db, office, Period::ending(today, length), today).await?;
                times.push(begun.elapsed().as_secs_f64() * 1_000.0);
            }
            figure(&format!("figures of {length} days, {what}"), &mut times);
        }
    }
    Ok(())
}

/// What the page does but for drawing.
async fn page(db: &Db, office: Option<OfficeId>, period: Period, today: CalendarDate) -> Outcome<()> {
    let mut sums = days(db, ORG, needed(period, today)).await?;
    sums.office = office;
    let waiting = counting::waiting(db, ORG, office).await?;
    let recent = Period::ending(today, 36);
    let read;
    let looked_at = if sums.days.contains_key(&recent.first()) {
        &sums
    } else {
        read = days(db, ORG, recent).await?;
        &read
    };
    let drawn = (
        backlog(&waiting, None),
        sums.curve(period, DayKind::Onset, today),
        sums.first_contact(period),
        sums.outcomes(period),
        sums.by_hour(period),
        forecast(&looked_at.daily(recent)),
    );
    if sums.arrivals(period) == 0 || drawn.2.is_empty() {
        return Err("nobody is counted".into());
    }
    Ok(())
}

async fn searches(db: &Db, first: usize, rows: usize) -> Outcome<()> {
    let vault = db.vault(ORG).await?;
    for (what, office) in [("all", None), ("office", Some(OfficeId::new(2)))] {
        for kind in ["number", "register id", "kana", "kana head", "reference"] {
            let mut times = Vec::new();
            for round in 0..ROUNDS {
                let n = first + (round * 7_919) % rows;
                let new = person(n, db.now()).notification.person;
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
                    let reference = db::Reference::of(&vault, case);
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
