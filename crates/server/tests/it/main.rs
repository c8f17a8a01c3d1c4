#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
//! The only integration binary: the program as its users run it.

mod apart;
mod asvs;
mod audit;
mod bad_input;
mod check;
mod contractor;
mod database_tls;
mod demo;
mod denied;
mod foreign;
mod identity;
mod kill;
mod labels;
mod limits;
mod network;
mod nodes;
mod photos;
mod rush;
mod sealed;
mod send;
mod send_again;
mod send_carriers;
mod send_long;
mod serve;
mod smsc;
mod stop;
mod support;
mod surge;
mod tidy;
