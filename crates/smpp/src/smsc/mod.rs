//! A simulated SMSC: a real TCP server that speaks SMPP 3.4 and behaves as carriers do, on good days and bad.
//!
//! For demonstrations, tests and measurements; the client under test goes the whole way over a socket. It
//! keeps its word under a seed (see [`ReceiptPlan`]) and holds everything in memory.

mod account;
mod book;
mod chance;
mod config;
mod connection;
mod handset;
mod receipts;
mod replies;
mod submits;

#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{broadcast, watch};
use tokio_rustls::TlsAcceptor;

use account::AccountLine;
use book::Book;
pub use book::{Counters, JournalEntry};
pub use config::{
    Account, Accounts, BindAnswer, CarrierProfile, Cut, CutWhen, MAGIC_NUMBERS, Magic, MessageIdFormat,
    ReceiptFormat, ReceiptPlan, SmscClock, SmscConfig, SubmitAnswer, Witness,
};
pub use handset::HandsetMessage;

use crate::pdu::DeliverSm;

/// Messages that a slow reader of the phones may lag behind; then it misses the oldest.
const HANDSET_BACKLOG: usize = 1_024;

/// A running SMSC. Dropping it stops the server and cuts all connections.
pub struct Smsc {
    address: SocketAddr,
    shared: Arc<Shared>,
}

/// Whether the SMSC serves.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Life {
    Up,
    /// Connections are cut, binds refused.
    Outage,
    Stopped,
}

/// What all connections share. Locks are taken in the order account, book.
struct Shared {
    config: SmscConfig,
    book: Mutex<Book>,
    accounts: Mutex<HashMap<String, Arc<AccountLine>>>,
    handsets: broadcast::Sender<HandsetMessage>,
    life: watch::Sender<Life>,
}

impl Shared {
    /// Nothing in here panics half-way, so a poisoned lock still guards a sound state.
    fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn account(&self, system_id: &str) -> Arc<AccountLine> {
        let mut accounts = self.accounts.lock().unwrap_or_else(PoisonError::into_inner);
        let account = accounts.entry(system_id.to_owned());
        Arc::clone(account.or_insert_with(|| Arc::new(AccountLine::new(system_id, &self.config))))
    }
}

impl Smsc {
    /// Listens and serves, as tasks of the Tokio runtime that this is called in.
    pub async fn start(config: SmscConfig) -> io::Result<Self> {
        let listener = TcpListener::bind(config.listen).await?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared {
            book: Mutex::new(Book::new(&config)),
            config,
            accounts: Mutex::new(HashMap::new()),
            handsets: broadcast::Sender::new(HANDSET_BACKLOG),
            life: watch::Sender::new(Life::Up),
        });
        tokio::spawn(accept(listener, Arc::clone(&shared)));
        Ok(Self { address, shared })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What it has counted so far.
    pub fn counters(&self) -> Counters {
        self.shared.book().counters.clone()
    }

    /// Begins or ends an outage. Its beginning cuts all connections; while it lasts, binds are refused with
    /// `ESME_RSYSERR`. Receipts wait.
    pub fn set_outage(&self, outage: bool) {
        self.shared
            .life
            .send_replace(if outage { Life::Outage } else { Life::Up });
    }

    /// Begins or ends a time in which the SMSC takes messages and delivers them, and swallows their receipts: nothing is
    /// ever told of what was taken in it.
    pub fn set_silent(&self, silent: bool) {
        self.shared.book().silent = silent;
    }

    /// Every `submit_sm` so far, if [`SmscConfig::journal`] is set.
    pub fn journal(&self) -> Vec<JournalEntry> {
        self.shared.book().journal.clone()
    }

    /// The phones: every whole message that is delivered from now on. A reader that lags more than 1,024
    /// messages behind misses the oldest.
    pub fn handsets(&self) -> broadcast::Receiver<HandsetMessage> {
        self.shared.handsets.subscribe()
    }

    /// The phone that shows this message answers it, in as many parts as it takes.
    pub fn reply(&self, to: &HandsetMessage, text: &str) {
        let parts = replies::parts(to, text, &mut self.shared.book().long_replies);
        for part in parts {
            self.deliver(&to.system_id, part);
        }
    }

    /// Delivers a message from a phone to an account, at once or at its next bind.
    pub fn deliver(&self, system_id: &str, pdu: DeliverSm) {
        let account = self.shared.account(system_id);
        let now = Instant::now();
        let kept = account.lock().schedule(now, now, Box::new(pdu));
        if !kept {
            self.shared.book().counters.receipts_lost += 1;
        }
        account.tell();
    }
}

impl Drop for Smsc {
    fn drop(&mut self) {
        self.shared.life.send_replace(Life::Stopped);
    }
}

async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    let mut life = shared.life.subscribe();
    loop {
        tokio::select! {
            stopped = life.wait_for(|life| *life == Life::Stopped) => {
                drop(stopped);
                return;
            }
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => drop(tokio::spawn(greet(stream, Arc::clone(&shared)))),
                Err(error) => tracing::warn!(%error, "the simulated SMSC cannot accept a connection"),
            },
        }
    }
}

async fn greet(stream: TcpStream, shared: Arc<Shared>) {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "connection gone before it was greeted");
        return;
    }
    match shared.config.tls.clone() {
        None => connection::serve(stream, shared).await,
        Some(tls) => match TlsAcceptor::from(tls).accept(stream).await {
            Ok(stream) => connection::serve(stream, shared).await,
            Err(error) => tracing::debug!(%error, "no TLS connection"),
        },
    }
}
