//! `todoke admin account`.

use std::io::{self, IsTerminal, Read};

use accounts::audit::{Action, Entry};
use accounts::{Accounts, Login, Name, Password, Person, Roles};
use base::id::{OrgId, StaffId};
use web::time::JapanTime;

use super::{Place, action, wrong_use};
use crate::cli::{AccountCommand, AccountRole};
use crate::commands::Failure;

const ADD: Action = action("admin.account_add", "アカウントを作った（コマンド）");
const PASSWORD: Action = action("admin.account_password", "パスワードを変えた（コマンド）");
const DISABLE: Action = action("admin.account_disable", "職員の利用を止めた（コマンド）");
const ENABLE: Action = action("admin.account_enable", "職員の利用を再開した（コマンド）");
const ROLES: Action = action("admin.account_roles", "職員の役割を変えた（コマンド）");
/// All of them, for the page of the trail.
pub(crate) const ACTIONS: &[Action] = &[ADD, PASSWORD, DISABLE, ENABLE, ROLES];

/// People who are read at once for the list.
const PEOPLE: i64 = 1_000;

pub(super) async fn run(place: &Place, command: AccountCommand) -> Result<(), Failure> {
    let accounts = &place.accounts;
    match command {
        AccountCommand::Add {
            login,
            name,
            office,
            roles,
        } => {
            let org = place.org().await?;
            let login = Login::parse(&login).map_err(wrong_use)?;
            let name = Name::parse(&name).map_err(wrong_use)?;
            let password = read_password(accounts, &login).await?;
            let office = place.office(org, office.as_deref()).await?;
            let roles = roles_of(&roles);
            let entry = Entry::of(ADD).with(format!("{} {}", login.as_str(), roles.codes()));
            let added = accounts.add_account(org, office, login, name, roles, password);
            place.recorded(org, entry, added).await?;
            println!("アカウントを作りました。");
        }
        AccountCommand::List => list(place).await?,
        AccountCommand::Password { login } => {
            let (org, id, login) = whose(place, &login).await?;
            let password = read_password(accounts, &login).await?;
            let entry = Entry::of(PASSWORD).about("staff", id.get());
            place
                .recorded(org, entry, accounts.set_password(&login, password))
                .await?;
            println!("パスワードを変えました。この人はすべての画面でログインし直す必要があります。");
        }
        AccountCommand::ResetFactors { login } => {
            let (_, _, login) = whose(place, &login).await?;
            accounts.reset_factors(&login).await?;
            println!(
                "2つ目の確認方法と回復コードをすべて消しました。この人はすべての画面でログインし直す必要があります。パスワードは変わっていません。"
            );
        }
        AccountCommand::Disable { login } => {
            let (org, id, _) = whose(place, &login).await?;
            let entry = Entry::of(DISABLE).about("staff", id.get());
            place.recorded(org, entry, accounts.disable(org, id)).await?;
            println!("利用を止めました。この人のログインはすべて終わりました。");
        }
        AccountCommand::Enable { login } => {
            let (org, id, _) = whose(place, &login).await?;
            let entry = Entry::of(ENABLE).about("staff", id.get());
            place.recorded(org, entry, accounts.enable(org, id)).await?;
            println!("利用を再開しました。");
        }
        AccountCommand::Roles { login, office, roles } => {
            let (org, id, _) = whose(place, &login).await?;
            let office = match office {
                Some(office) => place.office(org, Some(&office)).await?,
                None => person(place, org, id).await?.staff.office,
            };
            let roles = roles_of(&roles);
            let entry = Entry::of(ROLES).about("staff", id.get());
            let entry = entry.with(format!("{office}: {}", roles.label()));
            place
                .recorded(org, entry, accounts.set_roles(org, id, office, roles))
                .await?;
            println!("役割を変えました: {}", roles.label());
        }
    }
    Ok(())
}

fn roles_of(roles: &[AccountRole]) -> Roles {
    Roles::of(roles.iter().map(|role| role.0))
}

/// Whose login name it is; with `--organisation`, within that one.
async fn whose(place: &Place, login: &str) -> Result<(OrgId, StaffId, Login), Failure> {
    let login = Login::parse(login).map_err(wrong_use)?;
    let (org, id) = place.accounts.whose(&login).await?;
    if place.wanted.is_some() && place.org().await? != org {
        return Err(accounts::AccountError::NoSuchAccount.into());
    }
    Ok((org, id, login))
}

async fn person(place: &Place, org: OrgId, id: StaffId) -> Result<Person, Failure> {
    let person = place.accounts.person(org, id).await?;
    person.ok_or_else(|| accounts::AccountError::NoSuchAccount.into())
}

async fn list(place: &Place) -> Result<(), Failure> {
    let org = place.org().await?;
    let offices = place.accounts.offices(org).await?;
    let mut offset = 0;
    loop {
        let people = place.accounts.people(org, None, (PEOPLE, offset)).await?;
        for person in &people {
            let home = offices.iter().find(|office| office.id == person.staff.office);
            let last = person
                .last_signed_in_at()
                .map(|at| JapanTime::from_millis(at).full());
            println!(
                "{}\t{}\t{}\t{}\t{}\t{}",
                person.staff.login.as_str(),
                person.staff.name,
                home.map_or("", |office| office.name.as_str()),
                person.staff.roles.label(),
                person.standing().label(),
                last.unwrap_or_else(|| "ログインなし".to_owned()),
            );
        }
        if people.is_empty() {
            return Ok(());
        }
        offset += PEOPLE;
    }
}

/// Passwords come by standard input, never by a flag that the process list shows.
async fn read_password(accounts: &Accounts, login: &Login) -> Result<Password, Failure> {
    if io::stdin().is_terminal() {
        eprintln!("パスワード（12文字以上）を入力し、Enter のあと Ctrl-D を押してください:");
    }
    let mut text = String::new();
    io::stdin()
        .take(4_096)
        .read_to_string(&mut text)
        .map_err(Failure::io("パスワードを読めません"))?;
    let text = text.trim_end_matches(['\n', '\r']);
    accounts.new_password(text, login).await.map_err(wrong_use)
}
