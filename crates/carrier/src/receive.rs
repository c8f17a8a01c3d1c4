//! The carrier's `deliver_sm` as our receipt, or as a message that somebody wrote back.

use base::clock::{MINUTE, Millis};
use base::phone::PhoneNumber;
use messaging::message::Outcome;
use messaging::outbox::{Incoming, Receipt};
use messaging::reply::PartPlace;
use smpp::inbound::FromPhone;
use smpp::pdu::DeliverSm;
use smpp::receipt::{DeliveryReceipt, LocalStamp, ReceiptState};
use smpp::text::Reference;

use crate::profile::{CarrierAccount, IdStyle};

/// Reads a delivery receipt; `None` for anything else that a carrier delivers.
pub fn receipt(pdu: &DeliverSm, account: &CarrierAccount) -> Option<Receipt> {
    let receipt = DeliveryReceipt::from_deliver_sm(pdu).ok()?;
    Some(Receipt {
        carrier_message_id: receipt_id(&receipt.message_id, account.ids),
        outcome: outcome(receipt.state),
        code: receipt.error,
        done_at: receipt.done_date.map(written),
        submitted_at: receipt
            .submit_date
            .and_then(|stamp| utc(stamp, account.utc_offset_minutes)),
        to: number(&pdu.source_addr),
    })
}

/// Reads a part of a message from a phone; `None` for anything else that a carrier delivers.
pub fn reply(pdu: &DeliverSm) -> Option<Incoming> {
    let part = FromPhone::of(pdu)?;
    Some(Incoming {
        number: number(&part.source_addr),
        from: part.source_addr,
        to: part.destination_addr,
        place: part.place.map(|place| PartPlace {
            // References of one and of two octets never meet.
            reference: match place.reference {
                Reference::Eight(reference) => reference.into(),
                Reference::Sixteen(reference) => 0x1_0000 | u32::from(reference),
            },
            total: place.total,
            part: place.part,
        }),
        units: part.units,
    })
}

/// The id of an answer, as [`receipt`] will give it.
pub fn answer_id(id: &str, style: IdStyle) -> String {
    match style {
        IdStyle::Verbatim => id.to_owned(),
        IdStyle::Numeric => without_zeros(id),
        IdStyle::HexAnswers => {
            u128::from_str_radix(id.trim(), 16).map_or_else(|_| id.to_owned(), |n| n.to_string())
        }
    }
}

fn receipt_id(id: &str, style: IdStyle) -> String {
    match style {
        IdStyle::Verbatim => id.to_owned(),
        IdStyle::Numeric | IdStyle::HexAnswers => without_zeros(id),
    }
}

fn without_zeros(id: &str) -> String {
    let digits = id.trim().trim_start_matches('0');
    if digits.is_empty() {
        "0".to_owned()
    } else {
        digits.to_owned()
    }
}

fn outcome(state: ReceiptState) -> Outcome {
    match state {
        ReceiptState::Enroute | ReceiptState::Accepted => Outcome::UnderWay,
        ReceiptState::Delivered => Outcome::Delivered,
        ReceiptState::Expired => Outcome::Expired,
        ReceiptState::Deleted | ReceiptState::Undeliverable => Outcome::Undelivered,
        ReceiptState::Rejected => Outcome::Rejected,
        ReceiptState::Unknown => Outcome::Unknown,
    }
}

/// `YYYY-MM-DD hh:mm`, in the carrier's time zone.
fn written(stamp: LocalStamp) -> String {
    let LocalStamp {
        year,
        month,
        day,
        hour,
        minute,
        ..
    } = stamp;
    format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}")
}

fn utc(stamp: LocalStamp, utc_offset_minutes: i32) -> Option<Millis> {
    let small = |value: u8| i8::try_from(value).ok();
    let local = jiff::civil::DateTime::new(
        i16::try_from(stamp.year).ok()?,
        small(stamp.month)?,
        small(stamp.day)?,
        small(stamp.hour)?,
        small(stamp.minute)?,
        small(stamp.second)?,
        0,
    )
    .ok()?;
    let as_if_utc = local
        .to_zoned(jiff::tz::TimeZone::UTC)
        .ok()?
        .timestamp()
        .as_millisecond();
    Some(as_if_utc - Millis::from(utc_offset_minutes) * MINUTE)
}

/// A receipt comes from the recipient's number, in whatever spelling the carrier likes.
fn number(source_addr: &str) -> Option<PhoneNumber> {
    base::phone::parse(source_addr).ok().map(|parsed| parsed.number)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
mod tests {
    use smpp::pdu::ESM_CLASS_RECEIPT;

    use super::*;

    fn account(parameters: &str) -> CarrierAccount {
        format!("smpp://a:b@c:1?{parameters}").parse().unwrap()
    }

    fn deliver(text: &str) -> DeliverSm {
        DeliverSm {
            source_addr: "819012345678".to_owned(),
            esm_class: ESM_CLASS_RECEIPT,
            short_message: text.as_bytes().to_vec(),
            ..DeliverSm::default()
        }
    }

    #[test]
    fn a_receipt_says_what_when_and_whose() {
        let text = "id:0042 sub:001 dlvrd:001 submit date:2602141130 done date:2602141131 stat:DELIVRD err:000 text:";
        let receipt = receipt(&deliver(text), &account("ids=numeric")).unwrap();
        assert_eq!(
            (receipt.carrier_message_id.as_str(), receipt.outcome),
            ("42", Outcome::Delivered)
        );
        // 11:30 in Japan is 02:30 UTC.
        assert_eq!(receipt.submitted_at, Some(1_771_036_200_000));
        assert_eq!(receipt.done_at.as_deref(), Some("2026-02-14 11:31"));
        assert_eq!(receipt.to, PhoneNumber::from_e164("+819012345678"));
    }

    #[test]
    fn hexadecimal_answers_meet_decimal_receipts() {
        assert_eq!(answer_id("1F", IdStyle::HexAnswers), "31");
        let receipt = receipt(
            &deliver("id:31 stat:UNDELIV err:001"),
            &account("ids=hex_answers"),
        )
        .unwrap();
        assert_eq!(receipt.carrier_message_id, "31");
    }

    #[test]
    fn a_message_from_a_phone_is_no_receipt() {
        let reply = DeliverSm {
            esm_class: 0,
            ..deliver("はい")
        };
        assert!(receipt(&reply, &account("")).is_none());
        let read = super::reply(&reply).unwrap();
        assert_eq!(read.number, PhoneNumber::from_e164("+819012345678"));
        assert!(super::reply(&deliver("id:1 stat:DELIVRD")).is_none());
    }
}
