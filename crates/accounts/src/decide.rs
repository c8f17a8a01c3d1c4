//! Writes that may be refused by what they find, and what the audit trail then says of them.

use std::sync::Arc;

use base::id::OrgId;
use db::{DbError, Tx, Work};

use crate::Accounts;
use crate::audit::{self, Entry, Note};

impl Accounts {
    /// One write that ends in something or in a refusal. A refusal changes nothing, and the entry of the request
    /// that it belongs to says so.
    pub(crate) async fn decide<T, E, W>(&self, work: W) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
        W: for<'t> Fn(&'t mut Tx) -> Work<'t, Result<T, E>> + Send + Sync + 'static,
    {
        let note = audit::present_note();
        let write = self.db.write(move |tx| {
            let (decided, note) = (work(tx), note.clone());
            Box::pin(async move {
                let outcome = decided.await?;
                if let Some(note) = note {
                    note.refuse(outcome.is_err());
                }
                Ok(outcome)
            })
        });
        write.await?
    }

    /// Does `work` for somebody at the command line: its first write carries `entry` along.
    pub async fn by_command<T>(
        &self,
        org: OrgId,
        entry: Entry,
        work: impl Future<Output = T>,
    ) -> Result<T, DbError> {
        let note = Arc::new(Note::default());
        let companion = audit::companion(&self.db, org, entry, &note).await?;
        Ok(companion.around(note.around(work)).await)
    }
}
