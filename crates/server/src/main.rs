#![forbid(unsafe_code)]
//! The program; everything is in the library beside it.

use std::process::ExitCode;

fn main() -> ExitCode {
    todoke::run()
}
