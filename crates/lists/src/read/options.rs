//! What a person knows better than the reader, and what the reader understood.

use serde::{Deserialize, Serialize};

use super::Encoding;
use crate::{code::Finding, sheet::ParsedRow};

/// What the caller knows about the file beforehand. What a person chose wins over what the file looks like.
#[derive(Clone, Default, Debug)]
pub struct ReadOptions {
    /// The sheet to read, where a workbook has several.
    pub sheet: Option<String>,
    /// The heading of the column of numbers. It helps to find the line of headings and the sheet; whether it is
    /// there is said by [`crate::columns::check_columns`].
    pub to: Option<String>,
    /// The letters of a text file. Means nothing for a workbook.
    pub encoding: Option<Encoding>,
    /// What stands between the cells of a text file. Means nothing for a workbook.
    pub delimiter: Option<Delimiter>,
    /// Row number of the headings, as Excel shows it; the lower one of two. Nothing below it is a heading.
    pub header_line: Option<u32>,
}

/// Letters that stand between the cells of a text file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Delimiter {
    /// `,`
    Comma,
    /// A tab.
    Tab,
    /// `;`
    Semicolon,
    /// `|`
    Bar,
}

impl Delimiter {
    /// All that can be chosen, the most usual first.
    pub const ALL: &[Self] = &[Self::Comma, Self::Tab, Self::Semicolon, Self::Bar];

    /// The letter itself.
    pub fn letter(self) -> char {
        char::from(self.byte())
    }

    pub(super) fn byte(self) -> u8 {
        match self {
            Self::Comma => b',',
            Self::Tab => b'\t',
            Self::Semicolon => b';',
            Self::Bar => b'|',
        }
    }

    /// Its name in forms and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Comma => "comma",
            Self::Tab => "tab",
            Self::Semicolon => "semicolon",
            Self::Bar => "bar",
        }
    }

    /// The one of this [`Delimiter::name`].
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|one| one.name() == name)
    }

    /// What office staff call it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Comma => "コンマ",
            Self::Tab => "タブ",
            Self::Semicolon => "セミコロン",
            Self::Bar => "縦棒",
        }
    }
}

/// What the file turned out to be.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Understood {
    /// The name it came under.
    pub file_name: String,
    /// Kind of file.
    pub format: Format,
    /// Letters of a text file.
    pub encoding: Option<Encoding>,
    /// What stands between the cells of a text file.
    pub delimiter: Option<char>,
    /// Name of the sheet in a workbook.
    pub sheet: Option<String>,
    /// Row number of the headings, as Excel shows it; the lower one of two.
    pub header_line: u32,
    /// What a person chose rather than the reader.
    #[serde(default)]
    pub by_hand: Vec<ByHand>,
    /// Names of the visible sheets of a workbook, in its order.
    #[serde(default)]
    pub sheets: Vec<String>,
    /// The first lines as they were read, those above the headings and the headings included.
    #[serde(default)]
    pub top: Vec<TopLine>,
    /// What a person should know about the reading.
    pub findings: Vec<Finding>,
}

impl Understood {
    /// Of rows that were never a file.
    pub(crate) fn of_records() -> Self {
        Self {
            file_name: String::new(),
            format: Format::Csv,
            encoding: None,
            delimiter: None,
            sheet: None,
            header_line: 0,
            by_hand: Vec::new(),
            sheets: Vec::new(),
            top: Vec::new(),
            findings: Vec::new(),
        }
    }
}

/// Kinds of file that are read.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// Text with delimiters.
    Csv,
    /// Excel since 2007.
    Xlsx,
}

/// Something that a person chose about the reading.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ByHand {
    /// [`ReadOptions::encoding`].
    Encoding,
    /// [`ReadOptions::delimiter`].
    Delimiter,
    /// [`ReadOptions::sheet`].
    Sheet,
    /// [`ReadOptions::header_line`].
    HeaderLine,
}

impl ByHand {
    /// What was chosen, in Japanese.
    pub fn label(self) -> &'static str {
        match self {
            Self::Encoding => "文字コード",
            Self::Delimiter => "区切り文字",
            Self::Sheet => "シート",
            Self::HeaderLine => "見出しの行",
        }
    }
}

/// One of the first lines of a table, to show which of them holds the headings.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TopLine {
    /// The row number that Excel shows.
    pub line: u32,
    /// Its cells; a long one is cut and ends in `…`.
    pub cells: Vec<String>,
}

/// Cells are personal: the debug form counts them.
impl std::fmt::Debug for TopLine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "TopLine({}, {} cells)", self.line, self.cells.len())
    }
}

impl TopLine {
    /// Lines that are shown: enough for a title, two lines of headings and some rows.
    pub(super) const LINES: usize = 8;

    /// Letters of a cell that are shown.
    const LETTERS: usize = 60;

    pub(super) fn of(row: ParsedRow<'_>) -> Self {
        let cut = |cell: &str| match cell.char_indices().nth(Self::LETTERS) {
            Some((end, _)) => format!("{}…", &cell[..end]),
            None => cell.to_owned(),
        };
        Self {
            line: row.line(),
            cells: row.cells().map(cut).collect(),
        }
    }
}

/// The first lines of a file as it would be read, for a file that is not understood yet.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Preview {
    /// Kind of file.
    pub format: Format,
    /// Letters of a text file.
    pub encoding: Option<Encoding>,
    /// What stands between the cells of a text file.
    pub delimiter: Option<char>,
    /// Name of the sheet in a workbook.
    pub sheet: Option<String>,
    /// Names of the visible sheets of a workbook, in its order.
    pub sheets: Vec<String>,
    /// The first lines.
    pub top: Vec<TopLine>,
}
