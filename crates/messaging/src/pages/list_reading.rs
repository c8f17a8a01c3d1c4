//! `GET /lists/{id}/reading`: how the file was read, and the form to have it read in another way.

use accounts::{SignedIn, Staff};
use askama::Template;
use axum::extract::State;
use axum::response::IntoResponse;
use base::id::ListId;
use lists::problem::FileProblem;
use lists::read::{ByHand, Delimiter, Encoding, Format, Preview, ReadOptions, TopLine, Understood};
use lists::store::files::{FileHead, file_of_list};
use lists::store::{KeptList, ListHead, Role, load_list};
use serde::Deserialize;
use web::form::Choice;
use web::number::grouped;
use web::ui::Notice;
use web::{Field, Page, PageError, Shell};

use super::list_judged::open_head;
use super::{Answer, Desk, Id, failed};
use crate::store;

/// What a person says about the reading. Empty means: as the reader thinks.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Form {
    encoding: String,
    delimiter: String,
    sheet: String,
    header: String,
}

impl Form {
    /// The same for the reader. `before` is how the file was read so far: what was found without a person is not
    /// taken for a person's word because the form sends it back.
    pub(super) fn options(self, before: Option<&Understood>) -> Result<ReadOptions, PageError> {
        let by_hand = |what| before.is_some_and(|before| before.by_hand.contains(&what));
        let sheet = Some(self.sheet).filter(|name| !name.is_empty());
        let header = known(&self.header, |line| line.parse().ok())?;
        let (own_sheet, own_header) = before
            .map(|before| (before.sheet.clone(), before.header_line))
            .unzip();
        Ok(ReadOptions {
            to: None,
            encoding: known(&self.encoding, Encoding::from_name)?,
            delimiter: known(&self.delimiter, Delimiter::from_name)?,
            sheet: sheet.filter(|name| by_hand(ByHand::Sheet) || own_sheet.flatten().as_ref() != Some(name)),
            header_line: header.filter(|line| by_hand(ByHand::HeaderLine) || own_header != Some(*line)),
        })
    }
}

fn known<T>(value: &str, read: impl Fn(&str) -> Option<T>) -> Result<Option<T>, PageError> {
    match value {
        "" => Ok(None),
        value => read(value).map(Some).ok_or(PageError::Unreadable),
    }
}

/// What a person looks at to say how a file is read.
#[derive(Default)]
pub(super) struct Look {
    is_text: bool,
    encoding: Option<Encoding>,
    delimiter: Option<char>,
    sheet: Option<String>,
    sheets: Vec<String>,
    top: Vec<TopLine>,
    /// The line of headings that was found.
    header: Option<u32>,
}

impl Look {
    /// The sheets that somebody has to choose from before there is anything to look at.
    pub(super) fn at_sheets(problem: &FileProblem) -> Option<Self> {
        match problem {
            FileProblem::ChooseSheet { names } | FileProblem::NoSuchSheet { names, .. } => Some(Self {
                sheets: names.clone(),
                ..Self::default()
            }),
            _ => None,
        }
    }
}

impl From<Preview> for Look {
    fn from(seen: Preview) -> Self {
        Self {
            is_text: seen.format == Format::Csv,
            encoding: seen.encoding,
            delimiter: seen.delimiter,
            sheet: seen.sheet,
            sheets: seen.sheets,
            top: seen.top,
            header: None,
        }
    }
}

impl From<&Understood> for Look {
    fn from(seen: &Understood) -> Self {
        Self {
            is_text: seen.format == Format::Csv,
            encoding: seen.encoding,
            delimiter: seen.delimiter,
            sheet: seen.sheet.clone(),
            sheets: seen.sheets.clone(),
            top: seen.top.clone(),
            header: Some(seen.header_line),
        }
    }
}

/// What a person chose of how a list was read.
fn chosen_before(seen: &Understood) -> ReadOptions {
    let by_hand = |what| seen.by_hand.contains(&what);
    let delimiter = Delimiter::ALL
        .iter()
        .copied()
        .find(|one| Some(one.letter()) == seen.delimiter);
    ReadOptions {
        to: None,
        encoding: seen.encoding.filter(|_| by_hand(ByHand::Encoding)),
        delimiter: delimiter.filter(|_| by_hand(ByHand::Delimiter)),
        sheet: seen.sheet.clone().filter(|_| by_hand(ByHand::Sheet)),
        header_line: Some(seen.header_line).filter(|_| by_hand(ByHand::HeaderLine)),
    }
}

