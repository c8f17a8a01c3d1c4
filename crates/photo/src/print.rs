//! What a picture looks like, in 64 bits: taken again, made smaller or saved anew, it stays nearly the same.

use image::GrayImage;
use image::imageops::thumbnail;

/// Bits of a print in one band.
const BAND_BITS: u32 = 16;

/// Bands of a print.
const BANDS: usize = 4;

/// A picture whose eight lines differ by less than this is a wall, or the inside of a pocket: all of them look alike.
const LEAST_CONTRAST: u32 = 12;

/// Whether each of 8 × 8 places is brighter than the one to its right.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Print(u64);

impl Print {
    /// So many bits may differ between two pictures of the same picture. With four bands, whatever differs in three
    /// bits has a band in common for certain.
    pub const NEAR: u32 = 3;

    /// Read back.
    pub const fn from_bits(bits: u64) -> Self {
        Self(bits)
    }

    /// To be kept.
    pub const fn bits(self) -> u64 {
        self.0
    }

    /// In how many bits two differ.
    pub const fn distance(self, other: Self) -> u32 {
        (self.0 ^ other.0).count_ones()
    }

    /// Its quarters, each with its number: by them near ones are found without looking at all.
    pub fn bands(self) -> [u32; BANDS] {
        let mut bands = [0; BANDS];
        for (number, band) in (0..).zip(&mut bands) {
            let bits = (self.0 >> (number * BAND_BITS)) & 0xffff;
            *band = (number << BAND_BITS) | u32::try_from(bits).expect("sixteen bits");
        }
        bands
    }

    /// The print of a picture on which there is something to see.
    pub(crate) fn of(picture: &GrayImage) -> Option<Self> {
        let small = thumbnail(picture, 9, 8);
        let values = || small.pixels().map(|pixel| u32::from(pixel.0[0]));
        let contrast = values().max()? - values().min()?;
        if contrast < LEAST_CONTRAST {
            return None;
        }
        let mut bits = 0;
        for y in 0..8 {
            for x in 0..8 {
                let brighter = small.get_pixel(x, y).0[0] > small.get_pixel(x + 1, y).0[0];
                bits = (bits << 1) | u64::from(brighter);
            }
        }
        Some(Self(bits))
    }
}
