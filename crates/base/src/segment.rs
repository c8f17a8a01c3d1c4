//! How a text travels over SMPP: which alphabet, how many parts, cut where.
//!
//! The part sizes are those of the air interface: 140 octets less the joining header. What a carrier
//! *charges* for is another ladder, in [`crate::text`].

use serde::{Deserialize, Serialize};

use crate::text;

/// How a long text is joined again on the phone. The same for all parts of a message, so it is fixed
/// when the message is made.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Segmentation {
    /// User data header with an 8-bit reference: 6 octets, 67 UCS-2 letters a part. The default.
    #[default]
    Udh8,
    /// User data header with a 16-bit reference: 7 octets, 66 UCS-2 letters a part (docomo's ladder).
    Udh16,
    /// The `sar_*` parameters of SMPP 3.4 (5.3.2.22 to 24); the carrier adds the header, so 67 a part.
    Sar,
    /// One `message_payload` parameter (5.3.2.32); the carrier cuts.
    Payload,
}

impl Segmentation {
    /// All of them, with the word that settings and the database use.
    pub const ALL: [(Self, &'static str); 4] = [
        (Self::Udh8, "udh8"),
        (Self::Udh16, "udh16"),
        (Self::Sar, "sar"),
        (Self::Payload, "payload"),
    ];

    /// The word that settings and the database use.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Udh8 => "udh8",
            Self::Udh16 => "udh16",
            Self::Sar => "sar",
            Self::Payload => "payload",
        }
    }

    /// The way that `word` names.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .find(|(_, name)| *name == word)
            .map(|(way, _)| *way)
    }
}

/// SMPP `data_coding` of a text (3.4, 5.2.19).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Coding {
    /// 0, the SMSC default alphabet; only for texts of plain ASCII that every carrier maps alike.
    Default,
    /// 8, UCS-2, in truth UTF-16 big endian.
    Ucs2,
}

/// The alphabet for `text`: the default one only where its letters are the same for everybody.
pub fn coding(text: &str) -> Coding {
    let plain = |c: char| c.is_ascii_alphanumeric() || " \n!\"#%&'()*+,-./:;<=>?".contains(c);
    if text.chars().all(plain) {
        Coding::Default
    } else {
        Coding::Ucs2
    }
}

/// Cuts `text` into the parts that are submitted. Joined, they are the text; no letter is cut.
pub fn split(text: &str, segmentation: Segmentation) -> Vec<&str> {
    let (single, per_part) = match (coding(text), segmentation) {
        (_, Segmentation::Payload) => return vec![text],
        (Coding::Default, Segmentation::Udh8 | Segmentation::Sar) => (160, 153),
        (Coding::Default, Segmentation::Udh16) => (160, 152),
        (Coding::Ucs2, Segmentation::Udh8 | Segmentation::Sar) => (70, 67),
        (Coding::Ucs2, Segmentation::Udh16) => (70, 66),
    };
    text::split(text, single, per_part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_texts_are_one_part_and_long_ones_leave_room_for_the_header() {
        for (letters, parts) in [(1, 1), (70, 1), (71, 2), (134, 2), (135, 3)] {
            assert_eq!(
                split(&"あ".repeat(letters), Segmentation::Udh8).len(),
                parts,
                "{letters}"
            );
        }
        assert_eq!(split(&"あ".repeat(133), Segmentation::Udh16).len(), 3);
        assert_eq!(split(&"a".repeat(160), Segmentation::Udh8).len(), 1);
        assert_eq!(split(&"a".repeat(161), Segmentation::Udh8).len(), 2);
        assert_eq!(split(&"あ".repeat(660), Segmentation::Payload).len(), 1);
    }

    #[test]
    fn letters_that_carriers_map_differently_go_as_ucs2() {
        assert_eq!(coding("Your ID is 12345678."), Coding::Default);
        assert_eq!(coding("a@b"), Coding::Ucs2);
        assert_eq!(coding("保健所"), Coding::Ucs2);
    }

    #[test]
    fn every_way_has_its_word() {
        for (way, word) in Segmentation::ALL {
            assert_eq!((way.as_str(), Segmentation::from_word(word)), (word, Some(way)));
        }
    }
}
