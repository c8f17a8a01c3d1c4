//! Whom staff telephone about an application: an entry of the call list, made in the write that asks for it.

use base::clock::Millis;
use base::id::{CallId, OrgId, StaffId};
use base::phone::PhoneNumber;
use db::{DbError, OrgVault, Tx};
use lists::calls::{CallReason, CallSource, NewCall, add};

use crate::application::Application;

/// A call about to be asked for.
pub(crate) struct Call<'a> {
    pub(crate) about: &'a Application,
    pub(crate) reason: CallReason,
    pub(crate) priority: u32,
    pub(crate) why: &'a str,
    pub(crate) by: Option<StaffId>,
}

/// Asks for it. The write asks once, because it moves the application on.
pub(crate) async fn call(
    tx: &mut Tx,
    org: OrgId,
    vault: &OrgVault,
    asked: &Call<'_>,
    now: Millis,
) -> Result<CallId, DbError> {
    let applicant = &asked.about.content.applicant;
    let name = applicant.name.clone().filter(|name| !name.trim().is_empty());
    let new = NewCall {
        office: asked.about.office,
        person: name.unwrap_or_else(|| asked.about.reference.to_string()),
        number: applicant.phone.map(PhoneNumber::national),
        reason: asked.reason,
        note: Some(format!("申請の受付番号 {}。{}", asked.about.reference, asked.why)),
        source: CallSource::ByHand,
        priority: asked.priority,
        by: asked.by,
    };
    Ok(add(tx, org, vault, &new, now).await?.call)
}
