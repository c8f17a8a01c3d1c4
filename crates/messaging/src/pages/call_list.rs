//! `GET /calls`, `POST /calls`: whom the office telephones, and an entry by hand.
//!
//! Names and numbers are masked; whoever telephones takes one person at a time (`call_take.rs`).

use std::collections::HashMap;

use accounts::SignedIn;
use askama::Template;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::IntoResponse;
use base::clock::{Millis, SECOND, japan_midnight};
use base::id::{CallId, OfficeId, StaffId};
use lists::calls::{
    Call, CallCounts, CallEvent, CallStep, Due, closed_since, counts, done_count, held_calls, open_calls,
};
use web::form::Field;
use web::ui::Notice;
use web::{CsrfForm, Errors, Page, PageError, Paging, Shell, after_post, paging};

use super::call_add::{add_all, told};
use super::call_form::Typed;
use super::call_number::Number;
use super::{Answer, Desk, Names, failed, mask, names, scope};
use crate::limits::{CALLS_DONE_SHOWN, CALLS_HELD_SHOWN, CALLS_LATER_SHOWN, CALLS_PER_PAGE};

#[derive(Template)]
#[template(path = "call_list.html")]
pub(super) struct CallList {
    shell: Shell,
    fields: [Field; 4],
    is_open: bool,
    counts: CallCounts,
    /// Who has whom, the asking person's own first.
    mine: Option<CallId>,
    held: Vec<HeldRow>,
    rows: Vec<Row>,
    summary: String,
    links: paging::Links,
    later: Vec<Row>,
    /// How many more of them there are.
    later_more: u64,
    done: Vec<DoneRow>,
    done_today: u32,
    with_office: bool,
}

struct Row {
    id: CallId,
    person: String,
    number: Option<Number>,
    others: u32,
    reason: &'static str,
    note: Option<String>,
    priority: u32,
    office: String,
    by: String,
    waited: String,
    due_at: Millis,
    tries: u32,
    last: Option<Last>,
    /// Who has it now, if it is somebody else.
    holder: Option<String>,
    is_mine: bool,
}

/// The last attempt.
struct Last {
    at: Millis,
    by: String,
    what: &'static str,
    note: Option<String>,
}

struct HeldRow {
    id: CallId,
    by: String,
    person: String,
    until: Millis,
}

struct DoneRow {
    id: CallId,
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
    let page = page(&desk, &session, shell, nothing, wanted).await?;
    Ok(Page(page).into_response())
}

/// The answer to what was pressed.
fn done(shell: &Shell, asked: &Asked) -> Option<Notice> {
    let count = |name: &str| asked.get(name).and_then(|count| count.parse().ok()).unwrap_or(0);
    match shell.done()? {
        "added" => Some(told(count("added"), count("before"))),
        "back" => Some(
            Notice::success("電話せずにリストに戻しました")
                .text("ほかの人が、この人に電話できるようになりました。"),
        ),
        "over" => Some(Notice::info(
            "この電話の担当は、すでに終わっています。リストはそのままです",
        )),
        "handed_over" => Some(
            Notice::success("ほかの部署に引き継ぎました")
                .text("これまでの記録も一緒に引き継がれます。この部署のリストからは消えます。"),
        ),
        "nobody" => Some(
            Notice::info("いま電話できる人はいません")
                .text("ほかの人が電話中か、かけ直す時間になっていません。"),
        ),
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
            let page = page(&desk, &session, shell, (&typed, errors), 1).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, Page(page)).into_response())
        }
    }
}

async fn page(
    desk: &Desk,
    session: &SignedIn,
    shell: Shell,
    (typed, errors): (&Typed, Errors),
    number: u64,
) -> Result<CallList, PageError> {
    let (org, office, staff) = (session.staff.org, scope(&session.staff), session.staff.id);
    let counts = counts(&desk.db, org, office, staff).await.map_err(failed)?;
    let paging = Paging::new(number, CALLS_PER_PAGE, counts.due.into());
    let all = Open::of(desk, session, paging).await?;
    let around = Around::of(desk, session, &all).await?;
    let today = japan_midnight(desk.db.now());
    Ok(CallList {
        fields: typed.fields(&errors),
        is_open: !errors.is_empty(),
        mine: all
            .held
            .iter()
            .find(|call| call.lease.is_some_and(|lease| lease.by == staff))
            .map(|call| call.id),
        held: all.held.iter().filter_map(|call| around.held(call)).collect(),
        rows: all.due.iter().map(|call| around.row(call)).collect(),
        summary: paging.summary("件"),
        links: paging.links("/calls"),
        later: all.later.iter().map(|call| around.row(call)).collect(),
        later_more: u64::from(counts.later).saturating_sub(all.later.len() as u64),
        done: all.closed.iter().filter_map(|call| around.done(call)).collect(),
        done_today: done_count(&desk.db, org, staff, today).await.map_err(failed)?,
        counts,
        with_office: office.is_none(),
        shell: shell.titled("電話リスト").with_errors(errors),
    })
}

