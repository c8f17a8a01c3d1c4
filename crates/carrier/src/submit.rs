//! Our part of a message as the carrier's `submit_sm`.

use base::segment::{Coding, Segmentation, coding};
use messaging::outbox::Submission;
use smpp::pdu::{
    DATA_CODING_DEFAULT, DATA_CODING_UCS2, ESM_CLASS_UDHI, REGISTERED_DELIVERY_FINAL, SubmitSm, Tlv, tag,
};
use smpp::text::{Concatenation, Reference, encode_gsm, encode_ucs2};

use crate::profile::NumberFormat;

/// Types of number and numbering plans, SMPP 3.4 5.2.5 and 5.2.6.
const TON_UNKNOWN: u8 = 0;
const TON_INTERNATIONAL: u8 = 1;
const TON_NATIONAL: u8 = 2;
const TON_ALPHANUMERIC: u8 = 5;
const NPI_UNKNOWN: u8 = 0;
const NPI_E164: u8 = 1;

/// The PDU of one part. Parts of one message share a reference drawn from the message's id, so that a part
/// that is tried again still belongs to its siblings.
pub fn submit_sm(submission: &Submission, numbers: NumberFormat) -> SubmitSm {
    let (source_addr_ton, source_addr_npi) = sender_kind(&submission.sender);
    let (dest_addr_ton, destination_addr) = match numbers {
        NumberFormat::International => (
            TON_INTERNATIONAL,
            submission.to.e164().trim_start_matches('+').to_owned(),
        ),
        NumberFormat::National => (TON_NATIONAL, submission.to.national_digits()),
    };
    let (data_coding, body) = encoded(&submission.text);
    let mut pdu = SubmitSm {
        source_addr_ton,
        source_addr_npi,
        source_addr: submission.sender.trim_start_matches('+').to_owned(),
        dest_addr_ton,
        dest_addr_npi: NPI_E164,
        destination_addr,
        registered_delivery: REGISTERED_DELIVERY_FINAL,
        data_coding,
        ..SubmitSm::default()
    };
    join(&mut pdu, body, submission);
    pdu
}

fn encoded(text: &str) -> (u8, Vec<u8>) {
    match coding(text) {
        Coding::Default => encode_gsm(text).map_or_else(
            || (DATA_CODING_UCS2, encode_ucs2(text)),
            |octets| (DATA_CODING_DEFAULT, octets),
        ),
        Coding::Ucs2 => (DATA_CODING_UCS2, encode_ucs2(text)),
    }
}

/// Puts the body where it travels, with what joins it to its siblings.
fn join(pdu: &mut SubmitSm, body: Vec<u8>, submission: &Submission) {
    let (part, total) = (submission.part.part_no, submission.part_count);
    let [.., high, low] = submission.part.message.get().to_be_bytes();
    let udh = |reference| {
        Concatenation {
            reference,
            total,
            part,
        }
        .to_udh()
    };
    match submission.segmentation {
        Segmentation::Payload => pdu.tlvs.push(Tlv {
            tag: tag::MESSAGE_PAYLOAD,
            value: body,
        }),
        _ if total <= 1 => pdu.short_message = body,
        Segmentation::Sar => {
            pdu.tlvs
                .push(Tlv::u16(tag::SAR_MSG_REF_NUM, u16::from_be_bytes([high, low])));
            pdu.tlvs.push(Tlv::u8(tag::SAR_TOTAL_SEGMENTS, total));
            pdu.tlvs.push(Tlv::u8(tag::SAR_SEGMENT_SEQNUM, part));
            pdu.short_message = body;
        }
        Segmentation::Udh8 => with_udh(pdu, udh(Reference::Eight(low)), &body),
        Segmentation::Udh16 => with_udh(
            pdu,
            udh(Reference::Sixteen(u16::from_be_bytes([high, low]))),
            &body,
        ),
    }
}

fn with_udh(pdu: &mut SubmitSm, mut udh: Vec<u8>, body: &[u8]) {
    udh.extend_from_slice(body);
    pdu.esm_class |= ESM_CLASS_UDHI;
    pdu.short_message = udh;
}

