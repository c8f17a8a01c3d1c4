//! `GET /templates`: the texts that may be sent.

use accounts::SignedIn;
use askama::Template;
use axum::extract::State;
use axum::response::IntoResponse;
use base::clock::Millis;
use base::id::TemplateId;
use base::merge::MessageTemplate;
use web::ui::Notice;
use web::{Page, Shell};

use super::{Answer, Desk, failed, names, template_form};
use crate::store;

#[derive(Template)]
#[template(path = "template_list.html")]
struct TemplateList {
    shell: Shell,
    rows: Vec<Row>,
}

struct Row {
    id: TemplateId,
    name: String,
    fields: Vec<String>,
    letters: String,
    version: i64,
    changed_at: Millis,
    changed_by: String,
}

pub(super) async fn show(State(desk): State<Desk>, session: SignedIn, shell: Shell) -> Answer {
    let org = session.staff.org;
    let templates = store::templates(&desk.db, org).await.map_err(failed)?;
    let staff = names(
        &desk,
        org,
        templates.iter().map(|template| template.current.created_by),
    )
    .await?;
    let row = |template: store::TemplateRow| {
        let parsed = MessageTemplate::parse(&template.current.text).ok();
        Row {
            id: template.id,
            fields: parsed
                .as_ref()
                .map(|parsed| parsed.fields().to_vec())
                .unwrap_or_default(),
            letters: parsed.as_ref().map(template_form::letters).unwrap_or_default(),
            version: template.current.version,
            changed_at: template.current.created_at,
            changed_by: staff.of(template.current.created_by),
            name: template.name,
        }
    };
    let rows = templates.into_iter().map(row).collect();
    let shell = shell.titled("文面");
    let shell = match shell.done() {
        Some("archived") => shell.with_notice(
            Notice::success("文面をしまいました")
                .text("一覧には出なくなります。これまでの配信の記録は、そのまま見られます。"),
        ),
        _ => shell,
    };
    Ok(Page(TemplateList { shell, rows }).into_response())
}
