//! Delivery receipts: what became of a message, as the SMSC tells it in a `deliver_sm`.
//!
//! SMSCs tell it in text (SMPP 3.4 appendix B: `id:… sub:… dlvrd:… submit date:… done date:… stat:… err:…
//! text:…`), in optional parameters, or in both; where both speak, the parameters win, because they are
//! typed. No two SMSCs write the text alike, so it is read tolerantly: any order, any case, fields missing.
//! The beginning of the message itself (`text:`) is personal and never kept.

use crate::pdu::{DATA_CODING_UCS2, DeliverSm, latin1, tag};
pub use crate::stamp::LocalStamp;
use crate::text::decode_ucs2;

/// What became of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeliveryReceipt {
    /// The SMSC's name for the message. Some SMSCs write it in hexadecimal in the answer to `submit_sm` and
    /// in decimal here: that is for the caller to know.
    pub message_id: String,
    /// What became of it.
    pub state: ReceiptState,
    /// The carrier's error code, as written.
    pub error: Option<String>,
    /// When the SMSC took the message, in the SMSC's own time zone.
    pub submit_date: Option<LocalStamp>,
    /// When the message reached its end, in the SMSC's own time zone.
    pub done_date: Option<LocalStamp>,
}

/// `message_state`, SMPP 3.4 section 5.2.28.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ReceiptState {
    /// Still on its way.
    Enroute,
    /// On the phone.
    Delivered,
    /// Its validity ended before it could be delivered.
    Expired,
    /// Deleted at the SMSC.
    Deleted,
    /// Cannot be delivered.
    Undeliverable,
    /// Read on the customer's behalf: taken over by the carrier's desk.
    Accepted,
    /// The SMSC does not know, or says something that nobody knows.
    Unknown,
    /// Refused by the carrier or the phone.
    Rejected,
}

/// Why a `deliver_sm` could not be read as a receipt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReceiptError {
    /// It is a message from a phone.
    #[error("the deliver_sm is not a delivery receipt")]
    NotAReceipt,
    /// It says that it is a receipt, and not for which message.
    #[error("the delivery receipt names no message")]
    NoMessageId,
}

impl ReceiptState {
    /// By `message_state`; numbers outside the table are [`ReceiptState::Unknown`].
    pub fn from_code(code: u8) -> Self {
        match code {
            1 => Self::Enroute,
            2 => Self::Delivered,
            3 => Self::Expired,
            4 => Self::Deleted,
            5 => Self::Undeliverable,
            6 => Self::Accepted,
            8 => Self::Rejected,
            _ => Self::Unknown,
        }
    }

    /// As `message_state`.
    pub fn code(self) -> u8 {
        match self {
            Self::Enroute => 1,
            Self::Delivered => 2,
            Self::Expired => 3,
            Self::Deleted => 4,
            Self::Undeliverable => 5,
            Self::Accepted => 6,
            Self::Unknown => 7,
            Self::Rejected => 8,
        }
    }

    /// As in the receipt text, appendix B.
    pub fn word(self) -> &'static str {
        match self {
            Self::Enroute => "ENROUTE",
            Self::Delivered => "DELIVRD",
            Self::Expired => "EXPIRED",
            Self::Deleted => "DELETED",
            Self::Undeliverable => "UNDELIV",
            Self::Accepted => "ACCEPTD",
            Self::Unknown => "UNKNOWN",
            Self::Rejected => "REJECTD",
        }
    }

    /// By the word in the receipt text. SMSCs cut and spell these words freely; five letters tell them apart.
    pub fn from_word(word: &str) -> Self {
        let word = word.to_ascii_uppercase();
        let known = [
            ("ENROU", Self::Enroute),
            ("DELIV", Self::Delivered),
            ("EXPIR", Self::Expired),
            ("DELET", Self::Deleted),
            ("UNDEL", Self::Undeliverable),
            ("ACCEP", Self::Accepted),
            ("REJEC", Self::Rejected),
        ];
        known
            .iter()
            .find(|(start, _)| word.starts_with(start))
            .map_or(Self::Unknown, |(_, state)| *state)
    }
}

