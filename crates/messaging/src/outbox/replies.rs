//! Messages from phones, on their way from a carrier link into the inbox.

use std::sync::Arc;

use accounts::sealer::organisations;
use base::id::AccountId;
use base::killpoint;

use super::{Outbox, OutboxError};
use crate::reply::{Incoming, confirm};
use crate::store::replies::{Home, Taking};

impl Outbox {
    /// Keeps messages from phones, in order, and does what their words say. Ready when it is durable: only then may the
    /// carrier be told that they arrived. What comes again word for word is kept once.
    pub fn replies(
        &self,
        account: AccountId,
        incoming: Vec<Incoming>,
    ) -> impl Future<Output = Result<(), OutboxError>> + Send + use<> {
        let shared = Arc::clone(&self.shared);
        async move {
            let (db, simulated) = (&shared.db, shared.simulated);
            let mut homes = Vec::new();
            for org in organisations(db).await? {
                let vault = db.vault(org).await?;
                homes.push(Home { org, vault });
            }
            let (work, now) = (Arc::new((homes, incoming)), db.now());
            let confirmations = db
                .write(move |tx| {
                    let work = Arc::clone(&work);
                    Box::pin(async move {
                        let mut taking = Taking {
                            tx,
                            homes: &work.0,
                            account,
                            simulated,
                            now,
                        };
                        let mut confirmations = Vec::new();
                        for one in &work.1 {
                            confirmations.extend(taking.take(one).await?);
                        }
                        Ok(confirmations)
                    })
                })
                .await?;
            killpoint::reached("replies.committed");
            for one in confirmations {
                // What the person wrote is kept: the carrier must not deliver it again because of this.
                if let Err(error) = confirm(db, one, simulated).await {
                    tracing::warn!(%error, "a reply was not confirmed");
                }
            }
            Ok(())
        }
    }
}
