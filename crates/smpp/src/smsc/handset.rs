//! Parts of messages, and what the phones show.

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::time::SystemTime;

use crate::inbound;
use crate::pdu::{DATA_CODING_DEFAULT, DATA_CODING_UCS2, SubmitSm, latin1};
use crate::text::{Concatenation, Reference, decode_gsm, decode_ucs2};

/// Messages of which parts are missing that are kept; beyond it the oldest is forgotten.
const INCOMPLETE_MAX: usize = 10_000;

/// A whole message on a simulated phone. Its `Debug` shows neither numbers nor text.
#[derive(Clone, PartialEq, Eq)]
pub struct HandsetMessage {
    /// The account that submitted it, and that an answer goes to.
    pub system_id: String,
    /// Sender as submitted.
    pub source_addr: String,
    /// Recipient as submitted.
    pub destination_addr: String,
    /// The text, all parts joined.
    pub text: String,
    /// When the last part was accepted.
    pub at: SystemTime,
}

impl fmt::Debug for HandsetMessage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HandsetMessage")
            .field("at", &self.at)
            .finish_non_exhaustive()
    }
}

/// The place of a part, by user data header or by SAR parameters, and the octets of its text.
pub(super) fn place(pdu: &SubmitSm) -> (Option<Concatenation>, &[u8]) {
    inbound::place(pdu.esm_class, pdu.user_data(), |tag| pdu.tlv(tag))
}

/// What the parts of one message share.
type Key = (String, String, Reference, u8);

fn key(pdu: &SubmitSm, place: Concatenation) -> Key {
    (
        pdu.source_addr.clone(),
        pdu.destination_addr.clone(),
        place.reference,
        place.total,
    )
}

/// Messages of which parts are missing.
struct Incomplete<T> {
    messages: HashMap<Key, T>,
    order: VecDeque<Key>,
}

impl<T> Default for Incomplete<T> {
    fn default() -> Self {
        Self {
            messages: HashMap::new(),
            order: VecDeque::new(),
        }
    }
}

impl<T: Default> Incomplete<T> {
    fn entry(&mut self, key: Key) -> &mut T {
        if !self.messages.contains_key(&key) {
            self.order.push_back(key.clone());
            if self.order.len() > INCOMPLETE_MAX
                && let Some(oldest) = self.order.pop_front()
            {
                self.messages.remove(&oldest);
            }
        }
        self.messages.entry(key).or_default()
    }

    fn forget(&mut self, key: &Key) -> Option<T> {
        self.order.retain(|known| known != key);
        self.messages.remove(key)
    }
}

/// Joins parts to what a phone shows.
#[derive(Default)]
pub(super) struct Handsets {
    incomplete: Incomplete<HashMap<u8, Vec<u8>>>,
}

impl Handsets {
    /// Takes in an accepted part; a whole message comes out with its last part. A part that comes again
    /// after its message was complete begins a new one, as on a real phone.
    pub(super) fn take(&mut self, system_id: &str, pdu: &SubmitSm, at: SystemTime) -> Option<HandsetMessage> {
        let octets = match place(pdu) {
            (None, octets) => octets.to_vec(),
            (Some(place), octets) => {
                let key = key(pdu, place);
                let parts = self.incomplete.entry(key.clone());
                parts.insert(place.part, octets.to_vec());
                if parts.len() < usize::from(place.total) {
                    return None;
                }
                let mut parts = self.incomplete.forget(&key)?;
                (1..=place.total)
                    .filter_map(|part| parts.remove(&part))
                    .flatten()
                    .collect()
            }
        };
        Some(HandsetMessage {
            system_id: system_id.to_owned(),
            source_addr: pdu.source_addr.clone(),
            destination_addr: pdu.destination_addr.clone(),
            text: decode(pdu.data_coding, &octets),
            at,
        })
    }
}

pub(super) fn decode(data_coding: u8, octets: &[u8]) -> String {
    match data_coding {
        DATA_CODING_UCS2 => decode_ucs2(octets),
        DATA_CODING_DEFAULT => decode_gsm(octets),
        _ => latin1(octets),
    }
}

/// Adds up the length of messages over their parts.
#[derive(Default)]
pub(super) struct Lengths {
    incomplete: Incomplete<HashMap<u8, usize>>,
}

impl Lengths {
    /// Units of the message so far, this part included.
    pub(super) fn add(&mut self, pdu: &SubmitSm) -> usize {
        let (place, octets) = place(pdu);
        let units = if pdu.data_coding == DATA_CODING_UCS2 {
            octets.len() / 2
        } else {
            octets.len()
        };
        let Some(place) = place else { return units };
        let key = key(pdu, place);
        let parts = self.incomplete.entry(key.clone());
        parts.insert(place.part, units);
        let (sum, whole) = (parts.values().sum(), parts.len() == usize::from(place.total));
        if whole {
            self.incomplete.forget(&key);
        }
        sum
    }
}
