//! Texts in several languages, and what of them a page shows.

use std::collections::BTreeMap;
use std::fmt;

use askama::filters::HtmlSafe;
use serde::{Deserialize, Serialize};
use web::Language;

/// One text in the languages that it has.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(try_from = "BTreeMap<String, String>", into = "BTreeMap<String, String>")]
pub struct Texts(BTreeMap<Language, String>);

impl TryFrom<BTreeMap<String, String>> for Texts {
    type Error = String;

    fn try_from(texts: BTreeMap<String, String>) -> Result<Self, String> {
        let known = texts.into_iter().map(|(code, text)| {
            let language =
                Language::from_code(&code).ok_or_else(|| format!("「{code}」という言語はありません"))?;
            Ok((language, text))
        });
        known.collect::<Result<_, _>>().map(Self)
    }
}

impl From<Texts> for BTreeMap<String, String> {
    fn from(texts: Texts) -> Self {
        let texts = texts.0.into_iter();
        texts
            .map(|(language, text)| (language.code().to_owned(), text))
            .collect()
    }
}

impl Texts {
    /// Whether there is none in any language.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The text of exactly this language.
    pub fn of(&self, language: Language) -> Option<&str> {
        self.0.get(&language).map(String::as_str)
    }

    /// Puts a text into one language; an empty one takes it away.
    pub fn set(&mut self, language: Language, text: &str) {
        let text = text.trim().replace("\r\n", "\n");
        if text.is_empty() {
            self.0.remove(&language);
        } else {
            self.0.insert(language, text);
        }
    }

    /// The languages that it has, with its text in each.
    pub fn iter(&self) -> impl Iterator<Item = (Language, &str)> {
        self.0.iter().map(|(language, text)| (*language, text.as_str()))
    }

    /// For a page in this language: its text, else やさしい日本語, else Japanese.
    pub fn shown(&self, page: Language) -> Shown {
        let order = [page, Language::EasyJapanese, Language::Japanese];
        let found = order
            .into_iter()
            .find_map(|language| Some((language, self.of(language)?)));
        let (language, text) = found.unwrap_or((page, ""));
        Shown {
            text: text.to_owned(),
            language,
            page,
        }
    }
}

/// A text on a page of a certain language. In a template it becomes escaped markup: readings in brackets become
/// ruby, and a text that the page's language does not have carries the language that it is in.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Shown {
    text: String,
    language: Language,
    page: Language,
}

impl Shown {
    /// A text that is no translation of anything: a number, an answer, a name.
    pub fn as_is(text: impl Into<String>, page: Language) -> Self {
        Self {
            text: text.into(),
            language: page,
            page,
        }
    }

    /// The text alone, for titles and messages.
    pub fn plain(&self) -> &str {
        &self.text
    }

    /// Whether there is nothing to show.
    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// Whether the page's language has no such text.
    pub fn fell_back(&self) -> bool {
        self.language != self.page
    }

    /// The text with `{name}` replaced.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl fmt::Display) -> Self {
        self.text = self.text.replace(&format!("{{{name}}}"), &value.to_string());
        self
    }

    /// Its lines, each as a text of its own.
    pub fn paragraphs(&self) -> Vec<Self> {
        let lines = self.text.split('\n').filter(|line| !line.trim().is_empty());
        lines
            .map(|line| Self {
                text: line.to_owned(),
                ..self.clone()
            })
            .collect()
    }
}

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let foreign = self.language.tag() != self.page.tag();
        if foreign {
            write!(f, r#"<span lang="{}">"#, self.language.tag())?;
        }
        if self.language == Language::EasyJapanese {
            write_ruby(f, &self.text)?;
        } else {
            write_escaped(f, &self.text)?;
        }
        if foreign { f.write_str("</span>") } else { Ok(()) }
    }
}

// Every letter of the text is escaped below.
impl HtmlSafe for Shown {}

fn write_escaped(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    for letter in text.chars() {
        match letter {
            '&' => f.write_str("&#38;")?,
            '<' => f.write_str("&#60;")?,
            '>' => f.write_str("&#62;")?,
            '"' => f.write_str("&#34;")?,
            '\'' => f.write_str("&#39;")?,
            other => fmt::Write::write_char(f, other)?,
        }
    }
    Ok(())
}

