//! `GET /templates/{id}`, `POST /templates/{id}`: a text, its versions, and the next version.

use accounts::SignedIn;
use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use base::clock::Millis;
use base::id::TemplateId;
use web::form::Field;
use web::ui::Notice;
use web::{CsrfForm, Errors, Page, PageError, Shell, after_post_with};

use super::template_form::{Look, Typed};
use super::{Answer, Desk, Id, failed, names};
use crate::store::{self, TemplateRow};

#[derive(Template)]
#[template(path = "template_edit.html")]
struct TemplateEdit {
    shell: Shell,
    id: TemplateId,
    current: i64,
    archived_at: Option<Millis>,
    fields: [Field; 2],
    look: Option<Look>,
    versions: Vec<Version>,
}

struct Version {
    number: i64,
    text: String,
    by: String,
    at: Millis,
}

pub(super) async fn show(
    State(desk): State<Desk>,
    session: SignedIn,
    shell: Shell,
    Id(id): Id<TemplateId>,
) -> Answer {
    let template = load(&desk, &session, id).await?;
    let version = template.current.version;
    let notice = match shell.done() {
        Some("made") => Some(
            Notice::success("文面を作りました")
                .text("リストを選んで送れるようになりました。")
                .link("/lists/new", "リストを選ぶ"),
        ),
        Some("saved") => Some(
            Notice::success(format!("第{version}版を保存しました"))
                .text("次の配信から新しい版になります。これまでの配信は元の版のままです。"),
        ),
        Some("unchanged") => Some(Notice::info("変更はありませんでした").text("新しい版は作っていません。")),
        _ => None,
    };
    let shell = match notice {
        Some(notice) => shell.with_notice(notice),
        None => shell,
    };
    let typed = Typed {
        name: template.name.clone(),
        body: template.current.text.clone(),
        version,
        action: String::new(),
    };
    page(&desk, &session, shell, &template, &typed, Errors::default()).await
}

pub(super) async fn submit(
    State(desk): State<Desk>,
    session: SignedIn,
    shell: Shell,
    Id(id): Id<TemplateId>,
    CsrfForm(typed): CsrfForm<Typed>,
) -> Answer {
    let template = load(&desk, &session, id).await?;
    if template.archived_at.is_some() {
        return Err(PageError::conflict(
            "この文面はしまわれているため、直せません。",
            "同じ内容で送りたいときは、新しい文面を作ってください。",
        ));
    }
    let accepted = match typed.accept() {
        Ok(_) if typed.is_preview() => {
            return page(&desk, &session, shell, &template, &typed, Errors::default()).await;
        }
        Ok(accepted) => accepted,
        Err(errors) => {
            let page = page(&desk, &session, shell, &template, &typed, errors).await?;
            return Ok(refused(page));
        }
    };
    if typed.version != template.current.version {
        let notice = Notice::error("ほかの人が先に新しい版を保存しました")
            .text("下の「これまでの版」で内容を確かめてください。あなたの入力は残してあります。よければ、もう一度保存してください。");
        let typed = Typed {
            version: template.current.version,
            ..typed
        };
        let page = page(
            &desk,
            &session,
            shell.with_notice(notice),
            &template,
            &typed,
            Errors::default(),
        )
        .await?;
        return Ok(refused(page));
    }
    let text = accepted.template.source();
    if accepted.name == template.name && text == template.current.text {
        return Ok(after_post_with(&format!("/templates/{id}"), "unchanged").into_response());
    }
    let (org, by, text) = (session.staff.org, session.staff.id, text.to_owned());
    store::add_template_version(&desk.db, org, id, accepted.name, text, by)
        .await
        .map_err(failed)?;
    Ok(after_post_with(&format!("/templates/{id}"), "saved").into_response())
}

fn refused(page: Response) -> Response {
    (StatusCode::UNPROCESSABLE_ENTITY, page).into_response()
}

async fn load(desk: &Desk, session: &SignedIn, id: TemplateId) -> Result<TemplateRow, PageError> {
    store::template(&desk.db, session.staff.org, id)
        .await
        .map_err(failed)?
        .ok_or(PageError::NotFound)
}

async fn page(
    desk: &Desk,
    session: &SignedIn,
    shell: Shell,
    template: &TemplateRow,
    typed: &Typed,
    errors: Errors,
) -> Answer {
    let org = session.staff.org;
    let versions = store::template_versions(&desk.db, org, template.id)
        .await
        .map_err(failed)?;
    let staff = names(desk, org, versions.iter().map(|version| version.created_by)).await?;
    let version = |one: store::TemplateVersion| Version {
        number: one.version,
        by: staff.of(one.created_by),
        at: one.created_at,
        text: one.text,
    };
    let page = TemplateEdit {
        id: template.id,
        current: template.current.version,
        archived_at: template.archived_at,
        fields: typed.fields(&errors),
        look: typed.look(&desk.sending.sender),
        versions: versions.into_iter().map(version).collect(),
        shell: shell
            .titled(format!("文面「{}」", template.name))
            .with_errors(errors),
    };
    Ok(Page(page).into_response())
}
