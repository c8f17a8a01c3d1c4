//! `GET` and `POST /outcomes/applications/{id}/correct`: decides anew what was decided, with a reason. Both decisions
//! stay; whoever was told the old one gets a correction.
//!
//! Whoever may decide at the desk may decide anew: a doctor where doctors do, a clerk where clerks do.

use std::collections::HashMap;

use accounts::{Permission, SignedIn};
use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use base::id::ApplicationId;
use messaging::pages::{Answer, Desk, failed, mask};
use web::form::{Choice, Field};
use web::ui::{Chip, Notice, Tone};
use web::{CsrfForm, Errors, Id, Page, PageError, Shell, after_post_with};

use super::outcome_load::opened;
use crate::application::{Application, Change, Decided, State as Stands};
use crate::document::{Decision, DeskDocument, Outcome, Reviewer};
use crate::limits::COMMENT_LETTERS;
use crate::store::{self, Done};

#[derive(Template)]
#[template(path = "outcome_correct.html")]
struct OutcomeCorrect {
    shell: Shell,
    id: ApplicationId,
    back: String,
    reference: String,
    name: String,
    chip: Chip,
    advice: &'static str,
    stands: Option<(String, Decided)>,
    told: Option<String>,
    /// Whether it can be decided anew at the moment.
    fields: Option<[Field; 2]>,
}

struct Loaded {
    one: Application,
    document: DeskDocument,
}

async fn load(desk: &Desk, session: &SignedIn, id: ApplicationId) -> Result<Loaded, PageError> {
    let (db, org) = (&desk.db, session.staff.org);
    let one = store::application(db, org, id).await.map_err(failed)?;
    let one = one.ok_or(PageError::NotFound)?;
    opened(desk, session, one.desk).await?;
    let document = store::document(db, org, (one.desk, one.version)).await;
    let document = document.map_err(failed)?.ok_or(PageError::NotFound)?;
    let needed = match document.document().review.by {
        Reviewer::Doctor => Permission::JudgeApplications,
        Reviewer::Clerk => Permission::CheckApplications,
    };
    if !session.staff.may(needed) {
        return Err(PageError::NotFound);
    }
    Ok(Loaded { one, document })
}

pub(super) async fn show(
    State(desk): State<Desk>,
    session: SignedIn,
    shell: Shell,
    Id(id): Id<ApplicationId>,
) -> Answer {
    let loaded = load(&desk, &session, id).await?;
    let shell = match shell.done() {
        Some("corrected") => shell.with_notice(
            Notice::success("判定を訂正しました")
                .text("2分たつと確定し、判定別リストに入ります。前の判定も記録に残ります。"),
        ),
        _ => shell,
    };
    Ok(page(shell, &loaded, &HashMap::new(), Errors::default()))
}

fn page(shell: Shell, loaded: &Loaded, typed: &HashMap<String, String>, errors: Errors) -> Response {
    let (one, document) = (&loaded.one, &loaded.document);
    let may = one.state.after(Change::Correct).is_some();
    let tone = match one.state {
        Stands::Released => Tone::Done,
        Stands::Provisional => Tone::Checking,
        _ => Tone::Waiting,
    };
    let label = |outcome: &Outcome| document.label(outcome).to_owned();
    let page = OutcomeCorrect {
        id: one.id,
        back: format!("/outcomes/desks/{}", one.desk),
        reference: one.reference.to_string(),
        name: one
            .content
            .applicant
            .name
            .as_deref()
            .map(mask::name)
            .unwrap_or_default(),
        chip: Chip::new(tone, one.state.label()),
        advice: one.state.advice(),
        stands: one.decided.as_ref().map(|decided| {
            (
                label(&Outcome::Decided(decided.decision.clone())),
                decided.clone(),
            )
        }),
        told: one.told.as_ref().map(label),
        fields: may.then(|| fields(loaded, typed, &errors)),
        shell: shell
            .titled(format!("受付番号 {} の判定を訂正する", one.reference))
            .with_errors(errors),
    };
    Page(page).into_response()
}

fn fields(loaded: &Loaded, typed: &HashMap<String, String>, errors: &Errors) -> [Field; 2] {
    let typed = |name: &str| typed.get(name).map(String::as_str).unwrap_or_default();
    let stands = loaded.one.decided.as_ref().map(|decided| &decided.decision);
    let choices = loaded.document.outcomes().into_iter().filter_map(|outcome| {
        let label = loaded.document.label(&outcome).to_owned();
        match outcome {
            Outcome::Decided(decision) if Some(&decision) != stands => {
                let code = decision.code().to_owned();
                let shown = match decision {
                    Decision::Confirmed => label,
                    Decision::Refused(code) => format!("{code} {label}"),
                };
                Some(Choice::new(code, shown))
            }
            _ => None,
        }
    });
    [
        Field::radios("outcome", "正しい判定", choices.collect())
            .required()
            .value(typed("outcome"))
            .errors(errors),
        Field::long_text("reason", "訂正する理由", 4)
            .required()
            .support("記録に残ります。申請した人には送られません。")
            .value(typed("reason"))
            .errors(errors),
    ]
}

pub(super) async fn submit(
    State(desk): State<Desk>,
    session: SignedIn,
    shell: Shell,
    Id(id): Id<ApplicationId>,
    CsrfForm(fields): CsrfForm<HashMap<String, String>>,
) -> Answer {
    let loaded = load(&desk, &session, id).await?;
    let typed = |name: &str| fields.get(name).map(|text| text.trim()).unwrap_or_default();
    let mut errors = Errors::default();
    let decision = Decision::from_code(typed("outcome")).filter(|one| loaded.document.knows(one));
    if decision.is_none() {
        errors.add("outcome", "正しい判定を選んでください。");
    }
    let reason = typed("reason").to_owned();
    if reason.is_empty() || reason.chars().count() > COMMENT_LETTERS {
        errors.add(
            "reason",
            format!("訂正する理由を、{COMMENT_LETTERS}文字までで入力してください。"),
        );
    }
    let Some(decision) = decision.filter(|_| errors.is_empty()) else {
        let page = page(shell, &loaded, &fields, errors);
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
    };
    let seen = typed("seen").parse().unwrap_or_default();
    let (org, by) = (session.staff.org, session.staff.id);
    let done = store::correct(
        &desk.db,
        org,
        (id, seen),
        (decision, reason),
        by,
        &loaded.document,
    );
    match done.await.map_err(failed)? {
        Done::Done(_) => {
            let address = format!("/outcomes/applications/{id}/correct");
            Ok(after_post_with(&address, "corrected").into_response())
        }
        _ => Err(PageError::conflict(
            "開いていたあいだに、判定か状態が変わったため、訂正していません。",
            "もう一度開いて、いまの判定を確かめてください。",
        )),
    }
}
