//! What is wrong with a document, in words for whoever writes it, each with its place.

use crate::form::DocumentProblem;

/// Each mistake as a line: where, and what to do.
pub(super) fn told(problem: &DocumentProblem) -> Vec<String> {
    match problem {
        DocumentProblem::TooLong => vec!["文書が長すぎます。質問や文を減らしてください。".to_owned()],
        DocumentProblem::Unreadable(error) => vec![unreadable(error)],
        DocumentProblem::Wrong(problems) => problems.iter().map(ToString::to_string).collect(),
    }
}

/// What the reader of JSON says, in Japanese: line and letter first.
fn unreadable(error: &str) -> String {
    let (what, place) = error.rsplit_once(" at line ").unwrap_or((error, ""));
    let place = place.split_once(" column ").map(|(line, column)| {
        if line == "0" {
            String::new()
        } else {
            format!("{line}行目の{column}文字目: ")
        }
    });
    let quoted = || what.split('`').nth(1).unwrap_or_default();
    let what = if what.starts_with("unknown field") {
        format!(
            "「{}」という項目はありません。綴りを確かめるか、消してください。",
            quoted()
        )
    } else if what.starts_with("missing field") {
        format!("項目「{}」がありません。加えてください。", quoted())
    } else if what.starts_with("unknown variant") {
        format!("「{}」は、ここに書ける言葉ではありません。", quoted())
    } else if what.starts_with("invalid type") || what.starts_with("invalid value") {
        format!("値の種類が違います（{what}）。")
    } else if what.starts_with("duplicate field") {
        format!("項目「{}」が2回あります。", quoted())
    } else if what.is_ascii() {
        format!("JSONの書き方に誤りがあります（{what}）。")
    } else {
        what.to_owned()
    };
    format!("{}{what}", place.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{DeskDocument, shipped};

    fn of(text: &str) -> Vec<String> {
        DeskDocument::parse(text).map_or_else(|problem| told(&problem), |_| Vec::new())
    }

    #[test]
    fn every_mistake_has_its_place() {
        let text = shipped().remove(2).text;
        assert!(of(text).is_empty());
        let line = |told: &[String]| told[0].clone();
        let broken = of(&text.replacen("\"schema\": 1,", "\"schema\": 1", 1));
        assert!(line(&broken).starts_with("3行目の"), "{broken:?}");
        let unknown = of(&text.replacen("\"about\"", "\"abuot\"", 1));
        assert!(
            line(&unknown).contains("「abuot」という項目はありません"),
            "{unknown:?}"
        );
        let time = of(&text.replacen("\"opens\": \"09:00\"", "\"opens\": \"9時\"", 1));
        assert!(line(&time).contains("「9時」は時刻ではありません"), "{time:?}");
        let several = of(&text
            .replace("\"schema\": 1,", "\"schema\": 2,")
            .replace("{{受付番号}}", ""));
        assert!(
            several.len() > 3 && several[0].starts_with("schema: "),
            "{several:?}"
        );
        assert!(
            several
                .iter()
                .any(|one| one.starts_with("confirmed.telling.sms.ja: "))
        );
    }
}
