//! The sentences of the findings: what happened, and what to do.

use crate::problem::quoted;

const WAY_ON: &str = "このまま送ると別の人の値が届くため、この名簿は送れません。元のシステムからもう一度書き出して、選び直してください。";

/// Which lines a shift covers.
#[derive(Clone, Copy)]
pub(super) struct Stretch {
    pub(super) from: u32,
    pub(super) to: u32,
    /// Whether it reaches the end of the list.
    pub(super) to_end: bool,
}

pub(super) fn shifted(columns: &[String], offset: i32, stretch: Stretch, in_source_order: bool) -> String {
    let (by, way) = (offset.unsigned_abs(), if offset > 0 { "下" } else { "上" });
    let Stretch { from, to, to_end } = stretch;
    let order = if in_source_order {
        "元の名簿の並びで数えて"
    } else {
        ""
    };
    let reach = if to_end {
        "最後の行まで、".to_owned()
    } else {
        format!("{to}行目まで、")
    };
    format!(
        "{}の列が、{from}行目から{reach}{order}{by}行ずつ{way}にずれています。{WAY_ON}",
        quoted(columns)
    )
}

pub(super) fn sorted(columns: &[String], descending: bool, wrong: usize) -> String {
    let way = if descending {
        "大きい順"
    } else {
        "小さい順"
    };
    format!(
        "{}の列だけが{way}に並べ替えられ、ほかの列と行が合っていません（{wrong}行）。{WAY_ON}",
        quoted(columns)
    )
}

pub(super) fn swapped(columns: &[String], pairs: &[(u32, u32)]) -> String {
    let shown: Vec<String> = pairs
        .iter()
        .take(5)
        .map(|(one, other)| format!("{one}行目と{other}行目"))
        .collect();
    let rest = if pairs.len() > 5 {
        format!("など{}組", pairs.len())
    } else {
        String::new()
    };
    format!(
        "{}の値が、{}{rest}で入れ替わっています。この名簿は送れません。元の資料と比べて直してから、選び直してください。",
        quoted(columns),
        shown.join("、")
    )
}

pub(super) fn scattered(columns: &[String], wrong: usize) -> String {
    format!(
        "{}の列の{wrong}行に、元の名簿では別の人の値が入っています。{WAY_ON}",
        quoted(columns)
    )
}

pub(super) fn mismatch(columns: &[String], lines: &[u32]) -> String {
    format!(
        "{}の値が、元の名簿では別の人のものです（{}）。{}行は送れません。元の資料を確かめて直してください。",
        quoted(columns),
        line_list(lines),
        if lines.len() == 1 {
            "この1".to_owned()
        } else {
            format!("これらの{}", lines.len())
        }
    )
}

pub(super) fn unknown_value(column: &str, lines: &[u32]) -> String {
    format!(
        "「{column}」の値が元の名簿のどこにもありません（{}）。手で直した値なら、正しいか確かめてください。",
        line_list(lines)
    )
}

pub(super) fn unusable(reason: &str) -> String {
    format!(
        "選ばれた元の名簿とは比べられません。{reason}この名簿と同じ人の行があり、電話番号・ID・氏名などのうち2つ以上の列が共通する元の名簿を選び直してください。"
    )
}

/// `12行目`, `12、15、20行目`, `12、15、20、21、22行目など31行`.
pub(super) fn line_list(lines: &[u32]) -> String {
    let shown: Vec<String> = lines.iter().take(5).map(u32::to_string).collect();
    let rest = if lines.len() > 5 {
        format!("など{}行", lines.len())
    } else {
        String::new()
    };
    format!("{}行目{rest}", shown.join("、"))
}

pub(super) fn known_shifted(column: &str, offset: i32, lines: &[u32]) -> String {
    let (by, way) = (offset.unsigned_abs(), if offset > 0 { "下" } else { "上" });
    format!(
        "以前の名簿と比べると、「{column}」の列が{by}行ずつ{way}にずれています（{}）。{WAY_ON}",
        line_list(lines)
    )
}

pub(super) fn known_differs(column: &str, lines: &[u32]) -> String {
    format!(
        "「{column}」の値が、以前の名簿では別の人のものでした（{}）。元の資料と合っているか確かめてください。",
        line_list(lines)
    )
}

/// Two columns of the list that contradict each other.
pub(super) fn inner_shifted(column: &str, beside: &str, offset: i32, from: u32) -> String {
    let (by, way) = (offset.unsigned_abs(), if offset > 0 { "下" } else { "上" });
    format!(
        "「{column}」の列が、「{beside}」の列に対して{from}行目から{by}行ずつ{way}にずれています。{WAY_ON}"
    )
}

pub(super) fn overhang(column: &str, offset: i32, first: &[u32], last: &[u32]) -> String {
    let (by, way) = (offset.unsigned_abs(), if offset > 0 { "下" } else { "上" });
    format!(
        "「{column}」だけが{}で空で、{}では「{column}」だけが入っています。{by}行ずつ{way}にずれています。{WAY_ON}",
        line_list(first),
        line_list(last)
    )
}

pub(super) fn id_doubled(column: &str, lines: &[u32]) -> String {
    format!(
        "同じ「{column}」が別の人の行にもあります（{}）。{}行は送れません。元の資料を確かめて直してください。",
        line_list(lines),
        lines.len()
    )
}

pub(super) fn suspect_sorted(column: &str, descending: bool) -> String {
    let way = if descending {
        "大きい順"
    } else {
        "小さい順"
    };
    format!(
        "「{column}」の列だけが{way}に並んでいて、ほかの列はそうなっていません。この列だけを並べ替えていないか、元の名簿と比べて確かめてください。"
    )
}

pub(super) fn contradiction(column: &str, beside: &str, lines: &[u32]) -> String {
    format!(
        "「{column}」と「{beside}」が合いません（{}）。行がずれていないか、元の資料を確かめてください。",
        line_list(lines)
    )
}

pub(super) fn pattern_changes(column: &str, line: u32, before: &str, after: &str) -> String {
    format!(
        "「{column}」の形が{line}行目から変わっています（{before}から{after}）。別の列や別の名簿の値が混ざっていないか確かめてください。"
    )
}
