//! A question as a page shows it: its words, its fields with what stands in them, its mistake.

use askama::Template;
use askama::filters::HtmlSafe;
use base::clock::DAY;
use base::date::CalendarDate;
use web::Language;

use crate::form::read::ERAS;
use crate::form::{Choice, Column, ColumnKind, Kind, Mistake, Question, Shown, Typed, Word};

/// What all questions of a page have in common.
#[derive(Clone, Copy)]
pub(super) struct Scene<'a> {
    pub(super) page: Language,
    pub(super) typed: &'a Typed,
    pub(super) mistakes: &'a [Mistake],
    pub(super) today: CalendarDate,
    /// The question is the page's heading.
    pub(super) alone: bool,
}

/// One question. Written into a template it becomes markup.
#[derive(Template)]
#[template(path = "form_control.html")]
pub(super) struct Control {
    pub(super) id: String,
    pub(super) label: Shown,
    pub(super) need: Shown,
    pub(super) need_required: bool,
    /// Beside a column that each row needs.
    pub(super) required: Shown,
    pub(super) help: Vec<Shown>,
    pub(super) alone: bool,
    pub(super) error: Option<Shown>,
    pub(super) fields: Fields,
}

impl HtmlSafe for Control {}

/// The fields of one kind of question.
pub(super) enum Fields {
    /// Radio buttons or boxes to tick.
    Options { several: bool, all: Vec<Tick> },
    /// A number with its unit.
    Number {
        value: String,
        unit: Shown,
        decimal: bool,
        unknown: Option<Tick>,
    },
    /// One line.
    Line {
        value: String,
        autocomplete: &'static str,
        inputmode: &'static str,
        unknown: Option<Tick>,
    },
    /// Several lines.
    Lines { value: String, unknown: Option<Tick> },
    /// Radio buttons, and boxes for another day.
    Day { quick: Vec<Tick>, boxes: DayBoxes },
    /// Rows.
    Rows { rows: Vec<Row>, add: Option<Shown> },
}

pub(super) struct Tick {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) value: String,
    pub(super) label: Shown,
    pub(super) checked: bool,
}

/// An era and three boxes.
#[derive(Template)]
#[template(path = "form_day.html")]
pub(super) struct DayBoxes {
    name: String,
    eras: Vec<(&'static str, Shown)>,
    era: String,
    era_label: Shown,
    western: Shown,
    parts: Vec<Part>,
    wrong: String,
}

impl HtmlSafe for DayBoxes {}

struct Part {
    code: &'static str,
    label: Shown,
    value: String,
    autocomplete: &'static str,
}

pub(super) struct Row {
    legend: Shown,
    remove: Option<(usize, Shown)>,
    cells: Vec<CellField>,
}

pub(super) struct CellField {
    name: String,
    label: Shown,
    value: String,
    inputmode: &'static str,
    help: Option<Shown>,
    required: bool,
    wrong: bool,
}

impl DayBoxes {
    /// The boxes of a day called `name`. A birth date may be filled in by the browser.
    pub(super) fn new(name: &str, typed: &Typed, page: Language, birth: bool, wrong: Option<&str>) -> Self {
        let field = |part: &str| typed.get(&format!("{name}-{part}")).to_owned();
        let parts = [
            ("year", Word::Year, "bday-year"),
            ("month", Word::Month, "bday-month"),
            ("day", Word::Day, "bday-day"),
        ];
        let eras = ERAS.iter().take(if birth { 4 } else { 1 });
        Self {
            eras: eras
                .map(|(code, era)| (*code, Shown::as_is(era.label(), page)))
                .collect(),
            era: field("era"),
            era_label: Word::Era.shown(page),
            western: Word::Western.shown(page),
            parts: parts
                .into_iter()
                .map(|(part, label, token)| Part {
                    code: part,
                    label: label.shown(page),
                    value: field(part),
                    autocomplete: if birth { token } else { "off" },
                })
                .collect(),
            wrong: wrong.unwrap_or_default().to_owned(),
            name: name.to_owned(),
        }
    }

