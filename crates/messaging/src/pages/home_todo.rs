//! What waits for somebody: whom to telephone, incidents. The day's own lists are counted above their table.

use accounts::{SignedIn, Staff};
use db::{Db, Work};
use web::ui::{Tile, Tiles, Tone};
use web::{PageError, Shell};

use super::message_report::sees_incidents;
use super::{Desk, failed, may_see, scope};
use crate::limits::APPROVALS_SHOWN;
use crate::store;

/// What another slice asks to be counted here for this person.
pub type Counted = for<'a> fn(&'a Db, &'a Staff) -> Work<'a, Vec<Tile>>;

/// The counts of other slices, which this one does not know: an extension of the host's router.
#[derive(Clone)]
pub struct HomeTiles(pub Vec<Counted>);

/// Work of another slice that begins by a press on the home page: the next one of a queue.
pub struct Start {
    /// Of which queue.
    pub about: String,
    /// The page of the queue.
    pub page: String,
    /// What waits there: a word, and how much.
    pub facts: Vec<(&'static str, String)>,
    /// What the button says and where it posts; nothing while nothing waits.
    pub press: Option<(&'static str, String)>,
}

/// What another slice lets this person begin here.
pub type Offered = for<'a> fn(&'a Db, &'a Staff) -> Work<'a, Vec<Start>>;

/// The same of all slices: an extension of the host's router.
#[derive(Clone)]
pub struct HomeStarts(pub Vec<Offered>);

impl HomeStarts {
    pub(super) async fn all(&self, db: &Db, staff: &Staff) -> Result<Vec<Start>, PageError> {
        let mut all = Vec::new();
        for offered in &self.0 {
            all.extend(offered(db, staff).await.map_err(failed)?);
        }
        Ok(all)
    }
}

/// Counts with the way to them, of what this person may do; nothing if there is nothing of the kind.
pub(super) async fn todo(
    desk: &Desk,
    session: &SignedIn,
    shell: &Shell,
    others: &HomeTiles,
) -> Result<Option<Tiles>, PageError> {
    let (org, office) = (session.staff.org, scope(&session.staff));
    let mut tiles = Vec::new();
    if session.staff.may(accounts::Permission::Approve) && shell.may("GET", "/approvals") {
        let waiting = store::awaiting_approval(&desk.db, org, APPROVALS_SHOWN)
            .await
            .map_err(failed)?;
        let others = waiting
            .iter()
            .filter(|one| may_see(&session.staff, one.office) && one.by != Some(session.staff.id));
        let count = others.count() as u64;
        let tile = Tile::new("approvals", "承認を待っている送信", count, "/approvals");
        tiles.push(if count > 0 {
            tile.tone(Tone::Attention)
        } else {
            tile
        });
    }
    if session.staff.may(accounts::Permission::Call) && shell.may("GET", "/calls") {
        let calls = lists::calls::open_count(&desk.db, org, office)
            .await
            .map_err(failed)?;
        let tile = Tile::new("calls", "電話する人", calls.into(), "/calls");
        tiles.push(if calls > 0 {
            tile.tone(Tone::Attention)
        } else {
            tile
        });
    }
    if shell.may("GET", "/replies") {
        let unread = store::unread_replies(&desk.db, org, office)
            .await
            .map_err(failed)?;
        let tile = Tile::new("replies", "未読の返信", unread.into(), "/replies?state=new");
        // Where nobody writes back, nobody has to look at a nought every day.
        tiles.extend((unread > 0).then(|| tile.tone(Tone::Attention)));
    }
    if sees_incidents(&session.staff) {
        let open = store::incidents_not_closed(&desk.db, org, office)
            .await
            .map_err(failed)?;
        let tile = Tile::new("incidents", "対応中のインシデント", open.into(), "/incidents");
        // Nobody has to look at an empty page every day.
        tiles.extend((open > 0).then(|| tile.tone(Tone::Failed)));
    }
    for counted in &others.0 {
        tiles.extend(counted(&desk.db, &session.staff).await.map_err(failed)?);
    }
    Ok((!tiles.is_empty()).then(|| Tiles::new("することの数", "件", tiles)))
}
