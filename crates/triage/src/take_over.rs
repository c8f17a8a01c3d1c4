//! Confirmed applications become cases: everything that the person told is carried over, and nothing is guessed.
//!
//! The desk says whom ([`desk::store::confirmed_since`]); the case and the note that it is taken over are one commit,
//! so a crash opens no second case. Where a confirmation is corrected afterwards, its case is closed with that reason.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use base::date::CalendarDate;
use base::id::{CaseId, OfficeId, OrgId, ProgrammeId};
use db::{Db, DbError};
use desk::document::Carried;
use desk::store::{Handover, HandoverKind, carried_over, case_of, confirmed_since};

use crate::case::{CaseSource, ClosedWhy, NewCase};
use crate::disease;
use crate::notification::{CaseNotification, DiagnosedAs, Illness, Notifier, Person, Severity};
use crate::programme::{NO_PROGRAMME, examples};
use crate::store::cases;
use crate::store::changes::{Hand, close};
use crate::store::owners::owners;
use crate::store::programmes::{self, ProgrammeRow};

/// So many are taken over in one look.
const PER_LOOK: u32 = 50;

/// Takes over whom the desk confirmed, and closes what it took back. Says how many.
pub async fn take_over(db: &Db, org: OrgId) -> Result<usize, DbError> {
    let mut done = 0;
    let handed = confirmed_since(db, org, PER_LOOK).await?;
    if handed.is_empty() {
        return Ok(0);
    }
    let programmes = programmes::programmes(db, org).await?;
    let owners = owners(db, org).await?;
    for one in handed {
        done += usize::from(match one.kind {
            HandoverKind::Confirmed => open(db, org, (&programmes, &owners), one).await?,
            HandoverKind::Revoked => revoke(db, org, one).await?,
        });
    }
    Ok(done)
}

/// The programme that the desk names, by its own name, by that of the example it came from, or by a disease of that
/// example; the only one, where the desk names none. One for another disease takes nobody, since it would write to them
/// with the words of that: whoever has no programme is telephoned, and staff choose one.
fn programme_of(programmes: &[ProgrammeRow], carried: &Carried) -> Option<ProgrammeId> {
    let Some(wanted) = carried.programme.as_deref() else {
        return match programmes {
            [one] => Some(one.id),
            _ => None,
        };
    };
    let is_named = |one: &&ProgrammeRow| one.name == wanted || one.example.as_deref() == Some(wanted);
    let example = examples().into_iter().find(|one| one.code == wanted);
    let diseases = example.map(|one| one.diseases).unwrap_or_default();
    let is_for = |one: &&ProgrammeRow| diseases.iter().any(|name| disease::is_named(&one.diseases, name));
    let found = programmes.iter().find(is_named);
    found.or_else(|| programmes.iter().find(is_for)).map(|one| one.id)
}

async fn open(
    db: &Db,
    org: OrgId,
    (programmes, owners): (&[ProgrammeRow], &HashMap<i64, OfficeId>),
    one: Handover,
) -> Result<bool, DbError> {
    let programme = programme_of(programmes, &one.carried).unwrap_or(ProgrammeId::new(NO_PROGRAMME));
    let rules = Arc::new(programmes::in_force(db, org, programme).await?);
    let owner = owners.get(&programme.get()).copied();
    let (vault, now) = (db.vault(org).await?, db.now());
    let new = NewCase {
        office: owner.unwrap_or(one.application.office),
        source: CaseSource::Desk,
        notification: notification(&one),
    };
    let at = (one.application.id, one.number);
    let opened = db.write(move |tx| {
        let (rules, vault, new) = (Arc::clone(&rules), Arc::clone(&vault), new.clone());
        Box::pin(async move {
            let case = cases::add_one(tx, org, programme.get(), (&vault, rules.as_ref()), new, now).await?;
            if carried_over(tx, org, at, Some(case), now).await? {
                Ok(())
            } else {
                // Somebody else did it: this case never was.
                Err(DbError::Withdrawn)
            }
        })
    });
    match opened.await {
        Ok(()) => Ok(true),
        Err(DbError::Withdrawn) => Ok(false),
        Err(error) => Err(error),
    }
}

/// What the application says, as a notification.
fn notification(one: &Handover) -> CaseNotification {
    let (application, carried) = (&one.application, &one.carried);
    let applicant = &application.content.applicant;
    let address = applicant.address.as_ref();
    CaseNotification {
        person: Person {
            name: applicant.name.clone().unwrap_or_default(),
            kana: applicant.kana.clone(),
            birth: applicant.birth,
            mobiles: applicant.phone.into_iter().collect(),
            guardian: applicant.guardian.clone(),
            postcode: address.map(|address| address.postcode.clone()),
            location: address.map(|address| format!("{}{}", address.area, address.rest)),
            language: Some(application.language.code().to_owned()),
            ..Person::default()
        },
        illness: Illness {
            diagnosed_as: Some(if carried.no_symptoms {
                DiagnosedAs::Asymptomatic
            } else {
                DiagnosedAs::Confirmed
            }),
            severity: carried.mild.then_some(Severity::Mild),
            symptoms: carried.symptoms.clone(),
            onset: carried.onset,
            sampled: carried.sampled,
            // The day on which it became final: nobody was confirmed before.
            diagnosed: CalendarDate::in_japan(one.at),
            risk_factors: carried.no_risk.then(BTreeSet::new),
            pregnant: carried.pregnant,
            doses: carried.doses,
            remarks: Some(format!("申請窓口の受付番号 {}", application.reference)),
            ..Illness::default()
        },
        notifier: Notifier::default(),
    }
}

async fn revoke(db: &Db, org: OrgId, one: Handover) -> Result<bool, DbError> {
    let application = &one.application;
    let case = case_of(db, org, application.id).await?;
    if let Some(case) = case {
        close_case(db, org, case, &one).await?;
    }
    let (at, now) = ((application.id, one.number), db.now());
    db.write(move |tx| Box::pin(async move { carried_over(tx, org, at, None, now).await }))
        .await
}

async fn close_case(db: &Db, org: OrgId, case: CaseId, one: &Handover) -> Result<(), DbError> {
    let Some(found) = cases::case(db, org, None, case).await? else {
        return Ok(());
    };
    let today = CalendarDate::in_japan(db.now());
    let Some((decided, today)) = one.application.decided.as_ref().zip(today) else {
        return Ok(());
    };
    let hand = Hand {
        scope: None,
        case,
        version: found.version,
        by: decided.by,
        office: one.application.office,
    };
    let words = format!(
        "申請（受付番号 {}）の判定が訂正され、確定が取り消されました。",
        one.application.reference
    );
    // One that is closed already, or was changed at this moment, keeps what was done: the words stand in its events.
    close(db, org, hand, (ClosedWhy::NotACase, today), words)
        .await
        .map(drop)
}
