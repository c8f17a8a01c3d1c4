//! Random lists, what goes wrong with them in a spreadsheet, and the source systems' exports beside them.

use std::fmt::Write;

/// A small generator (`SplitMix64`), so that a seed always gives the same list.
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    pub(crate) fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() % limit.max(1) as u64).expect("below a usize")
    }

    pub(crate) fn percent(&mut self, chance: usize) -> bool {
        self.below(100) < chance
    }

    fn pick<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len())]
    }

    fn shuffle<T>(&mut self, items: &mut [T]) {
        for at in (1..items.len()).rev() {
            items.swap(at, self.below(at + 1));
        }
    }
}

/// One column of a person.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Field {
    Serial,
    Id,
    Name,
    Kana,
    Birth,
    Age,
    Phone,
    Note,
}

const FIELDS: [Field; 8] = [
    Field::Serial,
    Field::Id,
    Field::Name,
    Field::Kana,
    Field::Birth,
    Field::Age,
    Field::Phone,
    Field::Note,
];

impl Field {
    fn at(self) -> usize {
        FIELDS
            .iter()
            .position(|field| *field == self)
            .expect("all are there")
    }

    fn heading(self, dice: &mut Dice) -> &'static str {
        let names: &[&str] = match self {
            Self::Serial => &["整理番号", "No", "連番"],
            Self::Id => &[
                "HER-SYS ID",
                "ハーシスID",
                "ID",
                "登録番号",
                "感染者ID",
                "患者番号",
                "Patient ID",
            ],
            Self::Name => &["氏名", "患者氏名", "名前", "Name"],
            Self::Kana => &["フリガナ", "ｶﾅ", "フリガナ(カナ)", "ふりがな"],
            Self::Birth => &["生年月日", "誕生日", "DOB"],
            Self::Age => &["年齢"],
            Self::Phone => &["電話番号", "携帯", "TEL", "連絡先１", "Mobile"],
            Self::Note => &["備考", "メモ", "症状"],
        };
        names[dice.below(names.len())]
    }
}

/// True values of one person, by [`Field`].
pub(crate) type Person = Vec<String>;

const SURNAMES: [(&str, &str); 16] = [
    ("佐藤", "サトウ"),
    ("鈴木", "スズキ"),
    ("髙橋", "タカハシ"),
    ("田中", "タナカ"),
    ("渡邊", "ワタナベ"),
    ("伊藤", "イトウ"),
    ("山本", "ヤマモト"),
    ("中村", "ナカムラ"),
    ("小林", "コバヤシ"),
    ("加藤", "カトウ"),
    ("𠮷田", "ヨシダ"),
    ("山﨑", "ヤマザキ"),
    ("齋藤", "サイトウ"),
    ("清水", "シミズ"),
    ("グエン", "グエン"),
    ("橋本", "ハシモト"),
];
const GIVEN: [(&str, &str); 16] = [
    ("翔太", "ショウタ"),
    ("花子", "ハナコ"),
    ("一郎", "イチロウ"),
    ("美咲", "ミサキ"),
    ("大翔", "ヒロト"),
    ("陽菜", "ヒナ"),
    ("健一", "ケンイチ"),
    ("由美子", "ユミコ"),
    ("さくら", "サクラ"),
    ("蓮", "レン"),
    ("悠真", "ユウマ"),
    ("ティ・ラン", "ティラン"),
    ("和子", "カズコ"),
    ("正", "タダシ"),
    ("結衣", "ユイ"),
    ("直樹", "ナオキ"),
];

