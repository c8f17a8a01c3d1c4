//! `POST /intake/{id}/move`: the people of a list who are in the areas of other offices go there, each with its
//! history. Pressed again, it goes on where it was interrupted.

use accounts::SignedIn;
use axum::extract::State;
use axum::response::IntoResponse;
use base::id::ListId;
use messaging::pages::{Answer, failed, scope};
use web::{CsrfForm, Id, NoFields, after_post};

use super::Triage;
use super::case_area::case_elsewhere;
use super::intake_check::{lines_elsewhere, read_list};
use super::rules_now::rules;
use crate::store::areas::{areas, still_at};
use crate::store::cases::cases;
use crate::store::changes::{Changed, Hand, hand_over};

pub(super) async fn submit(
    State(triage): State<Triage>,
    session: SignedIn,
    Id(id): Id<ListId>,
    CsrfForm(NoFields {}): CsrfForm<NoFields>,
) -> Answer {
    let staff = &session.staff;
    let read = read_list(&triage, staff, id).await?;
    let (office, now) = (read.kept.head.office, triage.db.now());
    let (areas, offices) = (
        areas(&triage.db, staff.org).await.map_err(failed)?,
        triage.offices(staff.org).await?,
    );
    let lines: Vec<u32> = lines_elsewhere(&read, &areas, &offices, now)
        .into_keys()
        .collect();
    let ids = still_at(&triage.db, staff.org, (id, office), &lines)
        .await
        .map_err(failed)?;
    let mut people = 0;
    for case in cases(&triage.db, staff.org, &ids).await.map_err(failed)? {
        // What was corrected since counts, not what the list says.
        let Some(to) = case_elsewhere(&areas, &offices, &case, now) else {
            continue;
        };
        let hand = Hand {
            scope: scope(staff),
            case: case.id,
            version: case.version,
            by: staff.id,
            office: staff.office,
        };
        let rules = rules(&triage, staff.org, case.programme).await?;
        let why = "所在地が管内のため".to_owned();
        let done = hand_over(&triage.db, staff.org, hand, to.id, rules, why).await;
        people += u64::from(done.map_err(failed)? == Changed::Done);
    }
    Ok(after_post(&format!("/intake/{id}?done=handed-over&people={people}")).into_response())
}