    fn is_wrong(&self, part: &str) -> bool {
        self.wrong == format!("{}-{part}", self.name)
    }
}

impl Control {
    pub(super) fn new(question: &Question, scene: &Scene<'_>) -> Self {
        let key = question.key.as_str();
        let own =
            |field: &str| field == key || field.strip_prefix(key).is_some_and(|rest| rest.starts_with('-'));
        let mistake = scene.mistakes.iter().find(|one| own(&one.field));
        let need = if question.required() {
            Word::Required
        } else {
            Word::Optional
        };
        let mut help = question.help.shown(scene.page).paragraphs();
        match question.kind {
            Kind::Several { .. } => help.push(Word::AllThatFit.shown(scene.page)),
            Kind::Day { .. } => help.push(Word::DayHelp.shown(scene.page)),
            _ => {}
        }
        Self {
            id: key.to_owned(),
            label: question.label.shown(scene.page),
            need: need.shown(scene.page),
            need_required: question.required(),
            required: Word::Required.shown(scene.page),
            help,
            alone: scene.alone,
            error: mistake.map(|one| one.problem.shown(scene.page)),
            fields: fields(question, scene, mistake),
        }
    }

    /// Whether something of it is not in the page's language.
    pub(super) fn fell_back(&self) -> bool {
        let options = match &self.fields {
            Fields::Options { all, .. } => all.as_slice(),
            _ => &[],
        };
        self.label.fell_back()
            || self.help.iter().any(Shown::fell_back)
            || options.iter().any(|one| one.label.fell_back())
    }

    fn described_by(&self) -> String {
        let mut ids = Vec::new();
        if !self.help.is_empty() {
            ids.push(format!("{}-help", self.id));
        }
        if self.error.is_some() {
            ids.push(format!("{}-error", self.id));
        }
        ids.join(" ")
    }

    /// Whether a label names it; several fields need a legend.
    fn is_one_field(&self) -> bool {
        matches!(
            self.fields,
            Fields::Number { .. } | Fields::Line { .. } | Fields::Lines { .. }
        )
    }

    fn has_error(&self) -> bool {
        self.error.is_some()
    }
}

fn fields(question: &Question, scene: &Scene<'_>, mistake: Option<&Mistake>) -> Fields {
    let key = question.key.as_str();
    let value = || scene.typed.get(key).to_owned();
    let unknown = || unknown_box(question, scene);
    match &question.kind {
        Kind::YesNo => {
            let mut all = vec![
                ("yes", Word::Yes.shown(scene.page)),
                ("no", Word::No.shown(scene.page)),
            ];
            all.extend(unknown_option(question, scene));
            Fields::Options {
                several: false,
                all: ticks(key, all, scene),
            }
        }
        Kind::Choice { options } => {
            let mut all = labelled(options, scene);
            all.extend(unknown_option(question, scene));
            Fields::Options {
                several: false,
                all: ticks(key, all, scene),
            }
        }
        Kind::Several { options } => {
            let mut all = ticks(key, labelled(options, scene), scene);
            all.extend(unknown());
            Fields::Options { several: true, all }
        }
        Kind::Number { unit, places, .. } => Fields::Number {
            value: value(),
            unit: unit.shown(scene.page),
            decimal: *places > 0,
            unknown: unknown(),
        },
        Kind::Text { autocomplete, .. } => Fields::Line {
            value: value(),
            autocomplete: autocomplete.token(),
            inputmode: "",
            unknown: unknown(),
        },
        Kind::LongText { .. } => Fields::Lines {
            value: value(),
            unknown: unknown(),
        },
        Kind::Day { .. } => Fields::Day {
            quick: quick_days(question, scene),
            boxes: DayBoxes::new(
                key,
                scene.typed,
                scene.page,
                false,
                mistake.map(|one| one.field.as_str()),
            ),
        },
        Kind::List { columns, max } => rows(question, columns, *max, scene),
    }
}

fn labelled<'o>(options: &'o [Choice], scene: &Scene<'_>) -> Vec<(&'o str, Shown)> {
    let all = options.iter();
    all.map(|one| (one.key.as_str(), one.label.shown(scene.page)))
        .collect()
}

