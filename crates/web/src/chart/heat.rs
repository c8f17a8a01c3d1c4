//! A field of numbers, the greater the darker: when something comes.

use super::canvas::{Anchor, Canvas, LETTER, WIDTH, fit, width_of};
use super::scale::as_f64;
use super::{Caption, Chart};
use crate::number::grouped;

/// Height of a row.
const ROW: f64 = 27.0;
/// Shades between nothing and the most.
const SHADES: u64 = 5;

/// Rows of equal length.
#[derive(Clone, Debug)]
pub struct Heat {
    caption: Caption,
    columns: Vec<String>,
    rows: Vec<(String, Vec<u64>)>,
}

impl Heat {
    /// Columns by name; rows with their names and numbers.
    pub fn new(caption: Caption, columns: Vec<String>, rows: Vec<(String, Vec<u64>)>) -> Self {
        Self {
            caption,
            columns,
            rows,
        }
    }

    /// The picture.
    pub fn draw(self) -> Chart {
        let mut canvas = Canvas::new(self.caption.id);
        let left = self
            .rows
            .iter()
            .map(|(name, _)| width_of(name))
            .fold(0.0, f64::max)
            + 10.0;
        let width = (WIDTH - left) / as_f64(self.columns.len().max(1) as u64);
        let most = self.rows.iter().flat_map(|(_, row)| row).copied().max();
        let most = most.unwrap_or(0).max(1);
        let place = |column: usize| left + as_f64(column as u64) * width;
        for (at, name) in self.columns.iter().enumerate() {
            let middle = (place(at) + width / 2.0, LETTER / 2.0 + 2.0);
            canvas.text(middle, Anchor::Middle, "", &fit(name, width - 4.0));
        }
        let mut y = LETTER + 8.0;
        for (name, row) in &self.rows {
            canvas.text((left - 8.0, y + ROW / 2.0), Anchor::End, "", name);
            for (at, number) in row.iter().take(self.columns.len()).enumerate() {
                let shade = if *number == 0 {
                    0
                } else {
                    ((*number).min(most).saturating_mul(SHADES))
                        .div_ceil(most)
                        .clamp(1, SHADES)
                };
                canvas.shade(
                    &format!("heat plot__heat--{shade}"),
                    [place(at), y, width - 2.0, ROW - 2.0],
                );
                if *number > 0 {
                    let class = format!(" plot__text--on-{shade}");
                    let middle = (place(at) + width / 2.0 - 1.0, y + ROW / 2.0 - 1.0);
                    canvas.text(
                        middle,
                        Anchor::Middle,
                        &class,
                        &fit(&in_few(*number), width - 4.0),
                    );
                }
            }
            y += ROW;
        }
        canvas.height = y + 2.0;
        Chart::new(self.caption, canvas)
    }
}

/// `1,234`, and `12千` where that would not fit: the table has the number itself.
fn in_few(number: u64) -> String {
    if number < 10_000 {
        grouped(number)
    } else {
        format!("{}千", number / 1_000)
    }
}
