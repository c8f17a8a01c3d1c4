//! What the figures mean, beside them: what counts, from when to when, what is left out.

/// One word and its meaning.
pub(super) type Definition = (&'static str, String);

const SOURCE: &str = "とどけに登録された発生届。統合した重複は1人として数えます。";

pub(super) fn cases(by: &str, incomplete: usize, delay: Option<i32>, unknown: u64) -> Vec<Definition> {
    let mut all = vec![
        ("数えるもの", SOURCE.to_owned()),
        (
            "日",
            match by {
                "届いた日" => "発生届が登録された日（日本時間の0時から24時まで）。".to_owned(),
                by => format!("発生届に書かれた{by}。"),
            },
        ),
        (
            "7日間の平均",
            "その日までの7日間の平均。今後増える日は除いて計算します。".to_owned(),
        ),
    ];
    if by != "届いた日" {
        let late = match delay {
            Some(days) => format!(
                "発生届の9割は{by}から{days}日以内に届いています。そのため直近の{incomplete}日はまだ増えます（斜線）。"
            ),
            None => format!(
                "届いた数が少なく遅れを計算できないため、{by}から5日間はまだ増えるものとして扱います（斜線）。"
            ),
        };
        all.push(("まだ増える日", late));
        all.push((
            "除くもの",
            format!(
                "{by}が書かれていない{}人。期間中に届いた人のうちの数です。",
                web::number::grouped(unknown)
            ),
        ));
    } else if incomplete > 0 {
        all.push(("まだ増える日", "今日（斜線）。".to_owned()));
    }
    all
}

pub(super) fn first_contact() -> Vec<Definition> {
    vec![
        (
            "数えるもの",
            "期間中に届き、届いてから24時間が過ぎた人。連絡がつかない人、連絡の前に終了した人も入ります。".to_owned(),
        ),
        (
            "連絡がついた時刻",
            "プログラムの規則による最初の時刻（SMSが届いた・ページを開いた・回答した）。電話で話したときはいつも数えます。".to_owned(),
        ),
        (
            "中央値と9割",
            "対象の半数、9割の人に連絡がつくまでの時間。まだ連絡がつかない人は、いちばん長いものとして数えます。4時間までは5分、24時間までは15分、7日までは1時間の刻みで切り上げます。".to_owned(),
        ),
        (
            "除くもの",
            "連絡不要の人、届いてから24時間たっていない人（「まだ数えない人」）。".to_owned(),
        ),
    ]
}

pub(super) fn reach() -> Vec<Definition> {
    vec![
        ("数えるもの", format!("期間中に届いた人の、いまの状態。{SOURCE}")),
        (
            "連絡がついた",
            "プログラムの規則が求めるところまで進んだ人。SMSが届いただけで足りるか、ページを開くまでかは、規則によります。".to_owned(),
        ),
        ("割合", "期間中に届いた人全員に対する割合。".to_owned()),
    ]
}

pub(super) fn calls() -> Vec<Definition> {
    vec![
        (
            "数えるもの",
            "期間中に届いた人のうち、電話リストに入った人。1人を1回、最後に入った理由で数えます。".to_owned(),
        ),
        (
            "除くもの",
            "SMSが届いて、電話リストに入る前に連絡がついた人。".to_owned(),
        ),
    ]
}

pub(super) fn backlog() -> Vec<Definition> {
    vec![
        (
            "数えるもの",
            "いま対応中で、連絡がまだついていない人。期間の選択にはよりません。".to_owned(),
        ),
        ("待っている時間", "発生届が登録されてから、いままで。".to_owned()),
        (
            "除くもの",
            "SMSが届いた人（ページが開かれるのを待つ人を含む）、連絡がつかないと決めた人、連絡不要の人、終了した人。".to_owned(),
        ),
    ]
}

pub(super) fn hours() -> Vec<Definition> {
    vec![
        (
            "数えるもの",
            format!("期間中に登録された発生届の、登録の時刻（日本時間）と曜日。{SOURCE}"),
        ),
        (
            "注意",
            "リストでまとめて登録すると、医療機関が届け出た時刻ではなく、登録した時刻になります。".to_owned(),
        ),
    ]
}

pub(super) fn work() -> Vec<Definition> {
    vec![
        (
            "SMS",
            "期間中に始めた配信のSMS（人数）。テスト送信は除きます。自動で送る指示によるものも数えます。".to_owned(),
        ),
        (
            "電話",
            "電話リストの人のうち、期間中に職員が結果を記録して終えた人。つながらず、かけ直す人は数えません。".to_owned(),
        ),
        (
            "職員の時間",
            "時計の1時間のあいだに1回でも配信を始めた（電話は、1人でも終えた）職員を、1時間として数えます。勤務時間ではありません。".to_owned(),
        ),
        ("プログラム", "選んだプログラムにかかわらず、部署のすべてを数えます。".to_owned()),
    ]
}

pub(super) fn forecast() -> Vec<Definition> {
    vec![
        (
            "計算のしかた",
            "直近7日間の1日平均に、その曜日の倍率（直近4週間で、その曜日に届いた数 ÷ 1日平均）を掛けます。".to_owned(),
        ),
        (
            "幅",
            "同じ計算を直近7日間のそれぞれの日に当てはめ、実際の数とのずれが最も大きかった分だけ、上下に広げます。2けたに丸めます。".to_owned(),
        ),
        (
            "電話",
            "直近7日間に届いた人のうち電話リストに入った割合を掛けます。電話の時間は、直近7日間の「1人1時間あたりの電話」で割ります。".to_owned(),
        ),
        (
            "入らないもの",
            "祝日、急な流行の始まり、システムの停止は分かりません。".to_owned(),
        ),
    ]
}
