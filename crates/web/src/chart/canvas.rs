//! What a chart is drawn on: it escapes every text and knows where each lies.

use std::fmt::Write as _;

use super::Fill;

/// Width of every chart, in its own units.
pub(super) const WIDTH: f64 = 560.0;
/// Size of its letters; at 375 px of a screen they are 11 px high.
pub(super) const LETTER: f64 = 18.0;
/// Height of a line of legend.
const LEGEND_LINE: f64 = 30.0;
/// A little sample of a kind.
const SAMPLE: f64 = 20.0;

const INFALLIBLE: &str = "writing to a String does not fail";

/// Where a text is held.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Anchor {
    Start,
    Middle,
    End,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Canvas {
    id: &'static str,
    pub(super) height: f64,
    pub(super) body: String,
    /// Left, top, right, bottom.
    pub(super) texts: Vec<[f64; 4]>,
}

impl Canvas {
    pub(super) fn new(id: &'static str) -> Self {
        Self {
            id,
            ..Self::default()
        }
    }

    /// A text whose middle is at this height.
    pub(super) fn text(&mut self, (x, y): (f64, f64), anchor: Anchor, class: &str, text: &str) {
        let width = width_of(text);
        let (left, word) = match anchor {
            Anchor::Start => (x, "start"),
            Anchor::Middle => (x - width / 2.0, "middle"),
            Anchor::End => (x - width, "end"),
        };
        self.texts
            .push([left, y - LETTER / 2.0, left + width, y + LETTER / 2.0]);
        write!(
            self.body,
            r#"<text class="plot__text{class}" x="{}" y="{}" text-anchor="{word}">{}</text>"#,
            px(x),
            px(y + LETTER * 0.36),
            escaped(text)
        )
        .expect(INFALLIBLE);
    }

    pub(super) fn line(&mut self, class: &str, (x1, y1): (f64, f64), (x2, y2): (f64, f64)) {
        write!(
            self.body,
            r#"<line class="plot__{class}" x1="{}" y1="{}" x2="{}" y2="{}"></line>"#,
            px(x1),
            px(y1),
            px(x2),
            px(y2)
        )
        .expect(INFALLIBLE);
    }

    /// A box: left, top, width, height.
    pub(super) fn rect(&mut self, fill: Fill, [x, y, width, height]: [f64; 4]) {
        let word = fill.word();
        let paint = match fill.ink() {
            Some(_) => format!(r#" fill="url(#{}-{word})""#, self.id),
            None => String::new(),
        };
        write!(
            self.body,
            r#"<rect class="plot__bar plot__bar--{word}"{paint} x="{}" y="{}" width="{}" height="{}"></rect>"#,
            px(x),
            px(y),
            px(width),
            px(height)
        )
        .expect(INFALLIBLE);
    }

    /// A box of a class of its own.
    pub(super) fn shade(&mut self, class: &str, [x, y, width, height]: [f64; 4]) {
        write!(
            self.body,
            r#"<rect class="plot__{class}" x="{}" y="{}" width="{}" height="{}"></rect>"#,
            px(x),
            px(y),
            px(width),
            px(height)
        )
        .expect(INFALLIBLE);
    }

    pub(super) fn dot(&mut self, (x, y): (f64, f64)) {
        write!(
            self.body,
            r#"<circle class="plot__dot" cx="{}" cy="{}" r="6"></circle>"#,
            px(x),
            px(y)
        )
        .expect(INFALLIBLE);
    }

    /// A line through points; where one is missing it is broken off.
    pub(super) fn path(&mut self, points: &[Option<(f64, f64)>]) {
        let mut d = String::new();
        let mut is_open = false;
        for point in points {
            match point {
                Some((x, y)) => {
                    write!(d, "{}{} {}", if is_open { "L" } else { "M" }, px(*x), px(*y)).expect(INFALLIBLE);
                    is_open = true;
                }
                None => is_open = false,
            }
        }
        if !d.is_empty() {
            write!(self.body, r#"<path class="plot__curve" d="{d}"></path>"#).expect(INFALLIBLE);
        }
    }

    /// What stands for what, from the top of the picture on; says where it ends.
    pub(super) fn legend(&mut self, entries: &[(Sample, String)]) -> f64 {
        let (mut x, mut y) = (0.0, LEGEND_LINE / 2.0);
        for (sample, text) in entries {
            let text = fit(text, WIDTH - SAMPLE - 10.0);
            let width = SAMPLE + 8.0 + width_of(&text);
            if x > 0.0 && x + width > WIDTH {
                x = 0.0;
                y += LEGEND_LINE;
            }
            match sample {
                Sample::Box(fill) => self.rect(*fill, [x + 1.0, y - 9.0, SAMPLE - 2.0, 18.0]),
                Sample::Line(class) => self.line(class, (x, y), (x + SAMPLE, y)),
                Sample::Dot => self.dot((x + SAMPLE / 2.0, y)),
            }
            self.text((x + SAMPLE + 8.0, y), Anchor::Start, "", &text);
            x += width + 20.0;
        }
        if entries.is_empty() {
            0.0
        } else {
            y + LEGEND_LINE / 2.0 + 6.0
        }
    }
}

/// How a kind looks in the legend.
pub(super) enum Sample {
    Box(Fill),
    Line(&'static str),
    Dot,
}

/// How wide a text is drawn, at most.
pub(super) fn width_of(text: &str) -> f64 {
    text.chars()
        .map(|letter| if letter.is_ascii() { 10.6 } else { LETTER })
        .sum()
}

/// The text, or as much of it as there is room for.
pub(super) fn fit(text: &str, width: f64) -> String {
    if width_of(text) <= width {
        return text.to_owned();
    }
    let mut short = String::new();
    for letter in text.chars() {
        short.push(letter);
        if width_of(&short) + LETTER > width {
            short.pop();
            break;
        }
    }
    short.push('…');
    short
}

/// A length with one decimal.
pub(super) fn px(length: f64) -> String {
    debug_assert!(length.is_finite(), "{length}");
    let text = format!("{length:.1}");
    match text.strip_suffix(".0") {
        Some(whole) => whole.to_owned(),
        None => text,
    }
}

pub(super) fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '&' => safe.push_str("&amp;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            other => safe.push(other),
        }
    }
    safe
}
