#![forbid(unsafe_code)]
//! web
