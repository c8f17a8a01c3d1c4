//! Every limit of the product with its reason. A limit that stands elsewhere is a mistake.

/// Largest list file, in bytes. 100,000 rows of ten columns are about 10 MB; six times that is no list.
pub const LIST_FILE_BYTES: usize = 64 * 1024 * 1024;

/// Largest size of everything inside an .xlsx together, unzipped, in bytes. 200,000 rows of 25 cells take about
/// 300 MB of XML; it is read as a stream, so this bounds time rather than memory.
pub const LIST_UNZIPPED_BYTES: u64 = 512 * 1024 * 1024;

/// Largest single part of an .xlsx that has to be held in memory (shared texts, styles), unzipped, in bytes.
pub const LIST_PART_BYTES: u64 = 96 * 1024 * 1024;

/// Most parts in an .xlsx. A workbook of hundreds of sheets and pictures has a few thousand.
pub const LIST_PARTS: usize = 10_000;

/// Most text in the cells of one sheet, in bytes: cells may refer to one long text a million times.
pub const LIST_TEXT_BYTES: usize = 128 * 1024 * 1024;

/// Most rows of a list. A prefecture's largest day was below 10,000; a whole city's recall stays below this.
pub const LIST_ROWS: usize = 200_000;

/// Most columns of a list. Real lists have up to 40; more is a table of something else, or a damaged file.
pub const LIST_COLUMNS: usize = 200;

/// Rows from the top in which the headings are looked for: titles and remarks above them are short.
pub const HEADER_SEARCH_ROWS: usize = 20;

/// Longest text of one message, in UTF-16 units: ten parts of docomo, the shortest of the four carriers.
pub const TEXT_UNITS: usize = 660;

/// Longest message template, in bytes. A text of 660 letters is below 2,000; merge fields add their names.
pub const TEMPLATE_BYTES: usize = 20_000;

/// Longest name that a field of names takes, in letters. Foreign names of 24 and more are real; more than 40 is a
/// sentence.
pub const NAME_LETTERS: usize = 40;

/// Fewest digits of an ID. HER-SYS began with six.
pub const ID_DIGITS_MIN: usize = 6;

/// Most digits of an ID. HER-SYS came to eight.
pub const ID_DIGITS_MAX: usize = 8;
