//! Why a file, or a wish about its columns, cannot be followed: each with a sentence that says the way on.

use base::{limits, merge::TemplateProblem};

use crate::{
    code::{Code, Finding},
    read::Encoding,
};

/// The whole list is refused.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum FileProblem {
    /// The list to compare with cannot be used.
    #[error("照合用のリスト: {0}")]
    Reference(Box<Self>),
    /// The text asks for a link that nobody can make.
    #[error(
        "文面の「{{{{{field}}}}}」に当たる案内ページがありません。案内ページに登録するか、文面を直してください。"
    )]
    NoLink {
        /// The field.
        field: String,
    },
    /// No byte, or nothing but blanks.
    #[error("ファイルが空です。名簿が入ったファイルを選び直してください。")]
    Empty,
    /// Headings without a row below.
    #[error(
        "{line}行目に見出しがありますが、その下にデータの行がありません。正しいファイルか確かめてください。"
    )]
    HeaderOnly {
        /// Row number that Excel shows.
        line: u32,
    },
    /// Another kind of file.
    #[error("このファイルは{}です。{}", .0.label(), .0.way_on())]
    NotSpreadsheet(OtherKind),
    /// BIFF workbooks of Excel 97 to 2003.
    #[error(
        "古い形式のExcelファイル（.xls）です。Excelで開き、「名前を付けて保存」で .xlsx 形式にしてから選び直してください。"
    )]
    OldExcel,
    /// A workbook with a password to open.
    #[error(
        "パスワードで保護されたExcelファイルです。Excelで開き、パスワードを外して保存してから選び直してください。"
    )]
    Encrypted,
    /// Cut off or broken.
    #[error(
        "ファイルが壊れているか、途中で切れています。元のファイルをExcelで開き、保存し直すか、もう一度受け取ってください。"
    )]
    Damaged,
    /// More than [`limits::LIST_FILE_BYTES`].
    #[error("ファイルが大きすぎます（{} MB）。{} MBまで読めます。いらない列やシートを除くか、分けてください。", .bytes / 1_048_576, limits::LIST_FILE_BYTES / 1_048_576)]
    TooBig {
        /// Size of the file.
        bytes: usize,
    },
    /// More inside than a list can be.
    #[error(
        "ファイルを展開すると大きくなりすぎるため、読むのをやめました。名簿の行だけを新しいブックに写して保存し、選び直してください。"
    )]
    Bomb,
    /// More than [`limits::LIST_ROWS`].
    #[error(
        "行が多すぎます。一度に{}行まで読めます。ファイルを分けてください。",
        limits::LIST_ROWS
    )]
    TooManyRows,
    /// More than [`limits::LIST_COLUMNS`].
    #[error(
        "列が多すぎます。{}列まで読めます。名簿に必要な列だけを残して保存し、選び直してください。",
        limits::LIST_COLUMNS
    )]
    TooManyColumns,
    /// A quotation mark that swallows lines.
    #[error(
        "{line}行目の「\"」が閉じられていないため、行の区切りが分かりません。元のシステムからもう一度書き出すか、Excelで開いて保存し直してください。"
    )]
    BrokenQuotes {
        /// Row number that Excel shows.
        line: u32,
    },
    /// UTF-8 that was once read as `Shift_JIS` and saved.
    #[error(
        "文字化けしたまま保存されたファイルです。このファイルからは元の文字に戻せません。元のシステムからもう一度書き出してください。"
    )]
    Mojibake,
    /// The letters that a person chose do not fit.
    #[error(
        "文字コードに{}を選びましたが、読めない文字が{lost}個あります。ほかの文字コードを選び直してください。",
        .encoding.label()
    )]
    WrongEncoding {
        /// What was chosen.
        encoding: Encoding,
        /// Letters that it cannot read.
        lost: usize,
    },
    /// The line that a person chose for the headings holds nothing.
    #[error("{}", no_such_line(*.line, *.last))]
    NoSuchLine {
        /// What was chosen, as Excel counts.
        line: u32,
        /// The last row that holds something.
        last: u32,
    },
    /// Two lists in one file, one below the other, with their columns in different order.
    #[error(
        "{line}行目に、上とは並びの違う見出しがあります。その下の行は列が入れ替わってしまうため、この名簿は使えません。{line}行目から下を別のファイルに分けてから、選び直してください。"
    )]
    SecondTable {
        /// Row number that Excel shows.
        line: u32,
    },
    /// Somebody stopped the reading.
    #[error(
        "読み込みを中止しました。名簿はまだ取り込まれていません。続けるには、もう一度ファイルを選んでください。"
    )]
    Stopped,
    /// Several visible sheets with data.
    #[error("データのあるシートが{}枚あります（{}）。どのシートを使うか選んでください。", .names.len(), quoted(.names))]
    ChooseSheet {
        /// Their names, in the order of the workbook.
        names: Vec<String>,
    },
    /// The sheet that was asked for is not there.
    #[error("シート「{wanted}」がありません。このファイルのシートは{}です。", quoted(.names))]
    NoSuchSheet {
        /// What was asked for.
        wanted: String,
        /// What there is.
        names: Vec<String>,
    },
    /// The column that was asked for is not there.
    #[error("「{wanted}」という列がありません。{}この名簿の列は{}です。", nearest_sentence(.nearest.as_deref()), quoted(.headings))]
    NoSuchColumn {
        /// What was asked for.
        wanted: String,
        /// The heading that comes closest.
        nearest: Option<String>,
        /// The headings that there are.
        headings: Vec<String>,
    },
    /// The template names a column that is not there.
    #[error("文面の {{{{{wanted}}}}} に当たる列がありません。{}この名簿の列は{}です。", nearest_sentence(.nearest.as_deref()), quoted(.headings))]
    UnknownField {
        /// What the template says.
        wanted: String,
        /// The heading that comes closest.
        nearest: Option<String>,
        /// The headings that there are.
        headings: Vec<String>,
    },
    /// The remembered choice of columns names one that is not there any more.
    #[error("文面の {{{{{field}}}}} には「{wanted}」列を使うことになっていますが、この名簿にはその列がありません。使う列を選び直してください。この名簿の列は{}です。", quoted(.headings))]
    MappingLost {
        /// The merge field.
        field: String,
        /// The heading that was chosen for it.
        wanted: String,
        /// The headings that there are.
        headings: Vec<String>,
    },
    /// Two columns have the heading that was asked for.
    #[error("「{wanted}」という列が{}つあります（{}列）。どちらを使うか分からないため、見出しを別の名前に直してから選び直してください。", .letters.len(), .letters.join("列と"))]
    DoubleColumn {
        /// What was asked for.
        wanted: String,
        /// Their letters in Excel.
        letters: Vec<String>,
    },
    /// The text is no template.
    #[error("{0}")]
    Template(#[from] TemplateProblem),
}

