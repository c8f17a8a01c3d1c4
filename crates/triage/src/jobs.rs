//! What happens to cases by themselves: facts become first contact, whoever is not reached goes on the call list, what
//! a standing order says goes out.
//!
//! Every step is bounded and found by an index, and any number of nodes may take steps at the same time: a step is
//! carried out only on cases that still stand as they were seen.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::fmt::Write as _;

use base::clock::Millis;
use base::id::{CaseId, MessageId, OrgId};
use base::phone::PhoneNumber;
use db::{Db, DbError, Reference};
use desk::store::{MessageContact, contacts_of_messages, last_answers};
use lists::contacts::{PersonKeys, PersonValues};
use lists::numbers::{WrongKind, known_wrong};
use messaging::store::{MessageFacts, Replacement, message_facts, replacements_of};

use crate::case::{Case, CaseState, FirstContact, received_day};
use crate::gather::Numbers;
use crate::limits;
use crate::questions::subject_kind;
use crate::reach::{ContactRules, ProgrammeRules, Standing, number_to_dial};
use crate::store::cases;
use crate::store::reach::{StandsNow, Step, ToCall, Traces, adopt, carry_out, due, messages_of, traces};
use crate::store::twins::earlier_of;
use crate::watch::{Known, Letter, Next, Number, give_up_waiting, look};

mod answers;
mod care;
mod replied;

pub use self::answers::take_over;
pub use self::care::{ACTIONS, care};
use self::replied::replied;
/// Why a call ends that somebody had when its person was reached.
const REACHED_MEANWHILE: &str = "電話の途中で、SMSの到着か質問への回答が分かったため、自動で終えました。";

/// Looks at cases by the rules of their programmes, if any is due.
pub async fn watch_by_programmes(db: &Db, org: OrgId) -> Result<usize, DbError> {
    lists::calls::end_reached(db, org, REACHED_MEANWHILE).await?;
    lists::calls::move_on(db, org).await?;
    // Most of the time nothing is due, and no rule is read.
    if due(db, org, db.now()).await?.is_empty() {
        return Ok(0);
    }
    watch(db, org, &ProgrammeRules::of(db, org).await?).await
}

/// Looks at cases until none is due. Says how many it looked at; of a case that others change all the time, no more
/// than so often.
pub async fn watch(db: &Db, org: OrgId, rules: &dyn ContactRules) -> Result<usize, DbError> {
    let mut looked = 0;
    loop {
        let step = watch_step(db, org, rules).await?;
        looked += step;
        if step < limits::WATCHED_PER_STEP as usize {
            return Ok(looked);
        }
    }
}

/// Looks at as many cases as one step may.
pub async fn watch_step(db: &Db, org: OrgId, rules: &dyn ContactRules) -> Result<usize, DbError> {
    let now = db.now();
    let ids = due(db, org, now).await?;
    if ids.is_empty() {
        return Ok(0);
    }
    adopt_replacements(db, org, &ids).await?;
    let found = cases::cases(db, org, &ids).await?;
    let facts = Facts::of(db, org, &found).await?;
    let steps: Vec<Step> = found.iter().map(|case| step(case, &facts, rules, now)).collect();
    let seen = steps.len();
    carry_out(db, org, steps, now).await?;
    Ok(seen)
}

/// A message for a corrected number belongs to the case of the one that it stands for, and the first contact starts
/// anew with it.
async fn adopt_replacements(db: &Db, org: OrgId, ids: &[CaseId]) -> Result<(), DbError> {
    let news = standing_for(db, org, &messages_of(db, org, ids).await?).await?;
    if news.is_empty() {
        return Ok(());
    }
    adopt(db, org, news).await
}

/// What stands for messages of cases, for a corrected number, that the cases do not have yet.
async fn standing_for(
    db: &Db,
    org: OrgId,
    sent: &[(CaseId, MessageId)],
) -> Result<Vec<(CaseId, Replacement)>, DbError> {
    let asked: BTreeSet<MessageId> = sent.iter().map(|(_, message)| *message).collect();
    let asked: Vec<MessageId> = asked.into_iter().collect();
    let known: HashSet<(CaseId, MessageId)> = sent.iter().copied().collect();
    let mut news = Vec::new();
    for one in replacements_of(db, org, &asked).await? {
        let cases = sent.iter().filter(|(_, message)| *message == one.asked);
        news.extend(
            cases
                .map(|(case, _)| (*case, one))
                .filter(|(case, one)| !known.contains(&(*case, one.new))),
        );
    }
    Ok(news)
}

