//! Pictures that somebody judges: side by side without a script, one by one with zoom, turning and brightness with one.

use std::fmt;

use askama::Template;
use askama::filters::HtmlSafe;

/// A picture.
#[derive(Clone)]
pub struct Picture {
    preview: String,
    page: Option<String>,
    label: String,
    hints: Vec<String>,
}

// Its address names a person's application.
impl fmt::Debug for Picture {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Picture(…)")
    }
}

impl Picture {
    /// Where it is for a screen, and what is to be seen on it.
    pub fn new(preview: impl ToString, label: impl ToString) -> Self {
        Self {
            preview: preview.to_string(),
            page: None,
            label: label.to_string(),
            hints: Vec::new(),
        }
    }

    /// The page on which it is as wide as the window, and where a part of it can be covered. A picture itself is never
    /// opened as a page.
    #[must_use]
    pub fn with_page(mut self, address: impl ToString) -> Self {
        self.page = Some(address.to_string());
        self
    }

    /// What the machine noticed about it: 「暗い」.
    #[must_use]
    pub fn hint(mut self, words: impl ToString) -> Self {
        self.hints.push(words.to_string());
        self
    }

    /// Where it is for a screen.
    pub fn preview(&self) -> &str {
        &self.preview
    }

    /// What was noticed about it.
    pub fn hints(&self) -> &[String] {
        &self.hints
    }
}

/// Something that is done to the picture: its name for the script, its key, what the button says.
type Tool = (&'static str, &'static str, &'static str);

const TOOLS: [Tool; 9] = [
    ("before", "[", "前の写真"),
    ("after", "]", "次の写真"),
    ("closer", "+", "拡大"),
    ("farther", "-", "縮小"),
    ("whole", "0", "全体"),
    ("right", "R", "右に回す"),
    ("left", "Shift+R", "左に回す"),
    ("lighter", "L", "明るく"),
    ("darker", "D", "暗く"),
];

/// The pictures of one application.
#[derive(Clone, Debug, Template)]
#[template(path = "ui/viewer.html")]
pub struct Viewer {
    pictures: Vec<Picture>,
    keys: bool,
}

impl HtmlSafe for Viewer {}

impl Viewer {
    /// These pictures, in this order. `keys`: its buttons show keys.
    pub fn new(pictures: Vec<Picture>, keys: bool) -> Self {
        Self { pictures, keys }
    }

    /// The tools that make sense for so many pictures.
    fn tools(&self) -> impl Iterator<Item = &'static Tool> {
        let several = self.pictures.len() > 1;
        TOOLS
            .iter()
            .filter(move |(name, ..)| several || !["before", "after"].contains(name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_tool_shows_its_key_unless_keys_are_off() {
        let pictures = vec![Picture::new("/a", "検査の結果").hint("暗い"); 2];
        let with = Viewer::new(pictures.clone(), true).to_string();
        assert_eq!(with.matches("data-show=").count(), 2, "{with}");
        assert_eq!(with.matches("aria-keyshortcuts=").count(), TOOLS.len(), "{with}");
        assert!(with.contains("<kbd>+</kbd>") && with.contains("暗い"), "{with}");
        let without = Viewer::new(pictures, false).to_string();
        assert!(
            !without.contains("<kbd>") && !without.contains("aria-keyshortcuts"),
            "{without}"
        );
    }

    #[test]
    fn one_picture_has_no_next_and_none_says_so() {
        let one = Viewer::new(vec![Picture::new("/a", "<b>")], true).to_string();
        assert!(
            !one.contains("次の写真") && !one.contains("data-show") && !one.contains("<b>"),
            "{one}"
        );
        assert!(
            Viewer::new(Vec::new(), true)
                .to_string()
                .contains("写真はありません")
        );
    }
}
