//! A form as residents read it, in one language: for whoever decides about it.

use desk::form::{Form, Kind, Level};
use web::Language;

/// What its template shows.
pub(super) struct FormWords {
    pub(super) title: String,
    pub(super) purpose: String,
    pub(super) closing: String,
    pub(super) tag: &'static str,
    pub(super) is_unreviewed: bool,
    pub(super) questions: Vec<Asks>,
    pub(super) flags: Vec<(&'static str, String)>,
}

/// One question.
pub(super) struct Asks {
    pub(super) label: String,
    pub(super) help: String,
    pub(super) kind: &'static str,
    pub(super) options: Vec<String>,
    pub(super) is_optional: bool,
    pub(super) depends: bool,
}

impl FormWords {
    /// Of this form.
    pub(super) fn of(form: &Form, language: Language) -> Self {
        let document = form.document();
        let questions = form.questions().map(|(page, question)| Asks {
            label: question.label.shown(language).plain().to_owned(),
            help: question.help.shown(language).plain().to_owned(),
            kind: kind(&question.kind),
            options: match &question.kind {
                Kind::Choice { options } | Kind::Several { options } => options
                    .iter()
                    .map(|one| one.label.shown(language).plain().to_owned())
                    .collect(),
                _ => Vec::new(),
            },
            is_optional: question.optional,
            depends: question.show_if.is_some() || page.show_if.is_some(),
        });
        let flags = document.red_flags.iter().map(|flag| {
            let level = match flag.level {
                Level::Emergency => "119番を案内し、職員に知らせる",
                Level::Call => "職員に知らせる",
            };
            (level, flag.label.clone())
        });
        Self {
            title: document.title.shown(language).plain().to_owned(),
            purpose: document.purpose.shown(language).plain().to_owned(),
            closing: document.closing.shown(language).plain().to_owned(),
            tag: language.tag(),
            is_unreviewed: form.unreviewed(language),
            questions: questions.collect(),
            flags: flags.collect(),
        }
    }
}

fn kind(kind: &Kind) -> &'static str {
    match kind {
        Kind::YesNo => "はい・いいえ",
        Kind::Choice { .. } => "1つを選ぶ",
        Kind::Several { .. } => "あてはまるものをすべて選ぶ",
        Kind::Number { .. } => "数",
        Kind::Text { .. } => "短い文",
        Kind::LongText { .. } => "文",
        Kind::Day { .. } => "日付",
        Kind::List { .. } => "人や場所の一覧",
    }
}
