//! `GET /calls/{id}`: one call. Whoever has the person to themselves sees name and number whole, what to say, and the
//! buttons for what came of it; everybody else sees how it stands.

use std::collections::HashMap;

use accounts::SignedIn;
use askama::Template;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use base::clock::{Millis, SECOND, japan_midnight};
use base::id::{CallId, MessageId, OfficeId, OrgId};
use base::phone;
use lists::calls::{
    Call, CallAbout, CallAttempt, CallCounts, CallEvent, CallOutcome, CallSource, CallStep, Marked, TRIES,
    about, call, counts, done_count, events, family,
};
use lists::contacts::{PersonKeys, PersonValues};
use lists::numbers::{WrongKind, known_wrong};
use serde::Deserialize;
use web::form::{Choice, Field};
use web::ui::Notice;
use web::{Errors, Page, PageError, Shell};

use super::call_hand_over::is_offered;
use super::call_next::{USUAL, choices, days, times};
use super::call_number::Number;
use super::call_script::{NEVER, Script, script};
use super::number_form::notice as wrong_notice;
use super::number_list::effect;
use super::{Answer, Desk, Id, Names, failed, mask, names, scope};
use crate::store;
use crate::template::Language;

/// What the person typed, in either form of the page.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Typed {
    /// The button of a result.
    pub(super) result: String,
    pub(super) note: String,
    pub(super) next: String,
    pub(super) day: String,
    pub(super) time: String,
    /// Where the call goes, and what the next office should know.
    pub(super) office: String,
    pub(super) words: String,
}

#[derive(Template)]
#[template(path = "call_show.html")]
pub(super) struct CallShow {
    shell: Shell,
    id: CallId,
    standing: Stands,
    person: String,
    number: Option<Number>,
    /// How the number is registered, if nobody may call it.
    closed_number: Option<&'static str>,
    reason: &'static str,
    note: Option<String>,
    message: Option<MessageId>,
    priority: u32,
    office: String,
    by: String,
    at: Millis,
    later: Option<Millis>,
    tries: u32,
    /// Somebody has to decide how to go on.
    enough: Option<Notice>,
    script: Option<Script>,
    /// What the person reads, if that is not Japanese.
    language: Option<&'static str>,
    /// The person was reached in another way meanwhile.
    reached: Option<Notice>,
    never: &'static str,
    events: Vec<Event>,
    family: Vec<Relative>,
    /// The forms for a result and for another office.
    forms: Option<Forms>,
    /// A note that could not be kept.
    unkept: Option<String>,
    counts: CallCounts,
    done_today: u32,
}

/// How the call stands, as this person sees it.
enum Stands {
    Mine {
        until: Millis,
        seconds: i64,
    },
    Held {
        by: String,
        until: Millis,
    },
    Free,
    Closed {
        outcome: &'static str,
        by: String,
        at: Millis,
    },
}

impl Stands {
    fn is_mine(&self) -> bool {
        matches!(self, Self::Mine { .. })
    }
}

struct Event {
    at: Millis,
    by: String,
    what: String,
    note: Option<String>,
}

/// Somebody else with the same number.
struct Relative {
    id: CallId,
    person: String,
    reason: &'static str,
}

struct Forms {
    note: Field,
    next: [Field; 3],
    over: [Field; 2],
    outcomes: [CallOutcome; 3],
    unreached: [CallOutcome; 2],
    attempts: [CallAttempt; 4],
}

pub(super) async fn show(
    State(desk): State<Desk>,
    session: SignedIn,
    shell: Shell,
    Id(id): Id<CallId>,
    Query(asked): Query<HashMap<String, String>>,
) -> Answer {
    let found = call(&desk.db, session.staff.org, scope(&session.staff), id).await;
    let call = found.map_err(failed)?.ok_or(PageError::NotFound)?;
    let shell = match done(&shell, &asked) {
        Some(notice) => shell.with_notice(notice),
        None => shell,
    };
    let page = page(&desk, &session, shell, call, None).await?;
    Ok(Page(page).into_response())
}

