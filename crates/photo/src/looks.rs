//! What may be wrong with a picture, so that somebody can take it again at once. Never a reason to refuse it: a machine
//! does not know what has to be seen.

use image::GrayImage;
use serde::{Deserialize, Serialize};

/// The mean of 256 steps of grey below which it is dark.
const DARK_BELOW: f64 = 55.0;

/// And above which nothing but light is left.
const BRIGHT_ABOVE: f64 = 232.0;

/// How much neighbouring points differ where something is sharp, as the variance of the Laplacian of a picture of this
/// edge: prints and edges give hundreds, a blurred one gives less than this.
const BLURRED_BELOW: f64 = 45.0;

/// A picture whose short edge has fewer pixels does not show the print on a package.
const SMALL_BELOW: u32 = 600;

/// What may be wrong with a picture.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Hint {
    /// Too dark.
    Dark,
    /// Too bright.
    Bright,
    /// Not sharp.
    Blurred,
    /// Few pixels.
    Small,
}

impl Hint {
    /// Every one.
    pub const ALL: [Self; 4] = [Self::Dark, Self::Bright, Self::Blurred, Self::Small];

    /// A word to be kept.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Dark => "dark",
            Self::Bright => "bright",
            Self::Blurred => "blurred",
            Self::Small => "small",
        }
    }

    /// What [`Hint::code`] wrote.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|hint| hint.code() == code)
    }
}

/// What may be wrong with a picture of this size that looks like this.
pub(crate) fn hints(picture: &GrayImage, came_with: (u32, u32)) -> Vec<Hint> {
    let mut hints = Vec::new();
    let light = mean(picture);
    if light < DARK_BELOW {
        hints.push(Hint::Dark);
    } else if light > BRIGHT_ABOVE {
        hints.push(Hint::Bright);
    }
    if sharpness(picture).is_some_and(|sharp| sharp < BLURRED_BELOW) {
        hints.push(Hint::Blurred);
    }
    if came_with.0.min(came_with.1) < SMALL_BELOW {
        hints.push(Hint::Small);
    }
    hints
}

fn mean(picture: &GrayImage) -> f64 {
    let sum: f64 = picture.pixels().map(|pixel| f64::from(pixel.0[0])).sum();
    sum / f64::from(picture.width() * picture.height()).max(1.0)
}

/// The variance of the Laplacian; `None` for a picture that has no inside.
fn sharpness(picture: &GrayImage) -> Option<f64> {
    let (width, height) = picture.dimensions();
    if width < 3 || height < 3 {
        return None;
    }
    let grey = |x, y| f64::from(picture.get_pixel(x, y).0[0]);
    let (mut sum, mut squares) = (0.0, 0.0);
    for y in 1..height - 1 {
        for x in 1..width - 1 {
            let bend = grey(x - 1, y) + grey(x + 1, y) + grey(x, y - 1) + grey(x, y + 1) - 4.0 * grey(x, y);
            sum += bend;
            squares += bend * bend;
        }
    }
    let points = f64::from((width - 2) * (height - 2));
    Some(squares / points - (sum / points).powi(2))
}
