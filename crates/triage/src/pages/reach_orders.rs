//! `GET` and `POST /reach/orders`, `POST /reach/orders/{id}/end`: what goes out by itself, by whose order, within what.

use std::collections::HashMap;

use accounts::SignedIn;
use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use base::clock::Millis;
use base::id::{BroadcastId, OfficeId, OrderId, StaffId};
use messaging::pages::roll::{TextChoice, Version, texts_for};
use messaging::pages::{Answer, Desk, failed, scope};
use messaging::release::{Hours, parse_time};
use messaging::template::Purpose;
use serde::Deserialize;
use web::form::{Choice, Field};
use web::number::grouped;
use web::{CsrfForm, Errors, Id, NoFields, Page, PageError, Shell, after_post};

use super::reach_words::{
    office_names, open_offices, programme_field, texts_of_programme, version_of, version_word,
};
use crate::decision::Route;
use crate::limits::GATHERED;
use crate::order::{NewOrder, Order};
use crate::store::orders::{add, end as end_order, order, orders, released_today, releases};

#[derive(Template)]
#[template(path = "reach_orders.html")]
struct ReachOrders {
    shell: Shell,
    /// Only the head office orders.
    form: Option<Vec<Field>>,
    lines: Vec<Line>,
}

/// One order.
struct Line {
    id: OrderId,
    office: String,
    route: &'static str,
    text: String,
    limits: String,
    today: String,
    by: String,
    at: Millis,
    ended: Option<(String, Millis)>,
    /// Nobody works at the office any more: nothing goes out.
    is_over: bool,
    releases: Vec<(BroadcastId, u32, Millis)>,
}

/// What the form sends.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Typed {
    office: String,
    programme: String,
    route: String,
    template: String,
    per_release: String,
    per_day: String,
    opens: String,
    closes: String,
}

pub(super) async fn show(State(desk): State<Desk>, session: SignedIn, shell: Shell) -> Answer {
    let typed = Typed {
        programme: "1".to_owned(),
        route: Route::CentreSms.as_str().to_owned(),
        opens: "9:00".to_owned(),
        closes: "17:00".to_owned(),
        ..Typed::default()
    };
    page(&desk, &session, shell, &typed, Errors::default()).await
}

async fn page(desk: &Desk, session: &SignedIn, shell: Shell, typed: &Typed, errors: Errors) -> Answer {
    let (org, own) = (session.staff.org, scope(&session.staff));
    let (names, open) = (office_names(desk, org).await?, open_offices(desk, org).await?);
    let mut texts = texts_for(desk, org, Purpose::FirstTouch).await?;
    let whose = (typed.programme.parse().unwrap_or(0), session.staff.office);
    let usual = texts_of_programme(desk, org, whose, &mut texts).await?;
    let chosen = version_of(&typed.template).or(usual);
    let all = orders(&desk.db, org, own).await.map_err(failed)?;
    let people: Vec<StaffId> = all
        .iter()
        .flat_map(|one| [Some(one.says.by), one.ended.map(|(by, _)| by)])
        .flatten()
        .collect();
    let staff = desk.accounts.staff_by_ids(org, &people).await.map_err(failed)?;
    let person = |id: StaffId| staff.get(&id).map(|one| one.name.to_string()).unwrap_or_default();
    let mut lines = Vec::new();
    for one in &all {
        let Order { id, says, .. } = *one;
        let name = texts.iter().find(|text| text.version.0 == says.version.0);
        let today = released_today(&desk.db, org, id).await.map_err(failed)?;
        lines.push(Line {
            id,
            office: names.get(&says.office).cloned().unwrap_or_default(),
            route: says.route.label(),
            text: format!(
                "{} 第{}版",
                name.map_or("（しまった文面）", |text| text.name.as_str()),
                says.version.1
            ),
            limits: format!(
                "{}、1回{}人まで、1日{}人まで",
                says.hours,
                grouped(u64::from(says.per_release)),
                grouped(u64::from(says.per_day))
            ),
            today: format!("{}人", grouped(u64::from(today))),
            by: person(says.by),
            at: one.ordered_at,
            ended: one.ended.map(|(by, at)| (person(by), at)),
            is_over: !open.contains_key(&says.office),
            releases: releases(&desk.db, org, id).await.map_err(failed)?,
        });
    }
    let may_order = own.is_none() && shell.may("POST", "/reach/orders");
    let page = ReachOrders {
        form: if may_order {
            let programme = programme_field(desk, org, &typed.programme)
                .await?
                .errors(&errors);
            Some(fields((typed, chosen), (&open, &texts), programme, &errors))
        } else {
            None
        },
        lines,
        shell: shell.titled("自動で送る指示").with_errors(errors),
    };
    Ok(Page(page).into_response())
}

