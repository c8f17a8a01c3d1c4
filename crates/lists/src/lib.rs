#![forbid(unsafe_code)]
//! lists
