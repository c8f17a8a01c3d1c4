//! Why a text is no template, and why a value cannot go into a text.

/// Why a text is no template.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum TemplateProblem {
    /// Nothing but blanks.
    #[error("文面が空です。送る文章を書いてください。")]
    Empty,
    /// Longer than any message can be.
    #[error("文面が長すぎます。SMSは660文字までです。短くしてください。")]
    TooLong,
    /// `{{` without `}}`.
    #[error("文面の「{{{{」が閉じられていません。差し込みは {{{{列の見出し}}}} の形で書いてください。")]
    UnclosedBraces,
    /// `}}` without `{{`.
    #[error("文面に「}}}}」だけがあります。差し込みは {{{{列の見出し}}}} の形で書いてください。")]
    StrayBraces,
    /// `{{ }}`.
    #[error("文面の {{{{ }}}} の中が空です。差し込む列の見出しを書いてください。")]
    EmptyField,
    /// A letter that cannot be shown on a phone.
    #[error("文面に目に見えない制御文字（U+{0:04X}）があります。消してから、もう一度お試しください。")]
    ControlCharacter(u32),
    /// A kind of value that does not exist.
    #[error(
        "差し込みの種類「{0}」はありません。番号・日付・氏名・自由のどれかを {{{{HER-SYS ID|番号}}}} の形で書いてください。"
    )]
    UnknownKind(String),
    /// The same field with two kinds.
    #[error("差し込む「{0}」の種類が、場所によって違います。1つの種類にそろえてください。")]
    TwoKinds(String),
    /// `{{もし}}` without a heading, or without the value after `=`.
    #[error(
        "文面の {{{{もし}}}} に条件がありません。{{{{もし 備考}}}} または {{{{もし 言語=英語}}}} の形で書いてください。"
    )]
    EmptyCondition,
    /// `{{もし …}}` without `{{おわり}}`.
    #[error("文面の {{{{もし {0}}}}} に {{{{おわり}}}} がありません。出し分ける部分の後ろに書いてください。")]
    UnclosedPassage(String),
    /// A passage inside a passage.
    #[error(
        "文面の {{{{もし {0}}}}} が、ほかの {{{{もし}}}} の中にあります。前の部分を {{{{おわり}}}} で閉じてから書いてください。"
    )]
    NestedPassage(String),
    /// `{{おわり}}` or `{{でなければ}}` without `{{もし …}}`.
    #[error("文面の {{{{{0}}}}} の前に {{{{もし 列の見出し}}}} がありません。書き足すか、消してください。")]
    StrayMark(String),
    /// `{{でなければ}}` twice in one passage.
    #[error("文面の1つの {{{{もし}}}} に {{{{でなければ}}}} が2つあります。1つだけにしてください。")]
    SecondElse,
}

/// Why a value cannot go into a text.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum ValueProblem {
    /// Empty or blanks only.
    Missing,
    /// A newline, a control letter or a mark of direction.
    Control,
    /// U+FFFD: the letter was lost before the list came here.
    Garbled,
    /// Something that a phone makes a link of.
    Url,
    /// Not an ID of six to eight digits.
    NotAnId,
    /// Not a date.
    NotADate,
    /// Not a name: too long, or with digits or an at sign.
    NotAName,
    /// For this row every passage of the text is left out, and nothing remains to be sent.
    NothingShown,
}

impl ValueProblem {
    /// What is wrong with the value of this field and what to do, in words.
    pub fn sentence(self, field: &str) -> String {
        match self {
            // Only what one person alone may open is made for some rows and not for others.
            Self::Missing if super::link_name(field).is_some() => format!(
                "「{field}」を作れません。生年月日がないか、読めない行です。生年月日を書き足すか、この行を除いてください。"
            ),
            Self::Missing => {
                format!("差し込む「{field}」が空です。元のファイルに書き足すか、この行を除いてください。")
            }
            Self::Control => format!(
                "差し込む「{field}」に改行または目に見えない制御文字があります。セルを書き直してください。"
            ),
            Self::Garbled => format!(
                "差し込む「{field}」に読めない文字（\u{FFFD}）があります。元のシステムの値に直してください。"
            ),
            Self::Url => format!(
                "差し込む「{field}」にURLのような文字があります。リンクは文面だけに書けます。値から取り除いてください。"
            ),
            Self::NotAnId => format!(
                "差し込む「{field}」が6桁から8桁の番号ではありません。元のシステムの番号を確かめてください。"
            ),
            Self::NotADate => format!(
                "差し込む「{field}」が日付として読めません。2022/2/14 または 令和4年2月14日 のように直してください。"
            ),
            Self::NotAName => format!(
                "差し込む「{field}」が氏名ではないようです（数字や@があるか、40文字を超えています）。列がずれていないか確かめてください。"
            ),
            Self::NothingShown => format!(
                "「{field}」の値では、文面に送る文章が残りません。値を確かめるか、文面に {{{{でなければ}}}} の文章を書いてください。"
            ),
        }
    }
}

/// A field whose value cannot be put in.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MergeProblem {
    /// Index into [`MessageTemplate::fields`](super::MessageTemplate::fields).
    pub field: usize,
    /// What is wrong with the value.
    pub problem: ValueProblem,
}
