//! Made-up content of the screens. No such people, numbers or offices exist.

use web::form::Choice;
use web::live::LiveUpdate;
use web::ui::{Bubble, Hold, Notice, Part, Phone, Progress, Sheet, Stepper, Tile, Tiles, Tone};
use web::{Errors, Paging};

/// 2026-11-22 14:05:09 in Japan.
pub(crate) const NOW: i64 = 1_795_323_909_000;

const STEPS: &[&str] = &["リスト", "検査", "プレビュー", "確認", "配信"];

pub(crate) fn stepper(current: usize) -> Stepper {
    Stepper::new(STEPS, current)
}

pub(crate) fn login_errors() -> Errors {
    let mut errors = Errors::default();
    errors.add(
        "account",
        "ログインIDまたはパスワードが違います。もう一度入力してください。",
    );
    errors
}

pub(crate) fn template_errors() -> Errors {
    let mut errors = Errors::default();
    errors.add(
        "body",
        "「{{HER-SYS番号}}」という差し込みは使えません。リストの列名と同じ名前にしてください。",
    );
    errors
}

pub(crate) fn saved() -> Notice {
    Notice::success("「健康観察のご案内」の第4版を保存しました")
        .text("次の配信から新しい版を選べます。これまでの配信は元の版のままです。")
}

pub(crate) fn templates() -> Vec<Choice> {
    vec![
        Choice::new("1", "健康観察のご案内(第3版)"),
        Choice::new("2", "検査結果のお知らせ(第1版)"),
        Choice::new("3", "療養終了のお知らせ(第2版)"),
    ]
}

/// One broadcast in the list of the day.
pub(crate) struct Row {
    pub(crate) at: i64,
    pub(crate) file: &'static str,
    pub(crate) template: &'static str,
    pub(crate) rows: u64,
    pub(crate) tone: Tone,
    pub(crate) state: &'static str,
    pub(crate) counts: [u64; 4],
    pub(crate) staff: &'static str,
}

impl Row {
    pub(crate) fn bar(&self) -> Progress {
        parts("day", self.rows, self.counts).only_bar()
    }

    pub(crate) fn arrived(&self) -> u64 {
        self.counts[0]
    }

    pub(crate) fn missed(&self) -> u64 {
        self.counts[2] + self.counts[3]
    }
}

pub(crate) fn day() -> Vec<Row> {
    let minute = 60_000;
    let row = |ago: i64, file, template, rows, tone, state, counts, staff| Row {
        at: NOW - ago * minute,
        file,
        template,
        rows,
        tone,
        state,
        counts,
        staff,
    };
    vec![
        row(
            1,
            "11月22日午後_2便.xlsx",
            "健康観察のご案内 第3版",
            217,
            Tone::Waiting,
            "取消期間中",
            [0, 0, 0, 0],
            "見本 花子",
        ),
        row(
            9,
            "11月22日午後_1便.xlsx",
            "健康観察のご案内 第3版",
            75,
            Tone::Moving,
            "配信中",
            [41, 20, 1, 0],
            "見本 花子",
        ),
        row(
            26,
            "検査結果_1122.csv",
            "検査結果のお知らせ 第1版",
            68,
            Tone::Attention,
            "行の確認待ち",
            [0, 0, 0, 0],
            "手本 太郎",
        ),
        row(
            95,
            "11月22日午前_3便.xlsx",
            "健康観察のご案内 第3版",
            83,
            Tone::Done,
            "完了",
            [79, 0, 3, 1],
            "見本 花子",
        ),
        row(
            140,
            "11月22日午前_2便.csv",
            "健康観察のご案内 第3版",
            300,
            Tone::Stopped,
            "停止中",
            [120, 0, 2, 0],
            "手本 太郎",
        ),
        row(
            190,
            "療養終了_1122.csv",
            "療養終了のお知らせ 第2版",
            71,
            Tone::Done,
            "完了",
            [71, 0, 0, 0],
            "見本 花子",
        ),
        row(
            215,
            "11月22日午前_1便.xlsx",
            "健康観察のご案内 第2版",
            12,
            Tone::Cancelled,
            "取消",
            [0, 0, 0, 0],
            "手本 太郎",
        ),
    ]
}

fn parts(name: &'static str, people: u64, [delivered, accepted, failed, unknown]: [u64; 4]) -> Progress {
    let waiting = people.saturating_sub(delivered + accepted + failed + unknown);
    Progress::new(
        name,
        "進み具合",
        "人",
        vec![
            Part::new("delivered", "配信済", Tone::Done, delivered),
            Part::new("accepted", "送信済(結果待ち)", Tone::Accepted, accepted),
            Part::new("failed", "失敗", Tone::Failed, failed),
            Part::new("unknown", "結果不明", Tone::Unknown, unknown),
            Part::new("waiting", "待機", Tone::Waiting, waiting),
        ],
    )
}

pub(crate) fn progress() -> Progress {
    parts("sms", 217, [121, 38, 6, 2])
}

