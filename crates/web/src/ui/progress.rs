//! How far a broadcast is: tiles with numbers, a bar with its table, the countdown before it starts.

use std::collections::BTreeMap;

use askama::Template;
use askama::filters::HtmlSafe;

use crate::number::{grouped, permille};
use crate::time::JapanTime;
use crate::ui::Tone;

/// One part of a whole.
#[derive(Clone, Debug)]
pub struct Part {
    key: &'static str,
    label: String,
    tone: Tone,
    count: u64,
}

impl Part {
    /// `key` names it in live updates.
    pub fn new(key: &'static str, label: impl ToString, tone: Tone, count: u64) -> Self {
        Self {
            key,
            label: label.to_string(),
            tone,
            count,
        }
    }
}

/// A stacked bar with the same numbers as a table below.
#[derive(Clone, Debug, Template)]
#[template(path = "ui/progress.html")]
pub struct Progress {
    name: &'static str,
    caption: String,
    unit: &'static str,
    parts: Vec<Part>,
    only_bar: bool,
}

impl HtmlSafe for Progress {}

impl Progress {
    /// `name` is unique on the page; `unit` is the counter word, such as 人.
    pub fn new(name: &'static str, caption: impl ToString, unit: &'static str, parts: Vec<Part>) -> Self {
        Self {
            name,
            caption: caption.to_string(),
            unit,
            parts,
            only_bar: false,
        }
    }

    /// The bar alone, for a cell of a table whose other cells say the numbers.
    #[must_use]
    pub fn only_bar(mut self) -> Self {
        self.only_bar = true;
        self
    }

    /// All parts together.
    pub fn total(&self) -> u64 {
        self.parts.iter().map(|part| part.count).sum()
    }

    /// The numbers by key.
    pub fn counts(&self) -> BTreeMap<&'static str, u64> {
        self.parts.iter().map(|part| (part.key, part.count)).collect()
    }

    /// The bar in words, for those who do not see it.
    fn description(&self) -> String {
        let shown = self.parts.iter().filter(|part| part.count > 0);
        let parts: Vec<_> = shown
            .map(|part| format!("{}{}{}", part.label, grouped(part.count), self.unit))
            .collect();
        format!(
            "{} 全{}{}: {}",
            self.caption,
            grouped(self.total()),
            self.unit,
            parts.join("、")
        )
    }

    /// Start and width of each part in percent of the bar.
    fn segments(&self) -> Vec<(&Part, String, String)> {
        let total = self.total();
        let mut before = 0;
        let tenths = |share: u64| format!("{}.{}%", share / 10, share % 10);
        let mut segments = Vec::new();
        for part in &self.parts {
            let start = permille(before, total);
            before += part.count;
            let width = permille(before, total) - start;
            segments.push((part, tenths(start), tenths(width)));
        }
        segments
    }
}

/// A big number that is also a filter.
#[derive(Clone, Debug)]
pub struct Tile {
    key: &'static str,
    label: String,
    tone: Option<Tone>,
    count: u64,
    href: String,
    current: bool,
}

impl Tile {
    /// `key` names it in live updates; `href` shows the list of what it counts.
    pub fn new(key: &'static str, label: impl ToString, count: u64, href: impl ToString) -> Self {
        Self {
            key,
            label: label.to_string(),
            tone: None,
            count,
            href: href.to_string(),
            current: false,
        }
    }

    /// Its colour and icon.
    #[must_use]
    pub fn tone(mut self, tone: Tone) -> Self {
        self.tone = Some(tone);
        self
    }

    /// Marks the filter that is in force.
    #[must_use]
    pub fn current(mut self, current: bool) -> Self {
        self.current = current;
        self
    }
}

/// A row of tiles.
#[derive(Clone, Debug, Template)]
#[template(path = "ui/tiles.html")]
pub struct Tiles {
    label: String,
    unit: &'static str,
    all: Vec<Tile>,
}

impl HtmlSafe for Tiles {}

impl Tiles {
    /// What the tiles filter (for assistive technology) and their counter word.
    pub fn new(label: impl ToString, unit: &'static str, tiles: Vec<Tile>) -> Self {
        Self {
            label: label.to_string(),
            unit,
            all: tiles,
        }
    }
}

/// The countdown of the hold window. Without JavaScript it says until when.
#[derive(Clone, Debug, Template)]
#[template(path = "ui/hold.html")]
pub struct Hold {
    seconds_left: u64,
    seconds_in_all: u64,
    until: String,
}

impl HtmlSafe for Hold {}

impl Hold {
    /// Times in UTC milliseconds. The browser counts from the seconds left, never by its own clock.
    pub fn new(now: i64, until: i64, seconds_in_all: u64) -> Self {
        let left = u64::try_from(until.saturating_sub(now))
            .unwrap_or(0)
            .div_ceil(1000);
        let until = JapanTime::from_millis(until).clock_with_seconds();
        Self {
            seconds_left: left.min(seconds_in_all),
            seconds_in_all,
            until,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn progress(counts: [u64; 3]) -> Progress {
        let parts = vec![
            Part::new("delivered", "配信済", Tone::Done, counts[0]),
            Part::new("failed", "失敗", Tone::Failed, counts[1]),
            Part::new("waiting", "待機", Tone::Waiting, counts[2]),
        ];
        Progress::new("sms", "進み具合", "人", parts)
    }

    #[test]
    fn bar_and_table_say_the_same() {
        let html = progress([150, 7, 60]).to_string();
        assert!(html.contains("全217人: 配信済150人、失敗7人、待機60人"), "{html}");
        for number in [">150<", ">7<", ">60<"] {
            assert!(html.contains(number), "{number} in {html}");
        }
        assert!(
            !html.contains("style="),
            "the security policy forbids style attributes"
        );
    }

    #[test]
    fn a_hold_that_is_over_has_nothing_left() {
        assert!(
            Hold::new(2_000, 1_000, 30)
                .to_string()
                .contains(r#"data-hold="0""#)
        );
        assert!(
            Hold::new(1_000, 30_500, 30)
                .to_string()
                .contains(r#"data-hold="30""#)
        );
    }

    proptest! {
        #[test]
        fn the_parts_fill_the_bar(counts in proptest::array::uniform3(0_u64..1_000_000)) {
            let progress = progress(counts);
            let segments = progress.segments();
            let tenths = |text: &str| text.trim_end_matches('%').replace('.', "").parse::<u64>();
            let mut at = 0;
            for (_, start, width) in &segments {
                prop_assert_eq!(tenths(start), Ok(at));
                at += tenths(width).expect("a number");
            }
            prop_assert_eq!(at, if progress.total() == 0 { 0 } else { 1000 });
        }
    }
}
