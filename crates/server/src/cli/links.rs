//! The flags for short links.

use clap::Args;
use messaging::links::{DEFAULT_HOSTS, HostPattern, LinkOrigin, LinkSettings};

/// What short links begin with, and where they may lead.
#[derive(Args)]
pub(crate) struct LinkOptions {
    /// 住民がブラウザーで開くアドレス（https://…）。SMSに入れる短いリンクは、このアドレスで始まります。
    #[arg(long, value_name = "URL", env = "TODOKE_RESIDENT_URL", value_parser = origin)]
    resident_url: Option<LinkOrigin>,
    /// 短いリンクで案内してよいサイト（コンマで区切って複数指定できます）。
    #[arg(long = "link-hosts", value_name = "HOSTS", env = "TODOKE_LINK_HOSTS", default_value = DEFAULT_HOSTS,
        value_delimiter = ',', value_parser = host)]
    hosts: Vec<HostPattern>,
}

impl LinkOptions {
    pub(crate) fn settings(self) -> LinkSettings {
        LinkSettings {
            origin: self.resident_url,
            hosts: self.hosts,
        }
    }
}

fn origin(text: &str) -> Result<LinkOrigin, String> {
    LinkOrigin::parse(text)
        .ok_or_else(|| "https://サイト名 の形で、後ろに何も付けずに指定してください".to_owned())
}

fn host(text: &str) -> Result<HostPattern, String> {
    HostPattern::parse(text)
        .ok_or_else(|| "サイト名を www.pref.example.lg.jp か *.lg.jp の形で指定してください".to_owned())
}