/// People of one day: families share surnames and numbers, some have a landline or no number.
pub(crate) fn people(dice: &mut Dice, count: usize) -> Vec<Person> {
    let in_turn = dice.percent(15);
    let start = 10_000_000 + dice.below(80_000_000);
    let mut people: Vec<Person> = Vec::new();
    for at in 0..count {
        let relative = if at > 0 && dice.percent(15) {
            people.last().cloned()
        } else {
            None
        };
        let (surname, reading) = *dice.pick(&SURNAMES);
        let (given, given_reading) = *dice.pick(&GIVEN);
        let (year, month, day) = (1930 + dice.below(90), 1 + dice.below(12), 1 + dice.below(28));
        let phone = match dice.below(100) {
            0..=89 => format!(
                "0{}0{}{:07}",
                6 + dice.below(4),
                1 + dice.below(9),
                dice.below(10_000_000)
            ),
            90..=97 => format!("048{:07}", 2_000_000 + dice.below(7_000_000)),
            _ => String::new(),
        };
        let id = if in_turn {
            start + at * 3 + dice.below(3)
        } else {
            dice.below(100_000_000)
        };
        let mut person = vec![
            format!("{}", at + 1),
            format!("{id:08}"),
            format!("{surname}　{given}"),
            format!("{reading} {given_reading}"),
            format!("{year}/{month}/{day}"),
            format!("{}", 2022 - year - usize::from((month, day) > (2, 14))),
            phone,
            (*dice.pick(&["", "発熱", "咳", "高血圧", ""])).to_owned(),
        ];
        if let Some(relative) = relative {
            let name = |field: Field, blank: char| {
                relative[field.at()]
                    .split(blank)
                    .next()
                    .unwrap_or_default()
                    .to_owned()
            };
            person[Field::Name.at()] = format!("{}　{given}", name(Field::Name, '　'));
            person[Field::Kana.at()] = format!("{} {given_reading}", name(Field::Kana, ' '));
            person[Field::Phone.at()].clone_from(&relative[Field::Phone.at()]);
        }
        people.push(person);
    }
    people
}

/// What went wrong.
#[derive(Clone, Debug)]
pub(crate) enum Corruption {
    Shift {
        columns: Vec<Field>,
        by: i32,
        from: usize,
        wrap: bool,
    },
    Sort {
        column: Field,
        descending: bool,
    },
    Swap {
        columns: Vec<Field>,
        rows: (usize, usize),
    },
    Rotate {
        column: Field,
        by: usize,
    },
}

impl Corruption {
    pub(crate) fn random(dice: &mut Dice, rows: usize) -> Self {
        let blocks: [&[Field]; 5] = [
            &[Field::Id],
            &[Field::Phone],
            &[Field::Id],
            &[Field::Name, Field::Kana],
            &[Field::Birth],
        ];
        let columns = dice.pick(&blocks).to_vec();
        match dice.below(4) {
            0 | 1 => {
                let by = 1 + i32::try_from(dice.below(5)).expect("small");
                Self::Shift {
                    columns,
                    by: if dice.percent(50) { by } else { -by },
                    from: if dice.percent(50) {
                        0
                    } else {
                        dice.below(rows * 3 / 4)
                    },
                    wrap: dice.percent(50),
                }
            }
            2 if dice.percent(50) => Self::Rotate {
                column: columns[0],
                by: 1 + dice.below(rows - 1),
            },
            2 => {
                let one = dice.below(rows);
                Self::Swap {
                    columns,
                    rows: (one, (one + 1 + dice.below(rows - 1)) % rows),
                }
            }
            _ => Self::Sort {
                column: columns[0],
                descending: dice.percent(50),
            },
        }
    }

    pub(crate) fn columns(&self) -> &[Field] {
        match self {
            Self::Shift { columns, .. } | Self::Swap { columns, .. } => columns,
            Self::Sort { column, .. } | Self::Rotate { column, .. } => std::slice::from_ref(column),
        }
    }