/// The answer to what was pressed.
fn done(shell: &Shell, asked: &HashMap<String, String>) -> Option<Notice> {
    match shell.done()? {
        "closed" => Some(Notice::success("電話の結果を記録しました")),
        "tried" => Some(
            Notice::success("電話したことを記録しました")
                .text("まだ済んでいない電話として、リストに残ります。"),
        ),
        "nothing" => Some(Notice::info("この電話は、ほかの人が先に済ませています")),
        "again" => Some(
            Notice::info("まだ結果を記録していない電話があります")
                .text("この人の結果を記録するか、「電話せずに戻す」を押すと、次の人に進めます。"),
        ),
        "renewed" => Some(Notice::success("担当の時間を延ばしました")),
        "registered" => Some(wrong_notice(&effect(asked))),
        _ => None,
    }
}

/// The page after a result that could not be kept, with what was typed.
pub(super) async fn refused(
    desk: &Desk,
    session: &SignedIn,
    shell: Shell,
    call: Call,
    typed: &Typed,
    standing: Marked,
) -> Result<Response, PageError> {
    let notice = match standing {
        Marked::Held(lease) => {
            let people = names(desk, session.staff.org, [lease.by].into_iter()).await?;
            Notice::error(format!("{}さんが、この人に電話しています", people.of(lease.by))).text(
                "今回の結果は記録していません。入力した内容は下に残っています。電話している人に伝えるか、その担当が終わってからもう一度記録してください。",
            )
        }
        _ => Notice::error("この電話は、ほかの人が先に済ませています")
            .text("今回の結果は記録していません。入力したメモは下に残っています。"),
    };
    // As it stands by now: somebody was faster.
    let found = lists::calls::call(&desk.db, session.staff.org, scope(&session.staff), call.id).await;
    let call = found.map_err(failed)?.ok_or(PageError::NotFound)?;
    let page = page(
        desk,
        session,
        shell.with_notice(notice),
        call,
        Some((typed, Errors::default())),
    )
    .await?;
    Ok((StatusCode::CONFLICT, Page(page)).into_response())
}

/// The page of a call, perhaps with what was typed in it.
pub(super) async fn page(
    desk: &Desk,
    session: &SignedIn,
    shell: Shell,
    call: Call,
    typed: Option<(&Typed, Errors)>,
) -> Result<CallShow, PageError> {
    let (staff, now) = (&session.staff, desk.db.now());
    let (org, scope) = (staff.org, scope(staff));
    let around = Around::of(desk, session, &call).await?;
    let standing = around.standing(&call, session, now);
    let is_mine = standing.is_mine();
    let (typed, errors) = typed.map_or((None, Errors::default()), |(typed, errors)| (Some(typed), errors));
    let is_open = call.closed.is_none();
    let nothing = Typed::default();
    let forms = (is_open && (is_mine || typed.is_some()))
        .then(|| around.forms(&call, typed.unwrap_or(&nothing), &errors, now));
    let unkept = typed.filter(|_| !is_open).map(|typed| {
        let notes = [typed.note.trim(), typed.words.trim()];
        notes.join("\n").trim().to_owned()
    });
    let number = call.number.as_deref();
    let number = number.map(if is_mine { Number::of } else { Number::masked });
    let viewer = shell.viewer();
    let organisation = viewer.map_or_else(String::new, |viewer| viewer.organisation.clone());
    Ok(CallShow {
        id: call.id,
        person: if is_mine {
            call.person.clone()
        } else {
            mask::name(&call.person)
        },
        number,
        closed_number: around.closed_number.map(WrongKind::label),
        reason: call.reason.label(),
        message: match call.source {
            CallSource::Message(message) => Some(message),
            CallSource::Row { .. } | CallSource::Case(_) | CallSource::ByHand => None,
        },
        priority: call.priority,
        office: around.office(call.office),
        by: around.people.or(call.added_by, "システム"),
        at: call.added_at,
        later: call.later(now).filter(|_| is_open),
        tries: call.tries,
        enough: (is_open && call.tries >= TRIES).then(|| enough(call.tries)),
        script: is_mine.then(|| {
            let ships = script(call.reason, &organisation, staff.name.as_str());
            match &around.own_script {
                Some(own) => ships.saying(own),
                None => ships,
            }
        }),
        language: around.language,
        reached: around.reached.filter(|_| is_open).map(|at| {
            Notice::success("この人には、SMSが届いています").text(format!(
                "{}に届いたことが分かりました。話し中でなければ、電話せずに戻してください。電話は自動で終わります。",
                web::time::stamp(at)
            ))
        }),
        never: NEVER,
        events: around.events.iter().map(|event| around.event(event)).collect(),
        family: around.family.iter().map(relative).collect(),
        forms,
        unkept: unkept.filter(|note| !note.is_empty()),
        counts: counts(&desk.db, org, scope, staff.id).await.map_err(failed)?,
        done_today: done_count(&desk.db, org, staff.id, japan_midnight(now))
            .await
            .map_err(failed)?,
        note: call.note,
        standing,
        shell: shell.titled(format!("電話 {}", call.id)).with_errors(errors),
    })
}

