//! `todoke admin`: organisations, offices and accounts from the command line. Every change stands in the audit
//! trail of its organisation, without a person and without an address.

mod account;
mod office;
mod organisation;

pub(crate) use account::ACTIONS as ACCOUNT_ACTIONS;
pub(crate) use office::ACTIONS as OFFICE_ACTIONS;
pub(crate) use organisation::ACTIONS as ORGANISATION_ACTIONS;

use std::process::ExitCode;

use accounts::audit::{Action, Entry};
use accounts::{AccountError, Accounts};
use base::id::{OfficeId, OrgId};

use super::organisation::chosen;
use super::{Failure, retention, review, serve, sign_in};
use crate::cli::{AdminCommand, AdminOptions, OfficeCommand, OnOff};

pub(crate) async fn run(options: AdminOptions) -> Result<ExitCode, Failure> {
    let db = serve::open(&options.database).await?;
    let mut accounts = Accounts::new(db.clone(), false);
    if let Some(breached) = options.passwords.breached_passwords {
        accounts = accounts.refusing_breached(breached);
    }
    let place = Place {
        accounts,
        wanted: options.organisation,
    };
    match options.command {
        AdminCommand::Organisation(command) => organisation::run(&place, command).await?,
        AdminCommand::Account(command) => account::run(&place, command).await?,
        AdminCommand::Office(command) => office::run(&place, command).await?,
        AdminCommand::SecondFactor { required } => {
            let required = required == OnOff::On;
            place
                .accounts
                .require_second_factor(place.org().await?, required)
                .await?;
            println!(
                "{}",
                if required {
                    "2つ目の確認方法を必須にしました。まだない人は、次の操作で登録を求められます。"
                } else {
                    "2つ目の確認方法を任意にしました。登録した人には、これからも確認を求めます。"
                }
            );
        }
        AdminCommand::Review(command) => review::run(&db, place.org().await?, command).await?,
        AdminCommand::Retention(command) => return retention::run(&db, &command).await,
        AdminCommand::OfficeAdd { name } => office::run(&place, OfficeCommand::plain(name)).await?,
        AdminCommand::Addresses(command) => {
            sign_in::addresses(&place.accounts, place.org().await?, command).await?;
        }
        AdminCommand::Oidc(command) => sign_in::oidc(&place.accounts, place.org().await?, command).await?,
    }
    Ok(ExitCode::SUCCESS)
}

/// Where the command is carried out.
struct Place {
    accounts: Accounts,
    /// `--organisation`.
    wanted: Option<String>,
}

impl Place {
    /// The organisation that is meant; it has to be said only where there are several.
    async fn org(&self) -> Result<OrgId, Failure> {
        chosen(&self.accounts, self.wanted.as_deref()).await
    }

    /// The office with this name or number; the head office if none is named.
    async fn office(&self, org: OrgId, wanted: Option<&str>) -> Result<OfficeId, Failure> {
        let Some(wanted) = wanted else {
            return Ok(OfficeId::HEADQUARTERS);
        };
        let offices = self.accounts.offices(org).await?;
        let found = offices
            .iter()
            .find(|office| office.name.as_str() == wanted || office.id.to_string() == wanted);
        let names = || {
            let names = offices.iter().map(|office| office.name.as_str());
            names.collect::<Vec<_>>().join("、")
        };
        found.map(|office| office.id).ok_or_else(|| {
            Failure::WrongUse(format!(
                "部署「{wanted}」がありません。あるのは {} です。",
                names()
            ))
        })
    }

    /// Does something that the audit trail keeps.
    async fn recorded<T>(
        &self,
        org: OrgId,
        entry: Entry,
        work: impl Future<Output = Result<T, AccountError>>,
    ) -> Result<T, Failure> {
        Ok(self.accounts.by_command(org, entry, work).await??)
    }
}

const fn action(code: &'static str, label: &'static str) -> Action {
    Action { code, label }
}

fn wrong_use(refusal: impl std::fmt::Display) -> Failure {
    Failure::WrongUse(refusal.to_string())
}

impl From<AccountError> for Failure {
    fn from(error: AccountError) -> Self {
        match error {
            AccountError::Db(error) => Self::Database(error),
            other => Self::Nothing(other.to_string()),
        }
    }
}
