//! Statements of what an office says that columns of its case lists hold, where nobody knows the heading. A heading may
//! be what somebody typed into the first row by mistake: it is kept as a keyed hash.

use std::collections::HashMap;
use std::sync::Arc;

use base::id::{OfficeId, OrgId, StaffId};
use base::merge::heading_key;
use db::{Db, DbError, OrgVault, params};

use super::json;
use crate::intake::ColumnChoice;

db::statements! {
    CHOICES = "
        SELECT c.heading_index, c.read_as FROM {each $3} CROSS JOIN case_columns c
        WHERE c.org_id = $1 AND c.office_id = $2 AND c.heading_index = each.value ->> 0";
    CHOOSE = "
        INSERT INTO case_columns (org_id, office_id, heading_index, read_as, chosen_by, chosen_at)
        VALUES ($1, $2, $3, $4, $5, $6)
        ON CONFLICT (org_id, office_id, heading_index) DO UPDATE SET
            read_as = excluded.read_as, chosen_by = excluded.chosen_by, chosen_at = excluded.chosen_at";
    FORGET = "DELETE FROM case_columns WHERE org_id = $1 AND office_id = $2 AND heading_index = $3";
}

/// What the office has said of these headings, by their letters as [`heading_key`] has them.
pub async fn choices(
    db: &Db,
    org: OrgId,
    office: OfficeId,
    headings: &[&str],
) -> Result<HashMap<String, ColumnChoice>, DbError> {
    let vault = db.vault(org).await?;
    let mut asked: HashMap<String, String> = HashMap::new();
    for heading in headings {
        asked.insert(index_of(&vault, heading), heading_key(heading));
    }
    if asked.is_empty() {
        return Ok(HashMap::new());
    }
    let wanted: Vec<[&String; 1]> = asked.keys().map(|index| [index]).collect();
    let mut found = HashMap::new();
    for row in db.query(CHOICES, params![org, office, json(&wanted)]).await? {
        let heading = asked.get(&row.get::<String>(0)?);
        // A word of a later version is nothing said.
        let choice = ColumnChoice::from_word(&row.get::<String>(1)?);
        found.extend(heading.cloned().zip(choice));
    }
    Ok(found)
}

/// Says what these columns hold from now on; `None` takes back what was said.
pub async fn choose(
    db: &Db,
    org: OrgId,
    (office, by): (OfficeId, StaffId),
    said: &[(String, Option<ColumnChoice>)],
) -> Result<(), DbError> {
    let (vault, now) = (db.vault(org).await?, db.now());
    let said = said.iter();
    let said: Vec<(String, Option<ColumnChoice>)> = said
        .map(|(heading, choice)| (index_of(&vault, heading), *choice))
        .collect();
    let said = Arc::new(said);
    db.write(move |tx| {
        let said = Arc::clone(&said);
        Box::pin(async move {
            for (index, choice) in said.iter() {
                let index = index.as_str();
                match choice {
                    Some(choice) => {
                        let row = params![org, office, index, choice.word(), by, now];
                        tx.execute(CHOOSE, row).await?
                    }
                    None => tx.execute(FORGET, params![org, office, index]).await?,
                };
            }
            Ok(())
        })
    })
    .await
}

fn index_of(vault: &OrgVault, heading: &str) -> String {
    vault.index("case_columns.heading", &[heading_key(heading).as_bytes()])
}