/// The form to have a file read in another way.
pub(super) struct ReadingForm {
    pub(super) action: String,
    pub(super) fields: Vec<Field>,
    /// The first lines with their cells, all of the same width.
    pub(super) lines: Vec<(u32, Vec<String>)>,
    pub(super) width: usize,
    /// The line that is marked; `None` for 「自動で見分ける」.
    pub(super) header: Option<u32>,
    pub(super) submit: String,
}

impl ReadingForm {
    pub(super) fn new(action: String, look: &Look, options: &ReadOptions, submit: String) -> Self {
        let width = look.top.iter().map(|line| line.cells.len()).max().unwrap_or(0);
        let lines = look.top.iter().map(|line| {
            let mut cells = line.cells.clone();
            cells.resize(width, String::new());
            (line.line, cells)
        });
        Self {
            action,
            fields: fields(look, options),
            lines: lines.collect(),
            width,
            header: options.header_line.or(look.header),
            submit,
        }
    }
}

fn fields(look: &Look, options: &ReadOptions) -> Vec<Field> {
    let automatic = |now: Option<&str>| {
        let now = now.map(|now| format!("（今は{now}）")).unwrap_or_default();
        Choice::new("", format!("自動で見分ける{now}"))
    };
    let mut fields = Vec::new();
    if look.is_text {
        let now = look.encoding.filter(|_| options.encoding.is_none());
        let mut choices = vec![automatic(now.map(Encoding::label))];
        choices.extend(
            Encoding::ALL
                .iter()
                .map(|one| Choice::new(one.name(), one.label())),
        );
        let encoding = Field::select("encoding", "文字コード", choices)
            .support("文字が化けているときに選び直します。")
            .value(options.encoding.map_or("", Encoding::name));
        let now = Delimiter::ALL
            .iter()
            .find(|one| Some(one.letter()) == look.delimiter);
        let now = now.filter(|_| options.delimiter.is_none());
        let mut choices = vec![automatic(now.map(|now| now.label()))];
        choices.extend(
            Delimiter::ALL
                .iter()
                .map(|one| Choice::new(one.name(), one.label())),
        );
        let delimiter = Field::select("delimiter", "列の区切り", choices)
            .support("1つの列に何もかも入っているときに選び直します。")
            .value(options.delimiter.map_or("", Delimiter::name));
        fields.extend([encoding, delimiter]);
    }
    if look.sheets.len() > 1 {
        let choices = look.sheets.iter().map(|name| Choice::new(name, name)).collect();
        let sheet = Field::select("sheet", "使うシート", choices).required();
        fields.push(sheet.value(look.sheet.as_deref().unwrap_or_default()));
    }
    fields
}

#[derive(Template)]
#[template(path = "list_reading.html")]
struct ReadingPage {
    shell: Shell,
    list: ListHead,
    is_reference: bool,
    facts: Vec<(&'static str, String)>,
    findings: Vec<String>,
    /// Why it cannot be read in another way.
    fixed: Option<Notice>,
    reading: Option<ReadingForm>,
}

pub(super) async fn show(
    State(desk): State<Desk>,
    session: SignedIn,
    Id(id): Id<ListId>,
    shell: Shell,
) -> Answer {
    let readable = Readable::load(&desk, &session.staff, id).await?;
    let understood = readable.kept.sheet.understood();
    let (look, options) = (Look::from(understood), chosen_before(understood));
    let shell = match shell.done() {
        Some("same") => shell.with_notice(Notice::info("読み取り方は変わりませんでした")),
        _ => shell,
    };
    Ok(Page(readable.page(shell, &look, &options)).into_response())
}

/// A list and the file that it came in.
pub(super) struct Readable {
    pub(super) kept: KeptList,
    pub(super) file: Result<FileHead, Notice>,
}

impl Readable {
    /// The list, if it is there for this person, and its file, if it may be read again.
    pub(super) async fn load(desk: &Desk, staff: &Staff, id: ListId) -> Result<Self, PageError> {
        open_head(desk, staff, id).await?;
        let (db, org) = (&desk.db, staff.org);
        let kept = load_list(db, org, id)
            .await
            .map_err(failed)?
            .ok_or(PageError::NotFound)?;
        let file = file_of_list(db, org, id).await.map_err(failed)?;
        let sent = store::latest_of_list(db, org, id).await.map_err(failed)?;
        let file = match (file, sent) {
            (_, Some(_)) => Err(Notice::info("このリストは送信を始めているため、読み取り方を変えられません").text(
                "別の読み取り方で送るときは、リストをもう一度選んでください。送った相手は、検査で分かります。",
            )),
            (None, None) => Err(Notice::info("元のファイルは、もう残っていません").text(
                "元のファイルは、リストを選んでから24時間だけ残します。読み取り方を変えるときは、リストをもう一度選んでください。",
            )),
            (Some(file), None) => Ok(file),
        };
        Ok(Self { kept, file })
    }

