//! How a text will look: on a phone, in parts at each carrier, and what there is to say about it.

use std::fmt::Write as _;

use base::merge::{MessageTemplate, Piece, Segment};
use base::text::{self, Carrier};
use web::number;
use web::ui::{Bubble, Chip, Phone, Tone};

use crate::advice::{Finding, Level};

/// Stands for what is merged in.
const OPEN: &str = "○○";

/// A text cut into what is fixed and what is merged in.
pub(super) struct Shape {
    pieces: Vec<(String, bool)>,
    /// Length of what is fixed, in UTF-16 units.
    pub(super) fixed: usize,
    /// How many places are filled from the row.
    places: usize,
}

impl Shape {
    /// Of a passage, what is longer of that which is shown and that which stands for it otherwise.
    pub(super) fn of(template: &MessageTemplate) -> Self {
        let mut shape = Self {
            pieces: Vec::new(),
            fixed: 0,
            places: 0,
        };
        for segment in template.segments() {
            match segment {
                Segment::Plain(piece) => shape.push(template, piece),
                Segment::Passage(passage) => {
                    let longer = if fixed(&passage.otherwise) > fixed(&passage.shown) {
                        &passage.otherwise
                    } else {
                        &passage.shown
                    };
                    for piece in longer {
                        shape.push(template, piece);
                    }
                }
            }
        }
        shape
    }

    /// The text with what would be merged in left open.
    pub(super) fn sample(&self) -> String {
        let piece = |(text, merged): &(String, bool)| if *merged { OPEN } else { text.as_str() }.to_owned();
        self.pieces.iter().map(piece).collect()
    }

    fn push(&mut self, template: &MessageTemplate, piece: &Piece) {
        match piece {
            Piece::Text(text) => self.push_fixed(text),
            Piece::Field(field) => {
                self.pieces.push((template.fields()[*field].clone(), true));
                self.places += 1;
            }
        }
    }

    fn push_fixed(&mut self, text: &str) {
        self.fixed += text::utf16_len(text);
        self.pieces.push((text.to_owned(), false));
    }
}

/// Length of what is fixed in a passage, in UTF-16 units.
fn fixed(pieces: &[Piece]) -> usize {
    let length = |piece: &Piece| match piece {
        Piece::Text(text) => text::utf16_len(text),
        Piece::Field(_) => 0,
    };
    pieces.iter().map(length).sum()
}

/// A template as on a phone, with its length in words.
pub(super) struct Look {
    pub(super) phone: Phone,
    /// `88文字＋差し込み`.
    pub(super) letters: String,
    /// What the length means at each carrier.
    pub(super) parts: Vec<(&'static str, String)>,
    pub(super) advice: String,
}

impl Look {
    pub(super) fn of(template: &MessageTemplate, sender: &str) -> Self {
        let shape = Shape::of(template);
        Self {
            letters: shape.letters(),
            parts: Carrier::ALL
                .into_iter()
                .map(|carrier| (carrier.label(), shape.parts_at(carrier)))
                .collect(),
            advice: shape.advice(),
            phone: Phone::new(
                "この文面が届いたときの見え方",
                sender,
                vec![Bubble::merged(shape.pieces)],
            ),
        }
    }
}

/// `88文字＋差し込み`, for the list of templates.
pub(super) fn letters(template: &MessageTemplate) -> String {
    Shape::of(template).letters()
}

impl Shape {
    fn letters(&self) -> String {
        let mut letters = format!("{}文字", number::grouped(self.fixed as u64));
        if self.places > 0 {
            letters.push_str("＋差し込み");
        }
        letters
    }

    /// Parts without what is merged in: the least that a message will be.
    fn parts_at(&self, carrier: Carrier) -> String {
        let ladder = carrier.ladder();
        let parts = if self.fixed <= ladder.single {
            1
        } else {
            self.fixed.div_ceil(ladder.part)
        };
        let mut words = format!("{parts}通");
        if self.places > 0 {
            words.push_str("以上");
        }
        words
    }

