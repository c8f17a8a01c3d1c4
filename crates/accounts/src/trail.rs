//! The audit trail as it is read: filters, and how it stands with its seals.

use base::clock::{DAY, Millis};
use base::id::{OfficeId, OrgId, StaffId};
use base::phone::PhoneNumber;
use db::DbError;

use jiff::civil::Date;
use jiff::tz::Offset;

use crate::audit::{Action, Outcome, first_number};
use crate::limits::{SEAL_WIDE_LOOK, TRAIL_VERIFY};
use crate::sealer::{self, Verified};
use crate::store::{seals, trail as store};
use crate::{Accounts, Record, audit_actions};

/// The hours by which Japan is ahead of UTC.
const JAPAN: i8 = 9;

/// When the day that is written as `2026-11-22` begins in Japan.
pub fn day_begins(day: &str) -> Option<Millis> {
    let day: Date = day.parse().ok()?;
    let midnight = Offset::constant(JAPAN).to_timestamp(day.at(0, 0, 0, 0)).ok()?;
    Some(midnight.as_millisecond())
}

/// Which entries.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub(crate) struct Filter {
    pub(crate) staff: Option<StaffId>,
    pub(crate) office: Option<OfficeId>,
    pub(crate) action: Option<String>,
    pub(crate) outcome: Option<Outcome>,
    pub(crate) kind: Option<String>,
    pub(crate) subject: Option<i64>,
    /// When the day begins in Japan.
    pub(crate) day: Option<Millis>,
    /// Entries before this one: the next page.
    pub(crate) before: Option<i64>,
}

impl Filter {
    /// The numbers that entries of the day may have, the second no more.
    fn numbers(&self) -> (i64, i64) {
        let (from, until) = self
            .day
            .map_or((0, i64::MAX), |day| (first_number(day), first_number(day + DAY)));
        (from, self.before.map_or(until, |before| before.min(until)))
    }
}

/// One entry as it is shown.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct KeptEntry {
    pub(crate) id: i64,
    pub(crate) at: Millis,
    pub(crate) staff: Option<StaffId>,
    pub(crate) office: Option<OfficeId>,
    pub(crate) source: Option<String>,
    pub(crate) action: String,
    pub(crate) outcome: Option<Outcome>,
    pub(crate) subject: Option<(String, i64)>,
    pub(crate) detail: Option<String>,
}

/// How it stands with the seals of a trail.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TrailState {
    /// Entries that are sealed.
    pub sealed: i64,
    /// Entries of the last day that wait for the sealer.
    pub waiting: i64,
    /// Up to which seal, and when, a checkpoint was last signed.
    pub checkpoint: Option<(i64, Millis)>,
}

impl Accounts {
    /// How the audit trail of this organisation stands.
    pub async fn trail_state(&self, org: OrgId) -> Result<TrailState, DbError> {
        let head = seals::head(&self.db, org).await?;
        let recent = first_number(self.db.now() - SEAL_WIDE_LOOK);
        Ok(TrailState {
            sealed: head.map_or(0, |head| head.seq),
            waiting: seals::waiting(&self.db, org, recent).await?.0,
            checkpoint: seals::last_checkpoint(&self.db, org).await?,
        })
    }

    pub(crate) async fn verify_trail(&self, org: OrgId) -> Result<Verified, DbError> {
        sealer::verify_last(&self.db, org, TRAIL_VERIFY).await
    }

    pub(crate) async fn trail(
        &self,
        org: OrgId,
        filter: &Filter,
        limit: u32,
    ) -> Result<Vec<KeptEntry>, DbError> {
        store::entries(&self.db, org, filter, filter.numbers(), limit).await
    }

    /// The records of the person behind a number, and the newest entries about them.
    pub(crate) async fn trail_of_person(
        &self,
        org: OrgId,
        number: PhoneNumber,
        office: Option<OfficeId>,
        (before, limit): (i64, u32),
    ) -> Result<(Vec<(&'static str, i64)>, Vec<KeptEntry>), DbError> {
        let records = match self.person_records {
            Some(find) => find(&self.db, org, number).await?,
            None => Vec::new(),
        };
        let entries = store::entries_about(&self.db, org, &records, office, (before, limit)).await?;
        Ok((records, entries))
    }

    pub(crate) async fn trail_people(
        &self,
        org: OrgId,
        office: Option<OfficeId>,
    ) -> Result<Vec<StaffId>, DbError> {
        store::people(&self.db, org, office).await
    }

    /// Every action that an entry may name, by its word, each word once.
    pub(crate) fn actions(&self) -> Vec<Action> {
        let mut all: Vec<Action> = Vec::new();
        let routes = self.routes.iter().filter_map(|route| match route.record {
            Record::Nothing => None,
            Record::Look(action) | Record::Change(action) => Some(action),
        });
        let others = self.more_actions.iter().copied().flatten().copied();
        for action in routes.chain(audit_actions::ALL).chain(others) {
            if !all.iter().any(|known| known.code == action.code) {
                all.push(action);
            }
        }
        all
    }
}
