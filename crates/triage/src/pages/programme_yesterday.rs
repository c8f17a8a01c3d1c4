//! A version tried on yesterday's cases, for the page on which it is tried. Whoever its rules would not have decided about
//! is left out, and said.

use accounts::SignedIn;
use base::date::CalendarDate;
use base::id::OfficeId;
use messaging::pages::failed;
use web::PageError;
use web::ui::Chip;

use super::Triage;
use super::programme_load::Loaded;
use super::programme_words;
use super::rules_now::{NO_PROGRAMME, Programmes};
use crate::case::{Case, received_day};
use crate::facts::{Circumstances, Facts};
use crate::limits::MOVED_SHOWN;
use crate::period::Period;
use crate::programme::{Content, Programme, Scope};
use crate::store::{programmes, trial as store};
use crate::trial;

/// What the version would have made of yesterday's cases.
pub(super) struct Yesterday {
    pub(super) day: String,
    pub(super) cases: usize,
    /// Route, people, and how many of them only because something is not known.
    pub(super) routes: Vec<(Chip, usize, usize)>,
    pub(super) moved: usize,
    /// Reference number, before, after; the first ones.
    pub(super) examples: Vec<(String, &'static str, &'static str)>,
    /// Whose last day at home would be another.
    pub(super) other_ends: usize,
    /// Left out, because somebody decided otherwise than rules do.
    pub(super) overruled: usize,
    /// Left out, because their office has rules of its own.
    pub(super) by_own_rules: usize,
    /// There were more than are tried.
    pub(super) is_cut: bool,
}

/// Tries the version on the cases that came in yesterday, as far as the person sees them and the version is for them.
pub(super) async fn yesterday(
    desk: &Triage,
    session: &SignedIn,
    loaded: &Loaded,
    today: CalendarDate,
) -> Result<Yesterday, PageError> {
    let (db, staff) = (&desk.db, &session.staff);
    let (version, id) = (&loaded.version, loaded.programme.id);
    let day = today.plus_days(-1).unwrap_or(today);
    let own = (staff.office != OfficeId::HEADQUARTERS).then_some(staff.office);
    let office = match version.scope {
        Scope::Organisation => own,
        Scope::Office(office) => Some(office),
    };
    let found = store::cases_of_day(db, staff.org, id, (office, day)).await;
    let (mut cases, is_cut) = found.map_err(failed)?;
    // Whoever came before the organisation had a programme is tried by the one that would have taken them.
    let programmes = Programmes::of(desk, staff).await?;
    let chosen = programmes.chosen("");
    cases.retain(|case| {
        let told = case.notification.as_ref();
        told.is_some_and(|told| {
            case.programme != NO_PROGRAMME || programmes.of_told(told, chosen) == id.get()
        })
    });
    let everybody = cases.len();
    let in_force = programmes::in_force(db, staff.org, id).await.map_err(failed)?;
    let begins = version.draft.from.max(day);
    cases.retain(|case| {
        version.scope != Scope::Organisation || !has_own_rules(&in_force, begins, case.office)
    });
    let by_own_rules = everybody - cases.len();
    cases.retain(|case| case.overruled_by.is_none());
    let content = &version.draft.content;
    let tried = trial::run(content, cases.iter().filter_map(facts));
    let routes = tried.by_route().into_iter();
    let examples = tried.moved().take(MOVED_SHOWN).filter_map(|one| {
        let before = one.before?.label();
        Some((one.case.to_string(), before, one.verdict.route.label()))
    });
    Ok(Yesterday {
        day: programme_words::day(day),
        cases: tried.cases.len(),
        routes: routes
            .map(|(route, all, missing)| (programme_words::route(route), all, missing))
            .collect(),
        moved: tried.moved().count(),
        examples: examples.collect(),
        other_ends: cases.iter().filter(|case| ends_otherwise(content, case)).count(),
        overruled: everybody - by_own_rules - cases.len(),
        by_own_rules,
        is_cut,
    })
}

fn facts(case: &Case) -> Option<(db::Reference, Facts, Option<crate::decision::Route>)> {
    let at = Circumstances {
        day: received_day(case.received_at),
        office: case.office,
        exposed_on: None,
    };
    let told = case.notification.as_ref()?;
    Some((case.reference, Facts::of(told, at), Some(case.decided.route)))
}

fn has_own_rules(programme: &Programme, day: CalendarDate, office: OfficeId) -> bool {
    let holds = programme.on(day, office);
    holds.is_some_and(|version| version.scope == Scope::Office(office))
}

fn ends_otherwise(content: &Content, case: &Case) -> bool {
    let told = case.notification.as_ref();
    let period = told.and_then(|told| content.periods.of(&told.illness, &case.course));
    period.and_then(Period::last_day) != case.decided.isolation_ends
}
