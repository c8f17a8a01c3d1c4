//! What phones write back, as a carrier hands it on.

use super::config::SmscConfig;
use super::handset::HandsetMessage;
use crate::pdu::{DATA_CODING_DEFAULT, DATA_CODING_UCS2, DeliverSm, ESM_CLASS_UDHI};
use crate::text::{Concatenation, Reference, encode_gsm, encode_ucs2};

/// Octets of one message.
const SINGLE: usize = 140;
/// Octets of a part beside its header.
const PART: usize = 134;
/// Septets of the default alphabet in one message; what is longer travels as UTF-16.
const GSM_SINGLE: usize = 160;
/// International number, telephone numbering plan.
const TON_NPI: (u8, u8) = (1, 1);

/// What a phone answers by itself, if it is one that does.
pub(super) fn written(config: &SmscConfig, to: &HandsetMessage, long: &mut u8) -> Vec<DeliverSm> {
    let fits = |(end, _): &&(String, String)| to.destination_addr.ends_with(end.as_str());
    let found = config.replies.iter().find(fits);
    found.map_or_else(Vec::new, |(_, text)| parts(to, text, long))
}

/// An answer in its parts; `long` counts the answers of several parts.
pub(super) fn parts(to: &HandsetMessage, text: &str, long: &mut u8) -> Vec<DeliverSm> {
    let part = |data_coding, esm_class, short_message| DeliverSm {
        source_addr_ton: TON_NPI.0,
        source_addr_npi: TON_NPI.1,
        source_addr: to.destination_addr.clone(),
        destination_addr: to.source_addr.clone(),
        data_coding,
        esm_class,
        short_message,
        ..DeliverSm::default()
    };
    if let Some(octets) = encode_gsm(text).filter(|octets| octets.len() <= GSM_SINGLE) {
        return vec![part(DATA_CODING_DEFAULT, 0, octets)];
    }
    let octets = encode_ucs2(text);
    if octets.len() <= SINGLE {
        return vec![part(DATA_CODING_UCS2, 0, octets)];
    }
    *long = long.wrapping_add(1);
    let reference = Reference::Eight(*long);
    // A phone writes no more than 255 parts.
    let chunks: Vec<&[u8]> = octets.chunks(PART).take(255).collect();
    let total = u8::try_from(chunks.len()).unwrap_or(u8::MAX);
    let places = (1..=total).map(|part| Concatenation {
        reference,
        total,
        part,
    });
    let all = places.zip(chunks).map(|(place, chunk)| {
        let mut octets = place.to_udh();
        octets.extend_from_slice(chunk);
        part(DATA_CODING_UCS2, ESM_CLASS_UDHI, octets)
    });
    all.collect()
}

#[cfg(test)]
mod tests {
    use std::time::UNIX_EPOCH;

    use super::*;
    use crate::inbound::FromPhone;

    #[test]
    fn an_answer_comes_back_whole_whatever_its_length() {
        let to = HandsetMessage {
            system_id: "demo".to_owned(),
            source_addr: "0005012345".to_owned(),
            destination_addr: "819012345678".to_owned(),
            text: String::new(),
            at: UNIX_EPOCH,
        };
        let mut long = 0;
        for text in ["STOP", "停止", &"熱は下がりました。𠮷".repeat(20)] {
            let read: Vec<FromPhone> = parts(&to, text, &mut long)
                .iter()
                .filter_map(FromPhone::of)
                .collect();
            let units: Vec<u16> = read.iter().flat_map(|part| part.units.clone()).collect();
            assert_eq!(String::from_utf16_lossy(&units), text);
            let whole = read.iter().all(|part| {
                (part.source_addr.as_str(), part.destination_addr.as_str()) == ("819012345678", "0005012345")
            });
            assert!(whole, "{read:?}");
        }
        assert_eq!(long, 1);
    }
}
