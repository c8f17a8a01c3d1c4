//! `GET /`: the home page, opened some hundred times a day: the day's lists and broadcasts, newest first, and around
//! them what the person's roles make them look for. What somebody may not do is not there.

use std::collections::HashMap;

use accounts::{Office, Permission, SignedIn};
use askama::Template;
use axum::Extension;
use axum::extract::{Query, State};
use axum::response::IntoResponse;
use base::clock::Millis;
use base::id::{OfficeId, TemplateId};
use jiff::civil::Date;
use lists::store::ListHead;
use serde::Deserialize;
use web::form::Choice;
use web::ui::{Chip, DropZone, Notice, Progress, Tile, Tiles, Tone};
use web::{Field, Page, PageError, Shell};

use super::broadcast_words::{Group, bar, needs_a_look, standing, until_in_words};
use super::home_alarms::AlarmLine;
use super::home_day::{Day, OfficeRow, day_of, in_words, is_chosen, neighbour};
use super::home_figures::{HomeFigures, HomeFiguresSource};
use super::home_more::HomeAlarms;
use super::home_system::System;
use super::home_todo::{HomeStarts, HomeTiles, Start};
use super::list_form::{template_value, usual_template};
use super::{Answer, Desk, Names, failed, home_alarms, home_figures, home_todo, names, scope};
use crate::broadcast::{Broadcast, BroadcastState, Counts};
use crate::message::MessageState;
use crate::store::{self, TemplateRow};

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
    alarms: Vec<AlarmLine>,
    upload: Option<Upload>,
    starts: Vec<Start>,
    todo: Option<Tiles>,
    figures: Option<HomeFigures>,
    /// How far each office is; only for the head office.
    office_rows: Vec<OfficeRow>,
    /// The lists and broadcasts; nothing for whoever may not see any.
    list: Option<DayList>,
    with_office: bool,
    system: Option<System>,
}

/// The day's lists and broadcasts.
struct DayList {
    tiles: Tiles,
    heading: String,
    rows: Vec<Row>,
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
    more: Option<Extension<HomeAlarms>>,
    Query(asked): Query<Asked>,
    figures: Option<Extension<HomeFiguresSource>>,
    (others, starts): (Option<Extension<HomeTiles>>, Option<Extension<HomeStarts>>),
) -> Answer {
    let others = others.map_or_else(|| HomeTiles(Vec::new()), |Extension(others)| others);
    let starts = starts.map_or_else(|| HomeStarts(Vec::new()), |Extension(starts)| starts);
    let staff = &session.staff;
    let (org, now) = (staff.org, desk.db.now());
    let today = day_of(now);
    let day: Date = asked.day.parse().unwrap_or(today);
    let is_head_office = staff.office == OfficeId::HEADQUARTERS;
    let office = match asked.office.parse().ok().map(OfficeId::new) {
        chosen if is_head_office => chosen,
        _ => Some(staff.office),
    };
    let sees = staff.may(Permission::SeeBroadcasts);
    let offices = desk.accounts.offices(org).await.map_err(failed)?;
    let whole = if sees {
        Day::load(&desk, org, scope(staff), day).await?
    } else {
        Day::empty()
    };
    let address = |state: &str| {
        let office = office
            .filter(|_| is_head_office)
            .map_or(String::new(), |office| office.to_string());
        format!("/?day={day}&office={office}&state={state}")
    };
    let stage = Stage::ALL.into_iter().find(|stage| stage.key() == asked.state);
    let list = if sees {
        let all = rows(&desk, &session, &whole, office, &offices).await?;
        Some(DayList::of(all, stage, address))
    } else {
        None
    };
    let alarms = if day == today {
        // Somebody in danger comes before everything about messages.
        let mut alarms = match more {
            Some(Extension(more)) => more.lines(&desk.db, staff).await?,
            None => Vec::new(),
        };
        alarms.extend(home_alarms::alarms(&desk, &session, &whole).await?);
        alarms
    } else {
        Vec::new()
    };
    let (shell, upload) = desk_form(&desk, &session, shell).await?;
    let shell = first_steps(&desk, &session, shell).await?;
    let page = Today {
        now,
        shows_present: day == today,
        day: day.to_string(),
        date: in_words(day),
        before: neighbour(day, -1),
        after: neighbour(day, 1),
        offices: (is_head_office && sees).then(|| office_field(&offices, office)),
        alarms,
        upload,
        figures: home_figures::figures(figures.filter(|_| day == today), staff).await?,
        starts: starts.all(&desk.db, staff).await?,
        todo: home_todo::todo(&desk, &session, &shell, &others).await?,
        office_rows: if is_head_office && sees && offices.len() > 1 {
            whole.offices(&offices)
        } else {
            Vec::new()
        },
        list,
        with_office: is_head_office,
        system: System::load(&desk, &session).await?,
        shell: shell.titled(title(sees, day, today)),
    };
    Ok(Page(page).into_response())
}

