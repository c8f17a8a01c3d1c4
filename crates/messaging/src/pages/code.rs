//! A code for a number, asked for at a page: one message, at once, in the lane of what people wait for.

use std::sync::Arc;

use base::id::{OfficeId, OrgId};
use base::phone::PhoneNumber;
use db::DbError;
use lists::contacts::Purpose;

use super::Desk;
use crate::broadcast::{Horizon, Lane, NewBroadcast, Origin, Outgoing, Resend};
use crate::recognition::ResendScope;
use crate::release::NewRelease;
use crate::store;

/// What a desk that asks for numbers sends is a part of telling results: where those may go out, codes may.
const PURPOSE: Purpose = Purpose::TestResult;

/// Why no code can be sent at the moment.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NoCode {
    /// Everything of the organisation stands still: a code that waits would be of no use.
    Stopped,
    /// Nobody takes messages.
    NoCarrier,
}

impl Desk {
    /// The message, for [`crate::broadcast::start_within`]. A number that is known to be wrong, or that wants no more
    /// messages, is left out by that.
    pub async fn code(
        &self,
        org: OrgId,
        office: OfficeId,
        (to, text): (PhoneNumber, String),
    ) -> Result<Result<NewBroadcast, NoCode>, DbError> {
        let standing = store::standing(&self.db, org).await?;
        if standing.stopped.is_some() {
            return Ok(Err(NoCode::Stopped));
        }
        let simulated = self.sending.simulated || standing.is_training(PURPOSE);
        if !simulated && !self.sending.has_carrier {
            return Ok(Err(NoCode::NoCarrier));
        }
        let senders = store::senders(&self.db, org).await?;
        let day = base::clock::japan_midnight(self.db.now());
        let own = senders.of(office, PURPOSE, day);
        let sender = own.map_or_else(|| self.sending.sender.clone(), |one| one.number.clone());
        Ok(Ok(NewBroadcast {
            org,
            office,
            list: None,
            template: None,
            file_name: "確認コード".to_owned(),
            origin: Origin::Code,
            stage: standing.stage(PURPOSE),
            simulated,
            purpose: PURPOSE,
            lane: Lane::Urgent,
            sender,
            segmentation: self.sending.segmentation,
            hold: 0,
            created_by: None,
            // The same six digits may come again.
            resend: Some(Resend {
                scope: ResendScope::All,
                reason: "確認コード".to_owned(),
            }),
            judged: Horizon::BEGINNING.without_history(),
            replaces: None,
            release: NewRelease::default(),
            rows: Arc::new(vec![Outgoing::to_number(1, to, text)]),
        }))
    }
}
