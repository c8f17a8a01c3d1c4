//! `todoke check`: the same checks as sending, without sending.

use std::io::{self, BufWriter, Write};
use std::process::ExitCode;

use lists::check::{Check, Checked};
use serde::Serialize;

use super::{Failure, list};
use crate::cli::CheckOptions;

/// Exit code of a list of which something cannot be sent.
const PROBLEMS: u8 = 2;

pub(crate) fn run(options: &CheckOptions) -> Result<ExitCode, Failure> {
    let written = |written: io::Result<()>| written.map_err(Failure::io("結果を書けません"));
    match list::load(&options.list)? {
        Ok((sheet, brief)) => {
            let check = Check::new(sheet, brief);
            written(if options.json {
                print(&check)
            } else {
                list::describe(&check, BufWriter::new(io::stdout().lock()))
            })?;
            Ok(if check.stopped() || check.summary.errors > 0 {
                ExitCode::from(PROBLEMS)
            } else {
                ExitCode::SUCCESS
            })
        }
        Err(problems) => {
            let refused = Checked::refused(&problems);
            written(if options.json {
                print(&refused)
            } else {
                list::describe_refused(&refused, io::stdout().lock())
            })?;
            Ok(ExitCode::FAILURE)
        }
    }
}

fn print(document: &impl Serialize) -> io::Result<()> {
    let mut out = BufWriter::new(io::stdout().lock());
    serde_json::to_writer_pretty(&mut out, document)?;
    out.flush()
}
