//! What stands between a plan and its messages: whether this may reach people at all, and whether there is room for it.

use accounts::alarms::{Alarm, AlarmKind, raise};
use accounts::audit;
use base::clock::{Millis, japan_midnight};
use base::id::{BroadcastId, IncidentId, OrgId};
use db::{DbError, OrgVault, Tx};
use lists::contacts::Purpose;

use super::{NewBroadcast, Origin};
use crate::allowance::{Bound, Limits, OverLimit, Used, Wanted, judge};
use crate::audit_actions::BUDGET_ALARM;
use crate::release::{Hours, Reason, in_words};
use crate::stage::BroadcastStage;
use crate::store::allowances::{self as store, Reserving};
use crate::store::incidents::incident_of_list_in;
use crate::store::{dearest_price_in, is_staff_number, standing_in};

/// Why a broadcast was not made. Nothing of it stands.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Refusal {
    /// It does not fit into a limit.
    #[error("{0}上限を変えられるのは組織の管理者です。何も送っていません。")]
    OverLimit(OverLimit),
    /// The organisation is in training.
    #[error("この組織は訓練中のため、実際の送信はできません。何も送っていません。")]
    Training,
    /// Nobody has reviewed the purpose yet.
    #[error("目的「{}」の利用審査が済んでいないため、実際の送信はできません。何も送っていません。", .0.label())]
    NotReviewed(Purpose),
    /// Something of its list reached the wrong person, and the cause is still being found out.
    #[error(
        "このリストから別の人の情報が届いたという報告があるため（インシデント {0}）、いまは送れません。何も送っていません。"
    )]
    Incident(IncidentId),
    /// A test for a number that is nobody's of the staff.
    #[error("試し送りの宛先は、確認が済んだ職員の番号だけです。何も送っていません。")]
    NotStaff,
    /// Somebody has to approve it, and the command line has no page to wait on.
    #[error(
        "この送信には、ほかの人の承認が要ります（{}）。コマンドラインからは承認を求められません。何も保存せず、何も送っていません。",
        in_words(.0)
    )]
    NeedsApproval(Vec<Reason>),
    /// The command line does not wait for the morning.
    #[error("いまは送信できる時間（{0}）ではありません。何も保存せず、何も送っていません。")]
    OutsideHours(Hours),
}

impl Refusal {
    /// What to do about it.
    pub const fn advice(&self) -> &'static str {
        match self {
            Self::OverLimit(_) => "人数を減らして分けて送るか、組織の管理者に上限の変更を頼んでください。",
            Self::Training | Self::NotReviewed(_) => {
                "訓練としてなら送れます（実際には送られません）。本番の送信は、運用者が利用審査を記録すると始められます。"
            }
            Self::NeedsApproval(_) => "ブラウザーでリストを登録し、承認を求めてください。",
            Self::OutsideHours(_) => {
                "時間内にもう一度実行するか、ブラウザーから日時を指定して送ってください。"
            }
            Self::Incident(_) => {
                "インシデントの画面で「拡大を止めた」と記録してから、もう一度送ってください。"
            }
            Self::NotStaff => {
                "自分の番号を「自分の携帯電話」の画面で登録し、組織の管理者に確認を頼んでください。"
            }
        }
    }
}

/// The new parts of a broadcast.
#[derive(Clone, Copy, Default)]
pub(super) struct PartCount {
    /// Those that will be handed over.
    pub(super) parts: i64,
    /// What the dearest carrier would count.
    pub(super) dearest: i64,
}

/// The incident about the list of a broadcast. Reports and starts take turns, so whichever comes second sees the
/// other: a report stops what was started, and a start finds what was reported.
pub(super) async fn incident_of(tx: &mut Tx, new: &NewBroadcast) -> Result<Option<IncidentId>, DbError> {
    match new.list {
        Some(list) => incident_of_list_in(tx, new.org, list).await,
        None => Ok(None),
    }
}

/// Whether it may be made at all, before anything of it is.
pub(super) async fn admit(
    tx: &mut Tx,
    new: &NewBroadcast,
    vault: &OrgVault,
    incident: Option<IncidentId>,
) -> Result<Result<(), Refusal>, DbError> {
    // What takes another's place is made all the same, and held by the incident like the one it stands for.
    if let Some(incident) = incident.filter(|_| new.origin != Origin::Correction) {
        return Ok(Err(Refusal::Incident(incident)));
    }
    if new.stage == BroadcastStage::Training && !new.simulated {
        return Err(DbError::Statement("an exercise for a real carrier".to_owned()));
    }
    if new.stage == BroadcastStage::Test {
        for row in new.rows.iter() {
            if !is_staff_number(tx, new.org, vault, row.to).await? {
                return Ok(Err(Refusal::NotStaff));
            }
        }
    }
    // What stands for a message that was live is live.
    if new.simulated || new.origin == Origin::Correction {
        return Ok(Ok(()));
    }
    let standing = standing_in(tx, new.org, vault).await?;
    Ok(if !standing.is_training(new.purpose) {
        Ok(())
    } else if standing.is_reviewed(new.purpose) {
        Err(Refusal::Training)
    } else {
        Err(Refusal::NotReviewed(new.purpose))
    })
}

