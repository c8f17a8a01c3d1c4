//! `POST /cases/take-over`: cases that came in before there was a programme for them become cases of one, decided
//! anew.

use std::sync::Arc;

use accounts::SignedIn;
use axum::extract::State;
use axum::response::IntoResponse;
use messaging::pages::{Answer, failed, scope};
use serde::Deserialize;
use web::{CsrfForm, PageError, after_post};

use super::Triage;
use super::rules_now::{NO_PROGRAMME, Programmes};
use crate::store::take_over::{Chooses, Taker, Taking, take_over};

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
    let chosen = programmes.chosen(&form.programme);
    if chosen == NO_PROGRAMME {
        return Err(PageError::rejected(
            "引き継ぐ先の振り分け規則がまだありません。何も変えていません。",
            "先に、振り分け規則を作って承認してください。",
        ));
    }
    let taker = Taker {
        scope: scope(staff),
        by: staff.id,
        office: staff.office,
    };
    let chooses: Arc<Chooses> = Arc::new(move |told| {
        let programme = programmes.of_told(told, chosen);
        (programme != NO_PROGRAMME).then(|| Taking {
            programme,
            rules: programmes.rules(programme),
            words: format!("振り分け規則「{}」に引き継いだ", programmes.name(programme)),
        })
    });
    let people = take_over(&triage.db, staff.org, taker, chooses)
        .await
        .map_err(failed)?;
    Ok(after_post(&format!("/cases?done=taken-over&people={people}")).into_response())
}
