//! What a desk's document says, in words for whoever writes or approves it.

use web::Language;
use web::number::grouped;

use super::desk_load::day;
use crate::document::{DeskDocument, ReleaseRule, Reviewer};

/// Label and value of each.
pub(super) type Facts = Vec<(&'static str, String)>;

/// The facts of a document.
pub(super) fn facts(document: &DeskDocument) -> Facts {
    let says = document.document();
    let hours = &says.hours;
    let closed: Vec<String> = hours.closed_on.iter().map(|one| day(*one)).collect();
    let languages: Vec<&str> = document.languages().into_iter().map(Language::own_name).collect();
    let mut facts = vec![
        (
            "受付時間",
            format!(
                "{}から{}まで（当日判定の締切 {}）",
                hours.opens, hours.closes, hours.cut_off
            ),
        ),
        (
            "1日の受付数",
            hours.capacity.map_or_else(
                || "制限なし".to_owned(),
                |most| format!("{}人まで", grouped(u64::from(most))),
            ),
        ),
    ];
    if !closed.is_empty() {
        facts.push(("休みの日", closed.join("、")));
    }
    if let Some(last) = hours.last_day {
        facts.push(("最後の日", day(last)));
    }
    facts.push(("判定", review(document)));
    facts.push(("結果の送信", release(says.release)));
    facts.push((
        "聞くこと",
        format!(
            "対象の確認 {}問、質問 {}ページ、写真 {}種類、製品 {}種類",
            says.eligibility.len(),
            says.pages.len(),
            says.photos.len(),
            grouped(says.kits.len() as u64)
        ),
    ));
    facts.push((
        "判定の種類",
        format!(
            "確定「{}」、確定しない理由 {}種類",
            says.confirmed.label,
            says.reasons.len()
        ),
    ));
    let follows = [
        (says.confirmed.opens_case, "患者の記録を作る"),
        (says.confirmed.certificate.is_some(), "証明書を出す"),
        (says.confirmed.delivers, "送り先の一覧を作る"),
    ];
    let follows: Vec<&str> = follows
        .iter()
        .filter(|(does, _)| *does)
        .map(|(_, what)| *what)
        .collect();
    if !follows.is_empty() {
        facts.push(("確定すると", follows.join("、")));
    }
    facts.push(("言語", languages.join("、")));
    facts
}

fn review(document: &DeskDocument) -> String {
    let rule = &document.document().review;
    let by = match rule.by {
        Reviewer::Doctor => "医師が判定",
        Reviewer::Clerk => "職員が判定",
    };
    let mut words = vec![by.to_owned()];
    if rule.precheck {
        words.push("先に職員が確かめる".to_owned());
    }
    if rule.second_look.percent > 0 {
        words.push(format!("{}%を二人目が確かめる", rule.second_look.percent));
    }
    if rule.second_look.refusals {
        words.push("確定しない判定を二人目が確かめる".to_owned());
    }
    words.push(format!("{}時間以内に結果を出す", rule.within_hours));
    words.join("、")
}

fn release(rule: ReleaseRule) -> String {
    match rule {
        ReleaseRule::Locked => "本庁がリストごとに締めて送る".to_owned(),
        ReleaseRule::Continuous(minutes) => format!("{minutes}分ごとに自動で送る"),
    }
}