/// Reserves the parts of a broadcast, whole or not at all, in the commit that makes it.
pub(super) async fn reserve(
    tx: &mut Tx,
    new: &NewBroadcast,
    vault: &OrgVault,
    broadcast: BroadcastId,
    count: PartCount,
    (leaves_at, now): (Millis, Millis),
) -> Result<Result<(), Refusal>, DbError> {
    let replaced = match new.replaces {
        Some(replaced) => store::reserved_day(tx, new.org, replaced).await?,
        None => None,
    };
    let one = Reserving {
        org: new.org,
        broadcast,
        office: new.office,
        training: new.stage == BroadcastStage::Training,
        // What takes a called-back message's place takes its place on that day too.
        day: replaced.unwrap_or_else(|| japan_midnight(leaves_at)),
    };
    let price = dearest_price_in(tx, new.org, one.day).await?.unwrap_or(0);
    let wanted = Wanted {
        parts: count.parts,
        cost: count.dearest.max(count.parts) * price,
    };
    if replaced.is_none() && new.origin != Origin::Correction {
        match fits(tx, &one, wanted).await? {
            Ok(alarms) => {
                note_alarms(tx, &one, vault, &alarms, now).await?;
            }
            Err(over) => return Ok(Err(Refusal::OverLimit(over))),
        }
    }
    store::reserve(tx, &one, wanted).await?;
    Ok(Ok(()))
}

/// A budget that comes to its alarm: the audit trail keeps it, and the home page tells of it until somebody has seen to
/// it. An exercise costs nothing.
async fn note_alarms(
    tx: &mut Tx,
    one: &Reserving,
    vault: &OrgVault,
    alarms: &[(Bound, String)],
    now: Millis,
) -> Result<(), DbError> {
    for (alarm, words) in alarms {
        if !one.training {
            let raised = Alarm {
                kind: AlarmKind::BUDGET,
                subject: None,
                detail: Some(words.clone()),
            };
            raise(tx, one.org, vault, &raised, now).await?;
        }
        let entry = audit::Entry::of(BUDGET_ALARM).with(alarm.alarm());
        audit::record(tx, one.org, vault, &entry, now).await?;
    }
    Ok(())
}

/// Counts what still waits of a broadcast on the day on which it leaves after all, whole or not at all. What has left
/// stays counted in its month, but not on the new day. Belongs before the change that lets it leave, in its write;
/// what is refused changes nothing. In another month it may bring that month's budget to its alarm.
pub(crate) async fn move_reservation(
    tx: &mut Tx,
    (org, vault): (OrgId, &OrgVault),
    broadcast: BroadcastId,
    (leaves_at, now): (Millis, Millis),
) -> Result<Result<(), OverLimit>, DbError> {
    let day = japan_midnight(leaves_at);
    // Of many that were started today and leave today nothing else is asked.
    let kept = store::reserved_day(tx, org, broadcast).await?;
    if kept.is_none_or(|kept| kept == day) {
        return Ok(Ok(()));
    }
    store::hold_org(tx, org).await?;
    store::give_back(tx, org, &[broadcast]).await?;
    let Some(kept) = store::reservation(tx, org, broadcast).await? else {
        return Ok(Ok(()));
    };
    let one = Reserving {
        org,
        broadcast,
        office: kept.office,
        training: kept.training,
        day,
    };
    let limits = store::limits_in(tx, org).await?;
    if limits.bind(day, one.office) {
        let waiting = kept.waiting();
        let mut judged = Ok(Vec::new());
        for anew in [false, true] {
            let used = store::used_in(tx, org, one.office, day, one.training, anew).await?;
            let others = kept.without(&used, day);
            judged = judge(&limits, one.office, day, &others, waiting)
                .map(|raised| in_words_of(raised, &limits, day, &others.with(waiting)));
            if judged.is_ok() {
                break;
            }
        }
        match judged {
            // Within a month the sums stay as they are: who had to be told was told.
            Ok(_) if kept.is_of_month(day) => {}
            Ok(alarms) => note_alarms(tx, &one, vault, &alarms, now).await?,
            Err(over) => return Ok(Err(over)),
        }
    }
    store::move_reservation(tx, &one, kept.left).await?;
    Ok(Ok(()))
}

/// The budgets that came to their alarm, each with what is used of it now.
fn in_words_of(raised: Vec<Bound>, limits: &Limits, day: Millis, used: &Used) -> Vec<(Bound, String)> {
    let words = |bound: Bound| Some((bound, bound.alarm_words(limits, day, used)?));
    raised.into_iter().filter_map(words).collect()
}

/// Which alarms it raises, if it fits.
async fn fits(
    tx: &mut Tx,
    one: &Reserving,
    wanted: Wanted,
) -> Result<Result<Vec<(Bound, String)>, OverLimit>, DbError> {
    if !store::limits_in(tx, one.org).await?.bind(one.day, one.office) {
        return Ok(Ok(Vec::new()));
    }
    store::hold_org(tx, one.org).await?;
    // Anew, now that nobody else changes them.
    let limits = store::limits_in(tx, one.org).await?;
    let mut judged = Ok(Vec::new());
    for anew in [false, true] {
        let used = store::used_in(tx, one.org, one.office, one.day, one.training, anew).await?;
        judged = judge(&limits, one.office, one.day, &used, wanted)
            .map(|raised| in_words_of(raised, &limits, one.day, &used.with(wanted)));
        if judged.is_ok() {
            break;
        }
    }
    Ok(judged)
}
