//! A list from the command line: read, checked, its problems in words.

use std::io::Write;

use base::merge::MessageTemplate;
use lists::check::{Checked, Standing, check};
use lists::code::Severity;
use lists::problem::FileProblem;
use lists::read::{ReadOptions, read};

use super::Failure;
use crate::cli::ListOptions;

/// At most so many problems are written out; `todoke check --json` gives all.
const SHOWN: usize = 50;

/// Reads and checks the list; `Err` inside if the list as a whole cannot be used.
pub(crate) fn load(options: &ListOptions) -> Result<Result<Checked, Vec<FileProblem>>, Failure> {
    let text = match (&options.template, &options.template_file) {
        (Some(text), _) => text.clone(),
        (None, Some(path)) => std::fs::read_to_string(path).map_err(Failure::io(format!(
            "文面のファイル {} を読めません",
            path.display()
        )))?,
        (None, None) => {
            return Err(Failure::WrongUse(
                "--template か --template-file が要ります。".to_owned(),
            ));
        }
    };
    // A template file ends with a newline that nobody means.
    let text = if options.template_file.is_some() {
        text.trim_end_matches(['\n', '\r'])
    } else {
        &text
    };
    let template = match MessageTemplate::parse(text) {
        Ok(template) => template,
        Err(problem) => return Ok(Err(vec![problem.into()])),
    };
    let name = options
        .file
        .file_name()
        .map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    let size = std::fs::metadata(&options.file)
        .map_err(Failure::io(format!(
            "リスト {} を読めません",
            options.file.display()
        )))?
        .len();
    let size = usize::try_from(size).unwrap_or(usize::MAX);
    if size > base::limits::LIST_FILE_BYTES {
        return Ok(Err(vec![FileProblem::TooBig { bytes: size }]));
    }
    let bytes = std::fs::read(&options.file).map_err(Failure::io(format!(
        "リスト {} を読めません",
        options.file.display()
    )))?;
    let how = ReadOptions {
        sheet: options.sheet.clone(),
        to: Some(options.to.clone()),
        ..ReadOptions::default()
    };
    let sheet = match read(&name, &bytes, &how) {
        Ok(sheet) => sheet,
        Err(problem) => return Ok(Err(vec![problem])),
    };
    drop(bytes);
    Ok(check(&sheet, &options.to, &template))
}

/// Writes what was found, for people.
pub(crate) fn describe(checked: &Checked, mut to: impl Write) -> std::io::Result<()> {
    for finding in &checked.findings {
        writeln!(to, "{}: {}", severity_word(finding.severity), finding.message)?;
    }
    let mut shown = 0;
    for row in &checked.rows {
        for problem in &row.problems {
            shown += 1;
            if shown > SHOWN {
                continue;
            }
            let word = severity_word(problem.severity());
            writeln!(
                to,
                "{}行目 {word}: {} [{}]",
                row.line,
                problem.message,
                problem.code.code()
            )?;
        }
    }
    if shown > SHOWN {
        writeln!(
            to,
            "ほか{}件。すべては todoke check --json で見られます。",
            shown - SHOWN
        )?;
    }
    let blocked = checked
        .rows
        .iter()
        .filter(|row| row.standing() == Standing::Blocked)
        .count();
    let (rows, sendable) = (checked.rows.len(), checked.summary.sendable);
    writeln!(
        to,
        "{rows}行のうち、送信できる行は{sendable}行、誤りのある行は{blocked}行です。"
    )
}

fn severity_word(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "誤り",
        Severity::Warning => "確認",
        Severity::Notice => "お知らせ",
    }
}
