//! `POST /lists/{id}/settings`: which column holds the numbers, which text is sent, and which columns its fields
//! are taken from. What a person chose is remembered for the lists that look like this one.

use std::collections::HashMap;

use accounts::SignedIn;
use axum::extract::State;
use axum::response::IntoResponse;
use base::id::{ListId, OrgId};
use base::merge::heading_key;
use lists::layout::{Layout, Mapping, propose};
use lists::sheet::Sheet;
use lists::store::layouts::{recall, remember, set_last_layout};
use lists::store::remember::remember_list;
use lists::store::{ListHead, Role, Settings, load_list, set_settings};
use web::{CsrfForm, PageError, after_post_with};

use super::list_form::{FIELD, asked_template, template_value};
use super::list_judged::{open_head, withdrawn};
use super::list_take::{content_of, list_kind, sure, wanted_fields};
use super::{Answer, Desk, Id, failed};

/// What was chosen.
struct Form {
    to: String,
    template: String,
    /// The text whose fields the page showed.
    shown: String,
    /// The heading for each of those fields, by its place.
    fields: HashMap<usize, String>,
}

impl Form {
    fn read(pairs: Vec<(String, String)>) -> Result<Self, PageError> {
        let mut form = Self {
            to: String::new(),
            template: String::new(),
            shown: String::new(),
            fields: HashMap::new(),
        };
        for (name, value) in pairs {
            let field = name.strip_prefix(FIELD).and_then(|place| place.parse().ok());
            match (name.as_str(), field) {
                ("to", _) => form.to = value,
                ("template", _) => form.template = value,
                ("shown", _) => form.shown = value,
                (_, Some(place)) => drop(form.fields.insert(place, value)),
                _ => return Err(PageError::Unreadable),
            }
        }
        Ok(form)
    }
}

pub(super) async fn submit(
    State(desk): State<Desk>,
    session: SignedIn,
    Id(id): Id<ListId>,
    CsrfForm(pairs): CsrfForm<Vec<(String, String)>>,
) -> Answer {
    let staff = &session.staff;
    let form = Form::read(pairs)?;
    let head = open_head(&desk, staff, id).await?;
    if head.role == Role::Reference {
        return Err(PageError::NotFound);
    }
    let (db, org) = (&desk.db, staff.org);
    let template = asked_template(&desk, staff, &form.template).await?;
    let content = content_of(&desk, org, template).await?;
    let kept = load_list(db, org, id)
        .await
        .map_err(failed)?
        .ok_or(PageError::NotFound)?;
    let layout = Layout::of(&kept.sheet);
    let key = layout.key();
    let earlier = recall(db, org, head.office, &key).await.map_err(failed)?;
    let earlier = earlier.map(|earlier| earlier.mapping);
    // Fields of another text than the chosen one say nothing.
    let same_text = template
        .map(template_value)
        .is_some_and(|value| value == form.shown);
    let chosen = if same_text { form.fields } else { HashMap::new() };
    let wanted = content.as_ref().map(wanted_fields).unwrap_or_default();
    let columns = columns(&kept.sheet, &wanted, &chosen, earlier.as_ref());
    let other_names = columns.iter().filter(|(field, heading)| heading != field);
    let settings = Settings {
        to: Some(form.to).filter(|heading| !heading.is_empty()),
        fields: other_names
            .map(|(field, heading)| (heading_key(field), heading.clone()))
            .collect(),
        template,
    };
    if !set_settings(db, org, id, settings.clone())
        .await
        .map_err(failed)?
    {
        return Err(withdrawn());
    }
    let known = |to: &&String| kept.sheet.headings().contains(to);
    if let Some(to) = settings.to.as_ref().filter(known) {
        let own = columns.iter().fold(Mapping::new(to), |own, (field, heading)| {
            own.with_field(field, heading)
        });
        let mapping = match &earlier {
            Some(earlier) => own.over(earlier),
            None => own,
        };
        let used = remember(db, org, head.office, &key, mapping, staff.id);
        used.await.map_err(failed)?;
        let kind = list_kind(content.as_ref());
        let last = set_last_layout(db, org, head.office, kind, &layout, staff.id);
        last.await.map_err(failed)?;
    }
    know_its_people(&desk, &head, &settings, id, org).await?;
    Ok(after_post_with(&format!("/lists/{id}"), "settings").into_response())
}

/// The heading for each field: what the person chose, else what nobody has to be asked about.
fn columns(
    sheet: &Sheet,
    wanted: &[String],
    chosen: &HashMap<usize, String>,
    earlier: Option<&Mapping>,
) -> Vec<(String, String)> {
    let proposal = propose(
        sheet,
        wanted,
        earlier.map(std::slice::from_ref).unwrap_or_default(),
    );
    let fields = wanted.iter().zip(&proposal.fields).enumerate();
    let found = fields.filter_map(|(place, (field, suggestion))| {
        let heading = match chosen.get(&place) {
            Some(heading) => sheet
                .headings()
                .iter()
                .find(|one| *one == heading && !one.is_empty()),
            None => sure(suggestion).map(|column| &sheet.headings()[column]),
        };
        Some((field.clone(), heading?.clone()))
    });
    found.collect()
}

/// Later lists are compared with the people of this one, as soon as its numbers are known.
async fn know_its_people(
    desk: &Desk,
    before: &ListHead,
    settings: &Settings,
    id: ListId,
    org: OrgId,
) -> Result<(), PageError> {
    if settings.to.is_none() || settings.to == before.settings.to {
        return Ok(());
    }
    remember_list(&desk.db, org, id).await.map_err(failed)
}