fn unknown_option(question: &Question, scene: &Scene<'_>) -> Option<(&'static str, Shown)> {
    question
        .unknown
        .as_ref()
        .map(|_| ("unknown", question.unknown_label(scene.page)))
}

/// The first has the question's own name as its id, so that the list of mistakes leads to it.
fn ticks(key: &str, all: Vec<(&str, Shown)>, scene: &Scene<'_>) -> Vec<Tick> {
    let chosen = scene.typed.all(key);
    let tick = |(number, (value, label)): (usize, (&str, Shown))| Tick {
        id: if number == 1 {
            key.to_owned()
        } else {
            format!("{key}-{number}")
        },
        name: key.to_owned(),
        checked: chosen.contains(&value),
        value: value.to_owned(),
        label,
    };
    (1..).zip(all).map(tick).collect()
}

fn unknown_box(question: &Question, scene: &Scene<'_>) -> Option<Tick> {
    question.unknown.as_ref()?;
    let name = format!("{}-unknown", question.key);
    Some(Tick {
        checked: scene.typed.get(&name) == "yes",
        id: name.clone(),
        name,
        value: "yes".to_owned(),
        label: question.unknown_label(scene.page),
    })
}

fn quick_days(question: &Question, scene: &Scene<'_>) -> Vec<Tick> {
    let today = scene.today;
    let yesterday = CalendarDate::in_japan(today.begins_in_japan() - DAY).unwrap_or(today);
    let named = |word: Word, day| word.shown(scene.page).with("day", month_and_day(day, scene.page));
    let mut all = vec![
        ("today", named(Word::Today, today)),
        ("yesterday", named(Word::Yesterday, yesterday)),
    ];
    all.extend(unknown_option(question, scene));
    all.push(("day", Word::OtherDay.shown(scene.page)));
    ticks(question.key.as_str(), all, scene)
}

/// Today and yesterday need no year.
fn month_and_day(day: CalendarDate, page: Language) -> String {
    let (month, date) = (day.month(), day.day());
    match page {
        Language::Japanese | Language::EasyJapanese | Language::Chinese => format!("{month}月{date}日"),
        Language::Korean => format!("{month}월 {date}일"),
        _ => day.to_string(),
    }
}

/// The id of the field that a mistake leads to: of a list as a whole, its first.
pub(super) fn target(questions: &[&Question], field: &str) -> String {
    let list = questions.iter().find(|one| one.key.as_str() == field);
    match list.map(|one| &one.kind) {
        Some(Kind::List { columns, .. }) => format!("{field}-0-{}", columns[0].key),
        _ => field.to_owned(),
    }
}

/// As many rows as were sent, and one to begin with.
fn rows(question: &Question, columns: &[Column], max: usize, scene: &Scene<'_>) -> Fields {
    let key = &question.key;
    let count = scene.typed.rows(key).clamp(1, max);
    let row = |row: usize| Row {
        legend: Word::Row.shown(scene.page).with("n", row + 1),
        remove: (count > 1).then(|| (row, Word::RemoveRow.shown(scene.page).with("n", row + 1))),
        cells: columns
            .iter()
            .map(|column| {
                let field = format!("{key}-{row}-{}", column.key);
                CellField {
                    value: scene.typed.get(&field).to_owned(),
                    wrong: scene.mistakes.iter().any(|one| one.field == field),
                    name: field,
                    label: column.label.shown(scene.page),
                    inputmode: match column.kind {
                        ColumnKind::Phone => "tel",
                        ColumnKind::Text | ColumnKind::Day => "text",
                    },
                    help: (column.kind == ColumnKind::Day).then(|| Word::CellDayHelp.shown(scene.page)),
                    required: column.required,
                }
            })
            .collect(),
    };
    Fields::Rows {
        rows: (0..count).map(row).collect(),
        add: (count < max).then(|| Word::AddRow.shown(scene.page)),
    }
}