impl DeliveryReceipt {
    /// Reads a receipt out of a `deliver_sm`: one whose `esm_class` says so (delivery receipt or intermediate
    /// notification), or that names a receipted message in its parameters.
    pub fn from_deliver_sm(pdu: &DeliverSm) -> Result<Self, ReceiptError> {
        let by_tlv = pdu
            .tlv(tag::RECEIPTED_MESSAGE_ID)
            .map(c_octet_string)
            .filter(|id| !id.is_empty());
        let by_class = pdu.esm_class & 0x24 != 0;
        if !by_class && by_tlv.is_none() {
            return Err(ReceiptError::NotAReceipt);
        }
        let fields = Fields::read(&text_of(pdu));
        let state = match pdu.tlv(tag::MESSAGE_STATE) {
            Some(&[code]) => ReceiptState::from_code(code),
            _ => fields
                .stat
                .as_deref()
                .map_or(ReceiptState::Unknown, ReceiptState::from_word),
        };
        let error = match pdu.tlv(tag::NETWORK_ERROR_CODE) {
            Some(&[_, high, low]) => Some(format!("{:03}", u16::from_be_bytes([high, low]))),
            _ => fields.err,
        };
        Ok(Self {
            message_id: by_tlv.or(fields.id).ok_or(ReceiptError::NoMessageId)?,
            state,
            error,
            submit_date: fields.submit_date.as_deref().and_then(LocalStamp::parse),
            done_date: fields.done_date.as_deref().and_then(LocalStamp::parse),
        })
    }
}

fn text_of(pdu: &DeliverSm) -> String {
    match pdu.data_coding {
        DATA_CODING_UCS2 => decode_ucs2(pdu.user_data()),
        _ => latin1(pdu.user_data()),
    }
}

fn c_octet_string(octets: &[u8]) -> String {
    latin1(octets.split(|&octet| octet == 0).next().unwrap_or_default())
}

/// The fields of the receipt text that are kept.
#[derive(Default)]
struct Fields {
    id: Option<String>,
    submit_date: Option<String>,
    done_date: Option<String>,
    stat: Option<String>,
    err: Option<String>,
}

#[derive(Clone, Copy, PartialEq)]
enum Key {
    Id,
    SubmitDate,
    DoneDate,
    Stat,
    Err,
    /// `sub` and `dlvrd`: counts of distribution lists, of no use here.
    Count,
    Text,
}

const KEYS: [(&[&str], Key); 8] = [
    (&["id"], Key::Id),
    (&["sub"], Key::Count),
    (&["dlvrd"], Key::Count),
    (&["submit", "date"], Key::SubmitDate),
    (&["done", "date"], Key::DoneDate),
    (&["stat"], Key::Stat),
    (&["err"], Key::Err),
    (&["text"], Key::Text),
];

impl Fields {
    /// Walks from word to word. The first occurrence of a field counts; after `text:` only a receipt that
    /// still lacks its id or its state is read on, because what follows is as a rule the message itself.
    fn read(text: &str) -> Self {
        let mut fields = Self::default();
        let mut rest = text.trim_start();
        while !rest.is_empty() {
            let Some((key, after)) = key_at(rest) else {
                rest = next_word(rest);
                continue;
            };
            rest = after.trim_start();
            if key == Key::Text {
                if fields.id.is_some() && fields.stat.is_some() {
                    break;
                }
            } else if key_at(rest).is_none() {
                let value = rest.split(char::is_whitespace).next().unwrap_or_default();
                fields.keep(key, value);
                rest = next_word(rest);
            }
        }
        fields
    }

    fn keep(&mut self, key: Key, value: &str) {
        let field = match key {
            Key::Id => &mut self.id,
            Key::SubmitDate => &mut self.submit_date,
            Key::DoneDate => &mut self.done_date,
            Key::Stat => &mut self.stat,
            Key::Err => &mut self.err,
            Key::Count | Key::Text => return,
        };
        if field.is_none() && !value.is_empty() {
            *field = Some(value.to_owned());
        }
    }
}

fn next_word(rest: &str) -> &str {
    rest.find(char::is_whitespace)
        .map_or("", |end| rest[end..].trim_start())
}

