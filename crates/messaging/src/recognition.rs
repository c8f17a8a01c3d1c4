//! A row is recognised by what it would do: the same text to the same number, in the same organisation.
//!
//! Whatever the file, its name, order, format or carrier, a row that was done within 30 days is shown with
//! the state that it has and is not sent again. Simulated sends are recognised among themselves only, so
//! that a rehearsal never stops the real thing.

use base::clock::{DAY, Millis};
use base::id::{BroadcastId, MessageId, OrgId};
use base::phone::PhoneNumber;
use db::{Db, DbError, OrgVault};

use crate::message::MessageState;
use crate::stage::BroadcastStage;

/// How long a row stays recognised.
pub const RECOGNISED_FOR: Millis = 30 * DAY;

/// HMAC of organisation, number and merged text, in base64: reveals none of them.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct Fingerprint(String);

impl Fingerprint {
    /// What sending `text` to `to` would do. The organisation is in the vault's key.
    pub fn of(vault: &OrgVault, simulated: bool, to: PhoneNumber, text: &str) -> Self {
        let kind: &[u8] = if simulated { b"simulated" } else { b"live" };
        Self(vault.index("message", &[kind, to.e164().as_bytes(), text.as_bytes()]))
    }

    /// The same for a broadcast of this stage: what was tried out on one's own phone is not what is sent to people.
    pub fn of_stage(
        vault: &OrgVault,
        stage: BroadcastStage,
        simulated: bool,
        to: PhoneNumber,
        text: &str,
    ) -> Self {
        if stage != BroadcastStage::Test {
            return Self::of(vault, simulated, to, text);
        }
        let kind: &[u8] = if simulated { b"simulated test" } else { b"test" };
        Self(vault.index("message", &[kind, to.e164().as_bytes(), text.as_bytes()]))
    }

    pub(crate) fn from_database(text: String) -> Self {
        Self(text)
    }

    /// As the database keeps it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What the operator asked to send once more; each such send keeps its reason.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ResendScope {
    /// What certainly did not arrive: undelivered, expired, rejected.
    Failed,
    /// What may or may not have arrived.
    Unconfirmed,
    /// That, and what a carrier took and told nothing of since. For whoever has seen to it that this is long ago.
    Silent,
    /// Everything that is not still under way.
    All,
}

impl ResendScope {
    /// The word on the command line and in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Failed => "failed",
            Self::Unconfirmed => "unconfirmed",
            Self::Silent => "silent",
            Self::All => "all",
        }
    }

    fn covers(self, state: MessageState) -> bool {
        use MessageState as S;
        match self {
            Self::Failed => matches!(state, S::Undelivered | S::Expired | S::Rejected),
            Self::Unconfirmed => state == S::Unconfirmed,
            Self::Silent => matches!(state, S::Unconfirmed | S::Accepted),
            Self::All => !state.is_waiting(),
        }
    }
}

/// An earlier message that did the same.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Earlier {
    /// How often the same was sent before; each time is a generation, unique in the database.
    pub generation: i64,
    /// Where it stands.
    pub state: MessageState,
    /// When it was made, UTC milliseconds.
    pub created_at: Millis,
}

/// Whether a row that was done before becomes a new message.
pub fn is_new(earlier: Earlier, now: Millis, resend: Option<ResendScope>) -> bool {
    let reached_nobody = earlier.state == MessageState::Cancelled;
    let forgotten = now - earlier.created_at > RECOGNISED_FOR;
    reached_nobody || forgotten || resend.is_some_and(|scope| scope.covers(earlier.state))
}

/// A row that was done before: which message does what it asks for, and where that stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Recognised {
    /// The newest message that does it.
    pub message: MessageId,
    /// Its broadcast.
    pub broadcast: BroadcastId,
    /// Where it stands.
    pub earlier: Earlier,
}

/// Looks up what was done before, without changing anything: for each fingerprint, in its order, the newest
/// message that did the same. Whether the row would be sent all the same is for [`is_new`] to say.
pub async fn recognised(
    db: &Db,
    org: OrgId,
    fingerprints: &[Fingerprint],
) -> Result<Vec<Option<Recognised>>, DbError> {
    let known = crate::store::recognised(db, org, fingerprints).await?;
    let found = |fingerprint| {
        let (message, broadcast, earlier) = *known.get(fingerprint)?;
        Some(Recognised {
            message,
            broadcast,
            earlier,
        })
    };
    Ok(fingerprints.iter().map(found).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn earlier(state: MessageState) -> Earlier {
        Earlier {
            generation: 0,
            state,
            created_at: 0,
        }
    }

    #[test]
    fn what_was_done_is_not_done_again_unless_withdrawn_or_long_ago() {
        for state in MessageState::ALL {
            let withdrawn = state == MessageState::Cancelled;
            assert_eq!(is_new(earlier(state), 30 * DAY, None), withdrawn, "{state:?}");
            assert!(is_new(earlier(state), 30 * DAY + 1, None));
        }
    }

    #[test]
    fn a_resend_covers_what_it_names_and_never_what_is_under_way() {
        use MessageState as S;
        let covered = |scope| -> Vec<S> {
            S::ALL
                .into_iter()
                .filter(|state| is_new(earlier(*state), 0, Some(scope)))
                .collect()
        };
        assert_eq!(
            covered(ResendScope::Failed),
            [S::Undelivered, S::Expired, S::Rejected, S::Cancelled]
        );
        assert_eq!(covered(ResendScope::Unconfirmed), [S::Cancelled, S::Unconfirmed]);
        assert!(covered(ResendScope::All).iter().all(|state| !state.is_waiting()));
    }
}
