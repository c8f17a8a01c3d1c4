//! Which people a list is about, remembered for the lists that come after it.

use std::sync::Arc;

use base::{
    clock::Millis,
    id::{ListId, OrgId},
};
use db::{Db, DbError, OrgVault};

use super::{
    Role,
    contacts::{self, RowKeys},
    load_list, off_the_path,
};
use crate::{
    contacts::{Key, PersonKeys},
    layout::Mapping,
    person::PersonColumns,
    sheet::Sheet,
};

/// By what the people of a list are known again, `to` being the heading of the column of numbers. Nothing where
/// there is no such column.
pub fn row_keys(vault: &OrgVault, sheet: &Sheet, to: &str) -> Vec<PersonKeys> {
    let columns = Mapping::new(to).apply(sheet, &[]);
    columns.map_or_else(
        |_| Vec::new(),
        |columns| PersonColumns::of(sheet, columns.to).all(vault, sheet),
    )
}

/// Remembers these people of a list, which [`row_keys`] found in it; those of a long list in several commits, so that
/// other writes come in between. Twice does no harm.
pub async fn remember(
    db: &Db,
    org: OrgId,
    list: ListId,
    uploaded_at: Millis,
    keys: Vec<PersonKeys>,
) -> Result<(), DbError> {
    if keys.is_empty() {
        return Ok(());
    }
    let keys = off_the_path(move || Arc::new(RowKeys::of(&keys))).await?;
    for part in keys.parts() {
        let part: Arc<[Key]> = part.into();
        db.write(move |tx| {
            let part = Arc::clone(&part);
            Box::pin(async move { contacts::remember_keys(tx, org, list, uploaded_at, &part).await })
        })
        .await?;
    }
    db.write(move |tx| {
        let keys = Arc::clone(&keys);
        Box::pin(async move { contacts::remember_count(tx, org, list, &keys).await })
    })
    .await
}

/// The same for a list that is kept: nothing for a reference, and nothing while its column of numbers is not
/// chosen.
pub async fn remember_list(db: &Db, org: OrgId, list: ListId) -> Result<(), DbError> {
    let vault = db.vault(org).await?;
    let Some(kept) = load_list(db, org, list).await? else {
        return Ok(());
    };
    let to = kept.head.settings.to.filter(|_| kept.head.role == Role::List);
    let Some(to) = to else { return Ok(()) };
    let keys = off_the_path(move || row_keys(&vault, &kept.sheet, &to)).await?;
    remember(db, org, list, kept.head.uploaded_at, keys).await
}
