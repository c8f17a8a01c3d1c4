//! What the database knows of a list's people before any is written to.

use std::collections::HashMap;

use accounts::Accounts;
use base::id::{OfficeId, OrgId};
use db::{Db, DbError};
use lists::check::{Background, Check, RowBackground};
use lists::contacts::{Asked, PersonKeys, RowFacts, facts};
use lists::numbers::{known_wrong, report_count};
use lists::person::PersonColumns;
use lists::sheet::ParsedRow;

use messaging::broadcast::Horizon;
use messaging::recognition::{Fingerprint, recognised};

use crate::cli::SendOptions;

/// Rows that are asked about together.
const CHUNK: usize = 1_000;

/// How far [`ask`] can see, taken before it. Without `--purpose` nobody goes by the history, then or later.
pub(super) async fn horizon(db: &Db, options: &SendOptions) -> Result<Horizon, DbError> {
    let now = Horizon::now(db).await?;
    Ok(match options.purpose {
        Some(_) => now,
        None => now.without_history(),
    })
}

/// Judges the list again with what is known: numbers that are closed, and with `--purpose` the people who were
/// written to for it before.
pub(super) async fn ask(db: &Db, org: OrgId, check: Check, options: &SendOptions) -> Result<Check, DbError> {
    let nothing_to_ask = options.purpose.is_none() && report_count(db, org, None).await? == 0;
    if nothing_to_ask {
        return Ok(check);
    }
    let rows = known((db, org), &check, options).await?;
    if rows.is_empty() {
        return Ok(check);
    }
    let (sheet, mut brief) = check.into_parts();
    let offices = Accounts::new(db.clone(), false).offices(org).await?;
    let offices = offices
        .into_iter()
        .map(|office| (office.id, office.name.to_string()));
    brief.background = Background {
        purpose: options.purpose,
        offices: offices.collect(),
        rows,
        ..brief.background
    };
    let check = Check::new(sheet, brief);
    let done = done_before((db, org), &check, options).await?;
    if done.is_empty() {
        return Ok(check);
    }
    let (sheet, mut brief) = check.into_parts();
    for at in done {
        if let Some(row) = brief.background.rows.get_mut(&at) {
            row.facts = RowFacts::default();
        }
    }
    Ok(Check::new(sheet, brief))
}

/// Rows that count as contacted only because this very text went to them: the same command given again finds its
/// own messages, and finishes them.
async fn done_before(
    (db, org): (&Db, OrgId),
    check: &Check,
    options: &SendOptions,
) -> Result<Vec<usize>, DbError> {
    let vault = db.vault(org).await?;
    let simulated = options.carrier.simulate;
    let contacted = check.rows().enumerate().filter_map(|(at, row)| {
        let asked = row.contacted.then(|| row.addressed()).flatten()?;
        Some((at, Fingerprint::of(&vault, simulated, asked.phone, asked.text)))
    });
    let (places, fingerprints): (Vec<usize>, Vec<Fingerprint>) = contacted.unzip();
    let known = recognised(db, org, &fingerprints).await?;
    let done = places.into_iter().zip(known);
    Ok(done.filter_map(|(at, known)| known.map(|_| at)).collect())
}

async fn known(
    (db, org): (&Db, OrgId),
    check: &Check,
    options: &SendOptions,
) -> Result<HashMap<usize, RowBackground>, DbError> {
    let vault = db.vault(org).await?;
    let columns = PersonColumns::of(check.sheet(), check.brief().to);
    let parsed: Vec<ParsedRow<'_>> = check.sheet().rows().collect();
    let mut known = HashMap::new();
    for (number, chunk) in parsed.chunks(CHUNK).enumerate() {
        let keys: Vec<PersonKeys> = chunk.iter().map(|row| columns.keys(&vault, *row)).collect();
        let wrong = known_wrong(db, org, &keys).await?;
        let facts = match options.purpose {
            Some(purpose) => {
                let asked = Asked {
                    office: OfficeId::HEADQUARTERS,
                    list: None,
                    days: purpose.repeat_days(),
                };
                facts(db, org, &asked, &keys).await?
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
