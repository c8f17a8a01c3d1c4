//! `GET /staff`: the people of the organisation, or of one's own office.

use askama::Template;
use axum::extract::{Query, State};
use axum::response::IntoResponse;
use base::clock::Millis;
use base::id::{OfficeId, StaffId};
use serde::Deserialize;
use web::form::Choice;
use web::ui::{Chip, Notice, Tone};
use web::{Field, Page, Paging, Shell, paging};

use super::manage::{manager, office_name};
use super::{Answer, failed};
use crate::limits::PEOPLE_PER_PAGE;
use crate::managed::Managed;
use crate::people::{Person, Standing};
use crate::{Accounts, Office, SignedIn};

#[derive(Template)]
#[template(path = "staff_list.html")]
struct StaffList {
    shell: Shell,
    /// The choice of an office; not there for whoever sees only one.
    filter: Option<Field>,
    manages_all: bool,
    rows: Vec<Row>,
    summary: String,
    links: paging::Links,
}

struct Row {
    id: StaffId,
    name: String,
    login: String,
    office: String,
    roles: Vec<String>,
    last: Option<Millis>,
    chip: Chip,
}

#[derive(Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    office: String,
    #[serde(default)]
    page: String,
}

pub(super) async fn show(
    State(accounts): State<Accounts>,
    session: SignedIn,
    shell: Shell,
    Query(asked): Query<Asked>,
) -> Answer {
    let managed = manager(&session)?;
    let org = session.staff.org;
    let offices = accounts.offices(org).await.map_err(failed)?;
    let chosen = asked.office.parse().ok().map(OfficeId::new);
    let office = managed.office().or(chosen);
    let total = accounts.people_count(org, office).await.map_err(failed)?;
    let paging = Paging::new(
        asked.page.parse().unwrap_or(1),
        PEOPLE_PER_PAGE,
        total.unsigned_abs(),
    );
    let part = (
        i64::try_from(paging.limit()).unwrap_or(i64::MAX),
        i64::try_from(paging.offset()).unwrap_or(i64::MAX),
    );
    let people = accounts.people(org, office, part).await.map_err(failed)?;
    let shell = match shell.done() {
        Some("invited") => shell.with_notice(Notice::success("招待しました")),
        _ => shell,
    };
    let address = match chosen.filter(|_| managed == Managed::All) {
        Some(office) => format!("/staff?office={office}"),
        None => "/staff".to_owned(),
    };
    Ok(Page(StaffList {
        filter: (managed == Managed::All).then(|| filter(&offices, office)),
        manages_all: managed == Managed::All,
        rows: people.iter().map(|person| row(person, &offices)).collect(),
        summary: paging.summary("人"),
        links: paging.links(&address),
        shell: shell.titled("人と部署"),
    })
    .into_response())
}

fn filter(offices: &[Office], chosen: Option<OfficeId>) -> Field {
    let all = Choice::new("", "すべての部署");
    let each = offices.iter().map(|office| Choice::new(office.id, &office.name));
    Field::select("office", "部署", [all].into_iter().chain(each).collect())
        .value(chosen.map(|id| id.to_string()).unwrap_or_default())
}

fn row(person: &Person, offices: &[Office]) -> Row {
    let (id, home) = (person.staff.id, person.staff.office);
    let roles = person.grants.iter().map(|grant| {
        let label = grant.roles.label();
        if grant.office == home {
            label
        } else {
            format!("{label}（{}）", office_name(offices, grant.office))
        }
    });
    Row {
        id,
        office: office_name(offices, home),
        roles: roles.collect(),
        last: person.last_signed_in_at,
        chip: chip(person),
        name: person.staff.name.to_string(),
        login: person.staff.login.as_str().to_owned(),
    }
}

pub(super) fn chip(person: &Person) -> Chip {
    let standing = person.standing();
    let tone = match standing {
        Standing::Invited => Tone::Waiting,
        Standing::Active => Tone::Done,
        Standing::Disabled => Tone::Cancelled,
    };
    Chip::new(tone, standing.label())
}
