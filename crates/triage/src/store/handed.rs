//! Cases that go from one office to another, one or everybody of a programme: they wait until the office that has them
//! now has seen them.

use std::sync::Arc;

use base::clock::Millis;
use base::id::{CaseId, MessageId, OfficeId, OrgId, StaffId};
use db::{Db, DbError, OrgVault, Tx, params};

use super::cases::{self, SetRecord};
use super::changes::Hand;
use super::events::{NewEvent, add, sealed_detail};
use super::follow;
use super::owners::cases_at;
use crate::case::{Case, EventDetail, EventKind};
use crate::decision::Rules;
use crate::limits;
use crate::overrule::decide_again;

/// What the reasons say of a person whom another office decided about by hand.
const KEPT_OVERRULED: &str = "引き継ぐ前に職員が変更した振り分けのままです。";
/// Cases of one write: each is read and decided anew.
const PER_WRITE: usize = 100;

db::statements! {
    ARRIVE = "UPDATE cases SET arrived_at = $3 WHERE org_id = $1 AND case_id = $2";
    // A message to a family is read by whoever looks after the first of them.
    FIRST_OF = "
        SELECT m.message_id FROM case_messages m
        WHERE m.org_id = $1 AND m.case_id = $2
            AND NOT EXISTS (SELECT 1 FROM case_messages o
                WHERE o.org_id = m.org_id AND o.message_id = m.message_id AND o.case_id < m.case_id)";
    TAKEN = "
        UPDATE cases SET arrived_at = NULL WHERE org_id = $1 AND case_id = $2 AND arrived_at IS NOT NULL";
    ARRIVED = "
        SELECT case_id FROM cases
        WHERE +org_id = $1 AND office_id = $2 AND arrived_at IS NOT NULL AND state = 'open'
        ORDER BY arrived_at, case_id LIMIT $3";
    ARRIVED_COUNT = "
        SELECT COUNT(*) FROM cases
        WHERE +org_id = $1 AND office_id = $2 AND arrived_at IS NOT NULL AND state = 'open'";
}

/// Who hands over, and in what words.
pub(super) struct Giver<'a> {
    pub(super) org: OrgId,
    pub(super) vault: &'a OrgVault,
    pub(super) by: (StaffId, OfficeId),
    pub(super) words: &'a str,
    pub(super) now: Millis,
}

/// Another office takes the case over, inside of a write, and decides anew by its own rules; what somebody decided
/// otherwise stays. An open entry of the call list goes along, and so does what the person wrote back. `false` if the
/// case is there.
pub(super) async fn over(
    tx: &mut Tx,
    giver: &Giver<'_>,
    case: &Case,
    to: OfficeId,
    rules: &dyn Rules,
) -> Result<bool, DbError> {
    if case.office == to {
        return Ok(false);
    }
    let (org, vault, now) = (giver.org, giver.vault, giver.now);
    let told = case.notification.as_ref();
    let (mut decided, overruled_by) = decide_again(case, told, &case.course, to, rules);
    if case.overruled_by.is_some() && !decided.reasons.iter().any(|reason| reason == KEPT_OVERRULED) {
        decided.reasons.push(KEPT_OVERRULED.to_owned());
    }
    let record = SetRecord {
        office: to,
        overruled_by,
        ..SetRecord::decided(case, &decided)
    };
    cases::set_record(tx, org, vault, case, &record).await?;
    tx.execute(ARRIVE, params![org, case.id, now]).await?;
    // What the new office decides may be another way.
    follow::look_at_once(tx, org, case.id, now).await?;
    lists::calls::hand_over_case(tx, org, case.id, (to, giver.by.0), now).await?;
    let rows = tx.query(FIRST_OF, params![org, case.id]).await?;
    let messages: Vec<MessageId> = rows.iter().map(|row| row.get(0)).collect::<Result<_, _>>()?;
    if !messages.is_empty() {
        messaging::store::move_replies(tx, org, &messages, to).await?;
    }
    let detail = EventDetail {
        words: (!giver.words.is_empty()).then(|| giver.words.to_owned()),
        offices: Some((case.office, to)),
        decisions: (case.decided != decided).then(|| (case.decided.clone(), decided)),
        ..EventDetail::default()
    };
    let event = NewEvent {
        case: case.id,
        by: Some(giver.by.0),
        office: Some(giver.by.1),
        kind: EventKind::HandedOver,
        detail: sealed_detail(vault, case.id, &detail),
    };
    add(tx, org, now, event).await?;
    Ok(true)
}

