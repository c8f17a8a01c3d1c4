//! What follows from the broadcasts of an incident: how many people, which data, what happened when.

use std::collections::BTreeMap;

use accounts::SignedIn;
use base::clock::{MINUTE, Millis};
use base::id::{BroadcastId, IncidentId, ListId, StaffId, TemplateId};
use base::merge::{FieldKind, MessageTemplate};
use web::PageError;

use super::broadcast_events;
use super::broadcast_load::Moment;
use super::broadcast_words::Group;
use super::{Desk, failed, names};
use crate::incident::{Concerned, IncidentLine};
use crate::limits::{ENTRIES_ABOUT, INCIDENT_BROADCASTS};
use crate::message::MessageState;
use crate::store;

/// A broadcast that shares the cause, as it stands.
pub(super) struct BroadcastRow {
    pub(super) id: BroadcastId,
    pub(super) name: String,
    pub(super) list: Option<ListId>,
    pub(super) template: Option<(TemplateId, i64)>,
    pub(super) at: Millis,
    pub(super) left: u32,
    pub(super) delivered: u32,
    pub(super) waiting: u32,
    pub(super) concerned: Concerned,
    pub(super) moment: Moment,
}

impl BroadcastRow {
    /// Whether the incident has to decide about it.
    pub(super) fn is_undecided(&self) -> bool {
        self.concerned.is_held() && self.waiting > 0
    }

    /// What became of the people who wait.
    pub(super) fn standing(&self) -> &'static str {
        match (
            self.waiting,
            self.concerned.is_held(),
            self.moment.broadcast.paused_at,
        ) {
            (0, ..) => "送信待ちの人はいません",
            (_, true, _) => "止めています",
            (_, false, Some(_)) => "再開してよいと決めました（まだ止まっています）",
            (_, false, None) => "送っています",
        }
    }
}

/// How many people all broadcasts of an incident concern.
pub(super) struct Totals {
    pub(super) left: u32,
    pub(super) delivered: u32,
    pub(super) waiting: u32,
    pub(super) first_left_at: Option<Millis>,
    pub(super) stopped_at: Option<Millis>,
}

impl Totals {
    pub(super) fn of(rows: &[BroadcastRow]) -> Self {
        Self {
            left: rows.iter().map(|row| row.left).sum(),
            delivered: rows.iter().map(|row| row.delivered).sum(),
            waiting: rows.iter().map(|row| row.waiting).sum(),
            first_left_at: rows
                .iter()
                .filter_map(|row| row.moment.progress.first_handed_over)
                .min(),
            stopped_at: rows.iter().filter_map(|row| row.concerned.stopped_at).min(),
        }
    }
}

pub(super) async fn broadcasts(
    desk: &Desk,
    session: &SignedIn,
    id: IncidentId,
) -> Result<Vec<BroadcastRow>, PageError> {
    let org = session.staff.org;
    let concerned = store::concerned(&desk.db, org, id).await.map_err(failed)?;
    let mut rows = Vec::new();
    for concerned in concerned.into_iter().take(INCIDENT_BROADCASTS) {
        let broadcast = store::broadcast(&desk.db, org, concerned.broadcast)
            .await
            .map_err(failed)?;
        let Some(broadcast) = broadcast else { continue };
        let moment = Moment::of(desk, org, broadcast).await?;
        let (counts, broadcast) = (&moment.progress.counts, &moment.broadcast);
        rows.push(BroadcastRow {
            id: broadcast.id,
            name: broadcast.file_name.clone(),
            list: broadcast.list,
            template: broadcast.template,
            at: broadcast.created_at,
            left: counts.count(MessageState::has_left),
            delivered: Group::Delivered.count(counts),
            waiting: counts.count(|state| state.is_waiting() && !state.has_left()),
            concerned,
            moment,
        });
    }
    Ok(rows)
}

/// What the texts held, by the fields of their templates.
pub(super) async fn data(
    desk: &Desk,
    session: &SignedIn,
    broadcasts: &[BroadcastRow],
) -> Result<Vec<String>, PageError> {
    let mut templates: Vec<_> = broadcasts.iter().filter_map(|row| row.template).collect();
    templates.sort_unstable();
    templates.dedup();
    let mut held = Vec::new();
    for (id, version) in templates {
        let text = store::template_version(&desk.db, session.staff.org, id, version)
            .await
            .map_err(failed)?;
        for (_, text) in text.iter().flat_map(|text| text.content.texts()) {
            // A text that was sent can be read; what cannot holds no fields.
            let Ok(template) = MessageTemplate::parse(text) else {
                continue;
            };
            for (at, field) in template.fields().iter().enumerate() {
                let item = match template.kind(at) {
                    Some(FieldKind::Link) => continue,
                    Some(FieldKind::Free) | None => field.clone(),
                    Some(kind) if kind.label() == field => field.clone(),
                    Some(kind) => format!("{field}（{}）", kind.label()),
                };
                if !held.contains(&item) {
                    held.push(item);
                }
            }
        }
    }
    Ok(held)
}