    /// How long the merged values may be before the next part begins, counted at the shortest carrier.
    fn advice(&self) -> String {
        let ladder = Carrier::Docomo.ladder();
        let (parts, room) = if self.fixed <= ladder.single {
            (1, ladder.single - self.fixed)
        } else {
            let parts = self.fixed.div_ceil(ladder.part);
            (parts, parts * ladder.part - self.fixed)
        };
        let mut advice = String::new();
        let written = if self.places == 0 {
            write!(advice, "ドコモではあと{room}文字まで{parts}通で送れます。")
        } else {
            write!(
                advice,
                "差し込む値が合わせて{room}文字までなら、ドコモで{parts}通に収まります。"
            )
        };
        written.expect("a String takes every text");
        advice.push_str("正しい通数は、リストを選んだあとのプレビューに出ます。");
        advice
    }
}

/// Each carrier's name, longest single text and length of a part, in UTF-16 units, as JSON for the page's script.
pub(super) fn ladders() -> String {
    let ladder = |carrier: Carrier| {
        let ladder = carrier.ladder();
        (carrier.label(), ladder.single, ladder.part)
    };
    serde_json::to_string(&Carrier::ALL.map(ladder)).expect("names and figures become JSON")
}

/// Something to say about a text, as the page shows it.
pub(super) struct Remark {
    level: Level,
    /// What to do.
    pub(super) advice: String,
    /// Why.
    pub(super) why: &'static str,
    /// The words it is about; empty where something is missing.
    pub(super) quote: String,
}

impl Remark {
    pub(super) fn of(finding: Finding, text: &str) -> Self {
        const LETTERS: usize = 30;
        let about = text.get(finding.at.clone()).unwrap_or_default();
        let quote = match about.char_indices().nth(LETTERS) {
            Some((end, _)) => format!("{}…", &about[..end]),
            None => about.to_owned(),
        };
        Self {
            level: finding.level,
            advice: finding.advice,
            why: finding.rule.why(),
            quote,
        }
    }

    pub(super) fn chip(&self) -> Chip {
        match self.level {
            Level::Block => Chip::new(Tone::Failed, "送信を止めます"),
            Level::Warn | Level::Off => Chip::new(Tone::Attention, "注意"),
        }
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
mod tests {
    use super::*;

    #[test]
    fn merge_fields_are_marked_and_not_counted() {
        let template = MessageTemplate::parse("ID: {{ HER-SYS ID }}です").unwrap();
        let shape = Shape::of(&template);
        assert_eq!((shape.fixed, shape.places), (6, 1));
        assert_eq!(shape.pieces[1], ("HER-SYS ID".to_owned(), true));
        assert_eq!(shape.letters(), "6文字＋差し込み");
        assert!(
            shape.advice().contains("合わせて64文字までなら、ドコモで1通"),
            "{}",
            shape.advice()
        );
    }

    #[test]
    fn kinds_are_no_part_of_the_text_and_of_a_passage_the_longer_side_counts() {
        let source = "{{ID|番号}}番。{{もし 備考}}短い{{でなければ}}こちらが長い{{おわり}}";
        let shape = Shape::of(&MessageTemplate::parse(source).unwrap());
        let shown: Vec<&str> = shape.pieces.iter().map(|(piece, _)| piece.as_str()).collect();
        assert_eq!(shown, ["ID", "番。", "こちらが長い"]);
        assert_eq!((shape.fixed, shape.places), (8, 1));
    }

    #[test]
    fn the_second_part_begins_at_the_seventy_first_letter() {
        let parts = |letters: usize| {
            let template = MessageTemplate::parse(&"あ".repeat(letters)).unwrap();
            Shape::of(&template).parts_at(Carrier::Docomo)
        };
        assert_eq!(
            (parts(70), parts(71), parts(132), parts(133)),
            ("1通".into(), "2通".into(), "2通".into(), "3通".into())
        );
    }
}
