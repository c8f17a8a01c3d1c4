//! What of forms is erased when: answers and links (`desk` keeps them), and what staff noted of them.

use messaging::retention::{Counted, FormRecords, HeldMessages};

use base::clock::Millis;
use base::id::OrgId;
use db::Db;

use crate::store::questions;

/// For whoever erases what is due.
pub const FORMS: FormRecords = FormRecords {
    due,
    erase,
    due_photos: |db, org, before| Box::pin(async move { desk::store::due_photos(&db, org, before).await }),
    erase_photos: |db, org, before| {
        Box::pin(async move { desk::store::erase_photos(&db, org, before).await })
    },
};

fn due(db: Db, org: OrgId, before: Millis, held: HeldMessages) -> Counted {
    Box::pin(async move { desk::store::due_before(&db, org, before, &held).await })
}

fn erase(db: Db, org: OrgId, before: Millis, held: HeldMessages) -> Counted {
    Box::pin(async move {
        let erased = desk::store::erase_before(&db, org, before, &held).await?;
        questions::erase_notes(&db, org, before).await?;
        Ok(erased)
    })
}
