//! `GET /lists/new`: which text, which list, how a list should look, and what today's lists are compared with.

use accounts::{SignedIn, Staff};
use askama::Template;
use axum::extract::{Query, State};
use axum::response::IntoResponse;
use base::clock::{DAY, Millis, japan_midnight};
use base::id::ListId;
use lists::store::references_between;
use serde::Deserialize;
use web::ui::{DropZone, Notice};
use web::{Errors, Page, PageError, Shell};

use super::list_form::{UploadForm, accepted, upload_form};
use super::{Answer, Desk, failed, list_day_reference, names};

/// What the address asks for.
#[derive(Deserialize)]
pub(super) struct Asked {
    /// A text that is chosen already.
    #[serde(default)]
    template: String,
}

#[derive(Template)]
#[template(path = "list_new.html")]
pub(super) struct NewListPage {
    shell: Shell,
    form: UploadForm,
    daily: DropZone,
    references: Vec<Reference>,
}

/// A list of today to compare with.
struct Reference {
    id: ListId,
    file_name: String,
    rows: u32,
    at: Millis,
    by: String,
}

pub(super) async fn show(
    State(desk): State<Desk>,
    session: SignedIn,
    Query(asked): Query<Asked>,
    shell: Shell,
) -> Answer {
    let shell = match shell.done().and_then(done) {
        Some(notice) => shell.with_notice(notice),
        None => shell,
    };
    let page = new_list_page(&desk, &session.staff, shell, &asked.template, Errors::default()).await?;
    Ok(Page(page).into_response())
}

/// What the action before did.
fn done(word: &str) -> Option<Notice> {
    match word {
        "reference" => Some(
            Notice::success("照合用のリストを登録しました")
                .text("今日この部署が選ぶリストを、このリストと1行ずつ見比べます。"),
        ),
        "reference-withdrawn" => Some(Notice::success("照合用のリストを取り下げました")),
        _ => None,
    }
}

/// The page with one text chosen.
pub(super) async fn new_list_page(
    desk: &Desk,
    staff: &Staff,
    shell: Shell,
    chosen: &str,
    errors: Errors,
) -> Result<NewListPage, PageError> {
    let form = upload_form(desk, staff, chosen, &errors).await?;
    let (limit, endings) = accepted();
    let daily = DropZone::new(
        list_day_reference::FILE,
        "照合用のファイルをここに置く",
        &limit,
        endings,
    );
    Ok(NewListPage {
        form,
        daily: daily.with_submit("登録する").errors(&errors),
        references: references(desk, staff).await?,
        shell: shell.titled("リストを選ぶ").with_errors(errors),
    })
}

async fn references(desk: &Desk, staff: &Staff) -> Result<Vec<Reference>, PageError> {
    let day = japan_midnight(desk.db.now());
    let today = references_between(&desk.db, staff.org, Some(staff.office), day, day + DAY);
    let today = today.await.map_err(failed)?;
    let people = names(desk, staff.org, today.iter().map(|one| one.uploaded_by)).await?;
    let shown = today.into_iter().map(|one| Reference {
        id: one.id,
        rows: one.rows,
        at: one.uploaded_at,
        by: people.of(one.uploaded_by),
        file_name: one.file_name,
    });
    Ok(shown.collect())
}
