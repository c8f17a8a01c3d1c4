//! Which numbers of a row are the person's own. What stands beside a number is read: that of a wife, of an employer or of
//! nobody any more is never one that is written to.

use base::merge::heading_key;
use base::phone::{self, PhoneNumber, PhoneProblem, Repair};

use super::cell::{Cell, Reading, Sign};
use super::vocabulary::{NO, UNKNOWN, holds_one, is_one_of};

/// Whose a number may be that a child is written to at.
const PARENTS: &[&str] = &["父", "母", "両親", "保護者", "親権者", "後見", "ママ", "パパ"];
/// Nobody's private phone, or one that nobody answers.
const NOT_FOR_SMS: &[&str] = &[
    "勤務",
    "会社",
    "職場",
    "学校",
    "担任",
    "施設",
    "園",
    "病院",
    "医院",
    "クリニック",
    "ホテル",
    "fax",
    "電話のみ",
    "電話希望",
    "ファックス",
    "ファクス",
    "使われ",
    "使用され",
    "使用でき",
    "不通",
    "不可",
    "つなが",
    "繋が",
    "解約",
    "欠番",
    "旧",
    "前の番号",
    "別人",
    "間違",
    "違",
    "誤",
    "拒否",
    "×",
    "✕",
    "✗",
    "✖",
    "❌",
];
/// Words that change nothing, the longer ones first.
const HARMLESS: &[&str] = &[
    "ショートメール",
    "なし",
    "スマートフォン",
    "午前中",
    "夕方",
    "昼休み",
    "仕事後",
    "いつでも",
    "常時",
    "できれば",
    "優先",
    "直通",
    "個人",
    "私用",
    "メイン",
    "モバイル",
    "確認済",
    "ドコモ",
    "ソフトバンク",
    "楽天",
    "ガラケー",
    "iphone",
    "docomo",
    "line",
    "au",
    "ok",
    "携帯電話",
    "ケータイ",
    "電話番号",
    "連絡先",
    "留守電",
    "つながりやすい",
    "スマホ",
    "本人",
    "患者",
    "自分",
    "携帯",
    "電話",
    "番号",
    "自宅",
    "固定",
    "内線",
    "日中",
    "夜間",
    "平日",
    "土日",
    "休日",
    "午前",
    "午後",
    "以降",
    "まで",
    "から",
    "のみ",
    "希望",
    "phone",
    "mobile",
    "sms",
    "tel",
    "℡",
    "第",
    "昼",
    "夜",
    "朝",
    "時",
    "携",
    "自",
    "本",
    "可",
    "月",
    "火",
    "水",
    "木",
    "金",
    "一",
    "ご",
    "様",
    "の",
    "は",
    "も",
];

/// What stands between several numbers of one cell.
const SEVERAL: [char; 6] = ['、', '／', '/', '\n', ';', '，'];

/// Whose a number is, by what stands beside it.
enum Whose {
    /// Nothing says otherwise.
    Own,
    /// A parent's.
    Parent,
    /// Somebody else's, nobody's, or nobody knows.
    Other,
}

fn whose(cell: &str) -> Whose {
    let key = heading_key(cell);
    match () {
        () if is_not_for_sms(cell) => Whose::Other,
        () if is_nothing_but(&key, &[]) => Whose::Own,
        () if is_nothing_but(&key, PARENTS) || is_related(&key, PARENTS) => Whose::Parent,
        () => Whose::Other,
    }
}

/// Whether no other letters stand beside the number than these words and those that change nothing.
fn is_nothing_but(key: &str, words: &[&str]) -> bool {
    let mut rest = key.to_owned();
    for word in words
        .iter()
        .chain(&["親"])
        .filter(|_| !words.is_empty())
        .chain(HARMLESS)
    {
        rest = rest.replace(&heading_key(word), "");
    }
    // The long sound stands for a hyphen as well.
    !rest.chars().any(|c| c.is_alphabetic() && c != 'ー')
}

/// Whether brackets say nothing but such a relation: 「鈴木 花子（母）」, and not 「母の友人」.
fn is_related(key: &str, words: &[&str]) -> bool {
    let inside = key.split('(').skip(1).filter_map(|rest| rest.split(')').next());
    inside.into_iter().any(|inside| {
        let inside = inside.trim_end_matches('親');
        words.iter().any(|word| heading_key(word) == inside)
    })
}

/// Whether a number with words beside it, in a column of the guardian or for emergencies, is of somebody who may be told of
/// a child's illness.
fn is_of_the_family(written: Cell<'_>) -> bool {
    const FAMILY: &[&str] = &[
        "祖父母",
        "祖父",
        "祖母",
        "叔父",
        "叔母",
        "伯父",
        "伯母",
        "おじ",
        "おば",
        "兄",
        "姉",
        "家族",
        "同居",
        "夫",
        "妻",
    ];
    let key = heading_key(written.cell);
    let is_family = is_nothing_but(&key, FAMILY) || is_related(&key, FAMILY);
    !matches!(whose(written.cell), Whose::Other) || is_family || written.heading.contains("保護者")
}

fn is_not_for_sms(cell: &str) -> bool {
    let key = heading_key(cell).replace("つながりやすい", "");
    holds_one(&key, NOT_FOR_SMS)
}

