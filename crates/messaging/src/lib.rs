#![forbid(unsafe_code)]
//! messaging
