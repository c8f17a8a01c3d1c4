//! The unreached watch: from what is known of a case to what happens to its first contact, and when to look again.
//! One pure function, so that nobody disappears between messages, receipts, links and calls.
//!
//! It is asked again and again: what was told already changes nothing. What came before [`Known::from`] was about a
//! number, or a person, that turned out to be wrong, and says nothing.

use base::clock::Millis;
use lists::calls::{CallOutcome, CallReason};
use messaging::message::MessageState;

use crate::case::{CaseState, ContactEvent, FirstContact};
use crate::decision::Route;
use crate::limits;
use crate::reach::ContactRule;

/// What is known of one case.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Known {
    /// Where the case stands.
    pub state: CaseState,
    /// How far the first word has come.
    pub contact: FirstContact,
    /// Facts before this moment do not count.
    pub from: Option<Millis>,
    /// Who reaches the person.
    pub route: Route,
    /// Staff decided that, not the rules.
    pub overruled: bool,
    /// When the case came in.
    pub received_at: Millis,
    /// How the person can be written to.
    pub number: Number,
    /// The messages to the person.
    pub messages: Vec<Letter>,
    /// When the person answered in writing.
    pub answered_at: Option<Millis>,
    /// The open call, else the last one.
    pub call: Option<Called>,
}

/// How somebody can be written to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Number {
    /// By SMS.
    Mobile,
    /// The number is known to be wrong.
    Wrong,
    /// The person wants no SMS; the number is theirs.
    Refused,
    /// It gets no SMS.
    Landline,
    /// There is none.
    Nothing,
}

/// A message to the person.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Letter {
    /// When it was made.
    pub made_at: Millis,
    /// Where it stands.
    pub state: MessageState,
    /// Since when.
    pub changed_at: Millis,
    /// Whether a page stands behind it, and since when that is opened.
    pub link: Option<Option<Millis>>,
}

/// A call.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Called {
    /// Somebody is to telephone.
    Open,
    /// What came of it, and when.
    Closed(CallOutcome, Millis),
}

/// What follows.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Next {
    /// What happened to the first word, in order, each with its moment.
    pub events: Vec<(ContactEvent, Millis)>,
    /// Somebody has to telephone, and why.
    pub call: Option<CallReason>,
    /// Nobody has to telephone any more: what counts has happened, and when.
    pub reached: Option<(ContactEvent, Millis)>,
    /// When to look again; `None` for not any more.
    pub watch_at: Option<Millis>,
}

/// What is to be done about a case now.
pub fn look(known: &Known, rule: ContactRule, now: Millis) -> Next {
    if known.state != CaseState::Open {
        return Next::default();
    }
    let mut look = Look {
        known,
        rule,
        now,
        contact: known.contact,
        next: Next::default(),
    };
    look.tell_facts();
    look.decide();
    look.next
}

/// The same for somebody whose message is lost and who is telephoned without waiting any longer; `None` if the person
/// is reached, or on the call list already.
pub fn give_up_waiting(known: &Known, rule: ContactRule, now: Millis) -> Option<Next> {
    if known.state != CaseState::Open {
        return None;
    }
    let mut look = Look {
        known,
        rule,
        now,
        contact: known.contact,
        next: Next::default(),
    };
    look.tell_facts();
    if look.is_settled() || look.is_open_call() || look.contact == FirstContact::Calling {
        return None;
    }
    look.telephone(CallReason::Unconfirmed);
    Some(look.next)
}

struct Look<'a> {
    known: &'a Known,
    rule: ContactRule,
    now: Millis,
    contact: FirstContact,
    next: Next,
}