/// Everybody of a programme who is at an office, and where they go.
#[derive(Clone)]
pub struct Together {
    /// Of which programme; 0 stands for none.
    pub programme: i64,
    /// From where.
    pub from: OfficeId,
    /// Where to.
    pub to: OfficeId,
    /// Who hands over, and at which office they work.
    pub by: (StaffId, OfficeId),
    /// By what the other office decides.
    pub rules: Arc<dyn Rules>,
    /// What the history of each case says.
    pub words: String,
}

/// Hands over the open cases of a programme that are at an office. Says how many. In writes of a hundred: one that is
/// interrupted is gone on with by the same button.
pub async fn hand_over_together(db: &Db, org: OrgId, wish: Together) -> Result<u64, DbError> {
    let (vault, wish) = (db.vault(org).await?, Arc::new(wish));
    let (mut people, mut after) = (0, Some(CaseId::new(0)));
    while let Some(last) = after {
        let now = db.now();
        let (vault, wish) = (Arc::clone(&vault), Arc::clone(&wish));
        let (moved, next) = db
            .write(move |tx| {
                let (vault, wish) = (Arc::clone(&vault), Arc::clone(&wish));
                Box::pin(async move { hand_over_some(tx, org, &vault, &wish, (last, now)).await })
            })
            .await?;
        people += moved;
        after = next;
    }
    Ok(people)
}

/// How many went, and behind which to go on.
async fn hand_over_some(
    tx: &mut Tx,
    org: OrgId,
    vault: &OrgVault,
    wish: &Together,
    (after, now): (CaseId, Millis),
) -> Result<(u64, Option<CaseId>), DbError> {
    // Changes of cases take turns from here on.
    tx.take_numbers("cases", 0).await?;
    let ids = cases_at(tx, org, (wish.programme, wish.from), (after, PER_WRITE)).await?;
    let giver = Giver {
        org,
        vault,
        by: wish.by,
        words: &wish.words,
        now,
    };
    let mut moved = 0;
    for id in &ids {
        if let Some(case) = cases::case_in(tx, org, vault, None, *id).await? {
            moved += u64::from(over(tx, &giver, &case, wish.to, wish.rules.as_ref()).await?);
        }
    }
    let is_last = ids.len() < PER_WRITE;
    Ok((moved, ids.last().copied().filter(|_| !is_last)))
}

/// The office has seen it. `false` if the case does not wait for that.
pub async fn take(db: &Db, org: OrgId, hand: Hand) -> Result<bool, DbError> {
    let now = db.now();
    db.write(move |tx| {
        Box::pin(async move {
            if tx.execute(TAKEN, params![org, hand.case]).await? == 0 {
                return Ok(false);
            }
            let event = NewEvent {
                case: hand.case,
                by: Some(hand.by),
                office: Some(hand.office),
                kind: EventKind::Taken,
                detail: None,
            };
            add(tx, org, now, event).await?;
            Ok(true)
        })
    })
    .await
}

/// What an office was handed and has not seen yet, the longest waiting first; as many as stand on a page.
pub async fn arrived(db: &Db, org: OrgId, office: OfficeId) -> Result<Vec<CaseId>, DbError> {
    let most = i64::from(limits::CASES_PER_PAGE);
    let rows = db.query(ARRIVED, params![org, office, most]).await?;
    rows.iter().map(|row| row.get(0)).collect()
}

/// How many there are.
pub async fn arrived_count(db: &Db, org: OrgId, office: OfficeId) -> Result<u32, DbError> {
    let row = db.query_opt(ARRIVED_COUNT, params![org, office]).await?;
    row.map_or(Ok(0), |row| row.get(0))
}
