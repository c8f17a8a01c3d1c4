//! `GET /applications/desks/{desk}`: what stands at one desk: received, waiting, parked, sent back; with what the machine
//! noticed of each, and whom to look at first.

use std::collections::{HashMap, HashSet};

use accounts::SignedIn;
use askama::Template;
use axum::extract::{Query, State};
use axum::response::IntoResponse;
use base::clock::Millis;
use base::id::ApplicationId;
use messaging::pages::{Answer, Desk, failed};
use serde::Deserialize;
use web::form::{Choice, Field};
use web::ui::{Chip, Tile, Tiles, Tone};
use web::{Id, Language, Page, Shell};

use super::review_facts::{flags, is_again, is_minor};
use super::review_load::{desk_at, may_check, may_review};
use super::review_photos::with_hints;
use super::review_words::ago;
use crate::application::{Application, State as Where};
use crate::document::DeskDocument;
use crate::limits::ROWS_SHOWN;
use crate::store::{self, Alike, Queues};

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Asked {
    show: String,
    only: String,
}

#[derive(Template)]
#[template(path = "review_desk.html")]
#[expect(clippy::struct_excessive_bools, reason = "each stands for a part of the page")]
struct DeskPage {
    shell: Shell,
    word: String,
    tiles: Tiles,
    shown: Shown,
    only: Field,
    is_filtered: bool,
    rows: Vec<Row>,
    is_cut: bool,
    differs: u64,
    reviews: bool,
    checks: bool,
}

/// Which of its queues is shown.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shown {
    Received,
    Ready,
    Parked,
    SentBack,
}

impl Shown {
    const ALL: [Self; 4] = [Self::Received, Self::Ready, Self::Parked, Self::SentBack];

    const fn word(self) -> &'static str {
        match self {
            Self::Received => "received",
            Self::Ready => "ready",
            Self::Parked => "parked",
            Self::SentBack => "sent_back",
        }
    }

    const fn label(self) -> &'static str {
        match self {
            Self::Received => "事前確認待ち",
            Self::Ready => "判定待ち",
            Self::Parked => "保留・電話中",
            Self::SentBack => "差戻し中",
        }
    }

    const fn empty(self) -> &'static str {
        match self {
            Self::Received => "届いた申請は、すべて確かめました。新しく届くと、ここに並びます。",
            Self::Ready => "判定を待つ申請はありません。事前確認が済むと、ここに並びます。",
            Self::Parked => "保留や電話での確認に回した申請が、ここに並びます。",
            Self::SentBack => "差し戻して、出し直しを待つ申請が、ここに並びます。",
        }
    }

    const fn tone(self) -> Tone {
        match self {
            Self::Received => Tone::Attention,
            Self::Ready => Tone::Moving,
            Self::Parked => Tone::Stopped,
            Self::SentBack => Tone::Unknown,
        }
    }
}

/// What is looked for among them.
const FILTERS: [(&str, &str); 5] = [
    ("", "すべて"),
    ("photo", "写真に注意がある"),
    ("again", "出し直し"),
    ("minor", "18歳未満"),
    ("language", "日本語以外"),
];

struct Row {
    id: ApplicationId,
    reference: String,
    waited: String,
    priority: u32,
    flags: Vec<Chip>,
    parked: Option<&'static str>,
    asked: String,
}

/// What is known of the applications of a page besides themselves.
struct Around {
    now: Millis,
    hints: HashSet<ApplicationId>,
    twins: HashMap<ApplicationId, Vec<Alike>>,
}

pub(super) async fn show(
    State(desk): State<Desk>,
    session: SignedIn,
    Query(asked): Query<Asked>,
    shell: Shell,
    Id(word): Id<String>,
) -> Answer {
    let (staff, db) = (&session.staff, &desk.db);
    let open = desk_at(&desk, staff, &word).await?;
    let (org, id) = (staff.org, open.row.id);
    let checks = may_check(staff, &open.row);
    let usual = if checks && open.document.document().review.precheck {
        Shown::Received
    } else {
        Shown::Ready
    };
    let chosen = Shown::ALL.into_iter().find(|one| one.word() == asked.show);
    let shown = chosen.unwrap_or(usual);
    let found = match shown {
        Shown::Received => store::received(db, org, id).await,
        Shown::Ready => store::ready(db, org, id).await,
        Shown::Parked => store::parked(db, org, id).await,
        Shown::SentBack => store::sent_back(db, org, id).await,
    };
    let found = found.map_err(failed)?;
    let is_cut = i64::try_from(found.len()).is_ok_and(|count| count >= ROWS_SHOWN);
    let ids: Vec<ApplicationId> = found.iter().map(|one| one.id).collect();
    let around = Around {
        now: db.now(),
        hints: with_hints(&desk, org, &ids).await?,
        twins: store::twinned(db, org, &ids).await.map_err(failed)?,
    };
    let kept = found.iter().filter(|one| around.is_wanted(one, &asked.only));
    let queues = store::queues(db, org, id).await.map_err(failed)?;
    let page = DeskPage {
        tiles: tiles(&word, shown, &queues),
        only: Field::select(
            "only",
            "絞り込み",
            FILTERS.map(|(value, label)| Choice::new(value, label)).to_vec(),
        )
        .value(&asked.only),
        is_filtered: !asked.only.is_empty(),
        rows: kept.map(|one| around.row(one, &open.document)).collect(),
        is_cut,
        differs: queues.differs.count,
        reviews: may_review(staff, &open.row, &open.document),
        checks,
        shown,
        shell: shell.titled(format!("{}: {}", open.row.name, shown.label())),
        word,
    };
    Ok(Page(page).into_response())
}

fn tiles(word: &str, shown: Shown, queues: &Queues) -> Tiles {
    let tile = |one: Shown| {
        let count = match one {
            Shown::Received => queues.received.count,
            Shown::Ready => queues.ready.count,
            Shown::Parked => queues.parked.count,
            Shown::SentBack => queues.sent_back.count,
        };
        let href = format!("/applications/desks/{word}?show={}", one.word());
        Tile::new(one.word(), one.label(), count, href)
            .tone(one.tone())
            .current(one == shown)
    };
    Tiles::new("申請の状態", "件", Shown::ALL.map(tile).to_vec())
}

impl Around {
    fn is_wanted(&self, one: &Application, only: &str) -> bool {
        match only {
            "photo" => self.hints.contains(&one.id),
            "again" => is_again(one),
            "minor" => is_minor(one, self.now),
            "language" => one.language != Language::Japanese,
            _ => true,
        }
    }

    fn row(&self, one: &Application, document: &DeskDocument) -> Row {
        let mut all = flags(one, document, &[], self.now);
        if self.hints.contains(&one.id) {
            all.push(Chip::new(Tone::Attention, "写真に注意"));
        }
        for alike in self.twins.get(&one.id).into_iter().flatten() {
            all.push(Chip::new(Tone::Attention, alike.label()));
        }
        let since = match one.state {
            Where::SentBack => one.state_at,
            _ => one.received_at.unwrap_or(one.state_at),
        };
        let asked = one.sent_back.as_ref().and_then(|key| document.send_back(key));
        Row {
            id: one.id,
            reference: one.reference.to_string(),
            waited: ago(since, self.now),
            priority: one.priority,
            flags: all,
            parked: one.parked.map(super::super::application::Parked::label),
            asked: asked.map_or_else(String::new, |one| one.label.clone()),
        }
    }
}