fn title(sees: bool, day: Date, today: Date) -> String {
    match (sees, day == today) {
        (false, _) => "ホーム".to_owned(),
        (true, true) => "今日の配信".to_owned(),
        (true, false) => format!("{}の配信", in_words(day)),
    }
}

impl DayList {
    fn of(all: Vec<Row>, stage: Option<Stage>, address: impl Fn(&str) -> String) -> Self {
        let tiles = tiles(&all, stage, address);
        let rows: Vec<Row> = all
            .into_iter()
            .filter(|row| stage.is_none_or(|stage| row.stage == stage))
            .collect();
        Self {
            tiles,
            heading: format!("{}件", rows.len()),
            rows,
        }
    }
}

/// The form at the top, and what has to be said before it; for whoever may bring lists.
async fn desk_form(
    desk: &Desk,
    session: &SignedIn,
    shell: Shell,
) -> Result<(Shell, Option<Upload>), PageError> {
    let staff = &session.staff;
    if !staff.may(Permission::PrepareLists) {
        return Ok((shell, None));
    }
    let templates = store::choosable_templates(&desk.db, staff.org)
        .await
        .map_err(failed)?;
    let usual = usual_template(desk, staff, &templates).await?;
    let upload = upload(&templates, &usual);
    Ok((notices(shell, desk, &templates), upload))
}

/// The way back to what is left to do before the first send, for whoever sets the organisation up.
async fn first_steps(desk: &Desk, session: &SignedIn, shell: Shell) -> Result<Shell, PageError> {
    let staff = &session.staff;
    let sets_up = staff.may(Permission::ManageOrganisation) && staff.office == OfficeId::HEADQUARTERS;
    if !sets_up || store::any_tried(&desk.db, staff.org).await.map_err(failed)? {
        return Ok(shell);
    }
    let notice = Notice::info("最初の配信までに、することが残っています").text(if desk.sending.has_carrier {
        "部署、文面、送信元の番号などの準備を、1つの画面で順に進められます。"
    } else {
        "携帯電話会社への接続が設定されていません。ほかの準備とあわせて、1つの画面で順に進められます。"
    });
    Ok(shell.with_notice(notice.link("/start", "はじめにすることを見る")))
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
    day: &Day,
    office: Option<OfficeId>,
    offices: &[Office],
) -> Result<Vec<Row>, PageError> {
    let (org, now) = (session.staff.org, desk.db.now());
    let is_meant = |of: OfficeId| office.is_none_or(|office| of == office);
    let broadcasts: Vec<&Broadcast> = day.broadcasts.iter().filter(|one| is_meant(one.office)).collect();
    let lists: Vec<&ListHead> = day
        .lists
        .iter()
        .filter(|list| is_meant(list.office) && !day.sent.contains(&list.id))
        .collect();
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
        .map(|one| around.broadcast(one, day.counts.get(&one.id).unwrap_or(&nothing)))
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
        let is_chosen = is_chosen(list);
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
