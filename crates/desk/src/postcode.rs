//! From a postcode to the areas that have it. The data stand inside the program (`crates/desk/postcodes`), so that
//! nobody's address is asked of somebody else's server.
//!
//! A look-up inflates two blocks of some 60 kB and drops them again: nothing is kept, and nothing is read before somebody
//! asks.

use miniz_oxide::inflate::decompress_to_vec_with_limit;

/// Made by `postcodes/make.py`, which says how it is laid out.
static DATA: &[u8] = include_bytes!("../postcodes/postcodes.bin");

/// Largest block, unpacked; the largest that there is has some 60 kB.
const BLOCK_BYTES: usize = 256 * 1024;

/// A part of a municipality.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Area {
    /// 都道府県.
    pub prefecture: String,
    /// 市区町村.
    pub city: String,
    /// 町域; empty where the code is the municipality's.
    pub town: String,
}

impl Area {
    /// As it stands in an address.
    pub fn in_words(&self) -> String {
        format!("{}{}{}", self.prefecture, self.city, self.town)
    }
}

/// The seven digits of a postcode as people type it: in full width, with a hyphen of any kind, with 〒.
pub fn digits(typed: &str) -> Option<String> {
    let mut digits = String::new();
    for letter in typed.chars() {
        match letter {
            '0'..='9' => digits.push(letter),
            '０'..='９' => digits.extend(char::from_u32(
                u32::from(letter) - u32::from('０') + u32::from('0'),
            )),
            '〒' | '-' | '‐' | '‑' | '–' | '—' | '―' | '−' | '－' | 'ー' | 'ｰ' => {}
            space if space.is_whitespace() => {}
            _ => return None,
        }
    }
    (digits.len() == 7).then_some(digits)
}

/// The areas of a postcode: one for most, several for some, none if nobody has it.
pub fn find(code: &str) -> Vec<Area> {
    digits(code)
        .and_then(|code| Table::of(DATA)?.find(&code))
        .unwrap_or_default()
}

/// The file with its blocks: the first code and the end of each.
struct Table<'a> {
    blocks: Vec<(u32, usize)>,
    packed: &'a [u8],
}

impl<'a> Table<'a> {
    fn of(data: &'a [u8]) -> Option<Self> {
        let rest = data.strip_prefix(b"PC1\n")?;
        let line = rest.iter().position(|byte| *byte == b'\n')?;
        let (count, rest) = number(rest.get(line + 1..)?)?;
        let (table, packed) = rest.split_at_checked(usize::try_from(count).ok()?.checked_mul(8)?)?;
        let block = |entry: &[u8]| {
            let (first, entry) = number(entry)?;
            let (end, _) = number(entry)?;
            Some((first, usize::try_from(end).ok()?))
        };
        let blocks = table.chunks_exact(8).map(block).collect::<Option<_>>()?;
        Some(Self { blocks, packed })
    }

    fn block(&self, at: usize) -> Option<String> {
        let begin = match at.checked_sub(1) {
            Some(before) => self.blocks.get(before)?.1,
            None => 0,
        };
        let packed = self.packed.get(begin..self.blocks.get(at)?.1)?;
        let bytes = decompress_to_vec_with_limit(packed, BLOCK_BYTES).ok()?;
        String::from_utf8(bytes).ok()
    }

    /// The first block holds the municipalities.
    fn find(&self, code: &str) -> Option<Vec<Area>> {
        let wanted: u32 = code.parse().ok()?;
        let codes = self.blocks.get(1..)?;
        let at = codes.partition_point(|(first, _)| *first <= wanted);
        let lines = self.block(at)?;
        let mut found = lines
            .lines()
            .filter_map(|line| line.strip_prefix(code)?.strip_prefix('\t'))
            .peekable();
        found.peek()?;
        let cities = self.block(0)?;
        let cities: Vec<&str> = cities.lines().collect();
        let area = |line: &str| {
            let (city, town) = line.split_once('\t')?;
            let (prefecture, city) = cities.get(city.parse::<usize>().ok()?)?.split_once('\t')?;
            Some(Area {
                prefecture: prefecture.to_owned(),
                city: city.to_owned(),
                town: town.to_owned(),
            })
        };
        found.map(area).collect()
    }
}

fn number(bytes: &[u8]) -> Option<(u32, &[u8])> {
    let (number, rest) = bytes.split_first_chunk::<4>()?;
    Some((u32::from_le_bytes(*number), rest))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn words(code: &str) -> Vec<String> {
        find(code).iter().map(Area::in_words).collect()
    }

    #[test]
    fn real_codes_are_found_however_they_are_typed() {
        for typed in [
            "3309301",
            "330-9301",
            "〒330-9301",
            "３３０－９３０１",
            " 〒３３０ー９３０１ ",
        ] {
            assert_eq!(words(typed), ["埼玉県さいたま市浦和区高砂"], "{typed}");
        }
        assert_eq!(words("100-0001"), ["東京都千代田区千代田"]);
        assert_eq!(words("060-0000"), ["北海道札幌市中央区"]);
        assert_eq!(words("907-1801"), ["沖縄県八重山郡与那国町与那国"]);
        // One code on both sides of a river.
        assert_eq!(words("498-0000"), ["三重県桑名郡木曽岬町", "愛知県弥富市"]);
    }

    #[test]
    fn what_is_no_code_of_anybody_finds_nothing() {
        for typed in [
            "",
            "330-930",
            "330-93011",
            "0000000",
            "9999999",
            "330-930a",
            "さいたま市",
        ] {
            assert_eq!(words(typed), [""; 0], "{typed}");
        }
    }

    #[test]
    fn the_first_and_the_last_code_of_every_block_are_found() {
        let table = Table::of(DATA).expect("the file of the program");
        for at in (1..table.blocks.len()).step_by(7) {
            let lines = table.block(at).expect("a block");
            for line in [lines.lines().next(), lines.lines().next_back()] {
                let code = line.and_then(|line| line.get(..7)).expect("a line with a code");
                assert!(!find(code).is_empty(), "{code}");
            }
        }
    }

    proptest! {
        #[test]
        fn nothing_typed_does_harm(typed in any::<String>()) {
            find(&typed);
        }

        #[test]
        fn a_broken_file_finds_nothing(data in proptest::collection::vec(any::<u8>(), 0..200)) {
            let data = [b"PC1\nx\n".as_slice(), &data].concat();
            let found = Table::of(&data).and_then(|table| table.find("3309301"));
            prop_assert_eq!(found, None);
        }

        #[test]
        fn digits_are_the_same_in_any_writing(code in "[0-9]{7}", hyphen in "[-－ー‐ ]?") {
            let wide: String = code.chars()
                .filter_map(|digit| char::from_u32(u32::from(digit) - 0x30 + 0xff10))
                .collect();
            let typed = format!("〒{}{hyphen}{}", &code[..3], wide.chars().skip(3).collect::<String>());
            prop_assert_eq!(digits(&typed), Some(code));
        }
    }
}
