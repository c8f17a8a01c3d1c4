//! What a broadcast waits for, and why it ended before its end, in words.

use accounts::SignedIn;
use base::clock::Millis;
use web::PageError;
use web::ui::Notice;

use super::broadcast_load::Moment;
use super::broadcast_words::{Group, people, starts_in_words};
use super::{Desk, failed};
use crate::broadcast::BroadcastState;
use crate::limits::FIRST_WAVE;
use crate::store;

pub(super) fn terms(moment: &Moment) -> Vec<(&'static str, String)> {
    let release = &moment.broadcast.release;
    let moment = |at: Millis| web::time::JapanTime::from_millis(at).short();
    let terms = [
        ("送り始める日時", release.scheduled_for.map(moment)),
        ("送れる時間", release.hours.map(|hours| hours.to_string())),
        ("これより後には送らない", release.not_after.map(moment)),
    ];
    terms
        .into_iter()
        .filter_map(|(label, text)| Some((label, text?)))
        .collect()
}

/// What it waits for while it is neither stopped nor just sending.
pub(super) fn waits(moment: &Moment, waiting: u32) -> Option<Notice> {
    match moment.state() {
        BroadcastState::OutsideHours { until } => Some(
            Notice::info(starts_in_words(until, moment.now)).text(format!(
                "いまは送信できる時間の外です。まだ送っていない{}には、時間になりしだい自動で送ります。",
                people(waiting)
            )),
        ),
        BroadcastState::FirstWave => Some(
            Notice::info(format!("最初の{FIRST_WAVE}人の結果を待っています")).text(
                "全員に届くと、残りの人に自動で送り始めます。1人でも届かないか、時間内に分からないときは止まります。",
            ),
        ),
        _ => None,
    }
}

/// Its rest goes on today, and a limit of the day has no room for it.
pub(super) async fn waits_for_room(
    desk: &Desk,
    session: &SignedIn,
    moment: &Moment,
) -> Result<Option<Notice>, PageError> {
    if !is_moving(moment.state()) {
        return Ok(None);
    }
    let (org, id) = (session.staff.org, moment.broadcast.id);
    let over = store::lacks_room(&desk.db, org, id, moment.now)
        .await
        .map_err(failed)?;
    Ok(over.map(|over| {
        Notice::warning("残りは、送れる通数に空きができるのを待っています").text(format!(
            "前の日に送りきれなかった分です。{over}空きができるか、日が替わって入るようになると、自動で送ります。急ぐときは、組織の管理者に上限の変更を頼んでください。"
        ))
    }))
}

/// Whether something leaves by itself sooner or later.
pub(super) const fn is_moving(state: BroadcastState) -> bool {
    matches!(
        state,
        BroadcastState::Sending | BroadcastState::FirstWave | BroadcastState::OutsideHours { .. }
    )
}

pub(super) fn failed_notice(waiting: u32) -> Notice {
    Notice::warning(format!(
        "最初の{FIRST_WAVE}人に届いたことを確かめられないため、止めました。まだ送っていない人: {}",
        people(waiting)
    ))
    .text("「不達」「送信済（結果待ち）」の人の理由を下で確かめ、文面と番号に問題がなければ続けてください。残りを破棄することもできます。")
}

/// Why it ended before its end, where somebody has to go on from there.
pub(super) async fn ended(
    desk: &Desk,
    session: &SignedIn,
    moment: &Moment,
) -> Result<Option<Notice>, PageError> {
    let (counts, broadcast) = (&moment.progress.counts, &moment.broadcast);
    match moment.state() {
        BroadcastState::Returned => {
            let events = store::broadcast_events(&desk.db, session.staff.org, broadcast.id)
                .await
                .map_err(failed)?;
            let reason = events
                .into_iter()
                .find_map(|(.., action, detail)| detail.filter(|_| action == "returned"));
            let notice = Notice::warning("承認者が差し戻しました。1通も送っていません").text(format!(
                "理由: {}",
                reason.unwrap_or_default()
            ));
            Ok(Some(match broadcast.list {
                Some(list) => notice.link(format!("/lists/{list}"), "リストを直して、もう一度送る"),
                None => notice,
            }))
        }
        BroadcastState::TooLate if Group::Cancelled.count(counts) > 0 => Ok(Some(
            Notice::warning(format!(
                "期限を過ぎたため、{}には送っていません",
                people(Group::Cancelled.count(counts))
            ))
            .text("送る期限として決めた時刻までに送れなかった人です。電話で連絡するか、リストからもう一度送ってください。"),
        )),
        _ => Ok(None),
    }
}