/// The entries that the page shows.
struct Open {
    due: Vec<Call>,
    later: Vec<Call>,
    held: Vec<Call>,
    closed: Vec<Call>,
}

impl Open {
    async fn of(desk: &Desk, session: &SignedIn, paging: Paging) -> Result<Self, PageError> {
        let (db, org, office) = (&desk.db, session.staff.org, scope(&session.staff));
        let part = [paging.limit(), paging.offset()].map(|rows| u32::try_from(rows).unwrap_or(u32::MAX));
        let today = japan_midnight(db.now());
        Ok(Self {
            due: open_calls(db, org, office, Due::Now, (part[0], part[1]))
                .await
                .map_err(failed)?,
            later: open_calls(db, org, office, Due::Later, (CALLS_LATER_SHOWN, 0))
                .await
                .map_err(failed)?,
            held: held_calls(db, org, office, CALLS_HELD_SHOWN)
                .await
                .map_err(failed)?,
            closed: closed_since(db, org, office, today, CALLS_DONE_SHOWN)
                .await
                .map_err(failed)?,
        })
    }

    /// Those that may still be called.
    fn open(&self) -> impl Iterator<Item = &Call> {
        self.due.iter().chain(&self.later)
    }
}

/// What entries need to be told.
struct Around {
    staff: StaffId,
    now: Millis,
    people: Names,
    offices: HashMap<OfficeId, String>,
    attempts: HashMap<CallId, Vec<CallEvent>>,
}

impl Around {
    async fn of(desk: &Desk, session: &SignedIn, all: &Open) -> Result<Self, PageError> {
        let org = session.staff.org;
        let ids: Vec<CallId> = all.open().map(|call| call.id).collect();
        let attempts = lists::calls::attempts(&desk.db, org, &ids)
            .await
            .map_err(failed)?;
        let tried = attempts.values().flatten().filter_map(|event| event.by);
        let added = all.open().filter_map(|call| call.added_by);
        let closers = all
            .closed
            .iter()
            .filter_map(|call| call.closed)
            .filter_map(|(_, by, _)| by);
        let callers = all.open().chain(&all.held).filter_map(|call| call.lease);
        let callers = callers.map(|lease| lease.by);
        let people = names(desk, org, tried.chain(added).chain(closers).chain(callers)).await?;
        let offices = desk.accounts.offices(org).await.map_err(failed)?;
        let offices = offices
            .into_iter()
            .map(|office| (office.id, office.name.to_string()));
        Ok(Self {
            staff: session.staff.id,
            now: desk.db.now(),
            people,
            offices: offices.collect(),
            attempts,
        })
    }

    fn row(&self, call: &Call) -> Row {
        let held = call.held(self.now);
        let is_mine = held.is_some_and(|lease| lease.by == self.staff);
        let waited = (self.now - call.added_at).max(0) / SECOND;
        Row {
            id: call.id,
            person: mask::name(&call.person),
            number: call.number.as_deref().map(Number::masked),
            others: call.same_number.saturating_sub(1),
            reason: call.reason.label(),
            note: call.note.clone(),
            priority: call.priority,
            office: self.offices.get(&call.office).cloned().unwrap_or_default(),
            by: self.people.or(call.added_by, "システム"),
            waited: waiting(u64::try_from(waited).unwrap_or(0)),
            due_at: call.due_at.unwrap_or(call.added_at),
            tries: call.tries,
            last: self.last(call.id),
            holder: held.filter(|_| !is_mine).map(|lease| self.people.of(lease.by)),
            is_mine,
        }
    }

    fn last(&self, call: CallId) -> Option<Last> {
        let event = self.attempts.get(&call)?.last()?;
        let CallStep::Tried(attempt) = event.step else {
            return None;
        };
        Some(Last {
            at: event.at,
            by: self.people.or(event.by, "システム"),
            what: attempt.label(),
            note: event.note.clone(),
        })
    }

    fn held(&self, call: &Call) -> Option<HeldRow> {
        let lease = call.held(self.now)?;
        Some(HeldRow {
            id: call.id,
            by: self.people.of(lease.by),
            person: mask::name(&call.person),
            until: lease.until,
        })
    }

    fn done(&self, call: &Call) -> Option<DoneRow> {
        let (outcome, by, at) = call.closed?;
        Some(DoneRow {
            id: call.id,
            person: mask::name(&call.person),
            outcome: outcome.label(),
            by: self.people.or(by, "システム"),
            at,
        })
    }
}

/// How long somebody has waited: 「3日」, 「2時間15分」, 「4分」.
fn waiting(seconds: u64) -> String {
    match seconds / 60 {
        minutes @ 0..60 => format!("{minutes}分"),
        minutes @ 60..2_880 => format!("{}時間{:02}分", minutes / 60, minutes % 60),
        minutes => format!("{}日", minutes / 1_440),
    }
}

#[cfg(test)]
mod tests {
    use super::waiting;

    #[test]
    fn waiting_is_told_in_the_unit_that_matters() {
        let told = [59, 8_100, 172_800].map(waiting);
        assert_eq!(told, ["0分", "2時間15分", "2日"]);
    }
}
