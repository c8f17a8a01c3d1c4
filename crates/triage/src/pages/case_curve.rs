//! A curve of measured values: drawn as SVG, with the table of the same values beside it.

use askama::Template;
use askama::filters::HtmlSafe;
use base::clock::{DAY, Millis};
use web::time::JapanTime;

/// One measured value, as it was written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Point {
    pub(super) at: Millis,
    pub(super) value: String,
}

/// Width and height of the drawing, and the room for its labels.
const WIDTH: f64 = 560.0;
const HEIGHT: f64 = 180.0;
const LEFT: f64 = 44.0;
const RIGHT: f64 = 12.0;
const TOP: f64 = 12.0;
const BOTTOM: f64 = 28.0;
/// Dates under the curve at most.
const DATES: usize = 7;

/// A curve with its table.
#[derive(Template)]
#[template(path = "case_curve.html")]
pub(super) struct Curve {
    key: &'static str,
    label: &'static str,
    unit: &'static str,
    /// The value from which, or below which, somebody worries.
    limit: String,
    limit_y: String,
    /// `12.0,34.5 …`
    line: String,
    dots: Vec<Dot>,
    dates: Vec<(String, String)>,
    /// Label and height of each line of the grid.
    grid: Vec<(String, String)>,
    rows: Vec<Point>,
}

impl HtmlSafe for Curve {}

struct Dot {
    x: String,
    y: String,
    title: String,
}

impl Curve {
    /// Nothing without values.
    pub(super) fn of(
        key: &'static str,
        label: &'static str,
        unit: &'static str,
        (least, most): (f64, f64),
        limit: f64,
        points: Vec<Point>,
    ) -> Option<Self> {
        let values: Vec<(Millis, f64)> = points
            .iter()
            .filter_map(|point| Some((point.at, point.value.parse().ok()?)))
            .collect();
        let (begin, end) = (values.first()?.0, values.last()?.0);
        let low = values.iter().map(|(_, value)| *value).fold(least, f64::min);
        let high = values.iter().map(|(_, value)| *value).fold(most, f64::max);
        let y = |value: f64| TOP + (high - value) / (high - low) * (HEIGHT - TOP - BOTTOM);
        // One value stands in the middle of its day.
        let span = seconds((end - begin).max(DAY));
        let x = |at: Millis| LEFT + seconds(at - begin) / span * (WIDTH - LEFT - RIGHT);
        let place = |number: f64| format!("{number:.1}");
        let line = values
            .iter()
            .map(|(at, value)| format!("{},{}", place(x(*at)), place(y(*value))));
        let dots = values.iter().zip(&points).map(|((at, value), point)| Dot {
            x: place(x(*at)),
            y: place(y(*value)),
            title: format!("{} {}{unit}", JapanTime::from_millis(*at).short(), point.value),
        });
        let every = values.len().div_ceil(DATES);
        let dates = values.iter().step_by(every.max(1)).map(|(at, _)| {
            let words = JapanTime::from_millis(*at).short();
            let date = words.split(' ').next().unwrap_or_default().to_owned();
            (place(x(*at)), date)
        });
        let steps = [low, f64::midpoint(low, high), high];
        Some(Self {
            key,
            label,
            unit,
            limit: format!("{limit}"),
            limit_y: place(y(limit)),
            line: line.collect::<Vec<_>>().join(" "),
            dots: dots.collect(),
            dates: dates.collect(),
            grid: steps
                .iter()
                .map(|value| (format!("{value:.1}"), place(y(*value))))
                .collect(),
            rows: points.into_iter().rev().collect(),
        })
    }
}

fn seconds(span: Millis) -> f64 {
    // A case lasts weeks: far below what a u32 of seconds holds.
    f64::from(u32::try_from(span / 1_000).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(at: Millis, value: &str) -> Point {
        Point {
            at,
            value: value.to_owned(),
        }
    }

    fn curve(points: Vec<Point>) -> Option<Curve> {
        Curve::of("temperature", "体温", "℃", (35.0, 41.0), 37.5, points)
    }

    #[test]
    fn a_curve_has_a_dot_and_a_row_for_each_value_and_stays_inside() {
        let curve = curve(vec![point(0, "36.8"), point(DAY, "39.2"), point(2 * DAY, "42")]);
        let curve = curve.unwrap_or_else(|| panic!("a curve"));
        assert_eq!((curve.dots.len(), curve.rows.len()), (3, 3));
        assert_eq!(curve.rows[0].value, "42", "the newest stands first in the table");
        for dot in &curve.dots {
            let (x, y): (f64, f64) = (
                dot.x.parse().unwrap_or(f64::NAN),
                dot.y.parse().unwrap_or(f64::NAN),
            );
            assert!((LEFT..=WIDTH - RIGHT).contains(&x), "{x}");
            assert!((TOP..=HEIGHT - BOTTOM).contains(&y), "{y}");
        }
        let html = curve.to_string();
        assert!(html.contains("<svg") && html.contains("<table") && html.contains("39.2"));
    }

    #[test]
    fn without_values_there_is_no_curve_and_one_is_enough() {
        assert!(curve(Vec::new()).is_none());
        assert!(curve(vec![point(5, "36.8")]).is_some_and(|curve| !curve.line.contains("NaN")));
    }
}
