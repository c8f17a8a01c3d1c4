//! Proofs of work that were used: each counts once.

use base::clock::Millis;
use db::{Db, DbError, Tx, params};

db::statements! {
    SPEND = "INSERT INTO spent_proofs (proof, until) VALUES ($1, $2) ON CONFLICT (proof) DO NOTHING";
    FORGET = "DELETE FROM spent_proofs WHERE until < $1";
}

/// Uses a proof; `false` if it was used before.
pub(crate) async fn spend_proof(db: &Db, proof: &str, until: Millis) -> Result<bool, DbError> {
    let proof = db.installation_index(&format!("spent proof {proof}"));
    db.write_ahead(move |tx| {
        let proof = proof.clone();
        Box::pin(async move { Ok(tx.execute(SPEND, params![proof, until]).await? == 1) })
    })
    .await
}

pub(super) async fn forget_old(tx: &mut Tx, now: Millis) -> Result<(), DbError> {
    tx.execute(FORGET, params![now]).await.map(drop)
}
