//! The words of offices for yes, no, nobody knows, and what makes a severe course likelier.

use base::merge::heading_key;
use unicode_normalization::UnicodeNormalization;

use crate::notification::{RiskFactor, Unclear};

/// Words that say that nothing is known.
pub(super) const UNKNOWN: &[&str] = &[
    "不明",
    "未確認",
    "確認中",
    "-",
    "ー",
    "―",
    "−",
    "?",
    "？",
    "未",
    "空欄",
];
/// Of them, those that are as good as an empty cell.
pub(super) const BLANK: &[&str] = &["-", "ー", "―", "−", "空欄"];
pub(super) const NO: &[&str] = &[
    "なし",
    "無",
    "無し",
    "いいえ",
    "否",
    "×",
    "✕",
    "✗",
    "no",
    "n",
    "ない",
    "不要",
    "不要です",
    "必要なし",
    "必要性なし",
    "ナシ",
    "(-)",
    "非該当",
    "対象外",
    "処方なし",
    "該当なし",
    "該当せず",
    "入院不要",
    "特になし",
    "特記なし",
    "0",
];
pub(super) const YES: &[&str] = &[
    "あり",
    "有",
    "有り",
    "はい",
    "○",
    "〇",
    "◯",
    "yes",
    "y",
    "要",
    "必要",
    "必要あり",
    "必要性あり",
    "要入院",
    "入院要",
    "入院必要",
    "入院中",
    "ある",
    "該当",
    "✓",
    "レ",
    "1",
];

/// Letters by which a risk factor is known, in the order in which they are looked for.
pub(super) const RISKS: &[(&[&str], RiskFactor)] = &[
    (
        &["悪性腫瘍", "がん", "ガン", "癌", "白血病", "リンパ腫"],
        RiskFactor::Malignancy,
    ),
    (
        &[
            "慢性呼吸器疾患",
            "慢性呼吸器",
            "呼吸器疾患",
            "copd",
            "慢性閉塞性肺",
            "喘息",
            "ぜんそく",
            "間質性肺炎",
        ],
        RiskFactor::ChronicRespiratory,
    ),
    (
        &["慢性腎臓病", "慢性腎", "腎臓病", "腎不全", "透析", "ckd"],
        RiskFactor::ChronicKidney,
    ),
    (&["糖尿病", "dm"], RiskFactor::Diabetes),
    (&["高血圧", "ht"], RiskFactor::Hypertension),
    (
        &["脂質異常症", "脂質異常", "高脂血", "高コレステロール"],
        RiskFactor::Dyslipidaemia,
    ),
    (
        &["脳血管疾患", "脳血管", "脳梗塞", "脳出血", "脳卒中"],
        RiskFactor::Cerebrovascular,
    ),
    (
        &[
            "心血管疾患",
            "心血管",
            "心疾患",
            "心不全",
            "狭心症",
            "心筋梗塞",
            "心臓病",
        ],
        RiskFactor::Cardiovascular,
    ),
    (&["肥満", "bmi30"], RiskFactor::Obesity),
    (&["喫煙", "タバコ", "たばこ"], RiskFactor::Smoking),
    (
        &["免疫の低下", "免疫", "臓器移植", "移植後", "hiv", "抗がん剤"],
        RiskFactor::Immunosuppression,
    ),
];

pub(super) fn is_one_of(key: &str, words: &[&str]) -> bool {
    words.iter().any(|word| heading_key(word) == key)
}

/// Whether one of these words stands in it.
pub(super) fn holds_one(key: &str, words: &[&str]) -> bool {
    words.iter().any(|word| key.contains(&heading_key(word)))
}

/// What stands before the first bracket, all of it where there is none.
pub(super) fn before_bracket(key: &str) -> &str {
    key.split('(').next().unwrap_or_default()
}

/// The words that are read back as this factor.
pub(super) fn risk_words(factor: RiskFactor) -> &'static str {
    let known = RISKS.iter().find(|(_, one)| *one == factor);
    known.map_or(OTHER[0], |(words, _)| words[0])
}

