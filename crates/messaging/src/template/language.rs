//! The languages of texts, and how lists name them.

use base::merge::heading_key;

use crate::advice::Wording;

words! {
    /// The languages that templates are written in; the label is the language's own name.
    Language {
        /// Japanese.
        Japanese, "ja", "日本語";
        /// Easy Japanese.
        EasyJapanese, "ja-easy", "やさしい日本語";
        /// English.
        English, "en", "English（英語）";
        /// Chinese in simplified letters.
        Chinese, "zh", "简体中文（中国語・簡体字）";
        /// Chinese in traditional letters.
        TraditionalChinese, "zh-hant", "繁體中文（中国語・繁体字）";
        /// Korean.
        Korean, "ko", "한국어（韓国・朝鮮語）";
        /// Vietnamese.
        Vietnamese, "vi", "Tiếng Việt（ベトナム語）";
        /// Portuguese.
        Portuguese, "pt", "Português（ポルトガル語）";
        /// Spanish.
        Spanish, "es", "Español（スペイン語）";
        /// Filipino.
        Filipino, "tl", "Filipino（フィリピノ語）";
        /// Nepali.
        Nepali, "ne", "नेपाली（ネパール語）";
        /// Indonesian.
        Indonesian, "id", "Bahasa Indonesia（インドネシア語）";
    }
}

impl Language {
    /// The tag for the `lang` attribute (BCP 47).
    pub fn tag(self) -> &'static str {
        match self {
            Self::Japanese | Self::EasyJapanese => "ja",
            Self::TraditionalChinese => "zh-Hant",
            Self::Chinese => "zh-Hans",
            other => other.code(),
        }
    }

    pub(super) fn wording(self) -> Wording {
        match self {
            Self::Japanese => Wording::Japanese,
            Self::EasyJapanese => Wording::Easy,
            _ => Wording::Foreign,
        }
    }
}

/// What lists write for each language, beside its code.
const SPELLINGS: &[(Language, &[&str])] = &[
    (
        Language::Japanese,
        &["日本語", "日本", "にほんご", "和文", "japanese", "jpn", "jp"],
    ),
    (
        Language::EasyJapanese,
        &[
            "やさしい日本語",
            "やさしいにほんご",
            "易しい日本語",
            "優しい日本語",
            "easyjapanese",
        ],
    ),
    (Language::English, &["英語", "英文", "英", "english", "eng"]),
    (
        Language::Chinese,
        &[
            "中国語",
            "中文",
            "中国",
            "中",
            "簡体字",
            "简体中文",
            "简体",
            "中国語簡体字",
            "中国語(簡体字)",
            "中国語(簡体)",
            "中国語・簡体字",
            "北京語",
            "普通話",
            "普通话",
            "chinese",
            "chn",
            "zh-cn",
            "zh-hans",
            "cn",
        ],
    ),
    (
        Language::TraditionalChinese,
        &[
            "繁体字",
            "繁體中文",
            "繁体中文",
            "中国語繁体字",
            "中国語(繁体字)",
            "中国語(繁体)",
            "中国語・繁体字",
            "台湾語",
            "台湾",
            "広東語",
            "zh-tw",
            "zh-hk",
            "traditionalchinese",
        ],
    ),
    (
        Language::Korean,
        &[
            "韓国語",
            "朝鮮語",
            "韓国・朝鮮語",
            "韓国",
            "ハングル",
            "한국어",
            "korean",
            "kor",
            "kr",
        ],
    ),
    (
        Language::Vietnamese,
        &[
            "ベトナム語",
            "ヴェトナム語",
            "越南語",
            "ベトナム",
            "tiếngviệt",
            "tiengviet",
            "vietnamese",
            "vn",
        ],
    ),
    (
        Language::Portuguese,
        &[
            "ポルトガル語",
            "葡語",
            "ブラジル語",
            "ブラジル",
            "português",
            "portugues",
            "portuguese",
            "br",
        ],
    ),
    (
        Language::Spanish,
        &[
            "スペイン語",
            "西語",
            "ペルー語",
            "español",
            "espanol",
            "spanish",
            "esp",
        ],
    ),
    (
        Language::Filipino,
        &[
            "フィリピン語",
            "フィリピノ語",
            "タガログ語",
            "フィリピン",
            "filipino",
            "tagalog",
            "fil",
            "ph",
        ],
    ),
    (
        Language::Nepali,
        &["ネパール語", "ネパール", "नेपाली", "nepali", "nepalese", "np"],
    ),
    (
        Language::Indonesian,
        &[
            "インドネシア語",
            "インドネシア",
            "bahasaindonesia",
            "indonesian",
            "ind",
        ],
    ),
];

/// The language that a cell of the column 「言語」 means; `None` for an empty cell and for a language without
/// templates. Such a person gets the Japanese text.
pub fn language_of(cell: &str) -> Option<Language> {
    let key = heading_key(cell);
    let by_code = Language::ALL
        .iter()
        .copied()
        .find(|language| language.code() == key);
    let means = |words: &[&str]| words.iter().any(|word| heading_key(word) == key);
    by_code.or_else(|| {
        let (language, _) = SPELLINGS.iter().find(|(_, words)| means(words))?;
        Some(*language)
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn languages_are_known_by_every_usual_name() {
        for (cell, language) in [
            ("英語", Language::English),
            (" Ｅｎｇｌｉｓｈ ", Language::English),
            ("EN", Language::English),
            ("中国語（簡体字）", Language::Chinese),
            ("zh", Language::Chinese),
            ("ﾍﾞﾄﾅﾑ語", Language::Vietnamese),
            ("ポルトガル語", Language::Portuguese),
            ("タガログ語", Language::Filipino),
            ("やさしい 日本語", Language::EasyJapanese),
            ("日本語", Language::Japanese),
        ] {
            assert_eq!(language_of(cell), Some(language), "{cell}");
        }
        for unknown in ["", "　", "ドイツ語", "090-1234-5678"] {
            assert_eq!(language_of(unknown), None, "{unknown}");
        }
        let words = SPELLINGS.iter().flat_map(|(_, words)| words.iter());
        let mut spellings: Vec<String> = words.map(|word| heading_key(word)).collect();
        let all = spellings.len();
        spellings.sort_unstable();
        spellings.dedup();
        assert_eq!(spellings.len(), all, "no spelling means two languages");
    }

    proptest! {
        #[test]
        fn any_cell_may_come(cell in ".{0,20}") {
            let known = language_of(&cell);
            prop_assert_eq!(known, language_of(&format!(" {cell}　")));
        }
    }
}
