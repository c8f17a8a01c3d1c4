//! The people of a surge and the lists that tell of them, with what offices' lists really hold: numbers in every
//! spelling, landlines, no number, families on one number, the same person from two clinics, missing facts. A seed
//! gives the same people again. Beside each list stands the truth about its rows.

use std::collections::{BTreeMap, HashMap};

use base::clock::Millis;

use super::files::{LISTS, spelt, written};

/// The day of the lists, in Japan: in the seventh wave.
pub(super) const DAY_OF_LISTS: (u16, u8, u8) = (2022, 8, 3);

/// `SplitMix64` (Steele, Lea, Flood 2014): a seed gives the same day on every machine.
#[derive(Clone)]
pub(super) struct Chance(pub(super) u64);

impl Chance {
    pub(super) fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)) % end.max(1)
    }

    /// In so many of a thousand cases.
    pub(super) fn of_thousand(&mut self, so_many: u64) -> bool {
        self.below(1_000) < so_many
    }

    pub(super) fn one_of<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        let at = usize::try_from(self.below(all.len() as u64)).unwrap_or(0);
        &all[at]
    }

    pub(super) fn number(&mut self, from: u32, below: u32) -> u32 {
        from + u32::try_from(self.below(u64::from(below - from))).unwrap_or(0)
    }
}

/// What is true of a row.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Told {
    /// Which person; two rows of one person are twins.
    pub(super) person: u32,
    /// Which family: its numbers are theirs.
    pub(super) family: u32,
}

/// A list as a health centre uploads it.
pub(super) struct List {
    /// Which centre, from 0.
    pub(super) centre: usize,
    /// When, after midnight in Japan.
    pub(super) at: Millis,
    pub(super) name: String,
    pub(super) bytes: Vec<u8>,
    /// The truth, by the number that Excel shows.
    pub(super) rows: BTreeMap<u32, Told>,
}

/// Everybody.
pub(super) struct Wave {
    /// By time.
    pub(super) lists: Vec<List>,
    /// The numbers of each family, as carriers write them.
    pub(super) numbers: HashMap<u32, Vec<String>>,
}

/// One notification of a person, as a list tells of it.
pub(super) struct Somebody {
    pub(super) told: Told,
    pub(super) name: String,
    pub(super) kana: String,
    pub(super) sex: &'static str,
    pub(super) birth: (u32, u32, u32),
    pub(super) is_age_known: bool,
    pub(super) number: String,
    pub(super) guardian: String,
    pub(super) address: String,
    pub(super) language: &'static str,
    pub(super) risk: &'static str,
    pub(super) severity: &'static str,
    pub(super) register: String,
}

const FAMILY_NAMES: [(&str, &str); 24] = [
    ("青田", "アオタ"),
    ("井波", "イナミ"),
    ("上坂", "ウエサカ"),
    ("江森", "エモリ"),
    ("奥谷", "オクタニ"),
    ("笠井", "カサイ"),
    ("木立", "キダチ"),
    ("久米", "クメ"),
    ("河野", "コウノ"),
    ("佐々木", "ササキ"),
    ("島﨑", "シマザキ"),
    ("須田", "スダ"),
    ("瀬川", "セガワ"),
    ("髙橋", "タカハシ"),
    ("津田", "ツダ"),
    ("土井", "ドイ"),
    ("中里", "ナカザト"),
    ("野口", "ノグチ"),
    ("濵田", "ハマダ"),
    ("平山", "ヒラヤマ"),
    ("星", "ホシ"),
    ("真鍋", "マナベ"),
    ("山辺", "ヤマベ"),
    ("渡邉", "ワタナベ"),
];
const GIVEN_NAMES: [(&str, &str, &str); 16] = [
    ("葵", "アオイ", "女"),
    ("健", "ケン", "男"),
    ("さくら", "サクラ", "女"),
    ("大輔", "ダイスケ", "男"),
    ("千尋", "チヒロ", "女"),
    ("透", "トオル", "男"),
    ("菜々子", "ナナコ", "女"),
    ("春樹", "ハルキ", "男"),
    ("文子", "フミコ", "女"),
    ("誠", "マコト", "男"),
    ("美咲", "ミサキ", "女"),
    ("優太", "ユウタ", "男"),
    ("由美", "ユミ", "女"),
    ("陸", "リク", "男"),
    ("玲奈", "レイナ", "女"),
    ("亘", "ワタル", "男"),
];
const FOREIGN: [(&str, &str, &str); 4] = [
    ("NGUYEN THI HOA", "グエン ティ ホア", "ベトナム語"),
    ("SILVA MARIA LUCIA", "シルバ マリア ルシア", "ポルトガル語"),
    ("LI WEI", "リ ウェイ", "中国語"),
    ("SANTOS JOSE RAMON", "サントス ホセ ラモン", "英語"),
];
const TOWNS: [&str; 6] = ["本町", "青葉台", "東原", "西ノ宮", "港町", "栄"];