fn enough(tries: u32) -> Notice {
    Notice::warning(format!("{tries}回電話しても、つながっていません")).text(
        "訪問するか、連絡を終えるかを決めてください。どちらも、理由をメモに入力して「訪問することにした」か「連絡がつかなかった」を押します。もう一度かけ直すこともできます。",
    )
}

fn relative(call: &Call) -> Relative {
    Relative {
        id: call.id,
        person: mask::name(&call.person),
        reason: call.reason.label(),
    }
}

/// What a call needs to be told.
struct Around {
    people: Names,
    offices: Vec<accounts::Office>,
    events: Vec<CallEvent>,
    family: Vec<Call>,
    closed_number: Option<WrongKind>,
    /// What the organisation says to the people of the call's programme.
    own_script: Option<String>,
    language: Option<&'static str>,
    reached: Option<Millis>,
}

impl Around {
    async fn of(desk: &Desk, session: &SignedIn, call: &Call) -> Result<Self, PageError> {
        let (org, scope) = (session.staff.org, scope(&session.staff));
        let events = events(&desk.db, org, scope, call.id).await.map_err(failed)?;
        let done = events.iter().filter_map(|event| event.by);
        let closer = call.closed.and_then(|(_, by, _)| by);
        let caller = call.lease.map(|lease| lease.by);
        let all = done.chain(closer).chain(caller).chain(call.added_by);
        let people = names(desk, org, all).await?;
        let about = about(&desk.db, org, call.id).await.map_err(failed)?;
        Ok(Self {
            people,
            offices: desk.accounts.offices(org).await.map_err(failed)?,
            family: family(&desk.db, org, scope, call.id).await.map_err(failed)?,
            closed_number: closed_number(desk, session, call).await?,
            own_script: own_script(desk, org, &about).await?,
            language: about
                .language
                .as_deref()
                .and_then(Language::from_code)
                .filter(|language| *language != Language::Japanese)
                .map(Language::label),
            reached: about.reached_at,
            events,
        })
    }

    fn office(&self, id: OfficeId) -> String {
        let office = self.offices.iter().find(|office| office.id == id);
        office.map_or_else(String::new, |office| office.name.to_string())
    }

    fn standing(&self, call: &Call, session: &SignedIn, now: Millis) -> Stands {
        if let Some((outcome, by, at)) = call.closed {
            return Stands::Closed {
                outcome: outcome.label(),
                by: self.people.or(by, "システム"),
                at,
            };
        }
        match call.held(now) {
            Some(lease) if lease.by == session.staff.id => Stands::Mine {
                until: lease.until,
                seconds: (lease.until - now) / SECOND,
            },
            Some(lease) => Stands::Held {
                by: self.people.of(lease.by),
                until: lease.until,
            },
            None => Stands::Free,
        }
    }

