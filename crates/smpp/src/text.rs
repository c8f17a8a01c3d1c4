//! Text to octets and back: UTF-16 (`data_coding` 8), the GSM 03.38 default alphabet (`data_coding` 0), and
//! the user data header that joins the parts of a long message (3GPP TS 23.040 section 9.2.3.24.1).
//!
//! Where to cut a long text is not decided here: that depends on the carrier.

/// Text as UTF-16, most significant octet first. Letters above U+FFFF (𠮷, emoji) become surrogate pairs.
pub fn encode_ucs2(text: &str) -> Vec<u8> {
    let mut octets = Vec::with_capacity(text.len());
    for unit in text.encode_utf16() {
        octets.extend_from_slice(&unit.to_be_bytes());
    }
    octets
}

/// Octets of `data_coding` 8 as text. A lone surrogate or an odd last octet becomes U+FFFD.
pub fn decode_ucs2(octets: &[u8]) -> String {
    let (pairs, odd) = octets.as_chunks::<2>();
    let units = pairs.iter().map(|pair| u16::from_be_bytes(*pair));
    let mut text: String = char::decode_utf16(units)
        .map(|letter| letter.unwrap_or(char::REPLACEMENT_CHARACTER))
        .collect();
    if !odd.is_empty() {
        text.push(char::REPLACEMENT_CHARACTER);
    }
    text
}

/// Leads to the extension table of GSM 03.38.
const ESCAPE: u8 = 0x1B;

/// GSM 03.38 default alphabet by code; `ESCAPE` stands at its own place and is never looked up.
const GSM: [char; 128] = [
    '@', '£', '$', '¥', 'è', 'é', 'ù', 'ì', 'ò', 'Ç', '\n', 'Ø', 'ø', '\r', 'Å', 'å', 'Δ', '_', 'Φ', 'Γ',
    'Λ', 'Ω', 'Π', 'Ψ', 'Σ', 'Θ', 'Ξ', '\u{1B}', 'Æ', 'æ', 'ß', 'É', ' ', '!', '"', '#', '¤', '%', '&', '\'',
    '(', ')', '*', '+', ',', '-', '.', '/', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', ':', ';', '<',
    '=', '>', '?', '¡', 'A', 'B', 'C', 'D', 'E', 'F', 'G', 'H', 'I', 'J', 'K', 'L', 'M', 'N', 'O', 'P', 'Q',
    'R', 'S', 'T', 'U', 'V', 'W', 'X', 'Y', 'Z', 'Ä', 'Ö', 'Ñ', 'Ü', '§', '¿', 'a', 'b', 'c', 'd', 'e', 'f',
    'g', 'h', 'i', 'j', 'k', 'l', 'm', 'n', 'o', 'p', 'q', 'r', 's', 't', 'u', 'v', 'w', 'x', 'y', 'z', 'ä',
    'ö', 'ñ', 'ü', 'à',
];

/// GSM 03.38 extension table: code after the escape, letter.
const GSM_EXTENSION: [(u8, char); 10] = [
    (0x0A, '\u{0C}'),
    (0x14, '^'),
    (0x28, '{'),
    (0x29, '}'),
    (0x2F, '\\'),
    (0x3C, '['),
    (0x3D, '~'),
    (0x3E, ']'),
    (0x40, '|'),
    (0x65, '€'),
];

/// Text in the GSM 03.38 default alphabet, one septet an octet as SMPP carries it (letters of the extension
/// table take two). `None` if a letter is in neither table.
pub fn encode_gsm(text: &str) -> Option<Vec<u8>> {
    let mut octets = Vec::with_capacity(text.len());
    for letter in text.chars() {
        if let Some(&(code, _)) = GSM_EXTENSION.iter().find(|(_, extended)| *extended == letter) {
            octets.extend_from_slice(&[ESCAPE, code]);
        } else {
            let code = GSM
                .iter()
                .position(|&known| known == letter)
                .filter(|_| letter != '\u{1B}')?;
            octets.push(u8::try_from(code).ok()?);
        }
    }
    Some(octets)
}

/// Octets in the GSM 03.38 default alphabet as text. What no table knows becomes U+FFFD.
pub fn decode_gsm(octets: &[u8]) -> String {
    let mut text = String::with_capacity(octets.len());
    let mut octets = octets.iter().copied();
    while let Some(octet) = octets.next() {
        let letter = if octet == ESCAPE {
            octets
                .next()
                .and_then(|code| GSM_EXTENSION.iter().find(|(known, _)| *known == code))
                .map(|x| x.1)
        } else {
            GSM.get(usize::from(octet)).copied()
        };
        text.push(letter.unwrap_or(char::REPLACEMENT_CHARACTER));
    }
    text
}

/// The reference that the parts of one message share.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reference {
    /// One octet: the header takes 6 octets, 67 letters of UTF-16 are left.
    Eight(u8),
    /// Two octets: the header takes 7 octets, 66 letters of UTF-16 are left.
    Sixteen(u16),
}

/// One part's place in a long message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Concatenation {
    /// Shared by all parts.
    pub reference: Reference,
    /// How many parts there are.
    pub total: u8,
    /// Which part this is, from 1.
    pub part: u8,
}

