//! `POST /organisation/retention`: other days for some classes. The trail says which, from and to.

use std::collections::HashMap;

use accounts::{SignedIn, audit};
use axum::Extension;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use web::{CsrfForm, Errors, Page, Shell, after_post_with};

use super::retention_show::{Typed, page};
use super::{Answer, Desk, failed};
use crate::retention::{Class, FormRecords};
use crate::store::retention::{rules, set_rules};

pub(super) async fn submit(
    State(desk): State<Desk>,
    session: SignedIn,
    forms: Option<Extension<FormRecords>>,
    shell: Shell,
    CsrfForm(form): CsrfForm<HashMap<String, String>>,
) -> Answer {
    session.fresh()?;
    let org = session.staff.org;
    let kept = rules(&desk.db, org).await.map_err(failed)?;
    let (mut errors, mut changed, mut typed) = (Errors::default(), Vec::new(), Typed::default());
    for class in Class::ALL {
        let Some(text) = form.get(class.code()) else {
            continue;
        };
        typed.days.push((class, text.clone()));
        let (least, most) = class.bounds();
        let digits: String = text.trim().chars().map(narrow).collect();
        match digits.parse::<u32>() {
            Ok(days) if (least..=most).contains(&days) => {
                if days != kept.days(class) {
                    changed.push((class, days));
                }
            }
            _ => errors.add(
                class.code(),
                format!(
                    "「{}」は、{least}から{most}までの日数を入力してください。",
                    class.label()
                ),
            ),
        }
    }
    if !errors.is_empty() {
        let page = page(&desk, &session, shell, forms.map(|one| one.0), &typed, errors).await?;
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, Page(page)).into_response());
    }
    let words: Vec<String> = changed
        .iter()
        .map(|(class, days)| format!("{}: {}日→{days}日", class.label(), kept.days(*class)))
        .collect();
    audit::note(words.join("、"));
    set_rules(&desk.db, org, changed, Some(session.staff.id))
        .await
        .map_err(failed)?;
    Ok(after_post_with("/organisation/retention", "set").into_response())
}

/// A full-width digit as a plain one.
fn narrow(c: char) -> char {
    match c {
        '０'..='９' => char::from_u32(u32::from(c) - u32::from('０') + u32::from('0')).unwrap_or(c),
        _ => c,
    }
}
