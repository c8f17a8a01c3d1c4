//! What one document says otherwise than another, place by place, for whoever approves.

use std::collections::BTreeMap;

use serde_json::Value;

/// A place with what stands there before and afterwards; nothing where it is new or gone.
pub(super) type Change = (String, Option<String>, Option<String>);

/// What was changed.
pub(super) struct Changes {
    /// The first of them.
    pub(super) shown: Vec<Change>,
    /// How many more there are.
    pub(super) more: usize,
}

/// So many are told one by one.
const TOLD: usize = 60;

/// Compares two documents that were found good.
pub(super) fn changes(before: &str, after: &str) -> Changes {
    let (before, after) = (flat(before), flat(after));
    let mut all: Vec<Change> = Vec::new();
    for (place, old) in &before {
        let new = after.get(place);
        if new != Some(old) {
            all.push((place.clone(), Some(old.clone()), new.cloned()));
        }
    }
    let added = after.iter().filter(|(place, _)| !before.contains_key(*place));
    all.extend(added.map(|(place, new)| (place.clone(), None, Some(new.clone()))));
    all.sort();
    let more = all.len().saturating_sub(TOLD);
    all.truncate(TOLD);
    Changes { shown: all, more }
}

fn flat(json: &str) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    if let Ok(value) = serde_json::from_str(json) {
        walk(&value, String::new(), &mut found);
    }
    found
}

fn walk(value: &Value, place: String, found: &mut BTreeMap<String, String>) {
    let below = |name: &str| {
        if place.is_empty() {
            name.to_owned()
        } else {
            format!("{place}.{name}")
        }
    };
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                walk(value, below(name), found);
            }
        }
        Value::Array(values) => {
            for (number, value) in values.iter().enumerate() {
                walk(value, below(&name_of(value, number)), found);
            }
        }
        Value::String(text) => {
            found.insert(place, text.clone());
        }
        other => {
            found.insert(place, other.to_string());
        }
    }
}

/// An entry is called as its mistakes call it: by its name, else by its number from 1.
fn name_of(value: &Value, number: usize) -> String {
    let own = ["code", "key"].into_iter().find_map(|name| value[name].as_str());
    own.map_or_else(|| (number + 1).to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::shipped;

    #[test]
    fn what_changed_is_told_at_its_place() {
        let text = shipped().remove(2).text;
        assert!(changes(text, text).shown.is_empty());
        let other = text.replacen("\"opens\": \"09:00\"", "\"opens\": \"08:30\"", 1);
        let found = changes(text, &other);
        let expected = (
            "hours.opens".to_owned(),
            Some("09:00".to_owned()),
            Some("08:30".to_owned()),
        );
        assert_eq!((found.shown, found.more), (vec![expected], 0));
    }
}
