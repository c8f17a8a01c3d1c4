//! `todoke demo --surge`: the largest day of a wave, played on a clock that skips the minutes in which nothing happens
//! (docs/adr/0036). A visitor may look on in the browser. In the end everybody is counted again from the carriers' own
//! logs, and a promise that was broken is the exit code.

mod callers;
mod day;
mod files;
mod intake;
mod order;
mod people;
mod recount;
mod report;

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, UNIX_EPOCH};

use accounts::Accounts;
use axum::Router;
use base::clock::{Clock, HOUR, Millis};
use base::date::CalendarDate;
use base::id::{OfficeId, OrgId, StaffId};
use base::segment::Segmentation;
use carrier::CarrierAccount;
use db::{DatabaseUrl, Db, OpenOptions};
use indicatif::{ProgressBar, ProgressStyle};
use messaging::links::{LinkOrigin, LinkSettings, TargetName, TargetUrl};
use messaging::pages::roll::Version;
use messaging::pages::{Desk, Sending, Tariff};
use messaging::store::{self, person_records};
use smpp::session::BindConfig;
use smpp::smsc::{ReceiptPlan, Smsc, SmscClock, SmscConfig};
use tokio::sync::broadcast::error::RecvError;
use triage::programme::examples;
use triage::store::programmes::install_in;
use web::{Environment, NavEntry};

use self::day::{SILENT_FROM, SILENT_FROM_OF_FEW, World, play};
use self::people::{DAY_OF_LISTS, Wave};
use self::recount::recount;
use self::report::Findings;
use super::phones::Phones;
use super::prefecture::{self, People};
use super::{HELP, Place, SENDER};
use crate::actions::ACTIONS;
use crate::cli::DemoOptions;
use crate::commands::serve::{Listeners, Protection, Service};
use crate::commands::{Failure, smsc_log};
use crate::routes::STAFF_ROUTES;

/// Parts that each carrier takes a second, where nothing else is said.
const RATE: u32 = 200;
/// Two carriers; the line of the second is cut for two hours.
const CARRIERS: [&str; 2] = ["minato", "akebono"];
/// When receipts come, in milliseconds; a small wave is in a hurry.
const RECEIPTS: (u64, u64) = (200, 1_000);
const RECEIPTS_OF_FEW: (u64, u64) = (10, 60);
const FEW: u32 = 1_000;
/// Three in a hundred messages do not arrive, in the three ways in which that happens.
const UNDELIVERED: f64 = 0.022;
const EXPIRED: f64 = 0.005;
const SILENT: f64 = 0.003;
/// What people are written to with. The number stands early, so that it is in the first part.
const TEXT: &str = "みどり県の保健所です。受付番号は{{受付番号}}です。療養のご案内と体調の登録: {{リンク 療養のご案内}} 息苦しいときはすぐお電話ください。048-000-1234（24時間）";
const PAGE: (&str, &str) = ("療養のご案内", "https://www.pref.midori.lg.jp/ryoyo");

pub(super) async fn run(options: DemoOptions) -> Result<ExitCode, Failure> {
    let began = Instant::now();
    let place = Place::new(options.directory.clone())?;
    let stage = Stage::set(&options, &place).await?;
    let listeners = Listeners::bind(options.listen, options.resident_listen, Protection::default()).await?;
    let say = |words: String| {
        if options.wave.json {
            eprintln!("{words}");
        } else {
            println!("{words}");
        }
    };
    say(format!(
        "大波の1日を始めます（{}件の発生届、{}の保健所）。ブラウザーで見られます: {}",
        options.wave.people,
        options.wave.centres,
        listeners.staff_origin()?
    ));
    say(format!(
        "  本庁の職員  ログインID {}  パスワード {}",
        prefecture::HEAD.login,
        prefecture::PASSWORD
    ));
    say(format!("住民向けの画面: {}", listeners.resident_origin()?));
    say(
        "登場する人はすべて架空で、実際のSMSは送られません。途中でやめるには Ctrl-C を押してください。"
            .to_owned(),
    );
    let (service, world, logs) = stage.raise(&options, &place, &listeners).await?;
    let wave = Wave::of(options.wave.seed, options.wave.people, world.centres.len());
    let outcome: Arc<Mutex<Option<Result<Findings, Failure>>>> = Arc::default();
    let told = Arc::clone(&outcome);
    let played = async move {
        let came = played(&world, wave, &logs).await;
        world.bar.finish_and_clear();
        if let Ok(mut told) = told.lock() {
            *told = Some(came);
        }
    };
    Box::pin(service.run_until(listeners, played)).await?;
    let outcome = outcome.lock().ok().and_then(|mut outcome| outcome.take());
    let Some(findings) = outcome.transpose()? else {
        say("途中でやめました。".to_owned());
        return Ok(ExitCode::FAILURE);
    };
    say(findings.words(began.elapsed()));
    if options.wave.json {
        println!("{}", findings.json(began.elapsed()));
    }
    Ok(if findings.are_kept() {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(BROKEN)
    })
}

