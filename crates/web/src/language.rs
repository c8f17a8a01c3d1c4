//! The languages that pages for residents are shown in, and the few words that the layout itself needs in each.

/// A language that pages are written in. Staff pages know Japanese only.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Language {
    /// 日本語.
    #[default]
    Japanese,
    /// やさしい日本語.
    EasyJapanese,
    /// English.
    English,
    /// 简体中文.
    Chinese,
    /// Tiếng Việt.
    Vietnamese,
    /// Português.
    Portuguese,
    /// Filipino.
    Filipino,
    /// नेपाली.
    Nepali,
    /// 한국어.
    Korean,
}

/// What the layout of a resident's page says by itself.
#[derive(Clone, Copy, Debug)]
pub struct LayoutWords {
    /// The link past the masthead.
    pub skip: &'static str,
    /// Above the telephone number at the foot.
    pub contact: &'static str,
    /// What the title of a page with mistakes begins with.
    pub error_prefix: &'static str,
    /// Above the list of mistakes.
    pub error_heading: &'static str,
}

impl Language {
    /// Every one, in the order in which they are offered.
    pub const ALL: [Self; 9] = [
        Self::Japanese,
        Self::EasyJapanese,
        Self::English,
        Self::Chinese,
        Self::Vietnamese,
        Self::Portuguese,
        Self::Filipino,
        Self::Nepali,
        Self::Korean,
    ];

    /// The word in addresses, documents and the database.
    pub fn code(self) -> &'static str {
        match self {
            Self::Japanese => "ja",
            Self::EasyJapanese => "ja-easy",
            Self::English => "en",
            Self::Chinese => "zh",
            Self::Vietnamese => "vi",
            Self::Portuguese => "pt",
            Self::Filipino => "tl",
            Self::Nepali => "ne",
            Self::Korean => "ko",
        }
    }

    /// The language that `code` means.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|language| language.code() == code)
    }

    /// The BCP 47 tag for the `lang` attribute.
    pub fn tag(self) -> &'static str {
        match self {
            Self::Japanese | Self::EasyJapanese => "ja",
            Self::Chinese => "zh-Hans",
            Self::Filipino => "fil",
            other => other.code(),
        }
    }

    /// Its own name in its own letters.
    pub fn own_name(self) -> &'static str {
        match self {
            Self::Japanese => "日本語",
            Self::EasyJapanese => "やさしいにほんご",
            Self::English => "English",
            Self::Chinese => "简体中文",
            Self::Vietnamese => "Tiếng Việt",
            Self::Portuguese => "Português",
            Self::Filipino => "Filipino",
            Self::Nepali => "नेपाली",
            Self::Korean => "한국어",
        }
    }

    /// What the layout says in it.
    pub fn layout(self) -> LayoutWords {
        let (skip, contact, error_prefix, error_heading) = match self {
            Self::Japanese => (
                "本文へ移動",
                "お問い合わせ",
                "エラー: ",
                "入力内容に誤りがあります",
            ),
            Self::EasyJapanese => (
                "ページの なかみへ",
                "わからないときの でんわ",
                "まちがい: ",
                "なおすところが あります",
            ),
            Self::English => (
                "Skip to the main content",
                "Contact",
                "Error: ",
                "There is a problem",
            ),
            Self::Chinese => ("跳到正文", "咨询电话", "错误：", "填写内容有误"),
            Self::Vietnamese => ("Đến nội dung chính", "Liên hệ", "Lỗi: ", "Có chỗ cần sửa"),
            Self::Portuguese => ("Ir para o conteúdo", "Contato", "Erro: ", "Há algo para corrigir"),
            Self::Filipino => (
                "Pumunta sa nilalaman",
                "Makipag-ugnayan",
                "Mali: ",
                "May kailangang itama",
            ),
            Self::Nepali => ("मुख्य सामग्रीमा जानुहोस्", "सम्पर्क", "त्रुटि: ", "सच्याउनुपर्ने कुरा छ"),
            Self::Korean => (
                "본문으로 이동",
                "문의처",
                "오류: ",
                "입력 내용에 잘못된 곳이 있습니다",
            ),
        };
        LayoutWords {
            skip,
            contact,
            error_prefix,
            error_heading,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_language_is_known_by_its_code() {
        for language in Language::ALL {
            assert_eq!(Language::from_code(language.code()), Some(language));
            assert!(!language.layout().skip.is_empty() && !language.own_name().is_empty());
        }
        assert_eq!(Language::from_code("xx"), None);
    }
}
