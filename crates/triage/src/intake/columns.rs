//! What each column of a case list is meant to hold, by its heading.

use base::merge::heading_key;

/// What a column holds.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Meaning {
    /// A number at which the person, or somebody for the person, answers.
    Number,
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
    /// 検体採取日.
    Sampled,
    /// 診断日.
    Diagnosed,
    /// 診断方法.
    Method,
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
}

use Meaning as M;

/// The headings of each, as letters and digits. The first of each line is what pages call it.
const HEADINGS: &[(Meaning, &[&str])] = &[
    (
        M::Number,
        &[
            "電話番号",
            "電話",
            "携帯",
            "携帯電話",
            "携帯番号",
            "携帯電話番号",
            "連絡先",
            "連絡先1",
            "連絡先2",
            "連絡先3",
            "連絡先電話番号",
            "電話番号1",
            "電話番号2",
            "本人電話番号",
            "患者電話番号",
            "本人携帯",
            "自宅電話",
            "自宅電話番号",
            "固定電話",
            "tel",
            "tel1",
            "tel2",
            "phone",
            "mobile",
            "保護者電話番号",
            "保護者連絡先",
            "緊急連絡先",
        ],
    ),
    (
        M::Name,
        &[
            "氏名",
            "患者氏名",
            "患者名",
            "名前",
            "お名前",
            "本人氏名",
            "対象者氏名",
            "療養者氏名",
            "陽性者氏名",
            "name",
        ],
    ),
    (
        M::Kana,
        &[
            "フリガナ",
            "ふりがな",
            "カナ",
            "氏名カナ",
            "カナ氏名",
            "氏名フリガナ",
            "ヨミガナ",
            "カナ名",
            "フリカナ",
            "患者フリガナ",
        ],
    ),
    (
        M::Birth,
        &[
            "生年月日",
            "誕生日",
            "生年月日西暦",
            "生年月日和暦",
            "birthday",
            "患者生年月日",
        ],
    ),
    (M::Age, &["年齢", "満年齢", "歳", "診断時年齢"]),
    (M::Sex, &["性別", "男女"]),
    (
        M::RegisterId,
        &[
            "hersysid",
            "hersys番号",
            "hersys",
            "ハーシスid",
            "ハーシス番号",
            "ハーシス",
            "id",
            "患者id",
            "管理id",
            "登録id",
        ],
    ),
    (M::Guardian, &["保護者氏名", "保護者", "保護者名", "保護者の氏名"]),
    (M::Postcode, &["郵便番号", "〒"]),
    (M::Address, &["住所", "現住所", "居住地", "患者住所", "自宅住所"]),
    (
        M::Location,
        &["所在地", "療養場所", "居所", "現在地", "滞在先", "当該者所在地"],
    ),
    (M::Occupation, &["職業", "勤務先", "職種"]),
    (
        M::Facility,
        &[
            "施設",
            "施設名",
            "入所施設",
            "入所施設名",
            "所属施設",
            "学校",
            "学校名",
        ],
    ),
    (M::Language, &["言語", "使用言語", "母語", "日本語以外の言語"]),
    (
        M::Disease,
        &[
            "疾患名",
            "疾病名",
            "感染症名",
            "病名",
            "疾患",
            "対象疾患",
            "届出疾患",
            "感染症の種類",
        ],
    ),
    (
        M::DiagnosedAs,
        &["診断類型", "類型", "診断した者の類型", "患者類型", "区分"],
    ),
    (M::Symptoms, &["症状", "主な症状", "主訴"]),
    (
        M::Exposed,
        &[
            "最後に接触した日",
            "最終接触日",
            "最終接触年月日",
            "接触日",
            "最終曝露日",
            "曝露日",
        ],
    ),
    (
        M::Onset,
        &["発病日", "発症日", "発病年月日", "発症年月日", "症状出現日"],
    ),
    (
        M::Sampled,
        &["検体採取日", "検査日", "採取日", "検体採取年月日", "検査年月日"],
    ),
    (
        M::Diagnosed,
        &["診断日", "診断年月日", "陽性判明日", "判明日", "初診日"],
    ),
    (M::Method, &["診断方法", "検査方法", "検査法"]),
    (
        M::RiskFactors,
        &[
            "重症化リスク因子",
            "重症化リスク",
            "リスク因子",
            "基礎疾患",
            "既往歴",
            "既往症",
            "重症化リスク因子となる疾患等",
        ],
    ),
    (M::Pregnant, &["妊娠", "妊娠の有無", "妊婦", "妊娠有無"]),
    (
        M::Doses,
        &[
            "ワクチン回数",
            "ワクチン接種回数",
            "接種回数",
            "ワクチン",
            "ワクチン接種",
            "ワクチン接種歴",
        ],
    ),
    (
        M::LastDose,
        &["最終接種日", "ワクチン最終接種日", "最終接種年月日"],
    ),
    (
        M::DosesAndLast,
        &[
            "ワクチン回数最終接種日",
            "ワクチン接種回数最終接種日",
            "接種回数最終接種日",
        ],
    ),
    (M::Spo2, &["spo2", "酸素飽和度", "sp02", "経皮的酸素飽和度"]),
    (M::Severity, &["重症度", "重症度分類", "症状の程度"]),
    (
        M::NeedsAdmission,
        &["入院の必要", "入院の必要性", "入院", "要入院", "入院必要性"],
    ),
    (
        M::NeedsTherapy,
        &[
            "治療薬酸素",
            "治療薬の投与又は酸素投与の必要性",
            "治療薬の投与または酸素投与の必要性",
            "治療薬",
            "酸素投与",
        ],
    ),
    (
        M::Remarks,
        &[
            "備考",
            "特記事項",
            "メモ",
            "コメント",
            "対応",
            "sms送信可否",
            "対応方針",
        ],
    ),
    (
        M::Clinic,
        &["医療機関名", "医療機関", "届出医療機関", "診断医療機関", "病院名"],
    ),
    (M::Doctor, &["医師名", "医師", "届出医師", "担当医"]),
    (
        M::ClinicTelephone,
        &[
            "医療機関電話番号",
            "医療機関電話",
            "医療機関の電話番号",
            "医療機関連絡先",
        ],
    ),
    (
        M::Centre,
        &["受理保健所", "保健所", "担当保健所", "管轄保健所", "保健所名"],
    ),
];

