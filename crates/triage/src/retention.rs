//! What of forms is erased when: answers and links (`desk` keeps them), what staff noted of them, and what care found
//! out about people whose case is over.

use messaging::retention::{Counted, FormRecords, HeldMessages};

use base::clock::Millis;
use base::id::OrgId;
use db::Db;

use crate::store::{care, questions};

/// For whoever erases what is due.
pub const FORMS: FormRecords = FormRecords { due, erase };

fn due(db: Db, org: OrgId, before: Millis, held: HeldMessages) -> Counted {
    Box::pin(async move { desk::store::due_before(&db, org, before, &held).await })
}

fn erase(db: Db, org: OrgId, before: Millis, held: HeldMessages) -> Counted {
    Box::pin(async move {
        let erased = desk::store::erase_before(&db, org, before, &held).await?;
        questions::erase_notes(&db, org, before).await?;
        care::erase_courses(&db, org, before).await?;
        Ok(erased)
    })
}
