//! Which column is meant: by heading, and by what stands in it.

use base::{
    merge::{MessageTemplate, heading_key, link_name},
    phone::{self, PhoneProblem},
};
use serde::Serialize;

use crate::{
    layout::Mapping,
    problem::FileProblem,
    sheet::{Sheet, column_letters},
};

/// The columns that a check and a send use.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Columns {
    /// Column of the numbers, counted from 0.
    pub to: usize,
    /// Column of each of [`MessageTemplate::fields`]; `None` for a link, which no column holds.
    pub fields: Vec<Option<usize>>,
}

/// One column, for people and programs.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Column {
    /// Its heading as it stands in the list.
    pub heading: String,
    /// Its letters in Excel.
    pub letters: String,
}

impl Sheet {
    /// Heading and letters of a column, counted from 0.
    pub fn column(&self, column: usize) -> Column {
        Column {
            heading: self.headings().get(column).cloned().unwrap_or_default(),
            letters: column_letters(column),
        }
    }

    /// Headings that are not empty.
    fn named(&self) -> Vec<String> {
        self.headings()
            .iter()
            .filter(|heading| !heading.is_empty())
            .cloned()
            .collect()
    }
}

/// Finds the column of numbers and one column for each merge field, or says everything that is wrong about them.
/// Each is the column of that very name.
pub fn check_columns(
    sheet: &Sheet,
    to: &str,
    template: &MessageTemplate,
) -> Result<Columns, Vec<FileProblem>> {
    mapped_columns(sheet, &Mapping::new(to), template.fields())
}

/// The same, where merge fields may be taken from columns of other names.
pub fn mapped_columns(
    sheet: &Sheet,
    mapping: &Mapping,
    fields: &[String],
) -> Result<Columns, Vec<FileProblem>> {
    let mut problems = Vec::new();
    let to = find(sheet, mapping.to()).map_err(|missing| no_number_column(sheet, mapping.to(), missing));
    let to = to.unwrap_or_else(|problem| {
        problems.push(problem);
        0
    });
    let mut columns = Vec::new();
    for field in fields {
        if link_name(field).is_some() {
            columns.push(None);
            continue;
        }
        match find(sheet, mapping.field(field).unwrap_or(field)) {
            Ok(column) => columns.push(Some(column)),
            Err(missing) => {
                let problem = no_field_column(sheet, field, mapping.field(field), missing);
                if !problems.contains(&problem) {
                    problems.push(problem);
                }
            }
        }
    }
    if problems.is_empty() {
        Ok(Columns { to, fields: columns })
    } else {
        Err(problems)
    }
}

fn no_number_column(sheet: &Sheet, wanted: &str, missing: NotFound) -> FileProblem {
    let wanted = wanted.to_owned();
    match missing {
        NotFound::Double(letters) => FileProblem::DoubleColumn { wanted, letters },
        NotFound::None => FileProblem::NoSuchColumn {
            nearest: nearest(sheet, &wanted)
                .or_else(|| Some(sheet.headings()[*phone_columns(sheet).first()?].clone())),
            wanted,
            headings: sheet.named(),
        },
    }
}

fn no_field_column(sheet: &Sheet, field: &str, mapped: Option<&str>, missing: NotFound) -> FileProblem {
    match (missing, mapped) {
        (NotFound::Double(letters), _) => FileProblem::DoubleColumn {
            wanted: mapped.unwrap_or(field).to_owned(),
            letters,
        },
        (NotFound::None, Some(wanted)) => FileProblem::MappingLost {
            field: field.to_owned(),
            wanted: wanted.to_owned(),
            headings: sheet.named(),
        },
        (NotFound::None, None) => FileProblem::UnknownField {
            wanted: field.to_owned(),
            nearest: nearest(sheet, field),
            headings: sheet.named(),
        },
    }
}

pub(crate) enum NotFound {
    None,
    Double(Vec<String>),
}