/// Files that are often sent in place of a list.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum OtherKind {
    /// Portable Document Format.
    Pdf,
    /// PNG, JPEG, GIF, HEIC and others.
    Picture,
    /// Word.
    Word,
    /// `PowerPoint`.
    PowerPoint,
    /// `OpenDocument` spreadsheet.
    Ods,
    /// Numbers by Apple.
    Numbers,
    /// Excel's binary workbook.
    Xlsb,
    /// A web page, often under the name .xls.
    Html,
    /// XML, Excel 2003's among it.
    Xml,
    /// Rich Text Format.
    Rtf,
    /// JSON.
    Json,
    /// ZIP and other archives.
    Archive,
    /// A database or program.
    Binary,
}

impl OtherKind {
    /// What it is, in Japanese.
    pub fn label(self) -> &'static str {
        match self {
            Self::Pdf => "PDF",
            Self::Picture => "画像",
            Self::Word => "Wordの文書",
            Self::PowerPoint => "PowerPointの資料",
            Self::Ods => "OpenDocumentの表（.ods）",
            Self::Numbers => "Numbersの書類（.numbers）",
            Self::Xlsb => "Excelバイナリブック（.xlsb）",
            Self::Html => "ウェブページ（HTML）",
            Self::Xml => "XMLファイル",
            Self::Rtf => "リッチテキスト文書",
            Self::Json => "JSONファイル",
            Self::Archive => "圧縮ファイル",
            Self::Binary => "名簿として読める形式ではないもの",
        }
    }

    fn way_on(self) -> &'static str {
        match self {
            Self::Ods => "LibreOfficeで開き、.xlsx またはCSVで保存してから選び直してください。",
            Self::Numbers => "Numbersの「書き出す」でExcel（.xlsx）またはCSVにしてから選び直してください。",
            Self::Xlsb | Self::Html | Self::Xml => {
                "Excelで開き、「名前を付けて保存」で .xlsx 形式にしてから選び直してください。"
            }
            Self::Archive => "展開（解凍）して、中の名簿を選び直してください。",
            Self::Pdf
            | Self::Picture
            | Self::Word
            | Self::PowerPoint
            | Self::Rtf
            | Self::Json
            | Self::Binary => "CSVまたはExcel（.xlsx）の名簿を選び直してください。",
        }
    }
}

