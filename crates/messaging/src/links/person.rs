//! For whom a link to an application desk is: what a row says of its person, and by what the link is opened.

use std::fmt;

use base::date::{self, CalendarDate};
use base::merge::is_blank;
use lists::kind::{ColumnKind, kinds};
use lists::sheet::{ParsedRow, Sheet};
use serde::{Deserialize, Serialize};

/// Whoever gets a link to a desk. The birth date opens it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LinkPerson {
    /// 生年月日.
    pub birth: CalendarDate,
    /// 氏名, if the row has it.
    pub name: Option<String>,
    /// フリガナ, if the row has it.
    pub kana: Option<String>,
}

impl LinkPerson {
    /// What makes the link this person's own: two of one family, with one number and one text, have two.
    pub fn occasion(&self, text: &str) -> String {
        let name = self.name.as_deref().unwrap_or_default();
        format!("{text}\n{}\n{name}", self.birth)
    }
}

impl fmt::Debug for LinkPerson {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LinkPerson(…)")
    }
}

/// The columns that say for whom a row's links are.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LinkColumns {
    birth: Option<usize>,
    name: Option<usize>,
    kana: Option<usize>,
}

impl LinkColumns {
    pub(crate) fn of(sheet: &Sheet) -> Self {
        let kinds = kinds(sheet);
        let first = |wanted| kinds.iter().position(|kind| *kind == wanted);
        Self {
            birth: first(ColumnKind::Birth),
            name: first(ColumnKind::Name),
            kana: first(ColumnKind::Kana),
        }
    }

    /// Nobody, if the birth date cannot be read: nothing would open the link.
    pub(crate) fn person(&self, row: ParsedRow<'_>) -> Option<LinkPerson> {
        let birth = date::parse(row.cell(self.birth?)).ok()?.full()?;
        let text = |column: Option<usize>| {
            let words = row.cell(column?).split(is_blank).filter(|word| !word.is_empty());
            let text = words.collect::<Vec<_>>().join(" ");
            (!text.is_empty()).then_some(text)
        };
        Some(LinkPerson {
            birth,
            name: text(self.name),
            kana: text(self.kana),
        })
    }
}
