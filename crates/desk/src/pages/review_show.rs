//! `GET /review/{desk}/{id}`: one application as whoever judges sees it: pictures, what was told, the buttons. Without
//! the lease it is only to be read.

use accounts::{SignedIn, Staff};
use askama::Template;
use axum::extract::State;
use axum::response::IntoResponse;
use base::clock::{Millis, SECOND};
use base::id::{ApplicationId, StaffId};
use messaging::pages::{Answer, Desk, failed};
use web::ui::{Chip, Notice, Viewer};
use web::{Id, Page, PageError, Shell};

use super::review_choices::Choices;
use super::review_facts::Facts;
use super::review_last::{LastLine, lines};
use super::review_load::{Opened, People, load_to_review};
use super::review_photos::photos;
use super::review_words::{chip, decided, waiting};
use crate::application::{Application, State as Where};
use crate::store::{self, Review};

#[derive(Template)]
#[template(path = "review_show.html")]
struct ReviewPage {
    shell: Shell,
    desk: String,
    desk_name: String,
    id: ApplicationId,
    reference: String,
    chip: Chip,
    queue: String,
    stands: Stands,
    viewer: Viewer,
    first: Option<String>,
    facts: Facts,
    choices: Choices,
    /// What was typed in this review, or the last one of the same person.
    comment: String,
    notes: Vec<Note>,
    last: Option<LastLine>,
    keys: bool,
    /// Pictures of the next one, to be fetched while this one is looked at.
    ahead: String,
}

/// How it stands, as this person sees it.
pub(super) enum Stands {
    Mine { review: i64, seconds: i64 },
    Held { by: String, until: Millis, minutes: i64 },
    Free,
    Otherwise(String),
}

/// What somebody typed in an earlier review.
pub(super) struct Note {
    pub(super) at: Millis,
    pub(super) by: String,
    pub(super) words: String,
}

pub(super) async fn show(
    State(desk): State<Desk>,
    session: SignedIn,
    shell: Shell,
    Id((word, id)): Id<(String, ApplicationId)>,
) -> Answer {
    let staff = &session.staff;
    let opened = load_to_review(&desk, staff, (&word, id)).await?;
    let shell = match done(&shell) {
        Some(notice) => shell.with_notice(notice),
        None => shell,
    };
    Ok(Page(page(&desk, staff, shell, opened).await?).into_response())
}

fn done(shell: &Shell) -> Option<Notice> {
    match shell.done()? {
        "kept" => Some(Notice::success("メモを残し、担当の時間を延ばしました")),
        "undone" => Some(Notice::success("判定を取り消しました").text("この申請は、またあなたの担当です。")),
        "taken" => Some(Notice::info("この申請は、ほかの人が先に開いています")),
        _ => None,
    }
}

async fn page(desk: &Desk, staff: &Staff, shell: Shell, opened: Opened) -> Result<ReviewPage, PageError> {
    let Opened {
        application,
        row,
        document,
    } = opened;
    let (db, org, now, id) = (&desk.db, staff.org, desk.db.now(), application.id);
    let reviews = store::reviews(db, org, id).await.map_err(failed)?;
    let people = people(desk, staff, &application, &reviews).await?;
    let stands = stands(&application, staff.id, now, &people, |decision| {
        decided(&document, decision)
    });
    let twins = store::twins(db, org, id).await.map_err(failed)?;
    let pictures = photos(desk, staff, (&application, &document)).await?;
    let keys = store::keys_on(db, org, staff.id).await.map_err(failed)?;
    let mut last = store::last_decisions(db, org, staff.id).await.map_err(failed)?;
    last.retain(|one| one.undo_until.is_some());
    last.truncate(1);
    let queue = store::ready_count(db, org, row.id).await.map_err(failed)?;
    let shows_name = document.document().review.shows_name;
    let mine = matches!(stands, Stands::Mine { .. });
    Ok(ReviewPage {
        desk: row.key.to_string(),
        desk_name: row.name,
        id,
        reference: application.reference.to_string(),
        chip: chip(&application),
        queue: waiting(queue, now),
        first: pictures.first().map(|one| one.preview().to_owned()),
        facts: Facts::of(&application, &document, &twins, (now, shows_name)),
        choices: Choices::of(&document),
        comment: if mine {
            typed(&reviews, staff.id)
        } else {
            String::new()
        },
        notes: notes(&reviews, &people, mine.then_some(staff.id)),
        last: lines(desk, org, last).await?.pop(),
        ahead: if mine {
            ahead(desk, staff, application.desk).await?
        } else {
            String::new()
        },
        keys,
        viewer: Viewer::new(pictures, keys),
        stands,
        shell: shell.titled(format!("判定 {}", application.reference)),
    })
}

