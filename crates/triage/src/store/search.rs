//! Statements that find cases: by what somebody says of themselves, and in the lists of an office. Where a filter is
//! given it is a condition of an index, so that a rare one among a million opens no case in vain.

use base::clock::Millis;
use base::id::{CaseId, OfficeId, OrgId};
use db::{Db, DbError, Reference, params};

use super::cases;
use super::json;
use crate::case::{Case, CaseState, FirstContact};
use crate::decision::Route;
use crate::keys::CaseKey;
use crate::limits;

/// Newest hits that are looked through for those of an office: two morae have a few per cent of all people.
const LOOKED_THROUGH: i64 = 20_000;

macro_rules! listing {
    ($conditions:literal) => {
        concat!(
            "SELECT case_id, received_at FROM cases WHERE org_id = $1 AND ",
            $conditions,
            " AND (received_at < $3 OR (received_at = $3 AND case_id < $4)) AND received_at <= $3",
            " AND state <> 'merged' ORDER BY received_at DESC, case_id DESC LIMIT $5"
        )
    };
}

db::statements! {
    // Read from the newest hit on, and no case is opened behind the last that is shown.
    BY_KEY = "
        SELECT k.case_id FROM case_keys k CROSS JOIN cases c
        WHERE k.org_id = $1 AND k.key_index = $2 AND k.case_id > COALESCE((
                SELECT o.case_id FROM case_keys o WHERE o.org_id = $1 AND o.key_index = $2
                ORDER BY o.case_id DESC LIMIT 1 OFFSET $4), 0)
            AND c.org_id = $1 AND c.case_id = k.case_id AND c.office_id = COALESCE($3, c.office_id)
        ORDER BY k.case_id DESC LIMIT $5";
    BY_REFERENCE = "
        SELECT case_id FROM cases WHERE org_id = $1 AND reference = $2 AND office_id = COALESCE($3, office_id)";
    ALL_CASES = listing!("$2 = 0");
    ALL_BY_CONTACT = listing!("$2 = 0 AND contact = $6");
    ALL_BY_ROUTE = listing!("$2 = 0 AND route = $6");
    ALL_BY_BOTH = listing!("$2 = 0 AND contact = $6 AND route = $7");
    OFFICE_CASES = listing!("office_id = $2");
    OFFICE_BY_CONTACT = listing!("office_id = $2 AND contact = $6");
    OFFICE_BY_ROUTE = listing!("office_id = $2 AND route = $6");
    OFFICE_BY_BOTH = listing!("office_id = $2 AND contact = $6 AND route = $7");
    NEWEST_WITH = "
        WITH wanted AS MATERIALIZED (SELECT CAST(each.value AS {bigint}) AS key FROM {each $2} LIMIT (SELECT 50000)),
        newest AS MATERIALIZED (
            SELECT w.key, (SELECT MAX(k.case_id) FROM case_keys k WHERE k.org_id = $1 AND k.key_index = w.key) AS case_id
            FROM wanted w)
        SELECT n.key, n.case_id FROM newest n WHERE n.case_id IS NOT NULL";
    WAITING = "
        SELECT case_id FROM cases
        WHERE org_id = $1 AND route = $2 AND state = 'open' AND contact = 'waiting'
        ORDER BY priority DESC, received_at, case_id LIMIT $3 OFFSET $4";
    WAITING_AT = "
        SELECT case_id FROM cases
        WHERE org_id = $1 AND office_id = $5 AND route = $2 AND state = 'open' AND contact = 'waiting'
        ORDER BY priority DESC, received_at, case_id LIMIT $3 OFFSET $4";
    WAITING_COUNTS = "
        SELECT office_id, route, COUNT(*), MIN(received_at), MAX(priority) FROM cases
        WHERE org_id = $1 AND state = 'open' AND contact = 'waiting' AND office_id = COALESCE($2, office_id)
        GROUP BY office_id, route ORDER BY office_id, route";
    FOR_PHYSICIAN = "
        SELECT COUNT(*) FROM cases
        WHERE org_id = $1 AND route = 'physician' AND state = 'open' AND contact = 'waiting'
            AND office_id = COALESCE($2, office_id)";
}

/// Cases of this office with one of these keys, the newest first, each once; `None` stands for all offices.
pub async fn by_keys(
    db: &Db,
    org: OrgId,
    office: Option<OfficeId>,
    keys: &[CaseKey],
) -> Result<Vec<Case>, DbError> {
    let mut ids: Vec<CaseId> = Vec::new();
    for key in keys {
        let params = params![
            org,
            key.index(),
            office,
            LOOKED_THROUGH,
            i64::from(limits::HITS) + 1
        ];
        for row in db.query(BY_KEY, params).await? {
            ids.push(row.get(0)?);
        }
    }
    ids.sort_unstable_by(|one, other| other.cmp(one));
    ids.dedup();
    cases::cases(db, org, &ids).await
}

/// The case with this number, if it is of this office.
pub async fn by_reference(
    db: &Db,
    org: OrgId,
    office: Option<OfficeId>,
    reference: Reference,
) -> Result<Option<Case>, DbError> {
    let row = db
        .query_opt(BY_REFERENCE, params![org, reference, office])
        .await?;
    match row {
        Some(row) => cases::case(db, org, office, row.get(0)?).await,
        None => Ok(None),
    }
}

