//! People who work through the call list: each has one person at a time to themselves, all of an office at once, by
//! the functions behind 「次の人に電話する」. It is looked at each time whether somebody more urgent was left waiting.

use std::collections::HashSet;

use base::clock::{HOUR, MINUTE};
use base::id::{CallId, OfficeId, StaffId};
use lists::calls::{
    Call, CallAttempt, CallOutcome, CallResult, CallSource, Due, Mark, TRIES, Taken, Which, call, mark,
    open_calls, take,
};
use triage::case::received_day;
use triage::reach::{ContactRules as _, ProgrammeRules};
use triage::store::cases;

use super::Failure;
use super::day::{ORG, World};
use super::people::Chance;

/// What callers did.
#[derive(Default)]
pub(super) struct Calling {
    /// Calls that were made.
    pub(super) calls: u64,
    /// Attempts that left somebody on the list.
    pub(super) tries: u64,
    /// Calls that were not made because the person was reached meanwhile.
    pub(super) not_needed: u64,
    /// Times that somebody was given although somebody more urgent waited.
    pub(super) out_of_order: u64,
    /// Times that two callers had one person or one number.
    pub(super) doubly_leased: u64,
}

/// The callers of every centre.
pub(super) struct Callers<'w> {
    world: &'w World,
    chance: Chance,
    pub(super) calling: Calling,
}

impl<'w> Callers<'w> {
    pub(super) fn new(world: &'w World) -> Self {
        Self {
            world,
            chance: Chance(world.seed ^ 0xCA11),
            calling: Calling::default(),
        }
    }

    /// So many calls of everybody.
    pub(super) async fn step(&mut self, calls: usize) -> Result<(), Failure> {
        let rules = ProgrammeRules::of(&self.world.desk.db, ORG).await?;
        for (centre, office) in self.world.centres.iter().enumerate() {
            let callers = &self.world.staff[centre];
            for _ in 0..calls {
                if self.round(*office, callers, &rules).await? == 0 {
                    break;
                }
            }
        }
        Ok(())
    }

    /// Everybody at the centre takes somebody, then everybody says what came of it.
    async fn round(
        &mut self,
        office: OfficeId,
        callers: &[StaffId],
        rules: &ProgrammeRules,
    ) -> Result<usize, Failure> {
        let mut held: Vec<(StaffId, Call)> = Vec::new();
        for caller in callers {
            if let Some(call) = self.take(office, *caller, &held).await? {
                held.push((*caller, call));
            }
        }
        let calls: HashSet<CallId> = held.iter().map(|(_, call)| call.id).collect();
        let numbers: Vec<&String> = held.iter().filter_map(|(_, call)| call.number.as_ref()).collect();
        let different: HashSet<&String> = numbers.iter().copied().collect();
        self.calling.doubly_leased += (held.len() - calls.len() + numbers.len() - different.len()) as u64;
        for (caller, call) in &held {
            self.end(office, *caller, call, rules).await?;
        }
        Ok(held.len())
    }

    async fn take(
        &mut self,
        office: OfficeId,
        caller: StaffId,
        held: &[(StaffId, Call)],
    ) -> Result<Option<Call>, Failure> {
        let db = &self.world.desk.db;
        // A family on one number is one call to wait for: enough are looked at.
        let first = open_calls(db, ORG, Some(office), Due::Now, (40, 0)).await?;
        let is_free = |one: &&Call| {
            let mut others = held.iter().map(|(_, call)| call);
            others.all(|call| call.id != one.id && (call.number.is_none() || call.number != one.number))
        };
        let most_urgent = first.iter().find(is_free).map(|one| one.priority);
        let (vault, now) = (db.vault(ORG).await?, db.now());
        let taken = db.write(move |tx| {
            let vault = vault.clone();
            Box::pin(async move { take(tx, ORG, &vault, Some(office), caller, Which::Next, now).await })
        });
        let Taken::Yours { call: id, .. } = taken.await? else {
            return Ok(None);
        };
        let taken = call(db, ORG, Some(office), id).await?;
        let priority = taken.as_ref().map(|taken| taken.priority);
        self.calling.out_of_order += u64::from(priority < most_urgent);
        Ok(taken)
    }

    async fn end(
        &mut self,
        office: OfficeId,
        caller: StaffId,
        call: &Call,
        rules: &ProgrammeRules,
    ) -> Result<(), Failure> {
        let db = &self.world.desk.db;
        let is_reached = match call.source {
            CallSource::Case(case) => cases::cases(db, ORG, &[case]).await?.first().is_some_and(|case| {
                let day = received_day(case.received_at);
                rules.of(case.programme, case.office, day).counts(case.contact)
            }),
            _ => false,
        };
        let (result, note) = if is_reached {
            self.calling.not_needed += 1;
            (CallResult::Done(CallOutcome::NotNeeded), None)
        } else {
            self.calling.calls += 1;
            self.came_of(call)
        };
        self.calling.tries += u64::from(matches!(result, CallResult::Tried { .. }));
        let kept = Mark {
            result,
            note: note.map(str::to_owned),
            by: caller,
        };
        mark(db, ORG, Some(office), call.id, kept).await?;
        Ok(())
    }

    fn came_of(&mut self, call: &Call) -> (CallResult, Option<&'static str>) {
        let now = self.world.desk.db.now();
        let last = call.tries + 1 >= TRIES;
        match self.chance.below(100) {
            0..68 => (CallResult::Done(CallOutcome::Told), None),
            68..74 => (CallResult::Done(CallOutcome::MessageLeft), None),
            _ if call.number.is_none() => {
                // The clinic knew another way.
                (
                    CallResult::Done(CallOutcome::OtherWay),
                    Some("医療機関に問い合わせて伝えた"),
                )
            }
            _ if last => (
                CallResult::Done(CallOutcome::GivenUp),
                Some("5回かけてもつながらない"),
            ),
            74..80 => {
                let attempt = CallAttempt::Busy;
                let due = Some(now + 30 * MINUTE);
                (CallResult::Tried { attempt, due }, None)
            }
            _ => {
                let attempt = CallAttempt::NoAnswer;
                let due = Some(now + 2 * HOUR);
                (CallResult::Tried { attempt, due }, None)
            }
        }
    }
}
