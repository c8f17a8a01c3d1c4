//! What each column of a case list is meant to hold, by its heading.

use base::merge::heading_key;

use super::headings::{HEADINGS, UNUSED};
use super::vocabulary::{holds_one, unclear_of};
use crate::limits::UNKNOWN_COLUMNS;

/// What a column holds.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Meaning {
    /// A number at which the person, or somebody for the person, answers.
    Number,
    /// A number of the guardian, or of whoever is to be asked in an emergency.
    GuardianNumber,
    /// 氏名.
    Name,
    /// フリガナ.
    Kana,
    /// 生年月日.
    Birth,
    /// 年齢.
    Age,
    /// 性別.
    Sex,
    /// The number in the national register.
    RegisterId,
    /// 保護者.
    Guardian,
    /// 郵便番号.
    Postcode,
    /// 住所.
    Address,
    /// 所在地: where the person is now.
    Location,
    /// 療養場所: of which kind the place is.
    CarePlace,
    /// 職業.
    Occupation,
    /// 施設.
    Facility,
    /// 言語.
    Language,
    /// 疾患名.
    Disease,
    /// 診断類型.
    DiagnosedAs,
    /// 症状.
    Symptoms,
    /// 最後に接触した日.
    Exposed,
    /// 発病日.
    Onset,
    /// 推定感染日.
    Infected,
    /// 検体採取日.
    Sampled,
    /// 初診年月日.
    FirstVisit,
    /// 診断日.
    Diagnosed,
    /// 診断方法.
    Method,
    /// 遠隔診療.
    RemoteVisit,
    /// 感染原因・感染経路.
    InfectionRoute,
    /// 感染地域.
    InfectionRegion,
    /// 重症化リスク因子.
    RiskFactors,
    /// 妊娠.
    Pregnant,
    /// ワクチン回数.
    Doses,
    /// 最終接種日.
    LastDose,
    /// Both in one cell.
    DosesAndLast,
    /// `SpO2`.
    Spo2,
    /// 重症度.
    Severity,
    /// 入院の必要.
    NeedsAdmission,
    /// 治療薬の投与又は酸素投与の必要性.
    NeedsTherapy,
    /// 備考, and what the office wrote for itself.
    Remarks,
    /// 医療機関名.
    Clinic,
    /// 医師名.
    Doctor,
    /// The clinic's telephone.
    ClinicTelephone,
    /// 受理保健所.
    Centre,
    /// Nobody knows the heading: kept in the remarks.
    Unknown,
}

use Meaning as M;

/// What somebody said of a column whose heading nobody knows.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ColumnChoice {
    /// What it holds.
    Means(Meaning),
    /// It is left out.
    Unused,
}

impl ColumnChoice {
    /// The word of a column that is left out; no heading of [`HEADINGS`].
    const UNUSED: &str = "unused";

    /// As forms and the database have it: the heading as which the column is read.
    pub fn word(self) -> &'static str {
        match self {
            Self::Means(meaning) => meaning.heading(),
            Self::Unused => Self::UNUSED,
        }
    }

    /// What [`ColumnChoice::word`] wrote.
    pub fn from_word(word: &str) -> Option<Self> {
        match word {
            Self::UNUSED => Some(Self::Unused),
            word => meaning_of(word).map(Self::Means),
        }
    }

    /// Everything that can be said, as pages offer it.
    pub fn all() -> impl Iterator<Item = (Self, &'static str)> {
        let meanings = HEADINGS
            .iter()
            .map(|(meaning, _)| (Self::Means(*meaning), meaning.label()));
        meanings.chain([(Self::Unused, "使わない")])
    }
}

impl Meaning {
    /// As pages call it.
    pub fn label(self) -> &'static str {
        match self {
            Self::RegisterId => "登録ID（HER-SYS ID）",
            Self::Spo2 => "SpO2",
            Self::DosesAndLast => "ワクチン回数と最終接種日",
            Self::NeedsTherapy => "治療薬・酸素投与の必要性",
            Self::GuardianNumber => "保護者・緊急連絡先の電話番号",
            Self::InfectionRoute => "感染原因・感染経路",
            Self::Unknown => "備考に残す",
            _ => self.heading(),
        }
    }

    /// The heading that is always read so.
    fn heading(self) -> &'static str {
        let found = HEADINGS.iter().find(|(meaning, _)| *meaning == self);
        found.map_or("", |(_, headings)| headings[0])
    }
}

/// The columns of a list that mean something.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Columns {
    headings: Vec<String>,
    meanings: Vec<(usize, Meaning)>,
    unknown: Vec<(usize, Option<ColumnChoice>)>,
}

impl Columns {
    /// Reads the headings of a list.
    pub fn of(headings: &[String]) -> Self {
        Self::with(headings, |_| None)
    }

