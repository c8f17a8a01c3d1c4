//! The rules, each with a lasting id and a sentence why.

/// What a finding of a rule means for the organisation.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Level {
    /// The rule is not used.
    Off,
    /// It is said; the text may be sent.
    Warn,
    /// The text may be kept, not sent.
    Block,
}

impl Level {
    /// All three, from nothing to most.
    pub const ALL: [Self; 3] = [Self::Off, Self::Warn, Self::Block];

    /// As the database and forms write it.
    pub fn code(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Warn => "warn",
            Self::Block => "block",
        }
    }

    /// The level that `code` means.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|level| level.code() == code)
    }

    /// As pages show it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Off => "使わない",
            Self::Warn => "注意",
            Self::Block => "止める",
        }
    }
}

macro_rules! rules {
    ($($(#[$doc:meta])* $name:ident, $id:literal, $level:ident, $title:literal, $why:literal;)*) => {
        /// What makes a good text.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub enum Rule {
            $($(#[$doc])* $name,)*
        }

        impl Rule {
            /// Every rule, in the order of pages and documents.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// Its id, which never changes.
            pub fn id(self) -> &'static str {
                match self { $(Self::$name => $id,)* }
            }

            /// What it asks for, in a few words of Japanese.
            pub fn title(self) -> &'static str {
                match self { $(Self::$name => $title,)* }
            }

            /// Why, in one sentence of Japanese.
            pub fn why(self) -> &'static str {
                match self { $(Self::$name => $why,)* }
            }

            /// What holds until the organisation decides.
            pub fn default_level(self) -> Level {
                match self { $(Self::$name => Level::$level,)* }
            }
        }
    };
}

rules! {
    /// The organisation's name stands first.
    OrgFirst, "org_first", Warn, "組織名が先頭にある",
        "誰からのSMSか分からないと、詐欺と思われて読まれません。";
    /// Sender and action stand on the first screen.
    FirstLetters, "first_66", Warn, "最初の66文字で、誰が何をしてほしいかが分かる",
        "古い電話では長いSMSが分かれて届き、最初の部分しか読まれないことがあります。";
    /// A number to call.
    ContactNumber, "contact_number", Warn, "問い合わせの電話番号がある",
        "本物かどうかを、受け取った人が電話で確かめられます。";
    /// One address at most.
    OneUrl, "one_url", Warn, "URLは1個まで",
        "URLが多いと、どれを開けばよいか迷い、迷惑メールとして止められやすくなります。";
    /// An address of a known host.
    UrlHost, "url_host", Warn, "URLは、組織のものか登録したもの",
        "知らないサイトのURLは、書き間違いや、偽のサイトに案内してしまう危険があります。";
    /// No shortened address.
    UrlShortener, "url_shortener", Block, "短縮URLを使わない",
        "行き先が見えないURLは詐欺と区別がつかず、携帯電話会社にも止められやすくなります。";
    /// An address ends with a space or a newline.
    UrlEnd, "url_end", Warn, "URLの後ろは半角の空白か改行",
        "続く日本語までURLの一部になり、開けなくなる電話があります。";
    /// An address in the middle.
    UrlMiddle, "url_middle", Warn, "URLは文面の途中に置く",
        "先頭や最後のURLは、電話が自動で開いて中身を表示することがあります。";
    /// No address in a text without addresses.
    NoUrlMode, "no_url_mode", Block, "「URLなし」の文面にURLを書かない",
        "URLを送らないと知らせている組織では、URLのあるSMSは偽物と思われます。";
    /// No name beside a disease.
    NameAndDisease, "name_and_disease", Block, "氏名と病名を一緒に書かない",
        "違う人に届いたときや画面を見られたときに、誰が何の病気かが知られてしまいます。";
    /// No words of urgency.
    Urgency, "urgency", Warn, "急がせる言葉を使わない",
        "「至急」「本日中」は詐欺のSMSの決まり文句で、信用されなくなります。";
    /// Nothing that was to be filled in.
    PlaceholderLeft, "placeholder_left", Block, "書きかけの印が残っていない",
        "「○○」や「サンプル」のまま送ると、取り消せません。";
    /// No day that has gone by.
    PastDate, "past_date", Warn, "過ぎた日付が残っていない",
        "前に使った文面の日付が残っていると、受け取った人が間違った日に動きます。";
    /// Short sentences in easy Japanese.
    EasySentences, "easy_sentences", Warn, "やさしい日本語: 文が短い",
        "長い文は、日本語を学んでいる人には読み取れません。";
    /// Few kanji in easy Japanese.
    EasyKanji, "easy_kanji", Warn, "やさしい日本語: 漢字が多すぎない",
        "SMSではふりがなを付けられないので、漢字が多いと読めません。";
    /// No words of offices in easy Japanese.
    EasyWords, "easy_words", Warn, "やさしい日本語: 役所の言葉を使わない",
        "役所や病院の言葉は、日本語の授業では習いません。";
}

impl Rule {
    /// The rule that `id` means.
    pub fn from_id(id: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|rule| rule.id() == id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_and_level_is_read_back() {
        for rule in Rule::ALL {
            assert_eq!(Rule::from_id(rule.id()), Some(*rule));
            assert!(rule.why().ends_with('。'), "{}", rule.id());
        }
        for level in Level::ALL {
            assert_eq!(Level::from_code(level.code()), Some(level));
        }
        assert_eq!((Rule::from_id("nonsense"), Level::from_code("")), (None, None));
    }
}
