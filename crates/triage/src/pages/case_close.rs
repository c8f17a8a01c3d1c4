//! `GET` and `POST /cases/{id}/close`, `GET` and `POST /cases/{id}/reopen`: nothing is to be done any more, or something
//! after all; why, and from which day.

use accounts::{SignedIn, Staff};
use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use base::id::CaseId;
use messaging::pages::{Answer, failed};
use serde::Deserialize;
use web::form::{Choice, Field};
use web::{CsrfForm, Errors, Id, Page, PageError, Shell, after_post_with};

use super::Triage;
use super::case_conflict::{Both, conflict};
use super::case_load::{hand, load, open, typed_day, words};
use super::case_words::{both, masked_name};
use crate::case::{Case, CaseState, ClosedWhy, received_day};
use crate::store::changes::{Changed, close, reopen};

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Form {
    version: String,
    why: String,
    from: String,
    words: String,
}

/// Which of the two.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Doing {
    Closing,
    Reopening,
}

#[derive(Template)]
#[template(path = "case_close.html")]
struct ClosePage {
    shell: Shell,
    id: CaseId,
    version: i64,
    doing: Doing,
    name: String,
    opened_by: Vec<String>,
    fields: Vec<Field>,
}

impl Doing {
    const fn state(self) -> CaseState {
        match self {
            Self::Closing => CaseState::Open,
            Self::Reopening => CaseState::Closed,
        }
    }

    fn fields(self, form: &Form, errors: &Errors) -> Vec<Field> {
        let from = match self {
            Self::Closing => "いつから終了か",
            Self::Reopening => "いつから再開するか",
        };
        let from = Field::text("from", from)
            .required()
            .support("例: 2026-11-28、令和8年11月28日")
            .value(&form.from);
        let words = match self {
            Self::Closing => Field::long_text("words", "くわしい理由", 3).support("「その他」のときは必ず"),
            Self::Reopening => Field::long_text("words", "再開する理由", 3).required(),
        };
        let mut all = Vec::new();
        if self == Self::Closing {
            let whys = ClosedWhy::ALL.iter();
            let whys = whys.map(|why| Choice::new(why.as_str(), why.label())).collect();
            all.push(
                Field::radios("why", "終了の理由", whys)
                    .required()
                    .value(&form.why),
            );
        }
        all.extend([from, words.value(&form.words)]);
        all.into_iter().map(|field| field.errors(errors)).collect()
    }
}

pub(super) async fn show_close(
    triage: State<Triage>,
    session: SignedIn,
    id: Id<CaseId>,
    shell: Shell,
) -> Answer {
    show(triage, session, id, shell, Doing::Closing).await
}

pub(super) async fn show_reopen(
    triage: State<Triage>,
    session: SignedIn,
    id: Id<CaseId>,
    shell: Shell,
) -> Answer {
    show(triage, session, id, shell, Doing::Reopening).await
}

async fn show(
    State(triage): State<Triage>,
    session: SignedIn,
    Id(id): Id<CaseId>,
    shell: Shell,
    doing: Doing,
) -> Answer {
    let case = of_state(load(&triage, &session.staff, id).await?, doing)?;
    let opened_by = open(&triage, &session.staff, id).await?;
    let form = Form {
        from: received_day(triage.db.now()).to_string(),
        ..Form::default()
    };
    Ok(Page(page(shell, &case, doing, opened_by, &form, Errors::default())).into_response())
}

/// The case, if it stands where this can be done.
fn of_state(case: Case, doing: Doing) -> Result<Case, PageError> {
    if case.state == doing.state() {
        return Ok(case);
    }
    Err(PageError::conflict(
        format!("この記録は、いま「{}」です。", case.state.label()),
        "患者の記録に戻り、いまの状態を確かめてください。",
    ))
}

