//! Second factors: what somebody has besides the password.
//!
//! * Devices with one-time codes (`totp`): an app, or a hardware token whose secret is typed in.
//! * Passkeys (`passkey`): on the PC itself, on a key, on a phone. Not to be phished, so one of the two is
//!   always offered. A passkey whose device checks who holds it opens alone, without the password.
//! * Recovery codes (`recovery`), on paper, each for one time.
//!
//! None needs a smartphone, and none comes by SMS: what this product sends, others may read.
//!
//! A factor is shown (`Shown`), becomes a `Proof` if it fits, and the proof is used up in the commit that
//! lets the person in; so nothing opens twice, however many requests come at the same moment.

mod cbor;
mod change;
mod cose;
mod passkey;
mod proof;
mod qr;
mod recovery;
mod reset;
mod totp;

use base::clock::Millis;
use base::id::StaffId;

pub(crate) use change::{DeviceKind, FactorError};
pub(crate) use cose::{ALGORITHMS, PublicKey};
pub(crate) use passkey::{
    Assertion, Challenge, Expected, NewPasskey, PasskeyRefusal, Registration, RelyingParty,
};
pub(crate) use proof::{Proof, Shown};
pub(crate) use qr::{QrSvg, svg};
pub(crate) use recovery::RecoveryCode;
pub use reset::ResetError;
pub(crate) use totp::{TotpSecret, TypedCode};

use crate::Name;

/// An app, a token, or a passkey.
#[derive(Clone, Debug)]
pub struct Device {
    /// Its number.
    pub id: i64,
    /// What its owner calls it.
    pub name: Name,
    /// When it was added.
    pub added_at: Millis,
    /// When it was last shown.
    pub used_at: Option<Millis>,
}

/// Everything that a person has.
#[derive(Clone, Debug, Default)]
pub struct Factors {
    /// Devices with one-time codes.
    pub totp: Vec<Device>,
    /// Passkeys.
    pub passkeys: Vec<Device>,
    /// Recovery codes that were not used yet.
    pub codes_left: i64,
}

impl Factors {
    /// Whether signing in takes a second step. Recovery codes alone are none.
    pub fn any(&self) -> bool {
        !self.totp.is_empty() || !self.passkeys.is_empty()
    }
}

/// An administrator asked to take somebody's factors away.
#[derive(Clone, Debug)]
pub struct FactorReset {
    /// Who asked.
    pub asked_by: StaffId,
    /// When.
    pub asked_at: Millis,
    /// Why.
    pub reason: String,
}
