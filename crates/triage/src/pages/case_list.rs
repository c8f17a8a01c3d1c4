//! `GET /cases`: the cases of an office, the newest first, or those who wait, the most urgent first; and the field in
//! which one person is looked for.

use std::collections::HashMap;

use accounts::SignedIn;
use askama::Template;
use axum::extract::{Query, State};
use axum::response::IntoResponse;
use base::id::{CaseId, OfficeId};
use messaging::pages::{Answer, failed, in_query, scope};
use serde::Deserialize;
use web::form::{Choice, Field};
use web::number::grouped;
use web::ui::Notice;
use web::{Page, Shell};

use super::Triage;
use super::line::Line;
use super::rules_now::{NO_PROGRAMME, Programmes};
use crate::case::{FirstContact, received_day};
use crate::decision::Route;
use crate::limits::CASES_PER_PAGE;
use crate::store::handed::{arrived, arrived_count};
use crate::store::search::{After, Filter, WaitingCount, listed, waiting, waiting_counts};
use crate::store::take_over::without_programme;
use crate::store::{cases, twins};

/// What the address asks for; what cannot be read counts as not asked.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Asked {
    contact: String,
    route: String,
    office: String,
    /// `received_at.case` of the last one that was shown.
    after: String,
    /// How many of those who wait are left out.
    from: String,
    /// `yes`: only whom another office handed over and nobody here has seen.
    arrived: String,
    /// What was done a moment ago.
    people: String,
    twins: String,
    owner: String,
}

#[derive(Template)]
#[template(path = "case_list.html")]
struct CaseList {
    shell: Shell,
    search: Field,
    filters: Vec<Field>,
    waiting: Vec<Waiting>,
    twins: usize,
    /// How many were handed over to this office and not seen yet.
    arrived: u64,
    /// Cases without a programme: how many, the one that takes them over, and the choice of another.
    without: u64,
    taker: (i64, String),
    takers: Option<Field>,
    lines: Vec<Line>,
    with_office: bool,
    is_filtered: bool,
    heading: &'static str,
    next: Option<String>,
}

/// How many wait for something, with the way to them.
struct Waiting {
    route: Route,
    people: u64,
    since: i64,
}

pub(super) async fn show(
    State(triage): State<Triage>,
    session: SignedIn,
    Query(asked): Query<Asked>,
    shell: Shell,
) -> Answer {
    let staff = &session.staff;
    let (org, own) = (staff.org, scope(staff));
    let offices = triage.offices(org).await?;
    let chosen = asked.office.parse().ok().map(OfficeId::new);
    let filter = Filter {
        office: own.or(chosen.filter(|office| offices.contains_key(office))),
        contact: FirstContact::from_word(&asked.contact),
        route: Route::from_word(&asked.route),
    };
    let query = |more: &str| {
        format!(
            "/cases?contact={}&route={}&office={}&{more}",
            in_query(&asked.contact),
            in_query(&asked.route),
            in_query(&asked.office)
        )
    };
    let is_waiting = filter.contact == Some(FirstContact::Waiting);
    let is_arrived = asked.arrived == "yes";
    let (found, next) = if is_arrived {
        let ids = arrived(&triage.db, org, staff.office).await.map_err(failed)?;
        (cases::cases(&triage.db, org, &ids).await.map_err(failed)?, None)
    } else if let Some(route) = filter.route.filter(|_| is_waiting) {
        let from: u32 = asked.from.parse().unwrap_or(0);
        let ids = waiting(&triage.db, org, filter.office, route, CASES_PER_PAGE + 1, from);
        let mut ids = ids.await.map_err(failed)?;
        let more = ids.len() > CASES_PER_PAGE as usize;
        ids.truncate(CASES_PER_PAGE as usize);
        let found = cases::cases(&triage.db, org, &ids).await.map_err(failed)?;
        let from = from.saturating_add(CASES_PER_PAGE);
        (found, more.then(|| query(&format!("from={from}"))))
    } else {
        let found = listed(&triage.db, org, filter, after(&asked.after)).await;
        let (found, more) = found.map_err(failed)?;
        let last = found.last();
        let last = last.map(|case| format!("after={}.{}", case.received_at, case.id));
        (found, last.filter(|_| more).map(|last| query(&last)))
    };
    let today = received_day(triage.db.now());
    let counts = waiting_counts(&triage.db, org, own).await.map_err(failed)?;
    let pending = twins::pending(&triage.db, org, own, CASES_PER_PAGE)
        .await
        .map_err(failed)?;
    let handed = arrived_count(&triage.db, org, staff.office)
        .await
        .map_err(failed)?;
    let without = without_programme(&triage.db, org, own).await.map_err(failed)?;
    let programmes = Programmes::of(&triage, staff).await?;
    let taker = programmes.chosen("");
    let page = CaseList {
        arrived: handed.into(),
        without: if taker == NO_PROGRAMME { 0 } else { without },
        taker: (taker, programmes.name(taker).to_owned()),
        takers: programmes.field(taker),
        search: search_field(""),
        filters: filters(&asked, own.is_none().then_some(&offices)),
        waiting: by_route(&counts),
        twins: pending.len(),
        lines: found.iter().map(|case| Line::of(case, &offices, today)).collect(),
        with_office: own.is_none(),
        is_filtered: is_arrived
            || filter.contact.is_some()
            || filter.route.is_some()
            || chosen.is_some()
            || next.is_some(),
        heading: match (is_arrived, is_waiting && filter.route.is_some()) {
            (true, _) => "引き継がれた人（届いた順）",
            (false, true) => "待っている人（急ぐ人から）",
            (false, false) => "患者の一覧（新しい順）",
        },
        next,
        shell: match shell.done().and_then(|word| done(word, &asked, &offices)) {
            Some(notice) => shell.with_notice(notice),
            None => shell,
        }
        .titled("患者"),
    };
    Ok(Page(page).into_response())
}

