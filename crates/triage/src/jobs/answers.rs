//! What people answered is taken over: who is well, who is not, what somebody has to read, and whom somebody has to
//! call at once. Signs of danger count before anything is sent.

use std::sync::Arc;

use base::clock::Millis;
use base::id::{CaseId, OrgId};
use db::{Db, DbError};
use desk::form::Level;
use desk::store::{RaisedFlag, answered_since, red_flags_since};
use lists::calls::CallReason;

use super::{dialled, to_call};
use crate::case::{Case, CaseState};
use crate::limits;
use crate::questions::{Health, OBSERVATION, subject_kind, wants_review};
use crate::store::alerts::{self, Alert, Raised};
use crate::store::questions::{self, NewAnswer};
use crate::store::{care, cases, reach};

/// Why the call of somebody who did not answer ends when they do.
const ANSWERED: &str = "電話する前に質問への回答があったため、自動で終えました。";

/// Takes over everything that came. Any number of nodes may do this at once.
pub async fn take_over(db: &Db, org: OrgId) -> Result<(), DbError> {
    super::replied::place(db, org).await?;
    take_flags(db, org).await?;
    alerts::mark_cleared(db, org).await?;
    take_answers(db, org).await
}

async fn take_answers(db: &Db, org: OrgId) -> Result<(), DbError> {
    let mut from: (Millis, i64) = (questions::answers_known_to(db, org).await?, 0);
    loop {
        let found = answered_since(db, org, from).await?;
        let Some((_, last)) = found.last() else {
            return Ok(());
        };
        from = (last.submitted_at, last.request.get());
        let mut new = Vec::new();
        for (subject, answered) in &found {
            let about = CaseId::new(subject.id);
            if subject.kind != subject_kind() {
                continue;
            }
            let Some(standing) = alerts::standing_case(db, org, about).await? else {
                continue;
            };
            let health = Health::of(answered);
            let answer = NewAnswer {
                case: about,
                request: answered.request,
                form: answered.form.key().to_string(),
                asked_at: answered.asked_at,
                answered_at: answered.submitted_at,
                health,
                wants_review: wants_review(answered, health),
            };
            new.push((standing, answer));
        }
        let (vault, new, now) = (db.vault(org).await?, Arc::new(new), db.now());
        db.write(move |tx| {
            let (vault, new) = (Arc::clone(&vault), Arc::clone(&new));
            Box::pin(async move {
                let mut ended = Vec::new();
                for (standing, one) in new.iter() {
                    if questions::answered(tx, org, one, now).await? && one.form == OBSERVATION {
                        ended.push((*standing, one.answered_at));
                    }
                }
                // Calls come after cases, as in every write: none waits for another.
                for (case, at) in ended {
                    let whose = (case, |reason| reason == CallReason::NotAnswered);
                    lists::calls::end_of_case(tx, org, &vault, whose, (at, ANSWERED), now).await?;
                }
                Ok(())
            })
        })
        .await?;
    }
}

async fn take_flags(db: &Db, org: OrgId) -> Result<(), DbError> {
    let mut since = alerts::alerts_known_to(db, org).await?;
    loop {
        let found = red_flags_since(db, org, since).await?;
        for flag in found.iter().filter(|flag| flag.subject.kind == subject_kind()) {
            take_flag(db, org, flag).await?;
        }
        // What came at the very moment of the last one comes again: it goes on only if time does.
        let last = found.last().map_or(since, |flag| flag.raised_at);
        let is_all = i64::try_from(found.len()).is_ok_and(|found| found < desk::limits::FOUND);
        if is_all || last == since {
            return Ok(());
        }
        since = last;
    }
}

/// One sign of danger, or a wish for a call: open until somebody handles it. Danger goes before everybody else on the
/// call list.
async fn take_flag(db: &Db, org: OrgId, flag: &RaisedFlag) -> Result<(), DbError> {
    let about = CaseId::new(flag.subject.id);
    let Some(id) = alerts::standing_case(db, org, about).await? else {
        return Ok(());
    };
    let Some(case) = cases::case(db, org, None, id).await? else {
        return Ok(());
    };
    let alert = Alert {
        request: flag.request,
        code: flag.code.to_string(),
        case: id,
        level: flag.level,
        label: flag.label.clone(),
        raised_at: flag.raised_at,
        cleared_at: flag.cleared_at,
    };
    let call = (reason(flag.level), whom(db, org, &case, &alert).await?);
    let (vault, now) = (db.vault(org).await?, db.now());
    let shared = Arc::new((alert, call));
    db.write(move |tx| {
        let (vault, shared) = (Arc::clone(&vault), Arc::clone(&shared));
        Box::pin(async move {
            let (alert, (reason, to)) = shared.as_ref();
            // Closing takes turns with this: no case is closed beside its sign of danger.
            tx.take_numbers("cases", 0).await?;
            if alerts::raise(tx, org, alert).await? == Raised::New {
                care::look_now(tx, org, id, now).await?;
                reach::add_call(tx, org, &vault, id, (*reason, to), now).await?;
            }
            Ok(())
        })
    })
    .await
}

const fn reason(level: Level) -> CallReason {
    match level {
        Level::Emergency => CallReason::Danger,
        Level::Call => CallReason::ByAnswer,
    }
}

async fn whom(db: &Db, org: OrgId, case: &Case, alert: &Alert) -> Result<reach::ToCall, DbError> {
    let numbers = dialled(db, org, std::slice::from_ref(case)).await?;
    let closed = if case.state == CaseState::Open {
        ""
    } else {
        "この患者の記録は終了しています。"
    };
    let why = format!("質問への回答に「{}」がある人です。{closed}", alert.label);
    let before = match alert.level {
        Level::Emergency => limits::DANGER_PRIORITY,
        Level::Call => limits::ANSWER_PRIORITY,
    };
    Ok(reach::ToCall {
        priority: before + case.decided.priority,
        ..to_call(case, numbers.get(&case.id).copied(), &why)
    })
}

/// Cases that somebody closed or merged: their links close, their questions end.
pub(super) async fn leave_what_is_over(db: &Db, org: OrgId) -> Result<(), DbError> {
    let over = questions::left_open(db, org).await?;
    if over.is_empty() {
        return Ok(());
    }
    let (over, now) = (Arc::new(over), db.now());
    db.write(move |tx| {
        let over = Arc::clone(&over);
        Box::pin(async move {
            for case in over.iter() {
                care::leave(tx, org, *case, now).await?;
            }
            Ok(())
        })
    })
    .await
}
