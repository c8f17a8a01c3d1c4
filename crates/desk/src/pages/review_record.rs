//! `GET /applications/{id}`: what the person told, who has it, what was decided, what happened. `POST
//! /applications/{id}/reveal`: the same with name, number and address, for this once, counted.

use accounts::{Permission, SignedIn, Staff};
use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use base::clock::Millis;
use base::id::ApplicationId;
use messaging::pages::{Answer, Desk, failed, mask, reveal};
use web::form::{Choice, Field};
use web::ui::{Chip, Notice, Viewer};
use web::{CsrfForm, Errors, Id, Language, NoFields, Page, PageError, Shell};

use super::review_choices::Choices;
use super::review_facts::{Facts, field_label};
use super::review_load::{Opened, People, load, may_check, may_review};
use super::review_look::is_wanted;
use super::review_photos::photos;
use super::review_show::{Note, Stands, notes, stands};
use super::review_words::{chip, decided, happened};
use crate::application::{Application, FilledIn, SecondLook, State as Where};
use crate::document::Field as Asked;
use crate::form::day_in_words;
use crate::store::{self, ApplicationEvent, KeptDecision, Looked, Review};

#[derive(Template)]
#[template(path = "review_record.html")]
#[expect(clippy::struct_excessive_bools, reason = "each stands for a part of the page")]
pub(super) struct Record {
    shell: Shell,
    id: ApplicationId,
    desk: String,
    desk_name: String,
    reference: String,
    changes: i64,
    chip: Chip,
    advice: &'static str,
    received_at: Option<Millis>,
    priority: u32,
    language: &'static str,
    stands: Stands,
    person: Vec<(&'static str, String)>,
    is_whole: bool,
    reveals: bool,
    viewer: Viewer,
    facts: Facts,
    decisions: Vec<Line>,
    /// A second look is wanted of this person: what was judged is not shown before.
    is_blind: bool,
    history: Vec<Happened>,
    notes: Vec<Note>,
    /// The clerk's forms.
    check: Option<CheckForm>,
    withdraws: Option<Field>,
    unparks: bool,
    reviews: bool,
    correct: Option<CorrectForm>,
}

struct Line {
    at: Millis,
    by: String,
    what: String,
    then: Vec<String>,
}

struct Happened {
    at: Millis,
    by: String,
    what: String,
    note: Option<String>,
}

struct CheckForm {
    priority: Field,
    what: Field,
    note: Field,
}

struct CorrectForm {
    number: i64,
    decision: Field,
    comment: Field,
}

/// What the clerk typed in the forms of the page.
#[derive(Default)]
pub(super) struct Typed<'a> {
    pub(super) priority: &'a str,
    pub(super) what: &'a str,
    pub(super) note: &'a str,
    pub(super) decision: &'a str,
    pub(super) errors: Errors,
}

pub(super) async fn show(
    State(desk): State<Desk>,
    session: SignedIn,
    shell: Shell,
    Id(id): Id<ApplicationId>,
) -> Answer {
    let opened = load(&desk, &session.staff, id).await?;
    let shell = match done(&shell) {
        Some(notice) => shell.with_notice(notice),
        None => shell,
    };
    let shell =
        if opened.application.is_erased() {
            shell.with_notice(Notice::info("申請の内容は、保存期間が過ぎたため消しました").text(
                "氏名、番号、回答、写真、メモは残っていません。判定と時刻、受付番号だけが残っています。",
            ))
        } else {
            shell
        };
    let page = page(&desk, &session.staff, shell, opened, (false, Typed::default())).await?;
    Ok(Page(page).into_response())
}

pub(super) async fn whole(
    State(desk): State<Desk>,
    session: SignedIn,
    shell: Shell,
    Id(id): Id<ApplicationId>,
    CsrfForm(NoFields {}): CsrfForm<NoFields>,
) -> Answer {
    let opened = load(&desk, &session.staff, id).await?;
    reveal::count_for(
        &desk.accounts,
        desk.db.now(),
        &session,
        ("applications", id.get()),
    )
    .await?;
    let page = page(&desk, &session.staff, shell, opened, (true, Typed::default())).await?;
    Ok(Page(page).into_response())
}

fn done(shell: &Shell) -> Option<Notice> {
    match shell.done()? {
        "passed" => Some(Notice::success("1件を判定に回しました")),
        "sent-back" => {
            Some(Notice::success("1件を差し戻しました").text("申請した人に、出し直しのお願いを送ります。"))
        }
        "withdrawn" => Some(Notice::success("1件を取り下げました")),
        "unparked" => Some(Notice::success("1件を判定待ちに戻しました")),
        "corrected" => Some(
            Notice::success("判定を訂正しました").text("2分が過ぎると確定し、訂正のお知らせを送れます。"),
        ),
        "upheld" => Some(Notice::success("最初の判定のままにしました")),
        _ => None,
    }
}

