//! Decisions about lists: kept one after the other, never changed.

use base::id::{ListId, OrgId, StaffId};
use db::{Db, DbError, params};

use super::sealed;
use crate::choice::{Choice, KeptChoice};

db::statements! {
    // A withdrawn list is decided no more.
    ADD_CHOICE = "
        INSERT INTO list_choices (org_id, list_id, choice_no, choice_sealed, chosen_by, chosen_at)
        SELECT $1, $2, 1 + (SELECT COUNT(*) FROM list_choices c WHERE c.org_id = $1 AND c.list_id = $2), $3, $4, $5
        FROM line_lists l WHERE l.org_id = $1 AND l.list_id = $2 AND l.withdrawn_at IS NULL";
    CHOICES = "
        SELECT choice_sealed, chosen_by, chosen_at FROM list_choices
        WHERE org_id = $1 AND list_id = $2 ORDER BY choice_no";
}

/// Keeps a decision. `false` if there is no such list or it is withdrawn.
pub async fn choose(
    db: &Db,
    org: OrgId,
    list: ListId,
    choice: &Choice,
    by: StaffId,
) -> Result<bool, DbError> {
    let sealed = sealed::choice(&*db.vault(org).await?, list, choice);
    let now = db.now();
    db.write(move |tx| {
        let params = params![org, list, sealed.as_str(), by, now];
        Box::pin(async move { Ok(tx.execute(ADD_CHOICE, params).await? == 1) })
    })
    .await
}

/// All decisions about a list, oldest first.
pub async fn choices(db: &Db, org: OrgId, list: ListId) -> Result<Vec<KeptChoice>, DbError> {
    let vault = db.vault(org).await?;
    let rows = db.query(CHOICES, params![org, list]).await?;
    rows.iter()
        .map(|row| {
            Ok(KeptChoice {
                choice: sealed::open_choice(&vault, list, &row.get::<String>(0)?)?,
                by: row.get(1)?,
                at: row.get(2)?,
            })
        })
        .collect()
}
