#![forbid(unsafe_code)]
//! `todoke`: one binary that checks lists, sends them, serves the web application, and plays the carrier.
//!
//! This crate only assembles: `cli` is every command and flag, `commands/` carries each out. The rules of
//! the product live in the crates below it.

pub mod actions;
mod cli;
mod commands;
mod router;
pub mod routes;
mod serving;
mod settings;

use std::process::ExitCode;

use clap::Parser;

use crate::cli::{Cli, Command};

/// Wrong use of the command line (`EX_USAGE` of sysexits.h).
const WRONG_USE: u8 = 64;

/// Reads the command line and carries it out. Gives the exit code: 0, 1, 2 as the command says, 64 for wrong
/// use.
pub fn run() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            let _ = error.print();
            return if error.use_stderr() {
                ExitCode::from(WRONG_USE)
            } else {
                ExitCode::SUCCESS
            };
        }
    };
    // Before anything else of the program is there: it gives away its rights first.
    if matches!(cli.command, Command::PhotoWorker) {
        return photo::worker::serve();
    }
    start_log(&cli);
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("起動できません（{error}）。");
            return ExitCode::FAILURE;
        }
    };
    runtime
        .block_on(carry_out(cli.command))
        .unwrap_or_else(|failure| {
            eprintln!("{failure}");
            ExitCode::from(failure.code())
        })
}

async fn carry_out(command: Command) -> Result<ExitCode, commands::Failure> {
    match command {
        Command::Check(options) => commands::check::run(&options),
        Command::Send(options) => commands::send::run(*options).await,
        Command::Serve(options) => commands::serve::run(*options).await,
        Command::Demo(options) => commands::demo::run(*options).await,
        Command::Smsc(options) => commands::smsc::run(&options).await,
        Command::Admin(options) => commands::admin::run(options).await,
        Command::Audit(options) => commands::audit::run(options).await,
        // Carried out before a runtime was there.
        Command::PhotoWorker => Ok(ExitCode::FAILURE),
    }
}

/// Logs go to stderr, warnings and worse unless asked for more; they hold ids, never names or numbers.
fn start_log(cli: &Cli) {
    let level = if cli.verbose {
        tracing::Level::INFO
    } else {
        tracing::Level::ERROR
    };
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_max_level(level)
        .with_target(false)
        .init();
}
