//! `GET /a/{token}/check`, `POST /a/{token}/check`, for residents: everything once more, and sending it. The button says
//! what it does; before it is pressed nothing is sent.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use web::{Language, ResidentShell, after_post};

use super::apply::{ApplyDesk, Holder};
use super::apply_photos::{self, Picture};
use super::apply_turn::{Answer, Instead, page};
use super::is_own_form;
use super::languages::Languages;
use crate::application::{FilledIn, KitChosen, Stage};
use crate::document::Field;
use crate::form::{Filling, Form, Shown, Word, day_in_words};
use crate::store::{self, ApplicationSubmitted};

#[derive(Template)]
#[template(path = "apply_check.html")]
struct ApplyCheck {
    shell: ResidentShell,
    title: Shown,
    lead: Shown,
    groups: Vec<Group>,
    change: Shown,
    button: Shown,
    action: String,
    unreviewed: Option<Shown>,
    languages: Languages,
}

/// What belongs together.
struct Group {
    id: &'static str,
    heading: Shown,
    rows: Vec<Row>,
}

struct Row {
    label: Shown,
    lines: Vec<Shown>,
    /// Pictures: address and what is said of them.
    pictures: Vec<(String, Shown)>,
    /// Nothing, where it stands as it is.
    change: Option<String>,
    change_what: Shown,
}

pub(super) async fn show(
    State(desk): State<ApplyDesk>,
    Path(token): Path<String>,
    headers: HeaderMap,
) -> Response {
    let shown = desk.check(&token, &headers).await;
    desk.answered(shown).await
}

pub(super) async fn submit(
    State(desk): State<ApplyDesk>,
    Path(token): Path<String>,
    headers: HeaderMap,
) -> Response {
    let sent = desk.send(&token, &headers).await;
    desk.answered(sent).await
}

impl ApplyDesk {
    /// Whoever has everything together; elsewhere, if something lacks.
    async fn complete(&self, token: &str, headers: &HeaderMap) -> Result<Holder, Instead> {
        let holder = self.asked(token, headers, &Stage::Check).await?;
        let journey = self.journey(&holder);
        if journey.stopped().is_some() {
            return Err(Instead::To(holder.at("way")));
        }
        match journey.resume() {
            Stage::Check => Ok(holder),
            lacking => Err(Instead::To(holder.stage(&lacking, false))),
        }
    }

    async fn check(&self, token: &str, headers: &HeaderMap) -> Answer {
        let holder = self.complete(token, headers).await?;
        let language = holder.language;
        let title = Word::CheckTitle.shown(language);
        let again = holder.again.is_some();
        let pictures = apply_photos::pictures(&self.db, holder.org, holder.application.id).await?;
        Ok(page(ApplyCheck {
            shell: self.shell(Some(holder.org), &title, language).await?,
            title,
            lead: if again {
                Word::AgainCheckLead.shown(language)
            } else {
                Word::ApplyCheckLead.shown(language)
            },
            groups: self.groups(&holder, &pictures),
            change: Word::Change.shown(language),
            button: if again {
                Word::AgainSend.shown(language)
            } else {
                Word::ApplySend.shown(language)
            },
            action: holder.at("check"),
            unreviewed: holder.unreviewed(),
            languages: holder.languages("check"),
        }))
    }

    async fn send(&self, token: &str, headers: &HeaderMap) -> Answer {
        if !is_own_form(headers) {
            return Err(Instead::Stale);
        }
        let holder = self.complete(token, headers).await?;
        let (org, id) = (holder.org, holder.application.id);
        match store::submit_application(&self.db, org, id, &holder.document).await? {
            ApplicationSubmitted::Received(_) => Ok(after_post(&holder.at("done")).into_response()),
            ApplicationSubmitted::NotComplete => Err(Instead::To(lacks(&holder))),
            ApplicationSubmitted::Full | ApplicationSubmitted::Closed => self.not_now(&holder).await,
            ApplicationSubmitted::Otherwise(_) => Err(Instead::To(holder.at("next"))),
            ApplicationSubmitted::Missing => Err(Instead::Broken),
        }
    }

