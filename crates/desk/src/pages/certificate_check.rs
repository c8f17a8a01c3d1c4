//! `GET` and `POST /v/{token}`, for whoever is shown a certificate: by whom and when it was issued and whether it holds;
//! with the birth date that stands on it, the words that were printed.

use accounts::SourceAddress;
use askama::Template;
use axum::Form;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use base::id::OrgId;
use web::{Errors, Language, Page, ResidentShell};

use super::control::DayBoxes;
use super::form_start::birth_date;
use super::turn::{Answer, Plain, Turn};
use super::{FormDesk, is_own_form};
use crate::certificate::{Certificate, CertificateCode, Standing, day_of};
use crate::form::{Shown, Typed};
use crate::store::{self, BirthChecked};

const BIRTH: &str = "birth";

#[derive(Template)]
#[template(path = "certificate_check.html")]
struct CertificateCheck {
    shell: ResidentShell,
    action: String,
    facts: Vec<(&'static str, String)>,
    standing: Standing,
    boxes: DayBoxes,
    error: Option<String>,
    /// What was printed, once the birth date was given.
    printed: Option<Vec<(String, String)>>,
}

fn said(text: &str) -> Shown {
    Shown::as_is(text.to_owned(), Language::Japanese)
}

pub(super) async fn show(State(desk): State<FormDesk>, Path(code): Path<String>) -> Response {
    let shown = desk.certificate(&code).await;
    desk.answer(shown).await
}

pub(super) async fn submit(
    State(desk): State<FormDesk>,
    source: SourceAddress,
    headers: HeaderMap,
    Path(code): Path<String>,
    Form(fields): Form<Vec<(String, String)>>,
) -> Response {
    let shown = desk.compare(source, &headers, &code, Typed::from(fields)).await;
    desk.answer(shown).await
}

impl FormDesk {
    async fn certificate(&self, code: &str) -> Answer {
        let Some((code, org, found)) = self.find_certificate(code).await? else {
            return self.no_certificate().await;
        };
        let nothing = Typed::default();
        let page = self.checked(&code, (org, &found), &nothing, None, false);
        Ok(Page(page.await?).into_response())
    }

    async fn compare(&self, source: SourceAddress, headers: &HeaderMap, code: &str, typed: Typed) -> Answer {
        if !is_own_form(headers) {
            return Err(Turn::Stale);
        }
        let Some((code, org, found)) = self.find_certificate(code).await? else {
            return match self.accounts.admit_stranger("certificate", source).await? {
                true => self.no_certificate().await,
                false => Err(Turn::TooOften),
            };
        };
        let problem = match birth_date(&typed, self.db.now()) {
            Err((_, problem)) => problem.shown(Language::Japanese).plain().to_owned(),
            Ok(birth) => match store::check_certificate(&self.db, org, found.id, birth).await? {
                BirthChecked::Right => {
                    let page = self.checked(&code, (org, &found), &typed, None, true);
                    return Ok(Page(page.await?).into_response());
                }
                BirthChecked::Wrong => {
                    "この証明書の生年月日と違います。証明書の記載を確かめて、もう一度入れてください。".to_owned()
                }
                BirthChecked::TooMany => {
                    "違う生年月日が続いたため、今日はこれ以上確かめられません。明日もう一度開くか、下の問い合わせ先にお電話ください。"
                        .to_owned()
                }
            },
        };
        let page = self.checked(&code, (org, &found), &typed, Some(problem), false);
        Ok((StatusCode::UNPROCESSABLE_ENTITY, Page(page.await?)).into_response())
    }

    async fn find_certificate(
        &self,
        code: &str,
    ) -> Result<Option<(CertificateCode, OrgId, Certificate)>, Turn> {
        let Some(code) = CertificateCode::in_address(code) else {
            return Ok(None);
        };
        let found = store::certificate_of_code(&self.db, &code).await?;
        Ok(found.map(|(org, found)| (code, org, found)))
    }

    async fn no_certificate(&self) -> Answer {
        let title = said("この証明書は見つかりません");
        let text = "アドレスの文字が違うか、ここで発行した証明書ではありません。二次元コードをもう一度読み取ってください。それでも見つからないときは、証明書を出した所にお尋ねください。";
        let page = Plain {
            shell: self.shell_for(None, &title, Language::Japanese).await?,
            title,
            texts: vec![said(text)],
            again: None,
        };
        Ok((StatusCode::NOT_FOUND, Page(page)).into_response())
    }

    async fn checked(
        &self,
        code: &CertificateCode,
        (org, found): (OrgId, &Certificate),
        typed: &Typed,
        problem: Option<String>,
        right: bool,
    ) -> Result<CertificateCheck, Turn> {
        let application = store::application(&self.db, org, found.application).await?;
        let standing = match &application {
            Some(one) => {
                let document = store::document(&self.db, org, (one.desk, one.version)).await?;
                let says = document.and_then(|document| document.statement(one));
                found.standing(one, says.as_ref())
            }
            None => Standing::Unknown,
        };
        let title = said(match standing {
            Standing::Holds => "この証明書は有効です",
            Standing::Revoked => "この証明書は取り消されました",
            Standing::Unknown => "この証明書は確かめられません",
        });
        let mut shell = self.shell(org, &title, Language::Japanese).await?;
        if let Some(problem) = &problem {
            shell.errors = Errors::default();
            shell.errors.add(&format!("{BIRTH}-year"), problem.clone());
        }
        let wrong = problem.as_ref().map(|_| format!("{BIRTH}-year"));
        let printed = &found.printed;
        Ok(CertificateCheck {
            shell,
            action: code.path(),
            facts: vec![
                ("証明書", printed.statement.title.clone()),
                ("発行した所", printed.issuer.clone()),
                ("番号", printed.number.clone()),
                ("発行日", day_of(found.issued_at)),
            ],
            standing,
            boxes: DayBoxes::new(BIRTH, typed, Language::Japanese, false, wrong.as_deref()),
            error: problem,
            printed: right.then(|| printed.statement.lines.clone()),
        })
    }
}