pub(crate) fn result() -> Progress {
    parts("sms", 217, [204, 0, 10, 3])
}

pub(crate) fn live_update(step: u64) -> LiveUpdate {
    let handed = (step * 4).min(217);
    let settled = (step * 4).saturating_sub(20).min(217);
    let failed = settled / 25;
    let update = parts("sms", 217, [settled - failed, handed - settled, failed, 0]);
    let announcement = format!("217人のうち{handed}人に送りました。");
    LiveUpdate::of(&update, announcement)
        .fact("rate", "毎分 240人")
        .fact(
            "left",
            format!("あと約{}", web::time::duration((217 - handed) / 4)),
        )
        .finished(settled == 217)
}

pub(crate) fn tiles(current: &str, counts: &[u64; 4]) -> Tiles {
    let [delivered, accepted, failed, unknown] = *counts;
    let waiting = 217 - counts.iter().sum::<u64>();
    let tile = |key, label, count, tone| {
        Tile::new(key, label, count, format!("?state={key}"))
            .tone(tone)
            .current(current == key)
    };
    Tiles::new(
        "状態で絞り込む",
        "人",
        vec![
            Tile::new("total", "全員", 217, "?state=total").current(current == "total"),
            tile("delivered", "配信済", delivered, Tone::Done),
            tile("accepted", "送信済", accepted, Tone::Accepted),
            tile("failed", "失敗", failed, Tone::Failed),
            tile("unknown", "結果不明", unknown, Tone::Unknown),
            tile("waiting", "待機", waiting, Tone::Waiting),
        ],
    )
}

pub(crate) fn hold() -> Hold {
    Hold::new(NOW, NOW + 24_000, 30)
}

fn text(id: &str) -> Vec<(String, bool)> {
    vec![
        ("【みどり県あさひ保健所】健康観察のご案内です。毎日の体温などを、県のホームページの「健康観察」から入力してください。\nあなたのID: ".into(), false),
        (id.into(), true),
        ("\nお困りのときは 000-000-0000(9時〜17時)".into(), false),
    ]
}

pub(crate) fn phone() -> Phone {
    Phone::new(
        "12行目の人に届く文面",
        "0005000000",
        vec![Bubble::merged(text("05023602"))],
    )
}

pub(crate) fn phones() -> Vec<(&'static str, Phone)> {
    let hour = 3_600_000;
    vec![
        (
            "090-0000-0001",
            Phone::new(
                "090-0000-0001の受信箱",
                "0005000000",
                vec![
                    Bubble::new("【みどり県】検査の受付が完了しました。受付番号: 1122-0457")
                        .at(NOW - 30 * hour),
                    Bubble::merged(text("05023602")).at(NOW),
                ],
            ),
        ),
        (
            "080-0000-0002",
            Phone::new(
                "080-0000-0002の受信箱",
                "0005000000",
                vec![Bubble::merged(text("57831302")).at(NOW)],
            ),
        ),
        (
            "070-0000-0003",
            Phone::new(
                "070-0000-0003の受信箱",
                "0005000000",
                vec![Bubble::merged(text("15817492")).at(NOW)],
            ),
        ),
    ]
}

fn cells(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

pub(crate) fn example_sheet() -> Sheet {
    Sheet::new(
        "リストの見本",
        1,
        cells(&["HER-SYS ID", "電話番号", "氏名", "備考"]),
    )
    .row(2, cells(&["05023602", "090-0000-0001", "見本 一郎", ""]))
    .row(3, cells(&["57831302", "08000000002", "見本 翔太", "発熱"]))
}

pub(crate) fn uploaded_sheet() -> Sheet {
    Sheet::new(
        "選んだリストの先頭",
        3,
        cells(&["No", "ハーシスID", "氏名", "連絡先", "メモ"]),
    )
    .row(4, cells(&["1", "84816528", "見本 一郎", "060-0000-0004", "発熱"]))
    .row(5, cells(&["2", "38584840", "見本 翔太", "080-0000-0005", ""]))
    .row(
        6,
        cells(&["3", "36857684", "見本 由美子", "070-0000-0006", "発熱"]),
    )
}

pub(crate) fn page_links() -> web::paging::Links {
    Paging::new(2, 50, 217).links("/broadcasts/result?state=total")
}

pub(crate) fn page_summary() -> String {
    Paging::new(2, 50, 217).summary("人")
}

pub(crate) fn tones() -> Vec<(Tone, &'static str)> {
    vec![
        (Tone::Draft, "下書き"),
        (Tone::Checking, "検査中"),
        (Tone::Waiting, "待機"),
        (Tone::Moving, "配信中"),
        (Tone::Accepted, "送信済"),
        (Tone::Done, "配信済"),
        (Tone::Attention, "要確認"),
        (Tone::Failed, "失敗"),
        (Tone::Unknown, "結果不明"),
        (Tone::Stopped, "停止中"),
        (Tone::Cancelled, "取消"),
    ]
}
