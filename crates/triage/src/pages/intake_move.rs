//! `POST /intake/{id}/move`: the people of a list who are in the areas of other offices go there, each with its
//! history. Pressed again, it goes on where it was interrupted.

use accounts::SignedIn;
use axum::extract::State;
use axum::response::IntoResponse;
use base::id::ListId;
use messaging::pages::{Answer, failed, scope};
use web::{CsrfForm, Id, NoFields, after_post};

use super::Triage;
use super::case_area::Jurisdiction;
use super::intake_read::read_list;
use super::rules_now::Programmes;
use crate::store::changes::{Changed, Hand, hand_over};

pub(super) async fn submit(
    State(triage): State<Triage>,
    session: SignedIn,
    Id(id): Id<ListId>,
    CsrfForm(NoFields {}): CsrfForm<NoFields>,
) -> Answer {
    let staff = &session.staff;
    let office = read_list(&triage, staff, id).await?.kept.head.office;
    let jurisdiction = Jurisdiction::of(&triage, staff.org).await?;
    let programmes = Programmes::of(&triage, staff).await?;
    let movable = jurisdiction.movable(&triage, staff.org, (id, office)).await?;
    let mut people = 0;
    for (case, to) in movable {
        let hand = Hand {
            scope: scope(staff),
            case: case.id,
            version: case.version,
            by: staff.id,
            office: staff.office,
        };
        let rules = programmes.rules(case.programme);
        let why = "所在地が管内のため".to_owned();
        let done = hand_over(&triage.db, staff.org, hand, to, rules, why).await;
        people += u64::from(done.map_err(failed)? == Changed::Done);
    }
    Ok(after_post(&format!("/intake/{id}?done=handed-over&people={people}")).into_response())
}
