#![forbid(unsafe_code)]
//! The list desk: an office's file becomes rows that may be sent, and every other row says why not.
//!
//! [`read::read`] understands the file (what it is, its letters, which line holds the headings), and keeps each
//! cell as it stands. [`check::check`] takes the column of numbers and a message template and judges every row.
//! Both are pure: bytes in, findings out, no clock, no database, no network. The command line, the pages and the
//! interface for programs show the same result, because there is no second way.
//!
//! Nothing is repaired silently and no row disappears: a value that was changed is a notice with before and after,
//! and each row that holds anything is in the result, with the row number that Excel shows.
//!
//! [`store`] keeps uploaded lists, sealed, so that rows can be mended in the browser and checked again.
//!
//! Three memories reach across lists: [`contacts`], who was written to before, by which office, for what;
//! [`numbers`], which numbers are wrong; [`calls`], who is telephoned instead.
//!
//! What this is not: it sends nothing. Whoever does writes the contact history here.

pub mod calls;
pub mod check;
pub mod choice;
pub mod code;
pub mod columns;
pub mod contacts;
pub mod integrity;
pub mod kind;
pub mod layout;
pub mod numbers;
pub mod person;
pub mod problem;
pub mod read;
mod repeated;
pub mod sheet;
pub mod store;

pub use repeated::HeadingLine;
