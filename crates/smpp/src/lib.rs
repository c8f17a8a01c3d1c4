#![forbid(unsafe_code)]
//! SMPP 3.4: PDUs, text, delivery receipts, the ESME's side of a session, and a simulated SMSC over TCP.
//!
//! Knows nothing of who sends what to whom: no storage, no queue, no retry. What a session cannot know
//! (whether a message whose answer never came has reached the SMSC) it says, and leaves to its caller.

pub mod inbound;
pub mod pdu;
pub mod receipt;
pub mod session;
pub mod smsc;
mod stamp;
pub mod text;

#[cfg(test)]
mod testing;
