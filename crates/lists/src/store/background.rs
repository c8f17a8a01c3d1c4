//! Everything that the database knows of the rows of a list, in a bounded number of questions.

use std::collections::HashMap;

use base::id::OrgId;
use db::{Db, DbError};

use crate::{
    check::{Background, RowBackground},
    contacts::{Asked, PersonKeys, Purpose, RowFacts, facts, overlaps, sightings},
    integrity,
    numbers::known_wrong,
    person::PersonColumns,
    sheet::{ParsedRow, Sheet},
};

/// Days back in which the same rows make a list a repetition of another.
const OVERLAP_DAYS: u32 = 7;
/// Days back in which people are compared with who they were in earlier lists.
const SIGHTING_DAYS: u32 = 60;

/// What is known of the rows: earlier messages, other lists, closed numbers, other partners of the same people.
/// `keys` are those of the sheet's rows, in their order.
pub async fn background(
    db: &Db,
    org: OrgId,
    asked: &Asked,
    purpose: Purpose,
    sheet: &Sheet,
    columns: &PersonColumns,
    keys: &[PersonKeys],
) -> Result<Background, DbError> {
    let (facts, wrong, seen, overlaps) = tokio::try_join!(
        facts(db, org, asked, keys),
        known_wrong(db, org, keys),
        sightings(db, org, asked.list, SIGHTING_DAYS, keys),
        overlaps(db, org, asked.list, OVERLAP_DAYS, keys),
    )?;
    let mut rows = HashMap::new();
    for (at, (facts, wrong)) in facts.into_iter().zip(wrong).enumerate() {
        if facts != RowFacts::default() || wrong.is_some() {
            rows.insert(at, RowBackground { facts, wrong });
        }
    }
    let lines: Vec<(u32, PersonKeys)> = sheet
        .rows()
        .map(ParsedRow::line)
        .zip(keys.iter().copied())
        .collect();
    let heading = |column: usize| sheet.column(column).heading;
    let [id, name] = [columns.id, columns.name].map(|column| column.map(heading).unwrap_or_default());
    let headings = integrity::KnownHeadings {
        id: &id,
        phone: &heading(columns.to),
        name: &name,
    };
    let integrity = integrity::against_known(&lines, &seen, headings);
    Ok(Background {
        purpose: Some(purpose),
        rows,
        overlaps,
        integrity,
        ..Background::default()
    })
}
