//! `todoke admin office`.

use accounts::audit::{Action, Entry};
use accounts::{Name, OfficeKind, OfficeTerms};

use super::{Place, action, wrong_use};
use crate::cli::{AddedKind, OfficeCommand};
use crate::commands::Failure;

const ADD: Action = action("admin.office_add", "部署を加えた（コマンド）");
const CLOSE: Action = action("admin.office_close", "部署を閉じた（コマンド）");
const REOPEN: Action = action("admin.office_reopen", "部署をまた開いた（コマンド）");
/// All of them, for the page of the trail.
pub(crate) const ACTIONS: &[Action] = &[ADD, CLOSE, REOPEN];

impl OfficeCommand {
    /// An office of the organisation's own.
    pub(super) fn plain(name: String) -> Self {
        Self::Add {
            name,
            kind: AddedKind(OfficeKind::HealthCentre),
            until: String::new(),
        }
    }
}

pub(super) async fn run(place: &Place, command: OfficeCommand) -> Result<(), Failure> {
    let org = place.org().await?;
    let accounts = &place.accounts;
    match command {
        OfficeCommand::Add { name, kind, until } => {
            let name = Name::parse(&name).map_err(wrong_use)?;
            let terms = OfficeTerms::parse(kind.0, &until).map_err(wrong_use)?;
            let entry = Entry::of(ADD).with(name.as_str());
            let added = accounts.add_office_as(org, name, terms);
            let id = place.recorded(org, entry, added).await?;
            println!("部署を作りました（番号 {id}）。");
        }
        OfficeCommand::List => {
            for office in accounts.offices(org).await? {
                let until = office
                    .last_day()
                    .map(|day| format!("\t{}/{}/{} まで", day.year(), day.month(), day.day()));
                let closed = if office.closed_at.is_some() {
                    "\t閉じた部署"
                } else {
                    ""
                };
                println!(
                    "{}\t{}\t{}{}{closed}",
                    office.id,
                    office.name,
                    office.kind.label(),
                    until.unwrap_or_default()
                );
            }
        }
        OfficeCommand::Close { office } => {
            let id = place.office(org, Some(&office)).await?;
            let entry = Entry::of(CLOSE).about("offices", id.get());
            place.recorded(org, entry, accounts.close_office(org, id)).await?;
            println!("部署を閉じました。これまでの記録は残ります。");
        }
        OfficeCommand::Reopen { office } => {
            let id = place.office(org, Some(&office)).await?;
            let entry = Entry::of(REOPEN).about("offices", id.get());
            place
                .recorded(org, entry, accounts.reopen_office(org, id))
                .await?;
            println!("部署をまた開きました。");
        }
    }
    Ok(())
}
