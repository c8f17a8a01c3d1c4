//! What the rule about sending says, in lines that people read.

use accounts::Office;
use base::clock::{MINUTE, SECOND};
use web::number::grouped;

use crate::release::SendRule;
use crate::template::Purpose;

/// What a version says, in lines.
pub(super) fn words(rule: &SendRule, offices: &[Office]) -> Vec<String> {
    let approval = rule.approval;
    let asks = [
        approval.always.then(|| "すべての送信".to_owned()),
        approval
            .above
            .map(|above| format!("{}人を超える送信", grouped(u64::from(above)))),
        approval
            .new_version
            .then(|| "承認されたことのない文面".to_owned()),
        approval.warnings.then(|| "検査で注意が出た送信".to_owned()),
    ];
    let asks: Vec<String> = asks.into_iter().flatten().collect();
    let mut lines = vec![if asks.is_empty() {
        "承認: 求めない".to_owned()
    } else {
        format!("承認: {}", asks.join("、"))
    }];
    lines.extend(rule.holds.iter().map(|(purpose, hold)| {
        let seconds = u64::try_from(hold / SECOND).unwrap_or(0);
        format!(
            "取り消せる時間（{}）: {}",
            purpose.label(),
            web::time::duration(seconds)
        )
    }));
    if let Some(above) = rule.first_wave.above {
        lines.push(format!(
            "最初の数人: {}人を超える送信（{}分まで待つ）",
            grouped(u64::from(above)),
            rule.first_wave.patience / MINUTE
        ));
    }
    if rule.hours.is_empty() {
        lines.push("送れる時間: いつでも".to_owned());
    }
    lines.extend(rule.hours.iter().map(|one| {
        let office = one
            .office
            .and_then(|id| offices.iter().find(|office| office.id == id));
        let office = office.map_or("すべての部署", |office| office.name.as_str());
        let purpose = one.purpose.map_or("すべての目的", Purpose::label);
        let hours = one
            .hours
            .map_or_else(|| "いつでも".to_owned(), |hours| hours.to_string());
        format!("送れる時間（{office}・{purpose}）: {hours}")
    }));
    lines
}
