//! The sockets of the two hosts: accepts connections, shakes hands where there is a certificate, says from
//! where each request comes, and hands it to its router.
//!
//! A peer that is silent holds its connection for a while and nothing else: the handshake and the head of
//! each request have a time, and there is a number of connections beyond which the kernel lets others wait.
//!
//! What it is not: it knows no page and no person. Which proxies are believed is [`TrustedProxies`]'s
//! business, and which certificate is shown [`Certificates`]'.

mod certificates;
mod proxies;

use std::fmt::Display;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout};
use tokio_rustls::TlsAcceptor;
use tower::Service as _;

pub(crate) use self::certificates::{CertificateFiles, CertificateProblem, Certificates, keep_fresh};
pub(crate) use self::proxies::TrustedProxies;

/// A TLS handshake is two exchanges; ten seconds are enough for a phone in a tunnel.
const HANDSHAKE: Duration = Duration::from_secs(10);
/// From an open connection, or the last answer on it, to the end of the next request's head. Browsers keep
/// connections open for the next page about as long.
const HEAD: Duration = Duration::from_mins(1);
/// Connections of one host at a time: 300 people with six each, and as many again. Each may cost some 50 KB.
const CONNECTIONS: usize = 4_096;
/// When the system is out of sockets, trying again at once would only burn the processor.
const OUT_OF_SOCKETS: Duration = Duration::from_secs(1);
/// How often at most the log tells of failed handshakes: strangers who scan the internet would fill the disk with them.
const TELL_EVERY: Duration = Duration::from_mins(1);

/// One host's socket.
pub(crate) struct Host {
    pub(crate) listener: TcpListener,
    /// With it the host speaks HTTPS and nothing else.
    pub(crate) certificates: Option<Arc<Certificates>>,
    pub(crate) proxies: Arc<TrustedProxies>,
}

/// What a connection needs to know of its host.
#[derive(Clone)]
struct Door {
    tls: Option<TlsAcceptor>,
    proxies: Arc<TrustedProxies>,
    router: Router,
    stop: watch::Receiver<bool>,
    failed: Arc<FailedHandshakes>,
}

/// Handshakes that failed: the first is told at once, the others by their number.
#[derive(Default)]
struct FailedHandshakes(Mutex<Untold>);

#[derive(Default)]
struct Untold {
    since: Option<Instant>,
    count: u64,
}

impl FailedHandshakes {
    fn tell(&self, reason: &dyn Display) {
        let mut untold = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        untold.count += 1;
        if untold.since.is_none_or(|since| since.elapsed() >= TELL_EVERY) {
            tracing::error!(%reason, count = untold.count, "TLS handshakes failed");
            *untold = Untold {
                since: Some(Instant::now()),
                count: 0,
            };
        }
    }
}

/// Serves until `stop`; then answers what is under way and ends.
pub(crate) async fn serve(host: Host, router: Router, mut stop: watch::Receiver<bool>) {
    let door = Door {
        tls: host.certificates.as_deref().map(Certificates::acceptor),
        proxies: host.proxies,
        router,
        stop: stop.clone(),
        failed: Arc::default(),
    };
    let mut open = JoinSet::new();
    loop {
        tokio::select! {
            () = told(&mut stop) => break,
            Some(_) = open.join_next(), if !open.is_empty() => {}
            accepted = host.listener.accept(), if open.len() < CONNECTIONS => match accepted {
                Ok((stream, peer)) => {
                    open.spawn(connection(stream, peer, door.clone()));
                }
                Err(error) => refused_by_system(&error).await,
            }
        }
    }
    drop(host.listener);
    while open.join_next().await.is_some() {}
}

/// Ready once the process is to end.
async fn told(stop: &mut watch::Receiver<bool>) {
    // Whoever could say so is gone: that ends the process too.
    let _ = stop.wait_for(|stop| *stop).await;
}

