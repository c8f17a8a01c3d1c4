//! Optional parameters (TLVs), SMPP 3.4 section 5.3.2.

use std::fmt;

use super::wire::{EncodeError, Malformed, Reader};

/// Tags of the optional parameters that this crate or its callers use.
pub mod tag {
    /// Type of network that the error code comes from, and the code (3 octets).
    pub const NETWORK_ERROR_CODE: u16 = 0x0423;
    /// The message itself, when it does not go into `short_message`.
    pub const MESSAGE_PAYLOAD: u16 = 0x0424;
    /// State of the message that a receipt is about (1 octet).
    pub const MESSAGE_STATE: u16 = 0x0427;
    /// The SMSC's message id of the message that a receipt is about (C-octet string).
    pub const RECEIPTED_MESSAGE_ID: u16 = 0x001E;
    /// Reference that the ESME gave to its message (2 octets).
    pub const USER_MESSAGE_REFERENCE: u16 = 0x0204;
    /// Reference that the parts of one message share (2 octets).
    pub const SAR_MSG_REF_NUM: u16 = 0x020C;
    /// Number of parts (1 octet).
    pub const SAR_TOTAL_SEGMENTS: u16 = 0x020E;
    /// Number of this part, from 1 (1 octet).
    pub const SAR_SEGMENT_SEQNUM: u16 = 0x020F;
    /// SMPP version of the SMSC, in the answer to a bind (1 octet).
    pub const SC_INTERFACE_VERSION: u16 = 0x0210;
    /// Whether more messages to the same number follow (1 octet).
    pub const MORE_MESSAGES_TO_SEND: u16 = 0x0426;
}

/// One optional parameter. Its `Debug` shows the length only: `message_payload` is personal.
#[derive(Clone, PartialEq, Eq)]
pub struct Tlv {
    /// Which parameter, see [`tag`].
    pub tag: u16,
    /// Its octets, without any padding.
    pub value: Vec<u8>,
}

impl Tlv {
    /// A parameter of one octet.
    pub fn u8(tag: u16, value: u8) -> Self {
        Self {
            tag,
            value: vec![value],
        }
    }

    /// A parameter of two octets, most significant first.
    pub fn u16(tag: u16, value: u16) -> Self {
        Self {
            tag,
            value: value.to_be_bytes().to_vec(),
        }
    }

    /// A parameter that is a C-octet string: the text and a closing NUL.
    pub fn c_octet_string(tag: u16, text: &str) -> Self {
        let mut value = text.as_bytes().to_vec();
        value.push(0);
        Self { tag, value }
    }
}

impl fmt::Debug for Tlv {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Tlv(0x{:04X}, {} octets)", self.tag, self.value.len())
    }
}

/// The value of the first parameter with this tag.
pub(super) fn find(tlvs: &[Tlv], tag: u16) -> Option<&[u8]> {
    tlvs.iter()
        .find(|tlv| tlv.tag == tag)
        .map(|tlv| tlv.value.as_slice())
}

pub(super) fn decode(reader: &mut Reader<'_>) -> Result<Vec<Tlv>, Malformed> {
    let mut tlvs = Vec::new();
    while !reader.is_empty() {
        let tag = reader.u16("tlv tag")?;
        let length = reader.u16("tlv length")?;
        let value = reader.octets(usize::from(length), "tlv value")?.to_vec();
        tlvs.push(Tlv { tag, value });
    }
    Ok(tlvs)
}

pub(super) fn encode(tlvs: &[Tlv], out: &mut Vec<u8>) -> Result<(), EncodeError> {
    for tlv in tlvs {
        let length = u16::try_from(tlv.value.len()).map_err(|_| EncodeError::too_long("tlv value"))?;
        out.extend_from_slice(&tlv.tag.to_be_bytes());
        out.extend_from_slice(&length.to_be_bytes());
        out.extend_from_slice(&tlv.value);
    }
    Ok(())
}
