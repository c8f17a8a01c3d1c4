//! From a place of a document to what stands in its field, and back.

use base::date;
use serde_json::{Value, json};

use super::desk_places::Kind;
use crate::document::ClockTime;

/// The value at a place; nothing where there is none.
fn at<'v>(says: &'v Value, path: &str) -> &'v Value {
    path.split('.')
        .fold(says, |value, step| match step.parse::<usize>() {
            Ok(number) => &value[number],
            Err(_) => &value[step],
        })
}

fn at_mut<'v>(says: &'v mut Value, path: &str) -> Option<&'v mut Value> {
    path.split('.').try_fold(says, |value, step| {
        if let Ok(number) = step.parse::<usize>() {
            return value.get_mut(number);
        }
        if value.is_null() {
            *value = json!({});
        }
        let fields = value.as_object_mut()?;
        Some(fields.entry(step).or_insert(Value::Null))
    })
}

/// Takes a part out of the document: nothing stands there.
fn remove(says: &mut Value, path: &str) {
    let Some((parent, name)) = path.rsplit_once('.') else {
        if let Some(fields) = says.as_object_mut() {
            fields.remove(path);
        }
        return;
    };
    if let Some(fields) = at_mut(says, parent).and_then(Value::as_object_mut) {
        fields.remove(name);
    }
}

