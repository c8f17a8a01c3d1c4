//! Form fields with label, help, 「※必須」 and errors, always put together the same way.

#![expect(
    clippy::needless_pass_by_value,
    reason = "templates hand over references to text of every kind; `ToString` takes them all"
)]

use askama::Template;
use askama::filters::HtmlSafe;

use crate::Language;

/// The mistakes found in a form, in the order of its fields. The sentence at the field and in the
/// summary is the same one.
#[derive(Clone, Debug, Default)]
pub struct Errors(Vec<(String, String)>);

impl Errors {
    /// Adds a mistake: the field's name, and what to do about it in one sentence.
    pub fn add(&mut self, field: impl ToString, message: impl ToString) {
        self.0.push((field.to_string(), message.to_string()));
    }

    /// The first mistake of a field.
    pub fn of(&self, field: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(name, _)| name == field)
            .map(|(_, message)| message.as_str())
    }

    /// Whether the form is right.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Field and message, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0
            .iter()
            .map(|(field, message)| (field.as_str(), message.as_str()))
    }

    /// The summary at the top of the page, each mistake a link to its field; empty without mistakes.
    pub fn summary(&self) -> Summary<'_> {
        self.summary_in(Language::Japanese)
    }

    /// The same, with its heading in the page's language.
    pub fn summary_in(&self, language: Language) -> Summary<'_> {
        Summary {
            errors: self,
            language,
        }
    }
}

/// The list of mistakes above the heading.
#[derive(Clone, Debug, Template)]
#[template(path = "ui/error_summary.html")]
pub struct Summary<'a> {
    errors: &'a Errors,
    language: Language,
}

impl HtmlSafe for Summary<'_> {}

/// One possible answer of a select or of radio buttons.
#[derive(Clone, Debug)]
pub struct Choice {
    value: String,
    label: String,
    support: String,
    group: String,
    disabled: bool,
}

impl Choice {
    /// What is sent and what is read.
    pub fn new(value: impl ToString, label: impl ToString) -> Self {
        Self {
            value: value.to_string(),
            label: label.to_string(),
            support: String::new(),
            group: String::new(),
            disabled: false,
        }
    }

    /// A line below a radio button's label.
    #[must_use]
    pub fn support(mut self, text: impl ToString) -> Self {
        self.support = text.to_string();
        self
    }

    /// The heading that it stands under, together with its neighbours of the same group.
    #[must_use]
    pub fn group(mut self, heading: impl ToString) -> Self {
        self.group = heading.to_string();
        self
    }

    /// It is shown and cannot be chosen; its label or the line below says why.
    #[must_use]
    pub fn disabled(mut self) -> Self {
        self.disabled = true;
        self
    }
}

/// Neighbours of one group together, with its heading; each choice with its number, from 1.
fn grouped(choices: &[Choice]) -> Vec<(&str, Vec<(usize, &Choice)>)> {
    let mut groups: Vec<(&str, Vec<(usize, &Choice)>)> = Vec::new();
    for (number, choice) in (1..).zip(choices) {
        match groups.last_mut() {
            Some((group, members)) if *group == choice.group => members.push((number, choice)),
            _ => groups.push((&choice.group, vec![(number, choice)])),
        }
    }
    groups
}

#[derive(Clone, Debug)]
enum Kind {
    Text,
    Number,
    Password,
    LongText { rows: u8 },
    Select(Vec<Choice>),
    Radios(Vec<Choice>),
    Check,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Need {
    Unsaid,
    Required,
    Optional,
}

/// A form field with everything around it. Its `id` is its name.
#[derive(Clone, Template)]
#[template(path = "ui/field.html")]
pub struct Field {
    kind: Kind,
    name: String,
    label: String,
    support: String,
    need: Need,
    value: String,
    error: Option<String>,
    autocomplete: &'static str,
    short: bool,
}

impl HtmlSafe for Field {}

// A field's value may be a name or a password.
impl std::fmt::Debug for Field {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Field")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

impl Field {
    fn new(kind: Kind, name: &str, label: &str) -> Self {
        Self {
            kind,
            name: name.to_owned(),
            label: label.to_owned(),
            support: String::new(),
            need: Need::Unsaid,
            value: String::new(),
            error: None,
            autocomplete: "off",
            short: false,
        }
    }

    /// One line of text.
    pub fn text(name: &str, label: &str) -> Self {
        Self::new(Kind::Text, name, label)
    }

    /// Digits: phones show their number keys; full-width digits may still be typed.
    pub fn number(name: &str, label: &str) -> Self {
        Self {
            short: true,
            ..Self::new(Kind::Number, name, label)
        }
    }

