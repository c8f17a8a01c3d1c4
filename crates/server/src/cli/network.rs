//! The flags for sockets: where the two hosts listen, what encrypts them, and which proxies are believed.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::str::FromStr as _;

use base::address_range::AddressRange;
use clap::Args;

use crate::serving::{CertificateFiles, TrustedProxies};

#[derive(Args)]
pub(crate) struct NetworkOptions {
    /// 職員の画面を待ち受けるアドレス。
    #[arg(
        long,
        value_name = "ADDRESS",
        env = "TODOKE_LISTEN",
        default_value = "127.0.0.1:8080"
    )]
    pub(crate) listen: SocketAddr,
    /// 住民の画面を待ち受けるアドレス。
    #[arg(
        long,
        value_name = "ADDRESS",
        env = "TODOKE_RESIDENT_LISTEN",
        default_value = "127.0.0.1:8081"
    )]
    pub(crate) resident_listen: SocketAddr,
    /// 職員がブラウザーで開くアドレス（https://…）。
    #[arg(long, value_name = "URL", env = "TODOKE_PUBLIC_URL")]
    pub(crate) public_url: Option<String>,
    /// サーバー証明書と中間証明書のファイル（PEM）。指定すると HTTPS で待ち受けます。
    #[arg(
        long,
        value_name = "PEM",
        env = "TODOKE_TLS_CERTIFICATE",
        requires = "tls_key"
    )]
    tls_certificate: Option<PathBuf>,
    /// サーバー証明書の秘密鍵のファイル（PEM）。
    #[arg(
        long,
        value_name = "PEM",
        env = "TODOKE_TLS_KEY",
        requires = "tls_certificate"
    )]
    tls_key: Option<PathBuf>,
    /// 住民の画面の証明書。指定しなければ、職員の画面と同じ証明書を使います。
    #[arg(
        long,
        value_name = "PEM",
        env = "TODOKE_RESIDENT_TLS_CERTIFICATE",
        requires = "resident_tls_key"
    )]
    resident_tls_certificate: Option<PathBuf>,
    /// 住民の画面の証明書の秘密鍵。
    #[arg(
        long,
        value_name = "PEM",
        env = "TODOKE_RESIDENT_TLS_KEY",
        requires = "resident_tls_certificate"
    )]
    resident_tls_key: Option<PathBuf>,
    /// 前に置いた中継サーバーのアドレスの範囲（例: 10.0.0.5、10.0.0.0/28。複数指定できます）。そこからの接続でだけ X-Forwarded-For を読みます。
    #[arg(
        long = "trusted-proxy",
        value_name = "CIDR",
        env = "TODOKE_TRUSTED_PROXY",
        value_delimiter = ',',
        value_parser = proxy
    )]
    trusted_proxies: Vec<AddressRange>,
    /// 組織の認証サーバー（OpenID Connect）の証明書を発行した認証局（PEM）。公的な認証局でないときに指定します。
    #[arg(long, value_name = "PEM", env = "TODOKE_OIDC_CA")]
    pub(crate) oidc_ca: Option<PathBuf>,
}

impl NetworkOptions {
    /// The staff host's certificate.
    pub(crate) fn staff_certificate(&self) -> Option<CertificateFiles> {
        files(self.tls_certificate.as_ref(), self.tls_key.as_ref())
    }

    /// The resident host's certificate: its own, or the staff host's.
    pub(crate) fn resident_certificate(&self) -> Option<CertificateFiles> {
        let own = files(
            self.resident_tls_certificate.as_ref(),
            self.resident_tls_key.as_ref(),
        );
        own.or_else(|| self.staff_certificate())
    }

    /// Who is believed about where a request comes from.
    pub(crate) fn proxies(&self) -> TrustedProxies {
        TrustedProxies::new(self.trusted_proxies.clone())
    }
}

fn files(certificate: Option<&PathBuf>, key: Option<&PathBuf>) -> Option<CertificateFiles> {
    Some(CertificateFiles {
        certificate: certificate?.clone(),
        key: key?.clone(),
    })
}

/// To believe everybody is to believe nobody: then anybody may claim any address.
fn proxy(text: &str) -> Result<AddressRange, String> {
    let range = AddressRange::from_str(text).map_err(|refusal| refusal.to_string())?;
    if range.is_everything() {
        return Err("中継サーバーとして、すべてのアドレスを指定することはできません".to_owned());
    }
    Ok(range)
}
