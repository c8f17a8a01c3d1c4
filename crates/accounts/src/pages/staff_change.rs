//! What is done about one account: `POST /staff/{id}/roles`, `/home`, `/disable`, `/enable`, `/sign-out`, `/link`,
//! `/link/withdraw`. Each ends at the person's page.

use axum::extract::{FromRequest, FromRequestParts as _, Request, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use base::id::{OfficeId, OrgId, StaffId};
use serde::Deserialize;
use web::{CsrfForm, Page, PageError, Shell, after_post_with};

use super::manage::{Fields, changed, link, office_name, told};
use super::staff_invite::{StaffLink, not_given};
use super::{Answer, Id, NoFields, failed};
use crate::invitation::InvitationKind;
use crate::limits::INVITATION_LASTS;
use crate::managed::Managed;
use crate::{Accounts, SignedIn, audit};

fn back(id: StaffId, done: &'static str) -> Response {
    after_post_with(&format!("/staff/{id}"), done).into_response()
}

pub(super) async fn roles(
    State(accounts): State<Accounts>,
    session: SignedIn,
    Id(id): Id<StaffId>,
    CsrfForm(fields): CsrfForm<Vec<(String, String)>>,
) -> Answer {
    let (managed, person) = changed(&accounts, &session, id).await?;
    let mut fields = Fields::new(fields);
    let office = OfficeId::new(
        fields
            .take("office")?
            .parse()
            .map_err(|_| PageError::Unreadable)?,
    );
    let roles = fields.roles()?;
    if !managed.gives(office, roles) {
        let next = "前の画面に戻って、役割を選び直してください。";
        return Err(PageError::rejected(not_given(managed), next));
    }
    let org = session.staff.org;
    let offices = accounts.offices(org).await.map_err(failed)?;
    let before = person.roles_at(office).label();
    let place = office_name(&offices, office);
    audit::note(format!("{place}: {before} → {}", roles.label()));
    accounts.set_roles(org, id, office, roles).await.map_err(told)?;
    Ok(back(id, "roles"))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Home {
    home: i64,
}

pub(super) async fn home(
    State(accounts): State<Accounts>,
    session: SignedIn,
    Id(id): Id<StaffId>,
    CsrfForm(form): CsrfForm<Home>,
) -> Answer {
    let (managed, person) = changed(&accounts, &session, id).await?;
    if managed != Managed::All {
        return Err(PageError::NotFound);
    }
    let (org, office) = (session.staff.org, OfficeId::new(form.home));
    let offices = accounts.offices(org).await.map_err(failed)?;
    let name = |office| office_name(&offices, office);
    audit::note(format!("{} → {}", name(person.staff.office), name(office)));
    accounts.move_home(org, id, office).await.map_err(told)?;
    Ok(back(id, "moved"))
}

/// A button on the page of somebody whom the person who pressed it manages.
pub(super) struct Pressed {
    org: OrgId,
    id: StaffId,
}

impl FromRequest<Accounts> for Pressed {
    type Rejection = Response;

    async fn from_request(request: Request, accounts: &Accounts) -> Result<Self, Response> {
        let (mut parts, body) = request.into_parts();
        let session = SignedIn::from_request_parts(&mut parts, accounts).await;
        let session = session.map_err(IntoResponse::into_response)?;
        let id = Id::from_request_parts(&mut parts, accounts).await;
        let Id(id) = id.map_err(IntoResponse::into_response)?;
        let request = Request::from_parts(parts, body);
        let form = CsrfForm::<NoFields>::from_request(request, accounts).await;
        form.map_err(IntoResponse::into_response)?;
        let person = changed(accounts, &session, id).await;
        person.map_err(IntoResponse::into_response)?;
        let org = session.staff.org;
        Ok(Self { org, id })
    }
}

pub(super) async fn disable(State(accounts): State<Accounts>, Pressed { org, id }: Pressed) -> Answer {
    accounts.disable(org, id).await.map_err(told)?;
    Ok(back(id, "disabled"))
}

pub(super) async fn enable(State(accounts): State<Accounts>, Pressed { org, id }: Pressed) -> Answer {
    accounts.enable(org, id).await.map_err(told)?;
    Ok(back(id, "enabled"))
}

pub(super) async fn sign_out(State(accounts): State<Accounts>, Pressed { org, id }: Pressed) -> Answer {
    accounts.end_sessions(org, id).await.map_err(told)?;
    Ok(back(id, "signed-out"))
}

/// A new link: to join, or to another password. It is shown this once.
pub(super) async fn make_link(
    State(accounts): State<Accounts>,
    session: SignedIn,
    headers: HeaderMap,
    shell: Shell,
    Id(id): Id<StaffId>,
    CsrfForm(NoFields {}): CsrfForm<NoFields>,
) -> Answer {
    let (_, person) = changed(&accounts, &session, id).await?;
    audit::note(person.link_kind().code());
    let made = accounts
        .make_link(session.staff.org, Some(session.staff.id), id)
        .await;
    let token = made.map_err(told)?;
    let links = vec![(person.staff.name.to_string(), link(&accounts, &headers, &token))];
    let now = accounts.db.now();
    let page = match person.link_kind() {
        InvitationKind::Join => StaffLink::of_invitations(shell, now, links),
        InvitationKind::NewPassword => Page(StaffLink {
            shell: shell.titled("パスワードの再設定のリンク"),
            lead: "次のリンクを本人に渡してください。本人が新しいパスワードを決めるまでは、いまのパスワードが使えます。決めると、ほかの画面でのログインはすべて終わります。2つ目の確認方法はそのまま残ります。",
            until: now + INVITATION_LASTS,
            links,
        }),
    };
    Ok(page.into_response())
}

pub(super) async fn withdraw_link(
    State(accounts): State<Accounts>,
    session: SignedIn,
    Id(id): Id<StaffId>,
    CsrfForm(NoFields {}): CsrfForm<NoFields>,
) -> Answer {
    changed(&accounts, &session, id).await?;
    accounts
        .withdraw_link(session.staff.org, id)
        .await
        .map_err(told)?;
    Ok(back(id, "withdrawn"))
}
