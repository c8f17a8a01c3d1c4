//! What the database knows of a list's people before any is written to.

use std::collections::HashMap;

use accounts::Accounts;
use base::id::{OfficeId, OrgId};
use db::{Db, DbError};
use lists::check::{Check, RowBackground};
use lists::contacts::{Asked, PersonKeys, RowFacts, facts};
use lists::numbers::known_wrong;
use lists::person::PersonColumns;
use lists::sheet::ParsedRow;

use crate::cli::SendOptions;

/// Rows that are asked about together.
const CHUNK: usize = 1_000;

/// Judges the list again with what is known: numbers that are closed, and with `--purpose` the people who were
/// written to for it before.
pub(super) async fn ask(db: &Db, check: Check, options: &SendOptions) -> Result<Check, DbError> {
    let rows = known(db, &check, options).await?;
    if rows.is_empty() {
        return Ok(check);
    }
    let (sheet, mut brief) = check.into_parts();
    brief.background.rows = rows;
    brief.background.purpose = options.purpose;
    let offices = Accounts::new(db.clone(), false).offices(OrgId::FIRST).await?;
    brief.background.offices = offices
        .into_iter()
        .map(|office| (office.id, office.name.to_string()))
        .collect();
    Ok(Check::new(sheet, brief))
}

async fn known(
    db: &Db,
    check: &Check,
    options: &SendOptions,
) -> Result<HashMap<usize, RowBackground>, DbError> {
    let vault = db.vault(OrgId::FIRST).await?;
    let columns = PersonColumns::of(check.sheet(), check.brief().to);
    let parsed: Vec<ParsedRow<'_>> = check.sheet().rows().collect();
    let mut known = HashMap::new();
    for (number, chunk) in parsed.chunks(CHUNK).enumerate() {
        let keys: Vec<PersonKeys> = chunk.iter().map(|row| columns.keys(&vault, *row)).collect();
        let wrong = known_wrong(db, OrgId::FIRST, &keys).await?;
        let facts = match options.purpose {
            Some(purpose) => {
                let asked = Asked {
                    office: OfficeId::HEADQUARTERS,
                    list: None,
                    days: purpose.repeat_days(),
                };
                facts(db, OrgId::FIRST, &asked, &keys).await?
            }
            None => vec![RowFacts::default(); keys.len()],
        };
        for (at, (wrong, facts)) in wrong.into_iter().zip(facts).enumerate() {
            if wrong.is_some() || facts != RowFacts::default() {
                known.insert(number * CHUNK + at, RowBackground { facts, wrong });
            }
        }
    }
    Ok(known)
}
