#![forbid(unsafe_code)]
//! base
