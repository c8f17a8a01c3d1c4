//! `GET /a/{token}/phone`, `POST /a/{token}/phone`, for residents: the number that the result goes to. A code is sent
//! to it, because a wrong number would tell a stranger the result.

use accounts::SourceAddress;
use axum::Form;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use base::clock::japan_midnight;
use base::phone::{self, PhoneNumber, PhoneProblem};
use db::DbError;
use lists::contacts::Purpose;

use super::apply::{ApplyDesk, Holder};
use super::apply_fields::Line;
use super::apply_phone::{self, CodeSent};
use super::apply_step::{Body, Part, is_from_check};
use super::apply_turn::{Answer, Instead};
use crate::application::Stage;
use crate::form::{Shown, Typed, Word};
use crate::proof::{self, Challenge};
use crate::store::budgets;

pub(super) async fn show(
    State(desk): State<ApplyDesk>,
    Path(token): Path<String>,
    headers: HeaderMap,
    address: Uri,
) -> Response {
    let shown = desk.number(&token, &headers, &address).await;
    desk.answered(shown).await
}

pub(super) async fn submit(
    State(desk): State<ApplyDesk>,
    Path(token): Path<String>,
    source: SourceAddress,
    headers: HeaderMap,
    Form(fields): Form<Vec<(String, String)>>,
) -> Response {
    let next = desk
        .take_number(&token, (&headers, source), Typed::from(fields))
        .await;
    desk.answered(next).await
}

impl ApplyDesk {
    async fn number(&self, token: &str, headers: &HeaderMap, address: &Uri) -> Answer {
        let holder = self.asked(token, headers, &Stage::Phone).await?;
        let mut typed = Typed::default();
        if let Some(known) = holder.application.content.applicant.phone {
            typed.put("phone", known.national());
        }
        let body = self.number_body(&holder, &typed, None).await?;
        self.step(&holder, &Stage::Phone, is_from_check(address), body)
            .await
    }

    async fn take_number(
        &self,
        token: &str,
        (headers, source): (&HeaderMap, SourceAddress),
        mut typed: Typed,
    ) -> Answer {
        let proof = typed.take("proof").concat();
        let came = self.receive(token, headers, &Stage::Phone, typed).await?;
        let (mut holder, typed, from_check) = (came.holder, came.typed, came.from_check);
        let problem = match phone::parse(typed.get("phone")) {
            _ if came.only_shows => None,
            Ok(parsed) => {
                let content = &mut holder.application.content;
                if content.applicant.phone != Some(parsed.number) {
                    content.applicant.phone = Some(parsed.number);
                    content.applicant.phone_proved_at = None;
                    content.known_by_link = false;
                }
                if self.journey(&holder).is_proved() {
                    return self.keep(holder, &Stage::Phone, from_check).await;
                }
                self.put(&holder).await?;
                match self.send_code(&holder, parsed.number, (source, &proof)).await? {
                    CodeSent::Sent | CodeSent::Wait { .. } => {
                        let back = if from_check { "?back=check" } else { "" };
                        return Err(Instead::To(holder.at(&format!("code{back}"))));
                    }
                    refused => Some(not_sent(&refused)),
                }
            }
            Err(PhoneProblem::Missing) => Some(Word::ErrNothingTyped),
            Err(PhoneProblem::Landline) => Some(Word::ErrLandline),
            Err(_) => Some(Word::ErrNoMobile),
        };
        let body = self.number_body(&holder, &typed, problem).await?;
        self.step(&holder, &Stage::Phone, from_check, body).await
    }

    /// Sends a code, if the address where the browser is may ask for one: more often with a proof of work.
    pub(super) async fn send_code(
        &self,
        holder: &Holder,
        phone: PhoneNumber,
        (source, proof): (SourceAddress, &str),
    ) -> Result<CodeSent, DbError> {
        let (org, application) = (holder.org, holder.application.id);
        let proved = proof::passed(&self.db, &subject(holder), proof).await?;
        if !budgets::admit_address(&self.db, org, source, proved).await? {
            return Ok(CodeSent::TooMany);
        }
        apply_phone::send(&self.desk, org, application, phone, holder.language).await
    }

    /// What phones show as the sender of results.
    pub(super) async fn sender(&self, holder: &Holder) -> Result<String, DbError> {
        let senders = messaging::store::senders(&self.db, holder.org).await?;
        let today = japan_midnight(self.db.now());
        let own = senders.of(holder.application.office, Purpose::TestResult, today);
        Ok(own.map_or_else(|| self.desk.sending.sender.clone(), |one| one.number.clone()))
    }

    async fn number_body(
        &self,
        holder: &Holder,
        typed: &Typed,
        problem: Option<Word>,
    ) -> Result<Body, Instead> {
        let page = holder.language;
        let title = Word::PhoneTitle.shown(page);
        let mistakes: Vec<(String, Shown)> = problem
            .map(|word| ("phone".to_owned(), word.shown(page)))
            .into_iter()
            .collect();
        let line = Line {
            inputmode: "tel",
            ..Line::new("phone", title.clone(), "tel-national").alone()
        };
        let line = line.help(Word::PhoneWhy.shown(page));
        let control = line.control(typed, &mistakes, page);
        let sender = self.sender(holder).await?;
        let challenge = Challenge::new(&self.db, &subject(holder));
        let asks_code = !holder.document.document().unproved_phone;
        let mut parts = vec![Part::Field(Box::new(control))];
        if asks_code {
            let note = Word::PhoneCode.shown(page).with("sender", sender);
            parts.push(Part::Text(note));
            parts.push(Part::Proof(challenge.field(page)));
        }
        Ok(Body {
            alone: true,
            mistakes,
            button: asks_code.then(|| Word::SendCode.shown(page)),
            below: holder.document.document().elsewhere.shown(page).paragraphs(),
            ..Body::new(title, parts)
        })
    }
}

/// For what a proof of work is good: codes of this application.
pub(super) fn subject(holder: &Holder) -> String {
    format!("code {} {}", holder.org, holder.application.id)
}

/// Why no code went out, and what to do.
pub(super) const fn not_sent(refused: &CodeSent) -> Word {
    match refused {
        CodeSent::TooMany => Word::CodeTooMany,
        CodeSent::CannotReach => Word::CodeCannotReach,
        CodeSent::NoBudget | CodeSent::Sent | CodeSent::Wait { .. } => Word::CodeNotNow,
    }
}
