//! The flags for what an organisation decides about sign-in: from where, and with whose identity provider.

use std::path::PathBuf;

use accounts::identity::address::WebAddress;
use accounts::{BreachedPasswords, Name};
use base::address_range::AddressRange;
use clap::{Args, Subcommand};

/// What a new password may not be.
#[derive(Args)]
pub(crate) struct PasswordOptions {
    /// よそから漏れたパスワードのファイル（SHA-1 の順に並んだもの）。指定すると、その中にあるパスワードを新しいパスワードに使えません。
    #[arg(
        long,
        global = true,
        value_name = "FILE",
        env = "TODOKE_BREACHED_PASSWORDS",
        value_parser = breached
    )]
    pub(crate) breached_passwords: Option<BreachedPasswords>,
}

#[derive(Subcommand)]
pub(crate) enum AddressCommand {
    /// 許可している接続元を表示します。
    Show,
    /// 許可する接続元を、指定した範囲だけにします。
    Set {
        /// アドレスの範囲（例: 192.0.2.0/24）。
        #[arg(required = true, value_name = "CIDR")]
        ranges: Vec<AddressRange>,
    },
    /// 制限をなくします。だれもログインできなくなったときに使います。
    Clear,
}

#[derive(Subcommand)]
pub(crate) enum OidcCommand {
    /// 認証サーバーを登録します。すでにあれば置き換えます。クライアントシークレットは標準入力から読みます。
    Set(Box<OidcOptions>),
    /// 登録している認証サーバーを表示します。
    Show,
    /// 認証サーバーの登録を消します。
    Remove,
}

#[derive(Args)]
pub(crate) struct OidcOptions {
    /// 認証サーバーの発行者（issuer）のアドレス。
    #[arg(long, value_name = "URL", value_parser = address)]
    pub(crate) issuer: WebAddress,
    /// 認証サーバーに登録したクライアントの ID。
    #[arg(long, value_name = "ID")]
    pub(crate) client_id: String,
    /// クライアントシークレットを書いたファイル。指定しなければ標準入力から読みます。
    #[arg(long, value_name = "FILE")]
    pub(crate) secret_file: Option<PathBuf>,
    /// ログイン画面のボタンに表示する名前（例: さいたま県の職員アカウント）。
    #[arg(long, value_name = "TEXT", value_parser = label)]
    pub(crate) label: Name,
    /// ログインIDとして使う項目（claim）。
    #[arg(long, value_name = "CLAIM", default_value = "preferred_username")]
    pub(crate) claim: String,
    /// 発行者と別のホストで応答する認証サーバーの、そのホスト名（複数指定できます）。
    #[arg(long = "host", value_name = "HOST")]
    pub(crate) hosts: Vec<String>,
    /// 複数の要素で認証したことを表す acr の値。指定しなければ amr の mfa だけを見ます。
    #[arg(long, value_name = "VALUE")]
    pub(crate) factors_acr: Option<String>,
}

fn breached(path: &str) -> Result<BreachedPasswords, String> {
    BreachedPasswords::open(path.as_ref())
        .map_err(|error| format!("漏れたパスワードのファイルとして使えません（{error}）"))
}

fn address(text: &str) -> Result<WebAddress, String> {
    let address = WebAddress::parse(text).map_err(|fault| fault.to_string())?;
    if text.contains('?') {
        return Err("? の付かないアドレスを指定してください".to_owned());
    }
    Ok(address)
}

fn label(text: &str) -> Result<Name, String> {
    Name::parse(text).map_err(|refusal| refusal.to_string())
}
