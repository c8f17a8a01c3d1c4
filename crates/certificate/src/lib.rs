#![forbid(unsafe_code)]
//! A certificate as a PDF: Japanese text on A4, with a two-dimensional code by which it can be checked.
//!
//! The file is tagged (PDF/UA-1: reading order, language, headings, a table with headings, a text for the picture) and
//! carries the letters that it uses and no more, some 30 kB. What stands on it is given as texts; what a certificate is,
//! who gets one and whether it still holds is for the caller to know.
//!
//! What it is not: it knows nothing of ours, and nothing is signed inside of the file. Whoever doubts a certificate asks
//! the address in its code.

mod font;
mod layout;
mod write;

use font::Font;
pub use layout::lines_of;
use layout::{Press, Role};

/// What stands on a certificate.
#[derive(Clone, PartialEq, Eq)]
pub struct Paper {
    /// 「療養証明書」.
    pub title: String,
    /// 「第 1234-5678 号」, at the right.
    pub number: String,
    /// The day of issue, at the right.
    pub date: String,
    /// What is certified.
    pub statement: String,
    /// About whom and what: heading and value.
    pub lines: Vec<(String, String)>,
    /// Who certifies it.
    pub issuer: String,
    /// Small sentences at the foot.
    pub notes: Vec<String>,
    /// Where it can be checked; the two-dimensional code.
    pub address: String,
    /// What stands beside the code.
    pub check: String,
}

/// Prints no personal data.
impl std::fmt::Debug for Paper {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "Paper {{ title: {:?}, lines: {}, .. }}",
            self.title,
            self.lines.len()
        )
    }
}

/// Stands for a letter that cannot be printed, as it does in Japanese type.
pub const GETA: char = '〓';

/// Whether every letter of a text can be printed.
pub fn is_printable(text: &str) -> bool {
    let font = Font::new();
    text.chars()
        .all(|letter| letter.is_whitespace() || font.has(letter))
}

/// The file. A letter that cannot be printed becomes [`GETA`].
pub fn pdf(paper: &Paper) -> Vec<u8> {
    let mut press = Press::new(Font::new());
    press.space(18.0);
    press.centred(Role::Heading, 24.0, &paper.title);
    press.space(26.0);
    press.right(10.5, &paper.number);
    press.right(10.5, &paper.date);
    press.space(24.0);
    press.paragraph(12.0, &paper.statement);
    press.space(20.0);
    press.table(12.0, &paper.lines);
    press.space(30.0);
    press.right(14.0, &paper.issuer);
    press.space(30.0);
    press.code(&paper.address, &paper.check);
    press.space(12.0);
    for note in &paper.notes {
        press.paragraph(9.0, note);
        press.space(3.0);
    }
    write::file(press, &paper.title)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn paper(name: &str) -> Paper {
        Paper {
            title: "療養証明書".to_owned(),
            number: "第 0000-0000 号".to_owned(),
            date: "2026年11月29日".to_owned(),
            statement: "次の方が療養したことを証明します。".to_owned(),
            lines: vec![("氏名".to_owned(), name.to_owned())],
            issuer: "みどり県".to_owned(),
            notes: vec!["この証明書は、二次元コードで確かめられます。".to_owned()],
            address: "https://sms.example.lg.jp/v/ABCDEFGHJKLMNPQRSTUVWX".to_owned(),
            check: "二次元コードから確かめられます。".to_owned(),
        }
    }

    #[test]
    fn letters_of_names_can_be_printed_and_others_are_told() {
        for name in [
            "山田 太郎",
            "髙橋 﨑子",
            "渡邊　ヤヨイ",
            "Ｊｏｈｎ SMITH",
            "ｶﾅ",
            "塚",
        ] {
            assert!(is_printable(name), "{name}");
        }
        assert!(!is_printable("𠮷田"));
        assert!(!is_printable("नेपाल"));
    }

    #[test]
    fn a_long_paper_goes_on_to_another_page() {
        let mut long = paper("試験");
        long.lines = (0..60)
            .map(|n| (format!("項目{n}"), "長い内容".repeat(20)))
            .collect();
        let pages = |file: &[u8]| file.windows(9).filter(|part| *part == b"/MediaBox").count();
        assert_eq!((pages(&pdf(&paper("試験"))), pages(&pdf(&long))), (1, 8));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn any_name_makes_a_file(name in "\\PC{0,60}", other in any::<String>()) {
            let mut paper = paper(&name);
            paper.statement = other;
            let file = pdf(&paper);
            prop_assert!(file.starts_with(b"%PDF-1.7") && file.len() < 400_000);
        }
    }
}
