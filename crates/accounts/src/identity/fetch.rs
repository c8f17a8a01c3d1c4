//! One question to an identity provider, one answer: within a time, up to a size, and no redirect followed.

use std::io;
use std::path::Path;
use std::sync::Arc;

use axum::body::Bytes;
use axum::http::{HeaderValue, Method, Request, StatusCode, header};
use http_body_util::{BodyExt as _, Full, LengthLimitError, Limited};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, ServerName};
use thiserror::Error;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

use super::address::WebAddress;
use crate::limits::{IDENTITY_ANSWER, IDENTITY_ANSWER_BYTES};

/// Why there is no answer; for the log, without anything that was asked or told.
#[derive(Debug, Error)]
pub(crate) enum FetchError {
    #[error("no connection: {0}")]
    Unreachable(#[from] io::Error),
    #[error("no HTTP: {0}")]
    Http(#[from] hyper::Error),
    #[error("no answer in time")]
    TooSlow,
    #[error("the answer leads elsewhere ({0}), where nobody follows")]
    Redirect(u16),
    #[error("the answer is {0}")]
    Status(u16),
    #[error("the answer is too long")]
    TooLong,
    #[error("the answer broke off")]
    BrokenOff,
}

/// What a question carries besides its address.
pub(crate) enum Ask {
    Get,
    /// A form, and the client's credentials where they go by a header.
    Post {
        form: String,
        credentials: Option<HeaderValue>,
    },
}

/// Who is trusted to vouch for a provider.
pub(crate) struct Fetcher {
    tls: TlsConnector,
}

impl Fetcher {
    /// Trusts the public authorities.
    pub(crate) fn new() -> Self {
        Self::trusting(webpki_roots::TLS_SERVER_ROOTS.iter().cloned().collect())
    }

    /// Trusts those, and the authorities in this PEM file besides.
    pub(crate) fn with_root(path: &Path) -> io::Result<Self> {
        let mut roots: RootCertStore = webpki_roots::TLS_SERVER_ROOTS.iter().cloned().collect();
        let public = roots.len();
        for certificate in CertificateDer::pem_file_iter(path).map_err(io::Error::other)? {
            let certificate = certificate.map_err(io::Error::other)?;
            roots.add(certificate).map_err(io::Error::other)?;
        }
        if roots.len() == public {
            return Err(io::Error::other("PEM 形式の証明書がありません"));
        }
        Ok(Self::trusting(roots))
    }

    fn trusting(roots: RootCertStore) -> Self {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("ring speaks TLS 1.2 and 1.3")
            .with_root_certificates(roots)
            .with_no_client_auth();
        Self {
            tls: Arc::new(config).into(),
        }
    }

    /// The body of a 200; everything else is an error.
    pub(crate) async fn fetch(&self, address: &WebAddress, ask: Ask) -> Result<Bytes, FetchError> {
        timeout(IDENTITY_ANSWER, self.connect_and_ask(address, ask))
            .await
            .map_err(|_| FetchError::TooSlow)?
    }

    async fn connect_and_ask(&self, address: &WebAddress, ask: Ask) -> Result<Bytes, FetchError> {
        let host = address.host();
        let stream = TcpStream::connect((host.as_str(), address.port())).await?;
        if address.is_https() {
            let name = ServerName::try_from(host).map_err(io::Error::other)?;
            exchange(self.tls.connect(name, stream).await?, address, ask).await
        } else {
            exchange(stream, address, ask).await
        }
    }
}

async fn exchange<S>(stream: S, address: &WebAddress, ask: Ask) -> Result<Bytes, FetchError>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    // It ends with the answer, or when this question is given up and the sender goes.
    let connection = tokio::spawn(connection);
    let answered = async {
        let response = sender.send_request(request(address, ask)).await?;
        match response.status() {
            StatusCode::OK => {}
            status if status.is_redirection() => return Err(FetchError::Redirect(status.as_u16())),
            status => return Err(FetchError::Status(status.as_u16())),
        }
        let body = Limited::new(response.into_body(), IDENTITY_ANSWER_BYTES)
            .collect()
            .await;
        body.map(http_body_util::Collected::to_bytes).map_err(|error| {
            if error.is::<LengthLimitError>() {
                FetchError::TooLong
            } else {
                FetchError::BrokenOff
            }
        })
    };
    let answer = answered.await;
    connection.abort();
    answer
}

fn request(address: &WebAddress, ask: Ask) -> Request<Full<Bytes>> {
    let (method, form, credentials) = match ask {
        Ask::Get => (Method::GET, None, None),
        Ask::Post { form, credentials } => (Method::POST, Some(form), credentials),
    };
    let mut request = Request::builder()
        .method(method)
        .uri(address.path_and_query())
        .header(header::HOST, address.authority())
        .header(header::ACCEPT, "application/json")
        .header(header::CONNECTION, "close");
    if form.is_some() {
        request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    }
    if let Some(credentials) = credentials {
        request = request.header(header::AUTHORIZATION, credentials);
    }
    request
        .body(Full::from(form.unwrap_or_default()))
        .expect("parts of an address that was read are parts of a request")
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpListener;

    use super::*;

    /// What is made of a server that answers every question with these bytes.
    async fn fetched(answer: Vec<u8>) -> Result<Bytes, FetchError> {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}/keys", listener.local_addr().unwrap());
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let _ = stream.read(&mut [0; 4_096]).await;
                // A client that has had enough closes early.
                let _ = stream.write_all(&answer).await;
            }
        });
        let address = WebAddress::parse(&address).unwrap();
        Fetcher::new().fetch(&address, Ask::Get).await
    }

    fn ok(body: &[u8]) -> Vec<u8> {
        let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", body.len());
        [head.as_bytes(), body].concat()
    }

    #[tokio::test]
    async fn asvs_15_3_2_no_redirect_is_followed() {
        let there = TcpListener::bind("127.0.0.1:0").await.unwrap();
        for status in [301, 302, 303, 307, 308] {
            let address = there.local_addr().unwrap();
            let head =
                format!("HTTP/1.1 {status} X\r\nlocation: http://{address}/\r\ncontent-length: 0\r\n\r\n");
            let refused = fetched(head.into_bytes()).await.unwrap_err();
            assert!(
                matches!(refused, FetchError::Redirect(found) if found == status),
                "{refused}"
            );
        }
        let nobody = std::future::poll_fn(|context| match there.poll_accept(context) {
            std::task::Poll::Pending => std::task::Poll::Ready(true),
            std::task::Poll::Ready(_) => std::task::Poll::Ready(false),
        });
        assert!(nobody.await, "somebody followed");
    }

    #[tokio::test]
    async fn an_answer_has_a_size_and_a_status() {
        assert_eq!(fetched(ok(b"{}")).await.unwrap(), "{}");
        let long = fetched(ok(&vec![b' '; IDENTITY_ANSWER_BYTES + 1]))
            .await
            .unwrap_err();
        assert!(matches!(long, FetchError::TooLong), "{long}");
        // One that does not say how long it is, and one that says more than it gives.
        let mut endless = b"HTTP/1.1 200 OK\r\n\r\n".to_vec();
        endless.resize(IDENTITY_ANSWER_BYTES + 100, b' ');
        assert!(matches!(fetched(endless).await, Err(FetchError::TooLong)));
        let missing = fetched(b"HTTP/1.1 404 X\r\ncontent-length: 0\r\n\r\n".to_vec()).await;
        assert!(matches!(missing, Err(FetchError::Status(404))));
        assert!(matches!(
            fetched(b"SSH-2.0-x\r\n".to_vec()).await,
            Err(FetchError::Http(_))
        ));
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_has_a_time() {
        let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
        for scheme in ["http", "https"] {
            // https to a loopback address may be asked too; nobody shakes hands there.
            let address = format!("{scheme}://{}/", silent.local_addr().unwrap());
            let address = WebAddress::parse(&address).unwrap();
            let late = Fetcher::new().fetch(&address, Ask::Get).await;
            assert!(matches!(late, Err(FetchError::TooSlow)), "{scheme}");
        }
    }
}
