//! `POST /intake/{id}/register`: the people of a checked case list become cases. Twins are parked and never in the
//! way; a second click finds nothing left to do. People of a programme that belongs to an office are that office's.

use std::collections::BTreeMap;
use std::sync::Arc;

use accounts::SignedIn;
use axum::extract::State;
use axum::response::IntoResponse;
use base::id::ListId;
use messaging::pages::{Answer, failed};
use serde::Deserialize;
use web::{CsrfForm, Id, PageError, after_post, after_post_with};

use super::Triage;
use super::case_area::Jurisdiction;
use super::intake_check::read_list;
use super::rules_now::Programmes;
use crate::case::{CaseSource, NewCase};
use crate::store::cases::add_many;

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Form {
    programme: String,
}

pub(super) async fn submit(
    State(triage): State<Triage>,
    session: SignedIn,
    Id(id): Id<ListId>,
    CsrfForm(form): CsrfForm<Form>,
) -> Answer {
    let staff = &session.staff;
    let read = read_list(&triage, staff, id).await?;
    if !read.columns.are_of_people() {
        return Err(PageError::rejected(
            "このリストは、発生届のリストとして読み取れません。何も登録していません。",
            "前の画面に戻り、別のリストを選んでください。",
        ));
    }
    let office = read.kept.head.office;
    let programmes = Programmes::of(&triage, staff).await?;
    let chosen = programmes.chosen(&form.programme);
    let mut by_programme: BTreeMap<i64, Vec<NewCase>> = BTreeMap::new();
    for (line, notification, _) in Arc::unwrap_or_clone(read.people) {
        let programme = programmes.of_told(&notification, chosen);
        by_programme.entry(programme).or_default().push(NewCase {
            office: programmes.office(programme, office),
            source: CaseSource::Row { list: id, line },
            notification,
        });
    }
    let (mut people, mut twins, mut owned) = (0, 0, 0);
    for (programme, new) in by_programme {
        let rules = programmes.rules(programme);
        let added = add_many(&triage.db, staff.org, programme, rules, Some(staff.id), new);
        let added = added.await.map_err(failed)?;
        people += added.cases.len();
        if programmes.office(programme, office) != office {
            owned += added.cases.len();
        }
        twins += added.twins;
    }
    if people == 0 {
        return Ok(after_post_with(&format!("/intake/{id}"), "nothing").into_response());
    }
    let said = format!("done=registered&people={people}&twins={twins}");
    if owned > 0 {
        // They do not stand in the list of cases of whoever took them in: the page of the list says where they are.
        let next = format!("/intake/{id}?{said}&programme={chosen}&owned={owned}");
        return Ok(after_post(&next).into_response());
    }
    let jurisdiction = Jurisdiction::of(&triage, staff.org).await?;
    let movable = jurisdiction.movable(&triage, staff.org, (id, office)).await?;
    if !movable.is_empty() {
        return Ok(after_post(&format!("/intake/{id}?{said}")).into_response());
    }
    Ok(after_post(&format!("/cases?{said}")).into_response())
}
