//! `GET` and `POST /cases/hand-over`: everybody of a programme who is at an office goes to another, each with its
//! history: to the contractor that owns the programme, and back when the contract is over. Pressed again, it goes on
//! where it was interrupted.

use std::collections::HashMap;

use accounts::{Office, SignedIn, Staff, audit};
use askama::Template;
use axum::extract::{Query, State};
use axum::response::IntoResponse;
use base::clock::Millis;
use base::id::OfficeId;
use messaging::pages::{Answer, failed, scope};
use serde::Deserialize;
use web::form::Field;
use web::number::grouped;
use web::ui::Notice;
use web::{CsrfForm, Page, PageError, Shell, after_post};

use super::Triage;
use super::case_hand_over::{is_offered, office_choices};
use super::rules_now::Programmes;
use crate::store::handed::{Together, hand_over_together};
use crate::store::owners::{Place, places};

/// What the address asks for; what cannot be read counts as not asked.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Asked {
    programme: String,
    office: String,
    /// How many went a moment ago.
    people: String,
}

#[derive(Template)]
#[template(path = "case_hand_over_many.html")]
struct HandOverMany {
    shell: Shell,
    lines: Vec<Line>,
    is_filtered: bool,
    /// Calls that wait where nobody works any more.
    calls: Vec<Notice>,
}

/// People of one programme at one office.
struct Line {
    programme: i64,
    name: String,
    office: OfficeId,
    place: String,
    is_over: bool,
    people: u64,
    to: Field,
}

pub(super) async fn show(
    State(triage): State<Triage>,
    session: SignedIn,
    Query(asked): Query<Asked>,
    shell: Shell,
) -> Answer {
    let staff = &session.staff;
    let offices = of_head_office(&triage, staff).await?;
    let programmes = Programmes::of(&triage, staff).await?;
    let now = triage.db.now();
    let programme: Option<i64> = asked.programme.parse().ok();
    let office = asked.office.parse().ok().map(OfficeId::new);
    let mut found = places(&triage.db, staff.org).await.map_err(failed)?;
    found.retain(|one| programme.is_none_or(|wanted| wanted == one.programme));
    found.retain(|one| office.is_none_or(|wanted| wanted == one.office));
    let lines = found
        .iter()
        .filter_map(|one| Some(line(one, offices.get(&one.office)?, (&offices, &programmes), now)));
    let mut calls = Vec::new();
    for one in offices.values().filter(|office| !office.is_open(now)) {
        let open = lists::calls::open_count(&triage.db, staff.org, Some(one.id)).await;
        let open = u64::from(open.map_err(failed)?);
        calls.extend((open > 0).then(|| left(&one.name.to_string(), open)));
    }
    let page = HandOverMany {
        lines: lines.collect(),
        is_filtered: programme.is_some() || office.is_some(),
        calls,
        shell: match shell.done() {
            Some("handed-over") => shell.with_notice(done(&asked)),
            _ => shell,
        }
        .titled("まとめて引き継ぐ"),
    };
    Ok(Page(page).into_response())
}

fn left(office: &str, calls: u64) -> Notice {
    Notice::warning(format!(
        "{office}に、かけていない電話が{}件あります",
        grouped(calls)
    ))
    .text("患者の電話は、患者といっしょに移ります。残った電話は、電話リストで1件ずつ引き継いでください。")
    .link("/calls", "電話リストを開く")
}

/// The choice of where the people of a line go: each has a name of its own on the page.
fn to_field(programme: i64, from: OfficeId) -> String {
    format!("to-{programme}-{from}")
}

fn done(asked: &Asked) -> Notice {
    match asked.people.parse::<u64>().unwrap_or(0) {
        0 => Notice::info("引き継ぐ人はいません"),
        people => Notice::success(format!("{}人を引き継ぎました", grouped(people)))
            .text("経過も、かけていない電話も、いっしょに移りました。"),
    }
}

/// The offices; whose people go where is the head office's to say.
async fn of_head_office(triage: &Triage, staff: &Staff) -> Result<HashMap<OfficeId, Office>, PageError> {
    if scope(staff).is_some() {
        return Err(PageError::NotFound);
    }
    triage.offices(staff.org).await
}

fn line(
    one: &Place,
    office: &Office,
    (offices, programmes): (&HashMap<OfficeId, Office>, &Programmes),
    now: Millis,
) -> Line {
    let open = offices.values().filter(|to| is_offered(to, office.id, now));
    let choices = office_choices("選んでください", open);
    let owner = programmes.office(one.programme, office.id);
    let owner = (owner != office.id).then(|| owner.to_string());
    let name = programmes.name(one.programme);
    Line {
        programme: one.programme,
        name: if name.is_empty() {
            "振り分け規則のない人".to_owned()
        } else {
            name.to_owned()
        },
        office: office.id,
        place: office.name.to_string(),
        is_over: !office.is_open(now),
        people: one.people,
        to: Field::select(&to_field(one.programme, office.id), "引き継ぐ先の部署", choices)
            .value(owner.unwrap_or_default()),
    }
}

pub(super) async fn submit(
    State(triage): State<Triage>,
    session: SignedIn,
    CsrfForm(typed): CsrfForm<HashMap<String, String>>,
) -> Answer {
    let staff = &session.staff;
    let offices = of_head_office(&triage, staff).await?;
    let programmes = Programmes::of(&triage, staff).await?;
    let office = |field: &str| offices.get(&OfficeId::new(typed.get(field)?.parse().ok()?));
    let programme: Option<i64> = typed.get("programme").and_then(|typed| typed.parse().ok());
    let programme = programme.ok_or(PageError::Unreadable)?;
    let from = office("from").ok_or(PageError::Unreadable)?;
    let to = office(&to_field(programme, from.id));
    let to = to.filter(|to| is_offered(to, from.id, triage.db.now()));
    let to = to.ok_or_else(|| {
        PageError::rejected(
            "引き継ぐ先の部署が選ばれていません。だれも引き継いでいません。",
            "前のページに戻り、引き継ぐ先の部署を選んでください。",
        )
    })?;
    let words = match programmes.name(programme) {
        "" => "まとめて引き継ぎ".to_owned(),
        name => format!("振り分け規則「{name}」の人をまとめて引き継ぎ"),
    };
    audit::note(format!("{words}: {} → {}", from.name, to.name));
    let wish = Together {
        programme,
        from: from.id,
        to: to.id,
        by: (staff.id, staff.office),
        rules: programmes.rules(programme),
        words,
    };
    let people = hand_over_together(&triage.db, staff.org, wish)
        .await
        .map_err(failed)?;
    Ok(after_post(&format!("/cases/hand-over?done=handed-over&people={people}")).into_response())
}
