//! `GET /staff/{id}`: one person's account, with everything that may be done about it.

use askama::Template;
use axum::extract::State;
use axum::response::IntoResponse;
use base::clock::Millis;
use base::id::{OfficeId, StaffId};
use base::org::{Role, Roles};
use web::form::Choice;
use web::ui::{Chip, Notice};
use web::{Field, Page, Shell};

use super::manage::{RoleBoxes, office_choices, office_name, shown};
use super::staff_list::chip;
use super::{Answer, Id, failed};
use crate::invitation::{InvitationKind, OpenInvitation};
use crate::managed::Managed;
use crate::people::{Person, Presence, Standing};
use crate::{Accounts, Office, SignedIn};

#[derive(Template)]
#[template(path = "staff_show.html")]
struct StaffShow {
    shell: Shell,
    person: Person,
    office: String,
    chip: Chip,
    /// Why nothing may be changed here, where nothing may.
    locked: Option<&'static str>,
    /// Each office with a role, or that is home: name, roles in words, boxes.
    grants: Vec<GrantForm>,
    /// A role at one more office, for whoever manages all.
    another: Option<(Field, RoleBoxes)>,
    /// Another home, for whoever manages all.
    home: Option<Field>,
    presences: Vec<Presence>,
    link: Option<OpenInvitation>,
}

struct GrantForm {
    office: OfficeId,
    name: String,
    roles: Roles,
    boxes: RoleBoxes,
}

impl StaffShow {
    fn is_invited(&self) -> bool {
        self.person.standing() == Standing::Invited
    }

    fn is_disabled(&self) -> bool {
        self.person.standing() == Standing::Disabled
    }

    fn joined_link(&self) -> bool {
        self.link
            .is_some_and(|link| link.kind == InvitationKind::NewPassword)
    }

    fn made_at(&self) -> Millis {
        self.person.made_at
    }
}

pub(super) async fn show(
    State(accounts): State<Accounts>,
    session: SignedIn,
    shell: Shell,
    Id(id): Id<StaffId>,
) -> Answer {
    let (managed, person) = shown(&accounts, &session, id).await?;
    let (org, now) = (session.staff.org, accounts.db.now());
    let offices = accounts.offices(org).await.map_err(failed)?;
    let locked = if id == session.staff.id {
        Some("自分の役割・部署・利用の停止は、自分では変えられません。ほかの管理者に頼んでください。")
    } else if managed.changes(&person) {
        None
    } else {
        Some(
            "この人は、部署の責任者が与えられるよりも広い役割か、ほかの部署の役割を持っています。変えられるのは組織の管理者です。",
        )
    };
    let notice = shell.done().and_then(notice);
    let shell = match notice {
        Some(notice) => shell.with_notice(notice),
        None => shell,
    };
    let all = managed == Managed::All;
    Ok(Page(StaffShow {
        office: office_name(&offices, person.staff.office),
        chip: chip(&person),
        grants: grants(&person, managed, &offices),
        another: all.then(|| another(&person, managed, &offices, now)),
        home: all.then(|| home(&person, managed, &offices, now)),
        presences: accounts.presences(org, id).await.map_err(failed)?,
        link: accounts.link_of(org, id).await.map_err(failed)?,
        shell: shell.titled(format!("{}さんのアカウント", person.staff.name)),
        locked,
        person,
    })
    .into_response())
}

fn notice(done: &str) -> Option<Notice> {
    let (title, text) = match done {
        "roles" => ("役割を変えました", "次の画面から新しい役割になります。"),
        "moved" => ("部署を移しました", "次の画面から新しい部署で働きます。"),
        "disabled" => (
            "利用を止めました",
            "この人のログインはすべて終わりました。これまでの記録は残ります。",
        ),
        "enabled" => (
            "利用を再開しました",
            "これまでのパスワードと役割でログインできます。",
        ),
        "signed-out" => (
            "この人のログインをすべて終わらせました",
            "もう一度ログインすれば使えます。",
        ),
        "withdrawn" => ("リンクを取り消しました", "渡したリンクは、もう使えません。"),
        _ => return None,
    };
    Some(Notice::success(title).text(text))
}

fn grants(person: &Person, managed: Managed, offices: &[Office]) -> Vec<GrantForm> {
    let home = person.staff.office;
    let others = person
        .grants
        .iter()
        .map(|grant| grant.office)
        .filter(|id| *id != home);
    let form = |office: OfficeId| {
        let (roles, name) = (person.roles_at(office), office_name(offices, office));
        let id = format!("role-{office}");
        let label = format!("{name}での役割");
        GrantForm {
            office,
            boxes: RoleBoxes::new(&id, &label, &managed.offers(office), roles),
            roles,
            name,
        }
    };
    [home].into_iter().chain(others).map(form).collect()
}

fn another(person: &Person, managed: Managed, offices: &[Office], now: Millis) -> (Field, RoleBoxes) {
    let choices: Vec<Choice> = offices
        .iter()
        .filter(|office| office.is_open(now) && office.id != person.staff.office)
        .filter(|office| person.roles_at(office.id) == Roles::NONE)
        .map(|office| Choice::new(office.id, &office.name))
        .collect();
    let offered = managed.offers(OfficeId::HEADQUARTERS);
    (
        Field::select("office", "部署", choices),
        RoleBoxes::new("role-another", "その部署での役割", &offered, Roles::NONE),
    )
}

fn home(person: &Person, managed: Managed, offices: &[Office], now: Millis) -> Field {
    let own = [Choice::new(
        person.staff.office,
        office_name(offices, person.staff.office),
    )];
    let home = person.staff.office;
    let others: Vec<Office> = offices
        .iter()
        .filter(|office| office.id != home)
        .cloned()
        .collect();
    let choices = own.into_iter().chain(office_choices(&others, managed, now));
    let moves = "いまの所属での役割は、新しい所属に移ります。";
    let administers = person.roles_at(home).holds(Role::Administrator);
    let stays = if administers {
        "管理者の役割は本庁でだけ持てるため、なくなります。"
    } else {
        ""
    };
    let field = Field::select("home", "新しい所属", choices.collect()).value(home);
    field.support(format!("{moves}{stays}"))
}
