//! `todoke admin`: accounts and offices from the command line.

use std::io::{self, IsTerminal, Read};
use std::process::ExitCode;

use accounts::{AccountError, Accounts, Login, Name, Password, Roles};
use base::id::{OfficeId, OrgId};

use super::{Failure, retention, review, serve};
use crate::cli::{AccountCommand, AdminCommand, AdminOptions, OnOff};

pub(crate) async fn run(options: AdminOptions) -> Result<ExitCode, Failure> {
    let db = serve::open(&options.database).await?;
    let accounts = Accounts::new(db.clone(), false);
    match options.command {
        AdminCommand::Account(AccountCommand::Add {
            login,
            name,
            office,
            roles,
        }) => {
            let login = Login::parse(&login).map_err(|refusal| Failure::WrongUse(refusal.to_string()))?;
            let name = Name::parse(&name).map_err(|refusal| Failure::WrongUse(refusal.to_string()))?;
            let password = read_password(&login)?;
            let office = office_named(&accounts, office.as_deref()).await?;
            accounts
                .add_account(
                    OrgId::FIRST,
                    office,
                    login,
                    name,
                    Roles::of(roles.into_iter().map(|role| role.0)),
                    password,
                )
                .await?;
            println!("アカウントを作りました。");
        }
        AdminCommand::Account(AccountCommand::Password { login }) => {
            let login = Login::parse(&login).map_err(|refusal| Failure::WrongUse(refusal.to_string()))?;
            let password = read_password(&login)?;
            accounts.set_password(&login, password).await?;
            println!("パスワードを変えました。この人はすべての画面でログインし直す必要があります。");
        }
        AdminCommand::Account(AccountCommand::ResetFactors { login }) => {
            let login = Login::parse(&login).map_err(|refusal| Failure::WrongUse(refusal.to_string()))?;
            accounts.reset_factors(&login).await?;
            println!(
                "2つ目の確認方法と回復コードをすべて消しました。この人はすべての画面でログインし直す必要があります。パスワードは変わっていません。"
            );
        }
        AdminCommand::SecondFactor { required } => {
            let required = required == OnOff::On;
            accounts.require_second_factor(OrgId::FIRST, required).await?;
            println!(
                "{}",
                if required {
                    "2つ目の確認方法を必須にしました。まだない人は、次の操作で登録を求められます。"
                } else {
                    "2つ目の確認方法を任意にしました。登録した人には、これからも確認を求めます。"
                }
            );
        }
        AdminCommand::Review(command) => review::run(&db, command).await?,
        AdminCommand::Retention(command) => return retention::run(&db, &command).await,
        AdminCommand::OfficeAdd { name } => {
            let name = Name::parse(&name).map_err(|refusal| Failure::WrongUse(refusal.to_string()))?;
            let id = accounts.add_office(OrgId::FIRST, name).await?;
            println!("部署を作りました（番号 {id}）。");
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// The office with this name or number; the head office if none is named.
async fn office_named(accounts: &Accounts, wanted: Option<&str>) -> Result<OfficeId, Failure> {
    let Some(wanted) = wanted else {
        return Ok(OfficeId::HEADQUARTERS);
    };
    let offices = accounts.offices(OrgId::FIRST).await?;
    let found = offices
        .iter()
        .find(|office| office.name.as_str() == wanted || office.id.to_string() == wanted);
    let names = || {
        offices
            .iter()
            .map(|office| office.name.as_str())
            .collect::<Vec<_>>()
            .join("、")
    };
    found.map(|office| office.id).ok_or_else(|| {
        Failure::WrongUse(format!(
            "部署「{wanted}」がありません。あるのは {} です。",
            names()
        ))
    })
}

/// Passwords come by standard input, never by a flag that the process list shows.
fn read_password(login: &Login) -> Result<Password, Failure> {
    if io::stdin().is_terminal() {
        eprintln!("パスワード（12文字以上）を入力し、Enter のあと Ctrl-D を押してください:");
    }
    let mut text = String::new();
    io::stdin()
        .take(4_096)
        .read_to_string(&mut text)
        .map_err(Failure::io("パスワードを読めません"))?;
    let text = text.trim_end_matches(['\n', '\r']);
    Password::parse(text, login).map_err(|refusal| Failure::WrongUse(refusal.to_string()))
}

impl From<AccountError> for Failure {
    fn from(error: AccountError) -> Self {
        match error {
            AccountError::Db(error) => Self::Database(error),
            other => Self::Nothing(other.to_string()),
        }
    }
}
