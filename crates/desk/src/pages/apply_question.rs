//! `GET /a/{token}/e/{page}`, `GET /a/{token}/q/{page}` and the same with POST, for residents: one page of questions,
//! about whether the person may apply, or about what the desk has to know.

use axum::Form;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, Uri};
use axum::response::Response;

use super::apply::{ApplyDesk, Came, Holder};
use super::apply_step::{Body, Part, is_from_check};
use super::apply_turn::{Answer, Instead};
use super::control::{Control, Scene, target};
use super::form_question::{add_row, is_emergency};
use crate::application::Stage;
use crate::form::read::{belongs, fill, read};
use crate::form::{self, Filling, Form as FormDocument, Key, Mistake, Question, Shown, Typed};

pub(super) async fn show(
    State(desk): State<ApplyDesk>,
    Path((token, page)): Path<(String, String)>,
    headers: HeaderMap,
    address: Uri,
) -> Response {
    let shown = desk
        .question(&token, stage(&page, Stage::Question), &headers, &address)
        .await;
    desk.answered(shown).await
}

pub(super) async fn submit(
    State(desk): State<ApplyDesk>,
    Path((token, page)): Path<(String, String)>,
    headers: HeaderMap,
    Form(fields): Form<Vec<(String, String)>>,
) -> Response {
    let typed = Typed::from(fields);
    let taken = desk
        .take_answers(&token, stage(&page, Stage::Question), &headers, typed)
        .await;
    desk.answered(taken).await
}

pub(super) async fn show_eligibility(
    State(desk): State<ApplyDesk>,
    Path((token, page)): Path<(String, String)>,
    headers: HeaderMap,
    address: Uri,
) -> Response {
    let shown = desk
        .question(&token, stage(&page, Stage::Eligibility), &headers, &address)
        .await;
    desk.answered(shown).await
}

pub(super) async fn submit_eligibility(
    State(desk): State<ApplyDesk>,
    Path((token, page)): Path<(String, String)>,
    headers: HeaderMap,
    Form(fields): Form<Vec<(String, String)>>,
) -> Response {
    let typed = Typed::from(fields);
    let taken = desk
        .take_answers(&token, stage(&page, Stage::Eligibility), &headers, typed)
        .await;
    desk.answered(taken).await
}

fn stage(page: &str, of: fn(Key) -> Stage) -> Result<Stage, Instead> {
    Key::parse(page).map(of).ok_or(Instead::Broken)
}

/// The form that a page belongs to, its name, and what was answered to it.
fn of_stage<'h>(holder: &'h Holder, stage: &Stage) -> Option<(&'h FormDocument, &'h Filling)> {
    let content = &holder.application.content;
    match stage {
        Stage::Eligibility(_) => Some((holder.document.eligibility()?, &content.eligibility)),
        Stage::Question(_) => Some((holder.document.form(), &content.answers)),
        _ => None,
    }
}

/// A page with the questions on it that are asked as things stand.
struct Asked<'h> {
    page: &'h form::Page,
    questions: Vec<&'h Question>,
    filling: &'h Filling,
}

fn asked<'h>(holder: &'h Holder, stage: &Stage) -> Result<Asked<'h>, Instead> {
    let elsewhere = || Instead::To(holder.at("next"));
    let (form, filling) = of_stage(holder, stage).ok_or_else(elsewhere)?;
    let (Stage::Eligibility(key) | Stage::Question(key)) = stage else {
        return Err(elsewhere());
    };
    let mut shown = filling.shown(form).into_iter();
    let (page, questions) = shown.find(|(one, _)| one.key == *key).ok_or_else(elsewhere)?;
    Ok(Asked {
        page,
        questions,
        filling,
    })
}

impl ApplyDesk {
    async fn question(
        &self,
        token: &str,
        stage: Result<Stage, Instead>,
        headers: &HeaderMap,
        address: &Uri,
    ) -> Answer {
        let stage = stage?;
        let holder = self.asked(token, headers, &stage).await?;
        let mut typed = Typed::default();
        let asked = asked(&holder, &stage)?;
        for question in &asked.questions {
            if let Some(answer) = asked.filling.answer(&question.key) {
                fill(question, answer, &mut typed);
            }
        }
        let body = self.questions(&holder, &asked, &typed, &[]);
        self.step(&holder, &stage, is_from_check(address), body).await
    }