/// The pictures of what is set aside for this person. Nothing else of it is on the page.
async fn ahead(desk: &Desk, staff: &Staff, at: base::id::DeskId) -> Result<String, PageError> {
    let next = store::ahead_of(&desk.db, staff.org, at, staff.id)
        .await
        .map_err(failed)?;
    let Some(next) = next else {
        return Ok(String::new());
    };
    let Some(application) = store::application(&desk.db, staff.org, next)
        .await
        .map_err(failed)?
    else {
        return Ok(String::new());
    };
    let version = (application.desk, application.version);
    let document = store::document(&desk.db, staff.org, version)
        .await
        .map_err(failed)?;
    let Some(document) = document else {
        return Ok(String::new());
    };
    let pictures = photos(desk, staff, (&application, &document)).await?;
    let addresses: Vec<&str> = pictures.iter().map(web::ui::Picture::preview).collect();
    Ok(addresses.join(" "))
}

pub(super) async fn people(
    desk: &Desk,
    staff: &Staff,
    application: &Application,
    reviews: &[Review],
) -> Result<People, PageError> {
    let reviewers = reviews.iter().map(|review| review.by);
    let holder = application.lease.map(|lease| lease.by);
    let decider = application.decided.as_ref().map(|decided| decided.by);
    People::of(desk, staff.org, reviewers.chain(holder).chain(decider)).await
}

pub(super) fn stands(
    application: &Application,
    staff: StaffId,
    now: Millis,
    people: &People,
    label: impl Fn(&crate::document::Decision) -> String,
) -> Stands {
    if application.state != Where::Ready {
        return Stands::Otherwise(match &application.decided {
            Some(made) => format!(
                "{}さんが「{}」と判定しています。",
                people.name(made.by),
                label(&made.decision)
            ),
            None => application.state.advice().to_owned(),
        });
    }
    if application.parked.is_some() {
        return Stands::Free;
    }
    match application.lease {
        // A lease whose time is over is good as long as nobody else has taken it.
        Some(lease) if lease.by == staff => Stands::Mine {
            review: lease.review,
            seconds: ((lease.until - now) / SECOND).max(0),
        },
        Some(lease) if now < lease.until => Stands::Held {
            by: people.name(lease.by),
            until: lease.until,
            minutes: ((lease.until - now) / (60 * SECOND)) + 1,
        },
        _ => Stands::Free,
    }
}

fn typed(reviews: &[Review], staff: StaffId) -> String {
    let mut own = reviews.iter().filter(|review| review.by == staff);
    let found = own.find_map(|review| review.comment.clone());
    found.unwrap_or_default()
}

/// What was typed before; the words that `writer` goes on with stand in the field.
pub(super) fn notes(reviews: &[Review], people: &People, writer: Option<StaffId>) -> Vec<Note> {
    let mut written: Vec<&Review> = reviews
        .iter()
        .filter(|review| {
            review
                .comment
                .as_deref()
                .is_some_and(|words| !words.trim().is_empty())
        })
        .collect();
    if let Some(writer) = writer
        && let Some(at) = written.iter().position(|review| review.by == writer)
    {
        written.remove(at);
    }
    let note = |review: &Review| Note {
        at: review.begun_at,
        by: people.name(review.by),
        words: review.comment.clone().unwrap_or_default(),
    };
    written.into_iter().map(note).collect()
}
