//! Numbered migrations, one text for both databases, forward only.

use sha2::{Digest, Sha256};

use crate::dialect::Dialect;
use crate::tx::{Tx, Writer};
use crate::{DbError, Sql, params};

/// Version and text, in order. A migration that was released is never edited.
const MIGRATIONS: &[(i64, &str)] = &[
    (1, include_str!("../migrations/0001_foundation.sql")),
    (2, include_str!("../migrations/0002_contacts.sql")),
    (3, include_str!("../migrations/0003_layouts.sql")),
    (4, include_str!("../migrations/0004_templates.sql")),
    (5, include_str!("../migrations/0005_links.sql")),
    (6, include_str!("../migrations/0006_desk.sql")),
    (7, include_str!("../migrations/0007_list_files.sql")),
    (8, include_str!("../migrations/0008_import.sql")),
    (9, include_str!("../migrations/0009_roles_audit.sql")),
    (10, include_str!("../migrations/0010_factors.sql")),
    (11, include_str!("../migrations/0011_network.sql")),
    (12, include_str!("../migrations/0012_people.sql")),
    (13, include_str!("../migrations/0013_release.sql")),
    (14, include_str!("../migrations/0014_limits_senders.sql")),
    (15, include_str!("../migrations/0015_audit_chain.sql")),
    (16, include_str!("../migrations/0016_retention.sql")),
    (17, include_str!("../migrations/0017_incidents.sql")),
    (19, include_str!("../migrations/0019_moved_reservations.sql")),
    (20, include_str!("../migrations/0020_cases.sql")),
    (21, include_str!("../migrations/0021_programmes.sql")),
    (22, include_str!("../migrations/0022_forms.sql")),
    (23, include_str!("../migrations/0023_call_leases.sql")),
    (24, include_str!("../migrations/0024_reach.sql")),
    (25, include_str!("../migrations/0025_pins_words.sql")),
    (27, include_str!("../migrations/0027_observation.sql")),
    (28, include_str!("../migrations/0028_replies.sql")),
    (29, include_str!("../migrations/0029_case_record.sql")),
    (30, include_str!("../migrations/0030_figures.sql")),
    (31, include_str!("../migrations/0031_desks.sql")),
    (32, include_str!("../migrations/0032_photos.sql")),
    (33, include_str!("../migrations/0033_applicants.sql")),
    (34, include_str!("../migrations/0034_review.sql")),
    (35, include_str!("../migrations/0035_desk_clock.sql")),
    (36, include_str!("../migrations/0036_proof.sql")),
    (37, include_str!("../migrations/0037_first_touch.sql")),
    (38, include_str!("../migrations/0038_template_follows.sql")),
    (39, include_str!("../migrations/0039_desk_links.sql")),
    (40, include_str!("../migrations/0040_code_limits.sql")),
    (41, include_str!("../migrations/0041_delivery_requests.sql")),
    (42, include_str!("../migrations/0042_programme_diseases.sql")),
    (43, include_str!("../migrations/0043_office_areas.sql")),
    (44, include_str!("../migrations/0044_desk_link_use.sql")),
    (45, include_str!("../migrations/0045_programme_owner.sql")),
    (46, include_str!("../migrations/0046_case_columns.sql")),
    (47, include_str!("../migrations/0047_busy_tables.sql")),
    (48, include_str!("../migrations/0048_urgent_first.sql")),
    (49, include_str!("../migrations/0049_recalled.sql")),
];

const CREATE_TABLE: &str = "CREATE TABLE IF NOT EXISTS schema_version (
    version {bigint} PRIMARY KEY, checksum TEXT NOT NULL, applied_at {bigint} NOT NULL) {strict}";
const APPLIED: Sql = Sql("SELECT version, checksum FROM schema_version ORDER BY version");
const RECORD: Sql = Sql("INSERT INTO schema_version (version, checksum, applied_at) VALUES ($1, $2, $3)");

/// Whether the database was empty before.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Found {
    New,
    Existing,
}

/// Brings the schema to this binary's version inside the caller's transaction.
pub(crate) async fn migrate(tx: &mut Tx, now: i64) -> Result<Found, DbError> {
    let dialect = match &tx.writer {
        Writer::Sqlite(_) => Dialect::Sqlite,
        Writer::Postgres(_) => Dialect::Postgres,
    };
    batch(tx, &dialect.render(CREATE_TABLE)).await?;
    let mut applied = Vec::new();
    for row in tx.query(APPLIED, params![]).await? {
        applied.push((row.get::<i64>(0)?, row.get::<String>(1)?));
    }
    let known = MIGRATIONS.last().map_or(0, |(version, _)| *version);
    if let Some((found, _)) = applied.last().filter(|(found, _)| *found > known) {
        return Err(DbError::NewerSchema { found: *found, known });
    }
    for (version, text) in MIGRATIONS {
        match applied.iter().find(|(found, _)| found == version) {
            Some((_, sum)) if *sum == checksum(text) => {}
            Some(_) => return Err(DbError::ChangedMigration(*version)),
            None => {
                batch(tx, &dialect.render(text)).await?;
                tx.execute(RECORD, params![*version, checksum(text), now]).await?;
            }
        }
    }
    Ok(if applied.is_empty() {
        Found::New
    } else {
        Found::Existing
    })
}

fn checksum(text: &str) -> String {
    crate::key::hex(&Sha256::digest(text.as_bytes()))
}

pub(crate) async fn batch(tx: &mut Tx, sql: &str) -> Result<(), DbError> {
    match &mut tx.writer {
        Writer::Sqlite(writer) => writer.batch(sql),
        Writer::Postgres(writer) => writer.batch(sql).await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_migration_stands_once_and_in_order() {
        let versions: Vec<i64> = MIGRATIONS.iter().map(|(version, _)| *version).collect();
        assert!(versions.is_sorted_by(|one, next| one < next), "{versions:?}");
    }
}
