//! Which parts of a desk's document the form of the editor shows: each field with its place in the document.
//!
//! What is not here (questions, conditions, translations) is written in the document itself.

use serde_json::Value;

/// How a part is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    /// A line of text.
    Line,
    /// A text in Japanese; translations stay as they are.
    Japanese(u8),
    /// Texts in Japanese, one a line.
    JapaneseLines,
    /// 17:00.
    Clock,
    /// A number.
    Number,
    /// A number, or nothing.
    NumberOrNone,
    /// A day, or nothing.
    Day,
    /// Days, one a line.
    Days,
    /// Yes or no.
    Yes,
    /// One of these words.
    One(&'static [(&'static str, &'static str)]),
    /// Nothing for the head office, or minutes.
    Release,
    /// Products, one a line.
    Kits,
    /// What is asked again, one a line.
    Again,
}

/// A field of the form.
#[derive(Clone, Debug)]
pub(super) struct Place {
    /// Where it stands: `reasons.3.label`.
    pub(super) path: String,
    /// What problems call it: `reasons.R06.label`.
    pub(super) at: String,
    pub(super) label: &'static str,
    pub(super) support: &'static str,
    pub(super) kind: Kind,
}

impl Place {
    /// What its field is called: an id of letters, digits and hyphens, and no section's.
    pub(super) fn name(&self) -> String {
        format!("f-{}", self.path.replace('.', "-"))
    }
}