    /// For each row, whose value stands there after it went wrong; `None` where nothing does.
    pub(crate) fn sources(&self, people: &[Person]) -> Vec<Option<usize>> {
        let rows = people.len();
        let mut order: Vec<usize> = (0..rows).collect();
        match self {
            Self::Shift { by, from, wrap, .. } => {
                let span = rows - from;
                let by = by.rem_euclid(i32::try_from(span).expect("small")) as usize;
                let up = matches!(self, Self::Shift { by, .. } if *by < 0);
                return (0..rows)
                    .map(|at| {
                        if at < *from {
                            return Some(at);
                        }
                        let place = at - from;
                        let lost = if up { place >= by } else { place < by };
                        (*wrap || !lost || by == 0).then(|| from + (place + span - by) % span)
                    })
                    .collect();
            }
            Self::Sort { column, descending } => {
                let at = column.at();
                let key = |person: usize| -> Vec<String> {
                    // Days by their numbers, everything else as text.
                    let parts = people[person][at].split('/');
                    parts.map(|part| format!("{part:0>4}")).collect()
                };
                order.sort_by_key(|person| key(*person));
                if *descending {
                    order.reverse();
                }
            }
            Self::Swap { rows, .. } => order.swap(rows.0, rows.1),
            Self::Rotate { by, .. } => order.rotate_left(*by % rows),
        }
        order.into_iter().map(Some).collect()
    }
}

/// A list as an office writes it, corrupt or not.
pub(crate) fn list(dice: &mut Dice, people: &[Person], corruption: Option<&Corruption>) -> String {
    let mut fields = FIELDS.to_vec();
    let needed = |field: &Field| {
        matches!(field, Field::Id | Field::Name | Field::Phone)
            || corruption.is_some_and(|one| one.columns().contains(field))
    };
    fields.retain(|field| needed(field) || dice.percent(80));
    if dice.percent(30) {
        dice.shuffle(&mut fields);
    }
    let sources = corruption.map(|corruption| corruption.sources(people));
    let rows: Vec<Vec<String>> = (0..people.len())
        .map(|row| {
            let source = |field: &Field| match (&sources, corruption) {
                (Some(sources), Some(one)) if one.columns().contains(field) => sources[row],
                _ => Some(row),
            };
            let value = |field: &Field| {
                source(field)
                    .map(|person| people[person][field.at()].clone())
                    .unwrap_or_default()
            };
            fields.iter().map(value).collect()
        })
        .collect();
    write(dice, &fields, &rows)
}

/// The source's export of these people: other columns, other order, rows more and less, other spelling.
pub(crate) struct Source {
    pub(crate) text: String,
    pub(crate) fields: Vec<Field>,
    pub(crate) missing: Vec<usize>,
}

pub(crate) fn source(dice: &mut Dice, people: &[Person], wanted: &[Field]) -> Source {
    let layouts: [&[Field]; 5] = [
        &[Field::Id, Field::Phone],
        &[Field::Id, Field::Name, Field::Birth],
        &[Field::Id, Field::Name, Field::Kana, Field::Birth, Field::Phone],
        &[Field::Serial, Field::Id, Field::Name, Field::Phone, Field::Note],
        &FIELDS,
    ];
    let mut fields = dice.pick(&layouts).to_vec();
    for field in wanted {
        if !fields.contains(field) {
            fields.push(*field);
        }
    }
    dice.shuffle(&mut fields);
    let mut rows: Vec<usize> = (0..people.len()).collect();
    let missing = if people.len() > 12 && dice.percent(30) {
        let start = dice.below(people.len());
        rows.drain(start..(start + 1 + dice.below(people.len() / 6)).min(people.len()))
            .collect()
    } else {
        Vec::new()
    };
    let others = dice.below(people.len());
    let mut rows: Vec<Person> = rows.into_iter().map(|row| people[row].clone()).collect();
    if dice.percent(50) {
        rows.extend(self::people(dice, others));
    }
    match dice.below(4) {
        0 => dice.shuffle(&mut rows),
        1 => rows.sort_by(|a, b| a[Field::Id.at()].cmp(&b[Field::Id.at()])),
        2 => rows.reverse(),
        _ => {}
    }
    let kept: Vec<Vec<String>> = rows
        .iter()
        .map(|person| fields.iter().map(|field| person[field.at()].clone()).collect())
        .collect();
    Source {
        text: write(dice, &fields, &kept),
        fields,
        missing,
    }
}

