//! Everybody counted again in the end: what the carriers' own logs say against what the database says of each
//! notification, and against the truth that the generator kept.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::PathBuf;

use base::clock::{HOUR, Millis};
use base::id::{BroadcastId, CaseId, MessageId};
use db::Db;
use lists::calls::{Call, CallOutcome, CallSource, Due, closed_since, open_calls};
use messaging::broadcast::Broadcast;
use messaging::message::MessageState;
use messaging::store as sent;
use messaging::store::MessageFacts;
use triage::case::{Case, CaseSource, CaseState, FirstContact, received_day};
use triage::decision::Route;
use triage::reach::{ContactRules as _, ProgrammeRules, Standing};
use triage::store::{cases, events};

mod listed;

use super::Failure;
use super::day::{ORG, Played};
use super::order::{Handed, inversions};
use super::report::{Findings, Place};
use crate::commands::smsc_log::{self, LogLine};

/// More entries than a day has.
const ALL: u32 = 1_000_000;
/// How long somebody waited whose message no carrier took.
const NEVER: Millis = 24 * HOUR;
/// Cases that are read at once.
const CHUNK: usize = 1_000;
/// What a receipt says of a part that is on its phone.
const ARRIVED: &str = "DELIVRD";

/// One message as the carriers saw it.
struct Message {
    to: String,
    text: String,
    /// When its last part was taken, and by which carrier its first.
    at: Millis,
    carrier: usize,
    parts: u8,
    taken: BTreeMap<u8, bool>,
}

impl Message {
    fn has_arrived(&self) -> bool {
        self.taken.len() == usize::from(self.parts) && self.taken.values().all(|arrived| *arrived)
    }
}

/// Puts the parts in the logs together; a part that a carrier refused is no part. Parts of one message may have gone to
/// two carriers when a line was cut.
fn messages_of(logs: Vec<Vec<LogLine>>) -> Vec<Message> {
    let mut lines: Vec<(usize, LogLine)> = Vec::new();
    for (carrier, log) in logs.into_iter().enumerate() {
        let mut latest = Millis::MIN;
        // A carrier's own order is true even where the clock stepped back.
        lines.extend(log.into_iter().map(|mut line| {
            latest = line.at.max(latest);
            line.at = latest;
            (carrier, line)
        }));
    }
    lines.sort_by_key(|(_, line)| line.at);
    let mut open: HashMap<(String, u16, u8), usize> = HashMap::new();
    let mut messages: Vec<Message> = Vec::new();
    for (carrier, line) in lines.into_iter().filter(|(_, line)| line.message_id.is_some()) {
        let key = (line.to.clone(), line.reference, line.parts);
        let arrived = line.outcome.as_deref() == Some(ARRIVED);
        let known = open
            .get(&key)
            .copied()
            .filter(|at| !messages[*at].taken.contains_key(&line.part));
        if let Some(at) = known {
            messages[at].taken.insert(line.part, arrived);
            messages[at].text.push_str(&line.text);
            messages[at].at = line.at;
            continue;
        }
        if line.parts > 1 {
            open.insert(key, messages.len());
        }
        messages.push(Message {
            to: line.to,
            text: line.text,
            at: line.at,
            carrier,
            parts: line.parts,
            taken: BTreeMap::from([(line.part, arrived)]),
        });
    }
    messages
}

/// Counts everybody.
pub(super) async fn recount(
    db: &Db,
    logs: &[PathBuf],
    played: &Played,
    numbers: &HashMap<u32, Vec<String>>,
) -> Result<Findings, Failure> {
    let logs = logs
        .iter()
        .map(|path| smsc_log::read(path))
        .collect::<Result<Vec<_>, _>>()
        .map_err(Failure::io("模擬の携帯電話会社の記録を読めません"))?;
    let mut count = Count {
        played,
        numbers,
        rules: ProgrammeRules::of(db, ORG).await?,
        cases: all_cases(db).await?,
        letters: HashMap::new(),
        facts: HashMap::new(),
        broadcasts: HashMap::new(),
        calls: HashMap::new(),
        findings: Findings::of(played),
    };
    count.read(db).await?;
    let messages = messages_of(logs);
    let by_case = count.whose(&messages);
    count.everybody(&messages, &by_case);
    count.nobody_twice(&messages, &by_case);
    count.within_seconds(&messages, &by_case);
    count.in_order(db, &messages, &by_case).await?;
    count.on_the_list_in_time();
    Ok(count.findings)
}

