//! Fields that are no question of a document: a name, a number, an address, a birth date, a choice.

use web::Language;

use super::control::{Control, DayBoxes, Fields, Tick};
use crate::form::{Shown, Typed, Word};

/// One line to type into.
#[derive(Clone)]
pub(super) struct Line {
    pub(super) id: &'static str,
    pub(super) label: Shown,
    pub(super) help: Vec<Shown>,
    pub(super) autocomplete: &'static str,
    pub(super) inputmode: &'static str,
    pub(super) required: bool,
    /// It is the page's heading.
    pub(super) alone: bool,
}

impl Line {
    pub(super) fn new(id: &'static str, label: Shown, autocomplete: &'static str) -> Self {
        Self {
            id,
            label,
            help: Vec::new(),
            autocomplete,
            inputmode: "",
            required: true,
            alone: false,
        }
    }

    pub(super) fn help(mut self, help: Shown) -> Self {
        self.help.push(help);
        self
    }

    pub(super) fn digits(mut self) -> Self {
        self.inputmode = "numeric";
        self
    }

    pub(super) fn optional(mut self) -> Self {
        self.required = false;
        self
    }

    pub(super) fn alone(mut self) -> Self {
        self.alone = true;
        self
    }

    /// The field, with what was typed and what is wrong.
    pub(super) fn control(self, typed: &Typed, mistakes: &[(String, Shown)], page: Language) -> Control {
        let mistake = mistakes.iter().find(|(field, _)| field == self.id);
        Control {
            id: self.id.to_owned(),
            label: self.label,
            need: need(self.required, page),
            need_required: self.required,
            required: Word::Required.shown(page),
            help: self.help,
            alone: self.alone,
            error: mistake.map(|(_, problem)| problem.clone()),
            fields: Fields::Line {
                value: typed.get(self.id).to_owned(),
                autocomplete: self.autocomplete,
                inputmode: self.inputmode,
                unknown: None,
            },
        }
    }
}

fn need(required: bool, page: Language) -> Shown {
    let word = if required { Word::Required } else { Word::Optional };
    word.shown(page)
}

/// One of several, none of them a question of a document: value and words.
pub(super) fn choice(
    (id, label, help): (&'static str, Shown, Vec<Shown>),
    options: Vec<(String, Shown)>,
    typed: &Typed,
    mistakes: &[(String, Shown)],
    page: Language,
) -> Control {
    let mistake = mistakes.iter().find(|(field, _)| field == id);
    let chosen = typed.get(id);
    let tick = |(number, (value, label)): (usize, (String, Shown))| Tick {
        id: if number == 1 {
            id.to_owned()
        } else {
            format!("{id}-{number}")
        },
        name: id.to_owned(),
        checked: chosen == value,
        value,
        label,
    };
    Control {
        id: id.to_owned(),
        label,
        need: need(true, page),
        need_required: true,
        required: Word::Required.shown(page),
        help,
        alone: false,
        error: mistake.map(|(_, problem)| problem.clone()),
        fields: Fields::Options {
            several: false,
            all: (1..).zip(options).map(tick).collect(),
        },
    }
}

/// The boxes of a birth date, in 西暦 or 和暦.
pub(super) fn birth(
    (label, help): (Shown, Vec<Shown>),
    alone: bool,
    typed: &Typed,
    mistake: Option<&(String, Shown)>,
    page: Language,
) -> Control {
    let wrong = mistake.map(|(field, _)| field.as_str());
    Control {
        id: BIRTH.to_owned(),
        label,
        need: need(true, page),
        need_required: true,
        required: Word::Required.shown(page),
        help,
        alone,
        error: mistake.map(|(_, problem)| problem.clone()),
        fields: Fields::Day {
            quick: Vec::new(),
            boxes: DayBoxes::new(BIRTH, typed, page, true, wrong),
        },
    }
}

/// The field of a birth date.
pub(super) const BIRTH: &str = "birth";
