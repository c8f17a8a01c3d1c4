//! One case, if it is there for the person who asks; who else has it open.

use std::collections::HashMap;

use accounts::{Office, Staff};
use base::date::CalendarDate;
use base::id::{CaseId, OfficeId, StaffId};
use messaging::pages::{failed, scope};
use web::{Errors, PageError};

use super::Triage;
use super::case_words::ago;
use crate::case::{Case, received_day};
use crate::limits::{DAYS_BACK, NOTE_LETTERS};
use crate::store::cases::case;
use crate::store::changes::Hand;
use crate::store::openings;

/// The case; what belongs to another office is not there.
pub(super) async fn load(triage: &Triage, staff: &Staff, id: CaseId) -> Result<Case, PageError> {
    let found = case(&triage.db, staff.org, scope(staff), id).await;
    found.map_err(failed)?.ok_or(PageError::NotFound)
}

/// Who changes it, as their page showed it.
pub(super) fn hand(staff: &Staff, case: CaseId, version: &str) -> Result<Hand, PageError> {
    Ok(Hand {
        scope: scope(staff),
        case,
        version: version.parse().map_err(|_| PageError::Unreadable)?,
        by: staff.id,
        office: staff.office,
    })
}

/// Writes down that somebody has a form of the record open, and says who else has: 「佐藤さん（西保健所）が3分前から開いています」.
pub(super) async fn open(triage: &Triage, staff: &Staff, id: CaseId) -> Result<Vec<String>, PageError> {
    let by = (staff.id, staff.office);
    openings::open(&triage.db, staff.org, id, by)
        .await
        .map_err(failed)?;
    let offices = triage.offices(staff.org).await?;
    opened_by(triage, staff, id, &offices).await
}

/// Who else has a form of the record open.
pub(super) async fn opened_by(
    triage: &Triage,
    staff: &Staff,
    id: CaseId,
    offices: &HashMap<OfficeId, Office>,
) -> Result<Vec<String>, PageError> {
    let (db, org) = (&triage.db, staff.org);
    let others = openings::others(db, org, id, staff.id).await.map_err(failed)?;
    if others.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<StaffId> = others.iter().map(|one| one.staff).collect();
    let people = triage.accounts.staff_by_ids(org, &ids).await.map_err(failed)?;
    let words = others.iter().filter_map(|one| {
        let name = &people.get(&one.staff)?.name;
        let office = offices.get(&one.office).map(|office| office.name.to_string());
        Some(format!(
            "{name}さん（{}）が{}開いています",
            office.unwrap_or_default(),
            ago(one.since, db.now())
        ))
    });
    Ok(words.collect())
}

/// A reason that has to be given: the text, or what to do.
pub(super) fn reason(words: &str) -> Result<String, PageError> {
    let words = words.trim();
    if words.is_empty() {
        return Err(PageError::rejected(
            "理由が入力されていません。何も変更していません。",
            "前の画面に戻り、理由を書いてから、もう一度操作してください。",
        ));
    }
    if words.chars().count() > NOTE_LETTERS {
        return Err(PageError::rejected(
            format!("文章が長すぎます。{NOTE_LETTERS}文字まで入力できます。何も変更していません。"),
            "前の画面に戻り、短くしてから、もう一度操作してください。",
        ));
    }
    Ok(words.to_owned())
}

/// Words that may be left out, as a mistake at their field if they are too long.
pub(super) fn words<'a>(errors: &mut Errors, field: &str, typed: &'a str) -> &'a str {
    let typed = typed.trim();
    if typed.chars().count() > NOTE_LETTERS {
        errors.add(field, format!("{NOTE_LETTERS}文字までにしてください。"));
    }
    typed
}

/// A day that was typed, in either calendar; `None` if nothing was. It lies between the time of the case and today.
pub(super) fn typed_day(
    errors: &mut Errors,
    (field, label): (&str, &str),
    typed: &str,
    case: &Case,
    today: CalendarDate,
) -> Option<CalendarDate> {
    if typed.trim().is_empty() {
        return None;
    }
    let read = base::date::parse(typed).ok().and_then(base::date::Parsed::full);
    let Some(day) = read else {
        errors.add(
            field,
            format!("{label}を、「2026-11-28」「令和8年11月28日」のように入力してください。"),
        );
        return None;
    };
    let earliest = received_day(case.received_at).plus_days(-DAYS_BACK);
    if day > today {
        errors.add(field, format!("{label}に、明日以後の日は入力できません。"));
    } else if earliest.is_some_and(|earliest| day < earliest) {
        errors.add(
            field,
            format!("{label}が、この患者の受付より{DAYS_BACK}日以上前です。年を確かめてください。"),
        );
    }
    Some(day)
}
