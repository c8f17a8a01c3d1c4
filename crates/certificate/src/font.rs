//! The one face, and those of its letters that a file uses.

use std::collections::BTreeMap;

use subsetter::{GlyphRemapper, subset};
use ttf_parser::{Face, GlyphId};

use crate::GETA;

/// Made by `font/make.py` from `BIZ UDGothic`, a face that is drawn to be told apart easily.
static DATA: &[u8] = include_bytes!("../font/BIZUDGothic-cp932.ttf");

pub(crate) struct Font {
    face: Face<'static>,
    used: GlyphRemapper,
    /// What each letter of the file stands for, by its place in the file's font.
    letters: BTreeMap<u16, char>,
}

/// Measures that a file tells of its font, in thousandths of its size.
pub(crate) struct Measures {
    pub(crate) ascent: f32,
    pub(crate) descent: f32,
    pub(crate) cap_height: f32,
    pub(crate) bounds: [f32; 4],
}

impl Font {
    pub(crate) fn new() -> Self {
        Self {
            face: Face::parse(DATA, 0).expect("the font inside the program is a font"),
            used: GlyphRemapper::new(),
            letters: BTreeMap::new(),
        }
    }

    fn glyph(&self, letter: char) -> Option<GlyphId> {
        self.face.glyph_index(letter).filter(|glyph| glyph.0 != 0)
    }

    pub(crate) fn has(&self, letter: char) -> bool {
        self.glyph(letter).is_some()
    }

    /// The letter that stands for this one.
    fn shown(&self, letter: char) -> char {
        match letter {
            letter if self.has(letter) => letter,
            letter if letter.is_whitespace() => ' ',
            _ => GETA,
        }
    }

    fn scale(&self, units: i16) -> f32 {
        f32::from(units) * 1000.0 / f32::from(self.face.units_per_em())
    }

    fn advance(&self, glyph: GlyphId) -> f32 {
        let units = self.face.glyph_hor_advance(glyph).unwrap_or_default();
        f32::from(units) * 1000.0 / f32::from(self.face.units_per_em())
    }

    /// How wide a letter is, in parts of the size.
    pub(crate) fn width(&self, letter: char) -> f32 {
        let glyph = self.glyph(self.shown(letter)).unwrap_or_default();
        self.advance(glyph) / 1000.0
    }

    /// A text as the page holds it: two bytes a letter.
    pub(crate) fn encoded(&mut self, text: &str) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(2 * text.len());
        for letter in text.chars() {
            let shown = self.shown(letter);
            let place = self.used.remap(self.glyph(shown).unwrap_or_default().0);
            self.letters.entry(place).or_insert(shown);
            bytes.extend(place.to_be_bytes());
        }
        bytes
    }

    /// What each place stands for.
    pub(crate) fn letters(&self) -> impl Iterator<Item = (u16, char)> + '_ {
        self.letters.iter().map(|(place, letter)| (*place, *letter))
    }

    /// The widths of all places, in order.
    pub(crate) fn widths(&self) -> Vec<f32> {
        self.used
            .remapped_gids()
            .map(|glyph| self.advance(GlyphId(glyph)))
            .collect()
    }

    pub(crate) fn measures(&self) -> Measures {
        let bounds = self.face.global_bounding_box();
        let cap = self.face.capital_height().unwrap_or_else(|| self.face.ascender());
        Measures {
            ascent: self.scale(self.face.ascender()),
            descent: self.scale(self.face.descender()),
            cap_height: self.scale(cap),
            bounds: [bounds.x_min, bounds.y_min, bounds.x_max, bounds.y_max].map(|units| self.scale(units)),
        }
    }

    /// The font with nothing but the letters that were used.
    pub(crate) fn subset(&self) -> Vec<u8> {
        subset(DATA, 0, &self.used).expect("the font inside the program can be cut down")
    }
}
