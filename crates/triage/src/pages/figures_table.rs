//! Tables of figures: one set of numbers, for pages and for files.

use messaging::table_file::{FileCell, TableFile};
use web::number::{grouped, percent};

/// What stands in a cell.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Cell {
    Text(String),
    Count(u64),
    /// A part and its whole.
    Share(u64, u64),
    /// Minutes; `None` for not yet.
    Time(Option<u32>),
    /// Something by an hour: how much, in how many hours.
    PerHour(u64, u64),
}

impl Cell {
    pub(super) fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// As pages show it.
    pub(super) fn shown(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Count(number) => grouped(number),
            Self::Share(_, 0) | Self::PerHour(_, 0) => "—".to_owned(),
            Self::Share(part, whole) => percent(part, whole),
            Self::Time(minutes) => minutes.map_or_else(|| "まだ".to_owned(), in_words),
            Self::PerHour(much, hours) => tenths(much * 10 / hours),
        }
    }

    pub(super) fn is_zero(&self) -> bool {
        matches!(self, Self::Count(0) | Self::Share(_, 0) | Self::PerHour(_, 0))
    }

    fn filed(&self) -> FileCell {
        match self {
            Self::Text(text) => FileCell::Text(text.clone()),
            Self::Count(number) => FileCell::Number(*number),
            Self::Share(part, whole) => FileCell::Hundredths((*whole > 0).then(|| part * 10_000 / whole)),
            Self::Time(Some(minutes)) => FileCell::Number((*minutes).into()),
            Self::Time(None) => FileCell::Hundredths(None),
            Self::PerHour(much, hours) => FileCell::Hundredths((*hours > 0).then(|| much * 100 / hours)),
        }
    }

    /// What a file says of the unit, where a page says it in the cell.
    const fn unit(&self) -> &'static str {
        match self {
            Self::Share(..) => "（%）",
            Self::Time(_) => "（分）",
            Self::Text(_) | Self::Count(_) | Self::PerHour(..) => "",
        }
    }
}

/// A table; the first cell of a row is its heading.
#[derive(Clone, Default, Debug)]
pub(super) struct Table {
    pub(super) headings: Vec<String>,
    pub(super) rows: Vec<Vec<Cell>>,
    /// The whole, if adding up says something.
    pub(super) total: Option<Vec<Cell>>,
}

impl Table {
    pub(super) fn new(headings: &[&str]) -> Self {
        Self {
            headings: headings.iter().map(|heading| (*heading).to_owned()).collect(),
            ..Self::default()
        }
    }

    /// As a file, with lines that say what it is.
    pub(super) fn file(self, name: String, about: &[String]) -> TableFile {
        let unit = |column: usize| {
            let cells = self.rows.first().and_then(|row| row.get(column));
            cells.map_or("", Cell::unit)
        };
        let headings = self.headings.iter().enumerate();
        let headings = headings
            .map(|(at, heading)| format!("{heading}{}", unit(at)))
            .collect();
        let rows = self.rows.iter().chain(&self.total);
        let mut rows: Vec<Vec<FileCell>> = rows.map(|row| row.iter().map(Cell::filed).collect()).collect();
        // A line of its own for each, below the numbers: a spreadsheet still takes the first line for headings.
        let width = self.headings.len();
        rows.push(vec![FileCell::Text(String::new()); width]);
        for line in about {
            let mut row = vec![FileCell::Text(String::new()); width];
            row[0] = FileCell::Text(line.clone());
            rows.push(row);
        }
        TableFile {
            name,
            sheet: "統計",
            headings,
            rows,
        }
    }
}

/// `1日2時間`, `3時間20分`, `45分`: as exact as one wants to know it.
pub(super) fn in_words(minutes: impl std::borrow::Borrow<u32>) -> String {
    let minutes = *minutes.borrow();
    let (days, hours, rest) = (minutes / 1_440, minutes % 1_440 / 60, minutes % 60);
    match (days, hours, rest) {
        (0, 0, rest) => format!("{rest}分"),
        (0, hours, 0) => format!("{hours}時間"),
        (0, hours, rest) => format!("{hours}時間{rest}分"),
        (1, 0, _) => "24時間".to_owned(),
        (days, 0, _) => format!("{days}日"),
        (days, hours, _) => format!("{days}日{hours}時間"),
    }
}

/// `12.3`.
pub(super) fn tenths(number: u64) -> String {
    format!("{}.{}", grouped(number / 10), number % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_said_as_exactly_as_one_needs_them() {
        let said = [5, 60, 200, 1_440, 1_500, 4_320].map(in_words);
        assert_eq!(said, ["5分", "1時間", "3時間20分", "24時間", "1日1時間", "3日"]);
    }

    #[test]
    fn nothing_is_divided_by_nothing() {
        assert_eq!(Cell::Share(0, 0).shown(), "—");
        assert_eq!(Cell::PerHour(3, 0).shown(), "—");
        assert_eq!(Cell::PerHour(7, 2).shown(), "3.5");
        assert_eq!(Cell::Time(None).shown(), "まだ");
    }

    #[test]
    fn a_file_says_its_units_in_its_headings() {
        let mut table = Table::new(&["部署", "24時間以内", "中央値"]);
        table
            .rows
            .push(vec![Cell::text("=1"), Cell::Share(1, 3), Cell::Time(Some(90))]);
        let file = table.file("x".to_owned(), &["期間: 2月1日".to_owned()]);
        assert_eq!(file.headings, ["部署", "24時間以内（%）", "中央値（分）"]);
        assert_eq!(file.rows[0][1], FileCell::Hundredths(Some(3_333)));
        assert_eq!(file.rows.len(), 3);
    }
}
