//! Columns that touch, one a day: how much came when.

use super::canvas::{Anchor, Canvas, LETTER, Sample, WIDTH, width_of};
use super::scale::as_f64;
use super::{Caption, Chart, Fill, Scale};
use crate::number::grouped;

/// Height of the columns.
const HEIGHT: f64 = 220.0;
/// Most steps of the scale at the side.
const STEPS: u64 = 4;

/// Columns, from left to right.
#[derive(Clone, Debug)]
pub struct Columns {
    caption: Caption,
    bars: Vec<(String, u64)>,
    incomplete: usize,
    curve: Vec<Option<f64>>,
    words: [String; 3],
}

impl Columns {
    /// Each with what stands below it, where there is room, and its number. `of` says what a column counts.
    pub fn new(caption: Caption, of: &str, bars: Vec<(String, u64)>) -> Self {
        Self {
            caption,
            bars,
            incomplete: 0,
            curve: Vec::new(),
            words: [of.to_owned(), String::new(), String::new()],
        }
    }

    /// So many of the last will still grow, as these words say.
    #[must_use]
    pub fn incomplete(mut self, last: usize, words: &str) -> Self {
        self.incomplete = last.min(self.bars.len());
        words.clone_into(&mut self.words[1]);
        self
    }

    /// A line over them, and what it is; nothing where nothing is known.
    #[must_use]
    pub fn curve(mut self, points: Vec<Option<f64>>, words: &str) -> Self {
        self.curve = points;
        words.clone_into(&mut self.words[2]);
        self
    }

    /// The picture.
    pub fn draw(self) -> Chart {
        let mut canvas = Canvas::new(self.caption.id);
        let most = self.bars.iter().map(|(_, number)| *number).max().unwrap_or(0);
        let scale = Scale::to(most, STEPS);
        let top = self.legend(&mut canvas) + LETTER / 2.0;
        let bottom = top + HEIGHT;
        let left = width_of(&grouped(scale.top())) + 10.0;
        for tick in scale.ticks() {
            let y = bottom - scale.share_of(tick) * HEIGHT;
            canvas.line(if tick == 0 { "axis" } else { "grid" }, (left, y), (WIDTH, y));
            canvas.text((left - 8.0, y), Anchor::End, "", &grouped(tick));
        }
        let count = as_f64(self.bars.len().max(1) as u64);
        let width = (WIDTH - left) / count;
        let complete = self.bars.len() - self.incomplete;
        let mut x = left;
        let mut points = Vec::new();
        for (at, (_, number)) in self.bars.iter().enumerate() {
            let height = scale.share_of(*number) * HEIGHT;
            let fill = if at < complete { Fill::Solid } else { Fill::Hatched };
            if *number > 0 {
                canvas.rect(fill, [x, bottom - height, width, height]);
            }
            let point = self
                .curve
                .get(at)
                .copied()
                .flatten()
                .filter(|point| point.is_finite());
            points.push(point.map(|point| (x + width / 2.0, bottom - scale.share(point) * HEIGHT)));
            x += width;
        }
        canvas.path(&points);
        self.labels(&mut canvas, left, width, bottom + 11.0 + LETTER / 2.0);
        canvas.height = bottom + LETTER + 15.0;
        Chart::new(self.caption, canvas)
    }

    fn legend(&self, canvas: &mut Canvas) -> f64 {
        let mut entries = vec![(Sample::Box(Fill::Solid), self.words[0].clone())];
        if self.incomplete > 0 {
            entries.push((Sample::Box(Fill::Hatched), self.words[1].clone()));
        }
        if self.curve.iter().any(Option::is_some) {
            entries.push((Sample::Line("curve"), self.words[2].clone()));
        }
        canvas.legend(&entries)
    }

    /// Below each column for which there is room, at equal distances.
    fn labels(&self, canvas: &mut Canvas, left: f64, width: f64, y: f64) {
        let widest = self.bars.iter().map(|(label, _)| width_of(label));
        let widest = widest.fold(1.0, f64::max) + 12.0;
        let mut apart = 1;
        while as_f64(apart as u64) * width < widest {
            apart += 1;
        }
        for (at, (label, _)) in self.bars.iter().enumerate().step_by(apart) {
            let middle = left + (as_f64(at as u64) + 0.5) * width;
            let half = width_of(label) / 2.0;
            // The first may reach under the scale; none leaves the picture.
            if middle - half >= 0.0 && middle + half <= WIDTH {
                canvas.text((middle, y), Anchor::Middle, "", label);
            }
        }
    }
}
