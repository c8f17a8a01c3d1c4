//! What a case takes from one that goes into it, and gives back when they are taken apart: the first word, if the
//! person has it, and the more careful decision. What waits to be sent for the other is called back.

use base::id::{CaseId, StaffId};
use db::{DbError, Tx, params};
use lists::calls::CallReason;

use super::super::cases::{self, SetRecord, word};
use super::super::closing::call_back_theirs;
use super::super::events::DETAIL;
use super::super::follow;
use super::Decision;
use crate::case::{Case, CaseState, EventDetail, FirstContact, Moments, Took};
use crate::decision::{Decided, Route};

db::statements! {
    MOMENTS = "
        SELECT contact, contact_at, contact_from, first_arrived_at, first_opened_at, first_answered_at
        FROM cases WHERE org_id = $1 AND case_id = $2";
    SET_MOMENTS = "
        UPDATE cases SET contact = $3, contact_at = $4, contact_from = $5, first_arrived_at = $6,
            first_opened_at = $7, first_answered_at = $8
        WHERE org_id = $1 AND case_id = $2";
    MERGED_EVENTS = "
        SELECT detail_sealed FROM case_events
        WHERE org_id = $1 AND case_id = $2 AND kind = 'merged' ORDER BY event_no DESC LIMIT 50";
}

impl Decision<'_> {
    /// The case that goes on takes what is more; nobody writes for the other any more. Gives what its history keeps.
    pub(super) async fn take(&self, tx: &mut Tx, kept: &Case, gone: &Case) -> Result<EventDetail, DbError> {
        // Whoever could not be reached by the one may be by what waits for the other.
        if kept.contact != FirstContact::GivenUp {
            call_back_theirs(tx, self.org, gone.id, self.now).await?;
        }
        let was_open = gone.state == CaseState::Open;
        if kept.state != CaseState::Open {
            return Ok(EventDetail::default());
        }
        let before = self.moments(tx, kept.id).await?;
        let judged = more_careful(kept, gone).filter(|_| was_open);
        let decided = judged.as_ref().map_or(&kept.decided, |(decided, _)| decided);
        if has_more(kept, gone, decided.route) {
            let theirs = self.moments(tx, gone.id).await?;
            self.set_moments(tx, kept.id, &theirs.since(kept.received_at, &before))
                .await?;
            self.end_call(tx, kept, gone).await?;
        }
        if let Some((decided, overruled_by)) = &judged {
            let record = SetRecord {
                overruled_by: *overruled_by,
                ..SetRecord::decided(kept, decided)
            };
            cases::set_record(tx, self.org, self.vault, kept, &record).await?;
            let now = cases::case_in(tx, self.org, self.vault, None, kept.id).await?;
            let contact = now.map_or(kept.contact, |now| now.contact);
            let kept = Case {
                contact,
                ..kept.clone()
            };
            let change = (&kept, decided);
            follow::decision(tx, self.org, self.vault, change, self.judge.by, self.now).await?;
        }
        let after = self.moments(tx, kept.id).await?;
        if judged.is_none() && before == after {
            return Ok(EventDetail::default());
        }
        follow::look_at_once(tx, self.org, kept.id, self.now).await?;
        Ok(EventDetail {
            decisions: judged.map(|(decided, _)| (kept.decided.clone(), decided)),
            took: Some(Box::new(Took {
                moments: (before, after),
                overruled_by: kept.overruled_by,
            })),
            ..EventDetail::default()
        })
    }

    /// What the case that went on took, it has no more, as far as nothing else has happened since.
    pub(super) async fn give_back(
        &self,
        tx: &mut Tx,
        kept: &Case,
        gone: CaseId,
    ) -> Result<EventDetail, DbError> {
        let Some((decisions, took)) = self.taken(tx, kept.id, gone).await? else {
            return Ok(EventDetail::default());
        };
        let (before, after) = &took.moments;
        if self.moments(tx, kept.id).await? == *after {
            // A call that ended for the other's sake says nothing of this person.
            let from = match before.contact {
                FirstContact::Calling => Some(self.now),
                _ => before.from,
            };
            let back = Moments {
                from,
                ..before.clone()
            };
            self.set_moments(tx, kept.id, &back).await?;
        }
        let mut detail = EventDetail::default();
        if let Some((before, after)) = decisions.filter(|(_, after)| is_still(&kept.decided, after)) {
            let decided = Decided {
                isolation_ends: kept.decided.isolation_ends,
                ..before
            };
            let record = SetRecord {
                overruled_by: took.overruled_by,
                ..SetRecord::decided(kept, &decided)
            };
            cases::set_record(tx, self.org, self.vault, kept, &record).await?;
            detail.decisions = Some((after, decided));
        }
        follow::look_at_once(tx, self.org, kept.id, self.now).await?;
        Ok(detail)
    }

    /// Whoever has been spoken with, or has answered, is not telephoned for a first word any more.
    async fn end_call(&self, tx: &mut Tx, kept: &Case, gone: &Case) -> Result<(), DbError> {
        let is_enough: fn(CallReason) -> bool = match gone.contact {
            FirstContact::Spoken => CallReason::ends_by_speaking,
            FirstContact::Answered => CallReason::is_first_contact,
            _ => return Ok(()),
        };
        let why = format!(
            "統合した記録（受付番号 {}）で「{}」ため、自動で終えました。",
            gone.reference,
            gone.contact.label()
        );
        let (org, vault) = (self.org, self.vault);
        lists::calls::end_of_case(tx, org, vault, (kept.id, is_enough), (self.now, &why), self.now)
            .await
            .map(drop)
    }

    /// What the case took of the other when that went into it the last time.
    async fn taken(
        &self,
        tx: &mut Tx,
        kept: CaseId,
        gone: CaseId,
    ) -> Result<Option<(Option<(Decided, Decided)>, Took)>, DbError> {
        for row in tx.query(MERGED_EVENTS, params![self.org, kept]).await? {
            let Some(sealed) = row.get::<Option<String>>(0)? else {
                continue;
            };
            let text = self.vault.open(DETAIL, kept.get(), &sealed)?;
            let detail: EventDetail = serde_json::from_str(&text).map_err(|_| DbError::Sealed(DETAIL.0))?;
            if detail.other == Some(gone) {
                return Ok(detail.took.map(|took| (detail.decisions, *took)));
            }
        }
        Ok(None)
    }

    async fn moments(&self, tx: &mut Tx, case: CaseId) -> Result<Moments, DbError> {
        let row = tx.query_opt(MOMENTS, params![self.org, case]).await?;
        let row = row.ok_or_else(|| DbError::Statement("a case went away".to_owned()))?;
        Ok(Moments {
            contact: word(&row.get::<String>(0)?, FirstContact::from_word)?,
            at: row.get(1)?,
            from: row.get(2)?,
            arrived: row.get(3)?,
            opened: row.get(4)?,
            answered: row.get(5)?,
        })
    }

    async fn set_moments(&self, tx: &mut Tx, case: CaseId, to: &Moments) -> Result<(), DbError> {
        let params = params![
            self.org,
            case,
            to.contact.as_str(),
            to.at,
            to.from,
            to.arrived,
            to.opened,
            to.answered
        ];
        tx.execute(SET_MOMENTS, params).await.map(drop)
    }
}

