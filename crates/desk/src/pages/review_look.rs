//! `GET /review/{desk}/looks`, `GET|POST /review/{desk}/looks/{id}`: somebody else judges once more, without knowing what
//! was judged first; then both stand side by side.

use accounts::{SignedIn, Staff};
use askama::Template;
use axum::extract::State;
use axum::response::IntoResponse;
use base::clock::Millis;
use base::id::ApplicationId;
use messaging::pages::{Answer, Desk, failed};
use serde::Deserialize;
use web::ui::{Notice, Viewer};
use web::{CsrfForm, Id, Page, PageError, Shell, after_post_with};

use super::review_act::comment;
use super::review_choices::{Choices, Pressed};
use super::review_facts::Facts;
use super::review_load::{Opened, People, desk_to_review, load_to_review};
use super::review_photos::photos;
use super::review_words::{ago, decided};
use crate::application::{Decided, SecondLook, State as Where};
use crate::store::{self, Done, Look};

#[derive(Template)]
#[template(path = "review_looks.html")]
struct LooksPage {
    shell: Shell,
    desk: String,
    desk_name: String,
    lines: Vec<Line>,
}

struct Line {
    id: ApplicationId,
    reference: String,
    waited: String,
}

#[derive(Template)]
#[template(path = "review_look.html")]
struct LookPage {
    shell: Shell,
    desk: String,
    id: ApplicationId,
    reference: String,
    viewer: Viewer,
    first: Option<String>,
    facts: Facts,
    choices: Choices,
    keys: bool,
    number: i64,
    /// What both think, once this person has said it.
    both: Option<Both>,
}

struct Both {
    agrees: bool,
    first: (String, String, Millis),
    own: (String, String),
}

/// Whether this person may judge once more: somebody else did, and it is still wanted.
pub(super) fn is_wanted(decided: Option<&Decided>, state: Where, staff: &Staff) -> bool {
    decided.is_some_and(|made| {
        made.second_look == Some(SecondLook::Wanted) && made.by != staff.id && state == Where::Final
    })
}

pub(super) async fn list(
    State(desk): State<Desk>,
    session: SignedIn,
    shell: Shell,
    Id(word): Id<String>,
) -> Answer {
    let (staff, now) = (&session.staff, desk.db.now());
    let open = desk_to_review(&desk, staff, &word).await?;
    let which = (open.row.id, SecondLook::Wanted);
    let wanted = store::looks_wanted(&desk.db, staff.org, which, staff.id).await;
    let shell = match shell.done() {
        Some("looked") => shell.with_notice(Notice::success("二人目の判定を記録しました")),
        Some("over") => {
            let over = Notice::info("この確認は、ほかの人が済ませています");
            shell.with_notice(over.text("あなたの判定は記録していません。"))
        }
        _ => shell,
    };
    let page = LooksPage {
        desk: word,
        lines: wanted
            .map_err(failed)?
            .iter()
            .map(|one| Line {
                id: one.id,
                reference: one.reference.to_string(),
                waited: one
                    .decided
                    .as_ref()
                    .map_or_else(String::new, |made| ago(made.at, now)),
            })
            .collect(),
        shell: shell.titled(format!("{}: 二人目の確認", open.row.name)),
        desk_name: open.row.name,
    };
    Ok(Page(page).into_response())
}

pub(super) async fn show(
    State(desk): State<Desk>,
    session: SignedIn,
    shell: Shell,
    Id((word, id)): Id<(String, ApplicationId)>,
) -> Answer {
    let (staff, now) = (&session.staff, desk.db.now());
    let opened = load_to_review(&desk, staff, (&word, id)).await?;
    let made = opened.application.decided.clone().ok_or(PageError::NotFound)?;
    let both = both(&desk, staff, &opened, &made).await?;
    if both.is_none() && !is_wanted(Some(&made), opened.application.state, staff) {
        return Err(PageError::conflict(
            "この申請の二人目の確認は、済んでいるか、あなたにはできません。",
            "自分の判定は確かめられません。一覧に戻り、ほかの申請を開いてください。",
        ));
    }
    let Opened {
        application,
        document,
        ..
    } = &opened;
    let twins = store::twins(&desk.db, staff.org, id).await.map_err(failed)?;
    let pictures = photos(&desk, staff, (application, document)).await?;
    let keys = store::keys_on(&desk.db, staff.org, staff.id)
        .await
        .map_err(failed)?;
    let shows_name = document.document().review.shows_name;
    let page = LookPage {
        desk: word,
        id,
        reference: application.reference.to_string(),
        first: pictures.first().map(|one| one.preview().to_owned()),
        viewer: Viewer::new(pictures, keys),
        facts: Facts::of(application, document, &twins, (now, shows_name)),
        choices: Choices::of(document),
        keys,
        number: made.number,
        both,
        shell: shell.titled(format!("二人目の確認 {}", application.reference)),
    };
    Ok(Page(page).into_response())
}

/// Both opinions, if this person has given theirs.
async fn both(
    desk: &Desk,
    staff: &Staff,
    opened: &Opened,
    made: &Decided,
) -> Result<Option<Both>, PageError> {
    let looks = store::looks(&desk.db, staff.org, opened.application.id)
        .await
        .map_err(failed)?;
    let own = looks
        .into_iter()
        .find(|look| look.by == staff.id && look.number == made.number);
    let Some(own) = own else { return Ok(None) };
    let people = People::of(desk, staff.org, [made.by]).await?;
    Ok(Some(Both {
        agrees: own.agrees,
        first: (
            decided(&opened.document, &made.decision),
            people.name(made.by),
            made.at,
        ),
        own: (
            decided(&opened.document, &own.opinion),
            own.comment.unwrap_or_default(),
        ),
    }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Form {
    number: i64,
    comment: String,
    act: String,
}

pub(super) async fn submit(
    State(desk): State<Desk>,
    session: SignedIn,
    Id((word, id)): Id<(String, ApplicationId)>,
    CsrfForm(form): CsrfForm<Form>,
) -> Answer {
    let staff = &session.staff;
    let opened = load_to_review(&desk, staff, (&word, id)).await?;
    let Some(Pressed::Decision(decision)) = Pressed::read(&form.act) else {
        return Err(PageError::Unreadable);
    };
    let words = comment(&form.comment)?.unwrap_or_default();
    let list = format!("/review/{word}/looks");
    if !is_wanted(
        opened.application.decided.as_ref(),
        opened.application.state,
        staff,
    ) {
        return Ok(after_post_with(&list, "over").into_response());
    }
    let look = (Look::Opinion(decision), words);
    let done = store::look(
        &desk.db,
        staff.org,
        (id, form.number),
        look,
        staff.id,
        &opened.document,
    )
    .await
    .map_err(failed)?;
    Ok(match done {
        Done::Done(_) => after_post_with(&format!("{list}/{id}"), "looked"),
        Done::Unknown => return Err(PageError::Unreadable),
        Done::Missing => return Err(PageError::NotFound),
        Done::Lost(_) | Done::Otherwise(_) => after_post_with(&list, "over"),
    }
    .into_response())
}
