//! A draft as a form: its fields, its buttons that need no JavaScript, and what was typed as a document again.
//!
//! Lists of which entries are added and taken away carry their shape: of each entry, which one of the saved draft it
//! is, or `n` for a new one. So what the form does not show of an entry stays with it.

use std::collections::HashMap;

use accounts::versions::VersionRow;
use base::date::{self, CalendarDate};
use serde_json::Value;
use web::Errors;
use web::form::{Choice, Field};

use super::desk_mistakes::told;
use super::desk_places::{Kind, LISTS, Place, Section, blank, sections};
use super::desk_values::{put, shown};
use crate::document::DeskDocument;
use crate::form::{DocumentProblem, Problem};
use crate::limits::TEXT_LETTERS;

/// What stands in the form.
pub(super) struct Typed {
    pub(super) revision: i64,
    pub(super) title: String,
    pub(super) from: String,
    says: Value,
    /// For each of [`LISTS`], where its entries come from.
    shapes: Vec<Vec<Option<usize>>>,
    errors: Errors,
}

/// What a draft is to say.
pub(super) struct Accepted {
    pub(super) title: String,
    pub(super) from: CalendarDate,
    pub(super) document: DeskDocument,
}

/// A section as its template shows it.
pub(super) struct Shown {
    pub(super) id: &'static str,
    pub(super) title: &'static str,
    pub(super) support: &'static str,
    pub(super) groups: Vec<ShownGroup>,
    /// The button that adds an entry: its word and what it says.
    pub(super) adds: Option<(&'static str, &'static str)>,
}

pub(super) struct ShownGroup {
    pub(super) legend: String,
    pub(super) fields: Vec<Field>,
    /// The word of the button that takes it away.
    pub(super) remove: Option<String>,
}

fn document_of(version: &VersionRow) -> Value {
    serde_json::from_str(&version.draft.document).unwrap_or_default()
}

fn count(says: &Value, list: &str) -> usize {
    says[list].as_array().map_or(0, Vec::len)
}

impl Typed {
    /// The form as it stands before anybody changes it.
    pub(super) fn of(version: &VersionRow) -> Self {
        let says = document_of(version);
        Self {
            revision: version.revision,
            title: version.draft.title.clone(),
            from: version.draft.from.to_string(),
            shapes: LISTS
                .iter()
                .map(|list| (0..count(&says, list)).map(Some).collect())
                .collect(),
            says,
            errors: Errors::default(),
        }
    }

    /// What was sent, over what the draft says.
    pub(super) fn read(version: &VersionRow, fields: &HashMap<String, String>) -> Self {
        let get = |name: &str| fields.get(name).map(|text| text.trim()).unwrap_or_default();
        let saved = document_of(version);
        let (mut says, mut shapes) = (saved.clone(), Vec::new());
        for list in LISTS {
            let shape: Vec<Option<usize>> = get(&format!("shape-{list}"))
                .split(',')
                .filter(|word| !word.is_empty())
                .map(|word| word.parse().ok())
                .take(MOST)
                .collect();
            let entries = shape.iter().map(|from| {
                let kept = from.and_then(|from| saved[list].get(from)).cloned();
                kept.unwrap_or_else(|| blank(list))
            });
            says[list] = entries.collect();
            shapes.push(shape);
        }
        let mut errors = Errors::default();
        let all = sections(&says);
        for place in all
            .iter()
            .flat_map(|one| &one.groups)
            .flat_map(|group| &group.places)
        {
            let typed = fields.get(&place.name()).map(String::as_str).unwrap_or_default();
            if let Err(problem) = put(&mut says, &place.path, place.kind, typed) {
                errors.add(place.name(), format!("{}: {problem}", place.label));
            }
        }
        Self {
            revision: get("revision").parse().unwrap_or_default(),
            title: get("version-title").to_owned(),
            from: get("version-from").to_owned(),
            says,
            shapes,
            errors,
        }
    }

    /// Carries a button out that moves entries; `false` if it is the one that saves.
    pub(super) fn act(&mut self, action: &str) -> bool {
        let (word, rest) = action.split_once('-').unwrap_or((action, ""));
        let (list, number) = rest.split_once('-').unwrap_or((rest, ""));
        let Some(at) = LISTS.iter().position(|one| *one == list) else {
            return false;
        };
        let Some(entries) = self.says[list].as_array_mut() else {
            return false;
        };
        match (word, number.parse::<usize>()) {
            ("add", _) if entries.len() < MOST => {
                entries.push(blank(list));
                self.shapes[at].push(None);
            }
            ("remove", Ok(number)) if number < entries.len() => {
                entries.remove(number);
                self.shapes[at].remove(number);
            }
            _ => {}
        }
        true
    }

