//! What the pages of reaching people have in common.

use std::collections::HashMap;

use base::id::{OfficeId, OrgId, ProgrammeId, TemplateId};
use lists::choice::Household;
use messaging::pages::roll::{TextChoice, Version};
use messaging::pages::{Desk, failed};
use web::PageError;
use web::form::{Choice, Field};

use crate::case::received_day;
use crate::store::programmes::{in_force, programmes};

/// The names of all offices.
pub(super) async fn office_names(desk: &Desk, org: OrgId) -> Result<HashMap<OfficeId, String>, PageError> {
    let offices = desk.accounts.offices(org).await.map_err(failed)?;
    Ok(offices
        .into_iter()
        .map(|office| (office.id, office.name.to_string()))
        .collect())
}

/// The same of those where people work.
pub(super) async fn open_offices(desk: &Desk, org: OrgId) -> Result<HashMap<OfficeId, String>, PageError> {
    let offices = desk.accounts.offices(org).await.map_err(failed)?;
    let open = offices.into_iter().filter(|office| office.is_open(desk.db.now()));
    Ok(open.map(|office| (office.id, office.name.to_string())).collect())
}

/// `12.3`, as a form sends it.
pub(super) fn version_of(word: &str) -> Option<Version> {
    let (template, version) = word.split_once('.')?;
    Some((TemplateId::new(template.parse().ok()?), version.parse().ok()?))
}

/// What [`version_of`] reads.
pub(super) fn version_word((template, version): Version) -> String {
    format!("{template}.{version}")
}

/// Puts the texts that the programme names first, in its order, and says which is chosen as long as nobody has chosen:
/// its first that may be sent now. Where it names none, nothing is chosen but the only one: nobody gets the words of
/// another disease because its name comes first.
pub(super) async fn texts_of_programme(
    desk: &Desk,
    org: OrgId,
    (programme, office): (i64, OfficeId),
    texts: &mut [TextChoice],
) -> Result<Option<Version>, PageError> {
    let rules = in_force(&desk.db, org, ProgrammeId::new(programme)).await;
    let rules = rules.map_err(failed)?;
    let named = rules.first_texts(received_day(desk.db.now()), office);
    let place = |one: &TextChoice| named.iter().position(|template| *template == one.version.0.get());
    texts.sort_by_key(|one| place(one).unwrap_or(named.len()));
    let mut fit = texts.iter().filter(|one| one.not_now.is_none());
    Ok(if named.is_empty() {
        fit.next().filter(|_| fit.next().is_none()).map(|one| one.version)
    } else {
        fit.find(|one| place(one).is_some()).map(|one| one.version)
    })
}

/// The texts to choose from; those that may not be sent now say why.
pub(super) fn text_field(choices: &[TextChoice], chosen: Option<Version>) -> Field {
    let choice = |one: &TextChoice| {
        let word = version_word(one.version);
        let label = match (&one.not_now, one.is_approved) {
            (Some(_), _) => format!("{}（いまは使えません）", one.name),
            (None, true) => one.name.clone(),
            (None, false) => format!("{}（まだ承認されていない文面）", one.name),
        };
        let choice = Choice::new(word, label);
        match one.not_now {
            Some(_) => choice.disabled(),
            None => choice,
        }
    };
    let nothing = Choice::new("", "選んでください");
    let nothing = chosen.is_none().then_some(nothing);
    let choices = nothing.into_iter().chain(choices.iter().map(choice));
    Field::select("template", "文面", choices.collect()).value(chosen.map(version_word).unwrap_or_default())
}

/// The programmes of an organisation, of which one is chosen.
pub(super) async fn programme_field(desk: &Desk, org: OrgId, chosen: &str) -> Result<Field, PageError> {
    let all = programmes(&desk.db, org).await.map_err(failed)?;
    let choices = all.into_iter().map(|one| Choice::new(one.id, one.name)).collect();
    Ok(Field::select("programme", "プログラム", choices).value(chosen))
}

/// What people of one number get.
pub(super) fn household_of(word: &str) -> Household {
    if word == "once" {
        Household::Once
    } else {
        Household::Each
    }
}

/// The choice of it.
pub(super) fn household_field(chosen: &str) -> Field {
    let choices = vec![
        Choice::new("each", "1人に1通ずつ"),
        Choice::new("once", "番号ごとに1通（代表の1人の文面）"),
    ];
    Field::select("household", "同じ番号の家族", choices).value(if chosen == "once" {
        "once"
    } else {
        "each"
    })
}
