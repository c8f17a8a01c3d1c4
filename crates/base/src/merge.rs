//! Message templates: text with merge fields such as `{{HER-SYS ID}}`.
//!
//! A field names a column by its heading. Headings are compared by [`heading_key`]: width, case and every blank
//! make no difference, so `{{ ＩＤ }}` finds the column `ID`.
//!
//! A value is put in as it stands in its row, without the blanks around it, once: braces inside a value are text.
//! An empty value is never put in: a message that lacks its one number helps nobody.

use unicode_normalization::UnicodeNormalization;

use crate::{limits::TEMPLATE_BYTES, text::is_control};

/// A template that can be merged: it is not empty and all its braces fit.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MessageTemplate {
    source: String,
    segments: Vec<Segment>,
    fields: Vec<String>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
enum Segment {
    Text(String),
    /// Index into `fields`.
    Field(usize),
}

/// Why a text is no template.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum TemplateProblem {
    /// Nothing but blanks.
    #[error("文面が空です。送る文章を書いてください。")]
    Empty,
    /// Longer than any message can be.
    #[error("文面が長すぎます。SMSは660文字までです。短くしてください。")]
    TooLong,
    /// `{{` without `}}`.
    #[error("文面の「{{{{」が閉じられていません。差し込みは {{{{列の見出し}}}} の形で書いてください。")]
    UnclosedBraces,
    /// `}}` without `{{`.
    #[error("文面に「}}}}」だけがあります。差し込みは {{{{列の見出し}}}} の形で書いてください。")]
    StrayBraces,
    /// `{{ }}`.
    #[error("文面の {{{{ }}}} の中が空です。差し込む列の見出しを書いてください。")]
    EmptyField,
    /// A letter that cannot be shown on a phone.
    #[error("文面に目に見えない制御文字（U+{0:04X}）があります。消してから、もう一度お試しください。")]
    ControlCharacter(u32),
}

/// Why a value cannot go into a text.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ValueProblem {
    /// Empty or blanks only.
    Missing,
    /// A newline, a control letter or a mark of direction.
    Control,
    /// U+FFFD: the letter was lost before the list came here.
    Garbled,
}

/// A field whose value cannot be put in.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MergeProblem {
    /// Index into [`MessageTemplate::fields`].
    pub field: usize,
    /// What is wrong with the value.
    pub problem: ValueProblem,
}

impl MessageTemplate {
    /// Reads a template. Windows newlines become `\n`.
    pub fn parse(source: &str) -> Result<Self, TemplateProblem> {
        if source.len() > TEMPLATE_BYTES {
            return Err(TemplateProblem::TooLong);
        }
        let source = source
            .strip_prefix('\u{FEFF}')
            .unwrap_or(source)
            .replace("\r\n", "\n")
            .replace('\r', "\n");
        if source.chars().all(is_blank) {
            return Err(TemplateProblem::Empty);
        }
        if let Some(c) = source.chars().find(|c| *c != '\n' && is_control(*c)) {
            return Err(TemplateProblem::ControlCharacter(u32::from(c)));
        }
        let (mut segments, mut fields) = (Vec::new(), Vec::new());
        let mut rest = source.as_str();
        while let Some((before, after)) = rest.split_once("{{") {
            push_text(&mut segments, before)?;
            let (name, after) = after.split_once("}}").ok_or(TemplateProblem::UnclosedBraces)?;
            segments.push(Segment::Field(field_index(&mut fields, name)?));
            rest = after;
        }
        push_text(&mut segments, rest)?;
        Ok(Self {
            source,
            segments,
            fields,
        })
    }

    /// The text as it was written.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// The headings between braces, each once, in the order of the text.
    pub fn fields(&self) -> &[String] {
        &self.fields
    }

    /// Puts in the values of one row. `value` is asked for each of [`MessageTemplate::fields`] by its index.
    pub fn merge<'v>(&self, value: impl Fn(usize) -> Option<&'v str>) -> Result<String, Vec<MergeProblem>> {
        let mut problems = Vec::new();
        let mut values = Vec::with_capacity(self.fields.len());
        for field in 0..self.fields.len() {
            match check_value(value(field).unwrap_or_default()) {
                Ok(text) => values.push(text),
                Err(problem) => problems.push(MergeProblem { field, problem }),
            }
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        let mut text = String::with_capacity(self.source.len() + 32);
        for segment in &self.segments {
            text.push_str(match segment {
                Segment::Text(text) => text,
                Segment::Field(field) => values[*field],
            });
        }
        Ok(text)
    }
}

fn push_text(segments: &mut Vec<Segment>, text: &str) -> Result<(), TemplateProblem> {
    if text.contains("}}") {
        return Err(TemplateProblem::StrayBraces);
    }
    if !text.is_empty() {
        segments.push(Segment::Text(text.to_owned()));
    }
    Ok(())
}

fn field_index(fields: &mut Vec<String>, name: &str) -> Result<usize, TemplateProblem> {
    let name = name.trim_matches(is_blank);
    let key = heading_key(name);
    if key.is_empty() {
        return Err(TemplateProblem::EmptyField);
    }
    if key.contains('{') || name.contains('\n') {
        return Err(TemplateProblem::UnclosedBraces);
    }
    Ok(fields.iter().position(|field| field == name).unwrap_or_else(|| {
        fields.push(name.to_owned());
        fields.len() - 1
    }))
}

