//! `todoke check`: the same checks as sending, without sending.

use std::io::{self, BufWriter, Write};
use std::process::ExitCode;

use lists::check::Checked;

use super::{Failure, list};
use crate::cli::CheckOptions;

/// Exit code of a list of which something cannot be sent.
const PROBLEMS: u8 = 2;

pub(crate) fn run(options: &CheckOptions) -> Result<ExitCode, Failure> {
    let (checked, usable) = match list::load(&options.list)? {
        Ok(checked) => (checked, true),
        Err(problems) => (Checked::refused(&problems), false),
    };
    let written = if options.json {
        let mut out = BufWriter::new(io::stdout().lock());
        serde_json::to_writer_pretty(&mut out, &checked)
            .map_err(io::Error::from)
            .and_then(|()| out.flush())
    } else {
        list::describe(&checked, io::stdout().lock())
    };
    written.map_err(Failure::io("結果を書けません"))?;
    Ok(match (usable, checked.summary.errors) {
        (false, _) => ExitCode::FAILURE,
        (true, 0) => ExitCode::SUCCESS,
        (true, _) => ExitCode::from(PROBLEMS),
    })
}