/// Fields that belong together.
pub(super) struct Group {
    pub(super) legend: String,
    /// Which entry of which list it is, where entries can be added and taken away.
    pub(super) entry: Option<(&'static str, usize)>,
    pub(super) places: Vec<Place>,
}

/// A part of the form.
pub(super) struct Section {
    pub(super) id: &'static str,
    pub(super) title: &'static str,
    pub(super) support: &'static str,
    pub(super) groups: Vec<Group>,
    /// The list to which it can add an entry, and what one is called.
    pub(super) adds: Option<(&'static str, &'static str)>,
}

const REVIEWERS: &[(&str, &str)] = &[("doctor", "医師"), ("clerk", "窓口の職員")];

const THEN: &[(&str, &str)] = &[
    ("resubmit", "出し直してもらう"),
    ("clinic", "医療機関を案内する"),
    ("phone", "職員が電話する"),
    ("nothing", "手続きは不要"),
];

const MERGED: &str = "{{受付番号}} と {{日時}} が必要です。{{氏名}} と {{窓口}} も使えます。";

/// A field that stands at the same place for both.
type Row = (&'static str, &'static str, &'static str, Kind);

fn group(legend: &str, rows: &[Row]) -> Group {
    Group {
        legend: legend.to_owned(),
        entry: None,
        places: rows.iter().map(|row| place("", "", *row)).collect(),
    }
}

fn place(path: &str, at: &str, (rest, label, support, kind): Row) -> Place {
    let join = |base: &str| {
        if base.is_empty() {
            rest.to_owned()
        } else {
            format!("{base}.{rest}")
        }
    };
    Place {
        path: join(path),
        at: join(at),
        label,
        support,
        kind,
    }
}

/// A group for each entry of a list; entries are called by `name`.
fn entries(says: &Value, list: &'static str, name: &str, what: &str, rows: &[Row]) -> Vec<Group> {
    let all = says[list].as_array().map_or(&[][..], Vec::as_slice);
    let entry = |(number, value): (usize, &Value)| {
        let own = value[name].as_str().unwrap_or_default();
        let (path, at) = (format!("{list}.{number}"), format!("{list}.{own}"));
        Group {
            legend: format!("{what}{} {own}", number + 1),
            entry: Some((list, number)),
            places: rows.iter().map(|row| place(&path, &at, *row)).collect(),
        }
    };
    all.iter().enumerate().map(entry).collect()
}

/// Everything that the form shows of a document.
pub(super) fn sections(says: &Value) -> Vec<Section> {
    vec![
        Section {
            id: "about",
            title: "窓口の案内",
            support: "住民のはじめのページに出ます。",
            groups: vec![group("", ABOUT)],
            adds: None,
        },
        Section {
            id: "hours",
            title: "受付時間",
            support: "日本時間です。当日判定の締切までに申請した人には、その日のうちに結果を知らせます。",
            groups: vec![group("", HOURS)],
            adds: None,
        },
        Section {
            id: "review",
            title: "判定と送信",
            support: "",
            groups: vec![group("", REVIEW)],
            adds: None,
        },
        Section {
            id: "ways",
            title: "申請できない人への案内",
            support: "行き先のない人を作らないよう、電話番号か場所を書いてください。",
            groups: entries(says, "ways", "key", "案内", WAY),
            adds: None,
        },
        Section {
            id: "kits",
            title: "製品と写真",
            support: "",
            groups: std::iter::once(group("製品", KITS))
                .chain(entries(says, "photos", "key", "写真", PHOTO))
                .collect(),
            adds: Some(("photos", "写真")),
        },
        Section {
            id: "confirmed",
            title: "確定したとき",
            support: "",
            groups: vec![group("", CONFIRMED)],
            adds: None,
        },
        Section {
            id: "reasons",
            title: "確定しない理由",
            support: "記号は、あとから変えないでください。キーの2から6は、医師の画面で1回押すと決まります。",
            groups: entries(says, "reasons", "code", "理由", REASON),
            adds: Some(("reasons", "理由")),
        },
        Section {
            id: "send_backs",
            title: "差戻し",
            support: "判定の前に、職員が申請した人に出し直しを頼むときの理由です。",
            groups: entries(says, "send_backs", "key", "差戻し", SEND_BACK),
            adds: Some(("send_backs", "差戻し")),
        },
    ]
}

const ABOUT: &[Row] = &[
    (
        "title",
        "窓口の名前",
        "SMSの {{窓口}} にも入ります。",
        Kind::Japanese(1),
    ),
    ("about", "だれが申請できるか", "", Kind::Japanese(3)),
    ("not_done", "この窓口でしないこと", "", Kind::Japanese(3)),
    (
        "needed",
        "用意するもの",
        "1行に1つ書きます。",
        Kind::JapaneseLines,
    ),
    (
        "elsewhere",
        "インターネットを使えない人の申請方法",
        "",
        Kind::Japanese(3),
    ),
    (
        "consent.version",
        "同意文の版",
        "文を変えたら、版も変えてください。",
        Kind::Line,
    ),
    ("consent.text", "同意文", "", Kind::Japanese(5)),
];

const HOURS: &[Row] = &[
    ("hours.opens", "受付の開始", "例: 09:00", Kind::Clock),
    ("hours.closes", "受付の終了", "例: 21:00", Kind::Clock),
    ("hours.cut_off", "当日判定の締切", "例: 15:00", Kind::Clock),
    (
        "hours.capacity",
        "1日の受付数",
        "空欄なら制限しません。",
        Kind::NumberOrNone,
    ),
    (
        "hours.closed_on",
        "休みの日",
        "1行に1日、2026-12-29 のように書きます。",
        Kind::Days,
    ),
    (
        "hours.last_day",
        "最後の日",
        "空欄なら終わりを決めません。",
        Kind::Day,
    ),
];

const REVIEW: &[Row] = &[
    ("review.by", "だれが判定しますか", "", Kind::One(REVIEWERS)),
    (
        "review.precheck",
        "判定の前に、職員が内容を確かめる",
        "",
        Kind::Yes,
    ),
    (
        "review.shows_name",
        "判定する人に氏名を見せる",
        "本人確認の書類と照らすときだけ選びます。",
        Kind::Yes,
    ),
    (
        "review.second_look.percent",
        "二人目が確かめる割合（%）",
        "0から100まで。",
        Kind::Number,
    ),
    (
        "review.second_look.refusals",
        "確定しない判定は、すべて二人目が確かめる",
        "",
        Kind::Yes,
    ),
    (
        "review.within_hours",
        "結果を出すまでの時間",
        "住民に約束する時間です。",
        Kind::Number,
    ),
    (
        "release",
        "自動で送る間隔（分）",
        "空欄なら、本庁がリストごとに締めて送ります。数を入れると、その間隔で自動で送ります。",
        Kind::Release,
    ),
];

const WAY: &[Row] = &[
    ("title", "見出し", "", Kind::Japanese(1)),
    ("instead", "代わりの行き先", "", Kind::Japanese(3)),
];

const KITS: &[Row] = &[(
    "kits",
    "対象の製品",
    "1行に1つ、「記号 | 製品の名前 | メーカー」の順に書きます。表計算からの貼り付けもできます。",
    Kind::Kits,
)];

const PHOTO: &[Row] = &[
    ("key", "記号", "英小文字、数字、_ です。", Kind::Line),
    ("label", "何を写すか", "", Kind::Japanese(1)),
    ("help", "撮り方", "", Kind::Japanese(3)),
    ("least", "少なくとも（枚）", "", Kind::Number),
    ("most", "多くても（枚）", "", Kind::Number),
    ("mask", "一部を隠してもらう", "保険証の番号などです。", Kind::Yes),
];

const CONFIRMED: &[Row] = &[
    ("confirmed.label", "職員に見せる言葉", "", Kind::Line),
    ("confirmed.telling.sms", "SMS", MERGED, Kind::Japanese(4)),
    (
        "confirmed.telling.correction",
        "訂正のSMS",
        MERGED,
        Kind::Japanese(4),
    ),
    ("confirmed.telling.page", "結果のページ", "", Kind::Japanese(5)),
    ("confirmed.opens_case", "患者の記録を作る", "", Kind::Yes),
    ("confirmed.delivers", "送り先の一覧を作る", "", Kind::Yes),
];

const REASON: &[Row] = &[
    ("code", "記号", "英大文字と数字です。例: R06", Kind::Line),
    ("label", "職員に見せる言葉", "", Kind::Line),
    (
        "key",
        "キー",
        "2から6。空欄なら一覧から選びます。",
        Kind::NumberOrNone,
    ),
    ("then", "そのあと", "", Kind::One(THEN)),
    (
        "again",
        "出し直してもらう項目",
        "「出し直してもらう」のときだけ、1行に1つ「photo test」「page signs」「field address」のように書きます。",
        Kind::Again,
    ),
    (
        "call_priority",
        "電話の急ぎ",
        "数が大きいほど先に電話します。",
        Kind::Number,
    ),
    ("telling.sms", "SMS", MERGED, Kind::Japanese(4)),
    ("telling.correction", "訂正のSMS", MERGED, Kind::Japanese(4)),
    ("telling.page", "結果のページ", "", Kind::Japanese(5)),
];

const SEND_BACK: &[Row] = &[
    ("key", "記号", "英小文字、数字、_ です。", Kind::Line),
    ("label", "職員に見せる言葉", "", Kind::Line),
    (
        "again",
        "出し直してもらう項目",
        "1行に1つ「photo test」「page signs」「field address」のように書きます。",
        Kind::Again,
    ),
    ("telling.sms", "SMS", MERGED, Kind::Japanese(4)),
    ("telling.page", "申請のページ", "", Kind::Japanese(5)),
];

/// The lists of which entries can be added and taken away.
pub(super) const LISTS: [&str; 3] = ["reasons", "send_backs", "photos"];

/// An entry about to be written.
pub(super) fn blank(list: &str) -> Value {
    let telling = serde_json::json!({ "sms": { "ja": "" }, "page": { "ja": "" } });
    match list {
        "reasons" => {
            let mut telling = telling;
            telling["correction"] = serde_json::json!({ "ja": "" });
            serde_json::json!({ "code": "", "label": "", "then": "nothing", "call_priority": 0, "telling": telling })
        }
        "send_backs" => serde_json::json!({ "key": "", "label": "", "again": [], "telling": telling }),
        _ => serde_json::json!({ "key": "", "label": { "ja": "" }, "least": 1, "most": 1 }),
    }
}
