//! The words of offices for yes, no, nobody knows, and what makes a severe course likelier.

use base::merge::heading_key;

use crate::notification::RiskFactor;

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
    "該当なし",
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

/// The words that are read back as this factor.
pub(super) fn risk_words(factor: RiskFactor) -> &'static str {
    let known = RISKS.iter().find(|(_, one)| *one == factor);
    known.map_or(OTHER[0], |(words, _)| words[0])
}

/// Words that say that there is something and not what.
pub(super) const OTHER: &[&str] = &["そのほか", "その他", "あり", "有", "有り"];

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
    let digits = key.trim_end_matches("目").trim_end_matches('回');
    digits.parse().ok().filter(|doses| *doses <= 20)
}
