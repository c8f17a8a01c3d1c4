//! A first pass over the parts of an .xlsx: how large they are once unzipped, which rows are hidden, and which hold
//! formulas that were never calculated.
//!
//! All must be known before the workbook is read: the sizes that a ZIP declares can lie, so every part is unzipped
//! and counted, and stopped at the limit; and the reader of cells passes over the rest without a word.

use std::{
    collections::HashMap,
    io::{Cursor, Read},
};

use base::limits;

use super::watch::Watch;
use crate::problem::FileProblem;

/// What the first pass learned.
#[derive(Default)]
pub(super) struct Survey {
    /// By the path of the sheet's part.
    sheets: HashMap<String, SheetSurvey>,
    workbook: String,
    relations: String,
}

/// What the first pass learned about one sheet. Row numbers are those that Excel shows, rising.
#[derive(Default)]
pub(super) struct SheetSurvey {
    pub(super) hidden: Vec<u32>,
    /// Rows with a formula that has no value.
    pub(super) uncalculated: Vec<u32>,
    /// Rows that the sheet has.
    pub(super) rows: usize,
}

/// The share of a reading that this pass takes: one in so many.
pub(super) const SHARE: usize = 4;

/// Room is made for as many shared texts as their part says it has. Many tools say too many, none more than this
/// and more than it has bytes.
const HONEST_TEXTS: u64 = 1_000_000;

pub(super) fn survey(bytes: &[u8], watch: Watch<'_>) -> Result<Survey, FileProblem> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(|_| FileProblem::Damaged)?;
    if archive.len() > limits::LIST_PARTS {
        return Err(FileProblem::Bomb);
    }
    let mut survey = Survey::default();
    let (mut total, mut packed) = (0, 0);
    for index in 0..archive.len() {
        let part = archive.by_index(index).map_err(|_| FileProblem::Damaged)?;
        let name = part.name().map_err(|_| FileProblem::Damaged)?.into_owned();
        let is_sheet = name.contains("worksheets/sheet") || name.contains("/worksheets/");
        let is_texts = name.to_ascii_lowercase().contains("sharedstrings");
        let cap = if is_sheet {
            limits::LIST_UNZIPPED_BYTES
        } else {
            limits::LIST_PART_BYTES
        };
        let keep = name.ends_with("workbook.xml") || name.ends_with("workbook.xml.rels");
        let mut scan = RowScan::default();
        let mut kept = Vec::new();
        let (own, declared) = (part.compressed_size(), part.size().max(1));
        let size = inflate(part, cap, |chunk, size| {
            if is_sheet || is_texts {
                scan.feed(chunk);
            }
            if is_texts && chunk.contains(&0) {
                // No UTF-8: the promise could not be read.
                scan.texts = u64::MAX;
            }
            if keep {
                kept.extend_from_slice(chunk);
            }
            let done = packed + u128::from(own) * u128::from(size.min(declared)) / u128::from(declared);
            watch.at(
                usize::try_from(done).unwrap_or(usize::MAX),
                bytes.len() * SHARE,
                0,
            )
        })?;
        packed += u128::from(own);
        total += size;
        if total > limits::LIST_UNZIPPED_BYTES {
            return Err(FileProblem::Bomb);
        }
        if scan.texts > HONEST_TEXTS.max(size) {
            return Err(FileProblem::Damaged);
        }
        let kept = String::from_utf8_lossy(&kept).into_owned();
        if name.ends_with("workbook.xml") {
            survey.workbook = kept;
        } else if keep {
            survey.relations = kept;
        } else if is_sheet {
            survey.sheets.insert(name, scan.seen);
        }
    }
    Ok(survey)
}

/// Unzips one part piece by piece and counts it. `each` gets a piece and the size up to its end.
fn inflate(
    part: impl Read,
    cap: u64,
    mut each: impl FnMut(&[u8], u64) -> Result<(), FileProblem>,
) -> Result<u64, FileProblem> {
    let mut part = part.take(cap + 1);
    let mut size = 0;
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let read = part.read(&mut buffer).map_err(|_| FileProblem::Damaged)?;
        if read == 0 {
            return Ok(size);
        }
        size += read as u64;
        if size > cap {
            return Err(FileProblem::Bomb);
        }
        each(&buffer[..read], size)?;
    }
}

impl Survey {
    /// What was learned about a sheet, by its name in the workbook.
    pub(super) fn sheet(&self, sheet: &str) -> Option<&SheetSurvey> {
        let path = tags(&self.workbook, "sheet")
            .find(|tag| attribute(tag, "name").is_some_and(|name| unescape(name) == sheet))
            .and_then(|tag| attribute(tag, "id"))
            .and_then(|id| tags(&self.relations, "Relationship").find(|tag| attribute(tag, "Id") == Some(id)))
            .and_then(|tag| attribute(tag, "Target"));
        let path = path?.trim_start_matches('/');
        self.sheets
            .iter()
            .find(|(name, _)| *name == path || name.ends_with(&format!("/{path}")))
            .map(|(_, seen)| seen)
    }
}

