//! The way to a PostgreSQL server: its address, and TLS where the address asks for it.
//!
//! `sslmode` knows two answers. Without it, or with `disable` or `prefer`, the connection is plain: for a Unix
//! socket and for one machine. With `require`, `verify-ca` or `verify-full` it is TLS, and the certificate must
//! come from an authority that is trusted and carry the server's name; an unchecked certificate would protect
//! from nobody who can be in between. So we are stricter than libpq, and never laxer.
//!
//! `sslrootcert` names the PEM file of the authority; without it, or with `system`, the public ones are trusted.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::str::FromStr;
use std::sync::Arc;
use std::task::{Context, Poll};

use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, ServerName};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_postgres::config::SslMode;
use tokio_postgres::tls::{ChannelBinding, MakeTlsConnect, TlsConnect};
use tokio_postgres::{Client, Connection, Socket};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::DbError;

/// Joins are carried out in the order in which they are written, as by SQLite where it says CROSS JOIN. The statements begin
/// with what was asked for; PostgreSQL, guessing at a table that was filled a minute ago, begins with that, and compares
/// each of its rows with each of a list's. So beside a written JOIN no `IN (SELECT … {each …})`: it would be asked last.
const JOINS_AS_WRITTEN: &str = "-c join_collapse_limit=1";

/// Where the server is and how it is spoken to.
pub(crate) struct Server {
    pub(crate) config: tokio_postgres::Config,
    pub(crate) tls: Tls,
}

/// How connections are encrypted; without a connector they are not.
#[derive(Clone)]
pub(crate) struct Tls(Option<TlsConnector>);

impl Server {
    /// Reads `postgres://…?sslmode=…&sslrootcert=…`; whatever else stands there is the driver's.
    pub(crate) fn parse(url: &str) -> Result<Self, DbError> {
        let (address, query) = url.split_once('?').unwrap_or((url, ""));
        let mut rest = Vec::new();
        let (mut mode, mut root) = (None, None);
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            match pair.split_once('=') {
                Some(("sslmode", value)) => mode = Some(value),
                Some(("sslrootcert", value)) => root = Some(decoded(value)?),
                _ => rest.push(pair),
            }
        }
        let address = if rest.is_empty() {
            address.to_owned()
        } else {
            format!("{address}?{}", rest.join("&"))
        };
        let mut config = tokio_postgres::Config::from_str(&address)
            .map_err(|_| DbError::Address(without_password(url)))?;
        config.application_name("todoke");
        let options = [config.get_options().unwrap_or_default(), JOINS_AS_WRITTEN].join(" ");
        config.options(options.trim());
        let tls = match mode {
            None | Some("disable" | "prefer") => None,
            Some("require" | "verify-ca" | "verify-full") => Some(connector(root.as_deref())?),
            Some(other) => {
                return Err(DbError::Encryption(format!(
                    "sslmode={other} はありません。disable、require、verify-full のどれかを指定してください"
                )));
            }
        };
        config.ssl_mode(if tls.is_some() {
            SslMode::Require
        } else {
            SslMode::Disable
        });
        Ok(Self {
            config,
            tls: Tls(tls),
        })
    }

    pub(crate) async fn connect(
        self,
    ) -> Result<(Client, Connection<Socket, Encrypted<Socket>>), tokio_postgres::Error> {
        self.config.connect(self.tls).await
    }
}

/// The address with whatever stands before the `@` left out.
fn without_password(url: &str) -> String {
    url.rsplit_once('@')
        .map_or_else(|| url.to_owned(), |(_, rest)| format!("postgres://…@{rest}"))
}

fn decoded(value: &str) -> Result<String, DbError> {
    let decoded = percent_encoding::percent_decode_str(value).decode_utf8();
    decoded
        .map(std::borrow::Cow::into_owned)
        .map_err(|_| DbError::Encryption("sslrootcert のファイル名が読めません".to_owned()))
}

