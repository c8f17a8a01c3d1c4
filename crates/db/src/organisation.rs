//! Another organisation on the same installation: its row, its own key, its head office.

use base::clock::Millis;
use base::id::{OfficeId, OrgId};

use crate::open::{FIRST_OFFICE, HEAD_OFFICE};
use crate::{Db, DbError, Sql, Tx, params};

/// Wrapped by the same installation key as the first one's.
const ADD: Sql = Sql("INSERT INTO orgs (org_id, name, key_id, wrapped_key, created_at)
    SELECT CAST($1 AS {bigint}), $2, key_id, $3, CAST($4 AS {bigint}) FROM orgs WHERE org_id = $5");

impl Db {
    /// Makes an organisation with a key of its own and its head office, inside of a write. Until its commit nobody
    /// else, on any node, makes one.
    pub async fn add_organisation(&self, tx: &mut Tx, name: &str, now: Millis) -> Result<OrgId, DbError> {
        let number = tx.take_numbers("orgs", 1).await?;
        let org = OrgId::new(OrgId::FIRST.get() + number);
        let wrapped = self.inner.vault.new_wrapped_key(org)?;
        tx.execute(ADD, params![org, name, wrapped, now, OrgId::FIRST])
            .await?;
        tx.execute(
            FIRST_OFFICE,
            params![org, OfficeId::HEADQUARTERS, HEAD_OFFICE, now],
        )
        .await?;
        Ok(org)
    }
}
