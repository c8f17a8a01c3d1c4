//! Whose a place is: each office looks after municipalities, and a person belongs to the office of the place where they
//! are, wherever they were notified.
//!
//! An area is the beginning of an address, with or without prefecture and district, so that 津市 is not found in 大津市. What
//! two offices claim is nobody's: a person decides.

use base::id::OfficeId;
use base::merge::heading_key;

use crate::disease::names;

/// The areas of every office, as somebody wrote them down.
#[derive(Clone, Default, Debug)]
pub struct Areas(Vec<(OfficeId, String)>);

impl Areas {
    /// Of these lines of names.
    pub fn new(lines: Vec<(OfficeId, String)>) -> Self {
        Self(lines)
    }

    /// The line of an office.
    pub fn of(&self, office: OfficeId) -> &str {
        let found = self.0.iter().find(|(one, _)| *one == office);
        found.map_or("", |(_, line)| line)
    }

    /// Keeps the lines of these offices only.
    pub fn retain(&mut self, keeps: impl Fn(OfficeId) -> bool) {
        self.0.retain(|(office, _)| keeps(*office));
    }

    /// Whether nobody has claimed anything.
    pub fn is_empty(&self) -> bool {
        self.0.iter().all(|(_, line)| names(line).next().is_none())
    }

    /// The office whose area an address is in; the name that reaches the furthest into it counts (横浜市西区 before
    /// 神奈川県横浜市).
    pub fn whose(&self, location: &str) -> Option<OfficeId> {
        let place = folded(location);
        let whole = place.trim_start_matches(is_of_postcode);
        let beginnings = [
            whole,
            behind_prefecture(whole),
            behind_district(behind_prefecture(whole)),
        ];
        let reach = |name: &str| {
            let name = folded(name);
            let fitting = beginnings.iter().filter(|one| one.starts_with(&name));
            let reaches = fitting.map(|one| whole.len() - one.len() + name.len());
            reaches.max().filter(|_| !name.is_empty())
        };
        let furthest = self.0.iter().filter_map(|(office, line)| {
            let reached = names(line).filter_map(reach).max();
            Some((reached?, *office))
        });
        let mut furthest: Vec<(usize, OfficeId)> = furthest.collect();
        furthest.sort_unstable_by(|one, other| other.cmp(one));
        match furthest.as_slice() {
            [(first, office), rest @ ..] if rest.iter().all(|(reached, _)| reached < first) => Some(*office),
            _ => None,
        }
    }
}

/// Whether a place is told by its municipality, and not only as 「自宅」 or by the name of a house.
pub fn names_municipality(place: &str) -> bool {
    place.chars().skip(1).any(|c| "市区町村".contains(c))
}

/// An address in the form in which addresses are compared: 鎌ヶ谷, 鎌ケ谷 and 鎌が谷 are one place.
fn folded(address: &str) -> String {
    let key: Vec<char> = heading_key(address).chars().collect();
    let kanji_at = |at: usize| key.get(at).is_some_and(|c| is_kanji(*c));
    let fold = |(at, c): (usize, &char)| {
        let is_between = at > 0 && kanji_at(at - 1) && kanji_at(at + 1);
        if is_between && "ヶケがガ".contains(*c) {
            'ケ'
        } else {
            *c
        }
    };
    key.iter().enumerate().map(fold).collect()
}

const fn is_kanji(c: char) -> bool {
    matches!(c, '々' | '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

/// 〒351-0016, with any stroke: no municipality begins so.
fn is_of_postcode(c: char) -> bool {
    c.is_ascii_digit() || "〒-‐–—―−ー".contains(c)
}

/// 埼玉県朝霞市 and 神奈川県川崎市: the name of a prefecture has three letters or four.
fn behind_prefecture(place: &str) -> &str {
    let ends = place.char_indices().skip(2).take(2);
    let end = ends.clone().find(|(_, c)| "都道府県".contains(*c));
    end.map_or(place, |(at, c)| &place[at + c.len_utf8()..])
}

/// 入間郡三芳町.
fn behind_district(place: &str) -> &str {
    let mut letters = place.char_indices().skip(1).take(5);
    let end = letters.find(|(_, c)| *c == '郡');
    end.map_or(place, |(at, c)| &place[at + c.len_utf8()..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_the_office_of_its_municipality() {
        let (asaka, kawaguchi, urawa) = (OfficeId::new(2), OfficeId::new(3), OfficeId::new(4));
        let areas = Areas::new(vec![
            (asaka, "朝霞市、志木市、三芳町、津市".to_owned()),
            (kawaguchi, "川口市、さいたま市、蕨市".to_owned()),
            (urawa, "さいたま市浦和区、蕨市".to_owned()),
        ]);
        for (place, office) in [
            ("朝霞市本町1-1", Some(asaka)),
            ("埼玉県 川口市青木2-1-1", Some(kawaguchi)),
            ("埼玉県入間郡三芳町藤久保1100", Some(asaka)),
            ("さいたま市大宮区桜木町", Some(kawaguchi)),
            ("さいたま市浦和区常盤", Some(urawa)),
            ("蕨市中央5", None),
            ("大津市御陵町", None),
            ("東京都北区", None),
            ("", None),
            ("〒351-0016 埼玉県朝霞市青葉台1-7", Some(asaka)),
            ("３５１−００１６　朝霞市青葉台１−７", Some(asaka)),
            ("351-0016", None),
        ] {
            assert_eq!(areas.whose(place), office, "{place}");
        }
    }

    #[test]
    fn the_name_that_reaches_the_furthest_counts_however_it_is_written() {
        let (city, ward, other) = (OfficeId::new(2), OfficeId::new(3), OfficeId::new(4));
        let mut areas = Areas::new(vec![
            (city, "神奈川県横浜市、鎌ケ谷市".to_owned()),
            (ward, "横浜市西区、龍が崎市".to_owned()),
            (other, "茅ヶ崎市、鎌ケ谷市東".to_owned()),
        ]);
        for (place, office) in [
            ("神奈川県横浜市西区みなとみらい", Some(ward)),
            ("神奈川県横浜市中区日本大通", Some(city)),
            ("横浜市西区みなとみらい", Some(ward)),
            ("千葉県鎌ヶ谷市新鎌ケ谷", Some(city)),
            ("鎌が谷市新鎌ケ谷", Some(city)),
            ("鎌ヶ谷市東", Some(other)),
            ("龍ヶ崎市", Some(ward)),
            ("神奈川県茅ケ崎市", Some(other)),
            ("茅崎市", None),
        ] {
            assert_eq!(areas.whose(place), office, "{place}");
        }
        areas.retain(|office| office == city);
        assert_eq!(
            areas.whose("横浜市西区みなとみらい"),
            None,
            "typed with its prefecture"
        );
        assert_eq!(areas.whose("神奈川県横浜市西区みなとみらい"), Some(city));
        assert_eq!(areas.whose("鎌ケ谷市東"), Some(city));
        areas.retain(|_| false);
        assert!(areas.is_empty());
    }
}
