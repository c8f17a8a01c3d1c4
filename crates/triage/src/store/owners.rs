//! Statements of programmes that belong to one office, and of whose people are where.

use std::collections::HashMap;

use base::clock::Millis;
use base::id::{CaseId, OfficeId, OrgId, ProgrammeId, StaffId};
use db::{Db, DbError, Row, Tx, params};

use super::cases::word;
use crate::decision::Route;

db::statements! {
    SET_OWNER = "
        UPDATE programmes SET owner_office = CAST($3 AS {bigint}), owner_set_by = $4, owner_set_at = $5
        WHERE org_id = $1 AND programme_id = $2";
    OWNER = "
        SELECT owner_office, owner_set_by, owner_set_at FROM programmes
        WHERE org_id = $1 AND programme_id = $2 AND owner_set_at IS NOT NULL";
    // Where nobody may work any more nobody is taken in: as `accounts::Office::is_open` has it.
    OWNERS = "
        SELECT p.programme_id, p.owner_office FROM programmes p CROSS JOIN offices o
        WHERE p.org_id = $1 AND o.org_id = p.org_id AND o.office_id = p.owner_office AND o.closed_at IS NULL
            AND (o.contract_ends_at IS NULL OR o.contract_ends_at > $2)";
    OVER = "
        SELECT office_id, name FROM offices
        WHERE org_id = $1 AND (closed_at IS NOT NULL OR contract_ends_at <= $2) ORDER BY office_id";
    PLACES = "
        SELECT programme_id, office_id, COUNT(*) FROM cases
        WHERE +org_id = $1 AND state = 'open' GROUP BY programme_id, office_id ORDER BY programme_id, office_id";
    AT_PLACE = "
        SELECT case_id FROM cases
        WHERE +org_id = $1 AND programme_id = $2 AND office_id = $3 AND state = 'open' AND case_id > $4
        ORDER BY case_id LIMIT $5";
    WAITING_AT_PLACE = "
        SELECT route, COUNT(*) FROM cases
        WHERE +org_id = $1 AND programme_id = $2 AND office_id = $3 AND state = 'open' AND contact = 'waiting'
        GROUP BY route";
}

/// Who said to which office a programme belongs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Owner {
    /// To which; `None`: each person is the office's that took them in.
    pub office: Option<OfficeId>,
    /// Who said so.
    pub by: StaffId,
    /// When, UTC milliseconds.
    pub at: Millis,
}

fn owner_of(row: &Row) -> Result<Owner, DbError> {
    Ok(Owner {
        office: row.get(0)?,
        by: row.get(1)?,
        at: row.get(2)?,
    })
}

/// Says to which office a programme belongs from now on; the people who are there already stay where they are.
pub async fn set_owner(
    db: &Db,
    org: OrgId,
    id: ProgrammeId,
    owner: Option<OfficeId>,
    by: StaffId,
) -> Result<(), DbError> {
    let now = db.now();
    db.write(move |tx| {
        Box::pin(async move {
            tx.execute(SET_OWNER, params![org, id, owner, by, now])
                .await
                .map(drop)
        })
    })
    .await
}

/// What was said last; `None` if nobody ever said anything.
pub async fn owner(db: &Db, org: OrgId, id: ProgrammeId) -> Result<Option<Owner>, DbError> {
    let row = db.query_opt(OWNER, params![org, id]).await?;
    row.as_ref().map(owner_of).transpose()
}

/// The offices of programmes that belong to one where people work, by programme. Of an office that has closed, or whose
/// contract is over, nothing is left: new people are the office's that takes them in.
pub async fn owners(db: &Db, org: OrgId) -> Result<HashMap<i64, OfficeId>, DbError> {
    let rows = db.query(OWNERS, params![org, db.now()]).await?;
    rows.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect()
}

/// Offices where nobody works any more: closed, or their contract is over. Number and name.
pub async fn over(db: &Db, org: OrgId) -> Result<Vec<(OfficeId, String)>, DbError> {
    let rows = db.query(OVER, params![org, db.now()]).await?;
    rows.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect()
}

/// Open cases of one programme at one office.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Place {
    /// Of which programme; 0 stands for none.
    pub programme: i64,
    /// Where.
    pub office: OfficeId,
    /// How many.
    pub people: u64,
}

/// Where the open cases of every programme are.
pub async fn places(db: &Db, org: OrgId) -> Result<Vec<Place>, DbError> {
    let rows = db.query(PLACES, params![org]).await?;
    rows.iter()
        .map(|row| {
            Ok(Place {
                programme: row.get(0)?,
                office: row.get(1)?,
                people: u64::from(row.get::<u32>(2)?),
            })
        })
        .collect()
}

/// The next open cases of a programme at an office, behind this one, inside of a write.
pub(super) async fn cases_at(
    tx: &mut Tx,
    org: OrgId,
    (programme, office): (i64, OfficeId),
    (after, most): (CaseId, usize),
) -> Result<Vec<CaseId>, DbError> {
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    let rows = tx
        .query(AT_PLACE, params![org, programme, office, after, most])
        .await?;
    rows.iter().map(|row| row.get(0)).collect()
}

/// Who of a programme waits at the office to which it belongs, for what.
pub async fn waiting_at_owners(db: &Db, org: OrgId) -> Result<Vec<(OfficeId, Route, u64)>, DbError> {
    let mut waiting = Vec::new();
    for (programme, office) in owners(db, org).await? {
        for row in db
            .query(WAITING_AT_PLACE, params![org, programme, office])
            .await?
        {
            let route = word(&row.get::<String>(0)?, Route::from_word)?;
            waiting.push((office, route, u64::from(row.get::<u32>(1)?)));
        }
    }
    Ok(waiting)
}
