#![forbid(unsafe_code)]
//! db
