//! `todoke admin organisation`.

use accounts::audit::{Action, Entry};
use accounts::{InvitationToken, Name};

use super::{Place, action, wrong_use};
use crate::cli::OrganisationCommand;
use crate::commands::Failure;

const ADD: Action = action("admin.organisation_add", "組織を作った（コマンド）");
const LINK: Action = action(
    "admin.organisation_link",
    "初期設定のリンクを作り直した（コマンド）",
);
const WORD: Action = action(
    "admin.organisation_word",
    "住民が組織を探す言葉を決めた（コマンド）",
);
/// All of them, for the page of the trail.
pub(crate) const ACTIONS: &[Action] = &[ADD, LINK, WORD];

pub(super) async fn run(place: &Place, command: OrganisationCommand) -> Result<(), Failure> {
    match command {
        OrganisationCommand::Add { name, shown } => {
            let name = Name::parse(&name).map_err(wrong_use)?;
            let (org, token) = place.accounts.add_organisation(name, Entry::of(ADD)).await?;
            println!("組織を作りました（番号 {org}）。");
            hand_over(&shown.public_url, &token);
        }
        OrganisationCommand::Link { shown } => {
            let org = place.org().await?;
            let made = place.accounts.offer_organisation(org);
            let token = place.recorded(org, Entry::of(LINK), made).await?;
            hand_over(&shown.public_url, &token);
        }
        OrganisationCommand::Word { word } => {
            let org = place.org().await?;
            let entry = Entry::of(WORD).with(word.as_str());
            let chosen = place.accounts.set_public_word(org, word.clone());
            place.recorded(org, entry, chosen).await?;
            println!(
                "決めました。住民の画面の /genuine/{} がこの組織のページです。",
                word.as_str()
            );
        }
        OrganisationCommand::List => {
            for org in place.accounts.organisations().await? {
                println!(
                    "{}\t{}\t部署 {}\t人 {}\t/genuine/{}",
                    org.id,
                    org.name,
                    org.offices,
                    org.people,
                    org.public_word()
                );
            }
        }
    }
    Ok(())
}

fn hand_over(public_url: &str, token: &InvitationToken) {
    let address = public_url.trim_end_matches('/');
    println!("最初の管理者に、次のリンクを渡してください。1回だけ、48時間使えます。");
    println!("{address}/setup/{}", token.text());
}