/// A promise was broken.
const BROKEN: u8 = 2;

async fn played(world: &World, wave: Wave, logs: &[PathBuf]) -> Result<Findings, Failure> {
    let played = play(world, wave.lists).await?;
    recount(&world.desk.db, logs, &played, &wave.numbers).await
}

/// A simulated carrier, the account at it, and its log.
struct Line {
    smsc: Arc<Smsc>,
    account: CarrierAccount,
    log: PathBuf,
}

/// The prefecture, before its doors open.
struct Stage {
    db: Db,
    accounts: Accounts,
    people: People,
    clock: Clock,
}

impl Stage {
    async fn set(options: &DemoOptions, place: &Place) -> Result<Self, Failure> {
        let clock = Clock::skipping(morning());
        let beside = DatabaseUrl::Sqlite(place.path.join("surge.db"));
        let db = Db::open(&OpenOptions {
            url: options.wave.database.clone().unwrap_or(beside),
            key_file: place.path.join("surge.key"),
            clock: clock.clone(),
        })
        .await?;
        let accounts = Accounts::new(db.clone(), false)
            .with_routes(STAFF_ROUTES)
            .with_actions(ACTIONS)
            .with_person_records(person_records);
        if accounts.count_accounts().await? > 0 {
            return Err(Failure::WrongUse(
                "大波の1日は、空のデータベースで始めます。--directory や --database を変えてください。"
                    .to_owned(),
            ));
        }
        let people = prefecture::found(&db, &accounts).await?;
        Ok(Self {
            db,
            accounts,
            people,
            clock,
        })
    }

    /// Carriers, staff, rules, text: everything that the day is played with.
    async fn raise(
        self,
        options: &DemoOptions,
        place: &Place,
        listeners: &Listeners,
    ) -> Result<(Service, World, Vec<PathBuf>), Failure> {
        let (db, accounts) = (self.db.clone(), self.accounts.clone());
        let links = LinkSettings {
            origin: LinkOrigin::parse(&listeners.resident_origin()?),
            ..LinkSettings::default()
        };
        let desk = Desk {
            db: db.clone(),
            accounts: accounts.clone(),
            sending: sending(),
            links: links.clone(),
        };
        let centres = self.centres(options).await?;
        let mut staff = Vec::new();
        for (at, office) in centres.iter().enumerate() {
            staff.push(callers(&accounts, *office, at, options.wave.callers).await?);
        }
        let programme = self.programme().await?;
        let version = self.text(&links).await?;
        let (texts, phones) = (Arc::new(Mutex::new(Vec::new())), Phones::default());
        let (receipts, routes) = self.lines(options, place).await?;
        for line in &routes {
            phones.watch(&line.smsc);
            gather_texts(&line.smsc, Arc::clone(&texts));
        }
        let bound = routes.iter().map(|line| line.account.clone()).collect();
        let logs = routes.iter().map(|line| line.log.clone()).collect();
        let world = World {
            desk,
            people: self.people,
            centres,
            staff,
            programme,
            version,
            carriers: routes.into_iter().map(|line| line.smsc).collect(),
            one_asks_of: if options.wave.people < FEW { 5 } else { 40 },
            silent_from: if options.wave.people < FEW {
                SILENT_FROM_OF_FEW
            } else {
                SILENT_FROM
            },
            receipts,
            seed: options.wave.seed,
            bar: bar(),
            phones: texts,
        };
        let service = Service {
            db,
            accounts,
            sending: sending(),
            carriers: bound,
            environment: Environment::Demo,
            links,
            help: HELP.to_owned(),
            checkpoints: place.path.join("surge.checkpoints"),
            verify_after: Duration::from_mins(10),
            extra: Router::new().merge(phones.pages()),
            extra_navigation: vec![NavEntry {
                href: "/phones",
                label: "電話機",
                covers: &[],
                group: "送る",
                instead: None,
            }],
        };
        Ok((service, world, logs))
    }

    /// Both carriers, and the longest time until a receipt.
    async fn lines(&self, options: &DemoOptions, place: &Place) -> Result<(Duration, Vec<Line>), Failure> {
        let (least, most) = if options.wave.people < FEW {
            RECEIPTS_OF_FEW
        } else {
            RECEIPTS
        };
        let receipts = (Duration::from_millis(least), Duration::from_millis(most));
        let mut lines = Vec::new();
        for (at, name) in CARRIERS.iter().enumerate() {
            let log = place.path.join(format!("{name}.jsonl"));
            let (smsc, account) = self.carrier((at, name), &log, receipts, options).await?;
            lines.push(Line {
                smsc: Arc::new(smsc),
                account,
                log,
            });
        }
        Ok((receipts.1, lines))
    }