/// Headings that are known and tell nothing of a person.
const UNUSED: &[&str] = &[
    "整理番号",
    "no",
    "番号",
    "連番",
    "受付日時",
    "受付日",
    "受理日",
    "項番",
    "通番",
];

impl Meaning {
    /// As pages call it.
    pub fn label(self) -> &'static str {
        match self {
            Self::RegisterId => "登録ID（HER-SYS ID）",
            Self::Spo2 => "SpO2",
            Self::DosesAndLast => "ワクチン回数と最終接種日",
            Self::NeedsTherapy => "治療薬・酸素投与の必要性",
            _ => HEADINGS
                .iter()
                .find(|(meaning, _)| *meaning == self)
                .map_or("", |(_, headings)| headings[0]),
        }
    }
}

/// The columns of a list that mean something.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Columns {
    headings: Vec<String>,
    meanings: Vec<(usize, Meaning)>,
    ignored: Vec<usize>,
}

impl Columns {
    /// Reads the headings of a list.
    pub fn of(headings: &[String]) -> Self {
        let mut meanings = Vec::new();
        let mut ignored = Vec::new();
        for (column, heading) in headings.iter().enumerate() {
            match meaning_of(heading) {
                Some(meaning) => meanings.push((column, meaning)),
                None if heading.is_empty() || is_unused(heading) => {}
                None => ignored.push(column),
            }
        }
        // Cells are read in the order of what they mean, so that the order of columns changes nothing; several
        // columns of one meaning in the order of the list.
        meanings.sort_by_key(|(column, meaning)| (*meaning, *column));
        Self {
            headings: headings.to_vec(),
            meanings,
            ignored,
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

    /// Headings that nobody here knows: their cells are not used.
    pub fn ignored(&self) -> impl Iterator<Item = &str> {
        self.ignored.iter().map(|column| self.heading(*column))
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

/// The letters of a heading or a name as a whole, and without what stands in brackets behind it: 連絡先2(続柄),
/// 診断類型(確定/無症状/みなし), 麻しん（疑い）.
pub(crate) fn spellings(text: &str) -> [String; 2] {
    let folded = heading_key(text);
    let before = folded
        .split(['(', '（', '[', '【', '※', '*'])
        .next()
        .unwrap_or_default();
    [letters(text), letters(before)]
}

fn meaning_of(heading: &str) -> Option<Meaning> {
    spellings(heading).iter().find_map(|key| {
        let known = HEADINGS
            .iter()
            .find(|(_, all)| all.iter().any(|one| heading_key(one) == *key));
        known.map(|(meaning, _)| *meaning)
    })
}

fn is_unused(heading: &str) -> bool {
    UNUSED.contains(&letters(heading).as_str())
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
            ("好きな色", None),
            ("整理番号", None),
        ] {
            assert_eq!(meaning_of(heading), meaning, "{heading}");
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
}
