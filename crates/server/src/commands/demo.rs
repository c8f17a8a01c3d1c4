//! `todoke demo`: a fictitious prefecture of 17 health centres on a simulated carrier. No set-up, nobody is
//! written to.

mod applications;
mod cases;
mod desks;
mod forms;
mod phones;
mod prefecture;
mod results;
mod samples;
mod surge;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use accounts::Accounts;
use axum::Router;
use base::clock::{Clock, MINUTE, Millis};
use base::id::{OfficeId, OrgId};
use base::segment::Segmentation;
use carrier::CarrierAccount;
use db::{DatabaseUrl, Db, OpenOptions};
use messaging::links::LinkSettings;
use messaging::pages::{Sending, Tariff};
use messaging::store::person_records;
use smpp::session::BindConfig;
use smpp::smsc::{ReceiptPlan, Smsc, SmscConfig};
use web::{Environment, NavEntry};

use self::phones::Phones;
use super::Failure;
use super::serve::{Listeners, Protection, Service};
use crate::actions::ACTIONS;
use crate::cli::DemoOptions;
use crate::routes::STAFF_ROUTES;

/// What the simulated phones show as sender.
const SENDER: &str = "0005012345";
/// Parts that the simulated carrier takes a second: a walking pace, so that one sees how it goes.
const RATE: u32 = 40;
const HELP: &str = "みどり県 感染症対策課（架空）電話 048-000-1234";

pub(crate) async fn run(options: DemoOptions) -> Result<ExitCode, Failure> {
    if options.surge {
        return Box::pin(surge::run(options)).await;
    }
    let place = Place::new(options.directory.clone())?;
    begin(&place, &options).await?;
    let db = Db::open(&place.database(Clock::System)).await?;
    let accounts = Accounts::new(db.clone(), false)
        .with_routes(STAFF_ROUTES)
        .with_actions(ACTIONS)
        .with_person_records(person_records);
    let (smsc, account) = carrier(options.rate.unwrap_or(RATE)).await?;
    let phones = Phones::default();
    phones.watch(&Arc::new(smsc));
    let service = Service {
        sending: Sending {
            simulated: true,
            sender: SENDER.to_owned(),
            segmentation: Segmentation::Udh8,
            hold: i64::try_from(options.hold.as_millis()).unwrap_or(i64::MAX / 2),
            has_carrier: true,
            // An invented price, so that the confirmation shows what it would cost.
            tariff: Tariff {
                price: Some(800),
                ..Tariff::default()
            },
        },
        db,
        accounts,
        carriers: vec![account],
        environment: Environment::Demo,
        links: LinkSettings::default(),
        help: HELP.to_owned(),
        checkpoints: place.path.join("demo.checkpoints"),
        verify_after: Duration::from_mins(10),
        extra: Router::new().merge(phones.pages()).merge(samples::pages()),
        extra_navigation: vec![
            NavEntry {
                href: "/samples",
                label: "見本のリスト",
                covers: &[],
                group: "送る",
                instead: None,
            },
            NavEntry {
                href: "/phones",
                label: "電話機",
                covers: &[],
                group: "送る",
                instead: None,
            },
        ],
    };
    let listeners = Listeners::bind(options.listen, options.resident_listen, Protection::default()).await?;
    greet(&listeners.staff_origin()?);
    println!("住民向けの画面: {}", listeners.resident_origin()?);
    for line in desks::lines(&listeners.resident_origin()?) {
        println!("  {line}");
    }
    for line in forms::ask(&service.db, &listeners.resident_origin()?).await? {
        println!("  {line}");
    }
    println!("登場する人はすべて架空で、実際のSMSは送られません。終わるには Ctrl-C を押してください。");
    service.run(listeners).await
}

/// How long ago the day of the demo began: some have waited since, some were judged.
const BEGAN: Millis = 90 * MINUTE;
/// People who have applied, if nothing is said.
const APPLICATIONS: u32 = 40;
/// One of so many of them is judged.
const JUDGED: u32 = 3;
/// Most that doctors judge one after another, a minute each, before the demo begins.
const MOST_JUDGED: u32 = 60;

