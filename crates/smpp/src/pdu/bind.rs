//! `bind_transmitter`, `bind_receiver`, `bind_transceiver` and their answers, SMPP 3.4 section 4.1.

use std::fmt;

use super::tlv::{self, Tlv};
use super::wire::{EncodeError, Malformed, Reader, put_c_octet_string};

/// SMPP 3.4 as `interface_version`.
pub const INTERFACE_VERSION: u8 = 0x34;

/// SMPP 3.4 allows 15 letters of system id and 8 of password; SMSCs in the field hand out longer ones, and
/// it is theirs to refuse them.
const CREDENTIAL_LIMIT: usize = 256;

/// Body of the three bind requests. Its `Debug` masks the password.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Bind {
    /// Account name.
    pub system_id: String,
    /// Password of the account.
    pub password: String,
    /// Kind of system; most SMSCs want it empty.
    pub system_type: String,
    /// SMPP version, [`INTERFACE_VERSION`].
    pub interface_version: u8,
    /// Type of number of `address_range`.
    pub addr_ton: u8,
    /// Numbering plan of `address_range`.
    pub addr_npi: u8,
    /// Addresses that this ESME serves; most SMSCs want it empty.
    pub address_range: String,
}

impl fmt::Debug for Bind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bind")
            .field("system_id", &self.system_id)
            .field("password", &"***")
            .field("system_type", &self.system_type)
            .field("interface_version", &self.interface_version)
            .finish_non_exhaustive()
    }
}

impl Bind {
    pub(super) fn decode(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        Ok(Self {
            system_id: reader.c_octet_string("system_id")?,
            password: reader.c_octet_string("password")?,
            system_type: reader.c_octet_string("system_type")?,
            interface_version: reader.u8("interface_version")?,
            addr_ton: reader.u8("addr_ton")?,
            addr_npi: reader.u8("addr_npi")?,
            address_range: reader.c_octet_string("address_range")?,
        })
    }

    pub(super) fn encode(&self, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        put_c_octet_string(out, &self.system_id, CREDENTIAL_LIMIT, "system_id")?;
        put_c_octet_string(out, &self.password, CREDENTIAL_LIMIT, "password")?;
        put_c_octet_string(out, &self.system_type, 13, "system_type")?;
        out.extend_from_slice(&[self.interface_version, self.addr_ton, self.addr_npi]);
        put_c_octet_string(out, &self.address_range, 41, "address_range")
    }
}

/// Body of the three answers to a bind.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct BindResp {
    /// Name of the SMSC.
    pub system_id: String,
    /// Optional parameters, as a rule `sc_interface_version`.
    pub tlvs: Vec<Tlv>,
}

impl BindResp {
    pub(super) fn decode(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        Ok(Self {
            system_id: reader.last_c_octet_string("system_id"),
            tlvs: tlv::decode(reader)?,
        })
    }

    pub(super) fn encode(&self, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        put_c_octet_string(out, &self.system_id, CREDENTIAL_LIMIT, "system_id")?;
        tlv::encode(&self.tlvs, out)
    }
}
