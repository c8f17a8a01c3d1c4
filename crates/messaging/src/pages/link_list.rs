//! `GET /links`: the pages that texts may lead to.

use accounts::SignedIn;
use askama::Template;
use axum::extract::State;
use axum::response::IntoResponse;
use web::ui::Notice;
use web::{Page, Shell};

use super::link_form::may_change;
use super::{Answer, Desk, Names, failed, names};
use crate::store::{self, LinkTarget};

#[derive(Template)]
#[template(path = "link_list.html")]
struct LinkList {
    shell: Shell,
    targets: Vec<LinkTarget>,
    staff: Names,
    may_change: bool,
    has_origin: bool,
}

pub(super) async fn show(State(desk): State<Desk>, session: SignedIn, shell: Shell) -> Answer {
    let org = session.staff.org;
    let targets = store::link_targets(&desk.db, org).await.map_err(failed)?;
    let staff = names(&desk, org, targets.iter().map(|target| target.current.created_by)).await?;
    let shell = shell.titled("案内ページ");
    let shell = match shell.done() {
        Some("retired") => shell.with_notice(
            Notice::success("案内ページの使用をやめました")
                .text("新しい文面には使えません。すでに送ったリンクは、期限まで開けます。"),
        ),
        _ => shell,
    };
    let page = LinkList {
        shell,
        targets,
        staff,
        may_change: may_change(&session.staff),
        has_origin: desk.links.origin.is_some(),
    };
    Ok(Page(page).into_response())
}
