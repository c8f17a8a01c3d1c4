//! `GET /links/{id}`, `POST /links/{id}`: where a page is, where it was, and its next address.

use accounts::SignedIn;
use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use base::id::LinkTargetId;
use web::form::Field;
use web::ui::Notice;
use web::{CsrfForm, Errors, Page, PageError, Shell, after_post_with};

use super::link_form::{Typed, load, may_change, named_in, require_change};
use super::{Answer, Desk, Id, Names, failed, names};
use crate::store::{self, LinkTarget, LinkTargetVersion};

#[derive(Template)]
#[template(path = "link_edit.html")]
struct LinkEdit {
    shell: Shell,
    target: LinkTarget,
    /// Nothing for whoever may not change it, and for a retired page.
    field: Option<Field>,
    may_retire: bool,
    versions: Vec<LinkTargetVersion>,
    staff: Names,
    templates: Vec<String>,
}

pub(super) async fn show(
    State(desk): State<Desk>,
    session: SignedIn,
    shell: Shell,
    Id(id): Id<LinkTargetId>,
) -> Answer {
    let target = load(&desk, &session, id).await?;
    let version = target.current.version;
    let notice = match shell.done() {
        Some("made") => Some(Notice::success("案内ページを加えました").text(format!(
            "文面に {} と書くと、リンクが入ります。",
            target.name.field()
        ))),
        Some("saved") => Some(
            Notice::success(format!("第{version}版のアドレスを保存しました")).text(
                "これから送るリンクから新しいページを開きます。すでに送ったリンクは元のページのままです。",
            ),
        ),
        Some("unchanged") => Some(Notice::info("変更はありませんでした").text("新しい版は作っていません。")),
        _ => None,
    };
    let shell = match notice {
        Some(notice) => shell.with_notice(notice),
        None => shell,
    };
    let typed = Typed {
        url: target.current.url.as_str().to_owned(),
        version,
        ..Typed::default()
    };
    page(&desk, &session, shell, target, &typed, Errors::default()).await
}

pub(super) async fn submit(
    State(desk): State<Desk>,
    session: SignedIn,
    shell: Shell,
    Id(id): Id<LinkTargetId>,
    CsrfForm(typed): CsrfForm<Typed>,
) -> Answer {
    require_change(&session)?;
    let target = load(&desk, &session, id).await?;
    if target.retired_at.is_some() {
        return Err(PageError::conflict(
            "この案内ページは使用をやめているため、変えられません。",
            "同じ名前で使いたいときは、案内ページを新しく加えてください。",
        ));
    }
    if target.desk.is_some() {
        return Err(PageError::conflict(
            "申請窓口へのリンクのため、アドレスは変えられません。",
            "使わなくなったときは、使用をやめてください。",
        ));
    }
    let mut errors = Errors::default();
    let Some(url) = typed.accept_url(&desk.links.hosts, &mut errors) else {
        return Ok(refused(
            page(&desk, &session, shell, target, &typed, errors).await?,
        ));
    };
    let address = format!("/links/{id}");
    if url == target.current.url {
        return Ok(after_post_with(&address, "unchanged").into_response());
    }
    let (org, by) = (session.staff.org, session.staff.id);
    // A version that is not the newest cannot be followed by its next: that one is there already.
    let seen = typed.version.clamp(1, target.current.version);
    let added = store::add_link_target_version(&desk.db, org, id, seen, url, by).await;
    if added.map_err(failed)?.is_some() {
        return Ok(after_post_with(&address, "saved").into_response());
    }
    let target = load(&desk, &session, id).await?;
    let typed = Typed {
        version: target.current.version,
        ..typed
    };
    let notice = Notice::error("ほかの人が先に新しいアドレスを保存しました")
        .text("下の「これまでのアドレス」で内容を確かめてください。あなたの入力は残してあります。よければ、もう一度保存してください。");
    let shell = shell.with_notice(notice);
    Ok(refused(
        page(&desk, &session, shell, target, &typed, Errors::default()).await?,
    ))
}

fn refused(page: Response) -> Response {
    (StatusCode::UNPROCESSABLE_ENTITY, page).into_response()
}

async fn page(
    desk: &Desk,
    session: &SignedIn,
    shell: Shell,
    target: LinkTarget,
    typed: &Typed,
    errors: Errors,
) -> Answer {
    let org = session.staff.org;
    let versions = store::link_target_versions(&desk.db, org, target.id)
        .await
        .map_err(failed)?;
    let staff = names(desk, org, versions.iter().map(|version| version.created_by)).await?;
    let open = target.retired_at.is_none();
    let templates = if open {
        named_in(desk, org, &target.name).await?
    } else {
        Vec::new()
    };
    let may_retire = open && may_change(&session.staff);
    // A desk stays where it is.
    let field = (may_retire && target.desk.is_none()).then(|| typed.url_field(&desk.links.hosts, &errors));
    let page = LinkEdit {
        shell: shell
            .titled(format!("案内ページ「{}」", target.name))
            .with_errors(errors),
        field,
        may_retire,
        versions,
        staff,
        templates,
        target,
    };
    Ok(Page(page).into_response())
}