fn words(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// What stands in the field of a place.
pub(super) fn shown(says: &Value, path: &str, kind: Kind) -> String {
    let value = at(says, path);
    let lines = |line: fn(&Value) -> String| {
        let all = value.as_array().map_or(&[][..], Vec::as_slice);
        all.iter().map(line).collect::<Vec<_>>().join("\n")
    };
    match kind {
        Kind::Japanese(_) => words(&value["ja"]),
        Kind::JapaneseLines => lines(|one| words(&one["ja"])),
        Kind::Days => lines(words),
        Kind::Yes => (if value.as_bool() == Some(true) { "yes" } else { "" }).to_owned(),
        Kind::Release => words(&value["continuous"]),
        Kind::Kits => lines(|one| {
            let parts = ["key", "name", "maker"].map(|name| words(&one[name]));
            parts.join(" | ").trim_end_matches(" | ").to_owned()
        }),
        Kind::Again => lines(|one| {
            let fields = one.as_object();
            let first = fields.and_then(|fields| fields.iter().next());
            first.map_or_else(String::new, |(kind, name)| format!("{kind} {}", words(name)))
        }),
        Kind::Line | Kind::Clock | Kind::Number | Kind::NumberOrNone | Kind::Day | Kind::One(_) => {
            words(value)
        }
    }
}

/// Writes what was typed to its place, or says what is wrong with it. What is wrong is written too, so that the form
/// shows it again.
pub(super) fn put(says: &mut Value, path: &str, kind: Kind, typed: &str) -> Result<(), String> {
    // Browsers send lines as `\r\n`.
    let typed = typed.trim().replace("\r\n", "\n");
    let (value, problem) = read(at(says, path), kind, &typed);
    match value {
        Some(value) => {
            if let Some(place) = at_mut(says, path) {
                *place = value;
            }
        }
        None => remove(says, path),
    }
    problem.map_or(Ok(()), |problem| Err(problem.to_owned()))
}

const NO_NUMBER: &str = "数字で入力してください。";
const NO_DAY: &str = "日付を 2026-12-29 のように入力してください。";

/// What stands there afterwards, nothing to take it out, and what is wrong.
fn read(before: &Value, kind: Kind, typed: &str) -> (Option<Value>, Option<&'static str>) {
    let fine = |value: Value| (Some(value), None);
    match kind {
        Kind::Line | Kind::One(_) => fine(json!(typed)),
        Kind::Japanese(_) => {
            let mut texts = before.clone();
            if !texts.is_object() {
                texts = json!({});
            }
            // What its translations translate is gone, and they with it; an empty text is a mistake where it is needed.
            if typed.is_empty() && before["ja"].as_str().is_none_or(str::is_empty) {
                return (
                    Some(texts).filter(|texts| texts.as_object().is_some_and(|all| !all.is_empty())),
                    None,
                );
            }
            texts["ja"] = json!(typed);
            fine(texts)
        }
        Kind::JapaneseLines => {
            let texts = lines(typed).enumerate().map(|(number, line)| {
                let mut text = before.get(number).cloned().unwrap_or_else(|| json!({}));
                text["ja"] = json!(line);
                text
            });
            fine(texts.collect())
        }
        Kind::Clock => {
            let problem = ClockTime::parse(typed).is_none();
            (
                Some(json!(typed)),
                problem.then_some("時刻を 17:00 のように入力してください。"),
            )
        }
        Kind::Number | Kind::NumberOrNone if typed.is_empty() => {
            (None, (kind == Kind::Number).then_some(NO_NUMBER))
        }
        Kind::Number | Kind::NumberOrNone => number(typed),
        Kind::Release if typed.is_empty() => fine(json!("locked")),
        Kind::Release => {
            let (value, problem) = number(typed);
            (value.map(|value| json!({ "continuous": value })), problem)
        }
        Kind::Day if typed.is_empty() => (None, None),
        Kind::Day => day(typed),
        Kind::Days => {
            let days: Vec<_> = lines(typed).map(day).collect();
            let problem = days.iter().find_map(|(_, problem)| *problem);
            (
                Some(days.into_iter().filter_map(|(day, _)| day).collect()),
                problem,
            )
        }
        Kind::Yes => fine(json!(typed == "yes")),
        Kind::Kits => kits(typed),
        Kind::Again => again(typed),
    }
}

fn lines(typed: &str) -> impl Iterator<Item = &str> {
    typed.lines().map(str::trim).filter(|line| !line.is_empty())
}

fn number(typed: &str) -> (Option<Value>, Option<&'static str>) {
    let half: String = typed
        .chars()
        .map(|letter| match letter {
            '０'..='９' => char::from_u32(u32::from(letter) - 0xfee0).unwrap_or(letter),
            other => other,
        })
        .collect();
    match half.parse::<u32>() {
        Ok(number) => (Some(json!(number)), None),
        Err(_) => (Some(json!(typed)), Some(NO_NUMBER)),
    }
}

fn day(typed: &str) -> (Option<Value>, Option<&'static str>) {
    let day = date::parse(typed).ok().and_then(date::Parsed::full);
    match day {
        Some(day) => (Some(json!(day.to_string())), None),
        None => (Some(json!(typed)), Some(NO_DAY)),
    }
}

fn kits(typed: &str) -> (Option<Value>, Option<&'static str>) {
    let mut problem = None;
    let kit = |line: &str| {
        let mut parts = line.split(['|', '\t']).map(str::trim);
        let (key, name) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        let maker = parts.next().unwrap_or_default();
        let is_key = crate::form::Key::parse(key).is_some();
        if !is_key || name.is_empty() {
            problem = Some(
                "1行に「記号 | 製品の名前 | メーカー」の順に書いてください。記号は英小文字、数字、_ です。",
            );
        }
        if maker.is_empty() {
            json!({ "key": key, "name": name })
        } else {
            json!({ "key": key, "name": name, "maker": maker })
        }
    };
    let all = lines(typed).map(kit).collect();
    (Some(all), problem)
}

fn again(typed: &str) -> (Option<Value>, Option<&'static str>) {
    let mut problem = None;
    let one = |line: &str| {
        let (kind, name) = line.split_once([' ', '　']).unwrap_or((line, ""));
        if !["field", "page", "photo"].contains(&kind) || name.trim().is_empty() {
            problem = Some("1行に1つ「photo test」「page signs」「field address」のように書いてください。");
        }
        json!({ kind: name.trim() })
    };
    let all = lines(typed).map(one).collect();
    (Some(all), problem)
}

#[cfg(test)]
mod tests {
    use super::super::desk_places::sections;
    use super::*;
    use crate::document::{DeskDocument, shipped};

    /// Whoever opens the form of a desk and saves it changes nothing.
    #[test]
    fn what_the_form_shows_is_what_it_writes() {
        for desk in shipped() {
            let before: Value = serde_json::from_str(&desk.document.to_json()).unwrap_or_default();
            let mut after = before.clone();
            for place in sections(&before)
                .iter()
                .flat_map(|section| &section.groups)
                .flat_map(|group| &group.places)
            {
                let typed = shown(&before, &place.path, place.kind);
                assert_eq!(
                    put(&mut after, &place.path, place.kind, &typed),
                    Ok(()),
                    "{}",
                    place.path
                );
            }
            let read = DeskDocument::parse(&after.to_string());
            assert_eq!(read.as_ref(), Ok(&desk.document), "{}", desk.document.key());
        }
    }

    #[test]
    fn what_cannot_be_read_is_told_and_kept_for_the_form() {
        let mut says = json!({ "hours": { "opens": "09:00" } });
        for (path, kind, typed) in [
            ("hours.opens", Kind::Clock, "9時"),
            ("hours.capacity", Kind::NumberOrNone, "たくさん"),
            ("hours.last_day", Kind::Day, "来週"),
        ] {
            assert!(put(&mut says, path, kind, typed).is_err(), "{path}");
            assert_eq!(shown(&says, path, kind), typed);
        }
        assert_eq!(
            put(&mut says, "hours.capacity", Kind::NumberOrNone, "４０"),
            Ok(())
        );
        assert_eq!(says["hours"]["capacity"], json!(40));
        assert_eq!(put(&mut says, "hours.capacity", Kind::NumberOrNone, ""), Ok(()));
        assert_eq!(says["hours"].get("capacity"), None);
    }
}