/// The page after a form that could not be carried out.
pub(super) async fn refused(
    desk: &Desk,
    staff: &Staff,
    shell: Shell,
    (id, status): (ApplicationId, StatusCode),
    typed: Typed<'_>,
) -> Result<Response, PageError> {
    let opened = load(desk, staff, id).await?;
    let shell = match status {
        StatusCode::CONFLICT => shell.with_notice(
            Notice::warning("この申請は、画面を開いたあとで変わりました")
                .text("今回の操作は記録していません。いまの状態を確かめて、もう一度操作してください。入力したメモは残っています。"),
        ),
        _ => shell,
    };
    let page = page(desk, staff, shell, opened, (false, typed)).await?;
    Ok((status, Page(page)).into_response())
}

async fn page(
    desk: &Desk,
    staff: &Staff,
    shell: Shell,
    opened: Opened,
    (is_whole, typed): (bool, Typed<'_>),
) -> Result<Record, PageError> {
    let (db, org, now) = (&desk.db, staff.org, desk.db.now());
    let Opened {
        application,
        row,
        document,
    } = &opened;
    let id = application.id;
    let events = store::application_events(db, org, id).await.map_err(failed)?;
    let made = store::decisions(db, org, id).await.map_err(failed)?;
    let looks = store::looks(db, org, id).await.map_err(failed)?;
    let reviews = store::reviews(db, org, id).await.map_err(failed)?;
    let people = people(desk, staff, application, (&events, &made, &looks, &reviews)).await?;
    let twins = store::twins(db, org, id).await.map_err(failed)?;
    let pictures = photos(desk, staff, (application, document)).await?;
    let (checks, judges) = (may_check(staff, row), may_review(staff, row, document));
    let is_blind = judges && is_wanted(application.decided.as_ref(), application.state, staff);
    let told = Told {
        opened: &opened,
        people: &people,
        looks: &looks,
    };
    let blind_stands = |decision: &crate::document::Decision| {
        if is_blind {
            "（二人目の確認のあとに表示）".to_owned()
        } else {
            decided(document, decision)
        }
    };
    Ok(Record {
        id,
        desk: row.key.to_string(),
        desk_name: row.name.clone(),
        reference: application.reference.to_string(),
        changes: application.changes,
        chip: chip(application),
        advice: application.state.advice(),
        received_at: application.received_at,
        priority: application.priority,
        language: application.language.own_name(),
        stands: stands(application, staff.id, now, &people, blind_stands),
        person: person(application, &document.document().fields, is_whole),
        reveals: may_reveal(staff),
        is_whole,
        viewer: Viewer::new(pictures, false),
        facts: Facts::of(application, document, &twins, (now, false)),
        decisions: if is_blind {
            Vec::new()
        } else {
            made.iter().map(|one| told.decision(one)).collect()
        },
        history: events
            .iter()
            .filter_map(|event| told.event(event, is_blind))
            .collect(),
        notes: if is_blind {
            Vec::new()
        } else {
            notes(&reviews, &people, None)
        },
        is_blind,
        check: (checks && application.state == Where::Received).then(|| told.check(&typed)),
        withdraws: (checks && application.state.may_be_taken_back()).then(|| {
            Field::text("why", "取り下げる理由")
                .support("例: 本人から電話で申し出")
                .required()
                .errors(&typed.errors)
        }),
        unparks: application.parked.is_some() && (checks || judges),
        reviews: judges,
        correct: (judges && !is_blind).then(|| told.correct(&typed)).flatten(),
        shell: shell
            .titled(format!("申請 {}", application.reference))
            .with_errors(typed.errors),
    })
}

fn may_reveal(staff: &Staff) -> bool {
    staff.may(Permission::CheckApplications) || staff.may(Permission::Reveal)
}

async fn people(
    desk: &Desk,
    staff: &Staff,
    application: &Application,
    (events, decisions, looks, reviews): (&[ApplicationEvent], &[KeptDecision], &[Looked], &[Review]),
) -> Result<People, PageError> {
    let ids = events.iter().filter_map(|event| event.by);
    let ids = ids.chain(decisions.iter().map(|one| one.by));
    let ids = ids.chain(looks.iter().map(|one| one.by));
    let ids = ids.chain(reviews.iter().map(|one| one.by));
    let holder = application.lease.map(|lease| lease.by);
    let decider = application.decided.as_ref().map(|made| made.by);
    People::of(desk, staff.org, ids.chain(holder).chain(decider)).await
}

/// What the desk asks of the person, masked unless it is shown whole.
fn person(application: &Application, fields: &[Asked], whole: bool) -> Vec<(&'static str, String)> {
    let one = &application.content.applicant;
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    let name = |value: String| if whole { value } else { mask::name(&value) };
    let values = fields.iter().map(|field| {
        let value = match field {
            Asked::Name => name(text(&one.name)),
            Asked::Kana => name(text(&one.kana)),
            Asked::Guardian => name(text(&one.guardian)),
            Asked::Proxy => match &one.filled_in {
                Some(FilledIn::Own) => "本人".to_owned(),
                Some(FilledIn::Proxy { relation, name: by }) => {
                    format!("代理人（{}） {}", relation.label(), name(by.clone()))
                }
                None => String::new(),
            },
            Asked::Birth => match one.birth {
                Some(birth) if whole => day_in_words(birth, Language::Japanese),
                Some(birth) => format!("{}年生まれ", birth.year()),
                None => String::new(),
            },
            Asked::Phone => one
                .phone
                .map_or_else(String::new, |phone| mask::phone(Some(phone), whole)),
            Asked::Address => match &one.address {
                Some(place) if whole => format!("〒{} {}{}", place.postcode, place.area, place.rest),
                Some(_) => "（表示すると見られます）".to_owned(),
                None => String::new(),
            },
        };
        (field_label(*field), value)
    });
    values.filter(|(_, value)| !value.is_empty()).collect()
}

/// What is told of an application in the words of its desk.
struct Told<'a> {
    opened: &'a Opened,
    people: &'a People,
    looks: &'a [Looked],
}

