#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
//! Applications on both databases: from the first page to the message that tells the result, by one person and by
//! twenty at once.

#[path = "../answers/mod.rs"]
mod answers;
mod applying;
#[path = "../browser/mod.rs"]
mod browser;
mod checking;
mod codes;
mod delivered;
mod editor;
mod erased;
mod front;
mod house;
mod invited;
mod invited_later;
mod judging;
mod model;
mod office;
mod outcomes;
mod papers;
mod photos;
mod proxy;
mod received;
mod resident;
mod results;
mod returned;
mod reviewed;
mod rush;
mod rush_pages;
mod spoken;
mod staff;
mod versions;
mod withdrawn;
mod wrong;
