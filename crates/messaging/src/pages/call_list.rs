//! `GET /calls`, `POST /calls`: whom the office telephones, and an entry by hand.
//!
//! Names and numbers are masked; whoever telephones has one person shown at a time (`call_reveal.rs`).

use std::collections::HashMap;

use accounts::SignedIn;
use askama::Template;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::IntoResponse;
use base::clock::{Millis, japan_midnight};
use base::id::{CallId, MessageId, OfficeId};
use base::merge::heading_key;
use base::phone;
use lists::calls::{
    Call, CallEvent, CallOutcome, CallSource, attempts, closed_since, open_calls, open_count,
};
use web::form::Field;
use web::ui::Notice;
use web::{CsrfForm, Errors, Page, PageError, Paging, Shell, after_post, paging};

use super::call_add::{add_all, told};
use super::call_form::Typed;
use super::number_form::notice as wrong_notice;
use super::number_list::effect;
use super::{Answer, Desk, Names, failed, mask, names, scope};
use crate::limits::{CALLS_DONE_SHOWN, CALLS_PER_PAGE};

/// Fewer digits than this are no number that a telephone could dial from outside.
const SHORTEST_NUMBER: usize = 9;

#[derive(Template)]
#[template(path = "call_list.html")]
pub(super) struct CallList {
    shell: Shell,
    fields: [Field; 4],
    is_open: bool,
    rows: Vec<Row>,
    summary: String,
    links: paging::Links,
    page: u64,
    done: Vec<DoneRow>,
    outcomes: [CallOutcome; 5],
    with_office: bool,
}

struct Row {
    id: CallId,
    /// Shown whole, this once.
    is_whole: bool,
    person: String,
    number: Option<Number>,
    /// Whether it is a number that a list can be checked against.
    is_mobile: bool,
    others: u32,
    reason: &'static str,
    note: Option<String>,
    message: Option<MessageId>,
    office: String,
    by: String,
    at: Millis,
    attempts: Vec<Attempt>,
}

/// A number as it is shown, and as a telephone dials it.
struct Number {
    shown: String,
    dialled: Option<String>,
}

impl Number {
    /// Not whole: nothing of it can be dialled.
    fn masked(text: &str) -> (Self, bool) {
        let (number, is_mobile) = Self::of(text);
        let masked = Self {
            shown: mask::number(&number.shown),
            dialled: None,
        };
        (masked, is_mobile)
    }

    fn of(text: &str) -> (Self, bool) {
        if let Ok(parsed) = phone::parse(text) {
            let number = Self {
                shown: parsed.number.national(),
                dialled: Some(parsed.number.e164()),
            };
            return (number, true);
        }
        let digits: String = heading_key(text).chars().filter(char::is_ascii_digit).collect();
        let number = Self {
            shown: text.to_owned(),
            dialled: (digits.len() >= SHORTEST_NUMBER).then_some(digits),
        };
        (number, false)
    }
}

struct Attempt {
    at: Millis,
    by: String,
    note: Option<String>,
}

struct DoneRow {
    person: String,
    outcome: &'static str,
    by: String,
    at: Millis,
}

/// The query: which page, and what was done a moment ago.
type Asked = HashMap<String, String>;

pub(super) async fn show(
    State(desk): State<Desk>,
    session: SignedIn,
    shell: Shell,
    Query(asked): Query<Asked>,
) -> Answer {
    let shell = match done(&shell, &asked) {
        Some(notice) => shell.with_notice(notice),
        None => shell,
    };
    let wanted = asked.get("page").and_then(|page| page.parse().ok()).unwrap_or(1);
    let nothing = (&Typed::default(), Errors::default());
    let page = page(&desk, &session, shell, nothing, wanted, None).await?;
    Ok(Page(page).into_response())
}

/// The answer to what was pressed.
fn done(shell: &Shell, asked: &Asked) -> Option<Notice> {
    let count = |name: &str| asked.get(name).and_then(|count| count.parse().ok()).unwrap_or(0);
    match shell.done()? {
        "added" => Some(told(count("added"), count("before"))),
        "closed" => Some(Notice::success("電話の結果を記録しました")),
        "tried" => Some(
            Notice::success("電話したことを記録しました")
                .text("まだ済んでいない電話として、リストに残ります。"),
        ),
        "nothing" => Some(
            Notice::info("この電話は、ほかの人が先に済ませています").text("今回の入力は記録していません。"),
        ),
        "registered" => Some(wrong_notice(&effect(asked))),
        _ => None,
    }
}

pub(super) async fn submit(
    State(desk): State<Desk>,
    session: SignedIn,
    shell: Shell,
    CsrfForm(typed): CsrfForm<Typed>,
) -> Answer {
    let staff = &session.staff;
    match typed.accept(staff.office, staff.id) {
        Ok(new) => {
            let (added, before) = add_all(&desk, staff.org, vec![new]).await?;
            let told = format!("/calls?done=added&added={added}&before={before}");
            Ok(after_post(&told).into_response())
        }
        Err(errors) => {
            let page = page(&desk, &session, shell, (&typed, errors), 1, None).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, Page(page)).into_response())
        }
    }
}

