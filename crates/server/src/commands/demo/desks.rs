//! The desks that ship, in force from the first of the year, with their texts: what a resident finds open.

use base::date::CalendarDate;
use base::id::{OfficeId, OrgId, StaffId};
use db::Db;
use desk::document::shipped;
use desk::{store, texts};

use super::Failure;

/// Takes all of them over as the product's own, approved. `by` stands in their texts as who wrote them.
pub(super) async fn desks(db: &Db, by: StaffId) -> Result<(), Failure> {
    let org = OrgId::FIRST;
    let from = CalendarDate::new(2026, 1, 1).expect("a day");
    for one in shipped() {
        let office = OfficeId::HEADQUARTERS;
        let Some(id) = store::install(db, org, office, from, &one.document).await? else {
            continue;
        };
        if let Some(row) = store::desk(db, org, id).await? {
            texts::publish(db, org, (&row, &one.document), by, None).await?;
        }
    }
    Ok(())
}