fn connector(root: Option<&str>) -> Result<TlsConnector, DbError> {
    let mut roots = RootCertStore::empty();
    match root {
        None | Some("system") => roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned()),
        Some(path) => {
            let problem = |why: &str| DbError::Encryption(format!("sslrootcert={path}: {why}"));
            let pem = CertificateDer::pem_file_iter(path).map_err(|error| problem(&error.to_string()))?;
            for certificate in pem {
                let certificate = certificate.map_err(|error| problem(&error.to_string()))?;
                roots
                    .add(certificate)
                    .map_err(|error| problem(&error.to_string()))?;
            }
            if roots.is_empty() {
                return Err(problem("PEM 形式の証明書がありません"));
            }
        }
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| DbError::Encryption(error.to_string()))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    // What a server of PostgreSQL 17 and newer asks for where TLS begins without its own greeting.
    config.alpn_protocols = vec![b"postgresql".to_vec()];
    Ok(Arc::new(config).into())
}

impl MakeTlsConnect<Socket> for Tls {
    type Stream = Encrypted<Socket>;
    type TlsConnect = ToHost;
    type Error = io::Error;

    fn make_tls_connect(&mut self, host: &str) -> io::Result<ToHost> {
        let connector = self.0.clone();
        // A socket of this machine has no name; it is never spoken to in TLS.
        let name = ServerName::try_from(host.to_owned()).ok();
        Ok(ToHost(connector.zip(name)))
    }
}

/// TLS with one named server.
pub(crate) struct ToHost(Option<(TlsConnector, ServerName<'static>)>);

impl TlsConnect<Socket> for ToHost {
    type Stream = Encrypted<Socket>;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<Self::Stream>> + Send>>;

    fn connect(self, socket: Socket) -> Self::Future {
        Box::pin(async move {
            let (connector, name) = self.0.ok_or_else(|| io::Error::other("no name to check"))?;
            connector.connect(name, socket).await.map(Encrypted)
        })
    }
}

/// An encrypted connection, as the driver wants to see it.
pub(crate) struct Encrypted<S>(TlsStream<S>);

impl<S: AsyncRead + AsyncWrite + Unpin> tokio_postgres::tls::TlsStream for Encrypted<S> {
    fn channel_binding(&self) -> ChannelBinding {
        // The server's name and authority have been checked already.
        ChannelBinding::none()
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncRead for Encrypted<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(context, into)
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Encrypted<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        from: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(context, from)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
    use super::*;

    fn is_tls(query: &str) -> bool {
        let server = Server::parse(&format!("postgres://todoke:geheim@db.example.jp/todoke{query}")).unwrap();
        assert_eq!(
            server.config.get_ssl_mode(),
            if server.tls.0.is_some() {
                SslMode::Require
            } else {
                SslMode::Disable
            }
        );
        server.tls.0.is_some()
    }

    #[test]
    fn tls_is_either_checked_in_full_or_not_spoken() {
        for query in ["", "?sslmode=disable", "?sslmode=prefer", "?connect_timeout=3"] {
            assert!(!is_tls(query), "{query}");
        }
        for mode in ["require", "verify-ca", "verify-full"] {
            assert!(is_tls(&format!("?sslmode={mode}")), "{mode}");
            assert!(
                is_tls(&format!("?connect_timeout=3&sslmode={mode}&sslrootcert=system")),
                "{mode}"
            );
        }
    }

    #[test]
    fn joins_are_as_written_beside_what_the_address_asks_for() {
        let options = |query: &str| {
            let server = Server::parse(&format!("postgres://todoke@db.example.jp/todoke{query}")).unwrap();
            server.config.get_options().unwrap().to_owned()
        };
        assert_eq!(options(""), "-c join_collapse_limit=1");
        assert_eq!(
            options("?options=-c%20work_mem%3D64MB"),
            "-c work_mem=64MB -c join_collapse_limit=1"
        );
    }

    #[test]
    fn what_cannot_be_done_is_said_without_the_password() {
        let refused = |query: &str| {
            let url = format!("postgres://todoke:geheim@db.example.jp/todoke{query}");
            let words = Server::parse(&url).err().unwrap().to_string();
            assert!(!words.contains("geheim"), "{words}");
            words
        };
        assert!(refused("?sslmode=allow").contains("sslmode=allow"));
        assert!(refused("?sslmode=require&sslrootcert=/nowhere/ca.pem").contains("/nowhere/ca.pem"));
        assert!(refused("?nonsense=1").contains("読めません"));
    }
}