/// Puts everybody of these cases on the call list who is neither reached nor there, whatever time is left: their
/// messages are lost. Says how many were put there.
pub async fn telephone(
    db: &Db,
    org: OrgId,
    rules: &dyn ContactRules,
    ids: &[CaseId],
) -> Result<usize, DbError> {
    let (now, mut called) = (db.now(), 0);
    for ids in ids.chunks(limits::WATCHED_PER_STEP as usize) {
        let found = cases::cases(db, org, ids).await?;
        let facts = Facts::of(db, org, &found).await?;
        let steps = found.iter().filter_map(|case| {
            let rule = rules.of(case.programme, case.office, received_day(case.received_at));
            let next = give_up_waiting(&facts.known(case), rule, now)?;
            Some(step_of(case, &facts, next))
        });
        called += carry_out(db, org, steps.collect(), now).await?;
    }
    Ok(called)
}

/// What is known of many cases at once.
struct Facts {
    traces: Traces,
    messages: HashMap<MessageId, MessageFacts>,
    /// What personal links made known of the messages that carried them.
    personal: HashMap<MessageId, MessageContact>,
    /// When people last answered a form.
    answers: HashMap<i64, Millis>,
    /// When people last wrote back.
    replied: HashMap<CaseId, Millis>,
    numbers: Numbers,
    wrong: HashMap<CaseId, WrongKind>,
    /// Who may be somebody that came before.
    twins: HashMap<CaseId, Reference>,
}

impl Facts {
    async fn of(db: &Db, org: OrgId, found: &[Case]) -> Result<Self, DbError> {
        let ids: Vec<CaseId> = found.iter().map(|case| case.id).collect();
        let traces = traces(db, org, &ids).await?;
        let messages: Vec<MessageId> = traces.messages.values().flatten().copied().collect();
        let personal = contacts_of_messages(db, org, &messages).await?;
        let subjects: Vec<i64> = ids.iter().map(|id| id.get()).collect();
        let answers = last_answers(db, org, &subject_kind(), &subjects).await?;
        let messages = message_facts(db, org, &messages).await?;
        let numbers = Numbers::of(db, org, found).await?;
        let waiting = found.iter().filter(|case| waits(case));
        let wrong = wrong(db, org, waiting, &numbers).await?;
        let replied = replied(db, org, found, &traces, &numbers).await?;
        let twins = earlier_of(db, org, &ids).await?;
        Ok(Self {
            traces,
            messages,
            personal,
            answers,
            replied,
            numbers,
            wrong,
            twins,
        })
    }

    fn known(&self, case: &Case) -> Known {
        let messages = self.traces.messages.get(&case.id);
        let letters = messages
            .into_iter()
            .flatten()
            .filter_map(|id| Some((self.messages.get(id)?, self.personal.get(id))));
        // Whoever answers for a family answers by the message that is everybody's.
        let by_message = messages.into_iter().flatten();
        let by_message = by_message.filter_map(|id| self.personal.get(id)?.answered_at);
        let by_form = self.answers.get(&case.id.get()).copied();
        let by_reply = self.replied.get(&case.id).copied();
        Known {
            state: case.state,
            contact: case.contact,
            from: self.traces.from.get(&case.id).copied(),
            route: case.decided.route,
            overruled: case.overruled_by.is_some(),
            received_at: case.received_at,
            number: self.number(case),
            messages: letters
                .map(|(facts, personal)| Letter {
                    made_at: facts.created_at,
                    state: facts.state,
                    changed_at: facts.changed_at,
                    // The organisation's page, or the person's own.
                    link: match (facts.link, personal) {
                        (page, None) => page,
                        (page, Some(own)) => Some(page.flatten().into_iter().chain(own.opened_at).min()),
                    },
                })
                .collect(),
            answered_at: by_message.chain(by_form).chain(by_reply).max(),
            call: self.traces.calls.get(&case.id).copied(),
        }
    }

    fn number(&self, case: &Case) -> Number {
        let landlines = case.notification.iter().flat_map(|told| &told.person.landlines);
        if let Some(kind) = self.wrong.get(&case.id) {
            match kind {
                WrongKind::Refused => Number::Refused,
                WrongKind::NotMe | WrongKind::WrongNumber | WrongKind::Unused => Number::Wrong,
            }
        } else if self.numbers.of_case(case).is_some() {
            Number::Mobile
        } else if landlines.count() > 0 {
            Number::Landline
        } else {
            Number::Nothing
        }
    }
}

