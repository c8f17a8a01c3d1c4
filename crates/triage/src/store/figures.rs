//! Statements of figures. A day is read once, in pieces, and kept as it was counted; pages read what was kept.

use std::collections::{BTreeMap, HashMap};

use base::clock::Millis;
use base::date::CalendarDate;
use base::id::{CallId, CaseId, OfficeId, OrgId};
use db::{Db, DbError, Row, params};
use lists::calls::CallReason;

use super::cases::word;
use super::json;
use crate::case::{CaseState, FirstContact, received_day};
use crate::figures::{Backlog, CountedCase, DayCount, Period, Waited};
use crate::limits;
use crate::reach::ContactRules;

macro_rules! not_reached {
    ($of:literal) => {
        concat!(
            "SELECT office_id, programme_id, contact, (received_at + 32400000) / 86400000 AS day,
                CASE WHEN received_at > $2 THEN 0 WHEN received_at > $3 THEN 1
                    WHEN received_at > $4 THEN 2 WHEN received_at > $5 THEN 3 ELSE 4 END AS waited,
                COUNT(*), MIN(received_at)
            FROM cases
            WHERE org_id = $1 AND state = 'open'
                AND contact IN ('waiting', 'written', 'unreached', 'calling', 'delivered', 'opened') AND ",
            $of,
            " GROUP BY office_id, programme_id, contact, day, waited"
        )
    };
}

db::statements! {
    CASES_OF_DAY = "
        SELECT case_id, office_id, programme_id, received_at, onset_day, diagnosed_day, state, contact, contact_at,
            first_arrived_at, first_opened_at, first_answered_at
        FROM cases
        WHERE org_id = $1 AND received_at >= $2 AND received_at < $3 AND (received_at > $2 OR case_id > $4)
        ORDER BY received_at, case_id LIMIT $5";
    CALLS_OF_CASES = "
        SELECT c.case_id, c.call_id FROM {each $2} CROSS JOIN case_calls c
        WHERE c.org_id = $1 AND c.case_id = CAST(each.value AS {bigint}) ORDER BY c.case_id, c.call_id";
    FIRST_ARRIVAL = "SELECT MIN(received_at) FROM cases WHERE org_id = $1";
    KEPT_DAYS = "
        SELECT day, counted_at, counts FROM figure_days WHERE org_id = $1 AND day >= $2 AND day <= $3 ORDER BY day";
    COUNTED_AT = "
        SELECT day, counted_at FROM figure_days WHERE org_id = $1 AND day >= $2 AND day <= $3";
    KEEP_DAY = "
        INSERT INTO figure_days (org_id, day, counted_at, counts) VALUES ($1, $2, $3, $4)
        ON CONFLICT (org_id, day) DO UPDATE SET counted_at = excluded.counted_at, counts = excluded.counts
        WHERE figure_days.counted_at <= excluded.counted_at";
    // In an index of all open cases to whom nobody spoke, office by office; the rules say who of them is reached.
    // With the moment as a condition SQLite takes that index for one office too.
    NOT_REACHED = not_reached!("office_id >= $6");
    NOT_REACHED_AT = not_reached!("office_id = $6 AND received_at >= 0");
}

/// From where the reading of a day goes on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ReadFrom {
    received_at: Millis,
    after: CaseId,
}

impl ReadFrom {
    /// The beginning of a day.
    pub fn beginning(day: CalendarDate) -> Self {
        Self {
            received_at: day.begins_in_japan(),
            after: CaseId::new(i64::MIN),
        }
    }
}

/// The next cases that came in on a day, and from where to go on; `None` when these are the last.
pub async fn cases_of_day(
    db: &Db,
    org: OrgId,
    day: CalendarDate,
    from: ReadFrom,
) -> Result<(Vec<CountedCase>, Option<ReadFrom>), DbError> {
    let most = i64::from(limits::COUNTED_PER_STEP);
    let params = params![org, from.received_at, day.ends_in_japan(), from.after, most];
    let rows = db.query(CASES_OF_DAY, params).await?;
    let mut found = rows.iter().map(counted_case).collect::<Result<Vec<_>, _>>()?;
    let called: Vec<CaseId> = found
        .iter()
        .filter(|case| may_have_been_called(case.contact))
        .map(|case| case.case)
        .collect();
    let reasons = reasons(db, org, &called).await?;
    for case in &mut found {
        case.call = reasons.get(&case.case).copied();
    }
    let next = found
        .last()
        .filter(|_| rows.len() == limits::COUNTED_PER_STEP as usize)
        .map(|last| ReadFrom {
            received_at: last.received_at,
            after: last.case,
        });
    Ok((found, next))
}

/// Most people are reached by a message: of them no call is looked for.
const fn may_have_been_called(contact: FirstContact) -> bool {
    !matches!(
        contact,
        FirstContact::Waiting | FirstContact::Written | FirstContact::Delivered
    )
}

