//! `POST /review/{desk}/{id}/act`: what was pressed is done, and the next application is shown at once. Whoever was
//! overtaken learns what happened instead, and what they typed is kept.

use accounts::{SignedIn, Staff};
use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use base::id::ApplicationId;
use messaging::pages::{Answer, Desk, failed};
use serde::Deserialize;
use web::ui::Notice;
use web::{CsrfForm, Id, Page, PageError, Shell, after_post_with};

use super::review_choices::Pressed;
use super::review_load::{Opened, load_to_review};
use super::review_next::open_next;
use super::review_show::{Stands, people, stands};
use super::review_words::decided;
use crate::limits::COMMENT_LETTERS;
use crate::store::{self, Act, Done, Mine};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Form {
    review: i64,
    comment: String,
    act: String,
}

/// Somebody else was faster.
#[derive(Template)]
#[template(path = "review_conflict.html")]
struct Conflict {
    shell: Shell,
    desk: String,
    id: ApplicationId,
    reference: String,
    notice: Notice,
    comment: String,
    /// Nobody has it, so it can be taken up again.
    is_free: bool,
    keys: bool,
}

pub(super) async fn submit(
    State(desk): State<Desk>,
    session: SignedIn,
    shell: Shell,
    Id((word, id)): Id<(String, ApplicationId)>,
    CsrfForm(form): CsrfForm<Form>,
) -> Answer {
    let staff = &session.staff;
    let opened = load_to_review(&desk, staff, (&word, id)).await?;
    let act = read(&form.act)?;
    let comment = comment(&form.comment)?;
    accounts::audit::note(form.act.clone());
    let mine = Mine {
        id,
        review: form.review,
        staff: staff.id,
    };
    let goes_on = act != Act::GiveBack;
    // An emptied field is what was typed, too; whoever telephones is told something in any case.
    let kept = comment.clone().or_else(|| (act != Act::Phone).then(String::new));
    let done = store::act(&desk.db, staff.org, mine, (act, kept), &opened.document)
        .await
        .map_err(failed)?;
    match done {
        Done::Done(_) if goes_on => {
            let at = (opened.row.id, word.as_str());
            Ok(open_next(&desk, staff, at, "last").await?.into_response())
        }
        Done::Done(_) => Ok(after_post_with(&format!("/review/{word}"), "back").into_response()),
        Done::Lost(_) | Done::Otherwise(_) => {
            conflict(&desk, staff, shell, (&word, id), comment.unwrap_or_default()).await
        }
        Done::Unknown => Err(PageError::Unreadable),
        Done::Missing => Err(PageError::NotFound),
    }
}

fn read(word: &str) -> Result<Act, PageError> {
    match Pressed::read(word) {
        Some(Pressed::Decision(decision)) => Ok(Act::Decide(decision)),
        Some(Pressed::Other(key)) => match key.as_str() {
            "hold" => Ok(Act::Hold),
            "phone" => Ok(Act::Phone),
            "back" => Ok(Act::GiveBack),
            _ => Err(PageError::Unreadable),
        },
        None => Err(PageError::Unreadable),
    }
}

/// What was typed; nothing if there is nothing.
pub(super) fn comment(typed: &str) -> Result<Option<String>, PageError> {
    let typed = typed.trim();
    if typed.chars().count() > COMMENT_LETTERS {
        return Err(PageError::rejected(
            format!("メモが長すぎます。{COMMENT_LETTERS}文字まで入力できます。何も変更していません。"),
            "前の画面に戻り、短くしてから、もう一度操作してください。",
        ));
    }
    Ok((!typed.is_empty()).then(|| typed.to_owned()))
}

/// As it stands by now.
pub(super) async fn conflict(
    desk: &Desk,
    staff: &Staff,
    shell: Shell,
    (word, id): (&str, ApplicationId),
    comment: String,
) -> Result<Response, PageError> {
    let Opened {
        application,
        document,
        ..
    } = load_to_review(desk, staff, (word, id)).await?;
    let people = people(desk, staff, &application, &[]).await?;
    let now = desk.db.now();
    let stands = stands(&application, staff.id, now, &people, |decision| {
        decided(&document, decision)
    });
    let notice = match &stands {
        Stands::Held { by, until, minutes } => Notice::warning(format!("{by}さんが確認中です（残り{minutes}分）"))
            .text(format!(
                "あなたの担当の時間が終わったあと、{by}さんが開きました（{}まで）。今回の判定は記録していません。",
                web::time::JapanTime::from_millis(*until).clock()
            )),
        Stands::Otherwise(what) => Notice::warning(what).text("今回の判定は記録していません。"),
        Stands::Mine { .. } | Stands::Free => Notice::warning("この申請の担当が変わっていました")
            .text("今回の判定は記録していません。開き直すと、あなたが判定できます。"),
    };
    let page = Conflict {
        desk: word.to_owned(),
        id,
        reference: application.reference.to_string(),
        notice,
        comment,
        is_free: matches!(stands, Stands::Free | Stands::Mine { .. }),
        keys: store::keys_on(&desk.db, staff.org, staff.id)
            .await
            .map_err(failed)?,
        shell: shell.titled("ほかの人が先に操作しました"),
    };
    Ok((StatusCode::CONFLICT, Page(page)).into_response())
}
