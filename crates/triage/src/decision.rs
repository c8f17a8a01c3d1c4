//! Who reaches a person first, and how: what triage decides, with its reasons in words.
//!
//! Rules decide, never this file; it says what a decision is, and what is decided as long as there are no rules.

use base::date::CalendarDate;
use base::id::OfficeId;
use serde::{Deserialize, Serialize};

use crate::notification::{CaseNotification, Illness, words};
use crate::period::{Course, Period};

words! {
    /// Who says the first word, and how.
    Route {
        /// The health centre telephones.
        CentrePhone = "centre_phone", "保健所が電話";
        /// The health centre writes.
        CentreSms = "centre_sms", "保健所がSMS";
        /// The head office writes to many at once.
        HeadOfficeSms = "head_office_sms", "本庁がSMS";
        /// A physician looks first.
        Physician = "physician", "医師が確認";
    }
}

/// The greatest priority: nobody waits before such a person.
pub const PRIORITY_MAX: u32 = 100;

/// What was decided about one person.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Decided {
    /// Who reaches the person.
    pub route: Route,
    /// 0 to [`PRIORITY_MAX`]; who has more is reached earlier.
    pub priority: u32,
    /// Why, one sentence each, for staff.
    pub reasons: Vec<String>,
    /// Which version of the rules decided; `None` without rules.
    pub rules: Option<i64>,
    /// The last day at home, as far as it can be computed.
    pub isolation_ends: Option<CalendarDate>,
}

impl Decided {
    /// Whether the person is looked after more closely by this than by another decision.
    pub const fn is_more_careful_than(&self, other: &Self) -> bool {
        match (self.route.is_sms(), other.route.is_sms()) {
            (false, true) => true,
            (true, false) => false,
            _ => self.priority > other.priority,
        }
    }
}

/// Decides about a notification that came in at some time: the rules of a programme, read once for many people.
pub trait Rules: Send + Sync {
    /// Pure: the same notification at the same office on the same day is decided alike.
    fn decide(&self, told: &CaseNotification, office: OfficeId, received: CalendarDate) -> Decided;

    /// How long the person stays at home, with what care found out since; `None` where nothing is counted.
    fn period(&self, _: &Illness, _: &Course, _: OfficeId, _: CalendarDate) -> Option<Period> {
        None
    }
}

/// What rules decide of a person as they are known now: the end of isolation goes by what care found out.
pub fn decide_now(
    rules: &dyn Rules,
    told: &CaseNotification,
    course: &Course,
    (office, received): (OfficeId, CalendarDate),
) -> Decided {
    let mut decided = rules.decide(told, office, received);
    if *course != Course::default() {
        let period = rules.period(&told.illness, course, office, received);
        decided.isolation_ends = period.and_then(Period::last_day);
    }
    decided
}

/// Without rules everybody is telephoned by the health centre: the careful side.
#[derive(Clone, Copy, Debug)]
pub struct WithoutRules;

impl Rules for WithoutRules {
    fn decide(&self, told: &CaseNotification, _: OfficeId, _: CalendarDate) -> Decided {
        let why = match &told.illness.disease {
            Some(disease) => {
                format!("疾患名「{disease}」の有効な振り分け規則がないため、保健所が電話で確認します。")
            }
            None => "振り分けのルールがまだ有効になっていないため、保健所が電話で確認します。".to_owned(),
        };
        Decided {
            route: Route::CentrePhone,
            priority: PRIORITY_MAX / 2,
            reasons: vec![why],
            rules: None,
            isolation_ends: None,
        }
    }
}
