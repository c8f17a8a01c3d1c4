//! The form of a template: what may stand in it, and how long its text will be on the phone.

use std::fmt::Write as _;

use base::limits::TEXT_UNITS;
use base::merge::MessageTemplate;
use base::text::{self, Carrier};
use serde::Deserialize;
use web::form::Field;
use web::ui::{Bubble, Phone};
use web::{Errors, number};

use crate::limits::TEMPLATE_NAME_LETTERS;

/// What the person typed.
#[derive(Clone, Default, Deserialize)]
pub(super) struct Typed {
    pub(super) name: String,
    pub(super) body: String,
    /// The version that stood in the form; nothing for a new template.
    #[serde(default)]
    pub(super) version: i64,
    /// `preview` only shows what the text will look like.
    #[serde(default)]
    pub(super) action: String,
}

/// A template that may be kept.
pub(super) struct Accepted {
    pub(super) name: String,
    pub(super) template: MessageTemplate,
}

impl Typed {
    pub(super) fn is_preview(&self) -> bool {
        self.action == "preview"
    }

    /// What may be kept, or every mistake.
    pub(super) fn accept(&self) -> Result<Accepted, Errors> {
        let mut errors = Errors::default();
        let name = self.name.trim();
        let letters = name.chars().count();
        if letters == 0 {
            errors.add("name", "文面の名前を入力してください。");
        } else if letters > TEMPLATE_NAME_LETTERS {
            let over = letters - TEMPLATE_NAME_LETTERS;
            errors.add(
                "name",
                format!("文面の名前が{over}文字長すぎます。{TEMPLATE_NAME_LETTERS}文字までにしてください。"),
            );
        } else if name.chars().any(text::is_control) {
            errors.add(
                "name",
                "文面の名前に目に見えない制御文字があります。入力し直してください。",
            );
        }
        let template = MessageTemplate::parse(&self.body);
        match &template {
            Err(problem) => errors.add("body", problem),
            Ok(template) => {
                let over = Shape::of(template).fixed.saturating_sub(TEXT_UNITS);
                if over > 0 {
                    errors.add(
                        "body",
                        format!("文面が{over}文字長すぎます。SMSは{TEXT_UNITS}文字までです。"),
                    );
                }
            }
        }
        match template {
            Ok(template) if errors.is_empty() => Ok(Accepted {
                name: name.to_owned(),
                template,
            }),
            _ => Err(errors),
        }
    }

    pub(super) fn fields(&self, errors: &Errors) -> [Field; 2] {
        let name = Field::text("name", "文面の名前")
            .required()
            .support("一覧と配信の記録に出ます。受け取る人には見えません。")
            .value(&self.name)
            .errors(errors);
        let body = Field::long_text("body", "本文", 8)
            .required()
            .support("リストの列を差し込むところは {{列の見出し}} と書きます。660文字まで。")
            .value(&self.body)
            .errors(errors);
        [name, body]
    }

    /// How the text looks and how long it is, as far as it can be read.
    pub(super) fn look(&self, sender: &str) -> Option<Look> {
        let template = MessageTemplate::parse(&self.body).ok()?;
        Some(Look::of(&template, sender))
    }
}

/// A text cut into what is fixed and what is merged in.
struct Shape {
    pieces: Vec<(String, bool)>,
    /// Length of what is fixed, in UTF-16 units.
    fixed: usize,
    /// How many places are filled from the row.
    places: usize,
}

impl Shape {
    /// The braces of a template that was read always fit.
    fn of(template: &MessageTemplate) -> Self {
        let mut shape = Self {
            pieces: Vec::new(),
            fixed: 0,
            places: 0,
        };
        let mut rest = template.source();
        while let Some((before, after)) = rest.split_once("{{") {
            let (field, after) = after.split_once("}}").unwrap_or((after, ""));
            shape.push_fixed(before);
            shape.pieces.push((field.trim().to_owned(), true));
            shape.places += 1;
            rest = after;
        }
        shape.push_fixed(rest);
        shape
    }

    fn push_fixed(&mut self, text: &str) {
        self.fixed += text::utf16_len(text);
        self.pieces.push((text.to_owned(), false));
    }
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

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
mod tests {
    use super::*;

    fn typed(name: &str, body: &str) -> Typed {
        Typed {
            name: name.to_owned(),
            body: body.to_owned(),
            ..Typed::default()
        }
    }

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

    #[test]
    fn every_mistake_is_told_at_its_field() {
        let errors = |typed: Typed| {
            let errors = typed.accept().err().unwrap();
            errors
                .iter()
                .map(|(field, _)| field.to_owned())
                .collect::<Vec<_>>()
        };
        assert_eq!(errors(typed(" ", "")), ["name", "body"]);
        assert_eq!(errors(typed("案内", "ID: {{HER-SYS ID")), ["body"]);
        assert_eq!(errors(typed("案内", &"あ".repeat(661))), ["body"]);
        assert_eq!(errors(typed(&"あ".repeat(61), "本文")), ["name"]);
        assert!(typed("案内", &"あ".repeat(660)).accept().is_ok());
    }
}
