//! A name in one column, or in two.

use super::Meaning;
use super::cell::{Cell, Reading};
use super::columns::spellings;
use super::vocabulary::{is_family_name, is_given_name};

impl Reading<'_> {
    /// The family name and the given name stand in one column, or in two, or in one and in two.
    pub(super) fn name(&mut self, meaning: Meaning, written: Cell<'_>, value: String) {
        let spelt = spellings(written.heading);
        // 「患者名」 is the whole name, but for 「患者姓」 beside it.
        let is_beside = self.in_halves.contains(&(meaning, false)) && spelt[0].ends_with('名');
        let is_given = is_beside || spelt.iter().any(|heading| is_given_name(heading));
        let is_half = is_given || spelt.iter().any(|heading| is_family_name(heading));
        let half = (meaning, is_given);
        let other_half = (meaning, !is_given);
        let person = &mut self.told.person;
        let before = match meaning {
            Meaning::Name => Some(&mut person.name).filter(|name| !name.is_empty()),
            _ => person.kana.as_mut(),
        };
        let bare = |name: &str| name.replace(base::merge::is_blank, "");
        match before {
            None => {
                if is_half {
                    self.in_halves.insert(half);
                }
                match meaning {
                    Meaning::Name => person.name = value,
                    _ => person.kana = Some(value),
                }
            }
            Some(before)
                if is_half && self.in_halves.contains(&other_half) && self.in_halves.insert(half) =>
            {
                *before = if is_given {
                    format!("{before}　{value}")
                } else {
                    format!("{value}　{before}")
                };
            }
            Some(before) if is_half && before.contains(&value) => {}
            Some(before) if bare(before) == bare(&value) => {}
            Some(_) => self.unread(written, "同じ意味の列がほかにもあり、内容が違います。"),
        }
    }
}
