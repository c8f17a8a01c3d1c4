//! `todoke admin addresses` and `todoke admin oidc`: what an organisation decides about sign-in, from the command
//! line. Whoever can start it is never locked out.

use std::io::{self, IsTerminal, Read as _};
use std::path::Path;

use accounts::Accounts;
use accounts::addresses::AllowedAddresses;
use accounts::identity::{CALLBACK, ClientSecret, IdentityProvider};
use base::id::OrgId;

use super::Failure;
use crate::cli::{AddressCommand, OidcCommand, OidcOptions};

pub(super) async fn addresses(
    accounts: &Accounts,
    org: OrgId,
    command: AddressCommand,
) -> Result<(), Failure> {
    match command {
        AddressCommand::Show => {
            let allowed = accounts.allowed_addresses(org).await?;
            for range in allowed.ranges() {
                println!("{range}");
            }
            if allowed.ranges().is_empty() {
                println!("制限はありません。どこからでもログインできます。");
            }
        }
        AddressCommand::Set { ranges } => {
            let typed: Vec<String> = ranges.iter().map(ToString::to_string).collect();
            let allowed = AllowedAddresses::read(typed.iter().map(String::as_str))
                .map_err(|refusal| Failure::WrongUse(refusal.to_string()))?;
            accounts.set_allowed_addresses(org, allowed).await?;
            println!("接続元を制限しました。ほかの場所でログイン中の人は、次の操作でログアウトします。");
        }
        AddressCommand::Clear => {
            accounts
                .set_allowed_addresses(org, AllowedAddresses::default())
                .await?;
            println!("接続元の制限をなくしました。どこからでもログインできます。");
        }
    }
    Ok(())
}

pub(super) async fn oidc(accounts: &Accounts, org: OrgId, command: OidcCommand) -> Result<(), Failure> {
    match command {
        OidcCommand::Set(options) => set(accounts, org, *options).await?,
        OidcCommand::Show => match accounts.identity_provider(org).await? {
            Some(provider) => show(&provider),
            None => println!("認証サーバーは登録されていません。"),
        },
        OidcCommand::Remove => {
            accounts.set_identity_provider(org, None).await?;
            println!("認証サーバーの登録を消しました。ログイン中の人はそのまま使えます。");
        }
    }
    Ok(())
}

async fn set(accounts: &Accounts, org: OrgId, options: OidcOptions) -> Result<(), Failure> {
    let provider = IdentityProvider {
        label: options.label,
        issuer: options.issuer,
        client_id: options.client_id,
        client_secret: secret(options.secret_file.as_deref())?,
        login_claim: options.claim,
        hosts: options
            .hosts
            .iter()
            .map(|host| host.to_ascii_lowercase())
            .collect(),
        factors_acr: options.factors_acr,
    };
    accounts.set_identity_provider(org, Some(provider)).await?;
    println!("認証サーバーを登録しました。");
    println!(
        "認証サーバーには、戻り先として「--public-url のアドレス」に {CALLBACK} を付けたものを登録してください。"
    );
    Ok(())
}

fn show(provider: &IdentityProvider) {
    println!("ボタンの名前: {}", provider.label);
    println!("発行者: {}", provider.issuer.as_str());
    println!("クライアントID: {}", provider.client_id);
    println!("ログインIDにする項目: {}", provider.login_claim);
    for host in &provider.hosts {
        println!("ほかのホスト: {host}");
    }
    if let Some(acr) = &provider.factors_acr {
        println!("複数の要素を表す acr: {acr}");
    }
}

/// Secrets come by a file or by standard input, never by a flag that the process list shows.
fn secret(file: Option<&Path>) -> Result<ClientSecret, Failure> {
    let text = if let Some(path) = file {
        std::fs::read_to_string(path).map_err(Failure::io(format!("{} を読めません", path.display())))?
    } else {
        if io::stdin().is_terminal() {
            eprintln!("クライアントシークレットを入力し、Enter のあと Ctrl-D を押してください:");
        }
        let mut text = String::new();
        io::stdin()
            .take(4_096)
            .read_to_string(&mut text)
            .map_err(Failure::io("クライアントシークレットを読めません"))?;
        text
    };
    ClientSecret::parse(&text)
        .ok_or_else(|| Failure::WrongUse("クライアントシークレットが空か、長すぎます。".to_owned()))
}
