//! What the pages about offices and people share: who may change whom, and how a refusal is told.

use askama::Template;
use askama::filters::HtmlSafe;
use axum::http::{HeaderMap, header};
use base::id::{OfficeId, StaffId};
use base::org::{Role, Roles};
use web::form::Choice;
use web::{Errors, PageError};

use super::failed;
use crate::managed::Managed;
use crate::people::Person;
use crate::{AccountError, Accounts, InvitationToken, Office, SignedIn};

/// A form whose fields are read by hand, because one of them may be there several times.
pub(super) struct Fields(Vec<(String, String)>);

impl Fields {
    pub(super) fn new(fields: Vec<(String, String)>) -> Self {
        Self(fields)
    }

    /// Takes the one field of this name out.
    pub(super) fn take(&mut self, name: &str) -> Result<String, PageError> {
        let at = self.0.iter().position(|(found, _)| found == name);
        Ok(self.0.remove(at.ok_or(PageError::Unreadable)?).1)
    }

    /// What is left are the roles that were ticked, and nothing else.
    pub(super) fn roles(self) -> Result<Roles, PageError> {
        let role = |(name, code): (String, String)| {
            let role = Role::from_code(&code).filter(|_| name == "role");
            role.ok_or(PageError::Unreadable)
        };
        let roles: Result<Vec<_>, _> = self.0.into_iter().map(role).collect();
        roles.map(Roles::of)
    }
}

/// Whose accounts this person manages; for everybody else the page is not there.
pub(super) fn manager(session: &SignedIn) -> Result<Managed, PageError> {
    Managed::by(&session.staff).ok_or(PageError::NotFound)
}

/// The same before something is changed, by somebody who has proved lately who it is. Every form about people and
/// offices goes through here.
pub(super) fn changing(session: &SignedIn) -> Result<Managed, PageError> {
    let managed = manager(session)?;
    session.fresh()?;
    Ok(managed)
}

/// For the pages about the organisation as a whole, before something is changed.
pub(super) fn changing_all(session: &SignedIn) -> Result<(), PageError> {
    match changing(session)? {
        Managed::All => Ok(()),
        Managed::Office(_) => Err(PageError::NotFound),
    }
}

/// For the pages about the organisation as a whole.
pub(super) fn manager_of_all(session: &SignedIn) -> Result<(), PageError> {
    match manager(session)? {
        Managed::All => Ok(()),
        Managed::Office(_) => Err(PageError::NotFound),
    }
}

/// The person at this address, if they are shown to whoever asks.
pub(super) async fn shown(
    accounts: &Accounts,
    session: &SignedIn,
    id: StaffId,
) -> Result<(Managed, Person), PageError> {
    let managed = manager(session)?;
    let person = accounts.person(session.staff.org, id).await.map_err(failed)?;
    let person = person.filter(|person| managed.shows(person));
    Ok((managed, person.ok_or(PageError::NotFound)?))
}

/// The person at this address, whose account whoever asks may change. Nobody changes their own.
pub(super) async fn changed(
    accounts: &Accounts,
    session: &SignedIn,
    id: StaffId,
) -> Result<(Managed, Person), PageError> {
    let managed = changing(session)?;
    let (_, person) = shown(accounts, session, id).await?;
    if !managed.changes(&person) {
        return Err(PageError::NotFound);
    }
    if person.staff.id == session.staff.id {
        return Err(PageError::rejected(
            "自分のアカウントの役割・部署・利用の停止は、自分では変えられません。",
            "ほかの管理者に頼んでください。",
        ));
    }
    Ok((managed, person))
}

/// A refusal as a page: its first sentence says what happened, the rest what to do.
pub(super) fn told(error: AccountError) -> PageError {
    match error {
        AccountError::Db(error) => failed(error),
        AccountError::Busy => PageError::Busy,
        AccountError::NoSuchAccount | AccountError::NoSuchOffice => PageError::NotFound,
        refusal => {
            let words = refusal.to_string();
            let (what, next) = words.split_once('。').unwrap_or((&words, ""));
            let next = if next.is_empty() {
                "前の画面に戻って、確かめてください。"
            } else {
                next
            };
            PageError::rejected(format!("{what}。"), next)
        }
    }
}

/// The link to hand over, as a browser opens it: at the host by which the page itself was asked for.
pub(super) fn link(accounts: &Accounts, headers: &HeaderMap, token: &InvitationToken) -> String {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let scheme = if accounts.cookies.https { "https" } else { "http" };
    format!(
        "{scheme}://{}/invitation/{}",
        host.unwrap_or("localhost"),
        token.text()
    )
}

/// The offices where somebody may be put now.
pub(super) fn office_choices(offices: &[Office], managed: Managed, now: base::clock::Millis) -> Vec<Choice> {
    let within = |office: &&Office| managed.office().is_none_or(|own| own == office.id);
    let open = offices.iter().filter(|office| office.is_open(now)).filter(within);
    open.map(|office| Choice::new(office.id, &office.name)).collect()
}

/// The name of an office.
pub(super) fn office_name(offices: &[Office], id: OfficeId) -> String {
    let office = offices.iter().find(|office| office.id == id);
    office.map(|office| office.name.to_string()).unwrap_or_default()
}

/// A box to tick for each role that may be given.
#[derive(Template)]
#[template(path = "role_boxes.html")]
pub(super) struct RoleBoxes {
    id: String,
    label: String,
    boxes: Vec<(Role, bool)>,
    error: Option<String>,
}

impl HtmlSafe for RoleBoxes {}

impl RoleBoxes {
    pub(super) fn new(id: &str, label: &str, offered: &[Role], ticked: Roles) -> Self {
        Self {
            id: id.to_owned(),
            label: label.to_owned(),
            boxes: offered.iter().map(|role| (*role, ticked.holds(*role))).collect(),
            error: None,
        }
    }

    pub(super) fn errors(mut self, errors: &Errors) -> Self {
        self.error = errors.of(&self.id).map(str::to_owned);
        self
    }
}
