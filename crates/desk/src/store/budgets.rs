//! How often something that costs money may be asked for by strangers: by a number, an application, an address, a desk,
//! an organisation, and all together.
//!
//! A budget is one row for the time that it counts. Spending is one statement that counts up only while there is room,
//! so that fifty at the same moment spend exactly what is left, on any number of nodes. What is spent in a write that is
//! withdrawn was not spent. Numbers and addresses stand here as keyed hashes.

use accounts::SourceAddress;
use base::clock::{HOUR, Millis, japan_midnight};
use base::id::{ApplicationId, DeskId, OrgId};
use base::phone::PhoneNumber;
use db::{Db, DbError, Tx, params};

use crate::limits::BUDGETS_KEPT;

db::statements! {
    SPEND = "
        INSERT INTO code_budgets (budget, begins_at, used) VALUES ($1, $2, 1)
        ON CONFLICT (budget, begins_at) DO UPDATE SET used = code_budgets.used + 1 WHERE code_budgets.used < $3
        RETURNING used";
    USED = "SELECT used FROM code_budgets WHERE budget = $1 AND begins_at = $2";
    IS_OLD = "
        SELECT begins_at FROM code_budgets WHERE begins_at < $1 UNION ALL SELECT until FROM spent_proofs WHERE until < $2
        LIMIT 1";
    FORGET = "DELETE FROM code_budgets WHERE begins_at < $1";
}

/// How many codes may be sent. An organisation's own limits of messages hold besides.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Budgets {
    /// To one number in a day.
    pub number: i64,
    /// For one application in a day, whichever numbers it names.
    pub application: i64,
    /// At one desk in an hour: a wave's busiest hour had 1,200 applications at all desks.
    pub desk: i64,
    /// Of one organisation in a day: a wave's largest day had 9,000 applications.
    pub organisation: i64,
    /// Of the whole installation in an hour. Then nobody gets one until the next.
    pub all: i64,
}

impl Default for Budgets {
    fn default() -> Self {
        Self {
            number: 3,
            application: 5,
            desk: 3_000,
            organisation: 20_000,
            all: 6_000,
        }
    }
}

/// How often one address may ask in an hour, with a proof of work and without. A carrier's phones share addresses by
/// the thousand, so these are wide; who has none of the proofs is anybody's script.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct AddressBudgets {
    /// One address, with and without.
    pub address: (i64, i64),
    /// What somebody can rent at once, with and without.
    pub range: (i64, i64),
    /// Everybody without.
    pub unproved: i64,
}

impl Default for AddressBudgets {
    fn default() -> Self {
        Self {
            address: (200, 5),
            range: (1_000, 20),
            unproved: 300,
        }
    }
}

/// What is counted, and the time for which it is.
pub(super) struct Budget {
    name: String,
    begins_at: Millis,
}

impl Budget {
    pub(super) fn of_number(db: &Db, org: OrgId, phone: PhoneNumber, now: Millis) -> Self {
        let number = db.installation_index(&format!("code number {org} {}", phone.e164()));
        Self::in_day(format!("number {number}"), now)
    }

    pub(super) fn of_application(org: OrgId, application: ApplicationId, now: Millis) -> Self {
        Self::in_day(format!("application {org} {application}"), now)
    }

    pub(super) fn of_desk(org: OrgId, desk: DeskId, now: Millis) -> Self {
        Self::in_hour(format!("desk {org} {desk}"), now)
    }

    pub(super) fn of_organisation(org: OrgId, now: Millis) -> Self {
        Self::in_day(format!("organisation {org}"), now)
    }

    pub(super) fn of_all(now: Millis) -> Self {
        Self::in_hour("all".to_owned(), now)
    }

    /// That the head office was told of something about a desk in this hour.
    pub(super) fn told(org: OrgId, desk: DeskId, what: &str, now: Millis) -> Self {
        Self::in_hour(format!("told {org} {desk} {what}"), now)
    }

