//! `GET /`: the day's lists and broadcasts, newest first. The home page, opened some hundred times a day.

use std::collections::{HashMap, HashSet};

use accounts::{Office, SignedIn};
use askama::Template;
use axum::extract::{Query, State};
use axum::response::IntoResponse;
use base::clock::{DAY, HOUR, Millis};
use base::id::{ListId, OfficeId, TemplateId};
use jiff::civil::Date;
use jiff::tz::Offset;
use jiff::{Timestamp, ToSpan};
use lists::store::ListHead;
use serde::Deserialize;
use web::form::Choice;
use web::time::JapanTime;
use web::ui::{Chip, DropZone, Notice, Progress, Tile, Tiles, Tone};
use web::{Field, Page, PageError, Shell};

use super::broadcast_words::{Group, bar, needs_a_look, standing, until_in_words};
use super::list_form::{template_value, usual_template};
use super::{Answer, Desk, Names, failed, names};
use crate::broadcast::{Broadcast, BroadcastState, Counts};
use crate::message::MessageState;
use crate::store::{self, TemplateRow};

/// Japan's offset from UTC.
const JAPAN: Millis = 9 * HOUR;

#[derive(Template)]
#[template(path = "today.html")]
struct Today {
    shell: Shell,
    now: Millis,
    shows_present: bool,
    day: String,
    date: String,
    before: String,
    after: String,
    offices: Option<Field>,
    upload: Option<Upload>,
    tiles: Tiles,
    heading: String,
    rows: Vec<Row>,
    with_office: bool,
}

/// The form at the top; not there until there is a text to send.
struct Upload {
    template: Field,
    drop: DropZone,
}

/// A list on its way, or a broadcast.
struct Row {
    at: Millis,
    href: String,
    name: String,
    template: String,
    tone: Tone,
    state: &'static str,
    /// Until when it waits for a moment of the clock.
    until: Option<String>,
    stage: Stage,
    people: u64,
    delivered: u32,
    missed: u32,
    bar: Option<Progress>,
    office: String,
    by: String,
    simulated: bool,
    /// Training or a test, in a word.
    rehearsal: Option<&'static str>,
}

impl Row {
    fn chip(&self) -> Chip {
        Chip::new(self.tone, self.state)
    }
}

/// What somebody who looks for something looks for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    Prepared,
    Moving,
    Attention,
    Done,
}

impl Stage {
    const ALL: [Self; 4] = [Self::Prepared, Self::Moving, Self::Attention, Self::Done];

    const fn key(self) -> &'static str {
        match self {
            Self::Prepared => "prepared",
            Self::Moving => "moving",
            Self::Attention => "attention",
            Self::Done => "done",
        }
    }

    const fn words(self) -> (&'static str, Tone) {
        match self {
            Self::Prepared => ("準備中のリスト", Tone::Draft),
            Self::Moving => ("配信中・結果待ち", Tone::Moving),
            Self::Attention => ("要確認", Tone::Attention),
            Self::Done => ("完了", Tone::Done),
        }
    }

    fn of(state: BroadcastState, counts: &Counts) -> Self {
        match state {
            BroadcastState::AwaitingCheck
            | BroadcastState::AwaitingApproval
            | BroadcastState::Paused
            | BroadcastState::FirstWaveFailed
            | BroadcastState::Returned => Self::Attention,
            BroadcastState::Held { .. }
            | BroadcastState::Scheduled { .. }
            | BroadcastState::OutsideHours { .. }
            | BroadcastState::FirstWave
            | BroadcastState::Sending
            | BroadcastState::AwaitingReceipts => Self::Moving,
            BroadcastState::TooLate if counts.of(MessageState::Cancelled) > 0 => Self::Attention,
            BroadcastState::Finished | BroadcastState::Discarded | BroadcastState::TooLate => {
                if needs_a_look(counts) {
                    Self::Attention
                } else {
                    Self::Done
                }
            }
        }
    }
}

/// Which day, which stage, which office.
#[derive(Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    day: String,
    #[serde(default)]
    state: String,
    #[serde(default)]
    office: String,
}

