//! Bars that lie, one a row, of one part or of several.

use super::canvas::{Anchor, Canvas, LETTER, Sample, WIDTH, fit, width_of};
use super::scale::as_f64;
use super::{Caption, Chart, Fill};

/// Labels no wider than this stand beside their bars; wider ones above.
pub(super) const BESIDE: f64 = 9.0 * LETTER;
/// Height of a row whose label stands beside.
pub(super) const ROW: f64 = 32.0;
/// Height of a bar.
pub(super) const THICK: f64 = 20.0;

/// A row.
#[derive(Clone, Debug)]
pub struct Bar {
    /// What it is of.
    pub label: String,
    /// Its parts, from left to right.
    pub parts: Vec<(Fill, u64)>,
    /// What is written at its end.
    pub text: String,
}

/// Rows from top to bottom, all on one scale.
#[derive(Clone, Debug)]
pub struct Bars {
    caption: Caption,
    kinds: Vec<(Fill, String)>,
    rows: Vec<Bar>,
}

impl Bars {
    /// Kinds are told in the legend; one kind alone needs none.
    pub fn new(caption: Caption, kinds: Vec<(Fill, String)>, rows: Vec<Bar>) -> Self {
        Self { caption, kinds, rows }
    }

    /// The picture.
    pub fn draw(self) -> Chart {
        let mut canvas = Canvas::new(self.caption.id);
        let kinds: Vec<(Sample, String)> = self
            .kinds
            .iter()
            .map(|(fill, text)| (Sample::Box(*fill), text.clone()))
            .collect();
        let mut y = canvas.legend(&kinds);
        let place = Place::of(
            self.rows.iter().map(|row| row.label.as_str()),
            self.rows.iter().map(|row| row.text.as_str()),
        );
        let total = |row: &Bar| row.parts.iter().map(|(_, number)| number).sum::<u64>();
        // The longest fills its place: the numbers stand beside, no scale is written.
        let most = as_f64(self.rows.iter().map(total).max().unwrap_or(0).max(1));
        let share = |number: u64| as_f64(number) / most;
        let top = y;
        for row in &self.rows {
            let middle = place.label(&mut canvas, &mut y, &row.label);
            let mut x = place.left;
            for (fill, number) in row.parts.iter().filter(|(_, number)| *number > 0) {
                let width = share(*number) * place.width;
                canvas.rect(*fill, [x, middle - THICK / 2.0, width, THICK]);
                x += width;
            }
            canvas.text((x + 8.0, middle), Anchor::Start, " plot__text--strong", &row.text);
        }
        if place.is_beside {
            canvas.line("axis", (place.left, top), (place.left, y));
        }
        canvas.height = y + 2.0;
        Chart::new(self.caption, canvas)
    }
}

/// Where labels, bars and texts stand.
pub(super) struct Place {
    is_beside: bool,
    pub(super) left: f64,
    pub(super) width: f64,
    pub(super) row: f64,
}

impl Place {
    pub(super) fn of<'a>(
        labels: impl Iterator<Item = &'a str>,
        texts: impl Iterator<Item = &'a str>,
    ) -> Self {
        let widest = labels.map(width_of).fold(0.0, f64::max);
        let text = texts.map(width_of).fold(0.0, f64::max).min(WIDTH / 2.0);
        // Names of places stand beside; sentences above.
        let is_beside = widest <= BESIDE;
        let left = if is_beside { widest + 10.0 } else { 0.0 };
        Self {
            is_beside,
            left,
            width: WIDTH - left - text - 14.0,
            row: if is_beside { ROW } else { ROW + LETTER + 6.0 },
        }
    }

    /// Writes the label of the next row; says at which height its bar lies.
    pub(super) fn label(&self, canvas: &mut Canvas, y: &mut f64, label: &str) -> f64 {
        let top = *y;
        *y += self.row;
        if self.is_beside {
            let middle = top + ROW / 2.0;
            canvas.text((self.left - 8.0, middle), Anchor::End, "", label);
            middle
        } else {
            let label = fit(label, WIDTH);
            canvas.text((0.0, top + LETTER / 2.0 + 4.0), Anchor::Start, "", &label);
            top + LETTER + 6.0 + ROW / 2.0 - 2.0
        }
    }
}