    /// Codes of an organisation that were sent in this hour, for comparison.
    pub(super) fn sent(org: OrgId, now: Millis) -> Self {
        Self::in_hour(format!("sent {org}"), now)
    }

    /// Codes of an organisation that were read back in this hour.
    pub(super) fn read_back(org: OrgId, now: Millis) -> Self {
        Self::in_hour(format!("read {org}"), now)
    }

    /// Wrong birth dates at a certificate.
    pub(super) fn of_certificate(org: OrgId, certificate: i64, now: Millis) -> Self {
        Self::in_day(format!("certificate {org} {certificate}"), now)
    }

    fn in_hour(name: String, now: Millis) -> Self {
        Self {
            name,
            begins_at: now - now.rem_euclid(HOUR),
        }
    }

    fn in_day(name: String, now: Millis) -> Self {
        Self {
            name,
            begins_at: japan_midnight(now),
        }
    }

    /// Takes one, if fewer than `most` are taken; gives how many are taken then.
    pub(super) async fn spend(&self, tx: &mut Tx, most: i64) -> Result<Option<i64>, DbError> {
        if most < 1 {
            return Ok(None);
        }
        let row = tx
            .query_opt(SPEND, params![self.name.as_str(), self.begins_at, most])
            .await?;
        row.map(|row| row.get(0)).transpose()
    }

    pub(super) async fn used(&self, tx: &mut Tx) -> Result<i64, DbError> {
        let row = tx
            .query_opt(USED, params![self.name.as_str(), self.begins_at])
            .await?;
        row.map_or(Ok(0), |row| row.get(0))
    }
}

/// Whether somebody at this address may ask for a code now, and counts that they did. To be asked before
/// [`super::phone_codes::send`]; `proved`: with a proof of work ([`crate::proof::passed`]).
pub async fn admit_address(
    db: &Db,
    org: OrgId,
    source: SourceAddress,
    proved: bool,
) -> Result<bool, DbError> {
    let limits = super::code_limits(db, org).await?;
    admit_address_with(db, org, (source, proved), limits.addresses()).await
}

/// The same within other budgets.
pub async fn admit_address_with(
    db: &Db,
    org: OrgId,
    (source, proved): (SourceAddress, bool),
    budgets: AddressBudgets,
) -> Result<bool, DbError> {
    let now = db.now();
    let of = |what: &str, place: String| {
        let place = db.installation_index(&format!("code {what} {org} {place}"));
        Budget::in_hour(format!("{what} {} {place}", i32::from(proved)), now)
    };
    let most = |(with, without): (i64, i64)| if proved { with } else { without };
    let mut asked = vec![
        (of("address", source.network()), most(budgets.address)),
        (of("range", source.range()), most(budgets.range)),
    ];
    if !proved {
        asked.push((Budget::in_hour(format!("unproved {org}"), now), budgets.unproved));
    }
    let asked = std::sync::Arc::new(asked);
    let admitted = db.write(move |tx| {
        let asked = std::sync::Arc::clone(&asked);
        Box::pin(async move {
            for (budget, most) in asked.iter() {
                if budget.spend(tx, *most).await?.is_none() {
                    return Err(DbError::Withdrawn);
                }
            }
            Ok(())
        })
    });
    match admitted.await {
        Ok(()) => Ok(true),
        Err(DbError::Withdrawn) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Forgets what was counted of times that are over.
pub async fn forget_old(db: &Db) -> Result<(), DbError> {
    let now = db.now();
    if db
        .query_opt(IS_OLD, params![now - BUDGETS_KEPT, now])
        .await?
        .is_none()
    {
        return Ok(());
    }
    db.write(move |tx| {
        Box::pin(async move {
            tx.execute(FORGET, params![now - BUDGETS_KEPT]).await?;
            super::proofs::forget_old(tx, now).await
        })
    })
    .await
}