/// A line of the timeline.
pub(super) struct Line {
    pub(super) at: Millis,
    pub(super) text: String,
    pub(super) detail: String,
}

/// From the upload to the last note: events of the broadcasts, the audit trail, the incident's own history.
pub(super) async fn timeline(
    desk: &Desk,
    session: &SignedIn,
    own: &[IncidentLine],
    broadcasts: &[BroadcastRow],
) -> Result<Vec<Line>, PageError> {
    let mut lines = Vec::new();
    for row in broadcasts {
        let events = broadcast_events::lines(desk, session, &row.moment).await?;
        lines.extend(events.into_iter().map(|event| Line {
            at: event.at,
            text: event.text,
            detail: row.name.clone(),
        }));
    }
    lines.extend(trail(desk, session, broadcasts).await?);
    lines.extend(history(desk, session, own).await?);
    lines.sort_by_key(|line| line.at);
    Ok(lines)
}

/// What the audit trail says of the lists and broadcasts: who uploaded, checked, confirmed, approved, looked.
async fn trail(desk: &Desk, session: &SignedIn, broadcasts: &[BroadcastRow]) -> Result<Vec<Line>, PageError> {
    let org = session.staff.org;
    let mut subjects: BTreeMap<(&'static str, i64), String> = BTreeMap::new();
    let mut entries = Vec::new();
    for row in broadcasts {
        subjects.insert(("broadcasts", row.id.get()), row.name.clone());
        if let Some(list) = row.list {
            subjects.insert(("lists", list.get()), row.name.clone());
            let head = lists::store::list_head(&desk.db, org, list)
                .await
                .map_err(failed)?;
            entries.extend(head.map(|head| {
                (
                    head.uploaded_at,
                    Some(head.uploaded_by),
                    "リストを登録した".to_owned(),
                    row.name.clone(),
                )
            }));
        }
    }
    for ((kind, id), name) in subjects {
        let about = desk
            .accounts
            .entries_about(org, kind, id, ENTRIES_ABOUT)
            .await
            .map_err(failed)?;
        let done = about.into_iter().filter(|entry| !entry.refused);
        entries.extend(done.map(|entry| (entry.at, entry.staff, entry.label, name.clone())));
    }
    entries.sort_by_key(|(at, ..)| *at);
    // Somebody who leafs through a page is told once a minute.
    let mut told: BTreeMap<(Option<StaffId>, String, String), Millis> = BTreeMap::new();
    entries.retain(|(at, by, label, name)| {
        let last = told.insert((*by, label.clone(), name.clone()), *at);
        last.is_none_or(|last| at - last >= MINUTE)
    });
    let who = names(desk, org, entries.iter().filter_map(|(_, by, ..)| *by)).await?;
    Ok(entries
        .into_iter()
        .map(|(at, by, label, name)| Line {
            at,
            text: format!("{}: {label}", who.or(by, "システム")),
            detail: name,
        })
        .collect())
}

async fn history(desk: &Desk, session: &SignedIn, own: &[IncidentLine]) -> Result<Vec<Line>, PageError> {
    let who = names(desk, session.staff.org, own.iter().filter_map(|line| line.by)).await?;
    let line = |line: &IncidentLine| {
        let name = who.or(line.by, "届いた人");
        let broadcast = line.broadcast.map_or(String::new(), |id| id.to_string());
        let text = match line.action.as_str() {
            "reported" => format!("{name}が、別の人の情報が届いたと報告しました"),
            "opened" => format!("{name}がインシデントを開きました"),
            "note" => format!("{name}のメモ"),
            "contained" => format!("{name}が、拡大を止めたと記録しました"),
            "closed" => format!("{name}が対応を終えました"),
            "reopened" => format!("{name}が対応を再開しました"),
            "released" => format!("{name}が、配信 {broadcast} を再開してよいと決めました"),
            "discarded" => format!("{name}が、配信 {broadcast} の残りを取り消すと決めました"),
            other => other.to_owned(),
        };
        Line {
            at: line.at,
            text,
            detail: line.detail.clone().unwrap_or_default(),
        }
    };
    Ok(own.iter().map(line).collect())
}
