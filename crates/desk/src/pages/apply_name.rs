//! `GET /a/{token}/name`, `POST /a/{token}/name`, for residents: 氏名 and フリガナ. Every letter is kept as it was typed;
//! ひらがな and half-width カナ become カタカナ, and nobody is refused for the width of a letter.

use base::clock::Millis;
use unicode_normalization::UnicodeNormalization;
use web::Language;

use super::apply::Holder;
use super::apply_asks::{Asks, Mistakes};
use super::apply_fields::Line;
use super::apply_step::{Body, Part};
use crate::application::Stage;
use crate::document::Field;
use crate::form::read::one_line;
use crate::form::{Typed, Word};
use crate::limits::TEXT_LETTERS;

/// One of the four boxes: field, words, the token for browsers.
type Box_ = (&'static str, Word, &'static str);

const NAME: [Box_; 2] = [
    ("family", Word::FamilyName, "family-name"),
    ("given", Word::GivenName, "given-name"),
];
const KANA: [Box_; 2] = [
    ("family-kana", Word::FamilyKana, "off"),
    ("given-kana", Word::GivenKana, "off"),
];

pub(super) struct Name;

impl Asks for Name {
    const STAGE: Stage = Stage::Name;

    fn known(holder: &Holder) -> Typed {
        let mut typed = Typed::default();
        let applicant = &holder.application.content.applicant;
        for (boxes, value) in [(NAME, &applicant.name), (KANA, &applicant.kana)] {
            let value = value.as_deref().unwrap_or_default();
            let (family, given) = value.split_once(' ').unwrap_or((value, ""));
            typed.put(boxes[0].0, family);
            typed.put(boxes[1].0, given);
        }
        typed
    }

    fn keep(holder: &mut Holder, typed: &Typed, _: Millis) -> Result<(), Mistakes> {
        let mut mistakes = Mistakes::new();
        let name = joined(NAME, typed, holder.language, &mut mistakes);
        let asks_kana = holder.document.document().fields.contains(&Field::Kana);
        let kana = asks_kana.then(|| joined(KANA, typed, holder.language, &mut mistakes));
        if !mistakes.is_empty() {
            return Err(mistakes);
        }
        let applicant = &mut holder.application.content.applicant;
        applicant.name = Some(name);
        if let Some(kana) = kana {
            applicant.kana = Some(katakana(&kana));
        }
        Ok(())
    }

    fn body(holder: &Holder, typed: &Typed, _: Vec<Part>, mistakes: Mistakes) -> Body {
        let page = holder.language;
        let fields = &holder.document.document().fields;
        let lines = |boxes: [Box_; 2], help: Option<Word>| {
            boxes
                .into_iter()
                .enumerate()
                .map(move |(number, (id, label, token))| {
                    let line = Line::new(id, label.shown(page), token);
                    let line = match help {
                        Some(help) if number == 0 => line.help(help.shown(page)),
                        _ => line,
                    };
                    if number == 0 { line } else { line.optional() }
                })
        };
        let mut all: Vec<Line> = lines(NAME, None).collect();
        if fields.contains(&Field::Kana) {
            all.extend(lines(KANA, Some(Word::KanaHelp)));
        }
        let parts = all
            .into_iter()
            .map(|line| Part::Field(Box::new(line.control(typed, &mistakes, page))));
        let parts = parts.collect();
        Body {
            lead: vec![Word::NameLead.shown(page)],
            mistakes,
            ..Body::new(Word::NameTitle.shown(page), parts)
        }
    }
}

/// Both boxes with a blank between them. Somebody may have one name only.
fn joined(boxes: [Box_; 2], typed: &Typed, page: Language, mistakes: &mut Mistakes) -> String {
    let mut parts = Vec::new();
    for (field, _, _) in boxes {
        match one_line(typed.get(field), TEXT_LETTERS) {
            Ok(text) => parts.extend(text),
            Err(problem) => mistakes.push((field.to_owned(), problem.shown(page))),
        }
    }
    if parts.is_empty() && mistakes.iter().all(|(field, _)| field != boxes[0].0) {
        let word = if boxes == KANA {
            Word::ErrNoKana
        } else {
            Word::ErrNoName
        };
        mistakes.push((boxes[0].0.to_owned(), word.shown(page)));
    }
    parts.join(" ")
}

/// カタカナ for ひらがな and half-width カナ; anything else as it is.
fn katakana(text: &str) -> String {
    let shifted = |letter: char| match letter {
        '\u{3041}'..='\u{3096}' => char::from_u32(u32::from(letter) + 0x60).unwrap_or(letter),
        other => other,
    };
    text.nfkc().map(shifted).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kana_becomes_the_wide_one() {
        assert_eq!(katakana("てほん ﾊﾅｺ"), "テホン ハナコ");
        assert_eq!(katakana("ナカムラ ヴァレンティン"), "ナカムラ ヴァレンティン");
        assert_eq!(katakana("Nguyen"), "Nguyen");
    }
}
