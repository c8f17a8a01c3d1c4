//! What this slice writes into the audit trail without a route: what the system does by itself, what a resident or the
//! operator does.

use accounts::audit::Action;

const fn action(code: &'static str, label: &'static str) -> Action {
    Action { code, label }
}

/// A recipient's report; the staff's has a route.
pub(crate) const REPORTED: Action = action("incident.report", "別の人の情報が届いたと報告した");
/// A budget is used up to its alarm.
pub(crate) const BUDGET_ALARM: Action = action("limit.alarm", "予算の警報");
/// The operator has looked at purpose, sender and texts.
pub(crate) const REVIEW_OPEN: Action = action("review.open", "利用審査を記録し、本番の送信を開いた");
/// The operator has taken that back.
pub(crate) const REVIEW_CLOSE: Action = action("review.close", "利用審査を取り消し、本番の送信を閉じた");
/// It was not to be sent any more.
pub(crate) const TOO_LATE: Action = action(
    "broadcast.too_late",
    "期限を過ぎたため、まだ送っていない分を取り消した",
);
/// The first few have it.
pub(crate) const WAVE_PASSED: Action = action(
    "broadcast.first_wave_passed",
    "最初の数人に届いたため、残りを送り始めた",
);
/// One of the first few does not.
pub(crate) const WAVE_NOT_DELIVERED: Action = action(
    "broadcast.first_wave_failed",
    "最初の数人に届かない人がいたため、配信を止めた",
);
/// Nothing was heard of the first few.
pub(crate) const WAVE_SILENT: Action = action(
    "broadcast.first_wave_silent",
    "最初の数人の結果が時間内に来ないため、配信を止めた",
);

/// Whoever has a number wrote that they want no SMS.
pub(crate) const REPLY_STOP: Action = action("reply.stop", "返信の「停止」により、番号へのSMSを自動で止めた");
/// Whoever has a number wrote that they are somebody else.
pub(crate) const REPLY_WRONG: Action = action(
    "reply.wrong_person",
    "返信の「別人」により、番号へのSMSを自動で止めた",
);

/// All of them, for the page of the trail.
pub const ALL: [Action; 10] = [
    REPLY_STOP,
    REPLY_WRONG,
    REPORTED,
    BUDGET_ALARM,
    REVIEW_OPEN,
    REVIEW_CLOSE,
    TOO_LATE,
    WAVE_PASSED,
    WAVE_NOT_DELIVERED,
    WAVE_SILENT,
];
