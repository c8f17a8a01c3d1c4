//! `GET /applications/{id}/certificate`, for staff, and the same file for the person behind their link.

use accounts::{Accounts, SignedIn, audit};
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use base::id::{ApplicationId, OrgId};
use db::{Db, DbError};
use messaging::links::LinkOrigin;
use messaging::pages::{Answer, Desk, failed, may_see};
use web::download::headers;
use web::{Id, PageError};

use crate::certificate::pdf;
use crate::store::{self, IssueProblem};

const PDF: &str = "application/pdf";

/// The certificate of an application as a file, issued now if it never was. Who may have it, the caller has asked: the
/// birth date was given, or somebody of the staff may see the application. `origin`: where residents reach this
/// installation, for the address on it.
pub async fn certificate_file(
    (db, accounts): (&Db, &Accounts),
    origin: &LinkOrigin,
    org: OrgId,
    id: ApplicationId,
) -> Result<Result<Response, IssueProblem>, DbError> {
    let Some(found) = store::application(db, org, id).await? else {
        return Ok(Err(IssueProblem::None));
    };
    let Some(document) = store::document(db, org, (found.desk, found.version)).await? else {
        return Ok(Err(IssueProblem::None));
    };
    let issuer = accounts.organisation_name(org).await?.to_string();
    let issued = store::issue_certificate(db, org, id, &document, issuer).await?;
    let certificate = match issued {
        Ok(certificate) => certificate,
        Err(problem) => return Ok(Err(problem)),
    };
    let name = format!(
        "{}-{}.pdf",
        certificate.printed.statement.title, certificate.printed.number
    );
    let address = origin.address(&certificate.code.path());
    // Fonts are cut and pressed: nothing that other requests should wait for.
    let file = tokio::task::spawn_blocking(move || pdf(&certificate, &address)).await;
    let file = file.map_err(|_| DbError::Unavailable("a certificate was not made".to_owned()))?;
    Ok(Ok((headers(PDF, &name), file).into_response()))
}

pub(super) async fn show(State(desk): State<Desk>, session: SignedIn, Id(id): Id<ApplicationId>) -> Answer {
    let org = session.staff.org;
    let found = store::application(&desk.db, org, id).await.map_err(failed)?;
    let found = found.filter(|found| may_see(&session.staff, found.office));
    let found = found.ok_or(PageError::NotFound)?;
    let Some(origin) = &desk.links.origin else {
        return Err(PageError::rejected(
            "証明書を確かめるページのアドレスが決まっていないため、証明書を作れません。",
            "運用者に、住民向けの画面のアドレス（--link-origin）の設定を頼んでください。",
        ));
    };
    audit::note(format!("証明書 {}", found.reference));
    let file = certificate_file((&desk.db, &desk.accounts), origin, org, id).await;
    match file.map_err(failed)? {
        Ok(file) => Ok(file),
        Err(IssueProblem::None) => Err(PageError::NotFound),
        Err(IssueProblem::NotGranted) => Err(PageError::rejected(
            "この申請には、まだ証明書がありません。",
            "交付と決まり、本人に知らせたあとに印刷できます。訂正の途中のときは、訂正が済むまでお待ちください。",
        )),
    }
}
