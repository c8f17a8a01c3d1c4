#![forbid(unsafe_code)]
//! Message templates, broadcasts, messages and what became of them.
//!
//! A [`broadcast`] turns checked rows into messages, once ([`recognition`]); the [`outbox`] is what the
//! carrier worker may do with them: claim, record an answer, record a receipt. What the carrier says
//! becomes a [`message::MessageState`] through one pure function.
//!
//! What it is not: it opens no connection to a carrier and knows no SMPP; it reads no files.

pub mod advice;
pub mod alarm;
pub mod allowance;
pub mod audit_actions;
pub mod broadcast;
pub mod carrier_code;
pub mod correction;
pub mod export;
pub mod incident;
pub mod limits;
pub mod links;
pub mod message;
pub mod outbox;
pub mod pages;
pub mod recognition;
pub mod release;
pub mod reply;
pub mod report;
pub mod resend;
pub mod retention;
pub mod sender;
pub mod stage;
pub mod table_file;
pub mod tariff;
pub mod template;

pub mod store;
