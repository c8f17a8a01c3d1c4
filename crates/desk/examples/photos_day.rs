//! What a day with photos costs: so many people apply, each with three pictures of twelve megapixels as phones take
//! them, through the child processes and into the store.
//!
//! `cargo run --release -p desk --example photos_day -- [--people N] [--database sqlite:FILE|postgres://…] [--key FILE]
//! [--at-once N]`; the database is new each time (without `--database`: a file that goes away). Prints one JSON line a
//! figure: time for each picture, memory of this process and of the largest child, and the bytes that are kept.

use std::error::Error;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use base::clock::Clock;
use base::date::CalendarDate;
use base::id::{ApplicationId, OfficeId, OrgId, StaffId};
use db::{DatabaseUrl, Db, OpenOptions, Sql, params};
use desk::application::Content;
use desk::document::{DeskDocument, shipped};
use desk::form::Key;
use desk::photos::{Studio, WORKER_COMMAND};
use desk::store::{self, NewApplication, NewPhoto, PhotoAdded, PhotoSize};
use image::codecs::jpeg::JpegEncoder;
use image::{Rgb, RgbImage};
use photo::{Task, Worker};
use tokio::task::JoinSet;
use web::Language;

const ORG: OrgId = OrgId::FIRST;
/// Different pictures; each is sent with another ending, so that no two are the same bytes.
const SCENES: u32 = 8;
const RULES: [&str; 3] = ["test", "package", "identity"];

type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

