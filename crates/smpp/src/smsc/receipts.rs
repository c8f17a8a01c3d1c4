//! Writes delivery receipts as SMSCs do.

use super::config::{ReceiptFormat, SmscConfig};
use crate::pdu::{DeliverSm, ESM_CLASS_RECEIPT, SubmitSm, Tlv, tag};
use crate::receipt::{LocalStamp, ReceiptState};

/// `network_error_code`: the code is one of a GSM network.
const GSM_NETWORK: u8 = 3;

/// Writes dates as `YYMMDDhhmm`; remembers the last one, because thousands of receipts share a minute.
#[derive(Default)]
struct MinuteWriter {
    minute: u64,
    text: String,
}

impl MinuteWriter {
    fn write(&mut self, local_seconds: u64, out: &mut Vec<u8>) {
        let minute = local_seconds / 60;
        if self.minute != minute || self.text.is_empty() {
            self.minute = minute;
            self.text = LocalStamp::from_local_seconds(local_seconds).to_minutes();
        }
        out.extend_from_slice(self.text.as_bytes());
    }
}

#[derive(Default)]
pub(super) struct ReceiptWriter {
    submit: MinuteWriter,
    done: MinuteWriter,
}

/// What a receipt says.
pub(super) struct Said<'a> {
    pub(super) message_id: u64,
    pub(super) state: ReceiptState,
    /// When the message came and when it reached its end, seconds of the SMSC's clock.
    pub(super) local_seconds: (u64, u64),
    pub(super) submit: &'a SubmitSm,
}

impl ReceiptWriter {
    pub(super) fn write(&mut self, config: &SmscConfig, said: &Said<'_>) -> DeliverSm {
        let id = config.receipt_message_id.write(said.message_id);
        let mut receipt = DeliverSm {
            source_addr_ton: said.submit.dest_addr_ton,
            source_addr_npi: said.submit.dest_addr_npi,
            source_addr: said.submit.destination_addr.clone(),
            dest_addr_ton: said.submit.source_addr_ton,
            dest_addr_npi: said.submit.source_addr_npi,
            destination_addr: said.submit.source_addr.clone(),
            esm_class: ESM_CLASS_RECEIPT,
            ..DeliverSm::default()
        };
        if config.receipts.format != ReceiptFormat::Tlv {
            receipt.short_message = self.text(&id, said);
        }
        if config.receipts.format != ReceiptFormat::Text {
            let code = error_code(said.state);
            receipt.tlvs = vec![
                Tlv::c_octet_string(tag::RECEIPTED_MESSAGE_ID, &id),
                Tlv::u8(tag::MESSAGE_STATE, said.state.code()),
                Tlv {
                    tag: tag::NETWORK_ERROR_CODE,
                    value: vec![GSM_NETWORK, 0, code],
                },
            ];
        }
        receipt
    }

    /// Appendix B. `text:` stays empty: a simulator has no need to repeat what was said to a person.
    fn text(&mut self, id: &str, said: &Said<'_>) -> Vec<u8> {
        let delivered: &[u8] = if said.state == ReceiptState::Delivered {
            b"001"
        } else {
            b"000"
        };
        let code = error_code(said.state);
        let mut text = Vec::with_capacity(128);
        for piece in [
            b"id:",
            id.as_bytes(),
            b" sub:001 dlvrd:",
            delivered,
            b" submit date:",
        ] {
            text.extend_from_slice(piece);
        }
        self.submit.write(said.local_seconds.0, &mut text);
        text.extend_from_slice(b" done date:");
        self.done.write(said.local_seconds.1, &mut text);
        let digits = [b'0' + code / 100, b'0' + code / 10 % 10, b'0' + code % 10];
        for piece in [
            b" stat:",
            said.state.word().as_bytes(),
            b" err:",
            &digits,
            b" text:",
        ] {
            text.extend_from_slice(piece);
        }
        text
    }
}

/// The code that this SMSC gives for each state.
fn error_code(state: ReceiptState) -> u8 {
    match state {
        ReceiptState::Delivered | ReceiptState::Enroute | ReceiptState::Accepted => 0,
        ReceiptState::Undeliverable => 1,
        ReceiptState::Expired => 2,
        ReceiptState::Rejected => 3,
        ReceiptState::Deleted => 4,
        ReceiptState::Unknown => 99,
    }
}
