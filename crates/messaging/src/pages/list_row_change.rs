//! What the forms of a single row have in common: whose list it is, what became of the wish, where to go next.

use accounts::SignedIn;
use axum::response::IntoResponse;
use base::id::ListId;
use lists::store::{RowAnswer, RowWish, change_row};
use web::{PageError, after_post_with};

use super::list_judged::open_head;
use super::{Answer, Desk, failed};

/// Carries out a wish and leads to `next` with the word for it.
pub(super) async fn carry_out(
    desk: &Desk,
    session: &SignedIn,
    (list, line): (ListId, u32),
    wish: RowWish,
    next: &str,
    done: &'static str,
) -> Answer {
    let staff = &session.staff;
    open_head(desk, staff, list).await?;
    let answer = change_row(&desk.db, staff.org, list, line, wish, staff.id)
        .await
        .map_err(failed)?;
    match answer {
        RowAnswer::Done => Ok(after_post_with(next, done).into_response()),
        RowAnswer::Unchanged => Ok(after_post_with(next, "unchanged").into_response()),
        RowAnswer::Overtaken => Err(PageError::conflict(
            format!("{line}行目は、ほかの人が先に直しました。今回の内容は保存していません。"),
            "リストの検査結果を開き直して、今の内容を確かめてください。",
        )),
        RowAnswer::Gone => Err(PageError::NotFound),
    }
}

/// The list's page, at the part of its rows to mend that was open.
pub(super) fn rows_page(list: ListId, page: &str) -> String {
    match page.parse::<u64>() {
        Ok(page) if page > 1 => format!("/lists/{list}?view=rows&page={page}"),
        _ => format!("/lists/{list}"),
    }
}
