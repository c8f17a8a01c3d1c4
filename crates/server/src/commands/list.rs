//! A list from the command line: read, checked, its problems in words.

use std::io::Write;
use std::path::Path;

use base::clock::Clock;
use base::date::CalendarDate;
use base::merge::{MessageTemplate, link_name};
use lists::check::{Brief, Check, Checked, RowText, Summary};
use lists::choice::{Household, LetterChoice};
use lists::code::{Finding, Severity};
use lists::columns::Columns;
use lists::layout::Mapping;
use lists::problem::FileProblem;
use lists::read::{ReadOptions, read};
use lists::sheet::Sheet;

use super::Failure;
use crate::cli::ListOptions;

/// At most so many problems are written out; `todoke check --json` gives all.
const SHOWN: usize = 50;

/// A list and what it is checked for; `Err` inside if the list as a whole cannot be used.
pub(crate) fn load(options: &ListOptions) -> Result<Result<(Sheet, Brief), Vec<FileProblem>>, Failure> {
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
    let how = ReadOptions {
        sheet: options.sheet.clone(),
        to: Some(options.to.clone()),
        encoding: options.encoding,
        header_line: options.header_line,
        ..ReadOptions::default()
    };
    let sheet = match read_file(&options.file, &how)? {
        Ok(sheet) => sheet,
        Err(problem) => return Ok(Err(vec![problem])),
    };
    let mut brief = match brief(options, &sheet, template) {
        Ok(brief) => brief,
        Err(problems) => return Ok(Err(problems)),
    };
    if let Some(path) = &options.reference {
        match read_file(path, &ReadOptions::default())? {
            Ok(reference) => brief.background.compare(&sheet, &reference),
            Err(problem) => return Ok(Err(vec![FileProblem::Reference(Box::new(problem))])),
        }
    }
    let today = CalendarDate::in_japan(Clock::System.now());
    brief.background.look_inside(&sheet, today);
    Ok(Ok((sheet, brief)))
}

fn brief(options: &ListOptions, sheet: &Sheet, template: MessageTemplate) -> Result<Brief, Vec<FileProblem>> {
    let mapped = options.mapped.iter();
    let mapping = mapped.fold(Mapping::new(&options.to), |mapping, (field, column)| {
        mapping.with_field(field, column)
    });
    let Columns { to, fields } = mapping.apply(sheet, template.fields())?;
    if let Some(field) = template.fields().iter().find(|field| link_name(field).is_some()) {
        return Err(vec![FileProblem::NoLink { field: field.clone() }]);
    }
    let mut brief = Brief::of(to, vec![RowText::japanese(template, fields)]);
    if options.replace_letters {
        brief.choices.letters = LetterChoice::Replace;
    }
    if options.one_per_household {
        brief.choices.household = Household::Once;
    }
    Ok(brief)
}

fn read_file(path: &Path, how: &ReadOptions) -> Result<Result<Sheet, FileProblem>, Failure> {
    let unreadable = || Failure::io(format!("リスト {} を読めません", path.display()));
    let name = path
        .file_name()
        .map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    let size = std::fs::metadata(path).map_err(unreadable())?.len();
    let size = usize::try_from(size).unwrap_or(usize::MAX);
    if size > base::limits::LIST_FILE_BYTES {
        return Ok(Err(FileProblem::TooBig { bytes: size }));
    }
    let bytes = std::fs::read(path).map_err(unreadable())?;
    Ok(read(&name, &bytes, how))
}

/// Writes what was found, for people.
pub(crate) fn describe(check: &Check, mut to: impl Write) -> std::io::Result<()> {
    for finding in check.integrity() {
        let word = severity_word(finding.severity);
        writeln!(to, "{word}: {} [{}]", finding.message, finding.code.code())?;
    }
    findings(&check.findings, &mut to)?;
    let mut shown = 0;
    let Summary {
        rows,
        sendable,
        errors,
        warnings,
        notices,
        ..
    } = check.summary;
    // Rows are judged anew when they are asked for: not for nothing.
    let is_clean = errors + warnings + notices == 0;
    for row in check.rows().take_while(|_| !is_clean) {
        for problem in &row.problems {
            shown += 1;
            if shown > SHOWN {
                continue;
            }
            let word = severity_word(problem.severity());
            let code = problem.code.code();
            writeln!(to, "{}行目 {word}: {} [{code}]", row.line, problem.message)?;
        }
    }
    if shown > SHOWN {
        let more = shown - SHOWN;
        writeln!(to, "ほか{more}件。すべては todoke check --json で見られます。")?;
    }
    writeln!(
        to,
        "{rows}行のうち、送信できる行は{sendable}行、誤りのある行は{errors}行です。"
    )
}

/// Writes why a list as a whole cannot be used.
pub(crate) fn describe_refused(refused: &Checked, mut to: impl Write) -> std::io::Result<()> {
    findings(&refused.findings, &mut to)?;
    writeln!(to, "0行のうち、送信できる行は0行、誤りのある行は0行です。")
}

fn findings(findings: &[Finding], mut to: impl Write) -> std::io::Result<()> {
    for finding in findings {
        writeln!(to, "{}: {}", severity_word(finding.severity), finding.message)?;
    }
    Ok(())
}

fn severity_word(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "誤り",
        Severity::Warning => "確認",
        Severity::Notice => "お知らせ",
    }
}