/// Whose number is known to be wrong.
async fn wrong<'a>(
    db: &Db,
    org: OrgId,
    found: impl Iterator<Item = &'a Case>,
    numbers: &Numbers,
) -> Result<HashMap<CaseId, WrongKind>, DbError> {
    let vault = db.vault(org).await?;
    let asked: Vec<(CaseId, PersonKeys)> = found
        .filter_map(|case| {
            let number = numbers.of_case(case)?;
            let person = &case.notification.as_ref()?.person;
            let birth = person.birth.map(|day| day.to_string());
            let values = PersonValues {
                phone: Some(number),
                id: person.register_id.as_deref(),
                name: Some(&person.name),
                birth: birth.as_deref(),
            };
            Some((case.id, PersonKeys::of(&vault, &values)))
        })
        .collect();
    let keys: Vec<PersonKeys> = asked.iter().map(|(_, keys)| *keys).collect();
    let wrong = known_wrong(db, org, &keys).await?;
    let found = asked.into_iter().zip(wrong);
    Ok(found
        .filter_map(|((case, _), wrong)| Some((case, wrong?.kind)))
        .collect())
}

/// Whether somebody waits to be written to.
fn waits(case: &Case) -> bool {
    case.state == CaseState::Open && case.contact == FirstContact::Waiting && case.decided.route.is_sms()
}

/// Nobody dials a number that is known to be somebody else's; one that only wants no SMS is the person's.
const fn is_dialled(wrong: Option<&WrongKind>) -> bool {
    matches!(wrong, None | Some(WrongKind::Refused))
}

/// The numbers at which these people are telephoned.
async fn dialled(db: &Db, org: OrgId, found: &[Case]) -> Result<HashMap<CaseId, PhoneNumber>, DbError> {
    let numbers = Numbers::of(db, org, found).await?;
    let wrong = wrong(db, org, found.iter(), &numbers).await?;
    let dialled = found.iter().filter(|case| is_dialled(wrong.get(&case.id)));
    Ok(dialled
        .filter_map(|case| Some((case.id, numbers.of_case(case)?)))
        .collect())
}

fn step(case: &Case, facts: &Facts, rules: &dyn ContactRules, now: Millis) -> Step {
    let rule = rules.of(case.programme, case.office, received_day(case.received_at));
    step_of(case, facts, look(&facts.known(case), rule, now))
}

fn step_of(case: &Case, facts: &Facts, next: Next) -> Step {
    let call = next.call.map(|reason| {
        let is_dialled = is_dialled(facts.wrong.get(&case.id));
        let mobile = facts.numbers.of_case(case).filter(|_| is_dialled);
        let mut why = case.decided.reasons.join("");
        // Nobody who may be in danger waits for a look at the pair; whoever telephones looks first.
        if let Some(earlier) = facts.twins.get(&case.id) {
            let _ = write!(
                why,
                "同じ人かもしれない届（受付番号 {earlier}）があります。すでに伝えていないか、見比べてから電話してください。"
            );
        }
        (reason, to_call(case, mobile, &why))
    });
    Step {
        case: case.id,
        seen: StandsNow {
            state: case.state,
            contact: case.contact,
            watch_at: case.watch_at,
            version: case.version,
        },
        next,
        call,
    }
}

/// Whom to telephone, with which number, and why in words.
fn to_call(case: &Case, mobile: Option<PhoneNumber>, why: &str) -> ToCall {
    let person = case.notification.as_ref().map(|told| &told.person);
    let guardians = person.map_or(&[][..], |person| person.guardian_mobiles.as_slice());
    let number = match person {
        Some(person) => number_to_dial(person, mobile),
        None => mobile.map(PhoneNumber::national),
    };
    let whose = if guardians.iter().any(|one| Some(one.national()) == number) {
        "番号は、保護者・緊急連絡先のものです。"
    } else {
        ""
    };
    let name = person
        .map(|person| person.name.clone())
        .filter(|name| !name.is_empty());
    ToCall {
        office: case.office,
        person: name.unwrap_or_else(|| case.reference.to_string()),
        number,
        priority: case.decided.priority,
        note: format!("受付番号 {}。{whose}{why}", case.reference),
        programme: case.programme,
        language: person.and_then(|person| person.language.clone()),
    }
}

/// How many cases of an organisation stand where, by the rule: everybody is in exactly one of them.
pub fn counted<'a>(
    cases: impl Iterator<Item = &'a Case>,
    rules: &dyn ContactRules,
) -> BTreeMap<Standing, u32> {
    let mut counts = BTreeMap::new();
    for case in cases {
        let rule = rules.of(case.programme, case.office, received_day(case.received_at));
        let standing = Standing::of(case.state, case.contact, rule);
        *counts.entry(standing).or_default() += 1;
    }
    counts
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
mod tests;