fn write(dice: &mut Dice, fields: &[Field], rows: &[Vec<String>]) -> String {
    let headings: Vec<&str> = fields.iter().map(|field| field.heading(dice)).collect();
    let style = dice.below(4);
    let mut text = headings.join(",") + "\r\n";
    for row in rows {
        let cells: Vec<String> = fields
            .iter()
            .zip(row)
            .map(|(field, value)| spell(dice, *field, value, style))
            .collect();
        let _ = writeln!(text, "{}\r", cells.join(","));
    }
    text
}

/// One value as somebody types it.
fn spell(dice: &mut Dice, field: Field, value: &str, style: usize) -> String {
    let wide = |text: &str| -> String {
        text.chars()
            .map(|c| {
                if c.is_ascii_digit() {
                    char::from_u32(u32::from(c) + 0xFEE0).expect("digit")
                } else {
                    c
                }
            })
            .collect()
    };
    match field {
        _ if value.is_empty() => String::new(),
        Field::Phone if value.len() == 11 => {
            let hyphens = format!("{}-{}-{}", &value[..3], &value[3..7], &value[7..]);
            match dice.below(8) {
                0 => value[1..].to_owned(),
                1 => wide(&hyphens),
                2 => format!("+81 {}", &value[1..]),
                3 => format!("{hyphens}(母)"),
                4 | 5 => value.to_owned(),
                _ => hyphens,
            }
        }
        Field::Id => match style {
            0 => value.trim_start_matches('0').to_owned(),
            1 => format!("'{value}"),
            2 if dice.percent(10) => wide(value),
            _ => value.to_owned(),
        },
        Field::Birth => {
            let parts: Vec<u32> = value
                .split('/')
                .map(|part| part.parse().expect("digits"))
                .collect();
            match style {
                0 if parts[0] > 1989 && parts[0] < 2019 => {
                    format!("H{}.{}.{}", parts[0] - 1988, parts[1], parts[2])
                }
                1 => format!("{}年{}月{}日", parts[0], parts[1], parts[2]),
                2 => format!("{}-{:02}-{:02}", parts[0], parts[1], parts[2]),
                _ => value.to_owned(),
            }
        }
        Field::Name if style == 1 => value.replace('　', " ").replace('髙', "高"),
        Field::Name if style == 2 => value.replace('　', ""),
        Field::Kana if style == 2 => value.replace(' ', "　"),
        _ => value.to_owned(),
    }
}

/// Rows whose value came to a person who can be told from its owner by another column of this source.
pub(crate) fn wrong_rows(people: &[Person], corruption: &Corruption, source: &Source) -> usize {
    let sources = corruption.sources(people);
    let moved = corruption.columns();
    let value = |person: usize, field: &Field| people[person][field.at()].as_str();
    let by: Vec<&Field> = source
        .fields
        .iter()
        .filter(|field| {
            matches!(field, Field::Id | Field::Phone | Field::Name | Field::Birth) && !moved.contains(field)
        })
        .collect();
    let differs = |row: usize, owner: usize| {
        let wrong = moved
            .iter()
            .any(|field| value(row, field) != value(owner, field) && !value(owner, field).is_empty());
        let told = by.iter().any(|field| {
            !value(row, field).is_empty()
                && !value(owner, field).is_empty()
                && value(row, field) != value(owner, field)
        });
        wrong && told && !source.missing.contains(&row) && !source.missing.contains(&owner)
    };
    sources
        .iter()
        .enumerate()
        .filter(|(row, owner)| owner.is_some_and(|owner| differs(*row, owner)))
        .count()
}
