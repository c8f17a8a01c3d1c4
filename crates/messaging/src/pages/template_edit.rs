//! `GET /templates/{id}`, `POST /templates/{id}`: a text, its versions, and the next version.

use std::collections::HashMap;

use accounts::SignedIn;
use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use base::clock::Millis;
use base::id::{StaffId, TemplateId};
use web::form::Field;
use web::ui::Notice;
use web::{CsrfForm, Errors, Page, PageError, Shell, after_post_with};

use super::template_compare::terms;
use super::template_form::{LinkOffered, Sheet, Typed, offer_links};
use super::test_send::OwnNumber;
use super::{Answer, Desk, Id, failed, names};
use crate::store::{self, TemplateDraft, TemplateRow};
use crate::template::{Language, TemplateVersion};

#[derive(Template)]
#[template(path = "template_edit.html")]
struct TemplateEdit {
    shell: Shell,
    id: TemplateId,
    current: i64,
    archived_at: Option<Millis>,
    /// Why the newest version cannot be sent now.
    not_sendable: Option<String>,
    name: Field,
    fields: Vec<Field>,
    sheets: Vec<Sheet>,
    links: Vec<LinkOffered>,
    more_languages: Option<Field>,
    versions: Vec<Version>,
    /// Where a test goes.
    own_number: OwnNumber,
    /// Whether the organisation lets texts be approved at all.
    asks_approval: bool,
}

struct Version {
    /// Who approved it, and when.
    approved: Option<(String, Millis)>,
    /// This person wrote it, and so does not approve it.
    own: bool,
    number: i64,
    texts: Vec<(&'static str, &'static str, String)>,
    /// What it is for, and where and when it may be sent.
    terms: String,
    by: String,
    at: Millis,
}

impl Version {
    fn of(version: &TemplateVersion, by: String, approved: Option<(String, Millis)>, me: StaffId) -> Self {
        let content = &version.content;
        let text = |(language, text): (Language, &str)| (language.tag(), language.label(), text.to_owned());
        Self {
            approved,
            own: version.created_by == me,
            number: version.version,
            texts: content.texts().map(text).collect(),
            terms: terms(content).join("・"),
            by,
            at: version.created_at,
        }
    }
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
        Some("renamed") => Some(
            Notice::success("名前とフォルダを変えました")
                .text("送る内容は変わらないので、新しい版は作っていません。"),
        ),
        Some("approved") => Some(Notice::success("文面を承認しました")),
        Some("unchanged") => Some(Notice::info("変更はありませんでした").text("新しい版は作っていません。")),
        _ => None,
    };
    let shell = match notice {
        Some(notice) => shell.with_notice(notice),
        None => shell,
    };
    let typed = Typed::from(&template);
    page(&desk, &session, shell, &template, &typed, Errors::default()).await
}

pub(super) async fn submit(
    State(desk): State<Desk>,
    session: SignedIn,
    shell: Shell,
    Id(id): Id<TemplateId>,
    CsrfForm(fields): CsrfForm<HashMap<String, String>>,
) -> Answer {
    let typed = Typed::from(fields);
    let template = load(&desk, &session, id).await?;
    if template.archived_at.is_some() {
        return Err(PageError::conflict(
            "この文面はしまわれているため、直せません。",
            "同じ内容で送りたいときは、新しい文面を作ってください。",
        ));
    }
    let accepted = match typed.accept() {
        _ if typed.adds_language() => {
            return page(&desk, &session, shell, &template, &typed, Errors::default()).await;
        }
        Ok(_) if typed.is_preview() => {
            return page(&desk, &session, shell, &template, &typed, Errors::default()).await;
        }
        Ok(accepted) => accepted,
        Err(errors) => {
            let page = page(&desk, &session, shell, &template, &typed, errors).await?;
            return Ok(refused(page));
        }
    };
    if typed.version() != template.current.version {
        let notice = Notice::error("ほかの人が先に新しい版を保存しました")
            .text("下の「これまでの版」で内容を確かめてください。あなたの入力は残してあります。よければ、もう一度保存してください。");
        let shell = shell.with_notice(notice);
        let page = page(&desk, &session, shell, &template, &typed, Errors::default()).await?;
        return Ok(refused(page));
    }
    let done = keep(&desk, &session, &template, accepted).await?;
    Ok(after_post_with(&format!("/templates/{id}"), done).into_response())
}

/// Keeps what changed; only what changes what is sent makes a version.
async fn keep(
    desk: &Desk,
    session: &SignedIn,
    before: &TemplateRow,
    draft: TemplateDraft,
) -> Result<&'static str, PageError> {
    let (org, by, id) = (session.staff.org, session.staff.id, before.id);
    if draft.content != before.current.content {
        store::add_template_version(&desk.db, org, id, draft, by)
            .await
            .map_err(failed)?;
        return Ok("saved");
    }
    if (&draft.name, &draft.folder) == (&before.name, &before.folder) {
        return Ok("unchanged");
    }
    store::rename_template(&desk.db, org, id, draft.name, draft.folder)
        .await
        .map_err(failed)?;
    Ok("renamed")
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
    let approved = store::approved_versions(&desk.db, org, template.id)
        .await
        .map_err(failed)?;
    let rule = store::send_rule(&desk.db, org).await.map_err(failed)?;
    let authors = versions.iter().map(|version| version.created_by);
    let staff = names(
        desk,
        org,
        authors.chain(approved.iter().filter_map(|(_, by, _)| *by)),
    )
    .await?;
    let approval = |version: i64| {
        let (_, by, at) = approved.iter().find(|(one, ..)| *one == version)?;
        Some((staff.or(*by, "とどけの見本"), *at))
    };
    let settings = store::advice_settings(&desk.db, org).await.map_err(failed)?;
    let now = desk.db.now();
    let content = &template.current.content;
    let training = desk.standing(org).await?.is_training(content.purpose);
    let sendable = content.sendable(now, desk.sending.simulated || training, &settings);
    let mut sheets = typed.sheets(&errors, &desk.sending.sender, &settings, now);
    let page = TemplateEdit {
        id: template.id,
        current: template.current.version,
        archived_at: template.archived_at,
        not_sendable: sendable.err().map(|refusal| refusal.to_string()),
        name: typed.name(&errors),
        fields: typed.fields(&errors),
        own_number: OwnNumber::of(desk, session).await?,
        links: offer_links(desk, org, &mut sheets).await?,
        sheets,
        more_languages: typed.more_languages(),
        versions: versions
            .iter()
            .map(|one| {
                let by = staff.of(one.created_by);
                Version::of(one, by, approval(one.version), session.staff.id)
            })
            .collect(),
        asks_approval: rule.is_some_and(|rule| rule.approval.new_version),
        shell: shell
            .titled(format!("文面「{}」", template.name))
            .with_errors(errors),
    };
    Ok(Page(page).into_response())
}
