use base::clock::{DAY, HOUR, MINUTE};
use proptest::prelude::*;

use super::*;
use crate::reach::{ContactBy, Standing};

const T: Millis = 1_789_959_600_000;

fn by(by: ContactBy) -> ContactRule {
    ContactRule {
        by,
        call_after: 24 * HOUR,
    }
}

fn waiting(route: Route, number: Number) -> Known {
    Known {
        state: CaseState::Open,
        contact: FirstContact::Waiting,
        from: None,
        route,
        overruled: false,
        received_at: T,
        number,
        messages: Vec::new(),
        answered_at: None,
        call: None,
    }
}

fn letter(state: MessageState) -> Letter {
    Letter {
        made_at: T,
        state,
        changed_at: T + MINUTE,
        link: Some(None),
    }
}

fn written(state: MessageState) -> Known {
    Known {
        contact: FirstContact::Written,
        messages: vec![letter(state)],
        ..waiting(Route::HeadOfficeSms, Number::Mobile)
    }
}

fn events(next: &Next) -> Vec<ContactEvent> {
    next.events.iter().map(|(event, _)| *event).collect()
}

#[test]
fn whoever_cannot_be_written_to_is_telephoned_at_once() {
    let rule = ContactRule::default();
    for (number, why) in [
        (Number::Landline, CallReason::Landline),
        (Number::Nothing, CallReason::NoNumber),
        (Number::Wrong, CallReason::KnownWrong),
    ] {
        let next = look(&waiting(Route::HeadOfficeSms, number), rule, T);
        assert_eq!(next.call, Some(why));
        assert_eq!(events(&next), [ContactEvent::PutOnCallList]);
    }
    let phone = look(&waiting(Route::CentrePhone, Number::Mobile), rule, T);
    assert_eq!(phone.call, Some(CallReason::ByRule));
    let by_staff = Known {
        overruled: true,
        ..waiting(Route::CentrePhone, Number::Mobile)
    };
    assert_eq!(look(&by_staff, rule, T).call, Some(CallReason::Chosen));
    let waits = look(&waiting(Route::CentreSms, Number::Mobile), rule, T);
    assert_eq!((waits.call, waits.watch_at), (None, Some(T + limits::CALL_AFTER)));
    let forgotten = look(
        &waiting(Route::CentreSms, Number::Mobile),
        rule,
        T + limits::CALL_AFTER,
    );
    assert_eq!(
        forgotten.call,
        Some(CallReason::NotContacted),
        "nobody wrote in time"
    );
}

#[test]
fn nobody_waits_for_a_physician_longer_than_two_hours() {
    let known = waiting(Route::Physician, Number::Mobile);
    let at = |after| {
        look(
            &known,
            ContactRule {
                call_after: 12 * HOUR,
                ..ContactRule::default()
            },
            T + after,
        )
    };
    assert_eq!((at(0).call, at(0).watch_at), (None, Some(T + 2 * HOUR)));
    assert_eq!(at(2 * HOUR).call, Some(CallReason::ByRule));
    let sooner = ContactRule {
        call_after: HOUR,
        ..ContactRule::default()
    };
    assert_eq!(look(&known, sooner, T).watch_at, Some(T + HOUR));
}

#[test]
fn what_does_not_arrive_is_telephoned_and_what_nobody_knows_a_little_later() {
    let rule = ContactRule::default();
    for state in [
        MessageState::Undelivered,
        MessageState::Expired,
        MessageState::Rejected,
    ] {
        let next = look(&written(state), rule, T + 2 * MINUTE);
        assert_eq!(next.call, Some(CallReason::NotDelivered), "{state:?}");
        assert_eq!(
            events(&next),
            [ContactEvent::NotDelivered, ContactEvent::PutOnCallList]
        );
    }
    let unknown = written(MessageState::Unconfirmed);
    let early = look(&unknown, rule, T + 2 * MINUTE);
    assert_eq!(
        (early.call, early.watch_at),
        (None, Some(T + MINUTE + limits::UNCONFIRMED_FOR))
    );
    let late = look(&unknown, rule, T + HOUR);
    assert_eq!(late.call, Some(CallReason::Unconfirmed));
}

#[test]
fn by_the_rule_of_opening_an_arrival_is_not_enough() {
    let arrived = written(MessageState::Delivered);
    let enough = look(&arrived, by(ContactBy::Delivery), T + HOUR);
    assert_eq!(events(&enough), [ContactEvent::Delivered]);
    assert!(enough.watch_at.is_some(), "the opening is worth knowing");
    let not_yet = look(&arrived, by(ContactBy::Opening), T + HOUR);
    assert_eq!(
        (events(&not_yet), not_yet.call),
        (vec![ContactEvent::Delivered], None)
    );
    let unopened = look(&arrived, by(ContactBy::Opening), T + 24 * HOUR);
    assert_eq!(unopened.call, Some(CallReason::NotOpened));
    assert_eq!(
        events(&unopened),
        [ContactEvent::Delivered, ContactEvent::PutOnCallList]
    );
    let mut on_list = arrived;
    on_list.contact = FirstContact::Calling;
    on_list.call = Some(Called::Open);
    assert_eq!(events(&look(&on_list, by(ContactBy::Opening), T + 25 * HOUR)), []);
    on_list.messages[0].link = Some(Some(T + 25 * HOUR));
    let opened = look(&on_list, by(ContactBy::Opening), T + 26 * HOUR);
    assert_eq!(opened.events, [(ContactEvent::Opened, T + 25 * HOUR)]);
}

#[test]
fn what_went_to_a_wrong_number_says_nothing_any_more() {
    let mut known = written(MessageState::Delivered);
    known.contact = FirstContact::Waiting;
    known.from = Some(T + HOUR);
    known.call = Some(Called::Closed(CallOutcome::GivenUp, T + HOUR));
    let next = look(&known, ContactRule::default(), T + HOUR);
    assert_eq!((events(&next), next.call), (vec![], None));
}