/// Fills an empty database: people, desks, what came this morning.
async fn begin(place: &Place, options: &DemoOptions) -> Result<(), Failure> {
    let clock = Clock::manual(Clock::System.now() - BEGAN);
    let db = Db::open(&place.database(clock.clone())).await?;
    let accounts = Accounts::new(db.clone(), false);
    if accounts.count_accounts().await? > 0 {
        return Ok(());
    }
    let people = prefecture::found(&db, &accounts).await?;
    desks::desks(&db, people.head).await?;
    let (clerk, doctors) = prefecture::add_desk_people(&accounts).await?;
    if !options.empty {
        let offices = accounts.offices(OrgId::FIRST).await?;
        let offices = offices.into_iter().map(|office| office.id);
        let centres = offices.filter(|id| *id != OfficeId::HEADQUARTERS).take(3);
        let centres: Vec<OfficeId> = centres.collect();
        cases::cases(&db, &centres, people.head).await?;
    }
    let none = if options.empty { 0 } else { APPLICATIONS };
    let count = options.applications.unwrap_or(none);
    if count > 0 {
        applications::seed(&db, clerk, count).await?;
        let judged = (count / JUDGED).min(MOST_JUDGED);
        results::decide(&db, &clock, &doctors, judged as usize).await?;
    }
    Ok(())
}

/// Who can sign in at this address.
fn greet(origin: &str) {
    println!("届けのデモを始めました。ブラウザーで開いてください: {origin}");
    let people = [
        ("本庁の職員  ", prefecture::HEAD.login),
        ("保健所の職員", prefecture::CENTRE.login),
        ("承認する職員", prefecture::APPROVER.login),
        ("受付の職員  ", prefecture::CLERK.login),
    ];
    let doctors = prefecture::DOCTORS
        .iter()
        .map(|doctor| ("判定する医師", doctor.login));
    for (who, login) in people.into_iter().chain(doctors) {
        println!(
            "  {who}   ログインID {login}   パスワード {}",
            prefecture::PASSWORD
        );
    }
}

/// Where the demo keeps its data: where the visitor said, or a directory that goes with the process.
struct Place {
    path: PathBuf,
    temporary: bool,
}

impl Place {
    /// Its database, by this clock.
    fn database(&self, clock: Clock) -> OpenOptions {
        OpenOptions {
            url: DatabaseUrl::Sqlite(self.path.join("demo.db")),
            key_file: self.path.join("demo.key"),
            clock,
        }
    }

    fn new(wanted: Option<PathBuf>) -> Result<Self, Failure> {
        let temporary = wanted.is_none();
        let path = wanted.unwrap_or_else(|| {
            std::env::temp_dir().join(format!(
                "todoke-demo-{}-{}",
                std::process::id(),
                Clock::System.now()
            ))
        });
        create(&path).map_err(Failure::io(format!("{} を作れません", path.display())))?;
        Ok(Self { path, temporary })
    }
}

fn create(path: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.recursive(true).create(path)
}

impl Drop for Place {
    fn drop(&mut self) {
        if self.temporary {
            // What is left of made-up people in the temporary directory harms nobody.
            let _ = std::fs::remove_dir_all(&self.path);
        }
    }
}

/// A carrier at a walking pace, with the failures that real days have.
async fn carrier(rate: u32) -> Result<(Smsc, CarrierAccount), Failure> {
    let config = SmscConfig {
        first_message_id: u64::try_from(Clock::System.now()).unwrap_or_default() << 20,
        answer_delay: Duration::from_millis(40),
        receipts: ReceiptPlan {
            undelivered: 0.02,
            expired: 0.005,
            delay_min: Duration::from_millis(800),
            delay_max: Duration::from_secs(4),
            ..ReceiptPlan::default()
        },
        ..SmscConfig::default()
    };
    let smsc = Smsc::start(config)
        .await
        .map_err(Failure::io("模擬の携帯電話会社を始められません"))?;
    let address = smsc.address();
    let bind = BindConfig::new(&address.ip().to_string(), address.port(), "demo", "demo");
    let mut account = CarrierAccount::new(bind);
    account.rate = Some(rate.max(1));
    Ok((smsc, account))
}
