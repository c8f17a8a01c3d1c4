#![forbid(unsafe_code)]
//! accounts
