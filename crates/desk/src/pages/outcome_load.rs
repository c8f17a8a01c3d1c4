//! What the pages of outcome lists load, and what they have in common.

use accounts::SignedIn;
use base::id::{DeskId, OutcomeListId};
use messaging::pages::{Desk, failed};
use serde::Deserialize;
use web::PageError;

use crate::clock::Day;
use crate::document::{Decision, DeskDocument, Outcome, ReleaseRule};
use crate::store::{self, DeskRow, Kind, OutcomeList};

/// A desk with what it says today.
pub(super) struct Opened {
    pub(super) row: DeskRow,
    /// The version in force; without one nothing is received.
    pub(super) document: Option<DeskDocument>,
}

impl Opened {
    /// What staff call an outcome; its code where the document of today does not know it.
    pub(super) fn label(&self, outcome: &Outcome) -> String {
        match &self.document {
            Some(document) => document.label(outcome).to_owned(),
            None => outcome.code(),
        }
    }

    /// 「陽性確定リスト」 by its own words, with the code of a reason.
    pub(super) fn list_name(&self, kind: &Kind) -> String {
        let label = self.label(&kind.outcome);
        let name = match &kind.outcome {
            Outcome::Decided(Decision::Confirmed) => format!("確定リスト「{label}」"),
            Outcome::Decided(Decision::Refused(code)) => format!("{code} {label}"),
            Outcome::SentBack(_) => format!("差戻し「{label}」"),
        };
        if kind.corrects {
            format!("訂正 {name}")
        } else {
            name
        }
    }

    /// How results leave, in a sentence.
    pub(super) fn rule(&self) -> String {
        match self.document.as_ref().map(|one| one.document().release) {
            Some(ReleaseRule::Locked) => {
                "判定の結果は、本庁がリストごとに締めて送ります。差戻しの連絡は自動で送られます。".to_owned()
            }
            Some(ReleaseRule::Continuous(minutes)) => format!(
                "判定の結果は、最初の人の確定から{minutes}分後に自動で送られます。先に送りたいときは、ここで締めてください。"
            ),
            None => "いま使われている版がないため、申請を受け付けていません。".to_owned(),
        }
    }

    /// The day by the clock, where the desk has hours.
    pub(super) async fn day(&self, desk: &Desk, session: &SignedIn) -> Result<Option<Day>, PageError> {
        let Some(document) = &self.document else {
            return Ok(None);
        };
        let day = day_of(&desk.db, session.staff.org, &self.row, document).await;
        day.map(Some).map_err(failed)
    }
}

/// The day of a desk by the clock.
pub(super) async fn day_of(
    db: &db::Db,
    org: base::id::OrgId,
    row: &DeskRow,
    document: &DeskDocument,
) -> Result<Day, db::DbError> {
    let (hours, now) = (&document.document().hours, db.now());
    let counted = store::counted(db, org, row.id, hours.cut_off_at(now)).await?;
    Ok(Day::of(hours, row.closed_at.is_some(), now, counted))
}

/// The desk, or 404.
pub(super) async fn opened(desk: &Desk, session: &SignedIn, id: DeskId) -> Result<Opened, PageError> {
    let org = session.staff.org;
    let row = store::desk(&desk.db, org, id).await.map_err(failed)?;
    let row = row.filter(|row| session.staff.covers(row.office));
    let row = row.ok_or(PageError::NotFound)?;
    let document = store::now_in_force(&desk.db, org, id).await.map_err(failed)?;
    Ok(Opened {
        row,
        document: document.map(|one| one.document),
    })
}

/// Every desk that this person covers, with what it says today.
pub(super) async fn all(desk: &Desk, session: &SignedIn) -> Result<Vec<Opened>, PageError> {
    let org = session.staff.org;
    let mut all = Vec::new();
    for row in store::desks(&desk.db, org).await.map_err(failed)? {
        if session.staff.covers(row.office) {
            let document = store::now_in_force(&desk.db, org, row.id).await.map_err(failed)?;
            all.push(Opened {
                row,
                document: document.map(|one| one.document),
            });
        }
    }
    Ok(all)
}

/// The locked list and its desk, or 404.
pub(super) async fn list(
    desk: &Desk,
    session: &SignedIn,
    id: OutcomeListId,
) -> Result<(OutcomeList, Opened), PageError> {
    let found = store::outcome_list(&desk.db, session.staff.org, id).await;
    let list = found.map_err(failed)?.ok_or(PageError::NotFound)?;
    let opened = opened(desk, session, list.desk).await?;
    Ok((list, opened))
}

/// A kind of list, in an address or a form.
#[derive(Deserialize, Default, Clone)]
#[serde(default)]
pub(super) struct KindAsked {
    outcome: String,
    corrects: String,
}

impl KindAsked {
    /// Which it is; 404 if it is none.
    pub(super) fn kind(&self) -> Result<Kind, PageError> {
        let outcome = Outcome::from_code(&self.outcome).ok_or(PageError::NotFound)?;
        Ok(Kind {
            outcome,
            corrects: self.corrects == "yes",
        })
    }
}

/// `outcome=R06&corrects=yes`: no letter of a code needs an escape but the colon, which a query may hold.
pub(super) fn query(kind: &Kind) -> String {
    let corrects = if kind.corrects { "&corrects=yes" } else { "" };
    format!("outcome={}{corrects}", kind.outcome.code())
}
