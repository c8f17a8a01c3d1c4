#![forbid(unsafe_code)]
//! carrier