/// Words that say that there is something and not what.
pub(super) const OTHER: &[&str] = &["そのほか", "その他", "あり", "有", "有り"];

/// What a word may be of which there is none, beside the factors themselves: 「既往なし」, 「喫煙歴無」.
const NONE_OF: &[&str] = &[
    "既往",
    "既往歴",
    "既往症",
    "基礎疾患",
    "基礎疾患等",
    "疾患",
    "持病",
    "リスク",
    "リスク因子",
    "重症化リスク",
    "重症化リスク因子",
    "特記",
    "特記事項",
    "該当",
    "喫煙",
    "飲酒",
    "アレルギー",
    "妊娠",
    "内服",
    "内服薬",
    "服薬",
    "通院",
    "特に",
    "その他",
    "そのほか",
    "特記すべき事項",
    "高リスク因子",
    "特記すべきこと",
    "異常",
    "病",
];

/// What says by itself that there is no risk.
const NONE_ALONE: &[&str] = &[
    "健康",
    "健康体",
    "ありません",
    "特にありません",
    "none",
    "陰性",
    "吸わない",
    "治療中の病気なし",
];

/// Whether a part of a cell says that something is not there. It has to be said of a factor by itself: 「糖尿病なし」 does,
/// 「脾臓なし」 and 「高血圧内服なし」 do not, and a 「非小細胞肺癌」 is one.
pub(super) fn says_none(part: &str) -> bool {
    if is_one_of(part, NO) {
        return true;
    }
    let harmless = ["健康", "花粉", "アレルギー", "特記", "なし"];
    let inside = part.trim_start_matches('(').trim_end_matches(')');
    let part = if part.starts_with('(') && !inside.contains('(') {
        inside
    } else {
        part
    };
    let (said, more) = part.split_once('(').unwrap_or((part, ""));
    let is_no = is_one_of(said, NO) && harmless.iter().any(|word| more.contains(word));
    let part = part.replace("(-)", "なし").replace([':', '=', '('], "");
    if is_no || is_one_of(&part, NO) || is_one_of(&part, NONE_ALONE) {
        return true;
    }
    let factors = || {
        RISKS
            .iter()
            .flat_map(|(words, _)| *words)
            .map(|word| heading_key(word))
    };
    let is_meant = |what: &str| {
        let what = what.trim_end_matches(['は', 'も', 'の', '歴', '者']);
        let what = what.trim_end_matches("の既往");
        let is_factor = |what: &str| factors().any(|word| word == what);
        is_one_of(what, NONE_OF) || is_factor(what) || is_factor(what.trim_end_matches('症'))
    };
    let of_another_kind = |what: &str| {
        let is_kind = ["疾患", "病", "症"].iter().any(|kind| what.ends_with(kind));
        is_kind && !factors().any(|word| what.contains(&word))
    };
    let denied = ["なし", "無し", "無", "ない"];
    let denied = denied.iter().find_map(|no| part.strip_suffix(no));
    denied.is_some_and(|what| is_meant(what) || of_another_kind(what))
        || part.strip_prefix('非').is_some_and(is_meant)
}

/// Whether words say that the person needs a bed, waits for one or has one. A denial has to stand at the bed itself: in
/// 「既往歴なし。要入院」 it does not.
pub(super) fn says_bed(cell: &str) -> bool {
    const SEPARATORS: [char; 11] = ['。', '、', ',', '，', '．', ';', '；', '/', '(', ')', '\n'];
    let text: String = cell.nfkc().collect();
    let text = text.replace("(-)", "なし");
    let parts = text.split(|c: char| SEPARATORS.contains(&c) || c.is_whitespace());
    parts.map(heading_key).any(|part| is_bed(&part))
}