/// `体温（たいおん）` becomes ruby. Everywhere else it stays readable as it is.
fn write_ruby(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    let mut rest = text;
    while let Some((before, word, reading, after)) = next_reading(rest) {
        write_escaped(f, before)?;
        f.write_str("<ruby>")?;
        write_escaped(f, word)?;
        f.write_str("<rp>（</rp><rt>")?;
        write_escaped(f, reading)?;
        f.write_str("</rt><rp>）</rp></ruby>")?;
        rest = after;
    }
    write_escaped(f, rest)
}

/// The first word with its reading behind it: what stands before, the word, its reading, what follows.
fn next_reading(text: &str) -> Option<(&str, &str, &str, &str)> {
    let mut from = 0;
    loop {
        let open = from + text[from..].find('（')?;
        let inside = open + '（'.len_utf8();
        let close = inside + text[inside..].find('）')?;
        let reading = &text[inside..close];
        let word_at = text[..open]
            .char_indices()
            .rev()
            .take_while(|(_, letter)| is_kanji(*letter))
            .last();
        match word_at {
            Some((at, _)) if !reading.is_empty() && reading.chars().all(is_kana) => {
                return Some((
                    &text[..at],
                    &text[at..open],
                    reading,
                    &text[close + '）'.len_utf8()..],
                ));
            }
            _ => from = inside,
        }
    }
}

/// Whether a reader of やさしい日本語 needs its reading.
pub(crate) fn is_kanji(letter: char) -> bool {
    matches!(letter, '\u{3400}'..='\u{9fff}' | '々' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

fn is_kana(letter: char) -> bool {
    matches!(letter, '\u{3041}'..='\u{3096}' | 'ー')
}

/// The first word of kanji in an easy text that has no reading behind it.
pub(crate) fn without_reading(text: &str) -> Option<String> {
    let mut bare = text.to_owned();
    while let Some((before, _, _, after)) = next_reading(&bare) {
        bare = format!("{before} {after}");
    }
    let at = bare.find(is_kanji)?;
    Some(
        bare[at..]
            .chars()
            .take_while(|letter| is_kanji(*letter))
            .collect(),
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn texts(pairs: &[(Language, &str)]) -> Texts {
        Texts(
            pairs
                .iter()
                .map(|(language, text)| (*language, (*text).to_owned()))
                .collect(),
        )
    }

    #[test]
    fn what_is_missing_is_easy_japanese_and_says_so() {
        let all = texts(&[
            (Language::Japanese, "体温"),
            (Language::EasyJapanese, "体温（たいおん）"),
            (Language::English, "Temperature"),
        ]);
        assert_eq!(all.shown(Language::English).to_string(), "Temperature");
        let nepali = all.shown(Language::Nepali);
        assert!(nepali.fell_back());
        assert_eq!(
            nepali.to_string(),
            r#"<span lang="ja"><ruby>体温<rp>（</rp><rt>たいおん</rt><rp>）</rp></ruby></span>"#
        );
        assert_eq!(nepali.plain(), "体温（たいおん）");
        let japanese = texts(&[(Language::Japanese, "体温")]);
        assert_eq!(japanese.shown(Language::EasyJapanese).to_string(), "体温");
    }

    #[test]
    fn readings_are_missed_word_by_word() {
        assert_eq!(without_reading("体温（たいおん）は 何度（なんど）ですか"), None);
        assert_eq!(
            without_reading("体温は 何度（なんど）ですか"),
            Some("体温".to_owned())
        );
        assert_eq!(
            without_reading("電話（048-000-0000）"),
            Some("電話".to_owned()),
            "a number is no reading"
        );
    }

    proptest! {
        #[test]
        fn nothing_becomes_markup(text in "[<>&\"'（）あ漢a]{0,20}") {
            let shown = texts(&[(Language::EasyJapanese, &text)]).shown(Language::EasyJapanese).to_string();
            let bare = ["<ruby>", "</ruby>", "<rp>", "</rp>", "<rt>", "</rt>"]
                .iter()
                .fold(shown, |html, tag| html.replace(tag, ""));
            prop_assert!(!bare.contains(['<', '>', '"', '\'']), "{}", bare);
        }
    }
}
