//! `GET /cases/{id}/twins/{twin}`: two cases side by side. Values stay masked; whether they are the same is said of
//! the whole values.

use accounts::{SignedIn, Staff};
use askama::Template;
use axum::extract::State;
use axum::response::IntoResponse;
use base::id::CaseId;
use messaging::pages::{Answer, failed};
use web::{Id, Page, PageError, Shell};

use super::Triage;
use super::case_form::typed;
use super::case_load::load;
use super::case_words::{age, area, day, masked_name, numbers};
use crate::case::{Case, received_day};
use crate::intake::risk_words;
use crate::notification::CaseNotification;
use crate::store::cases::case;
use crate::store::twins::{TwinState, Twins, pair};

#[derive(Template)]
#[template(path = "twin_show.html")]
struct TwinPage {
    shell: Shell,
    id: CaseId,
    twin: CaseId,
    why: String,
    is_pending: bool,
    is_merged: bool,
    state: &'static str,
    sides: [Side; 2],
    rows: Vec<Row>,
}

/// One of the two.
struct Side {
    reference: String,
    office: String,
    at: i64,
    id: CaseId,
    is_kept: bool,
}

struct Row {
    label: &'static str,
    values: [String; 2],
    same: bool,
}

impl Row {
    fn result(&self) -> &'static str {
        match (self.same, self.values.iter().all(String::is_empty)) {
            (true, true) => "どちらも空",
            (true, false) => "同じ",
            (false, _) => "違う",
        }
    }
}

/// Two cases and what is known of them as a pair, the asked one first; not there unless one is this person's.
pub(super) async fn both(
    triage: &Triage,
    staff: &Staff,
    id: CaseId,
    twin: CaseId,
) -> Result<(Case, Case, Twins), PageError> {
    let own = load(triage, staff, id).await?;
    let (earlier, later) = if id < twin { (id, twin) } else { (twin, id) };
    let twins = pair(&triage.db, staff.org, earlier, later)
        .await
        .map_err(failed)?;
    let twins = twins.ok_or(PageError::NotFound)?;
    let other = case(&triage.db, staff.org, None, twin).await.map_err(failed)?;
    Ok((own, other.ok_or(PageError::NotFound)?, twins))
}

pub(super) async fn show(
    State(triage): State<Triage>,
    session: SignedIn,
    Id((id, twin)): Id<(CaseId, CaseId)>,
    shell: Shell,
) -> Answer {
    let staff = &session.staff;
    let (own, other, twins) = both(&triage, staff, id, twin).await?;
    let offices = triage.offices(staff.org).await?;
    let side = |case: &Case| Side {
        reference: case.reference.to_string(),
        office: offices
            .get(&case.office)
            .map(|office| office.name.to_string())
            .unwrap_or_default(),
        at: case.received_at,
        id: case.id,
        is_kept: twins.kept == Some(case.id),
    };
    let page = TwinPage {
        id,
        twin,
        why: twins.why().join("、"),
        is_pending: twins.state == TwinState::Pending,
        is_merged: twins.state == TwinState::Merged,
        state: twins.state.label(),
        sides: [side(&own), side(&other)],
        rows: rows(&triage, &own, &other),
        shell: shell.titled("2つの記録を見比べる"),
    };
    Ok(Page(page).into_response())
}

fn rows(triage: &Triage, one: &Case, two: &Case) -> Vec<Row> {
    let (Some(a), Some(b)) = (&one.notification, &two.notification) else {
        return Vec::new();
    };
    let today = received_day(triage.db.now());
    let (whole_a, whole_b) = (typed(a), typed(b));
    let same = |field: &str| {
        whole_a.get(field).map_or("", String::as_str) == whole_b.get(field).map_or("", String::as_str)
    };
    let person = |told: &CaseNotification| told.person.clone();
    let row = |label, same, of: &dyn Fn(&CaseNotification) -> String| Row {
        label,
        values: [of(a), of(b)],
        same,
    };
    let of_case = |label, of: &dyn Fn(&Case) -> String| {
        let values = [of(one), of(two)];
        Row {
            label,
            same: values[0] == values[1],
            values,
        }
    };
    vec![
        of_case("連絡の方法", &|case| case.decided.route.label().to_owned()),
        of_case("最初の連絡", &|case| case.contact.label().to_owned()),
        row(
            "重症化リスク",
            (&a.illness.risk_factors, a.illness.pregnant) == (&b.illness.risk_factors, b.illness.pregnant),
            &risks,
        ),
        row("氏名", same("name"), &|told| masked_name(Some(told))),
        row("フリガナ", same("kana"), &|told| {
            told.person
                .kana
                .as_deref()
                .map(messaging::pages::mask::name)
                .unwrap_or_default()
        }),
        row("生年月日・年齢", same("birth") && same("age"), &|told| {
            age(&told.person, today)
        }),
        row("性別", same("sex"), &|told| {
            person(told).sex.unwrap_or_default()
        }),
        row(
            "電話番号",
            numbers(&a.person, true) == numbers(&b.person, true),
            &|told| numbers(&told.person, false).join("、"),
        ),
        row("登録ID", same("registerid"), &|told| {
            told.person
                .register_id
                .as_deref()
                .map(|_| "あり".to_owned())
                .unwrap_or_default()
        }),
        row("所在地", same("location"), &|told| {
            told.person.whereabouts().map(area).unwrap_or_default()
        }),
        row("医療機関", same("clinic"), &|told| {
            told.notifier.clinic.clone().unwrap_or_default()
        }),
        row("発病日", same("onset"), &|told| {
            told.illness.onset.map(day).unwrap_or_default()
        }),
        row("診断日", same("diagnosed"), &|told| {
            told.illness.diagnosed.map(day).unwrap_or_default()
        }),
    ]
}

fn risks(told: &CaseNotification) -> String {
    let illness = &told.illness;
    let mut words: Vec<&str> = illness
        .risk_factors
        .iter()
        .flatten()
        .map(|one| risk_words(*one))
        .collect();
    if illness.pregnant == Some(true) {
        words.push("妊娠");
    }
    match (words.is_empty(), &illness.risk_factors) {
        (true, Some(_)) => "なし".to_owned(),
        _ => words.join("、"),
    }
}
