//! `POST /lists/{id}/rows/{line}/exclude`: leaves one row out, with the reason that is kept.

use accounts::SignedIn;
use axum::extract::State;
use base::id::ListId;
use lists::store::RowWish;
use serde::Deserialize;
use web::{CsrfForm, PageError};

use super::list_row_change::{carry_out, rows_page};
use super::{Answer, Desk, Id};
use crate::limits;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Form {
    reason: String,
    #[serde(default)]
    page: String,
}

pub(super) async fn submit(
    State(desk): State<Desk>,
    session: SignedIn,
    Id((list, line)): Id<(ListId, u32)>,
    CsrfForm(form): CsrfForm<Form>,
) -> Answer {
    let reason = form.reason.trim().to_owned();
    if reason.is_empty() {
        return Err(PageError::rejected(
            "除外する理由が書かれていません。何も変更していません。",
            "前の画面に戻り、理由を書いてからもう一度除外してください。",
        ));
    }
    if reason.chars().count() > limits::EXCLUSION_LETTERS {
        return Err(PageError::rejected(
            format!(
                "理由が長すぎます。{}文字まで入力できます。何も変更していません。",
                limits::EXCLUSION_LETTERS
            ),
            "前の画面に戻り、短くしてからもう一度除外してください。",
        ));
    }
    let next = rows_page(list, &form.page);
    carry_out(
        &desk,
        &session,
        (list, line),
        RowWish::Exclude(reason),
        &next,
        "excluded",
    )
    .await
}
