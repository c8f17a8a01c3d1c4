//! `todoke serve`: the web application, and the carrier links beside it.

use std::net::SocketAddr;
use std::process::ExitCode;
use std::time::Duration;

use accounts::Accounts;
use axum::Router;
use base::clock::Clock;
use base::id::OrgId;
use carrier::carriers::LateAnswers;
use carrier::{CarrierAccount, Carriers};
use db::{Db, OpenOptions};
use messaging::links::{LinkOrigin, LinkSettings};
use messaging::outbox::Outbox;
use messaging::pages::{Desk, ResidentDesk, Sending, Tariff};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use web::{Environment, NavEntry};

use super::{Failure, Farewell, send};
use crate::cli::{CarrierOptions, DatabaseOptions, ServeOptions};
use crate::router::{ResidentHost, StaffHost, resident, staff};
use crate::routes::STAFF_ROUTES;

/// How often a process that may not send looks whether it may now.
const OWNER_LOOK: Duration = Duration::from_millis(500);
/// How long open requests may take to end at shutdown.
const SHUTDOWN: Duration = Duration::from_secs(5);

pub(crate) async fn run(options: ServeOptions) -> Result<ExitCode, Failure> {
    let https = options
        .public_url
        .as_deref()
        .is_some_and(|url| url.starts_with("https://"));
    for listen in [options.listen, options.resident_listen] {
        if !https && !listen.ip().is_loopback() {
            return Err(Failure::WrongUse(format!(
                "{listen} は外から届くアドレスです。暗号化する中継サーバーを前に置き、--public-url https://… を指定してください。この機械の中だけで使うなら 127.0.0.1 で待ち受けてください。"
            )));
        }
    }
    let db = open(&options.database).await?;
    let accounts = Accounts::new(db.clone(), https).with_routes(STAFF_ROUTES);
    let smsc = if options.carrier.simulate {
        Some(send::simulated_carrier().await?)
    } else {
        None
    };
    let carriers = smsc.as_ref().map_or_else(
        || options.carrier.carriers.clone(),
        |(_, account)| vec![account.clone()],
    );
    let service = Service {
        sending: sending(&options.carrier, options.hold, !carriers.is_empty()),
        db,
        accounts,
        carriers,
        environment: options.environment.into(),
        https,
        links: options.links.settings(),
        help: options.help_line,
        extra: Router::new(),
        extra_navigation: Vec::new(),
    };
    let listeners = Listeners::bind(options.listen, options.resident_listen).await?;
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

/// The two hosts' sockets, and the signals that end them.
pub(crate) struct Listeners {
    staff: TcpListener,
    resident: TcpListener,
    farewell: Farewell,
}

impl Listeners {
    pub(crate) async fn bind(staff: SocketAddr, resident: SocketAddr) -> Result<Self, Failure> {
        Ok(Self {
            staff: listen(staff).await?,
            resident: listen(resident).await?,
            farewell: Farewell::expected()?,
        })
    }

    pub(crate) fn staff_address(&self) -> Result<SocketAddr, Failure> {
        self.staff
            .local_addr()
            .map_err(Failure::io("待ち受けのアドレスが分かりません"))
    }

    pub(crate) fn resident_address(&self) -> Result<SocketAddr, Failure> {
        self.resident
            .local_addr()
            .map_err(Failure::io("待ち受けのアドレスが分かりません"))
    }
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
    pub(crate) https: bool,
    pub(crate) links: LinkSettings,
    pub(crate) help: String,
    pub(crate) extra: Router,
    pub(crate) extra_navigation: Vec<NavEntry>,
}

impl Service {
    async fn announce(&self, listeners: &Listeners) -> Result<(), Failure> {
        let address = listeners.staff_address()?;
        println!("職員の画面: http://{address}");
        println!("住民の画面: http://{}", listeners.resident_address()?);
        if let Some(code) = self.accounts.offer_setup().await? {
            println!(
                "まだアカウントがありません。http://{address}/setup を開き、次の初期設定コードを入れてください: {code}"
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
    pub(crate) async fn run(self, mut listeners: Listeners) -> Result<ExitCode, Failure> {
        let (stop, stopping) = watch::channel(false);
        let organisation = self.accounts.organisation_name(OrgId::FIRST).await?;
        let resident_host = ResidentHost {
            organisation: organisation.to_string(),
            sender: self.sending.sender.clone(),
            help: self.help.clone(),
            environment: self.environment,
            https: self.https,
        };
        let resident_desk = ResidentDesk {
            db: self.db.clone(),
            accounts: self.accounts.clone(),
            help: self.help.clone(),
        };
        let simulated = self.sending.simulated;
        let mut links = self.links;
        if simulated && links.origin.is_none() {
            // Simulated phones are on this machine: their links can be opened here.
            links.origin = LinkOrigin::parse(&format!("http://{}", listeners.resident_address()?));
        }
        let worker = tokio::spawn(work(self.db.clone(), self.carriers, simulated, stopping.clone()));
        let staff_host = StaffHost {
            desk: Desk {
                db: self.db,
                accounts: self.accounts.clone(),
                sending: self.sending,
                links,
            },
            accounts: self.accounts,
            extra: self.extra,
            extra_navigation: self.extra_navigation,
            environment: self.environment,
            https: self.https,
            help: self.help,
        };
        let mut hosts = JoinSet::new();
        hosts.spawn(serve(listeners.staff, staff(staff_host), stopping.clone()));
        let resident = resident(resident_host, resident_desk);
        hosts.spawn(serve(listeners.resident, resident, stopping));
        listeners.farewell.said().await;
        stop.send_replace(true);
        // Open pages with live progress would keep their connections for ever.
        let _ = timeout(SHUTDOWN, hosts.join_all()).await;
        // What was handed over is recorded before the process ends; a worker that panicked has nothing left.
        let _ = worker.await;
        Ok(ExitCode::SUCCESS)
    }
}

async fn serve(listener: TcpListener, router: Router, mut stop: watch::Receiver<bool>) {
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    let stopped = async move {
        let _ = stop.wait_for(|stop| *stop).await;
    };
    if let Err(error) = axum::serve(listener, service)
        .with_graceful_shutdown(stopped)
        .await
    {
        tracing::error!(%error, "a host ended");
    }
}

/// Owns the outbox whenever that is possible, and keeps the carrier links while it does.
async fn work(db: Db, accounts: Vec<CarrierAccount>, simulated: bool, mut stop: watch::Receiver<bool>) {
    let mut late = LateAnswers::new();
    while !*stop.borrow() && !accounts.is_empty() {
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
        let outbox = Outbox::new(db.clone(), node, simulated);
        let carriers = match Carriers::start(outbox, &accounts, std::mem::take(&mut late)).await {
            Ok(carriers) => carriers,
            Err(error) => {
                tracing::error!(%error, "carrier links could not be started");
                sleep(OWNER_LOOK).await;
                continue;
            }
        };
        let mut lost = carriers.lost();
        tokio::select! {
            _ = stop.wait_for(|stop| *stop) => {}
            _ = lost.wait_for(|lost| *lost) => {}
        }
        late = carriers.stop().await;
    }
}