    /// What is to be saved, or every mistake: those at a field with it, the others with their places.
    pub(super) fn accept(&self) -> Result<Accepted, (Errors, Vec<String>)> {
        let mut errors = self.errors.clone();
        if self.title.is_empty() || self.title.chars().count() > TEXT_LETTERS {
            errors.add("version-title", "何を変えたかを入力してください。");
        }
        let from = date::parse(&self.from).ok().and_then(date::Parsed::full);
        if from.is_none() {
            errors.add(
                "version-from",
                "始まりの日を 2026-12-29 のように入力してください。",
            );
        }
        // What cannot be read is told once, by its field.
        let read = errors
            .is_empty()
            .then(|| DeskDocument::parse(&self.says.to_string()));
        match (read, from) {
            (Some(Ok(document)), Some(from)) => Ok(Accepted {
                title: self.title.clone(),
                from,
                document,
            }),
            (Some(Err(problem)), _) => Err(self.placed(&problem)),
            _ => Err((errors, Vec::new())),
        }
    }

    fn placed(&self, problem: &DocumentProblem) -> (Errors, Vec<String>) {
        let DocumentProblem::Wrong(problems) = problem else {
            return (Errors::default(), told(problem));
        };
        let all = sections(&self.says);
        let places: Vec<&Place> = all
            .iter()
            .flat_map(|one| &one.groups)
            .flat_map(|group| &group.places)
            .collect();
        let (mut errors, mut others) = (Errors::default(), Vec::new());
        for problem in problems {
            match nearest(&places, problem) {
                Some(place) => errors.add(place.name(), format!("{}: {}", place.label, problem.what)),
                None => others.push(problem.to_string()),
            }
        }
        (errors, others)
    }

    /// The shape of each list, as its hidden field holds it.
    pub(super) fn shapes(&self) -> Vec<(String, String)> {
        let word = |from: &Option<usize>| from.map_or_else(|| "n".to_owned(), |from| from.to_string());
        let shape = |shape: &Vec<Option<usize>>| shape.iter().map(word).collect::<Vec<_>>().join(",");
        LISTS
            .iter()
            .zip(&self.shapes)
            .map(|(list, one)| (format!("shape-{list}"), shape(one)))
            .collect()
    }

    /// The fields of the version itself.
    pub(super) fn head(&self, errors: &Errors) -> [Field; 2] {
        [
            Field::text("version-title", "この版で変えること")
                .required()
                .support("版の一覧に出ます。")
                .value(&self.title)
                .errors(errors),
            Field::text("version-from", "始まりの日")
                .required()
                .short()
                .support("承認されていれば、この日の0時から使われます。")
                .value(&self.from)
                .errors(errors),
        ]
    }

    /// Everything that the form shows.
    pub(super) fn shown(&self, errors: &Errors) -> Vec<Shown> {
        let section = |one: Section| Shown {
            id: one.id,
            title: one.title,
            support: one.support,
            adds: one.adds,
            groups: one
                .groups
                .into_iter()
                .map(|group| ShownGroup {
                    fields: group
                        .places
                        .iter()
                        .map(|place| self.field(place, errors))
                        .collect(),
                    remove: group
                        .entry
                        .filter(|(list, _)| LISTS.contains(list))
                        .map(|(list, number)| format!("remove-{list}-{number}")),
                    legend: group.legend,
                })
                .collect(),
        };
        sections(&self.says).into_iter().map(section).collect()
    }

    fn field(&self, place: &Place, errors: &Errors) -> Field {
        let (name, label) = (place.name(), place.label);
        let name = name.as_str();
        let field = match place.kind {
            Kind::Japanese(rows) if rows > 1 => Field::long_text(name, label, rows),
            Kind::JapaneseLines | Kind::Days => Field::long_text(name, label, 3),
            Kind::Again => Field::long_text(name, label, 2),
            Kind::Kits => Field::long_text(name, label, 8),
            Kind::Yes => Field::check(name, label),
            Kind::Number | Kind::NumberOrNone | Kind::Release => Field::number(name, label),
            Kind::Clock | Kind::Day => Field::text(name, label).short(),
            Kind::One(words) => {
                let choices = words.iter().map(|(word, label)| Choice::new(word, label));
                Field::select(name, label, choices.collect())
            }
            Kind::Line | Kind::Japanese(_) => Field::text(name, label),
        };
        field
            .support(place.support)
            .value(shown(&self.says, &place.path, place.kind))
            .errors(errors)
    }
}

/// Most entries of a list.
const MOST: usize = 60;

/// The field that a problem is about: the one it names, one that it stands below, or the first below it.
fn nearest<'p>(places: &[&'p Place], problem: &Problem) -> Option<&'p Place> {
    let below = |inner: &str, outer: &str| {
        inner
            .strip_prefix(outer)
            .is_some_and(|rest| rest.starts_with('.'))
    };
    let at = problem.at.as_str();
    let exact = places.iter().find(|place| place.at == at);
    let outer = || {
        places
            .iter()
            .filter(|place| below(at, &place.at))
            .max_by_key(|place| place.at.len())
    };
    let inner = || places.iter().find(|place| below(&place.at, at));
    exact.or_else(outer).or_else(inner).copied()
}
