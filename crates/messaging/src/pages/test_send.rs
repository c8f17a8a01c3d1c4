//! `POST /lists/{id}/rows/{line}/test`, `POST /templates/{id}/test`: a text tried out on the own phone.
//!
//! It goes to the confirmed number of the person who presses the button and to nobody else, is counted like every
//! other message, and is no contact with anybody.

use std::sync::Arc;

use accounts::{SignedIn, audit};
use askama::Template;
use askama::filters::HtmlSafe;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect};
use base::id::{ListId, OfficeId, TemplateId};
use base::merge::MessageTemplate;
use lists::contacts::Purpose;
use web::{CsrfForm, OrBug, PageError, Shell, after_post, after_post_with};

use super::list_confirm::no_carrier;
use super::list_judged::{Judgement, judged};
use super::standing::refused;
use super::template_look::Shape;
use super::{Answer, Desk, Id, NoFields, failed, may_see};
use crate::broadcast::{Horizon, Lane, NewBroadcast, Origin, Outgoing, Resend, StartError, start};
use crate::recognition::ResendScope;
use crate::release::NewRelease;
use crate::stage::BroadcastStage;
use crate::store;

/// The number to which the person who looks would send a test.
#[derive(Clone, Default)]
pub(super) struct OwnNumber {
    /// As lists show it.
    masked: Option<String>,
    confirmed: bool,
}

impl OwnNumber {
    pub(super) async fn of(desk: &Desk, session: &SignedIn) -> Result<Self, PageError> {
        let own = store::staff_number(&desk.db, session.staff.org, session.staff.id)
            .await
            .map_err(failed)?;
        Ok(Self {
            masked: own.map(|own| own.phone.masked()),
            confirmed: own.is_some_and(|own| own.confirmed.is_some()),
        })
    }

    /// The button, or what is missing for it.
    pub(super) fn form(&self, shell: &Shell, action: String) -> OwnNumberForm {
        OwnNumberForm {
            csrf: shell.csrf_field(),
            action,
            number: self.clone(),
        }
    }
}

/// The button of a test.
#[derive(Template)]
#[template(path = "test_send.html")]
pub(super) struct OwnNumberForm {
    csrf: web::ui::Markup,
    action: String,
    number: OwnNumber,
}

impl HtmlSafe for OwnNumberForm {}

/// What is tried out.
struct Trial {
    office: OfficeId,
    purpose: Purpose,
    template: (TemplateId, i64),
    line: u32,
    text: String,
}

/// Exactly the text of one row.
pub(super) async fn list_row(
    State(desk): State<Desk>,
    session: SignedIn,
    Id((id, line)): Id<(ListId, u32)>,
    CsrfForm(NoFields {}): CsrfForm<NoFields>,
) -> Answer {
    let list = judged(&desk, &session.staff, id).await?;
    let (Some(chosen), Judgement::Rows(rows)) = (&list.template, &list.judgement) else {
        return Ok(after_post(&format!("/lists/{id}")).into_response());
    };
    let row = rows.to_send().find(|row| row.line == line);
    let text = row.ok_or(PageError::NotFound)?.text.to_owned();
    let trial = Trial {
        office: list.kept.head.office,
        purpose: chosen.content.purpose,
        template: (chosen.id, chosen.version),
        line,
        text,
    };
    send(&desk, &session, trial).await
}

/// The newest version of a template, with what would be merged in left open.
pub(super) async fn template(
    State(desk): State<Desk>,
    session: SignedIn,
    Id(id): Id<TemplateId>,
    CsrfForm(NoFields {}): CsrfForm<NoFields>,
) -> Answer {
    let row = store::template(&desk.db, session.staff.org, id)
        .await
        .map_err(failed)?
        .filter(|row| row.archived_at.is_none())
        .ok_or(PageError::NotFound)?;
    let content = &row.current.content;
    let trial = Trial {
        office: session.staff.office,
        purpose: content.purpose,
        template: (id, row.current.version),
        line: 1,
        text: Shape::of(&MessageTemplate::parse(&content.text).or_bug()?).sample(),
    };
    send(&desk, &session, trial).await
}

async fn send(desk: &Desk, session: &SignedIn, trial: Trial) -> Answer {
    let staff = &session.staff;
    if !may_see(staff, trial.office) {
        return Err(PageError::NotFound);
    }
    let own = store::staff_number(&desk.db, staff.org, staff.id)
        .await
        .map_err(failed)?;
    let Some(own) = own.filter(|own| own.confirmed.is_some()) else {
        return Ok(Redirect::to("/me/number?done=needed").into_response());
    };
    let training = desk.standing(staff.org).await?.is_training(trial.purpose);
    let simulated = desk.sending.simulated || training;
    if !simulated && !desk.sending.has_carrier {
        return Err(no_carrier());
    }
    audit::note("試し送り");
    let new = NewBroadcast {
        org: staff.org,
        office: staff.office,
        list: None,
        template: Some(trial.template),
        file_name: format!("試し送り（{}）", staff.name),
        origin: Origin::Browser,
        stage: BroadcastStage::Test,
        simulated,
        purpose: trial.purpose,
        lane: Lane::Urgent,
        sender: desk.sender(staff.org, trial.office, Some(trial.purpose)).await?,
        segmentation: desk.sending.segmentation,
        hold: 0,
        created_by: Some(staff.id),
        // The same text may be tried as often as one likes.
        resend: Some(Resend {
            scope: ResendScope::All,
            reason: "試し送り".to_owned(),
        }),
        judged: Horizon::now(&desk.db).await.map_err(failed)?,
        replaces: None,
        release: NewRelease::default(),
        rows: Arc::new(vec![Outgoing::to_number(trial.line, own.phone, trial.text)]),
    };
    match start(&desk.db, new).await {
        Ok(started) if started.is_new => {
            Ok(after_post(&format!("/broadcasts/{}", started.broadcast)).into_response())
        }
        Ok(started) => {
            Ok(after_post_with(&format!("/broadcasts/{}", started.broadcast), "already").into_response())
        }
        Err(StartError::Refused(refusal)) => Err(refused(&refusal)),
        Err(StartError::NoRows | StartError::AllLeftOut(_)) => Err(PageError::bug("a test without its row")),
        Err(StartError::Database(error)) => Err(failed(error)),
    }
}
