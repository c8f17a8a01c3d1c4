//! What stands between a plan and its messages: whether this may reach people at all, and whether there is room for it.

use accounts::audit;
use base::clock::{Millis, japan_midnight};
use base::id::BroadcastId;
use db::{DbError, OrgVault, Tx};
use lists::contacts::Purpose;

use super::{NewBroadcast, Origin};
use crate::allowance::{Bound, OverLimit, Wanted, judge};
use crate::audit_actions::BUDGET_ALARM;
use crate::release::{Hours, Reason, in_words};
use crate::stage::BroadcastStage;
use crate::store::allowances::{self as store, Reserving};
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

/// Whether it may be made at all, before anything of it is.
pub(super) async fn admit(
    tx: &mut Tx,
    new: &NewBroadcast,
    vault: &OrgVault,
) -> Result<Result<(), Refusal>, DbError> {
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
    now: Millis,
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
        day: replaced.unwrap_or_else(|| japan_midnight(new.release.scheduled_for.unwrap_or(now + new.hold))),
    };
    let price = dearest_price_in(tx, new.org, one.day).await?.unwrap_or(0);
    let wanted = Wanted {
        parts: count.parts,
        cost: count.dearest.max(count.parts) * price,
    };
    if replaced.is_none() && new.origin != Origin::Correction {
        match fits(tx, &one, wanted).await? {
            Ok(alarms) => {
                for alarm in alarms {
                    let entry = audit::Entry::of(BUDGET_ALARM).with(alarm.alarm());
                    audit::record(tx, new.org, vault, &entry, now).await?;
                }
            }
            Err(over) => return Ok(Err(Refusal::OverLimit(over))),
        }
    }
    store::reserve(tx, &one, wanted).await?;
    Ok(Ok(()))
}

/// Which alarms it raises, if it fits.
async fn fits(
    tx: &mut Tx,
    one: &Reserving,
    wanted: Wanted,
) -> Result<Result<Vec<Bound>, OverLimit>, DbError> {
    if !store::limits_in(tx, one.org).await?.bind(one.day, one.office) {
        return Ok(Ok(Vec::new()));
    }
    store::hold_org(tx, one.org).await?;
    // Anew, now that nobody else changes them.
    let limits = store::limits_in(tx, one.org).await?;
    let mut judged = Ok(Vec::new());
    for anew in [false, true] {
        let used = store::used_in(tx, one.org, one.office, one.day, one.training, anew).await?;
        judged = judge(&limits, one.office, one.day, &used, wanted);
        if judged.is_ok() {
            break;
        }
    }
    Ok(judged)
}
