//! The certificate that a host shows, read from two PEM files and read again when they change.
//!
//! TLS 1.2 and 1.3, rustls with ring. A renewed certificate is taken up within a minute, or at once on
//! SIGHUP; new connections get it, open ones go on. Files that do not fit together are said in the log and
//! leave the former certificate in use, so that a half-written renewal never closes the host.

use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use rustls::ServerConfig;
use rustls::crypto::{CryptoProvider, ring};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use thiserror::Error;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;
use tokio::time::sleep;
use tokio_rustls::TlsAcceptor;

/// How often the files are looked at; they are small, and a renewal may wait a minute.
const LOOK: Duration = Duration::from_mins(1);

/// Where a host's certificate lies.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct CertificateFiles {
    /// The host's certificate, then those between it and its authority, as PEM.
    pub(crate) certificate: PathBuf,
    /// Its private key, as PEM.
    pub(crate) key: PathBuf,
}

/// Why certificate files cannot be used, in words for the operator.
#[derive(Debug, Error)]
pub(crate) enum CertificateProblem {
    #[error("TLS のファイル {} を読めません（{source}）。", path.display())]
    Unreadable { path: PathBuf, source: std::io::Error },
    #[error("{} に PEM 形式の証明書がありません。サーバーの証明書、中間証明書の順に並べたファイルを指定してください。", .0.display())]
    NoCertificate(PathBuf),
    #[error("{} に PEM 形式の秘密鍵がありません。パスフレーズの付いていない鍵を指定してください。", .0.display())]
    NoKey(PathBuf),
    #[error("{} と {} は対になっていないか、使えません（{source}）。同じときに発行された証明書と秘密鍵を指定してください。", files.certificate.display(), files.key.display())]
    DoNotFit {
        files: CertificateFiles,
        source: rustls::Error,
    },
    #[error("TLS の準備ができません（{0}）。")]
    Tls(#[from] rustls::Error),
}

/// What stood in the files, and what it means.
struct Shown {
    written: [Vec<u8>; 2],
    key: Arc<CertifiedKey>,
}

/// The certificate of one host, as of now.
pub(crate) struct Certificates {
    files: CertificateFiles,
    shown: Arc<Showing>,
    acceptor: TlsAcceptor,
}

struct Showing(RwLock<Shown>);

impl std::fmt::Debug for Showing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Showing(…)")
    }
}

impl ResolvesServerCert for Showing {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let shown = self.0.read().unwrap_or_else(PoisonError::into_inner);
        Some(Arc::clone(&shown.key))
    }
}

impl Certificates {
    /// Reads the files; a host does not start with ones that do not fit.
    pub(crate) fn read(files: CertificateFiles) -> Result<Self, CertificateProblem> {
        let provider = Arc::new(ring::default_provider());
        let shown = read(&files, &provider)?;
        let shown = Arc::new(Showing(RwLock::new(shown)));
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_cert_resolver(Arc::<Showing>::clone(&shown));
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self {
            files,
            shown,
            acceptor: Arc::new(config).into(),
        })
    }

    pub(crate) fn acceptor(&self) -> TlsAcceptor {
        self.acceptor.clone()
    }

    /// Takes up what stands in the files now; says whether it is something else than before.
    pub(crate) fn refresh(&self) -> Result<bool, CertificateProblem> {
        let written = written(&self.files)?;
        let same = {
            let shown = self.shown.0.read().unwrap_or_else(PoisonError::into_inner);
            shown.written == written
        };
        if same {
            return Ok(false);
        }
        let fresh = understood(&self.files, written, &ring::default_provider())?;
        *self.shown.0.write().unwrap_or_else(PoisonError::into_inner) = fresh;
        Ok(true)
    }
}

fn read(files: &CertificateFiles, provider: &CryptoProvider) -> Result<Shown, CertificateProblem> {
    understood(files, written(files)?, provider)
}

fn written(files: &CertificateFiles) -> Result<[Vec<u8>; 2], CertificateProblem> {
    let content = |path: &PathBuf| {
        std::fs::read(path).map_err(|source| CertificateProblem::Unreadable {
            path: path.clone(),
            source,
        })
    };
    Ok([content(&files.certificate)?, content(&files.key)?])
}

fn understood(
    files: &CertificateFiles,
    written: [Vec<u8>; 2],
    provider: &CryptoProvider,
) -> Result<Shown, CertificateProblem> {
    let [certificate, key] = &written;
    let chain: Vec<_> = CertificateDer::pem_slice_iter(certificate)
        .collect::<Result<_, _>>()
        .map_err(|_| CertificateProblem::NoCertificate(files.certificate.clone()))?;
    if chain.is_empty() {
        return Err(CertificateProblem::NoCertificate(files.certificate.clone()));
    }
    let key = PrivateKeyDer::from_pem_slice(key).map_err(|_| CertificateProblem::NoKey(files.key.clone()))?;
    let key =
        CertifiedKey::from_der(chain, key, provider).map_err(|source| CertificateProblem::DoNotFit {
            files: files.clone(),
            source,
        })?;
    Ok(Shown {
        written,
        key: Arc::new(key),
    })
}

/// Looks at the files again and again, and at once on SIGHUP, until `stop`.
pub(crate) async fn keep_fresh(all: Vec<Arc<Certificates>>, mut stop: watch::Receiver<bool>) {
    let Ok(mut asked) = signal(SignalKind::hangup()) else {
        return tracing::error!("SIGHUP cannot be waited for: renewed certificates need a restart");
    };
    loop {
        tokio::select! {
            _ = stop.wait_for(|stop| *stop) => return,
            _ = asked.recv() => {}
            () = sleep(LOOK) => {}
        }
        for certificates in &all {
            match certificates.refresh() {
                Ok(true) => tracing::warn!("a renewed certificate is in use"),
                Ok(false) => {}
                Err(problem) => tracing::error!(%problem, "the former certificate stays in use"),
            }
        }
    }
}