/// Finds `<row … hidden="1">` and `<c><f>…</f></c>` in a stream of XML.
#[derive(Default)]
struct RowScan {
    tag: Vec<u8>,
    inside: bool,
    row: u32,
    /// Whether the open cell has a formula, and whether it has a value.
    cell: (bool, bool),
    /// Shared texts that the part says it has.
    texts: u64,
    seen: SheetSurvey,
}

impl RowScan {
    /// Row tags are short; more is something else.
    const LONGEST: usize = 1024;

    fn feed(&mut self, mut chunk: &[u8]) {
        while !chunk.is_empty() {
            let mark = if self.inside { b'>' } else { b'<' };
            let at = chunk.iter().position(|b| *b == mark);
            let (head, tail) = chunk.split_at(at.unwrap_or(chunk.len()));
            if self.inside {
                let whole = at.is_some() && self.tag.is_empty();
                let head = &head[..head.len().min(Self::LONGEST)];
                if whole {
                    self.note(head);
                } else if self.tag.len() < Self::LONGEST {
                    self.tag.extend_from_slice(head);
                }
                if at.is_some() && !whole {
                    let tag = std::mem::take(&mut self.tag);
                    self.note(&tag);
                }
            }
            self.inside ^= at.is_some();
            chunk = tail.get(1..).unwrap_or_default();
        }
    }

    /// Looks at one tag, without its angle brackets. There are millions of them.
    fn note(&mut self, tag: &[u8]) {
        match local_name(tag) {
            b"c" => self.cell = (false, false),
            b"f" => self.cell.0 = true,
            b"v" | b"is" => self.cell.1 = true,
            b"" if tag.first() == Some(&b'/') && local_name(&tag[1..]) == b"c" => self.close_cell(),
            b"row" => self.row(&String::from_utf8_lossy(tag)),
            b"sst" => self.texts = self.texts.max(texts_promised(&String::from_utf8_lossy(tag))),
            _ => {}
        }
    }

    fn close_cell(&mut self) {
        if self.cell == (true, false) && self.seen.uncalculated.last() != Some(&self.row) {
            self.seen.uncalculated.push(self.row);
        }
    }

    fn row(&mut self, tag: &str) {
        self.seen.rows += 1;
        self.row = attribute(tag, "r")
            .and_then(|r| r.parse().ok())
            .unwrap_or(self.row.saturating_add(1));
        let flat = attribute(tag, "ht").and_then(|ht| ht.parse::<f64>().ok()) == Some(0.0);
        if flat || matches!(attribute(tag, "hidden"), Some("1" | "true")) {
            self.seen.hidden.push(self.row);
        }
    }
}

/// The tags of this local name, without their angle brackets.
fn tags<'a>(xml: &'a str, name: &'a str) -> impl Iterator<Item = &'a str> {
    xml.split('<')
        .skip(1)
        .filter_map(|piece| piece.split('>').next())
        .filter(move |tag| is_tag(tag, name))
}

fn is_tag(tag: &str, name: &str) -> bool {
    local_name(tag.as_bytes()) == name.as_bytes()
}

/// The name of a tag without its prefix; empty for one that closes.
fn local_name(tag: &[u8]) -> &[u8] {
    let end = tag.iter().position(|b| b.is_ascii_whitespace() || *b == b'/');
    let name = &tag[..end.unwrap_or(tag.len())];
    let prefix = name.iter().rposition(|b| *b == b':');
    prefix.map_or(name, |colon| &name[colon + 1..])
}

/// How many shared texts a `<sst …>` promises. One that is not understood to its end may promise anything.
fn texts_promised(tag: &str) -> u64 {
    let mut attributes = Attributes::of(tag);
    let counts = attributes.by_ref().filter(|(name, _)| *name == "uniqueCount");
    let most = counts
        .filter_map(|(_, count)| count.parse().ok())
        .max()
        .unwrap_or(0);
    if attributes.rest.trim_matches('/').trim().is_empty() {
        most
    } else {
        u64::MAX
    }
}

/// The value of an attribute, by its local name.
fn attribute<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
    Attributes::of(tag)
        .find(|(own, _)| *own == name)
        .map(|(_, value)| value)
}

/// Local names and values of the attributes of a tag.
struct Attributes<'a> {
    rest: &'a str,
}

impl<'a> Attributes<'a> {
    fn of(tag: &'a str) -> Self {
        let cut = tag.split_once(|c: char| c.is_ascii_whitespace());
        Self {
            rest: cut.map_or("", |(_, rest)| rest),
        }
    }
}

impl<'a> Iterator for Attributes<'a> {
    type Item = (&'a str, &'a str);

    fn next(&mut self) -> Option<Self::Item> {
        let (key, after) = self.rest.split_once('=')?;
        let after = after.trim_start();
        let quote = after.chars().next().filter(|c| matches!(c, '"' | '\''))?;
        let (value, next) = after[1..].split_once(quote)?;
        self.rest = next;
        Some((key.trim().rsplit(':').next().unwrap_or_default(), value))
    }
}

fn unescape(text: &str) -> String {
    let named = [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&apos;", "'"),
        ("&amp;", "&"),
    ];
    named
        .iter()
        .fold(text.to_owned(), |text, (from, to)| text.replace(from, to))
}
