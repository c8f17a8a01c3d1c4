//! What a file is, by its first bytes.

use crate::problem::{FileProblem, OtherKind};

/// Kinds that can be read on.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Xlsx,
    Text,
}

const OLE: &[u8] = &[0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1];

/// Files that begin with a mark of their own.
const MARKS: &[(&[u8], OtherKind)] = &[
    (b"%PDF-", OtherKind::Pdf),
    (b"\x89PNG", OtherKind::Picture),
    (b"\xFF\xD8\xFF", OtherKind::Picture),
    (b"GIF8", OtherKind::Picture),
    (b"BM", OtherKind::Picture),
    (b"II*\0", OtherKind::Picture),
    (b"MM\0*", OtherKind::Picture),
    (b"{\\rtf", OtherKind::Rtf),
    (b"\x1F\x8B", OtherKind::Archive),
    (b"7z\xBC\xAF", OtherKind::Archive),
    (b"Rar!", OtherKind::Archive),
    (b"SQLite format 3", OtherKind::Binary),
    (b"\x7FELF", OtherKind::Binary),
];

pub(super) fn of(bytes: &[u8]) -> Result<Kind, FileProblem> {
    if bytes.is_empty() {
        return Err(FileProblem::Empty);
    }
    if bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06") {
        return zip(bytes);
    }
    if bytes.starts_with(OLE) {
        return Err(ole(bytes));
    }
    for (mark, kind) in MARKS {
        // "BM" alone may begin a text; a bitmap has zeros in its header.
        if bytes.starts_with(mark) && (mark.len() > 2 || bytes.iter().take(32).any(|b| *b == 0)) {
            return Err(FileProblem::NotSpreadsheet(*kind));
        }
    }
    if bytes.get(4..8) == Some(b"ftyp") || (bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP")) {
        return Err(FileProblem::NotSpreadsheet(OtherKind::Picture));
    }
    if bytes.get(2..5) == Some(b"-lh") {
        return Err(FileProblem::NotSpreadsheet(OtherKind::Archive));
    }
    markup(bytes).map_or(Ok(Kind::Text), |kind| Err(FileProblem::NotSpreadsheet(kind)))
}

/// HTML, XML and JSON are text, but no list.
fn markup(bytes: &[u8]) -> Option<OtherKind> {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let head: Vec<u8> = bytes
        .iter()
        .copied()
        .filter(|b| *b != 0)
        .skip_while(u8::is_ascii_whitespace)
        .take(512)
        .collect();
    let head = String::from_utf8_lossy(&head).to_lowercase();
    if [
        "<!doctype html",
        "<html",
        "<table",
        "<head",
        "<body",
        "<meta",
        "<style",
    ]
    .iter()
    .any(|tag| head.starts_with(tag))
    {
        return Some(OtherKind::Html);
    }
    if head.starts_with("<?xml") {
        return Some(if head.contains("<html") {
            OtherKind::Html
        } else {
            OtherKind::Xml
        });
    }
    let json = head.starts_with("[{")
        || head
            .strip_prefix('{')
            .is_some_and(|rest| rest.trim_start().starts_with('"'));
    json.then_some(OtherKind::Json)
}

fn zip(bytes: &[u8]) -> Result<Kind, FileProblem> {
    let archive = zip::ZipArchive::new(std::io::Cursor::new(bytes)).map_err(|_| FileProblem::Damaged)?;
    let mut kind = None;
    for name in archive.file_names() {
        let Ok(name) = name else {
            return Err(FileProblem::Damaged);
        };
        let found = match name.as_ref() {
            name if name.ends_with("xl/workbook.bin") => Some(OtherKind::Xlsb),
            name if name.starts_with("xl/") => return Ok(Kind::Xlsx),
            name if name.starts_with("word/") => Some(OtherKind::Word),
            name if name.starts_with("ppt/") => Some(OtherKind::PowerPoint),
            name if name.starts_with("Index/") => Some(OtherKind::Numbers),
            "mimetype" | "content.xml" => Some(OtherKind::Ods),
            _ => None,
        };
        kind = kind.or(found);
    }
    Err(FileProblem::NotSpreadsheet(kind.unwrap_or(OtherKind::Archive)))
}

/// The container of Office before 2007, which is also the envelope of encrypted workbooks.
fn ole(bytes: &[u8]) -> FileProblem {
    let has = |name: &str| {
        let name: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
        bytes.windows(name.len()).any(|window| window == name)
    };
    if has("EncryptedPackage") {
        FileProblem::Encrypted
    } else if has("Workbook") || has("Book") {
        FileProblem::OldExcel
    } else if has("WordDocument") {
        FileProblem::NotSpreadsheet(OtherKind::Word)
    } else if has("PowerPoint Document") {
        FileProblem::NotSpreadsheet(OtherKind::PowerPoint)
    } else {
        // An OLE header and nothing that tells more: the rest is missing.
        FileProblem::Damaged
    }
}
