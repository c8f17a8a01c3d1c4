//! How pages say what happens to applications.

use base::clock::{HOUR, MINUTE, Millis};
use base::date::CalendarDate;
use web::ui::{Chip, Tone};

use crate::application::{Application, SecondLook, State};
use crate::document::{Decision, DeskDocument, Outcome};
use crate::store::{ApplicationEvent, Waiting};

/// `3時間12分`, `45分`: how long somebody has waited.
pub(super) fn ago(since: Millis, now: Millis) -> String {
    let minutes = (now - since).max(0) / MINUTE;
    match (minutes / 60, minutes % 60) {
        (0, minutes) => format!("{minutes}分"),
        (hours @ 1..48, minutes) => format!("{hours}時間{minutes}分"),
        (hours, _) => format!("{}日", hours / 24),
    }
}

/// 「12件（最も古いものは45分前から）」
pub(super) fn waiting(queue: Waiting, now: Millis) -> String {
    match queue.oldest.filter(|_| queue.count > 0) {
        Some(oldest) => format!(
            "{}件（最も古いものは{}前から）",
            web::number::grouped(queue.count),
            ago(oldest, now)
        ),
        None => "0件".to_owned(),
    }
}

/// Where an application stands, as a chip.
pub(super) fn chip(application: &Application) -> Chip {
    if let Some(parked) = application.parked {
        return Chip::new(Tone::Stopped, parked.label());
    }
    let tone = match application.state {
        State::Draft => Tone::Draft,
        State::Received => Tone::Checking,
        State::SentBack => Tone::Attention,
        State::Ready => Tone::Waiting,
        State::Provisional => Tone::Moving,
        State::Final => Tone::Accepted,
        State::Released => Tone::Done,
        State::Withdrawn | State::Expired => Tone::Cancelled,
    };
    Chip::new(tone, application.state.label())
}

/// What a decision is called at the desk.
pub(super) fn decided(document: &DeskDocument, decision: &Decision) -> String {
    document.label(&Outcome::Decided(decision.clone())).to_owned()
}

/// Completed years on the day it was received.
pub(super) fn age(application: &Application, now: Millis) -> Option<u8> {
    let day = CalendarDate::in_japan(application.received_at.unwrap_or(now))?;
    application.content.applicant.birth?.age_on(day)
}

/// `65分` for so many applications at so many an hour.
pub(super) fn forecast(waiting: u64, last_hour: u64) -> Option<String> {
    if waiting == 0 || last_hour == 0 {
        return None;
    }
    let minutes = (waiting * 60).div_ceil(last_hour);
    let minutes = i64::try_from(minutes).unwrap_or(i64::MAX / HOUR);
    Some(ago(0, minutes * MINUTE))
}

/// An event in words; nothing for what pages do not tell.
pub(super) fn happened(event: &ApplicationEvent, document: &DeskDocument) -> Option<String> {
    let decision = || {
        let decision = event.detail.as_deref().and_then(Decision::from_code)?;
        Some(decided(document, &decision))
    };
    let told = |what: &str| {
        let detail = decision();
        detail.map_or_else(|| what.to_owned(), |detail| format!("{what}: {detail}"))
    };
    Some(match event.kind.as_str() {
        "received" => "受け付けた".to_owned(),
        "resubmitted" => "出し直しを受け付けた".to_owned(),
        "passed" => "内容を確かめ、判定に回した".to_owned(),
        "sent_back" => {
            let key = event.detail.as_deref().and_then(crate::form::Key::parse);
            let what = key.as_ref().and_then(|key| document.send_back(key));
            let label = what.map_or("", |one| one.label.as_str());
            format!("差し戻した: {label}")
        }
        "withdrawn" if event.by.is_none() => "申請した人が取り下げた".to_owned(),
        "withdrawn" => "取り下げた".to_owned(),
        "expired" => "期限が過ぎ、終了した".to_owned(),
        "decided" => told("判定した"),
        "corrected" => told("判定を訂正した"),
        "undone" => "判定を取り消した".to_owned(),
        "held" => "保留にした".to_owned(),
        "phone" => "電話での確認に回した".to_owned(),
        "given_back" => "判定せずに戻した".to_owned(),
        "unparked" => "判定待ちに戻した".to_owned(),
        "looked" => {
            let look = event.detail.as_deref().and_then(SecondLook::from_code);
            let what = look.map_or("意見を記録", SecondLook::label);
            format!("二人目の確認: {what}")
        }
        "final" => "判定が確定した".to_owned(),
        "not_sent" => "結果の配信が取り消され、知らせていない。判定別リストに戻した".to_owned(),
        // What stood there before it was sent once more is no event for readers.
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waiting_is_told_in_the_largest_useful_unit() {
        assert_eq!(ago(0, 59 * MINUTE), "59分");
        assert_eq!(ago(0, 192 * MINUTE), "3時間12分");
        assert_eq!(ago(0, 72 * HOUR), "3日");
        assert_eq!(ago(HOUR, 0), "0分", "clocks differ");
        assert_eq!(forecast(130, 120).as_deref(), Some("1時間5分"));
        assert_eq!(forecast(130, 0), None);
    }
}
