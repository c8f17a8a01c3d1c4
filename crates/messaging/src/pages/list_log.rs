//! Who changed and decided what about a list, newest first.

use base::clock::Millis;
use base::id::StaffId;
use lists::choice::{Choice, Household, KeptChoice, LetterChoice};
use lists::sheet::Sheet;
use lists::store::{Change, RowChange};

use super::list_findings::title;
use super::{Names, list_rows};
use crate::limits;

/// One line of it.
pub(super) struct LogLine {
    pub(super) at: Millis,
    pub(super) who: String,
    pub(super) what: String,
}

/// Both kinds of decisions, those about rows and those about the list, by time.
pub(super) fn log(sheet: &Sheet, changes: &[RowChange], choices: &[KeptChoice], who: &Names) -> Vec<LogLine> {
    let line = |at, by: StaffId, what| LogLine {
        at,
        who: who.of(by),
        what,
    };
    let rows = changes
        .iter()
        .map(|change| line(change.at, change.by, change_in_words(sheet, change)));
    let list = choices
        .iter()
        .map(|kept| line(kept.at, kept.by, choice_in_words(&kept.choice)));
    let mut lines: Vec<LogLine> = rows.chain(list).collect();
    // Of two at the same time, the one that was kept later stands above.
    lines.reverse();
    lines.sort_by_key(|line| std::cmp::Reverse(line.at));
    lines.truncate(limits::CHANGES_SHOWN);
    lines
}

fn change_in_words(sheet: &Sheet, change: &RowChange) -> String {
    let quoted = |text: &str| match text.trim() {
        "" => "空欄".to_owned(),
        text => format!("「{text}」"),
    };
    let what = match &change.change {
        Change::Mended { cells } => {
            let cells: Vec<String> = cells
                .iter()
                .map(|cell| {
                    let heading = list_rows::heading(sheet, cell.column);
                    format!("{heading}を{}から{}に", quoted(&cell.before), quoted(&cell.after))
                })
                .collect();
            format!("{}直しました", cells.join("、"))
        }
        Change::Excluded { reason } => format!("除外しました（{reason}）"),
        Change::Included => "戻しました".to_owned(),
    };
    format!("{}行目: {what}", change.line)
}

fn choice_in_words(choice: &Choice) -> String {
    match choice {
        Choice::Household(Household::Each) => "同じ番号の人にも、それぞれに送ると選びました".to_owned(),
        Choice::Household(Household::Once) => "同じ番号の人には、番号ごとに1通と選びました".to_owned(),
        Choice::Letters(LetterChoice::Keep) => "元の文字のまま送ると選びました".to_owned(),
        Choice::Letters(LetterChoice::Replace) => {
            "表示されないことがある文字を置き換えて送ると選びました".to_owned()
        }
        Choice::Again {
            line: Some(line),
            reason,
        } => {
            format!("{line}行目: 連絡済みの人にもう一度送ると選びました（{reason}）")
        }
        Choice::Again { line: None, reason } => {
            format!("連絡済みの人全員にもう一度送ると選びました（{reason}）")
        }
        Choice::NotAgain { line: Some(line) } => format!("{line}行目: 連絡済みの人には送らないと選びました"),
        Choice::NotAgain { line: None } => "連絡済みの人には送らないと選びました".to_owned(),
        Choice::Looked(code) => format!("「{}」を確認しました", title(*code)),
    }
}