    /// The desk takes no more: why, and when it opens again. What was filled in is kept for that long.
    async fn not_now(&self, holder: &Holder) -> Answer {
        let language = holder.language;
        let found = self.desk_of(holder).await?;
        let reception = self.reception(&found).await?;
        let (title, text) = reception
            .closed(language)
            .unwrap_or_else(|| (Word::BusyTitle.shown(language), Word::ApplyBusy.shown(language)));
        let kept = Word::NotNowKept.shown(language);
        let elsewhere = found.version.document.document().elsewhere.shown(language);
        let texts = [vec![text, kept], elsewhere.paragraphs()].concat();
        let page = self.plain(Some(holder.org), title, texts, language).await;
        Ok((StatusCode::SERVICE_UNAVAILABLE, page).into_response())
    }

    /// What was asked, in groups; of what was sent before, only what is asked again.
    fn groups(&self, holder: &Holder, pictures: &[Picture]) -> Vec<Group> {
        let (document, content, language) = (&holder.document, &holder.application.content, holder.language);
        let stages = self.journey(holder).stages();
        let known = content.known_by_link && holder.again.is_none();
        let asked = |(stage, row): &(Stage, Row)| stages.contains(stage) || known && row.change.is_none();
        let mut eligibility = Vec::new();
        if let Some(form) = document.eligibility() {
            eligibility = answers(holder, form, &content.eligibility, Stage::Eligibility);
        }
        let questions = answers(holder, document.form(), &content.answers, Stage::Question);
        let all = [
            ("person", Word::GroupPerson, self.person(holder)),
            ("eligibility", Word::GroupEligibility, eligibility),
            ("questions", Word::GroupQuestions, questions),
            ("kit", Word::GroupKit, kit(holder)),
            ("photos", Word::GroupPhotos, photos(holder, pictures)),
        ];
        let groups = all.into_iter().map(|(id, heading, rows)| Group {
            id,
            heading: heading.shown(language),
            rows: rows.into_iter().filter(asked).map(|(_, row)| row).collect(),
        });
        groups.filter(|group| !group.rows.is_empty()).collect()
    }

    fn person(&self, holder: &Holder) -> Vec<(Stage, Row)> {
        let (applicant, language) = (&holder.application.content.applicant, holder.language);
        let text = |value: &Option<String>| value.clone().unwrap_or_default();
        let mut rows = Vec::new();
        for field in &holder.document.document().fields {
            let (stage, label, value) = match field {
                Field::Name => (Stage::Name, Word::Name, text(&applicant.name)),
                Field::Kana => (Stage::Name, Word::Kana, text(&applicant.kana)),
                Field::Birth => {
                    let birth = applicant.birth.map(|birth| {
                        let age = birth.age_on(self.today()).unwrap_or_default();
                        let age = Word::Age.shown(language).with("n", age);
                        format!("{} {}", day_in_words(birth, language), age.plain())
                    });
                    (Stage::Birth, Word::BirthDate, birth.unwrap_or_default())
                }
                Field::Phone => {
                    let phone = applicant.phone.map(base::phone::PhoneNumber::national);
                    (Stage::Phone, Word::PhoneTitle, phone.unwrap_or_default())
                }
                Field::Address => {
                    let address = applicant.address.as_ref().map(|one| {
                        let code = one.postcode.get(..3).zip(one.postcode.get(3..));
                        let code = code.map(|(first, rest)| format!("〒{first}-{rest}\n"));
                        format!("{}{} {}", code.unwrap_or_default(), one.area, one.rest)
                    });
                    (Stage::Address, Word::AddressTitle, address.unwrap_or_default())
                }
                Field::Guardian => (Stage::Guardian, Word::GuardianTitle, text(&applicant.guardian)),
                Field::Proxy => {
                    let by = applicant.filled_in.as_ref();
                    let by = by.map(|by| filled_in(by, language));
                    (Stage::Proxy, Word::ProxyTitle, by.unwrap_or_default())
                }
            };
            let lines = vec![Shown::as_is(value, language)];
            let is_known = matches!(stage, Stage::Birth | Stage::Phone);
            let (stage, mut row) = row(holder, stage, label.shown(language), lines);
            if is_known && holder.application.content.known_by_link && holder.again.is_none() {
                row.change = None;
            }
            rows.push((stage, row));
        }
        rows
    }
}