fn counted_case(row: &Row) -> Result<CountedCase, DbError> {
    Ok(CountedCase {
        case: row.get(0)?,
        office: row.get(1)?,
        programme: row.get(2)?,
        received_at: row.get(3)?,
        onset: row.get::<Option<String>>(4)?.as_deref().and_then(day_of),
        diagnosed: row.get::<Option<String>>(5)?.as_deref().and_then(day_of),
        state: word(&row.get::<String>(6)?, CaseState::from_word)?,
        contact: word(&row.get::<String>(7)?, FirstContact::from_word)?,
        contact_at: row.get(8)?,
        arrived_at: row.get(9)?,
        opened_at: row.get(10)?,
        answered_at: row.get(11)?,
        call: None,
    })
}

/// `2022-02-14`, as columns have it.
fn day_of(text: &str) -> Option<CalendarDate> {
    let mut parts = text.splitn(3, '-');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    CalendarDate::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?)
}

async fn reasons(db: &Db, org: OrgId, cases: &[CaseId]) -> Result<HashMap<CaseId, CallReason>, DbError> {
    let mut found = HashMap::new();
    for chunk in cases.chunks(limits::CASES_PER_WRITE) {
        let rows = db.query(CALLS_OF_CASES, params![org, json(&chunk)]).await?;
        let mut last: HashMap<CaseId, CallId> = HashMap::new();
        for row in &rows {
            last.insert(row.get(0)?, row.get(1)?);
        }
        let calls: Vec<CallId> = last.values().copied().collect();
        let reasons = lists::calls::reasons(db, org, &calls).await?;
        found.extend(
            last.into_iter()
                .filter_map(|(case, call)| Some((case, *reasons.get(&call)?))),
        );
    }
    Ok(found)
}

/// The day on which the first case came in.
pub async fn first_arrival(db: &Db, org: OrgId) -> Result<Option<CalendarDate>, DbError> {
    let row = db.query_opt(FIRST_ARRIVAL, params![org]).await?;
    let at: Option<Millis> = row.map(|row| row.get(0)).transpose()?.flatten();
    Ok(at.and_then(CalendarDate::in_japan))
}

/// A day as it was counted.
pub struct KeptDay {
    /// When.
    pub counted_at: Millis,
    /// What came of it; `None` if another version of the program counted it in a way that is not understood here.
    pub count: Option<DayCount>,
}

/// The days of a period that were counted.
pub async fn kept_days(
    db: &Db,
    org: OrgId,
    period: Period,
) -> Result<BTreeMap<CalendarDate, KeptDay>, DbError> {
    let params = params![org, period.first().to_string(), period.last().to_string()];
    let rows = db.query(KEPT_DAYS, params).await?;
    let mut kept = BTreeMap::new();
    for row in &rows {
        if let Some(day) = day_of(&row.get::<String>(0)?) {
            let one = KeptDay {
                counted_at: row.get(1)?,
                count: serde_json::from_str(&row.get::<String>(2)?).ok(),
            };
            kept.insert(day, one);
        }
    }
    Ok(kept)
}

/// When the days of a period were counted.
pub async fn counted_at(
    db: &Db,
    org: OrgId,
    period: Period,
) -> Result<BTreeMap<CalendarDate, Millis>, DbError> {
    let params = params![org, period.first().to_string(), period.last().to_string()];
    let rows = db.query(COUNTED_AT, params).await?;
    let mut found = BTreeMap::new();
    for row in &rows {
        if let Some(day) = day_of(&row.get::<String>(0)?) {
            found.insert(day, row.get(1)?);
        }
    }
    Ok(found)
}

/// Keeps a day as it was counted; what was counted later stays.
pub async fn keep_day(
    db: &Db,
    org: OrgId,
    day: CalendarDate,
    counted_at: Millis,
    count: &DayCount,
) -> Result<(), DbError> {
    let counts = json(count);
    db.write(move |tx| {
        let params = params![org, day.to_string(), counted_at, counts.clone()];
        Box::pin(async move { tx.execute(KEEP_DAY, params).await.map(drop) })
    })
    .await
}

/// Who is not reached yet by the rule of their programme, of one office or of all.
pub async fn not_reached(
    db: &Db,
    org: OrgId,
    office: Option<OfficeId>,
    rules: &dyn ContactRules,
) -> Result<Vec<Backlog>, DbError> {
    let since = |waited: Waited| db.now() - waited.below();
    let params = params![
        org,
        since(Waited::FourHours),
        since(Waited::Day),
        since(Waited::TwoDays),
        since(Waited::Week),
        office.map_or(0, OfficeId::get),
    ];
    let sql = if office.is_some() {
        NOT_REACHED_AT
    } else {
        NOT_REACHED
    };
    let mut all = Vec::new();
    for row in &db.query(sql, params).await? {
        let (waited, people): (u32, u32) = (row.get(4)?, row.get(5)?);
        let one = Backlog {
            office: row.get(0)?,
            programme: row.get(1)?,
            contact: word(&row.get::<String>(2)?, FirstContact::from_word)?,
            waited: Waited::ALL
                .get(waited as usize)
                .copied()
                .unwrap_or(Waited::Longer),
            people: people.into(),
        };
        let rule = rules.of(one.programme, one.office, received_day(row.get(6)?));
        if !rule.counts(one.contact) {
            all.push(one);
        }
    }
    Ok(all)
}