fn done(word: &str, asked: &Asked, offices: &HashMap<OfficeId, accounts::Office>) -> Option<Notice> {
    let count = |text: &str| text.parse::<u64>().unwrap_or(0);
    match word {
        "registered" => {
            let notice = Notice::success(format!("{}人を登録しました", grouped(count(&asked.people))));
            Some(match count(&asked.twins) {
                0 => notice.text("振り分けの結果は、下の「待っている人」にあります。"),
                twins => notice
                    .text(format!(
                        "同じ人かもしれない組が{}組あります。連絡の前に見比べてください。",
                        grouped(twins)
                    ))
                    .link("/cases/twins", "見比べる"),
            })
        }
        "owned" => {
            let owner = asked.owner.parse().ok().map(OfficeId::new)?;
            let text = format!(
                "振り分け規則により、{}の担当です。この部署の患者の一覧には出ません。",
                offices.get(&owner)?.name
            );
            Some(Notice::success("1人を登録しました").text(text))
        }
        "taken-over" if count(&asked.people) == 0 => Some(
            Notice::info("引き継いだ人はいません")
                .text("書かれている疾患名が、どの振り分け規則の疾患でもありません。"),
        ),
        "taken-over" => Some(
            Notice::success(format!("{}人を引き継ぎました", grouped(count(&asked.people)))).text(
                "振り分けを決め直しました。職員が変えた振り分けと、電話リストに入った人は、そのままです。",
            ),
        ),
        "handed-over" => Some(
            Notice::success("1人を引き継ぎました")
                .text("引き継いだ先の部署の画面に移りました。経過もいっしょに移っています。"),
        ),
        _ => None,
    }
}

/// The field for one person: in a form that is posted, because a number does not belong into an address.
pub(super) fn search_field(typed: &str) -> Field {
    Field::text("words", "患者を探す")
        .support(
            "電話番号・フリガナ（全部、または最初の2文字）・受付番号・登録ID（HER-SYS ID）・氏名のどれか1つ",
        )
        .value(typed)
}

fn after(asked: &str) -> Option<After> {
    let (at, case) = asked.split_once('.')?;
    Some(After {
        received_at: at.parse().ok()?,
        case: CaseId::new(case.parse().ok()?),
    })
}

fn filters(asked: &Asked, offices: Option<&HashMap<OfficeId, accounts::Office>>) -> Vec<Field> {
    let all = || vec![Choice::new("", "すべて")];
    let mut contacts = all();
    contacts.extend(
        FirstContact::ALL
            .iter()
            .map(|one| Choice::new(one.as_str(), one.label())),
    );
    let mut routes = all();
    routes.extend(
        Route::ALL
            .iter()
            .map(|one| Choice::new(one.as_str(), one.label())),
    );
    let mut fields = vec![
        Field::select("contact", "最初の連絡", contacts).value(&asked.contact),
        Field::select("route", "振り分け", routes).value(&asked.route),
    ];
    if let Some(offices) = offices {
        let mut named: Vec<_> = offices.values().collect();
        named.sort_by_key(|office| office.id);
        let mut choices = all();
        choices.extend(named.iter().map(|office| Choice::new(office.id, &office.name)));
        fields.push(Field::select("office", "部署", choices).value(&asked.office));
    }
    fields
}

fn by_route(counts: &[WaitingCount]) -> Vec<Waiting> {
    Route::ALL
        .iter()
        .filter_map(|route| {
            let of_route = || counts.iter().filter(|count| count.route == *route);
            Some(Waiting {
                route: *route,
                people: of_route().map(|count| u64::from(count.people)).sum(),
                since: of_route().map(|count| count.since).min()?,
            })
        })
        .collect()
}
