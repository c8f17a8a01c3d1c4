//! Messages from phones: what a `deliver_sm` says that is no delivery receipt (SMPP 3.4 section 4.6), part by part.
//!
//! A part's text is given as UTF-16 units and not as text: a phone may cut a long message between the two units of one
//! letter, and only whoever has all parts can join them.

use std::fmt;

use crate::pdu::{DATA_CODING_DEFAULT, DATA_CODING_UCS2, DeliverSm, ESM_CLASS_UDHI, latin1, tag};
use crate::receipt::{DeliveryReceipt, ReceiptError};
use crate::text::{Concatenation, Reference, decode_gsm, split_udh};

/// One part of a message from a phone. Its `Debug` shows neither numbers nor text.
#[derive(Clone, PartialEq, Eq)]
pub struct FromPhone {
    /// Whose phone, as the carrier writes it.
    pub source_addr: String,
    /// The number that was written to.
    pub destination_addr: String,
    /// Its place, if the message came in several parts.
    pub place: Option<Concatenation>,
    /// Its text.
    pub units: Vec<u16>,
}

impl fmt::Debug for FromPhone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FromPhone")
            .field("place", &self.place)
            .field("units", &self.units.len())
            .finish_non_exhaustive()
    }
}

impl FromPhone {
    /// Reads a part; `None` for a delivery receipt, also for one that names no message.
    pub fn of(pdu: &DeliverSm) -> Option<Self> {
        if DeliveryReceipt::from_deliver_sm(pdu) != Err(ReceiptError::NotAReceipt) {
            return None;
        }
        let (place, octets) = place(pdu.esm_class, pdu.user_data(), |tag| pdu.tlv(tag));
        Some(Self {
            source_addr: pdu.source_addr.clone(),
            destination_addr: pdu.destination_addr.clone(),
            place: place.filter(|place| place.total > 1),
            units: units(pdu.data_coding, octets),
        })
    }
}

/// The place of a part, by user data header or by SAR parameters, and the octets of its text.
pub(crate) fn place<'a>(
    esm_class: u8,
    octets: &'a [u8],
    tlv: impl Fn(u16) -> Option<&'a [u8]>,
) -> (Option<Concatenation>, &'a [u8]) {
    if esm_class & ESM_CLASS_UDHI != 0 {
        return split_udh(octets).unwrap_or((None, octets));
    }
    (sar(tlv), octets)
}

fn sar<'a>(tlv: impl Fn(u16) -> Option<&'a [u8]>) -> Option<Concatenation> {
    let &[high, low] = tlv(tag::SAR_MSG_REF_NUM)? else {
        return None;
    };
    let &[total] = tlv(tag::SAR_TOTAL_SEGMENTS)? else {
        return None;
    };
    let &[part] = tlv(tag::SAR_SEGMENT_SEQNUM)? else {
        return None;
    };
    let reference = Reference::Sixteen(u16::from_be_bytes([high, low]));
    (1..=total).contains(&part).then_some(Concatenation {
        reference,
        total,
        part,
    })
}

/// Alphabets of `data_coding` as 3GPP TS 23.038 groups them; what no phone writes text in is read as Latin-1.
fn units(data_coding: u8, octets: &[u8]) -> Vec<u16> {
    match data_coding {
        // Also with a message class.
        DATA_CODING_UCS2 | 0x18..=0x1B => {
            let (pairs, odd) = octets.as_chunks::<2>();
            let whole = pairs.iter().map(|pair| u16::from_be_bytes(*pair));
            whole.chain((!odd.is_empty()).then_some(0xFFFD)).collect()
        }
        DATA_CODING_DEFAULT | 0x10..=0x13 | 0xF0..=0xF3 => decode_gsm(octets).encode_utf16().collect(),
        _ => latin1(octets).encode_utf16().collect(),
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use proptest::prelude::*;

    use super::*;
    use crate::pdu::{ESM_CLASS_RECEIPT, Tlv};
    use crate::text::{encode_gsm, encode_ucs2};

    fn written(pdu: &DeliverSm) -> String {
        String::from_utf16(&FromPhone::of(pdu).unwrap().units).unwrap()
    }

    fn ucs2(text: &str) -> DeliverSm {
        DeliverSm {
            source_addr: "819012345678".to_owned(),
            destination_addr: "0005012345".to_owned(),
            data_coding: DATA_CODING_UCS2,
            short_message: encode_ucs2(text),
            ..DeliverSm::default()
        }
    }

    #[test]
    fn each_alphabet_is_read_and_a_payload_too() {
        assert_eq!(written(&ucs2("停止 𠮷")), "停止 𠮷");
        let flash = DeliverSm {
            data_coding: 0x18,
            ..ucs2("はい")
        };
        assert_eq!(written(&flash), "はい");
        let gsm = DeliverSm {
            short_message: encode_gsm("STOP €").unwrap(),
            ..DeliverSm::default()
        };
        assert_eq!(written(&gsm), "STOP €");
        let payload = DeliverSm {
            short_message: Vec::new(),
            tlvs: vec![Tlv {
                tag: tag::MESSAGE_PAYLOAD,
                value: encode_ucs2("長い返事"),
            }],
            ..ucs2("")
        };
        assert_eq!(written(&payload), "長い返事");
    }

    #[test]
    fn parts_know_their_place_by_header_and_by_parameters() {
        let place = Concatenation {
            reference: Reference::Eight(7),
            total: 2,
            part: 2,
        };
        let mut octets = place.to_udh();
        octets.extend(encode_ucs2("後半"));
        let header = DeliverSm {
            esm_class: ESM_CLASS_UDHI,
            short_message: octets,
            ..ucs2("")
        };
        let read = FromPhone::of(&header).unwrap();
        assert_eq!((read.place, read.units.len()), (Some(place), 2));
        let sar = DeliverSm {
            tlvs: vec![
                Tlv::u16(tag::SAR_MSG_REF_NUM, 9),
                Tlv::u8(tag::SAR_TOTAL_SEGMENTS, 3),
                Tlv::u8(tag::SAR_SEGMENT_SEQNUM, 1),
            ],
            ..ucs2("前半")
        };
        let read = FromPhone::of(&sar).unwrap().place.unwrap();
        assert_eq!(
            (read.reference, read.total, read.part),
            (Reference::Sixteen(9), 3, 1)
        );
    }

    #[test]
    fn a_receipt_is_no_message_even_if_it_names_none() {
        let receipt = |text: &str| DeliverSm {
            esm_class: ESM_CLASS_RECEIPT,
            short_message: text.as_bytes().to_vec(),
            ..DeliverSm::default()
        };
        assert_eq!(FromPhone::of(&receipt("id:1 stat:DELIVRD")), None);
        assert_eq!(FromPhone::of(&receipt("stat:DELIVRD")), None);
    }

    proptest! {
        #[test]
        fn any_octets_are_read_without_panic(octets in proptest::collection::vec(any::<u8>(), 0..200), coding: u8, class: u8) {
            let pdu =
                DeliverSm { esm_class: class, data_coding: coding, short_message: octets, ..DeliverSm::default() };
            let _ = FromPhone::of(&pdu);
        }
    }
}
