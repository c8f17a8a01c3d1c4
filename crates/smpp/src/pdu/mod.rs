//! PDUs of SMPP 3.4 and their frames. Names are those of the specification, in snake case.

mod bind;
mod message;
mod status;
mod tlv;
mod wire;

#[cfg(test)]
mod tests;

use bytes::{Buf, BytesMut};

pub use bind::{Bind, BindResp, INTERFACE_VERSION};
pub use message::{
    DATA_CODING_DEFAULT, DATA_CODING_UCS2, DeliverSm, ESM_CLASS_RECEIPT, ESM_CLASS_UDHI,
    REGISTERED_DELIVERY_FINAL, SHORT_MESSAGE_MAX, SubmitSm,
};
pub use status::{CommandStatus, StatusKind};
pub use tlv::{Tlv, tag};
pub(crate) use wire::latin1;
pub use wire::{EncodeError, Malformed};

use wire::{Reader, put_c_octet_string};

/// Octets of the header of every PDU.
const HEADER: usize = 16;

/// Longest PDU that is read or written, in octets. No message is near it; a longer length means that the
/// peer does not speak SMPP or that the stream is out of step.
pub const PDU_MAX: usize = 64 * 1024;

/// The bit of `command_id` that marks an answer.
const RESP: u32 = 0x8000_0000;

/// One PDU: header and body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pdu {
    /// How the request ended; `ESME_ROK` in requests.
    pub command_status: CommandStatus,
    /// Ties an answer to its request.
    pub sequence_number: u32,
    /// What is asked or answered.
    pub body: Body,
}

/// What a PDU says, by `command_id`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Body {
    /// `bind_receiver`
    BindReceiver(Bind),
    /// `bind_receiver_resp`
    BindReceiverResp(BindResp),
    /// `bind_transmitter`
    BindTransmitter(Bind),
    /// `bind_transmitter_resp`
    BindTransmitterResp(BindResp),
    /// `bind_transceiver`
    BindTransceiver(Bind),
    /// `bind_transceiver_resp`
    BindTransceiverResp(BindResp),
    /// `submit_sm`
    SubmitSm(SubmitSm),
    /// `submit_sm_resp`
    SubmitSmResp {
        /// The SMSC's name for the message; empty when it was refused.
        message_id: String,
    },
    /// `deliver_sm`
    DeliverSm(DeliverSm),
    /// `deliver_sm_resp` (its `message_id` is unused and always empty)
    DeliverSmResp,
    /// `unbind`
    Unbind,
    /// `unbind_resp`
    UnbindResp,
    /// `enquire_link`
    EnquireLink,
    /// `enquire_link_resp`
    EnquireLinkResp,
    /// `generic_nack`
    GenericNack,
    /// A command that this crate does not speak (`data_sm`, `query_sm`, …), kept as it came.
    Unknown {
        /// Which command.
        command_id: u32,
        /// Its body, undecoded.
        octets: Vec<u8>,
    },
}

/// Why bytes could not be read as PDUs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// `command_length` is below 16 or above [`PDU_MAX`]: the stream cannot be followed any further.
    #[error("command_length {0} is out of range")]
    Length(u32),
    /// One PDU is malformed. It was taken out of the buffer; the next one can be read.
    #[error("malformed PDU 0x{command_id:08X}: {malformed}")]
    Malformed {
        /// Which command it was.
        command_id: u32,
        /// Its `sequence_number`.
        sequence_number: u32,
        /// Where reading failed.
        malformed: Malformed,
    },
}

impl Pdu {
    /// A request, or an answer that says yes.
    pub fn new(sequence_number: u32, body: Body) -> Self {
        Self {
            command_status: CommandStatus::ESME_ROK,
            sequence_number,
            body,
        }
    }

    /// Takes the next whole PDU out of `buffer`; `None` when more bytes are needed.
    pub fn decode(buffer: &mut BytesMut) -> Result<Option<Self>, DecodeError> {
        let Some(header) = buffer.first_chunk::<HEADER>() else {
            return short_header(buffer);
        };
        let [command_length, command_id, command_status, sequence_number] = words(header);
        let length = frame_length(command_length)?;
        let Some(frame) = buffer.get(..length) else {
            return Ok(None);
        };
        let body = Body::decode(command_id, &frame[HEADER..]).map_err(|malformed| DecodeError::Malformed {
            command_id,
            sequence_number,
            malformed,
        });
        buffer.advance(length);
        body.map(|body| {
            Some(Self {
                command_status: CommandStatus(command_status),
                sequence_number,
                body,
            })
        })
    }

