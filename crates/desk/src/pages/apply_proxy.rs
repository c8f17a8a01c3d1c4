//! `GET /a/{token}/proxy`, `POST /a/{token}/proxy`, for residents: who fills it in, the person or somebody for them.

use axum::Form;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, Uri};
use axum::response::Response;

use super::apply::{ApplyDesk, Holder};
use super::apply_fields::{Line, choice};
use super::apply_step::{Body, Part, is_from_check};
use super::apply_turn::Answer;
use crate::application::{FilledIn, Relation, Stage};
use crate::form::read::one_line;
use crate::form::{Shown, Typed, Word};
use crate::limits::TEXT_LETTERS;

/// The fields: who, and the name of whoever does it for the person.
const BY: &str = "by";
const NAME: &str = "proxy-name";
/// The person.
const OWN: &str = "own";

pub(super) async fn show(
    State(desk): State<ApplyDesk>,
    Path(token): Path<String>,
    headers: HeaderMap,
    address: Uri,
) -> Response {
    let shown = desk.proxy(&token, &headers, &address).await;
    desk.answered(shown).await
}

pub(super) async fn submit(
    State(desk): State<ApplyDesk>,
    Path(token): Path<String>,
    headers: HeaderMap,
    Form(fields): Form<Vec<(String, String)>>,
) -> Response {
    let next = desk.take_proxy(&token, &headers, Typed::from(fields)).await;
    desk.answered(next).await
}

impl ApplyDesk {
    async fn proxy(&self, token: &str, headers: &HeaderMap, address: &Uri) -> Answer {
        let holder = self.asked(token, headers, &Stage::Proxy).await?;
        let mut typed = Typed::default();
        match &holder.application.content.applicant.filled_in {
            Some(FilledIn::Own) => typed.put(BY, OWN),
            Some(FilledIn::Proxy { relation, name }) => {
                typed.put(BY, relation.code());
                typed.put(NAME, name.as_str());
            }
            None => {}
        }
        let body = body(&holder, &typed, Vec::new());
        self.step(&holder, &Stage::Proxy, is_from_check(address), body)
            .await
    }

    async fn take_proxy(&self, token: &str, headers: &HeaderMap, typed: Typed) -> Answer {
        let came = self.receive(token, headers, &Stage::Proxy, typed).await?;
        let page = came.holder.language;
        let (mut holder, typed) = (came.holder, came.typed);
        let mut mistakes = Vec::new();
        if !came.only_shows {
            match told(&typed) {
                Ok(by) => {
                    holder.application.content.applicant.filled_in = Some(by);
                    return self.keep(holder, &Stage::Proxy, came.from_check).await;
                }
                Err((field, problem)) => mistakes.push((field.to_owned(), problem.shown(page))),
            }
        }
        let body = body(&holder, &typed, mistakes);
        self.step(&holder, &Stage::Proxy, came.from_check, body).await
    }
}

fn told(typed: &Typed) -> Result<FilledIn, (&'static str, Word)> {
    let relation = match typed.get(BY) {
        "" => return Err((BY, Word::ErrNothingChosen)),
        OWN => return Ok(FilledIn::Own),
        code => Relation::ALL.into_iter().find(|one| one.code() == code),
    };
    let relation = relation.ok_or((BY, Word::ErrNotAnOption))?;
    match one_line(typed.get(NAME), TEXT_LETTERS) {
        Ok(Some(name)) => Ok(FilledIn::Proxy { relation, name }),
        _ => Err((NAME, Word::ErrNoProxyName)),
    }
}

fn body(holder: &Holder, typed: &Typed, mistakes: Vec<(String, Shown)>) -> Body {
    let page = holder.language;
    let mut options = vec![(OWN.to_owned(), Word::ProxyOwn.shown(page))];
    let relations = Relation::ALL.into_iter();
    options.extend(relations.map(|one| (one.code().to_owned(), one.word().shown(page))));
    let about = (BY, Word::ProxyLabel.shown(page), Vec::new());
    let name = Line::new(NAME, Word::ProxyName.shown(page), "off").optional();
    let name = name.help(Word::ProxyNameHelp.shown(page));
    let parts = vec![
        Part::Field(Box::new(choice(about, options, typed, &mistakes, page))),
        Part::Field(Box::new(name.control(typed, &mistakes, page))),
    ];
    Body {
        lead: vec![Word::ProxyLead.shown(page)],
        mistakes,
        ..Body::new(Word::ProxyTitle.shown(page), parts)
    }
}