impl Wave {
    /// So many notifications from so many centres.
    pub(super) fn of(seed: u64, people: u32, centres: usize) -> Self {
        let mut chance = Chance(seed);
        let twins = people / 50;
        let mut making = Making {
            chance: chance.clone(),
            numbers: HashMap::new(),
            persons: 0,
            families: 0,
        };
        let slots = centres * LISTS.len();
        let mut rows: Vec<Vec<Somebody>> = (0..slots).map(|_| Vec::new()).collect();
        let mut left = people - twins;
        while left > 0 {
            let family = making.family(left);
            left -= u32::try_from(family.len()).unwrap_or(left);
            let slot = usize::try_from(chance.below(slots as u64)).unwrap_or(0);
            rows[slot].extend(family);
        }
        for _ in 0..twins {
            add_twin(&mut rows, &mut chance, centres);
        }
        let mut lists: Vec<List> = rows
            .into_iter()
            .enumerate()
            .filter(|(_, rows)| !rows.is_empty())
            .map(|(slot, rows)| written(slot % centres, slot / centres, &rows, &mut chance))
            .collect();
        lists.sort_by_key(|list| (list.at, list.centre));
        Self {
            lists,
            numbers: making.numbers,
        }
    }
}

/// Somebody is notified a second time: by another clinic, perhaps to another centre, later.
fn add_twin(rows: &mut [Vec<Somebody>], chance: &mut Chance, centres: usize) {
    let slots = rows.len() as u64;
    let slot = usize::try_from(chance.below(slots)).unwrap_or(0);
    let from = (slot..rows.len()).chain(0..slot).find(|at| !rows[*at].is_empty());
    let Some(from) = from else { return };
    let at = usize::try_from(chance.below(rows[from].len() as u64)).unwrap_or(0);
    let one = &rows[from][at];
    let again = Somebody {
        told: one.told,
        name: one.name.replace(' ', "\u{3000}"),
        kana: one.kana.clone(),
        number: spelt(&digits(&one.number), chance),
        guardian: one.guardian.clone(),
        address: one.address.clone(),
        register: one.register.clone(),
        ..*one
    };
    let later = from / centres + 1;
    let to = if later < LISTS.len() && chance.of_thousand(800) {
        later * centres + usize::try_from(chance.below(centres as u64)).unwrap_or(0)
    } else {
        from
    };
    rows[to.min(rows.len() - 1)].push(again);
}

fn digits(number: &str) -> String {
    number.chars().filter(char::is_ascii_digit).collect()
}

struct Making {
    chance: Chance,
    numbers: HashMap<u32, Vec<String>>,
    persons: u32,
    families: u32,
}

impl Making {
    /// One to four people under one roof.
    fn family(&mut self, most: u32) -> Vec<Somebody> {
        let size = match self.chance.below(100) {
            0..86 => 1,
            86..92 => 2,
            92..97 => 3,
            _ => 4,
        };
        let size = size.min(most);
        self.families += 1;
        let (surname, kana) = *self.chance.one_of(&FAMILY_NAMES);
        let (town, block) = (*self.chance.one_of(&TOWNS), self.chance.number(1, 9));
        let address = format!(
            "みどり市{town}{block}-{}-{}",
            self.families % 97 + 1,
            self.families / 97 + 1
        );
        let mut shared = String::new();
        let mut family = Vec::new();
        for member in 0..size {
            let one = self.member((surname, kana), &address, &mut shared, member);
            family.push(one);
        }
        family
    }

