//! `GET /templates`: the texts that may be sent, folder by folder.

use std::collections::BTreeMap;

use accounts::SignedIn;
use askama::Template;
use axum::extract::{Query, State};
use axum::response::IntoResponse;
use base::clock::Millis;
use base::id::TemplateId;
use base::merge::{MessageTemplate, heading_key};
use serde::Deserialize;
use web::form::Field;
use web::ui::{Chip, Notice, Tone};
use web::{Page, Shell};

use super::{Answer, Desk, Names, failed, in_query, names, template_look};
use crate::advice::Settings;
use crate::store;
use crate::template::{Content, NotSendable, Stage, day_in_words};

/// What is looked for.
#[derive(Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    q: String,
    folder: Option<String>,
}

#[derive(Template)]
#[template(path = "template_list.html")]
struct TemplateList {
    shell: Shell,
    /// Whether there is any template at all.
    is_empty: bool,
    search: Field,
    folders: Vec<FolderLink>,
    groups: Vec<(String, Vec<Row>)>,
}

struct FolderLink {
    href: String,
    label: String,
    current: bool,
}

struct Row {
    id: TemplateId,
    name: String,
    purpose: &'static str,
    chips: Vec<Chip>,
    languages: Vec<(&'static str, &'static str)>,
    fields: Vec<String>,
    letters: String,
    version: i64,
    changed_at: Millis,
    changed_by: String,
}

pub(super) async fn show(
    State(desk): State<Desk>,
    session: SignedIn,
    shell: Shell,
    Query(asked): Query<Asked>,
) -> Answer {
    let org = session.staff.org;
    let templates = store::templates(&desk.db, org).await.map_err(failed)?;
    let settings = store::advice_settings(&desk.db, org).await.map_err(failed)?;
    let writers = templates.iter().map(|template| template.current.created_by);
    let staff = names(&desk, org, writers).await?;
    let mut counts = BTreeMap::new();
    for template in &templates {
        *counts.entry(template.folder.clone()).or_insert(0) += 1;
    }
    let is_empty = templates.is_empty();
    let mut groups: BTreeMap<String, Vec<Row>> = BTreeMap::new();
    for template in templates.into_iter().filter(|template| fits(template, &asked)) {
        let folder = folder_label(&template.folder);
        let row = row(template, &staff, &settings, desk.db.now());
        groups.entry(folder).or_default().push(row);
    }
    let page = TemplateList {
        shell: with_notice(shell.titled("文面")),
        is_empty,
        search: Field::text("q", "文面を探す")
            .support("名前と本文から探します。")
            .value(&asked.q),
        folders: folder_links(&counts, &asked),
        groups: groups.into_iter().collect(),
    };
    Ok(Page(page).into_response())
}

fn with_notice(shell: Shell) -> Shell {
    match shell.done() {
        Some("archived") => shell.with_notice(
            Notice::success("文面をしまいました")
                .text("一覧には出なくなります。これまでの配信の記録は、そのまま見られます。"),
        ),
        _ => shell,
    }
}

fn folder_label(folder: &str) -> String {
    if folder.is_empty() {
        "フォルダなし".to_owned()
    } else {
        folder.to_owned()
    }
}

fn fits(template: &store::TemplateRow, asked: &Asked) -> bool {
    let wanted = heading_key(&asked.q);
    let mut texts = template.current.content.texts();
    asked
        .folder
        .as_ref()
        .is_none_or(|folder| *folder == template.folder)
        && (heading_key(&template.name).contains(&wanted)
            || texts.any(|(_, text)| heading_key(text).contains(&wanted)))
}

/// One link a folder, if there are folders at all.
fn folder_links(counts: &BTreeMap<String, usize>, asked: &Asked) -> Vec<FolderLink> {
    if counts.keys().all(String::is_empty) {
        return Vec::new();
    }
    let query = in_query(&asked.q).to_string();
    let all = FolderLink {
        href: format!("/templates?q={query}"),
        label: format!("すべて（{}件）", counts.values().sum::<usize>()),
        current: asked.folder.is_none(),
    };
    let folders = counts.iter().map(|(folder, count)| FolderLink {
        href: format!("/templates?folder={}&q={query}", in_query(folder)),
        label: format!("{}（{count}件）", folder_label(folder)),
        current: asked.folder.as_ref() == Some(folder),
    });
    std::iter::once(all).chain(folders).collect()
}

fn row(template: store::TemplateRow, staff: &Names, settings: &Settings, now: Millis) -> Row {
    let content = &template.current.content;
    let parsed = MessageTemplate::parse(&content.text).ok();
    Row {
        id: template.id,
        purpose: content.purpose.label(),
        chips: chips(content, settings, now),
        languages: content
            .texts()
            .map(|(language, _)| (language.tag(), language.label()))
            .collect(),
        fields: parsed
            .as_ref()
            .map(|parsed| parsed.fields().to_vec())
            .unwrap_or_default(),
        letters: parsed.as_ref().map(template_look::letters).unwrap_or_default(),
        version: template.current.version,
        changed_at: template.current.created_at,
        changed_by: staff.of(template.current.created_by),
        name: template.name,
    }
}

/// Whether it is for people, and what stands in its way.
fn chips(content: &Content, settings: &Settings, now: Millis) -> Vec<Chip> {
    let mut chips = vec![match content.stage {
        Stage::Live => Chip::new(Tone::Done, content.stage.label()),
        Stage::Trial => Chip::new(Tone::Stopped, content.stage.label()),
    }];
    // Only a simulated broadcast takes both kinds, so this asks about everything else.
    chips.extend(
        content
            .sendable(now, true, settings)
            .err()
            .map(|refusal| match refusal {
                NotSendable::NotYet(from) => Chip::new(Tone::Waiting, format!("{}から", day_in_words(from))),
                NotSendable::Over(_) => Chip::new(Tone::Cancelled, "期間終了"),
                NotSendable::Trial => Chip::new(Tone::Stopped, "試験用"),
                NotSendable::Advice { count, .. } => Chip::new(Tone::Failed, format!("直すところ{count}件")),
            }),
    );
    chips
}
