#![forbid(unsafe_code)]
//! smpp
