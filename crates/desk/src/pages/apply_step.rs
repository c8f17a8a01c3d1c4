//! One page of an application that asks something: its way back, its fields, its button, its languages.

use askama::Template;
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use web::{Language, Page, ResidentShell};

use super::apply::{ApplyDesk, Holder};
use super::apply_turn::Answer;
use super::control::Control;
use super::languages::{Languages, Way};
use super::word_in;
use crate::application::Stage;
use crate::form::{Shown, Word};
use crate::proof::ProofField;

/// Something between heading and button.
pub(super) enum Part {
    /// A field.
    Field(Box<Control>),
    /// A button that only changes the page: its name, value and words.
    Button(&'static str, &'static str, Shown),
    /// Something that is to be known here.
    Note(Shown),
    /// Something to read.
    Text(Shown),
    /// A way to another page.
    Link(Shown, String),
    /// What the page itself has to remember: name and value.
    Hidden(&'static str, String),
    /// What a browser works on before a code is sent.
    Proof(ProofField),
}

/// What a page of an application is made of.
pub(super) struct Body {
    /// What its title bar says.
    pub(super) title: Shown,
    /// Whether the only field is the heading itself.
    pub(super) alone: bool,
    pub(super) lead: Vec<Shown>,
    pub(super) parts: Vec<Part>,
    /// Where mistakes lead, and what they say.
    pub(super) mistakes: Vec<(String, Shown)>,
    /// The words of the button; 「次へ進む」, if nothing is said.
    pub(super) button: Option<Shown>,
    /// What follows the button.
    pub(super) after: Vec<Part>,
    /// What is to be read last.
    pub(super) below: Vec<Shown>,
}

impl Body {
    pub(super) fn new(title: Shown, parts: Vec<Part>) -> Self {
        Self {
            title,
            alone: false,
            lead: Vec::new(),
            parts,
            mistakes: Vec::new(),
            button: None,
            after: Vec::new(),
            below: Vec::new(),
        }
    }
}

#[derive(Template)]
#[template(path = "apply_step.html")]
struct ApplyStep {
    shell: ResidentShell,
    title: Option<Shown>,
    progress: Option<Shown>,
    back: Option<(Shown, String)>,
    action: String,
    from_check: bool,
    lead: Vec<Shown>,
    parts: Vec<Part>,
    next: Shown,
    after: Vec<Part>,
    below: Vec<Shown>,
    saved: Shown,
    unreviewed: Option<Shown>,
    partly: Option<Shown>,
    languages: Languages,
}

/// Whether the person came from the check and goes back there.
pub(super) fn is_from_check(address: &Uri) -> bool {
    word_in(address, "back") == "check"
}

impl ApplyDesk {
    /// The page of a stage; unprocessable, if something was wrong.
    pub(super) async fn step(&self, holder: &Holder, stage: &Stage, from_check: bool, body: Body) -> Answer {
        let path = stage.path();
        self.step_at(holder, (stage, &path), from_check, body).await
    }

    /// The same at an address of its own.
    pub(super) async fn step_at(
        &self,
        holder: &Holder,
        (stage, path): (&Stage, &str),
        from_check: bool,
        body: Body,
    ) -> Answer {
        let language = holder.language;
        let mut shell = self.shell(Some(holder.org), &body.title, language).await?;
        for (field, problem) in &body.mistakes {
            shell.errors.add(field, problem.plain());
        }
        let journey = self.journey(holder);
        let (number, total) = journey.place(stage);
        let fell_back = body.title.fell_back() || body.parts.iter().any(fell_back);
        let japanese = language.tag() == Language::Japanese.tag();
        let step = ApplyStep {
            progress: holder.again.is_none().then(|| {
                Word::ApplyProgress
                    .shown(language)
                    .with("n", number)
                    .with("total", total)
            }),
            back: back(holder, &journey.before(stage), from_check),
            action: holder.at(path),
            from_check,
            lead: body.lead,
            parts: body.parts,
            next: body.button.unwrap_or_else(|| Word::Next.shown(language)),
            after: body.after,
            below: body.below,
            saved: Word::Saved.shown(language),
            unreviewed: holder.unreviewed(),
            partly: (fell_back && !japanese).then(|| Word::Partly.shown(language)),
            languages: Languages {
                present: language,
                offered: holder.document.languages(),
                way: Way::Buttons,
            },
            title: (!body.alone).then_some(body.title),
            shell,
        };
        let status = if body.mistakes.is_empty() {
            StatusCode::OK
        } else {
            StatusCode::UNPROCESSABLE_ENTITY
        };
        let response: Response = (status, Page(step)).into_response();
        Ok(response)
    }
}

fn fell_back(part: &Part) -> bool {
    match part {
        Part::Field(control) => control.fell_back(),
        Part::Button(_, _, text) | Part::Note(text) | Part::Text(text) | Part::Link(text, _) => {
            text.fell_back()
        }
        Part::Hidden(..) | Part::Proof(_) => false,
    }
}

fn back(holder: &Holder, before: &Option<Stage>, from_check: bool) -> Option<(Shown, String)> {
    let language = holder.language;
    if from_check {
        return Some((Word::CheckTitle.shown(language), holder.at("check")));
    }
    if let Some(before) = before {
        return Some((Word::ApplyBack.shown(language), holder.stage(before, false)));
    }
    holder
        .again
        .is_some()
        .then(|| (Word::ApplyBack.shown(language), holder.at("again")))
}
