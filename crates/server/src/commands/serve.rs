//! `todoke serve`: the web application, and the carrier links beside it.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use accounts::sealer::Sealer;
use accounts::{Accounts, trail_watch};
use axum::Router;
use base::clock::Clock;
use base::id::OrgId;
use carrier::carriers::LateAnswers;
use carrier::{CarrierAccount, Carriers};
use db::{Db, OpenOptions};
use desk::photos::Studio;
use messaging::links::{LinkOrigin, LinkSettings};
use messaging::outbox::Outbox;
use messaging::pages::{Desk, GenuineDesk, ResidentDesk, Sending, Tariff};
use messaging::store::{found_send_rule, person_records};
use smpp::smsc::Smsc;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use web::{Environment, NavEntry};

use super::{Failure, Farewell, reach, retention, send};
use crate::actions::ACTIONS;
use crate::cli::{CarrierOptions, DatabaseOptions, EnvironmentKind, NetworkOptions, ServeOptions};
use crate::router::{ResidentHost, StaffHost, resident, staff};
use crate::routes::STAFF_ROUTES;
use crate::serving::{
    self, CertificateFiles, CertificateProblem, Certificates, Host, TrustedProxies, keep_fresh,
};

/// How often a process that may not send looks whether it may now.
const OWNER_LOOK: Duration = Duration::from_millis(500);
/// How often tables are asked how much they have grown.
const STATISTICS_LOOK: Duration = Duration::from_secs(5);
/// How long open requests may take to end at shutdown.
const SHUTDOWN: Duration = Duration::from_secs(5);

pub(crate) async fn run(options: ServeOptions) -> Result<ExitCode, Failure> {
    let protection = Protection::of(&options.network)?;
    let db = open(&options.database).await?;
    let mut accounts = Accounts::new(db.clone(), protection.staff_https)
        .with_routes(STAFF_ROUTES)
        .with_actions(ACTIONS)
        .with_person_records(person_records)
        .with_founding(|tx, org, now| Box::pin(found_send_rule(tx, org, now)));
    if let Some(address) = &options.network.public_url {
        accounts = accounts.at(address);
    }
    if let Some(breached) = options.passwords.breached_passwords {
        accounts = accounts.refusing_breached(breached);
    }
    if let Some(pem) = &options.network.oidc_ca {
        let wrong = Failure::io(format!("--oidc-ca {} を使えません", pem.display()));
        accounts = accounts.with_identity_root(pem).map_err(wrong)?;
    }
    if matches!(options.environment, EnvironmentKind::Production) {
        accounts = accounts
            .with_factors_from_the_start()
            .beginning_in_training(!options.carrier.simulate);
    }
    let smsc = if options.carrier.simulate {
        Some(send::simulated_carrier().await?)
    } else {
        None
    };
    let carriers = smsc.as_ref().map_or_else(
        || options.carrier.carriers.clone(),
        |(_, account)| vec![account.clone()],
    );
    let checkpoints = options.audit_checkpoints;
    let mut service = Service {
        checkpoints: checkpoints.unwrap_or_else(|| options.database.checkpoints()),
        verify_after: options.audit_verify_after,
        sending: sending(&options.carrier, options.hold, !carriers.is_empty()),
        db,
        accounts,
        carriers,
        environment: options.environment.into(),
        links: options.links.settings(),
        help: options.help_line,
        extra: Router::new(),
        extra_navigation: Vec::new(),
    };
    let (staff, resident) = (options.network.listen, options.network.resident_listen);
    let listeners = Listeners::bind(staff, resident, protection).await?;
    if staff.ip().is_loopback() {
        service.accounts = service.accounts.listening_at(&listeners.staff_origin()?);
    }
    service.announce(&listeners).await?;
    service.run(listeners).await
}

/// Opens the database that the flags name.
pub(crate) async fn open(options: &DatabaseOptions) -> Result<Db, Failure> {
    let (url, key_file) = (options.database.clone(), options.key_file());
    Ok(Db::open(&OpenOptions {
        url,
        key_file,
        clock: Clock::System,
    })
    .await?)
}

