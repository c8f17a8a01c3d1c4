#![forbid(unsafe_code)]
//! From a case notification (発生届) to everybody reached: intake, triage, first contact, observation.
//!
//! A [`notification::CaseNotification`] becomes a case of a programme. Dated rules say who reaches the person and
//! how, and until when the person stays at home; nothing of that is typed.
//!
//! What it is not: it sends nothing by itself (`messaging` does, with its checks, approval and limits), and it reads
//! no files (`lists` does).

pub mod area;
pub mod behind;
pub mod care;
pub mod case;
pub mod closing;
pub mod counting;
pub mod decision;
pub mod disease;
pub mod facts;
pub mod figures;
pub mod gather;
pub mod household;
pub mod intake;
pub mod jobs;
pub mod keys;
pub mod limits;
pub mod notification;
pub mod observation;
pub mod order;
pub mod outage;
pub mod overrule;
pub mod pages;
pub mod period;
pub mod programme;
pub mod questions;
pub mod reach;
pub mod retention;
pub mod rule;
pub mod store;
pub mod take_over;
pub mod timeline;
pub mod trial;
pub mod watch;
