#![forbid(unsafe_code)]
//! The child process of the tests.

fn main() -> std::process::ExitCode {
    photo::worker::serve()
}