fn fields(
    (typed, chosen): (&Typed, Option<Version>),
    (names, texts): (&HashMap<OfficeId, String>, &[TextChoice]),
    programme: Field,
    errors: &Errors,
) -> Vec<Field> {
    let mut offices: Vec<_> = names
        .iter()
        .filter(|(id, _)| **id != OfficeId::HEADQUARTERS)
        .collect();
    offices.sort_by_key(|(id, _)| **id);
    let offices = offices
        .into_iter()
        .map(|(id, name)| Choice::new(id, name))
        .collect();
    let routes =
        [Route::CentreSms, Route::HeadOfficeSms].map(|route| Choice::new(route.as_str(), route.label()));
    let approved = texts
        .iter()
        .filter(|one| one.is_approved && one.not_now.is_none());
    let approved = approved.map(|one| Choice::new(version_word(one.version), &one.name));
    let nothing = chosen.is_none().then(|| Choice::new("", "選んでください"));
    vec![
        Field::select("office", "どの部署の人に", offices)
            .value(&typed.office)
            .errors(errors),
        Field::select("route", "どの振り分けの人に", routes.into()).value(&typed.route),
        programme,
        Field::select("template", "承認された文面", nothing.into_iter().chain(approved).collect())
            .support("プログラムの文面から並べています。文面を変えたときは、新しい版を承認してから、指示を出し直します。")
            .value(chosen.map(version_word).unwrap_or_default())
            .errors(errors),
        Field::number("per_release", "1回に送る人数の上限")
            .value(&typed.per_release)
            .errors(errors),
        Field::number("per_day", "1日に送る人数の上限")
            .value(&typed.per_day)
            .errors(errors),
        Field::text("opens", "送り始める時刻")
            .short()
            .support("「9:00」のように")
            .value(&typed.opens)
            .errors(errors),
        Field::text("closes", "これより後には送らない時刻")
            .short()
            .value(&typed.closes)
            .errors(errors),
    ]
}

pub(super) async fn submit(
    State(desk): State<Desk>,
    session: SignedIn,
    shell: Shell,
    CsrfForm(typed): CsrfForm<Typed>,
) -> Answer {
    if scope(&session.staff).is_some() {
        return Err(PageError::NotFound);
    }
    session.fresh()?;
    let org = session.staff.org;
    let names = open_offices(&desk, org).await?;
    let texts = texts_for(&desk, org, Purpose::FirstTouch).await?;
    let new = match accept(&typed, &names, &texts, session.staff.id) {
        Ok(new) => new,
        Err(errors) => return again(&desk, &session, shell, &typed, errors).await,
    };
    if add(&desk.db, org, new).await.map_err(failed)?.is_none() {
        let mut errors = Errors::default();
        errors.add(
            "office",
            "この部署には、同じ人への指示がすでにあります。先にその指示を終わらせてください。",
        );
        return again(&desk, &session, shell, &typed, errors).await;
    }
    Ok(after_post("/reach/orders").into_response())
}

async fn again(desk: &Desk, session: &SignedIn, shell: Shell, typed: &Typed, errors: Errors) -> Answer {
    let shown = page(desk, session, shell, typed, errors).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, shown).into_response())
}

fn accept(
    typed: &Typed,
    names: &HashMap<OfficeId, String>,
    texts: &[TextChoice],
    by: StaffId,
) -> Result<NewOrder, Errors> {
    let mut errors = Errors::default();
    let office = typed.office.parse().ok().map(OfficeId::new);
    let office = office.filter(|id| names.contains_key(id) && *id != OfficeId::HEADQUARTERS);
    if office.is_none() {
        errors.add("office", "部署を選んでください。");
    }
    let version = version_of(&typed.template);
    let version =
        version.filter(|version| texts.iter().any(|one| one.version == *version && one.is_approved));
    if version.is_none() {
        errors.add("template", "承認された文面を選んでください。");
    }
    let programme = typed
        .programme
        .trim()
        .parse()
        .ok()
        .filter(|number: &i64| *number > 0);
    if programme.is_none() {
        errors.add("programme", "プログラムを選んでください。");
    }
    let mut people = |name: &str, word: &str| -> u32 {
        let number = word
            .trim()
            .parse()
            .ok()
            .filter(|number| (1..=GATHERED).contains(number));
        if number.is_none() {
            errors.add(name, format!("1から{GATHERED}までの数を入力してください。"));
        }
        number.unwrap_or(0)
    };
    let (per_release, per_day) = (
        people("per_release", &typed.per_release),
        people("per_day", &typed.per_day),
    );
    let hours = parse_time(&typed.opens)
        .zip(parse_time(&typed.closes))
        .and_then(|(opens, closes)| Hours::new(opens, closes));
    if hours.is_none() {
        errors.add(
            "opens",
            "時刻を「9:00」のように、終わりが始まりより後になるように入力してください。",
        );
    }
    let route = Route::from_word(&typed.route).filter(|route| route.is_sms());
    match (office, version, programme, hours, route) {
        (Some(office), Some(version), Some(programme), Some(hours), Some(route)) if errors.is_empty() => {
            Ok(NewOrder {
                office,
                programme,
                route,
                version,
                per_release,
                per_day,
                hours,
                by,
            })
        }
        _ => Err(errors),
    }
}

pub(super) async fn end(
    State(desk): State<Desk>,
    session: SignedIn,
    Id(id): Id<OrderId>,
    CsrfForm(NoFields {}): CsrfForm<NoFields>,
) -> Answer {
    let org = session.staff.org;
    let found = order(&desk.db, org, id).await.map_err(failed)?;
    // An office may stop what goes out in its name.
    let may_end = |one: &Order| scope(&session.staff).is_none_or(|own| own == one.says.office);
    if !found.is_some_and(|one| may_end(&one)) {
        return Err(PageError::NotFound);
    }
    end_order(&desk.db, org, id, session.staff.id)
        .await
        .map_err(failed)?;
    Ok(after_post("/reach/orders").into_response())
}
