//! How the installation does, for its administrators: the queue, the carriers, the key, failed sign-ins, the trail.

use accounts::{Permission, SignedIn};
use base::clock::{DAY, Millis};
use web::PageError;
use web::number::grouped;

use super::{Desk, failed};
use crate::store::{self, KnownCarrier, Queued};

/// What the panel shows.
pub(super) struct System {
    pub(super) queued: Queued,
    /// Since when the longest waiting broadcast could have sent.
    pub(super) oldest: Option<Millis>,
    pub(super) is_somebody_there: bool,
    pub(super) has_carrier: bool,
    pub(super) carriers: Vec<KnownCarrier>,
    pub(super) key_days: i64,
    pub(super) failed_sign_ins: u32,
    pub(super) waiting_sign_ins: u32,
    pub(super) newest_entry: Option<Millis>,
}

impl System {
    /// Nothing for whoever does not run the organisation's installation.
    pub(super) async fn load(desk: &Desk, session: &SignedIn) -> Result<Option<Self>, PageError> {
        let (staff, now) = (&session.staff, desk.db.now());
        if !staff.may(Permission::ManageOrganisation) {
            return Ok(None);
        }
        let org = staff.org;
        let oldest = store::longest_waiting(&desk.db, org, None, now)
            .await
            .map_err(failed)?;
        let sign_ins = desk.accounts.failed_sign_ins().await.map_err(failed)?;
        let key_made_at = desk.accounts.key_made_at(org).await.map_err(failed)?;
        Ok(Some(Self {
            queued: store::queued(&desk.db, org).await.map_err(failed)?,
            oldest: oldest.map(|oldest| oldest.since),
            is_somebody_there: store::is_somebody_there(&desk.db, now).await.map_err(failed)?,
            has_carrier: desk.sending.has_carrier,
            carriers: store::known_carriers(&desk.db, org).await.map_err(failed)?,
            key_days: (now - key_made_at) / DAY,
            failed_sign_ins: sign_ins.subjects,
            waiting_sign_ins: sign_ins.waiting,
            newest_entry: desk.accounts.newest_audit_entry(org).await.map_err(failed)?,
        }))
    }

    /// `1,204通`, with what lies beyond the count.
    pub(super) fn parts(&self, count: u32) -> String {
        let more = if self.queued.is_more { "以上" } else { "" };
        format!("{}通{more}", grouped(u64::from(count)))
    }

    /// Whether messages can leave, in words.
    pub(super) fn sending(&self) -> &'static str {
        match (self.has_carrier, self.is_somebody_there) {
            (false, _) => "接続先が設定されていません",
            (true, true) => "動いています",
            (true, false) => "動いていません。サーバーの記録を確かめてください",
        }
    }
}
