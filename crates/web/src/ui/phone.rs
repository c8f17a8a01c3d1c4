//! A message as its reader will see it.

use askama::Template;
use askama::filters::HtmlSafe;

use crate::time::{Stamp, stamp};

/// What is to be seen of a piece of a text, besides its letters.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Mark {
    /// Everybody gets it.
    Plain,
    /// It comes from the row.
    Value,
    /// Some phone may not show it.
    Doubt,
}

/// One message on the screen of a phone.
#[derive(Clone)]
pub struct Bubble {
    pieces: Vec<(String, Mark)>,
    time: Option<Stamp>,
}

// A text holds what only its reader may see.
impl std::fmt::Debug for Bubble {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Bubble(…)")
    }
}

impl Bubble {
    /// A text.
    pub fn new(text: impl ToString) -> Self {
        Self {
            pieces: vec![(text.to_string(), Mark::Plain)],
            time: None,
        }
    }

    /// A text in pieces; those with `true` come from the row and are marked.
    pub fn merged(pieces: impl IntoIterator<Item = (String, bool)>) -> Self {
        let mark = |own| if own { Mark::Value } else { Mark::Plain };
        Self::marked(pieces.into_iter().map(|(text, own)| (text, mark(own))))
    }

    /// A text in pieces, each with its mark.
    pub fn marked(pieces: impl IntoIterator<Item = (String, Mark)>) -> Self {
        Self {
            pieces: pieces.into_iter().collect(),
            time: None,
        }
    }

    /// When it arrived, in UTC milliseconds.
    #[must_use]
    pub fn at(mut self, millis: i64) -> Self {
        self.time = Some(stamp(millis));
        self
    }
}

/// A phone with the messages of one sender.
#[derive(Clone, Debug, Template)]
#[template(path = "ui/phone.html")]
pub struct Phone {
    label: String,
    sender: String,
    bubbles: Vec<Bubble>,
}

impl HtmlSafe for Phone {}

impl Phone {
    /// What the picture is (for assistive technology), the sender's number, the messages from old to
    /// new.
    pub fn new(label: impl ToString, sender: impl ToString, bubbles: Vec<Bubble>) -> Self {
        Self {
            label: label.to_string(),
            sender: sender.to_string(),
            bubbles,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_is_shown_to_the_letter() {
        let pieces = [("ID:".to_owned(), false), ("05\n<b>".to_owned(), true)];
        let html = Phone::new("見本", "0005", vec![Bubble::merged(pieces)]).to_string();
        assert!(html.contains("ID:<mark>05\n&#60;b&#62;</mark></p>"), "{html}");
        let doubt = Bubble::marked([("<髙>".to_owned(), Mark::Doubt)]);
        let html = Phone::new("見本", "0005", vec![doubt]).to_string();
        assert!(
            html.contains(r#"<mark class="doubt">&#60;髙&#62;</mark>"#),
            "{html}"
        );
    }
}
