//! What the limits say to a list that is about to be sent.

use accounts::SignedIn;
use base::clock::{Millis, japan_midnight};
use base::id::{OfficeId, OrgId};
use base::segment;
use base::text::parts_worst;
use web::PageError;
use web::ui::Notice;

use super::list_plan::Plan;
use super::{Desk, failed};
use crate::allowance::{LimitKind, Wanted, alarms, figure, judge};
use crate::broadcast::Refusal;
use crate::store;
use crate::template::japan_day;

/// Whether there is room. The last word has the commit that makes the messages.
pub(super) struct Room {
    /// `1,200通（組織の今日）`, of the nearest limits; nothing without one.
    pub(super) left: Option<String>,
    pub(super) notices: Vec<Notice>,
}

impl Room {
    /// For a plan that leaves at this moment.
    pub(super) async fn of(
        desk: &Desk,
        session: &SignedIn,
        plan: &Plan,
        leaves_at: Millis,
    ) -> Result<Self, PageError> {
        let texts: Vec<&str> = plan.rows.iter().map(|row| row.outgoing.text.as_str()).collect();
        let whose = (session.staff.org, plan.head.office);
        Self::for_texts(desk, whose, (plan.template.training, leaves_at), &texts).await
    }

    /// The same for these texts of an office.
    pub(super) async fn for_texts(
        desk: &Desk,
        (org, office): (OrgId, OfficeId),
        (training, leaves_at): (bool, Millis),
        texts: &[&str],
    ) -> Result<Self, PageError> {
        let now = desk.db.now();
        let day = japan_midnight(leaves_at);
        let mut notices = Vec::new();
        if desk.standing(org).await?.stopped.is_some() {
            notices.push(
                Notice::warning("すべての送信が止められています")
                    .text("いま送信を始めると、再開されるまで待ちます。"),
            );
        }
        let limits = store::limits(&desk.db, org).await.map_err(failed)?;
        if !limits.bind(day, office) {
            return Ok(Self { left: None, notices });
        }
        let used = store::used(&desk.db, org, office, day, training)
            .await
            .map_err(failed)?;
        if let Err(over) = judge(&limits, office, day, &used, wanted(desk, org, day, texts).await?) {
            let refusal = Refusal::OverLimit(over);
            notices.push(Notice::error(over).text(refusal.advice()));
        }
        notices.extend(alarms(&limits, day, &used).into_iter().map(Notice::warning));
        let (on_day, in_month) = words_of(day, now);
        let left = [
            (None, LimitKind::DayParts, used.day, format!("組織の{on_day}")),
            (
                Some(office),
                LimitKind::DayParts,
                used.office,
                format!("部署の{on_day}"),
            ),
            (
                None,
                LimitKind::MonthParts,
                used.month,
                format!("組織の{in_month}"),
            ),
        ]
        .into_iter()
        .filter_map(|(whose, kind, used, what)| {
            let amount = limits.amount(day, whose, kind)?;
            Some(format!("{what} {}通", figure(amount - used)))
        })
        .collect::<Vec<_>>();
        Ok(Self {
            left: (!left.is_empty()).then(|| left.join("、")),
            notices,
        })
    }
}

/// `今日` or `11月23日`, `今月` or `12月`.
fn words_of(day: Millis, now: Millis) -> (String, String) {
    let (leaves, today) = (japan_day(day), japan_day(now));
    let on_day = format!("{}月{}日", leaves.month(), leaves.day());
    let in_month = format!("{}月", leaves.month());
    (
        if leaves == today {
            "今日".to_owned()
        } else {
            on_day
        },
        if leaves.first_of_month() == today.first_of_month() {
            "今月".to_owned()
        } else {
            in_month
        },
    )
}

async fn wanted(desk: &Desk, org: OrgId, day: Millis, texts: &[&str]) -> Result<Wanted, PageError> {
    let segmentation = desk.sending.segmentation;
    let (mut parts, mut dearest) = (0_i64, 0_i64);
    for text in texts {
        parts += i64::try_from(segment::split(text, segmentation).len()).unwrap_or(i64::MAX);
        dearest += i64::from(parts_worst(text).most());
    }
    let tariffs = store::tariffs(&desk.db, org).await.map_err(failed)?;
    let price = tariffs.dearest(day).unwrap_or(0);
    Ok(Wanted {
        parts,
        cost: dearest.max(parts) * i64::from(price),
    })
}