fn sending(options: &CarrierOptions, hold: Duration, has_carrier: bool) -> Sending {
    Sending {
        simulated: options.simulate,
        sender: options.sender.clone(),
        segmentation: options.long_messages.into(),
        hold: i64::try_from(hold.as_millis()).unwrap_or(i64::MAX / 2),
        has_carrier,
        tariff: Tariff {
            counting: options.newline_units,
            price: options.price,
        },
    }
}

/// What stands between the hosts and whoever listens on the line.
#[derive(Default)]
pub(crate) struct Protection {
    staff: Option<Arc<Certificates>>,
    resident: Option<Arc<Certificates>>,
    /// Whether browsers reach the staff host by https: by its own certificate or a proxy's.
    staff_https: bool,
    resident_https: bool,
    proxies: Arc<TrustedProxies>,
}

impl Protection {
    /// Reads the certificates; refuses addresses that others could reach in the clear.
    fn of(network: &NetworkOptions) -> Result<Self, Failure> {
        let proxied = network
            .public_url
            .as_deref()
            .is_some_and(|url| url.starts_with("https://"));
        let read = |files: Option<CertificateFiles>| files.map(Certificates::read).transpose();
        let staff = read(network.staff_certificate())?.map(Arc::new);
        let resident = read(network.resident_certificate())?.map(Arc::new);
        let protection = Self {
            staff_https: staff.is_some() || proxied,
            resident_https: resident.is_some() || proxied,
            staff,
            resident,
            proxies: Arc::new(network.proxies()),
        };
        let hosts = [
            (network.listen, protection.staff_https),
            (network.resident_listen, protection.resident_https),
        ];
        for (address, https) in hosts {
            if !https && !address.ip().is_loopback() {
                return Err(Failure::WrongUse(format!(
                    "{address} は外から届くアドレスです。--tls-certificate と --tls-key で証明書を指定するか、暗号化する中継サーバーを前に置いて --public-url https://… を指定してください。この機械の中だけで使うなら 127.0.0.1 で待ち受けてください。"
                )));
            }
        }
        Ok(protection)
    }
}

impl From<CertificateProblem> for Failure {
    fn from(problem: CertificateProblem) -> Self {
        Self::WrongUse(problem.to_string())
    }
}

/// The two hosts' sockets, and the signals that end them.
pub(crate) struct Listeners {
    staff: TcpListener,
    resident: TcpListener,
    protection: Protection,
    farewell: Farewell,
}

impl Listeners {
    pub(crate) async fn bind(
        staff: SocketAddr,
        resident: SocketAddr,
        protection: Protection,
    ) -> Result<Self, Failure> {
        Ok(Self {
            staff: listen(staff).await?,
            resident: listen(resident).await?,
            protection,
            farewell: Farewell::expected()?,
        })
    }

    /// `http://127.0.0.1:8080`, or with https if the host has a certificate.
    pub(crate) fn staff_origin(&self) -> Result<String, Failure> {
        origin(&self.staff, self.protection.staff.is_some())
    }

    /// The same of the resident host.
    pub(crate) fn resident_origin(&self) -> Result<String, Failure> {
        origin(&self.resident, self.protection.resident.is_some())
    }
}

fn origin(listener: &TcpListener, tls: bool) -> Result<String, Failure> {
    let address = listener
        .local_addr()
        .map_err(Failure::io("待ち受けのアドレスが分かりません"))?;
    let scheme = if tls { "https" } else { "http" };
    Ok(format!("{scheme}://{address}"))
}

async fn listen(address: SocketAddr) -> Result<TcpListener, Failure> {
    TcpListener::bind(address).await.map_err(Failure::io(format!(
        "{address} で待ち受けられません。ほかのプログラムが使っていないか確かめてください"
    )))
}

/// Everything that runs, whether for real or as a demo.
pub(crate) struct Service {
    pub(crate) db: Db,
    pub(crate) accounts: Accounts,
    pub(crate) sending: Sending,
    pub(crate) carriers: Vec<CarrierAccount>,
    pub(crate) environment: Environment,
    pub(crate) links: LinkSettings,
    pub(crate) help: String,
    /// Where signed checkpoints of the audit trail go.
    pub(crate) checkpoints: PathBuf,
    /// How long after the start the audit trail is verified for the first time.
    pub(crate) verify_after: Duration,
    pub(crate) extra: Router,
    pub(crate) extra_navigation: Vec<NavEntry>,
}