fn main() -> ExitCode {
    if std::env::args().nth(1).as_deref() == Some(WORKER_COMMAND) {
        return photo::worker::serve();
    }
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    match runtime.block_on(day()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

struct Asked {
    url: String,
    key: std::path::PathBuf,
    people: u32,
    at_once: usize,
}

impl Asked {
    fn read(directory: &Path) -> Outcome<Self> {
        let mut asked = Self {
            url: format!("sqlite:{}", directory.join("photos.db").display()),
            key: directory.join("key"),
            people: 3_000,
            at_once: std::thread::available_parallelism()?.get(),
        };
        let mut arguments = std::env::args().skip(1);
        while let Some(flag) = arguments.next() {
            let value = arguments.next().ok_or("a value is missing")?;
            match flag.as_str() {
                "--database" => asked.url = value,
                "--key" => asked.key = value.into(),
                "--people" => asked.people = value.parse()?,
                "--at-once" => asked.at_once = value.parse()?,
                _ => return Err(format!("unknown: {flag}").into()),
            }
        }
        Ok(asked)
    }
}

async fn day() -> Outcome<()> {
    let directory = std::env::temp_dir().join(format!("todoke-photos-{}", std::process::id()));
    std::fs::create_dir_all(&directory)?;
    let asked = Asked::read(&directory)?;
    let db = Db::open(&OpenOptions {
        url: asked.url.parse()?,
        key_file: asked.key.clone(),
        clock: Clock::System,
    })
    .await?;
    let outcome = measure(&db, &asked).await;
    std::fs::remove_dir_all(directory)?;
    outcome
}

async fn measure(db: &Db, asked: &Asked) -> Outcome<()> {
    let scenes: Arc<Vec<Vec<u8>>> = Arc::new((0..SCENES).map(scene).collect::<Outcome<_>>()?);
    let sent: usize = scenes.iter().map(Vec::len).sum();
    tell(
        "bytes of a picture as it is sent",
        sent as u64 / u64::from(SCENES),
    );
    let document = shipped()
        .into_iter()
        .map(|one| one.document)
        .find(|one| !one.document().photos.is_empty())
        .ok_or("no desk asks for photos")?;
    let desk = desk(db, &document).await?;
    let studio = Studio::new(Worker::of_this_program(WORKER_COMMAND)?, asked.at_once);
    let children = Children::watch();
    let begun = Instant::now();
    let document = Arc::new(document);
    let (mut people, mut first) = (JoinSet::new(), None);
    for n in 0..asked.people {
        // A few more at once than there are places: some wait, as on a real day.
        if people.len() >= asked.at_once + 2 {
            settle(people.join_next().await, &mut first)?;
        }
        let one = Person {
            db: db.clone(),
            studio: studio.clone(),
            scenes: Arc::clone(&scenes),
            document: Arc::clone(&document),
            desk,
            n,
        };
        people.spawn(one.apply());
    }
    while !people.is_empty() {
        settle(people.join_next().await, &mut first)?;
    }
    let pictures = u64::from(asked.people) * RULES.len() as u64;
    let took = u64::try_from(begun.elapsed().as_millis())?;
    tell("pictures", pictures);
    tell("milliseconds in all", took);
    tell("milliseconds for each picture", took / pictures.max(1));
    tell("peak memory of this process, kB", peak("self").unwrap_or(0));
    tell("peak memory of the largest child, kB", children.largest());
    kept(db).await?;
    tell(
        "bytes of the database on the disk",
        on_disk(db, &asked.url.parse()?).await?,
    );
    look(db, first.ok_or("nobody applied")?).await
}

fn settle(
    done: Option<Result<Outcome<ApplicationId>, tokio::task::JoinError>>,
    first: &mut Option<ApplicationId>,
) -> Outcome<()> {
    if let Some(done) = done {
        let id = done??;
        first.get_or_insert(id);
    }
    Ok(())
}

async fn desk(db: &Db, document: &DeskDocument) -> Outcome<base::id::DeskId> {
    let (author, approver) = (StaffId::new(1), StaffId::new(2));
    let day = CalendarDate::new(2026, 11, 1).ok_or("a day")?;
    let new = ("最初".to_owned(), day, document);
    let desk = store::add_desk(db, ORG, OfficeId::HEADQUARTERS, new, author).await?;
    let desk = desk.ok_or("the desk stands already: give a new database")?;
    store::approve_desk(db, ORG, (desk, 1), 1, approver).await?;
    Ok(desk)
}

struct Person {
    db: Db,
    studio: Studio,
    scenes: Arc<Vec<Vec<u8>>>,
    document: Arc<DeskDocument>,
    desk: base::id::DeskId,
    n: u32,
}

impl Person {
    async fn apply(self) -> Outcome<ApplicationId> {
        let new = NewApplication {
            desk: self.desk,
            version: 1,
            office: OfficeId::HEADQUARTERS,
            language: Language::Japanese,
            content: Content::default(),
        };
        let begun = store::begin(&self.db, ORG, new).await?;
        for (kind, rule) in (0_u32..).zip(RULES) {
            let mut bytes = self.scenes[((self.n + kind) % SCENES) as usize].clone();
            bytes.extend(format!("{} {kind}", self.n).bytes());
            let picture = self.studio.develop(bytes, Task::default()).await;
            let new = NewPhoto {
                rule: Key::parse(rule).ok_or("a key")?,
                picture: picture.map_err(|trouble| format!("{trouble:?}"))?,
                replaces: None,
                masked: false,
            };
            let added = store::add_photo(&self.db, ORG, begun.id, &self.document, new).await?;
            if !matches!(added, PhotoAdded::Added(_)) {
                return Err(format!("{added:?}").into());
            }
        }
        Ok(begun.id)
    }
}

/// Twelve megapixels with the grain of a phone's camera: large as a real picture is.
fn scene(number: u32) -> Outcome<Vec<u8>> {
    let mut grain = number.wrapping_mul(2_654_435_761) | 1;
    let picture = RgbImage::from_fn(4_000, 3_000, |x, y| {
        grain ^= grain << 13;
        grain ^= grain >> 17;
        grain ^= grain << 5;
        let soft = ((x / 40 * (number + 3)) ^ (y / 30)) % 160 + 40;
        let light = |more: u32| u8::try_from((soft + more + grain % 24).min(255)).unwrap_or(u8::MAX);
        Rgb([light(0), light(20), light(number * 5)])
    });
    let mut bytes = Vec::new();
    picture.write_with_encoder(JpegEncoder::new_with_quality(&mut bytes, 92))?;
    Ok(bytes)
}

async fn kept(db: &Db) -> Outcome<()> {
    const DAYS: Sql = Sql("SELECT photos, bytes FROM application_photo_days WHERE org_id = $1");
    let row = db
        .query_opt(DAYS, params![ORG])
        .await?
        .ok_or("nothing was kept")?;
    let (photos, bytes): (i64, i64) = (row.get(0)?, row.get(1)?);
    tell(
        "bytes kept for each picture, sealed",
        (bytes / photos.max(1)).unsigned_abs(),
    );
    tell("bytes kept in all, sealed", bytes.unsigned_abs());
    Ok(())
}

/// Whatever the database takes up: its file and what is written ahead, or what PostgreSQL says.
async fn on_disk(db: &Db, url: &DatabaseUrl) -> Outcome<u64> {
    const SIZE: Sql = Sql("SELECT pg_database_size(current_database())");
    let DatabaseUrl::Sqlite(file) = url else {
        let row = db.query_opt(SIZE, params![]).await?.ok_or("no size")?;
        return Ok(row.get::<i64>(0)?.unsigned_abs());
    };
    let ahead = file.with_extension("db-wal");
    let size = |path: &Path| std::fs::metadata(path).map_or(0, |found| found.len());
    Ok(size(file) + size(&ahead))
}

/// What a doctor waits for.
async fn look(db: &Db, id: ApplicationId) -> Outcome<()> {
    let begun = Instant::now();
    let photos = store::photos_of(db, ORG, id).await?;
    tell(
        "microseconds for the pictures of one application and those alike",
        micros(begun),
    );
    let begun = Instant::now();
    let one = photos.first().ok_or("no picture")?;
    store::photo_bytes(db, ORG, (id, one.id), PhotoSize::Picture).await?;
    tell("microseconds for the bytes of one picture", micros(begun));
    Ok(())
}

fn micros(begun: Instant) -> u64 {
    u64::try_from(begun.elapsed().as_micros()).unwrap_or(u64::MAX)
}

fn tell(what: &str, value: u64) {
    println!("{}", serde_json::json!({ "what": what, "value": value }));
}

/// The most memory that a process has had, in kB; as Linux tells it.
fn peak(process: &str) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix("kB")?.trim().parse().ok()
}

/// Looks at the children again and again: one lives for some hundred milliseconds.
struct Children {
    largest: Arc<AtomicU64>,
    over: Arc<AtomicBool>,
}

impl Children {
    fn watch() -> Self {
        let children = Self {
            largest: Arc::default(),
            over: Arc::default(),
        };
        let (largest, over) = (Arc::clone(&children.largest), Arc::clone(&children.over));
        std::thread::spawn(move || {
            while !over.load(Ordering::Relaxed) {
                let tasks = std::fs::read_dir("/proc/self/task")
                    .into_iter()
                    .flatten()
                    .flatten();
                for task in tasks {
                    let children = std::fs::read_to_string(task.path().join("children")).unwrap_or_default();
                    let peaks = children.split_whitespace().filter_map(peak);
                    largest.fetch_max(peaks.max().unwrap_or(0), Ordering::Relaxed);
                }
                std::thread::sleep(Duration::from_millis(2));
            }
        });
        children
    }

    fn largest(&self) -> u64 {
        self.over.store(true, Ordering::Relaxed);
        self.largest.load(Ordering::Relaxed)
    }
}
