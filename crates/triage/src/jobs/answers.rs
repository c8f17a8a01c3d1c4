//! What people answered is taken over: who is well, who is not, what somebody has to read, and whom somebody has to
//! call at once. Signs of danger count before anything is sent.

use std::sync::Arc;

use base::clock::Millis;
use base::id::{CaseId, OrgId};
use db::{Db, DbError};
use desk::store::{RaisedFlag, answered_since, red_flags_since};
use lists::calls::CallReason;

use super::to_call;
use crate::case::{Case, CaseState};
use crate::gather::Numbers;
use crate::limits;
use crate::questions::{Health, subject_kind, wants_review};
use crate::store::alerts::{self, Alert, Raised};
use crate::store::questions::{self, NewAnswer};
use crate::store::{care, cases, reach};

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
            if subject.kind != subject_kind() || alerts::standing_case(db, org, about).await?.is_none() {
                continue;
            }
            let health = Health::of(answered);
            new.push(NewAnswer {
                case: about,
                request: answered.request,
                form: answered.form.key().to_string(),
                asked_at: answered.asked_at,
                answered_at: answered.submitted_at,
                health,
                wants_review: wants_review(answered, health),
            });
        }
        let (new, now) = (Arc::new(new), db.now());
        db.write(move |tx| {
            let new = Arc::clone(&new);
            Box::pin(async move {
                for one in new.iter() {
                    questions::answered(tx, org, one, now).await?;
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

/// One sign of danger: open until somebody handles it, and before everybody else on the call list.
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
    let to = whom(db, org, &case, &alert).await?;
    let (vault, now) = (db.vault(org).await?, db.now());
    let shared = Arc::new((alert, to));
    db.write(move |tx| {
        let (vault, shared) = (Arc::clone(&vault), Arc::clone(&shared));
        Box::pin(async move {
            let (alert, to) = shared.as_ref();
            // Closing takes turns with this: no case is closed beside its sign of danger.
            tx.take_numbers("cases", 0).await?;
            if alerts::raise(tx, org, alert).await? == Raised::New {
                reach::add_call(tx, org, &vault, id, (CallReason::Danger, to), now).await?;
                care::look_now(tx, org, id, now).await?;
            }
            Ok(())
        })
    })
    .await
}

async fn whom(db: &Db, org: OrgId, case: &Case, alert: &Alert) -> Result<reach::ToCall, DbError> {
    let numbers = Numbers::of(db, org, std::slice::from_ref(case)).await?;
    let closed = if case.state == CaseState::Open {
        ""
    } else {
        "この患者の記録は終了しています。"
    };
    let why = format!("質問への回答で「{}」を選んだ人です。{closed}", alert.label);
    Ok(reach::ToCall {
        priority: limits::DANGER_PRIORITY + case.decided.priority,
        ..to_call(case, numbers.of_case(case), &why)
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
