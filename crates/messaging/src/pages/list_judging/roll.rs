//! Judging rows that come from records: as the rows of a list are, but for what only a file can have, a slipped column.

use std::sync::Arc;

use base::clock::japan_midnight;
use base::id::{OfficeId, OrgId};
use db::OrgVault;
use lists::check::{Background, RowBackground};
use lists::choice::{Choice, Choices, Household};
use lists::contacts::{Asked, Earlier, PersonKeys, Purpose, RowFacts, facts};
use lists::layout::Mapping;
use lists::numbers::known_wrong;
use lists::person::PersonColumns;
use lists::sheet::Sheet;
use web::PageError;

use super::super::list_judged::{Chosen, JudgedRows, Judgement};
use super::super::{Desk, failed};
use super::{Facts, Links, People, Texts, Work, before, off_the_path, texts};
use crate::links::PersonalLinks;
use crate::store;

/// Whose the rows are, and what was chosen for them.
pub(in crate::pages) struct RollFor<'a> {
    pub(in crate::pages) org: OrgId,
    pub(in crate::pages) office: OfficeId,
    pub(in crate::pages) to: &'a str,
    /// The heading of the column with names.
    pub(in crate::pages) name: Option<usize>,
    pub(in crate::pages) household: Household,
    pub(in crate::pages) personal: PersonalLinks,
    pub(in crate::pages) again: Option<String>,
    pub(in crate::pages) chosen: &'a Chosen,
    pub(in crate::pages) vault: &'a Arc<OrgVault>,
}

/// Every row judged, with the keys that its record gives.
pub(in crate::pages) async fn judge_roll(
    desk: &Desk,
    roll: &RollFor<'_>,
    sheet: &Arc<Sheet>,
    keys: Vec<PersonKeys>,
) -> Result<Judgement, PageError> {
    let (org, mapping) = (roll.org, Mapping::new(roll.to));
    let links = Links {
        personal: roll.personal.clone(),
        ..Links::load(desk, org).await?
    };
    let texts: Texts = match texts(sheet, &mapping, &roll.chosen.content, &links) {
        Ok(texts) => texts,
        Err(problems) => return Ok(Judgement::Refused(problems)),
    };
    let people = People {
        columns: PersonColumns {
            to: texts.to,
            id: None,
            name: roll.name,
            birth: None,
        },
        keys: Arc::new(keys),
    };
    let pages = links.pages.clone();
    let facts = Facts {
        mapping,
        template: (roll.chosen.id, roll.chosen.version),
        background: background(desk, roll, &people.keys).await?,
        references: Vec::new(),
        own_reference: false,
        advice: store::advice_settings(&desk.db, org).await.map_err(failed)?,
        choices: choices(roll),
        links,
        simulated: desk.sending.simulated || roll.chosen.training,
        counting: desk.sending.tariff.counting,
        today: japan_midnight(desk.db.now()),
    };
    let work = Work {
        sheet: Arc::clone(sheet),
        texts,
        name: roll.name,
        facts,
        content: roll.chosen.content.clone(),
        vault: Arc::clone(roll.vault),
        now: desk.db.now(),
    };
    let judged = off_the_path(work.sheet.len(), move || work.of_records()).await?;
    let before = before(desk, org, &judged.fingerprints).await?;
    Ok(Judgement::Rows(Box::new(JudgedRows::new(
        &judged, &people, pages, before,
    ))))
}

fn choices(roll: &RollFor<'_>) -> Choices {
    let again = roll
        .again
        .clone()
        .map(|reason| Choice::Again { line: None, reason });
    let mut all = vec![Choice::Household(roll.household)];
    all.extend(again);
    Choices::of(&all)
}

/// Earlier messages, and numbers that are closed.
async fn background(desk: &Desk, roll: &RollFor<'_>, keys: &[PersonKeys]) -> Result<Background, PageError> {
    let purpose = roll.chosen.content.purpose;
    let asked = Asked {
        office: roll.office,
        list: None,
        days: purpose.repeat_days(),
    };
    let (written, wrong) = tokio::try_join!(
        facts(&desk.db, roll.org, &asked, keys),
        known_wrong(&desk.db, roll.org, keys)
    )
    .map_err(failed)?;
    let today = japan_midnight(desk.db.now());
    let mut written = written;
    for facts in &mut written {
        // What is asked every day repeats within Japan's day, whatever the hour was the day before.
        let is_daily = |one: &Earlier| one.purpose == Purpose::Observation && one.last_at < today;
        facts.contacts.retain(|one| !is_daily(one));
    }
    let rows = written.into_iter().zip(wrong).enumerate();
    let known = rows.filter(|(_, (facts, wrong))| *facts != RowFacts::default() || wrong.is_some());
    let offices = desk.accounts.offices(roll.org).await.map_err(failed)?;
    Ok(Background {
        purpose: Some(purpose),
        rows: known
            .map(|(at, (facts, wrong))| (at, RowBackground { facts, wrong }))
            .collect(),
        offices: offices
            .into_iter()
            .map(|office| (office.id, office.name.to_string()))
            .collect(),
        ..Background::default()
    })
}