fn filled_in(by: &FilledIn, language: Language) -> String {
    match by {
        FilledIn::Own => Word::ProxyOwn.shown(language).plain().to_owned(),
        FilledIn::Proxy { relation, name } => {
            let relation = relation.word().shown(language);
            format!("{name}\n{}", relation.plain())
        }
    }
}

fn row(holder: &Holder, stage: Stage, label: Shown, lines: Vec<Shown>) -> (Stage, Row) {
    let row = Row {
        lines,
        pictures: Vec::new(),
        change: Some(holder.stage(&stage, true)),
        change_what: Word::ChangeWhat
            .shown(holder.language)
            .with("what", label.plain()),
        label,
    };
    (stage, row)
}

fn answers(
    holder: &Holder,
    form: &Form,
    filling: &Filling,
    stage: fn(crate::form::Key) -> Stage,
) -> Vec<(Stage, Row)> {
    let language = holder.language;
    let shown = filling.shown(form).into_iter();
    let questions = shown.flat_map(|(page, asked)| asked.into_iter().map(move |question| (page, question)));
    questions
        .map(|(page, question)| {
            let answer = filling.answer(&question.key);
            let lines = answer.map_or_else(
                || vec![Word::Unanswered.shown(language)],
                |answer| answer.lines(question, language),
            );
            row(
                holder,
                stage(page.key.clone()),
                question.label.shown(language),
                lines,
            )
        })
        .collect()
}

fn kit(holder: &Holder) -> Vec<(Stage, Row)> {
    let language = holder.language;
    let kits = &holder.document.document().kits;
    let name = match &holder.application.content.kit {
        Some(KitChosen::Known(key)) => kits
            .iter()
            .find(|kit| kit.key == *key)
            .map(|kit| kit.name.clone()),
        Some(KitChosen::Other(name)) => Some(name.clone()),
        None => None,
    };
    let lines = vec![Shown::as_is(name.unwrap_or_default(), language)];
    vec![row(holder, Stage::Kit, Word::KitTitle.shown(language), lines)]
}

fn photos(holder: &Holder, pictures: &[Picture]) -> Vec<(Stage, Row)> {
    let language = holder.language;
    let rules = holder.document.document().photos.iter();
    rules
        .map(|rule| {
            let label = rule.label.shown(language);
            let own = pictures.iter().filter(|one| one.rule == rule.key);
            let own: Vec<(String, Shown)> = (1..)
                .zip(own)
                .map(|(number, one)| {
                    let address = holder.at(&format!("photos/{}/{}/preview", rule.key, one.id));
                    let words = Word::PhotoOf.shown(language).with("what", label.plain());
                    (address, words.with("n", number))
                })
                .collect();
            let lines = vec![Word::PhotoCount.shown(language).with("n", own.len())];
            let (stage, row) = row(holder, Stage::Photos(rule.key.clone()), label, lines);
            (stage, Row { pictures: own, ..row })
        })
        .collect()
}

/// What a store missed that this page does not see: pictures.
fn lacks(holder: &Holder) -> String {
    let rules = &holder.document.document().photos;
    let needed = rules.iter().find(|rule| rule.least > 0);
    match needed {
        Some(rule) => holder.stage(&Stage::Photos(rule.key.clone()), true),
        None => holder.at("next"),
    }
}