    /// Appends this PDU to `out`, or leaves `out` as it was.
    pub fn encode(&self, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        let refused = !self.command_status.is_ok();
        frame(
            out,
            self.body.command_id(),
            self.command_status,
            self.sequence_number,
            |out| self.body.encode(out, refused),
        )
    }
}

/// Whether a command asks for an answer.
pub(crate) fn is_request(command_id: u32) -> bool {
    command_id & RESP == 0
}

/// Appends a `submit_sm` without a [`Pdu`] being built around it.
pub(crate) fn encode_submit_sm(
    pdu: &SubmitSm,
    sequence_number: u32,
    out: &mut Vec<u8>,
) -> Result<(), EncodeError> {
    frame(
        out,
        command::SUBMIT_SM,
        CommandStatus::ESME_ROK,
        sequence_number,
        |out| pdu.encode(out),
    )
}

/// Appends a `deliver_sm` without a [`Pdu`] being built around it.
pub(crate) fn encode_deliver_sm(
    pdu: &DeliverSm,
    sequence_number: u32,
    out: &mut Vec<u8>,
) -> Result<(), EncodeError> {
    frame(
        out,
        command::DELIVER_SM,
        CommandStatus::ESME_ROK,
        sequence_number,
        |out| pdu.encode(out),
    )
}

/// Writes header and body and sets `command_length`; on an error `out` is cut back to what it was.
fn frame(
    out: &mut Vec<u8>,
    command_id: u32,
    command_status: CommandStatus,
    sequence_number: u32,
    body: impl FnOnce(&mut Vec<u8>) -> Result<(), EncodeError>,
) -> Result<(), EncodeError> {
    let start = out.len();
    for word in [0, command_id, command_status.0, sequence_number] {
        out.extend_from_slice(&word.to_be_bytes());
    }
    let written = body(out).and_then(|()| {
        let length = out.len() - start;
        u32::try_from(length)
            .ok()
            .filter(|_| length <= PDU_MAX)
            .ok_or(EncodeError::too_long("command_length"))
    });
    match written {
        Ok(length) => {
            out[start..start + 4].copy_from_slice(&length.to_be_bytes());
            Ok(())
        }
        Err(error) => {
            out.truncate(start);
            Err(error)
        }
    }
}

/// Fewer bytes than a header: wait for more, unless the length is already known to be impossible.
fn short_header(buffer: &BytesMut) -> Result<Option<Pdu>, DecodeError> {
    if let Some(length) = buffer.first_chunk::<4>() {
        frame_length(u32::from_be_bytes(*length))?;
    }
    Ok(None)
}

fn frame_length(command_length: u32) -> Result<usize, DecodeError> {
    usize::try_from(command_length)
        .ok()
        .filter(|length| (HEADER..=PDU_MAX).contains(length))
        .ok_or(DecodeError::Length(command_length))
}

fn words(header: &[u8; HEADER]) -> [u32; 4] {
    let mut words = [0; 4];
    for (word, octets) in words.iter_mut().zip(header.as_chunks::<4>().0) {
        *word = u32::from_be_bytes(*octets);
    }
    words
}

/// `command_id`s of SMPP 3.4 table 5-1.
mod command {
    pub(super) const BIND_RECEIVER: u32 = 0x01;
    pub(super) const BIND_TRANSMITTER: u32 = 0x02;
    pub(super) const SUBMIT_SM: u32 = 0x04;
    pub(super) const DELIVER_SM: u32 = 0x05;
    pub(super) const UNBIND: u32 = 0x06;
    pub(super) const BIND_TRANSCEIVER: u32 = 0x09;
    pub(super) const ENQUIRE_LINK: u32 = 0x15;
    pub(super) const GENERIC_NACK: u32 = 0x8000_0000;
    pub(super) const BIND_RECEIVER_RESP: u32 = super::RESP | BIND_RECEIVER;
    pub(super) const BIND_TRANSMITTER_RESP: u32 = super::RESP | BIND_TRANSMITTER;
    pub(super) const SUBMIT_SM_RESP: u32 = super::RESP | SUBMIT_SM;
    pub(super) const DELIVER_SM_RESP: u32 = super::RESP | DELIVER_SM;
    pub(super) const UNBIND_RESP: u32 = super::RESP | UNBIND;
    pub(super) const BIND_TRANSCEIVER_RESP: u32 = super::RESP | BIND_TRANSCEIVER;
    pub(super) const ENQUIRE_LINK_RESP: u32 = super::RESP | ENQUIRE_LINK;
}