    fn member(
        &mut self,
        (surname, kana): (&str, &str),
        address: &str,
        shared: &mut String,
        member: u32,
    ) -> Somebody {
        self.persons += 1;
        let (person, family) = (self.persons, self.families);
        let is_family = member > 0 || !shared.is_empty();
        let age = if member == 0 {
            self.age()
        } else {
            self.chance.number(2, 50)
        };
        let is_child = age < 16;
        let written = self.written_number((person, family), (is_family, is_child), shared);
        let (given, given_kana, sex) = *self.chance.one_of(&GIVEN_NAMES);
        let foreign = (member == 0 && self.chance.of_thousand(50)).then(|| *self.chance.one_of(&FOREIGN));
        let year = 2022 - age;
        // Months in which nobody has to know when an era began.
        let birth = (year, self.chance.number(5, 8), self.chance.number(1, 29));
        Somebody {
            told: Told { person, family },
            name: foreign.map_or_else(
                || format!("{surname} {given}"),
                |(name, ..)| format!("{name} {person}"),
            ),
            kana: foreign.map_or_else(|| format!("{kana} {given_kana}"), |(_, kana, _)| kana.to_owned()),
            sex,
            birth,
            is_age_known: !self.chance.of_thousand(15),
            number: written,
            guardian: if is_child {
                format!("{surname} 保護者")
            } else {
                String::new()
            },
            address: address.to_owned(),
            language: foreign.map_or("", |(.., language)| language),
            risk: match self.chance.below(1_000) {
                0..40 => "高血圧",
                40..60 => "糖尿病、高血圧",
                60..75 => "喘息",
                75..100 => "不明",
                _ => "なし",
            },
            severity: if self.chance.of_thousand(8) {
                "中等症Ⅰ"
            } else {
                "軽症"
            },
            register: format!("9{person:07}"),
        }
    }

    /// What stands in the list: of one's own, of the family, of a landline, or nothing. The family's number is that of
    /// the first who has one.
    fn written_number(
        &mut self,
        (person, family): (u32, u32),
        (is_family, is_child): (bool, bool),
        shared: &mut String,
    ) -> String {
        let own = mobile(person);
        let kind = self.chance.below(1_000);
        let number = if is_family && is_child {
            if kind < 750 { shared.clone() } else { String::new() }
        } else if is_family && kind < 600 {
            shared.clone()
        } else if kind < 880 {
            own
        } else if kind < 970 {
            format!("048-{:03}-{:04}", 200 + person % 700, person % 10_000)
        } else {
            String::new()
        };
        let is_mobile = digits(&number).len() == 11;
        if is_mobile {
            let known = self.numbers.entry(family).or_default();
            let carriers = format!("81{}", &digits(&number)[1..]);
            if !known.contains(&carriers) {
                known.push(carriers);
            }
            if shared.is_empty() {
                shared.clone_from(&number);
            }
        }
        match (is_mobile, number.is_empty()) {
            (true, _) => spelt(&digits(&number), &mut self.chance),
            (false, true) => (*self.chance.one_of(&["", "なし", "不明"])).to_owned(),
            (false, false) => number,
        }
    }

    fn age(&mut self) -> u32 {
        let from_to: [(u64, u32, u32); 8] = [
            (140, 1, 10),
            (280, 10, 20),
            (440, 20, 30),
            (590, 30, 40),
            (740, 40, 50),
            (840, 50, 60),
            (910, 60, 70),
            (1_000, 70, 96),
        ];
        let at = self.chance.below(1_000);
        let found = from_to.iter().find(|(below, ..)| at < *below);
        let (_, from, to) = found.unwrap_or(&from_to[2]);
        self.chance.number(*from, *to)
    }
}

/// A number that is nobody's, and no other person's of this wave: 7,919 has no factor in common with the range.
fn mobile(person: u32) -> String {
    let rest = 10_000_000 + (u64::from(person) * 7_919 + 12_345) % 80_000_000;
    format!("0{}{rest}", ["90", "80", "70"][person as usize % 3])
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn a_seed_gives_the_same_wave_and_every_notification_is_in_a_list() {
        let (one, other) = (Wave::of(7, 500, 3), Wave::of(7, 500, 3));
        let rows: usize = one.lists.iter().map(|list| list.rows.len()).sum();
        assert_eq!(rows, 500);
        assert_eq!(one.lists.len(), 12);
        for (one, other) in one.lists.iter().zip(&other.lists) {
            assert_eq!((&one.bytes, &one.rows), (&other.bytes, &other.rows));
        }
        let persons: HashSet<u32> = one
            .lists
            .iter()
            .flat_map(|list| list.rows.values())
            .map(|told| told.person)
            .collect();
        assert_eq!(persons.len(), 490, "one in fifty comes twice");
        assert_ne!(Wave::of(8, 500, 3).lists[0].bytes, one.lists[0].bytes);
    }

    #[test]
    fn no_number_is_two_families() {
        let wave = Wave::of(1, 2_000, 4);
        let all: Vec<&String> = wave.numbers.values().flatten().collect();
        let different: HashSet<&String> = all.iter().copied().collect();
        assert_eq!(all.len(), different.len());
    }
}
