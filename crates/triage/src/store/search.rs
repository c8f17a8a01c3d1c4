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

/// Hits that are looked through at once for those of an office, and how often at most: two morae have a few per cent of
/// all people, and an office a seventeenth of them.
const STEP: usize = 1_000;
const STEPS: usize = 20;

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
    // Read from the newest hit on, and no case is opened to find those of all offices.
    HITS_BELOW = "
        SELECT case_id FROM case_keys WHERE org_id = $1 AND key_index = $2 AND case_id < $3
        ORDER BY case_id DESC LIMIT $4";
    OF_OFFICE = "
        SELECT c.case_id FROM {each $2} CROSS JOIN cases c
        WHERE c.org_id = $1 AND c.case_id = CAST(each.value AS {bigint}) AND c.office_id = $3
        ORDER BY c.case_id DESC";
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
        WHERE org_id = $1 AND route = 'physician' AND state = 'open' AND contact = 'waiting'";
    FOR_PHYSICIAN_AT = "
        SELECT COUNT(*) FROM cases
        WHERE org_id = $1 AND office_id = $2 AND route = 'physician' AND state = 'open' AND contact = 'waiting'";
}

/// Whom keys found.
pub struct Found {
    /// The cases, each once: who fits wholly first, then who only begins alike; of each the newest first. One more than
    /// is shown where there are more.
    pub cases: Vec<Case>,
    /// So many begin alike that only the newest were looked through for those of the office.
    pub is_cut: bool,
}

/// Cases of this office with one of these keys; `None` stands for all offices.
pub async fn by_keys(
    db: &Db,
    org: OrgId,
    office: Option<OfficeId>,
    keys: &[CaseKey],
) -> Result<Found, DbError> {
    let (heads, whole): (Vec<CaseKey>, Vec<CaseKey>) =
        keys.iter().copied().partition(|key: &CaseKey| key.is_head());
    let mut all: Vec<CaseId> = Vec::new();
    let mut is_cut = false;
    for group in [whole, heads] {
        let mut ids = Vec::new();
        for key in group {
            let (found, cut) = hits(db, org, office, key).await?;
            ids.extend(found);
            is_cut |= cut;
        }
        ids.sort_unstable_by(|one, other| other.cmp(one));
        ids.dedup();
        ids.retain(|id| !all.contains(id));
        ids.truncate(ONE_MORE.saturating_sub(all.len()));
        all.extend(ids);
    }
    Ok(Found {
        cases: cases::cases(db, org, &all).await?,
        is_cut,
    })
}

/// As many as are shown, and one by which more are known.
const ONE_MORE: usize = limits::HITS as usize + 1;

/// The newest with one key, and whether the search for them ended before they were all looked through.
async fn hits(
    db: &Db,
    org: OrgId,
    office: Option<OfficeId>,
    key: CaseKey,
) -> Result<(Vec<CaseId>, bool), DbError> {
    let mut below = CaseId::new(i64::MAX);
    let Some(office) = office else {
        return Ok((hits_below(db, org, key, below, ONE_MORE).await?, false));
    };
    let mut found = Vec::new();
    for _ in 0..STEPS {
        let step = hits_below(db, org, key, below, STEP).await?;
        for row in db.query(OF_OFFICE, params![org, json(&step), office]).await? {
            found.push(row.get(0)?);
        }
        match step.last() {
            Some(last) if step.len() == STEP && found.len() < ONE_MORE => below = *last,
            _ => return Ok((found, false)),
        }
    }
    Ok((found, true))
}

async fn hits_below(
    db: &Db,
    org: OrgId,
    key: CaseKey,
    below: CaseId,
    most: usize,
) -> Result<Vec<CaseId>, DbError> {
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    let rows = db
        .query(HITS_BELOW, params![org, key.index(), below, most])
        .await?;
    rows.iter().map(|row| row.get(0)).collect()
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
    let row = match office {
        Some(office) => db.query_opt(FOR_PHYSICIAN_AT, params![org, office]).await?,
        None => db.query_opt(FOR_PHYSICIAN, params![org]).await?,
    };
    let people: i64 = row.map_or(Ok(0), |row| row.get(0))?;
    Ok(u32::try_from(people).unwrap_or(u32::MAX))
}