/// The list at this page; one of its people may be shown whole.
pub(super) async fn page(
    desk: &Desk,
    session: &SignedIn,
    shell: Shell,
    (typed, errors): (&Typed, Errors),
    number: u64,
    whole: Option<CallId>,
) -> Result<CallList, PageError> {
    let (org, office) = (session.staff.org, scope(&session.staff));
    let total = open_count(&desk.db, org, office).await.map_err(failed)?;
    let paging = Paging::new(number, CALLS_PER_PAGE, total.into());
    let (limit, offset) = (
        u32::try_from(paging.limit()).unwrap_or(u32::MAX),
        u32::try_from(paging.offset()).unwrap_or(u32::MAX),
    );
    let open = open_calls(&desk.db, org, office, limit, offset)
        .await
        .map_err(failed)?;
    let today = japan_midnight(desk.db.now());
    let closed = closed_since(&desk.db, org, office, today, CALLS_DONE_SHOWN)
        .await
        .map_err(failed)?;
    let around = Around::of(desk, session, &open, &closed).await?;
    Ok(CallList {
        fields: typed.fields(&errors),
        is_open: !errors.is_empty(),
        rows: open.into_iter().map(|call| around.row(call, whole)).collect(),
        summary: paging.summary("件"),
        links: paging.links("/calls"),
        page: paging.offset() / paging.limit() + 1,
        done: closed.iter().filter_map(|call| around.done(call)).collect(),
        outcomes: CallOutcome::ALL,
        with_office: office.is_none(),
        shell: shell.titled("電話リスト").with_errors(errors),
    })
}

/// What entries need to be told.
struct Around {
    people: Names,
    offices: HashMap<OfficeId, String>,
    attempts: HashMap<CallId, Vec<CallEvent>>,
}

impl Around {
    async fn of(desk: &Desk, session: &SignedIn, open: &[Call], closed: &[Call]) -> Result<Self, PageError> {
        let org = session.staff.org;
        let ids: Vec<CallId> = open.iter().map(|call| call.id).collect();
        let attempts = attempts(&desk.db, org, &ids).await.map_err(failed)?;
        let tried = attempts.values().flatten().map(|event| event.mark.by);
        let added = open.iter().filter_map(|call| call.added_by);
        let closers = closed.iter().filter_map(|call| call.closed).map(|(_, by, _)| by);
        let people = names(desk, org, tried.chain(added).chain(closers)).await?;
        let offices = desk.accounts.offices(org).await.map_err(failed)?;
        let offices = offices
            .into_iter()
            .map(|office| (office.id, office.name.to_string()));
        Ok(Self {
            people,
            offices: offices.collect(),
            attempts,
        })
    }

    fn row(&self, call: Call, whole: Option<CallId>) -> Row {
        let is_whole = whole == Some(call.id);
        let number = call.number.as_deref();
        let number = number.map(if is_whole { Number::of } else { Number::masked });
        let tried = self.attempts.get(&call.id).map_or(&[][..], Vec::as_slice);
        let attempt = |event: &CallEvent| Attempt {
            at: event.at,
            by: self.people.of(event.mark.by),
            note: event.mark.note.clone(),
        };
        Row {
            id: call.id,
            is_whole,
            person: if is_whole {
                call.person
            } else {
                mask::name(&call.person)
            },
            is_mobile: number.as_ref().is_some_and(|(_, is_mobile)| *is_mobile),
            number: number.map(|(number, _)| number),
            others: call.same_number.saturating_sub(1),
            reason: call.reason.label(),
            note: call.note,
            message: match call.source {
                CallSource::Message(message) => Some(message),
                CallSource::Row { .. } | CallSource::ByHand => None,
            },
            office: self.offices.get(&call.office).cloned().unwrap_or_default(),
            by: self.people.or(call.added_by, "システム"),
            at: call.added_at,
            attempts: tried.iter().map(attempt).collect(),
        }
    }

    fn done(&self, call: &Call) -> Option<DoneRow> {
        let (outcome, by, at) = call.closed?;
        Some(DoneRow {
            person: mask::name(&call.person),
            outcome: outcome.label(),
            by: self.people.of(by),
            at,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Number;

    #[test]
    fn a_number_can_be_dialled_however_it_is_written() {
        let dialled = |text: &str| Number::of(text).0.dialled;
        assert_eq!(
            dialled("０９０−１２３４−５６７８").as_deref(),
            Some("+819012345678")
        );
        assert_eq!(dialled("048-123-4567").as_deref(), Some("0481234567"));
        assert_eq!(dialled("０４８（１２３）４５６７").as_deref(), Some("0481234567"));
        assert_eq!(dialled("内線 12"), None);
    }
}
