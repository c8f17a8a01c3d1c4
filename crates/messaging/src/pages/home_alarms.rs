//! The alarms of the home page: what follows from the day and from what waits.

use accounts::alarms::{self, AlarmKind};
use accounts::{Permission, SignedIn};
use web::PageError;
use web::number::grouped;
use web::time::{JapanTime, duration};

use super::home_day::Day;
use super::{Desk, failed, scope};
use crate::alarm::{self, Alarm, Ended, SILENCE, Waiting};
use crate::limits::ALARMS_SHOWN;
use crate::store;

/// What this person has to be warned of, about their office or, at the head office, about all.
pub(super) async fn alarms(desk: &Desk, session: &SignedIn, day: &Day) -> Result<Vec<AlarmLine>, PageError> {
    let staff = &session.staff;
    if !staff.may(Permission::SeeBroadcasts) {
        return Ok(Vec::new());
    }
    let (org, now) = (staff.org, desk.db.now());
    let mut alarms: Vec<Alarm> = day
        .broadcasts
        .iter()
        .filter_map(|one| {
            alarm::undelivered(&Ended {
                broadcast: one.id,
                name: &one.file_name,
                counts: day.counts.get(&one.id)?,
            })
        })
        .collect();
    let longest = store::longest_waiting(&desk.db, org, scope(staff), now)
        .await
        .map_err(failed)?;
    // Most of the time nothing waits that long, and nothing more is asked.
    if let Some(longest) = longest.filter(|longest| now - longest.since > SILENCE) {
        let broadcast = store::broadcast(&desk.db, org, longest.broadcast)
            .await
            .map_err(failed)?;
        let moves = match broadcast {
            Some(broadcast) => {
                let progress = store::progress(&desk.db, org, &broadcast, now - SILENCE, now).await;
                progress.map_err(failed)?.lately > 0
            }
            None => true,
        };
        let waiting = Waiting {
            broadcast: longest.broadcast,
            since: longest.since,
            is_somebody_there: store::is_somebody_there(&desk.db, now).await.map_err(failed)?,
            moves,
        };
        alarms.extend(alarm::waiting(waiting, now));
    }
    let mut lines: Vec<AlarmLine> = alarms.iter().map(|alarm| words(alarm, now)).collect();
    lines.extend(raised(desk, session).await?);
    Ok(lines)
}

/// What was raised about the organisation itself, for whoever reads its audit trail.
async fn raised(desk: &Desk, session: &SignedIn) -> Result<Vec<AlarmLine>, PageError> {
    if !session.staff.may(Permission::ReadAudit) {
        return Ok(Vec::new());
    }
    let open = alarms::open_alarms(&desk.db, session.staff.org, ALARMS_SHOWN);
    let line = |one: alarms::Raised| {
        let kind = AlarmKind::from_code(&one.kind)?;
        let at = JapanTime::from_millis(one.at).full();
        Some(AlarmLine {
            title: kind.label.to_owned(),
            text: format!("{at}。{}{}", one.detail.unwrap_or_default(), kind.next),
            link: Some(("/audit".to_owned(), "監査の記録を見る")),
            raised: Some(one.id),
        })
    };
    Ok(open.await.map_err(failed)?.into_iter().filter_map(line).collect())
}

/// An alarm as the page tells it.
pub(super) struct AlarmLine {
    pub(super) title: String,
    pub(super) text: String,
    pub(super) link: Option<(String, &'static str)>,
    /// The number of an alarm that stays until somebody says that they have seen to it.
    pub(super) raised: Option<i64>,
}

fn words(alarm: &Alarm, now: base::clock::Millis) -> AlarmLine {
    let (title, text, link) = match alarm {
        Alarm::Undelivered {
            broadcast,
            name,
            missed,
            total,
        } => (
            format!("届かない人が多い配信です: {name}"),
            format!(
                "{}人のうち{}人に届いていません。リストの番号が古いか、列がずれていないか確かめてください。",
                grouped(u64::from(*total)),
                grouped(u64::from(*missed))
            ),
            Some((format!("/broadcasts/{broadcast}"), "届かなかった理由を見る")),
        ),
        Alarm::WaitsLong { broadcast, since } => {
            let waited = u64::try_from((now - since) / 1_000).unwrap_or(0);
            (
                format!("{}送れずに待っている配信があります。", duration(waited)),
                "急ぐ人には電話で連絡してください。".to_owned(),
                Some((format!("/broadcasts/{broadcast}"), "待っている配信を見る")),
            )
        }
        Alarm::NothingTakes { is_nobody_there: true } => (
            "送信するプログラムが動いていません。".to_owned(),
            "待っている配信があります。失われませんが、システム担当に知らせてください。".to_owned(),
            None,
        ),
        Alarm::NothingTakes { is_nobody_there: false } => (
            "5分以上、携帯電話会社に1通も渡せていません。".to_owned(),
            "接続が切れているかもしれません。待っている配信は失われませんが、システム担当に知らせてください。"
                .to_owned(),
            None,
        ),
    };
    AlarmLine {
        title,
        text,
        link,
        raised: None,
    }
}
