//! How long something takes: the middle as a dot, nine of ten as a line, and the mark that should not be passed.

use super::bars::Place;
use super::canvas::{Anchor, Canvas, LETTER, Sample, WIDTH, width_of};
use super::{Caption, Chart, Scale};
use crate::number::grouped;

/// Most steps of the scale: as many labels as a phone has room for.
const STEPS: u64 = 3;

/// A row.
#[derive(Clone, Debug)]
pub struct Span {
    /// What it is of.
    pub label: String,
    /// Half take no longer, in minutes; `None` if half have not done it.
    pub middle: Option<u32>,
    /// Nine of ten take no longer.
    pub most: Option<u32>,
    /// What is written at its end.
    pub text: String,
}

/// Rows from top to bottom, all on one scale of time.
#[derive(Clone, Debug)]
pub struct Spans {
    caption: Caption,
    words: [String; 3],
    mark: u32,
    rows: Vec<Span>,
}

impl Spans {
    /// Words for dot, line and mark; the mark in minutes.
    pub fn new(caption: Caption, words: [&str; 3], mark: u32, rows: Vec<Span>) -> Self {
        Self {
            caption,
            words: words.map(str::to_owned),
            mark,
            rows,
        }
    }

    /// The picture.
    pub fn draw(self) -> Chart {
        let mut canvas = Canvas::new(self.caption.id);
        let [dot, line, mark] = self.words;
        let entries = [
            (Sample::Dot, dot),
            (Sample::Line("span"), line),
            (Sample::Line("mark"), mark),
        ];
        let top = canvas.legend(&entries);
        let texts = self.rows.iter().map(|row| row.text.as_str());
        let place = Place::of(self.rows.iter().map(|row| row.label.as_str()), texts);
        let longest = self
            .rows
            .iter()
            .flat_map(|row| [row.middle, row.most])
            .flatten()
            .max();
        let scale = Scale::minutes(u64::from(longest.unwrap_or(0).max(self.mark)), STEPS);
        let x_of = |minutes: u64| place.left + scale.share_of(minutes) * place.width;
        let mut y = top;
        let bottom = top + place.row * super::scale::as_f64(self.rows.len() as u64);
        for tick in scale.ticks() {
            let x = x_of(tick);
            canvas.line(if tick == 0 { "axis" } else { "grid" }, (x, top), (x, bottom));
            let label = in_short(tick);
            let half = width_of(&label) / 2.0;
            // The last one does not leave the picture.
            let x = x.clamp(half, WIDTH - half);
            canvas.text((x, bottom + LETTER), Anchor::Middle, "", &label);
        }
        let mark = x_of(self.mark.into());
        canvas.line("mark", (mark, top), (mark, bottom));
        for row in &self.rows {
            let middle = place.label(&mut canvas, &mut y, &row.label);
            let end = place.left + place.width;
            if let Some(half) = row.middle {
                let from = x_of(half.into());
                match row.most {
                    Some(most) => canvas.line("span", (from, middle), (x_of(most.into()), middle)),
                    // Nobody knows yet how long: to the end, and open.
                    None => canvas.line("span plot__span--open", (from, middle), (end, middle)),
                }
                canvas.dot((from, middle));
            }
            canvas.text(
                (end + 12.0, middle),
                Anchor::Start,
                " plot__text--strong",
                &row.text,
            );
        }
        canvas.height = bottom + LETTER * 2.0;
        Chart::new(self.caption, canvas)
    }
}

/// `30分`, `2時間`, `3日`, for a tick.
fn in_short(minutes: u64) -> String {
    match minutes {
        0 => "0".to_owned(),
        minutes if minutes.is_multiple_of(1_440) && minutes > 1_440 => {
            format!("{}日", grouped(minutes / 1_440))
        }
        minutes if minutes.is_multiple_of(60) => format!("{}時間", minutes / 60),
        minutes => format!("{minutes}分"),
    }
}
