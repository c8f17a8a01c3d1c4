//! The alarms of the home page: what follows from the day and from what waits.

use accounts::alarms::{self, AlarmKind};
use accounts::{Permission, SignedIn};
use base::clock::japan_midnight;
use base::id::OfficeId;
use base::org::OrgMode;
use web::PageError;
use web::number::grouped;
use web::time::{JapanTime, duration};

use super::home_day::Day;
use super::{Desk, failed, scope};
use crate::alarm::{self, Alarm, Ended, SILENCE, Waiting};
use crate::allowance::{LimitKind, office_alarm};
use crate::limits::ALARMS_SHOWN;
use crate::store;

/// What this person has to be warned of, about their office or, at the head office, about all.
pub(super) async fn alarms(desk: &Desk, session: &SignedIn, day: &Day) -> Result<Vec<AlarmLine>, PageError> {
    let staff = &session.staff;
    if !staff.may(Permission::SeeBroadcasts) {
        return raised(desk, session).await;
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
    if scope(staff).is_none() {
        let lately = store::outage::lately(&desk.db, org).await.map_err(failed)?;
        alarms.extend(lately.iter().filter_map(alarm::outage));
    }
    let mut lines: Vec<AlarmLine> = alarms.iter().map(|alarm| words(alarm, now)).collect();
    lines.extend(raised(desk, session).await?);
    lines.extend(office_limit(desk, session).await?);
    Ok(lines)
}

/// What is left of the office's own limit today, when that is little and nobody of the office has seen it yet today.
async fn office_limit(desk: &Desk, session: &SignedIn) -> Result<Option<AlarmLine>, PageError> {
    let Some(words) = office_limit_words(desk, session).await? else {
        return Ok(None);
    };
    let (org, subject) = (session.staff.org, about_office(session));
    let seen = alarms::last_of(&desk.db, org, AlarmKind::OFFICE_LIMIT, subject);
    let today = japan_midnight(desk.db.now());
    if seen.await.map_err(failed)?.is_some_and(|at| at >= today) {
        return Ok(None);
    }
    let AlarmKind { label, next, .. } = AlarmKind::OFFICE_LIMIT;
    Ok(Some(AlarmLine {
        title: label.to_owned(),
        text: format!("{words}{next}"),
        link: None,
        raised: Some("office-limit".to_owned()),
    }))
}

/// The alarm about an office's limit names the office.
pub(super) fn about_office(session: &SignedIn) -> (&'static str, i64) {
    ("offices", session.staff.office.get())
}

/// How much of the office's limit of today is used, if that is four fifths or more.
pub(super) async fn office_limit_words(desk: &Desk, session: &SignedIn) -> Result<Option<String>, PageError> {
    let (staff, day) = (&session.staff, japan_midnight(desk.db.now()));
    let limits = store::limits(&desk.db, staff.org).await.map_err(failed)?;
    let limit = limits.amount(day, Some(staff.office), LimitKind::DayParts);
    if limit.is_none() {
        return Ok(None);
    }
    let training = desk.standing(staff.org).await?.mode == OrgMode::Training;
    let used = store::used(&desk.db, staff.org, staff.office, day, training);
    Ok(office_alarm(
        &limits,
        staff.office,
        day,
        &used.await.map_err(failed)?,
    ))
}

/// What was raised about the organisation itself, for whoever reads its audit trail; of its budgets the head office is
/// told too.
async fn raised(desk: &Desk, session: &SignedIn) -> Result<Vec<AlarmLine>, PageError> {
    let staff = &session.staff;
    let sees_all = staff.may(Permission::ReadAudit);
    if !sees_all && staff.office != OfficeId::HEADQUARTERS {
        return Ok(Vec::new());
    }
    let open = alarms::open_alarms(&desk.db, staff.org, ALARMS_SHOWN);
    let line = |one: alarms::Raised| {
        let kind = AlarmKind::from_code(&one.kind)?;
        let codes = [AlarmKind::CODES_STOPPED, AlarmKind::CODES_UNREAD].contains(&kind);
        if !sees_all && kind != AlarmKind::BUDGET && !codes {
            return None;
        }
        let at = JapanTime::from_millis(one.at).full();
        let link = match (kind == AlarmKind::BUDGET, sees_all) {
            (false, _) if codes => None,
            (false, _) => Some(("/audit", "監査の記録を見る")),
            (true, true) => Some(("/usage", "利用実績を見る")),
            (true, false) => None,
        };
        Some(AlarmLine {
            title: kind.label.to_owned(),
            text: format!("{at}。{}{}", one.detail.unwrap_or_default(), kind.next),
            link: link.map(|(href, label)| (href.to_owned(), label)),
            // Whoever does not answer for it cannot take it away from whoever does.
            raised: sees_all.then(|| one.id.to_string()),
        })
    };
    Ok(open.await.map_err(failed)?.into_iter().filter_map(line).collect())
}

/// An alarm as the page tells it.
pub(super) struct AlarmLine {
    pub(super) title: String,
    pub(super) text: String,
    pub(super) link: Option<(String, &'static str)>,
    /// What its address calls an alarm that stays until somebody says that they have seen to it.
    pub(super) raised: Option<String>,
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
        Alarm::Outage {
            name,
            lost,
            ended,
            since,
        } => (
            format!("携帯電話会社の障害かもしれません: {name}"),
            format!(
                "{}から、最近の{}通のうち{}通が届いたか分かりません。",
                JapanTime::from_millis(*since).short(),
                grouped(u64::from(*ended)),
                grouped(u64::from(*lost))
            ),
            Some(("/reach/outage".to_owned(), "届いていない人を確かめる")),
        ),
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