impl Reading<'_> {
    pub(super) fn number(&mut self, written: Cell<'_>) {
        let person = &mut self.told.person;
        match phone::parse(written.cell) {
            Ok(parsed) if parsed.repairs.contains(&Repair::Note) => {
                self.number_beside_words(written, parsed.number);
            }
            Ok(parsed) if person.mobiles.contains(&parsed.number) => {}
            Ok(parsed) => person.mobiles.push(parsed.number),
            Err(PhoneProblem::Missing) => self.words_without_number(written),
            Err(PhoneProblem::Landline) => self.keep_to_dial(written.cell.to_owned()),
            // Whose they are only a person knows; whoever telephones sees both.
            Err(PhoneProblem::TwoNumbers { .. }) => {
                self.keep_to_dial(written.cell.to_owned());
                self.note(
                    written.heading,
                    written.cell,
                    "番号が2つ以上あります。SMSの宛先にするときは、1つを選んで訂正してください。",
                );
            }
            Err(PhoneProblem::Invalid(_)) => self.no_number_at_all(written),
        }
    }

    fn no_number_at_all(&mut self, written: Cell<'_>) {
        if let Some(number) = without_its_zero(written.cell) {
            self.keep_to_dial(number);
            return self.note(
                written.heading,
                written.cell,
                "先頭の0が消えた固定電話として読みました。番号を確かめてください。",
            );
        }
        self.signs.insert(Sign::StrangeNumber);
        self.unread(written, "電話番号として読めません。元の資料を確かめてください。");
    }

    /// 「姉に連絡のこと」: no number, and not nothing.
    fn words_without_number(&mut self, written: Cell<'_>) {
        let key = heading_key(written.cell);
        if !is_one_of(&key, NO) && !is_one_of(&key, UNKNOWN) {
            self.signs.insert(Sign::StrangeNumber);
            self.aside.push(format!("{}: {}", written.heading, written.cell));
        }
    }

    /// A number that an adult has and that another cell calls somebody else's is dialled by people only.
    pub(super) fn part_numbers(&mut self) {
        let person = &mut self.told.person;
        let texts = person.landlines.iter().flat_map(|text| text.split(SEVERAL));
        let said = texts.filter_map(|text| phone::parse(text).ok());
        let others: Vec<PhoneNumber> = said
            .map(|parsed| parsed.number)
            .chain(person.guardian_mobiles.iter().copied())
            .collect();
        let (shared, own) = person.mobiles.iter().partition(|number| others.contains(number));
        let shared: Vec<PhoneNumber> = shared;
        person.mobiles = own;
        for number in shared {
            self.keep_to_dial(number.national());
        }
    }

    /// The list says that the person gets no SMS.
    pub(super) fn only_by_telephone(&mut self) {
        for number in std::mem::take(&mut self.told.person.mobiles) {
            self.keep_to_dial(number.national());
        }
        self.told.person.guardian_mobiles.clear();
        self.note(
            "",
            "",
            "SMSを送れないと書かれているため、電話で連絡する人になります。",
        );
    }

    /// A number that whoever telephones sees as it was written.
    fn keep_to_dial(&mut self, written: String) {
        let landlines = &mut self.told.person.landlines;
        if !landlines.contains(&written) {
            landlines.push(written);
        }
    }

    /// Whoever telephones sees the words as well.
    fn number_beside_words(&mut self, written: Cell<'_>, number: PhoneNumber) {
        let person = &mut self.told.person;
        match whose(written.cell) {
            Whose::Own if person.mobiles.contains(&number) => {}
            Whose::Own => person.mobiles.push(number),
            Whose::Parent => {
                if !person.guardian_mobiles.contains(&number) {
                    person.guardian_mobiles.push(number);
                }
                self.aside.push(format!("{}: {}", written.heading, written.cell));
                self.note(
                    written.heading,
                    written.cell,
                    "保護者の番号と書かれているため、子どものほかにはSMSの宛先にしません。",
                );
            }
            Whose::Other => {
                self.keep_to_dial(written.cell.to_owned());
                self.note(
                    written.heading,
                    written.cell,
                    "番号のほかに言葉が書かれているため、SMSの宛先にしません。本人の番号のときは、登録してから訂正してください。",
                );
            }
        }
    }

    /// Numbers of the guardian, or of whoever is to be asked in an emergency; there may be several in one cell.
    pub(super) fn guardian_numbers(&mut self, written: Cell<'_>) {
        for part in written.cell.split(SEVERAL) {
            let part = Cell {
                cell: part.trim(),
                ..written
            };
            let person = &mut self.told.person;
            match phone::parse(part.cell) {
                Ok(_) if part.cell.contains("本人") && matches!(whose(part.cell), Whose::Own) => {
                    self.number(part);
                }
                Ok(_) if is_not_for_sms(part.cell) => self.keep_to_dial(part.cell.to_owned()),
                Ok(parsed) if parsed.repairs.contains(&Repair::Note) && !is_of_the_family(part) => {
                    self.keep_to_dial(part.cell.to_owned());
                }
                Ok(parsed) if person.guardian_mobiles.contains(&parsed.number) => {}
                Ok(parsed) => person.guardian_mobiles.push(parsed.number),
                Err(PhoneProblem::Missing) => self.words_without_number(part),
                // Whoever telephones tries what can be dialled.
                Err(_) => self.number(part),
            }
        }
    }
}

/// Nine digits without a zero before them: what a number cell leaves of a landline.
fn without_its_zero(cell: &str) -> Option<String> {
    let key = heading_key(cell);
    let digits = key.trim_end_matches(".0");
    let number = format!("0{digits}");
    let is_short = digits.len() == 9 && digits.bytes().all(|b| b.is_ascii_digit());
    (is_short && phone::parse(&number) == Err(PhoneProblem::Landline)).then_some(number)
}