impl Look<'_> {
    fn tell(&mut self, event: ContactEvent, at: Millis) {
        let after = self.contact.after(event);
        if after != self.contact {
            self.contact = after;
            self.next.events.push((event, at));
        }
    }

    /// The messages that say something.
    fn letters(&self) -> impl Iterator<Item = &Letter> {
        let from = self.known.from.unwrap_or(Millis::MIN);
        self.known.messages.iter().filter(move |one| one.made_at >= from)
    }

    fn is_open_call(&self) -> bool {
        self.known.call == Some(Called::Open)
    }

    /// What messages, links, answers and calls say. Who is on the call list stays there until what counts happens.
    fn tell_facts(&mut self) {
        use ContactEvent as E;
        let arrived = self.letters().filter(|one| one.state == MessageState::Delivered);
        let arrived = arrived.map(|one| one.changed_at).min();
        let opened = self.letters().filter_map(|one| one.link.flatten()).min();
        let from = self.known.from.unwrap_or(Millis::MIN);
        let answered = self.known.answered_at.filter(|at| *at >= from);
        let on_list = self.is_open_call() || self.contact == FirstContact::Calling;
        for (event, at) in [
            (E::Delivered, arrived),
            (E::Opened, opened),
            (E::Answered, answered),
        ] {
            let Some(at) = at else { continue };
            if !on_list || self.rule.counts(self.contact.after(event)) {
                self.tell(event, at);
            }
        }
        let Some(Called::Closed(outcome, at)) = self.known.call else {
            return;
        };
        if at <= from || self.is_settled() {
            return;
        }
        // What a message did is less than what came of the call.
        if matches!(self.contact, FirstContact::Delivered | FirstContact::Opened) {
            self.tell(E::PutOnCallList, at);
        }
        self.tell(event_of(outcome), at);
    }

    fn is_settled(&self) -> bool {
        use FirstContact as F;
        self.rule.counts(self.contact) || matches!(self.contact, F::GivenUp | F::NotNeeded)
    }

    fn decide(&mut self) {
        if self.is_settled() {
            self.next.reached = self.reached_now();
            self.next.watch_at = self.later_opening();
        } else if self.is_open_call() {
            // Somebody who was put there by hand is there.
            self.tell(ContactEvent::PutOnCallList, self.now);
            self.next.watch_at = Some(self.now + limits::CALL_LOOK);
        } else {
            match self.contact {
                FirstContact::Waiting => self.waits(),
                FirstContact::Calling => self.telephone(self.undone()),
                // A message on its way does not take the place of the call that was decided meanwhile.
                _ if self.known.route == Route::CentrePhone => self.telephone(self.undone()),
                _ => self.was_written_to(),
            }
        }
    }

    /// What a message did just now that makes an open call for a first word needless. Of what was known before, the
    /// call knows.
    fn reached_now(&self) -> Option<(ContactEvent, Millis)> {
        use ContactEvent as E;
        let last = *self.next.events.last()?;
        let by_message = matches!(last.0, E::Delivered | E::Opened | E::Answered);
        (by_message && self.is_open_call() && self.rule.counts(self.contact)).then_some(last)
    }

    /// Somebody who was reached may still open the page: worth knowing for a while.
    fn later_opening(&self) -> Option<Millis> {
        if self.contact != FirstContact::Delivered {
            return None;
        }
        let unopened = self.letters().filter(|one| one.link == Some(None));
        let made_at = unopened.map(|one| one.made_at).max()?;
        let age = self.now - made_at;
        let look = self.now + (age / 4).clamp(limits::LOOKS.0, limits::OPENINGS_LOOK);
        (age < limits::OPENINGS_FOR).then_some(look)
    }

    /// What nobody has done yet: the call that was decided, or the message.
    const fn undone(&self) -> CallReason {
        match self.known.route {
            Route::CentreSms | Route::HeadOfficeSms => CallReason::NotContacted,
            Route::CentrePhone | Route::Physician if self.known.overruled => CallReason::Chosen,
            Route::CentrePhone | Route::Physician => CallReason::ByRule,
        }
    }

    /// Nobody has written yet.
    fn waits(&mut self) {
        let wait = match self.known.route {
            Route::Physician => self.rule.call_after.min(limits::PHYSICIAN_WITHIN),
            _ => self.rule.call_after,
        };
        let due = self.known.from.unwrap_or(self.known.received_at) + wait;
        match (self.known.route, self.known.number) {
            (Route::CentrePhone, _) => self.telephone(self.undone()),
            (Route::CentreSms | Route::HeadOfficeSms, Number::Landline) => {
                self.telephone(CallReason::Landline);
            }
            (Route::CentreSms | Route::HeadOfficeSms, Number::Nothing) => {
                self.telephone(CallReason::NoNumber);
            }
            (Route::CentreSms | Route::HeadOfficeSms, Number::Wrong) => {
                self.telephone(CallReason::KnownWrong);
            }
            (Route::CentreSms | Route::HeadOfficeSms, Number::Refused) => {
                self.telephone(CallReason::Refused);
            }
            // Whoever forgets somebody does not make the person wait for ever; neither does a physician.
            (Route::CentreSms | Route::HeadOfficeSms | Route::Physician, _) => {
                if self.now >= due {
                    self.telephone(self.undone());
                } else {
                    self.next.watch_at = Some(due);
                }
            }
        }
    }

    /// Somebody wrote, and it is not enough yet.
    fn was_written_to(&mut self) {
        use MessageState as S;
        let left: Vec<Letter> = self
            .letters()
            .filter(|one| one.state != S::Cancelled)
            .copied()
            .collect();
        let Some(made_at) = left.iter().map(|one| one.made_at).max() else {
            // All of it was called back before it left: as if nobody had written.
            if self.contact == FirstContact::Written {
                self.tell(ContactEvent::Forgotten, self.now);
                self.next.watch_at = Some(self.now);
            } else {
                self.telephone(CallReason::NotDelivered);
            }
            return;
        };
        let any = |states: &[S]| left.iter().any(|one| states.contains(&one.state));
        let arrived = any(&[S::Delivered]);
        if arrived || any(&[S::Held, S::Queued, S::Submitting, S::Accepted]) {
            let due = made_at + self.rule.call_after;
            if self.now < due {
                let (least, most) = limits::LOOKS;
                let look = self.now + ((self.now - made_at) / 4).clamp(least, most);
                self.next.watch_at = Some(look.min(due));
            } else if arrived {
                self.telephone(CallReason::NotOpened);
            } else {
                self.telephone(CallReason::Unconfirmed);
            }
        } else if any(&[S::Unconfirmed]) {
            let since = left.iter().map(|one| one.changed_at).max().unwrap_or(made_at);
            let due = since + limits::UNCONFIRMED_FOR;
            if self.now < due {
                self.next.watch_at = Some(due);
            } else {
                self.telephone(CallReason::Unconfirmed);
            }
        } else {
            self.telephone(CallReason::NotDelivered);
        }
    }

    fn telephone(&mut self, why: CallReason) {
        let undelivered = matches!(why, CallReason::NotDelivered | CallReason::Unconfirmed);
        if undelivered {
            self.tell(ContactEvent::NotDelivered, self.now);
        }
        self.tell(ContactEvent::PutOnCallList, self.now);
        self.next.call = Some(why);
        self.next.watch_at = Some(self.now + limits::CALL_LOOK);
    }
}

/// What a call says of the first word.
pub const fn event_of(outcome: CallOutcome) -> ContactEvent {
    match outcome {
        CallOutcome::Told | CallOutcome::MessageLeft | CallOutcome::OtherWay => ContactEvent::Spoke,
        // Whoever goes there tells of it in a note; until then nobody has reached the person.
        CallOutcome::GivenUp | CallOutcome::Visit => ContactEvent::GaveUp,
        CallOutcome::NotNeeded => ContactEvent::NotNeeded,
    }
}

#[cfg(test)]
mod tests;
