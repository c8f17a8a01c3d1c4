//! `GET /roles`: the table of roles and permissions as it stands in the code, for everybody who is signed in.

use askama::Template;
use axum::response::IntoResponse;
use base::org::{Permission, Role};
use web::{Page, Shell};

use super::Answer;
use crate::SignedIn;

#[derive(Template)]
#[template(path = "role_list.html")]
struct RoleList {
    shell: Shell,
    roles: [Role; Role::ALL.len()],
    permissions: [Permission; Permission::ALL.len()],
}

pub(super) async fn show(_: SignedIn, shell: Shell) -> Answer {
    Ok(Page(RoleList {
        shell: shell.titled("役割と権限"),
        roles: Role::ALL,
        permissions: Permission::ALL,
    })
    .into_response())
}
