//! What the rule makes of a broadcast, inside the write that stores it.

use base::clock::Millis;
use base::id::{BroadcastId, MessageId};
use db::{DbError, OrgVault, Tx};

use super::{Approval, FirstWave, Hours, Reason, Release, SendRule, UNTIL_APPROVED, in_words};
use crate::broadcast::{NewBroadcast, Origin, Refusal};
use crate::limits::FIRST_WAVE;
use crate::stage::BroadcastStage;
use crate::store::release as store;
use crate::store::send_rules::{is_approved, rule_in_force};
use crate::store::{NewEvent, add_event};

/// What the broadcast is, as far as the rule asks.
struct Case<'a> {
    new: &'a NewBroadcast,
    people: u32,
    version_is_approved: bool,
    /// The broadcast that it stands for, with what that one waits for.
    stands_for: Option<Release>,
    now: Millis,
}

/// What follows.
#[derive(PartialEq, Eq, Debug)]
struct Decision {
    reasons: Vec<Reason>,
    hold: Millis,
    patience: Millis,
    hold_until: Millis,
    release: Release,
}

impl Decision {
    /// If it is approved at once.
    fn leaves_at(&self, now: Millis) -> Millis {
        self.release.leaves_at(now + self.hold)
    }
}

/// Without a rule nothing is asked; what was chosen holds all the same.
fn decide(rule: Option<&SendRule>, case: &Case<'_>) -> Result<Decision, Refusal> {
    let Case { new, people, now, .. } = *case;
    let chosen = &new.release;
    let first = SendRule::first();
    let reasons = reasons(rule, case);
    let is_command_line = new.origin == Origin::CommandLine;
    if is_command_line && !reasons.is_empty() {
        return Err(Refusal::NeedsApproval(reasons));
    }
    let hours: Option<Hours> = rule
        // Whoever asked for a code waits for it at the page.
        .filter(|_| chosen.any_time.is_none() && new.origin != Origin::Code)
        .and_then(|rule| rule.hours(new.office, new.purpose));
    if let Some(hours) = hours.filter(|hours| is_command_line && !hours.is_open(now)) {
        return Err(Refusal::OutsideHours(hours));
    }
    let hold = rule.map_or(new.hold, |rule| rule.hold(new.purpose, new.hold));
    // One for a corrected number waits for a look already, and nobody can take an answer back.
    let hold = match new.origin {
        Origin::Correction | Origin::Reply | Origin::Code => 0,
        Origin::CommandLine | Origin::Browser | Origin::StandingOrder => hold,
    };
    let wave_rule = rule.map_or(first.first_wave, |rule| rule.first_wave);
    let asked = chosen.first_wave || wave_rule.above.is_some_and(|above| people > above);
    let is_waiting = !reasons.is_empty();
    let scheduled_for = chosen
        .scheduled_for
        .or(case.stands_for.and_then(|one| one.scheduled_for));
    Ok(Decision {
        hold,
        patience: wave_rule.patience,
        hold_until: if is_waiting {
            UNTIL_APPROVED
        } else {
            (now + hold).max(scheduled_for.unwrap_or(0))
        },
        release: Release {
            approval: is_waiting.then_some(Approval::Waiting),
            scheduled_for,
            hours,
            not_after: chosen.not_after.or(case.stands_for.and_then(|one| one.not_after)),
            first_wave: (asked && people as usize > FIRST_WAVE).then_some(FirstWave::Out),
        },
        reasons,
    })
}

fn reasons(rule: Option<&SendRule>, case: &Case<'_>) -> Vec<Reason> {
    let waits = |one: &Release| one.approval == Some(Approval::Waiting);
    if case.new.origin == Origin::Correction {
        // The very text was let go with its first number, or still waits.
        return if case.stands_for.as_ref().is_some_and(waits) {
            vec![Reason::StandsFor]
        } else {
            Vec::new()
        };
    }
    if matches!(case.new.origin, Origin::Reply | Origin::Code) {
        // One person, and a text that whoever decides for the organisation has written for exactly this, or a code.
        return Vec::new();
    }
    let warned = !case.new.release.told.warnings.is_empty();
    rule.map_or_else(Vec::new, |rule| {
        rule.reasons(case.people, case.version_is_approved, warned)
    })
}

/// Reads the rule and writes down what follows from it for a broadcast that was just stored: the first moment
/// at which it can leave, as far as that is known. What is refused has to be taken back by whoever stored it.
pub(crate) async fn settle(
    tx: &mut Tx,
    new: &NewBroadcast,
    (id, first, last): (BroadcastId, MessageId, MessageId),
    vault: &OrgVault,
    now: Millis,
) -> Result<Result<Millis, Refusal>, DbError> {
    let rule = match new.stage {
        // It goes to the phone of one of the staff; trying out is how one gets a text right.
        BroadcastStage::Test => None,
        BroadcastStage::Training | BroadcastStage::Live => rule_in_force(tx, new.org, now).await?,
    };
    let version_is_approved = match (&rule, new.template) {
        (Some((_, rule)), Some(version)) if rule.approval.new_version => {
            is_approved(tx, new.org, version).await?
        }
        _ => false,
    };
    let stands_for = match new.replaces {
        Some(other) => store::release_of(tx, new.org, other).await?,
        None => None,
    };
    let case = Case {
        new,
        people: u32::try_from(last.get() - first.get() + 1).unwrap_or(u32::MAX),
        version_is_approved,
        stands_for,
        now,
    };
    let decision = match decide(rule.as_ref().map(|(_, rule)| rule), &case) {
        Ok(decision) => decision,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let leaves_at = decision.leaves_at(now);
    let plain = decision.release == Release::default() && decision.hold_until == now + new.hold;
    if !plain {
        store::set_release(tx, new.org, id, decision.hold_until, &decision.release).await?;
    }
    if decision.release.approval.is_some() || decision.release.first_wave.is_some() {
        let row = store::NewReleaseRow {
            rule_version: rule.map(|(version, _)| version),
            reasons: &decision.reasons,
            hold: decision.hold,
            patience: decision.patience,
            seen_lines: &new.release.seen_lines,
            told: &new.release.told,
        };
        store::add_release(tx, new.org, vault, id, &row).await?;
    }
    let asked = in_words(&decision.reasons);
    let events = [
        (
            decision.release.approval.is_some(),
            "approval_asked",
            Some(&asked),
        ),
        (
            new.release.any_time.is_some(),
            "hours_overridden",
            new.release.any_time.as_ref(),
        ),
    ];
    for (_, action, detail) in events.into_iter().filter(|(happened, ..)| *happened) {
        let event = NewEvent {
            broadcast: id,
            by: new.created_by,
            action,
            detail: detail.map_or("", String::as_str),
        };
        add_event(tx, new.org, vault, &event, now).await?;
    }
    Ok(Ok(leaves_at))
}
