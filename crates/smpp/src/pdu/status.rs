//! `command_status`: how a request ended.

use std::fmt;

/// The `command_status` of an answer, as on the wire. Codes outside the table of SMPP 3.4 (carriers have
/// their own from 0x400 on) are kept as they came.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct CommandStatus(pub u32);

/// What a `command_status` means for the request that it answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StatusKind {
    /// Accepted.
    Ok,
    /// Refused for now: the same request may be accepted later, and trying it again is safe.
    Temporary,
    /// Refused for good: the same request will be refused again.
    Permanent,
}

macro_rules! statuses {
    ($($(#[$doc:meta])* $name:ident = $code:literal;)*) => {
        impl CommandStatus {
            $($(#[$doc])* pub const $name: Self = Self($code);)*

            /// The name in SMPP 3.4 table 5-2, or `None` for a code that is not in it.
            pub fn name(self) -> Option<&'static str> {
                match self {
                    $(Self::$name => Some(stringify!($name)),)*
                    Self(_) => None,
                }
            }
        }
    };
}

statuses! {
    /// No error.
    ESME_ROK = 0x00;
    /// Message length is invalid.
    ESME_RINVMSGLEN = 0x01;
    /// Command length is invalid.
    ESME_RINVCMDLEN = 0x02;
    /// Invalid command id.
    ESME_RINVCMDID = 0x03;
    /// Incorrect bind state for the command.
    ESME_RINVBNDSTS = 0x04;
    /// ESME already bound.
    ESME_RALYBND = 0x05;
    /// Invalid priority flag.
    ESME_RINVPRTFLG = 0x06;
    /// Invalid registered delivery flag.
    ESME_RINVREGDLVFLG = 0x07;
    /// System error.
    ESME_RSYSERR = 0x08;
    /// Invalid source address.
    ESME_RINVSRCADR = 0x0A;
    /// Invalid destination address.
    ESME_RINVDSTADR = 0x0B;
    /// Invalid message id.
    ESME_RINVMSGID = 0x0C;
    /// Bind failed.
    ESME_RBINDFAIL = 0x0D;
    /// Invalid password.
    ESME_RINVPASWD = 0x0E;
    /// Invalid system id.
    ESME_RINVSYSID = 0x0F;
    /// `cancel_sm` failed.
    ESME_RCANCELFAIL = 0x11;
    /// `replace_sm` failed.
    ESME_RREPLACEFAIL = 0x13;
    /// Message queue full.
    ESME_RMSGQFUL = 0x14;
    /// Invalid service type.
    ESME_RINVSERTYP = 0x15;
    /// Invalid number of destinations.
    ESME_RINVNUMDESTS = 0x33;
    /// Invalid distribution list name.
    ESME_RINVDLNAME = 0x34;
    /// Invalid destination flag.
    ESME_RINVDESTFLAG = 0x40;
    /// Invalid "submit with replace" request.
    ESME_RINVSUBREP = 0x42;
    /// Invalid `esm_class`.
    ESME_RINVESMCLASS = 0x43;
    /// Cannot submit to a distribution list.
    ESME_RCNTSUBDL = 0x44;
    /// `submit_sm` or `submit_multi` failed.
    ESME_RSUBMITFAIL = 0x45;
    /// Invalid source address type of number.
    ESME_RINVSRCTON = 0x48;
    /// Invalid source address numbering plan.
    ESME_RINVSRCNPI = 0x49;
    /// Invalid destination address type of number.
    ESME_RINVDSTTON = 0x50;
    /// Invalid destination address numbering plan.
    ESME_RINVDSTNPI = 0x51;
    /// Invalid system type.
    ESME_RINVSYSTYP = 0x53;
    /// Invalid `replace_if_present` flag.
    ESME_RINVREPFLAG = 0x54;
    /// Invalid number of messages.
    ESME_RINVNUMMSGS = 0x55;
    /// The ESME went over its allowed rate.
    ESME_RTHROTTLED = 0x58;
    /// Invalid scheduled delivery time.
    ESME_RINVSCHED = 0x61;
    /// Invalid validity period.
    ESME_RINVEXPIRY = 0x62;
    /// Predefined message invalid or not found.
    ESME_RINVDFTMSGID = 0x63;
    /// ESME receiver: temporary application error.
    ESME_RX_T_APPN = 0x64;
    /// ESME receiver: permanent application error.
    ESME_RX_P_APPN = 0x65;
    /// ESME receiver: message rejected.
    ESME_RX_R_APPN = 0x66;
    /// `query_sm` failed.
    ESME_RQUERYFAIL = 0x67;
    /// Error in the optional part of the PDU.
    ESME_RINVOPTPARSTREAM = 0xC0;
    /// Optional parameter not allowed.
    ESME_ROPTPARNOTALLWD = 0xC1;
    /// Invalid parameter length.
    ESME_RINVPARLEN = 0xC2;
    /// Expected optional parameter missing.
    ESME_RMISSINGOPTPARAM = 0xC3;
    /// Invalid optional parameter value.
    ESME_RINVOPTPARAMVAL = 0xC4;
    /// Delivery failure (`data_sm_resp`).
    ESME_RDELIVERYFAILURE = 0xFE;
    /// Unknown error.
    ESME_RUNKNOWNERR = 0xFF;
}

impl CommandStatus {
    /// Whether the request was accepted.
    pub fn is_ok(self) -> bool {
        self == Self::ESME_ROK
    }

    /// Accepted, refused for now, or refused for good. Codes that only a carrier knows count as permanent: a
    /// carrier's profile may know better.
    pub fn kind(self) -> StatusKind {
        match self {
            Self::ESME_ROK => StatusKind::Ok,
            Self::ESME_RSYSERR | Self::ESME_RMSGQFUL | Self::ESME_RTHROTTLED | Self::ESME_RX_T_APPN => {
                StatusKind::Temporary
            }
            Self(_) => StatusKind::Permanent,
        }
    }
}

impl fmt::Display for CommandStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => write!(f, "{name} (0x{:08X})", self.0),
            None => write!(f, "0x{:08X}", self.0),
        }
    }
}

impl fmt::Debug for CommandStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn throttling_and_full_queue_may_be_tried_again() {
        assert_eq!(CommandStatus(0x58).kind(), StatusKind::Temporary);
        assert_eq!(CommandStatus(0x14).kind(), StatusKind::Temporary);
    }

    #[test]
    fn a_wrong_number_and_unknown_codes_are_final() {
        assert_eq!(CommandStatus::ESME_RINVDSTADR.kind(), StatusKind::Permanent);
        assert_eq!(CommandStatus(0x0400).kind(), StatusKind::Permanent);
    }

    #[test]
    fn a_code_is_shown_with_its_name_and_number() {
        assert_eq!(CommandStatus(0x58).to_string(), "ESME_RTHROTTLED (0x00000058)");
        assert_eq!(CommandStatus(0x401).to_string(), "0x00000401");
    }
}