#[test]
fn a_message_that_was_called_back_is_as_if_nobody_had_written() {
    let next = look(
        &written(MessageState::Cancelled),
        ContactRule::default(),
        T + HOUR,
    );
    assert_eq!(events(&next), [ContactEvent::Forgotten]);
    assert_eq!(next.call, None);
}

/// Something that happens to a person's messages, number, or call.
#[derive(Clone, Copy, Debug)]
enum Fact {
    Write,
    Message(usize, MessageState),
    Open(usize),
    Answer,
    Settle(CallOutcome),
    Forget,
    Number(Number),
    Close,
    Reopen,
    Wait(Millis),
}

fn facts() -> impl Strategy<Value = Vec<Fact>> {
    let state = prop::sample::select(MessageState::ALL.to_vec());
    let outcome = prop::sample::select(CallOutcome::ALL.to_vec());
    let number = prop::sample::select(vec![
        Number::Mobile,
        Number::Wrong,
        Number::Landline,
        Number::Nothing,
    ]);
    let fact = prop_oneof![
        3 => Just(Fact::Write),
        6 => (0_usize..3, state).prop_map(|(at, state)| Fact::Message(at, state)),
        2 => (0_usize..3).prop_map(Fact::Open),
        1 => Just(Fact::Answer),
        3 => outcome.prop_map(Fact::Settle),
        1 => Just(Fact::Forget),
        1 => number.prop_map(Fact::Number),
        1 => Just(Fact::Close),
        1 => Just(Fact::Reopen),
        5 => (MINUTE..2 * DAY).prop_map(Fact::Wait),
    ];
    prop::collection::vec(fact, 0..40)
}

/// One case in a small world of its own.
struct World {
    known: Known,
    rule: ContactRule,
    now: Millis,
    watch_at: Option<Millis>,
    open_calls: u32,
}

impl World {
    /// What the program does until nothing is due.
    fn look(&mut self) {
        for _ in 0..20 {
            if self.watch_at.is_some_and(|at| at > self.now) {
                return;
            }
            let next = look(&self.known, self.rule, self.now);
            for (event, at) in next.events {
                self.known.contact = self.known.contact.after(event);
                if event == ContactEvent::Forgotten {
                    self.known.from = Some(at);
                }
            }
            if next.call.is_some() {
                self.open_calls += 1;
                self.known.call = Some(Called::Open);
            }
            assert!(self.open_calls <= 1, "two open calls: {:?}", self.known);
            self.watch_at = next.watch_at;
            if next.watch_at.is_none() {
                return;
            }
        }
        panic!("nothing comes to rest: {:?}", self.known);
    }

    fn happens(&mut self, fact: Fact) {
        let known = &mut self.known;
        match fact {
            Fact::Write if known.contact == FirstContact::Waiting => {
                known.contact = known.contact.after(ContactEvent::Written);
                known.messages.push(Letter {
                    made_at: self.now,
                    state: MessageState::Queued,
                    changed_at: self.now,
                    link: Some(None),
                });
                self.watch_at = Some(self.now + MINUTE);
            }
            Fact::Message(at, state) => {
                if let Some(one) = known.messages.get_mut(at).filter(|one| !one.state.is_final()) {
                    (one.state, one.changed_at) = (state, self.now);
                }
            }
            Fact::Open(at) => {
                let one = known.messages.get_mut(at);
                if let Some(one) = one.filter(|one| one.state == MessageState::Delivered) {
                    one.link = Some(Some(self.now));
                }
            }
            Fact::Answer => known.answered_at = known.answered_at.or(Some(self.now)),
            Fact::Settle(outcome) if known.call == Some(Called::Open) => {
                known.call = Some(Called::Closed(outcome, self.now));
                self.open_calls -= 1;
            }
            Fact::Forget if known.state == CaseState::Open => {
                known.contact = FirstContact::Waiting;
                known.from = Some(self.now);
                self.watch_at = None;
            }
            Fact::Number(number) => known.number = number,
            Fact::Close => known.state = CaseState::Closed,
            Fact::Reopen => known.state = CaseState::Open,
            Fact::Wait(time) => self.now += time,
            Fact::Write | Fact::Settle(_) | Fact::Forget => {}
        }
    }
}

proptest! {
    #[test]
    fn everybody_ends_somewhere_and_is_never_called_twice(
        facts in facts(),
        by in prop::sample::select(ContactBy::ALL.to_vec()),
        route in prop::sample::select(Route::ALL.to_vec()),
    ) {
        let rule = ContactRule { by, call_after: 24 * HOUR };
        let mut world = World {
            known: waiting(route, Number::Mobile),
            rule,
            now: T,
            watch_at: None,
            open_calls: 0,
        };
        world.look();
        for fact in facts {
            world.happens(fact);
            world.look();
        }
        // Nothing more happens but that time goes by.
        for _ in 0..2_000 {
            let standing = Standing::of(world.known.state, world.known.contact, rule);
            if standing.is_final() && world.watch_at.is_none() {
                break;
            }
            world.now = world.watch_at.unwrap_or(world.now + MINUTE).max(world.now);
            world.look();
            if standing == Standing::OnCallList && world.now > T + 400 * DAY {
                break;
            }
        }
        let standing = Standing::of(world.known.state, world.known.contact, rule);
        prop_assert!(standing.is_final(), "{standing:?} {:?}", world.known);
        prop_assert_eq!(
            standing == Standing::OnCallList,
            world.open_calls == 1 && !rule.counts(world.known.contact) && world.known.state == CaseState::Open
        );
    }
}
