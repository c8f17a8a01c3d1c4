//! `POST /lists/{id}/choices`: a decision about a list, kept with its person and time.

use accounts::SignedIn;
use axum::extract::State;
use axum::response::IntoResponse;
use base::id::ListId;
use lists::check::needs_a_look;
use lists::choice::{Choice, Household, LetterChoice};
use lists::code::Code;
use lists::store::choose;
use serde::Deserialize;
use web::{CsrfForm, PageError, after_post_with};

use super::list_judged::{open_head, withdrawn};
use super::{Answer, Desk, Id, failed};
use crate::limits::REASON_LETTERS;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Form {
    choice: String,
    /// Of a warning that was looked at.
    #[serde(default)]
    code: String,
    /// A row number of the sheet; nothing for all rows.
    #[serde(default)]
    line: String,
    #[serde(default)]
    reason: String,
    /// The page of people written to before that was open.
    #[serde(default)]
    page: String,
}

pub(super) async fn submit(
    State(desk): State<Desk>,
    session: SignedIn,
    Id(id): Id<ListId>,
    CsrfForm(form): CsrfForm<Form>,
) -> Answer {
    let staff = &session.staff;
    open_head(&desk, staff, id).await?;
    let choice = form.choice()?;
    let kept = choose(&desk.db, staff.org, id, &choice, staff.id);
    if !kept.await.map_err(failed)? {
        return Err(withdrawn());
    }
    let (done, contacted) = match choice {
        Choice::Looked(_) => ("looked", false),
        Choice::Household(_) | Choice::Letters(_) => ("chosen", false),
        Choice::Again { .. } => ("again", true),
        Choice::NotAgain { .. } => ("not-again", true),
    };
    let next = match form.page.parse::<u64>() {
        Ok(page) if contacted => format!("/lists/{id}?view=contacted&page={page}"),
        _ => format!("/lists/{id}"),
    };
    Ok(after_post_with(&next, done).into_response())
}

impl Form {
    fn choice(&self) -> Result<Choice, PageError> {
        Ok(match self.choice.as_str() {
            "household_each" => Choice::Household(Household::Each),
            "household_once" => Choice::Household(Household::Once),
            "letters_keep" => Choice::Letters(LetterChoice::Keep),
            "letters_replace" => Choice::Letters(LetterChoice::Replace),
            "again" => Choice::Again {
                line: self.line()?,
                reason: self.reason()?,
            },
            "not_again" => Choice::NotAgain { line: self.line()? },
            "looked" => Choice::Looked(self.code()?),
            _ => return Err(PageError::Unreadable),
        })
    }

    fn line(&self) -> Result<Option<u32>, PageError> {
        if self.line.is_empty() {
            return Ok(None);
        }
        self.line.parse().map(Some).map_err(|_| PageError::Unreadable)
    }

    fn code(&self) -> Result<Code, PageError> {
        let known = Code::ALL
            .iter()
            .find(|code| code.code() == self.code && needs_a_look(**code));
        known.copied().ok_or(PageError::Unreadable)
    }

    fn reason(&self) -> Result<String, PageError> {
        let reason = self.reason.trim();
        if reason.is_empty() {
            return Err(PageError::rejected(
                "もう一度送る理由が書かれていません。何も変更していません。",
                "前の画面に戻り、理由を書いてからもう一度選んでください。",
            ));
        }
        if reason.chars().count() > REASON_LETTERS {
            return Err(PageError::rejected(
                format!("理由が長すぎます。{REASON_LETTERS}文字まで入力できます。何も変更していません。"),
                "前の画面に戻り、短くしてからもう一度選んでください。",
            ));
        }
        Ok(reason.to_owned())
    }
}
