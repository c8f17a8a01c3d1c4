//! What stays of a decision that somebody made otherwise than the rules, when the rules decide again.
//!
//! It stays, unless what is told of the person has become worse since: then the careful side counts, and the record
//! says so.

use base::id::{OfficeId, StaffId};

use crate::case::{Case, received_day};
use crate::decision::{Decided, Rules, decide_now};
use crate::notification::CaseNotification;
use crate::period::Course;

/// A decision, and who made it otherwise than the rules.
pub type Judged = (Decided, Option<StaffId>);

/// What holds for a case from now on, with what is told of it and what care found out, at an office.
pub fn decide_again(
    case: &Case,
    told: Option<&CaseNotification>,
    course: &Course,
    office: OfficeId,
    rules: &dyn Rules,
) -> Judged {
    let Some(told) = told else {
        return (case.decided.clone(), case.overruled_by);
    };
    let at = (office, received_day(case.received_at));
    let says = decide_now(rules, told, course, at);
    let Some(by) = case.overruled_by else {
        return (says, None);
    };
    let kept = &case.decided;
    let said = case.notification.as_ref();
    let said = said.map(|told| rules.decide(told, at.0, at.1));
    let is_worse = said.is_some_and(|said| says.is_more_careful_than(&said));
    if is_worse && kept.route.is_sms() && !says.route.is_sms() {
        return (with_reason(says, kept), None);
    }
    let kept = Decided {
        route: kept.route,
        priority: if is_worse {
            kept.priority.max(says.priority)
        } else {
            kept.priority
        },
        reasons: kept.reasons.clone(),
        ..says
    };
    (kept, Some(by))
}

fn with_reason(mut decided: Decided, overruled: &Decided) -> Decided {
    decided.reasons.push(format!(
        "職員が「{}」に変更していましたが、訂正した内容ではルールの振り分けがより慎重になるため、ルールに従いました。",
        overruled.route.label()
    ));
    decided
}