fn sender_kind(sender: &str) -> (u8, u8) {
    let digits = sender.strip_prefix('+').unwrap_or(sender);
    if !digits.bytes().all(|b| b.is_ascii_digit()) {
        (TON_ALPHANUMERIC, NPI_UNKNOWN)
    } else if sender.starts_with('+') {
        (TON_INTERNATIONAL, NPI_E164)
    } else {
        (TON_UNKNOWN, NPI_E164)
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
mod tests {
    use base::id::{MessageId, OrgId};
    use base::phone::PhoneNumber;
    use messaging::outbox::PartId;

    use super::*;

    fn part(text: &str, part_no: u8, part_count: u8, segmentation: Segmentation) -> Submission {
        Submission {
            part: PartId {
                org: OrgId::FIRST,
                message: MessageId::new(0x1_02_03),
                part_no,
            },
            to: PhoneNumber::from_e164("+819012345678").unwrap(),
            sender: "0005123456".to_owned(),
            text: text.to_owned(),
            part_count,
            segmentation,
        }
    }

    #[test]
    fn numbers_are_written_as_the_carrier_wants_them() {
        let one = part("あ", 1, 1, Segmentation::Udh8);
        let pdu = submit_sm(&one, NumberFormat::International);
        assert_eq!(
            (pdu.dest_addr_ton, pdu.destination_addr.as_str()),
            (1, "819012345678")
        );
        let pdu = submit_sm(&one, NumberFormat::National);
        assert_eq!(
            (pdu.dest_addr_ton, pdu.destination_addr.as_str()),
            (2, "09012345678")
        );
    }

    #[test]
    fn senders_are_short_codes_numbers_or_names() {
        let kind = |sender| sender_kind(sender);
        assert_eq!(kind("0005123456"), (TON_UNKNOWN, NPI_E164));
        assert_eq!(kind("+81312345678"), (TON_INTERNATIONAL, NPI_E164));
        assert_eq!(kind("SAITAMA"), (TON_ALPHANUMERIC, NPI_UNKNOWN));
    }

    #[test]
    fn a_rare_letter_travels_as_a_surrogate_pair() {
        let pdu = submit_sm(&part("𠮷", 1, 1, Segmentation::Udh8), NumberFormat::International);
        assert_eq!(
            (pdu.data_coding, pdu.short_message),
            (8, vec![0xD8, 0x42, 0xDF, 0xB7])
        );
    }

    #[test]
    fn plain_english_travels_in_the_default_alphabet() {
        let pdu = submit_sm(
            &part("Your ID is 1", 1, 1, Segmentation::Udh8),
            NumberFormat::International,
        );
        assert_eq!(
            (pdu.data_coding, pdu.short_message.as_slice()),
            (0, b"Your ID is 1".as_slice())
        );
    }

    #[test]
    fn parts_are_joined_in_four_ways_under_one_reference() {
        let pdu = |way| submit_sm(&part("い", 2, 3, way), NumberFormat::International);
        let udh8 = pdu(Segmentation::Udh8);
        assert_eq!(
            (udh8.esm_class, &udh8.short_message[..6]),
            (0x40, [5, 0, 3, 0x03, 3, 2].as_slice())
        );
        let udh16 = pdu(Segmentation::Udh16);
        assert_eq!(&udh16.short_message[..7], [6, 8, 4, 0x02, 0x03, 3, 2]);
        let sar = pdu(Segmentation::Sar);
        assert_eq!(sar.esm_class, 0);
        assert_eq!(sar.tlv(tag::SAR_SEGMENT_SEQNUM), Some([2].as_slice()));
        assert_eq!(sar.tlv(tag::SAR_MSG_REF_NUM), Some([0x02, 0x03].as_slice()));
        let payload = pdu(Segmentation::Payload);
        assert!(payload.short_message.is_empty());
        assert_eq!(payload.user_data(), encode_ucs2("い"));
    }
}
