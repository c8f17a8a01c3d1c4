//! The words that the rules know. All are written as [`fold`] leaves them: ASCII in half width and lower case.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::LazyLock;

/// Why a word is in the table.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    /// Says what the reader is to do.
    Action,
    /// Names a disease, or tells that somebody has one.
    Disease,
    /// Hurries the reader.
    Urgency,
    /// Was to be replaced.
    Placeholder,
    /// Was to be replaced, unless the text is a trial.
    Trial,
    /// A word of offices, with an easier one.
    Hard(&'static str),
    /// Holds one of the others and means no such thing.
    Harmless,
}

/// A word found in a text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Word {
    pub(super) kind: Kind,
    /// Bytes of the text.
    pub(super) at: Range<usize>,
    /// As it is written there.
    pub(super) text: String,
}

const ACTIONS: &[&str] = &[
    "お電話",
    "電話を",
    "電話し",
    "ご連絡",
    "連絡を",
    "連絡し",
    "登録",
    "確認",
    "お願い",
    "返信",
    "ご覧",
    "ください",
    "下さい",
    "回答",
    "入力",
    "見て",
    "読んで",
    "来て",
    "受けて",
    "でんわ",
];

const DISEASES: &[&str] = &[
    "新型コロナウイルス感染症",
    "新型コロナウイルス",
    "新型コロナ",
    "コロナ",
    "covid-19",
    "covid19",
    "covid",
    "陽性",
    "感染症",
    "感染",
    "罹患",
    "結核",
    "梅毒",
    "淋菌",
    "クラミジア",
    "hiv",
    "エイズ",
    "aids",
    "はしか",
    "麻しん",
    "麻疹",
    "風しん",
    "風疹",
    "ノロウイルス",
    "ノロ",
    "o157",
    "o-157",
    "腸管出血性大腸菌",
    "赤痢",
    "コレラ",
    "腸チフス",
    "肝炎",
    "インフルエンザ",
    "エムポックス",
    "サル痘",
    "デング熱",
    "マラリア",
    "百日せき",
    "百日咳",
    "狂犬病",
    "エボラ",
    "ペスト",
    "ジフテリア",
    "髄膜炎",
    "レジオネラ",
    "がん検診",
    "癌",
    "うつ病",
    "認知症",
    "tuberculosis",
    "syphilis",
    "measles",
    "positive",
];

const URGENCY: &[&str] = &[
    "至急",
    "大至急",
    "本日中",
    "今日中",
    "直ちに",
    "ただちに",
    "今すぐ",
    "いますぐ",
    "緊急",
    "早急",
    "即時",
    "一刻も早く",
    "本日限り",
    "本日まで",
    "24時間以内",
    "最終通告",
    "最終通知",
    "最終警告",
    "重要なお知らせ",
    "利用停止",
    "法的措置",
    "差し押さえ",
    "差押",
    "urgent",
    "immediately",
    "asap",
    "right now",
];

const PLACEHOLDERS: &[&str] = &[
    "○○",
    "〇〇",
    "◯◯",
    "●●",
    "××",
    "✕✕",
    "△△",
    "▲▲",
    "□□",
    "■■",
    "☆☆",
    "**",
    "xxx",
    "{",
    "}",
    "<<",
    ">>",
    "0000-0000",
    "(仮)",
    "todo",
    "tbd",
    "lorem ipsum",
];

const TRIALS: &[&str] = &[
    "サンプル",
    "テスト",
    "ダミー",
    "試験用",
    "test",
    "sample",
    "dummy",
];

const HARMLESS: &[&str] = &[
    // Names of places of work.
    "感染症対策",
    "感染症課",
    "感染症係",
    "感染症予防",
    "感染症情報",
    "感染対策",
    // Advice that saves lives.
    "緊急時",
    "緊急の場合",
    "緊急のとき",
    "緊急の時",
    "緊急の際",
    "緊急連絡",
    "緊急搬送",
    "緊急事態",
    "緊急避難",
    "緊急速報",
    // What is being done, not what the text is.
    "テスト結果",
    "セルフテスト",
    "テストキット",
    "抗原テスト",
    "pcrテスト",
    "自己テスト",
    "test result",
    "test kit",
    "positive or",
    "コンテスト",
    "プロテスト",
];

/// Words of offices and clinics with what a class of Japanese teaches.
const HARD: &[(&str, &str)] = &[
    ("療養", "家で休む"),
    ("自宅待機", "家にいる"),
    ("待機", "待つ"),
    ("罹患", "病気になる"),
    ("発症", "病気が始まる"),
    ("症状", "体の具合"),
    ("発熱", "熱がある"),
    ("解熱", "熱が下がる"),
    ("倦怠感", "体がだるい"),
    ("嘔吐", "吐く"),
    ("受診", "病院へ行く"),
    ("医療機関", "病院"),
    ("服用", "薬を飲む"),
    ("陽性", "病気がうつっている"),
    ("陰性", "病気がうつっていない"),
    ("検体", "検査に使うもの"),
    ("感染", "病気がうつる"),
    ("予防接種", "ワクチンの注射"),
    ("濃厚接触者", "病気の人の近くにいた人"),
    ("重症", "とても悪い"),
    ("基礎疾患", "前からの病気"),
    ("健康観察", "毎日、体の具合を聞くこと"),
    ("速やかに", "早く"),
    ("早急に", "早く"),
    ("直ちに", "すぐに"),
    ("実施", "する"),
    ("提出", "出す"),
    ("記入", "書く"),
    ("持参", "持ってくる"),
    ("送付", "送る"),
    ("返送", "送って返す"),
    ("該当", "あてはまる"),
    ("当該", "その"),
    ("下記", "下"),
    ("上記", "上"),
    ("以降", "から後"),
    ("以前", "より前"),
    ("期日", "いつまでに"),
    ("期限", "いつまでに"),
    ("来所", "保健所に来る"),
    ("来庁", "役所に来る"),
    ("窓口", "受付"),
    ("問い合わせ", "聞く"),
    ("お問合せ", "聞く"),
    ("外出", "外に出る"),
    ("控え", "しない"),
    ("同居", "一緒に住む"),
    ("支給", "もらえる"),
    ("申請", "申し込む"),
    ("手続き", "すること"),
    ("対象者", "対象の人"),
    ("氏名", "名前"),
    ("生年月日", "生まれた日"),
    ("勧奨", "すすめる"),
    ("勧告", "すすめる"),
    ("要請", "お願い"),
    ("留意", "気を付ける"),
    ("遵守", "守る"),
    ("了承", "分かる"),
    ("所定", "決められた"),
];

