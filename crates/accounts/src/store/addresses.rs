//! From where an organisation's staff may come.

use base::address_range::AddressRange;
use base::id::OrgId;
use db::{Db, DbError, Tx, params};

db::statements! {
    RANGES = "SELECT address_range FROM org_address_ranges WHERE org_id = $1 ORDER BY address_range";
    CLEAR = "DELETE FROM org_address_ranges WHERE org_id = $1";
    ADD = "INSERT INTO org_address_ranges (org_id, address_range) VALUES ($1, $2)";
}

pub(crate) async fn ranges(db: &Db, org: OrgId) -> Result<Vec<AddressRange>, DbError> {
    let rows = db.query(RANGES, params![org]).await?;
    let range = |row: &db::Row| {
        let text: String = row.get(0)?;
        text.parse()
            .map_err(|_| DbError::Statement("org_address_ranges holds something else".to_owned()))
    };
    rows.iter().map(range).collect()
}

/// Replaces all of them.
pub(crate) async fn set_ranges(tx: &mut Tx, org: OrgId, ranges: &[AddressRange]) -> Result<(), DbError> {
    tx.execute(CLEAR, params![org]).await?;
    for range in ranges {
        tx.execute(ADD, params![org, range.to_string()]).await?;
    }
    Ok(())
}
