//! From a configuration to a bound session: TCP, TLS, bind request, answer.

use std::io;
use std::path::Path;
use std::sync::Arc;

use bytes::BytesMut;
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, ServerName};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

use super::config::{BindConfig, BindMode, Tls};
use super::driver::{Accounting, Driver, READ_BUFFER};
use super::link::{Link, Times};
use super::{Session, SessionEvents};
use crate::pdu::{Bind, Body, CommandStatus, DecodeError, EncodeError, INTERFACE_VERSION, Pdu};

/// `sequence_number` of the bind request.
const BIND_SEQUENCE: u32 = 1;

/// Why there is no session.
#[derive(Debug, thiserror::Error)]
pub enum BindError {
    /// No connection, or it was cut before the bind was answered.
    #[error("the SMSC cannot be reached: {0}")]
    Unreachable(#[source] io::Error),
    /// The bind was not answered within `response_timeout`.
    #[error("the SMSC did not answer the bind")]
    NoAnswer,
    /// The SMSC said no.
    #[error("the SMSC refused the bind: {0}")]
    Refused(CommandStatus),
    /// No encrypted connection: certificate, name or protocol do not fit.
    #[error("no TLS connection: {0}")]
    Tls(#[source] io::Error),
    /// What answered does not speak SMPP.
    #[error("the peer does not speak SMPP: {0}")]
    Protocol(String),
    /// The configuration holds something that SMPP cannot carry.
    #[error("the bind cannot be written: {0}")]
    Config(#[from] EncodeError),
}

impl BindError {
    /// Whether trying again with the same configuration is of no use before a person has looked: wrong
    /// password, system id or system type, or an account that is bound as often as it may.
    pub fn is_permanent(&self) -> bool {
        match self {
            Self::Refused(status) => matches!(
                *status,
                CommandStatus::ESME_RINVPASWD
                    | CommandStatus::ESME_RINVSYSID
                    | CommandStatus::ESME_RINVSYSTYP
                    | CommandStatus::ESME_RALYBND
            ),
            Self::Config(_) => true,
            Self::Unreachable(_) | Self::NoAnswer | Self::Tls(_) | Self::Protocol(_) => false,
        }
    }
}

impl From<DecodeError> for BindError {
    fn from(error: DecodeError) -> Self {
        Self::Protocol(error.to_string())
    }
}

/// Connects and binds. Returns once the SMSC has said yes. Needs a Tokio runtime: the session is a task of
/// it.
pub async fn bind(config: &BindConfig) -> Result<(Session, SessionEvents), BindError> {
    let connected = timeout(
        config.connect_timeout,
        TcpStream::connect((config.host.as_str(), config.port)),
    );
    let stream = connected
        .await
        .unwrap_or_else(|late| Err(late.into()))
        .map_err(BindError::Unreachable)?;
    stream.set_nodelay(true).map_err(BindError::Unreachable)?;
    match &config.tls {
        Tls::Off => start(stream, Accounting::Taken, config).await,
        Tls::On { ca, server_name } => {
            let name = server_name.as_ref().unwrap_or(&config.host).clone();
            let handshake = shake_hands(stream, ca.as_deref(), name);
            let stream = timeout(config.connect_timeout, handshake)
                .await
                .unwrap_or_else(|late| Err(late.into()));
            start(stream.map_err(BindError::Tls)?, Accounting::Offered, config).await
        }
    }
}

async fn shake_hands(
    stream: TcpStream,
    ca: Option<&Path>,
    name: String,
) -> io::Result<tokio_rustls::client::TlsStream<TcpStream>> {
    let name = ServerName::try_from(name).map_err(io::Error::other)?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(io::Error::other)?
        .with_root_certificates(roots(ca)?)
        .with_no_client_auth();
    TlsConnector::from(Arc::new(config)).connect(name, stream).await
}

fn roots(ca: Option<&Path>) -> io::Result<RootCertStore> {
    let mut roots = RootCertStore::empty();
    match ca {
        None => roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned()),
        Some(path) => {
            for certificate in CertificateDer::pem_file_iter(path).map_err(io::Error::other)? {
                roots
                    .add(certificate.map_err(io::Error::other)?)
                    .map_err(io::Error::other)?;
            }
        }
    }
    Ok(roots)
}

async fn start<S>(
    mut stream: S,
    accounting: Accounting,
    config: &BindConfig,
) -> Result<(Session, SessionEvents), BindError>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let mut incoming = BytesMut::with_capacity(READ_BUFFER);
    let asked = ask(&mut stream, &mut incoming, config);
    timeout(config.response_timeout, asked)
        .await
        .map_err(|_| BindError::NoAnswer)??;
    let link = Arc::new(Link::new(config.window, BIND_SEQUENCE));
    let times = Times {
        response: config.response_timeout,
        enquire_link: config.enquire_link_interval,
    };
    tokio::spawn(Driver::new(stream, accounting, Arc::clone(&link), times, incoming).run());
    Ok((
        Session {
            link: Arc::clone(&link),
        },
        SessionEvents { link },
    ))
}

/// Asks for the bind and waits for the yes. Leaves in `incoming` what came after it.
async fn ask<S>(stream: &mut S, incoming: &mut BytesMut, config: &BindConfig) -> Result<(), BindError>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let mut request = Vec::new();
    Pdu::new(BIND_SEQUENCE, request_body(config)).encode(&mut request)?;
    stream.write_all(&request).await.map_err(BindError::Unreachable)?;
    stream.flush().await.map_err(BindError::Unreachable)?;
    loop {
        if let Some(answer) = Pdu::decode(incoming)? {
            return judge(&answer);
        }
        if stream.read_buf(incoming).await.map_err(BindError::Unreachable)? == 0 {
            return Err(BindError::Unreachable(io::ErrorKind::UnexpectedEof.into()));
        }
    }
}

fn request_body(config: &BindConfig) -> Body {
    let bind = Bind {
        system_id: config.system_id.clone(),
        password: config.password.clone(),
        system_type: config.system_type.clone(),
        interface_version: INTERFACE_VERSION,
        ..Bind::default()
    };
    match config.mode {
        BindMode::Transceiver => Body::BindTransceiver(bind),
        BindMode::Transmitter => Body::BindTransmitter(bind),
        BindMode::Receiver => Body::BindReceiver(bind),
    }
}

fn judge(answer: &Pdu) -> Result<(), BindError> {
    match &answer.body {
        Body::BindTransceiverResp(_)
        | Body::BindTransmitterResp(_)
        | Body::BindReceiverResp(_)
        | Body::GenericNack
            if !answer.command_status.is_ok() =>
        {
            Err(BindError::Refused(answer.command_status))
        }
        Body::BindTransceiverResp(_) | Body::BindTransmitterResp(_) | Body::BindReceiverResp(_) => Ok(()),
        other => Err(BindError::Protocol(format!(
            "command 0x{:08X} instead of the answer to the bind",
            other.command_id()
        ))),
    }
}