    /// The same, with what somebody said of headings that nobody knows.
    pub fn with(headings: &[String], said: impl Fn(&str) -> Option<ColumnChoice>) -> Self {
        let (mut meanings, mut unknown) = (Vec::new(), Vec::new());
        let mut kept = 0;
        for (column, heading) in headings.iter().enumerate() {
            if let Some(meaning) = meaning_of(heading) {
                meanings.push((column, meaning));
            } else if is_unknown(heading) {
                let choice = said(heading);
                unknown.push((column, choice));
                match choice {
                    Some(ColumnChoice::Means(meaning)) => meanings.push((column, meaning)),
                    None if kept < UNKNOWN_COLUMNS || unclear_of(heading).is_some() => {
                        meanings.push((column, M::Unknown));
                        kept += 1;
                    }
                    Some(ColumnChoice::Unused) | None => {}
                }
            }
        }
        // 「氏名（フリガナ）」 alone holds both, and of some people the kana are all that is known.
        if !meanings.iter().any(|(_, meaning)| *meaning == M::Name) {
            for (_, meaning) in meanings.iter_mut().filter(|(_, meaning)| *meaning == M::Kana) {
                *meaning = M::Name;
            }
        }
        // Cells are read in the order of what they mean, so that the order of columns changes nothing; several
        // columns of one meaning in the order of the list.
        meanings.sort_by_key(|(column, meaning)| (*meaning, *column));
        Self {
            headings: headings.to_vec(),
            meanings,
            unknown,
        }
    }

    /// Column, counted from 0, and what it means.
    pub fn meanings(&self) -> &[(usize, Meaning)] {
        &self.meanings
    }

    /// The heading as it was written.
    pub fn heading(&self, column: usize) -> &str {
        self.headings.get(column).map_or("", String::as_str)
    }

    /// Columns whose heading nobody here knows, and what somebody said of them.
    pub fn unknown(&self) -> &[(usize, Option<ColumnChoice>)] {
        &self.unknown
    }

    /// What a column means; `None` where its cells are not used.
    pub fn meaning(&self, column: usize) -> Option<Meaning> {
        let found = self.meanings.iter().find(|(one, _)| *one == column);
        found.map(|(_, meaning)| *meaning)
    }

    /// Whether some column means this.
    pub fn has(&self, meaning: Meaning) -> bool {
        self.meanings.iter().any(|(_, found)| *found == meaning)
    }

    /// Whether this can be a list of people at all: there are names, and by something they can be told apart.
    pub fn are_of_people(&self) -> bool {
        self.has(M::Name)
            && [M::Number, M::Birth, M::RegisterId, M::Kana]
                .iter()
                .any(|one| self.has(*one))
    }
}

fn letters(heading: &str) -> String {
    heading_key(heading)
        .chars()
        .filter(|c| c.is_alphanumeric() || *c == '〒')
        .collect()
}

/// Behind these stands more of a heading.
const BRACKETS: [char; 6] = ['(', '（', '[', '【', '※', '*'];

/// The letters of a heading or a name as a whole, and without what stands in brackets behind it: 連絡先2(続柄),
/// 診断類型(確定/無症状/みなし), 麻しん（疑い）.
pub(crate) fn spellings(text: &str) -> [String; 2] {
    let folded = heading_key(text);
    let before = folded.split(BRACKETS).next().unwrap_or_default();
    [letters(text), letters(before)]
}

fn meaning_of(heading: &str) -> Option<Meaning> {
    let [whole, before] = spellings(heading);
    let known = |key: &str| {
        let found = HEADINGS
            .iter()
            .find(|(_, all)| all.iter().any(|one| heading_key(one) == key));
        found.map(|(meaning, _)| *meaning)
    };
    known(&whole).or_else(|| known(&before).and_then(|meaning| of_whom(meaning, heading)))
}

/// What stands in brackets behind a heading may say that it is of somebody else: 電話番号（緊急連絡先）, 氏名（ふりがな）.
fn of_whom(meaning: Meaning, heading: &str) -> Option<Meaning> {
    const KIN: &[&str] = &[
        "保護者",
        "緊急",
        "家族",
        "父",
        "母",
        "親",
        "妻",
        "夫",
        "代理",
        "同居",
        "子",
        "娘",
        "兄",
        "姉",
        "弟",
        "妹",
        "祖",
        "知人",
        "友人",
        "パートナー",
        "キーパーソン",
    ];
    const CLINIC: &[&str] = &[
        "届出医",
        "医療機関",
        "病院",
        "クリニック",
        "医院",
        "主治医",
        "医師",
    ];
    const PLACE: &[&str] = &["勤務", "会社", "職場", "学校", "施設"];
    const WRITER: &[&str] = &["担当", "記入", "入力", "作成"];
    const KANA: &[&str] = &["カナ", "かな", "がな", "ガナ", "よみ", "ヨミ"];
    let key = heading_key(heading);
    let behind = key.split_once(BRACKETS).map_or("", |(_, behind)| behind);
    let has = |words: &[&str]| holds_one(behind, words);
    let is_of_the_person = matches!(
        meaning,
        M::Number | M::Name | M::Kana | M::Birth | M::Age | M::Sex | M::Postcode | M::Address
    );
    let is_own = has(&["本人"]) && !has(&["以外"]);
    if !is_of_the_person || is_own {
        return Some(meaning);
    }
    match meaning {
        M::Name if has(KANA) && !has(&["漢字"]) => Some(M::Kana),
        M::Number if has(&["以外"]) => None,
        M::Number if has(KIN) => Some(M::GuardianNumber),
        M::Name if has(&["保護者"]) => Some(M::Guardian),
        M::Number if has(CLINIC) => Some(M::ClinicTelephone),
        // Nobody knows: it is kept in the remarks, and whoever takes the list in says what it is.
        _ if has(KIN) || has(CLINIC) => None,
        M::Number | M::Name if has(WRITER) => None,
        M::Number | M::Name | M::Address | M::Postcode if has(PLACE) && !has(&["自宅"]) => None,
        _ => Some(meaning),
    }
}