    /// The page, with the form as `look` and `options` say.
    pub(super) fn page(self, shell: Shell, look: &Look, options: &ReadOptions) -> impl Template + use<> {
        let Self { kept, file } = self;
        let understood = kept.sheet.understood();
        let is_reference = kept.head.role == Role::Reference;
        let action = format!("/lists/{}/reading", kept.head.id);
        let submit = if is_reference {
            "この読み取り方で登録し直す"
        } else {
            "この読み取り方で検査し直す"
        };
        let fixed = file.err().map(|notice| notice.link("/lists/new", "リストを選ぶ"));
        ReadingPage {
            shell: shell.titled("読み取り方を確かめる"),
            is_reference,
            facts: facts(&kept.head, understood),
            findings: understood
                .findings
                .iter()
                .map(|finding| finding.message.clone())
                .collect(),
            reading: fixed
                .is_none()
                .then(|| ReadingForm::new(action, look, options, submit.to_owned())),
            fixed,
            list: kept.head,
        }
    }
}

fn facts(head: &ListHead, seen: &Understood) -> Vec<(&'static str, String)> {
    let by = |what, value: String| {
        if seen.by_hand.contains(&what) {
            format!("{value}（人が選びました）")
        } else {
            value
        }
    };
    let kind = match seen.format {
        Format::Csv => "テキスト（CSVなど）",
        Format::Xlsx => "Excelブック",
    };
    let delimiter = Delimiter::ALL
        .iter()
        .find(|one| Some(one.letter()) == seen.delimiter);
    let mut facts = vec![("ファイル", head.file_name.clone()), ("種類", kind.to_owned())];
    facts.extend(
        seen.encoding
            .map(|one| ("文字コード", by(ByHand::Encoding, one.label().to_owned()))),
    );
    facts.extend(delimiter.map(|one| ("列の区切り", by(ByHand::Delimiter, one.label().to_owned()))));
    facts.extend(seen.sheet.clone().map(|name| ("シート", by(ByHand::Sheet, name))));
    facts.push((
        "見出しの行",
        by(ByHand::HeaderLine, format!("{}行目", seen.header_line)),
    ));
    facts.push(("データ", format!("{}行", grouped(u64::from(head.rows)))));
    facts
}

#[cfg(test)]
mod tests {
    use lists::read::read;

    use super::*;

    #[test]
    fn what_the_reader_found_does_not_become_a_persons_word() {
        let text = "ID,電話\n1,09012345678\n";
        let sheet = read("a.csv", text.as_bytes(), &ReadOptions::default()).expect("it is a list");
        let sent = |header: &str| Form {
            header: header.to_owned(),
            ..Form::default()
        };
        let line = |header, before| sent(header).options(before).map(|options| options.header_line);
        assert!(matches!(line("1", Some(sheet.understood())), Ok(None)));
        assert!(matches!(line("2", Some(sheet.understood())), Ok(Some(2))));
        assert!(matches!(line("1", None), Ok(Some(1))));
        assert!(line("x", None).is_err());
    }
}
