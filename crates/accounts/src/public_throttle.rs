//! How often somebody who does not sign in may try something on the page for residents: a bucket of the source
//! address, beside those of signing in ([`crate::throttle`]) and counted like them.

use db::DbError;

use crate::throttle::{SourceAddress, Subject};
use crate::{Accounts, store};

/// What buckets of this kind begin with, so that nobody takes them for failed sign-ins.
pub(crate) const PREFIX: &str = "public:";

impl Accounts {
    /// Counts an attempt from this address; `false` if there were too many of late. What it is about is a fixed word.
    pub async fn admit_stranger(&self, what: &'static str, source: SourceAddress) -> Result<bool, DbError> {
        let key = self
            .db
            .installation_index(&format!("{what} {}", source.network()));
        let now = self.db.now();
        self.db
            .write(move |tx| {
                let subject = Subject::Source(format!("{PREFIX}{key}"));
                Box::pin(async move {
                    let bucket = store::hold_bucket(tx, &subject, now).await?;
                    if bucket.closed(now).is_some() {
                        return Ok(false);
                    }
                    store::set_bucket(tx, &subject, bucket.after_failure(&subject, now)).await?;
                    Ok(true)
                })
            })
            .await
    }
}