/// Whether the person has the first word by the other case only. Whom the centre is to telephone, a message has not
/// told enough.
fn has_more(kept: &Case, gone: &Case, route: Route) -> bool {
    use FirstContact as F;
    let is_told = match gone.contact {
        F::Spoken | F::Answered => true,
        F::Delivered | F::Opened => route != Route::CentrePhone,
        _ => false,
    };
    is_told && gone.contact.is_more_than(kept.contact)
}

/// The other's decision, where that is the more careful one, and who made it otherwise than the rules.
fn more_careful(kept: &Case, gone: &Case) -> Option<(Decided, Option<StaffId>)> {
    if !gone.decided.is_more_careful_than(&kept.decided) {
        return None;
    }
    let is_other_way = gone.decided.route.is_sms() != kept.decided.route.is_sms();
    let (from, overruled_by) = if is_other_way {
        (&gone.decided, gone.overruled_by)
    } else {
        (&kept.decided, kept.overruled_by)
    };
    let mut decided = Decided {
        priority: gone.decided.priority.max(kept.decided.priority),
        isolation_ends: kept.decided.isolation_ends,
        ..from.clone()
    };
    decided.reasons.push(format!(
        "統合した記録（受付番号 {}）の、より慎重な振り分けに合わせました。",
        gone.reference
    ));
    Some((decided, overruled_by))
}

/// Whether a decision is still the one that was taken; care moves its last day.
fn is_still(now: &Decided, taken: &Decided) -> bool {
    (now.route, now.priority, &now.reasons) == (taken.route, taken.priority, &taken.reasons)
}
