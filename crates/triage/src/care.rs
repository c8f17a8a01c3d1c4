//! What follows for somebody under care: a question about today, a call, or the end of the case. One pure function from
//! what is known of a case, asked again and again; what was done already is not done twice.
//!
//! Nobody is asked after the end, nobody twice on one day, and no case with something open is closed by itself.

use base::clock::{HOUR, MINUTE, Millis};
use base::date::CalendarDate;

use crate::case::{CaseState, FirstContact, received_day};
use crate::closing::{Closing, ClosingRule};
use crate::limits;
use crate::observation::{ObservationRule, TextRef};
use crate::period::{End, Period};

/// What the programme says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct CareRules {
    /// How people are asked; nobody is without.
    pub observation: Option<ObservationRule>,
    /// When a case is closed.
    pub closing: ClosingRule,
    /// With which text the person is told.
    pub notice: Option<TextRef>,
}

impl CareRules {
    /// Nobody asks the dead how they are, or tells their family that it is over.
    #[must_use]
    pub fn of_the_dead(self) -> Self {
        Self {
            observation: None,
            closing: ClosingRule {
                notice: false,
                ..self.closing
            },
            notice: None,
        }
    }
}

/// What is known of one case.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a fact of its own, and none excludes another"
)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct UnderCare {
    /// Where it stands.
    pub state: CaseState,
    /// When it came in.
    pub received_at: Millis,
    /// How far the first word has come.
    pub contact: FirstContact,
    /// Whether that counts as reached.
    pub is_reached: bool,
    /// How long the person stays at home and is watched.
    pub period: Option<Period>,
    /// Somebody opened it again: only a person closes it then.
    pub was_reopened: bool,
    /// A sign of danger, an answer that nobody has read, a call: something has to be done first.
    pub is_held: bool,
    /// A message has not left yet.
    pub is_moving: bool,
    /// When the person was last asked how they are.
    pub asked_at: Option<Millis>,
    /// How many questions in a row were not answered.
    pub unanswered: u16,
    /// Somebody is to telephone.
    pub is_on_call_list: bool,
}

/// What is done.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Care {
    /// Nothing now.
    Wait,
    /// The person is asked, with this text.
    Ask(TextRef),
    /// The person does not answer: somebody telephones.
    Telephone,
    /// The case is over; the person is told with this text.
    Close(Option<TextRef>),
}

/// What is done now, and when to look again.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NextCare {
    /// What is done.
    pub care: Care,
    /// When to look again; `None` for not any more.
    pub look_at: Option<Millis>,
}

/// What is to be done about a case now.
pub fn next(known: &UnderCare, rules: &CareRules, now: Millis) -> NextCare {
    if known.state != CaseState::Open {
        return NextCare {
            care: Care::Wait,
            look_at: None,
        };
    }
    let day = received_day(now);
    let hour = rules
        .observation
        .map_or(limits::CLOSING_HOUR, ObservationRule::hour);
    let opens = day.begins_in_japan() + Millis::from(hour) * HOUR;
    let tomorrow = opens + base::clock::DAY;
    let wait = |look_at| NextCare {
        care: Care::Wait,
        look_at: Some(look_at),
    };
    let act = |care| NextCare {
        care,
        look_at: Some(tomorrow),
    };
    // Somebody who was never told anything is not done with because time went by.
    let is_settled =
        known.is_reached || matches!(known.contact, FirstContact::GivenUp | FirstContact::NotNeeded);
    let closing = if known.was_reopened {
        Closing::ByHand
    } else {
        let is_held = known.is_held || known.is_on_call_list || !is_settled;
        rules.closing.on(day, known.period.as_ref(), is_held)
    };
    if let Closing::Now { notice } = closing {
        return match (notice, rules.notice) {
            _ if known.is_moving => wait(now + limits::CARE_AGAIN),
            (false, _) => act(Care::Close(None)),
            // People read a notice by day.
            (true, _) if now < opens => wait(opens),
            // Somebody is to be told, and nobody has said how: a person closes it.
            (true, None) => wait(tomorrow),
            (true, text) => act(Care::Close(text)),
        };
    }
    let Some(rule) = rules.observation else {
        return wait(tomorrow.max(now + MINUTE));
    };
    let first = received_day(known.received_at).plus_days(i32::from(rule.first_day()));
    let is_over = !is_watched(known.period.as_ref(), known.received_at, day);
    if is_over || first.is_none_or(|first| day < first) {
        return wait(if now < opens { opens } else { tomorrow });
    }
    let (_, latest) = limits::ASKING_HOURS;
    let closes = day.begins_in_japan() + Millis::from(latest) * HOUR;
    let was_asked_today = known.asked_at.is_some_and(|at| received_day(at) >= day);
    if was_asked_today || now >= closes {
        wait(tomorrow)
    } else if now < opens {
        wait(opens)
    } else if !known.is_reached {
        wait((now + HOUR).min(tomorrow))
    } else if known.unanswered >= rule.unanswered() {
        if known.is_on_call_list {
            wait(tomorrow)
        } else {
            act(Care::Telephone)
        }
    } else {
        act(Care::Ask(rule.text_after(known.unanswered)))
    }
}

/// Whether somebody's health is still watched on a day. Whoever may still be ill is, and whoever nothing is known of,
/// for so long as a link may live.
fn is_watched(period: Option<&Period>, received_at: Millis, day: CalendarDate) -> bool {
    let last = match period {
        Some(Period {
            end: End::FreeFrom(free),
            watch_until,
            ..
        }) => {
            let last = free.plus_days(-1);
            last.max(*watch_until)
        }
        Some(Period {
            end: End::NotBefore(_),
            ..
        })
        | None => None,
    };
    let longest = received_day(received_at).plus_days(i32::from(limits::PERIOD_DAYS));
    last.or(longest).is_some_and(|last| day <= last)
}

#[cfg(test)]
mod tests;
