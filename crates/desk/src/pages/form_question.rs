//! `GET /f/{token}/q/{page}`, `POST /f/{token}/q/{page}`, for residents: one page of questions.
//!
//! The form has one button that goes on, and others that only change the page: another language, one row more, one
//! row less. What was typed stays with all of them.

use askama::Template;
use axum::Form;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use base::date::CalendarDate;
use web::{Language, Page, ResidentShell, after_post};

use super::control::{Control, Scene, target};
use super::languages::{Languages, Way};
use super::turn::{Answer, Turn};
use super::{FormDesk, Visitor, word_in};
use crate::form::read::{belongs, fill, read};
use crate::form::{
    self, Filling, Form as FormDocument, Key, Kind, Level, Mistake, Question, Shown, Typed, Word,
};
use crate::store::{self, Saved};
use crate::visit::VisitSecret;

#[derive(Template)]
#[template(path = "form_question.html")]
struct FormQuestion {
    shell: ResidentShell,
    title: Option<Shown>,
    progress: Shown,
    back: Option<(Shown, String)>,
    action: String,
    from_check: bool,
    controls: Vec<Control>,
    next: Shown,
    later: Shown,
    unreviewed: Option<Shown>,
    partly: Option<Shown>,
    languages: Languages,
}

pub(super) async fn show(
    State(desk): State<FormDesk>,
    Path((token, page)): Path<(String, String)>,
    headers: HeaderMap,
    address: Uri,
) -> Response {
    let shown = desk.question(&token, &page, &headers, &address).await;
    desk.answer(shown).await
}

pub(super) async fn submit(
    State(desk): State<FormDesk>,
    Path((token, page)): Path<(String, String)>,
    headers: HeaderMap,
    Form(fields): Form<Vec<(String, String)>>,
) -> Response {
    let answered = desk.take(&token, &page, &headers, Typed::from(fields)).await;
    desk.answer(answered).await
}

/// Which button was pressed.
enum Button {
    Next,
    Later,
    Language(Language),
    AddRow,
    RemoveRow(Key, usize),
}

/// A page of questions that is asked, as things stand.
struct Asked<'f> {
    page: &'f form::Page,
    questions: Vec<&'f Question>,
}

impl FormDesk {
    async fn question(&self, token: &str, page: &str, headers: &HeaderMap, address: &Uri) -> Answer {
        let visitor = self.enter(token, headers).await?;
        let asked = asked(&visitor, page)?;
        let mut typed = Typed::default();
        for question in &asked.questions {
            if let Some(answer) = visitor.open.filling.answer(&question.key) {
                fill(question, answer, &mut typed);
            }
        }
        let from_check = word_in(address, "back") == "check";
        let page = self.page(&visitor, &asked, &typed, &[], from_check).await?;
        Ok(Page(page).into_response())
    }

    async fn take(&self, token: &str, page: &str, headers: &HeaderMap, mut typed: Typed) -> Answer {
        let mut visitor = self.receive(token, headers).await?;
        let from_check = typed.take("back").iter().any(|back| back == "check");
        let button = button(&mut typed)?;
        // Another language changes the visitor, and what is asked was borrowed from it.
        if let Button::Language(language) = button {
            store::set_language(&self.db, visitor.open.org, visitor.open.request, language).await?;
            visitor.open.language = language;
        }
        let asked = asked(&visitor, page)?;
        if !typed.names().all(|name| belongs(name, &asked.questions)) {
            return Err(Turn::Unreadable);
        }
        match button {
            Button::Next => self.next(&visitor, &asked, &typed, from_check).await,
            Button::Later => self.later_on(&visitor, &asked, &typed).await,
            changed => {
                match changed {
                    Button::AddRow => add_row(&asked.questions, &mut typed),
                    Button::RemoveRow(key, row) => typed.remove_row(&key, row),
                    _ => {}
                }
                let page = self.page(&visitor, &asked, &typed, &[], from_check).await?;
                Ok(Page(page).into_response())
            }
        }
    }

    async fn next(&self, visitor: &Visitor, asked: &Asked<'_>, typed: &Typed, from_check: bool) -> Answer {
        let (answers, mistakes) = self.read_all(asked, typed);
        if !mistakes.is_empty() {
            let page = self.page(visitor, asked, typed, &mistakes, from_check).await?;
            return Ok((StatusCode::UNPROCESSABLE_ENTITY, Page(page)).into_response());
        }
        let key = asked.page.key.clone();
        match store::save(&self.db, &visitor.open, key.clone(), answers, true).await? {
            Saved::Kept(filling) => {
                let form = &visitor.open.form;
                let back = if from_check { "&back=check" } else { "" };
                let keys: Vec<Key> = asked.questions.iter().map(|one| one.key.clone()).collect();
                if is_emergency(&filling, form, &keys) {
                    return Err(Turn::To(visitor.at(&format!("stop?page={key}{back}"))));
                }
                let next = filling.after(form, &key, from_check);
                Ok(after_post(&visitor.step(&next, from_check)).into_response())
            }
            Saved::Closed(_) => Err(Turn::To(visitor.token.path())),
            Saved::NotAsked => Err(Turn::Unreadable),
        }
    }

    /// Keeps what is right, and lets the browser go: somebody else may take the phone.
    async fn later_on(&self, visitor: &Visitor, asked: &Asked<'_>, typed: &Typed) -> Answer {
        let (answers, mistakes) = self.read_all(asked, typed);
        let whole = mistakes.is_empty();
        store::save(&self.db, &visitor.open, asked.page.key.clone(), answers, whole).await?;
        store::end_visit(&self.db, &visitor.secret).await?;
        let mut response = after_post(&visitor.at("later")).into_response();
        let cookie = VisitSecret::no_cookie(self.https);
        response.headers_mut().insert(header::SET_COOKIE, cookie);
        Ok(response)
    }

