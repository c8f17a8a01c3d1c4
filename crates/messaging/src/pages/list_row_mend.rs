//! `POST /lists/{id}/rows/{line}`: puts cells of one row right. Whether they are right now is said by the check
//! that follows.

use accounts::SignedIn;
use axum::extract::State;
use base::id::ListId;
use base::limits::LIST_COLUMNS;
use lists::store::RowWish;
use web::{CsrfForm, PageError};

use super::list_row_change::{carry_out, rows_page};
use super::{Answer, Desk, Id};
use crate::limits;

pub(super) async fn submit(
    State(desk): State<Desk>,
    session: SignedIn,
    Id((list, line)): Id<(ListId, u32)>,
    CsrfForm(fields): CsrfForm<Vec<(String, String)>>,
) -> Answer {
    let mut page = String::new();
    // A page has a form for each of its rows; the name says which row a field belongs to.
    let of_row = format!("row{line}-column");
    let (mut cells, mut seen) = (Vec::new(), None);
    for (name, value) in fields {
        match (name.as_str(), name.strip_prefix(&of_row)) {
            ("page", _) => page = value,
            ("seen", _) => seen = value.parse().ok(),
            (_, Some(column)) => cells.push(cell(column, &value)?),
            _ => return Err(PageError::Unreadable),
        }
    }
    let seen = seen.ok_or(PageError::Unreadable)?;
    let wish = RowWish::Mend { cells, seen };
    carry_out(
        &desk,
        &session,
        (list, line),
        wish,
        &rows_page(list, &page),
        "mended",
    )
    .await
}

fn cell(column: &str, value: &str) -> Result<(usize, String), PageError> {
    let column: usize = column.parse().map_err(|_| PageError::Unreadable)?;
    if column >= LIST_COLUMNS {
        return Err(PageError::Unreadable);
    }
    if value.chars().count() > limits::CELL_LETTERS {
        return Err(PageError::rejected(
            format!(
                "セルの値が長すぎます。{}文字まで入力できます。",
                limits::CELL_LETTERS
            ),
            "前の画面に戻り、短くしてからもう一度直してください。何も変更していません。",
        ));
    }
    // Browsers send every newline of a field of several lines as two letters.
    Ok((column, value.replace("\r\n", "\n")))
}
