//! `GET /reach`: who waits for the first word, by office and by who reaches them; from here everybody is gathered.

use std::collections::BTreeMap;

use accounts::SignedIn;
use askama::Template;
use axum::extract::State;
use axum::response::IntoResponse;
use base::clock::Millis;
use base::id::OfficeId;
use messaging::pages::{Answer, Desk, failed, scope};
use web::{Page, Shell};

use super::reach_words::office_names;
use crate::decision::Route;
use crate::limits::HIGH_RISK;
use crate::store::owners::waiting_at_owners;
use crate::store::reach::{Arrivals, arrivals};

#[derive(Template)]
#[template(path = "reach_list.html")]
struct ReachList {
    shell: Shell,
    now: Millis,
    lines: Vec<Line>,
    total: Line,
    /// Who can be gathered: the way, how many, and from how many offices.
    gathered: Vec<(Route, u64, usize)>,
    /// Whether people wait who are gathered only at their own office.
    waits_apart: bool,
}

/// One office.
#[derive(Default)]
struct Line {
    office: Option<OfficeId>,
    name: String,
    /// In the order of [`Route::ALL`].
    waiting: Vec<u64>,
    since: Option<Millis>,
    high_risk: u64,
}

impl Line {
    fn of(name: String) -> Self {
        Self {
            name,
            waiting: vec![0; Route::ALL.len()],
            ..Self::default()
        }
    }

    fn take(&mut self, one: &Arrivals) {
        let at = Route::ALL
            .iter()
            .position(|route| *route == one.route)
            .unwrap_or(0);
        self.waiting[at] += u64::from(one.people);
        self.high_risk += u64::from(one.high_risk);
        self.since = [self.since, Some(one.since)].into_iter().flatten().min();
    }

    fn can_gather(&self) -> u64 {
        let at = Route::ALL.iter().position(|route| *route == Route::HeadOfficeSms);
        at.map_or(0, |at| self.waiting[at])
    }
}

pub(super) async fn show(State(desk): State<Desk>, session: SignedIn, shell: Shell) -> Answer {
    let (org, own) = (session.staff.org, scope(&session.staff));
    let names = office_names(&desk, org).await?;
    let arrived = arrivals(&desk.db, org, own).await.map_err(failed)?;
    let mut lines: BTreeMap<OfficeId, Line> = BTreeMap::new();
    let mut total = Line::of("合計".to_owned());
    for (id, name) in &names {
        // The head office has people of its own only if some were handed over to it.
        if own.is_none_or(|own| own == *id) && (*id != OfficeId::HEADQUARTERS || own.is_some()) {
            lines.insert(*id, Line::of(name.clone()));
        }
    }
    for one in &arrived {
        let name = || names.get(&one.office).cloned().unwrap_or_default();
        lines
            .entry(one.office)
            .or_insert_with(|| Line::of(name()))
            .take(one);
        total.take(one);
    }
    for (id, line) in &mut lines {
        line.office = Some(*id);
    }
    // Whose programme belongs to their office is gathered there, not with everybody else.
    let apart = match own {
        Some(_) => Vec::new(),
        None => waiting_at_owners(&desk.db, org).await.map_err(failed)?,
    };
    let with_all = |one: &Arrivals| {
        let apart = apart
            .iter()
            .filter(|(office, route, _)| (*office, *route) == (one.office, one.route));
        u64::from(one.people).saturating_sub(apart.map(|(.., people)| people).sum())
    };
    let gathered = [Route::HeadOfficeSms, Route::CentreSms]
        .into_iter()
        .filter_map(|route| {
            let of_route = arrived.iter().filter(|one| one.route == route);
            let people: Vec<u64> = of_route.map(with_all).filter(|people| *people > 0).collect();
            (!people.is_empty()).then(|| (route, people.iter().sum(), people.len()))
        });
    let page = ReachList {
        now: desk.db.now(),
        gathered: gathered.collect(),
        waits_apart: apart.iter().any(|(_, route, _)| route.is_sms()),
        lines: lines.into_values().collect(),
        total,
        shell: shell.titled("初回連絡を待つ人"),
    };
    Ok(Page(page).into_response())
}