impl FileProblem {
    /// Its stable code.
    pub fn code(&self) -> Code {
        match self {
            Self::Reference(problem) => problem.code(),
            Self::NoLink { .. } => Code::TemplateUnknownLink,
            Self::Empty => Code::FileEmpty,
            Self::HeaderOnly { .. } => Code::FileHeaderOnly,
            Self::NotSpreadsheet(_) => Code::FileNotSpreadsheet,
            Self::OldExcel => Code::FileOldExcel,
            Self::Encrypted => Code::FileEncrypted,
            Self::Damaged => Code::FileDamaged,
            Self::TooBig { .. } => Code::FileTooBig,
            Self::Bomb => Code::FileBomb,
            Self::TooManyRows => Code::FileTooManyRows,
            Self::TooManyColumns => Code::FileTooManyColumns,
            Self::BrokenQuotes { .. } => Code::FileBrokenQuotes,
            Self::Mojibake => Code::FileMojibake,
            Self::WrongEncoding { .. } => Code::FileWrongEncoding,
            Self::NoSuchLine { .. } => Code::HeaderLineUnknown,
            Self::SecondTable { .. } => Code::FileSecondTable,
            Self::Stopped => Code::FileStopped,
            Self::MappingLost { .. } => Code::ColumnMappingLost,
            Self::ChooseSheet { .. } => Code::SheetChoose,
            Self::NoSuchSheet { .. } => Code::SheetUnknown,
            Self::NoSuchColumn { .. } => Code::ColumnUnknown,
            Self::UnknownField { .. } => Code::TemplateUnknownField,
            Self::DoubleColumn { .. } => Code::ColumnDouble,
            Self::Template(problem) => match problem {
                TemplateProblem::Empty => Code::TemplateEmpty,
                TemplateProblem::TooLong => Code::TemplateTooLong,
                TemplateProblem::ControlCharacter(_) => Code::TemplateControl,
                TemplateProblem::UnclosedBraces
                | TemplateProblem::StrayBraces
                | TemplateProblem::EmptyField => Code::TemplateBraces,
                TemplateProblem::UnknownKind(_) | TemplateProblem::TwoKinds(_) => Code::TemplateKind,
                TemplateProblem::EmptyCondition
                | TemplateProblem::UnclosedPassage(_)
                | TemplateProblem::NestedPassage(_)
                | TemplateProblem::StrayMark(_)
                | TemplateProblem::SecondElse => Code::TemplatePassage,
            },
        }
    }

    /// The same as a finding.
    pub fn finding(&self) -> Finding {
        Finding::new(self.code(), self.to_string())
    }
}

/// 「甲」「乙」, the first twenty.
pub(crate) fn quoted(names: &[String]) -> String {
    let shown: Vec<&str> = names.iter().take(20).map(String::as_str).collect();
    let mut text = format!("「{}」", shown.join("」「"));
    if names.len() > 20 {
        text.push_str("など");
    }
    text
}

fn nearest_sentence(nearest: Option<&str>) -> String {
    nearest
        .map(|name| format!("「{name}」のことではありませんか。"))
        .unwrap_or_default()
}

fn no_such_line(line: u32, last: u32) -> String {
    let why = if line > last {
        format!("見出しに選んだ{line}行目はありません。この表は{last}行目までです。")
    } else {
        format!("見出しに選んだ{line}行目には何もありません。")
    };
    format!("{why}見出しのある行を選んでください。")
}
