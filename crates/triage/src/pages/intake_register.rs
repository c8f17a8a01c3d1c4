//! `POST /intake/{id}/register`: the people of a checked case list become cases. Twins are parked and never in the
//! way; a second click finds nothing left to do. People of a programme that belongs to an office are that office's.

use std::collections::BTreeMap;
use std::sync::Arc;

use accounts::{SignedIn, audit};
use axum::extract::State;
use axum::response::IntoResponse;
use base::id::ListId;
use messaging::pages::{Answer, failed};
use serde::Deserialize;
use web::{CsrfForm, Id, PageError, after_post, after_post_with};

use super::Triage;
use super::case_area::Jurisdiction;
use super::intake_check::SAME_TOO;
use super::intake_known::Known;
use super::intake_read::read_list;
use super::rules_now::Programmes;
use crate::case::{CaseSource, NewCase};
use crate::limits::NOTE_LETTERS;
use crate::store::cases::add_many;

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Form {
    programme: String,
    /// Whether those are taken once more whose record is there already.
    same: String,
    /// Why the list is right although values seem to stand in other people's rows.
    sure: String,
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
    let of_row = programmes.of_rows(&read, chosen);
    let known = Known::of(&triage, staff, &read, &of_row).await?;
    is_right(&known, &form)?;
    let left_out = known.left_out(form.same == SAME_TOO);
    let mut by_programme: BTreeMap<i64, Vec<NewCase>> = BTreeMap::new();
    let people = Arc::unwrap_or_clone(read.people).into_iter();
    for (line, notification, _) in people.filter(|(line, ..)| !left_out.contains(line)) {
        let programme = of_row.get(&line).copied().unwrap_or(chosen);
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

/// A list whose values seem to stand in other people's rows registers nobody, unless somebody says with what it was
/// compared; what the source itself says, nobody knows better.
fn is_right(known: &Known, form: &Form) -> Result<(), PageError> {
    if known.stops.is_empty() {
        return Ok(());
    }
    let sure = form.sure.trim();
    if known.is_certain || sure.is_empty() || sure.chars().count() > NOTE_LETTERS {
        return Err(PageError::rejected(
            format!("{}何も登録していません。", known.stops.join("")),
            "前の画面に戻り、元のシステムからもう一度書き出して、選び直してください。元の資料と照らし合わせて正しいときは、何と照らし合わせたかを入力します。",
        ));
    }
    audit::note(format!(
        "行のずれの疑い: {} 確かめた方法: {sure}",
        known.stops.join("")
    ));
    Ok(())
}
