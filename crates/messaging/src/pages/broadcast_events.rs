//! What happened to a broadcast, in order, newest first: who pressed what, and when.

use accounts::SignedIn;
use base::clock::Millis;
use base::id::BroadcastId;
use web::PageError;
use web::ui::Notice;

use super::broadcast_load::Moment;
use super::broadcast_words::people;
use super::{Desk, failed, names};
use crate::broadcast::{LeftOutNote, Origin};
use crate::correction::{CalledBack, REPLACES};
use crate::message::MessageState;
use crate::store;

/// One line of the log.
pub(super) struct Line {
    pub(super) at: Millis,
    pub(super) text: String,
}

pub(super) async fn lines(desk: &Desk, session: &SignedIn, moment: &Moment) -> Result<Vec<Line>, PageError> {
    let (org, broadcast) = (session.staff.org, &moment.broadcast);
    let events = store::broadcast_events(&desk.db, org, broadcast.id)
        .await
        .map_err(failed)?;
    let people_who_acted = events
        .iter()
        .filter_map(|(_, by, ..)| *by)
        .chain(broadcast.created_by);
    let staff = names(desk, org, people_who_acted).await?;
    let all = people(moment.progress.counts.total());
    let who = staff.or(broadcast.created_by, "コマンドライン");
    let waits = broadcast.release.approval.is_some() || broadcast.release.scheduled_for.is_some();
    let hold = match u64::try_from((broadcast.hold_until - broadcast.created_at) / 1_000) {
        // What is waited for besides has a line of its own.
        Ok(hold) if !waits => hold,
        _ => 0,
    };
    let started = match hold {
        _ if broadcast.origin == Origin::Correction => format!("新しい番号あての{all}への配信ができました"),
        _ if broadcast.origin == Origin::Reply => "返信への自動の確認を送りました".to_owned(),
        _ if broadcast.origin == Origin::Code => "申請者が求めた確認コードを送りました".to_owned(),
        _ if broadcast.origin == Origin::StandingOrder => {
            format!("{who}の指示により、{all}への配信が自動で始まりました")
        }
        0 => match broadcast.release.scheduled_for {
            Some(at) => {
                let at = web::time::JapanTime::from_millis(at).short();
                format!("{who}が{all}への配信を確認しました（{at} から送る予約）")
            }
            None => format!("{who}が{all}への配信を確認しました"),
        },
        hold => {
            let hold = web::time::duration(hold);
            format!("{who}が{all}への配信を確認しました（取り消せる時間 {hold}）")
        }
    };
    let mut lines = vec![Line {
        at: broadcast.created_at,
        text: started,
    }];
    if let Some(at) = moment.progress.first_handed_over {
        lines.push(Line {
            at,
            text: "最初の人を携帯電話会社に渡しました".to_owned(),
        });
    }
    // The first thing that is done to a broadcast for a corrected number lets it go.
    let mut was_stopped = broadcast.origin != Origin::Correction;
    for (at, by, action, detail) in events {
        let who = staff.or(by, "システム");
        let text = match action.as_str() {
            "resumed" if !was_stopped => format!("{who}が新しい番号を確かめて送信しました"),
            _ => words(&who, &action, detail),
        };
        was_stopped |= action == "paused";
        lines.push(Line { at, text });
    }
    lines.sort_by_key(|line| std::cmp::Reverse(line.at));
    Ok(lines)
}

fn words(who: &str, action: &str, detail: Option<String>) -> String {
    match (action, detail) {
        ("paused", _) => format!("{who}が配信を止めました"),
        ("resumed", _) => format!("{who}が配信を再開しました"),
        (REPLACES, Some(broadcast)) => {
            format!(
                "{who}が番号を訂正したため、配信 {broadcast} の文面を新しい番号あてに作りました（確認されるまで送りません）"
            )
        }
        (CalledBack::ACTION, Some(detail)) => called_back(who, &detail),
        (LeftOutNote::ACTION, Some(detail)) => left_out(&detail),
        ("approval_asked", Some(reasons)) => format!("承認が要ります（{reasons}）"),
        ("approved", _) => format!("{who}が送信を承認しました"),
        ("returned", Some(reason)) => format!("{who}が差し戻しました: {reason}"),
        ("hours_overridden", Some(reason)) => {
            format!("{who}が、送信できる時間の外でも送ると決めました: {reason}")
        }
        ("first_wave_passed", _) => "最初の数人に届いたため、残りの人に送り始めました".to_owned(),
        ("first_wave_failed", _) => "最初の数人に届かない人がいたため、配信を止めました".to_owned(),
        ("first_wave_silent", _) => "最初の数人の結果が時間内に分からないため、配信を止めました".to_owned(),
        ("too_late", _) => "期限を過ぎたため、まだ送っていない人への配信を取り消しました".to_owned(),
        ("discarded", _) => format!("{who}がまだ送っていない人への配信を取り消しました"),
        ("settled", Some(detail)) => {
            let (message, state) = detail.split_once(' ').unwrap_or((&detail, ""));
            let state = MessageState::ALL.into_iter().find(|one| one.as_str() == state);
            format!(
                "{who}が結果不明のメッセージ {message} を「{}」と記録しました",
                state.map_or("", MessageState::label)
            )
        }
        (_, Some(detail)) => detail,
        (other, None) => other.to_owned(),
    }
}

/// People whom somebody else was quicker with, or whose number was found out to be wrong in the last moment.
fn left_out(detail: &str) -> String {
    let Some(note) = LeftOutNote::from_detail(detail) else {
        return "送る直前に、一部の人を外しました".to_owned();
    };
    let who = people(note.count());
    format!("送る直前に{who}を外しました。{}", note.reasons())
}

/// What [`left_out`] says, for the page that is seen first.
pub(super) async fn left_out_notice(
    desk: &Desk,
    session: &SignedIn,
    broadcast: BroadcastId,
) -> Result<Option<Notice>, PageError> {
    let events = store::broadcast_events(&desk.db, session.staff.org, broadcast)
        .await
        .map_err(failed)?;
    let detail = events
        .into_iter()
        .find_map(|(_, _, action, detail)| detail.filter(|_| action == LeftOutNote::ACTION));
    let note = detail.and_then(|detail| LeftOutNote::from_detail(&detail));
    Ok(note.map(|note| {
        Notice::warning(format!("{}には送りません", people(note.count()))).text(format!(
            "{}。リストのページに、連絡済みの人や直すところのある行として残っています。",
            note.reasons()
        ))
    }))
}

/// Messages that were cancelled because their number turned out to be wrong.
fn called_back(who: &str, detail: &str) -> String {
    let Some(back) = CalledBack::from_detail(detail) else {
        return format!("{who}が番号の誤りを登録しました");
    };
    let count = back.messages.len();
    let cancelled = format!("{who}が番号の誤りを登録したため、送信前の{count}件を取り消しました");
    match back.replacement {
        Some(broadcast) => format!("{cancelled}。新しい番号あての配信 {broadcast} が確認を待っています"),
        None => cancelled,
    }
}
