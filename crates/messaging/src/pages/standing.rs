//! What pages ask before they offer to send: training or live, from which number, at what price.

use base::clock::japan_midnight;
use base::id::{OfficeId, OrgId};
use lists::contacts::Purpose;
use web::PageError;

use super::{Desk, failed};
use crate::allowance::OverLimit;
use crate::broadcast::Refusal;
use crate::sender::Senders;
use crate::stage::Standing;
use crate::store;

/// What phones show as sender.
pub(super) struct ShownSenders {
    /// What is handed to the carrier.
    pub(super) sender: String,
    /// Carriers whose phones show something else.
    pub(super) others: Vec<(&'static str, String)>,
}

impl Desk {
    /// What the organisation may send at the moment.
    pub(super) async fn standing(&self, org: OrgId) -> Result<Standing, PageError> {
        store::standing(&self.db, org).await.map_err(failed)
    }

    /// The sender of what an office sends for a purpose: the organisation's own number for it, otherwise that of the
    /// installation.
    pub(super) async fn sender(
        &self,
        org: OrgId,
        office: OfficeId,
        purpose: Option<Purpose>,
    ) -> Result<String, PageError> {
        let Some(purpose) = purpose else {
            return Ok(self.sending.sender.clone());
        };
        Ok(self.shown_senders(org, office, purpose).await?.sender)
    }

    /// The same with what the phones of each carrier show.
    pub(super) async fn shown_senders(
        &self,
        org: OrgId,
        office: OfficeId,
        purpose: Purpose,
    ) -> Result<ShownSenders, PageError> {
        let senders: Senders = store::senders(&self.db, org).await.map_err(failed)?;
        let day = japan_midnight(self.db.now());
        let own = senders.of(office, purpose, day);
        let others = senders.by_carrier(office, purpose, day).into_iter();
        Ok(ShownSenders {
            sender: own.map_or_else(|| self.sending.sender.clone(), |one| one.number.clone()),
            others: others
                .map(|(carrier, one)| (carrier.label(), one.number.clone()))
                .collect(),
        })
    }

    /// The dearest price of a part today, in hundredths of a yen: of the organisation's tariffs, otherwise that of the
    /// installation.
    pub(super) async fn price(&self, org: OrgId) -> Result<Option<u32>, PageError> {
        let tariffs = store::tariffs(&self.db, org).await.map_err(failed)?;
        let dearest = tariffs.dearest(japan_midnight(self.db.now()));
        Ok(dearest.or(self.sending.tariff.price))
    }
}

/// The page for what was to go on on a day that has no room for it. Nothing has changed.
pub(super) fn no_room(over: &OverLimit) -> PageError {
    PageError::conflict(
        format!("{over}配信は止まったままで、何も失われていません。"),
        "日が変わってからもう一度試すか、組織の管理者に上限の変更を頼んでください。",
    )
}

/// The page for what was refused.
pub(super) fn refused(refusal: &Refusal) -> PageError {
    PageError::conflict(refusal.to_string(), refusal.advice())
}
