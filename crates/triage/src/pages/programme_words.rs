//! A version in readable Japanese: who gets which route, how long, when somebody counts as reached.

use base::clock::Millis;
use base::date::CalendarDate;
use base::id::OfficeId;
use web::ui::{Chip, Tone};

use super::programme_load::{Names, Offices};
use crate::closing::CloseAfter;
use crate::decision::Route;
use crate::observation::ObservationRule;
use crate::programme::{Content, Scope, Source};
use crate::store::programmes::VersionRow;

/// 2022年9月26日.
pub(super) fn day(day: CalendarDate) -> String {
    format!("{}年{}月{}日", day.year(), day.month(), day.day())
}

/// One rule as a line of a table.
pub(super) struct RuleLine {
    pub(super) number: usize,
    pub(super) name: String,
    /// Its conditions, all of them to be met; none for everybody.
    pub(super) conditions: Vec<String>,
    pub(super) route: Chip,
    pub(super) priority: u32,
}

/// What a version says, for its template.
pub(super) struct Words {
    pub(super) rules: Vec<RuleLine>,
    /// Whom, and how long.
    pub(super) periods: Vec<(String, String)>,
    pub(super) under_care_too: bool,
    /// Whose periods they are, where those of another version hold.
    pub(super) periods_of: Option<String>,
    pub(super) first_contact: String,
    /// The templates of the first texts.
    pub(super) first_texts: Vec<i64>,
    pub(super) closing: String,
    pub(super) observation: Option<String>,
    /// A notice is to be given, and nobody said with which text.
    pub(super) lacks_notice: bool,
    pub(super) sources: Vec<Source>,
}

impl Words {
    pub(super) fn of(content: &Content, offices: &Offices) -> Self {
        let rules = content
            .rules
            .rules()
            .iter()
            .zip(1..)
            .map(|(rule, number)| RuleLine {
                number,
                name: rule.name.clone(),
                conditions: rule.all_of.iter().map(|one| one.sentence(offices)).collect(),
                route: route(rule.route),
                priority: rule.priority,
            });
        Self {
            rules: rules.collect(),
            periods: periods(content),
            under_care_too: content.periods.is_for_people_under_care_too(),
            periods_of: None,
            first_contact: content.first_contact.sentence(),
            first_texts: content.first_texts.clone(),
            closing: content.closing.sentence(),
            observation: content.observation.map(ObservationRule::sentence),
            lacks_notice: content.closing.notice
                && content.closing.after != CloseAfter::Never
                && content.closing_text.is_none(),
            sources: content.sources.clone(),
        }
    }
}

impl Words {
    /// With the periods of another version, which hold instead.
    pub(super) fn with_periods_of(mut self, other: &VersionRow, offices: &Offices) -> Self {
        self.periods = periods(&other.draft.content);
        self.under_care_too = other.draft.content.periods.is_for_people_under_care_too();
        self.periods_of = Some(version(other, offices));
        self
    }
}

/// Whom, and how long.
fn periods(content: &Content) -> Vec<(String, String)> {
    let rules = content.periods.rules().iter();
    rules.map(|rule| (rule.whom(), rule.sentence())).collect()
}

/// 「朝霞保健所（第5版、2022年5月1日から）」.
pub(super) fn version(one: &VersionRow, offices: &Offices) -> String {
    let whose = scope(one.scope, offices);
    format!("{whose}（第{}版、{}から）", one.version, day(one.draft.from))
}

/// A route as a chip.
pub(super) fn route(route: Route) -> Chip {
    let tone = match route {
        Route::Physician => Tone::Failed,
        Route::CentrePhone => Tone::Attention,
        Route::CentreSms => Tone::Moving,
        Route::HeadOfficeSms => Tone::Accepted,
    };
    Chip::new(tone, route.label())
}

/// Whose rules they are.
pub(super) fn scope(scope: Scope, offices: &Offices) -> String {
    match scope {
        Scope::Organisation => "組織全体".to_owned(),
        Scope::Office(office) => office_name(office, offices),
    }
}

fn office_name(office: OfficeId, offices: &Offices) -> String {
    let known = offices.iter().find(|(id, _)| *id == office);
    known.map_or_else(|| format!("部署{office}"), |(_, name)| name.clone())
}

/// A version on the time line.
pub(super) struct VersionLine {
    pub(super) number: i64,
    pub(super) title: String,
    pub(super) from: String,
    pub(super) scope: String,
    pub(super) chip: Chip,
    pub(super) saved: (String, Millis),
    pub(super) approved: Option<(String, Millis)>,
    pub(super) withdrawn: Option<(String, Millis, String)>,
}

/// The versions by their first days, the last one first.
pub(super) fn time_line(
    versions: &[VersionRow],
    today: CalendarDate,
    offices: &Offices,
    names: &Names,
) -> Vec<VersionLine> {
    let mut sorted: Vec<&VersionRow> = versions.iter().collect();
    sorted.sort_by_key(|one| std::cmp::Reverse((one.draft.from, one.version)));
    let line = |one: &&VersionRow| VersionLine {
        number: one.version,
        title: one.draft.title.clone(),
        from: day(one.draft.from),
        scope: scope(one.scope, offices),
        chip: chip(one, versions, today),
        saved: (names.of(one.saved_by), one.saved_at),
        approved: one.approved.map(|(by, at)| (names.of(by), at)),
        withdrawn: one
            .withdrawn
            .as_ref()
            .map(|(by, at, why)| (names.of(Some(*by)), *at, why.clone())),
    };
    sorted.iter().map(line).collect()
}

/// How a version stands among the others of its scope.
pub(super) fn chip(one: &VersionRow, all: &[VersionRow], today: CalendarDate) -> Chip {
    if one.withdrawn.is_some() {
        return Chip::new(Tone::Cancelled, "取り下げ");
    }
    if one.approved.is_none() {
        return Chip::new(Tone::Draft, "下書き（承認待ち）");
    }
    if one.draft.from > today {
        return Chip::new(Tone::Waiting, "これから");
    }
    if newest(all, one.scope, today).is_some_and(|newest| newest.version == one.version) {
        Chip::new(Tone::Done, "いまの規則")
    } else {
        Chip::new(Tone::Stopped, "以前の規則")
    }
}

/// The version of a scope that holds today.
pub(super) fn newest(all: &[VersionRow], scope: Scope, today: CalendarDate) -> Option<&VersionRow> {
    let begun = all
        .iter()
        .filter(|one| one.is_in_force() && one.scope == scope && one.draft.from <= today);
    begun.max_by_key(|one| (one.draft.from, one.version))
}
