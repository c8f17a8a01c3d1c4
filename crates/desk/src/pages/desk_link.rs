//! `POST /desks/{id}/link`: from now on texts can carry everybody's own link to a desk.

use accounts::SignedIn;
use axum::extract::State;
use axum::response::IntoResponse;
use base::id::{DeskId, OrgId};
use messaging::limits::LINK_NAME_LETTERS;
use messaging::links::TargetName;
use messaging::pages::{Answer, Desk, failed};
use messaging::store::{LinkTarget, add_desk_link, link_targets};
use web::{CsrfForm, Id, NoFields, PageError, after_post_with};

use super::desk_load::desk_row;

/// The page by which texts ask for links to the desk, if there is one.
pub(super) async fn of(desk: &Desk, org: OrgId, id: DeskId) -> Result<Option<LinkTarget>, PageError> {
    let targets = link_targets(&desk.db, org).await.map_err(failed)?;
    Ok(targets.into_iter().find(|target| target.desk == Some(id)))
}

pub(super) async fn submit(
    State(desk): State<Desk>,
    session: SignedIn,
    Id(id): Id<DeskId>,
    CsrfForm(NoFields {}): CsrfForm<NoFields>,
) -> Answer {
    let (org, by) = (session.staff.org, session.staff.id);
    let row = desk_row(&desk, &session, id).await?;
    if of(&desk, org, id).await?.is_none() {
        let letters = row.name.chars().filter(|letter| !matches!(letter, '{' | '}'));
        let name: String = letters.take(LINK_NAME_LETTERS).collect();
        let name = TargetName::parse(&name).ok_or(PageError::NotFound)?;
        let new = (name, format!("/d/{}", row.key), id);
        let added = add_desk_link(&desk.db, org, new, by).await.map_err(failed)?;
        if added.is_none() {
            return Err(PageError::conflict(
                "同じ名前の案内ページがあるため、加えられませんでした。",
                "案内ページの一覧で、その名前の使用をやめてから、もう一度押してください。",
            ));
        }
    }
    Ok(after_post_with(&format!("/desks/{id}"), "link").into_response())
}