pub(super) async fn show(
    State(desk): State<Desk>,
    session: SignedIn,
    shell: Shell,
    Query(asked): Query<Asked>,
) -> Answer {
    let staff = &session.staff;
    let (org, now) = (staff.org, desk.db.now());
    let today = day_of(now);
    let day: Date = asked.day.parse().unwrap_or(today);
    let is_head_office = staff.office == OfficeId::HEADQUARTERS;
    let office = match asked.office.parse().ok().map(OfficeId::new) {
        chosen if is_head_office => chosen,
        _ => Some(staff.office),
    };
    let offices = desk.accounts.offices(org).await.map_err(failed)?;
    let templates = store::templates(&desk.db, org).await.map_err(failed)?;
    let usual = usual_template(&desk, staff, &templates).await?;
    let all = rows(&desk, &session, day, office, &offices).await?;
    let address = |state: &str| {
        let office = office
            .filter(|_| is_head_office)
            .map_or(String::new(), |office| office.to_string());
        format!("/?day={day}&office={office}&state={state}")
    };
    let stage = Stage::ALL.into_iter().find(|stage| stage.key() == asked.state);
    let tiles = tiles(&all, stage, address);
    let shown: Vec<Row> = all
        .into_iter()
        .filter(|row| stage.is_none_or(|stage| row.stage == stage))
        .collect();
    let neighbour = |days: i64| day.checked_add(days.days()).map_or(day, |day| day).to_string();
    let title = if day == today {
        "今日の配信".to_owned()
    } else {
        format!("{}の配信", in_words(day))
    };
    let page = Today {
        shell: notices(shell, &desk, &templates).titled(title),
        now,
        shows_present: day == today,
        day: day.to_string(),
        date: in_words(day),
        before: neighbour(-1),
        after: neighbour(1),
        offices: is_head_office.then(|| office_field(&offices, office)),
        upload: upload(&templates, &usual),
        tiles,
        heading: format!("{}件", shown.len()),
        with_office: is_head_office,
        rows: shown,
    };
    Ok(Page(page).into_response())
}

fn notices(shell: Shell, desk: &Desk, templates: &[TemplateRow]) -> Shell {
    if templates.is_empty() {
        let notice = Notice::info("まず、送る文面を作ってください")
            .text("文面を作ると、リストを選んで送れるようになります。");
        return shell.with_notice(notice.link("/templates/new", "文面を作る"));
    }
    if !desk.sending.has_carrier {
        let notice = Notice::warning("携帯電話会社への接続が設定されていません");
        return shell.with_notice(
            notice.text("リストの検査まではできますが、送信はできません。システム担当に知らせてください。"),
        );
    }
    shell
}

/// The form for a list, with the text that the office usually sends.
fn upload(templates: &[TemplateRow], usual: &str) -> Option<Upload> {
    if templates.is_empty() {
        return None;
    }
    let value = |row: &TemplateRow| template_value((row.id, row.current.version));
    let mut choices = Vec::new();
    if templates.len() > 1 {
        choices.push(Choice::new("", "選んでください"));
    }
    choices.extend(
        templates
            .iter()
            .map(|row| Choice::new(value(row), format!("{}（第{}版）", row.name, row.current.version))),
    );
    let support = "Excel（.xlsx）・CSV・TSV。送る前に必ず検査と確認の画面が出ます。";
    Some(Upload {
        template: Field::select("template", "送る文面", choices).value(usual),
        drop: DropZone::new("file", "リストをここに置く", support, ".xlsx,.csv,.tsv,.txt")
            .with_submit("検査する"),
    })
}

fn office_field(offices: &[Office], chosen: Option<OfficeId>) -> Field {
    let mut choices = vec![Choice::new("", "すべての部署")];
    choices.extend(
        offices
            .iter()
            .map(|office| Choice::new(office.id, office.name.as_str())),
    );
    let value = chosen.map_or(String::new(), |office| office.to_string());
    Field::select("office", "部署", choices).value(value)
}

fn tiles(rows: &[Row], current: Option<Stage>, address: impl Fn(&str) -> String) -> Tiles {
    let count = |stage: Stage| rows.iter().filter(|row| row.stage == stage).count() as u64;
    let all = Tile::new("total", "すべて", rows.len() as u64, address("")).current(current.is_none());
    let tile = |stage: Stage| {
        let (label, tone) = stage.words();
        Tile::new(stage.key(), label, count(stage), address(stage.key()))
            .tone(tone)
            .current(current == Some(stage))
    };
    Tiles::new(
        "状態で絞り込む",
        "件",
        std::iter::once(all)
            .chain(Stage::ALL.into_iter().map(tile))
            .collect(),
    )
}

/// What rows of a day need to be told.
struct Around<'a> {
    staff: Names,
    offices: &'a [Office],
    templates: HashMap<TemplateId, String>,
    now: Millis,
}