pub(super) async fn submit_close(
    State(triage): State<Triage>,
    session: SignedIn,
    Id(id): Id<CaseId>,
    shell: Shell,
    CsrfForm(form): CsrfForm<Form>,
) -> Answer {
    let (staff, doing) = (&session.staff, Doing::Closing);
    let case = load(&triage, staff, id).await?;
    let today = received_day(triage.db.now());
    let mut errors = Errors::default();
    let why = ClosedWhy::from_word(&form.why);
    if why.is_none() {
        errors.add("why", "終了の理由を選んでください。");
    }
    let from = typed_day(&mut errors, ("from", "終了の日"), &form.from, &case, today);
    if from.is_none() && errors.of("from").is_none() {
        errors.add("from", "いつから終了かを入力してください。");
    }
    let words = words(&mut errors, "words", &form.words);
    if why == Some(ClosedWhy::Other) && words.is_empty() {
        errors.add("words", "「その他」のときは、くわしい理由を入力してください。");
    }
    let (Some(why), Some(from), true) = (why, from, errors.is_empty()) else {
        return Ok(wrong(page(shell, &case, doing, Vec::new(), &form, errors)));
    };
    let hand = hand(staff, id, &form.version)?;
    let changed = close(&triage.db, staff.org, hand, (why, from), words.to_owned()).await;
    match changed.map_err(failed)? {
        Changed::Overtaken => {
            let typed = format!("終了: {}（{}から）", why.label(), both(from));
            overtaken(&triage, staff, shell, id, (doing, typed, &form)).await
        }
        Changed::Done | Changed::Nothing => {
            Ok(after_post_with(&format!("/cases/{id}"), "closed").into_response())
        }
    }
}

pub(super) async fn submit_reopen(
    State(triage): State<Triage>,
    session: SignedIn,
    Id(id): Id<CaseId>,
    shell: Shell,
    CsrfForm(form): CsrfForm<Form>,
) -> Answer {
    let (staff, doing) = (&session.staff, Doing::Reopening);
    let case = load(&triage, staff, id).await?;
    let today = received_day(triage.db.now());
    let mut errors = Errors::default();
    let from = typed_day(&mut errors, ("from", "再開の日"), &form.from, &case, today);
    if from.is_none() && errors.of("from").is_none() {
        errors.add("from", "いつから再開するかを入力してください。");
    }
    let words = words(&mut errors, "words", &form.words);
    if words.is_empty() {
        errors.add("words", "再開する理由を入力してください。");
    }
    let (Some(from), true) = (from, errors.is_empty()) else {
        return Ok(wrong(page(shell, &case, doing, Vec::new(), &form, errors)));
    };
    let hand = hand(staff, id, &form.version)?;
    let changed = reopen(&triage.db, staff.org, hand, from, words.to_owned()).await;
    match changed.map_err(failed)? {
        Changed::Overtaken => {
            let typed = format!("再開（{}から）", both(from));
            overtaken(&triage, staff, shell, id, (doing, typed, &form)).await
        }
        Changed::Done | Changed::Nothing => {
            Ok(after_post_with(&format!("/cases/{id}"), "reopened").into_response())
        }
    }
}

async fn overtaken(
    triage: &Triage,
    staff: &Staff,
    shell: Shell,
    id: CaseId,
    (doing, typed, form): (Doing, String, &Form),
) -> Answer {
    let now = load(triage, staff, id).await?;
    let stands = match now.closed {
        Some(closed) => format!("{}: {}", now.state.label(), closed.why.label()),
        None => now.state.label().to_owned(),
    };
    let again = (now.state == doing.state()).then(|| match doing {
        Doing::Closing => (
            "close",
            doing.fields(form, &Errors::default()),
            "1人の記録を終了する",
        ),
        Doing::Reopening => (
            "reopen",
            doing.fields(form, &Errors::default()),
            "1人の記録を再開する",
        ),
    });
    let rows = vec![Both::new("状態", stands, typed)];
    conflict(triage, staff, shell, &now, rows, again).await
}

fn wrong(page: ClosePage) -> Response {
    (StatusCode::UNPROCESSABLE_ENTITY, Page(page)).into_response()
}

fn page(
    shell: Shell,
    case: &Case,
    doing: Doing,
    opened_by: Vec<String>,
    form: &Form,
    errors: Errors,
) -> ClosePage {
    let title = match doing {
        Doing::Closing => "記録を終了する",
        Doing::Reopening => "記録を再開する",
    };
    ClosePage {
        id: case.id,
        version: form.version.parse().unwrap_or(case.version),
        doing,
        name: masked_name(case.notification.as_ref()),
        opened_by,
        fields: doing.fields(form, &errors),
        shell: shell.titled(title).with_errors(errors),
    }
}