/// Which cases a list shows.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Filter {
    /// Of which office; `None` stands for all.
    pub office: Option<OfficeId>,
    /// With the first word so far.
    pub contact: Option<FirstContact>,
    /// Whom somebody reaches in this way.
    pub route: Option<Route>,
}

/// From where a list goes on: after the last one that was shown.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct After {
    /// When it came in, UTC milliseconds.
    pub received_at: Millis,
    /// Which it was.
    pub case: CaseId,
}

/// The cases that the filter lets through, the newest first, without those that went into another; and whether there
/// are more.
pub async fn listed(
    db: &Db,
    org: OrgId,
    filter: Filter,
    after: Option<After>,
) -> Result<(Vec<Case>, bool), DbError> {
    let page = usize::try_from(limits::CASES_PER_PAGE).expect("a page is small");
    let after = after.unwrap_or(After {
        received_at: i64::MAX,
        case: CaseId::new(i64::MAX),
    });
    let mut params = params![
        org,
        filter.office.map_or(0, OfficeId::get),
        after.received_at,
        after.case,
        i64::from(limits::CASES_PER_PAGE) + 1,
    ];
    params.extend(filter.contact.map(|contact| contact.as_str().into()));
    params.extend(filter.route.map(|route| route.as_str().into()));
    let sql = match (filter.office, filter.contact, filter.route) {
        (None, None, None) => ALL_CASES,
        (None, Some(_), None) => ALL_BY_CONTACT,
        (None, None, Some(_)) => ALL_BY_ROUTE,
        (None, Some(_), Some(_)) => ALL_BY_BOTH,
        (Some(_), None, None) => OFFICE_CASES,
        (Some(_), Some(_), None) => OFFICE_BY_CONTACT,
        (Some(_), None, Some(_)) => OFFICE_BY_ROUTE,
        (Some(_), Some(_), Some(_)) => OFFICE_BY_BOTH,
    };
    let rows = db.query(sql, params).await?;
    let mut ids = rows
        .iter()
        .map(|row| row.get(0))
        .collect::<Result<Vec<CaseId>, _>>()?;
    let more = ids.len() > page;
    ids.truncate(page);
    let found = cases::cases(db, org, &ids).await?;
    Ok((
        found
            .into_iter()
            .filter(|case| case.state != CaseState::Merged)
            .collect(),
        more,
    ))
}

/// Who waits for the first word in this way, the highest risk and then the longest wait first.
pub async fn waiting(
    db: &Db,
    org: OrgId,
    office: Option<OfficeId>,
    route: Route,
    limit: u32,
    offset: u32,
) -> Result<Vec<CaseId>, DbError> {
    let mut params = params![org, route.as_str(), i64::from(limit), i64::from(offset)];
    params.extend(office.map(Into::into));
    let sql = if office.is_some() { WAITING_AT } else { WAITING };
    let rows = db.query(sql, params).await?;
    rows.iter().map(|row| row.get(0)).collect()
}

/// How many wait at one office for one way.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct WaitingCount {
    /// Where.
    pub office: OfficeId,
    /// For what.
    pub route: Route,
    /// How many.
    pub people: u32,
    /// Since when the longest waits, UTC milliseconds.
    pub since: Millis,
    /// The highest priority among them.
    pub priority: u32,
}

/// How many wait for the first word, by office and way.
pub async fn waiting_counts(
    db: &Db,
    org: OrgId,
    office: Option<OfficeId>,
) -> Result<Vec<WaitingCount>, DbError> {
    let rows = db.query(WAITING_COUNTS, params![org, office]).await?;
    rows.iter()
        .map(|row| {
            Ok(WaitingCount {
                office: row.get(0)?,
                route: cases::word(&row.get::<String>(1)?, Route::from_word)?,
                people: row.get(2)?,
                since: row.get(3)?,
                priority: row.get(4)?,
            })
        })
        .collect()
}

/// Which of these keys cases have: for rows of a list that may be cases already. Only whether, not whose.
pub async fn known_keys(db: &Db, org: OrgId, keys: &[CaseKey]) -> Result<Vec<(i64, CaseId)>, DbError> {
    let wanted: Vec<i64> = keys.iter().map(|key| key.index()).collect();
    let mut known = Vec::new();
    for chunk in wanted.chunks(limits::CASES_PER_WRITE) {
        for row in db.query(NEWEST_WITH, params![org, json(&chunk)]).await? {
            known.push((row.get(0)?, row.get(1)?));
        }
    }
    Ok(known)
}

/// How many wait for a physician; of this office, or of all.
pub async fn waiting_for_physician(db: &Db, org: OrgId, office: Option<OfficeId>) -> Result<u32, DbError> {
    let row = db.query_opt(FOR_PHYSICIAN, params![org, office]).await?;
    let people: i64 = row.map_or(Ok(0), |row| row.get(0))?;
    Ok(u32::try_from(people).unwrap_or(u32::MAX))
}