    async fn centres(&self, options: &DemoOptions) -> Result<Vec<OfficeId>, Failure> {
        let all = self.accounts.offices(OrgId::FIRST).await?;
        let centres = all
            .into_iter()
            .map(|office| office.id)
            .filter(|id| *id != OfficeId::HEADQUARTERS);
        Ok(centres.take(options.wave.centres as usize).collect())
    }

    /// COVID-19 as of each date of 2022, as it ships.
    async fn programme(&self) -> Result<i64, Failure> {
        let example = examples().into_iter().next();
        let example = example.ok_or_else(|| Failure::Nothing("振り分け規則の例がありません。".to_owned()))?;
        let now = self.db.now();
        let installed = self.db.write(move |tx| {
            let example = example.clone();
            Box::pin(async move { install_in(tx, OrgId::FIRST, &example, None, now).await })
        });
        Ok(installed.await?.get())
    }

    async fn text(&self, links: &LinkSettings) -> Result<Version, Failure> {
        let (db, org, by) = (&self.db, OrgId::FIRST, self.people.head);
        let name = TargetName::parse(PAGE.0).ok_or_else(|| Failure::Nothing(PAGE.0.to_owned()))?;
        let url = TargetUrl::parse(PAGE.1, &links.hosts).map_err(|why| Failure::Nothing(why.to_string()))?;
        store::add_link_target(db, org, name, url, by).await?;
        let id = store::add_template(
            db,
            org,
            "初回連絡（療養のご案内）".to_owned(),
            TEXT.to_owned(),
            by,
        )
        .await?;
        store::approve_version(db, org, (id, 1), None).await?;
        Ok((id, 1))
    }

    async fn carrier(
        &self,
        (at, name): (usize, &str),
        log: &std::path::Path,
        receipts: (Duration, Duration),
        options: &DemoOptions,
    ) -> Result<(Smsc, CarrierAccount), Failure> {
        let clock = self.clock.clone();
        let written = smsc_log::witness(log);
        let config = SmscConfig {
            seed: options.wave.seed + at as u64,
            first_message_id: (at as u64 + 1) << 40,
            answer_delay: Duration::from_millis(5),
            receipts: ReceiptPlan {
                undelivered: UNDELIVERED,
                expired: EXPIRED,
                none: SILENT,
                delay_min: receipts.0,
                delay_max: receipts.1,
                ..ReceiptPlan::default()
            },
            witness: Some(written.map_err(Failure::io(format!("{} に書けません", log.display())))?),
            clock: SmscClock::new(move || {
                UNIX_EPOCH + Duration::from_millis(u64::try_from(clock.now()).unwrap_or_default())
            }),
            ..SmscConfig::default()
        };
        let started = Smsc::start(config).await;
        let smsc = started.map_err(Failure::io("模擬の携帯電話会社を始められません"))?;
        let address = smsc.address();
        let bind = BindConfig::new(&address.ip().to_string(), address.port(), name, "surge");
        let mut account = CarrierAccount::new(bind);
        account.rate = Some(options.rate.unwrap_or(RATE).max(1));
        Ok((smsc, account))
    }
}

/// Half past eight of the day of the lists, in Japan.
fn morning() -> Millis {
    let (year, month, day) = DAY_OF_LISTS;
    let date = CalendarDate::new(year, month, day).expect("a day of 2022");
    date.begins_in_japan() + 8 * HOUR + HOUR / 2
}

/// As for real carriers: what is played here is kept and counted like any other day.
fn sending() -> Sending {
    Sending {
        simulated: false,
        sender: SENDER.to_owned(),
        segmentation: Segmentation::Udh8,
        hold: 0,
        has_carrier: true,
        tariff: Tariff::default(),
    }
}

async fn callers(
    accounts: &Accounts,
    office: OfficeId,
    centre: usize,
    count: u32,
) -> Result<Vec<StaffId>, Failure> {
    let mut all = Vec::new();
    for one in 1..=count {
        let login = format!("denwa{}-{one}", centre + 1);
        all.push(prefecture::add_caller(accounts, office, &login).await?);
    }
    Ok(all)
}

/// Keeps what comes on phones for the residents to read.
fn gather_texts(smsc: &Smsc, texts: Arc<Mutex<Vec<String>>>) {
    let mut arriving = smsc.handsets();
    tokio::spawn(async move {
        loop {
            match arriving.recv().await {
                Ok(message) => {
                    if let Ok(mut texts) = texts.lock() {
                        texts.push(message.text);
                    }
                }
                Err(RecvError::Lagged(_)) => {}
                Err(RecvError::Closed) => return,
            }
        }
    });
}

fn bar() -> ProgressBar {
    let style =
        ProgressStyle::with_template("{spinner} {msg}").unwrap_or_else(|_| ProgressStyle::default_spinner());
    ProgressBar::new_spinner().with_style(style)
}
