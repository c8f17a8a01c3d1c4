//! Rows of cases opened: in the order of the columns that `cases.rs` names.

use base::clock::Millis;
use base::date::CalendarDate;
use base::id::CaseId;
use db::{DbError, Field, OrgVault, Row};

use crate::case::{Case, CaseSource, CaseState, Closed, ClosedWhy, FirstContact, SourceKind};
use crate::decision::{Decided, Route};
use crate::period::Course;

pub(super) const NOTIFICATION: Field = Field("cases.notification");
pub(super) const DECISION: Field = Field("cases.decision");
pub(super) const COURSE: Field = Field("cases.course");

/// Nothing where nothing is known.
pub(super) fn sealed_course(vault: &OrgVault, case: CaseId, course: Course) -> Option<String> {
    (course != Course::default()).then(|| vault.seal(COURSE, case.get(), &super::json(&course)))
}

pub(super) fn case_of(row: &Row, vault: &OrgVault) -> Result<Case, DbError> {
    let id: CaseId = row.get(0)?;
    let source = match word(&row.get::<String>(4)?, SourceKind::from_word)? {
        SourceKind::List => CaseSource::Row {
            list: row.get(5)?,
            line: row.get(6)?,
        },
        SourceKind::Form => CaseSource::Form,
        SourceKind::Desk => CaseSource::Desk,
        SourceKind::Api => CaseSource::Api,
    };
    let sealed: Option<String> = row.get(8)?;
    let notification = sealed
        .map(|sealed| opened(vault, NOTIFICATION, id, &sealed))
        .transpose()?;
    let decision: Option<String> = row.get(13)?;
    let decided = match decision {
        Some(sealed) => opened(vault, DECISION, id, &sealed)?,
        None => Decided {
            route: word(&row.get::<String>(11)?, Route::from_word)?,
            priority: row.get(12)?,
            reasons: Vec::new(),
            rules: None,
            isolation_ends: None,
        },
    };
    let course: Option<String> = row.get(23)?;
    Ok(Case {
        id,
        programme: row.get(1)?,
        office: row.get(2)?,
        received_at: row.get(3)?,
        source,
        reference: row.get(7)?,
        notification,
        version: row.get(9)?,
        household: row.get(10)?,
        decided,
        overruled_by: row.get(14)?,
        state: word(&row.get::<String>(15)?, CaseState::from_word)?,
        contact: word(&row.get::<String>(16)?, FirstContact::from_word)?,
        contact_at: row.get(17)?,
        watch_at: row.get(18)?,
        merged_into: row.get(19)?,
        closed: closed_of(row)?,
        course: match course {
            Some(sealed) => opened(vault, COURSE, id, &sealed)?,
            None => Course::default(),
        },
        arrived_at: row.get(24)?,
    })
}

fn closed_of(row: &Row) -> Result<Option<Closed>, DbError> {
    let Some(at) = row.get::<Option<Millis>>(20)? else {
        return Ok(None);
    };
    let (why, from): (Option<String>, Option<String>) = (row.get(21)?, row.get(22)?);
    Ok(Some(Closed {
        at,
        // Codes of an earlier release say nothing to this one.
        why: why
            .as_deref()
            .and_then(ClosedWhy::from_word)
            .unwrap_or(ClosedWhy::Other),
        from: from.as_deref().and_then(day_of),
    }))
}

fn day_of(text: &str) -> Option<CalendarDate> {
    base::date::parse(text).ok()?.full()
}

fn opened<T: serde::de::DeserializeOwned>(
    vault: &OrgVault,
    field: Field,
    case: CaseId,
    sealed: &str,
) -> Result<T, DbError> {
    let text = vault.open(field, case.get(), sealed)?;
    // The error would quote what is sealed.
    serde_json::from_str(&text).map_err(|_| DbError::Sealed(field.0))
}

pub(super) fn word<T>(word: &str, read: impl Fn(&str) -> Option<T>) -> Result<T, DbError> {
    read(word).ok_or_else(|| DbError::Statement(format!("nothing of a case is called {word}")))
}