/// A heading that is exactly the wanted text, else one that is the same by [`heading_key`].
pub(crate) fn find(sheet: &Sheet, wanted: &str) -> Result<usize, NotFound> {
    let matching = |same: &dyn Fn(&str) -> bool| -> Vec<usize> {
        let headings = sheet.headings().iter().enumerate();
        headings
            .filter(|(_, heading)| !heading.is_empty() && same(heading))
            .map(|(column, _)| column)
            .collect()
    };
    let key = heading_key(wanted);
    let mut found = matching(&|heading| heading == wanted.trim());
    if found.is_empty() {
        found = matching(&|heading| heading_key(heading) == key);
    }
    match found.as_slice() {
        [] => Err(NotFound::None),
        [only] => Ok(*only),
        several => Err(NotFound::Double(
            several.iter().map(|column| column_letters(*column)).collect(),
        )),
    }
}

/// The heading that was probably meant.
fn nearest(sheet: &Sheet, wanted: &str) -> Option<String> {
    let wanted: Vec<char> = heading_key(wanted).chars().collect();
    let rated = sheet
        .headings()
        .iter()
        .filter(|heading| !heading.is_empty())
        .map(|heading| {
            let key: Vec<char> = heading_key(heading).chars().collect();
            let shared = key.iter().filter(|c| wanted.contains(c)).count();
            let inside = shared == key.len().min(wanted.len());
            let distance = edits(&key, &wanted);
            (
                heading,
                distance,
                inside || distance * 2 <= key.len().max(wanted.len()),
            )
        });
    rated
        .filter(|(_, _, close)| *close)
        .min_by_key(|(_, distance, _)| *distance)
        .map(|(heading, _, _)| heading.clone())
}

/// Letters to add, drop or change to make one word the other.
fn edits(a: &[char], b: &[char]) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let changed = diagonal + usize::from(x != y);
            diagonal = row[j + 1];
            row[j + 1] = changed.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

/// Rows that are looked at to see what a column holds.
const SAMPLE: usize = 100;

/// Columns that may hold the numbers, the likeliest first. Judged by content and, among equals, by heading: a
/// mobile number before a landline, a mobile column before one for any contact.
pub fn phone_columns(sheet: &Sheet) -> Vec<usize> {
    let rated = sheet
        .headings()
        .iter()
        .enumerate()
        .filter(|(_, heading)| !heading.is_empty());
    let mut rated: Vec<(usize, usize)> = rated
        .filter_map(|(column, heading)| {
            let cells = sheet
                .rows()
                .take(SAMPLE)
                .map(|row| row.cell(column))
                .filter(|cell| !cell.is_empty());
            let (mut seen, mut numbers) = (0, 0);
            for cell in cells {
                seen += 1;
                numbers += match phone::parse(cell) {
                    Ok(_) | Err(PhoneProblem::TwoNumbers { .. }) => 2,
                    Err(PhoneProblem::Landline) => 1,
                    Err(PhoneProblem::Missing | PhoneProblem::Invalid(_)) => 0,
                };
            }
            let by_content = numbers * 50 / usize::max(seen, 1);
            let by_name = name_score(&heading_key(heading));
            (by_content >= 30 || by_name > 0 && by_content > 0).then_some((by_content + by_name, column))
        })
        .collect();
    rated.sort_by_key(|(score, column)| (std::cmp::Reverse(*score), *column));
    rated.into_iter().map(|(_, column)| column).collect()
}

fn name_score(key: &str) -> usize {
    const WORDS: &[(&str, usize)] = &[
        ("携帯", 12),
        ("mobile", 12),
        ("sms", 12),
        ("電話", 8),
        ("tel", 8),
        ("phone", 8),
        ("連絡先", 6),
    ];
    WORDS
        .iter()
        .filter(|(word, _)| key.contains(word))
        .map(|(_, score)| *score)
        .max()
        .unwrap_or(0)
}