/// The key at the beginning of `rest` and what follows its colon.
fn key_at(rest: &str) -> Option<(Key, &str)> {
    KEYS.iter().find_map(|(words, key)| {
        let mut after = rest;
        for word in *words {
            after = after.trim_start_matches([' ', '_']);
            let (head, tail) = after.split_at_checked(word.len())?;
            after = head.eq_ignore_ascii_case(word).then_some(tail)?;
        }
        Some((*key, after.trim_start().strip_prefix(':')?))
    })
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use proptest::prelude::*;

    use super::*;
    use crate::pdu::Tlv;
    use crate::text::encode_ucs2;

    fn receipt(text: &str) -> DeliverSm {
        DeliverSm {
            esm_class: 0x04,
            short_message: text.as_bytes().to_vec(),
            ..DeliverSm::default()
        }
    }

    fn read(text: &str) -> DeliveryReceipt {
        DeliveryReceipt::from_deliver_sm(&receipt(text)).unwrap()
    }

    #[test]
    fn the_text_of_appendix_b() {
        let got = read(
            "id:0123456789 sub:001 dlvrd:001 submit date:2208151030 done date:220815103159 stat:DELIVRD \
             err:000 text:Hello stat:REJECTD",
        );
        let day = |minute, second| LocalStamp {
            year: 2022,
            month: 8,
            day: 15,
            hour: 10,
            minute,
            second,
        };
        assert_eq!(
            got,
            DeliveryReceipt {
                message_id: "0123456789".into(),
                state: ReceiptState::Delivered,
                error: Some("000".into()),
                submit_date: Some(day(30, 0)),
                done_date: Some(day(31, 59)),
            }
        );
    }

    #[test]
    fn other_orders_cases_spaces_and_missing_fields() {
        let got = read("STAT: undeliverable  Err:  04B  Done Date :2208151031   ID:abc-1");
        assert_eq!(
            (got.message_id.as_str(), got.state),
            ("abc-1", ReceiptState::Undeliverable)
        );
        assert_eq!(got.error.as_deref(), Some("04B"));
        assert!(got.submit_date.is_none() && got.done_date.is_some());
        assert_eq!(read("id:7 sub: dlvrd: err: stat:").state, ReceiptState::Unknown);
        assert_eq!(
            read("id:7 submit_date:2299991030 donedate:2208151031").submit_date,
            None
        );
        assert_eq!(
            read("text:hello there id:9 stat:EXPIRED").state,
            ReceiptState::Expired
        );
    }

    #[test]
    fn parameters_win_over_text() {
        let mut pdu = receipt("id:1 stat:DELIVRD err:000");
        pdu.tlvs = vec![
            Tlv::c_octet_string(tag::RECEIPTED_MESSAGE_ID, "0001A"),
            Tlv::u8(tag::MESSAGE_STATE, 5),
            Tlv {
                tag: tag::NETWORK_ERROR_CODE,
                value: vec![3, 0, 27],
            },
        ];
        let got = DeliveryReceipt::from_deliver_sm(&pdu).unwrap();
        assert_eq!(got.message_id, "0001A");
        assert_eq!(
            (got.state, got.error.as_deref()),
            (ReceiptState::Undeliverable, Some("027"))
        );
    }

    #[test]
    fn parameters_alone_are_enough_even_without_the_class() {
        let tlvs = vec![
            Tlv::c_octet_string(tag::RECEIPTED_MESSAGE_ID, "5"),
            Tlv::u8(tag::MESSAGE_STATE, 2),
        ];
        let pdu = DeliverSm {
            tlvs,
            ..DeliverSm::default()
        };
        assert_eq!(
            DeliveryReceipt::from_deliver_sm(&pdu).unwrap().state,
            ReceiptState::Delivered
        );
    }

    #[test]
    fn a_receipt_in_utf16_or_in_the_payload() {
        let text = encode_ucs2("id:42 stat:EXPIRED");
        let mut pdu = DeliverSm {
            esm_class: 4,
            data_coding: 8,
            ..DeliverSm::default()
        };
        pdu.tlvs = vec![Tlv {
            tag: tag::MESSAGE_PAYLOAD,
            value: text,
        }];
        assert_eq!(
            DeliveryReceipt::from_deliver_sm(&pdu).unwrap().state,
            ReceiptState::Expired
        );
    }

    #[test]
    fn a_message_from_a_phone_is_no_receipt() {
        let pdu = DeliverSm {
            short_message: b"id:1 stat:DELIVRD".to_vec(),
            ..DeliverSm::default()
        };
        assert_eq!(
            DeliveryReceipt::from_deliver_sm(&pdu),
            Err(ReceiptError::NotAReceipt)
        );
        let nameless = DeliveryReceipt::from_deliver_sm(&receipt("stat:DELIVRD"));
        assert_eq!(nameless, Err(ReceiptError::NoMessageId));
    }

    fn field() -> impl Strategy<Value = (String, &'static str)> {
        prop_oneof![
            "[0-9A-Za-z-]{1,20}".prop_map(|id| (id, "id")),
            prop_oneof![Just("DELIVRD"), Just("EXPIRED"), Just("REJECTD")].prop_map(|s| (s.into(), "stat")),
            "[0-9]{3}".prop_map(|err| (err, "err")),
        ]
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_without_panic(octets in proptest::collection::vec(any::<u8>(), 0..200), coding: u8) {
            let pdu =
                DeliverSm { esm_class: 4, data_coding: coding, short_message: octets, ..DeliverSm::default() };
            let _ = DeliveryReceipt::from_deliver_sm(&pdu);
        }

        #[test]
        fn any_text_is_read_without_panic(text in "(id|stat|text|submit date|[ :あ]|[a-z0-9]){0,30}") {
            let _ = Fields::read(&text);
        }

        #[test]
        fn the_first_of_each_field_counts(fields in proptest::collection::vec(field(), 1..8), gap in " {1,4}") {
            let text: Vec<String> = fields.iter().map(|(value, key)| format!("{key}:{value}")).collect();
            let read = Fields::read(&text.join(&gap));
            let first = |key| fields.iter().find(|field| field.1 == key).map(|field| field.0.clone());
            prop_assert_eq!((read.id, read.stat, read.err), (first("id"), first("stat"), first("err")));
        }
    }
}