fn is_bed(part: &str) -> bool {
    const DENIED: &[&str] = &[
        "不要",
        "必要なし",
        "必要性なし",
        "必要はな",
        "必要無",
        "必要性無",
        "希望なし",
        "希望せず",
        "希望しな",
        "適応なし",
        "対象外",
        "拒否",
        "辞退",
        "要しな",
        "なし",
        "無",
        "せず",
        "しな",
        "歴",
    ];
    const KIN: &[&str] = &["祖", "父", "母", "妻", "夫", "家族", "同居", "兄", "姉", "子"];
    let Some((before, after)) = part.split_once("入院") else {
        return false;
    };
    let after = after.trim_start_matches([':', 'は', 'の', 'を', 'も', 'が']);
    let is_denied = DENIED.iter().any(|word| after.starts_with(word)) && !after.contains("ではない");
    // 「入院・宿泊希望なし」
    let are_denied =
        after.starts_with('・') && ["なし", "不要", "せず"].iter().any(|end| after.ends_with(end));
    let of_kin = |text: &str| KIN.iter().any(|word| text.contains(word));
    let is_anothers = before.ends_with('が') && of_kin(before) || after.starts_with("中の") && of_kin(after);
    !(is_denied || are_denied || is_anothers || part.contains("退院"))
}

/// Of which fact an unknown heading may tell.
pub(super) fn unclear_of(heading: &str) -> Option<Unclear> {
    let key = heading_key(heading);
    let has = |words: &[&str]| holds_one(&key, words);
    match () {
        // When it was, and what is asked for beside it.
        () if key.ends_with('日') || has(&["日時", "歴", "重症化", "自宅", "宿泊"]) => None,
        () if has(&["入院"]) => Some(Unclear::NeedsAdmission),
        () if has(&["spo2", "酸素", "サチュレーション"]) => Some(Unclear::Spo2),
        () if has(&["重症", "中等症"]) => Some(Unclear::Severity),
        () => None,
    }
}

/// What stands in the column of names and is nobody's: totals, and who made the list.
pub(super) fn is_total(key: &str) -> bool {
    const BEGINS: &[&str] = &[
        "合計",
        "小計",
        "総計",
        "累計",
        "平均",
        "作成者",
        "作成日",
        "担当者",
        "報告者",
        "出力日",
    ];
    let counted = key.trim_start_matches("計").strip_suffix(['名', '人', '件']);
    let is_count =
        counted.is_some_and(|count| !count.is_empty() && count.bytes().all(|b| b.is_ascii_digit()));
    is_count || BEGINS.iter().any(|word| key.starts_with(word)) || ["計", "以上"].contains(&key)
}

/// A remark below the list, if nothing else stands beside it.
pub(super) fn is_remark(key: &str) -> bool {
    ["※", "*", "(注", "注)", "注:"]
        .iter()
        .any(|sign| key.starts_with(sign))
}

/// Whether a column holds the given name alone.
pub(super) fn is_given_name(heading: &str) -> bool {
    let alone = ["名", "メイ", "名カナ", "名フリガナ", "名漢字"].contains(&heading);
    alone
        || ["氏名名", "フリガナ名", "カナ名"]
            .iter()
            .any(|end| heading.ends_with(end))
}

/// Whether a column holds the family name alone.
pub(super) fn is_family_name(heading: &str) -> bool {
    const ALONE: &[&str] = &["氏", "名字", "苗字", "セイ", "姓カナ", "姓フリガナ", "姓漢字"];
    ALONE.contains(&heading) || heading.ends_with('姓')
}

/// Latin letters have to stand by themselves: `ht` is no part of `height`.
pub(super) fn has_word(part: &str, word: &str) -> bool {
    if word.chars().all(|c| c.is_ascii_alphabetic()) && word.len() <= 2 {
        return part == word;
    }
    part.contains(word)
}

pub(super) fn doses_of(key: &str) -> Option<u8> {
    if ["未接種", "未", "なし", "無", "無し", "接種なし"].contains(&key) {
        return Some(0);
    }
    let before = key.split_once('回').map_or(key, |(before, _)| before);
    let digits = before.trim_start_matches(|c: char| !c.is_ascii_digit());
    digits.parse().ok().filter(|doses| *doses <= 20)
}
