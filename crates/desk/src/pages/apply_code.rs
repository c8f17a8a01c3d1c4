//! `GET /a/{token}/code`, `POST /a/{token}/code`, for residents: the code that arrived on the phone is typed in.

use accounts::SourceAddress;
use axum::Form;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use base::phone::PhoneNumber;
use unicode_normalization::UnicodeNormalization;

use super::apply::{ApplyDesk, Holder};
use super::apply_fields::Line;
use super::apply_number::{not_sent, subject};
use super::apply_phone::{self, CodeChecked, CodeSent};
use super::apply_step::{Body, Part, is_from_check};
use super::apply_turn::{Answer, Instead};
use crate::application::Stage;
use crate::form::{Shown, Typed, Word};
use crate::proof::Challenge;

pub(super) async fn show(
    State(desk): State<ApplyDesk>,
    Path(token): Path<String>,
    headers: HeaderMap,
    address: Uri,
) -> Response {
    let shown = desk.code(&token, &headers, &address).await;
    desk.answered(shown).await
}

pub(super) async fn submit(
    State(desk): State<ApplyDesk>,
    Path(token): Path<String>,
    source: SourceAddress,
    headers: HeaderMap,
    Form(fields): Form<Vec<(String, String)>>,
) -> Response {
    let taken = desk
        .take_code(&token, (&headers, source), Typed::from(fields))
        .await;
    desk.answered(taken).await
}

impl ApplyDesk {
    async fn code(&self, token: &str, headers: &HeaderMap, address: &Uri) -> Answer {
        let holder = self.asked(token, headers, &Stage::Phone).await?;
        let number = self.unproved(&holder)?;
        let body = body(&holder, (number, self.challenge(&holder)), None, None);
        let from_check = is_from_check(address);
        self.step_at(&holder, (&Stage::Phone, "code"), from_check, body)
            .await
    }

    async fn take_code(
        &self,
        token: &str,
        (headers, source): (&HeaderMap, SourceAddress),
        mut typed: Typed,
    ) -> Answer {
        let proof = typed.take("proof").concat();
        let resend = !typed.take("resend").is_empty();
        let came = self.receive(token, headers, &Stage::Phone, typed).await?;
        let page = came.holder.language;
        let (mut holder, typed) = (came.holder, came.typed);
        let number = self.unproved(&holder)?;
        let (mut note, mut problem) = (None, None);
        if came.only_shows {
        } else if resend {
            match self.send_code(&holder, number, (source, &proof)).await? {
                CodeSent::Sent => note = Some(Word::CodeResent.shown(page)),
                CodeSent::Wait { until } => {
                    let seconds = ((until - self.db.now()) / 1_000).max(1);
                    note = Some(Word::CodeWait.shown(page).with("n", seconds));
                }
                refused => problem = Some(not_sent(&refused).shown(page)),
            }
        } else {
            let digits: String = typed.get("code").nfkc().filter(char::is_ascii_digit).collect();
            if digits.is_empty() {
                problem = Some(Word::ErrNothingTyped.shown(page));
            } else {
                let (org, id) = (holder.org, holder.application.id);
                match apply_phone::check(&self.db, org, id, number, &digits).await? {
                    CodeChecked::Right => {
                        holder.application.content.applicant.phone_proved_at = Some(self.db.now());
                        return self.keep(holder, &Stage::Phone, came.from_check).await;
                    }
                    CodeChecked::Wrong { left } => {
                        problem = Some(Word::CodeWrong.shown(page).with("n", left))
                    }
                    CodeChecked::Expired => problem = Some(Word::CodeExpired.shown(page)),
                    CodeChecked::TooMany => problem = Some(Word::CodeTooMany.shown(page)),
                }
            }
        }
        let body = body(&holder, (number, self.challenge(&holder)), note, problem);
        self.step_at(&holder, (&Stage::Phone, "code"), came.from_check, body)
            .await
    }

    fn challenge(&self, holder: &Holder) -> Challenge {
        Challenge::new(&self.db, &subject(holder))
    }

    /// The number that waits for its code; elsewhere, if none does.
    fn unproved(&self, holder: &Holder) -> Result<PhoneNumber, Instead> {
        let number = holder.application.content.applicant.phone;
        let journey = self.journey(holder);
        number
            .filter(|_| !journey.is_proved())
            .ok_or_else(|| Instead::To(holder.stage(&journey.resume(), false)))
    }
}

fn body(
    holder: &Holder,
    (number, challenge): (PhoneNumber, Challenge),
    note: Option<Shown>,
    problem: Option<Shown>,
) -> Body {
    let page = holder.language;
    let title = Word::CodeTitle.shown(page);
    let mistakes: Vec<(String, Shown)> = problem
        .map(|text| ("code".to_owned(), text))
        .into_iter()
        .collect();
    let line = Line::new("code", title.clone(), "one-time-code").digits().alone();
    let line = line.help(Word::CodeHelp.shown(page).with("number", number.national()));
    // What was typed wrongly is typed anew.
    let control = line.control(&Typed::default(), &mistakes, page);
    let mut parts = Vec::new();
    parts.extend(note.map(Part::Note));
    parts.push(Part::Field(Box::new(control)));
    Body {
        alone: true,
        mistakes,
        button: Some(Word::CodeButton.shown(page)),
        after: vec![
            Part::Text(Word::CodeMissing.shown(page)),
            Part::Proof(challenge.field(page)),
            Part::Button("resend", "yes", Word::CodeAgain.shown(page)),
            Part::Link(Word::CodeOtherNumber.shown(page), holder.at("phone")),
        ],
        below: holder.document.document().elsewhere.shown(page).paragraphs(),
        ..Body::new(title, parts)
    }
}