fn check_value(value: &str) -> Result<&str, ValueProblem> {
    let value = value.trim_matches(is_blank);
    if value.is_empty() {
        Err(ValueProblem::Missing)
    } else if value.chars().any(is_control) {
        Err(ValueProblem::Control)
    } else if value.contains('\u{FFFD}') {
        Err(ValueProblem::Garbled)
    } else {
        Ok(value)
    }
}

/// Blanks of every width, newlines, and letters without width.
pub fn is_blank(c: char) -> bool {
    c.is_whitespace()
        || matches!(
            c,
            '\u{200B}'..='\u{200D}' | '\u{2060}' | '\u{FEFF}' | '\u{0}' | '\u{1A}'
        )
}

/// The form in which headings are compared: compatibility folding (full-width letters, half-width kana), lower
/// case, no blanks at all, because spreadsheets wrap headings over two lines.
pub fn heading_key(heading: &str) -> String {
    heading
        .nfkc()
        .flat_map(char::to_lowercase)
        .filter(|c| !is_blank(*c))
        .collect()
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use proptest::prelude::*;

    use super::*;

    fn merged(template: &str, value: &str) -> Result<String, Vec<MergeProblem>> {
        MessageTemplate::parse(template).unwrap().merge(|_| Some(value))
    }

    #[test]
    fn blanks_inside_the_braces_are_ignored() {
        for template in [
            "ID:{{HER-SYS ID}}",
            "ID:{{ HER-SYS ID }}",
            "ID:{{　HER-SYS ID　}}",
        ] {
            let template = MessageTemplate::parse(template).unwrap();
            assert_eq!(template.fields(), ["HER-SYS ID"]);
            assert_eq!(template.merge(|_| Some("012")).unwrap(), "ID:012");
        }
        assert_eq!(heading_key("ＨＥＲ－ＳＹＳ\n ID"), heading_key("her-sys id"));
        assert_eq!(heading_key("ﾌﾘｶﾞﾅ"), heading_key("フリガナ"));
    }

    #[test]
    fn a_field_used_twice_is_asked_for_once() {
        let template = MessageTemplate::parse("{{ID}}と{{氏名}}と{{ ID }}").unwrap();
        assert_eq!(template.fields(), ["ID", "氏名"]);
        assert_eq!(
            template.merge(|field| Some(["1", "花子"][field])).unwrap(),
            "1と花子と1"
        );
    }

    #[test]
    fn values_are_text_and_only_text() {
        assert_eq!(merged("{{a}}!", " 　0123\u{a0}").unwrap(), "0123!");
        assert_eq!(
            merged("{{a}}{{b}}", "{{a}}").unwrap(),
            "{{a}}{{a}}",
            "braces in a value are never merged"
        );
        for (value, problem) in [
            ("", ValueProblem::Missing),
            (" 　\u{feff}", ValueProblem::Missing),
            ("1\n2", ValueProblem::Control),
            ("1\u{202e}2", ValueProblem::Control),
            ("1\u{0}2", ValueProblem::Control),
            ("加\u{fffd}", ValueProblem::Garbled),
        ] {
            assert_eq!(
                merged("{{a}}", value).unwrap_err(),
                [MergeProblem { field: 0, problem }],
                "{value:?}"
            );
        }
        let template = MessageTemplate::parse("{{a}}{{b}}").unwrap();
        assert_eq!(template.merge(|_| None).unwrap_err().len(), 2);
    }

    #[test]
    fn a_text_that_is_no_template_says_why() {
        for (source, problem) in [
            ("", TemplateProblem::Empty),
            (" \n　", TemplateProblem::Empty),
            ("{{ID", TemplateProblem::UnclosedBraces),
            ("{{ID}", TemplateProblem::UnclosedBraces),
            ("{{a{{b}}", TemplateProblem::UnclosedBraces),
            ("ID}}", TemplateProblem::StrayBraces),
            ("{{ID}}}}", TemplateProblem::StrayBraces),
            ("{{ 　}}", TemplateProblem::EmptyField),
            ("a\u{7}", TemplateProblem::ControlCharacter(7)),
            ("a\tb", TemplateProblem::ControlCharacter(9)),
            ("\u{202e}abc", TemplateProblem::ControlCharacter(0x202e)),
        ] {
            assert_eq!(MessageTemplate::parse(source).unwrap_err(), problem, "{source:?}");
        }
        assert_eq!(
            MessageTemplate::parse(&"あ".repeat(7000)).unwrap_err(),
            TemplateProblem::TooLong
        );
        assert!(TemplateProblem::UnclosedBraces.to_string().contains("「{{」"));
    }

    #[test]
    fn windows_newlines_become_one_letter() {
        assert_eq!(merged("a\r\nb\r{{x}}", "1").unwrap(), "a\nb\n1");
    }

    proptest! {
        #[test]
        fn texts_around_the_values_stay_as_they_are(before in "[^{}\\p{C}\\p{Zl}\\p{Zp}]{0,20}", value in "[^\\p{C}\\s\u{FFFD}]{1,20}", after in "[^{}\\p{C}\\p{Zl}\\p{Zp}]{0,20}") {
            prop_assert_eq!(merged(&format!("{before}{{{{x}}}}{after}"), &value).unwrap(), format!("{before}{value}{after}"));
        }

        #[test]
        fn reading_any_text_never_fails_badly(source in ".{0,60}|[{}a \n]{0,20}") {
            if let Ok(template) = MessageTemplate::parse(&source) {
                prop_assert!(template.merge(|_| Some("v")).is_ok());
            }
        }
    }
}
