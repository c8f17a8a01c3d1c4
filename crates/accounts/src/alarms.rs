//! Alarms: what somebody has to look at now.
//!
//! Whoever notices it raises one, in the commit of what it is about. It stays on the home page until a person says
//! that it was seen to; it is never deleted.

use std::sync::Arc;

use base::clock::Millis;
use base::id::{OrgId, StaffId};
use db::{Db, DbError, OrgVault, Tx};

use crate::store::alarms as store;

/// What an alarm is about: a word that keeps its meaning for ever, and how pages say it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct AlarmKind {
    /// `reveals`.
    pub code: &'static str,
    /// 「短い時間に多くの番号を表示した人がいます」.
    pub label: &'static str,
    /// What to do about it.
    pub next: &'static str,
}

impl AlarmKind {
    /// One person had more masked numbers shown than work explains.
    pub const REVEALS: Self = Self {
        code: "reveals",
        label: "短い時間に多くの人の番号を表示した職員がいます",
        next: "監査の記録で、だれのどの番号を表示したかを確かめ、本人に理由を聞いてください。",
    };
    /// Every kind that is raised.
    pub const ALL: [Self; 6] = [
        Self::REVEALS,
        Self::TRAIL,
        Self::BUDGET,
        Self::OFFICE_LIMIT,
        Self::CODES_STOPPED,
        Self::CODES_UNREAD,
    ];

    /// Four fifths of a budget are reserved.
    pub const BUDGET: Self = Self {
        code: "budget",
        label: "予算の残りが少なくなっています",
        next: "月末までに送る予定を確かめ、足りなければ上限を見直してください。",
    };

    /// Four fifths of what an office may send today are reserved. It follows from the sums of the day, and is kept once
    /// somebody of the office has seen it.
    pub const OFFICE_LIMIT: Self = Self {
        code: "office_limit",
        label: "部署が今日送れる残りが少なくなっています",
        next: "急ぐ人から送り、足りなければ組織の管理者に上限の変更を頼んでください。",
    };

    /// So many codes were asked for that no more are sent for a while.
    pub const CODES_STOPPED: Self = Self {
        code: "codes_stopped",
        label: "確認コードのSMSを止めています",
        next: "申請が急に増える理由がなければ、だれかが大量に送らせようとしています。受付窓口を閉じるか、運用者に知らせてください。",
    };

    /// Most of the codes that were asked for are never read back.
    pub const CODES_UNREAD: Self = Self {
        code: "codes_unread",
        label: "確認コードの多くが入力されていません",
        next: "他人の番号に送らせているおそれがあります。続くときは受付窓口を閉じ、運用者に知らせてください。",
    };

    /// The kind that `code` means.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code == code)
    }

    /// The audit trail was changed behind our back.
    pub const TRAIL: Self = Self {
        code: "trail",
        label: "監査の記録が書き換えられています",
        next: "todoke audit verify で最初に壊れた記録を確かめ、データベースに触れる人を調べてください。",
    };
}

/// An alarm before it is raised.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Alarm {
    /// What it is about.
    pub kind: AlarmKind,
    /// Whom or what: `("staff", 7)`.
    pub subject: Option<(&'static str, i64)>,
    /// In words; sealed.
    pub detail: Option<String>,
}

/// An alarm that was raised.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Raised {
    /// Its number.
    pub id: i64,
    /// The word of its kind; pages of a later version may not know it.
    pub kind: String,
    /// When.
    pub at: Millis,
    /// Whom or what it is about.
    pub subject: Option<(String, i64)>,
    /// In words.
    pub detail: Option<String>,
    /// Who saw to it, and when.
    pub acknowledged: Option<(StaffId, Millis)>,
}

/// Raises an alarm in the commit of what it is about. Gives its number.
pub async fn raise(
    tx: &mut Tx,
    org: OrgId,
    vault: &OrgVault,
    alarm: &Alarm,
    now: Millis,
) -> Result<i64, DbError> {
    store::add(tx, org, vault, alarm, now).await
}

/// Whether there is one of this kind about this subject since then, seen to or not.
pub async fn last_raised(
    tx: &mut Tx,
    org: OrgId,
    kind: AlarmKind,
    subject: (&'static str, i64),
) -> Result<Option<Millis>, DbError> {
    store::last_of(tx, org, kind.code, subject).await
}

/// Those that nobody has seen to, the newest first.
pub async fn open_alarms(db: &Db, org: OrgId, limit: u32) -> Result<Vec<Raised>, DbError> {
    store::open(db, org, limit).await
}

/// Says that somebody saw to it. `false` if somebody else did before, or there is no such alarm.
pub async fn acknowledge(db: &Db, org: OrgId, alarm: i64, by: StaffId) -> Result<bool, DbError> {
    let now = db.now();
    db.write(move |tx| Box::pin(store::acknowledge(tx, org, alarm, by, now)))
        .await
}

/// When the last one of this kind about this subject was raised.
pub async fn last_of(
    db: &Db,
    org: OrgId,
    kind: AlarmKind,
    subject: (&'static str, i64),
) -> Result<Option<Millis>, DbError> {
    store::last(db, org, kind.code, subject).await
}

/// Keeps that somebody saw an alarm that follows from how things stand, and was not kept before.
pub async fn saw(db: &Db, org: OrgId, alarm: Alarm, by: StaffId) -> Result<(), DbError> {
    let vault = db.vault(org).await?;
    let (alarm, now) = (Arc::new(alarm), db.now());
    db.write(move |tx| {
        let (vault, alarm) = (Arc::clone(&vault), Arc::clone(&alarm));
        Box::pin(async move {
            let id = raise(tx, org, &vault, &alarm, now).await?;
            store::acknowledge(tx, org, id, by, now).await.map(drop)
        })
    })
    .await
}

/// Raises an alarm that goes with nothing else.
pub async fn raise_alone(db: &Db, org: OrgId, alarm: Alarm) -> Result<i64, DbError> {
    let vault = db.vault(org).await?;
    let (alarm, now) = (Arc::new(alarm), db.now());
    db.write(move |tx| {
        let (vault, alarm) = (Arc::clone(&vault), Arc::clone(&alarm));
        Box::pin(async move { raise(tx, org, &vault, &alarm, now).await })
    })
    .await
}