    async fn take_answers(
        &self,
        token: &str,
        stage: Result<Stage, Instead>,
        headers: &HeaderMap,
        typed: Typed,
    ) -> Answer {
        let stage = stage?;
        let mut came = self.receive(token, headers, &stage, typed).await?;
        let rows = rows(&mut came);
        let Came {
            holder,
            mut typed,
            from_check,
            only_shows,
        } = came;
        typed.take("go");
        let asked = asked(&holder, &stage)?;
        if !typed.names().all(|name| belongs(name, &asked.questions)) {
            return Err(Instead::Unreadable);
        }
        match &rows {
            Some(Rows::Add) => add_row(&asked.questions, &mut typed),
            Some(Rows::Remove(key, row)) => typed.remove_row(key, *row),
            None => {}
        }
        if only_shows || rows.is_some() {
            let body = self.questions(&holder, &asked, &typed, &[]);
            return self.step(&holder, &stage, from_check, body).await;
        }
        let (mut answers, mut mistakes) = (Vec::new(), Vec::new());
        for question in &asked.questions {
            match read(question, &typed, self.today()) {
                Ok(answer) => answers.push((question.key.clone(), answer)),
                Err(mistake) => mistakes.push(mistake),
            }
        }
        if !mistakes.is_empty() {
            let body = self.questions(&holder, &asked, &typed, &mistakes);
            return self.step(&holder, &stage, from_check, body).await;
        }
        self.keep_answers(holder, &stage, answers, from_check).await
    }

    async fn keep_answers(
        &self,
        mut holder: Holder,
        stage: &Stage,
        answers: Vec<(Key, Option<form::Answer>)>,
        from_check: bool,
    ) -> Answer {
        let keys: Vec<Key> = answers.iter().map(|(key, _)| key.clone()).collect();
        let content = &mut holder.application.content;
        let (form, filling, page) = match stage {
            Stage::Eligibility(page) => {
                let form = holder.document.eligibility().ok_or(Instead::Broken)?;
                (form, &mut content.eligibility, page)
            }
            Stage::Question(page) => (holder.document.form(), &mut content.answers, page),
            _ => return Err(Instead::Broken),
        };
        let saved = filling.save(form, page, answers, true);
        saved.map_err(|_| Instead::Unreadable)?;
        if is_emergency(filling, form, &keys) {
            self.put(&holder).await?;
            let back = if from_check { "&back=check" } else { "" };
            return Err(Instead::To(holder.at(&format!("stop?page={page}{back}"))));
        }
        self.keep(holder, stage, from_check).await
    }

    fn questions(&self, holder: &Holder, asked: &Asked<'_>, typed: &Typed, mistakes: &[Mistake]) -> Body {
        let page = holder.language;
        let alone = asked.questions.len() == 1 && asked.page.title.is_empty();
        let scene = Scene {
            page,
            typed,
            mistakes,
            today: self.today(),
            alone,
        };
        let controls = asked
            .questions
            .iter()
            .map(|question| Control::new(question, &scene));
        let parts = controls.map(|control| Part::Field(Box::new(control))).collect();
        let title = if alone {
            asked.questions[0].label.shown(page)
        } else {
            asked.page.title.shown(page)
        };
        let wrong = |mistake: &Mistake| -> (String, Shown) {
            let field = target(&asked.questions, &mistake.field);
            (field, mistake.problem.shown(page))
        };
        Body {
            alone,
            mistakes: mistakes.iter().map(wrong).collect(),
            ..Body::new(title, parts)
        }
    }
}

/// What becomes of the rows of a list.
enum Rows {
    Add,
    Remove(Key, usize),
}

fn rows(came: &mut Came) -> Option<Rows> {
    let adds = !came.typed.take("add").is_empty();
    let removed = came.typed.take("remove").into_iter().next();
    let removed = removed.and_then(|row| {
        let (key, row) = row.split_once('-')?;
        Some(Rows::Remove(Key::parse(key)?, row.parse().ok()?))
    });
    removed.or_else(|| adds.then_some(Rows::Add))
}
