//! The data: what stands for a letter that phones may not show.

use std::sync::LazyLock;

/// Kanji outside JIS X 0208 with the form of the same kanji inside it, in pairs. Only forms that are read as the
/// same character stand here; a look-alike of another meaning (杮 and 柿) does not. Compatibility ideographs
/// (U+F900 to U+FAFF) need no line: Unicode's own normalisation has their forms.
const KANJI: &str = "\
    髙高 﨑崎 濵濱 德徳 瀨瀬 淸清 增増 寬寛 悅悦 敎教 橫横 甁瓶 綠緑 緖緒 薰薫 賴頼 \
    郞郎 鄕郷 靑青 黑黒 閒間 羡羨 曻昇 桒桑 栁柳 冝宜 喆哲 﨔欅 昻昂 曺曹 杦杉 凞熙 \
    裵裴 贒賢 﨤返 靍鶴 靏鶴 鈆鉛 𠮷吉 𣘺橋 𡈽土 𠀋丈 𠮟叱 𦚰脇 𥡴稽 𢌞廻 𩵋魚 𠩤原 \
    𫝆今 柗松 槗橋 鷗鴎 摑掴 頰頬 塡填 剝剥 顚顛 蟬蝉 噓嘘 繫繋 簞箪 瘦痩 蠟蝋 醬醤 \
    鹼鹸 麴麹 瀆涜 囊嚢 焰焔 屛屏 幷并 啞唖 姸妍 俠侠 軀躯 嚙噛 潑溌 萊莱 淚涙 搔掻 \
    禱祷 蔣蒋 驒騨 倂併 卽即 旣既 晚晩 每毎 步歩 涉渉 黃黄 錄録 緣縁 虛虚 戶戸 內内 \
    吳呉 娛娯 說説 稅税 脫脱 銳鋭 閱閲 巢巣 彥彦 產産 溫温 歷歴 曆暦 歲歳 雞鶏 醱醗 \
    麵麺 吿告 喻喩 尙尚 徵徴 揭掲 擊撃 查査 毁毀 圡土 﨟臈 絕絶 硏研 槪概 戾戻 姬姫 \
    强強 戱戯 劎剣 叅参 狀状 鄉郷 桺柳 𣗄樹 㐂喜 㓛功 㔟勢 㙒野 㟢崎 㟁岸 㪅更 㳒法 \
    䕃蔭 䑓台 䆫窓 厡原 坮台 奌点 寗寧 寕寧 尒爾 峀岫 巗巌 庒庄 惪徳 慤愨 揷挿 旹時 \
    曅曄 朙明 枀松 毗毘 湼涅 湻淳 滙匯 濓濂 煑煮 畵画 盌碗 眀明 矦侯 窻窓 羗羌 聦聡 \
    肎肯 臯皐 苐第 莭節 蔴麻 虵蛇 衜道 覌観 逰遊 鄊郷 酧酬 鉃鉄 鎻鎖 雝雍 龢和";

/// Signs with what says the same in letters that every phone has.
const SIGNS: &[(char, &str)] = &[
    ('¥', "￥"),
    ('©', "(C)"),
    ('®', "(R)"),
    ('«', "≪"),
    ('»', "≫"),
    ('·', "・"),
    ('¼', "1/4"),
    ('½', "1/2"),
    ('¾', "3/4"),
    ('\u{2022}', "・"),
    ('\u{2027}', "・"),
    ('‾', "￣"),
    ('№', "No."),
    ('∥', "‖"),
    ('☎', "TEL"),
    ('☏', "TEL"),
    ('✆', "TEL"),
    ('⚪', "○"),
    ('⚫', "●"),
    ('✕', "×"),
    ('✖', "×"),
    ('❌', "×"),
    ('❓', "？"),
    ('❗', "！"),
    ('➡', "→"),
    ('⬅', "←"),
    ('⬆', "↑"),
    ('⬇', "↓"),
    ('⭐', "★"),
    ('⭕', "○"),
    ('◉', "◎"),
    ('〰', "〜"),
    ('ゔ', "ヴ"),
    ('゠', "="),
    ('～', "〜"),
];

/// The kanji of JIS X 0208 that is the same character as `c`.
pub(super) fn kanji(c: char) -> Option<char> {
    static PAIRS: LazyLock<Vec<(char, char)>> = LazyLock::new(|| {
        let mut pairs: Vec<_> = KANJI.split_whitespace().filter_map(pair).collect();
        pairs.sort_unstable();
        pairs
    });
    let at = PAIRS.binary_search_by_key(&c, |(old, _)| *old).ok()?;
    Some(PAIRS[at].1)
}

fn pair(word: &str) -> Option<(char, char)> {
    let mut letters = word.chars();
    Some((letters.next()?, letters.next()?))
}

/// What says the same as a sign.
pub(super) fn sign(c: char) -> Option<&'static str> {
    SIGNS.iter().find(|(sign, _)| *sign == c).map(|(_, words)| *words)
}

/// The number in a circle or a disc: ① is 1, ⓫ is 11.
pub(super) fn circled(c: char) -> Option<u32> {
    let code = u32::from(c);
    let (first, number) = match c {
        '\u{24EA}' | '\u{24FF}' => return Some(0),
        '①'..='⑳' => ('①', 1),
        '⓫'..='⓴' => ('⓫', 11),
        '⓵'..='⓾' => ('⓵', 1),
        '❶'..='❿' => ('❶', 1),
        '➀'..='➉' => ('➀', 1),
        '➊'..='➓' => ('➊', 1),
        '㉑'..='㉟' => ('㉑', 21),
        '㊱'..='㊿' => ('㊱', 36),
        _ => return None,
    };
    Some(code - u32::from(first) + number)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::{super::doubt, *};

    #[test]
    fn the_pairs_lead_from_letters_outside_to_letters_inside() {
        let pairs: Vec<_> = KANJI.split_whitespace().collect();
        assert!(pairs.len() >= 150);
        let mut seen = HashSet::new();
        for word in pairs {
            assert_eq!(word.chars().count(), 2, "{word}");
            let (old, new) = pair(word).expect("two letters");
            assert!(doubt(old).is_some(), "{old} needs no other form");
            assert!(doubt(new).is_none(), "{new} is no better than {old}");
            assert!(seen.insert(old), "{old} stands twice");
        }
        for (sign, words) in SIGNS {
            assert!(doubt(*sign).is_some(), "{sign} needs no other words");
            assert!(
                words.chars().all(|c| doubt(c).is_none()),
                "{words} is no better than {sign}"
            );
        }
    }
}