async fn all_cases(db: &Db) -> Result<Vec<Case>, Failure> {
    let next = db.next_number("cases").await?;
    let ids: Vec<CaseId> = (1..next).map(CaseId::new).collect();
    let mut all = Vec::new();
    for chunk in ids.chunks(CHUNK) {
        all.extend(cases::cases(db, ORG, chunk).await?);
    }
    Ok(all)
}

struct Count<'a> {
    played: &'a Played,
    numbers: &'a HashMap<u32, Vec<String>>,
    rules: ProgrammeRules,
    cases: Vec<Case>,
    letters: HashMap<CaseId, Vec<MessageId>>,
    facts: HashMap<MessageId, MessageFacts>,
    broadcasts: HashMap<BroadcastId, Broadcast>,
    calls: HashMap<CaseId, Vec<Call>>,
    findings: Findings,
}

/// The case of each message of the logs, by its place there; nothing if nobody's number stands in its text.
type Whose = Vec<Option<usize>>;

impl Count<'_> {
    async fn read(&mut self, db: &Db) -> Result<(), Failure> {
        let mut all = Vec::new();
        for case in &self.cases {
            let of_case = events::messages(db, ORG, case.id).await?;
            let ids: Vec<MessageId> = of_case.into_iter().map(|(message, ..)| message).collect();
            all.extend(ids.iter().copied());
            self.letters.insert(case.id, ids);
        }
        self.facts = sent::message_facts(db, ORG, &all).await?;
        for id in &self.played.broadcasts {
            if let Some(broadcast) = sent::broadcast(db, ORG, *id).await? {
                self.broadcasts.insert(*id, broadcast);
            }
        }
        let mut calls = open_calls(db, ORG, None, Due::Now, (ALL, 0)).await?;
        calls.extend(open_calls(db, ORG, None, Due::Later, (ALL, 0)).await?);
        calls.extend(closed_since(db, ORG, None, 0, ALL).await?);
        for call in calls {
            if let CallSource::Case(case) = call.source {
                self.calls.entry(case).or_default().push(call);
            }
        }
        Ok(())
    }

    fn person(&self, case: &Case) -> Option<(u32, u32)> {
        let CaseSource::Row { list, line } = case.source else {
            return None;
        };
        let told = self.played.told.get(&(list, line))?;
        Some((told.person, told.family))
    }

    fn is_reached(&self, case: &Case) -> bool {
        let day = received_day(case.received_at);
        self.rules
            .of(case.programme, case.office, day)
            .counts(case.contact)
    }

    /// By the reference number in the text.
    fn whose(&self, messages: &[Message]) -> Whose {
        let known: HashMap<String, usize> = self
            .cases
            .iter()
            .enumerate()
            .map(|(at, case)| (case.reference.to_string(), at))
            .collect();
        let find = |message: &Message| {
            let (_, rest) = message.text.split_once("受付番号は")?;
            let (number, _) = rest.split_once("です")?;
            known.get(number).copied()
        };
        messages.iter().map(find).collect()
    }

    /// Every notification is in exactly one place, and the place is true by the carriers' logs.
    fn everybody(&mut self, messages: &[Message], whose: &Whose) {
        let mut arrived: HashSet<usize> = HashSet::new();
        for (message, case) in messages.iter().zip(whose) {
            if message.has_arrived() {
                arrived.extend(*case);
            }
        }
        let mut places: HashMap<(base::id::ListId, u32), Place> = HashMap::new();
        for (at, case) in self.cases.iter().enumerate() {
            let place = self.place(case, arrived.contains(&at));
            if self.played.lost_people.contains(&case.id) {
                *self.findings.outage.entry(place).or_default() += 1;
            }
            if let CaseSource::Row { list, line } = case.source {
                places.insert((list, line), place);
            }
        }
        for row in self.played.told.keys() {
            let place = places.get(row).copied().unwrap_or(Place::Lost);
            *self.findings.places.entry(place).or_default() += 1;
        }
        self.findings.sms = messages.len() as u64;
        self.findings.sms_unknown = whose.iter().filter(|case| case.is_none()).count() as u64;
        let written: usize = self.letters.values().map(Vec::len).sum();
        self.findings.sms_in_database = written as u64;
        // What the database says was handed over, is in the logs, and the other way round.
        let mut logged: HashMap<CaseId, usize> = HashMap::new();
        for at in whose.iter().flatten() {
            *logged.entry(self.cases[*at].id).or_default() += 1;
        }
        for case in &self.cases {
            let letters = self.letters.get(&case.id).map_or(&[][..], Vec::as_slice);
            let state = |id: &MessageId| self.facts.get(id).map(|facts| facts.state);
            let taken = letters.iter().filter(|id| is_taken(state(id))).count();
            let unknown = letters
                .iter()
                .filter(|id| state(id) == Some(MessageState::Unconfirmed))
                .count();
            let logged = logged.get(&case.id).copied().unwrap_or(0);
            if logged < taken || logged > taken + unknown {
                self.findings.log_differs += 1;
            }
        }
    }

    fn place(&self, case: &Case, arrived: bool) -> Place {
        let day = received_day(case.received_at);
        let rule = self.rules.of(case.programme, case.office, day);
        if case.state == CaseState::Merged {
            return Place::Twin;
        }
        let calls = self.calls.get(&case.id).map_or(&[][..], Vec::as_slice);
        match Standing::of(case.state, case.contact, rule) {
            Standing::Reached if case.contact == FirstContact::Spoken => {
                let told = calls
                    .iter()
                    .any(|call| call.closed.is_some_and(|(outcome, ..)| is_told(outcome)));
                if told { Place::Telephone } else { Place::Lost }
            }
            // Who opened the page has the message on the phone: the carrier has to know of it.
            Standing::Reached if arrived => Place::Sms,
            Standing::OnCallList if calls.iter().any(|call| call.closed.is_none()) => Place::CallList,
            Standing::GivenUp => Place::GivenUp,
            Standing::NotNeeded => Place::NotNeeded,
            Standing::Closed => Place::Closed,
            Standing::UnderWay if case.decided.route == Route::Physician => Place::Centre,
            Standing::UnderWay => Place::UnderWay,
            Standing::Reached | Standing::OnCallList => Place::Lost,
        }
    }

    /// One message and one conversation a person at most; no message to somebody else's number.
    fn nobody_twice(&mut self, messages: &[Message], whose: &Whose) {
        let mut written: HashMap<u32, u64> = HashMap::new();
        for (message, at) in messages.iter().zip(whose) {
            let Some((person, family)) = at.and_then(|at| self.person(&self.cases[at])) else {
                continue;
            };
            *written.entry(person).or_default() += 1;
            let theirs = self
                .numbers
                .get(&family)
                .is_some_and(|all| all.contains(&message.to));
            self.findings.strangers += u64::from(!theirs);
        }
        self.findings.written_twice = written.values().filter(|times| **times > 1).count() as u64;
        let mut told: HashMap<u32, u64> = HashMap::new();
        for case in &self.cases {
            let Some((person, _)) = self.person(case) else {
                continue;
            };
            let calls = self.calls.get(&case.id).into_iter().flatten();
            let settled = calls.filter_map(|call| call.closed);
            *told.entry(person).or_default() +=
                settled.filter(|(outcome, ..)| is_told(*outcome)).count() as u64;
        }
        self.findings.told_twice = told.values().filter(|times| **times > 1).count() as u64;
    }

    /// From the moment at which a message might leave to the carrier's taking its last part. What no carrier took,
    /// though nobody called it back, never came.
    fn within_seconds(&mut self, messages: &[Message], whose: &Whose) {
        let mut waits: Vec<Millis> = Vec::new();
        let mut taken: HashSet<CaseId> = HashSet::new();
        for (message, at) in messages.iter().zip(whose) {
            let Some(at) = at else { continue };
            taken.insert(self.cases[*at].id);
            let released = self.broadcast(*at).map(|one| one.hold_until.max(one.created_at));
            waits.extend(released.map(|released| message.at - released));
        }
        let never = |(case, letters): (&CaseId, &Vec<MessageId>)| {
            let state = letters
                .first()
                .and_then(|id| self.facts.get(id))
                .map(|facts| facts.state);
            (!taken.contains(case) && state.is_some_and(|state| state != MessageState::Cancelled))
                .then_some(NEVER)
        };
        waits.extend(self.letters.iter().filter_map(never));
        waits.sort_unstable();
        self.findings.waits(&waits);
    }

    fn broadcast(&self, at: usize) -> Option<&Broadcast> {
        let first = self.letters.get(&self.cases[at].id)?.first()?;
        self.broadcasts.get(&self.facts.get(first)?.broadcast)
    }

    /// Nobody of higher risk goes behind somebody of lower risk. A case into which another was merged may have been
    /// of lower risk when it was written to.
    async fn in_order(&mut self, db: &Db, messages: &[Message], whose: &Whose) -> Result<(), Failure> {
        let written = messages.iter().zip(whose);
        let written =
            written.filter_map(|(message, at)| Some((message, self.cases[(*at)?].decided.priority)));
        let families = families(self.on_numbers(), written);
        let kept: HashSet<CaseId> = self.cases.iter().filter_map(|case| case.merged_into).collect();
        let mut handed = Vec::new();
        for (message, at) in messages.iter().zip(whose) {
            let Some(at) = *at else { continue };
            let (Some(broadcast), case) = (self.broadcast(at), &self.cases[at]) else {
                continue;
            };
            let letters = &self.letters[&case.id];
            let own = if kept.contains(&case.id) {
                0
            } else {
                case.decided.priority
            };
            handed.push(Handed {
                broadcast: broadcast.id,
                message: letters[0],
                carrier: message.carrier,
                own,
                family: families.get(&message.to).copied().unwrap_or(0).max(own),
                tried_before: was_tried_before(db, letters).await?,
            });
        }
        self.findings.handed_over_out_of_order = inversions(&handed);
        Ok(())
    }

    /// Everybody's own numbers, with the risk.
    fn on_numbers(&self) -> impl Iterator<Item = (String, u32)> {
        self.cases.iter().flat_map(|case| {
            let mobiles = case.notification.iter().flat_map(|told| &told.person.mobiles);
            mobiles.map(|number| {
                (
                    number.e164().trim_start_matches('+').to_owned(),
                    case.decided.priority,
                )
            })
        })
    }
}

