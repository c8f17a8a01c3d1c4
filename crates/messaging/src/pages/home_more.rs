//! What other slices want the home page to warn of. This one knows nothing of them: the server puts their source beside
//! the pages.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use accounts::Staff;
use db::Db;
use web::PageError;

use super::home_alarms::AlarmLine;

/// A warning.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct HomeAlarm {
    /// What it is.
    pub title: String,
    /// What to do.
    pub text: String,
    /// Where that is done.
    pub href: String,
    /// What the link says.
    pub label: &'static str,
}

type Found = Pin<Box<dyn Future<Output = Result<Vec<HomeAlarm>, PageError>> + Send>>;

/// Where warnings come from, as a layer around the pages.
#[derive(Clone)]
pub struct HomeAlarms(Arc<dyn Fn(Db, Staff) -> Found + Send + Sync>);

impl HomeAlarms {
    /// Asked for each look at the home page of today.
    pub fn new(ask: impl Fn(Db, Staff) -> Found + Send + Sync + 'static) -> Self {
        Self(Arc::new(ask))
    }

    /// The warnings of both, these first.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self::new(move |db, staff| {
            let (first, second) = ((self.0)(db.clone(), staff.clone()), (other.0)(db, staff));
            Box::pin(async move {
                let mut all = first.await?;
                all.extend(second.await?);
                Ok(all)
            })
        })
    }

    pub(super) async fn lines(&self, db: &Db, staff: &Staff) -> Result<Vec<AlarmLine>, PageError> {
        let found = (self.0)(db.clone(), staff.clone()).await?;
        let line = |one: HomeAlarm| AlarmLine {
            title: one.title,
            text: one.text,
            link: Some((one.href, one.label)),
            raised: None,
        };
        Ok(found.into_iter().map(line).collect())
    }
}
