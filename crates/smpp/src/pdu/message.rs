//! `submit_sm` and `deliver_sm` (SMPP 3.4 sections 4.4 and 4.6): one layout, two directions.

use std::fmt;

use super::tlv::{self, Tlv, tag};
use super::wire::{EncodeError, Malformed, Reader, put_c_octet_string};

/// Most octets that `short_message` holds; longer ones go into `message_payload`.
pub const SHORT_MESSAGE_MAX: usize = 254;

/// `esm_class`: the message begins with a user data header.
pub const ESM_CLASS_UDHI: u8 = 0x40;

/// `esm_class` of a `deliver_sm` that is a delivery receipt.
pub const ESM_CLASS_RECEIPT: u8 = 0x04;

/// `registered_delivery`: a receipt of the final outcome is wanted, good or bad.
pub const REGISTERED_DELIVERY_FINAL: u8 = 0x01;

/// `data_coding`: the SMSC's default alphabet, GSM 03.38 as a rule.
pub const DATA_CODING_DEFAULT: u8 = 0x00;

/// `data_coding`: UTF-16, most significant octet first.
pub const DATA_CODING_UCS2: u8 = 0x08;

macro_rules! message_pdu {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Default)]
        pub struct $name {
            /// Kind of service; empty for plain SMS.
            pub service_type: String,
            /// Type of number of the sender: 0 unknown, 1 international, 2 national, 5 letters.
            pub source_addr_ton: u8,
            /// Numbering plan of the sender: 0 unknown, 1 telephone (E.164).
            pub source_addr_npi: u8,
            /// Sender, at most 20 letters.
            pub source_addr: String,
            /// Type of number of the recipient.
            pub dest_addr_ton: u8,
            /// Numbering plan of the recipient.
            pub dest_addr_npi: u8,
            /// Recipient, at most 20 letters.
            pub destination_addr: String,
            /// Mode, kind and features (user data header) of the message.
            pub esm_class: u8,
            /// GSM protocol identifier.
            pub protocol_id: u8,
            /// 0 to 3, 3 the most urgent.
            pub priority_flag: u8,
            /// When to deliver, `YYMMDDhhmmsstnnp`; empty: at once.
            pub schedule_delivery_time: String,
            /// Until when to try, `YYMMDDhhmmsstnnp`; empty: as the SMSC likes.
            pub validity_period: String,
            /// Which receipts are wanted.
            pub registered_delivery: u8,
            /// 1 replaces an earlier message of the same sender, recipient and service.
            pub replace_if_present_flag: u8,
            /// Alphabet of the message.
            pub data_coding: u8,
            /// Number of a message stored at the SMSC; 0: none.
            pub sm_default_msg_id: u8,
            /// The message, at most 254 octets, user data header included.
            pub short_message: Vec<u8>,
            /// Optional parameters.
            pub tlvs: Vec<Tlv>,
        }

        impl $name {
            /// The value of the first optional parameter with this tag.
            pub fn tlv(&self, tag: u16) -> Option<&[u8]> {
                tlv::find(&self.tlvs, tag)
            }

            /// The octets of the message, wherever they travel: `short_message`, or `message_payload` if
            /// that is empty.
            pub fn user_data(&self) -> &[u8] {
                if self.short_message.is_empty() {
                    self.tlv(tag::MESSAGE_PAYLOAD).unwrap_or_default()
                } else {
                    &self.short_message
                }
            }

            pub(super) fn decode(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
                let mut pdu = Self {
                    service_type: reader.c_octet_string("service_type")?,
                    source_addr_ton: reader.u8("source_addr_ton")?,
                    source_addr_npi: reader.u8("source_addr_npi")?,
                    source_addr: reader.c_octet_string("source_addr")?,
                    dest_addr_ton: reader.u8("dest_addr_ton")?,
                    dest_addr_npi: reader.u8("dest_addr_npi")?,
                    destination_addr: reader.c_octet_string("destination_addr")?,
                    esm_class: reader.u8("esm_class")?,
                    protocol_id: reader.u8("protocol_id")?,
                    priority_flag: reader.u8("priority_flag")?,
                    schedule_delivery_time: reader.c_octet_string("schedule_delivery_time")?,
                    validity_period: reader.c_octet_string("validity_period")?,
                    registered_delivery: reader.u8("registered_delivery")?,
                    replace_if_present_flag: reader.u8("replace_if_present_flag")?,
                    data_coding: reader.u8("data_coding")?,
                    sm_default_msg_id: reader.u8("sm_default_msg_id")?,
                    ..Self::default()
                };
                let sm_length = reader.u8("sm_length")?;
                pdu.short_message = reader.octets(usize::from(sm_length), "short_message")?.to_vec();
                pdu.tlvs = tlv::decode(reader)?;
                Ok(pdu)
            }

            pub(super) fn encode(&self, out: &mut Vec<u8>) -> Result<(), EncodeError> {
                let sm_length = u8::try_from(self.short_message.len())
                    .ok()
                    .filter(|&length| usize::from(length) <= SHORT_MESSAGE_MAX)
                    .ok_or(EncodeError::too_long("short_message"))?;
                put_c_octet_string(out, &self.service_type, 6, "service_type")?;
                out.extend_from_slice(&[self.source_addr_ton, self.source_addr_npi]);
                put_c_octet_string(out, &self.source_addr, 21, "source_addr")?;
                out.extend_from_slice(&[self.dest_addr_ton, self.dest_addr_npi]);
                put_c_octet_string(out, &self.destination_addr, 21, "destination_addr")?;
                out.extend_from_slice(&[self.esm_class, self.protocol_id, self.priority_flag]);
                put_c_octet_string(out, &self.schedule_delivery_time, 17, "schedule_delivery_time")?;
                put_c_octet_string(out, &self.validity_period, 17, "validity_period")?;
                out.extend_from_slice(&[
                    self.registered_delivery,
                    self.replace_if_present_flag,
                    self.data_coding,
                    self.sm_default_msg_id,
                    sm_length,
                ]);
                out.extend_from_slice(&self.short_message);
                tlv::encode(&self.tlvs, out)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($name))
                    .field("esm_class", &self.esm_class)
                    .field("data_coding", &self.data_coding)
                    .field("registered_delivery", &self.registered_delivery)
                    .field("octets", &self.short_message.len())
                    .field("tlvs", &self.tlvs)
                    .finish_non_exhaustive()
            }
        }
    };
}

message_pdu! {
    /// A message from the ESME to a phone. Its `Debug` shows neither numbers nor text.
    SubmitSm
}

message_pdu! {
    /// A message or a delivery receipt from the SMSC to the ESME. Its `Debug` shows neither numbers nor
    /// text.
    DeliverSm
}
