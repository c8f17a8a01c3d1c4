//! What a person is told about the reading of a whole list.

use super::{ByHand, Encoding, Format};
use crate::{
    code::{Code, Finding},
    sheet::{ParsedRow, Sheet},
};

/// What is said first, and what is said after everything about letters, sheets and headings.
pub(super) struct Said {
    pub(super) first: Finding,
    pub(super) last: Vec<Finding>,
}

/// `again` are the lines that repeat the headings.
pub(super) fn about(sheet: &Sheet, again: Vec<u32>) -> Said {
    let last = [hidden_rows(sheet), gaiji(sheet), repeated(again)];
    Said {
        first: describe(sheet),
        last: last.into_iter().flatten().collect(),
    }
}

fn describe(sheet: &Sheet) -> Finding {
    let seen = &sheet.understood;
    let form = match (seen.format, &seen.sheet, seen.encoding) {
        (Format::Xlsx, Some(name), _) => format!("Excelブックのシート「{name}」"),
        (Format::Xlsx, None, _) => "Excelブック".to_owned(),
        (Format::Csv, _, encoding) => {
            let letters = encoding.map_or("文字コード不明", Encoding::label);
            let delimiter = match seen.delimiter {
                Some('\t') => "タブ区切り".to_owned(),
                Some(';') => "セミコロン区切り".to_owned(),
                Some('|') => "縦棒区切り".to_owned(),
                Some(',') | None => "コンマ区切り".to_owned(),
                Some(other) => format!("「{other}」区切り"),
            };
            format!("{letters}・{delimiter}のテキスト")
        }
    };
    let (line, rows) = (seen.header_line, sheet.len());
    let mut message = format!("{form}として読みました。見出しは{line}行目、データは{rows}行です。");
    if !seen.by_hand.is_empty() {
        let chosen: Vec<&str> = seen.by_hand.iter().map(|choice| ByHand::label(*choice)).collect();
        message.extend([chosen.join("と").as_str(), "は人が選びました。"]);
    }
    Finding::new(Code::FileRead, message)
}

fn hidden_rows(sheet: &Sheet) -> Option<Finding> {
    let lines: Vec<u32> = sheet
        .rows()
        .filter(|row| row.hidden())
        .map(ParsedRow::line)
        .collect();
    (!lines.is_empty()).then(|| {
        let message = format!(
            "フィルターなどで隠れた行が{}行あります。隠れた行も名簿に含めています。送らない行なら、元のファイルから除いてください。",
            lines.len()
        );
        Finding::at(Code::RowsHidden, message, lines)
    })
}

/// Letters of the private use area: what an office had its own font drawn for.
fn gaiji(sheet: &Sheet) -> Option<Finding> {
    let own = |c: char| matches!(c, '\u{E000}'..='\u{F8FF}' | '\u{F0000}'..);
    let lines: Vec<u32> = sheet
        .rows()
        .filter(|row| row.text().chars().any(own))
        .map(ParsedRow::line)
        .collect();
    (!lines.is_empty()).then(|| {
        let message = format!(
            "外字（その庁内だけで表示できる文字）のある行が{}行あります。相手の電話では表示されません。文面に差し込む列なら、ふつうの文字に直してください。",
            lines.len()
        );
        Finding::at(Code::FileGaiji, message, lines)
    })
}

fn repeated(lines: Vec<u32>) -> Option<Finding> {
    (!lines.is_empty()).then(|| {
        let message = format!(
            "見出しと同じ行が、途中に{}行あります。名簿が続けて貼られているようです。その行は送りません。ほかの名簿が混ざっていないか確かめてください。",
            lines.len()
        );
        Finding::at(Code::RowsHeaderAgain, message, lines)
    })
}