impl Told<'_> {
    fn decision(&self, made: &KeptDecision) -> Line {
        let document = &self.opened.document;
        let mut then = Vec::new();
        if made.corrects {
            then.push("知らせた結果の訂正".to_owned());
        }
        if let Some(at) = made.undone_at {
            then.push(format!(
                "取り消した（{}）",
                web::time::JapanTime::from_millis(at).short()
            ));
        }
        for look in self.looks.iter().filter(|look| look.number == made.number) {
            let words = look.comment.as_deref().unwrap_or_default();
            let opinion = if look.agrees {
                "同じ判定".to_owned()
            } else {
                decided(document, &look.opinion)
            };
            then.push(format!("二人目 {}: {opinion} {words}", self.people.name(look.by)));
        }
        if let Some(look) = made.second_look {
            then.push(SecondLook::label(look).to_owned());
        }
        if let Some(told) = made.told {
            let how = if told.call.is_some() {
                "電話リストに入れた"
            } else {
                "SMSで知らせた"
            };
            then.push(format!(
                "{how}（{}）",
                web::time::JapanTime::from_millis(told.at).short()
            ));
        }
        Line {
            at: made.at,
            by: self.people.name(made.by),
            what: decided(document, &made.decision),
            then,
        }
    }

    fn event(&self, event: &ApplicationEvent, is_blind: bool) -> Option<Happened> {
        let mut shown = event.clone();
        let judged = ["decided", "corrected"].contains(&event.kind.as_str());
        if is_blind && judged {
            shown.detail = None;
            shown.note = None;
        }
        Some(Happened {
            at: event.at,
            by: self.people.or(event.by, "申請者・システム"),
            what: happened(&shown, &self.opened.document)?,
            note: shown.note,
        })
    }

    fn check(&self, typed: &Typed<'_>) -> CheckForm {
        let says = self.opened.document.document();
        let mut what = vec![Choice::new("", "選んでください")];
        what.extend(
            says.send_backs
                .iter()
                .map(|one| Choice::new(&one.key, &one.label)),
        );
        let priorities = [("0", "ふつう"), ("50", "急ぐ"), ("90", "とても急ぐ")];
        let value = if typed.priority.is_empty() {
            "0"
        } else {
            typed.priority
        };
        CheckForm {
            priority: Field::select(
                "priority",
                "優先度",
                priorities
                    .map(|(value, label)| Choice::new(value, label))
                    .to_vec(),
            )
            .value(value),
            what: Field::select("what", "差し戻す理由", what)
                .support("理由に合う文面が、申請した人に送られます")
                .value(typed.what)
                .errors(&typed.errors),
            note: Field::long_text("note", "メモ", 2)
                .optional()
                .support("職員だけが見ます")
                .value(typed.note)
                .errors(&typed.errors),
        }
    }

    fn correct(&self, typed: &Typed<'_>) -> Option<CorrectForm> {
        let application = &self.opened.application;
        let made = application.decided.as_ref()?;
        application.state.after(crate::application::Change::Correct)?;
        let choices = Choices::of(&self.opened.document);
        let mut all = vec![Choice::new("", "選んでください")];
        let others = choices.all().filter(|one| one.code != made.decision.code());
        all.extend(others.map(|one| Choice::new(&one.code, &one.label)));
        Some(CorrectForm {
            number: made.number,
            decision: Field::select("decision", "正しい判定", all)
                .required()
                .value(typed.decision)
                .errors(&typed.errors),
            comment: Field::long_text("comment", "訂正する理由", 2)
                .required()
                .value(typed.note)
                .errors(&typed.errors),
        })
    }
}