fn is_unused(heading: &str) -> bool {
    UNUSED.contains(&letters(heading).as_str())
}

/// Whether somebody may say what a column of this heading holds.
pub(crate) fn is_unknown(heading: &str) -> bool {
    !heading.is_empty() && meaning_of(heading).is_none() && !is_unused(heading)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_are_known_however_they_are_written() {
        for (heading, meaning) in [
            ("ＨＥＲ－ＳＹＳ　ＩＤ", Some(M::RegisterId)),
            ("ﾌﾘｶﾞﾅ", Some(M::Kana)),
            ("連絡先2(続柄)", Some(M::Number)),
            ("診断類型（確定/無症状/みなし）", Some(M::DiagnosedAs)),
            ("ワクチン回数/最終接種日", Some(M::DosesAndLast)),
            ("SpO2（％）", Some(M::Spo2)),
            ("患者\n氏名", Some(M::Name)),
            ("〒", Some(M::Postcode)),
            ("感染原因・感染経路", Some(M::InfectionRoute)),
            ("緊急連絡先（続柄）", Some(M::GuardianNumber)),
            ("電話番号（緊急連絡先）", Some(M::GuardianNumber)),
            ("電話番号（本人または保護者）", Some(M::Number)),
            ("電話番号（医療機関）", Some(M::ClinicTelephone)),
            ("電話番号（勤務先）", None),
            ("連絡先（自宅・携帯・勤務先）", Some(M::Number)),
            ("年齢（届出時）", Some(M::Age)),
            ("電話番号（妻の携帯）", Some(M::GuardianNumber)),
            ("電話番号（本人以外）", None),
            ("電話番号（会社携帯）", None),
            ("電話番号※緊急連絡先", Some(M::GuardianNumber)),
            ("氏名（担当者）", None),
            ("氏名（姓）", Some(M::Name)),
            ("診断（検案）した者の類型", Some(M::DiagnosedAs)),
            ("重症化のリスク因子となる疾患等の有無", Some(M::RiskFactors)),
            ("姓（漢字）", Some(M::Name)),
            ("名（カナ）", Some(M::Kana)),
            ("氏名（ふりがな）", Some(M::Kana)),
            ("氏名（漢字）", Some(M::Name)),
            ("氏名（保護者）", Some(M::Guardian)),
            ("入院の要否", Some(M::NeedsAdmission)),
            ("療養場所", Some(M::CarePlace)),
            ("好きな色", None),
            ("整理番号", None),
        ] {
            assert_eq!(meaning_of(heading), meaning, "{heading}");
        }
    }

    #[test]
    fn what_pages_call_a_column_is_a_heading_of_it() {
        for (meaning, _) in HEADINGS {
            assert_eq!(meaning_of(meaning.label()), Some(*meaning), "{}", meaning.label());
        }
    }

    #[test]
    fn no_heading_means_two_things() {
        let mut seen = std::collections::BTreeMap::new();
        for (meaning, headings) in HEADINGS {
            for heading in *headings {
                let key = letters(heading);
                assert_eq!(key, heading_key(heading), "{heading}: letters and digits only");
                assert_eq!(seen.insert(key, *meaning), None, "{heading}");
            }
        }
    }

    #[test]
    fn what_somebody_says_of_a_column_is_read_back() {
        for (choice, _) in ColumnChoice::all() {
            assert_eq!(ColumnChoice::from_word(choice.word()), Some(choice));
        }
        assert_eq!(ColumnChoice::from_word(""), None);
        let headings: Vec<String> = ["患者さん", "でんわ", "好きな色", "管理用"]
            .map(str::to_owned)
            .into();
        let columns = Columns::with(&headings, |heading| match heading {
            "患者さん" => Some(ColumnChoice::Means(M::Name)),
            "でんわ" => Some(ColumnChoice::Means(M::Number)),
            "管理用" => Some(ColumnChoice::Unused),
            _ => None,
        });
        assert!(columns.are_of_people());
        assert_eq!(columns.unknown().len(), 4, "each can be said otherwise");
        assert_eq!(columns.meaning(2), Some(M::Unknown), "kept in the remarks");
        assert_eq!(columns.meaning(3), None);
        assert!(!Columns::of(&headings).are_of_people());
    }
}
