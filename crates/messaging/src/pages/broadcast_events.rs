//! What happened to a broadcast, in order, newest first: who pressed what, and when.

use accounts::SignedIn;
use base::clock::Millis;
use web::PageError;

use super::broadcast_load::Moment;
use super::broadcast_words::people;
use super::{Desk, failed, names};
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
    let hold = u64::try_from((broadcast.hold_until - broadcast.created_at) / 1_000).unwrap_or(0);
    let started = match hold {
        0 => format!("{who}が{all}への配信を確認しました"),
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
    for (at, by, action, detail) in events {
        lines.push(Line {
            at,
            text: words(&staff.or(by, "システム"), &action, detail),
        });
    }
    lines.sort_by_key(|line| std::cmp::Reverse(line.at));
    Ok(lines)
}

fn words(who: &str, action: &str, detail: Option<String>) -> String {
    match (action, detail) {
        ("paused", _) => format!("{who}が配信を止めました"),
        ("resumed", _) => format!("{who}が配信を再開しました"),
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
