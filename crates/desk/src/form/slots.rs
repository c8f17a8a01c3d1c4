//! The texts of a document, each with its place: for whoever writes words and no JSON.

use web::Language;

use super::{Document, Kind, Page, Texts, Translation};

/// Where a text stands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Slot {
    /// Its name among the texts of the form, as problems ([`super::Problem`]) name their places.
    pub name: String,
    /// On which page, from 1; none for what is read before and after the questions.
    pub page: Option<usize>,
    /// What it is, in words for staff.
    pub what: String,
}

impl Document {
    /// Every text that residents read, in the order in which they do.
    pub fn each_text(&mut self, visit: &mut dyn FnMut(Slot, &mut Texts)) {
        let whole = |name: &str, what: &str| Slot {
            name: name.to_owned(),
            page: None,
            what: what.to_owned(),
        };
        visit(whole("title", "質問票の名前"), &mut self.title);
        visit(whole("purpose", "はじめの説明"), &mut self.purpose);
        visit(whole("closing", "終わりの説明"), &mut self.closing);
        for (number, page) in (1..).zip(&mut self.pages) {
            of_page(number, page, visit);
        }
    }

    /// Every text with its place.
    pub fn texts(&self) -> Vec<(Slot, Texts)> {
        let mut all = Vec::new();
        self.clone()
            .each_text(&mut |slot, texts| all.push((slot, texts.clone())));
        all
    }

    /// Writes the texts of one language: what `typed` has for a place, stands there; an empty one is taken away.
    pub fn write(&mut self, language: Language, typed: &dyn Fn(&str) -> Option<String>) {
        self.each_text(&mut |slot, texts| {
            if let Some(text) = typed(&slot.name) {
                texts.set(language, &text);
            }
        });
    }

    /// Says whether somebody who knows this language and the matter has read its texts; the language is offered from
    /// now on.
    pub fn review(&mut self, language: Language, reviewed: bool) {
        let code = language.code();
        match self.languages.iter_mut().find(|one| one.language == code) {
            Some(known) => known.reviewed = reviewed,
            None => self.languages.push(Translation {
                language: code.to_owned(),
                reviewed,
            }),
        }
    }
}

fn of_page(number: usize, page: &mut Page, visit: &mut dyn FnMut(Slot, &mut Texts)) {
    let at = |name: String, what: String| Slot {
        name,
        page: Some(number),
        what,
    };
    let name = format!("pages.{}", page.key);
    if page.questions.len() > 1 || !page.title.is_empty() {
        let slot = at(format!("{name}.title"), "ページの見出し".to_owned());
        visit(slot, &mut page.title);
    }
    for (nth, question) in (1..).zip(&mut page.questions) {
        let name = format!("{name}.{}", question.key);
        visit(
            at(format!("{name}.label"), format!("質問{nth}")),
            &mut question.label,
        );
        visit(
            at(format!("{name}.help"), format!("質問{nth}の補足")),
            &mut question.help,
        );
        if let Some(unknown) = question.unknown.as_mut().filter(|own| !own.is_empty()) {
            let what = format!("質問{nth}の「分からない」の言葉");
            visit(at(format!("{name}.unknown"), what), unknown);
        }
        match &mut question.kind {
            Kind::Choice { options } | Kind::Several { options } => {
                for (place, option) in (1..).zip(options) {
                    let name = format!("{name}.options.{}", option.key);
                    visit(at(name, format!("質問{nth}の選択肢{place}")), &mut option.label);
                }
            }
            Kind::Number { unit, .. } => {
                visit(at(format!("{name}.unit"), format!("質問{nth}の単位")), unit);
            }
            Kind::List { columns, .. } => {
                for (place, column) in (1..).zip(columns) {
                    let name = format!("{name}.columns.{}", column.key);
                    visit(at(name, format!("質問{nth}の欄{place}")), &mut column.label);
                }
            }
            Kind::YesNo | Kind::Text { .. } | Kind::LongText { .. } | Kind::Day { .. } => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::form::{Form, Shipped};

    #[test]
    fn each_text_has_a_name_of_its_own_and_what_is_written_is_read_again() {
        for form in Shipped::forms() {
            let mut document = form.document().clone();
            let names: Vec<String> = document.texts().into_iter().map(|(slot, _)| slot.name).collect();
            let single: BTreeSet<&String> = names.iter().collect();
            assert_eq!(single.len(), names.len(), "{names:?}");
            document.write(Language::English, &|name| {
                (name == "title").then(|| "  How are you?\r\nToday ".to_owned())
            });
            document.review(Language::English, true);
            assert_eq!(document.title.of(Language::English), Some("How are you?\nToday"));
            assert_eq!(
                document.title.of(Language::Japanese),
                form.document().title.of(Language::Japanese)
            );
            let form = Form::of(document).unwrap();
            assert!(!form.unreviewed(Language::English));
        }
    }

    #[test]
    fn a_text_that_is_taken_away_is_missed_in_japanese_alone() {
        let form = &Shipped::forms()[0];
        let without = |language| {
            let mut document = form.document().clone();
            document.write(language, &|name| (name == "title").then(String::new));
            Form::of(document)
        };
        assert!(without(Language::Korean).is_ok(), "it falls back");
        let problems = without(Language::Japanese).unwrap_err();
        assert_eq!(problems[0].at, "title", "the place of the text");
    }
}