    fn read_all(&self, asked: &Asked<'_>, typed: &Typed) -> (Vec<(Key, Option<form::Answer>)>, Vec<Mistake>) {
        let today = self.today();
        let (mut answers, mut mistakes) = (Vec::new(), Vec::new());
        for question in &asked.questions {
            match read(question, typed, today) {
                Ok(answer) => answers.push((question.key.clone(), answer)),
                Err(mistake) => mistakes.push(mistake),
            }
        }
        (answers, mistakes)
    }

    fn today(&self) -> CalendarDate {
        CalendarDate::in_japan(self.db.now()).expect("the clock stands in a year that has days here")
    }

    async fn page(
        &self,
        visitor: &Visitor,
        asked: &Asked<'_>,
        typed: &Typed,
        mistakes: &[Mistake],
        from_check: bool,
    ) -> Result<FormQuestion, Turn> {
        let (open, language) = (&visitor.open, visitor.open.language);
        let alone = asked.questions.len() == 1 && asked.page.title.is_empty();
        let scene = Scene {
            page: language,
            typed,
            mistakes,
            today: self.today(),
            alone,
        };
        let controls: Vec<Control> = asked
            .questions
            .iter()
            .map(|question| Control::new(question, &scene))
            .collect();
        let title = if alone {
            asked.questions[0].label.shown(language)
        } else {
            asked.page.title.shown(language)
        };
        let mut shell = self.shell(open.org, &title, language).await?;
        for mistake in mistakes {
            let field = target(&asked.questions, &mistake.field);
            shell.errors.add(field, mistake.problem.shown(language).plain());
        }
        let (number, total) = open.filling.place(&open.form, &asked.page.key).unwrap_or((1, 1));
        let fell_back = title.fell_back() || controls.iter().any(Control::fell_back);
        let japanese = language.tag() == Language::Japanese.tag();
        Ok(FormQuestion {
            progress: Word::Progress
                .shown(language)
                .with("n", number)
                .with("total", total),
            back: back(visitor, asked, from_check),
            action: visitor.at(&format!("q/{}", asked.page.key)),
            from_check,
            next: Word::Next.shown(language),
            later: Word::Later.shown(language),
            unreviewed: visitor.unreviewed(),
            partly: (fell_back && !japanese).then(|| Word::Partly.shown(language)),
            languages: Languages {
                present: language,
                offered: open.form.languages(),
                way: Way::Buttons,
            },
            title: (!alone).then_some(title),
            shell,
            controls,
        })
    }
}

/// The page of this name with what is asked on it; where the filling-in goes on, if it is not asked.
fn asked<'v>(visitor: &'v Visitor, page: &str) -> Result<Asked<'v>, Turn> {
    let shown = visitor.open.filling.shown(&visitor.open.form);
    let found = shown.into_iter().find(|(one, _)| one.key.as_str() == page);
    let (page, questions) = found.ok_or_else(|| Turn::To(visitor.resume()))?;
    Ok(Asked { page, questions })
}

fn back(visitor: &Visitor, asked: &Asked<'_>, from_check: bool) -> Option<(Shown, String)> {
    let (open, language) = (&visitor.open, visitor.open.language);
    if from_check {
        return Some((Word::CheckTitle.shown(language), visitor.at("check")));
    }
    let before = open.filling.before(&open.form, &asked.page.key)?;
    Some((Word::Back.shown(language), visitor.at(&format!("q/{before}"))))
}

fn button(typed: &mut Typed) -> Result<Button, Turn> {
    let first = |values: Vec<String>| values.into_iter().next();
    if let Some(code) = first(typed.take("language")) {
        let language = Language::from_code(&code).ok_or(Turn::Unreadable)?;
        return Ok(Button::Language(language));
    }
    if first(typed.take("add")).is_some() {
        return Ok(Button::AddRow);
    }
    if let Some(row) = first(typed.take("remove")) {
        let (key, row) = row.split_once('-').ok_or(Turn::Unreadable)?;
        let key = Key::parse(key).ok_or(Turn::Unreadable)?;
        let row = row.parse().map_err(|_| Turn::Unreadable)?;
        return Ok(Button::RemoveRow(key, row));
    }
    match first(typed.take("go")).as_deref() {
        Some("later") => Ok(Button::Later),
        _ => Ok(Button::Next),
    }
}

/// One more row of the page's list, by an empty first field.
pub(super) fn add_row(questions: &[&Question], typed: &mut Typed) {
    for question in questions {
        if let Kind::List { columns, max } = &question.kind {
            let rows = typed.rows(&question.key).max(1);
            if rows < *max {
                typed.put(format!("{}-{rows}-{}", question.key, columns[0].key), "");
            }
        }
    }
}

/// Whether an answer to these very questions means that the person should call 119.
pub(super) fn is_emergency(filling: &Filling, form: &FormDocument, asked: &[Key]) -> bool {
    let mut urgent = filling
        .red_flags(form)
        .into_iter()
        .filter(|flag| flag.level == Level::Emergency);
    urgent.any(|flag| {
        let leaves = flag.when.leaves();
        let mut looked_at = leaves.iter().filter_map(|leaf| leaf.question());
        looked_at.any(|key| asked.contains(key))
    })
}
