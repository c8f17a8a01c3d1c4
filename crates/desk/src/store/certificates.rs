//! Certificates: issued once for what was decided, printed as often as one likes, looked up by their code.

use std::sync::Arc;

use base::date::CalendarDate;
use base::id::{ApplicationId, OrgId};
use db::{Db, DbError, Field, OrgVault, Row, params};

use super::applications::{NewEvent, add_event, hold};
use super::budgets::Budget;
use crate::certificate::{Certificate, CertificateCode, Printed, birth_index, is_granted};
use crate::document::DeskDocument;
use crate::limits::CERTIFICATE_TRIES;

db::statements! {
    ADD = "
        INSERT INTO certificates (org_id, certificate_id, application_id, decision_no, code_index, birth_index,
            says_sealed, issued_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    NEWEST = "
        SELECT certificate_id, application_id, decision_no, says_sealed, issued_at FROM certificates
        WHERE org_id = $1 AND application_id = $2 ORDER BY decision_no DESC LIMIT 1";
    ONE = "
        SELECT certificate_id, application_id, decision_no, says_sealed, issued_at FROM certificates
        WHERE org_id = $1 AND certificate_id = $2";
    /// The one look-up that is not told the organisation: the code is what names it.
    BY_CODE = "SELECT org_id, certificate_id FROM certificates WHERE code_index = $1";
    BIRTH = "SELECT birth_index FROM certificates WHERE org_id = $1 AND certificate_id = $2";
}

const SAYS: Field = Field("certificates.says");

fn certificate_of(row: &Row, vault: &OrgVault) -> Result<Certificate, DbError> {
    let id: i64 = row.get(0)?;
    let says = vault.open(SAYS, id, &row.get::<String>(3)?)?;
    let printed: Printed =
        serde_json::from_str(&says).map_err(|_| DbError::Statement("what a certificate says".to_owned()))?;
    Ok(Certificate {
        id,
        application: row.get(1)?,
        decision: row.get(2)?,
        code: CertificateCode::of(vault, id),
        issued_at: row.get(4)?,
        printed,
    })
}

/// Why there is no certificate.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum IssueProblem {
    /// The desk issues none, or there is no such application.
    None,
    /// It is not granted, or the person was not told yet.
    NotGranted,
}

/// The certificate of an application that was granted: the one that was issued, or a new one if what it says was decided
/// anew. `issuer`: the organisation's name.
pub async fn issue_certificate(
    db: &Db,
    org: OrgId,
    id: ApplicationId,
    document: &DeskDocument,
    issuer: String,
) -> Result<Result<Certificate, IssueProblem>, DbError> {
    let (vault, now, of) = (db.vault(org).await?, db.now(), db.clone());
    let given = Arc::new((document.clone(), issuer));
    db.write(move |tx| {
        let (vault, given, of) = (Arc::clone(&vault), Arc::clone(&given), of.clone());
        Box::pin(async move {
            let (document, issuer) = given.as_ref();
            let Some(found) = hold(tx, org, &vault, id).await? else {
                return Ok(Err(IssueProblem::None));
            };
            let Some(statement) = document.statement(&found) else {
                return Ok(Err(IssueProblem::None));
            };
            let granted = found.decided.as_ref().filter(|_| is_granted(&found));
            let Some((decided, birth)) = granted.zip(found.content.applicant.birth) else {
                return Ok(Err(IssueProblem::NotGranted));
            };
            let newest = tx.query_opt(NEWEST, params![org, id]).await?;
            let newest = newest.map(|row| certificate_of(&row, &vault)).transpose()?;
            if let Some(newest) = newest
                && (newest.decision == decided.number || newest.printed.statement.lines == statement.lines)
            {
                return Ok(Ok(newest));
            }
            let number = tx.take_numbers("certificates", 1).await?;
            let printed = Printed {
                number: format!("{}-{}", found.reference, decided.number),
                issuer: issuer.clone(),
                statement,
            };
            let code = CertificateCode::of(&vault, number);
            let row = params![
                org,
                number,
                id,
                decided.number,
                code.index(&of),
                birth_index(&vault, number, birth),
                vault.seal(SAYS, number, &super::json(&printed)),
                now,
            ];
            tx.execute(ADD, row).await?;
            let event = NewEvent {
                kind: "certificate",
                detail: Some(&printed.number),
                ..NewEvent::default()
            };
            add_event(tx, org, &vault, id, event, now).await?;
            Ok(Ok(Certificate {
                id: number,
                application: id,
                decision: decided.number,
                code,
                issued_at: now,
                printed,
            }))
        })
    })
    .await
}

/// The certificate of a code, and whose it is.
pub async fn certificate_of_code(
    db: &Db,
    code: &CertificateCode,
) -> Result<Option<(OrgId, Certificate)>, DbError> {
    let Some(row) = db.query_opt(BY_CODE, params![code.index(db)]).await? else {
        return Ok(None);
    };
    let (org, id): (OrgId, i64) = (row.get(0)?, row.get(1)?);
    let vault = db.vault(org).await?;
    let row = db.query_opt(ONE, params![org, id]).await?;
    let found = row.map(|row| certificate_of(&row, &vault)).transpose()?;
    Ok(found.map(|found| (org, found)))
}

/// What came of a birth date.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum BirthChecked {
    /// It stands on the certificate.
    Right,
    /// It does not.
    Wrong,
    /// There were too many wrong ones today.
    TooMany,
}

/// Whether this birth date stands on the certificate. A try is counted in the commit in which it is compared.
pub async fn check_certificate(
    db: &Db,
    org: OrgId,
    certificate: i64,
    birth: CalendarDate,
) -> Result<BirthChecked, DbError> {
    let (vault, now) = (db.vault(org).await?, db.now());
    let typed = birth_index(&vault, certificate, birth);
    db.write_ahead(move |tx| {
        let typed = typed.clone();
        Box::pin(async move {
            let budget = Budget::of_certificate(org, certificate, now);
            if budget.used(tx).await? >= CERTIFICATE_TRIES {
                return Ok(BirthChecked::TooMany);
            }
            let kept = tx.query_opt(BIRTH, params![org, certificate]).await?;
            let kept: Option<String> = kept.map(|row| row.get(0)).transpose()?;
            if kept.as_ref() == Some(&typed) {
                return Ok(BirthChecked::Right);
            }
            // Of two wrong ones at the same moment the row lets one pass after the other.
            Ok(match budget.spend(tx, CERTIFICATE_TRIES).await? {
                Some(_) => BirthChecked::Wrong,
                None => BirthChecked::TooMany,
            })
        })
    })
    .await
}