    /// A password, which can be shown. `autocomplete` is `current-password` or `new-password`.
    pub fn password(name: &str, label: &str, autocomplete: &'static str) -> Self {
        Self {
            autocomplete,
            ..Self::new(Kind::Password, name, label)
        }
    }

    /// Several lines of text.
    pub fn long_text(name: &str, label: &str, rows: u8) -> Self {
        Self::new(Kind::LongText { rows }, name, label)
    }

    /// One of several, in a closed list.
    pub fn select(name: &str, label: &str, choices: Vec<Choice>) -> Self {
        Self::new(Kind::Select(choices), name, label)
    }

    /// One of a few, all of them to be read.
    pub fn radios(name: &str, label: &str, choices: Vec<Choice>) -> Self {
        Self::new(Kind::Radios(choices), name, label)
    }

    /// Yes or no; sends `yes`. Ticked when the value is `yes`.
    pub fn check(name: &str, label: &str) -> Self {
        Self::new(Kind::Check, name, label)
    }

    /// Help below the label.
    #[must_use]
    pub fn support(mut self, text: impl ToString) -> Self {
        self.support = text.to_string();
        self
    }

    /// Says 「※必須」. The server still checks.
    #[must_use]
    pub fn required(mut self) -> Self {
        self.need = Need::Required;
        self
    }

    /// Says 「※任意」.
    #[must_use]
    pub fn optional(mut self) -> Self {
        self.need = Need::Optional;
        self
    }

    /// What stands in it.
    #[must_use]
    pub fn value(mut self, value: impl ToString) -> Self {
        self.value = value.to_string();
        self
    }

    /// Its own mistake out of the form's.
    #[must_use]
    pub fn errors(mut self, errors: &Errors) -> Self {
        self.error = errors.of(&self.name).map(str::to_owned);
        self
    }

    /// The token that lets browsers fill it in (WCAG 1.3.5): `username`, `one-time-code`, …
    #[must_use]
    pub fn autocomplete(mut self, token: &'static str) -> Self {
        self.autocomplete = token;
        self
    }

    /// A field as wide as its short answer.
    #[must_use]
    pub fn short(mut self) -> Self {
        self.short = true;
        self
    }

    /// The value of `aria-describedby`, empty when nothing describes it.
    fn described_by(&self) -> String {
        let mut ids = Vec::new();
        if !self.support.is_empty() {
            ids.push(format!("{}-support", self.name));
        }
        if self.error.is_some() {
            ids.push(format!("{}-error", self.name));
        }
        ids.join(" ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_tied_to_its_field_and_repeated_in_the_summary() {
        let mut errors = Errors::default();
        errors.add("name", "文面の名前を入力してください。");
        let field = Field::text("name", "文面の名前")
            .required()
            .support("一覧に出ます")
            .errors(&errors);
        let html = field.to_string();
        assert!(html.contains(r#"aria-invalid="true""#), "{html}");
        assert!(
            html.contains(r#"aria-describedby="name-support name-error""#),
            "{html}"
        );
        assert!(html.contains("※必須"));
        let summary = errors.summary().to_string();
        assert!(
            summary.contains(r##"<a href="#name">文面の名前を入力してください。</a>"##),
            "{summary}"
        );
        assert_eq!(Errors::default().summary().to_string().trim(), "");
    }

    #[test]
    fn nothing_typed_becomes_markup() {
        for field in [
            Field::text("a", "<b>").value("\"><script>"),
            Field::long_text("a", "<b>", 3).value("</textarea><script>"),
            Field::select("a", "<b>", vec![Choice::new("\"><script>", "<script>")]),
            Field::radios(
                "a",
                "<b>",
                vec![Choice::new("\"><script>", "<script>").support("<script>")],
            ),
        ] {
            let html = field.support("<script>").to_string();
            assert!(!html.contains("<script>") && !html.contains("<b>"), "{html}");
        }
    }

    #[test]
    fn groups_have_headings_and_what_is_disabled_cannot_be_chosen() {
        let choices = vec![
            Choice::new("1", "ご案内").group("初回"),
            Choice::new("2", "再度のご案内").group("初回").disabled(),
            Choice::new("3", "結果").group("検査"),
        ];
        let radios = Field::radios("text", "文面", choices.clone()).to_string();
        assert_eq!(radios.matches(r#"role="group""#).count(), 2, "{radios}");
        assert_eq!(radios.matches(" disabled").count(), 1, "{radios}");
        let select = Field::select("text", "文面", choices).to_string();
        assert!(select.contains(r#"<optgroup label="検査">"#), "{select}");
        assert!(select.contains(r#"<option value="2" disabled>"#), "{select}");
    }

    #[test]
    fn asvs_6_2_6_a_password_is_never_written_back() {
        let html = Field::password("password", "パスワード", "current-password")
            .value("secret")
            .to_string();
        assert!(!html.contains("secret"));
    }
}
