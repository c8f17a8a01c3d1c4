//! `POST /cases/take-over`: cases that came in before there was a programme become cases of one, decided anew.

use accounts::SignedIn;
use axum::extract::State;
use axum::response::IntoResponse;
use messaging::pages::{Answer, failed, scope};
use serde::Deserialize;
use web::{CsrfForm, PageError, after_post};

use super::Triage;
use super::rules_now::{NO_PROGRAMME, Programmes};
use crate::store::take_over::{Taker, take_over};

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Form {
    programme: String,
}

pub(super) async fn submit(
    State(triage): State<Triage>,
    session: SignedIn,
    CsrfForm(form): CsrfForm<Form>,
) -> Answer {
    let staff = &session.staff;
    let programmes = Programmes::of(&triage, staff).await?;
    let programme = programmes.chosen(&form.programme);
    if programme == NO_PROGRAMME {
        return Err(PageError::rejected(
            "引き継ぐ先の振り分け規則がまだありません。何も変えていません。",
            "先に、振り分け規則を作って承認してください。",
        ));
    }
    let taker = Taker {
        scope: scope(staff),
        by: staff.id,
        office: staff.office,
        words: format!("振り分け規則「{}」に引き継いだ", programmes.name(programme)),
    };
    let rules = programmes.rules(programme);
    let people = take_over(&triage.db, staff.org, programme, rules, taker)
        .await
        .map_err(failed)?;
    Ok(after_post(&format!("/cases?done=taken-over&people={people}")).into_response())
}