/// Each word's letters, by its first one.
type Table = HashMap<char, Vec<(Vec<char>, Kind)>>;

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    let mut table = Table::new();
    let plain = [
        (Kind::Action, ACTIONS),
        (Kind::Disease, DISEASES),
        (Kind::Urgency, URGENCY),
        (Kind::Placeholder, PLACEHOLDERS),
        (Kind::Trial, TRIALS),
        (Kind::Harmless, HARMLESS),
    ];
    let plain = plain
        .into_iter()
        .flat_map(|(kind, words)| words.iter().map(move |word| (*word, kind)));
    let hard = HARD.iter().map(|(word, easier)| (*word, Kind::Hard(easier)));
    for (word, kind) in plain.chain(hard) {
        let letters: Vec<char> = word.chars().collect();
        table.entry(letters[0]).or_default().push((letters, kind));
    }
    table
});

/// One width and one case for ASCII: 「ＨＩＶ」 is `hiv`.
pub(super) fn fold(c: char) -> char {
    let half = match c {
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(u32::from(c) - 0xFEE0).unwrap_or(c),
        _ => c,
    };
    half.to_ascii_lowercase()
}

/// Every word of the table in the folded letters, as ranges of letters, in their order. Of words of one kind that
/// overlap the first and longest counts; what stands inside a harmless word is none.
pub(super) fn find(letters: &[char]) -> Vec<(Kind, Range<usize>)> {
    let mut found: Vec<(Kind, Range<usize>)> = Vec::new();
    for (start, first) in letters.iter().enumerate() {
        let Some(words) = TABLE.get(first) else {
            continue;
        };
        for (word, kind) in words {
            let end = start + word.len();
            if letters[start..].starts_with(word) && stands_alone(letters, start, end) {
                found.push((*kind, start..end));
            }
        }
    }
    found.sort_by_key(|(_, at)| (at.start, std::cmp::Reverse(at.end)));
    let mut kept: Vec<(Kind, Range<usize>)> = Vec::new();
    for (kind, at) in &found {
        let inside = |(other, outer): &(Kind, Range<usize>)| {
            let same = *other == *kind || matches!((other, kind), (Kind::Hard(_), Kind::Hard(_)));
            *other == Kind::Harmless
                && *kind != Kind::Harmless
                && outer.start <= at.start
                && at.end <= outer.end
                || same && at.start < outer.end
        };
        let harmless = found.iter().filter(|(other, _)| *other == Kind::Harmless);
        if !kept
            .iter()
            .chain(harmless)
            .any(|other| *other != (*kind, at.clone()) && inside(other))
        {
            kept.push((*kind, at.clone()));
        }
    }
    kept.retain(|(kind, _)| *kind != Kind::Harmless);
    kept
}

/// Latin letters are no word inside a longer one: there is no HIV in "shiver".
fn stands_alone(letters: &[char], start: usize, end: usize) -> bool {
    let goes_on = |before: Option<&char>, after: Option<&char>| matches!((before, after), (Some(a), Some(b)) if a.is_ascii_alphabetic() && b.is_ascii_alphabetic());
    let before = start.checked_sub(1).and_then(|at| letters.get(at));
    !goes_on(before, letters.get(start)) && !goes_on(letters.get(end - 1), letters.get(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(text: &str) -> Vec<(Kind, String)> {
        let letters: Vec<char> = text.chars().map(fold).collect();
        find(&letters)
            .into_iter()
            .map(|(kind, at)| (kind, letters[at].iter().collect()))
            .collect()
    }

    #[test]
    fn the_longest_word_counts_and_harmless_ones_do_not() {
        assert_eq!(
            kinds("新型コロナウイルス感染症")[0],
            (Kind::Disease, "新型コロナウイルス感染症".to_owned())
        );
        assert!(kinds("感染症対策課です").is_empty());
        assert!(kinds("緊急時は119へ").is_empty());
        assert_eq!(kinds("緊急時です。緊急です").len(), 1);
        assert_eq!(kinds("ＨＩＶ"), [(Kind::Disease, "hiv".to_owned())]);
        assert!(kinds("shivering").is_empty());
        assert_eq!(kinds("ご来所")[0].0, Kind::Hard("保健所に来る"));
    }

    #[test]
    fn every_word_is_folded_and_stands_once() {
        let mut seen = std::collections::HashSet::new();
        for (word, kind) in TABLE.values().flatten() {
            assert!(word.iter().all(|c| fold(*c) == *c), "{word:?}");
            assert!(seen.insert((word, format!("{kind:?}"))), "{word:?} stands twice");
        }
    }
}