    fn event(&self, event: &CallEvent) -> Event {
        Event {
            at: event.at,
            by: self.people.or(event.by, "システム"),
            what: match event.step {
                CallStep::Tried(attempt) => attempt.label().to_owned(),
                CallStep::Done(outcome) => outcome.label().to_owned(),
                CallStep::HandedOver { from } => format!("{}から引き継いだ", self.office(from)),
            },
            note: event.note.clone(),
        }
    }

    fn forms(&self, call: &Call, typed: &Typed, errors: &Errors, now: Millis) -> Forms {
        let next = if typed.next.is_empty() { USUAL } else { &typed.next };
        let offices = self
            .offices
            .iter()
            .filter(|office| is_offered(office, call.office, now));
        let mut to = vec![Choice::new("", "選んでください")];
        to.extend(offices.map(|office| {
            let kind = office.kind.label();
            Choice::new(office.id, format!("{}（{kind}）", office.name))
        }));
        Forms {
            note: Field::long_text("note", "メモ", 3)
                .support("本人に伝えたこと、聞いたこと。「訪問することにした」「連絡がつかなかった」で終えるときは理由")
                .value(&typed.note)
                .errors(errors),
            next: [
                Field::select("next", "次にかけるとき", choices(now))
                    .value(next)
                    .errors(errors),
                Field::select("day", "次にかける日", days(now))
                    .value(&typed.day)
                    .errors(errors),
                Field::select("time", "次にかける時刻", times())
                    .value(if typed.time.is_empty() { "10:00" } else { &typed.time })
                    .errors(errors),
            ],
            over: [
                Field::select("office", "引き継ぐ部署", to)
                    .required()
                    .value(&typed.office)
                    .errors(errors),
                Field::long_text("words", "引き継ぐ部署へのメモ", 2)
                    .optional()
                    .value(&typed.words)
                    .errors(errors),
            ],
            outcomes: [
                CallOutcome::MessageLeft,
                CallOutcome::OtherWay,
                CallOutcome::NotNeeded,
            ],
            unreached: [CallOutcome::Visit, CallOutcome::GivenUp],
            attempts: CallAttempt::OFFERED,
        }
    }
}

/// The organisation's script for this programme, in the person's language if there is one, else in Japanese.
async fn own_script(desk: &Desk, org: OrgId, about: &CallAbout) -> Result<Option<String>, PageError> {
    let Some(programme) = about.programme else {
        return Ok(None);
    };
    let languages = [about.language.as_deref(), Some(Language::Japanese.code())];
    for language in languages.into_iter().flatten() {
        let found = store::call_script(&desk.db, org, programme, language).await;
        if let Some(script) = found.map_err(failed)? {
            return Ok(Some(script.text));
        }
    }
    Ok(None)
}

/// How the number of this call is registered, if it is.
async fn closed_number(desk: &Desk, session: &SignedIn, call: &Call) -> Result<Option<WrongKind>, PageError> {
    let number = call
        .number
        .as_deref()
        .and_then(|number| phone::parse(number).ok());
    let Some(parsed) = number.filter(|_| call.closed.is_none()) else {
        return Ok(None);
    };
    let org = session.staff.org;
    let vault = desk.db.vault(org).await.map_err(failed)?;
    let values = PersonValues {
        phone: Some(parsed.number),
        ..PersonValues::default()
    };
    let keys = PersonKeys::of(&vault, &values);
    let known = known_wrong(&desk.db, org, &[keys]).await.map_err(failed)?;
    // Whoever wants no SMS is telephoned.
    let mut kinds = known.into_iter().flatten().map(|wrong| wrong.kind);
    Ok(kinds.find(|kind| *kind != WrongKind::Refused))
}
