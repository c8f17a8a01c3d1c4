//! `GET /a/{token}/birth`, `POST /a/{token}/birth`, for residents: the birth date, in 西暦 or 和暦. It opens the result
//! later, and some desks are for some ages only.

use axum::Form;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, Uri};
use axum::response::Response;

use super::apply::{ApplyDesk, Holder};
use super::apply_fields::{BIRTH, birth};
use super::apply_step::{Body, Part, is_from_check};
use super::apply_turn::Answer;
use super::form_start::birth_date;
use crate::application::Stage;
use crate::form::{Shown, Typed, Word};

pub(super) async fn show(
    State(desk): State<ApplyDesk>,
    Path(token): Path<String>,
    headers: HeaderMap,
    address: Uri,
) -> Response {
    let shown = desk.birth(&token, &headers, &address).await;
    desk.answered(shown).await
}

pub(super) async fn submit(
    State(desk): State<ApplyDesk>,
    Path(token): Path<String>,
    headers: HeaderMap,
    Form(fields): Form<Vec<(String, String)>>,
) -> Response {
    let next = desk.take_birth(&token, &headers, Typed::from(fields)).await;
    desk.answered(next).await
}

impl ApplyDesk {
    async fn birth(&self, token: &str, headers: &HeaderMap, address: &Uri) -> Answer {
        let holder = self.asked(token, headers, &Stage::Birth).await?;
        let mut typed = Typed::default();
        if let Some(day) = holder.application.content.applicant.birth {
            typed.put(format!("{BIRTH}-year"), day.year().to_string());
            typed.put(format!("{BIRTH}-month"), day.month().to_string());
            typed.put(format!("{BIRTH}-day"), day.day().to_string());
        }
        let body = body(&holder, &typed, None);
        self.step(&holder, &Stage::Birth, is_from_check(address), body)
            .await
    }

    async fn take_birth(&self, token: &str, headers: &HeaderMap, typed: Typed) -> Answer {
        let came = self.receive(token, headers, &Stage::Birth, typed).await?;
        let (mut holder, typed) = (came.holder, came.typed);
        let read = birth_date(&typed, self.db.now());
        if came.only_shows {
            let body = body(&holder, &typed, None);
            return self.step(&holder, &Stage::Birth, came.from_check, body).await;
        }
        match read {
            Ok(day) => {
                let content = &mut holder.application.content;
                // Another day than the one that the link knew.
                content.known_by_link &= content.applicant.birth == Some(day);
                content.applicant.birth = Some(day);
                self.keep(holder, &Stage::Birth, came.from_check).await
            }
            Err((field, problem)) => {
                let mistake = (field, problem.shown(holder.language));
                let body = body(&holder, &typed, Some(mistake));
                self.step(&holder, &Stage::Birth, came.from_check, body).await
            }
        }
    }
}

fn body(holder: &Holder, typed: &Typed, mistake: Option<(String, Shown)>) -> Body {
    let page = holder.language;
    let title = Word::BirthDate.shown(page);
    let help = vec![Word::BirthHelp.shown(page), Word::BirthWhy.shown(page)];
    let control = birth((title.clone(), help), true, typed, mistake.as_ref(), page);
    Body {
        alone: true,
        mistakes: mistake.into_iter().collect(),
        ..Body::new(title, vec![Part::Field(Box::new(control))])
    }
}