/// A peer that has gone again is nothing; anything else is a shortage that may pass.
async fn refused_by_system(error: &std::io::Error) {
    use std::io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    if ![ConnectionAborted, ConnectionRefused, ConnectionReset].contains(&error.kind()) {
        tracing::error!(%error, "a connection could not be accepted");
        sleep(OUT_OF_SOCKETS).await;
    }
}

async fn connection(stream: TcpStream, peer: SocketAddr, mut door: Door) {
    // Answers are written whole; holding their last bytes back would only delay them.
    let _ = stream.set_nodelay(true);
    let Some(tls) = &door.tls else {
        return speak(stream, peer, door).await;
    };
    let handshake = timeout(HANDSHAKE, tls.accept(stream));
    let shaken = tokio::select! {
        shaken = handshake => shaken,
        () = told(&mut door.stop) => return,
    };
    match shaken {
        Ok(Ok(stream)) => speak(stream, peer, door).await,
        Ok(Err(error)) => door.failed.tell(&error),
        Err(_) => door.failed.tell(&"it took too long"),
    }
}

async fn speak<I>(stream: I, peer: SocketAddr, mut door: Door)
where
    I: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (proxies, router) = (door.proxies, door.router);
    let service = service_fn(move |request: hyper::Request<Incoming>| {
        let mut request = request.map(Body::new);
        let source = proxies.source(peer.ip(), request.headers());
        request.extensions_mut().insert(source);
        router.clone().call(request)
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD)
        .serve_connection(TokioIo::new(stream), service);
    let mut connection = pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = told(&mut door.stop) => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection ended early");
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
    use std::path::Path;

    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    use super::*;

    fn certificates(directory: &Path) -> Certificates {
        let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
        let (certificate, key) = (directory.join("host.pem"), directory.join("host.key"));
        std::fs::write(&certificate, made.cert.pem()).unwrap();
        std::fs::write(&key, made.signing_key.serialize_pem()).unwrap();
        Certificates::read(CertificateFiles { certificate, key }).unwrap()
    }

    /// What a host says to a peer that says this and then nothing more. The clock jumps whenever nobody does anything.
    async fn said_to(peer: &[u8], certificates: Option<Arc<Certificates>>) -> Vec<u8> {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let host = Host {
            listener,
            certificates,
            proxies: Arc::default(),
        };
        let (stop, stopping) = watch::channel(false);
        let serving = tokio::spawn(serve(host, Router::new(), stopping));
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(peer).await.unwrap();
        let mut said = Vec::new();
        stream.read_to_end(&mut said).await.unwrap();
        stop.send_replace(true);
        serving.await.unwrap();
        said
    }

    #[tokio::test(start_paused = true)]
    async fn a_silent_peer_holds_nothing_for_long() {
        let directory = tempfile::TempDir::new().unwrap();
        let tls = Arc::new(certificates(directory.path()));
        // The first bytes of a handshake that never goes on.
        for begun in [&b""[..], &[22, 3, 1, 2, 0, 1]] {
            assert_eq!(said_to(begun, Some(Arc::clone(&tls))).await, b"");
        }
        for begun in [&b""[..], b"GET / HTTP/1.1\r\nhost: here\r\n"] {
            let said = said_to(begun, None).await;
            assert!(
                !said.starts_with(b"HTTP/1.1 2"),
                "{}",
                String::from_utf8_lossy(&said)
            );
        }
    }

    #[tokio::test]
    async fn a_host_that_stops_lets_go_of_idle_connections() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let host = Host {
            listener,
            certificates: None,
            proxies: Arc::default(),
        };
        let (stop, stopping) = watch::channel(false);
        let serving = tokio::spawn(serve(host, Router::new(), stopping));
        let mut idle = TcpStream::connect(address).await.unwrap();
        idle.write_all(b"GET / HTTP/1.1\r\nhost: here\r\n\r\n")
            .await
            .unwrap();
        assert!(idle.read(&mut [0; 1_024]).await.unwrap() > 0);
        stop.send_replace(true);
        serving.await.unwrap();
    }
}