/// The highest risk on each number: of those whose it is, and of those who were written to there, as a child is at its
/// guardian's.
fn families<'a>(
    own: impl Iterator<Item = (String, u32)>,
    written: impl Iterator<Item = (&'a Message, u32)>,
) -> HashMap<String, u32> {
    let written = written.map(|(message, risk)| (message.to.clone(), risk));
    let mut families: HashMap<String, u32> = HashMap::new();
    for (number, risk) in own.chain(written) {
        let family = families.entry(number).or_default();
        *family = risk.max(*family);
    }
    families
}

fn is_taken(state: Option<MessageState>) -> bool {
    use MessageState as S;
    matches!(
        state,
        Some(S::Accepted | S::Delivered | S::Undelivered | S::Expired)
    )
}

const fn is_told(outcome: CallOutcome) -> bool {
    matches!(
        outcome,
        CallOutcome::Told | CallOutcome::MessageLeft | CallOutcome::OtherWay
    )
}

async fn was_tried_before(db: &Db, letters: &[MessageId]) -> Result<bool, Failure> {
    for id in letters {
        let history = sent::message(db, ORG, *id).await?;
        if history.is_some_and(|one| one.parts.iter().any(|part| part.tries > 1)) {
            return Ok(true);
        }
    }
    Ok(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(to: &str, (part, parts): (u8, u8), text: &str, outcome: Option<&str>) -> LogLine {
        LogLine {
            at: Millis::from(part),
            to: to.to_owned(),
            from: "0005".to_owned(),
            part,
            parts,
            reference: 7,
            text: text.to_owned(),
            message_id: Some("1".to_owned()),
            command_status: 0,
            outcome: outcome.map(str::to_owned),
        }
    }

    #[test]
    fn a_child_is_of_the_family_of_its_guardian_s_number() {
        let message = messages_of(vec![vec![line("8190", (1, 1), "子", None)]]).remove(0);
        let guardian = ("8190".to_owned(), 10);
        let found = families([guardian].into_iter(), [(&message, 70)].into_iter());
        assert_eq!(found, HashMap::from([("8190".to_owned(), 70)]));
    }

    #[test]
    fn parts_are_one_message_and_a_refused_one_is_none() {
        let mut refused = line("8190", (1, 2), "前", None);
        refused.message_id = None;
        let logs = vec![
            vec![
                refused,
                line("8190", (1, 2), "前", Some(ARRIVED)),
                line("8180", (1, 1), "一", None),
            ],
            vec![line("8190", (2, 2), "後", Some(ARRIVED))],
        ];
        let messages = messages_of(logs);
        let seen: Vec<(&str, &str, bool)> = messages
            .iter()
            .map(|one| (one.to.as_str(), one.text.as_str(), one.has_arrived()))
            .collect();
        assert_eq!(seen, [("8190", "前後", true), ("8180", "一", false)]);
    }
}
