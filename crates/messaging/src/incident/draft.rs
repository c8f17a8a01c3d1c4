//! The draft of the report to the 個人情報保護委員会 (規則44条): nine items, filled with what the product knows, the
//! rest left for a person. To be copied; nothing is sent.

use std::fmt::Write as _;

use base::clock::Millis;
use web::number::grouped;
use web::time::JapanTime;

/// Which of the two reports.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Draft {
    /// 速報: what is known at this time.
    First,
    /// 確報: everything.
    Full,
}

/// What the product knows about an incident, for its report.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Items {
    /// When it became known.
    pub known_at: Millis,
    /// How it became known, in words.
    pub way: String,
    /// When the first message left, if one did.
    pub first_left_at: Option<Millis>,
    /// When the broadcasts were stopped.
    pub stopped_at: Option<Millis>,
    /// Messages that may have reached people.
    pub left: u32,
    /// Messages that did not leave any more.
    pub kept_back: u32,
    /// What the texts held.
    pub data: Vec<String>,
    /// Reports of recipients and staff.
    pub reports: usize,
    /// What the integrity check says of the lists now.
    pub cause: Vec<String>,
}

impl Draft {
    /// The heading.
    pub const fn label(self) -> &'static str {
        match self {
            Self::First => "速報",
            Self::Full => "確報",
        }
    }

    /// The text, item by item. What only a person can know stands in brackets.
    pub fn text(self, items: &Items) -> String {
        let at = |at: Millis| JapanTime::from_millis(at).full();
        let mut text = String::new();
        let mut item = |title: &str, body: &str| {
            writeln!(text, "{title}\n{body}\n").expect("a String takes every text");
        };
        let began = items.first_left_at.map_or_else(
            || "送信したメッセージはない。".to_owned(),
            |first| format!("最初の送信は{}。", at(first)),
        );
        let stopped = items
            .stopped_at
            .map_or_else(String::new, |stopped| format!("{}に送信を止めた。", at(stopped)));
        item(
            "1 概要",
            &format!(
                "SMSの一斉配信で、別の人の情報が届いた（{}、把握した日時: {}、これまでの報告{}件）。{began}{stopped}",
                items.way,
                at(items.known_at),
                grouped(items.reports as u64),
            ),
        );
        let data = if items.data.is_empty() {
            "（文面を確かめて記入）".to_owned()
        } else {
            items.data.join("、")
        };
        item(
            "2 漏えい等が発生し、又は発生したおそれがある保有個人情報の項目",
            &format!("携帯電話番号、{data}。感染症の患者等への連絡であり、要配慮個人情報（病歴等）を含む。"),
        );
        item(
            "3 本人の数",
            &format!(
                "{}人（送信したメッセージの数。送信前に止めたもの{}件は含まない）{}",
                grouped(u64::from(items.left)),
                grouped(u64::from(items.kept_back)),
                match self {
                    Self::First => "。実際に取り違えた人数は確認中。",
                    Self::Full => "。うち実際に取り違えた人数: （記入）",
                }
            ),
        );
        let cause = match (items.cause.is_empty(), self) {
            (true, Self::First) => "調査中。".to_owned(),
            (true, Self::Full) => "（原因を記入）".to_owned(),
            (false, _) => format!("{}\n（人の操作の経緯を記入）", items.cause.join("\n")),
        };
        item("4 原因", &cause);
        item(
            "5 二次被害又はそのおそれの有無及びその内容",
            match self {
                Self::First => "確認中。",
                Self::Full => "（記入）",
            },
        );
        item(
            "6 本人への対応の実施状況",
            "（電話・おわびの連絡をした人数と日時を記入）",
        );
        item(
            "7 公表の実施状況",
            "（公表の有無と日時、または公表しない理由を記入）",
        );
        item(
            "8 再発防止のための措置",
            match self {
                Self::First => "検討中。",
                Self::Full => "（実施した措置と、これから行う措置を記入）",
            },
        );
        item("9 その他参考となる事項", "（記入）");
        text.trim_end().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_reports_have_the_nine_items_and_the_numbers() {
        let items = Items {
            known_at: 1_795_323_909_000,
            way: "届いた人からの報告".to_owned(),
            first_left_at: Some(1_795_323_609_000),
            stopped_at: Some(1_795_323_909_000),
            left: 1_024,
            kept_back: 6,
            data: vec!["氏名".to_owned(), "ID".to_owned()],
            reports: 2,
            cause: Vec::new(),
        };
        for draft in [Draft::First, Draft::Full] {
            let text = draft.text(&items);
            for number in 1..=9 {
                assert!(
                    text.lines().any(|line| line.starts_with(&format!("{number} "))),
                    "{text}"
                );
            }
            assert!(text.contains("1,024人") && text.contains("氏名、ID"), "{text}");
            assert!(text.contains("2026年11月22日(日) 14:05"), "{text}");
        }
        assert!(Draft::First.text(&items).contains("調査中"));
        assert!(Draft::Full.text(&items).contains("（原因を記入）"));
    }
}