impl Service {
    async fn announce(&self, listeners: &Listeners) -> Result<(), Failure> {
        let origin = listeners.staff_origin()?;
        println!("職員の画面: {origin}");
        println!("住民の画面: {}", listeners.resident_origin()?);
        if let Some(code) = self.accounts.offer_setup().await? {
            println!(
                "まだアカウントがありません。{origin}/setup を開き、次の初期設定コードを入れてください: {code}"
            );
        }
        if !self.sending.has_carrier {
            println!(
                "携帯電話会社の接続先がないため、送信はできません（--carrier smpp://… または --simulate）。"
            );
        }
        Ok(())
    }

    /// Serves until told to stop; then what was handed to the carrier is recorded before the process ends.
    pub(crate) async fn run(self, listeners: Listeners) -> Result<ExitCode, Failure> {
        self.run_until(listeners, std::future::pending()).await
    }

    /// The same, or until something else is over.
    pub(crate) async fn run_until(
        self,
        mut listeners: Listeners,
        over: impl Future<Output = ()>,
    ) -> Result<ExitCode, Failure> {
        let (stop, stopping) = watch::channel(false);
        // Where there is only one it stands on each page for residents.
        let organisation = self.accounts.organisation_name(OrgId::FIRST).await?;
        let resident_host = ResidentHost {
            accounts: self.accounts.clone(),
            organisation: organisation.to_string(),
            sender: self.sending.sender.clone(),
            help: self.help.clone(),
            environment: self.environment,
            https: listeners.protection.resident_https,
        };
        let simulated = self.sending.simulated;
        let mut links = self.links;
        if simulated && links.origin.is_none() {
            // Simulated phones are on this machine: their links can be opened here.
            links.origin = LinkOrigin::parse(&listeners.resident_origin()?);
        }
        let resident_desk = GenuineDesk {
            desk: ResidentDesk {
                db: self.db.clone(),
                accounts: self.accounts.clone(),
                help: self.help.clone(),
            },
            sender: self.sending.sender.clone(),
            links: links.clone(),
        };
        let (rehearsal, links_to_carriers) = lines(simulated, self.carriers).await?;
        let worker = tokio::spawn(work(self.db.clone(), links_to_carriers, stopping.clone()));
        let nights = tokio::spawn(retention::keep(self.db.clone(), stopping.clone()));
        let statistics = tokio::spawn(keep_statistics(self.db.clone(), stopping.clone()));
        // Told to stop after the others, so that what they did at the end is sealed too.
        let (sealing, stop_sealing) = watch::channel(false);
        let looker = tokio::spawn(trail_watch::keep(
            self.db.clone(),
            self.checkpoints.clone(),
            self.verify_after,
            stopping.clone(),
        ));
        let sealer = tokio::spawn(Sealer::new(self.db.clone(), self.checkpoints).keep(stop_sealing));
        let desk = Desk {
            db: self.db,
            accounts: self.accounts.clone(),
            sending: self.sending,
            links,
        };
        let cases = tokio::spawn(reach::keep(desk.clone(), stopping.clone()));
        let studio = Studio::of_this_program().map_err(Failure::io("写真を読み取る準備ができません"))?;
        let staff_host = StaffHost {
            desk: desk.clone(),
            studio: studio.clone(),
            accounts: self.accounts,
            extra: self.extra,
            extra_navigation: self.extra_navigation,
            environment: self.environment,
            https: listeners.protection.staff_https,
            help: self.help,
        };
        let routers = (
            staff(staff_host),
            resident(resident_host, resident_desk, (desk, studio)),
        );
        let mut hosts = serve_both(
            listeners.staff,
            listeners.resident,
            listeners.protection,
            routers,
            &stopping,
        );
        tokio::select! {
            () = listeners.farewell.said() => {}
            () = over => {}
        }
        stop.send_replace(true);
        // Open pages with live progress would keep their connections for ever.
        let _ = timeout(SHUTDOWN, async { while hosts.join_next().await.is_some() {} }).await;
        // What was handed over is recorded before the process ends; a worker that panicked has nothing left.
        let _ = worker.await;
        drop(rehearsal);
        let _ = nights.await;
        let _ = statistics.await;
        let _ = looker.await;
        let _ = cases.await;
        sealing.send_replace(true);
        let _ = sealer.await;
        Ok(ExitCode::SUCCESS)
    }
}