impl Concatenation {
    /// The user data header, length octet included: 6 octets, or 7 with a 16-bit reference.
    pub fn to_udh(self) -> Vec<u8> {
        match self.reference {
            Reference::Eight(reference) => vec![5, 0x00, 3, reference, self.total, self.part],
            Reference::Sixteen(reference) => {
                let [high, low] = reference.to_be_bytes();
                vec![6, 0x08, 4, high, low, self.total, self.part]
            }
        }
    }

    fn from_element(identifier: u8, value: &[u8]) -> Option<Self> {
        let (reference, total, part) = match (identifier, value) {
            (0x00, &[reference, total, part]) => (Reference::Eight(reference), total, part),
            (0x08, &[high, low, total, part]) => {
                (Reference::Sixteen(u16::from_be_bytes([high, low])), total, part)
            }
            _ => return None,
        };
        (1..=total).contains(&part).then_some(Self {
            reference,
            total,
            part,
        })
    }
}

/// Takes the user data header off a message whose `esm_class` says that it has one. Returns the place in a
/// long message, if the header holds one that makes sense, and the octets after the header; `None` if the
/// header is cut short.
pub fn split_udh(user_data: &[u8]) -> Option<(Option<Concatenation>, &[u8])> {
    let (&length, rest) = user_data.split_first()?;
    let (mut header, message) = rest.split_at_checked(usize::from(length))?;
    let mut concatenation = None;
    while let [identifier, length, after @ ..] = header {
        let (value, next) = after.split_at_checked(usize::from(*length))?;
        concatenation = Concatenation::from_element(*identifier, value).or(concatenation);
        header = next;
    }
    Some((concatenation, message))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_name_with_a_letter_above_ffff_survives() {
        assert_eq!(encode_ucs2("𠮷野"), [0xD8, 0x42, 0xDF, 0xB7, 0x91, 0xCE]);
        assert_eq!(decode_ucs2(&encode_ucs2("𠮷野家 髙﨑")), "𠮷野家 髙﨑");
    }

    #[test]
    fn half_a_letter_is_shown_as_damaged() {
        assert_eq!(decode_ucs2(&[0xD8, 0x42]), "\u{FFFD}");
        assert_eq!(decode_ucs2(&[0x30, 0x42, 0x30]), "あ\u{FFFD}");
    }

    #[test]
    fn gsm_knows_its_letters_and_its_extension_and_nothing_else() {
        assert_eq!(encode_gsm("a@€["), Some(vec![0x61, 0x00, 0x1B, 0x65, 0x1B, 0x3C]));
        assert_eq!(encode_gsm("あ"), None);
        assert_eq!(encode_gsm("\u{1B}"), None);
        assert_eq!(decode_gsm(&[0x1B]), "\u{FFFD}");
    }

    #[test]
    fn headers_have_the_sizes_that_carriers_count_with() {
        let eight = Concatenation {
            reference: Reference::Eight(9),
            total: 3,
            part: 2,
        };
        let sixteen = Concatenation {
            reference: Reference::Sixteen(0x1234),
            total: 3,
            part: 3,
        };
        assert_eq!(eight.to_udh(), [5, 0, 3, 9, 3, 2]);
        assert_eq!(sixteen.to_udh(), [6, 8, 4, 0x12, 0x34, 3, 3]);
    }

    #[test]
    fn a_header_with_other_elements_is_walked_through() {
        // a port address before the concatenation
        let octets = [0x0B, 0x05, 0x04, 0x0B, 0x84, 0, 0, 0x00, 0x03, 7, 2, 1, b'x'];
        let (place, message) = split_udh(&octets).unwrap();
        assert_eq!(
            place,
            Some(Concatenation {
                reference: Reference::Eight(7),
                total: 2,
                part: 1
            })
        );
        assert_eq!(message, b"x");
    }

    #[test]
    fn a_part_outside_the_message_is_no_place() {
        assert_eq!(split_udh(&[5, 0, 3, 1, 2, 3]), Some((None, &[][..])));
        assert_eq!(split_udh(&[5, 0, 3, 1, 2, 0]), Some((None, &[][..])));
    }

    proptest! {
        #[test]
        fn any_text_survives_utf16(text in any::<String>()) {
            prop_assert_eq!(decode_ucs2(&encode_ucs2(&text)), text);
        }

        #[test]
        fn what_gsm_takes_it_gives_back(text in any::<String>()) {
            if let Some(octets) = encode_gsm(&text) {
                prop_assert_eq!(decode_gsm(&octets), text);
            }
        }

        #[test]
        fn every_gsm_code_comes_back(octets in proptest::collection::vec(0u8..0x1B, 0..50)) {
            prop_assert_eq!(encode_gsm(&decode_gsm(&octets)), Some(octets));
        }

        #[test]
        fn any_header_is_read_without_panic(octets in proptest::collection::vec(any::<u8>(), 0..40)) {
            let _ = split_udh(&octets);
        }

        #[test]
        fn a_place_survives_its_header(wide in any::<bool>(), reference in any::<u16>(), total in 1u8.., part in 1u8..) {
            let part = part.min(total);
            let reference =
                if wide { Reference::Sixteen(reference) } else { Reference::Eight(reference.to_be_bytes()[1]) };
            let place = Concatenation { reference, total, part };
            let mut octets = place.to_udh();
            octets.push(b'x');
            prop_assert_eq!(split_udh(&octets), Some((Some(place), &b"x"[..])));
        }
    }
}
