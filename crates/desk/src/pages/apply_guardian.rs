//! `GET /a/{token}/guardian`, `POST /a/{token}/guardian`, for residents: who applies for a child.

use axum::Form;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, Uri};
use axum::response::Response;

use super::apply::{ApplyDesk, Holder};
use super::apply_fields::Line;
use super::apply_step::{Body, Part, is_from_check};
use super::apply_turn::Answer;
use crate::application::Stage;
use crate::form::read::one_line;
use crate::form::{Shown, Typed, Word};
use crate::limits::TEXT_LETTERS;

pub(super) async fn show(
    State(desk): State<ApplyDesk>,
    Path(token): Path<String>,
    headers: HeaderMap,
    address: Uri,
) -> Response {
    let shown = desk.guardian(&token, &headers, &address).await;
    desk.answered(shown).await
}

pub(super) async fn submit(
    State(desk): State<ApplyDesk>,
    Path(token): Path<String>,
    headers: HeaderMap,
    Form(fields): Form<Vec<(String, String)>>,
) -> Response {
    let taken = desk.take_guardian(&token, &headers, Typed::from(fields)).await;
    desk.answered(taken).await
}

impl ApplyDesk {
    async fn guardian(&self, token: &str, headers: &HeaderMap, address: &Uri) -> Answer {
        let holder = self.asked(token, headers, &Stage::Guardian).await?;
        let mut typed = Typed::default();
        typed.put(
            "guardian",
            holder
                .application
                .content
                .applicant
                .guardian
                .as_deref()
                .unwrap_or_default(),
        );
        let body = body(&holder, &typed, Vec::new());
        self.step(&holder, &Stage::Guardian, is_from_check(address), body)
            .await
    }

    async fn take_guardian(&self, token: &str, headers: &HeaderMap, typed: Typed) -> Answer {
        let came = self.receive(token, headers, &Stage::Guardian, typed).await?;
        let page = came.holder.language;
        let (mut holder, typed) = (came.holder, came.typed);
        let mistake = match one_line(typed.get("guardian"), TEXT_LETTERS) {
            _ if came.only_shows => None,
            Ok(Some(name)) => {
                holder.application.content.applicant.guardian = Some(name);
                return self.keep(holder, &Stage::Guardian, came.from_check).await;
            }
            Ok(None) => Some(Word::ErrNoName.shown(page)),
            Err(problem) => Some(problem.shown(page)),
        };
        let mistakes = mistake.map(|problem| ("guardian".to_owned(), problem));
        let body = body(&holder, &typed, mistakes.into_iter().collect());
        self.step(&holder, &Stage::Guardian, came.from_check, body).await
    }
}

fn body(holder: &Holder, typed: &Typed, mistakes: Vec<(String, Shown)>) -> Body {
    let page = holder.language;
    let title = Word::GuardianTitle.shown(page);
    let line = Line::new("guardian", title.clone(), "name").alone();
    let line = line.help(Word::GuardianHelp.shown(page));
    let control = line.control(typed, &mistakes, page);
    Body {
        alone: true,
        mistakes,
        ..Body::new(title, vec![Part::Field(Box::new(control))])
    }
}