/// Both hosts, and whoever keeps their certificates fresh.
fn serve_both(
    staff: TcpListener,
    resident: TcpListener,
    protection: Protection,
    (staff_router, resident_router): (Router, Router),
    stop: &watch::Receiver<bool>,
) -> JoinSet<()> {
    let Protection {
        staff: staff_certificates,
        resident: resident_certificates,
        proxies,
        ..
    } = protection;
    let mut tasks = JoinSet::new();
    let all: Vec<_> = [&staff_certificates, &resident_certificates]
        .into_iter()
        .flatten()
        .cloned()
        .collect();
    if !all.is_empty() {
        tasks.spawn(keep_fresh(all, stop.clone()));
    }
    let hosts = [
        (staff, staff_certificates, staff_router),
        (resident, resident_certificates, resident_router),
    ];
    for (listener, certificates, router) in hosts {
        let proxies = Arc::clone(&proxies);
        let host = Host {
            listener,
            certificates,
            proxies,
        };
        tasks.spawn(serving::serve(host, router, stop.clone()));
    }
    tasks
}

/// The carrier accounts for what is real and for what is simulated. They never meet: an outbox knows one of the two.
struct Line {
    accounts: Vec<CarrierAccount>,
    simulated: bool,
}

/// Beside real carriers there is always a simulated one in this process, for what is an exercise.
async fn lines(simulated: bool, accounts: Vec<CarrierAccount>) -> Result<(Option<Smsc>, Vec<Line>), Failure> {
    let given = Line { accounts, simulated };
    if simulated {
        return Ok((None, vec![given]));
    }
    let (smsc, account) = send::simulated_carrier().await?;
    let rehearsal = Line {
        accounts: vec![account],
        simulated: true,
    };
    let lines = [given, rehearsal].into_iter();
    Ok((
        Some(smsc),
        lines.filter(|line| !line.accounts.is_empty()).collect(),
    ))
}

/// Keeps PostgreSQL's plans fitting to tables that grow quickly.
async fn keep_statistics(db: Db, mut stop: watch::Receiver<bool>) {
    loop {
        if let Err(error) = db.refresh_statistics().await {
            tracing::warn!(%error, "the statistics could not be refreshed");
        }
        if timeout(STATISTICS_LOOK, stop.wait_for(|stop| *stop))
            .await
            .is_ok()
        {
            return;
        }
    }
}

/// Owns the outbox whenever that is possible, and keeps the carrier links while it does.
async fn work(db: Db, lines: Vec<Line>, mut stop: watch::Receiver<bool>) {
    let mut late: Vec<LateAnswers> = lines.iter().map(|_| LateAnswers::new()).collect();
    while !*stop.borrow() && !lines.is_empty() {
        let node = match db.join().await {
            Ok(Some(node)) => node,
            other => {
                if let Err(error) = other {
                    tracing::error!(%error, "the outbox could not be joined");
                }
                let _ = timeout(OWNER_LOOK, stop.changed()).await;
                continue;
            }
        };
        let mut started: Vec<Option<Carriers>> = Vec::new();
        for (line, late) in lines.iter().zip(&mut late) {
            let outbox = Outbox::new(db.clone(), node.clone(), line.simulated);
            let carriers = Carriers::start(outbox, &line.accounts, std::mem::take(late)).await;
            if let Err(error) = &carriers {
                tracing::error!(%error, "carrier links could not be started");
            }
            started.push(carriers.ok());
        }
        drop(node);
        if started.iter().all(Option::is_some) {
            lost_or(&started, &mut stop).await;
        } else {
            sleep(OWNER_LOOK).await;
        }
        for (carriers, late) in started.into_iter().zip(&mut late) {
            if let Some(carriers) = carriers {
                *late = carriers.stop().await;
            }
        }
    }
}

/// Waits until the process shall end, or is not the owner any more.
async fn lost_or(started: &[Option<Carriers>], stop: &mut watch::Receiver<bool>) {
    let mut lost = JoinSet::new();
    for carriers in started.iter().flatten() {
        let mut one = carriers.lost();
        lost.spawn(async move {
            let _ = one.wait_for(|lost| *lost).await;
        });
    }
    tokio::select! {
        _ = stop.wait_for(|stop| *stop) => {}
        _ = lost.join_next() => {}
    }
}
