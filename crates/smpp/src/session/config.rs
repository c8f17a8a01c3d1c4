//! What a session needs to know before it begins.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

/// How to reach and bind to an SMSC. Its `Debug` masks the password.
#[derive(Clone)]
pub struct BindConfig {
    /// Host name or address of the SMSC.
    pub host: String,
    /// TCP port, 2775 as a rule.
    pub port: u16,
    /// Account name.
    pub system_id: String,
    /// Password of the account.
    pub password: String,
    /// Kind of system; most SMSCs want it empty.
    pub system_type: String,
    /// Which direction.
    pub mode: BindMode,
    /// Most `submit_sm` without an answer at any time. What the contract with the carrier allows; at least 1.
    pub window: usize,
    /// After so long without a word from the SMSC it is asked whether it is there.
    pub enquire_link_interval: Duration,
    /// A request without an answer for so long ends the session.
    pub response_timeout: Duration,
    /// Longest wait for the TCP connection, and again for the TLS handshake.
    pub connect_timeout: Duration,
    /// Whether the connection is encrypted.
    pub tls: Tls,
}

/// Which directions a session carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BindMode {
    /// Messages out, receipts in.
    Transceiver,
    /// Messages out only.
    Transmitter,
    /// Receipts and messages in only.
    Receiver,
}

/// Whether and how the connection is encrypted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tls {
    /// Plain TCP.
    Off,
    /// TLS 1.2 or 1.3; the SMSC's certificate is always checked.
    On {
        /// PEM file of the certificates to trust; `None` trusts the public authorities.
        ca: Option<PathBuf>,
        /// Name in the certificate, if it is not the host name.
        server_name: Option<String>,
    },
}

impl BindConfig {
    /// A transceiver with a window of 100 and usual times.
    pub fn new(host: &str, port: u16, system_id: &str, password: &str) -> Self {
        Self {
            host: host.to_owned(),
            port,
            system_id: system_id.to_owned(),
            password: password.to_owned(),
            system_type: String::new(),
            mode: BindMode::Transceiver,
            window: 100,
            enquire_link_interval: Duration::from_secs(30),
            response_timeout: Duration::from_secs(30),
            connect_timeout: Duration::from_secs(10),
            tls: Tls::Off,
        }
    }
}

impl fmt::Debug for BindConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BindConfig")
            .field("host", &self.host)
            .field("port", &self.port)
            .field("system_id", &self.system_id)
            .field("password", &"***")
            .field("mode", &self.mode)
            .field("window", &self.window)
            .field("tls", &self.tls)
            .finish_non_exhaustive()
    }
}
