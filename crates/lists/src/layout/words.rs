//! Words that offices use for one and the same column.

use base::merge::heading_key;

use crate::sheet::Sheet;

/// Each line is one thing; headings are compared by letters and digits alone.
const SAME: &[&[&str]] = &[
    &[
        "電話番号",
        "電話",
        "携帯",
        "携帯電話",
        "携帯番号",
        "携帯電話番号",
        "連絡先",
        "連絡先1",
        "連絡先電話番号",
        "電話番号1",
        "本人電話番号",
        "患者電話番号",
        "本人携帯",
        "tel",
        "tel1",
        "phone",
        "mobile",
        "sms送信先",
        "sms番号",
        "宛先",
    ],
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
    ],
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
    &[
        "フリガナ",
        "ふりがな",
        "カナ",
        "氏名カナ",
        "カナ氏名",
        "氏名フリガナ",
        "ヨミガナ",
        "カナ名",
    ],
    &["生年月日", "誕生日", "生年月日西暦", "生年月日和暦", "birthday"],
    &["年齢", "満年齢", "歳"],
    &["性別", "男女"],
    &["住所", "現住所", "居住地"],
    &["所在地", "療養場所", "居所"],
    &["郵便番号", "〒"],
    &["受理保健所", "保健所", "担当保健所", "管轄保健所", "保健所名"],
    &["整理番号", "no", "番号", "通番", "連番", "通し番号"],
    &["受付日時", "受付日", "受理日", "受理日時", "届出日"],
    &["診断日", "診断年月日", "陽性判明日", "陽性日"],
    &["発症日", "発病日", "発症年月日", "発病年月日"],
    &["検体採取日", "採取日", "検査日", "検体採取年月日"],
    &[
        "療養終了日",
        "療養解除日",
        "解除日",
        "療養解除予定日",
        "療養終了予定日",
        "解除予定日",
    ],
    &["保護者氏名", "保護者名", "保護者"],
    &["医療機関名", "医療機関", "診断医療機関"],
    &["症状", "自覚症状"],
    &["備考", "メモ", "特記事項", "備考欄"],
];

/// Letters and digits of a folded heading, so that 「HER-SYS ID」 and 「HERSYS ID」 are one.
pub(super) fn bare(heading: &str) -> String {
    heading_key(heading)
        .chars()
        .filter(|c| c.is_alphanumeric() || *c == '〒')
        .collect()
}

/// Which line of [`SAME`] a bare heading belongs to.
pub(super) fn meaning(bare: &str) -> Option<usize> {
    SAME.iter().position(|words| words.contains(&bare))
}

/// Whether a folded heading is one that such lists usually have.
pub(crate) fn is_usual_heading(key: &str) -> bool {
    meaning(&bare(key)).is_some()
}

/// Columns whose heading means the same as `wanted`, in their order.
pub(super) fn columns(sheet: &Sheet, wanted: &str) -> Vec<usize> {
    let wanted = bare(wanted);
    let meant = meaning(&wanted);
    let headings = sheet.headings().iter().map(|heading| bare(heading)).enumerate();
    headings
        .filter(|(_, own)| !own.is_empty() && (*own == wanted || meant.is_some() && meaning(own) == meant))
        .map(|(column, _)| column)
        .collect()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_word_stands_once_and_in_its_bare_form() {
        let mut seen = HashSet::new();
        for word in SAME.iter().flat_map(|words| words.iter()) {
            assert_eq!(bare(word), *word);
            assert!(seen.insert(*word), "{word} stands twice");
        }
    }
}
