//! The codes of everything that can be said about a list.
//!
//! A code never changes its meaning: people search for it, and programs branch on it. `docs/checks.md` explains
//! each; a test keeps the two together.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// How much a finding matters.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Repaired or only worth knowing.
    Notice,
    /// A person must look.
    Warning,
    /// The row, or the whole list, is not sent.
    Error,
}

macro_rules! codes {
    ($($(#[doc = $doc:literal])+ $variant:ident = $code:literal, $severity:ident;)+) => {
        /// What was found.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub enum Code {
            $($(#[doc = $doc])+ $variant,)+
        }

        impl Code {
            /// Every code.
            pub const ALL: &[Self] = &[$(Self::$variant,)+];

            /// The stable name.
            pub fn code(self) -> &'static str {
                match self { $(Self::$variant => $code,)+ }
            }

            /// Always the same for one code.
            pub fn severity(self) -> Severity {
                match self { $(Self::$variant => Severity::$severity,)+ }
            }
        }
    };
}

codes! {
    /// No number in the cell.
    PhoneMissing = "phone.missing", Error;
    /// Digits that are no number.
    PhoneInvalid = "phone.invalid", Error;
    /// A number that gets no SMS.
    PhoneLandline = "phone.landline", Error;
    /// More than one number in the cell.
    PhoneTwoNumbers = "phone.two_numbers", Error;
    /// The number was spelled otherwise.
    PhoneRepaired = "phone.repaired", Notice;
    /// Another row has the same number and another text.
    PhoneShared = "phone.shared", Notice;
    /// A merge value is empty.
    MergeMissing = "merge.missing", Error;
    /// A merge value holds a newline or a control letter.
    MergeControl = "merge.control", Error;
    /// A merge value holds letters that were lost.
    MergeGarbled = "merge.garbled", Error;
    /// A merge value is a number that lost its digits.
    MergeDigitsLost = "merge.digits_lost", Error;
    /// A merge value holds something that a phone makes a link of.
    MergeLink = "merge.link", Error;
    /// A merge value is no ID.
    MergeNotAnId = "merge.not_an_id", Error;
    /// A merge value is no date.
    MergeNotADate = "merge.not_a_date", Error;
    /// A merge value is no name.
    MergeNotAName = "merge.not_a_name", Error;
    /// No passage of the text is for this row.
    MergeNothingShown = "merge.nothing_shown", Error;
    /// A merge value was spelled otherwise.
    MergeRepaired = "merge.repaired", Notice;
    /// Longer than an SMS can be.
    TextTooLong = "text.too_long", Error;
    /// Same number and same text as an earlier row.
    RowDuplicate = "row.duplicate", Warning;
    /// Another row of the household is sent for this one.
    RowHousehold = "row.household", Warning;
    /// The person was written to for the same purpose.
    RowContacted = "row.contacted", Warning;
    /// The same, and somebody chose to do it again.
    RowContactedAgain = "row.contacted_again", Notice;
    /// The person or number was written to for something else.
    RowContactedOther = "row.contacted_other", Notice;
    /// Another list of today has the person too.
    RowInOtherList = "row.in_other_list", Warning;
    /// The number is registered as wrong.
    PhoneKnownWrong = "phone.known_wrong", Error;
    /// au does not take the letters of the text.
    TextAuRefuses = "text.au_refuses", Error;
    /// Some phone may not show a letter.
    TextLetters = "text.letters", Warning;
    /// Letters were replaced, as chosen.
    TextReplaced = "text.replaced", Notice;
    /// A rule for good texts is not kept.
    TextAdvice = "text.advice", Warning;
    /// A rule for good texts that the organisation insists on is not kept.
    TextAdviceBlocks = "text.advice_blocks", Error;
    /// The same rows as an earlier list.
    ListSameRows = "list.same_rows", Warning;
    /// An earlier list with rows more.
    ListSuperseded = "list.superseded", Warning;
    /// An earlier list with rows less.
    ListOlder = "list.older", Warning;
    /// Many rows of an earlier list.
    ListOverlaps = "list.overlaps", Warning;
    /// The row is hidden in the workbook.
    RowHidden = "row.hidden", Warning;
    /// The row has more cells than the headings.
    RowExtraCells = "row.extra_cells", Error;
    /// A formula failed in a cell that is needed.
    CellError = "cell.error", Error;
    /// What was read.
    FileRead = "file.read", Notice;
    /// Letters were lost before the file came here.
    FileGarbled = "file.garbled", Warning;
    /// Lines above the headings were passed over.
    HeaderTitleLines = "header.title_lines", Notice;
    /// The headings stand in two lines.
    HeaderTwoLines = "header.two_lines", Notice;
    /// The line taken for headings looks like data.
    HeaderDataLike = "header.data_like", Warning;
    /// Hidden sheets were not read.
    SheetHidden = "sheet.hidden", Notice;
    /// Other sheets with data were not read.
    SheetOthers = "sheet.others", Warning;
    /// Hidden rows are in the list.
    RowsHidden = "rows.hidden", Warning;
    /// Formulas failed in a column that is not needed.
    ColumnErrors = "column.errors", Warning;
    /// Nothing in the file.
    FileEmpty = "file.empty", Error;
    /// Headings and no row.
    FileHeaderOnly = "file.header_only", Error;
    /// Some other kind of file.
    FileNotSpreadsheet = "file.not_spreadsheet", Error;
    /// Excel before 2007.
    FileOldExcel = "file.old_xls", Error;
    /// A workbook with a password.
    FileEncrypted = "file.encrypted", Error;
    /// Cannot be read to its end.
    FileDamaged = "file.damaged", Error;
    /// Too many bytes.
    FileTooBig = "file.too_big", Error;
    /// Far larger inside than outside.
    FileBomb = "file.bomb", Error;
    /// Too many rows.
    FileTooManyRows = "file.too_many_rows", Error;
    /// Too many columns.
    FileTooManyColumns = "file.too_many_columns", Error;
    /// A quotation mark without its partner.
    FileBrokenQuotes = "file.broken_quotes", Error;
    /// Saved with the wrong letters.
    FileMojibake = "file.mojibake", Error;
    /// The same headings again below the headings.
    RowHeaderAgain = "row.header_again", Error;
    /// Some rows repeat the headings.
    RowsHeaderAgain = "rows.header_again", Warning;
    /// Formulas that were never calculated.
    RowsUncalculated = "rows.uncalculated", Warning;
    /// Letters that only one office can show.
    FileGaiji = "file.gaiji", Warning;
    /// Zero bytes among the letters.
    FileNul = "file.nul", Notice;
    /// The chosen letters do not fit.
    FileWrongEncoding = "file.wrong_encoding", Error;
    /// Two lists with different columns in one file.
    FileSecondTable = "file.second_table", Error;
    /// Somebody stopped the reading.
    FileStopped = "file.stopped", Error;
    /// Rows of a list stand above its headings.
    HeaderRowsAbove = "header.rows_above", Warning;
    /// The line chosen for the headings holds nothing.
    HeaderLineUnknown = "header.line_unknown", Error;
    /// A remembered column is not there.
    ColumnMappingLost = "column.mapping_lost", Error;
    /// Several sheets with data.
    SheetChoose = "sheet.choose", Error;
    /// No sheet of that name.
    SheetUnknown = "sheet.unknown", Error;
    /// No column of that name.
    ColumnUnknown = "column.unknown", Error;
    /// Two columns of that name.
    ColumnDouble = "column.double", Error;
    /// The template names a column that is not there.
    TemplateUnknownField = "template.unknown_field", Error;
    /// The template asks for a link that nobody can make.
    TemplateUnknownLink = "template.unknown_link", Error;
    /// The template is empty.
    TemplateEmpty = "template.empty", Error;
    /// The braces of the template do not fit.
    TemplateBraces = "template.braces", Error;
    /// A merge field has a kind that does not exist, or two kinds.
    TemplateKind = "template.kind", Error;
    /// The marks of a conditional passage do not fit.
    TemplatePassage = "template.passage", Error;
    /// The template holds control letters.
    TemplateControl = "template.control", Error;
    /// The template is too long.
    TemplateTooLong = "template.too_long", Error;
    /// A column stands some rows above or below the others.
    IntegrityShifted = "integrity.shifted", Error;
    /// A column was sorted without the others.
    IntegritySorted = "integrity.sorted", Error;
    /// Rows have each other's value.
    IntegritySwapped = "integrity.swapped", Error;
    /// A value belongs to somebody else.
    IntegrityMismatch = "integrity.mismatch", Error;
    /// A value that the source does not know.
    IntegrityUnknownValue = "integrity.unknown_value", Warning;
    /// The source has nothing to compare with.
    IntegrityReferenceUnusable = "integrity.reference_unusable", Error;
    /// One ID stands beside different persons.
    IntegrityIdDoubled = "integrity.id_doubled", Error;
    /// The IDs are in order and nothing else is.
    IntegritySuspectSorted = "integrity.suspect_sorted", Warning;
    /// An age, or a reading, contradicts what stands beside it.
    IntegrityContradiction = "integrity.contradiction", Warning;
    /// From one row on the IDs look otherwise.
    IntegrityPatternChanges = "integrity.pattern_changes", Warning;
    /// Earlier lists had somebody else beside the same value.
    IntegrityKnownDiffers = "integrity.known_differs", Warning;
}

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

impl<'de> Deserialize<'de> for Code {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        let known = Self::ALL.iter().find(|code| code.code() == name);
        known.copied().ok_or_else(|| de::Error::custom("unknown code"))
    }
}

/// Something about the list as a whole.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Finding {
    /// What it is.
    pub code: Code,
    /// Follows from the code.
    pub severity: Severity,
    /// What happened and what to do, in Japanese.
    pub message: String,
    /// The rows it is about, by the number that Excel shows; at most [`Finding::MAX_LINES`] of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lines: Vec<u32>,
}

impl Finding {
    /// More lines than this help nobody.
    pub const MAX_LINES: usize = 100;

    /// A finding about no row in particular.
    pub fn new(code: Code, message: String) -> Self {
        Self {
            code,
            severity: code.severity(),
            message,
            lines: Vec::new(),
        }
    }

    /// A finding about these rows.
    pub fn at(code: Code, message: String, lines: impl IntoIterator<Item = u32>) -> Self {
        Self {
            lines: lines.into_iter().take(Self::MAX_LINES).collect(),
            ..Self::new(code, message)
        }
    }
}