impl Body {
    /// Which command this is on the wire.
    pub fn command_id(&self) -> u32 {
        match self {
            Self::BindReceiver(_) => command::BIND_RECEIVER,
            Self::BindReceiverResp(_) => command::BIND_RECEIVER_RESP,
            Self::BindTransmitter(_) => command::BIND_TRANSMITTER,
            Self::BindTransmitterResp(_) => command::BIND_TRANSMITTER_RESP,
            Self::BindTransceiver(_) => command::BIND_TRANSCEIVER,
            Self::BindTransceiverResp(_) => command::BIND_TRANSCEIVER_RESP,
            Self::SubmitSm(_) => command::SUBMIT_SM,
            Self::SubmitSmResp { .. } => command::SUBMIT_SM_RESP,
            Self::DeliverSm(_) => command::DELIVER_SM,
            Self::DeliverSmResp => command::DELIVER_SM_RESP,
            Self::Unbind => command::UNBIND,
            Self::UnbindResp => command::UNBIND_RESP,
            Self::EnquireLink => command::ENQUIRE_LINK,
            Self::EnquireLinkResp => command::ENQUIRE_LINK_RESP,
            Self::GenericNack => command::GENERIC_NACK,
            Self::Unknown { command_id, .. } => *command_id,
        }
    }

    /// Whether this asks for an answer (answers and `generic_nack` do not).
    pub fn is_request(&self) -> bool {
        is_request(self.command_id())
    }

    fn decode(command_id: u32, octets: &[u8]) -> Result<Self, Malformed> {
        let reader = &mut Reader::new(octets);
        Ok(match command_id {
            command::BIND_RECEIVER => Self::BindReceiver(Bind::decode(reader)?),
            command::BIND_RECEIVER_RESP => Self::BindReceiverResp(BindResp::decode(reader)?),
            command::BIND_TRANSMITTER => Self::BindTransmitter(Bind::decode(reader)?),
            command::BIND_TRANSMITTER_RESP => Self::BindTransmitterResp(BindResp::decode(reader)?),
            command::BIND_TRANSCEIVER => Self::BindTransceiver(Bind::decode(reader)?),
            command::BIND_TRANSCEIVER_RESP => Self::BindTransceiverResp(BindResp::decode(reader)?),
            command::SUBMIT_SM => Self::SubmitSm(SubmitSm::decode(reader)?),
            command::SUBMIT_SM_RESP => Self::SubmitSmResp {
                message_id: reader.last_c_octet_string("message_id"),
            },
            command::DELIVER_SM => Self::DeliverSm(DeliverSm::decode(reader)?),
            command::DELIVER_SM_RESP => Self::DeliverSmResp,
            command::UNBIND => Self::Unbind,
            command::UNBIND_RESP => Self::UnbindResp,
            command::ENQUIRE_LINK => Self::EnquireLink,
            command::ENQUIRE_LINK_RESP => Self::EnquireLinkResp,
            command::GENERIC_NACK => Self::GenericNack,
            command_id => Self::Unknown {
                command_id,
                octets: octets.to_vec(),
            },
        })
    }

    /// The body of a refusal may be left out (SMPP 3.4 section 4.4.2), and is.
    fn encode(&self, out: &mut Vec<u8>, refused: bool) -> Result<(), EncodeError> {
        match self {
            Self::BindReceiver(bind) | Self::BindTransmitter(bind) | Self::BindTransceiver(bind) => {
                bind.encode(out)
            }
            Self::BindReceiverResp(resp)
            | Self::BindTransmitterResp(resp)
            | Self::BindTransceiverResp(resp) => {
                if refused && *resp == BindResp::default() {
                    Ok(())
                } else {
                    resp.encode(out)
                }
            }
            Self::SubmitSm(pdu) => pdu.encode(out),
            Self::DeliverSm(pdu) => pdu.encode(out),
            Self::SubmitSmResp { message_id } => {
                if refused && message_id.is_empty() {
                    Ok(())
                } else {
                    put_c_octet_string(out, message_id, 65, "message_id")
                }
            }
            Self::DeliverSmResp => {
                out.push(0);
                Ok(())
            }
            Self::Unbind
            | Self::UnbindResp
            | Self::EnquireLink
            | Self::EnquireLinkResp
            | Self::GenericNack => Ok(()),
            Self::Unknown { octets, .. } => {
                out.extend_from_slice(octets);
                Ok(())
            }
        }
    }
}
