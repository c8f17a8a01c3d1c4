//! What of forms and applications is erased when: `desk` keeps them, and what staff noted of answers stands here.

use messaging::retention::{Counted, FormRecords, HeldRecords};

use base::clock::Millis;
use base::id::OrgId;
use db::Db;
use desk::store as desks;

use crate::store::questions;

/// For whoever erases what is due.
pub const FORMS: FormRecords = FormRecords {
    due,
    erase,
    due_photos: |db, org, before, held| {
        Box::pin(async move { desks::due_photos(&db, org, before, &held).await })
    },
    erase_photos: |db, org, before, held| {
        Box::pin(async move { desks::erase_photos(&db, org, before, &held).await })
    },
    due_applications: |db, org, before, held| {
        Box::pin(async move { desks::due_applications(&db, org, before, &held).await })
    },
    erase_applications: |db, org, before, held| {
        Box::pin(async move { desks::erase_applications(&db, org, before, &held).await })
    },
    has_application: |db, org, id| {
        Box::pin(async move { Ok(desks::applications(&db, org, &[id]).await?.len() as u64) })
    },
};

fn due(db: Db, org: OrgId, before: Millis, held: HeldRecords) -> Counted {
    Box::pin(async move { desks::due_before(&db, org, before, &held.messages).await })
}

fn erase(db: Db, org: OrgId, before: Millis, held: HeldRecords) -> Counted {
    Box::pin(async move {
        let erased = desks::erase_before(&db, org, before, &held.messages).await?;
        questions::erase_notes(&db, org, before).await?;
        Ok(erased)
    })
}