async fn rows(
    desk: &Desk,
    session: &SignedIn,
    day: Date,
    office: Option<OfficeId>,
    offices: &[Office],
) -> Result<Vec<Row>, PageError> {
    let (org, now) = (session.staff.org, desk.db.now());
    let from = start_of(day);
    let to = from + DAY;
    let mut broadcasts = store::broadcasts_between(&desk.db, org, from, to)
        .await
        .map_err(failed)?;
    broadcasts.retain(|broadcast| office.is_none_or(|office| broadcast.office == office));
    let counts = store::counts_between(&desk.db, org, from, to)
        .await
        .map_err(failed)?;
    let mut lists = lists::store::lists_between(&desk.db, org, office, from, to)
        .await
        .map_err(failed)?;
    let sent: HashSet<ListId> = store::lists_sent_since(&desk.db, org, from)
        .await
        .map_err(failed)?;
    lists.retain(|list| !sent.contains(&list.id));
    let uploaders = lists.iter().map(|list| list.uploaded_by);
    let people = broadcasts
        .iter()
        .filter_map(|broadcast| broadcast.created_by)
        .chain(uploaders);
    let templates = broadcasts.iter().filter_map(|broadcast| broadcast.template);
    let templates = templates.chain(lists.iter().filter_map(|list| list.settings.template));
    let templates = store::template_names(&desk.db, org, templates.map(|(id, _)| id));
    let around = Around {
        staff: names(desk, org, people).await?,
        offices,
        templates: templates.await.map_err(failed)?,
        now,
    };
    let nothing = Counts::default();
    let mut rows: Vec<Row> = broadcasts
        .iter()
        .map(|one| around.broadcast(one, counts.get(&one.id).unwrap_or(&nothing)))
        .chain(lists.iter().map(|list| around.list(list)))
        .collect();
    rows.sort_by_key(|row| std::cmp::Reverse(row.at));
    Ok(rows)
}

impl Around<'_> {
    fn broadcast(&self, one: &Broadcast, stored: &Counts) -> Row {
        let mut counts = Counts::default();
        for (state, count) in stored.present() {
            counts.add(one.shown(state, self.now), count);
        }
        let state = one.state(&counts, self.now);
        let (tone, label) = standing(state, &counts);
        Row {
            at: one.created_at,
            href: format!("/broadcasts/{}", one.id),
            name: one.file_name.clone(),
            template: self.template(one.template),
            tone,
            state: label,
            until: until_in_words(state, self.now),
            stage: Stage::of(state, &counts),
            people: counts.total().into(),
            delivered: Group::Delivered.count(&counts),
            missed: Group::Failed.count(&counts) + Group::Unknown.count(&counts),
            bar: Some(bar("day", &counts).only_bar()),
            office: self.office(one.office),
            by: self.staff.or(one.created_by, "コマンドライン"),
            simulated: one.simulated,
            rehearsal: (!one.stage.is_contact()).then(|| one.stage.label()),
        }
    }

    fn list(&self, list: &ListHead) -> Row {
        let is_chosen = list.settings.to.is_some() && list.settings.template.is_some();
        Row {
            at: list.uploaded_at,
            href: format!("/lists/{}", list.id),
            name: list.file_name.clone(),
            template: self.template(list.settings.template),
            tone: if is_chosen { Tone::Checking } else { Tone::Draft },
            state: if is_chosen {
                "検査・未送信"
            } else {
                "下書き"
            },
            until: None,
            stage: Stage::Prepared,
            people: list.rows.into(),
            delivered: 0,
            missed: 0,
            bar: None,
            office: self.office(list.office),
            by: self.staff.of(list.uploaded_by),
            simulated: false,
            rehearsal: None,
        }
    }

    fn template(&self, template: Option<(TemplateId, i64)>) -> String {
        let known = template.and_then(|(id, version)| Some((self.templates.get(&id)?, version)));
        known.map_or(String::new(), |(name, version)| format!("{name} 第{version}版"))
    }

    fn office(&self, id: OfficeId) -> String {
        let office = self.offices.iter().find(|office| office.id == id);
        office.map_or(String::new(), |office| office.name.to_string())
    }
}

/// The day in Japan.
fn day_of(now: Millis) -> Date {
    let now = Timestamp::from_millisecond(now).unwrap_or(Timestamp::UNIX_EPOCH);
    Offset::constant(9).to_datetime(now).date()
}

/// When the day begins in Japan.
fn start_of(day: Date) -> Millis {
    let midnight = Offset::UTC.to_timestamp(day.at(0, 0, 0, 0));
    midnight.map_or(0, Timestamp::as_millisecond) - JAPAN
}

/// `11月22日(日)`.
fn in_words(day: Date) -> String {
    JapanTime::from_millis(start_of(day)).date()
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
mod tests {
    use super::*;

    #[test]
    fn a_day_begins_at_midnight_in_japan() {
        let day: Date = "2026-11-22".parse().unwrap();
        let start = start_of(day);
        assert_eq!(day_of(start), day);
        assert_eq!(day_of(start - 1).to_string(), "2026-11-21");
        assert_eq!(day_of(start + DAY - 1), day);
        assert_eq!(in_words(day), "11月22日(日)");
    }

    #[test]
    fn no_day_in_an_address_panics() {
        for text in ["-009999-01-01", "9999-12-31", "0000-01-01"] {
            if let Ok(day) = text.parse::<Date>() {
                in_words(day);
            }
        }
    }
}
