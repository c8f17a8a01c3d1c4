//! `POST /programmes/{id}/owner`: to which office a programme belongs: whoever is taken in for it is that office's, from
//! first touch to closing.

use std::collections::HashMap;

use accounts::{Office, SignedIn, audit};
use axum::extract::State;
use axum::response::IntoResponse;
use base::clock::Millis;
use base::id::{OfficeId, ProgrammeId};
use messaging::pages::{Answer, failed, scope};
use serde::Deserialize;
use web::form::Field;
use web::number::grouped;
use web::{CsrfForm, Id, PageError, Shell, after_post_with};

use super::Triage;
use super::case_hand_over::office_choices;
use super::programme_load::{self, is_head_office};
use crate::store::owners::{Owner, owner, places, set_owner};

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Form {
    office: String,
}

/// Whose a programme is, as its page says it.
pub(super) struct Owned {
    /// The office's name; `None`: each person is the office's that took them in.
    pub(super) name: Option<String>,
    /// Whether nobody works there any more.
    pub(super) is_over: bool,
    /// Who said so, and when.
    pub(super) said: Option<(String, Millis)>,
    /// For those who say it.
    pub(super) field: Option<Field>,
    /// How many people of it are at other offices, for those who may hand them over.
    pub(super) elsewhere: Option<u64>,
    /// Where the people of it are, for the same.
    pub(super) places: Vec<(String, String)>,
}

pub(super) async fn owned(
    triage: &Triage,
    session: &SignedIn,
    shell: &Shell,
    id: ProgrammeId,
) -> Result<Owned, PageError> {
    let staff = &session.staff;
    let offices = triage.offices(staff.org).await?;
    let said = owner(&triage.db, staff.org, id).await.map_err(failed)?;
    let office = said.and_then(|said| said.office);
    let found = office.and_then(|office| offices.get(&office));
    let names = programme_load::names_of(triage, session, said.iter().map(|said| said.by).collect());
    let names = names.await?;
    let says = is_head_office(staff) && shell.may("POST", "/programmes/{id}/owner");
    let (mut places_of, mut elsewhere) = (Vec::new(), None);
    if scope(staff).is_none() && shell.may("POST", "/cases/hand-over") {
        let all = places(&triage.db, staff.org).await.map_err(failed)?;
        let here: Vec<_> = all.into_iter().filter(|one| one.programme == id.get()).collect();
        let others = here.iter().filter(|one| Some(one.office) != office);
        elsewhere = Some(others.map(|one| one.people).sum());
        places_of = here
            .iter()
            .map(|one| {
                let name = offices.get(&one.office).map(|office| office.name.to_string());
                (name.unwrap_or_default(), grouped(one.people))
            })
            .collect();
    }
    Ok(Owned {
        name: found.map(|office| office.name.to_string()),
        is_over: found.is_some_and(|office| !office.is_open(triage.db.now())),
        said: said.map(|Owner { by, at, .. }| (names.of(Some(by)), at)),
        field: says.then(|| field(&offices, office, triage.db.now())),
        elsewhere,
        places: places_of,
    })
}

fn field(offices: &HashMap<OfficeId, Office>, owner: Option<OfficeId>, now: Millis) -> Field {
    let open = offices.values().filter(|office| office.is_open(now));
    let choices = office_choices("登録した部署（決めない）", open);
    Field::select("office", "この規則の人を担当する部署", choices)
        .support("どの部署が登録しても、これから登録する人は、この部署の担当になります。部署の管内より先に使われます。")
        .value(owner.map(|office| office.to_string()).unwrap_or_default())
}

pub(super) async fn submit(
    State(triage): State<Triage>,
    session: SignedIn,
    Id(id): Id<ProgrammeId>,
    CsrfForm(form): CsrfForm<Form>,
) -> Answer {
    programme_load::programme(&triage, &session, id).await?;
    let staff = &session.staff;
    // To whom a programme belongs is the same for every office.
    if !is_head_office(staff) {
        return Err(PageError::NotFound);
    }
    let offices = triage.offices(staff.org).await?;
    let typed = form.office.trim();
    let chosen = typed.parse().ok().and_then(|id| offices.get(&OfficeId::new(id)));
    let chosen = chosen.filter(|office| office.is_open(triage.db.now()));
    if chosen.is_none() && !typed.is_empty() {
        return Err(PageError::rejected(
            "その部署は、いま使われていません。何も変えていません。",
            "前のページに戻り、担当する部署を選び直してください。",
        ));
    }
    audit::note(chosen.map_or_else(|| "登録した部署".to_owned(), |office| office.name.to_string()));
    let owner = chosen.map(|office| office.id);
    set_owner(&triage.db, staff.org, id, owner, staff.id)
        .await
        .map_err(failed)?;
    Ok(after_post_with(&format!("/programmes/{id}"), "owner").into_response())
}
