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

    /// The office whose area an address is in; the longest name that fits counts (さいたま市浦和区 before さいたま市).
    pub fn whose(&self, location: &str) -> Option<OfficeId> {
        let place = heading_key(location);
        let whole = place.as_str();
        let beginnings = [
            whole,
            behind_prefecture(whole),
            behind_district(behind_prefecture(whole)),
        ];
        let fits = |name: &&str| {
            let name = heading_key(name);
            !name.is_empty() && beginnings.iter().any(|one| one.starts_with(&name))
        };
        let longest = self.0.iter().filter_map(|(office, line)| {
            let length = names(line).filter(fits).map(|name| name.chars().count()).max();
            Some((length?, *office))
        });
        let mut longest: Vec<(usize, OfficeId)> = longest.collect();
        longest.sort_unstable_by(|one, other| other.cmp(one));
        match longest.as_slice() {
            [(first, office), rest @ ..] if rest.iter().all(|(length, _)| length < first) => Some(*office),
            _ => None,
        }
    }
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
        ] {
            assert_eq!(areas.whose(place), office, "{place}");
        }
    }
}
