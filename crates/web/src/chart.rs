//! Charts as SVG, made on the server: they work without JavaScript, print, and are the same for everybody.
//!
//! Each has a title and a description in words; the numbers themselves stand in a table beside it, which is the truth.
//! Kinds of bars differ by pattern and not by colour alone. Widths are units of the picture: at 375 px of a phone its
//! letters are as small as they may become, and no label lies on another.
//!
//! Values are whole numbers or nothing, so that no picture can hold what is not a number.

mod bars;
mod canvas;
mod columns;
mod heat;
mod scale;
mod spans;

use std::fmt;

use askama::filters::HtmlSafe;

pub use bars::{Bar, Bars};
pub use columns::Columns;
pub use heat::Heat;
pub use scale::Scale;
pub use spans::{Span, Spans};

use canvas::{Canvas, WIDTH, escaped, px};

/// How a part of a chart is filled: colour and pattern together.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fill {
    /// Full, dark.
    Solid,
    /// Diagonal lines.
    Hatched,
    /// Dots.
    Dotted,
    /// Lines across.
    Ruled,
    /// A grid.
    Crossed,
    /// An outline.
    Empty,
}

impl Fill {
    /// Every one.
    pub const ALL: [Self; 6] = [
        Self::Solid,
        Self::Hatched,
        Self::Dotted,
        Self::Ruled,
        Self::Crossed,
        Self::Empty,
    ];

    const fn word(self) -> &'static str {
        match self {
            Self::Solid => "solid",
            Self::Hatched => "hatched",
            Self::Dotted => "dotted",
            Self::Ruled => "ruled",
            Self::Crossed => "crossed",
            Self::Empty => "empty",
        }
    }

    /// What is drawn on each eight units of ground.
    const fn ink(self) -> Option<&'static str> {
        match self {
            Self::Solid | Self::Empty => None,
            Self::Hatched => Some("M-2 2 2-2M0 8 8 0M6 10 10 6"),
            Self::Dotted => Some("M2 2h2v2h-2zM6 6h2v2h-2z"),
            Self::Ruled => Some("M0 2h8M0 6h8"),
            Self::Crossed => Some("M0 4h8M4 0v8"),
        }
    }
}

/// What a chart is called and what it says.
#[derive(Clone, Debug)]
pub struct Caption {
    /// Unique on the page; letters only.
    pub id: &'static str,
    /// What is shown.
    pub title: String,
    /// What one sees in it, for those who do not.
    pub description: String,
}

/// A finished picture.
#[derive(Clone, Debug)]
pub struct Chart {
    caption: Caption,
    canvas: Canvas,
}

impl Chart {
    fn new(caption: Caption, canvas: Canvas) -> Self {
        Self { caption, canvas }
    }

    /// Where its texts lie: left, top, right, bottom.
    #[cfg(test)]
    fn texts(&self) -> &[[f64; 4]] {
        &self.canvas.texts
    }
}

impl fmt::Display for Chart {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Caption {
            id,
            title,
            description,
        } = &self.caption;
        write!(
            out,
            r#"<svg class="plot" viewBox="0 0 {} {}" role="img" aria-labelledby="{id}-title" aria-describedby="{id}-desc" focusable="false"><title id="{id}-title">{}</title><desc id="{id}-desc">{}</desc>"#,
            px(WIDTH),
            px(self.canvas.height),
            escaped(title),
            escaped(description),
        )?;
        out.write_str("<defs>")?;
        for fill in Fill::ALL {
            if let Some(ink) = fill.ink() {
                let word = fill.word();
                write!(
                    out,
                    r#"<pattern id="{id}-{word}" width="8" height="8" patternUnits="userSpaceOnUse"><rect class="plot__ground plot__ground--{word}" width="8" height="8"></rect><path class="plot__ink plot__ink--{word}" d="{ink}"></path></pattern>"#
                )?;
            }
        }
        write!(out, "</defs>{}</svg>", self.canvas.body)
    }
}

// Every text in it was escaped.
impl HtmlSafe for Chart {}

#[cfg(test)]
mod tests;
