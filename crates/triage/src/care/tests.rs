use base::clock::DAY;
use proptest::prelude::*;

use super::*;
use crate::closing::CloseAfter;

/// Noon of a Monday in Japan, 2026-09-21.
const NOON: Millis = 1_789_959_600_000;
const TEXT: TextRef = TextRef {
    template: 1,
    version: 1,
};
const REMINDER: TextRef = TextRef { template: 2, ..TEXT };
const NOTICE: TextRef = TextRef { template: 3, ..TEXT };

fn rules() -> CareRules {
    CareRules {
        observation: ObservationRule::new((TEXT, Some(REMINDER)), 9, 1, 2).ok(),
        closing: ClosingRule {
            after: CloseAfter::Isolation,
            notice: true,
        },
        notice: Some(NOTICE),
    }
}

fn free_on(days: i32) -> Option<Period> {
    let day = received_day(NOON);
    Some(Period {
        day_zero: day.plus_days(-3)?,
        end: End::FreeFrom(day.plus_days(days)?),
        watch_until: None,
    })
}

fn ill() -> UnderCare {
    UnderCare {
        state: CaseState::Open,
        received_at: NOON - DAY,
        contact: FirstContact::Delivered,
        is_reached: true,
        period: free_on(5),
        was_reopened: false,
        is_held: false,
        is_moving: false,
        asked_at: None,
        unanswered: 0,
        is_on_call_list: false,
    }
}

fn care(known: UnderCare, now: Millis) -> Care {
    next(&known, &rules(), now).care
}

#[test]
fn somebody_is_asked_once_a_day_from_the_hour_on() {
    assert_eq!(care(ill(), NOON), Care::Ask(TEXT));
    let early = next(&ill(), &rules(), NOON - 4 * HOUR);
    assert_eq!((early.care, early.look_at), (Care::Wait, Some(NOON - 3 * HOUR)));
    let asked = UnderCare {
        asked_at: Some(NOON - 10),
        ..ill()
    };
    let after = next(&asked, &rules(), NOON);
    assert_eq!(
        (after.care, after.look_at),
        (Care::Wait, Some(NOON - 3 * HOUR + DAY))
    );
    assert_eq!(care(ill(), NOON + 9 * HOUR), Care::Wait, "not at night");
    let new = UnderCare {
        received_at: NOON - HOUR,
        ..ill()
    };
    assert_eq!(care(new, NOON), Care::Wait, "from the next day on");
}

#[test]
fn nobody_asks_the_dead_or_writes_that_it_is_over() {
    let rules = rules().of_the_dead();
    assert_eq!(next(&ill(), &rules, NOON).care, Care::Wait);
    let over = UnderCare {
        period: free_on(0),
        ..ill()
    };
    assert_eq!(next(&over, &rules, NOON).care, Care::Close(None));
}

#[test]
fn who_does_not_answer_is_reminded_and_then_telephoned() {
    let silent = |unanswered| UnderCare {
        unanswered,
        asked_at: Some(NOON - DAY),
        ..ill()
    };
    assert_eq!(care(silent(1), NOON), Care::Ask(REMINDER));
    assert_eq!(care(silent(2), NOON), Care::Telephone);
    let called = UnderCare {
        is_on_call_list: true,
        ..silent(2)
    };
    assert_eq!(care(called, NOON), Care::Wait, "and nothing more is sent");
}

#[test]
fn who_is_not_reached_is_not_asked_and_not_closed() {
    let unreached = UnderCare {
        is_reached: false,
        contact: FirstContact::Unreached,
        ..ill()
    };
    assert_eq!(care(unreached, NOON), Care::Wait);
    let over = UnderCare {
        period: free_on(0),
        ..unreached
    };
    assert_eq!(care(over, NOON), Care::Wait);
}

#[test]
fn a_case_ends_on_its_day_and_never_with_something_open() {
    let over = UnderCare {
        period: free_on(0),
        ..ill()
    };
    assert_eq!(care(over, NOON), Care::Close(Some(NOTICE)));
    let mut held = [over; 4];
    held[0].is_held = true;
    held[1].is_on_call_list = true;
    held[2].is_moving = true;
    held[3].was_reopened = true;
    for one in held {
        assert_eq!(care(one, NOON), Care::Wait, "{one:?}");
    }
    let untold = CareRules {
        notice: None,
        ..rules()
    };
    assert_eq!(
        next(&over, &untold, NOON).care,
        Care::Wait,
        "nobody said how to tell"
    );
    let silent = CareRules {
        closing: ClosingRule {
            notice: false,
            ..rules().closing
        },
        ..untold
    };
    assert_eq!(next(&over, &silent, NOON).care, Care::Close(None));
    let night = NOON - 10 * HOUR;
    assert_eq!(care(over, night), Care::Wait, "a notice is read by day");
    assert_eq!(next(&over, &silent, night).care, Care::Close(None));
}

#[test]
fn a_negative_test_ends_it_as_the_period_says_and_relief_that_is_unknown_does_not() {
    let open = UnderCare {
        period: Some(Period {
            end: End::NotBefore(received_day(NOON - DAY)),
            ..free_on(0).expect("a period")
        }),
        ..ill()
    };
    assert_eq!(care(open, NOON), Care::Ask(TEXT), "still ill, still asked");
}

fn any_case() -> impl Strategy<Value = (UnderCare, Millis)> {
    let bools = prop::array::uniform6(any::<bool>());
    let days = (
        0_i64..40,
        -5_i32..30,
        prop::option::of(0_i64..200),
        0_u16..5,
        0_i64..24,
    );
    let contact = prop::sample::select(FirstContact::ALL);
    let state = prop::sample::select(CaseState::ALL);
    (bools, days, contact, state).prop_map(|(yes, (age, free, asked, unanswered, hour), contact, state)| {
        let now = NOON + hour * HOUR;
        let known = UnderCare {
            state,
            received_at: NOON - age * DAY,
            contact,
            is_reached: yes[0],
            period: if yes[1] { free_on(free) } else { None },
            was_reopened: yes[2],
            is_held: yes[3],
            is_moving: yes[4],
            asked_at: asked.map(|hours| now - hours * HOUR),
            unanswered,
            is_on_call_list: yes[5],
        };
        (known, now)
    })
}

proptest! {
    #[test]
    fn whatever_is_known_the_promises_hold((known, now) in any_case()) {
        let said = next(&known, &rules(), now);
        let day = received_day(now);
        match said.care {
            Care::Ask(_) => {
                prop_assert_eq!(known.state, CaseState::Open);
                prop_assert!(known.is_reached);
                prop_assert!(known.asked_at.is_none_or(|at| received_day(at) < day), "twice on one day");
                prop_assert!(known.unanswered < 2, "past the cap");
                let hour = (now - day.begins_in_japan()) / HOUR;
                prop_assert!((9..20).contains(&hour), "at {hour}");
                if let Some(Period { end: End::FreeFrom(free), .. }) = known.period {
                    prop_assert!(day < free, "after the end");
                }
            }
            Care::Close(text) => {
                prop_assert_eq!(text, Some(NOTICE));
                prop_assert!(!known.is_held && !known.is_moving && !known.is_on_call_list && !known.was_reopened);
            }
            Care::Telephone => prop_assert!(known.unanswered >= 2 && !known.is_on_call_list),
            Care::Wait => {}
        }
        prop_assert_eq!(said.look_at.is_some(), known.state == CaseState::Open);
        prop_assert!(said.look_at.is_none_or(|at| at > now), "no step without an end");
    }
}
