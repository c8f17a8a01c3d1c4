//! Standing orders: what an office has ready goes out by itself, within the limits and hours that the head office
//! ordered.
//!
//! An order lets nothing go that a person could not: each release goes through the same judgement and the same start,
//! with the organisation's rule of approval, its limits and its own hours. Whoever ordered stands in the broadcast as
//! its sender, so that they cannot approve it either.

use std::collections::{HashMap, HashSet};

use accounts::audit::Action;
use base::clock::Millis;
use base::id::{OfficeId, OrderId, OrgId, StaffId};
use lists::choice::Household;
use messaging::broadcast::{Origin, StartError};
use messaging::pages::roll::{self, Version};
use messaging::pages::{Desk, failed};
use messaging::release::Hours;
use web::PageError;

use crate::decision::Route;
use crate::gather::{Gathered, Gathering, name, start_ordered};
use crate::store::orders as store;
use crate::store::reach::{Candidates, candidates};

/// An order about to be given.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NewOrder {
    /// Whose people.
    pub office: OfficeId,
    /// Of which programme.
    pub programme: i64,
    /// Whom triage gave to whom.
    pub route: Route,
    /// With which text: an approved version, and no later one.
    pub version: Version,
    /// At most so many people at a time.
    pub per_release: u32,
    /// At most so many people a day, Japan's.
    pub per_day: u32,
    /// In which minutes of the day.
    pub hours: Hours,
    /// Who orders it.
    pub by: StaffId,
}

/// An order.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Order {
    /// Its number.
    pub id: OrderId,
    /// What it says.
    pub says: NewOrder,
    /// Since when, UTC milliseconds.
    pub ordered_at: Millis,
    /// By whom it was ended, and when.
    pub ended: Option<(StaffId, Millis)>,
}

impl Order {
    /// How many people may be written to at this moment, if so many were today.
    pub fn room(&self, now: Millis, today: u32) -> u32 {
        if self.ended.is_some() || !self.says.hours.is_open(now) {
            return 0;
        }
        self.says.per_release.min(self.says.per_day.saturating_sub(today))
    }
}

/// What the audit trail keeps of a release.
pub const RELEASED: Action = Action {
    code: "reach.standing_release",
    label: "指示により、自動で送り始めた",
};

/// What the audit trail may hold of what happens by itself.
pub const ACTIONS: [Action; 1] = [RELEASED];

/// Lets go what every order of an organisation says at this moment, but for offices where nobody works any more: who
/// answered would write to nobody. Says how many people were written to.
pub async fn release(desk: &Desk, org: OrgId) -> Result<usize, PageError> {
    let orders = store::orders_in_force(&desk.db, org).await.map_err(failed)?;
    if orders.is_empty() {
        return Ok(0);
    }
    let (mut people, now) = (0, desk.db.now());
    let offices = desk.accounts.offices(org).await.map_err(failed)?;
    let closed = offices.iter().filter(|office| !office.is_open(now));
    let closed: HashSet<OfficeId> = closed.map(|office| office.id).collect();
    let names: HashMap<OfficeId, String> = offices
        .into_iter()
        .map(|office| (office.id, office.name.to_string()))
        .collect();
    for order in orders.iter().filter(|order| !closed.contains(&order.says.office)) {
        people += release_one(desk, org, order, &names)
            .await?
            .map_or(0, |gathered| gathered.people);
    }
    Ok(people)
}

async fn release_one(
    desk: &Desk,
    org: OrgId,
    order: &Order,
    names: &HashMap<OfficeId, String>,
) -> Result<Option<Gathered>, PageError> {
    let (db, now, says) = (&desk.db, desk.db.now(), order.says);
    let today = store::released_today(db, org, order.id).await.map_err(failed)?;
    let wanted = Candidates {
        office: Some(says.office),
        but: None,
        route: says.route,
        programme: says.programme,
        most: order.room(now, today),
    };
    if wanted.most == 0 {
        return Ok(None);
    }
    let ids = candidates(db, org, wanted).await.map_err(failed)?;
    let gathering = Gathering::of(db, org, &ids).await.map_err(failed)?;
    if gathering.cases.is_empty() {
        return Ok(None);
    }
    let vault = db.vault(org).await.map_err(failed)?;
    let roll = gathering.roll(&vault, says.office, says.version, Household::Each, names);
    let judged = match roll::judge(desk, roll).await? {
        Ok(judged) => judged,
        Err(why) => {
            tracing::warn!(%org, order = %order.id, %why, "a standing order cannot be carried out");
            return Ok(None);
        }
    };
    if judged.rows.is_empty() || judged.is_exercise(desk) {
        return Ok(None);
    }
    let office = names.get(&says.office).map(String::as_str);
    let name = name(office, judged.rows.len());
    let new = judged
        .broadcast(desk, name, Origin::StandingOrder, Some(says.by))
        .await?;
    match start_ordered(db, &gathering, &judged, new, order).await {
        Ok(gathered) => Ok(Some(gathered)),
        // Somebody else was faster, or it was ended, or a limit is reached: the next minute looks again.
        Err(StartError::NoRows | StartError::AllLeftOut(_)) => Ok(None),
        Err(StartError::Refused(refusal)) => {
            tracing::warn!(%org, order = %order.id, %refusal, "a standing order was refused");
            Ok(None)
        }
        Err(StartError::Database(error)) => Err(failed(error)),
    }
}

#[cfg(test)]
mod tests {
    use base::clock::HOUR;
    use base::id::TemplateId;

    use super::*;

    #[test]
    fn an_order_has_room_in_its_hours_and_within_its_day() {
        // Noon of a Monday in Japan.
        let noon = 1_789_959_600_000;
        let order = Order {
            id: OrderId::new(1),
            says: NewOrder {
                office: OfficeId::new(2),
                programme: 1,
                route: Route::CentreSms,
                version: (TemplateId::new(1), 1),
                per_release: 50,
                per_day: 120,
                hours: Hours::DAYTIME,
                by: StaffId::new(1),
            },
            ordered_at: noon,
            ended: None,
        };
        assert_eq!(order.room(noon, 0), 50);
        assert_eq!(order.room(noon, 100), 20);
        assert_eq!(order.room(noon, 130), 0);
        assert_eq!(order.room(noon + 9 * HOUR, 0), 0, "nothing leaves at night");
        let ended = Order {
            ended: Some((StaffId::new(1), noon)),
            ..order
        };
        assert_eq!(ended.room(noon, 0), 0);
    }
}
