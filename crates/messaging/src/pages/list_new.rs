//! `GET /lists/new`: which text, which list, and how a list should look.

use accounts::SignedIn;
use askama::Template;
use axum::extract::State;
use axum::response::IntoResponse;
use web::{Errors, Page, Shell};

use super::list_form::{UploadForm, upload_form};
use super::{Answer, Desk};

#[derive(Template)]
#[template(path = "list_new.html")]
pub(super) struct NewListPage {
    pub(super) shell: Shell,
    pub(super) form: UploadForm,
}

pub(super) async fn show(State(desk): State<Desk>, session: SignedIn, shell: Shell) -> Answer {
    let form = upload_form(&desk, &session.staff, "", &[], &Errors::default()).await?;
    let shell = shell.titled("リストを選ぶ");
    Ok(Page(NewListPage { shell, form }).into_response())
}
